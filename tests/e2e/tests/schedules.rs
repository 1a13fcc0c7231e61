//! Schedules through real processes: a controller that is killed while its runs are being written neither loses nor repeats one.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::collections::BTreeSet;
use std::time::Duration;

use farm::site::{Controller, until};
use serde_json::{Value, json};

const UP: Duration = Duration::from_secs(60);
/// A minute, and what a loaded machine needs then.
const RUNS: Duration = Duration::from_secs(180);
const SCHEDULES: u64 = 40;
const KILLS: usize = 2;

async fn post(controller: &Controller, path: &str, body: &Value) -> Value {
    let answer = controller.send("POST", path, body).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.data().clone()
}

async fn total(controller: &Controller) -> Option<u64> {
    let answer = controller.get("/api/v1/task/stats").await.ok()?;
    (answer.status == 200).then(|| answer.data()["total"].as_u64())?
}

#[tokio::test]
async fn a_controller_killed_among_its_runs_neither_loses_nor_repeats_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut controller = Controller::new(&folder.path().join("controller"), &[]).unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    for number in 1..=SCHEDULES {
        let username = format!("account.{number}");
        let account = json!({"platform": "tiktok", "username": username, "device": format!("PHONE{number}"), "logined": 1});
        post(&controller, "/api/v1/accounts", &account).await;
        // Enabled together below, so that all have the same minutes.
        let schedule = json!({
            "name": format!("each minute {number}"), "cron": "* * * * *", "usernames": [username],
            "script_name": "sync_data", "grace_minutes": 60, "enabled": false,
        });
        post(&controller, "/api/v1/schedules", &schedule).await;
    }
    for number in 1..=SCHEDULES {
        post(
            &controller,
            &format!("/api/v1/schedules/{number}/enable"),
            &json!({}),
        )
        .await;
    }
    let mut seen = total(&controller).await.unwrap();
    for _ in 0..KILLS {
        // The first task of a minute is there: the others are just being written.
        until("the next minute's runs", RUNS, async || {
            total(&controller).await.is_some_and(|now| now > seen)
        })
        .await
        .unwrap();
        controller.kill().await.unwrap();
        controller.start().unwrap();
        controller.until_ready(UP).await.unwrap();
        seen = 0;
        until("all runs of that minute", RUNS, async || {
            seen = total(&controller).await.unwrap_or(0);
            seen > 0 && seen % SCHEDULES == 0
        })
        .await
        .unwrap();
    }
    for number in 1..=SCHEDULES {
        post(
            &controller,
            &format!("/api/v1/schedules/{number}/disable"),
            &json!({}),
        )
        .await;
    }
    let mut tasks = 0;
    for number in 1..=SCHEDULES {
        let runs = controller
            .get(&format!("/api/v1/schedules/{number}/runs?page_size=100"))
            .await
            .unwrap();
        let runs = runs.data()["runs"].as_array().unwrap().clone();
        assert!(runs.len() >= KILLS, "{runs:?}");
        let minutes: BTreeSet<jiff::Timestamp> = runs
            .iter()
            .map(|run| run["due_at"].as_str().unwrap().parse().unwrap())
            .collect();
        assert_eq!(minutes.len(), runs.len(), "a minute came twice: {runs:?}");
        let minutes: Vec<i64> = minutes
            .into_iter()
            .map(|minute| minute.as_second() / 60)
            .collect();
        assert!(
            minutes.windows(2).all(|two| two[1] == two[0] + 1),
            "a minute is missing: {runs:?}"
        );
        assert!(
            runs.iter()
                .all(|run| run["state"] == "created" && run["created_count"] == 1),
            "{runs:?}"
        );
        let of = controller
            .get(&format!("/api/v1/task?schedule_id={number}"))
            .await
            .unwrap();
        assert_eq!(of.data()["total"].as_u64().unwrap(), runs.len() as u64);
        tasks += runs.len() as u64;
    }
    assert_eq!(total(&controller).await.unwrap(), tasks);
    controller.kill().await.unwrap();
}

#[tokio::test]
async fn groups_and_schedules_are_kept_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut controller = Controller::new(&folder.path().join("controller"), &[]).unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let account = json!({"platform": "tiktok", "username": "jane", "device": "PHONE1", "logined": 1});
    post(&controller, "/api/v1/accounts", &account).await;
    let run = async |words: &[&str]| {
        let done = controller.command(words).output().await.unwrap();
        let said = String::from_utf8(done.stdout).unwrap();
        assert!(
            done.status.success(),
            "{words:?}: {said}{}",
            String::from_utf8_lossy(&done.stderr)
        );
        said
    };
    let read = |said: &str| serde_json::from_str::<Value>(said).unwrap();
    run(&["groups", "add", "shelf 1"]).await;
    run(&["groups", "set", "shelf 1", "--name", "shelf/2"]).await;
    assert!(run(&["groups", "list"]).await.contains("shelf/2"));
    assert_eq!(
        read(&run(&["groups", "show", "shelf/2", "--json"]).await)["devices"],
        0
    );
    run(&["groups", "remove", "shelf/2"]).await;
    assert!(run(&["groups", "list"]).await.contains("No group"));
    let added = run(&[
        "schedules",
        "add",
        "nightly",
        "sync_data",
        "--username",
        "jane",
        "--time",
        "02:30",
        "--weekday",
        "mon-fri",
        "--time-zone",
        "Europe/Stockholm",
        "--missed",
        "run-once",
        "--json",
    ])
    .await;
    let added = read(&added);
    assert_eq!((&added["id"], &added["missed"]), (&json!(1), &json!("run_once")));
    assert!(run(&["schedules", "list"]).await.contains("nightly"));
    assert_eq!(
        run(&["schedules", "next", "1", "--count", "3"])
            .await
            .lines()
            .count(),
        3
    );
    let set = run(&[
        "schedules",
        "set",
        "1",
        "--cron",
        "0 12 * * *",
        "--clear",
        "missed",
        "--param",
        "x=1",
        "--json",
    ]);
    let set = read(&set.await);
    assert_eq!(
        (&set["cron"], &set["missed"]),
        (&json!("0 12 * * *"), &json!("skip"))
    );
    assert_eq!(run(&["schedules", "run", "1"]).await.trim(), "1");
    assert!(run(&["schedules", "runs", "1"]).await.contains("created"));
    assert!(run(&["schedules", "preview"]).await.contains("nightly"));
    assert!(run(&["schedules", "disable", "1"]).await.contains("false"));
    assert!(run(&["schedules", "enable", "1"]).await.contains("true"));
    assert!(run(&["schedules", "show", "1"]).await.contains("last_run"));
    run(&["schedules", "remove", "1"]).await;
    let gone = controller
        .command(&["schedules", "show", "1"])
        .output()
        .await
        .unwrap();
    assert_eq!(gone.status.code(), Some(65));
}
