//! Gives tasks to phones: woken by what happens, with a timer as backstop. Decides from plain values; what it does is
//! written down first and can be done again.
//!
//! Knows the store, the fleet and the vault, nothing of HTTP.

mod board;
mod desk;
pub mod due;
mod evidence;
mod expire;
mod files;
mod hand;
mod hosts;
mod lost;
mod replaced;
mod results;
mod retry;
mod supplies;
mod tick;

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::clock::SharedClock;
use shared::device::Serial;
use shared::task::TaskState;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use desk::artifact_file;
pub use files::LocalFiles;
pub use hosts::Hosts;
pub use retry::proof_of_main_act;
#[cfg(test)]
pub(crate) use supplies::NoMaterials;
pub use supplies::{Chosen, FlowRef, Materials, Packs, Supply, SupplyError};

use crate::settings::WorkRules;
use crate::store::{AccountRow, AttentionRow, Store, StoreError, TaskRow};
use crate::vault::Vault;
use board::{Board, Working};

/// The timer behind the events.
const TICK: Duration = Duration::from_secs(1);

/// The scheduler as others see it; clones are one. Without an engine that runs it, it only remembers who was woken.
#[derive(Debug, Clone, Default)]
pub struct Scheduler(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    board: Mutex<Board>,
    wake: Notify,
    rules: std::sync::RwLock<Arc<WorkRules>>,
    /// What keeps phones from beginning anything, as it was found last.
    obstacles: Mutex<std::collections::BTreeMap<String, String>>,
}

