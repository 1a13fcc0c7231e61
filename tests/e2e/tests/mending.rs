//! A flow is mended while the farm runs: a task fails over an element that is not there, the element is mended over HTTP
//! and tried on the screen that the task left, and the same task runs the mended pack and posts once.
#![expect(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

use std::time::Duration;

use farm::site::{Site, until};
use serde_json::{Value, json};

/// For one task on a loaded machine.
const TASK: Duration = Duration::from_secs(180);
const ME: &str = "maker.one";
const SERIAL: &str = "SIM0001";
const ELEMENT: &str = "/api/v1/packs/tiktok/elements/post_button";

async fn send(site: &Site, method: &str, path: &str, body: &Value) -> Value {
    let answer = site.controller.send(method, path, body).await.unwrap();
    assert_eq!(answer.status, 200, "{method} {path}: {answer:?}");
    answer.data().clone()
}

/// Waits until a task has ended so often; answers it.
async fn ended(site: &Site, task: i64, attempts: u64) -> Value {
    let mut last = Value::Null;
    let waited = until("the task to end", TASK, async || {
        if let Ok(answer) = site.controller.get(&format!("/api/v1/task/{task}")).await {
            last = answer.data().clone();
        }
        let over = last["status"].as_i64().is_some_and(|status| status >= 2);
        over && last["attempts"].as_u64() >= Some(attempts)
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
async fn a_broken_element_is_mended_over_http_and_the_task_posts_once() {
    let site = Site::start(1).await.unwrap();
    let known =
        json!({"accounts": [{"username": ME, "password": "Quiet-Zebra&1", "display_name": "A Maker"}]});
    site.tell_phones("/world/tiktok", &known).await.unwrap();
    let app = format!("/phones/{SERIAL}/apps/com.zhiliaoapp.musically");
    site.tell_phones(&app, &json!({"sessions": [ME]})).await.unwrap();
    let new = json!({"platform": "tiktok", "username": ME, "device": SERIAL, "logined": 1});
    send(&site, "POST", "/api/v1/accounts", &new).await;
    let media = site.folder().join("controller/media");
    std::fs::create_dir_all(&media).unwrap();
    std::fs::write(
        media.join("morning.mp4"),
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom a clip",
    )
    .unwrap();

    // What the pack knew before the app renamed its button.
    let whole = send(&site, "GET", "/api/v1/packs/tiktok", &Value::Null).await;
    let elements = whole["elements"].as_array().unwrap();
    let good = elements.iter().find(|one| one["name"] == "post_button").unwrap();
    let stale = json!({"alternatives": [{"id": "zz9"}, {"text": "Publish it"}], "reason": "as it was"});
    let broken = send(&site, "PUT", ELEMENT, &stale).await;
    let post = json!({
        "serials": [SERIAL], "script_name": "post", "max_retries": 0,
        "script_config": {"material_list": ["morning.mp4"], "captions": "A quiet morning"},
    });
    let made = send(&site, "POST", "/api/v1/task", &post).await;
    let task = made["task_ids"][0].as_i64().unwrap();
    let failed = ended(&site, task, 1).await;
    assert_eq!(failed["error"]["kind"], "element_missing", "{failed}");
    assert!(
        failed["error"]["message"]
            .as_str()
            .unwrap()
            .starts_with("post_button"),
        "{failed}"
    );
    assert_eq!(
        failed["attempt_list"][0]["pack_hash"], broken["pack"]["hash"],
        "{failed}"
    );

    assert_eq!(
        failed["missing"],
        json!({"pack": "tiktok", "element": "post_button"}),
        "{failed}"
    );

    // The screen that it left says why, and what would find it. It comes a moment after the end.
    let left = until("the screen that it left", TASK, async || {
        let shown = site.controller.get(&format!("/api/v1/task/{task}")).await;
        shown.is_ok_and(|shown| shown.data()["artifacts"].to_string().contains("screen.png"))
    });
    left.await.unwrap();
    let test = format!("{ELEMENT}/test");
    let told = send(&site, "POST", &test, &json!({ "task": task })).await;
    assert_eq!(told["found"], false, "{told}");
    assert!(
        told["alternatives"][0]["said"].to_string().contains("zz9"),
        "{told}"
    );
    assert!(told["screen"]["picture"].is_string(), "{told}");
    let draft = json!({"task": task, "toml": good["any"]});
    let told = send(&site, "POST", &test, &draft).await;
    assert_eq!(told["found"], true, "{told}");

    let mend = json!({"toml": good["any"], "reason": "the app renamed its button", "made_from": broken["pack"]["hash"]});
    let mended = send(&site, "PUT", ELEMENT, &mend).await;
    assert_eq!(
        mended["pack"]["hash"], whole["pack"]["hash"],
        "it is what it was before"
    );
    assert_eq!(mended["pack"]["number"], 3);
    send(&site, "POST", &format!("/api/v1/task/{task}/retry"), &json!({})).await;
    let done = ended(&site, task, 2).await;
    let story = || format!("{done}\n{}\n{}", site.controller.log(), site.agent_log());
    assert_eq!(done["status"], 2, "{}", story());
    let hashes: Vec<&Value> = done["attempt_list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| &attempt["pack_hash"])
        .collect();
    assert!(
        hashes.contains(&&broken["pack"]["hash"]) && hashes.contains(&&mended["pack"]["hash"]),
        "{}",
        story()
    );
    // Both attempts count, and the failed one told its phone's language.
    let stats = send(&site, "GET", "/api/v1/flows/stats?days=1", &Value::Null).await;
    let post = &stats["flows"][0];
    assert_eq!(
        (&post["name"], &post["runs"], &post["completed"], &post["failed"]),
        (&json!("post"), &json!(2), &json!(1), &json!(1)),
        "{stats}"
    );
    assert_eq!(post["missing"][0]["element"], "post_button", "{stats}");
    assert!(post["by"][0]["language"].is_string(), "{stats}");
    let entries = site.farm.phone(SERIAL).ledger.entries();
    let posts = entries.iter().filter(|entry| entry.kind == "post").count();
    assert_eq!(posts, 1, "{entries:?}");
}
