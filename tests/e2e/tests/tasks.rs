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
