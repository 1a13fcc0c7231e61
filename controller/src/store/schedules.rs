//! Schedules, and what came of their runs. A run and its tasks are written together with the moment that its schedule waits
//! for next: whatever dies in between, no run is lost and none comes twice.

mod runs;

use jiff::Timestamp;
use serde_json::{Map, Value as Json, json};
use shared::account::{Platform, Username};
use shared::device::Serial;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, Value, made_sql, sql};
use super::{AuditEntry, Listed, Page, Store, audit, counters, dialect};
use crate::schedules::{Missed, Moment};

pub use runs::{Fired, Firing, RunOutcome, RunRow, RunState, Turned};

/// What a person says of a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleSpec {
    /// Unique.
    pub name: String,
    pub enabled: bool,
    /// What `Timing` reads.
    pub timing: Map<String, Json>,
    /// `None`: the controller's.
    pub zone: Option<String>,
    pub jitter_minutes: u32,
    pub missed: Missed,
    /// `None`: as the settings say.
    pub grace_minutes: Option<u32>,
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
    /// What a call for tasks would say.
    pub task: Map<String, Json>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleRow {
    pub id: i64,
    pub spec: ScheduleSpec,
    /// Grows with each change by a person.
    pub revision: i64,
    /// What it waits for; `None` where nothing comes any more, and while it is disabled.
    pub next: Option<Moment>,
    /// The moment that was seen to last.
    pub last_due: Option<Timestamp>,
    pub created_at: Timestamp,
    pub created_by: String,
    pub updated_at: Timestamp,
}

/// A schedule that names accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamingSchedule {
    pub id: i64,
    pub name: String,
    /// Those that it names.
    pub usernames: Vec<String>,
}

/// Which moment a changed schedule waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextMoment {
    Keep,
    Set(Option<Moment>),
}

