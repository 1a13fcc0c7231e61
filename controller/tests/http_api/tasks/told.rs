//! What is told of tasks as it happens, and what their phones are woken for.

use serde_json::{Value, json};

use super::work::{begin, needs_person};
use super::{create, task, warmup};
use crate::api::Api;
use crate::devices::farm;

fn told(api: &Api, topic: &str) -> Vec<(String, Value, Value)> {
    let events = api.state.events.told(topic);
    let told = |event: &Value| {
        (
            event["what"].as_str().unwrap().to_owned(),
            event["task"].clone(),
            event["state"].clone(),
        )
    };
    events.iter().map(told).collect()
}

fn of(what: &str, task: i64, state: &str) -> (String, Value, Value) {
    (what.to_owned(), json!(task), json!(state))
}

#[tokio::test]
async fn tasks_are_told_of_when_they_come_change_and_go() {
    let api = farm().await;
    create(&api, warmup()).await.data();
    create(&api, warmup()).await.data();
    api.post("/api/v1/task/1/stop", "").await.data();
    api.post("/api/v1/task/1/retry", "").await.data();
    begin(&api.state.store, 1).await;
    api.delete("/api/v1/task/1").await.data();
    api.delete("/api/v1/task/2").await.data();
    assert_eq!(
        told(&api, "task"),
        [
            of("task_created", 1, "waiting"),
            of("task_created", 2, "waiting"),
            of("task_changed", 1, "failed"),
            of("task_changed", 1, "waiting"),
            of("task_changed", 1, "stopping"),
            of("task_deleted", 2, "waiting"),
        ]
    );
    // What waits for a person is told with its end too.
    create(
        &api,
        json!({"serials": ["SIM0002"], "script_name": "account_warmup"}),
    )
    .await
    .data();
    let attempt = begin(&api.state.store, 3).await;
    needs_person(&api.state.store, 3, attempt, "captcha", None).await;
    api.post("/api/v1/attention/1/resume", "").await.data();
    let attempt = begin(&api.state.store, 3).await;
    needs_person(&api.state.store, 3, attempt, "captcha", None).await;
    api.post("/api/v1/task/3/stop", "").await.data();
    let events = api.state.events.told("attention");
    let ends: Vec<(&Value, &Value, &Value)> = events
        .iter()
        .map(|event| (&event["what"], &event["id"], &event["resolution"]))
        .collect();
    let resolved = json!("attention_resolved");
    assert_eq!(
        ends,
        [
            (&resolved, &json!(1), &json!("resume")),
            (&resolved, &json!(2), &json!("stopped")),
        ]
    );
}

#[tokio::test]
async fn of_very_many_it_is_told_in_one_word() {
    let api = farm().await;
    let users: Vec<String> = (0..101).map(|number| format!("user{number}")).collect();
    let many =
        json!({"serials": ["SIM0001"], "script_name": "follow", "script_config": {"target_users": users}});
    let made = create(&api, many).await.data();
    let body = json!({"task_ids": made["task_ids"]}).to_string();
    let request = crate::api::ask(
        axum::http::Method::DELETE,
        "/api/v1/task/batch",
        &[crate::api::CURL],
        &body,
    );
    api.call(request).await.data();
    let events = api.state.events.told("task");
    let told: Vec<(&Value, &Value)> = events
        .iter()
        .map(|event| (&event["what"], &event["count"]))
        .collect();
    assert_eq!(
        told,
        [
            (&json!("tasks_created"), &json!(101)),
            (&json!("tasks_deleted"), &json!(101)),
        ]
    );
}

#[tokio::test]
async fn why_a_task_waits_is_true_to_the_moment() {
    let api = farm().await;
    let mut later = warmup();
    later["start_at"] = json!("2027-01-15T09:00:00Z");
    create(&api, later).await.data();
    let why = "due: its time is 2027-01-15T09:00:00Z";
    assert_eq!(task(&api, 1).await["waiting_for"], why);
    assert_eq!(
        api.get("/api/v1/task").await.data()["tasks"][0]["waiting_for"],
        why
    );
    api.clock.advance(std::time::Duration::from_secs(3_600));
    assert_eq!(task(&api, 1).await["waiting_for"], "queue: its turn comes");
    begin(&api.state.store, 1).await;
    assert_eq!(task(&api, 1).await["waiting_for"], Value::Null);
}

#[tokio::test]
async fn the_order_of_a_phones_tasks_is_a_setting() {
    let api = farm().await;
    let users: Vec<String> = (0..40).map(|number| format!("user{number}")).collect();
    let many =
        json!({"serials": ["SIM0001"], "script_name": "follow", "script_config": {"target_users": users}});
    let order = async || {
        let now = shared::clock::Clock::now(&*api.clock);
        let queue = api.state.store.queue("SIM0001", now, 100).await.unwrap();
        queue.runnable.iter().map(|task| task.id).collect::<Vec<_>>()
    };
    create(&api, many.clone()).await.data();
    let created: Vec<i64> = (1..=40).collect();
    assert_eq!(order().await, created);
    api.patch("/api/v1/settings", r#"{"tasks.order": "random"}"#)
        .await
        .data();
    assert_eq!(order().await, created, "those that are there keep their places");
    create(&api, many).await.data();
    let mut later = order().await.split_off(40);
    assert!(!later.is_sorted(), "{later:?}");
    later.sort_unstable();
    assert_eq!(later, (41..=80).collect::<Vec<_>>());
}
