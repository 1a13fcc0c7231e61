//! An import from its first row to its end: read and compared in one pass, what is to be done laid ready in sealed chunks,
//! decided in one small transaction, then applied chunk by chunk.
//!
//! Until it is decided nothing has changed; from then on it goes to its end, if need be by the controller's next start
//! ([`super::recover`]). So a sheet is taken whole or not at all, and no transaction is longer than one chunk.

use std::ops::ControlFlow;

use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use super::apply;
use super::desk::{Order, Teller};
use super::ground::{Ground, GroundError};
use super::onward;
use super::planned::{self, CHUNK as ROWS, PlannedRow};
use super::planner::{Batch, Plan, Planner};
use super::report::Report;
use super::upload::Uploaded;
use crate::causes::whole;
use crate::sheets::{self, Column, Done, Header, Item, ReadError};
use crate::store::imports::{CHUNK, chunk_id};
use crate::store::{AuditEntry, DecidedImport, ImportState, IndexChange, Sealed, StoreError};
use crate::vault::Spot;

/// Pieces of a sheet that are read ahead.
const AHEAD: usize = 2;
/// Chunks that are laid ready in one transaction: each is a few hundred kilobytes.
const STAGED_AT_ONCE: usize = 4;

/// Why an import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum ImportError {
    #[error(transparent)]
    Sheet(#[from] ReadError),
    #[error("platform: the sheet has no column platform: say which one it is for, tiktok or instagram")]
    NoPlatform,
    #[error(transparent)]
    Ground(#[from] GroundError),
    #[error("a part of the import ended by itself")]
    Lost(#[from] tokio::task::JoinError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Ground(error.into())
    }
}

/// One import under way.
pub(super) struct Job {
    ground: Ground,
    order: Order,
    teller: Teller,
}

/// What the reading hands over.
enum Piece {
    Header(Header),
    Rows(Batch),
}

impl Job {
    pub(super) fn new(ground: Ground, order: Order, teller: Teller) -> Self {
        Self {
            ground,
            order,
            teller,
        }
    }

    pub(super) async fn run(mut self, upload: Uploaded) {
        let import = self.teller.id;
        let ended = match self.carry_out(upload).await {
            Ok(state) => Some(state),
            Err(error) => self.failed(error).await,
        };
        if let Err(error) = apply::forget_old(&self.ground).await {
            tracing::warn!(import, %error, "what old imports have left could not be deleted");
        }
        self.teller.end(ended);
    }

    async fn carry_out(&mut self, upload: Uploaded) -> Result<ImportState, ImportError> {
        let plan = self.plan(upload).await?;
        let report = serde_json::to_value(&plan.report).unwrap_or_default();
        let state = match (&plan.report.refusal, plan.report.changes_something()) {
            (Some(_), _) => ImportState::Refused,
            (None, true) if !self.order.dry_run => {
                self.decide(plan, report).await?;
                onward::to_the_end(&self.ground, self.teller.id, Some(&mut self.teller)).await?;
                return Ok(ImportState::Done);
            }
            (None, _) => ImportState::Done,
        };
        self.ground
            .store
            .end_import(self.teller.id, state, Some(report))
            .await?;
        Ok(state)
    }

    /// Puts on record why it ended; where even that cannot be written, the next start does it.
    async fn failed(&self, error: ImportError) -> Option<ImportState> {
        let import = self.teller.id;
        let decided = matches!(self.ground.store.import(import).await, Ok(Some(row)) if row.state == ImportState::Applying);
        if decided {
            tracing::error!(import, error = %whole(&error), "an import stopped in its middle; it goes on at the next start");
            return None;
        }
        let (state, why) = match &error {
            ImportError::Sheet(_) | ImportError::NoPlatform => (ImportState::Refused, whole(&error)),
            ImportError::Ground(GroundError::Store(StoreError::Conflict(why))) => {
                (ImportState::Failed, why.clone())
            }
            _ => {
                tracing::error!(import, error = %whole(&error), "an import failed");
                (
                    ImportState::Failed,
                    "the import failed, and nothing was changed: the log says why".to_owned(),
                )
            }
        };
        let report = Report {
            refusal: Some(why),
            ..Report::default()
        };
        let report = serde_json::to_value(report).ok();
        match self.ground.store.end_import(import, state, report).await {
            Ok(()) => Some(state),
            Err(error) => {
                tracing::warn!(import, %error, "an import's end could not be noted");
                None
            }
        }
    }

    /// Reads the sheet and lays ready what is to be done.
    async fn plan(&mut self, upload: Uploaded) -> Result<Plan, ImportError> {
        let rules = self.order.rules;
        let mut planner = Planner::new(rules, self.ground.known_phones().await?);
        let mut stage = Stage::new(&self.ground, self.teller.id);
        let mut with_passwords = true;
        let (reading, mut pieces) = self.read(upload);
        while let Some(piece) = pieces.recv().await {
            let batch = match piece {
                Piece::Rows(batch) => batch,
                Piece::Header(header) => {
                    if rules.platform.is_none() && !header.has(Column::Platform) {
                        return Err(ImportError::NoPlatform);
                    }
                    with_passwords = header.has(Column::Pwd);
                    planner.header(&header);
                    continue;
                }
            };
            let known = self.ground.known_accounts(&batch, &rules, with_passwords).await?;
            let (back, planned) = spawn_blocking(move || {
                let planned = planner.plan(batch, &known);
                (planner, planned)
            })
            .await?;
            planner = back;
            if !self.order.dry_run && !planner.is_doomed() {
                stage.add(planned).await?;
            }
            self.teller.read(planner.rows());
        }
        let done = reading.await??;
        planner.notices(&done.notices);
        let mut plan = planner.finish();
        if plan.report.refusal.is_none() {
            stage.finish().await?;
        }
        plan.chunks = stage.laid;
        Ok(plan)
    }

    fn read(&self, upload: Uploaded) -> (JoinHandle<Result<Done, ReadError>>, mpsc::Receiver<Piece>) {
        let (pieces, receiver) = mpsc::channel(AHEAD);
        let (options, rules) = (self.order.read.clone(), self.order.rules);
        let reading = spawn_blocking(move || {
            let mut batch = Batch::default();
            let hand_on = |piece| match pieces.blocking_send(piece) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            };
            let done = sheets::read(upload, &options, |item| match item {
                Item::Header(header) => hand_on(Piece::Header(header.clone())),
                Item::Row(row) => {
                    batch.add(row, rules);
                    if batch.len() < ROWS {
                        return ControlFlow::Continue(());
                    }
                    hand_on(Piece::Rows(std::mem::take(&mut batch)))
                }
            })?;
            if !batch.is_empty() && !done.stopped {
                let _ = hand_on(Piece::Rows(batch));
            }
            Ok(done)
        });
        (reading, receiver)
    }

    /// The point from which there is no way back but to the end.
    async fn decide(&self, plan: Plan, report: serde_json::Value) -> Result<(), ImportError> {
        let import = self.teller.id;
        let counts = json!({
            "created": plan.report.created,
            "updated": plan.report.updated,
            "unchanged": plan.report.unchanged,
            "skipped": plan.report.skipped,
            "faulty": plan.report.faulty,
            "phones": plan.report.phones,
        });
        let decided = DecidedImport {
            id: import,
            new_accounts: plan.new_accounts,
            chunks: plan.chunks,
            rows: plan.planned,
            left_out: plan.left_out,
            indexes: plan
                .report
                .phones
                .iter()
                .map(|phone| IndexChange {
                    serial: phone.serial.clone(),
                    old: phone.old,
                    new: phone.new,
                })
                .collect(),
            report,
            audit: AuditEntry::new(&self.order.who, "accounts.import", import.to_string()).after(counts),
        };
        let indexes = decided.indexes.clone();
        self.ground.store.decide_import(decided).await?;
        self.ground.show_indexes(&indexes).await?;
        Ok(())
    }
}

