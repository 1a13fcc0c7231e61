//! Imports of sheets: how far each is, what came of it, and the sealed chunks of what it changes.
//!
//! An import changes nothing until [`Store::decide_import`], which is one small transaction; from then on it is applied
//! chunk by chunk, each with its count in one transaction, so that it can be carried on after a crash. Knows nothing of
//! what is in a chunk.

mod chunks;
mod gate;
mod unfinished;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::devices::{IndexChange, set_indexes};
use super::error::StoreError;
use super::row::Row;
use super::sealed::{Sealed, SealedColumn};
use super::session::sql;
use super::{AuditEntry, Listed, Page, Store, audit, counters};

pub use chunks::{AppliedChunk, UndoneChunk};
pub(crate) use gate::pass;

/// Imports that are remembered.
const REMEMBERED: i64 = 200;
/// Chunks that one import may have; their ids depend on it.
const MOST_CHUNKS: i64 = 1_000_000;
/// Chunks that are deleted in one transaction: each is a few hundred kilobytes.
const DELETED_AT_ONCE: i64 = 16;

/// Where chunks lie, sealed.
pub const CHUNK: SealedColumn = SealedColumn {
    table: "import_chunks",
    column: "sealed",
    row: "id",
};

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImportState {
    /// The sheet is read and compared with what stands; nothing is changed yet.
    Reading,
    /// All is decided: it goes to its end, whatever happens to the controller.
    Applying,
    Done,
    /// The sheet cannot be taken as it is; nothing was changed.
    Refused,
    /// Something else went wrong; nothing was changed.
    Failed,
    /// The controller ended before all was decided; nothing was changed.
    Dropped,
    /// It is being taken back.
    Undoing,
    Undone,
}

impl ImportState {
    pub const ALL: [Self; 8] = [
        Self::Reading,
        Self::Applying,
        Self::Done,
        Self::Refused,
        Self::Failed,
        Self::Dropped,
        Self::Undoing,
        Self::Undone,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Applying => "applying",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether nothing more will come of it by itself.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Reading | Self::Applying | Self::Undoing)
    }
}

/// One import.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportRow {
    pub id: i64,
    pub state: ImportState,
    pub dry_run: bool,
    pub who: String,
    pub platform: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// The id of the first account that it makes.
    pub first_new: i64,
    pub chunks: u32,
    /// Chunks that are in force.
    pub applied: u32,
    pub rows_total: u32,
    pub rows_applied: u32,
    /// Rows of the sheet that are in its chunks, but not to be applied.
    pub left_out: Vec<u32>,
    pub report: Option<Json>,
    pub undo: Option<Json>,
}

/// What is known when an import begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    pub who: String,
    pub dry_run: bool,
    pub platform: Option<String>,
}

/// What is known when all its rows are decided.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidedImport {
    pub id: i64,
    /// Accounts that it makes.
    pub new_accounts: u32,
    pub chunks: u32,
    pub rows: u32,
    pub left_out: Vec<u32>,
    /// Phones and the indexes that they get.
    pub indexes: Vec<IndexChange>,
    pub report: Json,
    pub audit: AuditEntry,
}

impl ImportRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("imports", "id");
        let state = row.text("state")?;
        Ok(Self {
            id: row.integer("id")?,
            state: ImportState::named(&state)
                .ok_or_else(|| row.corrupt("state", format!("{state:?} is none")))?,
            dry_run: row.integer("dry_run")? == 1,
            who: row.text("who")?,
            platform: row.optional_text("platform")?,
            started_at: row.time("started_at")?,
            ended_at: row.optional_time("ended_at")?,
            first_new: row.integer("first_new")?,
            chunks: row.number("chunks")?,
            applied: row.number("applied")?,
            rows_total: row.number("rows_total")?,
            rows_applied: row.number("rows_applied")?,
            left_out: row.optional_json("left_out_json")?.unwrap_or_default(),
            report: row.optional_json("report_json")?,
            undo: row.optional_json("undo_json")?,
        })
    }
}

impl ImportRow {
    /// Whether it came to changing anything.
    pub fn was_decided(&self) -> bool {
        self.first_new > 0
    }
}

/// The id of a chunk.
pub fn chunk_id(import: i64, number: u32) -> i64 {
    import * MOST_CHUNKS + i64::from(number)
}

