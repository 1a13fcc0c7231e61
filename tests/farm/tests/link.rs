//! A controller's fleet and an agent's link: they find each other, lose each other, and come back.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::Duration;

use controller::fleet::{Answer, Apk, Ask, AskError, EventKind, InstallState, PictureKind};
use farm::linked::{Ground, PATIENCE, TestAgent, TestController, ToldPhones, phone};
use shared::act::InputAct;
use shared::clock::Clock;
use shared::device::{DeviceState, Serial};

fn tap() -> Ask {
    Ask::Input(InputAct::Tap { x: 1, y: 2 })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_joins_brings_its_phones_and_each_gets_its_index() {
    let controller = TestController::start().await.unwrap();
    let phones = ToldPhones::many("A", 3);
    let agent = TestAgent::join(&controller, "hub-1", phones).await.unwrap();
    controller.until_online(3, PATIENCE).await.unwrap();
    controller
        .until("rows", PATIENCE, |devices| {
            devices.values().all(|live| live.row.is_some())
        })
        .await
        .unwrap();
    let devices = controller.fleet.devices();
    let mut indexes: Vec<u32> = devices
        .values()
        .map(|live| live.row.as_ref().unwrap().device_index)
        .collect();
    indexes.sort_unstable();
    assert_eq!(indexes, [1, 2, 3]);
    assert!(devices.values().all(|live| live.host_name == "hub-1"));
    let hosts = controller.fleet.hosts();
    assert_eq!(
        (hosts.len(), hosts[0].name.as_str(), hosts[0].devices),
        (1, "hub-1", 3)
    );
    assert_eq!(hosts[0].id.to_string(), agent.identity.host);
    let row = controller.ground.store.host(hosts[0].id).await.unwrap().unwrap();
    assert_eq!(row.agent_version.as_deref(), Some(env!("CARGO_PKG_VERSION")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_at_a_phone_arrives_with_its_event() {
    let controller = TestController::start().await.unwrap();
    let phones = ToldPhones::many("A", 1);
    let _agent = TestAgent::join(&controller, "hub-1", phones.clone())
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    controller
        .until("a row", PATIENCE, |devices| {
            devices.values().all(|live| live.row.is_some())
        })
        .await
        .unwrap();
    let mut events = controller.fleet.events();
    let serial = Serial("A-0000".to_owned());
    phones.change(|devices| {
        let device = devices.get_mut(&serial).unwrap();
        device.state = DeviceState::Unplugged;
        device.state_reason = Some("pulled".to_owned());
    });
    // The phone's coming and its first facts may still be on their way to those who listen.
    let change = async {
        loop {
            let event = events.recv().await.unwrap();
            if matches!(event.kind, EventKind::StateChanged { .. }) {
                return event;
            }
        }
    };
    let event = tokio::time::timeout(PATIENCE, change).await.unwrap();
    let expected = EventKind::StateChanged {
        serial: serial.clone(),
        from: DeviceState::Online,
        to: DeviceState::Unplugged,
        reason: Some("pulled".to_owned()),
    };
    assert_eq!(event.kind, expected);
    let live = controller.fleet.find("A-0000").unwrap();
    assert_eq!(
        live.device.state,
        DeviceState::Unplugged,
        "whoever hears of it finds it in the list"
    );
    phones.change(|devices| {
        let mut device = phone("A-0000", 33, controller.ground.clock.now());
        device.aliases = vec!["10.0.0.7:5555".to_owned()];
        devices.insert(serial.clone(), device);
    });
    controller.until_online(1, PATIENCE).await.unwrap();
    let live = controller.fleet.find("10.0.0.7:5555").unwrap();
    assert_eq!(live.device.battery.as_ref().unwrap().value.level, 33);
    phones.change(BTreeMapExt::clear_all);
    controller
        .until("no phone", PATIENCE, |devices| devices.is_empty())
        .await
        .unwrap();
}

trait BTreeMapExt {
    fn clear_all(&mut self);
}

impl BTreeMapExt for std::collections::BTreeMap<Serial, shared::device::Device> {
    fn clear_all(&mut self) {
        self.clear();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn phones_answer_what_they_are_asked() {
    let controller = TestController::start().await.unwrap();
    let phones = ToldPhones::many("A", 2);
    let _agent = TestAgent::join(&controller, "hub-1", phones.clone())
        .await
        .unwrap();
    controller.until_online(2, PATIENCE).await.unwrap();
    let fleet = &controller.fleet;
    let picture = fleet
        .ask("A-0000", Ask::Screenshot { max: None }, PATIENCE)
        .await
        .unwrap();
    assert!(
        matches!(picture, Answer::Picture { kind: PictureKind::Png, ref bytes } if bytes.len() == 3 << 20)
    );
    let small = fleet
        .ask("A-0000", Ask::Screenshot { max: Some(800) }, PATIENCE)
        .await
        .unwrap();
    assert!(matches!(
        small,
        Answer::Picture {
            kind: PictureKind::Jpeg,
            ..
        }
    ));
    let tree = fleet.ask("A-0001", Ask::Hierarchy, PATIENCE).await.unwrap();
    assert!(matches!(tree, Answer::Hierarchy { ref driver, .. } if driver == "plain"));
    assert_eq!(fleet.ask("A-0001", tap(), PATIENCE).await.unwrap(), Answer::Done);
    let unknown = fleet.ask("NOBODY", tap(), PATIENCE).await.unwrap_err();
    assert_eq!(unknown, AskError::UnknownDevice("NOBODY".to_owned()));
    let wrong = fleet
        .ask("A-0001", Ask::Input(InputAct::Tap { x: -1, y: 0 }), PATIENCE)
        .await
        .unwrap_err();
    assert!(matches!(wrong, AskError::Refused { bad_input: true, .. }));
    phones.hold(true);
    let short = Duration::from_millis(300);
    assert_eq!(
        fleet.ask("A-0000", Ask::Foreground, short).await.unwrap_err(),
        AskError::Deadline
    );
    let late = fleet.ask("A-0000", tap(), short).await.unwrap_err();
    assert!(
        matches!(late, AskError::Uncertain { .. }),
        "a touch without an answer may have happened: {late:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_goes_to_several_phones_and_each_tells_how_far_it_is() {
    let controller = TestController::start().await.unwrap();
    let _agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 2))
        .await
        .unwrap();
    controller.until_online(2, PATIENCE).await.unwrap();
    let apk = Apk::Bytes(vec![1_u8; 5 << 20].into());
    let serials = ["A-0000", "A-0001", "NOBODY"].map(str::to_owned).to_vec();
    let mut progress = controller.fleet.install(serials, &apk, PATIENCE);
    let (mut installed, mut failed, mut steps) = (Vec::new(), Vec::new(), 0);
    while let Some(told) = tokio::time::timeout(PATIENCE, progress.recv()).await.unwrap() {
        match told.state {
            InstallState::Sending { total, .. } => {
                assert_eq!(total, 5 << 20);
                steps += 1;
            }
            InstallState::Installed => installed.push(told.serial),
            InstallState::Failed(error) => failed.push((told.serial, error)),
        }
    }
    installed.sort();
    assert_eq!(installed, ["A-0000", "A-0001"]);
    assert_eq!(
        failed,
        [("NOBODY".to_owned(), AskError::UnknownDevice("NOBODY".to_owned()))]
    );
    assert!(steps > 2, "{steps} steps");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_that_comes_back_has_its_agents_again() {
    let controller = TestController::start().await.unwrap();
    let agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 2))
        .await
        .unwrap();
    controller.until_online(2, PATIENCE).await.unwrap();
    let controller = controller.restart().await.unwrap();
    controller.until_online(2, PATIENCE).await.unwrap();
    agent.until_connected(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_breaks_takes_its_phones_offline_and_leaves_a_touch_uncertain() {
    let controller = TestController::start().await.unwrap();
    let phones = ToldPhones::many("A", 1);
    let agent = TestAgent::join(&controller, "hub-1", phones.clone())
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    phones.hold(true);
    let fleet = controller.fleet.clone();
    let touch = tokio::spawn(async move { fleet.ask("A-0000", tap(), PATIENCE).await });
    phones.until_asked().await;
    let mut events = controller.fleet.events();
    agent.stop().await;
    let ended = tokio::time::timeout(PATIENCE, touch).await.unwrap().unwrap();
    assert!(matches!(ended, Err(AskError::Uncertain { .. })), "{ended:?}");
    controller.until_online(0, PATIENCE).await.unwrap();
    let live = controller.fleet.find("A-0000").unwrap();
    assert_eq!(live.device.state, DeviceState::Offline);
    assert!(
        live.device
            .state_reason
            .as_ref()
            .unwrap()
            .contains("the agent stops"),
        "{live:?}"
    );
    let away = controller.fleet.ask("A-0000", tap(), PATIENCE).await.unwrap_err();
    assert_eq!(away, AskError::HostAway);
    let lost = async {
        loop {
            if let EventKind::HostLost { name, .. } = events.recv().await.unwrap().kind {
                return name;
            }
        }
    };
    assert_eq!(tokio::time::timeout(PATIENCE, lost).await.unwrap(), "hub-1");
    assert!(controller.fleet.hosts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_finds_the_active_controller_of_several() {
    let ground = Ground::new().await.unwrap();
    let first = TestController::on(ground.clone()).await.unwrap();
    let second = TestController::on(ground).await.unwrap();
    second.active.send_replace(false);
    let joined = TestAgent::join(&first, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    first.until_online(1, PATIENCE).await.unwrap();
    let identity = joined.identity.clone();
    let clock = joined.clock.clone();
    let folder = joined.stop().await;
    let both = vec![second.address(), first.address()];
    let agent = TestAgent::link(folder, identity, both, ToldPhones::many("A", 1), clock).unwrap();
    first.until_online(1, PATIENCE).await.unwrap();
    // The roles change: the agent is told and moves.
    first.active.send_replace(false);
    second.active.send_replace(true);
    second.until_online(1, PATIENCE).await.unwrap();
    agent.until_connected(PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_state_folder_does_not_push_the_first_agent_off() {
    let controller = TestController::start().await.unwrap();
    let first = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let copy = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let (identity, clock) = (first.identity.clone(), first.clock.clone());
    let second = TestAgent::link(
        copy,
        identity,
        vec![controller.address()],
        ToldPhones::many("B", 1),
        clock,
    )
    .unwrap();
    second.until_away(PATIENCE, "copied state folder").await.unwrap();
    first.until_connected(PATIENCE).await.unwrap();
    assert!(controller.fleet.find("B-0000").is_none());
    // The first one gone, the place is free.
    first.stop().await;
    second.until_connected(PATIENCE).await.unwrap();
}
