//! One task with its attempts, logs, grants and files.

use axum::http::StatusCode;
use controller::scheduler::artifact_file;
use serde_json::{Value, json};
use shared::task::TaskState;
use shared::wire::work::GrantOutcome;

use super::work::{begin, fails, leave, says, settle};
use super::{create, task, warmup};
use crate::api::Api;
use crate::devices::farm;
use crate::scripted::HUB;

fn follow() -> Value {
    json!({"serials": ["SIM0001"], "script_name": "follow", "script_config": {"target_username": "ana"}})
}

#[tokio::test]
async fn a_task_is_shown_with_each_attempt_its_log_and_each_leave() {
    let api = farm().await;
    create(&api, follow()).await.data();
    let store = &api.state.store;
    let first = begin(store, 1).await;
    says(store, 1, first, 30).await;
    let shown = task(&api, 1).await;
    assert_eq!((&shown["status"], &shown["progress"]), (&json!(1), &json!(40)));
    assert_eq!(shown["waiting_for"], Value::Null);
    let grant = leave(store, first, "follow", "ana").await;
    let asked = &task(&api, 1).await["grants"][0];
    assert_eq!(
        (&asked["state"], &asked["settled_by"], &asked["settled_at"]),
        (&json!("open"), &Value::Null, &Value::Null)
    );
    let done = GrantOutcome::Done {
        proof: json!({"seen": "Following"}).to_string(),
    };
    settle(store, first, grant, done).await;
    fails(store, first, "timeout", TaskState::Retrying).await;
    begin(store, 1).await;
    let shown = task(&api, 1).await;
    assert_eq!(shown["attempts"], 2);
    let attempts = shown["attempt_list"].as_array().unwrap();
    assert_eq!(attempts.len(), 2);
    let expected = json!({
        "id": first.to_string(), "number": 1, "host": HUB.to_string(), "epoch": 1, "state": "ended",
        "begun_at": "2027-01-15T08:00:00Z", "acknowledged_at": "2027-01-15T08:00:00Z",
        "ended_at": "2027-01-15T08:00:00Z", "outcome": "timeout", "message": "why", "uncertain": false,
        "place": "follow.rhai:7", "steps": 3, "took_ms": 1000, "driver": "plain", "app_version": "40.1",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(attempts[0][name], *value, "{name}");
    }
    let tail = attempts[0]["log"].as_array().unwrap();
    assert_eq!(
        (tail.len(), &tail[0]["number"]),
        (20, &json!(10)),
        "the last of them"
    );
    assert_eq!(tail[19]["line"], "line 29");
    assert_eq!(
        (&attempts[1]["state"], &attempts[1]["ended_at"]),
        (&json!("running"), &Value::Null)
    );
    let expected = json!({
        "id": grant.to_string(), "number": 1, "attempt": 1, "commit": "follow", "kind": "state", "key": "ana",
        "state": "done", "asked_at": "2027-01-15T08:00:00Z", "settled_at": "2027-01-15T08:00:00Z",
        "settled_by": "host", "why": null, "evidence": {"button": "Follow"}, "proof": {"seen": "Following"},
    });
    assert_eq!(shown["grants"], json!([expected]));
}

#[tokio::test]
async fn a_log_is_read_a_part_at_a_time_of_any_attempt() {
    let api = farm().await;
    create(&api, warmup()).await.data();
    let log = async |query: &str| api.get(&format!("/api/v1/task/1/log{query}")).await;
    let nothing = json!({"attempt": null, "lines": [], "last": null, "more": false});
    assert_eq!(log("").await.data(), nothing);
    let store = &api.state.store;
    let first = begin(store, 1).await;
    says(store, 1, first, 1_500).await;
    fails(store, first, "timeout", TaskState::Retrying).await;
    let second = begin(store, 1).await;
    says(store, 1, second, 3).await;
    let latest = log("").await.data();
    assert_eq!((&latest["attempt"], &latest["more"]), (&json!(2), &json!(false)));
    assert_eq!(latest["lines"].as_array().unwrap().len(), 3);
    assert_eq!(
        latest["lines"][0],
        json!({"number": 0, "at": "2027-01-15T08:00:00Z", "line": "line 0"})
    );
    let after = log("?after=1").await.data();
    assert_eq!(
        (&after["lines"][0]["number"], &after["last"]),
        (&json!(2), &json!(2))
    );
    let none = log("?after=2").await.data();
    assert_eq!((&none["lines"], &none["last"]), (&json!([]), &json!(2)));
    for name in ["1".to_owned(), first.to_string()] {
        let part = log(&format!("?attempt={name}")).await.data();
        assert_eq!(
            (
                part["lines"].as_array().unwrap().len(),
                &part["last"],
                &part["more"]
            ),
            (1_000, &json!(999), &json!(true))
        );
        let rest = log(&format!("?attempt={name}&after=999")).await.data();
        assert_eq!(
            (rest["lines"].as_array().unwrap().len(), &rest["more"]),
            (500, &json!(false))
        );
    }
    assert_eq!(log("?attempt=3").await.code(), 40401);
    assert_eq!(log("?attempt=x").await.code(), 40401);
    for bad in ["?after=-1", "?after=then"] {
        let refused = log(bad).await;
        assert_eq!(refused.code(), 40001);
        assert!(refused.message().starts_with("after"), "{}", refused.message());
    }
    assert_eq!(api.get("/api/v1/task/9/log").await.code(), 40401);
}

/// A farm whose data folder is `folder`.
async fn with_files(folder: &std::path::Path) -> Api {
    let mut api = farm().await;
    api.state = api.state.clone().with_data_dir(folder);
    api.router = controller::http::router(api.state.clone());
    api
}

#[tokio::test]
async fn what_a_failed_attempt_left_is_named_and_sent_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let api = with_files(folder.path()).await;
    create(&api, warmup()).await.data();
    create(&api, warmup()).await.data();
    let store = &api.state.store;
    let attempt = begin(store, 1).await;
    fails(store, attempt, "timeout", TaskState::Failed).await;
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &vec![7; 300_000]].concat();
    let files: [(&str, &str, &str, &[u8]); 5] = [
        ("hierarchy.xml", "hierarchy", "application/xml", b"<hierarchy/>"),
        ("meta.json", "meta", "application/json", b"{}"),
        (
            "page.html",
            "other",
            "application/octet-stream",
            b"<script>alert(1)</script>",
        ),
        ("screen.png", "screen", "image/png", &png),
        ("steps.jsonl", "steps", "application/x-ndjson", b"{}\n"),
    ];
    for (name, _, _, bytes) in files {
        let file = artifact_file(folder.path(), attempt, name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
        store
            .note_artifact(attempt, 1, name, bytes.len() as u64)
            .await
            .unwrap();
    }
    let shown = task(&api, 1).await["artifacts"].clone();
    let list = api.get("/api/v1/task?sort=id").await.data();
    assert_eq!(list["tasks"][0]["artifacts"], shown, "in lists too");
    assert_eq!(list["tasks"][1]["artifacts"], json!([]));
    assert_eq!(shown.as_array().unwrap().len(), files.len());
    for ((name, kind, content_type, bytes), item) in files.iter().zip(shown.as_array().unwrap()) {
        let expected = json!({
            "name": name, "kind": kind, "size": bytes.len(), "attempt": 1, "created_at": "2027-01-15T08:00:00Z",
            "url": format!("/api/v1/task/1/artifacts/1/{name}"),
        });
        assert_eq!(*item, expected);
        let sent = api.get(item["url"].as_str().unwrap()).await;
        assert_eq!(sent.status, StatusCode::OK);
        assert_eq!(sent.bytes, *bytes, "{name}");
        let header = |name: &str| sent.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), *content_type);
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-length"), bytes.len().to_string());
        assert!(header("content-security-policy").contains("sandbox"));
    }
}

