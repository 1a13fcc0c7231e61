//! A controller's fleet and agents' links in one process, over real QUIC on loopback: real code on both sides, with
//! phones that are only told of. Clocks stand where a test puts them.

mod phones;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent::enrol::{self, Identity, JoinError, StateFolder};
use agent::link::{Controller, Link, LinkStatus, SystemNet};
use controller::ca::Authority;
use controller::fleet::{Fleet, FleetConfig, LiveDevices};
use controller::store::Store;
use jiff::Timestamp;
use shared::clock::{Clock, ManualClock, SharedClock, SystemClock};
use shared::lifecycle::Shutdown;
use shared::wire::token::JoinToken;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use phones::{ToldPhones, phone};

/// How long anything may take that is waited for; generous, because tests share two cores.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How often something that has no event is looked at again.
const LOOK: Duration = Duration::from_millis(20);

/// What a controller is on: its database, its CA, its clock. Outlives the fleet, as a disk outlives a process.
#[derive(Debug, Clone)]
pub struct Ground {
    pub store: Store,
    pub ca: Arc<Authority>,
    pub clock: Arc<ManualClock>,
}

impl Ground {
    /// An empty database and a new CA; the clock stands at this moment.
    pub async fn new() -> io::Result<Self> {
        let clock = Arc::new(ManualClock::new(SystemClock.now()));
        let shared: SharedClock = Arc::<ManualClock>::clone(&clock);
        Ok(Self {
            store: Store::memory(shared).await.map_err(io::Error::other)?,
            ca: Arc::new(Authority::ephemeral().map_err(io::Error::other)?),
            clock,
        })
    }
}

/// A running fleet.
#[derive(Debug)]
pub struct TestController {
    pub fleet: Fleet,
    pub ground: Ground,
    pub active: watch::Sender<bool>,
    shutdown: Shutdown,
}

impl TestController {
    /// On new ground and free ports.
    pub async fn start() -> io::Result<Self> {
        Self::on(Ground::new().await?).await
    }

    /// On this ground and free ports.
    pub async fn on(ground: Ground) -> io::Result<Self> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::at(ground, any, any).await
    }

    async fn at(ground: Ground, data: SocketAddr, join: SocketAddr) -> io::Result<Self> {
        let (active, is_active) = watch::channel(true);
        let shutdown = Shutdown::default();
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let config = FleetConfig {
                data_listen: data,
                join_listen: join,
                advertised_data_port: None,
                active: is_active.clone(),
            };
            let clock: SharedClock = Arc::<ManualClock>::clone(&ground.clock);
            let started = Fleet::start(
                config,
                ground.store.clone(),
                Arc::clone(&ground.ca),
                clock,
                shutdown.clone(),
            );
            match started.await {
                Ok(fleet) => {
                    return Ok(Self {
                        fleet,
                        ground,
                        active,
                        shutdown,
                    });
                }
                // The sockets of the one before go when its last task has ended.
                Err(_) if tokio::time::Instant::now() < deadline && data.port() != 0 => {
                    tokio::time::sleep(LOOK).await;
                }
                Err(error) => return Err(io::Error::other(error)),
            }
        }
    }

    /// Ends it, as a stop of the process would.
    pub async fn stop(self) -> Ground {
        self.shutdown.stop.cancel();
        self.fleet.stopped().await;
        self.ground.clone()
    }

    /// Ends it and starts another on the same ground and ports.
    pub async fn restart(self) -> io::Result<Self> {
        let (data, join) = (self.fleet.data_address(), self.fleet.join_address());
        let ground = self.stop().await;
        Self::at(ground, data, join).await
    }

    /// What `--controller` would name.
    pub fn address(&self) -> String {
        self.fleet.join_address().to_string()
    }

    pub async fn token(&self) -> io::Result<JoinToken> {
        let token = self
            .fleet
            .new_join_token(Duration::from_secs(3600), "test")
            .await
            .map_err(io::Error::other)?;
        token.parse().map_err(io::Error::other)
    }

    /// Waits until the list of phones is as wanted; answers how long it took.
    pub async fn until(
        &self,
        what: &str,
        within: Duration,
        wanted: impl Fn(&LiveDevices) -> bool,
    ) -> io::Result<Duration> {
        let started = tokio::time::Instant::now();
        let mut devices = self.fleet.watch();
        let reached = tokio::time::timeout(within, devices.wait_for(|devices| wanted(devices))).await;
        match reached {
            Ok(Ok(_)) => Ok(started.elapsed()),
            _ => Err(io::Error::other(format!(
                "not within {within:?}: {what}; {:?}",
                self.fleet.devices()
            ))),
        }
    }

    /// Waits until so many phones are online.
    pub async fn until_online(&self, count: usize, within: Duration) -> io::Result<Duration> {
        self.until(&format!("{count} phones online"), within, |devices| {
            let online = shared::device::DeviceState::Online;
            devices
                .values()
                .filter(|live| live.device.state == online)
                .count()
                == count
        })
        .await
    }
}

