//! Groups of phones: named, empty or not. Who is in one stands beside the phones, which know their groups.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use shared::device::Serial;

use super::error::StoreError;
use super::session::{Session, sql};
use super::{AuditEntry, DeviceRow, Store, audit, counters, devices, schedules};

/// Groups that a phone may be in.
pub const MOST_GROUPS: usize = 50;

/// A group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    pub name: String,
    pub created_at: Timestamp,
    /// By index.
    pub serials: Vec<Serial>,
}

/// What an operator changes of a group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupChange {
    pub name: Option<String>,
    pub add: Vec<Serial>,
    pub remove: Vec<Serial>,
}

/// What came of a change: the group, and the phones that have other groups than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regrouped {
    pub group: GroupRow,
    pub phones: Vec<DeviceRow>,
}

impl Store {
    /// All groups, by name.
    pub async fn list_groups(&self) -> Result<Vec<GroupRow>, StoreError> {
        self.snapshot(|session| {
            Box::pin(async move {
                let mut members: BTreeMap<String, Vec<Serial>> = BTreeMap::new();
                for row in &sql("SELECT g.name, g.serial FROM device_groups g \
                     JOIN devices d ON d.serial = g.serial ORDER BY d.device_index")
                .rows(session)
                .await?
                {
                    let row = row.of("device_groups", "serial");
                    let serial = Serial(row.text("serial")?);
                    members.entry(row.text("name")?).or_default().push(serial);
                }
                let rows = sql("SELECT name, created_at FROM phone_groups")
                    .rows(session)
                    .await?;
                let mut groups = Vec::with_capacity(rows.len());
                for row in &rows {
                    let row = row.of("phone_groups", "name");
                    let name = row.text("name")?;
                    groups.push(GroupRow {
                        serials: members.remove(&name).unwrap_or_default(),
                        created_at: row.time("created_at")?,
                        name,
                    });
                }
                // Here rather than by the database, whose idea of the alphabet depends on where it runs.
                groups.sort_by(|a, b| a.name.cmp(&b.name));
                Ok(groups)
            })
        })
        .await
    }

    pub async fn group(&self, name: &str) -> Result<Option<GroupRow>, StoreError> {
        let name = name.to_owned();
        self.snapshot(move |session| Box::pin(async move { find(session, &name).await }))
            .await
    }

    /// Makes a group, on record.
    pub async fn create_group(
        &self,
        name: &str,
        serials: Vec<Serial>,
        who: &str,
    ) -> Result<Regrouped, StoreError> {
        let (name, who, now) = (name.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                lock(session).await?;
                if !make(session, &name, now).await? {
                    return Err(taken(&name));
                }
                for serial in &serials {
                    put(session, &name, serial).await?;
                }
                let group = need(session, &name).await?;
                let entry = AuditEntry::new(who, "group.create", name).after(group.told());
                audit::append(session, now, &entry).await?;
                let phones = rows(session, &serials).await?;
                Ok(Regrouped { group, phones })
            })
        })
        .await
    }

    /// Changes a group's name, and who is in it, on record. Schedules that name it go with it.
    pub async fn change_group(
        &self,
        name: &str,
        change: GroupChange,
        who: &str,
    ) -> Result<Regrouped, StoreError> {
        let (name, who, now) = (name.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                lock(session).await?;
                let before = need(session, &name).await?;
                let mut touched = Vec::new();
                for serial in change.remove {
                    sql("DELETE FROM device_groups WHERE name = $1 AND serial = $2")
                        .bind(&name)
                        .bind(&serial.0)
                        .execute(session)
                        .await?;
                    touched.push(serial);
                }
                for serial in change.add {
                    put(session, &name, &serial).await?;
                    touched.push(serial);
                }
                let mut current = name.clone();
                if let Some(other) = change.name.filter(|other| *other != name) {
                    rename(session, &name, &other, now).await?;
                    touched.extend(before.serials.iter().cloned());
                    current = other;
                }
                let group = need(session, &current).await?;
                if group != before {
                    let entry = AuditEntry::new(who, "group.change", name)
                        .before(before.told())
                        .after(group.told());
                    audit::append(session, now, &entry).await?;
                }
                touched.sort_unstable();
                touched.dedup();
                let phones = rows(session, &touched).await?;
                Ok(Regrouped { group, phones })
            })
        })
        .await
    }

    /// Deletes a group that no schedule names, on record; its phones stay.
    pub async fn delete_group(&self, name: &str, who: &str) -> Result<Regrouped, StoreError> {
        let (name, who, now) = (name.to_owned(), who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                lock(session).await?;
                let group = need(session, &name).await?;
                let named = schedules::rename_group(session, &name, None).await?;
                if !named.is_empty() {
                    let named = named.join(", ");
                    return Err(StoreError::Conflict(format!(
                        "schedules run on the group {name:?}: {named}; change or delete them first"
                    )));
                }
                for statement in [
                    "DELETE FROM device_groups WHERE name = $1",
                    "DELETE FROM phone_groups WHERE name = $1",
                ] {
                    sql(statement).bind(&name).execute(session).await?;
                }
                let entry = AuditEntry::new(who, "group.delete", name).before(group.told());
                audit::append(session, now, &entry).await?;
                let phones = rows(session, &group.serials).await?;
                Ok(Regrouped { group, phones })
            })
        })
        .await
    }
}

