//! The farm's memory: devices, hosts, tokens, settings, who changed what. One SQL text for SQLite and Postgres; each
//! table's row type stands beside its queries in `store/`.
//!
//! Knows nothing of HTTP, of links and of what the rows are good for. No SQL is written anywhere else.

pub mod accounts;
mod address;
pub mod api_tokens;
pub mod artifacts;
pub mod attempts;
pub mod attention;
pub mod audit;
mod batch;
pub(crate) mod copy;
mod counters;
pub mod devices;
mod dialect;
mod error;
pub mod evidence;
mod fence;
pub mod flow_stats;
pub mod grants;
pub mod groups;
pub mod hosts;
pub mod imports;
mod in_step;
pub mod join_tokens;
pub mod journals;
pub mod leadership;
mod listing;
pub mod logins;
mod many;
pub mod materials;
mod migrate;
pub mod packs;
pub mod queue;
mod row;
pub mod schedules;
pub mod sealed;
mod session;
pub mod settings;
pub mod tasks;
pub mod users;
pub mod vault_keys;
mod writer;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use shared::clock::SharedClock;
use sqlx::PgPool;
use sqlx::sqlite::SqlitePool;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use accounts::{
    AccountMove, AccountQuery, AccountRow, AccountSecrets, AccountSort, ListedAccount, STATISTICS_KEPT_DAYS,
    SortKey, StatisticsOfDay, WholeAccount,
};
pub use address::DatabaseUrl;
pub use api_tokens::{ApiTokenRow, NewApiToken};
pub use artifacts::ArtifactRow;
pub use attempts::{
    AttemptLine, AttemptRow, Closed, Ending, Ground, HandOut, How, LiveAttempt, NewAttempt, NotNow, Told,
};
pub use attention::{AttentionRow, NewAttention, Resolution, Resolved, ShownAttention, Verdict};
pub use audit::{AuditEntry, AuditRow};
pub use batch::BatchDone;
pub use devices::{DeviceChange, DeviceRow, IndexChange, Replaced, Replacement, SeenDevice};
pub use error::StoreError;
pub use evidence::{FORGOTTEN_AT_ONCE, ForgottenEvidence};
pub use flow_stats::{FlowRuns, MissedElement};
pub use grants::{Asked, GrantRow, GrantRules, Settled};
pub use groups::{GroupChange, GroupRow, MOST_GROUPS, Regrouped};
pub use hosts::{CertificateRow, HostRow, NewHost};
pub use imports::{DecidedImport, ImportRow, ImportState, NewImport};
pub use join_tokens::Taken;
pub use journals::{JournalRow, Stood};
pub use leadership::{Holder, Lead, Lease};
pub use materials::{
    FromLibrary, LibraryWish, MaterialQuery, MaterialRow, MaterialSort, MaterialSortKey, NewMaterial,
    NoneLeft, TakenIn,
};
pub use packs::{
    NewPackVersion, PackContent, PackOrigin, PackRow, PackTexts, PackVersionRow, changed_meanwhile,
};
pub use queue::Queue;
pub use schedules::{
    Fired, Firing, NamingSchedule, NextMoment, RunOutcome, RunRow, RunState, ScheduleRow, ScheduleSpec,
    Turned,
};
pub use sealed::{KeyId, Resealed, SEALED, Sealed, SealedColumn, SealedRow};
pub use settings::SettingChange;
pub use tasks::{
    AnswerKey, Created, Gone, ListedTask, NewTask, TaskChange, TaskCounts, TaskError, TaskQuery, TaskRow,
    TaskSort, TaskSortKey, TaskSource, TaskStory, ToldAttempt,
};
pub use users::{NewUser, UserChange, UserRow};
pub use vault_keys::VaultKeyRow;

use fence::Fence;
use session::Session;
use writer::{Job, Task, Work};

/// Part of a list: pages count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub number: u32,
    pub size: u32,
}

impl Page {
    fn offset(self) -> i64 {
        i64::from(self.number.saturating_sub(1)) * i64::from(self.size)
    }
}

/// Rows of a page, and how many there are on all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    pub total: u64,
}

/// The farm's database. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    backend: Backend,
    fence: Fence,
    clock: SharedClock,
    address: Option<DatabaseUrl>,
}

#[derive(Debug)]
enum Backend {
    Sqlite {
        jobs: mpsc::Sender<Box<dyn Job>>,
        /// None for a database in memory, which the writer alone can see.
        readers: Option<SqlitePool>,
        /// Whoever asks stands still until the answer is there.
        in_step: bool,
        closing: CancellationToken,
        writer: Mutex<Option<JoinHandle<()>>>,
    },
    Postgres(PgPool),
}