#[tokio::test]
async fn a_file_that_is_no_attempts_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let api = with_files(folder.path()).await;
    create(&api, warmup()).await.data();
    create(&api, warmup()).await.data();
    let store = &api.state.store;
    let attempt = begin(store, 1).await;
    fails(store, attempt, "timeout", TaskState::Failed).await;
    std::fs::write(folder.path().join("vault.key"), "secret").unwrap();
    store.note_artifact(attempt, 1, "gone.png", 5).await.unwrap();
    for path in [
        "task/1/artifacts/1/screen.png",
        "task/1/artifacts/1/..%2f..%2fvault.key",
        "task/1/artifacts/1/%2e%2e%2f%2e%2e%2fvault.key",
        "task/1/artifacts/1/..%5c..%5cvault.key",
        "task/1/artifacts/1/%00",
        "task/1/artifacts/1/%ff",
        "task/1/artifacts/1/gone.png",
        "task/2/artifacts/1/gone.png",
        "task/1/artifacts/2/gone.png",
        "task/1/artifacts/x/gone.png",
        "task/x/artifacts/1/gone.png",
        "task/1/artifacts/../../vault.key",
    ] {
        let refused = api.get(&format!("/api/v1/{path}")).await;
        assert_eq!(
            (refused.code(), refused.status),
            (40401, StatusCode::NOT_FOUND),
            "{path}"
        );
    }
}

