//! Which phones there are, and what is known of each: one table, kept up to date by one task a phone.
//!
//! Hands out phones by any of their names; knows nothing of what is done with them.

mod names;
mod table;
mod worker;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use shared::clock::SharedClock;
use shared::device::{Device, DeviceState, Serial};
use tokio::sync::{Notify, Semaphore, broadcast, mpsc, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::adb::network::{Keeper, Lanes, Reach, canonical};
use crate::adb::supervise::{ServerStatus, Supervision};
use crate::adb::track::{self, Listing};
use crate::adb::{AdbPhone, AdbServer, Transport};
use names::Names;
use table::{ServerIs, Table};
use worker::{News, Role, Worker};

/// How many words of workers and keepers may wait to be heard.
const NEWS_LIMIT: usize = 1_024;

/// How many changes a slow listener may be behind.
const CHANGES_LIMIT: usize = 1_024;

/// How many phones may be asked at once who they are.
const ENTRANCE: usize = 64;

/// How often knowledge becomes state, and states that depend on time are looked at.
const TICK: Duration = Duration::from_millis(100);

/// How often a table is published that differs in facts only.
const FACTS_EVERY: Duration = Duration::from_millis(300);

/// A server that was just started here may not have looked at its USB ports yet.
const OWN_SERVER_WARMUP: Duration = Duration::from_secs(2);

/// How long everything may take to stop.
const STOP: Duration = Duration::from_secs(5);

/// All phones that were seen since the start.
pub type Devices = Arc<BTreeMap<Serial, Device>>;

/// What the roster is to look after.
#[derive(Debug, Clone)]
pub struct RosterConfig {
    pub adb_server: SocketAddr,
    /// Start an adb server where none answers at `adb_server`, and keep it running.
    pub supervise: bool,
    /// The program to start; `adb` from PATH where none is named.
    pub adb_binary: Option<PathBuf>,
    /// Network phones to keep connected.
    pub connect: Vec<String>,
    /// Remembers over restarts which of two phones with one serial is `~2`.
    pub state: Option<PathBuf>,
}

/// Something that happened to a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub serial: Serial,
    pub what: Changed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    Added,
    /// A phone known only by its address or cable turned out to be one with a name of its own.
    Renamed {
        to: Serial,
    },
    State {
        from: DeviceState,
        to: DeviceState,
        reason: Option<String>,
    },
    /// The next table has them.
    Facts,
}

/// Starts everything.
#[derive(Debug)]
pub struct Roster;

/// The running roster. Its clones are one; when the last is dropped, all stops.
#[derive(Debug, Clone)]
pub struct RosterHandle {
    devices: watch::Receiver<Devices>,
    changes: broadcast::Sender<Change>,
    phones: watch::Receiver<Phones>,
    settled: watch::Receiver<bool>,
    server: watch::Receiver<ServerStatus>,
    running: Arc<Running>,
}

type Phones = Arc<BTreeMap<Serial, AdbPhone>>;

#[derive(Debug)]
struct Running {
    stop: CancellationToken,
    tasks: tokio::sync::Mutex<JoinSet<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Roster {
    /// Must be called within a tokio runtime.
    pub fn start(config: RosterConfig, clock: SharedClock) -> RosterHandle {
        let stop = CancellationToken::new();
        let server = AdbServer::new(config.adb_server);
        let mut tasks = JoinSet::new();
        let (status, server_status) = watch::channel(ServerStatus::Looking);
        if config.supervise {
            let supervision = Supervision {
                server,
                binary: config.adb_binary.clone(),
            };
            tasks.spawn(supervision.run(status, stop.clone()));
        }
        let (listing, listed) = watch::channel(Listing::default());
        tasks.spawn(track::run(server, listing, stop.clone()));
        let (news_in, news) = mpsc::channel(NEWS_LIMIT);
        let (reach_in, reach) = mpsc::channel(NEWS_LIMIT);
        let addresses: Vec<String> = config.connect.iter().map(|address| canonical(address)).collect();
        let mut keepers = BTreeMap::new();
        let lanes = Arc::new(Lanes::default());
        for address in &addresses {
            let renew = Arc::new(Notify::new());
            let keeper = Keeper {
                server,
                address: address.clone(),
                listing: listed.clone(),
                lanes: Arc::clone(&lanes),
                renew: Arc::clone(&renew),
                reach: reach_in.clone(),
            };
            let stop = stop.clone();
            tasks.spawn(async move {
                let _ = stop.run_until_cancelled(keeper.run()).await;
            });
            keepers.insert(address.clone(), renew);
        }
        let (devices_out, devices) = watch::channel(Devices::default());
        let (phones_out, phones) = watch::channel(Phones::default());
        let (settled_out, settled) = watch::channel(false);
        let changes = broadcast::Sender::new(CHANGES_LIMIT);
        let keeper_of_the_table = Caretaker {
            table: Table::new(remembered(config.state.as_ref()), addresses),
            server,
            clock,
            listed,
            status: server_status.clone(),
            up_since: None,
            keepers,
            workers: BTreeMap::new(),
            entrance: Arc::new(Semaphore::new(ENTRANCE)),
            news_in,
            state: config.state,
            devices: devices_out,
            phones: phones_out,
            settled: settled_out,
            changes: changes.clone(),
            published: None,
            saving: None,
        };
        tasks.spawn(keeper_of_the_table.run(news, reach, stop.clone()));
        RosterHandle {
            devices,
            changes,
            phones,
            settled,
            server: server_status,
            running: Arc::new(Running {
                stop,
                tasks: tokio::sync::Mutex::new(tasks),
            }),
        }
    }
}

/// What was remembered of names; a file that cannot be read is told and costs no more than stable `~2`s.
fn remembered(path: Option<&PathBuf>) -> Names {
    let Some(path) = path else { return Names::default() };
    Names::load(path).unwrap_or_else(|error| {
        tracing::warn!(path = %path.display(), %error, "the names of phones with one serial cannot be read");
        Names::default()
    })
}

impl RosterHandle {
    /// The table as it is now.
    pub fn devices(&self) -> Devices {
        self.devices.borrow().clone()
    }

