//! A phone takes the place of another one: accounts, groups, schedules, index, name and the tasks that wait go to it, all or
//! nothing. The old one stays in the list, with the word who took its place.

use jiff::Timestamp;
use serde_json::json;
use shared::device::Serial;
use shared::task::TaskState;

use super::{DeviceRow, find};
use crate::store::accounts;
use crate::store::error::StoreError;
use crate::store::groups::{self, MOST_GROUPS};
use crate::store::session::{Session, sql};
use crate::store::tasks::moves;
use crate::store::{AccountRow, AuditEntry, Store, TaskRow, audit, counters, schedules};

/// Accounts that a refusal names.
const NAMED: usize = 10;

/// Which phone is to take whose place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    pub old: Serial,
    /// By what other names the old one is bound and asked for.
    pub aliases: Vec<String>,
    pub new: Serial,
    /// By what other names the new one is.
    pub new_aliases: Vec<String>,
    /// Also where the new one has accounts of its own, which it keeps.
    pub merge: bool,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// The phone whose place was taken.
    pub old: DeviceRow,
    /// The one that took it.
    pub new: DeviceRow,
    /// The accounts that came along, as they are now.
    pub accounts: Vec<AccountRow>,
    /// Those of them that were logged in on the old phone.
    pub logged_in: Vec<String>,
    /// The tasks that wait for the new phone now.
    pub tasks: Vec<i64>,
    /// What is not over on the old phone: it ends there, or waits to know what it did.
    pub unfinished: Vec<TaskRow>,
    /// The ids and names of the schedules that name the new phone now.
    pub schedules: Vec<(i64, String)>,
}

impl Store {
    /// Has a phone take the place of another one, on record.
    pub async fn replace_device(&self, wanted: Replacement, who: &str) -> Result<Replaced, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write_accounts(move |session| {
            Box::pin(async move { replace(session, now, &wanted, &who).await })
        })
        .await
    }
}

async fn replace(
    session: &mut Session,
    now: Timestamp,
    wanted: &Replacement,
    who: &str,
) -> Result<Replaced, StoreError> {
    // What changes phones and groups waits for each other here.
    counters::hold(session, counters::DEVICE_INDEX).await?;
    let missing = |serial: &Serial| StoreError::not_found("device", serial);
    let old = find(session, &wanted.old)
        .await?
        .ok_or_else(|| missing(&wanted.old))?;
    let new = find(session, &wanted.new)
        .await?
        .ok_or_else(|| missing(&wanted.new))?;
    let names = names(&wanted.old, &wanted.aliases);
    let own = bound(session, &self::names(&wanted.new, &wanted.new_aliases)).await?;
    refuse(&old, &new, &own, wanted.merge)?;
    let unfinished = moves::unfinished(session, &names).await?;
    // The tasks before their accounts, as whoever works on a task does it.
    let tasks = moves::with_phone(session, &names, &wanted.new).await?;
    let (accounts, logged_in) = move_accounts(session, now, &names, &wanted.new, who).await?;
    let schedules = schedules::rename_phone(session, &names, &wanted.new).await?;
    move_groups(session, now, &old, &new).await?;
    change_places(session, now, &old, &new).await?;
    let entry = AuditEntry::new(who, "device.replace", wanted.old.0.clone())
        .before(json!({
            "device_index": old.device_index, "name": old.name, "groups": old.groups,
            "accounts": usernames(&accounts),
        }))
        .after(json!({
            "by": wanted.new, "tasks": tasks, "ends_first": ids(&unfinished),
            "schedules": schedules.iter().map(|(id, _)| id).collect::<Vec<_>>(),
            "session_left_on": wanted.old, "session_left_of": logged_in,
        }));
    audit::append(session, now, &entry).await?;
    Ok(Replaced {
        old: find(session, &wanted.old).await?.unwrap_or(old),
        new: find(session, &wanted.new).await?.unwrap_or(new),
        accounts,
        logged_in,
        tasks,
        unfinished,
        schedules,
    })
}

impl Replaced {
    /// What is being done on the old phone, or is told to a person: it ends there first.
    pub fn running(&self) -> Vec<i64> {
        let runs = |task: &&TaskRow| task.state != TaskState::Verifying || task.attempt.is_some();
        self.unfinished.iter().filter(runs).map(|task| task.id).collect()
    }

    /// What has done something there of which it is not known what became of it.
    pub fn in_question(&self) -> Vec<i64> {
        let waits = |task: &&TaskRow| task.state == TaskState::Verifying && task.attempt.is_none();
        self.unfinished.iter().filter(waits).map(|task| task.id).collect()
    }
}

fn names(serial: &Serial, aliases: &[String]) -> Vec<String> {
    let mut names = vec![serial.0.clone()];
    for alias in aliases {
        if !names.contains(alias) {
            names.push(alias.clone());
        }
    }
    names
}

