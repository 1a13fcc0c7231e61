//! The control API over a real socket: what it does to phones, and what it says to mistakes.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use simphone::farm::{Farm, FarmError, FarmSpec};
use simphone::phone::power::Stage;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn farm(phones: usize) -> (tempfile::TempDir, Arc<Farm>) {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = FarmSpec::new(dir.path().to_owned());
    spec.phones = phones;
    spec.control = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    let farm = Farm::start(spec).await.unwrap();
    (dir, farm)
}

async fn ask(farm: &Farm, method: &str, path: &str, body: &str) -> (u16, Value) {
    let mut socket = TcpStream::connect(farm.control().unwrap()).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = socket.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(30), read)
        .await
        .unwrap()
        .unwrap();
    let text = String::from_utf8_lossy(&answer).into_owned();
    let status = text.split(' ').nth(1).unwrap().parse().unwrap();
    let body = text.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}

async fn until<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let search = async {
        loop {
            if let Some(found) = found().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), search)
        .await
        .expect(what)
}

#[tokio::test]
async fn phones_are_listed_with_their_state() {
    let (_dir, farm) = farm(4).await;
    let (status, list) = ask(&farm, "GET", "/phones", "").await;
    assert_eq!(status, 200);
    let rows = list.as_array().unwrap();
    let serials: Vec<&str> = rows.iter().filter_map(|row| row["serial"].as_str()).collect();
    assert_eq!(serials, ["SIM0001", "SIM0002", "SIM0003", "SIM0004"]);
    assert_eq!(rows[0]["adb"][0], farm.address("SIM0001").to_string());
    assert_eq!(rows[1]["personality"], "android8");
    assert_eq!(
        rows[0]["power"],
        json!({ "plugged": true, "stage": "up", "boot": 1 })
    );
    farm.stop().await;
}

