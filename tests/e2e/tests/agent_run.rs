//! `drover-agent run` as a process, over a real adb server and simulated phones, linked to a controller's fleet.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::process::Stdio;
use std::time::Duration;

use controller::fleet::{Answer, Apk, Ask, AskError, InstallState, PictureKind};
use farm::Hub;
use farm::apk::{self, App};
use farm::linked::TestController;
use shared::act::InputAct;
use shared::wire::message::PrepareState;
use tokio::process::Child;

const NOTES: &str = "com.example.notes";
/// How long anything may take; tests share two cores with an adb server and four phones.
const SOON: Duration = Duration::from_secs(60);

fn start(hub: &Hub, controller: &TestController, more: &[&str]) -> Child {
    let state = hub.folder().join("state");
    let address = controller.address();
    let fixed = [
        "run",
        "--controller",
        &address,
        "--state",
        state.to_str().unwrap(),
        "--driver",
        "plain",
        "--name",
        "hub-1",
    ];
    let log = std::fs::File::options()
        .create(true)
        .append(true)
        .open(hub.folder().join("agent.log"))
        .unwrap();
    hub.agent_command(&[fixed.as_slice(), more].concat())
        .stderr(log)
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

fn log(hub: &Hub) -> String {
    std::fs::read_to_string(hub.folder().join("agent.log")).unwrap_or_default()
}

async fn asked(controller: &TestController, serial: &str, ask: Ask) -> Answer {
    let answer = controller.fleet.ask(serial, ask.clone(), SOON).await;
    answer.unwrap_or_else(|error| panic!("{ask:?}: {error:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_joins_in_one_step_and_its_phones_do_what_the_controller_asks() {
    let hub = Hub::start().await.unwrap();
    let controller = TestController::start().await.unwrap();
    let token = controller.token().await.unwrap().to_string();
    let mut agent = start(&hub, &controller, &["--token", &token, "--log-format", "json"]);
    controller
        .until_online(4, SOON)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{}", log(&hub)));

    let Answer::Picture {
        kind: PictureKind::Png,
        bytes,
    } = asked(&controller, "SIM0001", Ask::Screenshot { max: None }).await
    else {
        panic!("no PNG")
    };
    assert!(bytes.starts_with(b"\x89PNG"));
    let Answer::Picture {
        kind: PictureKind::Jpeg,
        bytes: small,
    } = asked(&controller, "SIM0001", Ask::Screenshot { max: Some(400) }).await
    else {
        panic!("no JPEG")
    };
    assert!(small.starts_with(&[0xff, 0xd8]) && small.len() < bytes.len());

    let open = Ask::Input(InputAct::StartApp {
        package: NOTES.to_owned(),
    });
    assert_eq!(asked(&controller, "SIM0001", open).await, Answer::Done);
    let Answer::Foreground(front) = asked(&controller, "SIM0001", Ask::Foreground).await else {
        panic!("no window")
    };
    assert_eq!(front.package, NOTES);
    let Answer::Hierarchy { xml, driver } = asked(&controller, "SIM0001", Ask::Hierarchy).await else {
        panic!("no tree")
    };
    assert!(xml.contains(NOTES) && driver == "plain");

    let Answer::Prepared { steps, .. } = asked(&controller, "SIM0002", Ask::Prepare { check: true }).await
    else {
        panic!("no steps")
    };
    assert!(
        steps.len() > 5 && steps.iter().any(|step| step.state == PrepareState::WouldFix),
        "{steps:?}"
    );

    assert_eq!(
        asked(&controller, "SIM0003", Ask::Identify { index: 7 }).await,
        Answer::Done
    );
    let wrong = Ask::Input(InputAct::StartApp {
        package: "com.example.absent".to_owned(),
    });
    let refused = controller.fleet.ask("SIM0003", wrong, SOON).await.unwrap_err();
    assert!(
        matches!(refused, AskError::Refused { bad_input: true, .. }),
        "{refused:?}"
    );

    let text = log(&hub);
    assert!(
        text.lines().all(|line| line.starts_with('{')),
        "JSON was asked for: {text}"
    );
    assert!(!text.contains(&token), "the token stands in no log");

    // A polite stop says goodbye, so the controller knows at once.
    let id = agent.id().unwrap().to_string();
    assert!(
        std::process::Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let ended = tokio::time::timeout(SOON, agent.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended:?} {}", log(&hub));
    assert!(controller.fleet.hosts().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_was_killed_comes_back_without_its_token() {
    let hub = Hub::start().await.unwrap();
    let controller = TestController::start().await.unwrap();
    let token = controller.token().await.unwrap().to_string();
    let mut agent = start(&hub, &controller, &["--token", &token]);
    controller
        .until_online(4, SOON)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{}", log(&hub)));
    let host = controller.fleet.hosts()[0].id;
    agent.kill().await.unwrap();
    let _again = start(&hub, &controller, &[]);
    // Its place is held by the dead one; that one does not answer and is pushed off.
    let back = async {
        loop {
            let hosts = controller.fleet.hosts();
            if hosts
                .iter()
                .any(|now| now.id == host && now.devices == 4 && log(&hub).matches("linked").count() == 2)
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(SOON, back)
        .await
        .unwrap_or_else(|_| panic!("{}", log(&hub)));
    controller.until_online(4, SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_from_the_controller_is_on_the_phones() {
    const GAME: App = App {
        package: "com.example.game",
        version_code: 42,
        version_name: "4.2",
        min_sdk: 24,
        permissions: &[],
        launcher: ".Main",
        utf8: true,
    };
    let hub = Hub::start().await.unwrap();
    let controller = TestController::start().await.unwrap();
    let token = controller.token().await.unwrap().to_string();
    let _agent = start(&hub, &controller, &["--token", &token]);
    controller
        .until_online(4, SOON)
        .await
        .unwrap_or_else(|error| panic!("{error}\n{}", log(&hub)));
    let path = hub.folder().join("game.apk");
    apk::write(&path, &GAME).unwrap();
    let serials = ["SIM0001", "SIM0003"].map(str::to_owned).to_vec();
    let mut progress = controller.fleet.install(serials, &Apk::File(path), SOON);
    let mut done = Vec::new();
    while let Some(told) = tokio::time::timeout(SOON, progress.recv()).await.unwrap() {
        match told.state {
            InstallState::Sending { done, total } => assert!(done <= total),
            InstallState::Installed => done.push(told.serial),
            InstallState::Failed(error) => panic!("{}: {error:?}\n{}", told.serial, log(&hub)),
        }
    }
    done.sort();
    assert_eq!(done, ["SIM0001", "SIM0003"]);
    for serial in done {
        let open = Ask::Input(InputAct::StartApp {
            package: GAME.package.to_owned(),
        });
        assert_eq!(asked(&controller, &serial, open).await, Answer::Done);
    }
    let left = std::fs::read_dir(hub.folder().join("state")).unwrap();
    let left: Vec<_> = left
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .collect();
    assert!(!left.iter().any(|name| name.starts_with("app-")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_an_agent_from_running_is_said_with_its_exit_code() {
    let hub = Hub::start().await.unwrap();
    let state = hub.folder().join("state");
    let state = state.to_str().unwrap();
    let no_token = hub.agent(&["run", "--state", state]).await.unwrap();
    assert_eq!(no_token.code, Some(78), "{no_token:?}");
    assert!(no_token.stderr.contains("token create"), "{no_token:?}");
    let no_shape = hub
        .agent(&[
            "enrol",
            "--state",
            state,
            "--controller",
            "127.0.0.1:9",
            "--token",
            "hello",
        ])
        .await
        .unwrap();
    assert_eq!(no_shape.code, Some(2), "{no_shape:?}");
    let token = shared::wire::token::JoinToken {
        pin: [1; 32],
        id: "id".to_owned(),
        secret: "secret".to_owned(),
    };
    let token = token.to_string();
    let silent = hub
        .agent(&[
            "enrol",
            "--state",
            state,
            "--controller",
            "127.0.0.1:9",
            "--token",
            &token,
        ])
        .await
        .unwrap();
    assert_eq!(silent.code, Some(69), "{silent:?}");
    let controller = TestController::start().await.unwrap();
    let address = controller.address();
    let wrong = hub
        .agent(&[
            "enrol",
            "--state",
            state,
            "--controller",
            &address,
            "--token",
            &token,
        ])
        .await
        .unwrap();
    assert_eq!(wrong.code, Some(78), "{wrong:?}");
    assert!(wrong.stderr.contains("not the farm of this token"), "{wrong:?}");
    std::fs::write(hub.folder().join("agent.toml"), "[adb]\nprot = 1\n").unwrap();
    let mistyped = hub.agent(&["run", "--config", "agent.toml"]).await.unwrap();
    assert_eq!(mistyped.code, Some(78), "{mistyped:?}");
    assert!(mistyped.stderr.contains("prot"), "{mistyped:?}");
    let good = controller.token().await.unwrap().to_string();
    std::fs::write(hub.folder().join("token"), format!("{good}\n")).unwrap();
    let joined = hub
        .agent(&[
            "enrol",
            "--state",
            state,
            "--controller",
            &address,
            "--token-file",
            "token",
            "--json",
        ])
        .await
        .unwrap();
    assert_eq!(joined.code, Some(0), "{joined:?}");
    let hosts = controller.ground.store.list_hosts().await.unwrap();
    assert_eq!(joined.json()["host"], hosts[0].id.to_string());
}
