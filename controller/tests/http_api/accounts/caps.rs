//! Numbers a day of an account's own, over HTTP.

use super::*;
use crate::tasks::work::{begin, leave, settle};
use shared::device::Serial;
use shared::wire::work::GrantOutcome;

async fn patch(api: &Api, body: Value) -> Answer {
    api.patch("/api/v1/accounts/1", &body.to_string()).await
}

#[tokio::test]
async fn numbers_are_set_read_changed_and_taken_back_act_by_act() {
    let api = farm().await;
    let body = json!({"platform": "tiktok", "username": "jane", "caps": {"follow": "5", "like": 0}});
    let made = create(&api, &body).await;
    assert_eq!(made["caps"], json!({"follow": 5, "like": 0}));
    let changed = patch(&api, json!({"caps": {"post": 2, "like": null}}))
        .await
        .data();
    assert_eq!(changed["caps"], json!({"follow": 5, "post": 2}));
    assert_eq!(
        api.get("/api/v1/accounts/1").await.data()["caps"],
        json!({"follow": 5, "post": 2})
    );
    // What does not name them leaves them.
    let other = patch(&api, json!({"email": "a@b.example"})).await.data();
    assert_eq!(other["caps"], json!({"follow": 5, "post": 2}));
    let record = api.get("/api/v1/audit?page_size=2").await.data();
    let entry = &record["entries"][1];
    assert_eq!(
        (&entry["before"]["caps"], &entry["after"]["caps"]),
        (&json!({"follow": 5, "like": 0}), &json!({"follow": 5, "post": 2}))
    );
    assert_eq!(patch(&api, json!({"caps": null})).await.data()["caps"], json!({}));
    for (caps, told) in [
        (
            json!({"follow": 5, "dance": 1}),
            "caps: \"dance\" is none of follow, unfollow, like, comment, post",
        ),
        (
            json!({"follow": 10_001}),
            "caps.follow: must be a whole number from 0 to 10000 (0: without limit), or null for what the settings say",
        ),
        (json!([1]), "caps: must be an object"),
    ] {
        let refused = patch(&api, json!({"caps": caps, "email": "not@set.example"})).await;
        assert_eq!(refused.code(), 40001);
        assert!(refused.message().starts_with(told), "{}", refused.message());
    }
    let after = api.get("/api/v1/accounts/1").await.data();
    assert_eq!(
        (&after["caps"], &after["email"]),
        (&json!({}), &json!("a@b.example"))
    );
}

#[tokio::test]
async fn many_accounts_get_the_same_numbers_at_once() {
    let api = farm().await;
    for username in ["anna", "ben"] {
        tiktok(&api, username).await;
    }
    let batch = async |body: Value| api.post("/api/v1/accounts/batch", &body.to_string()).await;
    let done = batch(json!({"ids": [1, 2], "action": "caps", "caps": {"follow": 3}})).await;
    assert_eq!(done.data()["changed_count"], 2);
    let done = batch(json!({"ids": [1, 2], "action": "caps", "caps": {"follow": 3}})).await;
    assert_eq!(done.data()["unchanged_count"], 2);
    batch(json!({"ids": [2], "action": "caps", "caps": null}))
        .await
        .data();
    let list = api.get("/api/v1/accounts?sort=id").await.data();
    assert_eq!(
        (&list["accounts"][0]["caps"], &list["accounts"][1]["caps"]),
        (&json!({"follow": 3}), &json!({}))
    );
    let missing = batch(json!({"ids": [2], "action": "caps"})).await;
    assert_eq!(missing.code(), 40001);
    assert!(
        missing.message().starts_with("caps: is required"),
        "{}",
        missing.message()
    );
}

#[tokio::test]
async fn a_task_says_that_its_accounts_own_number_is_reached_and_goes_on_when_it_is_raised() {
    let api = farm().await;
    let body = json!({
        "platform": "tiktok", "username": "jane", "device": "SIM0001", "logined": 1, "caps": {"follow": 1},
    });
    create(&api, &body).await;
    let follow = json!({
        "usernames": ["jane"], "script_name": "follow", "script_config": {"target_users": ["a", "b"]},
    });
    let made = api.post("/api/v1/task", &follow.to_string()).await.data();
    let store = &api.state.store;
    let attempt = begin(store, made["task_ids"][0].as_i64().unwrap()).await;
    let grant = leave(store, attempt, "follow", "a").await;
    let done = GrantOutcome::Done {
        proof: "{}".to_owned(),
    };
    settle(store, attempt, grant, done).await;
    let second = made["task_ids"][1].as_i64().unwrap();
    let row = store.task(second).await.unwrap().unwrap().row;
    assert_eq!(row.serial, Serial("SIM0001".to_owned()));
    let rules = api.state.scheduler.rules().grants(
        &row.platform,
        &row.script,
        "2027-01-15T08:00:00Z".parse().unwrap(),
    );
    assert!(store.put_off_beyond(row, rules).await.unwrap());
    let shown = async || api.get(&format!("/api/v1/task/{second}")).await.data();
    assert_eq!(
        shown().await["waiting_for"],
        "daily_cap: deferred to 2027-01-16 00:00 by the account's own cap: 1 of 1 times follow today"
    );
    patch(&api, json!({"caps": {"follow": 2}})).await.data();
    let waits = shown().await["waiting_for"].to_string();
    let due = store.task(second).await.unwrap().unwrap().row.due_at;
    assert_eq!(due, "2027-01-15T08:00:00Z".parse().unwrap(), "{waits}");
}
