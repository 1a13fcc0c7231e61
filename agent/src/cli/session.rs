//! What the commands share: a roster for the time of the command, and the phone that is meant.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use shared::clock::SystemClock;
use shared::device::{Device, DeviceState};

use super::{CliError, DriverArg, Global, Target};
use crate::adb::AdbServer;
use crate::adb::phone::{AdbDevice, DriverChoice};
use crate::resources;
use crate::roster::{Roster, RosterConfig, RosterHandle};

/// A roster that lives as long as one command.
pub(super) struct Session {
    pub(super) roster: RosterHandle,
    driver: DriverChoice,
    wait: Duration,
}

impl Session {
    pub(super) fn start(global: &Global) -> Result<Self, CliError> {
        let driver = driver_choice(global)?;
        let config = RosterConfig {
            adb_server: address(global),
            supervise: true,
            adb_binary: global.adb.clone(),
            connect: global.connect.clone(),
            state: None,
        };
        let roster = Roster::start(config, Arc::new(SystemClock));
        Ok(Self {
            roster,
            driver,
            wait: Duration::from_secs(global.wait),
        })
    }

    /// Waits until what can be known is known.
    pub(super) async fn settle(&self) -> bool {
        self.roster.wait_settled(self.wait).await
    }

    /// The phone that is meant, once it can be used; or why it cannot.
    pub(super) async fn device(&self, target: &Target) -> Result<AdbDevice, CliError> {
        let device = self.known(target).await?;
        let adb = self
            .roster
            .phone(&device.serial.0)
            .filter(|_| device.state == DeviceState::Online);
        let Some(adb) = adb else {
            return Err(unusable(&device));
        };
        Ok(AdbDevice::new(device.serial, adb, self.driver.clone()))
    }

    /// What is known of the phone that is meant, waiting for it to come online.
    pub(super) async fn known(&self, target: &Target) -> Result<Device, CliError> {
        let mut table = self.roster.watch();
        let waiting = async {
            loop {
                if let Some(device) = self.online(target)? {
                    return Ok(device);
                }
                if table.changed().await.is_err() {
                    return Err(CliError::NoPhone("the list of phones ended".to_owned()));
                }
            }
        };
        // Without a name the choice can only be made once all phones are known.
        if target.serial.is_none() {
            self.settle().await;
        }
        match tokio::time::timeout(self.wait, waiting).await {
            Ok(found) => found,
            Err(_) => self.any_state(target),
        }
    }

    fn online(&self, target: &Target) -> Result<Option<Device>, CliError> {
        if let Some(name) = &target.serial {
            return Ok(self
                .roster
                .find(name)
                .filter(|device| device.state == DeviceState::Online && device.identity.is_some()));
        }
        let devices = self.roster.devices();
        let mut online = devices
            .values()
            .filter(|device| device.state == DeviceState::Online);
        match (online.next(), online.next()) {
            (Some(_), Some(_)) => {
                let names: Vec<_> = devices.keys().map(ToString::to_string).collect();
                Err(CliError::BadInput(format!(
                    "several phones are connected; name one with --serial: {}",
                    names.join(", ")
                )))
            }
            (one, _) => Ok(one.cloned()),
        }
    }

    /// After waiting in vain: the phone as it is, or that there is none.
    fn any_state(&self, target: &Target) -> Result<Device, CliError> {
        let devices = self.roster.devices();
        let names: Vec<_> = devices.keys().map(ToString::to_string).collect();
        let known = if names.is_empty() {
            "no phone is connected".to_owned()
        } else {
            format!("known are {}", names.join(", "))
        };
        match &target.serial {
            Some(name) => self
                .roster
                .find(name)
                .ok_or_else(|| CliError::NoPhone(format!("no phone answers to {name}: {known}"))),
            None => match (devices.values().next(), devices.len()) {
                (Some(device), 1) => Ok(device.clone()),
                _ => Err(CliError::NoPhone(format!(
                    "no phone is online: {known}; `drover-agent devices` lists them, `drover-agent doctor` looks for the reason"
                ))),
            },
        }
    }

    /// Ends the roster, and the adb server where it was ours.
    pub(super) async fn end(self) {
        self.roster.stop().await;
    }
}

/// Says why a phone that is known cannot be used, and who can change that.
pub(super) fn unusable(device: &Device) -> CliError {
    let advice = match device.state {
        DeviceState::Online => "it does not answer",
        DeviceState::Offline => {
            "adb sees it, but it does not answer; wait if it boots, else reconnect its cable"
        }
        DeviceState::Unauthorized => {
            "it has not accepted this host: unlock it and tap \"Always allow from this computer\""
        }
        DeviceState::NoPermissions => {
            "this host may not open its USB port: install the udev rules (deploy/udev) and reconnect it"
        }
        DeviceState::Unplugged => "it is not connected",
    };
    let reason = device
        .state_reason
        .as_ref()
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default();
    CliError::NoPhone(format!("{} is {}{reason}: {advice}", device.serial, device.state))
}

pub(super) fn address(global: &Global) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, global.adb_port.unwrap_or(5037)))
}

pub(super) fn server(global: &Global) -> AdbServer {
    AdbServer::new(address(global))
}

pub(super) fn driver_choice(global: &Global) -> Result<DriverChoice, CliError> {
    let jar: Option<PathBuf> = global.resident_jar.clone().or_else(resources::resident_jar);
    if let Some(named) = &global.resident_jar
        && !named.is_file()
    {
        return Err(CliError::Misconfigured(format!(
            "--resident-jar: there is no file {}",
            named.display()
        )));
    }
    match (global.driver.unwrap_or(DriverArg::Auto), jar) {
        (DriverArg::Plain, _) | (DriverArg::Auto, None) => Ok(DriverChoice::Plain),
        (DriverArg::Auto, Some(jar)) => Ok(DriverChoice::Auto { jar }),
        (DriverArg::Resident, Some(jar)) => Ok(DriverChoice::Resident { jar }),
        (DriverArg::Resident, None) => Err(CliError::Misconfigured(
            "the resident driver's u2.jar is not here: fetch it with deploy/fetch-resident.sh, or name it with --resident-jar".to_owned(),
        )),
    }
}
