//! A phone takes the place of a broken one, over HTTP.

use serde_json::{Value, json};

use crate::api::{Answer, Api};
use crate::devices::farm;
use crate::tasks::work::{begin, fails, leave};
use crate::tasks::{account, create, task};

async fn replace(api: &Api, old: &str, body: Value) -> Answer {
    api.post(&format!("/api/v1/devices/{old}/replace"), &body.to_string())
        .await
}

#[tokio::test]
async fn all_that_a_phone_had_goes_to_the_other_one() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "SIM0001", 1).await;
    let patch = r#"{"name": "Left", "groups": ["shelf"], "device_index": 60}"#;
    api.patch("/api/v1/devices/SIM0001", patch).await.data();
    let schedule = json!({
        "name": "nightly", "cron": "0 3 * * *", "serials": ["SIM0001"], "script_name": "account_warmup",
    });
    api.post("/api/v1/schedules", &schedule.to_string()).await.data();
    let by_phone = json!({"serials": ["SIM0001"], "script_name": "account_warmup"});
    let runs = create(&api, by_phone.clone()).await.data()["task_ids"][0]
        .as_i64()
        .unwrap();
    begin(&api.state.store, runs).await;
    let waits = create(&api, by_phone).await.data()["task_ids"][0]
        .as_i64()
        .unwrap();
    let told = api.state.events.told("device").len();
    // By any of their names.
    let done = replace(&api, "127.0.0.1:6007", json!({"by": " SIM0002 "}))
        .await
        .data();
    assert_eq!(
        (
            &done["replaced"],
            &done["device"]["serial"],
            &done["device"]["device_index"]
        ),
        (&json!("SIM0001"), &json!("SIM0002"), &json!(60))
    );
    assert_eq!(
        (
            &done["device"]["name"],
            &done["device"]["groups"],
            &done["device"]["accounts"]
        ),
        (&json!("Left"), &json!(["shelf"]), &json!(1))
    );
    assert_eq!(
        done["accounts"],
        json!([{"id": 1, "username": "jane", "platform": "tiktok"}])
    );
    assert_eq!(
        (&done["groups"], &done["schedules"]),
        (&json!(["shelf"]), &json!([{"id": 1, "name": "nightly"}]))
    );
    assert_eq!(
        (&done["task_ids"], &done["ends_first"], &done["in_question"]),
        (&json!([waits]), &json!([runs]), &json!([]))
    );
    let warnings: Vec<&str> = done["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning.as_str().unwrap())
        .collect();
    assert_eq!(
        warnings,
        [
            "SIM0001 is still online: it gets no task any more",
            "SIM0001 has a session of tiktok/jane still: log out there, or wipe it, before it leaves your hands",
            "the accounts count as not logged in, and their tasks wait, until login has run on SIM0002",
            format!("on SIM0001 these tasks come to their end first: {runs}").as_str(),
        ]
    );
    assert_eq!(task(&api, waits).await["serial"], "SIM0002");
    assert_eq!(
        api.get("/api/v1/schedules/1").await.data()["serials"],
        json!(["SIM0002"])
    );
    let old = api.get("/api/v1/devices/SIM0001").await.data();
    assert_eq!(
        (
            &old["replaced_by"],
            &old["state"],
            &old["accounts"],
            &old["device_index"]
        ),
        (&json!("SIM0002"), &json!("online"), &json!(0), &json!(2))
    );
    assert_eq!(old["replaced_at"], "2027-01-15T08:00:00Z");
    let told = api.state.events.told("device").split_off(told);
    let word = told
        .iter()
        .find(|event| event["what"] == "device_replaced")
        .unwrap();
    assert_eq!(
        (&word["serial"], &word["from"], &word["to"]),
        (&json!("SIM0001"), &json!("SIM0001"), &json!("SIM0002"))
    );
    assert_eq!(
        api.get("/api/v1/audit?page_size=1").await.data()["entries"][0]["what"],
        "device.replace"
    );
    // The old one gets no task any more; what a client asks of it is told so.
    let refused = create(
        &api,
        json!({"serials": ["SIM0001"], "script_name": "account_warmup"}),
    )
    .await;
    assert_eq!(refused.code(), 40001);
    assert!(
        refused.message().contains("SIM0001 (phone_replaced)"),
        "{}",
        refused.message()
    );
    let both = json!({"serials": ["SIM0001", "SIM0002"], "script_name": "account_warmup"});
    let made = create(&api, both).await.data();
    assert_eq!(
        (&made["created_count"], &made["skipped"]),
        (
            &json!(1),
            &json!([{"serial": "SIM0001", "reason": "phone_replaced"}])
        )
    );
}

