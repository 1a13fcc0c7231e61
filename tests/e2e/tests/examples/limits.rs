//! A platform's own limit: it ends one task and rests one account. Everybody else goes on, and what waits says for what.

use std::time::Duration;

use farm::site::until;
use serde_json::{Value, json};

use crate::stand::Stand;

const SOON: Duration = Duration::from_secs(60);

fn follow(who: &str, whom: &[&str]) -> Value {
    json!({"usernames": [who], "platform": "tiktok", "script_name": "follow", "script_config": {"target_users": whom}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_ends_one_task_and_rests_its_account_and_the_others_go_on() {
    let stand = Stand::start(2).await;
    let rest = json!({"accounts.rest_hours": 2});
    stand.send("PATCH", "settings", &rest).await.data();
    let lea = stand
        .logged_in("tiktok", "SIM0001", &["lea.makes", "max.makes"])
        .await[0];
    stand.logged_in("tiktok", "SIM0002", &["noa.makes"]).await;
    stand
        .known("tiktok", "lea.makes", json!({"moods": {"limit_after": 1}}))
        .await;
    let leas = stand
        .create(follow(
            "lea.makes",
            &["ana.sketches", "nordic.loom", "oldharbor_coffee"],
        ))
        .await;
    let max = stand
        .create(follow("max.makes", &["ana.sketches", "nordic.loom"]))
        .await;
    let noa = stand.create(follow("noa.makes", &["ana.sketches"])).await;
    stand.completed(&leas[..1]).await;
    let limited = stand.ended(&leas[1..2]).await.remove(0);
    assert_eq!(
        (&limited["status"], &limited["error"]["kind"]),
        (&json!(3), &json!("limited")),
        "{}",
        stand.story(&limited)
    );
    assert_eq!(limited["attempts"], 1, "it is not tried again: {limited}");
    assert_eq!(limited["grants"][0]["state"], "void", "{limited}");

    // The account rests for as long as the setting says; its next task waits and says so, wherever it is read.
    let account = stand.get(&format!("accounts/{lea}")).await;
    let until_then = account["resting_until"].as_str().unwrap_or_default().to_owned();
    let rests: jiff::Timestamp = until_then.parse().unwrap();
    let ended: jiff::Timestamp = limited["finished_at"].as_str().unwrap().parse().unwrap();
    let hours = rests.duration_since(ended).as_secs_f64() / 3600.0;
    assert!((1.99..2.01).contains(&hours), "{hours} h: {account}");
    let mut last = Value::Null;
    let waited = until("the next task to say why it waits", SOON, async || {
        last = stand.task(leas[2]).await;
        last["waiting_for"]
            .as_str()
            .is_some_and(|why| why.starts_with("account_resting: its account rests until "))
    });
    assert!(waited.await.is_ok(), "{}", stand.story(&last));
    assert_eq!(
        (&last["status"], &last["attempts"]),
        (&json!(0), &json!(0)),
        "{last}"
    );

    // Others go on, on the same phone and on another one.
    stand.completed(&max).await;
    stand.completed(&noa).await;
    assert_eq!(stand.targets("SIM0002", "follow"), ["ana.sketches"]);
    assert_eq!(
        stand.targets("SIM0001", "follow"),
        ["ana.sketches", "ana.sketches", "nordic.loom"],
        "one of hers, two of his"
    );
    let still = stand.get("task?username=lea.makes&status=0").await;
    let still = &still["tasks"][0];
    assert_eq!(still["id"], leas[2], "{still}");
    let why = still["waiting_for"].as_str().unwrap();
    let told: jiff::Timestamp = why.rsplit(' ').next().unwrap().parse().unwrap();
    assert_eq!(told, rests, "{still}");

    // Who knows that it is over ends the rest: what waited is done, what had failed is done again where that is asked for.
    stand
        .known("tiktok", "lea.makes", json!({"moods": {"limit_after": null}}))
        .await;
    let path = format!("accounts/{lea}");
    let free = stand
        .send("PATCH", &path, &json!({"resting_until": null}))
        .await
        .data();
    assert!(free["resting_until"].is_null(), "{free}");
    stand.completed(&leas[2..]).await;
    let again = stand
        .send("POST", &format!("task/{}/retry", leas[1]), &Value::Null)
        .await;
    assert_eq!(again.data(), json!({"retried_count": 1}));
    stand.completed(&leas[1..2]).await;
    assert_eq!(
        stand.targets("SIM0001", "follow"),
        [
            "ana.sketches",
            "ana.sketches",
            "nordic.loom",
            "nordic.loom",
            "oldharbor_coffee"
        ]
    );
}
