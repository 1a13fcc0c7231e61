//! Phones: listed, found by any name, changed, looked at, acted on.

use axum::http::{Method, StatusCode};
use controller::fleet::{Ask, AskError};
use controller::store::{DeviceRow, NewHost, SeenDevice};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::act::InputAct;
use shared::clock::Clock as _;
use shared::device::{DeviceState, Serial};

use crate::api::{Api, ask};
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
        "platform=tiktok",
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
async fn every_kind_of_input_reaches_the_phone() {
    let api = farm().await;
    let url = "https://example.org/a?b=c";
    let cases = [
        (
            r#"{"type":"tap","x":"10","y":20.0}"#,
            InputAct::Tap { x: 10, y: 20 },
        ),
        (
            r#"{"type":"long_press","x":1,"y":2}"#,
            InputAct::LongPress {
                x: 1,
                y: 2,
                millis: 800,
            },
        ),
        (
            r#"{"type":"swipe","x1":1,"y1":2,"x2":3,"y2":4,"duration_ms":50}"#,
            InputAct::Swipe {
                x1: 1,
                y1: 2,
                x2: 3,
                y2: 4,
                millis: 50,
            },
        ),
        (
            r#"{"type":"text","text":"héllo 😀"}"#,
            InputAct::Text {
                text: "héllo 😀".to_owned(),
            },
        ),
        (r#"{"type":"key","code":"66"}"#, InputAct::Key { code: 66 }),
        (
            r#"{"type":"key","key":"KEYCODE_BACK"}"#,
            InputAct::Key { code: 4 },
        ),
        (
            r#"{"type":"open_url","url":"https://example.org/a?b=c"}"#,
            InputAct::OpenUrl {
                url: url.to_owned(),
                package: None,
            },
        ),
        (
            r#"{"type":"start_app","package":"a.b"}"#,
            InputAct::StartApp {
                package: "a.b".to_owned(),
            },
        ),
        (
            r#"{"type":"stop_app","package":"a.b"}"#,
            InputAct::StopApp {
                package: "a.b".to_owned(),
            },
        ),
    ];
    for (body, act) in cases {
        let data = api.post("/api/v1/devices/SIM0002/input", body).await.data();
        assert_eq!(data, json!({"serial": "SIM0002", "done": true}), "{body}");
        assert_eq!(
            api.phones.asked().pop().unwrap(),
            ("SIM0002".to_owned(), Ask::Input(act)),
            "{body}"
        );
    }
    let before = api.phones.asked().len();
    for (body, told) in [
        ("{}", "type: is required"),
        (r#"{"type":"dance"}"#, "is none of tap,"),
        (r#"{"type":"tap","x":1}"#, "y: is required"),
        (
            r#"{"type":"tap","x":1,"y":-1}"#,
            "y: must be a whole number from 0",
        ),
        (r#"{"type":"key","key":"any"}"#, "key: \"any\" is none of home"),
        (r#"{"type":"key","code":0}"#, "code: must be"),
        (
            r#"{"type":"start_app","package":"a; reboot"}"#,
            "not the name of an app",
        ),
    ] {
        let answer = api.post("/api/v1/devices/SIM0002/input", body).await;
        assert_eq!(answer.code(), 40001, "{body}");
        assert!(answer.message().contains(told), "{}", answer.message());
    }
    assert_eq!(api.phones.asked().len(), before, "what is wrong reaches no phone");
}

#[tokio::test]
async fn what_a_phone_refuses_is_told_by_its_code() {
    let api = farm().await;
    let tap = r#"{"type":"tap","x":1,"y":2}"#;
    let message = "it may have happened".to_owned();
    for (error, code) in [
        (
            AskError::NotOnline {
                serial: "SIM0001".to_owned(),
                state: DeviceState::Offline,
                reason: None,
            },
            40901,
        ),
        (AskError::HostAway, 40901),
        (
            AskError::Refused {
                message: "no".to_owned(),
                bad_input: false,
            },
            40901,
        ),
        (
            AskError::Refused {
                message: "no".to_owned(),
                bad_input: true,
            },
            40001,
        ),
        (AskError::Deadline, 50301),
        (
            AskError::Uncertain {
                message: message.clone(),
            },
            50001,
        ),
    ] {
        api.phones.trouble("SIM0001", error.clone());
        let answer = api.post("/api/v1/devices/SIM0001/input", tap).await;
        assert_eq!(answer.code(), code, "{error:?}");
        if code == 50001 {
            assert!(answer.message().starts_with(&message), "{}", answer.message());
        }
    }
}

#[tokio::test]
async fn many_phones_get_the_same_input_or_none_does() {
    let api = farm().await;
    let body = r#"{"serials":["SIM0002","127.0.0.1:6007","SIM0001"],"type":"text","text":"x"}"#;
    api.phones.trouble("SIM0001", AskError::HostAway);
    let data = api.post("/api/v1/devices/input", body).await.data();
    assert_eq!(
        (&data["done_count"], &data["failed_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        data["results"][0],
        json!({"serial": "SIM0002", "done": true, "code": 0, "message": "success"})
    );
    assert_eq!(
        (&data["results"][1]["serial"], &data["results"][1]["code"]),
        (&json!("SIM0001"), &json!(40901))
    );
    assert_eq!(
        api.phones.asked().len(),
        2,
        "a phone that is named twice acts once"
    );
    let unknown = r#"{"serials":"SIM0001,NOBODY","type":"text","text":"x"}"#;
    let answer = api.post("/api/v1/devices/input", unknown).await;
    assert_eq!(answer.code(), 40401);
    assert!(answer.message().contains("NOBODY"));
    assert_eq!(
        api.post(
            "/api/v1/devices/input",
            r#"{"type":"text","text":"x","serials":[]}"#
        )
        .await
        .code(),
        40001
    );
    assert_eq!(api.phones.asked().len(), 2);
}

#[tokio::test]
async fn identify_shows_the_index_and_prepare_tells_its_steps() {
    let api = farm().await;
    // A POST without a body needs no content type.
    let shown = api
        .call(ask(Method::POST, "/api/v1/devices/SIM0002/identify", &[], ""))
        .await;
    assert_eq!(shown.data()["done"], true);
    assert_eq!(api.phones.asked()[0].1, Ask::Identify { index: 2 });
    assert_eq!(api.post("/api/v1/devices/NEW/identify", "").await.code(), 40901);
    let prepared = api
        .post("/api/v1/devices/SIM0002/prepare", r#"{"check": 1}"#)
        .await
        .data();
    assert_eq!(prepared["ready"], false);
    let step = json!({
        "name": "screen_lock", "title": "Screen lock", "state": "needs_person", "found": "a PIN", "advice": "remove it",
    });
    assert_eq!(prepared["steps"], json!([step]));
    assert_eq!(api.phones.asked().pop().unwrap().1, Ask::Prepare { check: true });
}

#[tokio::test]
async fn an_app_is_installed_on_many_and_the_outcome_told_for_each() {
    let api = farm().await;
    api.phones.trouble(
        "SIM0002",
        AskError::Refused {
            message: "INSTALL_FAILED".to_owned(),
            bad_input: false,
        },
    );
    let path = "/api/v1/devices/install?serials=SIM0001,SIM0002";
    let apk = "PK\u{3}\u{4}rest of it";
    let data = api.post(path, apk).await.data();
    assert_eq!(
        (&data["done_count"], &data["failed_count"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(data["results"][1]["message"], "INSTALL_FAILED");
    assert_eq!(api.phones.apks.lock().unwrap()[0], apk.as_bytes());
    let browser = [
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/vnd.android.package-archive"),
        ("accept", "text/event-stream"),
    ];
    let events = api.call(ask(Method::POST, path, &browser, apk)).await;
    assert_eq!(events.headers["content-type"], "text/event-stream");
    let events = events.text();
    assert!(
        events.contains(
            "event: progress\ndata: {\"serial\":\"SIM0001\",\"state\":\"sending\",\"done\":14,\"total\":14}"
        ),
        "{events}"
    );
    assert!(events.contains("\"state\":\"installed\""), "{events}");
    assert!(
        events.contains("\"state\":\"failed\",\"code\":40901,\"message\":\"INSTALL_FAILED\""),
        "{events}"
    );
    assert!(
        events.ends_with("event: done\ndata: {\"done_count\":1,\"failed_count\":1}\n\n"),
        "{events}"
    );
    assert_eq!(api.post(path, "<html>").await.code(), 40001);
    assert_eq!(api.post(path, "").await.code(), 40001);
    assert_eq!(api.post("/api/v1/devices/install", apk).await.code(), 40001);
    assert_eq!(
        api.post("/api/v1/devices/install?serials=SIM0001,X", apk)
            .await
            .code(),
        40401
    );
    assert_eq!(api.phones.apks.lock().unwrap().len(), 2);
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
