//! Text typed through the agent arrives to the letter, by both drivers, on each Android; and the keyboard that was
//! set before is set again, whatever happened in between.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::Duration;

use farm::Hub;
use serde_json::{Map, Value};
use shared::screen::Node;
use simphone::phone::fault::Fault;

const TEXT: &str = "Grüße 你好 👋 'quote' $HOME; rm -rf \"x\" `id` 100%s \\ & <b> | #";
const PLAIN: &[&str] = &["--driver", "plain"];
const NOTES: &str = "com.example.notes";
const ALL: [&str; 4] = ["SIM0001", "SIM0002", "SIM0003", "SIM0004"];

/// Where the resident driver's file was put by `tests/prepare.sh`, or where a developer keeps it.
fn resident() -> Vec<String> {
    let own = std::env::var("DROVER_RESOURCES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/resident").to_owned());
    let jar = std::path::Path::new(&own).join("u2.jar");
    assert!(
        jar.is_file(),
        "{} is missing: run tests/prepare.sh",
        jar.display()
    );
    [
        "--driver",
        "resident",
        "--resident-jar",
        &jar.display().to_string(),
    ]
    .map(str::to_owned)
    .to_vec()
}

fn keyboard_apk() -> String {
    let own = std::env::var("DROVER_RESOURCES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/resident").to_owned());
    format!("{own}/keyboard.apk")
}

fn id(wanted: &str) -> impl Fn(&Node<'_>) -> bool + use<'_> {
    move |node| node.resource_id() == format!("{NOTES}:id/{wanted}")
}

/// Opens a new note and puts the caret into its body.
async fn open_note(hub: &Hub, serial: &str, driver: &[&str]) {
    hub.agent(&["open", "-s", serial, "--app", NOTES])
        .await
        .unwrap()
        .expect_done();
    hub.tap(serial, driver, id("add")).await.unwrap();
    hub.tap(serial, driver, id("body")).await.unwrap();
}

/// Saves it, allowing what Notes asks the first time.
async fn save_note(hub: &Hub, serial: &str, driver: &[&str]) -> Map<String, Value> {
    hub.tap(serial, driver, id("save")).await.unwrap();
    let saved = || {
        let entries = hub.phone(serial).ledger.entries();
        entries
            .into_iter()
            .rev()
            .find(|entry| entry.kind == "note_saved")
            .map(|entry| entry.detail)
    };
    if saved().is_none() {
        hub.tap(serial, driver, |node| {
            node.resource_id().ends_with("id/permission_allow_button")
        })
        .await
        .unwrap();
        // Some versions save when the answer comes, some want to be asked again.
        if saved().is_none() {
            hub.tap(serial, driver, id("save")).await.unwrap();
        }
    }
    saved().expect("the note is in the ledger once its editor has closed")
}

async fn keyboard(hub: &Hub, serial: &str) -> String {
    let address = hub.farm.address(serial).to_string();
    hub.adb.connect(&address, Duration::from_secs(20)).await.unwrap();
    hub.adb
        .says(&[
            "-s",
            &address,
            "shell",
            "settings get secure default_input_method",
        ])
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_arrives_by_the_plain_driver_and_the_owners_keyboard_comes_back() {
    let hub = Hub::start().await.unwrap();
    for serial in ALL {
        let apk = keyboard_apk();
        hub.agent(&["prepare", "-s", serial, "--keyboard-apk", &apk])
            .await
            .unwrap();
        let owners = keyboard(&hub, serial).await;
        assert!(
            !owners.is_empty() && !owners.contains("github"),
            "{serial}: {owners}"
        );
        open_note(&hub, serial, PLAIN).await;
        hub.agent(&[&["type", "-s", serial, TEXT], PLAIN].concat())
            .await
            .unwrap()
            .expect_done();
        assert_eq!(save_note(&hub, serial, PLAIN).await["body"], TEXT, "{serial}");
        assert_eq!(keyboard(&hub, serial).await, owners, "{serial}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_text_arrives_by_the_resident_driver() {
    let hub = Hub::start().await.unwrap();
    let resident = resident();
    let resident: Vec<&str> = resident.iter().map(String::as_str).collect();
    for serial in ALL {
        let owners = keyboard(&hub, serial).await;
        open_note(&hub, serial, &resident).await;
        hub.agent(&[&["type", "-s", serial, TEXT], resident.as_slice()].concat())
            .await
            .unwrap()
            .expect_done();
        assert_eq!(save_note(&hub, serial, &resident).await["body"], TEXT, "{serial}");
        assert_eq!(keyboard(&hub, serial).await, owners, "{serial}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ascii_needs_no_keyboard_app_and_a_new_text_may_replace_an_old_one() {
    let hub = Hub::start().await.unwrap();
    for serial in ["SIM0002", "SIM0003"] {
        open_note(&hub, serial, PLAIN).await;
        hub.agent(&[&["type", "-s", serial, "first try"], PLAIN].concat())
            .await
            .unwrap()
            .expect_done();
        hub.agent(
            &[
                &["type", "-s", serial, "--clear", "it's 100%s $HOME;\nsecond line"],
                PLAIN,
            ]
            .concat(),
        )
        .await
        .unwrap()
        .expect_done();
        assert_eq!(
            save_note(&hub, serial, PLAIN).await["body"],
            "it's 100%s $HOME;\nsecond line",
            "{serial}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_in_the_middle_leaves_the_owners_keyboard() {
    let hub = Hub::start().await.unwrap();
    let serial = "SIM0001";
    hub.agent(&["prepare", "-s", serial, "--keyboard-apk", &keyboard_apk()])
        .await
        .unwrap();
    let owners = keyboard(&hub, serial).await;
    open_note(&hub, serial, PLAIN).await;
    hub.phone(serial).faults.set(Fault::KeyboardBroken);
    let ended = hub
        .agent(&[&["type", "-s", serial, "你好"], PLAIN].concat())
        .await
        .unwrap();
    assert!(matches!(ended.code, Some(1 | 75)), "{ended:?}");
    assert_eq!(keyboard(&hub, serial).await, owners);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyboard_that_a_killed_agent_left_behind_is_put_back_by_the_next_one() {
    let hub = Hub::start().await.unwrap();
    let serial = "SIM0001";
    hub.agent(&["prepare", "-s", serial, "--keyboard-apk", &keyboard_apk()])
        .await
        .unwrap();
    let owners = keyboard(&hub, serial).await;
    open_note(&hub, serial, PLAIN).await;
    // The agent hears nothing more once it has set its own keyboard, and can be killed with it.
    hub.phone(serial).faults.set(Fault::HangAfter {
        words: "ime set".to_owned(),
    });
    let mut agent = hub
        .agent_command(&[&["type", "-s", serial, "你好"], PLAIN].concat())
        .spawn()
        .unwrap();
    let address = hub.farm.address(serial).to_string();
    let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
    loop {
        let now = hub
            .adb
            .says(&[
                "-s",
                &address,
                "shell",
                "settings get secure default_input_method",
            ])
            .await
            .unwrap();
        if !now.is_empty() && now != owners {
            break;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "the agent never set its keyboard: {now}"
        );
    }
    agent.kill().await.unwrap();
    hub.phone(serial).faults.clear_all();
    assert_ne!(
        keyboard(&hub, serial).await,
        owners,
        "the kill came in the middle"
    );
    let typed = hub
        .agent(&[&["type", "-s", serial, "再见"], PLAIN].concat())
        .await
        .unwrap();
    assert_eq!(typed.code, Some(0), "{typed:?}");
    assert_eq!(keyboard(&hub, serial).await, owners);
}