impl Store {
    /// Makes a schedule, on record.
    /// `next` tells by its id which moment it waits for.
    pub async fn create_schedule<F>(
        &self,
        spec: ScheduleSpec,
        next: F,
        who: &str,
    ) -> Result<ScheduleRow, StoreError>
    where
        F: FnOnce(i64) -> Option<Moment> + Send + 'static,
    {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                refuse_taken(session, &spec.name, None).await?;
                let id = counters::take(session, counters::SCHEDULE, 1).await?;
                sql("INSERT INTO schedules (id, name, enabled, timing_json, zone, jitter_minutes, missed, grace_minutes, \
                     valid_from, valid_until, task_json, revision, created_at, created_by, updated_at) \
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $12)")
                    .bind(id)
                    .bind_all(spec.values())
                    .bind(now)
                    .bind(&who)
                    .execute(session)
                    .await?;
                wait_for(session, id, next(id)).await?;
                let entry = AuditEntry::new(&who, "schedule.create", id.to_string()).after(spec.told());
                audit::append(session, now, &entry).await?;
                need(session, id).await
            })
        })
        .await
    }

    /// Changes a schedule that is still the one of this revision, on record.
    pub async fn change_schedule(
        &self,
        id: i64,
        revision: i64,
        spec: ScheduleSpec,
        next: NextMoment,
        who: &str,
    ) -> Result<ScheduleRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let before = held(session, id).await?.ok_or_else(|| missing(id))?;
                if before.revision != revision {
                    return Err(StoreError::Conflict(format!(
                        "schedule {id} was changed by somebody else meanwhile: look at it again"
                    )));
                }
                refuse_taken(session, &spec.name, Some(id)).await?;
                sql("UPDATE schedules SET name = $2, enabled = $3, timing_json = $4, zone = $5, jitter_minutes = $6, \
                     missed = $7, grace_minutes = $8, valid_from = $9, valid_until = $10, task_json = $11, \
                     revision = revision + 1, updated_at = $12 WHERE id = $1")
                    .bind(id)
                    .bind_all(spec.values())
                    .bind(now)
                    .execute(session)
                    .await?;
                if let NextMoment::Set(next) = next {
                    wait_for(session, id, next).await?;
                }
                if spec != before.spec {
                    let entry = AuditEntry::new(&who, "schedule.change", id.to_string())
                        .before(before.spec.told())
                        .after(spec.told());
                    audit::append(session, now, &entry).await?;
                }
                need(session, id).await
            })
        })
        .await
    }

    /// Deletes a schedule and what is known of its runs, on record. Their tasks stay.
    pub async fn delete_schedule(&self, id: i64, who: &str) -> Result<ScheduleRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let before = held(session, id).await?.ok_or_else(|| missing(id))?;
                for statement in [
                    "DELETE FROM schedule_runs WHERE schedule_id = $1",
                    "DELETE FROM schedules WHERE id = $1",
                ] {
                    sql(statement).bind(id).execute(session).await?;
                }
                let entry =
                    AuditEntry::new(who, "schedule.delete", id.to_string()).before(before.spec.told());
                audit::append(session, now, &entry).await?;
                Ok(before)
            })
        })
        .await
    }

    pub async fn schedule(&self, id: i64) -> Result<Option<ScheduleRow>, StoreError> {
        self.read(move |session| Box::pin(async move { find(session, id, "").await }))
            .await
    }

    /// Newest first.
    pub async fn list_schedules(
        &self,
        enabled: Option<bool>,
        page: Page,
    ) -> Result<Listed<ScheduleRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                // Both where nothing is asked for.
                let (least, most) = match enabled {
                    None => (0_i64, 1_i64),
                    Some(enabled) => (i64::from(enabled), i64::from(enabled)),
                };
                let total = sql("SELECT COUNT(*) FROM schedules WHERE enabled BETWEEN $1 AND $2")
                    .bind(least)
                    .bind(most)
                    .number(session)
                    .await?;
                let rows = sql(
                    "SELECT * FROM schedules WHERE enabled BETWEEN $1 AND $2 ORDER BY id DESC LIMIT $3 OFFSET $4",
                )
                .bind(least)
                .bind(most)
                .bind(page.size)
                .bind(page.offset())
                .rows(session)
                .await?;
                Ok(Listed {
                    rows: rows.iter().map(ScheduleRow::read).collect::<Result<_, _>>()?,
                    total: total.unsigned_abs(),
                })
            })
        })
        .await
    }

    /// All that are enabled, oldest first.
    pub async fn enabled_schedules(&self) -> Result<Vec<ScheduleRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM schedules WHERE enabled = 1 ORDER BY id")
                    .rows(session)
                    .await?;
                rows.iter().map(ScheduleRow::read).collect()
            })
        })
        .await
    }

    /// Those whose moment has come, the earliest first.
    pub async fn due_schedules(&self, now: Timestamp, most: u32) -> Result<Vec<ScheduleRow>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT * FROM schedules WHERE enabled = 1 AND next_at <= $1 ORDER BY next_at, id LIMIT $2",
                )
                .bind(now)
                .bind(most)
                .rows(session)
                .await?;
                rows.iter().map(ScheduleRow::read).collect()
            })
        })
        .await
    }

    /// When the next moment of any of them comes.
    pub async fn next_schedule_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let row = sql("SELECT MIN(next_at) AS next_at FROM schedules WHERE enabled = 1")
                    .row(session)
                    .await?;
                row.map_or(Ok(None), |row| {
                    row.of("schedules", "next_at").optional_time("next_at")
                })
            })
        })
        .await
    }

    /// The schedules that name any of these accounts.
    pub async fn schedules_naming(
        &self,
        accounts: Vec<(Platform, Username)>,
    ) -> Result<Vec<NamingSchedule>, StoreError> {
        self.read(move |session| Box::pin(async move { naming(session, &accounts).await }))
            .await
    }

    /// Has a schedule that waits for `from` wait for another moment: its zone has other rules than when it was asked last.
    /// Answers whether it still waited for it.
    pub async fn move_schedule(
        &self,
        id: i64,
        from: Timestamp,
        to: Option<Moment>,
    ) -> Result<bool, StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                let row = held(session, id).await?;
                let waits = row.is_some_and(|row| row.next.is_some_and(|next| next.due == from));
                if waits {
                    wait_for(session, id, to).await?;
                }
                Ok(waits)
            })
        })
        .await
    }
}

