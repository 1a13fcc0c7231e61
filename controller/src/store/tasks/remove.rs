//! Deleting tasks: what runs is stopped first and goes with its end.

use shared::task::TaskState;

use super::counts::{self, Kind, Shift};
use super::rows::{self, TaskRow};
use super::stop;
use super::turn::TaskChange;
use crate::store::error::StoreError;
use crate::store::{AuditEntry, Store, audit, materials};

/// Tasks in one transaction, so that nobody waits for the writer.
const CHUNK: usize = 500;

impl Store {
    /// Deletes those of these tasks that there are, on record; answers them as they are then: those that still have a
    /// phone go as soon as they have ended.
    pub async fn delete_tasks(&self, ids: &[i64], who: &str) -> Result<Vec<TaskRow>, StoreError> {
        let mut deleted = Vec::new();
        for ids in ids.chunks(CHUNK) {
            let (ids, who, now) = (ids.to_vec(), who.to_owned(), self.now());
            let part = self
                .write(move |session| {
                    Box::pin(async move {
                        let tasks = rows::find_many(session, &ids).await?;
                        let (mut gone, mut fewer) = (Vec::new(), Shift::default());
                        let (mut part, mut entries) = (Vec::new(), Vec::new());
                        for task in tasks {
                            entries.push(AuditEntry::new(&who, "task.delete", task.id.to_string()));
                            if is_idle(task.state) {
                                gone.push(task.id);
                                fewer.add(Kind::of(&task), -1);
                                part.push(task);
                            } else {
                                let change = TaskChange::new().delete_asked(now);
                                part.push(stop::ask(session, now, task, &who, change).await?);
                            }
                        }
                        rows::delete_many(session, &gone).await?;
                        materials::release(session, &gone).await?;
                        counts::shift(session, fewer).await?;
                        audit::append_all(session, now, &entries).await?;
                        Ok(part)
                    })
                })
                .await?;
            deleted.extend(part);
        }
        Ok(deleted)
    }
}

/// Nobody works on it, and nothing that it did is in question.
fn is_idle(state: TaskState) -> bool {
    matches!(
        state,
        TaskState::Waiting | TaskState::Retrying | TaskState::Completed | TaskState::Failed
    )
}
