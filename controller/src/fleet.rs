//! Who is connected: hosts over their links, and the phones that they tell of, merged into one list with events.
//!
//! Knows the store and the link, nothing of HTTP; what is said of work it hands on to the desk.

mod ask;
mod enrol;
mod install;
mod listener;
mod live;
mod pace;
mod record;
mod session;
mod table;
mod tls;
mod work;

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use shared::clock::SharedClock;
use shared::lifecycle::Shutdown;
use shared::wire::Close;
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use ask::{Answer, Ask, AskError, PictureKind};
pub use install::{Apk, InstallProgress, InstallState};
pub use live::{EventKind, FleetEvent, LiveDevice, LiveDevices, LiveHost};
pub use tls::TlsError;
pub use work::{Desk, DeskAnswer, WorkError};

use crate::ca::Authority;
use crate::store::{DeviceRow, Store, StoreError};
use session::Session;
use table::Table;

/// How far a slow reader of events may be behind.
const EVENTS_LIMIT: usize = 4_096;
/// News of many hosts that come together are published together.
const PUBLISH_EVERY: Duration = Duration::from_millis(50);
/// Facts wait longer for one another: a list of ten thousand phones is not made anew for each battery.
const FACTS_EVERY: Duration = Duration::from_millis(250);
/// How long the end of all links may take at a stop.
const STOP: Duration = Duration::from_secs(3);

/// How the fleet listens.
#[derive(Debug, Clone)]
pub struct FleetConfig {
    /// Where agents with a certificate connect (UDP).
    pub data_listen: SocketAddr,
    /// Where agents enrol and renew (UDP).
    pub join_listen: SocketAddr,
    /// The data door's port as agents see it, where something between maps ports; else the one that is bound.
    pub advertised_data_port: Option<u16>,
    /// Whether this controller is the active one on its database; agents are sent on while it is not.
    pub active: watch::Receiver<bool>,
}

/// Where the doors' sockets come from: this machine's system, or a simulated network.
pub trait Net: Send + Sync + fmt::Debug {
    fn listen(
        &self,
        address: SocketAddr,
        endpoint: quinn::EndpointConfig,
        server: quinn::ServerConfig,
    ) -> io::Result<quinn::Endpoint>;
}

/// The system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNet;

impl Net for SystemNet {
    fn listen(
        &self,
        address: SocketAddr,
        endpoint: quinn::EndpointConfig,
        server: quinn::ServerConfig,
    ) -> io::Result<quinn::Endpoint> {
        let socket = std::net::UdpSocket::bind(address)?;
        quinn::Endpoint::new(endpoint, Some(server), socket, Arc::new(quinn::TokioRuntime))
    }
}

/// Why the fleet does not start.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    #[error("cannot listen for agents at {address} (UDP)")]
    Bind { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("reading the known phones")]
    Store(#[from] StoreError),
}

/// The running fleet; clones are one.
#[derive(Debug, Clone)]
pub struct Fleet {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Store,
    ca: Arc<Authority>,
    clock: SharedClock,
    shutdown: Shutdown,
    active: watch::Receiver<bool>,
    data_address: SocketAddr,
    join_address: SocketAddr,
    data_port: u16,
    sessions: Mutex<BTreeMap<Uuid, Arc<Session>>>,
    table: Mutex<Table>,
    /// Events that the next list will bring; bounded by the pace at which hosts are heard.
    pending: Mutex<Vec<FleetEvent>>,
    dirty: Notify,
    /// Something that is no fact has changed.
    urgent: Notify,
    to_record: Notify,
    devices: watch::Sender<LiveDevices>,
    events: broadcast::Sender<FleetEvent>,
    installs: Arc<tokio::sync::Semaphore>,
    /// Who gives work; nobody until the rest of the controller is up.
    desk: std::sync::OnceLock<Arc<dyn Desk>>,
    tasks: TaskTracker,
}

impl Fleet {
    /// Opens both doors. Everything ends with `shutdown`.
    pub async fn start(
        config: FleetConfig,
        store: Store,
        ca: Arc<Authority>,
        clock: SharedClock,
        shutdown: Shutdown,
    ) -> Result<Self, FleetError> {
        Self::start_over(&SystemNet, config, store, ca, clock, shutdown).await
    }

