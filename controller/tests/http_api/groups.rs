//! Groups of phones: made, filled, named otherwise, deleted; in step with what the phones tell.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::api::Api;
use crate::devices::farm;

async fn groups(api: &Api) -> Vec<String> {
    let list = api.get("/api/v1/groups").await.data();
    let groups = list["groups"].as_array().unwrap();
    assert_eq!(list["total"], groups.len());
    let told = |group: &Value| format!("{} {} {}", group["name"], group["online"], group["serials"]);
    groups.iter().map(|group| told(group).replace('"', "")).collect()
}

async fn of_phone(api: &Api, serial: &str) -> Value {
    api.get(&format!("/api/v1/devices/{serial}")).await.data()["groups"].clone()
}

#[tokio::test]
async fn a_group_and_its_phones_tell_the_same() {
    let api = farm().await;
    let body = json!({"name": " shelf 1 ", "serials": ["AWAY", "127.0.0.1:6007"]});
    let made = api.post("/api/v1/groups", &body.to_string()).await.data();
    assert_eq!(made["name"], "shelf 1");
    assert_eq!(made["serials"], json!(["SIM0001", "AWAY"]), "by index");
    assert_eq!((&made["devices"], &made["online"]), (&json!(2), &json!(1)));
    assert_eq!(of_phone(&api, "SIM0001").await, json!(["shelf 1"]));
    // A phone that is put into a group that there is not makes it; its last one leaves it empty.
    api.patch("/api/v1/devices/SIM0002", r#"{"groups": ["new", "shelf 1"]}"#)
        .await
        .data();
    assert_eq!(
        groups(&api).await,
        ["new 1 [SIM0002]", "shelf 1 2 [SIM0001,SIM0002,AWAY]"]
    );
    api.patch("/api/v1/devices/SIM0002", r#"{"groups": []}"#)
        .await
        .data();
    assert_eq!(groups(&api).await, ["new 0 []", "shelf 1 1 [SIM0001,AWAY]"]);
    let patch = r#"{"name": "shelf/2", "add": "SIM0002", "remove": ["AWAY", "SIM0002x"]}"#;
    assert_eq!(api.patch("/api/v1/groups/shelf%201", patch).await.code(), 40401);
    let patch = r#"{"name": "shelf/2", "add": "SIM0002", "remove": ["AWAY"]}"#;
    let changed = api.patch("/api/v1/groups/shelf%201", patch).await.data();
    assert_eq!(changed["serials"], json!(["SIM0001", "SIM0002"]));
    assert_eq!(of_phone(&api, "SIM0001").await, json!(["shelf/2"]));
    assert_eq!(of_phone(&api, "AWAY").await, json!([]));
    assert_eq!(api.get("/api/v1/groups/shelf%201").await.code(), 40401);
    let one = api.get("/api/v1/groups/shelf%2F2").await.data();
    assert_eq!(one["created_at"], made["created_at"]);
    api.delete("/api/v1/groups/shelf%2F2").await.data();
    assert_eq!(of_phone(&api, "SIM0002").await, json!([]));
    assert_eq!(groups(&api).await, ["new 0 []"]);
    let record = api.get("/api/v1/audit").await.data();
    let what: Vec<&str> = record["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["what"].as_str().unwrap())
        .filter(|what| what.starts_with("group"))
        .collect();
    assert_eq!(what, ["group.delete", "group.change", "group.create"]);
    assert_eq!(
        record["entries"][1]["before"]["serials"],
        json!(["SIM0001", "AWAY"])
    );
}

#[tokio::test]
async fn each_refusal_names_what_is_wrong_and_changes_nothing() {
    let api = farm().await;
    api.post("/api/v1/groups", r#"{"name": "a", "serials": ["SIM0001"]}"#)
        .await
        .data();
    api.post("/api/v1/groups", r#"{"name": "b"}"#).await.data();
    let long = "x".repeat(65);
    for (body, code, told) in [
        (json!({}), 40001, "name"),
        (json!({"name": "a,b"}), 40001, "name"),
        (json!({"name": long}), 40001, "name"),
        (json!({"name": "a"}), 40901, "\"a\""),
        (
            json!({"name": "c", "serials": ["NOBODY"]}),
            40401,
            "serials: there is no phone NOBODY",
        ),
        (json!({"name": "c", "serials": [{}]}), 40001, "serials"),
    ] {
        let refused = api.post("/api/v1/groups", &body.to_string()).await;
        assert_eq!(refused.code(), code, "{body}");
        assert!(refused.message().contains(told), "{}", refused.message());
    }
    for (body, code, told) in [
        (json!({}), 40001, "nothing to change"),
        (json!({"name": "b"}), 40901, "\"b\""),
        (json!({"name": " "}), 40001, "name"),
        (json!({"add": ["NOBODY"]}), 40401, "add: there is no phone NOBODY"),
    ] {
        let refused = api.patch("/api/v1/groups/a", &body.to_string()).await;
        assert_eq!(refused.code(), code, "{body}");
        assert!(refused.message().contains(told), "{}", refused.message());
    }
    assert_eq!(
        api.patch("/api/v1/groups/z", r#"{"name": "y"}"#).await.code(),
        40401
    );
    assert_eq!(api.delete("/api/v1/groups/z").await.code(), 40401);
    assert_eq!(groups(&api).await, ["a 1 [SIM0001]", "b 0 []"]);
}

#[tokio::test]
async fn tasks_are_created_for_groups_and_a_group_on_a_schedule_stays() {
    let api = farm().await;
    api.post(
        "/api/v1/groups",
        r#"{"name": "a", "serials": ["SIM0001", "SIM0002"]}"#,
    )
    .await
    .data();
    api.post("/api/v1/groups", r#"{"name": "empty"}"#).await.data();
    let body = json!({"groups": ["a"], "serials": ["AWAY", "SIM0001"], "script_name": "account_warmup"});
    let made = api.post("/api/v1/task", &body.to_string()).await.data();
    assert_eq!(made["created_count"], 3, "each phone once");
    let body = json!({"groups": ["nobody"], "script_name": "account_warmup"});
    let refused = api.post("/api/v1/task", &body.to_string()).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    assert!(
        refused.message().contains("groups: there is no group nobody"),
        "{}",
        refused.message()
    );
    let body = json!({"groups": ["empty"], "script_name": "account_warmup"});
    let refused = api.post("/api/v1/task", &body.to_string()).await;
    assert_eq!(refused.code(), 40001);
    assert!(
        refused.message().contains("no phone is in these groups"),
        "{}",
        refused.message()
    );
    let body = json!({"name": "s", "times": ["09:00"], "groups": ["a"], "script_name": "account_warmup"});
    api.post("/api/v1/schedules", &body.to_string()).await.data();
    let refused = api.delete("/api/v1/groups/a").await;
    assert_eq!(refused.code(), 40901);
    assert!(
        refused.message().contains("s; change or delete"),
        "{}",
        refused.message()
    );
    api.patch("/api/v1/groups/a", r#"{"name": "b"}"#).await.data();
    let schedule = api.get("/api/v1/schedules/1").await.data();
    assert_eq!(schedule["groups"], json!(["b"]), "it goes with its group");
}
