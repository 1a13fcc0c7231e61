//! Tasks asked for in every documented way.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use controller::state::ApiConfig;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{account, create, stats, task, warmup};
use crate::api::{Api, CURL, ask};
use crate::devices::farm;

#[tokio::test]
async fn a_task_is_created_and_shown_with_the_documented_fields_and_types() {
    let api = farm().await;
    let id = account(&api, "tiktok", "Jane", "127.0.0.1:6007", 1).await;
    let made = create(
        &api,
        json!({
            "serials": ["127.0.0.1:6007"], "script_name": "post", "max_retries": "3",
            "script_config": {"content_type": "1", "image_count": "2", "captoins": "x"},
        }),
    )
    .await
    .data();
    let warning =
        "script_config.captoins is no parameter of this script and was left aside; did you mean captions?";
    assert_eq!(
        made,
        json!({"task_ids": [1], "created_count": 1, "skipped": [], "warnings": [warning]})
    );
    let expected = json!({
        "id": 1, "script_name": "post", "script_config": {"content_type": "1", "image_count": 2},
        "serial": "SIM0001", "device_index": 1, "username": "Jane", "account_id": id, "platform": "tiktok",
        "status": 0, "status_text": "pending", "state": "waiting", "source": "api", "start_time": null,
        "created_at": "2027-01-15T08:00:00Z", "started_at": null, "finished_at": null, "retry_at": null,
        "attempts": 0, "max_retries": 3, "progress": 0, "progress_text": "", "waiting_for": "queue: its turn comes",
        "error": null, "result": null, "proof": null, "artifacts": [], "attempt_list": [], "grants": [],
    });
    let shown = task(&api, 1).await;
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(shown[name], *value, "{name}");
    }
    let list = api
        .get("/api/v1/task?status=0&serial=127.0.0.1:6007")
        .await
        .data();
    assert_eq!(
        (&list["total"], &list["page"], &list["page_size"]),
        (&json!(1), &json!(1), &json!(20))
    );
    assert_eq!(list["tasks"][0]["id"], 1);
    assert_eq!(
        stats(&api).await,
        json!({"total": 1, "pending": 1, "running": 0, "completed": 0, "failed": 0})
    );
    // The account is called otherwise now, and the task with it; deleted, it is called as it was.
    api.patch(&format!("/api/v1/accounts/{id}"), r#"{"username": "Jo"}"#)
        .await
        .data();
    assert_eq!(task(&api, 1).await["username"], "Jo");
    api.delete(&format!("/api/v1/accounts/{id}")).await.data();
    assert_eq!(task(&api, 1).await["username"], "Jane");
}