#[tokio::test]
async fn what_is_wrong_is_told_and_nothing_is_changed() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "SIM0001", 1).await;
    account(&api, "instagram", "joe", "SIM0002", 1).await;
    let before = api.get("/api/v1/devices").await.data();
    for (old, body, code, told) in [
        ("SIM0001", json!({}), 40001, "by: is required"),
        ("SIM0001", json!({"by": ""}), 40001, "by: is required"),
        ("SIM0001", json!({"by": {}}), 40001, "by: must be text"),
        (
            "SIM0001",
            json!({"by": "SIM0001"}),
            40001,
            "by: must be another phone than SIM0001",
        ),
        (
            "SIM0001",
            json!({"by": "127.0.0.1:6007"}),
            40001,
            "by: must be another phone",
        ),
        (
            "SIM0001",
            json!({"by": "SIM0002", "merge": 7}),
            40001,
            "merge: must be true or false",
        ),
        (
            "SIM0001",
            json!({"by": "NOBODY"}),
            40401,
            "by: no phone answers to \"NOBODY\": plug it in first",
        ),
        (
            "NOBODY",
            json!({"by": "SIM0002"}),
            40401,
            "no phone answers to \"NOBODY\"",
        ),
        ("SIM0001", json!({"by": "NEW"}), 40901, "NEW has no index yet"),
        (
            "SIM0001",
            json!({"by": "SIM0002"}),
            40901,
            "SIM0002 has accounts of its own: instagram/joe; give merge=true",
        ),
    ] {
        let answer = replace(&api, old, body.clone()).await;
        assert_eq!(answer.code(), code, "{body}");
        assert!(answer.message().contains(told), "{body}: {}", answer.message());
    }
    assert_eq!(api.get("/api/v1/devices").await.data(), before);
    let merged = replace(&api, "SIM0001", json!({"by": "SIM0002", "merge": "yes"})).await;
    assert_eq!(merged.data()["device"]["accounts"], 2);
    let again = replace(&api, "SIM0001", json!({"by": "AWAY"})).await;
    assert_eq!(again.code(), 40901);
    assert!(again.message().contains("already"), "{}", again.message());
}

#[tokio::test]
async fn a_replaced_phone_is_in_use_again_when_an_operator_says_so() {
    let api = farm().await;
    replace(&api, "SIM0001", json!({"by": "AWAY"})).await.data();
    let wrong = api
        .patch("/api/v1/devices/SIM0001", r#"{"replaced": true}"#)
        .await;
    assert_eq!(wrong.code(), 40001);
    assert!(
        wrong.message().starts_with("replaced: must be false"),
        "{}",
        wrong.message()
    );
    let back = api
        .patch("/api/v1/devices/SIM0001", r#"{"replaced": false}"#)
        .await
        .data();
    assert_eq!(
        (&back["replaced_by"], &back["replaced_at"]),
        (&Value::Null, &Value::Null)
    );
    let made = create(
        &api,
        json!({"serials": ["SIM0001"], "script_name": "account_warmup"}),
    )
    .await;
    assert_eq!(made.data()["created_count"], 1);
}

#[tokio::test]
async fn an_act_in_question_is_told_and_a_preview_tells_who_is_passed_over() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "AWAY", 1).await;
    let follow = json!({
        "usernames": ["jane"], "script_name": "follow", "script_config": {"target_users": ["a"]},
    });
    let asked = create(&api, follow).await.data()["task_ids"][0].as_i64().unwrap();
    let store = &api.state.store;
    let attempt = begin(store, asked).await;
    leave(store, attempt, "follow", "a").await;
    fails(store, attempt, "timeout", shared::task::TaskState::Verifying).await;
    // A schedule that was made for the phone after its place was taken.
    let done = replace(&api, "AWAY", json!({"by": "SIM0002"})).await.data();
    assert_eq!(done["in_question"], json!([asked]));
    assert!(
        done["warnings"]
            .to_string()
            .contains("a person is asked at /attention"),
        "{done}"
    );
    let schedule = json!({
        "name": "nightly", "cron": "0 3 * * *", "serials": ["AWAY", "SIM0002"], "script_name": "account_warmup",
    });
    api.post("/api/v1/schedules", &schedule.to_string()).await.data();
    let preview = api.get("/api/v1/schedules/preview?hours=48").await.data();
    assert_eq!(
        preview["skipped"],
        json!([{"schedule_id": 1, "name": "nightly", "serial": "AWAY", "reason": "phone_replaced"}])
    );
}
