//! What attempts tell while they work: lines of their logs, and how far they are. Written many at a time; a crash of
//! the controller may lose the last seconds of it.

use jiff::Timestamp;
use uuid::Uuid;

use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::session::{Session, sql};

/// Lines that are kept of one attempt.
const MOST_LINES: u32 = 2_000;

/// A line of an attempt's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptLine {
    pub number: u32,
    /// By the host's clock.
    pub at: Timestamp,
    pub line: String,
}

impl AttemptLine {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("attempt_lines", "attempt");
        Ok(Self {
            number: row.number("number")?,
            at: row.time("at")?,
            line: row.text("line")?,
        })
    }
}

/// What is new of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub attempt: Uuid,
    pub task: i64,
    /// Percent, and what it is doing.
    pub progress: Option<(u8, String)>,
    /// In which its phone talks.
    pub language: Option<String>,
    pub lines: Vec<AttemptLine>,
}

impl Store {
    /// Keeps what attempts told.
    pub async fn note_told(&self, told: Vec<Told>) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                for Told {
                    attempt,
                    task,
                    progress,
                    language,
                    lines,
                } in told
                {
                    if let Some((percent, text)) = progress {
                        sql("UPDATE tasks SET progress = $3, progress_text = $4 WHERE id = $1 AND attempt = $2")
                            .bind(task)
                            .bind(attempt)
                            .bind(i64::from(percent.min(100)))
                            .bind(text)
                            .execute(session)
                            .await?;
                    }
                    if let Some(language) = language {
                        sql("UPDATE attempts SET language = $2 WHERE id = $1")
                            .bind(attempt)
                            .bind(language)
                            .execute(session)
                            .await?;
                    }
                    for line in lines.into_iter().filter(|line| line.number < MOST_LINES) {
                        sql("INSERT INTO attempt_lines (attempt, number, at, line) VALUES ($1, $2, $3, $4) \
                             ON CONFLICT (attempt, number) DO NOTHING")
                        .bind(attempt)
                        .bind(line.number)
                        .bind(line.at)
                        .bind(line.line)
                        .execute(session)
                        .await?;
                    }
                }
                Ok(())
            })
        })
        .await
    }

    /// The lines of an attempt, in order, from a number on.
    pub async fn attempt_lines(
        &self,
        attempt: Uuid,
        from: u32,
        count: u32,
    ) -> Result<Vec<AttemptLine>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM attempt_lines WHERE attempt = $1 AND number >= $2 \
                     ORDER BY number LIMIT $3")
                .bind(attempt)
                .bind(from)
                .bind(count)
                .rows(session)
                .await?;
                rows.iter().map(AttemptLine::read).collect()
            })
        })
        .await
    }

    /// How many lines of an attempt are kept.
    pub async fn count_lines(&self, attempt: Uuid) -> Result<u32, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let next = sql("SELECT COALESCE(MAX(number) + 1, 0) FROM attempt_lines WHERE attempt = $1")
                    .bind(attempt)
                    .number(session)
                    .await?;
                Ok(u32::try_from(next).unwrap_or(u32::MAX))
            })
        })
        .await
    }
}

/// The last lines of an attempt, in order.
pub(in crate::store) async fn tail(
    session: &mut Session,
    attempt: Uuid,
    count: u32,
) -> Result<Vec<AttemptLine>, StoreError> {
    let rows = sql("SELECT * FROM attempt_lines WHERE attempt = $1 ORDER BY number DESC LIMIT $2")
        .bind(attempt)
        .bind(count)
        .rows(session)
        .await?;
    rows.iter().rev().map(AttemptLine::read).collect()
}