#[tokio::test]
async fn faults_are_set_and_cleared_and_mistakes_are_named() {
    let (_dir, farm) = farm(1).await;
    let path = "/phones/SIM0001/fault";
    let (status, phone) = ask(&farm, "POST", path, r#"{"kind":"slow","millis":250}"#).await;
    assert_eq!(
        (status, &phone["faults"]),
        (200, &json!([{ "kind": "slow", "millis": 250 }]))
    );
    let (status, phone) = ask(&farm, "POST", path, r#"{"clear":"slow"}"#).await;
    assert_eq!((status, &phone["faults"]), (200, &json!([])));

    for (body, told) in [
        (
            r#"{"kind":"slow","millis":250,"mlilis":1}"#,
            "unknown field `mlilis` for the fault `slow`",
        ),
        (
            r#"{"kind":"silent","for":3}"#,
            "unknown field `for` for the fault `silent`",
        ),
        (r#"{"kind":"wobbly"}"#, "unknown variant `wobbly`"),
        (r#"{"clear":"wobbly"}"#, "there is no fault \"wobbly\" to clear"),
        (r#"{"kind":"slow"}"#, "missing field `millis`"),
        ("[]", "a fault is a JSON object"),
        ("{", "EOF while parsing"),
    ] {
        let (status, answer) = ask(&farm, "POST", path, body).await;
        assert_eq!(status, 400, "{body}");
        assert!(
            answer["error"].as_str().unwrap().contains(told),
            "{body}: {answer}"
        );
        assert!(answer["allowed"]["set"].is_array(), "{body}");
    }
    assert!(farm.phone("SIM0001").faults.all().is_empty());
    farm.stop().await;
}

#[tokio::test]
async fn every_kind_of_fault_is_among_the_examples_and_can_be_set() {
    let (_dir, farm) = farm(1).await;
    let (_, answer) = ask(&farm, "POST", "/phones/SIM0001/fault", r#"{"kind":"?"}"#).await;
    let said = answer["error"].as_str().unwrap().to_owned();
    for example in answer["allowed"]["set"].as_array().unwrap() {
        let kind = example["kind"].as_str().unwrap();
        assert!(said.contains(&format!("`{kind}`")), "{kind}");
    }
    // serde names all kinds that there are: none may be missing from the examples.
    let named = said.matches('`').count() / 2 - 1;
    assert_eq!(
        answer["allowed"]["set"].as_array().unwrap().len(),
        named,
        "{said}"
    );
    farm.stop().await;
}

#[tokio::test]
async fn the_battery_takes_sensible_values_only() {
    let (_dir, farm) = farm(1).await;
    let path = "/phones/SIM0001/battery";
    let body = r#"{"level":15,"temperature":43.5,"charging":false}"#;
    let (status, phone) = ask(&farm, "POST", path, body).await;
    assert_eq!(status, 200);
    assert_eq!(
        phone["battery"],
        json!({ "level": 15, "temperature": 43.5, "charging": false })
    );
    for body in [r#"{"level":101}"#, r#"{"temperature":200}"#, r#"{"volts":5}"#] {
        let (status, answer) = ask(&farm, "POST", path, body).await;
        assert_eq!(status, 400, "{body}");
        assert!(answer["allowed"]["level"].is_string());
    }
    farm.stop().await;
}

#[tokio::test]
async fn an_unplugged_phones_port_refuses_and_a_plugged_one_answers_again() {
    let (_dir, farm) = farm(1).await;
    let address = farm.address("SIM0001");
    assert!(TcpStream::connect(address).await.is_ok());
    assert_eq!(ask(&farm, "POST", "/phones/SIM0001/unplug", "").await.0, 200);
    until("the port refuses", async || {
        TcpStream::connect(address).await.err()
    })
    .await;
    assert_eq!(ask(&farm, "POST", "/phones/SIM0001/plug", "").await.0, 200);
    until("the port answers", async || {
        TcpStream::connect(address).await.ok()
    })
    .await;
    farm.stop().await;
}

#[tokio::test]
async fn a_reboot_goes_through_down_and_booting_to_another_boot() {
    let (_dir, farm) = farm(1).await;
    let phone = farm.phone("SIM0001");
    let mut power = phone.power.watch();
    let before = phone.power.now().boot;
    assert_eq!(
        ask(&farm, "POST", "/phones/SIM0001/reboot", r#"{"seconds":6}"#)
            .await
            .0,
        200
    );
    for stage in [Stage::Booting, Stage::Up] {
        let seen = power.wait_for(|state| state.stage == stage);
        let state = *tokio::time::timeout(Duration::from_secs(30), seen)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(state.boot, before + 1);
    }
    assert_eq!(
        ask(&farm, "POST", "/phones/SIM0001/reboot", r#"{"seconds":-1}"#)
            .await
            .0,
        400
    );
    farm.stop().await;
}

#[tokio::test]
async fn turning_the_phone_turns_the_screen_unless_rotation_is_locked() {
    let (_dir, farm) = farm(1).await;
    let (status, phone) = ask(&farm, "POST", "/phones/SIM0001/rotate", r#"{"rotation":3}"#).await;
    assert_eq!((status, &phone["rotation"]), (200, &json!(3)));
    let phone = farm.phone("SIM0001");
    simphone::phone::lock(&phone.settings)
        .put(
            simphone::phone::settings::Namespace::System,
            "accelerometer_rotation",
            "0",
        )
        .unwrap();
    assert_eq!(ask(&farm, "POST", "/phones/SIM0001/rotate", "{}").await.0, 409);
    farm.stop().await;
}

#[tokio::test]
async fn a_second_transport_is_one_more_port_of_the_same_phone() {
    let (_dir, farm) = farm(1).await;
    let (status, answer) = ask(&farm, "POST", "/phones/SIM0001/second-transport", "").await;
    assert_eq!(status, 200);
    let address: SocketAddr = answer["adb"].as_str().unwrap().parse().unwrap();
    assert_ne!(address, farm.address("SIM0001"));
    assert!(TcpStream::connect(address).await.is_ok());
    farm.stop().await;
}

#[tokio::test]
async fn mistaken_paths_phones_and_methods_are_told_apart() {
    let (_dir, farm) = farm(2).await;
    let (status, answer) = ask(&farm, "GET", "/phones/SIM0009/ledger", "").await;
    assert_eq!(
        (status, &answer["allowed"]),
        (404, &json!(["SIM0001", "SIM0002"]))
    );
    assert_eq!(ask(&farm, "GET", "/nothing", "").await.0, 404);
    assert_eq!(ask(&farm, "GET", "/phones/SIM0001/fault", "").await.0, 405);
    let (status, answer) = ask(
        &farm,
        "POST",
        "/phones/SIM0001/app",
        r#"{"package":"com.absent","command":{}}"#,
    )
    .await;
    assert_eq!(status, 404);
    assert!(answer["error"].as_str().unwrap().contains("com.absent"));
    let (status, answer) = ask(&farm, "POST", "/phones/SIM0001/tap", r#"{"x":1,"z":2}"#).await;
    assert_eq!(status, 400);
    assert!(answer["error"].as_str().unwrap().contains("unknown field `z`"));
    farm.stop().await;
}

#[tokio::test]
async fn twins_share_a_serial_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut spec = FarmSpec::new(dir.path().to_owned());
    spec.phones = 1;
    spec.twin_serial = true;
    let farm = Farm::start(spec).await.unwrap();
    let (one, two) = (farm.phone("SIM0001"), farm.phone("SIM0001-2"));
    assert_eq!(one.spec.serial, two.spec.serial);
    assert_ne!(one.spec.seed, two.spec.seed);
    assert_ne!(farm.address("SIM0001"), farm.address("SIM0001-2"));
    farm.stop().await;
}

#[tokio::test]
async fn ports_that_are_taken_or_scanned_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let holder = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = holder.local_addr().unwrap().port();
    let mut spec = FarmSpec::new(dir.path().to_owned());
    spec.phones = 1;
    spec.base_port = taken;
    let error = Farm::start(spec.clone()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("port {taken} for phone SIM0001 is taken")
    );
    spec.base_port = 5550;
    spec.phones = 10;
    assert!(matches!(Farm::start(spec).await, Err(FarmError::ScannedPort)));
}

#[tokio::test]
async fn a_stopped_farm_has_released_its_ports() {
    let (_dir, farm) = farm(2).await;
    let addresses = [
        farm.address("SIM0001"),
        farm.address("SIM0002"),
        farm.control().unwrap(),
    ];
    farm.stop().await;
    for address in addresses {
        assert!(TcpStream::connect(address).await.is_err(), "{address}");
    }
}
