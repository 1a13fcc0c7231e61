//! How a task comes from one state to the next, and what is noted of it on the way.

use jiff::Timestamp;
use serde_json::Value as Json;
use shared::task::{TaskState, TaskStatus};
use uuid::Uuid;

use super::counts::{self, Kind, Shift};
use super::moves;
use super::rows::{self, TaskRow};
use crate::store::error::StoreError;
use crate::store::materials;
use crate::store::session::{Session, Value, made_sql};

/// In one of these its host has it, or had it.
const TELL_A_START: [TaskState; 4] = [
    TaskState::Running,
    TaskState::Verifying,
    TaskState::Person,
    TaskState::Completed,
];

/// What is noted of a task: what is not named stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskChange(Vec<(&'static str, Value)>);

impl TaskChange {
    pub fn new() -> Self {
        Self::default()
    }

    fn set(mut self, column: &'static str, value: impl Into<Value>) -> Self {
        self.0.retain(|(set, _)| *set != column);
        self.0.push((column, value.into()));
        self
    }

    /// The same only where nothing was said of it.
    fn unless_set(mut self, column: &'static str, value: impl Into<Value>) -> Self {
        if self.0.iter().all(|(set, _)| *set != column) {
            self.0.push((column, value.into()));
        }
        self
    }

    /// The earliest next start.
    pub fn due_at(self, at: Timestamp) -> Self {
        self.set("due_at", at)
    }

    /// Why it is not running yet.
    pub fn waiting_for(self, why: Option<&str>) -> Self {
        self.set("waiting_for", why.map(str::to_owned))
    }

    /// The attempt that is alive.
    pub fn attempt(self, id: Option<Uuid>) -> Self {
        self.set("attempt", id)
    }

    /// How many attempts were made.
    pub fn attempts(self, number: u32) -> Self {
        self.set("attempts", number)
    }

    pub fn retries(self, number: u32) -> Self {
        self.set("retries", number)
    }

    pub fn stop_asked(self, at: Timestamp, who: &str) -> Self {
        self.set("stop_asked_at", at).set("stop_asked_by", who)
    }

    /// A wish to stop is over: somebody has said that it goes on.
    pub fn no_stop(self) -> Self {
        self.set("stop_asked_at", None::<Timestamp>)
            .set("stop_asked_by", None::<String>)
    }

    pub fn delete_asked(self, at: Timestamp) -> Self {
        self.set("delete_asked_at", at)
    }

    /// The files that were chosen for it.
    pub fn materials(self, materials: &Json) -> Self {
        self.set("materials_json", materials.to_string())
    }

    pub fn progress(self, percent: u8, text: Option<&str>) -> Self {
        self.set("progress", i64::from(percent.min(100)))
            .set("progress_text", text.map(str::to_owned))
    }

    pub fn error(self, kind: &str, message: &str) -> Self {
        self.set("error_kind", kind).set("error_message", message)
    }

    /// What went wrong before says nothing any more.
    pub fn no_error(self) -> Self {
        self.set("error_kind", None::<String>)
            .set("error_message", None::<String>)
    }

    pub fn result(self, result: &Json) -> Self {
        self.set("result_json", result.to_string())
    }

    pub fn proof(self, proof: &Json) -> Self {
        self.set("proof_json", proof.to_string())
    }

    /// What goes with entering a state, whoever has it entered.
    fn entering(self, now: Timestamp, from: TaskState, to: TaskState) -> Self {
        let none = || None::<String>;
        let change = if from.status().is_end() {
            self.unless_set("ended_at", None::<Timestamp>)
                .unless_set("started_at", None::<Timestamp>)
                .unless_set("error_kind", none())
                .unless_set("error_message", none())
                .unless_set("stop_asked_at", None::<Timestamp>)
                .unless_set("stop_asked_by", none())
                .unless_set("progress", 0_i64)
                .unless_set("progress_text", none())
        } else {
            self
        };
        match to {
            TaskState::Completed => change
                .set("ended_at", now)
                .set("attempt", none())
                .set("waiting_for", none())
                .set("error_kind", none())
                .set("error_message", none())
                .set("progress", 100_i64),
            TaskState::Failed => change
                .set("ended_at", now)
                .set("attempt", none())
                .set("waiting_for", none()),
            TaskState::Handed | TaskState::Running => change.unless_set("waiting_for", none()),
            _ => change,
        }
    }
}

/// Takes a task from one state to another, and its counts with it; answers the task as it is then, or `None` where it is
/// not in `from` any more. A task that was to be deleted is gone once it has ended.
pub(crate) async fn turn(
    session: &mut Session,
    now: Timestamp,
    id: i64,
    from: TaskState,
    to: TaskState,
    change: TaskChange,
) -> Result<Option<TaskRow>, StoreError> {
    if !from.may_become(to) {
        return Err(StoreError::failed(
            format!("taking the task {id} on"),
            format!("{to} does not follow {from}"),
        ));
    }
    let TaskChange(mut columns) = change.entering(now, from, to);
    columns.push(("state", to.as_str().into()));
    columns.push(("status", to.status().number().into()));
    let mut assignments = assignments(&columns, 3);
    if TELL_A_START.contains(&to) {
        assignments += &format!(", started_at = COALESCE(started_at, ${})", columns.len() + 3);
        columns.push(("started_at", now.into()));
    }
    let text = format!("UPDATE tasks SET {assignments} WHERE id = $1 AND state = $2 RETURNING *");
    let row = made_sql(text)
        .bind(id)
        .bind(from.as_str())
        .bind_all(columns.into_iter().map(|(_, value)| value))
        .row(session)
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let task = TaskRow::read(&row)?;
    let mut moved = Shift::default();
    moved.add(Kind::with(&task, from.status()), -1);
    if task.delete_asked_at.is_some() && to.status().is_end() {
        rows::delete_many(session, &[id]).await?;
    } else {
        moved.add(Kind::of(&task), 1);
    }
    counts::shift(session, moved).await?;
    if to.status().is_end() {
        materials::release(session, &[id]).await?;
    }
    // Its account, or what took its phone's place, may be elsewhere by now.
    if to.status() == TaskStatus::Pending {
        return moves::settle(session, task).await.map(Some);
    }
    Ok(Some(task))
}

/// Notes something of a task that stays in its state; answers whether there is such a task.
pub(crate) async fn alter(session: &mut Session, id: i64, change: TaskChange) -> Result<bool, StoreError> {
    let TaskChange(columns) = change;
    if columns.is_empty() {
        return Ok(rows::find(session, id).await?.is_some());
    }
    let text = format!("UPDATE tasks SET {} WHERE id = $1", assignments(&columns, 2));
    let changed = made_sql(text)
        .bind(id)
        .bind_all(columns.into_iter().map(|(_, value)| value))
        .execute(session)
        .await?;
    Ok(changed > 0)
}

/// `a = $3, b = $4`
fn assignments(columns: &[(&'static str, Value)], first: usize) -> String {
    let assignments: Vec<String> = (first..)
        .zip(columns)
        .map(|(place, (column, _))| format!("{column} = ${place}"))
        .collect();
    assignments.join(", ")
}