fn ids(tasks: &[TaskRow]) -> Vec<i64> {
    tasks.iter().map(|task| task.id).collect()
}

fn usernames(accounts: &[AccountRow]) -> Vec<String> {
    let name = |account: &AccountRow| format!("{}/{}", account.platform, account.username);
    accounts.iter().map(name).collect()
}

fn refuse(old: &DeviceRow, new: &DeviceRow, own: &[AccountRow], merge: bool) -> Result<(), StoreError> {
    if old.serial == new.serial {
        return Err(StoreError::Conflict(format!(
            "{} cannot take its own place",
            old.serial
        )));
    }
    if let Some(by) = &old.replaced_by {
        return Err(StoreError::Conflict(format!(
            "{by} has taken the place of {} already",
            old.serial
        )));
    }
    if let Some(by) = &new.replaced_by {
        return Err(StoreError::Conflict(format!(
            "{by} has taken the place of {} itself: where that is in use again, say so first with \
             PATCH /devices/{} and {{\"replaced\": false}}",
            new.serial, new.serial
        )));
    }
    if !merge && !own.is_empty() {
        let names = usernames(own);
        let shown: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
        let more = match own.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        return Err(StoreError::Conflict(format!(
            "{} has accounts of its own: {}{more}; give merge=true to have them beside those that come",
            new.serial,
            shown.join(", ")
        )));
    }
    Ok(())
}

/// The accounts that are bound to a phone under any of its names, by id.
async fn bound(session: &mut Session, names: &[String]) -> Result<Vec<AccountRow>, StoreError> {
    let whole = accounts::bound_to(session, names).await?;
    Ok(whole.into_iter().map(|account| account.row).collect())
}

/// Binds the accounts of a phone to another one, each on record; answers them, and which were logged in.
async fn move_accounts(
    session: &mut Session,
    now: Timestamp,
    names: &[String],
    to: &Serial,
    who: &str,
) -> Result<(Vec<AccountRow>, Vec<String>), StoreError> {
    let (mut moved, mut logged_in, mut entries) = (Vec::new(), Vec::new(), Vec::new());
    for before in accounts::bound_to(session, names).await? {
        let mut after = before.clone();
        after.row.device = Some(to.clone());
        after.row.logined = false;
        after.row.updated_at = now;
        if before.row.logined {
            logged_in.extend(usernames(std::slice::from_ref(&before.row)));
        }
        accounts::update(session, &before, &after).await?;
        entries.push(accounts::changed_record(who, &before, &after));
        moved.push(after.row);
    }
    audit::append_all(session, now, &entries).await?;
    Ok((moved, logged_in))
}

async fn move_groups(
    session: &mut Session,
    now: Timestamp,
    old: &DeviceRow,
    new: &DeviceRow,
) -> Result<(), StoreError> {
    let mut all = new.groups.clone();
    all.extend(old.groups.iter().cloned());
    all.sort();
    all.dedup();
    if all.len() > MOST_GROUPS {
        return Err(StoreError::Conflict(format!(
            "{} would be in more than {MOST_GROUPS} groups",
            new.serial
        )));
    }
    sql("DELETE FROM device_groups WHERE serial = $1")
        .bind(&old.serial.0)
        .execute(session)
        .await?;
    for group in &old.groups {
        groups::make(session, group, now).await?;
        sql("INSERT INTO device_groups (serial, name) VALUES ($1, $2) ON CONFLICT (serial, name) DO NOTHING")
            .bind(&new.serial.0)
            .bind(group)
            .execute(session)
            .await?;
    }
    Ok(())
}

/// The two change their indexes, the new one takes the name, and the old one is noted as one whose place was taken.
async fn change_places(
    session: &mut Session,
    now: Timestamp,
    old: &DeviceRow,
    new: &DeviceRow,
) -> Result<(), StoreError> {
    // Out of the way first, for no two may have the same index even for a moment.
    sql("UPDATE devices SET device_index = -device_index WHERE serial = $1")
        .bind(&old.serial.0)
        .execute(session)
        .await?;
    let (name, left) = match (old.name.as_str(), new.name.as_str()) {
        ("", own) => (own, ""),
        (name, own) => (name, own),
    };
    sql("UPDATE devices SET device_index = $2, name = $3 WHERE serial = $1")
        .bind(&new.serial.0)
        .bind(old.device_index)
        .bind(name)
        .execute(session)
        .await?;
    sql("UPDATE devices SET device_index = $2, name = $3, replaced_by = $4, replaced_at = $5 WHERE serial = $1")
        .bind(&old.serial.0)
        .bind(new.device_index)
        .bind(left)
        .bind(&new.serial.0)
        .bind(now)
        .execute(session)
        .await
        .map(drop)
}