/// As a tool of others reads it: names and texts.
fn unzipped(folder: &std::path::Path, bytes: &[u8]) -> Value {
    let file = folder.join("bundle.zip");
    std::fs::write(&file, bytes).unwrap();
    let program = "import json, sys, zipfile\n\
        z = zipfile.ZipFile(sys.argv[1])\n\
        assert z.testzip() is None\n\
        print(json.dumps({i.filename: z.read(i).decode('latin-1') for i in z.infolist()}))";
    let read = std::process::Command::new("python3")
        .args(["-c", program])
        .arg(file)
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    serde_json::from_slice(&read.stdout).unwrap()
}

#[tokio::test]
async fn a_bundle_is_a_zip_of_all_that_is_known_of_a_task() {
    let folder = tempfile::tempdir().unwrap();
    let api = with_files(folder.path()).await;
    create(&api, warmup()).await.data();
    let store = &api.state.store;
    let first = begin(store, 1).await;
    says(store, 1, first, 1_200).await;
    fails(store, first, "timeout", TaskState::Retrying).await;
    let second = begin(store, 1).await;
    says(store, 1, second, 2).await;
    fails(store, second, "timeout", TaskState::Failed).await;
    let large = "x".repeat(300_000);
    for (attempt, name, text) in [
        (first, "screen.png", large.as_str()),
        (second, "screen.png", "second"),
        (second, "hierarchy.xml", "<hierarchy/>"),
    ] {
        let file = artifact_file(folder.path(), attempt, name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, text).unwrap();
        store
            .note_artifact(attempt, 1, name, text.len() as u64)
            .await
            .unwrap();
    }
    store.note_artifact(second, 1, "gone.png", 5).await.unwrap();
    let sent = api.get("/api/v1/task/1/bundle").await;
    assert_eq!(sent.status, StatusCode::OK);
    assert_eq!(sent.headers["content-type"], "application/zip");
    assert_eq!(
        sent.headers["content-disposition"],
        "attachment; filename=\"task-1.zip\""
    );
    let files = unzipped(folder.path(), &sent.bytes);
    let names: Vec<&String> = files.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        [
            "attempt-1/screen.png",
            "attempt-2/hierarchy.xml",
            "attempt-2/screen.png",
            "log.txt",
            "missing.txt",
            "task.json"
        ]
    );
    let told: Value = serde_json::from_str(files["task.json"].as_str().unwrap()).unwrap();
    assert_eq!(told, task(&api, 1).await);
    assert_eq!(files["attempt-1/screen.png"], large);
    assert_eq!(files["attempt-2/screen.png"], "second");
    assert_eq!(files["missing.txt"], "attempt-2/gone.png\n");
    let log: Vec<&str> = files["log.txt"].as_str().unwrap().lines().collect();
    assert_eq!(log.len(), 1_204);
    assert_eq!(
        (log[0], log[1], log[1_200]),
        (
            "Attempt 1",
            "2027-01-15T08:00:00Z  line 0",
            "2027-01-15T08:00:00Z  line 1199"
        )
    );
    assert_eq!(
        (log[1_201], log[1_203]),
        ("Attempt 2", "2027-01-15T08:00:00Z  line 1")
    );
    for unknown in ["9", "x", "0"] {
        let refused = api.get(&format!("/api/v1/task/{unknown}/bundle")).await;
        assert_eq!(refused.code(), 40401, "{unknown}");
    }
}
