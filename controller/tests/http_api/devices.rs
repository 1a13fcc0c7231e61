//! Phones: listed, found by any name, changed, looked at.

use axum::http::StatusCode;
use controller::fleet::Ask;
use controller::store::{DeviceRow, NewHost, SeenDevice};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::clock::Clock as _;
use shared::device::{DeviceState, Serial};

use crate::api::Api;
use crate::scripted::{HUB, phone};

/// Three phones of one host: two online, one that nobody has allowed yet; and one that only the database knows.
pub(crate) async fn farm() -> Api {
    let api = Api::start().await;
    let now = api.clock.now();
    let hub = NewHost {
        id: HUB,
        name: "hub".to_owned(),
        key_fingerprint: "f".repeat(64),
    };
    api.state.store.create_host(hub, "test").await.unwrap();
    let rows = seen(&api, &["SIM0001", "SIM0002", "AWAY"]).await;
    api.phones.put(phone("SIM0001", now), Some(rows[0].clone()));
    api.phones.put(phone("SIM0002", now), Some(rows[1].clone()));
    let mut stranger = shared::device::Device::new(Serial("NEW".to_owned()), DeviceState::Unauthorized, now);
    stranger.state_reason = Some("tap Always allow".to_owned());
    api.phones.put(stranger, None);
    api.phones.connect(now);
    api
}

async fn seen(api: &Api, serials: &[&str]) -> Vec<DeviceRow> {
    let seen: Vec<_> = serials
        .iter()
        .map(|serial| SeenDevice {
            serial: Serial((*serial).to_owned()),
            host_id: HUB,
            manufacturer: "Google".to_owned(),
            model: "Pixel 7".to_owned(),
            android: "14".to_owned(),
            sdk: 34,
        })
        .collect();
    api.state.store.record_seen(&seen).await.unwrap()
}