    /// The table and its changes, coalesced.
    pub fn watch(&self) -> watch::Receiver<Devices> {
        self.devices.clone()
    }

    /// Each change from now on. Who lags loses the oldest and should read the table again.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// The phone that `name` means (serial or alias), through its best present connection.
    pub fn phone(&self, name: &str) -> Option<AdbPhone> {
        let serial = self.find(name)?.serial;
        self.phones.borrow().get(&serial).cloned()
    }

    /// What is known of the phone that `name` means.
    pub fn find(&self, name: &str) -> Option<Device> {
        let devices = self.devices.borrow();
        let exact = devices.get(&Serial(name.to_owned()));
        exact
            .or_else(|| devices.values().find(|device| device.answers_to(name)))
            .cloned()
    }

    /// What is known of the adb server; `Looking` for good where it is not looked after.
    pub fn server(&self) -> ServerStatus {
        self.server.borrow().clone()
    }

    /// Waits until every phone that adb lists and every address to connect has been identified or has a state that
    /// says why not, and the first facts are read. False where that took longer than `deadline`.
    pub async fn wait_settled(&self, deadline: Duration) -> bool {
        let mut settled = self.settled.clone();
        let reached = tokio::time::timeout(deadline, settled.wait_for(|settled| *settled)).await;
        matches!(reached, Ok(Ok(_)))
    }

