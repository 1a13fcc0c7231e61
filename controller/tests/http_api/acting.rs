//! Acting on phones: input to one and to many, identify, prepare, an app on many.

use axum::http::Method;
use controller::fleet::{Ask, AskError};
use serde_json::json;
use shared::act::InputAct;
use shared::device::DeviceState;

use crate::api::ask;
use crate::devices::farm;
use crate::scripted::phone;

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
async fn coordinates_of_one_screen_are_scaled_to_each_phones_own() {
    let api = farm().await;
    let mut small = phone("SMALL", api.state.started_at);
    let size = small.screen_size.as_mut().unwrap();
    (size.value.width, size.value.height) = (540, 1_200);
    api.phones.put(small, None);
    let mut unknown = phone("UNSEEN", api.state.started_at);
    unknown.screen_size = None;
    api.phones.put(unknown, None);
    let tap = r#"{"serials":["SIM0002","SMALL","UNSEEN"],"type":"tap","x":1079,"y":1200,"width":1080,"height":2400}"#;
    let data = api.post("/api/v1/devices/input", tap).await.data();
    assert_eq!(
        (&data["done_count"], &data["failed_count"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(data["results"][2]["code"], 40901);
    let taps = [
        (
            "SIM0002".to_owned(),
            Ask::Input(InputAct::Tap { x: 1_079, y: 1_200 }),
        ),
        ("SMALL".to_owned(), Ask::Input(InputAct::Tap { x: 539, y: 600 })),
    ];
    assert_eq!(api.phones.asked(), taps);
    let swipe = r#"{"type":"swipe","x1":0,"y1":2400,"x2":540,"y2":0,"width":1080,"height":2400}"#;
    api.post("/api/v1/devices/SMALL/input", swipe).await.data();
    let swiped = InputAct::Swipe {
        x1: 0,
        y1: 1_199,
        x2: 270,
        y2: 0,
        millis: 300,
    };
    assert_eq!(api.phones.asked()[2], ("SMALL".to_owned(), Ask::Input(swiped)));
    let half = api
        .post(
            "/api/v1/devices/SMALL/input",
            r#"{"type":"tap","x":1,"y":1,"width":9}"#,
        )
        .await;
    assert!(half.message().starts_with("height: "), "{}", half.message());
}
