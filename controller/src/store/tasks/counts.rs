//! How many tasks there are of each kind, kept beside them: every change of a task's status goes through [`shift`].

use std::collections::BTreeMap;

use shared::task::TaskStatus;

use super::rows::{NewTask, TaskRow, TaskSource};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};

/// Tasks by their status.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TaskCounts {
    pub pending: u64,
    pub running: u64,
    pub completed: u64,
    pub failed: u64,
}

impl TaskCounts {
    pub fn total(self) -> u64 {
        self.pending + self.running + self.completed + self.failed
    }
}

/// Tasks that are counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    serial: String,
    status: TaskStatus,
    script: String,
    platform: String,
    source: TaskSource,
}

impl Kind {
    pub(super) fn of(task: &TaskRow) -> Self {
        Self::with(task, task.status())
    }

    /// As it is counted in another status.
    pub(super) fn with(task: &TaskRow, status: TaskStatus) -> Self {
        Self {
            serial: task.serial.0.clone(),
            status,
            script: task.script.clone(),
            platform: task.platform.clone(),
            source: task.source,
        }
    }
}

/// How many more or fewer there are of each kind.
#[derive(Debug, Default)]
pub(super) struct Shift(BTreeMap<Kind, i64>);

impl Shift {
    pub(super) fn add(&mut self, kind: Kind, by: i64) {
        *self.0.entry(kind).or_default() += by;
    }
}

/// Changes the counts, always in the same order, so that two transactions do not wait for each other.
pub(super) async fn shift(session: &mut Session, shift: Shift) -> Result<(), StoreError> {
    for (kind, by) in shift.0.into_iter().filter(|(_, by)| *by != 0) {
        sql(
            "INSERT INTO task_counts (serial, status, script, platform, source, number) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (serial, status, script, platform, source) \
             DO UPDATE SET number = task_counts.number + excluded.number",
        )
        .bind(kind.serial)
        .bind(kind.status.number())
        .bind(kind.script)
        .bind(kind.platform)
        .bind(kind.source.as_str())
        .bind(by)
        .execute(session)
        .await?;
    }
    Ok(())
}

pub(super) async fn add_new(
    session: &mut Session,
    new: &[NewTask],
    source: TaskSource,
) -> Result<(), StoreError> {
    let mut more = Shift::default();
    for task in new {
        let kind = Kind {
            serial: task.serial.0.clone(),
            status: TaskStatus::Pending,
            script: task.script.clone(),
            platform: task.platform.clone(),
            source,
        };
        more.add(kind, 1);
    }
    shift(session, more).await
}

pub(super) async fn by_status(session: &mut Session) -> Result<TaskCounts, StoreError> {
    let rows = sql("SELECT status, CAST(SUM(number) AS BIGINT) AS number FROM task_counts GROUP BY status")
        .rows(session)
        .await?;
    let mut counts = TaskCounts::default();
    for row in &rows {
        let row = row.of("task_counts", "status");
        let number = row.integer("number")?.unsigned_abs();
        match TaskStatus::of_number(row.integer("status")?) {
            Some(TaskStatus::Pending) => counts.pending = number,
            Some(TaskStatus::Running) => counts.running = number,
            Some(TaskStatus::Completed) => counts.completed = number,
            Some(TaskStatus::Failed) => counts.failed = number,
            None => return Err(row.corrupt("status", "it is no status")),
        }
    }
    Ok(counts)
}
