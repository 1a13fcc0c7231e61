//! Tasks that are stopped, retried, deleted; what a failed one leaves; and the same from the command line.

use std::process::{Output, Stdio};
use std::time::Duration;

use farm::site::until;
use serde_json::{Value, json};

use crate::stand::Stand;

const SOON: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_stopped_retried_and_deleted() {
    let stand = Stand::start(4).await;
    for (serial, name) in [
        ("SIM0001", "anna.makes"),
        ("SIM0002", "ben.makes"),
        ("SIM0003", "cleo.makes"),
        ("SIM0004", "dora.makes"),
    ] {
        stand.logged_in("tiktok", serial, &[name]).await;
    }
    tokio::join!(
        stopped(&stand),
        retried(&stand),
        deleted(&stand),
        at_the_command_line(&stand)
    );
}

fn long(serial: &str) -> Value {
    json!({"serials": [serial], "script_name": "account_warmup", "script_config": {"task_duration": 7_200}})
}

fn short(serial: &str) -> Value {
    json!({"serials": [serial], "script_name": "sync_data"})
}

async fn stopped(stand: &Stand) {
    let one = stand.create(long("SIM0001")).await[0];
    let next = stand.create(short("SIM0001")).await;
    stand.until_state(one, "running").await;
    let waits = stand.task(next[0]).await;
    assert_eq!(
        waits["waiting_for"],
        format!("phone_busy: task {one} runs on its phone")
    );
    let told = stand
        .send("POST", &format!("task/{one}/stop"), &Value::Null)
        .await
        .data();
    assert_eq!(
        (&told["stopped"], &told["state"]),
        (&json!(true), &json!("stopping"))
    );
    let ended = stand.ended(&[one]).await;
    assert_eq!(
        (&ended[0]["status"], &ended[0]["error"]["kind"]),
        (&json!(3), &json!("stopped"))
    );
    stand.completed(&next).await;
}

async fn retried(stand: &Stand) {
    let missing = json!({"serials": ["SIM0002"], "script_name": "post",
        "script_config": {"material_list": ["later.mp4"], "captions": "Better late"}});
    let one = stand.create(missing).await;
    let failed = stand.ended(&one).await;
    assert_eq!(failed[0]["error"]["kind"], "no_material", "{}", failed[0]);
    stand.video("later.mp4");
    let path = format!("task/{}/retry", one[0]);
    assert_eq!(
        stand.send("POST", &path, &Value::Null).await.data(),
        json!({"retried_count": 1})
    );
    stand.completed(&one).await;
    assert_eq!(stand.acts("SIM0002", "post").len(), 1);
    assert_eq!(
        stand.send("POST", &path, &Value::Null).await.json()["code"],
        40901
    );
}

async fn deleted(stand: &Stand) {
    let one = stand.create(long("SIM0003")).await[0];
    stand.until_state(one, "running").await;
    let told = stand
        .send("DELETE", &format!("task/{one}"), &Value::Null)
        .await
        .data();
    assert_eq!(told, json!({"deleted_count": 1, "stopping": [one]}));
    let path = format!("/api/v1/task/{one}");
    until("the task to be gone", SOON, async || {
        stand.site.controller.get(&path).await.unwrap().status == 404
    })
    .await
    .unwrap();
    stand.done(short("SIM0003")).await;
}

async fn run(stand: &Stand, words: &[&str]) -> Output {
    let mut command = stand.site.controller.command(words);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.output().await.unwrap()
}

async fn told(stand: &Stand, words: &[&str]) -> String {
    let output = run(stand, words).await;
    let (out, error) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert_eq!(output.status.code(), Some(0), "{words:?}: {out}{error}");
    out
}

