//! Hosts, the overview, events, figures.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use controller::fleet::EventKind;
use controller::state::Readiness;
use futures_util::StreamExt as _;
use serde_json::json;
use shared::clock::Clock as _;
use shared::device::{DeviceState, Serial};
use uuid::Uuid;

use crate::api::{Api, ask};
use crate::devices::farm;
use crate::scripted::HUB;

/// Reads a stream until it holds `wanted`.
async fn until(body: &mut axum::body::BodyDataStream, told: &mut String, wanted: &str) {
    let reading = async {
        while !told.contains(wanted) {
            let piece = body
                .next()
                .await
                .unwrap_or_else(|| panic!("the stream ended: {told}"));
            told.push_str(std::str::from_utf8(&piece.unwrap()).unwrap());
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), reading).await;
    assert!(in_time.is_ok(), "{wanted} did not come");
}

async fn listen(api: &Api, path: &str, headers: &[(&str, &str)]) -> axum::body::BodyDataStream {
    let response = api.send(ask(Method::GET, path, headers, "")).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Body::into_data_stream(response.into_body())
}

fn gone(serial: &str) -> EventKind {
    EventKind::StateChanged {
        serial: Serial(serial.to_owned()),
        from: DeviceState::Online,
        to: DeviceState::Unplugged,
        reason: Some("cable".to_owned()),
    }
}

#[tokio::test]
async fn events_are_told_with_ids_and_a_reader_goes_on_where_it_was() {
    let api = farm().await;
    let mut first = listen(&api, "/api/v1/events", &[]).await;
    let mut told = String::new();
    until(&mut first, &mut told, ": listening").await;
    api.phones.happen(api.clock.now(), gone("SIM0001"));
    until(&mut first, &mut told, "\"state_changed\"").await;
    until(&mut first, &mut told, "\n\n").await;
    let data = told.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let expected = json!({
        "at": "2027-01-15T08:00:00Z", "what": "state_changed", "serial": "SIM0001",
        "from": "online", "to": "unplugged", "reason": "cable",
    });
    assert_eq!(data, expected);
    assert!(told.contains("event: device"), "{told}");
    let id = told
        .lines()
        .find_map(|line| line.strip_prefix("id: "))
        .unwrap()
        .to_owned();
    drop(first);
    api.phones.happen(
        api.clock.now(),
        EventKind::HostConnected {
            host: HUB,
            name: "hub".to_owned(),
        },
    );
    let mut again = listen(&api, "/api/v1/events", &[("last-event-id", &id)]).await;
    let mut told = String::new();
    until(&mut again, &mut told, "host_connected").await;
    assert!(!told.contains("SIM0001") && !told.contains("missed"), "{told}");
    assert!(told.contains("event: host"), "{told}");
}

#[tokio::test]
async fn a_reader_is_told_what_kinds_it_wants_and_that_it_missed_something() {
    let api = farm().await;
    let mut alerts = listen(
        &api,
        "/api/v1/events?kinds=alert",
        &[("last-event-id", "another-run-7")],
    )
    .await;
    let mut told = String::new();
    until(&mut alerts, &mut told, "\"what\":\"missed\"").await;
    api.phones.happen(api.clock.now(), gone("SIM0001"));
    let refused = EventKind::HostRefused {
        host: HUB,
        name: "hub".to_owned(),
        reason: "revoked".to_owned(),
    };
    api.phones.happen(api.clock.now(), refused);
    until(&mut alerts, &mut told, "host_refused").await;
    assert!(!told.contains("SIM0001"), "{told}");
    assert_eq!(api.get("/api/v1/events?kinds=noise").await.code(), 40001);
    let overview = api.get("/api/v1/overview").await.data();
    assert_eq!(overview["alerts"][0]["reason"], "revoked");
    assert_eq!(
        api.get("/api/v1/devices/SIM0001").await.data()["faults_last_hour"],
        1
    );
    api.clock.advance(Duration::from_secs(3_601));
    assert_eq!(
        api.get("/api/v1/devices/SIM0001").await.data()["faults_last_hour"],
        0
    );
}