impl GroupRow {
    /// For the record.
    fn told(&self) -> serde_json::Value {
        json!({"name": self.name, "serials": self.serials})
    }
}

/// What changes groups, and what changes phones, waits for each other here.
async fn lock(session: &mut Session) -> Result<(), StoreError> {
    counters::hold(session, counters::DEVICE_INDEX).await.map(drop)
}

fn taken(name: &str) -> StoreError {
    StoreError::Conflict(format!("there is a group {name:?} already"))
}

/// Answers whether there was none of that name.
pub(super) async fn make(session: &mut Session, name: &str, now: Timestamp) -> Result<bool, StoreError> {
    let made =
        sql("INSERT INTO phone_groups (name, created_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(now)
            .execute(session)
            .await?;
    Ok(made > 0)
}

async fn put(session: &mut Session, name: &str, serial: &Serial) -> Result<(), StoreError> {
    if devices::find(session, serial).await?.is_none() {
        return Err(StoreError::not_found("device", serial));
    }
    sql("INSERT INTO device_groups (serial, name) VALUES ($1, $2) ON CONFLICT (serial, name) DO NOTHING")
        .bind(&serial.0)
        .bind(name)
        .execute(session)
        .await?;
    let groups = sql("SELECT COUNT(*) FROM device_groups WHERE serial = $1")
        .bind(&serial.0)
        .number(session)
        .await?;
    if groups > MOST_GROUPS as i64 {
        return Err(StoreError::Conflict(format!(
            "{serial} would be in more than {MOST_GROUPS} groups"
        )));
    }
    Ok(())
}

async fn rename(session: &mut Session, from: &str, to: &str, now: Timestamp) -> Result<(), StoreError> {
    if find(session, to).await?.is_some() {
        return Err(taken(to));
    }
    make(session, to, now).await?;
    for statement in [
        "UPDATE phone_groups SET created_at = (SELECT g.created_at FROM phone_groups g WHERE g.name = $1) \
         WHERE name = $2",
        "UPDATE device_groups SET name = $2 WHERE name = $1",
    ] {
        sql(statement).bind(from).bind(to).execute(session).await?;
    }
    sql("DELETE FROM phone_groups WHERE name = $1")
        .bind(from)
        .execute(session)
        .await?;
    schedules::rename_group(session, from, Some(to)).await.map(drop)
}

async fn need(session: &mut Session, name: &str) -> Result<GroupRow, StoreError> {
    let group = find(session, name).await?;
    group.ok_or_else(|| StoreError::not_found("group", &name))
}

async fn find(session: &mut Session, name: &str) -> Result<Option<GroupRow>, StoreError> {
    let row = sql("SELECT name, created_at FROM phone_groups WHERE name = $1")
        .bind(name)
        .row(session)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let created_at = row.of("phone_groups", "name").time("created_at")?;
    let members = sql(
        "SELECT g.serial FROM device_groups g JOIN devices d ON d.serial = g.serial \
         WHERE g.name = $1 ORDER BY d.device_index",
    )
    .bind(name)
    .rows(session)
    .await?;
    let serial = |row: &super::row::Row| row.of("device_groups", "serial").text("serial").map(Serial);
    Ok(Some(GroupRow {
        name: name.to_owned(),
        created_at,
        serials: members.iter().map(serial).collect::<Result<_, _>>()?,
    }))
}

/// The phones as they are now.
async fn rows(session: &mut Session, serials: &[Serial]) -> Result<Vec<DeviceRow>, StoreError> {
    let mut rows = Vec::with_capacity(serials.len());
    for serial in serials {
        rows.extend(devices::find(session, serial).await?);
    }
    Ok(rows)
}
