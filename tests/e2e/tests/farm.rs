//! A farm of real processes through its local API: the phones are there, can be touched, and everything finds its way
//! back by itself after a kill.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::time::Duration;

use farm::http;
use farm::site::{Controller, Site, until};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use shared::screen::Screen;

const SERIALS: [&str; 3] = ["SIM0001", "SIM0002", "SIM0003"];
const SOON: Duration = Duration::from_secs(30);
/// A host that fell silent counts as lost only after half a minute.
const LOST: Duration = Duration::from_secs(90);

async fn hierarchy(site: &Site, serial: &str) -> Screen {
    let answer = site
        .controller
        .get(&format!("/api/v1/devices/{serial}/hierarchy"))
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    Screen::parse(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn input(site: &Site, path: &str, body: &Value) -> Value {
    site.controller.send("POST", path, body).await.unwrap().data()
}

/// Taps what has this resource id, once it is there.
async fn tap(site: &Site, serial: &str, id: &str) {
    let mut point = None;
    until(&format!("{id} on {serial}"), SOON, async || {
        let screen = hierarchy(site, serial).await;
        point = screen
            .nodes()
            .find(|node| node.resource_id().ends_with(id))
            .map(|node| node.bounds().center());
        point.is_some()
    })
    .await
    .unwrap();
    let (x, y) = point.unwrap();
    input(
        site,
        &format!("/api/v1/devices/{serial}/input"),
        &json!({"type": "tap", "x": x, "y": y}),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_phones_are_listed_with_what_is_known_of_them_and_shown_as_pictures() {
    let site = Site::start(3).await.unwrap();
    let mut devices = site.controller.devices().await.unwrap();
    assert_eq!(devices.len(), 3);
    // A phone is online as soon as it has said who it is; how it is comes a moment later.
    let facts = ["model", "android", "resolution", "host", "battery", "last_seen"];
    until("all facts of all phones", SOON, async || {
        devices = site.controller.devices().await.unwrap();
        devices
            .iter()
            .all(|device| facts.iter().all(|fact| !device[*fact].is_null()))
    })
    .await
    .unwrap();
    for (index, serial) in SERIALS.iter().enumerate() {
        let device = devices.iter().find(|device| device["serial"] == *serial).unwrap();
        let make = site.farm.phone(serial).spec.personality;
        assert_eq!(device["model"], make.model);
        assert_eq!(device["android"], make.release);
        let png = site
            .controller
            .get(&format!("/api/v1/devices/{serial}/screenshot"))
            .await
            .unwrap();
        assert_eq!(
            (png.status, png.header("content-type")),
            (200, Some("image/png")),
            "{index}"
        );
        assert_eq!(&png.body[..8], b"\x89PNG\r\n\x1a\n");
        let small = site
            .controller
            .get(&format!("/api/v1/devices/{serial}/screenshot?max=480"))
            .await
            .unwrap();
        assert_eq!(
            (small.status, small.header("content-type")),
            (200, Some("image/jpeg"))
        );
        assert!(small.body.len() < png.body.len());
    }
    let license = site.controller.get("/api/v1/license/check").await.unwrap().data();
    assert_eq!(license["api_enabled"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_phone_and_three_at_once_are_driven_through_notes() {
    let site = Site::start(3).await.unwrap();
    input(
        &site,
        "/api/v1/devices/input",
        &json!({"serials": SERIALS, "type": "start_app", "package": "com.example.notes"}),
    )
    .await;
    for serial in SERIALS {
        tap(&site, serial, "id/add").await;
        tap(&site, serial, "id/body").await;
    }
    input(
        &site,
        "/api/v1/devices/input",
        &json!({"serials": SERIALS, "type": "text", "text": "to all three"}),
    )
    .await;
    input(
        &site,
        "/api/v1/devices/SIM0001/input",
        &json!({"type": "text", "text": ", and more to one"}),
    )
    .await;
    for (serial, text) in [
        ("SIM0001", "to all three, and more to one"),
        ("SIM0002", "to all three"),
        ("SIM0003", "to all three"),
    ] {
        let screen = hierarchy(&site, serial).await;
        let body = screen
            .nodes()
            .find(|node| node.resource_id().ends_with("id/body"))
            .unwrap();
        assert_eq!(body.text(), text, "{serial}");
    }
}

/// The farm's events, read as they come.
struct Events {
    stream: hyper::body::Incoming,
    told: String,
}

impl Events {
    async fn follow(site: &Site) -> Self {
        let accept = [("Accept", "text/event-stream")];
        let events = http::open(site.controller.api, "GET", "/api/v1/events", &accept, "")
            .await
            .unwrap();
        assert_eq!(events.status(), 200);
        Self {
            stream: events.into_body(),
            told: String::new(),
        }
    }

    /// Reads on until an event has all of `words` in its data; that one is then forgotten.
    async fn hear(&mut self, words: &[&str]) {
        let heard = async {
            loop {
                let fits = |line: &str| words.iter().all(|word| line.contains(word));
                if let Some(line) = self.told.lines().find(|line| fits(line)).map(str::to_owned) {
                    self.told = self.told.replacen(&line, "", 1);
                    return;
                }
                let frame = self.stream.frame().await.unwrap().unwrap();
                self.told.push_str(&String::from_utf8_lossy(
                    frame.data_ref().map_or(&[][..], |data| data),
                ));
            }
        };
        let heard = tokio::time::timeout(SOON, heard).await;
        assert!(heard.is_ok(), "no event with {words:?} in {}", self.told);
    }
}

async fn until_state(site: &Site, serial: &str, wanted: &str) {
    until(&format!("{serial} {wanted}"), SOON, async || {
        let devices = site.controller.devices().await.unwrap();
        devices
            .iter()
            .any(|device| device["serial"] == serial && device["state"] == wanted)
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn comings_and_goings_are_told_by_the_list_and_by_events() {
    let site = Site::start(2).await.unwrap();
    let mut events = Events::follow(&site).await;
    let phone = site.farm.phone("SIM0002");

    phone.power.change(|power| power.plugged = false);
    events.hear(&["SIM0002", "unplugged"]).await;
    until_state(&site, "SIM0002", "unplugged").await;
    phone.power.change(|power| power.plugged = true);
    events.hear(&["SIM0002", "\"to\":\"online\""]).await;
    until_state(&site, "SIM0002", "online").await;

    simphone::phone::boot::reboot(&phone, Duration::from_secs(60));
    events.hear(&["SIM0002", "\"from\":\"online\""]).await;
    events.hear(&["SIM0002", "\"to\":\"online\""]).await;
    until_state(&site, "SIM0002", "online").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_adb_server_is_replaced_and_the_phones_are_back() {
    let site = Site::start(2).await.unwrap();
    let mut events = Events::follow(&site).await;
    site.kill_adb_server().await.unwrap();
    for serial in ["SIM0001", "SIM0002"] {
        events.hear(&[serial, "\"from\":\"online\""]).await;
    }
    site.controller.until_online(2, SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_controller_and_a_killed_agent_find_each_other_again() {
    let mut site = Site::start(2).await.unwrap();
    site.controller.kill().await.unwrap();
    site.controller.start().unwrap();
    site.controller.until_ready(SOON).await.unwrap();
    site.controller.until_online(2, SOON).await.unwrap();
    site.kill_agent().await.unwrap();
    site.controller.until_online(0, LOST).await.unwrap();
    site.start_agent().await.unwrap();
    site.controller.until_online(2, SOON).await.unwrap();
    let hosts = site.controller.get("/api/v1/hosts").await.unwrap().data();
    assert_eq!(
        hosts["hosts"].as_array().unwrap().len(),
        1,
        "the agent kept its certificate: {hosts}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_was_away_until_both_ends_gave_up_is_used_again() {
    let (site, line) = Site::start_over_line(2).await.unwrap();
    line.cut();
    // Half a minute of silence, until the controller counts the host as lost.
    site.controller.until_online(0, LOST).await.unwrap();
    line.mend();
    site.controller.until_online(2, SOON).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_controller_stands_by_and_takes_over_from_a_killed_one() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("farm.db").display());
    take_over(folder.path(), &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_controller_takes_over_on_postgres_too() {
    let folder = tempfile::tempdir().unwrap();
    let postgres = farm::Postgres::start().await.unwrap();
    let url = postgres.url();
    take_over(folder.path(), &url).await;
}

async fn take_over(folder: &std::path::Path, url: &str) {
    // One database has one set of keys: agents know the farm by them, and its secrets open with them.
    let keys = format!("keys_dir={}", folder.join("keys").display());
    let shared = ["--database-url", url, "--set", &keys];
    let mut first = Controller::new(&folder.join("first"), &shared).unwrap();
    let mut second = Controller::new(&folder.join("second"), &shared).unwrap();
    first.start().unwrap();
    first.until_ready(SOON).await.unwrap();
    second.start().unwrap();
    until("the second to stand by", SOON, async || {
        second.get("/readyz").await.is_ok_and(|answer| {
            answer.status == 503 && String::from_utf8_lossy(&answer.body).contains("standby")
        })
    })
    .await
    .unwrap();
    let refused = second.get("/api/v1/devices").await.unwrap();
    assert_eq!(
        (refused.status, refused.json()["code"].as_i64()),
        (503, Some(50301))
    );
    // What is edited while it waits is in force with it when it takes over.
    let edit = json!({"alternatives": [{"id": "zz9"}], "reason": "the app renamed it"});
    let element = "/api/v1/packs/tiktok/elements/post_button";
    let edited = first.send("PUT", element, &edit).await.unwrap().data();
    assert_eq!(edited["changed"], true, "{edited}");
    first.kill().await.unwrap();
    second.until_ready(SOON).await.unwrap();
    let taken_over = second.get("/api/v1/packs/tiktok").await.unwrap().data();
    assert_eq!(
        (&taken_over["pack"]["hash"], &taken_over["pack"]["origin"]),
        (&edited["pack"]["hash"], &json!("edited"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restored_into_an_empty_folder_is_the_same_farm() {
    let site = Site::start(2).await.unwrap();
    let change = json!({"device_index": 77, "name": "Left shelf"});
    site.controller
        .send("PATCH", "/api/v1/devices/SIM0002", &change)
        .await
        .unwrap()
        .data();
    let file = site.folder().join("farm.backup");
    let saved = site
        .controller
        .command(&["backup"])
        .arg(&file)
        .output()
        .await
        .unwrap();
    assert!(saved.status.success(), "{saved:?}");
    let live = site
        .controller
        .command(&["restore"])
        .arg(&file)
        .output()
        .await
        .unwrap();
    assert_eq!(
        live.status.code(),
        Some(75),
        "a live controller's database is not replaced: {live:?}"
    );
    let mut other = Controller::new(&site.folder().join("other"), &[]).unwrap();
    let restored = other.command(&["restore"]).arg(&file).output().await.unwrap();
    assert!(restored.status.success(), "{restored:?}");
    // The keys are not in a backup: they come from a copy that was kept apart.
    let keys = other.data.join("keys");
    std::fs::create_dir_all(&keys).unwrap();
    for key in std::fs::read_dir(site.controller.data.join("keys")).unwrap() {
        let key = key.unwrap();
        std::fs::copy(key.path(), keys.join(key.file_name())).unwrap();
    }
    other.start().unwrap();
    other.until_ready(SOON).await.unwrap();
    let devices = other.devices().await.unwrap();
    let second = devices
        .iter()
        .find(|device| device["serial"] == "SIM0002")
        .unwrap();
    assert_eq!(
        (&second["device_index"], &second["name"]),
        (&json!(77), &json!("Left shelf"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_asks_a_running_controller_and_says_when_none_runs() {
    let mut site = Site::start(1).await.unwrap();
    let run = async |site: &Site, arguments: &[&str]| {
        let output = site.controller.command(arguments).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, devices, _) = run(&site, &["devices", "list"]).await;
    assert!(
        code == Some(0) && devices.contains("SIM0001") && devices.contains("Pixel 6"),
        "{devices}"
    );
    let (code, _, _) = run(&site, &["devices", "set", "SIM0001", "--index", "9"]).await;
    assert_eq!(code, Some(0));
    let (code, status, _) = run(&site, &["status"]).await;
    assert!(code == Some(0) && status.contains("1 of 1 online"), "{status}");
    let (code, hosts, _) = run(&site, &["hosts", "list", "--json"]).await;
    assert_eq!(code, Some(0));
    let hosts: Value = serde_json::from_str(&hosts).unwrap();
    let id = hosts["hosts"][0]["id"].as_str().unwrap().to_owned();
    let (code, _, _) = run(&site, &["hosts", "revoke", &id]).await;
    assert_eq!(code, Some(0));
    site.controller.until_online(0, SOON).await.unwrap();
    let (code, _, said) = run(&site, &["devices", "set", "NOBODY", "--name", "x"]).await;
    assert!(code == Some(65) && said.contains("NOBODY"), "{said}");
    site.controller.kill().await.unwrap();
    let (code, _, said) = run(&site, &["status"]).await;
    assert!(
        code == Some(69) && said.contains("drover-controller serve"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_door_without_tls_and_a_wrong_setting_do_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let controller = Controller::new(&folder.path().join("data"), &[]).unwrap();
    for (arguments, said) in [
        (vec!["serve", "--set", "listen=0.0.0.0:0"], "TLS"),
        (vec!["serve", "--set", "plan=gold"], "plan"),
        (vec!["serve", "--set", "lisen=1"], "did you mean listen?"),
        (
            vec!["serve", "--config", "/no/such/file.toml"],
            "/no/such/file.toml",
        ),
    ] {
        // The harness names an address already; what is said last must win.
        let mut command = tokio::process::Command::new(farm::binary("drover-controller"));
        command
            .arg("--data-dir")
            .arg(&controller.data)
            .args(&arguments)
            .env_clear()
            .kill_on_drop(true);
        let output = tokio::time::timeout(SOON, command.output())
            .await
            .unwrap()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(78), "{arguments:?}: {stderr}");
        assert!(stderr.contains(said), "{arguments:?}: {stderr}");
    }
}
