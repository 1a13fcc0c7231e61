//! Attempts: one go at a task on one phone, written down before any host hears of it. While an attempt `holds` its phone
//! no other can be handed out for it.

mod close;
mod hand_out;
pub(super) mod lines;

use std::time::Duration;

use jiff::Timestamp;
use shared::device::Serial;
use shared::task::{AttemptState, TaskState};
use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, made_sql, sql};
use super::tasks::TaskRow;
use super::{Store, dialect};

pub use close::{Closed, Ending, Ground, How};
pub use hand_out::{HandOut, NewAttempt, NotNow};
pub use lines::{AttemptLine, Told};

/// One go at a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptRow {
    pub id: Uuid,
    pub task: i64,
    /// From 1.
    pub number: u32,
    /// The history in which it was handed out.
    pub epoch: i64,
    pub host: Uuid,
    pub serial: Serial,
    pub account_id: Option<i64>,
    /// Whether no other attempt may have the phone.
    pub holds: bool,
    pub state: AttemptState,
    /// SHA-256 of the pack, in hexadecimal digits.
    pub pack_hash: String,
    pub lease: Duration,
    pub handed_at: Timestamp,
    pub acknowledged_at: Option<Timestamp>,
    pub lost_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// "done", or the kind of failure.
    pub outcome: Option<String>,
    pub message: Option<String>,
    pub uncertain: bool,
    /// File and line of the script.
    pub place: Option<String>,
    pub steps: Option<u32>,
    pub took: Option<Duration>,
    pub driver: Option<String>,
    pub app_version: Option<String>,
}

/// An attempt that is under way, and what its task wants of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAttempt {
    pub attempt: AttemptRow,
    pub task_state: TaskState,
    pub stop_asked: bool,
    pub script: String,
}

impl AttemptRow {
    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("attempts", "id");
        let state = row.text("state")?;
        let millis = |column| {
            let value = row.optional_integer(column)?;
            Ok::<_, StoreError>(value.map(|value| Duration::from_millis(value.unsigned_abs())))
        };
        let number = |column| {
            let value = row.optional_integer(column)?;
            value
                .map(|value| u32::try_from(value).map_err(|source| row.corrupt(column, source)))
                .transpose()
        };
        Ok(Self {
            id: row.parsed("id")?,
            task: row.integer("task_id")?,
            number: row.number("number")?,
            epoch: row.integer("epoch")?,
            host: row.parsed("host_id")?,
            serial: Serial(row.text("serial")?),
            account_id: row.optional_integer("account_id")?,
            holds: row.optional_text("holds")?.is_some(),
            state: AttemptState::named(&state)
                .ok_or_else(|| row.corrupt("state", format!("{state:?} is no state")))?,
            pack_hash: row.text("pack_hash")?,
            lease: Duration::from_millis(row.integer("lease_millis")?.unsigned_abs()),
            handed_at: row.time("handed_at")?,
            acknowledged_at: row.optional_time("acknowledged_at")?,
            lost_at: row.optional_time("lost_at")?,
            ended_at: row.optional_time("ended_at")?,
            outcome: row.optional_text("outcome")?,
            message: row.optional_text("message")?,
            uncertain: row.optional_integer("uncertain")?.unwrap_or_default() != 0,
            place: row.optional_text("place")?,
            steps: number("steps")?,
            took: millis("took_millis")?,
            driver: row.optional_text("driver")?,
            app_version: row.optional_text("app_version")?,
        })
    }

    /// Whether its host may still work on it.
    pub fn is_live(&self) -> bool {
        matches!(self.state, AttemptState::Handed | AttemptState::Running)
    }
}

impl Store {
    pub async fn attempt(&self, id: Uuid) -> Result<Option<AttemptRow>, StoreError> {
        self.read(move |session| Box::pin(async move { find(session, id).await }))
            .await
    }

    /// All attempts at a task, the first one first.
    pub async fn attempts_of(&self, task: i64) -> Result<Vec<AttemptRow>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM attempts WHERE task_id = $1 ORDER BY number")
                    .bind(task)
                    .rows(session)
                    .await?;
                rows.iter().map(AttemptRow::read).collect()
            })
        })
        .await
    }

    /// All attempts that are under way, or those of one host.
    pub async fn live_attempts(&self, host: Option<Uuid>) -> Result<Vec<LiveAttempt>, StoreError> {
        const LIVE: &str = "SELECT a.*, t.state AS task_state, t.stop_asked_at, t.script FROM attempts a \
             JOIN tasks t ON t.id = a.task_id WHERE a.state IN ('handed', 'running')";
        let statement = match host {
            None => sql(LIVE),
            Some(host) => made_sql(format!("{LIVE} AND a.host_id = $1")).bind(host),
        };
        self.read(move |session| {
            Box::pin(async move {
                let read = |row: &Row| {
                    let beside = row.of("attempts", "id");
                    let state = beside.text("task_state")?;
                    Ok(LiveAttempt {
                        attempt: AttemptRow::read(row)?,
                        task_state: TaskState::named(&state)
                            .ok_or_else(|| beside.corrupt("task_state", format!("{state:?} is none")))?,
                        stop_asked: beside.optional_integer("stop_asked_at")?.is_some(),
                        script: beside.text("script")?,
                    })
                };
                statement.rows(session).await?.iter().map(read).collect()
            })
        })
        .await
    }
}

/// A task, held as it is until the transaction ends: whatever changes an attempt or a grant holds its task first.
pub(super) async fn held_task(session: &mut Session, id: i64) -> Result<Option<TaskRow>, StoreError> {
    let text = format!(
        "SELECT * FROM tasks WHERE id = $1{}",
        dialect::for_update(session)
    );
    let row = made_sql(text).bind(id).row(session).await?;
    row.as_ref().map(TaskRow::read).transpose()
}

pub(super) async fn find(session: &mut Session, id: Uuid) -> Result<Option<AttemptRow>, StoreError> {
    let row = sql("SELECT * FROM attempts WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(AttemptRow::read).transpose()
}