#[tokio::test]
async fn disabled_accounts_are_skipped_and_nothing_left_is_refused() {
    let api = farm().await;
    account(&api, "tiktok", "on", "SIM0001", 1).await;
    let off = account(&api, "tiktok", "off", "SIM0002", 1).await;
    account(&api, "tiktok", "nowhere", "", 1).await;
    api.patch(&format!("/api/v1/accounts/{off}"), r#"{"status": 1}"#)
        .await
        .data();
    let body = json!({"usernames": "@ON, off, nowhere", "script_name": "account_warmup"});
    let made = create(&api, body).await.data();
    assert_eq!(made["created_count"], 1);
    let skipped = json!([
        {"username": "off", "reason": "account_disabled"},
        {"username": "nowhere", "reason": "no_device"},
    ]);
    assert_eq!(made["skipped"], skipped);
    let mut phones = warmup();
    phones["serials"] = json!(["SIM0001", "SIM0002"]);
    let made = create(&api, phones.clone()).await.data();
    assert_eq!(
        made["skipped"],
        json!([{"serial": "SIM0002", "reason": "account_disabled"}])
    );
    phones["serials"] = json!(["SIM0002"]);
    let refused = create(&api, phones).await;
    assert_eq!(refused.code(), 40001);
    assert!(
        refused.message().contains("SIM0002 (account_disabled)"),
        "{}",
        refused.message()
    );
    assert_eq!(stats(&api).await["total"], 2);
}

#[tokio::test]
async fn targets_times_phones_are_tasks_of_their_own() {
    let api = farm().await;
    let body = json!({
        "serials": ["SIM0001", "AWAY", "SIM0001"], "script_name": "follow",
        "script_config": {"target_username": "@a, b\nc"},
    });
    let made = create(&api, body).await.data();
    assert_eq!(made["task_ids"], json!([1, 2, 3, 4, 5, 6]));
    let mut told = Vec::new();
    for id in 1..=6 {
        let task = task(&api, id).await;
        told.push(format!("{} {}", task["serial"], task["script_config"]["target_user"]).replace('"', ""));
    }
    assert_eq!(
        told,
        [
            "SIM0001 a",
            "SIM0001 b",
            "SIM0001 c",
            "AWAY a",
            "AWAY b",
            "AWAY c"
        ]
    );
    let mut many = warmup();
    many["script_name"] = json!("follow");
    let users: Vec<String> = (0..10_000).map(|number| format!("user{number}")).collect();
    many["script_config"] = json!({ "target_users": users });
    let made = create(&api, many.clone()).await.data();
    assert_eq!(made["created_count"], 10_000);
    let users: Vec<String> = (0..10_001).map(|number| format!("user{number}")).collect();
    many["script_config"] = json!({ "target_users": users });
    assert_eq!(create(&api, many).await.code(), 40001);
    assert_eq!(stats(&api).await["total"], 10_006);
}

#[tokio::test]
async fn a_time_of_day_is_the_controllers_own() {
    let config = ApiConfig {
        zone: TimeZone::get("Asia/Tokyo").unwrap(),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    let body = json!({"platform": "tiktok", "username": "jane", "device": "SIM0001"});
    api.post("/api/v1/accounts", &body.to_string()).await.data();
    // It is 17:00 in Tokyo.
    for (more, expected) in [
        (json!({"start_time": "17:30"}), json!("2027-01-15T08:30:00Z")),
        (json!({"start_time": "16:57"}), Value::Null),
        (json!({"start_time": "16:54"}), json!("2027-01-16T07:54:00Z")),
        (
            json!({"start_at": "2027-01-15T10:00:00+01:00"}),
            json!("2027-01-15T09:00:00Z"),
        ),
        (json!({"start_at": "2020-01-01T00:00:00Z"}), Value::Null),
    ] {
        let mut body = json!({"usernames": ["jane"], "script_name": "sync_data"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let made = create(&api, body).await.data();
        let id = made["task_ids"][0].as_i64().unwrap();
        assert_eq!(task(&api, id).await["start_time"], expected, "{more}");
    }
    let spaced = json!({
        "usernames": ["jane"], "script_name": "follow", "min_interval": 10, "max_interval": "20",
        "script_config": {"target_users": ["a", "b"]}, "start_time": "18:00",
    });
    let made = create(&api, spaced).await.data();
    assert_eq!(
        task(&api, made["task_ids"][0].as_i64().unwrap()).await["start_time"],
        "2027-01-15T09:00:00Z"
    );
    let second = task(&api, made["task_ids"][1].as_i64().unwrap()).await;
    let second: jiff::Timestamp = second["start_time"].as_str().unwrap().parse().unwrap();
    let wait = second
        .duration_since("2027-01-15T09:00:00Z".parse().unwrap())
        .as_mins();
    assert!((10..=20).contains(&wait), "{wait}");
}

#[tokio::test]
async fn the_same_call_again_is_answered_as_before() {
    let api = farm().await;
    let send = async |key: &str, body: &Value| {
        let headers = [("idempotency-key", key), CURL];
        api.call(ask(Method::POST, "/api/v1/task", &headers, &body.to_string()))
            .await
    };
    let first = send("order-7", &warmup()).await.data();
    assert_eq!(first["task_ids"], json!([1]));
    // The order of what is in the body says nothing.
    let turned = r#"{"script_name": "account_warmup", "serials": ["SIM0001"]}"#;
    let again = serde_json::from_str(turned).unwrap();
    assert_eq!(send("order-7", &again).await.data(), first);
    assert_eq!(send("order-8", &warmup()).await.data()["task_ids"], json!([2]));
    let mut other = warmup();
    other["serials"] = json!(["SIM0002"]);
    let refused = send("order-7", &other).await;
    assert_eq!((refused.code(), refused.status), (40901, StatusCode::CONFLICT));
    assert_eq!(send(" ", &warmup()).await.code(), 40001);
    assert_eq!(send(&"x".repeat(256), &warmup()).await.code(), 40001);
    api.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(send("order-7", &other).await.data()["task_ids"], json!([3]));
    assert_eq!(stats(&api).await["total"], 3);
}

#[tokio::test]
async fn the_usual_platform_is_a_setting() {
    let api = farm().await;
    let platform = async |body: Value| {
        let made = create(&api, body).await.data();
        task(&api, made["task_ids"][0].as_i64().unwrap()).await["platform"].clone()
    };
    assert_eq!(platform(warmup()).await, "tiktok");
    let refused = api
        .patch("/api/v1/settings", r#"{"tasks.platform": "myspace"}"#)
        .await;
    assert_eq!(refused.code(), 40001);
    api.patch("/api/v1/settings", r#"{"tasks.platform": "Instagram"}"#)
        .await
        .data();
    assert_eq!(platform(warmup()).await, "instagram");
    let mut named = warmup();
    named["platform"] = json!("tiktok");
    assert_eq!(platform(named).await, "tiktok");
}

#[tokio::test]
async fn scripts_are_listed_with_what_they_take() {
    let api = farm().await;
    let flows = api.get("/api/v1/flows").await.data();
    let flows = flows["flows"].as_array().unwrap();
    let comment = flows
        .iter()
        .find(|flow| flow["name"] == "comment" && flow["platform"] == "tiktok")
        .unwrap();
    let names: Vec<&str> = comment["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    assert!(
        names.contains(&"comment_content") && !names.contains(&"sequence"),
        "{names:?}"
    );
    for script in [
        "post",
        "follow",
        "unfollow",
        "account_warmup",
        "comment",
        "like",
        "profile",
        "login",
        "match_accounts",
        "switch_account",
        "sync_data",
    ] {
        let platforms = flows.iter().filter(|flow| flow["name"] == script).count();
        assert_eq!(platforms, 2, "{script}");
    }
    let waits = flows.iter().find(|flow| flow["name"] == "post").unwrap()["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .find(|parameter| parameter["name"] == "upload_wait_time")
        .unwrap();
    let help = waits["help"].as_str().unwrap();
    assert!(help.contains("Seconds"), "{help}");
    let expected = json!({
        "name": "upload_wait_time", "type": "integer", "required": false, "one_of": null, "default": 30, "min": 5.0,
        "max": 3600.0, "max_length": null, "max_entries": null, "choices": [], "aliases": [], "help": help,
        "example": 60, "experimental": false, "refuse": null,
    });
    assert_eq!(*waits, expected);
}

/// Whoever draws a form by the list sends nothing that is refused, and learns of each bound before he meets it.
#[tokio::test]
async fn what_the_list_of_scripts_says_of_a_parameter_holds() {
    let api = farm().await;
    account(&api, "tiktok", "on", "SIM0001", 1).await;
    account(&api, "instagram", "there", "SIM0001", 1).await;
    let flows = api.get("/api/v1/flows").await.data();
    let mut checked = 0;
    for flow in flows["flows"].as_array().unwrap() {
        let parameters = flow["parameters"].as_array().unwrap();
        // Of those of which one is needed, the first.
        let mut usual = serde_json::Map::new();
        let mut needed = std::collections::BTreeSet::new();
        for parameter in parameters {
            let group = parameter["one_of"].as_str();
            if parameter["required"] == true || group.is_some_and(|group| needed.insert(group.to_owned())) {
                usual.insert(
                    parameter["name"].as_str().unwrap().to_owned(),
                    parameter["example"].clone(),
                );
            }
        }
        let answer = async |name: &str, value: &Value| {
            let mut config = usual.clone();
            config.insert(name.to_owned(), value.clone());
            let task = json!({"serials": ["SIM0001"], "platform": flow["platform"], "script_name": flow["name"],
                "script_config": config});
            api.post("/api/v1/task", &task.to_string()).await.json()
        };
        for parameter in parameters {
            let name = parameter["name"].as_str().unwrap();
            let told = format!("{} {name}", flow["name"]);
            assert!(
                !parameter["help"].as_str().unwrap().is_empty(),
                "{told} has no help"
            );
            if !parameter["refuse"].is_null() {
                continue;
            }
            for value in [&parameter["example"], &parameter["default"]] {
                // What is empty is as good as not given.
                if ![json!(null), json!([]), json!("")].contains(value) {
                    // Whatever else is wrong does not name the parameter; there are no folders with files here.
                    let refused = answer(name, value).await["message"].to_string();
                    assert!(
                        !refused.contains(name) || refused.contains("under an allowed folder"),
                        "{told} = {value}: {refused}"
                    );
                }
            }
            let beyond = match (parameter["max"].as_f64(), parameter["choices"].as_array()) {
                (Some(max), _) => json!(max + 1.0),
                (_, Some(choices)) if !choices.is_empty() => json!("none of these"),
                _ => continue,
            };
            if flow["name"] == "login" {
                // Nobody is left to be logged in, which is told first.
                continue;
            }
            let refused = answer(name, &beyond).await;
            assert_eq!(refused["code"], 40001, "{told} = {beyond}: {refused}");
            assert!(
                refused["message"].as_str().unwrap().contains(name),
                "{told}: {refused}"
            );
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}

#[tokio::test]
async fn a_dry_run_says_what_would_be_created_and_creates_nothing() {
    let api = farm().await;
    account(&api, "tiktok", "Jane", "SIM0001", 1).await;
    account(&api, "tiktok", "Jo", "", 1).await;
    let wish = json!({
        "usernames": ["Jane", "Jo"], "script_name": "follow", "dry_run": true,
        "script_config": {"target_users": ["a", "b", "c"], "colour": 1},
    });
    let told = create(&api, wish.clone()).await.data();
    assert_eq!(
        (&told["task_ids"], &told["created_count"]),
        (&json!([]), &json!(3))
    );
    assert_eq!(
        told["skipped"],
        json!([{"username": "Jo", "reason": "no_device"}])
    );
    assert!(told["warnings"][0].as_str().unwrap().contains("colour"), "{told}");
    assert_eq!(stats(&api).await["total"], 0);
    // It is held against the same rules, and a call's name is not used up by it.
    let mut wrong = wish.clone();
    wrong["script_config"] = json!({});
    let refused = create(&api, wrong).await;
    assert_eq!(refused.code(), 40001);
    let named = |body: &Value| {
        let headers = [CURL, ("idempotency-key", "once")];
        api.call(ask(Method::POST, "/api/v1/task", &headers, &body.to_string()))
    };
    assert_eq!(named(&wish).await.data()["created_count"], 3);
    let mut real = wish.clone();
    real["dry_run"] = json!(0);
    assert_eq!(named(&real).await.data()["task_ids"], json!([1, 2, 3]));
    assert_eq!(stats(&api).await["total"], 3);
}