fn missing(id: i64) -> StoreError {
    StoreError::not_found("schedule", &id)
}

async fn refuse_taken(session: &mut Session, name: &str, but: Option<i64>) -> Result<(), StoreError> {
    let others = sql("SELECT COUNT(*) FROM schedules WHERE name = $1 AND id <> $2")
        .bind(name)
        .bind(but.unwrap_or_default())
        .number(session)
        .await?;
    if others > 0 {
        return Err(StoreError::Conflict(format!(
            "there is a schedule of the name {name:?} already"
        )));
    }
    Ok(())
}

async fn find(session: &mut Session, id: i64, end: &str) -> Result<Option<ScheduleRow>, StoreError> {
    let row = made_sql(format!("SELECT * FROM schedules WHERE id = $1{end}"))
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(ScheduleRow::read).transpose()
}

/// The same, and nobody else changes it until the transaction ends.
async fn held(session: &mut Session, id: i64) -> Result<Option<ScheduleRow>, StoreError> {
    let end = dialect::for_update(session);
    find(session, id, end).await
}

async fn need(session: &mut Session, id: i64) -> Result<ScheduleRow, StoreError> {
    find(session, id, "").await?.ok_or_else(|| missing(id))
}

async fn wait_for(session: &mut Session, id: i64, next: Option<Moment>) -> Result<(), StoreError> {
    sql("UPDATE schedules SET next_due = $2, next_at = $3 WHERE id = $1")
        .bind(id)
        .bind(next.map(|next| next.due))
        .bind(next.map(|next| next.at))
        .execute(session)
        .await
        .map(drop)
}

/// Has schedules that name a group name it otherwise; answers the names of those that do.
pub(super) async fn rename_group(
    session: &mut Session,
    from: &str,
    to: Option<&str>,
) -> Result<Vec<String>, StoreError> {
    let end = dialect::for_update(session);
    let rows = made_sql(format!("SELECT * FROM schedules ORDER BY id{end}"))
        .rows(session)
        .await?;
    let mut named = Vec::new();
    for row in &rows {
        let mut row = ScheduleRow::read(row)?;
        let groups = row.spec.task.get_mut("groups").and_then(Json::as_array_mut);
        let Some(group) = groups.and_then(|groups| groups.iter_mut().find(|group| *group == from)) else {
            continue;
        };
        if let Some(to) = to {
            *group = json!(to);
            sql("UPDATE schedules SET task_json = $2, revision = revision + 1 WHERE id = $1")
                .bind(row.id)
                .bind(Json::Object(row.spec.task).to_string())
                .execute(session)
                .await?;
        }
        named.push(row.spec.name);
    }
    Ok(named)
}

/// Has schedules that name a phone, by any of its names, name another one; answers the ids and names of those that do.
pub(super) async fn rename_phone(
    session: &mut Session,
    from: &[String],
    to: &Serial,
) -> Result<Vec<(i64, String)>, StoreError> {
    let end = dialect::for_update(session);
    let rows = made_sql(format!("SELECT * FROM schedules ORDER BY id{end}"))
        .rows(session)
        .await?;
    let mut named = Vec::new();
    for row in &rows {
        let mut row = ScheduleRow::read(row)?;
        let serials = row.spec.task.get_mut("serials").and_then(Json::as_array_mut);
        let Some(serials) = serials else { continue };
        let is_meant = |serial: &Json| {
            serial
                .as_str()
                .is_some_and(|serial| from.iter().any(|name| name == serial))
        };
        if !serials.iter().any(is_meant) {
            continue;
        }
        let mut there = false;
        for serial in serials.iter_mut().filter(|serial| is_meant(serial)) {
            *serial = json!(to);
        }
        // It may have been named beside the other one.
        serials.retain(|serial| *serial != json!(to) || !std::mem::replace(&mut there, true));
        sql("UPDATE schedules SET task_json = $2, revision = revision + 1 WHERE id = $1")
            .bind(row.id)
            .bind(Json::Object(row.spec.task).to_string())
            .execute(session)
            .await?;
        named.push((row.id, row.spec.name));
    }
    Ok(named)
}