impl Store {
    /// Begins an import; unless it is a dry run, nobody else changes accounts until its end. Refused while another one is
    /// under way.
    pub async fn begin_import(&self, new: NewImport) -> Result<i64, StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                if !new.dry_run {
                    gate::shut(session).await?;
                }
                let id = counters::take(session, counters::IMPORT, 1).await?;
                sql(
                    "INSERT INTO imports (id, state, dry_run, who, platform, started_at, first_new, chunks, applied, \
                     rows_total, rows_applied) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0, 0, 0)",
                )
                .bind(id)
                .bind(ImportState::Reading.as_str())
                .bind(i64::from(new.dry_run))
                .bind(new.who)
                .bind(new.platform)
                .bind(now)
                .execute(session)
                .await?;
                sql("DELETE FROM imports WHERE id <= $1 AND id NOT IN (SELECT import_id FROM import_chunks)")
                    .bind(id - REMEMBERED)
                    .execute(session)
                    .await?;
                Ok(id)
            })
        })
        .await
    }

    /// Lays chunks ready, the first of which has this number. They have no effect yet.
    pub async fn stage_chunks(&self, import: i64, first: u32, chunks: Vec<Sealed>) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                for (number, sealed) in (first..).zip(chunks) {
                    sql("INSERT INTO import_chunks (id, import_id, sealed) VALUES ($1, $2, $3)")
                        .bind(chunk_id(import, number))
                        .bind(import)
                        .bind(sealed.as_str())
                        .execute(session)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }

    /// The point from which there is no way back but to the end. Answers the id of the first new account.
    pub async fn decide_import(&self, decided: DecidedImport) -> Result<i64, StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                let first_new = counters::take(session, counters::ACCOUNT, decided.new_accounts).await?;
                if let Some(serial) = set_indexes(session, &decided.indexes).await?.first() {
                    return Err(StoreError::Conflict(format!(
                        "the index of the phone {serial} was changed meanwhile: import the sheet again"
                    )));
                }
                let changed = sql(
                    "UPDATE imports SET state = $2, first_new = $3, chunks = $4, rows_total = $5, left_out_json = $6, \
                     report_json = $7 WHERE id = $1 AND state = $8",
                )
                .bind(decided.id)
                .bind(ImportState::Applying.as_str())
                .bind(first_new)
                .bind(decided.chunks)
                .bind(decided.rows)
                .bind(Json::from(decided.left_out).to_string())
                .bind(decided.report.to_string())
                .bind(ImportState::Reading.as_str())
                .execute(session)
                .await?;
                if changed != 1 {
                    return Err(StoreError::Conflict(format!("the import {} is over already", decided.id)));
                }
                audit::append(session, now, &decided.audit).await?;
                Ok(first_new)
            })
        })
        .await
    }

    pub async fn import_chunk(&self, import: i64, number: u32) -> Result<Sealed, StoreError> {
        let id = chunk_id(import, number);
        self.read(move |session| {
            Box::pin(async move {
                let row = sql("SELECT id, sealed FROM import_chunks WHERE id = $1")
                    .bind(id)
                    .row(session)
                    .await?
                    .ok_or_else(|| StoreError::not_found("chunk of an import", &id))?;
                Ok(Sealed::from_text(row.of("import_chunks", "id").text("sealed")?))
            })
        })
        .await
    }

    /// Ends an import; `audit` says so in the record where it changed something.
    pub async fn end_import(
        &self,
        import: i64,
        state: ImportState,
        report: Option<Json>,
    ) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                sql(
                    "UPDATE imports SET state = $2, ended_at = $3, report_json = COALESCE($4, report_json) WHERE id = $1",
                )
                .bind(import)
                .bind(state.as_str())
                .bind(now)
                .bind(report.as_ref().map(Json::to_string))
                .execute(session)
                .await
                .map(drop)
            })
        })
        .await
    }

    pub async fn import(&self, id: i64) -> Result<Option<ImportRow>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let row = sql("SELECT * FROM imports WHERE id = $1")
                    .bind(id)
                    .row(session)
                    .await?;
                row.as_ref().map(ImportRow::read).transpose()
            })
        })
        .await
    }

    /// Newest first, dry runs alone or none of them where that is wanted. The reports, which may be large, come with those
    /// that changed something.
    pub async fn list_imports(
        &self,
        dry_run: Option<bool>,
        page: Page,
    ) -> Result<Listed<ImportRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                // -1: either.
                let dry_run = dry_run.map_or(-1, i64::from);
                let total = sql("SELECT COUNT(*) FROM imports WHERE $1 IN (-1, dry_run)")
                    .bind(dry_run)
                    .number(session)
                    .await?;
                let rows = sql(
                    "SELECT id, state, dry_run, who, platform, started_at, ended_at, first_new, chunks, applied, \
                     rows_total, rows_applied, left_out_json, undo_json, CASE WHEN dry_run = 0 AND state IN ('done', \
                     'undoing', 'undone') THEN report_json END AS report_json FROM imports \
                     WHERE $1 IN (-1, dry_run) ORDER BY id DESC LIMIT $2 OFFSET $3",
                )
                    .bind(dry_run)
                    .bind(page.size)
                    .bind(page.offset())
                    .rows(session)
                    .await?;
                Ok(Listed {
                    rows: rows.iter().map(ImportRow::read).collect::<Result<_, _>>()?,
                    total: total.unsigned_abs(),
                })
            })
        })
        .await
    }

    /// Whether a later import has changed something.
    pub async fn has_later_import(&self, id: i64) -> Result<bool, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let later = sql(
                    "SELECT COUNT(*) FROM imports WHERE id > $1 AND dry_run = 0 AND state IN ('applying', 'done', \
                     'undoing', 'undone') AND first_new > 0",
                )
                .bind(id)
                .number(session)
                .await?;
                Ok(later > 0)
            })
        })
        .await
    }

    /// Deletes all chunks of an import, a few at a time.
    pub async fn delete_chunks(&self, import: i64) -> Result<(), StoreError> {
        loop {
            let deleted = self
                .write(move |session| {
                    Box::pin(async move {
                        sql(
                            "DELETE FROM import_chunks WHERE id IN (SELECT id FROM import_chunks WHERE import_id = $1 \
                             ORDER BY id LIMIT $2)",
                        )
                        .bind(import)
                        .bind(DELETED_AT_ONCE)
                        .execute(session)
                        .await
                    })
                })
                .await?;
            if deleted < DELETED_AT_ONCE.unsigned_abs() {
                return Ok(());
            }
        }
    }

    /// Imports that have chunks although they ended before `time`, or although a later one has changed something.
    pub async fn imports_with_old_chunks(&self, time: Timestamp) -> Result<Vec<i64>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT id FROM imports WHERE id IN (SELECT import_id FROM import_chunks) AND ended_at IS NOT NULL \
                     AND (ended_at < $1 OR state <> 'done' OR id < (SELECT MAX(id) FROM imports WHERE dry_run = 0 AND \
                     state IN ('applying', 'done', 'undoing', 'undone') AND first_new > 0))",
                )
                .bind(time)
                .rows(session)
                .await?;
                rows.iter().map(|row| row.of("imports", "id").integer("id")).collect()
            })
        })
        .await
    }
}
