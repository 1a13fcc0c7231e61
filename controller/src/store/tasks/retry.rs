//! Asking again for tasks that failed.

use jiff::Timestamp;
use shared::task::{TaskState, TaskStatus};

use super::rows::{self, TaskRow};
use super::turn::{TaskChange, turn};
use super::{STOPPED, missing};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::{AuditEntry, Store, audit};

/// Tasks in one transaction, so that nobody waits for the writer.
const CHUNK: u32 = 500;
/// What a person gave up is a person's to begin again.
const ABANDONED: &str = "abandoned";

impl Store {
    /// Lets a failed task wait anew, on record. A conflict where it has not failed.
    pub async fn retry_task(&self, id: i64, who: &str) -> Result<TaskRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let task = rows::find(session, id).await?.ok_or_else(|| missing(id))?;
                if task.state != TaskState::Failed {
                    return Err(StoreError::Conflict(format!(
                        "the task {id} is {}: only a failed one can be retried",
                        task.status()
                    )));
                }
                let task = again(session, now, id).await?.ok_or_else(|| missing(id))?;
                audit::append(session, now, &AuditEntry::new(who, "task.retry", id.to_string())).await?;
                Ok(task)
            })
        })
        .await
    }

    /// Lets every failed task wait anew, on record, but for those that were stopped by hand and those of which it is not
    /// known what came of them; answers those that wait now.
    pub async fn retry_failed_tasks(&self, who: &str) -> Result<Vec<TaskRow>, StoreError> {
        let (mut after, mut retried) = (0, Vec::new());
        loop {
            let (who, now) = (who.to_owned(), self.now());
            let part = self
                .write(move |session| {
                    Box::pin(async move {
                        let ids = repeatable(session, after).await?;
                        let (mut part, mut entries) = (Vec::new(), Vec::new());
                        for id in &ids {
                            if let Some(task) = again(session, now, *id).await? {
                                entries.push(AuditEntry::new(&who, "task.retry", id.to_string()));
                                part.push(task);
                            }
                        }
                        audit::append_all(session, now, &entries).await?;
                        Ok((ids.last().copied(), part))
                    })
                })
                .await?;
            retried.extend(part.1);
            match part.0 {
                Some(last) => after = last,
                None => return Ok(retried),
            }
        }
    }
}

async fn again(session: &mut Session, now: Timestamp, id: i64) -> Result<Option<TaskRow>, StoreError> {
    let change = TaskChange::new().due_at(now).retries(0);
    turn(session, now, id, TaskState::Failed, TaskState::Waiting, change).await
}

/// The next failed tasks that may be done again without asking.
async fn repeatable(session: &mut Session, after: i64) -> Result<Vec<i64>, StoreError> {
    let rows = sql(
        "SELECT id FROM tasks WHERE status = $1 AND id > $2 \
         AND (error_kind IS NULL OR error_kind NOT IN ($3, $4, 'unknown', 'need_person:unknown')) \
         AND NOT EXISTS (SELECT 1 FROM grants WHERE grants.task_id = tasks.id AND grants.state IN ('open', 'unknown')) \
         ORDER BY id LIMIT $5",
    )
    .bind(TaskStatus::Failed.number())
    .bind(after)
    .bind(STOPPED)
    .bind(ABANDONED)
    .bind(CHUNK)
    .rows(session)
    .await?;
    rows.iter()
        .map(|row| row.of("tasks", "id").integer("id"))
        .collect()
}
