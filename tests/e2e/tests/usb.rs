//! What phones on TCP cannot show: USB ports, missing rights, twins on a hub, wireless names with blanks. A scripted
//! adb server lists them; simulated phones answer behind it.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::sync::Arc;
use std::time::Duration;

use agent::roster::{Roster, RosterConfig, RosterHandle};
use shared::clock::SystemClock;
use shared::device::{Device, DeviceState};
use simphone::farm::{Farm, FarmSpec};
use simphone::scripted_adb::{Listed, NO_PERMISSIONS, ScriptedAdb};

/// How long what the server lists may take to show, on a busy machine.
const SOON: Duration = Duration::from_secs(30);
/// The start of a test, on a busy machine.
const START: Duration = Duration::from_secs(60);

struct Desk {
    farm: Arc<Farm>,
    adb: ScriptedAdb,
    roster: RosterHandle,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let farm = Farm::start(FarmSpec::new(folder.path().to_owned()))
            .await
            .unwrap();
        let adb = ScriptedAdb::start().await.unwrap();
        let config = RosterConfig {
            adb_server: adb.address(),
            supervise: false,
            adb_binary: None,
            connect: Vec::new(),
            state: None,
        };
        let roster = Roster::start(config, Arc::new(SystemClock));
        Self {
            farm,
            adb,
            roster,
            _folder: folder,
        }
    }

    /// Waits until the roster holds exactly these phones in these states.
    async fn until(&self, wanted: &[(&str, DeviceState)], within: Duration) {
        let mut devices = self.roster.watch();
        let reached = devices.wait_for(|devices| {
            devices.len() == wanted.len()
                && wanted.iter().all(|(name, state)| {
                    devices
                        .values()
                        .any(|device| device.serial.0 == *name && device.state == *state)
                })
        });
        let reached = tokio::time::timeout(within, reached).await.is_ok();
        assert!(reached, "not {wanted:?}: {:?}", self.roster.devices());
    }

    fn device(&self, name: &str) -> Device {
        self.roster.find(name).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn states_that_need_a_person_are_told_apart_with_their_reason_and_their_port() {
    let desk = Desk::start().await;
    desk.adb.show(vec![
        Listed::new("NORIGHTS", NO_PERMISSIONS, 1).at("1-1.1"),
        Listed::new("NOKEY", "unauthorized", 2).at("1-1.2"),
        Listed::new("HALFOUT", "offline", 3).at("1-1.3"),
        Listed::new("FLASHING", "recovery", 4).at("1-1.4"),
        Listed::new("FINE", "device", 5)
            .at("1-1.5")
            .with(&desk.farm.phone("SIM0001")),
    ]);
    desk.until(
        &[
            ("NORIGHTS", DeviceState::NoPermissions),
            ("NOKEY", DeviceState::Unauthorized),
            ("HALFOUT", DeviceState::Offline),
            ("FLASHING", DeviceState::Offline),
            ("FINE", DeviceState::Online),
        ],
        START,
    )
    .await;
    let reason = desk.device("NORIGHTS").state_reason.unwrap();
    assert!(reason.contains("udev rules"), "{reason}");
    assert_eq!(desk.device("NOKEY").usb_path.as_deref(), Some("1-1.2"));
    assert!(desk.device("FLASHING").state_reason.unwrap().contains("recovery"));
    // The key is accepted, the cable of another one is pulled.
    desk.adb.show(vec![
        Listed::new("NOKEY", "device", 6)
            .at("1-1.2")
            .with(&desk.farm.phone("SIM0002")),
        Listed::new("FINE", "device", 5)
            .at("1-1.5")
            .with(&desk.farm.phone("SIM0001")),
    ]);
    desk.until(
        &[
            ("NORIGHTS", DeviceState::Unplugged),
            ("NOKEY", DeviceState::Online),
            ("HALFOUT", DeviceState::Unplugged),
            ("FLASHING", DeviceState::Unplugged),
            ("FINE", DeviceState::Online),
        ],
        SOON,
    )
    .await;
    assert!(
        desk.device("NOKEY").answers_to("SIM0002"),
        "ro.serialno is an alias"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_on_a_hub_are_two_phones_each_through_its_own_connection() {
    let desk = Desk::start().await;
    let twin = "0123456789ABCDEF";
    let (one, two) = (desk.farm.phone("SIM0001"), desk.farm.phone("SIM0002"));
    desk.adb.show(vec![
        Listed::new(twin, "device", 1).at("1-1.1").with(&one),
        Listed::new(twin, "device", 2).at("1-1.2").with(&two),
    ]);
    let second = format!("{twin}~2");
    desk.until(
        &[(twin, DeviceState::Online), (&second, DeviceState::Online)],
        START,
    )
    .await;
    for name in [twin, &second] {
        let device = desk.device(name);
        assert!(
            device.notes.iter().any(|note| note.contains("same serial")),
            "{device:?}"
        );
        let adb = desk.roster.phone(name).unwrap();
        let said = adb.shell("getprop ro.product.model", START).await.unwrap().text();
        assert_eq!(said.trim(), device.identity.unwrap().value.model);
    }
    // They change their places.
    let model = desk.device(&second).identity.unwrap().value.model;
    desk.adb.show(Vec::new());
    desk.until(
        &[(twin, DeviceState::Unplugged), (&second, DeviceState::Unplugged)],
        SOON,
    )
    .await;
    desk.adb.show(vec![
        Listed::new(twin, "device", 3).at("1-1.1").with(&two),
        Listed::new(twin, "device", 4).at("1-1.2").with(&one),
    ]);
    desk.until(
        &[(twin, DeviceState::Online), (&second, DeviceState::Online)],
        SOON,
    )
    .await;
    assert_eq!(desk.device(&second).identity.unwrap().value.model, model);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_by_cable_and_by_a_wireless_name_with_blanks_is_one_and_survives_the_cable() {
    let desk = Desk::start().await;
    let phone = desk.farm.phone("SIM0001");
    let wireless = "adb-0123456789AB-CDdefg (2)._adb-tls-connect._tcp";
    let by_air = || Listed::new(wireless, "device", 2).with(&phone);
    desk.adb.show(vec![
        Listed::new("SIM0001", "device", 1).at("1-1").with(&phone),
        by_air(),
    ]);
    desk.until(&[("SIM0001", DeviceState::Online)], START).await;
    let mut devices = desk.roster.watch();
    let known = devices.wait_for(|devices| devices.values().any(|device| device.answers_to(wireless)));
    assert!(tokio::time::timeout(START, known).await.is_ok());
    desk.adb.show(vec![by_air()]);
    let adb = async {
        loop {
            let phone = desk.roster.phone(wireless).unwrap();
            if phone.transport == agent::adb::Transport::Id(2) {
                return phone;
            }
            devices.changed().await.unwrap();
        }
    };
    let adb = tokio::time::timeout(SOON, adb).await.unwrap();
    assert_eq!(adb.shell("echo there", START).await.unwrap().text(), "there\n");
    assert_eq!(desk.device("SIM0001").state, DeviceState::Online);
}
