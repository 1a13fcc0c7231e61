//! Where imports are taken in: one at a time, each as a job that goes on when nobody waits for it, with its progress.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::ground::{Around, Ground, GroundError};
use super::job::Job;
use super::recover;
use super::report::{Import, Progress, platform_name};
use super::rules::Rules;
use super::undo::Undo;
use super::upload::{Upload, Uploaded};
use crate::sheets::{Limits, ReadOptions};
use crate::store::{AuditEntry, ImportRow, ImportState, NewImport, StoreError};

/// So long after its end an import can be taken back.
pub const UNDO_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// Progress is told so often at most.
const TOLD_EVERY: Duration = Duration::from_millis(250);

/// What is to be done with a sheet.
#[derive(Debug)]
pub struct Order {
    pub rules: Rules,
    pub dry_run: bool,
    pub who: String,
    pub read: ReadOptions,
}

/// Why nothing was begun.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    #[error("another import is under way{}: try again when it is done", .0.map(|id| format!(" ({id})")).unwrap_or_default())]
    UnderWay(Option<i64>),
    #[error("there is no import {0}")]
    Unknown(i64),
    #[error("the import {id} cannot be taken back: {why}")]
    NotToBeUndone { id: i64, why: &'static str },
    #[error(transparent)]
    Store(StoreError),
    #[error(transparent)]
    Ground(GroundError),
}

impl From<GroundError> for BeginError {
    fn from(error: GroundError) -> Self {
        match error {
            GroundError::Store(error) => error.into(),
            other => Self::Ground(other),
        }
    }
}

impl From<StoreError> for BeginError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Importing { import } => Self::UnderWay(Some(import)),
            other => Self::Store(other),
        }
    }
}

/// A job that was begun.
#[derive(Debug)]
pub struct Ticket {
    pub id: i64,
    ended: watch::Receiver<bool>,
}

impl Ticket {
    /// Whether it ended within this time.
    pub async fn ended_within(&mut self, time: Duration) -> bool {
        let ended = self.ended.wait_for(|ended| *ended);
        tokio::time::timeout(time, ended).await.is_ok()
    }
}

/// The one place for imports; clones share it.
#[derive(Debug, Clone)]
pub struct Desk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    folder: PathBuf,
    turn: Arc<Semaphore>,
    now: Mutex<Option<Working>>,
    /// Whether accounts are being changed.
    changing: watch::Sender<bool>,
}

/// What is under way.
#[derive(Debug, Clone, Copy)]
struct Working {
    id: i64,
    progress: Progress,
}

/// How a job tells what it does.
#[derive(Debug)]
pub(super) struct Teller {
    desk: Desk,
    around: Arc<dyn Around>,
    pub(super) id: i64,
    progress: Progress,
    state: ImportState,
    told_at: Option<Instant>,
    turn: Option<OwnedSemaphorePermit>,
    ended: watch::Sender<bool>,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new(std::env::temp_dir(), Limits::default())
    }
}

impl Desk {
    /// Uploads lie in this folder, sealed and nameless.
    pub fn new(folder: PathBuf, limits: Limits) -> Self {
        Self(Arc::new(Inner {
            limits,
            folder,
            turn: Arc::new(Semaphore::new(1)),
            now: Mutex::default(),
            changing: watch::Sender::new(false),
        }))
    }

    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// A place for a sheet that comes in.
    pub fn upload(&self) -> std::io::Result<Upload> {
        Upload::begin(self.folder())
    }

    /// Begins an import.
    pub async fn begin(&self, ground: Ground, order: Order, upload: Uploaded) -> Result<Ticket, BeginError> {
        let turn = self.turn()?;
        recover::finish_all(&ground).await?;
        let new = NewImport {
            who: order.who.clone(),
            dry_run: order.dry_run,
            platform: platform_name(order.rules.platform),
        };
        let id = ground.store.begin_import(new).await?;
        let (teller, ticket) = self.teller(&ground, id, turn);
        tokio::spawn(Job::new(ground, order, teller).run(upload));
        Ok(ticket)
    }

    /// Begins to take the last import back.
    pub async fn undo(&self, ground: Ground, id: i64, who: &str) -> Result<Ticket, BeginError> {
        let turn = self.turn()?;
        recover::finish_all(&ground).await?;
        let row = ground.store.import(id).await?.ok_or(BeginError::Unknown(id))?;
        let not = |why| Err(BeginError::NotToBeUndone { id, why });
        if let Some(why) = refusal(&row, ground.clock.now()) {
            return not(why);
        }
        if ground.store.has_later_import(id).await? {
            return not("a later one has changed something since");
        }
        let audit = AuditEntry::new(who, "accounts.import.undo", id.to_string());
        ground.store.begin_undo(id, audit).await?;
        let (teller, ticket) = self.teller(&ground, id, turn);
        tokio::spawn(Undo::new(ground, row, teller).run());
        Ok(ticket)
    }