/// Where planned rows are laid ready: sealed in chunks, a few chunks a transaction, while the next are planned.
struct Stage<'g> {
    ground: &'g Ground,
    import: i64,
    waiting: Vec<PlannedRow>,
    sealed: Vec<Sealed>,
    /// Chunks that were sealed.
    laid: u32,
    /// The transaction under way.
    writing: Option<JoinHandle<Result<(), StoreError>>>,
}

impl<'g> Stage<'g> {
    fn new(ground: &'g Ground, import: i64) -> Self {
        Self {
            ground,
            import,
            waiting: Vec::new(),
            sealed: Vec::new(),
            laid: 0,
            writing: None,
        }
    }

    async fn add(&mut self, rows: Vec<PlannedRow>) -> Result<(), ImportError> {
        self.waiting.extend(rows);
        while self.waiting.len() >= ROWS {
            let rest = self.waiting.split_off(ROWS);
            let chunk = std::mem::replace(&mut self.waiting, rest);
            self.seal(chunk).await?;
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), ImportError> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() {
            self.seal(rest).await?;
        }
        self.write().await?;
        self.written().await
    }

    async fn seal(&mut self, rows: Vec<PlannedRow>) -> Result<(), ImportError> {
        let (vault, spot) = (self.ground.vault.clone(), spot(self.import, self.laid));
        let sealed = spawn_blocking(move || {
            let text = planned::write(&rows).map_err(|source| GroundError::Chunk(source.into()))?;
            Ok::<_, GroundError>(vault.seal(&spot, &text))
        });
        self.sealed.push(sealed.await??);
        self.laid += 1;
        if self.sealed.len() >= STAGED_AT_ONCE {
            self.write().await?;
        }
        Ok(())
    }

    async fn write(&mut self) -> Result<(), ImportError> {
        self.written().await?;
        let sealed = std::mem::take(&mut self.sealed);
        if !sealed.is_empty() {
            let first = self.laid - sealed.len() as u32;
            let (store, import) = (self.ground.store.clone(), self.import);
            self.writing = Some(tokio::spawn(async move {
                store.stage_chunks(import, first, sealed).await
            }));
        }
        Ok(())
    }

    /// Waits for the transaction under way.
    async fn written(&mut self) -> Result<(), ImportError> {
        match self.writing.take() {
            Some(writing) => Ok(writing.await??),
            None => Ok(()),
        }
    }
}

/// Where a chunk of an import is kept.
pub(super) fn spot(import: i64, number: u32) -> Spot {
    Spot::new(CHUNK.table, CHUNK.column, chunk_id(import, number))
}