    /// The same over this network.
    pub async fn start_over(
        net: &dyn Net,
        config: FleetConfig,
        store: Store,
        ca: Arc<Authority>,
        clock: SharedClock,
        shutdown: Shutdown,
    ) -> Result<Self, FleetError> {
        let rows = store.list_devices().await?;
        let data = bind(
            net,
            config.data_listen,
            tls::data_door(&ca, &clock)?,
            ca.link_secret(),
        )?;
        let join = bind(
            net,
            config.join_listen,
            tls::join_door(&ca, &clock)?,
            ca.link_secret(),
        )?;
        let bound = |endpoint: &quinn::Endpoint, asked| {
            endpoint.local_addr().map_err(|source| FleetError::Bind {
                address: asked,
                source,
            })
        };
        let data_address = bound(&data, config.data_listen)?;
        let inner = Arc::new(Inner {
            store,
            ca,
            clock,
            shutdown,
            active: config.active,
            data_address,
            join_address: bound(&join, config.join_listen)?,
            data_port: config.advertised_data_port.unwrap_or(data_address.port()),
            sessions: Mutex::default(),
            table: Mutex::new(Table::new(rows)),
            pending: Mutex::default(),
            dirty: Notify::new(),
            urgent: Notify::new(),
            to_record: Notify::new(),
            devices: watch::Sender::new(LiveDevices::default()),
            events: broadcast::Sender::new(EVENTS_LIMIT),
            desk: std::sync::OnceLock::new(),
            installs: Arc::new(tokio::sync::Semaphore::new(install::AT_ONCE)),
            tasks: TaskTracker::new(),
        });
        tracing::info!(data = %inner.data_address, join = %inner.join_address, "listening for agents");
        inner.tasks.spawn(listener::run(Arc::clone(&inner), data));
        inner.tasks.spawn(enrol::run(Arc::clone(&inner), join));
        inner.tasks.spawn(publish(Arc::clone(&inner)));
        inner.tasks.spawn(record::run(Arc::clone(&inner)));
        inner.tasks.spawn(session::watch_revocations(Arc::clone(&inner)));
        inner.tasks.close();
        Ok(Self { inner })
    }

    /// Waits until all links have ended after a shutdown.
    pub async fn stopped(&self) {
        // What has not said goodbye by then will notice by silence.
        let _ = tokio::time::timeout(STOP, self.inner.tasks.wait()).await;
    }

    /// Where agents connect; for the log, for tests.
    pub fn data_address(&self) -> SocketAddr {
        self.inner.data_address
    }

    /// Where agents enrol: what `--controller` of an agent names.
    pub fn join_address(&self) -> SocketAddr {
        self.inner.join_address
    }

    pub fn devices(&self) -> LiveDevices {
        self.inner.devices.borrow().clone()
    }

    pub fn watch(&self) -> watch::Receiver<LiveDevices> {
        self.inner.devices.subscribe()
    }

    /// The phone that is meant: by its serial first, then by any alias.
    pub fn find(&self, name: &str) -> Option<Arc<LiveDevice>> {
        find(&self.devices(), name)
    }

    pub fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.inner.events.subscribe()
    }

    /// The hosts that are connected.
    pub fn hosts(&self) -> Vec<LiveHost> {
        let sessions: Vec<_> = self.inner.sessions().values().cloned().collect();
        let table = self.inner.table();
        sessions
            .iter()
            .map(|session| session.live(table.count(session.host)))
            .collect()
    }

    /// Asks a phone and waits for its answer, at most until the deadline.
    pub async fn ask(&self, name: &str, question: Ask, deadline: Duration) -> Result<Answer, AskError> {
        if let Ask::Input(act) = &question {
            act.check().map_err(|error| AskError::Refused {
                message: error.to_string(),
                bad_input: true,
            })?;
        }
        let (serial, session) = self.inner.reach(name)?;
        ask::ask(&session.connection, &serial, &question, deadline).await
    }

    /// Makes a token that lets one host join, and keeps only its secret's hash.
    pub async fn new_join_token(&self, ttl: Duration, who: &str) -> Result<String, StoreError> {
        enrol::new_token(&self.inner.store, &self.inner.ca, &self.inner.clock, ttl, who).await
    }

    /// Takes a host out of the farm: its link ends now, and it is not let in again.
    pub async fn revoke(&self, host: Uuid, who: &str) -> Result<(), StoreError> {
        let row = self.inner.store.revoke_host(host, who).await?;
        self.inner.expel(host, &row.name);
        Ok(())
    }

    /// A phone's row was changed by an operator.
    pub fn put_row(&self, row: DeviceRow) {
        let events = self.inner.table().put_row(row);
        self.inner.tell(events);
    }
}

/// The same token without a running fleet: for the command line beside a database.
pub async fn new_join_token(
    store: &Store,
    ca: &Authority,
    clock: &SharedClock,
    ttl: Duration,
    who: &str,
) -> Result<String, StoreError> {
    enrol::new_token(store, ca, clock, ttl, who).await
}

