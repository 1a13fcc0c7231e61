//! What the rest of the controller sees of the fleet: phones, hosts, events. Plain values.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use shared::device::{Device, DeviceState, Serial};
use uuid::Uuid;

use crate::store::DeviceRow;

/// All phones that a host has reported since the controller's start, by serial.
pub type LiveDevices = Arc<BTreeMap<Serial, Arc<LiveDevice>>>;

/// A phone as its host tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveDevice {
    pub device: Device,
    pub host: Uuid,
    pub host_name: String,
    /// What the database keeps of it: index, name, groups; `None` until it has said who it is.
    pub row: Option<DeviceRow>,
}

impl LiveDevice {
    /// Whether an operator means this phone by `name`.
    pub fn answers_to(&self, name: &str) -> bool {
        self.device.answers_to(name)
    }
}

/// A host that is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveHost {
    pub id: Uuid,
    pub name: String,
    pub connected_since: Timestamp,
    /// Of the link, as it is now.
    pub rtt: Duration,
    pub agent_version: String,
    pub address: SocketAddr,
    /// How many phones it reports, in whatever state.
    pub devices: usize,
}

/// Something that happened, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetEvent {
    pub at: Timestamp,
    pub kind: EventKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventKind {
    /// A phone is seen for the first time since the controller's start.
    DeviceAdded {
        serial: Serial,
        host: Uuid,
        state: DeviceState,
    },
    /// Something that a reader would notice has changed: a fact, an alias, its host, its row.
    DeviceChanged {
        serial: Serial,
    },
    StateChanged {
        serial: Serial,
        from: DeviceState,
        to: DeviceState,
        reason: Option<String>,
    },
    /// No phone goes by this name any longer: it turned out to be one with a name of its own.
    DeviceRemoved {
        serial: Serial,
    },
    /// A host joined the farm with a token.
    HostEnrolled {
        host: Uuid,
        name: String,
    },
    HostConnected {
        host: Uuid,
        name: String,
    },
    HostLost {
        host: Uuid,
        name: String,
        reason: String,
    },
    /// A host knocked and was not let in.
    HostRefused {
        host: Uuid,
        name: String,
        reason: String,
    },
    HostRevoked {
        host: Uuid,
        name: String,
    },
}

impl EventKind {
    /// Short and stable, for readers that choose: "state_changed".
    pub fn name(&self) -> &'static str {
        match self {
            Self::DeviceAdded { .. } => "device_added",
            Self::DeviceChanged { .. } => "device_changed",
            Self::StateChanged { .. } => "state_changed",
            Self::DeviceRemoved { .. } => "device_removed",
            Self::HostEnrolled { .. } => "host_enrolled",
            Self::HostConnected { .. } => "host_connected",
            Self::HostLost { .. } => "host_lost",
            Self::HostRefused { .. } => "host_refused",
            Self::HostRevoked { .. } => "host_revoked",
        }
    }
}
