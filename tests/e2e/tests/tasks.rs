//! Tasks through real processes: asked for over HTTP, done on phones, counted by the phones' own ledgers.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::time::Duration;

use farm::site::{Site, until};
use serde_json::{Value, json};

/// For one task on a loaded machine.
const TASK: Duration = Duration::from_secs(180);
const ME: &str = "maker.one";

/// An account that is logged in on a phone, known to the platform and to the controller.
async fn account(site: &Site, serial: &str) -> i64 {
    let known =
        json!({"accounts": [{"username": ME, "password": "Quiet-Zebra&1", "display_name": "A Maker"}]});
    site.tell_phones("/world/tiktok", &known).await.unwrap();
    let app = format!("/phones/{serial}/apps/{}", "com.zhiliaoapp.musically");
    site.tell_phones(&app, &json!({"sessions": [ME]})).await.unwrap();
    let new = json!({"platform": "tiktok", "username": ME, "device": serial, "logined": 1});
    let answer = site
        .controller
        .send("POST", "/api/v1/accounts", &new)
        .await
        .unwrap();
    answer.data()["id"].as_i64().unwrap()
}

async fn create(site: &Site, body: &Value) -> i64 {
    let answer = site.controller.send("POST", "/api/v1/task", body).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.data()["task_ids"][0].as_i64().unwrap()
}

/// Waits until a task is no longer pending or running; answers it.
async fn ended(site: &Site, task: i64) -> Value {
    let mut last = Value::Null;
    let waited = until("the task to end", TASK, async || {
        let answer = site.controller.get(&format!("/api/v1/task/{task}")).await;
        if let Ok(answer) = answer {
            last = answer.data().clone();
        }
        last["status"].as_i64().is_some_and(|status| status >= 2)
    });
    let waited = waited.await;
    assert!(
        waited.is_ok(),
        "{last}\n{}\n{}",
        site.controller.log(),
        site.agent_log()
    );
    last
}

#[tokio::test]
async fn a_follow_is_asked_for_over_http_and_stands_in_the_ledger_once() {
    let site = Site::start(1).await.unwrap();
    let serial = "SIM0001";
    account(&site, serial).await;
    let asked = json!({
        "serials": [serial], "script_name": "follow",
        "script_config": {"target_username": "ana.sketches"},
    });
    let task = create(&site, &asked).await;
    let shown = ended(&site, task).await;
    assert_eq!(
        shown["status"],
        2,
        "{shown}\n{}\n{}",
        site.controller.log(),
        site.agent_log()
    );
    let entries = site.farm.phone(serial).ledger.entries();
    let follows: Vec<_> = entries.iter().filter(|entry| entry.kind == "follow").collect();
    assert_eq!(follows.len(), 1, "{entries:?}");
}

#[tokio::test]
async fn a_video_out_of_a_list_is_published_once_and_one_that_is_not_there_is_told() {
    let site = Site::start(1).await.unwrap();
    let serial = "SIM0001";
    account(&site, serial).await;
    let media = site.folder().join("controller/media");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::write(
        media.join("morning.mp4"),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom a clip",
    )
    .unwrap();
    let post = |file: &str| {
        json!({
            "serials": [serial], "script_name": "post",
            "script_config": {"material_list": [file], "captions": "A quiet morning"},
        })
    };
    let task = create(&site, &post("morning.mp4")).await;
    let shown = ended(&site, task).await;
    let story = || format!("{}\n{}", site.controller.log(), site.agent_log());
    assert_eq!(shown["status"], 2, "{shown}\n{}", story());
    let entries = site.farm.phone(serial).ledger.entries();
    let posts: Vec<_> = entries.iter().filter(|entry| entry.kind == "post").collect();
    assert_eq!(posts.len(), 1, "{entries:?}");
    let missing = create(&site, &post("evening.mp4")).await;
    let shown = ended(&site, missing).await;
    assert_eq!(shown["error"]["kind"], "no_material", "{shown}");
    let outside = site
        .controller
        .send("POST", "/api/v1/task", &post("/etc/passwd"))
        .await
        .unwrap();
    assert_eq!(outside.json()["code"], 40001, "{outside:?}");
}
