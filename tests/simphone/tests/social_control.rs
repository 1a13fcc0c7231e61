//! The worlds of the social apps and their phones' share of it, through the control API over a real socket.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use simphone::app::social::{Act, Platform, commit};
use simphone::farm::{Farm, FarmSpec};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn farm(data: &std::path::Path) -> Arc<Farm> {
    let mut spec = FarmSpec::new(data.to_owned());
    spec.phones = 2;
    spec.control = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
    Farm::start(spec).await.unwrap()
}

async fn ask(farm: &Farm, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut socket = TcpStream::connect(farm.control().unwrap()).await.unwrap();
    let body = body.to_string();
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

const INSTAGRAM: &str = "/phones/SIM0001/apps/com.instagram.android";

#[tokio::test]
async fn a_world_is_seeded_and_shared_by_all_phones() {
    let dir = tempfile::tempdir().unwrap();
    let farm = farm(dir.path()).await;
    let seed = json!({
        "accounts": [{"username": "a", "password": "p"}, {"username": "b"}],
        "posts": [{"author": "b", "caption": "hello"}],
        "follows": [["b", "a"]],
    });
    let (status, world) = ask(&farm, "POST", "/world/instagram", &seed).await;
    assert_eq!(status, 200, "{world}");
    assert_eq!(world["accounts"]["a"]["password"], "p");
    let follow = Act::follow("a", "b");
    assert!(commit(&farm.phone("SIM0001"), Platform::Instagram, follow).done());
    let other = farm.phone("SIM0002");
    assert!(other.social.world(Platform::Instagram).follows("a", "b"));
    let (_, world) = ask(&farm, "GET", "/world/instagram", &json!({})).await;
    assert!(world["follows"]["a"]["b"].is_object());
    let (_, tiktok) = ask(&farm, "GET", "/world/tiktok", &json!({})).await;
    assert!(tiktok["accounts"]["a"].is_null());
    farm.stop().await;
}

#[tokio::test]
async fn mistakes_are_told_and_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let farm = farm(dir.path()).await;
    for (path, body, status) in [
        ("/world/myspace", json!({}), 404),
        (
            "/world/instagram",
            json!({"accounts": [{"username": "a", "pasword": "x"}]}),
            400,
        ),
        ("/world/instagram", json!({"posts": [{"author": "nobody"}]}), 400),
        ("/world/instagram", json!({"people": []}), 400),
        (INSTAGRAM, json!({"sessions": ["nobody"]}), 400),
        (INSTAGRAM, json!({"moods": {"limit_affter": 1}}), 400),
        (INSTAGRAM, json!({"version": "1.0"}), 400),
        ("/phones/SIM0001/apps/com.example.notes", json!({}), 404),
    ] {
        let (answered, why) = ask(&farm, "POST", path, &body).await;
        assert_eq!(answered, status, "{path} {body}: {why}");
        assert!(why["error"].is_string(), "{why}");
    }
    let (_, install) = ask(&farm, "GET", INSTAGRAM, &json!({})).await;
    assert_eq!(install["moods"], json!({}));
    farm.stop().await;
}

#[tokio::test]
async fn sessions_moods_and_acts_outlive_the_simulator() {
    let dir = tempfile::tempdir().unwrap();
    let before = farm(dir.path()).await;
    let seed = json!({"accounts": [{"username": "a"}, {"username": "b"}]});
    ask(&before, "POST", "/world/instagram", &seed).await;
    let change = json!({"sessions": ["a", "b"], "variant": "old", "moods": {"limit_after": 1}});
    let (status, install) = ask(&before, "POST", INSTAGRAM, &change).await;
    assert_eq!((status, &install["active"]), (200, &json!("a")));
    let phone = before.phone("SIM0001");
    assert!(commit(&phone, Platform::Instagram, Act::follow("a", "b")).done());
    before.stop().await;
    drop((phone, before));

    // As if the simulator had been killed after the ledger and before the world was kept.
    let world = dir.path().join("world/instagram.json");
    let mut kept: Value = serde_json::from_slice(&std::fs::read(&world).unwrap()).unwrap();
    kept["follows"] = json!({});
    kept["taken"] = json!({});
    std::fs::write(&world, kept.to_string()).unwrap();

    let after = farm(dir.path()).await;
    let phone = after.phone("SIM0001");
    assert!(
        phone.social.world(Platform::Instagram).follows("a", "b"),
        "the ledger knows"
    );
    assert_eq!(phone.social.install(Platform::Instagram).variant, "old");
    let again = commit(&phone, Platform::Instagram, Act::follow("a", "maya.trails"));
    assert!(!again.done(), "one act was allowed: {again:?}");
    assert_eq!(phone.ledger.entries().len(), 1);
    after.stop().await;
}