#[tokio::test]
async fn streams_end_when_the_controller_stops() {
    let api = farm().await;
    let mut stream = listen(&api, "/api/v1/events", &[]).await;
    until(&mut stream, &mut String::new(), "listening").await;
    api.readiness.send(Readiness::ShuttingDown).unwrap();
    let end = tokio::time::timeout(Duration::from_secs(30), stream.next())
        .await
        .unwrap();
    assert!(end.is_none());
}

#[tokio::test]
async fn the_overview_counts_phones_by_state_and_hosts_by_link() {
    let api = farm().await;
    api.patch("/api/v1/devices/SIM0001", r#"{"groups": ["left"]}"#)
        .await
        .data();
    let overview = api.get("/api/v1/overview").await.data();
    let devices = json!({
        "total": 4, "online": 2, "offline": 0, "unauthorized": 1, "no_permissions": 0, "unplugged": 1,
    });
    assert_eq!(overview["devices"], devices);
    assert_eq!(
        overview["hosts"],
        json!({"total": 1, "connected": 1, "away": 0, "away_names": []})
    );
    assert_eq!(overview["groups"], json!({"left": 1}));
    assert_eq!(overview["plan_name"], "Self-hosted");
    api.phones.hosts.lock().unwrap().clear();
    let overview = api.get("/api/v1/overview").await.data();
    assert_eq!(overview["hosts"]["away_names"], json!(["hub"]));
}

#[tokio::test]
async fn hosts_are_listed_with_their_links_and_can_be_revoked() {
    let api = farm().await;
    let hosts = api.get("/api/v1/hosts").await.data();
    let hub = &hosts["hosts"][0];
    assert_eq!(
        (&hub["name"], &hub["connected"], &hub["devices"]),
        (&json!("hub"), &json!(true), &json!(3))
    );
    assert_eq!(
        (&hub["rtt_ms"], &hub["address"]),
        (&json!(1.5), &json!("192.0.2.1:5000"))
    );
    let revoked = api.delete(&format!("/api/v1/hosts/{HUB}")).await.data();
    assert_eq!(
        (&revoked["id"], &revoked["connected"]),
        (&json!(HUB.to_string()), &json!(false))
    );
    assert_eq!(*api.phones.revoked.lock().unwrap(), [HUB]);
    for id in ["nonsense".to_owned(), Uuid::nil().to_string()] {
        assert_eq!(
            api.delete(&format!("/api/v1/hosts/{id}")).await.code(),
            40401,
            "{id}"
        );
    }
}

#[tokio::test]
async fn a_join_token_is_made_for_an_hour_or_as_long_as_is_said() {
    let api = farm().await;
    let made = api.post("/api/v1/hosts/tokens", "").await.data();
    assert_eq!(made["token"], "v1.pin.3600.local-API");
    assert_eq!(made["expires_at"], "2027-01-15T09:00:00Z");
    let made = api
        .post("/api/v1/hosts/tokens", r#"{"ttl_secs": "60"}"#)
        .await
        .data();
    assert_eq!(made["expires_at"], "2027-01-15T08:01:00Z");
    assert_eq!(
        api.post("/api/v1/hosts/tokens", r#"{"ttl_secs": 1}"#)
            .await
            .code(),
        40001
    );
}

#[tokio::test]
async fn figures_tell_of_phones_hosts_and_requests() {
    let api = farm().await;
    api.get("/api/v1/devices/NOBODY").await;
    let text = api.get("/metrics").await.text();
    for line in [
        "drover_ready 1",
        "drover_devices{state=\"online\"} 2",
        "drover_devices{state=\"offline\"} 0",
        "drover_hosts_connected 1",
        "drover_host_round_trip_seconds{host=\"hub\"} 0.0015",
        "drover_http_requests_total{method=\"GET\",route=\"/api/v1/devices/{serial}\",code=\"40401\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
    }
}
