//! Tasks that are stopped, retried, deleted.

use axum::http::{Method, StatusCode};
use serde_json::json;

use super::{create, stats, task, warmup};
use crate::api::{CURL, ask};
use crate::devices::farm;

#[tokio::test]
async fn tasks_are_stopped_retried_and_deleted_and_answers_say_what_changed() {
    let api = farm().await;
    for _ in 0..5 {
        create(&api, warmup()).await.data();
    }
    let stopped = api.post("/api/v1/task/1/stop", "").await.data();
    assert_eq!(stopped["stopped"], true);
    let one = task(&api, 1).await;
    assert_eq!(
        (&one["status"], &one["status_text"]),
        (&json!(3), &json!("failed"))
    );
    assert_eq!(
        one["error"],
        json!({"kind": "stopped", "message": "stopped by local API"})
    );
    assert_eq!(one["finished_at"], "2027-01-15T08:00:00Z");
    for path in ["task/1/stop", "task/2/retry"] {
        let refused = api.post(&format!("/api/v1/{path}"), "").await;
        assert_eq!(
            (refused.code(), refused.status),
            (40901, StatusCode::CONFLICT),
            "{path}"
        );
    }
    // What was stopped by hand is not done again by the way, only by name.
    assert_eq!(
        api.post("/api/v1/task/retry-all", "").await.data(),
        json!({"retried_count": 0})
    );
    assert_eq!(
        api.post("/api/v1/task/1/retry", "").await.data(),
        json!({"retried_count": 1})
    );
    assert_eq!(task(&api, 1).await["status"], 0);
    let deleted = api.delete("/api/v1/task/1").await.data();
    assert_eq!(deleted["deleted_count"], 1);
    assert_eq!(api.get("/api/v1/task/1").await.code(), 40401);
    let batch = |body: &'static str| {
        let request = ask(Method::DELETE, "/api/v1/task/batch", &[CURL], body);
        api.call(request)
    };
    assert_eq!(
        batch(r#"{"task_ids": [2, "3", 3, 99]}"#).await.data()["deleted_count"],
        2
    );
    for body in ["", "{}", r#"{"task_ids": []}"#, r#"{"task_ids": ["x"]}"#] {
        let refused = batch(body).await;
        assert_eq!(refused.code(), 40001, "{body}");
        assert!(refused.message().starts_with("task_ids"), "{}", refused.message());
    }
    for (method, path) in [
        (Method::GET, "task/99"),
        (Method::GET, "task/x"),
        (Method::DELETE, "task/99"),
        (Method::POST, "task/99/stop"),
        (Method::POST, "task/99/retry"),
    ] {
        let answer = api.call(ask(method, &format!("/api/v1/{path}"), &[], "")).await;
        assert_eq!(
            (answer.code(), answer.status),
            (40401, StatusCode::NOT_FOUND),
            "{path}"
        );
    }
    assert_eq!(
        stats(&api).await,
        json!({"total": 2, "pending": 2, "running": 0, "completed": 0, "failed": 0})
    );
    let record = api.get("/api/v1/audit?page_size=100").await.data();
    let mut whats: Vec<&str> = record["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["what"].as_str().unwrap())
        .filter(|what| what.starts_with("task."))
        .collect();
    whats.sort_unstable();
    whats.dedup();
    assert_eq!(whats, ["task.create", "task.delete", "task.retry", "task.stop"]);
}
