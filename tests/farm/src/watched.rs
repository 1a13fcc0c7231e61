//! Simulated phones, a private adb server and the agent's roster over both: what a test of the roster stands on, with
//! waiting by event and by deadline.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agent::roster::{Devices, Roster, RosterConfig, RosterHandle};
use shared::clock::SystemClock;
use shared::device::{Device, DeviceState};
use simphone::farm::{Farm, FarmSpec};

use crate::adb_server::adb;
use crate::{AdbServer, free_port};

/// A farm that a roster looks after.
#[derive(Debug)]
pub struct WatchedFarm {
    pub phones: Arc<Farm>,
    /// The server that stands beside the agent; `None` where the agent starts its own.
    pub server: Option<AdbServer>,
    pub roster: RosterHandle,
    pub config: RosterConfig,
    folder: tempfile::TempDir,
}

impl WatchedFarm {
    /// So many phones behind a server that runs already.
    pub async fn start(phones: usize) -> io::Result<Self> {
        Self::with(phones, |_| {}, |_| {}).await
    }

    /// The same, with changes to what the farm is made from and to what the roster is told.
    pub async fn with(
        phones: usize,
        farm: impl FnOnce(&mut FarmSpec),
        roster: impl FnOnce(&mut RosterConfig),
    ) -> io::Result<Self> {
        let server = AdbServer::start().await?;
        let port = server.port();
        Self::over(Some(server), port, phones, farm, roster).await
    }

    /// The same without a server: the agent has to start one, in an environment without USB.
    pub async fn without_server(phones: usize) -> io::Result<Self> {
        Self::over(
            None,
            free_port()?,
            phones,
            |_| {},
            |config| config.supervise = true,
        )
        .await
    }

    async fn over(
        server: Option<AdbServer>,
        port: u16,
        phones: usize,
        change_farm: impl FnOnce(&mut FarmSpec),
        change_roster: impl FnOnce(&mut RosterConfig),
    ) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("watched-farm").tempdir()?;
        let mut spec = FarmSpec::new(folder.path().join("phones"));
        spec.phones = phones;
        change_farm(&mut spec);
        let phones = Farm::start(spec).await.map_err(io::Error::other)?;
        let connect = phones
            .stands()
            .iter()
            .flat_map(|stand| stand.addresses())
            .map(|address| address.to_string())
            .collect();
        let mut config = RosterConfig {
            adb_server: SocketAddr::from(([127, 0, 0, 1], port)),
            supervise: false,
            adb_binary: Some(secluded_adb(folder.path())?),
            connect,
            state: None,
        };
        change_roster(&mut config);
        let roster = Roster::start(config.clone(), Arc::new(SystemClock));
        Ok(Self {
            phones,
            server,
            roster,
            config,
            folder,
        })
    }

    /// A folder that is gone with the farm.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What the roster says of a phone.
    pub fn device(&self, name: &str) -> Option<Device> {
        self.roster.find(name)
    }

    /// Waits until the table is as wanted; answers how long it took, or tells the table.
    pub async fn until(
        &self,
        what: &str,
        within: Duration,
        wanted: impl Fn(&Devices) -> bool,
    ) -> io::Result<Duration> {
        let started = Instant::now();
        let mut devices = self.roster.watch();
        let reached = tokio::time::timeout(within, devices.wait_for(|devices| wanted(devices))).await;
        if matches!(reached, Ok(Ok(_))) {
            return Ok(started.elapsed());
        }
        let lines: Vec<String> = self
            .roster
            .devices()
            .values()
            .map(|device| {
                format!(
                    "{} {} {:?} {:?}",
                    device.serial, device.state, device.state_reason, device.aliases
                )
            })
            .collect();
        Err(io::Error::other(format!(
            "not within {within:?}: {what}\n{}",
            lines.join("\n")
        )))
    }

    /// Waits until a phone is in a state.
    pub async fn until_state(
        &self,
        name: &str,
        state: DeviceState,
        within: Duration,
    ) -> io::Result<Duration> {
        self.until(&format!("{name} is {state}"), within, |devices| {
            devices
                .values()
                .any(|device| device.answers_to(name) && device.state == state)
        })
        .await
    }

    /// Waits until all phones are online.
    pub async fn until_all_online(&self, within: Duration) -> io::Result<Duration> {
        let count = self.phones.stands().len();
        self.until("all phones are online", within, |devices| {
            devices.len() == count
                && devices
                    .values()
                    .all(|device| device.state == DeviceState::Online && device.battery.is_some())
        })
        .await
    }
}

/// An adb program that sees nothing of this machine: no USB, no emulators, no settings of its user.
fn secluded_adb(folder: &std::path::Path) -> io::Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("adb");
    let home = folder.join("home");
    std::fs::create_dir_all(&home)?;
    let script = format!(
        "#!/bin/sh\nunset ADB_SERVER_SOCKET ANDROID_ADB_SERVER_PORT ADB_VENDOR_KEYS ANDROID_SERIAL\nexport HOME='{home}' \
         ANDROID_USER_HOME='{home}/.android' ADB_USB=0 ADB_EMU=0 ADB_MDNS=0 ADB_LOCAL_TRANSPORT_MAX_PORT=5554\nexec \
         '{adb}' \"$@\"\n",
        home = home.display(),
        adb = adb().display(),
    );
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}