    fn turn(&self) -> Result<OwnedSemaphorePermit, BeginError> {
        let turn = Arc::clone(&self.0.turn).try_acquire_owned();
        turn.map_err(|_| BeginError::UnderWay(self.working().as_ref().map(|working| working.id)))
    }

    pub(super) fn teller(&self, ground: &Ground, id: i64, turn: OwnedSemaphorePermit) -> (Teller, Ticket) {
        let ended = watch::Sender::new(false);
        let ticket = Ticket {
            id,
            ended: ended.subscribe(),
        };
        let progress = Progress::default();
        *self.working() = Some(Working { id, progress });
        let teller = Teller {
            desk: self.clone(),
            around: Arc::clone(&ground.around),
            id,
            progress,
            state: ImportState::Reading,
            told_at: None,
            turn: Some(turn),
            ended,
        };
        (teller, ticket)
    }

    fn working(&self) -> MutexGuard<'_, Option<Working>> {
        self.0.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nobody changes accounts, now or within this time.
    pub async fn settled(&self, within: Duration) -> bool {
        let mut changing = self.0.changing.subscribe();
        let settled = changing.wait_for(|changing| !changing);
        tokio::time::timeout(within, settled).await.is_ok()
    }

    /// An import as it is told, with how far it is now.
    pub fn view(&self, row: ImportRow) -> Import {
        let undo_until = row
            .ended_at
            .filter(|_| row.state == ImportState::Done && row.was_decided());
        let undo_until = undo_until.and_then(|ended| ended.checked_add(UNDO_WITHIN).ok());
        let working = *self.working();
        let stored = Progress {
            read: row
                .report
                .as_ref()
                .and_then(|report| report["rows"].as_u64())
                .unwrap_or_default() as u32,
            total: row.rows_total,
            applied: row.rows_applied,
        };
        Import {
            id: row.id,
            state: row.state.as_str().to_owned(),
            dry_run: row.dry_run,
            who: row.who,
            platform: row.platform,
            started_at: row.started_at,
            ended_at: row.ended_at,
            progress: match working {
                Some(working) if working.id == row.id && !row.state.is_over() => working.progress,
                _ => stored,
            },
            undo_until,
            report: row.report.and_then(read),
            undo: row.undo.and_then(read),
        }
    }
}

/// Reports are written by this program; one that an older version wrote otherwise is left out.
fn read<T: serde::de::DeserializeOwned>(json: Value) -> Option<T> {
    serde_json::from_value(json).ok()
}

/// Why an import cannot be taken back.
fn refusal(row: &ImportRow, now: Timestamp) -> Option<&'static str> {
    if row.dry_run {
        return Some("it was a dry run");
    }
    match row.state {
        ImportState::Done => {}
        ImportState::Undone => return Some("it was taken back already"),
        ImportState::Reading | ImportState::Applying | ImportState::Undoing => {
            return Some("it is under way");
        }
        _ => return Some("it changed nothing"),
    }
    if !row.was_decided() {
        return Some("it changed nothing");
    }
    let old = row
        .ended_at
        .is_none_or(|ended| now.duration_since(ended) > UNDO_WITHIN);
    old.then_some("it is older than 24 hours")
}

impl Teller {
    /// So many rows are read and compared.
    pub(super) fn read(&mut self, rows: u32) {
        self.progress.read = rows;
        self.tell(ImportState::Reading);
    }

    /// From now on accounts are changed: `applied` of `total` rows are in force.
    pub(super) fn changes(&mut self, state: ImportState, total: u32, applied: u32) {
        self.progress.total = total;
        self.progress.applied = applied;
        self.desk.0.changing.send_replace(true);
        self.tell(state);
    }

    fn tell(&mut self, state: ImportState) {
        if let Some(working) = self.desk.working().as_mut() {
            working.progress = self.progress;
        }
        let soon = self.told_at.is_some_and(|at| at.elapsed() < TOLD_EVERY);
        if !(soon && self.state == state) {
            self.told_at = Some(Instant::now());
            self.state = state;
            self.around.told(self.id, state, self.progress);
        }
    }

    /// It is over, in this state as far as it is known.
    pub(super) fn end(mut self, state: Option<ImportState>) {
        if let Some(state) = state {
            self.tell(state);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        *self.desk.working() = None;
        // Whoever waits for the end may begin the next one at once.
        self.turn = None;
        self.desk.0.changing.send_replace(false);
        self.ended.send_replace(true);
    }
}
