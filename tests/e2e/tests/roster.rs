//! What the roster knows of phones, by which names, how fresh, and what one bad phone costs the others.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use agent::roster::{Change, Changed, Roster};
use farm::WatchedFarm;
use shared::clock::{Clock, SystemClock};
use shared::device::{Charging, DeviceState};
use simphone::phone::fault::Fault;
use simphone::phone::lock;
use simphone::ui::Intent;

/// How long a fact changed on the phone may take to show: generous, for what it takes is measured by `make bench`.
const FRESH: Duration = Duration::from_secs(30);
/// The start of a test, on a busy machine.
const START: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn each_generation_is_known_by_its_serial_with_all_its_facts() {
    let farm = WatchedFarm::start(4).await.unwrap();
    assert!(farm.roster.wait_settled(START).await);
    for stand in farm.phones.stands() {
        let personality = stand.phone.spec.personality;
        let device = farm.device(&stand.phone.spec.serial).unwrap();
        let address = stand.addresses()[0].to_string();
        assert_eq!(device.serial.0, stand.phone.spec.serial);
        assert_eq!(device.state, DeviceState::Online, "{device:?}");
        assert_eq!(device.aliases, std::slice::from_ref(&address));
        assert_eq!(farm.device(&address).unwrap().serial, device.serial);
        let identity = device.identity.unwrap().value;
        assert_eq!(identity.model, personality.model);
        assert_eq!(identity.manufacturer, personality.manufacturer);
        assert_eq!(
            (identity.android.as_str(), identity.sdk),
            (personality.release, personality.sdk)
        );
        assert_eq!(identity.boot_id.len(), 36);
        assert_eq!(identity.android_id.len(), 16);
        let size = device.screen_size.unwrap().value;
        assert_eq!((size.width, size.height), (personality.width, personality.height));
        assert_eq!((size.rotation, size.density), (0, personality.density));
        let battery = device.battery.unwrap().value;
        assert_eq!((battery.level, battery.temperature_decicelsius), (87, 291));
        assert_eq!(battery.charging, Charging::Charging);
        let screen = device.screen.unwrap().value;
        assert_eq!(screen.on, stand.phone.ui().screen_on(), "{}", personality.name);
        assert_eq!(screen.locked, stand.phone.ui().locked(), "{}", personality.name);
        assert!(device.foreground.is_some(), "{}", personality.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_facts_show() {
    let farm = WatchedFarm::start(4).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    for stand in farm.phones.stands() {
        {
            let mut hardware = lock(&stand.phone.hardware);
            hardware.battery.level = 41;
            hardware.battery.temperature = 403;
            hardware.rotation = 1;
        }
        let settings = Intent {
            action: Some("android.settings.SETTINGS".to_owned()),
            ..Intent::default()
        };
        stand.phone.ui().start(&stand.phone, &settings);
    }
    farm.until("battery and rotation are new everywhere", FRESH, |devices| {
        devices.values().all(|device| {
            let battery = device.battery.as_ref().map(|fact| fact.value);
            let size = device.screen_size.as_ref().map(|fact| fact.value);
            let foreground = device.foreground.as_ref().map(|fact| fact.value.package.clone());
            battery.is_some_and(|battery| battery.level == 41 && battery.celsius() > 40.2)
                && size.is_some_and(|size| size.rotation == 1 && size.width > size.height)
                && foreground.is_some_and(|package| package == "com.android.settings")
        })
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_phone_holds_up_no_other_and_its_call_ends_at_its_deadline() {
    let farm = WatchedFarm::start(20).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let hung = farm.roster.phone("SIM0007").unwrap();
    farm.phones.phone("SIM0007").faults.set(Fault::Silent);
    let answer = hung.shell("echo x", Duration::from_millis(1_500)).await;
    assert!(answer.unwrap_err().is_deadline());
    for round in ["once", "again", "and again"] {
        let now = SystemClock.now();
        farm.until(&format!("the others are read {round}"), START, |devices| {
            let mut others = devices.values().filter(|device| device.serial.0 != "SIM0007");
            others.all(|device| device.battery.as_ref().is_some_and(|fact| fact.at > now))
        })
        .await
        .unwrap();
    }
    farm.until_state("SIM0007", DeviceState::Offline, START)
        .await
        .unwrap();
}

fn leaves_online(change: &Change) -> bool {
    matches!(
        change.what,
        Changed::State {
            from: DeviceState::Online,
            ..
        }
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn one_hung_command_is_no_dead_phone() {
    let farm = WatchedFarm::start(1).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let mut changes = farm.roster.changes();
    farm.phones.phone("SIM0001").faults.set(Fault::HangNext);
    let seen = farm.device("SIM0001").unwrap().battery.unwrap().at;
    // The reading that hangs is given up after its twenty seconds, and the next one is whole.
    farm.until(
        "a reading after the hung one",
        Duration::from_secs(90),
        |devices| {
            let battery = devices.values().next().and_then(|device| device.battery.clone());
            battery.is_some_and(|fact| fact.at.duration_since(seen).as_secs() > 18)
        },
    )
    .await
    .unwrap();
    while let Ok(change) = changes.try_recv() {
        assert!(!leaves_online(&change), "{change:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_phone_by_two_transports_is_one_phone_and_survives_the_loss_of_one() {
    let farm = WatchedFarm::start(1).await.unwrap();
    farm.until_all_online(START).await.unwrap();
    let stand = Arc::clone(&farm.phones.stands()[0]);
    let second = farm.phones.second_transport(&stand).unwrap().to_string();
    let server = farm.server.as_ref().unwrap();
    server.connect(&second, START).await.unwrap();
    farm.until("both addresses are names of one phone", FRESH, |devices| {
        devices.len() == 1 && devices.values().all(|device| device.answers_to(&second))
    })
    .await
    .unwrap();
    let mut changes = farm.roster.changes();
    let first = stand.addresses()[0].to_string();
    server.adb(&["disconnect", &first]).await.unwrap();
    let lost = SystemClock.now();
    farm.until("it is read over the other", FRESH, |devices| {
        let fact = devices.values().next().and_then(|device| device.battery.clone());
        fact.is_some_and(|fact| fact.at > lost)
    })
    .await
    .unwrap();
    assert_eq!(farm.device("SIM0001").unwrap().state, DeviceState::Online);
    while let Ok(change) = changes.try_recv() {
        assert!(!leaves_online(&change), "{change:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_phones_with_one_serial_keep_their_names_over_a_restart() {
    let state = tempfile::tempdir().unwrap();
    let path = state.path().join("names.json");
    let mut farm = WatchedFarm::with(
        2,
        |spec| spec.twin_serial = true,
        |config| config.state = Some(path.clone()),
    )
    .await
    .unwrap();
    farm.until_all_online(START).await.unwrap();
    let names = |farm: &WatchedFarm| {
        let devices = farm.roster.devices();
        let by_id = devices.values().map(|device| {
            let identity = device.identity.clone().unwrap().value;
            (identity.android_id, device.serial.0.clone())
        });
        by_id.collect::<BTreeMap<_, _>>()
    };
    let before = names(&farm);
    let mut sorted: Vec<&str> = before.values().map(String::as_str).collect();
    sorted.sort_unstable();
    assert_eq!(sorted, ["SIM0001", "SIM0001~2", "SIM0002"]);
    for name in ["SIM0001", "SIM0001~2"] {
        let notes = farm.device(name).unwrap().notes;
        assert!(notes.iter().any(|note| note.contains("same serial")), "{notes:?}");
    }
    farm.roster.stop().await;
    farm.config.connect.reverse();
    farm.roster = Roster::start(farm.config.clone(), Arc::new(SystemClock));
    farm.until_all_online(START).await.unwrap();
    assert_eq!(names(&farm), before);
}
