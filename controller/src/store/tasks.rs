//! Tasks: what was asked for, where each stands, and how many there are of each kind.
//!
//! A task's state changes through `turn` alone, which holds it against the table of states and keeps the counts.

pub(crate) mod capped;
mod counts;
pub(super) mod keys;
mod list;
pub(crate) mod moves;
mod remove;
mod retry;
mod rows;
mod stop;
mod story;
mod turn;

use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::error::StoreError;
use super::session::Session;
use super::{AuditEntry, Store, audit, counters};

pub use counts::TaskCounts;
pub use keys::AnswerKey;
pub use list::{ListedTask, TaskQuery, TaskSort, TaskSortKey};
pub use moves::Gone;
pub(crate) use rows::find_many;
pub use rows::{LIBRARY, NewTask, TaskError, TaskRow, TaskSource};
pub use story::{TaskStory, ToldAttempt};
pub use turn::TaskChange;
pub(crate) use turn::{alter, turn};

/// The kind of failure of what was stopped by hand.
pub const STOPPED: &str = "stopped";

/// What came of a call that creates tasks.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    New {
        ids: Vec<i64>,
        answer: Json,
    },
    /// The call was answered before, with this.
    Before(Json),
}

impl Store {
    /// Creates tasks, all or none, under ids of their own; `answer` makes of the ids what a call under the same key is
    /// answered from then on.
    pub async fn create_tasks<F>(
        &self,
        new: Vec<NewTask>,
        source: TaskSource,
        who: &str,
        key: Option<AnswerKey>,
        answer: F,
    ) -> Result<Created, StoreError>
    where
        F: FnOnce(&[i64]) -> Json + Send + 'static,
    {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                if let Some(key) = &key
                    && let Some(before) = keys::take(session, now, key).await?
                {
                    return Ok(Created::Before(before));
                }
                let ids = create_new(session, now, &new, source, &who, None).await?;
                let answer = answer(&ids);
                if let Some(key) = &key {
                    keys::keep(session, key, &answer).await?;
                }
                Ok(Created::New { ids, answer })
            })
        })
        .await
    }

    /// What a call under this key was answered, where there was one lately.
    pub async fn answered_before(&self, key: &AnswerKey) -> Result<Option<Json>, StoreError> {
        let (key, now) = (key.clone(), self.now());
        self.read(move |session| Box::pin(async move { keys::find(session, now, &key).await }))
            .await
    }

    /// The tasks of these ids that there are.
    pub async fn tasks_of(&self, ids: Vec<i64>) -> Result<Vec<TaskRow>, StoreError> {
        self.read(move |session| Box::pin(async move { rows::find_many(session, &ids).await }))
            .await
    }

    pub async fn task(&self, id: i64) -> Result<Option<ListedTask>, StoreError> {
        self.read(move |session| Box::pin(async move { list::one(session, id).await }))
            .await
    }

    /// How many tasks there are in each status.
    pub async fn task_counts(&self) -> Result<TaskCounts, StoreError> {
        self.read(|session| Box::pin(async move { counts::by_status(session).await }))
            .await
    }
}

/// Creates tasks in a transaction, on record, of a schedule or not; answers their ids.
pub(crate) async fn create_new(
    session: &mut Session,
    now: Timestamp,
    new: &[NewTask],
    source: TaskSource,
    who: &str,
    schedule: Option<i64>,
) -> Result<Vec<i64>, StoreError> {
    let first = counters::take(session, counters::TASK, new.len() as u32).await?;
    let ids: Vec<i64> = (first..).take(new.len()).collect();
    rows::insert_many(session, now, first, new, source, who, schedule).await?;
    counts::add_new(session, new, source).await?;
    if let (Some(newest), Some(one)) = (ids.last(), new.first()) {
        let entry = AuditEntry::new(who, "task.create", subject(first, *newest))
            .after(json!({"script": one.script, "tasks": ids.len()}));
        audit::append(session, now, &entry).await?;
    }
    Ok(ids)
}

fn missing(id: i64) -> StoreError {
    StoreError::not_found("task", &id)
}

/// "7" or "7-9".
fn subject(first: i64, last: i64) -> String {
    if first == last {
        first.to_string()
    } else {
        format!("{first}-{last}")
    }
}

#[cfg(test)]
mod tests;
