//! Evidence of attempts: which files there are. The files themselves lie under the data folder.

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::row::Row;
use super::session::sql;

/// A file of evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactRow {
    pub attempt: Uuid,
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
        self.read(move |session| {
            Box::pin(async move {
                let rows =
                    sql("SELECT * FROM artifacts WHERE task_id = $1 ORDER BY created_at DESC, attempt, name")
                        .bind(task)
                        .rows(session)
                        .await?;
                rows.iter().map(ArtifactRow::read).collect()
            })
        })
        .await
    }
}