fn serials(list: &Value) -> Vec<&str> {
    let devices = list["devices"].as_array().unwrap();
    devices
        .iter()
        .map(|device| device["serial"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn all_phones_are_listed_with_their_facts_and_the_times_of_these() {
    let api = farm().await;
    let list = api.get("/api/v1/devices").await.data();
    assert_eq!(serials(&list), ["SIM0001", "SIM0002", "AWAY", "NEW"]);
    assert_eq!(list["total"], 4);
    let at = "2027-01-15T08:00:00Z";
    let first = &list["devices"][0];
    assert_eq!(first["device_index"], 1);
    assert_eq!(
        (&first["model"], &first["android"], &first["sdk"]),
        (&json!("Pixel 7"), &json!("14"), &json!(34))
    );
    let battery = json!({
        "level": 81, "temperature": 29.5, "charging": true, "status": "charging", "frozen": false, "at": at,
    });
    assert_eq!(first["battery"], battery);
    assert_eq!(
        first["resolution"],
        json!({"width": 1080, "height": 2400, "rotation": 0, "density": 420, "at": at})
    );
    assert_eq!(first["screen"], json!({"on": true, "locked": false, "at": at}));
    assert_eq!(first["foreground"]["package"], "com.android.notes");
    assert_eq!(
        (&first["host"], &first["host_name"]),
        (&json!(HUB.to_string()), &json!("hub"))
    );
    assert_eq!(
        (&first["state"], &first["usb_path"]),
        (&json!("online"), &json!("1-1.4"))
    );
    let away = &list["devices"][2];
    assert_eq!(away["state"], "unplugged");
    assert_eq!(away["state_reason"], "its host hub does not see it");
    assert_eq!(away["model"], "Pixel 7");
    let new = &list["devices"][3];
    assert_eq!(
        (&new["state"], &new["device_index"]),
        (&json!("unauthorized"), &Value::Null)
    );
    api.phones.hosts.lock().unwrap().clear();
    let away = api.get("/api/v1/devices/AWAY").await.data();
    assert_eq!(away["state"], "offline");
    assert!(
        away["state_reason"]
            .as_str()
            .unwrap()
            .contains("has not connected")
    );
}

#[tokio::test]
async fn the_list_is_filtered_and_paged() {
    let api = farm().await;
    api.patch("/api/v1/devices/SIM0002", r#"{"groups": ["b", "a"]}"#)
        .await
        .data();
    for (query, expected) in [
        ("state=online", vec!["SIM0001", "SIM0002"]),
        ("state=unplugged,unauthorized", vec!["AWAY", "NEW"]),
        ("state=unplugged&state=unauthorized", vec!["AWAY", "NEW"]),
        ("group=a", vec!["SIM0002"]),
        ("group=nobody", vec![]),
        ("host=hub&state=online", vec!["SIM0001", "SIM0002"]),
        ("host=other", vec![]),
        ("page=2&page_size=1", vec!["SIM0002"]),
        ("page=9", vec![]),
    ] {
        let list = api.get(&format!("/api/v1/devices?{query}")).await.data();
        assert_eq!(serials(&list), expected, "{query}");
    }
    let list = api.get("/api/v1/devices?page_size=5000").await.data();
    assert_eq!(
        (&list["page"], &list["page_size"], &list["total"]),
        (&json!(1), &json!(100), &json!(4))
    );
    for query in [
        "state=broken",
        "platform=myspace",
        "page=0",
        "page=-1",
        "page_size=x",
    ] {
        assert_eq!(
            api.get(&format!("/api/v1/devices?{query}")).await.code(),
            40001,
            "{query}"
        );
    }
}

#[tokio::test]
async fn an_operator_changes_index_name_and_groups_on_record() {
    let api = farm().await;
    let changed = api
        .patch(
            "/api/v1/devices/SIM0001",
            r#"{"device_index": "60", "name": " Left ", "groups": "b,a"}"#,
        )
        .await;
    let changed = changed.data();
    assert_eq!(changed["device_index"], 60);
    assert_eq!(changed["name"], "Left");
    assert_eq!(changed["groups"], json!(["a", "b"]));
    assert_eq!(
        api.get("/api/v1/devices/SIM0001").await.data()["device_index"],
        60
    );
    let taken = api
        .patch("/api/v1/devices/SIM0001", r#"{"device_index": 2}"#)
        .await;
    assert_eq!((taken.code(), taken.status), (40901, StatusCode::CONFLICT));
    assert!(taken.message().contains("SIM0002"), "{}", taken.message());
    for (body, told) in [
        ("{}", "nothing to change"),
        (
            r#"{"device_index": 0}"#,
            "device_index: must be a whole number from 1 to 1000000",
        ),
        (r#"{"device_index": "x"}"#, "device_index"),
        (r#"{"groups": [{}]}"#, "groups: must be a list of texts"),
        (r#"{"name": ["x"]}"#, "name: must be text, not a list"),
    ] {
        let answer = api.patch("/api/v1/devices/SIM0001", body).await;
        assert_eq!(answer.code(), 40001, "{body}");
        assert!(answer.message().contains(told), "{}", answer.message());
    }
    assert_eq!(
        api.patch("/api/v1/devices/NEW", r#"{"name": "x"}"#).await.code(),
        40401
    );
    assert_eq!(
        api.patch("/api/v1/devices/NOBODY", r#"{"name": "x"}"#)
            .await
            .code(),
        40401
    );
    let record = api.get("/api/v1/audit?page_size=1").await.data();
    assert_eq!(record["entries"][0]["subject"], "SIM0001");
    assert_eq!(record["entries"][0]["after"]["device_index"], 60);
}

#[tokio::test]
async fn a_phone_is_looked_at_under_any_of_its_names() {
    let api = farm().await;
    let alias = "127.0.0.1:6007";
    assert_eq!(
        api.get(&format!("/api/v1/devices/{alias}")).await.data()["serial"],
        "SIM0001"
    );
    let png = api.get(&format!("/api/v1/devices/{alias}/screenshot")).await;
    assert_eq!(
        (png.status, &png.headers["content-type"]),
        (StatusCode::OK, &"image/png".parse().unwrap())
    );
    assert!(png.bytes.starts_with(b"\x89PNG"));
    let jpeg = api.get("/api/v1/devices/SIM0001/screenshot?max=480").await;
    assert_eq!(jpeg.headers["content-type"], "image/jpeg");
    let xml = api.get("/api/v1/devices/SIM0001/hierarchy").await;
    assert!(xml.text().starts_with("<hierarchy"));
    assert_eq!(xml.headers["x-drover-driver"], "plain");
    assert!(
        xml.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("application/xml")
    );
    let front = api.get("/api/v1/devices/SIM0001/foreground").await.data();
    assert_eq!(front["package"], "com.android.settings");
    assert!(front["at"].is_string());
    let asked = api.phones.asked();
    assert_eq!(
        asked[1],
        ("SIM0001".to_owned(), Ask::Screenshot { max: Some(480) })
    );
    for path in [
        "NOBODY",
        "NOBODY/screenshot",
        "NOBODY/hierarchy",
        "NOBODY/foreground",
    ] {
        let answer = api.get(&format!("/api/v1/devices/{path}")).await;
        assert_eq!(answer.code(), 40401, "{path}");
        assert!(answer.message().contains("NOBODY"));
    }
    assert_eq!(
        api.get("/api/v1/devices/SIM0001/screenshot?max=1").await.code(),
        40001
    );
}

#[tokio::test]
async fn a_time_in_an_answer_is_rfc_3339_with_its_offset() {
    let api = farm().await;
    let seen = api.get("/api/v1/devices/SIM0001").await.data()["last_seen"]
        .as_str()
        .unwrap()
        .to_owned();
    let read: Timestamp = seen.parse().unwrap();
    assert_eq!(read, api.clock.now());
    assert!(seen.ends_with('Z') || seen.contains('+'));
}

#[tokio::test]
async fn a_screen_is_taken_apart_with_names_for_its_nodes_and_what_the_packs_find() {
    let api = farm().await;
    let empty = api.get("/api/v1/devices/SIM0002/inspect").await;
    assert_eq!(empty.code(), 40901, "a screen without anything");
    let feed = include_str!("../../flows/instagram/screens/feed.xml");
    feed.clone_into(&mut api.phones.hierarchy.lock().unwrap());
    let seen = api.get("/api/v1/devices/SIM0002/inspect").await.data();
    assert_eq!(
        (&seen["serial"], &seen["driver"]),
        (&json!("SIM0002"), &json!("plain"))
    );
    let nodes = seen["nodes"].as_array().unwrap();
    assert!(
        nodes[0]["parent"].is_null() && nodes[1]["parent"] == 0,
        "{}",
        nodes[1]
    );
    assert_eq!(nodes[0]["bounds"][2], seen["width"]);
    let elements = seen["elements"].as_array().unwrap();
    assert!(
        elements.iter().all(|element| element["pack"] == "instagram"),
        "{elements:?}"
    );
    let home = elements.iter().find(|element| element["element"] == "home_tab");
    let home = home.unwrap_or_else(|| panic!("{elements:?}"));
    let node = &nodes[home["nodes"][0].as_u64().unwrap() as usize];
    assert!(node["selector"].as_str().unwrap().starts_with("{ "), "{node}");
    assert_eq!(node["by_place"], false);
    assert!(home["line"].as_u64().unwrap() > 1);
}
