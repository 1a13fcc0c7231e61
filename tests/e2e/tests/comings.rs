//! Phones come and go, fall silent and come back, and so does the adb server; the roster shows it in time and nobody
//! restarts anything by hand.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use agent::adb::supervise::ServerStatus;
use agent::roster::{Roster, RosterConfig};
use farm::{WatchedFarm, free_port};
use shared::clock::SystemClock;
use shared::device::DeviceState;
use simphone::phone::boot;
use simphone::phone::fault::Fault;

/// How long a change may take to show: generous, for what it takes is measured by `make bench`.
const SOON: Duration = Duration::from_secs(30);
/// The start of a test, on a busy machine.
const START: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn an_unplugged_phone_shows_and_is_back_with_its_cable() {
    let farm = WatchedFarm::start(2).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let power = &farm.phones.phone("SIM0001").power;
    power.change(|state| state.plugged = false);
    farm.until_state("SIM0001", DeviceState::Unplugged, SOON)
        .await
        .unwrap();
    assert_eq!(farm.device("SIM0002").unwrap().state, DeviceState::Online);
    assert!(
        farm.roster.phone("SIM0001").is_none(),
        "a dead port never shows as live"
    );
    power.change(|state| state.plugged = true);
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_phone_is_found_and_is_back_when_it_speaks_again() {
    let farm = WatchedFarm::start(2).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let faults = &farm.phones.phone("SIM0001").faults;
    faults.set(Fault::Silent);
    farm.until_state("SIM0001", DeviceState::Offline, SOON)
        .await
        .unwrap();
    assert!(farm.device("SIM0001").unwrap().state_reason.is_some());
    // Silent for long enough that several attempts to connect it anew have failed.
    let quiet = farm
        .until("it is given up", Duration::from_secs(8), |devices| {
            devices
                .values()
                .any(|device| device.state == DeviceState::Unplugged)
        })
        .await;
    assert!(quiet.is_err(), "its port is open, so it is not unplugged");
    faults.clear("silent");
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebooted_phone_is_back_when_its_system_is_up() {
    let farm = WatchedFarm::start(1).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let phone = farm.phones.phone("SIM0001");
    let before = farm.device("SIM0001").unwrap().identity.unwrap().value.boot_id;
    // At twenty times the speed: a second without adbd, two seconds with it but without a system.
    boot::reboot(&phone, Duration::from_secs(60));
    farm.until("it is down", SOON, |devices| {
        devices.values().all(|device| device.state != DeviceState::Online)
    })
    .await
    .unwrap();
    let mut power = phone.power.watch();
    power
        .wait_for(|state| state.stage == simphone::phone::power::Stage::Up)
        .await
        .unwrap();
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
    let after = farm.device("SIM0001").unwrap().identity.unwrap().value.boot_id;
    assert_ne!(before, after);
    assert_eq!(farm.roster.devices().len(), 1, "it is the same phone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_refuses_the_key_is_told_apart_and_is_back_once_it_accepts() {
    let farm = WatchedFarm::start(2).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let phone = farm.phones.phone("SIM0001");
    phone.faults.set(Fault::Unauthorized { never: true });
    farm.until_state("SIM0001", DeviceState::Unauthorized, SOON)
        .await
        .unwrap();
    // Each connection that the server makes has a number: a phone that is merely refused is not connected over and over.
    let server = agent::adb::AdbServer::new(farm.config.adb_server);
    let listed = server.devices(SOON).await.unwrap();
    let connections = listed.iter().filter_map(|device| device.transport_id).max();
    assert!(connections.is_some_and(|count| count < 40), "{connections:?}");
    phone.faults.clear("unauthorized");
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_adb_server_costs_nothing_but_the_time_until_it_is_back() {
    let mut farm = WatchedFarm::start(2).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let mut server = farm.server.take().unwrap();
    server.kill();
    farm.until("all are offline", SOON, |devices| {
        devices
            .values()
            .all(|device| device.state == DeviceState::Offline)
    })
    .await
    .unwrap();
    server.start_again().await.unwrap();
    farm.until("all are back", SOON, |devices| {
        devices.values().all(|device| device.state == DeviceState::Online)
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adb_server_of_our_own_is_started_kept_alive_and_ended() {
    let farm = WatchedFarm::without_server(1).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let ServerStatus::Own { pid: Some(pid), .. } = farm.roster.server() else {
        panic!("{:?}", farm.roster.server());
    };
    kill(pid);
    farm.until_state("SIM0001", DeviceState::Offline, SOON)
        .await
        .unwrap();
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
    let ServerStatus::Own { pid: Some(again), .. } = farm.roster.server() else {
        panic!("{:?}", farm.roster.server());
    };
    assert_ne!(pid, again);
    farm.roster.stop().await;
    let gone = tokio::net::TcpStream::connect(farm.config.adb_server).await;
    assert!(gone.is_err(), "our server ends with us");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_adb_is_told_at_once_with_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let config = RosterConfig {
        adb_server: (Ipv4Addr::LOCALHOST, free_port().unwrap()).into(),
        supervise: true,
        adb_binary: Some(folder.path().join("no-adb-here")),
        connect: Vec::new(),
        state: None,
    };
    let roster = Roster::start(config, Arc::new(SystemClock));
    assert!(roster.wait_settled(SOON).await, "nothing is left to wait for");
    let ServerStatus::Failed(why) = roster.server() else {
        panic!("{:?}", roster.server());
    };
    assert!(
        why.contains("install adb") && why.contains("no-adb-here"),
        "{why}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_was_joined_is_replaced_when_it_dies_and_never_ended_by_us() {
    let mut farm = WatchedFarm::with(1, |_| {}, |config| config.supervise = true)
        .await
        .unwrap();
    farm.until_all_online(START).await.unwrap();
    assert!(matches!(farm.roster.server(), ServerStatus::Joined { .. }));
    farm.server.take().unwrap().kill();
    farm.until_state("SIM0001", DeviceState::Offline, SOON)
        .await
        .unwrap();
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
    assert!(matches!(farm.roster.server(), ServerStatus::Own { .. }));
    farm.roster.stop().await;

    let farm = WatchedFarm::with(1, |_| {}, |config| config.supervise = true)
        .await
        .unwrap();
    farm.until_all_online(START).await.unwrap();
    farm.roster.stop().await;
    let there = tokio::net::TcpStream::connect(farm.config.adb_server).await;
    assert!(there.is_ok(), "a server that others started stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_black_holed_address_slows_nobody() {
    // A full backlog: the kernel drops further attempts without a word, as a dead network does.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let hole = socket.listen(1).unwrap();
    let address = hole.local_addr().unwrap();
    let mut fillers = Vec::new();
    while let Ok(Ok(filler)) = tokio::time::timeout(
        Duration::from_millis(300),
        tokio::net::TcpStream::connect(address),
    )
    .await
    {
        fillers.push(filler);
    }
    let farm = WatchedFarm::with(2, |_| {}, |config| config.connect.insert(0, address.to_string()))
        .await
        .unwrap();
    for phone in ["SIM0001", "SIM0002"] {
        farm.until_state(phone, DeviceState::Online, START).await.unwrap();
    }
    let dead = farm
        .until_state(&address.to_string(), DeviceState::Unplugged, SOON)
        .await;
    dead.unwrap();
    let power = &farm.phones.phone("SIM0001").power;
    power.change(|state| state.plugged = false);
    farm.until_state("SIM0001", DeviceState::Unplugged, SOON)
        .await
        .unwrap();
    power.change(|state| state.plugged = true);
    farm.until_state("SIM0001", DeviceState::Online, SOON)
        .await
        .unwrap();
    assert_eq!(
        farm.device(&address.to_string()).unwrap().state,
        DeviceState::Unplugged
    );
}

fn kill(pid: u32) {
    let done = std::process::Command::new("kill")
        .args(["-9", &pid.to_string()])
        .status();
    assert!(done.unwrap().success());
}
