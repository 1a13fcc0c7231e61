//! Which phones there are, and what is known of each: one table, kept up to date by one task a phone.
//!
//! Hands out phones by any of their names; knows nothing of what is done with them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use shared::clock::SharedClock;
use shared::device::{Device, DeviceState, Serial};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::adb::AdbPhone;

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

/// The running roster.
#[derive(Debug, Clone)]
pub struct RosterHandle {
    devices: watch::Receiver<Devices>,
    changes: broadcast::Sender<Change>,
    phones: watch::Receiver<Arc<BTreeMap<Serial, AdbPhone>>>,
    settled: watch::Receiver<bool>,
    stop: CancellationToken,
}

impl Roster {
    /// Must be called within a tokio runtime.
    pub fn start(_config: RosterConfig, _clock: SharedClock) -> RosterHandle {
        let (_, devices) = watch::channel(Devices::default());
        let (_, phones) = watch::channel(Arc::default());
        let (_, settled) = watch::channel(false);
        RosterHandle {
            devices,
            changes: broadcast::Sender::new(1),
            phones,
            settled,
            stop: CancellationToken::new(),
        }
    }
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
        let exact = devices.values().find(|device| device.serial.0 == name);
        exact
            .or_else(|| devices.values().find(|device| device.answers_to(name)))
            .cloned()
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
        self.stop.cancel();
    }
}