/// Something that happened to a task, for whoever listens.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskNews<'a> {
    /// It has another state.
    State(&'a TaskRow),
    Progress {
        task: i64,
        percent: u8,
        line: &'a str,
    },
    Line {
        task: i64,
        at: Timestamp,
        line: &'a str,
    },
    /// A file of evidence has come from its host, be it after its end.
    File {
        task: i64,
        name: &'a str,
    },
    /// It waits for a person.
    Attention(&'a AttentionRow),
}

/// Who hears what happens to tasks.
pub trait Listener: Send + Sync + fmt::Debug {
    fn told(&self, at: Timestamp, news: TaskNews<'_>);
    /// So long a task took from when it could begin until its order was taken.
    fn dispatched(&self, took: Duration);
    /// Accounts that a flow has read something of.
    fn accounts(&self, at: Timestamp, created: bool, accounts: &[AccountRow]);
}

/// What the scheduler works with.
#[derive(Debug, Clone)]
pub struct Parts {
    pub store: Store,
    pub vault: Vault,
    pub hosts: Arc<dyn Hosts>,
    pub packs: Arc<dyn Packs>,
    pub materials: Arc<dyn Materials>,
    pub listener: Arc<dyn Listener>,
    pub clock: SharedClock,
    /// Evidence lies in `artifacts` below it.
    pub data_dir: PathBuf,
    /// Phones that may work at the same time.
    pub device_limit: usize,
}

/// The engine; clones are one.
#[derive(Debug, Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    parts: Parts,
    scheduler: Scheduler,
    started_at: Timestamp,
    tasks: TaskTracker,
    /// Held while old evidence is removed.
    sweeping: tokio::sync::Mutex<()>,
}

impl Scheduler {
    /// Something has changed for these phones.
    pub fn wake<'a>(&self, serials: impl IntoIterator<Item = &'a Serial>) {
        {
            let mut board = self.board();
            for serial in serials {
                board.wake(&serial.0);
            }
        }
        self.0.wake.notify_one();
    }

    /// Something has changed for any phone.
    pub fn wake_all(&self) {
        self.board().all_woken = true;
        self.0.wake.notify_one();
    }

    /// The settings in force from now on.
    pub fn set_rules(&self, rules: WorkRules) {
        *self.0.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
        self.wake_all();
    }

    pub fn rules(&self) -> Arc<WorkRules> {
        Arc::clone(&self.0.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which hosts are waited for after the database was taken back; `None` where none is.
    pub fn recovering(&self) -> Option<String> {
        let board = self.board();
        let hosts: Vec<String> = board.untold.iter().map(Uuid::to_string).collect();
        (!hosts.is_empty()).then(|| {
            format!(
                "recovering: these hosts have not told yet what they did before the database was taken back: {}; go on without one: drover-controller restore accept --host ID",
                hosts.join(", ")
            )
        })
    }

    /// The task that has a phone.
    pub fn running(&self, serial: &str) -> Option<i64> {
        self.board().working(serial).map(|working| working.task)
    }

    /// Why a task waits: what keeps its phone, else what was noted of it.
    pub fn waiting_for(&self, task: &TaskRow, now: Timestamp) -> Option<String> {
        let pending = matches!(task.state, TaskState::Waiting | TaskState::Retrying);
        if !pending {
            return task.waiting_for.clone();
        }
        if task.due_at > now {
            let noted = task.waiting_for.clone();
            return noted.or_else(|| Some(format!("due: its time is {}", task.due_at)));
        }
        let phone = lock(&self.0.obstacles).get(&task.serial.0).cloned();
        let busy = self
            .running(&task.serial.0)
            .map(|other| format!("phone_busy: task {other} runs on its phone"));
        busy.or(phone)
            .or_else(|| task.waiting_for.clone())
            .or_else(|| Some("queue: its turn comes".to_owned()))
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        lock(&self.0.board)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    pub fn new(scheduler: Scheduler, parts: Parts) -> Self {
        scheduler.board().limit = parts.device_limit;
        let started_at = parts.clock.now();
        Self {
            inner: Arc::new(Inner {
                parts,
                scheduler,
                started_at,
                tasks: TaskTracker::new(),
                sweeping: tokio::sync::Mutex::default(),
            }),
        }
    }

    /// Works until `stop`; [`Self::prepare`] comes before.
    pub async fn run(&self, stop: CancellationToken) {
        let mut events = self.inner.parts.hosts.events();
        let scheduler = &self.inner.scheduler;
        scheduler.wake_all();
        self.sweep_evidence(true);
        let mut next_tick = self.now();
        loop {
            let left = Duration::try_from(next_tick.duration_since(self.now())).unwrap_or_default();
            tokio::select! {
                () = stop.cancelled() => break,
                () = scheduler.0.wake.notified() => {}
                event = events.recv() => self.hear_fleet(event),
                () = self.inner.parts.clock.sleep(left) => {
                    self.tick().await;
                    let tick = SignedDuration::try_from(TICK).unwrap_or(SignedDuration::ZERO);
                    next_tick = self.now().saturating_add(tick).unwrap_or(next_tick);
                }
            }
            self.dispatch_woken().await;
        }
        self.write_told(None).await;
        self.inner.tasks.close();
        // What is under way is written down already and goes on after the next start.
        let _ = tokio::time::timeout(TICK, self.inner.tasks.wait()).await;
    }

    /// Reads what the database knows of work that is under way, before any host is let in.
    pub async fn prepare(&self) -> Result<(), StoreError> {
        let store = self.store();
        let (live, untold) = (store.live_attempts(None).await?, store.untold_hosts().await?);
        let now = self.now();
        let mut numbers = Vec::new();
        for one in &live {
            numbers.push((one.attempt.id, store.count_lines(one.attempt.id).await?));
        }
        {
            let mut board = self.board();
            *board = Board::of(self.inner.parts.device_limit);
            for (attempt, from) in numbers {
                board.lines_go_on(attempt, from);
            }
            for one in &live {
                board.put(Working::of(&one.attempt));
                if board.journal(one.attempt.host).is_none() {
                    board.host_away(one.attempt.host, now);
                }
            }
        }
        self.set_untold(untold);
        Ok(())
    }

    fn set_untold(&self, untold: BTreeSet<Uuid>) {
        self.board().untold = untold;
    }

    fn store(&self) -> &Store {
        &self.inner.parts.store
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.inner.scheduler.board()
    }

    fn rules(&self) -> Arc<WorkRules> {
        self.inner.scheduler.rules()
    }

    fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    fn tell(&self, news: TaskNews<'_>) {
        if let TaskNews::State(task) = &news
            && task.state == TaskState::Person
        {
            let (engine, task) = (self.clone(), task.id);
            self.spawn(async move { engine.tell_who_waits(task).await });
        }
        self.inner.parts.listener.told(self.now(), news);
    }

    /// A person is asked for: tells for what.
    async fn tell_who_waits(&self, task: i64) {
        match self.store().attention_of(task).await {
            Ok(items) => {
                for item in &items {
                    self.tell(TaskNews::Attention(item));
                }
            }
            Err(error) => complain("reading what a person is asked for", &error),
        }
    }

    /// Does something beside the loop.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.inner.tasks.spawn(work);
    }
}

/// Errors of the store are told once, here, and the same is tried again with the next tick.
fn complain(doing: &str, error: &StoreError) {
    tracing::error!(error = error as &dyn std::error::Error, "{doing}");
}

#[cfg(test)]
mod tests;
