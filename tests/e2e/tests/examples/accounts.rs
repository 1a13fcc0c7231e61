//! Accounts on phones: logged in with passwords that are fetched when they are typed, found, switched, read.

use serde_json::{Value, json};

use crate::stand::{Stand, password};

const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DP";

#[tokio::test(flavor = "multi_thread")]
async fn accounts_are_logged_in_found_switched_and_read() {
    let stand = Stand::start(4).await;
    tokio::join!(
        logged_in_with_a_code(&stand),
        logged_in_each_of_a_phone(&stand),
        found_and_read(&stand),
    );
    let record = stand.get("audit?page_size=100").await;
    let fetched = record["entries"].as_array().unwrap().iter();
    let fetched = fetched.filter(|entry| entry["what"] == "account.secret").count();
    assert_eq!(fetched, 4, "three passwords and a code: {record}");
}

async fn shown(stand: &Stand, id: i64) -> Value {
    stand.get(&format!("accounts/{id}")).await
}

/// Nothing that a client can read tells a password.
fn tells_no_password(task: &Value, username: &str) {
    assert!(!task.to_string().contains(&password(username)), "{task}");
}

async fn logged_in_with_a_code(stand: &Stand) {
    stand
        .known("instagram", "anna.makes", json!({"totp": SEED}))
        .await;
    let pwd = format!("{}:{SEED}", password("anna.makes"));
    let id = stand
        .account("instagram", "anna.makes", "SIM0001", json!({ "pwd": pwd }))
        .await;
    let account = shown(stand, id).await;
    assert_eq!(
        (&account["logined"], &account["has_2fa"]),
        (&json!(0), &json!(true))
    );
    let login = json!({"serials": ["SIM0001"], "platform": "instagram", "script_name": "login"});
    let done = stand.done(login.clone()).await;
    tells_no_password(&done[0], "anna.makes");
    assert_eq!(stand.acts("SIM0001", "login").len(), 1);
    assert_eq!(shown(stand, id).await["logined"], 1);
    // Nobody is left to be logged in.
    let refused = stand.send("POST", "task", &login).await;
    assert_eq!(refused.json()["code"], 40001, "{refused:?}");
}

async fn logged_in_each_of_a_phone(stand: &Stand) {
    let mut ids = Vec::new();
    for name in ["ben.makes", "bea.makes"] {
        stand.known("tiktok", name, json!({})).await;
        let pwd = json!({"pwd": password(name)});
        ids.push(stand.account("tiktok", name, "SIM0002", pwd).await);
    }
    let off = stand
        .account(
            "tiktok",
            "bob.is.off",
            "SIM0002",
            json!({"pwd": "x", "status": 1}),
        )
        .await;
    let done = stand
        .done(json!({"serials": ["SIM0002"], "script_name": "login"}))
        .await;
    assert_eq!(done.len(), 2, "each enabled account that is not logged in");
    for task in &done {
        tells_no_password(task, task["username"].as_str().unwrap());
    }
    assert_eq!(stand.acts("SIM0002", "login").len(), 2);
    for id in ids {
        assert_eq!(shown(stand, id).await["logined"], 1);
    }
    assert_eq!(shown(stand, off).await["logined"], 0);
    for name in ["ben.makes", "bea.makes"] {
        stand
            .done(json!({"usernames": [name], "script_name": "switch_account"}))
            .await;
        assert_eq!(stand.app("tiktok", "SIM0002", json!({})).await["active"], name);
    }
}

async fn found_and_read(stand: &Stand) {
    for (name, followers) in [("cleo.makes", 1_234), ("carl.moved", 56), ("cora.is.new", 7)] {
        stand.known("tiktok", name, json!({"followers": followers})).await;
    }
    let known = stand.account("tiktok", "cleo.makes", "SIM0003", json!({})).await;
    let moved = stand.account("tiktok", "carl.moved", "SIM0004", json!({})).await;
    stand
        .sessions("tiktok", "SIM0003", &["cora.is.new", "carl.moved", "cleo.makes"])
        .await;
    let done = stand
        .done(json!({"serials": ["SIM0003"], "platform": "tiktok", "script_name": "match_account"}))
        .await;
    let result = &done[0]["result"];
    assert_eq!(done[0]["script_name"], "match_accounts");
    assert_eq!(
        (&result["active"], &result["created"]),
        (&json!("cleo.makes"), &json!(["cora.is.new"]))
    );
    assert_eq!(
        result["moved"],
        json!([{
            "username": "carl.moved", "from": "SIM0004", "to": "SIM0003", "session_left_on": null, "tasks": [],
        }])
    );
    for id in [known, moved] {
        let account = shown(stand, id).await;
        assert_eq!(
            (&account["device"], &account["logined"]),
            (&json!("SIM0003"), &json!(1))
        );
    }
    let found = stand.get("accounts?platform=tiktok&device=SIM0003").await;
    assert_eq!(found["total"], 3, "{found}");

    let done = stand
        .done(json!({"usernames": ["cleo.makes", "cora.is.new"], "script_name": "sync_data"}))
        .await;
    let found = stand.get("accounts?platform=tiktok&device=SIM0003").await;
    for (name, followers) in [("cleo.makes", 1_234), ("cora.is.new", 7)] {
        let accounts = found["accounts"].as_array().unwrap();
        let account = accounts
            .iter()
            .find(|account| account["username"] == name)
            .unwrap();
        assert_eq!(
            (&account["followers"], &account["nickname"]),
            (&json!(followers), &json!(format!("Maker {name}"))),
            "{account}"
        );
        let synced: jiff::Timestamp = account["synced_at"].as_str().unwrap().parse().unwrap();
        let task = done.iter().find(|task| task["username"] == name).unwrap();
        let began: jiff::Timestamp = task["started_at"].as_str().unwrap().parse().unwrap();
        assert!(synced >= began, "{account}");
    }
}