impl Store {
    /// Opens the database, makes it where it is missing, and brings it to the version of this program.
    pub async fn open(url: &DatabaseUrl, clock: SharedClock) -> Result<Self, StoreError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                make_private(path).map_err(|source| {
                    StoreError::failed(format!("making the database {}", path.display()), source)
                })?;
                let writer = dialect::sqlite_writer(path).await?;
                let readers = dialect::sqlite_readers(path);
                Self::over_sqlite(Session::Sqlite(Box::new(writer)), Some(readers), clock, Some(url)).await
            }
            DatabaseUrl::Postgres(address) => {
                let backend = Backend::Postgres(dialect::postgres(address).await?);
                Self::migrated(backend, Fence::default(), clock, Some(url)).await
            }
        }
    }

    /// A database that is gone with its last clone; for tests.
    pub async fn memory(clock: SharedClock) -> Result<Self, StoreError> {
        let session = Session::Sqlite(Box::new(dialect::sqlite_memory().await?));
        Self::over_sqlite(session, None, clock, None).await
    }

    /// The same for a simulator, whose time is not this machine's: whoever asks it stands still, his whole thread, until
    /// the answer is there. No runtime is needed.
    pub fn memory_in_step(clock: SharedClock) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(writer::QUEUE);
        let fence = Fence::default();
        let closing = CancellationToken::new();
        let (writers_fence, writers_closing) = (fence.clone(), closing.clone());
        let session = in_step::wait(dialect::sqlite_memory())?;
        let session = Session::Sqlite(Box::new(session));
        std::thread::spawn(move || {
            in_step::wait(writer::run(session, queue, writers_fence, writers_closing));
        });
        let backend = Backend::Sqlite {
            jobs,
            readers: None,
            in_step: true,
            closing,
            writer: Mutex::default(),
        };
        in_step::wait(Self::migrated(backend, fence, clock, None))
    }

    async fn over_sqlite(
        session: Session,
        readers: Option<SqlitePool>,
        clock: SharedClock,
        address: Option<&DatabaseUrl>,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(writer::QUEUE);
        let fence = Fence::default();
        let closing = CancellationToken::new();
        let writer = tokio::spawn(writer::run(session, queue, fence.clone(), closing.clone()));
        let backend = Backend::Sqlite {
            jobs,
            readers,
            in_step: false,
            closing,
            writer: Mutex::new(Some(writer)),
        };
        Self::migrated(backend, fence, clock, address).await
    }

    async fn migrated(
        backend: Backend,
        fence: Fence,
        clock: SharedClock,
        address: Option<&DatabaseUrl>,
    ) -> Result<Self, StoreError> {
        let store = Self {
            inner: Arc::new(Inner {
                backend,
                fence,
                clock,
                address: address.cloned(),
            }),
        };
        let now = store.now();
        let migrated = store
            .write(move |session| Box::pin(migrate::apply(session, now)))
            .await;
        if let Err(error) = migrated {
            store.close().await;
            return Err(error);
        }
        Ok(store)
    }

    /// Where it is; `None` for one in memory.
    pub fn address(&self) -> Option<&DatabaseUrl> {
        self.inner.address.as_ref()
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|session| Box::pin(async move { session::sql("SELECT 1").row(session).await.map(drop) }))
            .await
    }

    /// Finishes what was asked for and lets go of the database; all clones are closed with it.
    pub async fn close(&self) {
        match &self.inner.backend {
            Backend::Sqlite {
                readers,
                closing,
                writer,
                ..
            } => {
                if let Some(readers) = readers {
                    readers.close().await;
                }
                closing.cancel();
                if let Some(writer) = writer.lock().await.take() {
                    let _ = writer.await;
                }
            }
            Backend::Postgres(pool) => pool.close().await,
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        // The tables know milliseconds: what is answered at once must equal what is read back.
        let now = self.inner.clock.now();
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Does `work` in a transaction that is committed when this returns `Ok`, and did not happen where it returns an
    /// error (but for [`StoreError::Unconfirmed`]). What was asked for is done even if nobody waits for the answer.
    /// Refused where this process had the role of the controller and lost it.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
    {
        self.write_with(work, true).await
    }

    /// The same for what needs no role: to ask for one.
    pub(crate) async fn write_unfenced<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
    {
        self.write_with(work, false).await
    }

    async fn write_with<T, F>(&self, work: F, fenced: bool) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
    {
        match &self.inner.backend {
            Backend::Sqlite { jobs, in_step, .. } => {
                let (reply, answer) = oneshot::channel();
                let task = Box::new(Task { work, fenced, reply });
                jobs.send(task).await.map_err(|_| StoreError::Closed)?;
                if *in_step {
                    return in_step::wait(answer).map_err(|_| StoreError::Closed)?;
                }
                answer.await.map_err(|_| StoreError::Closed)?
            }
            Backend::Postgres(pool) => {
                let (pool, fence) = (pool.clone(), self.inner.fence.clone());
                // On a task of its own: a caller that gives up must not leave a transaction half done.
                let work = tokio::spawn(async move {
                    let mut session = Session::Postgres(pool.begin().await.map_err(dialect::error)?);
                    let value = work(&mut session).await?;
                    // As late as can be: the role may change hands while the work runs.
                    if fenced {
                        fence.check(&mut session).await?;
                    }
                    session.commit().await.map_err(writer::unconfirmed)?;
                    Ok(value)
                });
                work.await
                    .map_err(|lost| StoreError::failed("writing to the database", lost))?
            }
        }
    }

    /// Reads with one statement.
    pub(crate) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
    {
        let mut session = match &self.inner.backend {
            Backend::Sqlite { readers: None, .. } => return self.write_unfenced(work).await,
            Backend::Sqlite {
                readers: Some(readers),
                ..
            } => Session::SqliteReader(readers.acquire().await.map_err(dialect::error)?),
            Backend::Postgres(pool) => Session::PostgresReader(pool.acquire().await.map_err(dialect::error)?),
        };
        work(&mut session).await
    }

    /// Reads with several statements that see the same rows.
    pub(crate) async fn snapshot<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
    {
        let mut session = match &self.inner.backend {
            Backend::Sqlite { readers: None, .. } => return self.write_unfenced(work).await,
            Backend::Sqlite {
                readers: Some(readers),
                ..
            } => {
                let begun = readers.begin_with(dialect::SQLITE_SNAPSHOT).await;
                Session::SqliteSnapshot(begun.map_err(dialect::error)?)
            }
            Backend::Postgres(pool) => {
                let begun = pool.begin_with(dialect::POSTGRES_SNAPSHOT).await;
                Session::Postgres(begun.map_err(dialect::error)?)
            }
        };
        work(&mut session).await
    }
}

/// Makes an empty file that only its owner may read, where there is none: the database holds hashes of tokens.
fn make_private(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