    /// Stops all tasks, and the adb server where it is ours.
    pub async fn stop(&self) {
        self.running.stop.cancel();
        let mut tasks = self.running.tasks.lock().await;
        let all = async { while tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(STOP, all).await.is_err() {
            tasks.abort_all();
        }
    }
}

/// Owns the table: hears what happens, starts and ends workers, publishes.
struct Caretaker {
    table: Table,
    server: AdbServer,
    clock: SharedClock,
    listed: watch::Receiver<Listing>,
    status: watch::Receiver<ServerStatus>,
    up_since: Option<Instant>,
    /// By address: poked to connect anew.
    keepers: BTreeMap<String, Arc<Notify>>,
    workers: BTreeMap<Transport, Employed>,
    entrance: Arc<Semaphore>,
    news_in: mpsc::Sender<(Transport, News)>,
    state: Option<PathBuf>,
    devices: watch::Sender<Devices>,
    phones: watch::Sender<Phones>,
    settled: watch::Sender<bool>,
    changes: broadcast::Sender<Change>,
    /// When the table was last given out.
    published: Option<Instant>,
    /// The writing of the names that is under way.
    saving: Option<JoinHandle<()>>,
}

/// A worker's task and what it is told.
struct Employed {
    phone: AdbPhone,
    role: watch::Sender<Role>,
    task: JoinHandle<()>,
}

impl Drop for Employed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How much of the table differs from what was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dirt {
    None,
    Facts,
    State,
}

impl Caretaker {
    async fn run(
        mut self,
        mut news: mpsc::Receiver<(Transport, News)>,
        mut reach: mpsc::Receiver<(String, Reach)>,
        stop: CancellationToken,
    ) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut dirt = Dirt::State;
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = ticks.tick() => {
                    dirt = self.settle(dirt);
                    continue;
                }
                changed = self.listed.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    self.hear_listing();
                    self.employ();
                }
                Some((key, news)) = news.recv() => {
                    let now = self.clock.now();
                    if let Some(address) = self.table.news(&key, news, now)
                        && let Some(keeper) = self.keepers.get(&address)
                    {
                        keeper.notify_one();
                    }
                }
                Some((address, reached)) = reach.recv() => self.table.reach(&address, reached),
            }
            dirt = dirt.max(Dirt::Facts);
        }
        self.workers.clear();
        self.finish_saving().await;
        self.remember();
        self.finish_saving().await;
    }

    async fn finish_saving(&mut self) {
        if let Some(task) = self.saving.take() {
            // A panic in there was told by the runtime.
            let _ = task.await;
        }
    }

    fn hear_listing(&mut self) {
        let listing = self.listed.borrow_and_update().clone();
        let now = self.clock.now();
        if listing.up_since != self.up_since {
            self.up_since = listing.up_since;
            self.workers.clear();
            self.table.server(match listing.up_since {
                Some(_) => ServerIs::Up { since: now },
                None => ServerIs::Down(self.why_down()),
            });
        }
        if listing.up_since.is_some() {
            self.table.listing(&listing.devices, now);
        }
    }

    fn why_down(&self) -> String {
        match &*self.status.borrow() {
            ServerStatus::Failed(why) => why.clone(),
            _ => "the adb server does not answer".to_owned(),
        }
    }

    /// Turns what was heard into states, and gives out what is due.
    fn settle(&mut self, heard: Dirt) -> Dirt {
        let now = self.clock.now();
        if self.up_since.is_none() {
            self.table.server(ServerIs::Down(self.why_down()));
        }
        let changes = self.table.settle(now);
        self.employ();
        let state = changes.iter().any(|change| change.what != Changed::Facts);
        let dirt = if state { Dirt::State } else { heard };
        self.remember();
        let due = self.published.is_none_or(|at| at.elapsed() >= FACTS_EVERY);
        let left = if dirt == Dirt::State || (dirt == Dirt::Facts && due) {
            self.publish();
            Dirt::None
        } else {
            dirt
        };
        for change in changes {
            if let Changed::State { from, to, reason } = &change.what {
                let reason = reason.as_deref().unwrap_or_default();
                tracing::info!(serial = %change.serial, %from, %to, reason, "phone");
            }
            // Nobody has to listen.
            let _ = self.changes.send(change);
        }
        let fresh = matches!(*self.status.borrow(), ServerStatus::Own { .. })
            && self.up_since.is_none_or(|up| up.elapsed() < OWN_SERVER_WARMUP);
        let settled = !fresh && left == Dirt::None && self.table.is_settled(now);
        self.settled.send_if_modified(|was| {
            let news = *was != settled;
            *was = settled;
            news
        });
        left
    }

    fn publish(&mut self) {
        self.published = Some(Instant::now());
        let mut phones = BTreeMap::new();
        for serial in self.table.devices.keys() {
            let employed = self.table.main(serial).and_then(|key| self.workers.get(key));
            if let Some(employed) = employed {
                phones.insert(serial.clone(), employed.phone.clone());
            }
        }
        self.phones.send_replace(Arc::new(phones));
        self.devices.send_replace(Arc::new(self.table.devices.clone()));
    }

    /// Starts, ends and instructs workers as the table wants them. One that has ended by a fault of its own is
    /// started again.
    fn employ(&mut self) {
        let wanted = self.table.wanted();
        self.workers
            .retain(|key, employed| wanted.contains_key(key) && !employed.task.is_finished());
        for (key, (role, usb)) in wanted {
            if let Some(employed) = self.workers.get(&key) {
                employed.role.send_if_modified(|was| {
                    let news = *was != role;
                    *was = role;
                    news
                });
                continue;
            }
            let phone = AdbPhone::new(self.server, key.clone());
            let (role_in, role_out) = watch::channel(role);
            let worker = Worker {
                phone: phone.clone(),
                usb,
                role: role_out,
                news: self.news_in.clone(),
                clock: Arc::clone(&self.clock),
                entrance: Arc::clone(&self.entrance),
            };
            let employed = Employed {
                phone,
                role: role_in,
                task: tokio::spawn(worker.run()),
            };
            self.workers.insert(key, employed);
        }
    }

    /// Writes the names down where they have changed.
    fn remember(&mut self) {
        // One writer at a time, or an older text could come out last.
        let busy = self.saving.as_ref().is_some_and(|task| !task.is_finished());
        if busy || !std::mem::take(&mut self.table.names_changed) {
            return;
        }
        let Some(path) = self.state.clone() else { return };
        let names = self.table.names.clone();
        self.saving = Some(tokio::task::spawn_blocking(move || {
            if let Err(error) = names.save(&path) {
                tracing::warn!(path = %path.display(), %error, "the names of phones cannot be kept");
            }
        }));
    }
}