/// What is to be told of schedules that name any of these accounts: by username, and of the platform or of none.
async fn naming(
    session: &mut Session,
    accounts: &[(Platform, Username)],
) -> Result<Vec<NamingSchedule>, StoreError> {
    let rows = sql("SELECT * FROM schedules ORDER BY id").rows(session).await?;
    let mut all = Vec::new();
    for row in &rows {
        let row = ScheduleRow::read(row)?;
        let task = &row.spec.task;
        let platform = task.get("platform").and_then(Json::as_str);
        let named = task.get("usernames").and_then(Json::as_array);
        let mut usernames = Vec::new();
        for name in named.into_iter().flatten() {
            let name = name.as_str().and_then(|name| Username::parse(name).ok());
            let meant = |(of, username): &&(Platform, Username)| {
                platform.is_none_or(|platform| platform == of.as_str()) && Some(username) == name.as_ref()
            };
            usernames.extend(
                accounts
                    .iter()
                    .find(meant)
                    .map(|(_, username)| username.as_str().to_owned()),
            );
        }
        if !usernames.is_empty() {
            all.push(NamingSchedule {
                id: row.id,
                name: row.spec.name,
                usernames,
            });
        }
    }
    Ok(all)
}

impl ScheduleSpec {
    /// From the name on, in the order of the statements above.
    fn values(&self) -> Vec<Value> {
        vec![
            (&self.name).into(),
            i64::from(self.enabled).into(),
            Json::Object(self.timing.clone()).to_string().into(),
            self.zone.clone().into(),
            self.jitter_minutes.into(),
            self.missed.as_str().into(),
            self.grace_minutes.map(i64::from).into(),
            self.valid_from.into(),
            self.valid_until.into(),
            Json::Object(self.task.clone()).to_string().into(),
        ]
    }

    /// All of it, by the names that the API has.
    pub fn told(&self) -> Json {
        let mut told = json!({
            "name": self.name, "enabled": self.enabled, "time_zone": self.zone,
            "jitter_minutes": self.jitter_minutes, "missed": self.missed.as_str(),
            "grace_minutes": self.grace_minutes, "valid_from": self.valid_from, "valid_until": self.valid_until,
        });
        if let Some(all) = told.as_object_mut() {
            all.extend(self.timing.clone());
            all.extend(self.task.clone());
        }
        told
    }
}

impl ScheduleRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("schedules", "id");
        let missed = row.text("missed")?;
        let due = row.optional_time("next_due")?;
        let grace = row.optional_integer("grace_minutes")?;
        Ok(Self {
            id: row.integer("id")?,
            spec: ScheduleSpec {
                name: row.text("name")?,
                enabled: row.integer("enabled")? != 0,
                timing: row.json("timing_json")?,
                zone: row.optional_text("zone")?,
                jitter_minutes: row.number("jitter_minutes")?,
                missed: Missed::named(&missed).ok_or_else(|| row.corrupt("missed", "it is no policy"))?,
                grace_minutes: grace
                    .map(|grace| u32::try_from(grace).map_err(|source| row.corrupt("grace_minutes", source)))
                    .transpose()?,
                valid_from: row.optional_time("valid_from")?,
                valid_until: row.optional_time("valid_until")?,
                task: row.json("task_json")?,
            },
            revision: row.integer("revision")?,
            next: due
                .zip(row.optional_time("next_at")?)
                .map(|(due, at)| Moment { due, at }),
            last_due: row.optional_time("last_due")?,
            created_at: row.time("created_at")?,
            created_by: row.text("created_by")?,
            updated_at: row.time("updated_at")?,
        })
    }
}
