//! Accounts: created, listed, changed, deleted; their passwords go in and come out of two audited calls alone.

use axum::http::{Method, StatusCode};
use controller::state::{ApiConfig, Plan};
use controller::vault::{KeyFiles, Vault};
use serde_json::{Value, json};

use crate::api::{Answer, Api, CURL, ask};
use crate::devices::farm;

mod caps;
mod lists;
mod many;
mod moves;
mod secrets;
mod statistics;

const SEED: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

async fn create(api: &Api, body: &Value) -> Value {
    api.post("/api/v1/accounts", &body.to_string()).await.data()
}

async fn tiktok(api: &Api, username: &str) -> i64 {
    let made = create(api, &json!({"platform": "tiktok", "username": username})).await;
    made["id"].as_i64().unwrap()
}

fn names(list: &Value) -> Vec<&str> {
    let accounts = list["accounts"].as_array().unwrap();
    accounts
        .iter()
        .map(|account| account["username"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn an_account_is_shown_with_the_documented_fields_and_types() {
    let api = farm().await;
    let body = json!({
        "platform": "Instagram", "username": "@Jane.Doe", "email": "jane@mail.example",
        "pwd": format!("hunter2:{SEED}"), "device": "127.0.0.1:6007", "logined": "1", "tags": "us, Food",
        "followers": "12",
    });
    let made = create(&api, &body).await;
    let expected = json!({
        "id": 1, "username": "Jane.Doe", "email": "jane@mail.example", "platform": "instagram",
        "packagename": null, "device": "SIM0001", "device_online": true, "device_name": "Pixel 7",
        "device_index": 1, "logined": 1, "logined_text": "logged_in", "status": 0, "status_text": "enabled",
        "tags": ["Food", "us"], "has_password": true, "has_2fa": true, "resting_until": null, "caps": {},
        "nickname": null, "country": null, "followers": 12, "following": null, "hearts": null,
        "videos": null, "friends": null, "synced_at": null,
        "created_at": "2027-01-15T08:00:00Z", "updated_at": "2027-01-15T08:00:00Z",
    });
    let mut shown = made.clone();
    let hint = shown.as_object_mut().unwrap().remove("hint").unwrap();
    assert!(
        hint.as_str().unwrap().contains("2FA secret was recognised"),
        "{hint}"
    );
    assert_eq!(shown.as_object_mut().unwrap().remove("warnings"), Some(json!([])));
    assert_eq!(shown, expected);
    assert_eq!(api.get("/api/v1/accounts/1").await.data(), expected);
    let list = api.get("/api/v1/accounts?platform=instagram").await.data();
    assert_eq!(
        list,
        json!({"accounts": [expected], "total": 1, "page": 1, "page_size": 20})
    );
    let bare = create(&api, &json!({"platform": "tiktok", "username": "bare"})).await;
    let told = (
        &bare["email"],
        &bare["device"],
        &bare["device_index"],
        &bare["hint"],
    );
    assert_eq!(told, (&json!(""), &json!(""), &Value::Null, &Value::Null));
    assert_eq!(
        (&bare["logined_text"], &bare["has_2fa"]),
        (&json!("not_logged_in"), &json!(false))
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_creates_nothing() {
    let api = farm().await;
    let refused = async |body: &str| -> Answer { api.post("/api/v1/accounts", body).await };
    for (body, told) in [
        (
            r#"{"username": "jane"}"#,
            "platform: is required: tiktok or instagram",
        ),
        (
            r#"{"platform": "myspace", "username": "jane"}"#,
            "platform: must be tiktok or instagram",
        ),
        (r#"{"platform": "tiktok"}"#, "username: is required"),
        (
            r#"{"platform": "tiktok", "username": " @ "}"#,
            "username: is required",
        ),
        (
            r#"{"platform": "tiktok", "username": {}}"#,
            "username: must be text",
        ),
        (
            r#"{"platform": "tiktok", "username": "a", "status": 2}"#,
            "status: must be a whole number from 0 to 1",
        ),
        (
            r#"{"platform": "tiktok", "username": "a", "device_index": 77}"#,
            "device_index: no phone has the index 77",
        ),
        (
            r#"{"platform": "tiktok", "username": "a", "packagename": "a b"}"#,
            "packagename: must be",
        ),
    ] {
        let answer = refused(body).await;
        assert_eq!(
            (answer.code(), answer.status),
            (40001, StatusCode::BAD_REQUEST),
            "{body}"
        );
        assert!(answer.message().starts_with(told), "{}", answer.message());
    }
    tiktok(&api, "jane").await;
    let again = refused(r#"{"platform": "tiktok", "username": "@JANE"}"#).await;
    assert_eq!((again.code(), again.status), (40901, StatusCode::CONFLICT));
    assert!(
        again.message().contains("JANE") && again.message().contains("account 1"),
        "{}",
        again.message()
    );
    assert_eq!(api.get("/api/v1/accounts").await.data()["total"], 1);
    for path in ["accounts/9", "accounts/x", "accounts/9/totp"] {
        assert_eq!(api.get(&format!("/api/v1/{path}")).await.code(), 40401, "{path}");
    }
    assert_eq!(api.delete("/api/v1/accounts/9").await.code(), 40401);
    assert_eq!(api.patch("/api/v1/accounts/9", "{}").await.code(), 40401);
}

#[tokio::test]
async fn what_is_given_is_changed_and_the_rest_stays() {
    let api = farm().await;
    let body = json!({
        "platform": "instagram", "username": "jane", "email": "a@b.example", "pwd": format!("hunter2:{SEED}"),
        "device": "SIM0001", "tags": ["x"], "resting_until": "2027-01-16T08:00:00Z", "nickname": "Jane",
    });
    create(&api, &body).await;
    let patch = async |body: Value| api.patch("/api/v1/accounts/1", &body.to_string()).await.data();
    let changed = patch(json!({"status": 1, "username": "JANE"})).await;
    assert_eq!(
        (&changed["status_text"], &changed["username"]),
        (&json!("disabled"), &json!("JANE"))
    );
    assert_eq!(
        (&changed["email"], &changed["has_2fa"]),
        (&json!("a@b.example"), &json!(true))
    );
    let cleared =
        patch(json!({"email": "", "tags": null, "device": "", "resting_until": "", "nickname": null})).await;
    for field in ["email", "device", "resting_until", "nickname"] {
        assert!(
            cleared[field] == "" || cleared[field].is_null(),
            "{field} in {cleared}"
        );
    }
    assert_eq!(cleared["tags"], json!([]));
    // An empty password is that of a form which left it alone.
    let untouched = patch(json!({"pwd": ""})).await;
    assert_eq!(
        (&untouched["has_password"], &untouched["hint"]),
        (&json!(true), &Value::Null)
    );
    let same = patch(json!({"pwd": format!("hunter2:{SEED}")})).await;
    assert_eq!(
        same["updated_at"], cleared["updated_at"],
        "the same password is no change"
    );
    let without = patch(json!({"password": "a:b"})).await;
    assert_eq!(without["has_2fa"], false);
    assert!(
        without["hint"]
            .as_str()
            .unwrap()
            .starts_with("no 2FA secret was recognised")
    );
    let gone = patch(json!({"clear_password": true})).await;
    assert_eq!(gone["has_password"], false);
    let moved = api.patch("/api/v1/accounts/1", r#"{"platform": "tiktok"}"#).await;
    assert_eq!(moved.code(), 40001);
    let deleted = api.delete("/api/v1/accounts/1").await.data();
    assert_eq!(
        deleted,
        json!({"deleted": true, "id": 1, "username": "JANE", "warnings": []})
    );
    assert_eq!(api.get("/api/v1/accounts/1").await.code(), 40401);
}

#[tokio::test]
async fn an_account_is_bound_by_any_name_of_a_phone_or_by_its_index() {
    let api = farm().await;
    tiktok(&api, "jane").await;
    let bind = async |body: Value| api.patch("/api/v1/accounts/1", &body.to_string()).await.data();
    for (body, device, warned) in [
        (json!({"device": "127.0.0.1:6007"}), "SIM0001", ""),
        (json!({"device": "AWAY"}), "AWAY", ""),
        (json!({"device_index": "2"}), "SIM0002", ""),
        (json!({"device": "SIM0001", "device_index": 1}), "SIM0001", ""),
        (
            json!({"device": "SIM0001", "device_index": 2}),
            "SIM0001",
            "device_index: 2 is another phone's",
        ),
        (json!({"device": "", "device_index": 2}), "", ""),
        (
            json!({"device": "FUTURE"}),
            "FUTURE",
            "no phone FUTURE was ever seen",
        ),
    ] {
        let bound = bind(body.clone()).await;
        assert_eq!(bound["device"], device, "{body}");
        // What goes with another phone is told of each that has one.
        let warnings: Vec<&str> = bound["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|warning| warning.as_str().unwrap())
            .filter(|warning| !warning.starts_with("device: jane "))
            .collect();
        assert!(
            if warned.is_empty() {
                warnings.is_empty()
            } else {
                warnings.iter().any(|warning| warning.contains(warned))
            },
            "{warnings:?}"
        );
    }
    let future = api.get("/api/v1/accounts/1").await.data();
    assert_eq!(
        (
            &future["device_online"],
            &future["device_index"],
            &future["device_name"]
        ),
        (&json!(false), &Value::Null, &json!(""))
    );
}

#[tokio::test]
async fn events_tell_of_accounts() {
    let api = farm().await;
    let before = api.state.events.count();
    tiktok(&api, "anna").await;
    api.patch("/api/v1/accounts/1", r#"{"status": 1}"#).await.data();
    api.post("/api/v1/accounts/batch", r#"{"ids": [1], "action": "delete"}"#)
        .await
        .data();
    assert_eq!(api.state.events.count(), before + 3);
    let read = api.state.events.told("account");
    let whats: Vec<_> = read.iter().map(|event| &event["what"]).collect();
    assert_eq!(whats, ["account_created", "account_changed", "account_deleted"]);
    assert_eq!(
        (&read[2]["account"], &read[2]["username"]),
        (&json!(1), &json!("anna"))
    );
}

#[tokio::test]
async fn a_plan_without_the_api_has_no_accounts_for_clients() {
    let config = ApiConfig {
        plan: Plan::Starter,
        command_line_hash: Some(controller::http::token::hash("mine")),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    for path in ["accounts", "accounts/1", "accounts/tags"] {
        assert_eq!(api.get(&format!("/api/v1/{path}")).await.code(), 40301);
    }
    let own = [("authorization", "Bearer mine"), CURL];
    let body = r#"{"platform": "tiktok", "username": "anna"}"#;
    let made = api.call(ask(Method::POST, "/api/v1/accounts", &own, body)).await;
    assert_eq!(made.data()["id"], 1);
}
