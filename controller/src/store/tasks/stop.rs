//! Stopping a task by hand.

use jiff::Timestamp;
use shared::task::TaskState;

use super::rows::{self, TaskRow};
use super::turn::{TaskChange, alter, turn};
use super::{STOPPED, missing};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::{AuditEntry, Store, audit};

impl Store {
    /// Stops a task, on record; answers it as it is then. One that a phone works on is stopping until its host has said
    /// that it stopped. A conflict where it has ended already.
    pub async fn stop_task(&self, id: i64, who: &str) -> Result<TaskRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let task = rows::find(session, id).await?.ok_or_else(|| missing(id))?;
                if task.status().is_end() {
                    return Err(StoreError::Conflict(format!(
                        "the task {id} is {} already",
                        task.status()
                    )));
                }
                let task = ask(session, now, task, &who, TaskChange::new()).await?;
                audit::append(session, now, &AuditEntry::new(who, "task.stop", id.to_string())).await?;
                Ok(task)
            })
        })
        .await
    }
}

/// Stops a task that has not ended, and notes `change` of it.
pub(super) async fn ask(
    session: &mut Session,
    now: Timestamp,
    task: TaskRow,
    who: &str,
    change: TaskChange,
) -> Result<TaskRow, StoreError> {
    let change = change.stop_asked(task.stop_asked_at.unwrap_or(now), who);
    let to = match task.state {
        TaskState::Waiting | TaskState::Retrying | TaskState::Person => TaskState::Failed,
        TaskState::Handed | TaskState::Running => TaskState::Stopping,
        // What became of its act is found out first; what was done is done.
        state => {
            alter(session, task.id, change).await?;
            return Ok(TaskRow {
                state,
                stop_asked_at: Some(now),
                ..task
            });
        }
    };
    let change = if to == TaskState::Failed {
        change.error(STOPPED, &format!("stopped by {who}"))
    } else {
        change
    };
    if task.state == TaskState::Person {
        resolve(session, now, task.id, who).await?;
    }
    let turned = turn(session, now, task.id, task.state, to, change).await?;
    turned.ok_or_else(|| StoreError::Conflict(format!("the task {} has changed: try again", task.id)))
}

/// Nobody needs to do anything for it any more; but what became of an act is still a question.
async fn resolve(session: &mut Session, now: Timestamp, task: i64, who: &str) -> Result<(), StoreError> {
    sql(
        "UPDATE attention SET resolved_at = $2, resolution = 'stopped', resolved_by = $3 \
         WHERE task_id = $1 AND resolved_at IS NULL AND grant_id IS NULL",
    )
    .bind(task)
    .bind(now)
    .bind(who)
    .execute(session)
    .await
    .map(drop)
}