async fn at_the_command_line(stand: &Stand) {
    let create = [
        "tasks",
        "create",
        "follow",
        "--serial",
        "SIM0004",
        "--param",
        "target_user=nobody.at.all.here",
    ];
    let id = told(stand, &create).await.trim().to_owned();
    let failed = stand.ended(&[id.parse().unwrap()]).await.remove(0);
    assert_eq!(failed["error"]["kind"], "not_found", "{}", stand.story(&failed));
    // Its evidence and the last lines of its log come a moment after its end.
    let mut task = Value::Null;
    let waited = until("the evidence", SOON, async || {
        task = stand.task(id.parse().unwrap()).await;
        let lines = task["attempt_list"][0]["log"].as_array().map_or(0, Vec::len);
        task["artifacts"].as_array().unwrap().len() >= 4 && lines > 0
    });
    waited.await.unwrap();
    for (kind, content_type, start) in [
        ("screen", "image/png", b"\x89PNG".as_slice()),
        ("hierarchy", "application/xml", b"<?xml"),
    ] {
        let artifacts = task["artifacts"].as_array().unwrap();
        let one = artifacts.iter().find(|one| one["kind"] == kind).unwrap();
        let sent = stand
            .site
            .controller
            .get(one["url"].as_str().unwrap())
            .await
            .unwrap();
        assert_eq!(
            (sent.status, sent.header("content-type")),
            (200, Some(content_type))
        );
        assert_eq!(sent.header("x-content-type-options"), Some("nosniff"));
        assert!(sent.body.starts_with(start), "{kind}");
        assert_eq!(one["size"], sent.body.len());
    }
    let shown = told(stand, &["tasks", "show", &id]).await;
    for word in [
        "nobody.at.all.here",
        "Attempts",
        "Files",
        "hierarchy.xml",
        "Log of attempt 1",
        "not_found",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let whole: Value = serde_json::from_str(&told(stand, &["tasks", "show", &id, "--json"]).await).unwrap();
    assert_eq!(whole["attempt_list"][0]["outcome"], "not_found");
    let log = told(stand, &["tasks", "log", &id, "--attempt", "1"]).await;
    assert!(log.lines().count() >= 1 && !log.contains("No line"), "{log}");
    let list = told(
        stand,
        &["tasks", "list", "--serial", "SIM0004", "--status", "failed"],
    )
    .await;
    assert!(list.contains("not_found"), "{list}");

    // A puzzle: a person solves it, and the task goes on.
    stand
        .app("tiktok", "SIM0004", json!({"moods": {"challenge": "slider"}}))
        .await;
    let asked = told(
        stand,
        &[
            "tasks",
            "create",
            "follow",
            "--username",
            "dora.makes",
            "--param",
            "target_user=ana.sketches",
        ],
    )
    .await;
    let asked: i64 = asked.trim().parse().unwrap();
    stand.until_state(asked, "person").await;
    let list = told(stand, &["attention", "list"]).await;
    assert!(list.contains("resume"), "{list}");
    let items: Value = serde_json::from_str(&told(stand, &["attention", "list", "--json"]).await).unwrap();
    let item = items["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["task"] == asked)
        .unwrap();
    let number = item["id"].to_string();
    assert!(
        told(stand, &["attention", "show", &number])
            .await
            .contains("ana.sketches")
            || item["grant"].is_null()
    );
    let wrong = run(stand, &["attention", "resolve", &number]).await;
    assert_eq!(wrong.status.code(), Some(2), "done or not done has to be said");
    stand
        .app(
            "tiktok",
            "SIM0004",
            json!({"moods": {"challenge": null}, "reset_limits": true}),
        )
        .await;
    told(stand, &["attention", "resume", &number, "--comment", "solved"]).await;
    stand.completed(&[asked]).await;
    assert_eq!(stand.targets("SIM0004", "follow"), ["ana.sketches"]);
    let twice = run(stand, &["attention", "abandon", &number]).await;
    assert_eq!(twice.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&twice.stderr).into_owned();
    assert!(complaint.contains("resolved already: resume"), "{complaint}");

    for (words, code, complaint) in [
        (vec!["tasks", "show", "9999"], 65, "there is no task"),
        (vec!["tasks", "log", "9999"], 65, "there is no task"),
        (
            vec!["tasks", "log", id.as_str(), "--attempt", "7"],
            65,
            "there is no attempt",
        ),
        (
            vec!["tasks", "log", id.as_str(), "--attempt", "0"],
            2,
            "--attempt",
        ),
        (vec!["tasks", "show", "x"], 2, "invalid value"),
        (vec!["tasks", "list", "--status", "odd"], 2, "pending"),
        (vec!["tasks", "list", "--sort", "size"], 65, "sort"),
        (
            vec!["tasks", "create", "dance", "--serial", "SIM0004"],
            65,
            "dance",
        ),
        (vec!["tasks", "create", "post"], 2, "--serial"),
        (
            vec!["tasks", "create", "post", "--serial", "NOBODY"],
            65,
            "NOBODY",
        ),
        (
            vec!["tasks", "create", "follow", "--serial", "SIM0004"],
            65,
            "target_users",
        ),
        (
            vec![
                "tasks", "create", "post", "--serial", "SIM0004", "--param", "captions",
            ],
            2,
            "NAME=VALUE",
        ),
        (
            vec![
                "tasks",
                "create",
                "post",
                "--serial",
                "SIM0004",
                "--config-file",
                "/nowhere.json",
            ],
            65,
            "/nowhere.json",
        ),
        (vec!["tasks", "stop", id.as_str()], 1, "failed already"),
        (vec!["tasks", "retry"], 2, "IDS"),
        (
            vec!["attention", "show", "9999"],
            65,
            "there is no attention item",
        ),
        (
            vec!["attention", "resolve", "1", "--done", "--not-done"],
            2,
            "cannot be used with",
        ),
    ] {
        let output = run(stand, &words).await;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
        assert!(error.contains(complaint), "{words:?}: {error}");
    }
}