impl Drop for TestController {
    fn drop(&mut self) {
        self.shutdown.stop.cancel();
    }
}

/// An agent's link, with phones that are only told of.
#[derive(Debug)]
pub struct TestAgent {
    pub phones: Arc<ToldPhones>,
    pub identity: Identity,
    pub clock: Arc<ManualClock>,
    pub status: watch::Receiver<LinkStatus>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
    folder: Arc<tempfile::TempDir>,
}

impl TestAgent {
    /// Joins the controller's farm as `name` and links to it.
    pub async fn join(controller: &TestController, name: &str, phones: Arc<ToldPhones>) -> io::Result<Self> {
        let folder = Arc::new(tempfile::Builder::new().prefix("agent").tempdir()?);
        let clock = Arc::new(ManualClock::new(controller.ground.clock.now()));
        let token = controller.token().await?;
        let identity = enrolled(folder.path(), &[controller.address()], &token, name, clock.now())
            .await
            .map_err(io::Error::other)?;
        Self::link(folder, identity, vec![controller.address()], phones, clock)
    }

    /// Links with an identity that stands already.
    pub fn link(
        folder: Arc<tempfile::TempDir>,
        identity: Identity,
        controllers: Vec<String>,
        phones: Arc<ToldPhones>,
        clock: Arc<ManualClock>,
    ) -> io::Result<Self> {
        let state = StateFolder::open(folder.path()).map_err(io::Error::other)?;
        let (status, watched) = watch::channel(LinkStatus::Connecting);
        let stop = CancellationToken::new();
        let link = Link {
            state,
            identity: identity.clone(),
            controllers,
            host_name: "test".to_owned(),
            phones: Arc::<ToldPhones>::clone(&phones),
            controller: Controller::new(Arc::<ManualClock>::clone(&clock)),
            net: Arc::new(SystemNet),
            clock: Arc::<ManualClock>::clone(&clock),
            stop: stop.clone(),
            status,
        };
        let task = Some(tokio::spawn(link.run()));
        Ok(Self {
            phones,
            identity,
            clock,
            status: watched,
            stop,
            task,
            folder,
        })
    }

    /// Ends it, as a stop of the process would; answers where its state lies.
    pub async fn stop(mut self) -> Arc<tempfile::TempDir> {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            let _ = tokio::time::timeout(PATIENCE, task).await;
        }
        Arc::clone(&self.folder)
    }

    /// The identity as it is kept now.
    pub fn kept(&self) -> Identity {
        let state = StateFolder::open(self.folder.path()).and_then(|state| state.identity());
        state.ok().flatten().unwrap_or_else(|| self.identity.clone())
    }

    /// Waits until the link is as wanted.
    pub async fn until(
        &self,
        within: Duration,
        wanted: impl Fn(&LinkStatus) -> bool,
    ) -> io::Result<LinkStatus> {
        let mut status = self.status.clone();
        let reached = tokio::time::timeout(within, status.wait_for(|status| wanted(status))).await;
        if let Ok(Ok(status)) = reached {
            return Ok(status.clone());
        }
        Err(io::Error::other(format!(
            "not within {within:?}; the link is {:?}",
            self.status.borrow()
        )))
    }

    pub async fn until_connected(&self, within: Duration) -> io::Result<()> {
        self.until(within, |status| matches!(status, LinkStatus::Connected { .. }))
            .await
            .map(drop)
    }

    /// Waits until the link is away for a reason that says `words`.
    pub async fn until_away(&self, within: Duration, words: &str) -> io::Result<String> {
        let status = self
            .until(
                within,
                |status| matches!(status, LinkStatus::Away(why) if why.contains(words)),
            )
            .await?;
        Ok(format!("{status:?}"))
    }
}

impl Drop for TestAgent {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Enrols with a state folder, as `drover-agent enrol` does.
pub async fn enrolled(
    folder: &Path,
    controllers: &[String],
    token: &JoinToken,
    name: &str,
    now: Timestamp,
) -> Result<Identity, JoinError> {
    let state = StateFolder::open(folder)?;
    let clock: SharedClock = Arc::new(ManualClock::new(now));
    enrol::enrol(&state, controllers, token, name, &clock).await
}
