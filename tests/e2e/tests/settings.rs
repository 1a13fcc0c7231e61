//! Settings from a file, from the environment and on the command line, of a controller that runs; and the page about them.

#![allow(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::time::Duration;

use farm::site::Controller;
use serde_json::{Value, json};

const UP: Duration = Duration::from_secs(60);

#[tokio::test]
async fn settings_are_configured_changed_cleared_and_outlive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("drover.toml");
    std::fs::write(&file, "[tasks]\nretries = 3\nhours = \"08:00-22:00\"\n").unwrap();
    let file = file.to_str().unwrap();
    let mut controller = Controller::new(&folder.path().join("controller"), &["--config", file]).unwrap();
    controller.set_environment(vec![("DROVER_CAPS_TIKTOK_FOLLOW".to_owned(), "7".to_owned())]);
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let end = async |controller: &Controller, words: &[&str]| {
        let done = controller.command(words).output().await.unwrap();
        let [said, remarked] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (said, remarked, done.status.code())
    };
    let run = async |controller: &Controller, words: &[&str]| {
        let (said, remarked, code) = end(controller, words).await;
        assert_eq!(code, Some(0), "{words:?}: {said}{remarked}");
        said
    };
    let value = async |controller: &Controller, name: &str| {
        let said = run(controller, &["settings", "list", "--json"]).await;
        let all: Value = serde_json::from_str(&said).unwrap();
        let all = all["settings"].as_array().unwrap();
        let one = all.iter().find(|setting| setting["name"] == name).unwrap();
        (one["value"].clone(), one["is_set"].clone())
    };
    for (name, configured) in [
        ("tasks.retries", json!(3)),
        ("tasks.hours", json!("08:00-22:00")),
        ("caps.tiktok.follow", json!(7)),
        ("tasks.lease_seconds", json!(60)),
    ] {
        assert_eq!(
            value(&controller, name).await,
            (configured, json!(false)),
            "{name}"
        );
    }

    let set = run(
        &controller,
        &["settings", "set", "tasks.retries=5", "tasks.hours="],
    )
    .await;
    assert!(
        set.contains("tasks.retries") && !set.contains("tasks.lease_seconds"),
        "{set}"
    );
    let (_, remarked, code) = end(&controller, &["settings", "set", "tasks.retries=11"]).await;
    assert!(
        code == Some(65) && remarked.contains("tasks.retries") && remarked.contains("from 1 to 10"),
        "{code:?} {remarked}"
    );
    assert_eq!(
        end(&controller, &["settings", "set", "tasks.retries"]).await.2,
        Some(2)
    );
    assert_eq!(
        end(&controller, &["settings", "set", "task.retries=1"]).await.2,
        Some(65)
    );
    let record = controller.get("/api/v1/audit").await.unwrap().data();
    let changes: Vec<&Value> = record["entries"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["what"] == "setting.change")
        .collect();
    assert_eq!(changes.len(), 2, "{record}");
    let retries = changes
        .iter()
        .find(|entry| entry["subject"] == "tasks.retries")
        .unwrap();
    assert_eq!((&retries["before"], &retries["after"]), (&json!(3), &json!(5)));
    assert!(
        retries["who"].as_str().unwrap().contains("command line"),
        "{retries}"
    );

    controller.kill().await.unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    assert_eq!(value(&controller, "tasks.retries").await, (json!(5), json!(true)));
    run(
        &controller,
        &["settings", "clear", "tasks.retries", "tasks.hours"],
    )
    .await;
    assert_eq!(
        value(&controller, "tasks.retries").await,
        (json!(3), json!(false))
    );
    controller.kill().await.unwrap();

    // Without a controller: what is configured, and from where.
    let shown = run(&controller, &["config", "show", "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let origin = |name: &str| {
        let all = shown.as_array().unwrap();
        let one = all.iter().find(|setting| setting["name"] == name).unwrap();
        one["origin"].as_str().unwrap().to_owned()
    };
    assert!(origin("tasks.retries").ends_with("drover.toml"));
    assert_eq!(origin("caps.tiktok.follow"), "DROVER_CAPS_TIKTOK_FOLLOW");
    let page = run(&controller, &["settings", "docs"]).await;
    let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");
    assert_eq!(
        page,
        std::fs::read_to_string(kept).unwrap(),
        "the page in docs/ is another"
    );
    // What is wrong does not start.
    controller.set_environment(vec![("DROVER_GAP_POST".to_owned(), "soon".to_owned())]);
    let (_, remarked, code) = end(&controller, &["serve"]).await;
    assert!(
        code == Some(78) && remarked.contains("gap.post") && remarked.contains("DROVER_GAP_POST"),
        "{code:?} {remarked}"
    );
}
