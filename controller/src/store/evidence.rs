//! Which evidence may be forgotten: the files and the log of an attempt whose task is over, or deleted, and for which no
//! person is waited for. What was done and its proof stay; they lie elsewhere.

use std::collections::BTreeSet;

use jiff::Timestamp;
use uuid::Uuid;

use super::Store;
use super::error::StoreError;
use super::many::{KEYS_AT_ONCE, places};
use super::session::{Session, Value, made_sql, sql};

/// Attempts that are forgotten in one piece of work: each has up to 2,000 lines, and others want to write meanwhile.
pub const FORGOTTEN_AT_ONCE: usize = 20;

/// Of `attempts a LEFT JOIN tasks t`.
const FREE: &str = "(t.id IS NULL OR t.status IN (2, 3)) AND NOT EXISTS \
    (SELECT 1 FROM attention w WHERE w.task_id = a.task_id AND w.resolved_at IS NULL)";
/// When an attempt was over.
const OVER: &str = "COALESCE(a.ended_at, a.lost_at, a.handed_at)";

/// What is forgotten: the files are still to be removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForgottenEvidence {
    pub attempts: Vec<Uuid>,
    pub files: Vec<(Uuid, String)>,
}

impl Store {
    /// Attempts with evidence that were over before this time.
    pub async fn evidence_before(&self, before: Timestamp, count: usize) -> Result<Vec<Uuid>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = made_sql(format!(
                    "SELECT a.id AS attempt FROM attempts a LEFT JOIN tasks t ON t.id = a.task_id \
                     WHERE {OVER} < $1 AND {FREE} AND \
                     (EXISTS (SELECT 1 FROM artifacts f WHERE f.attempt = a.id) OR \
                      EXISTS (SELECT 1 FROM attempt_lines l WHERE l.attempt = a.id)) LIMIT $2"
                ))
                .bind(before)
                .bind(i64::try_from(count).unwrap_or(i64::MAX))
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| row.of("attempts", "attempt").parsed("attempt"))
                    .collect()
            })
        })
        .await
    }

    /// The bytes of all files of evidence.
    pub async fn evidence_size(&self) -> Result<u64, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let size = sql("SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM artifacts")
                    .number(session)
                    .await?;
                Ok(size.unsigned_abs())
            })
        })
        .await
    }

    /// Attempts with files, those that were over first before others, and the bytes of each.
    pub async fn oldest_evidence(&self, count: usize) -> Result<Vec<(Uuid, u64)>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = made_sql(format!(
                    "SELECT f.attempt AS attempt, CAST(SUM(f.size) AS BIGINT) AS size, MIN({OVER}) AS since \
                     FROM artifacts f JOIN attempts a ON a.id = f.attempt LEFT JOIN tasks t ON t.id = a.task_id \
                     WHERE {FREE} GROUP BY f.attempt ORDER BY since, f.attempt LIMIT $1"
                ))
                .bind(i64::try_from(count).unwrap_or(i64::MAX))
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| {
                        let row = row.of("artifacts", "attempt");
                        Ok((row.parsed("attempt")?, row.number("size")?))
                    })
                    .collect()
            })
        })
        .await
    }

    /// Forgets the evidence of those of these attempts that are still free; [`FORGOTTEN_AT_ONCE`] at most.
    pub async fn forget_evidence(&self, attempts: Vec<Uuid>) -> Result<ForgottenEvidence, StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                let attempts: Vec<Uuid> = attempts.into_iter().take(FORGOTTEN_AT_ONCE).collect();
                if attempts.is_empty() {
                    return Ok(ForgottenEvidence::default());
                }
                // Its task may have been taken up again since it was chosen.
                let rows = made_sql(format!(
                    "SELECT a.id AS attempt FROM attempts a LEFT JOIN tasks t ON t.id = a.task_id \
                     WHERE a.id IN ({}) AND {FREE}",
                    places(1, attempts.len())
                ))
                .bind_all(attempts.into_iter().map(Value::from))
                .rows(session)
                .await?;
                let attempts: Vec<Uuid> = rows
                    .iter()
                    .map(|row| row.of("attempts", "attempt").parsed("attempt"))
                    .collect::<Result<_, StoreError>>()?;
                if attempts.is_empty() {
                    return Ok(ForgottenEvidence::default());
                }
                let files = names(session, &attempts).await?.into_iter().collect();
                for table in ["artifacts", "attempt_lines"] {
                    let places = places(1, attempts.len());
                    made_sql(format!("DELETE FROM {table} WHERE attempt IN ({places})"))
                        .bind_all(attempts.iter().copied().map(Value::from))
                        .execute(session)
                        .await?;
                }
                Ok(ForgottenEvidence { attempts, files })
            })
        })
        .await
    }

    /// The files that there are to be of these attempts.
    pub async fn evidence_names(&self, attempts: Vec<Uuid>) -> Result<BTreeSet<(Uuid, String)>, StoreError> {
        self.read(move |session| Box::pin(async move { names(session, &attempts).await }))
            .await
    }
}

async fn names(session: &mut Session, attempts: &[Uuid]) -> Result<BTreeSet<(Uuid, String)>, StoreError> {
    let mut found = BTreeSet::new();
    for attempts in attempts.chunks(KEYS_AT_ONCE) {
        let rows = made_sql(format!(
            "SELECT attempt, name FROM artifacts WHERE attempt IN ({})",
            places(1, attempts.len())
        ))
        .bind_all(attempts.iter().copied().map(Value::from))
        .rows(session)
        .await?;
        for row in &rows {
            let row = row.of("artifacts", "name");
            found.insert((row.parsed("attempt")?, row.text("name")?));
        }
    }
    Ok(found)
}
