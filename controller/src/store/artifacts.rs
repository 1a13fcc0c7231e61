//! Evidence of attempts: which files there are. The files themselves lie under the data folder.

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::many::{KEYS_AT_ONCE, places};
use super::row::Row;
use super::session::{Session, Value, made_sql, sql};

/// A file of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactRow {
    pub attempt: Uuid,
    /// The attempt's.
    pub number: u32,
    pub name: String,
    pub task: i64,
    /// In bytes.
    pub size: u64,
    pub created_at: Timestamp,
}

impl ArtifactRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("artifacts", "name");
        Ok(Self {
            attempt: row.parsed("attempt")?,
            number: row.number("attempt_number")?,
            name: row.text("name")?,
            task: row.integer("task_id")?,
            size: row.number("size")?,
            created_at: row.time("created_at")?,
        })
    }
}

impl Store {
    /// A file lies there now; the same once more changes its size.
    pub async fn note_artifact(
        &self,
        attempt: Uuid,
        task: i64,
        name: &str,
        size: u64,
    ) -> Result<(), StoreError> {
        let (name, now) = (name.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                sql(
                    "INSERT INTO artifacts (attempt, name, task_id, size, created_at) VALUES ($1, $2, $3, $4, $5) \
                     ON CONFLICT (attempt, name) DO UPDATE SET size = excluded.size, created_at = excluded.created_at",
                )
                .bind(attempt)
                .bind(name)
                .bind(task)
                .bind(i64::try_from(size).unwrap_or(i64::MAX))
                .bind(now)
                .execute(session)
                .await
                .map(drop)
            })
        })
        .await
    }

    /// The evidence of a task's attempts, the newest first.
    pub async fn artifacts_of(&self, task: i64) -> Result<Vec<ArtifactRow>, StoreError> {
        self.artifacts_of_tasks(vec![task]).await
    }

    /// The same of many tasks at once.
    pub async fn artifacts_of_tasks(&self, tasks: Vec<i64>) -> Result<Vec<ArtifactRow>, StoreError> {
        self.read(move |session| Box::pin(async move { of_tasks(session, &tasks).await }))
            .await
    }

    /// A file of a task's evidence, by its attempt's number and its name.
    pub async fn artifact(
        &self,
        task: i64,
        attempt: u32,
        name: &str,
    ) -> Result<Option<ArtifactRow>, StoreError> {
        let name = name.to_owned();
        self.read(move |session| {
            Box::pin(async move {
                let row = made_sql(format!(
                    "{SHOWN} f.task_id = $1 AND a.number = $2 AND f.name = $3"
                ))
                .bind(task)
                .bind(attempt)
                .bind(name)
                .row(session)
                .await?;
                row.as_ref().map(ArtifactRow::read).transpose()
            })
        })
        .await
    }
}

/// A file as it is shown, from here on.
const SHOWN: &str =
    "SELECT f.*, a.number AS attempt_number FROM artifacts f JOIN attempts a ON a.id = f.attempt WHERE ";

pub(super) async fn of_tasks(session: &mut Session, tasks: &[i64]) -> Result<Vec<ArtifactRow>, StoreError> {
    let mut found = Vec::new();
    for tasks in tasks.chunks(KEYS_AT_ONCE) {
        let rows = made_sql(format!(
            "{SHOWN} f.task_id IN ({}) ORDER BY a.number DESC, f.name",
            places(1, tasks.len())
        ))
        .bind_all(tasks.iter().map(|task| Value::from(*task)))
        .rows(session)
        .await?;
        for row in &rows {
            found.push(ArtifactRow::read(row)?);
        }
    }
    Ok(found)
}
