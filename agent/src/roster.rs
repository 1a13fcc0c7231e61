//! Which phones there are, and what is known of each: one table, kept up to date by one task a phone.
//!
//! Hands out phones by any of their names; knows nothing of what is done with them.

mod caretaker;
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
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::adb::network::{Keeper, Lanes, canonical};
use crate::adb::supervise::{ServerStatus, Supervision};
use crate::adb::track::{self, Listing};
use crate::adb::{AdbPhone, AdbServer};
use caretaker::Caretaker;
use names::Names;
use table::Table;

/// How many words of workers and keepers may wait to be heard.
const NEWS_LIMIT: usize = 1_024;

/// How many changes a slow listener may be behind.
const CHANGES_LIMIT: usize = 1_024;

/// How many phones may be asked at once who they are.
const ENTRANCE: usize = 64;

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
