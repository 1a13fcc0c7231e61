//! All that is known of one task: its attempts with the ends of their logs, the leave that was given, the evidence.

use super::list::{self, ListedTask};
use crate::store::artifacts::{self, ArtifactRow};
use crate::store::attempts::lines;
use crate::store::error::StoreError;
use crate::store::grants::{self, GrantRow};
use crate::store::row::Row;
use crate::store::session::{Session, sql};
use crate::store::{AttemptLine, AttemptRow, Store};

/// Attempts that are told, the newest ones.
const MOST_ATTEMPTS: u32 = 50;

/// See the module.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskStory {
    pub task: ListedTask,
    /// The first one first.
    pub attempts: Vec<ToldAttempt>,
    /// In the order in which they were given.
    pub grants: Vec<GrantRow>,
    /// The newest first.
    pub artifacts: Vec<ArtifactRow>,
}

/// An attempt with the end of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldAttempt {
    pub row: AttemptRow,
    /// As its host is called now.
    pub host_name: Option<String>,
    /// The last lines, in order.
    pub tail: Vec<AttemptLine>,
}

impl Store {
    /// The story of a task, with at most `lines` lines of each log.
    pub async fn task_story(&self, id: i64, lines: u32) -> Result<Option<TaskStory>, StoreError> {
        self.snapshot(move |session| Box::pin(async move { story(session, id, lines).await }))
            .await
    }
}

async fn story(session: &mut Session, id: i64, lines: u32) -> Result<Option<TaskStory>, StoreError> {
    let Some(task) = list::one(session, id).await? else {
        return Ok(None);
    };
    let rows = sql(
        "SELECT a.*, h.name AS host_name FROM attempts a LEFT JOIN hosts h ON h.id = a.host_id \
         WHERE a.task_id = $1 ORDER BY a.number DESC LIMIT $2",
    )
    .bind(id)
    .bind(MOST_ATTEMPTS)
    .rows(session)
    .await?;
    let read = |row: &Row| {
        Ok((
            AttemptRow::read(row)?,
            row.of("attempts", "id").optional_text("host_name")?,
        ))
    };
    let mut rows: Vec<(AttemptRow, Option<String>)> =
        rows.iter().map(read).collect::<Result<_, StoreError>>()?;
    rows.reverse();
    let mut attempts = Vec::with_capacity(rows.len());
    for (row, host_name) in rows {
        let tail = lines::tail(session, row.id, lines).await?;
        attempts.push(ToldAttempt { row, host_name, tail });
    }
    Ok(Some(TaskStory {
        task,
        attempts,
        grants: grants::of_task(session, id).await?,
        artifacts: artifacts::of_tasks(session, &[id]).await?,
    }))
}
