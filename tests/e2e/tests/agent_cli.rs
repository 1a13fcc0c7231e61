//! The agent's command line as an operator meets it: lists, facts, pictures, wrong arguments, exit codes.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::Duration;

use farm::Hub;
use serde_json::Value;
use simphone::phone::fault::Fault;

#[tokio::test(flavor = "multi_thread")]
async fn the_list_tells_the_phones_apart() {
    let hub = Hub::start().await.unwrap();
    let list = hub
        .agent(&["devices", "--json"])
        .await
        .unwrap()
        .expect_done()
        .json();
    let of = |serial: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|device| device["serial"] == serial)
            .unwrap()
            .clone()
    };
    for (serial, model, android) in [
        ("SIM0001", "Pixel 6", "13"),
        ("SIM0002", "SM-G950F", "8.0.0"),
        ("SIM0003", "Pixel 9 Pro Fold", "15"),
        ("SIM0004", "M2003J15SC", "11"),
    ] {
        let device = of(serial);
        assert_eq!(device["state"], "online");
        assert_eq!(device["identity"]["value"]["model"], model);
        assert_eq!(device["identity"]["value"]["android"], android);
        assert!(
            device["aliases"]
                .as_array()
                .unwrap()
                .contains(&Value::from(hub.farm.address(serial).to_string()))
        );
    }
    let table = hub.agent(&["devices"]).await.unwrap().expect_done().stdout;
    assert!(
        table.starts_with("SERIAL") && table.contains("Pixel 6"),
        "{table}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_are_told_with_their_times_by_any_alias() {
    let hub = Hub::start().await.unwrap();
    let alias = hub.farm.address("SIM0003").to_string();
    let facts = hub
        .agent(&["facts", "-s", &alias, "--json"])
        .await
        .unwrap()
        .expect_done()
        .json();
    assert_eq!(facts["serial"], "SIM0003");
    for fact in ["identity", "screen_size", "battery", "screen", "foreground"] {
        assert!(facts[fact]["at"].is_string(), "{fact} without its time: {facts}");
    }
    let text = hub
        .agent(&["facts", "-s", &alias])
        .await
        .unwrap()
        .expect_done()
        .stdout;
    assert!(
        text.contains("Pixel 9 Pro Fold") && text.contains("battery"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screenshot_is_a_png_of_the_phones_size_on_each_phone() {
    let hub = Hub::start().await.unwrap();
    for serial in ["SIM0001", "SIM0002", "SIM0003", "SIM0004"] {
        hub.agent(&["screenshot", "-s", serial])
            .await
            .unwrap()
            .expect_done();
        let png = std::fs::read(hub.folder().join(format!("{serial}.png"))).unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        let make = hub.phone(serial).spec.personality;
        assert_eq!((number(16), number(20)), (make.width, make.height), "{serial}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_arguments_and_absent_phones_have_exit_codes_of_their_own() {
    let hub = Hub::start().await.unwrap();
    for (arguments, code, said) in [
        (vec!["tap", "-s", "SIM0001"], 2, "<X>"),
        (vec!["frobnicate"], 2, "frobnicate"),
        (vec!["devices", "--connect", "nonsense"], 2, "HOST:PORT"),
        (vec!["tap", "-s", "SIM0001", "--", "-5", "1"], 65, "X is -5"),
        (vec!["open", "-s", "SIM0001", "not a url"], 65, "not a URL"),
        (
            vec!["open", "-s", "SIM0001", "--app", "com.not.there"],
            65,
            "com.not.there",
        ),
        (
            vec!["type", "-s", "SIM0001", "bell\u{7}"],
            65,
            "control character",
        ),
        (vec!["tap", "10", "10"], 65, "several phones"),
        (vec!["tap", "-s", "NOBODY", "1", "1", "--wait", "2"], 69, "NOBODY"),
        (
            vec!["devices", "--resident-jar", "/no/such/u2.jar"],
            78,
            "/no/such/u2.jar",
        ),
    ] {
        let ended = hub.agent(&arguments).await.unwrap();
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(said), "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
    let ended = hub
        .agent(&["tap", "-s", "NOBODY", "1", "1", "--wait", "2", "--json"])
        .await
        .unwrap();
    assert_eq!(ended.json()["error"]["exit_code"], 69);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_a_person_must_accept_says_so() {
    let hub = Hub::start().await.unwrap();
    hub.phone("SIM0002")
        .faults
        .set(Fault::Unauthorized { never: false });
    let ended = hub
        .agent(&[
            "tap",
            "-s",
            &hub.farm.address("SIM0002").to_string(),
            "1",
            "1",
            "--wait",
            "6",
        ])
        .await
        .unwrap();
    assert_eq!(ended.code, Some(69), "{ended:?}");
    assert!(
        ended.stderr.contains("unauthorized") && ended.stderr.contains("Always allow"),
        "{ended:?}"
    );
    let doctor = hub.agent(&["doctor", "--json", "--wait", "6"]).await.unwrap();
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    let findings = doctor.json();
    assert!(
        findings["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["check"] == "authorisation"),
        "{findings}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_hangs_ends_its_call_at_the_deadline_and_says_that_it_may_have_acted() {
    let hub = Hub::start().await.unwrap();
    let device = hub.phone("SIM0001");
    // Known and online first; the fault then strikes the tap itself or a question before it.
    hub.agent(&["facts", "-s", "SIM0001"])
        .await
        .unwrap()
        .expect_done();
    device.faults.set(Fault::Silent);
    let ended = hub
        .agent(&[
            "tap", "-s", "SIM0001", "1", "1", "--wait", "5", "--driver", "plain",
        ])
        .await
        .unwrap();
    assert!(matches!(ended.code, Some(69 | 75)), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn prepare_changes_what_it_must_once_and_says_what_a_person_must_do() {
    let hub = Hub::start().await.unwrap();
    let states = |steps: &Value| -> Vec<(String, String)> {
        let word = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
        steps["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| (word(step, "name"), word(step, "state")))
            .collect()
    };
    let looked = hub
        .agent(&["prepare", "-s", "SIM0001", "--check", "--json"])
        .await
        .unwrap();
    assert_eq!(looked.code, Some(1), "a fresh phone is not ready: {looked:?}");
    assert!(
        states(&looked.json()).contains(&("stay_awake".to_owned(), "would_fix".to_owned())),
        "{looked:?}"
    );
    let walked = hub.agent(&["prepare", "-s", "SIM0001", "--json"]).await.unwrap();
    assert!(
        states(&walked.json()).contains(&("stay_awake".to_owned(), "fixed".to_owned())),
        "{walked:?}"
    );
    let again = hub.agent(&["prepare", "-s", "SIM0001", "--json"]).await.unwrap();
    assert!(
        states(&again.json()).contains(&("stay_awake".to_owned(), "ok".to_owned())),
        "{again:?}"
    );

    hub.phone("SIM0004").faults.set(Fault::InputRefused);
    let refused = hub.agent(&["prepare", "-s", "SIM0004", "--json"]).await.unwrap();
    assert!(
        states(&refused.json()).contains(&("security_switch".to_owned(), "needs_person".to_owned())),
        "{refused:?}"
    );

    hub.phone("SIM0003").faults.set(Fault::Locked { secure: true });
    let locked = hub.agent(&["prepare", "-s", "SIM0003", "--json"]).await.unwrap();
    assert!(
        states(&locked.json()).contains(&("screen_lock".to_owned(), "needs_person".to_owned())),
        "{locked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_and_help_are_there_for_every_command() {
    let hub = Hub::start().await.unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = hub
            .agent(&["completions", shell])
            .await
            .unwrap()
            .expect_done()
            .stdout;
        assert!(script.contains("screenshot"), "{shell}");
    }
    let help = hub.agent(&["--help"]).await.unwrap().expect_done().stdout;
    assert!(
        help.contains("Exit codes") && help.contains("--adb-port"),
        "{help}"
    );
    for command in [
        "devices",
        "facts",
        "screenshot",
        "hierarchy",
        "tap",
        "swipe",
        "type",
        "key",
        "open",
        "prepare",
        "doctor",
    ] {
        assert!(help.contains(command), "{command} in {help}");
        hub.agent(&[command, "--help"]).await.unwrap().expect_done();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_names_a_program_that_sits_on_the_adb_port() {
    let hub = Hub::start().await.unwrap();
    let squatter = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = squatter.local_addr().unwrap().port().to_string();
    let held = tokio::spawn(async move {
        // Accepts and says nothing, as a program does that speaks another protocol.
        let mut open = Vec::new();
        while let Ok((stream, _)) = squatter.accept().await {
            open.push(stream);
        }
    });
    let ended = hub
        .agent(&["doctor", "--adb-port", &port, "--json"])
        .await
        .unwrap();
    held.abort();
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let report = ended.json();
    let server = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["check"] == "adb_server")
        .unwrap();
    assert_eq!(server["state"], "bad");
    assert!(
        server["found"]
            .as_str()
            .unwrap()
            .contains(&std::process::id().to_string()),
        "names the process: {server}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_adb_server_that_is_not_there_is_started_and_ended_again() {
    let hub = Hub::start().await.unwrap();
    let port = farm::free_port().unwrap().to_string();
    let mut command = hub.agent_command(&["devices", "--json", "--adb-port", &port]);
    command
        .env("ADB_USB", "0")
        .env("ADB_EMU", "0")
        .env("ADB_LOCAL_TRANSPORT_MAX_PORT", "5554");
    let output = tokio::time::timeout(Duration::from_secs(90), command.output())
        .await
        .unwrap()
        .unwrap();
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(list.as_array().unwrap().len(), 4, "{list}");
    let left = tokio::net::TcpStream::connect(("127.0.0.1", port.parse::<u16>().unwrap())).await;
    assert!(left.is_err(), "the server that the agent started ended with it");
    // And one that was there before stays.
    hub.agent(&["devices"]).await.unwrap().expect_done();
    assert!(
        tokio::net::TcpStream::connect(("127.0.0.1", hub.adb.port()))
            .await
            .is_ok()
    );
}