fn find(devices: &LiveDevices, name: &str) -> Option<Arc<LiveDevice>> {
    let serial = shared::device::Serial(name.to_owned());
    devices
        .get(&serial)
        .or_else(|| devices.values().find(|live| live.answers_to(name)))
        .cloned()
}

impl Inner {
    fn sessions(&self) -> MutexGuard<'_, BTreeMap<Uuid, Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn is_active(&self) -> bool {
        *self.active.borrow()
    }

    /// Queues what has happened: whoever hears of it shall find it in the list, and many at once make one list.
    fn tell(&self, kinds: Vec<EventKind>) {
        if kinds.is_empty() {
            return;
        }
        let fact = |kind: &EventKind| matches!(kind, EventKind::DeviceChanged { .. });
        let urgent = !kinds.iter().all(fact);
        let unknown = |kind: &EventKind| match kind {
            EventKind::DeviceChanged { serial } => self
                .table()
                .live()
                .get(serial)
                .is_some_and(|live| live.row.is_none()),
            _ => true,
        };
        if kinds.iter().any(unknown) {
            self.to_record.notify_one();
        }
        let at = self.now();
        self.pending()
            .extend(kinds.into_iter().map(|kind| FleetEvent { at, kind }));
        self.dirty.notify_one();
        if urgent {
            self.urgent.notify_one();
        }
    }

    fn pending(&self) -> MutexGuard<'_, Vec<FleetEvent>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn publish_now(&self) {
        // The events first: what they tell of is in the list that is taken after them.
        let events = std::mem::take(&mut *self.pending());
        let live = Arc::new(self.table().live().clone());
        self.devices.send_replace(live);
        for event in events {
            if let EventKind::StateChanged {
                serial,
                from,
                to,
                reason,
            } = &event.kind
            {
                let reason = reason.as_deref().unwrap_or_default();
                tracing::info!(%serial, %from, %to, reason, "phone");
            }
            // Nobody has to listen.
            let _ = self.events.send(event);
        }
    }

    /// The phone that is meant, and the link to its host.
    fn reach(&self, name: &str) -> Result<(String, Arc<Session>), AskError> {
        let live =
            find(&self.devices.borrow(), name).ok_or_else(|| AskError::UnknownDevice(name.to_owned()))?;
        let session = self
            .sessions()
            .get(&live.host)
            .cloned()
            .ok_or(AskError::HostAway)?;
        let device = &live.device;
        if device.state != shared::device::DeviceState::Online {
            return Err(AskError::NotOnline {
                serial: device.serial.0.clone(),
                state: device.state,
                reason: device.state_reason.clone(),
            });
        }
        Ok((device.serial.0.clone(), session))
    }

    /// A host was revoked: ends its link and forgets its phones.
    fn expel(&self, host: Uuid, name: &str) {
        let session = self.sessions().remove(&host);
        if let Some(session) = &session {
            session.end(Close::Revoked, "this host was revoked");
        }
        let mut events = self.table().removed(host);
        events.push(EventKind::HostRevoked {
            host,
            name: name.to_owned(),
        });
        self.tell(events);
    }
}

/// Publishes the list when something in it has changed, and the events with it.
async fn publish(inner: Arc<Inner>) {
    loop {
        tokio::select! {
            () = inner.shutdown.stop.cancelled() => return,
            () = inner.dirty.notified() => {}
        }
        tokio::select! {
            () = inner.shutdown.stop.cancelled() => return,
            () = inner.urgent.notified() => {}
            () = tokio::time::sleep(FACTS_EVERY) => {}
        }
        inner.publish_now();
        tokio::select! {
            () = inner.shutdown.stop.cancelled() => return,
            () = tokio::time::sleep(PUBLISH_EVERY) => {}
        }
    }
}

/// Opens a door whose links are numbered by a secret that outlives the process: what an agent sends over a link of the
/// time before a crash is answered by a reset that it can believe, so that it connects anew at once.
fn bind(
    net: &dyn Net,
    address: SocketAddr,
    config: quinn::ServerConfig,
    secret: &[u8; 32],
) -> Result<quinn::Endpoint, FleetError> {
    let mut endpoint =
        quinn::EndpointConfig::new(Arc::new(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret)));
    let numbers = u64::from_be_bytes(std::array::from_fn(|place| secret[place]));
    endpoint.cid_generator(move || Box::new(quinn_proto::HashedConnectionIdGenerator::from_key(numbers)));
    net.listen(address, endpoint, config)
        .map_err(|source| FleetError::Bind { address, source })
}
