//! What only a person can do: seen at `/attention`, done over the API on the phone that is kept for it; the task goes on.
//! And what follows where nobody comes.

use std::time::Duration;

use farm::site::until;
use serde_json::{Value, json};
use sqlx::Connection as _;

use crate::stand::{Stand, password, sha256};

/// What the platform has sent to the account's owner.
const CODE: &str = "482913";
const SOON: Duration = Duration::from_secs(90);
/// Longer than a minute for which a phone is held.
const HELD: Duration = Duration::from_secs(180);
const UP: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_typed_over_the_api_on_the_phone_that_waits_and_the_task_goes_on() {
    let stand = Stand::start(3).await;
    tokio::join!(
        a_login(&stand, "instagram", "SIM0001", "ida.makes"),
        a_login(&stand, "tiktok", "SIM0003", "tom.makes"),
        a_post(&stand, "SIM0002", "pia.makes"),
    );
}

/// The platform asks for a code that it has sent, in this mood.
#[expect(
    clippy::needless_pass_by_value,
    reason = "so that json! can be written in place"
)]
fn asks(more: Value) -> Value {
    let mut moods = json!({"challenge": "email_code", "challenge_code": CODE});
    moods
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    json!({ "moods": moods })
}

/// The item of a task that waits for a person.
async fn item_of(stand: &Stand, task: i64) -> Value {
    stand.until_state(task, "person").await;
    let items = stand.get("attention").await;
    let items = items["items"].as_array().unwrap();
    let found = items.iter().find(|item| item["task"] == task);
    found
        .unwrap_or_else(|| panic!("no item of {task}: {items:?}"))
        .clone()
}

async fn decide(stand: &Stand, item: &Value, how: &str, what: Value) -> Value {
    stand
        .send("POST", &format!("attention/{}/{how}", item["id"]), &what)
        .await
        .data()
}

/// Reads the page, types the code and sends it; a wrong one is refused by the app and harms nothing.
async fn type_the_code(stand: &Stand, platform: &str, serial: &str) {
    if platform == "tiktok" {
        // The last of six digits sends it.
        stand
            .reads(serial, "We sent a verification code to j***@example.org.")
            .await;
        stand.types(serial, CODE).await;
        return;
    }
    stand.reads(serial, "Check your email").await;
    stand.types(serial, CODE).await;
    stand.touches(serial, "Continue").await;
}

async fn a_login(stand: &Stand, platform: &str, serial: &str, name: &str) {
    stand.known(platform, name, asks(json!({}))).await;
    let id = stand
        .account(platform, name, serial, json!({"pwd": password(name)}))
        .await;
    let login = json!({"usernames": [name], "platform": platform, "script_name": "login"});
    let task = stand.create(login).await[0];
    let item = item_of(stand, task).await;
    assert_eq!(
        (&item["kind"], &item["serial"], &item["username"]),
        (&json!("code"), &json!(serial), &json!(name)),
        "{item}"
    );
    assert!(item["message"].as_str().unwrap().contains("owner"), "{item}");
    assert_eq!(item["grant"]["state"], "unknown", "the password was sent: {item}");
    assert!(
        item["freed_at"].is_null() && item["resolved_at"].is_null(),
        "{item}"
    );
    let at = |name: &str| item[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let held = at("held_until").duration_since(at("created_at"));
    assert_eq!(held.as_mins(), 15, "{item}");

    // The phone stays as it is: whatever else it has to do waits, and says for what.
    let other = stand
        .create(json!({"serials": [serial], "platform": platform, "script_name": "match_accounts"}))
        .await;
    let why = format!("person: its phone waits for a person (attention {})", item["id"]);
    let waited = until_waits(stand, other[0], &why).await;
    assert_eq!(waited["state"], "waiting", "{waited}");
    assert!(stand.acts(serial, "login").is_empty());

    type_the_code(stand, platform, serial).await;
    until("the account to be in", SOON, async || {
        stand.acts(serial, "login").len() == 1
    })
    .await
    .unwrap();
    // It is the person who says so, not the phone.
    assert_eq!(stand.task(task).await["state"], "person");
    let decided = decide(stand, &item, "resume", json!({"comment": "typed the code"})).await;
    assert_eq!(decided["resolution"], "resume", "{decided}");
    let done = stand.completed(&[task]).await.remove(0);
    assert_eq!(done["result"]["username"], name, "{done}");
    assert_eq!(done["grants"][0]["state"], "done", "{}", stand.story(&done));
    assert_eq!(stand.acts(serial, "login").len(), 1, "the password went out once");
    assert_eq!(stand.get(&format!("accounts/{id}")).await["logined"], 1);
    stand.completed(&other).await;
}

/// The platform asks when the post is on its way, which is lost with it: the person sees that and says so.
async fn a_post(stand: &Stand, serial: &str, name: &str) {
    stand
        .known("instagram", name, asks(json!({"challenge_on": ["post"]})))
        .await;
    stand
        .account("instagram", name, serial, json!({"logined": 1}))
        .await;
    stand.sessions("instagram", serial, &[name]).await;
    let file = stand.video("challenged.mp4");
    let task = stand
        .create(json!({
            "serials": [serial], "platform": "instagram", "script_name": "post",
            "script_config": {"material_list": ["challenged.mp4"], "captions": "Asked on the way"},
        }))
        .await[0];
    let item = item_of(stand, task).await;
    assert_eq!(item["kind"], "code", "{item}");
    assert_eq!(item["grant"]["state"], "unknown", "{item}");
    type_the_code(stand, "instagram", serial).await;
    stand.reads(serial, "Your story").await;
    assert!(stand.acts(serial, "post").is_empty());
    let allowed: Vec<&str> = item["allowed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one.as_str().unwrap())
        .collect();
    assert_eq!(allowed, ["done", "not_done", "resume", "abandon"]);
    decide(stand, &item, "resolve", json!({"done": false})).await;
    let done = stand.completed(&[task]).await.remove(0);
    let posts = stand.acts(serial, "post");
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!(posts[0].detail["contents"], json!([sha256(&file)]));
    let states: Vec<&Value> = done["grants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["state"])
        .collect();
    assert!(
        states.len() == 2 && states.contains(&&json!("void")) && states.contains(&&json!("done")),
        "one for each time: {}",
        stand.story(&done)
    );
}

/// Waits until a task waits for this.
async fn until_waits(stand: &Stand, task: i64, why: &str) -> Value {
    let mut last = Value::Null;
    let waited = until("the task to say why it waits", SOON, async || {
        last = stand.task(task).await;
        last["waiting_for"]
            .as_str()
            .is_some_and(|said| said.starts_with(why))
    });
    let waited = waited.await;
    assert!(waited.is_ok(), "wanted {why}: {}", stand.story(&last));
    last
}

async fn settings(stand: &Stand, change: Value) {
    stand.send("PATCH", "settings", &change).await.data();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_comes_the_phone_goes_on_the_account_rests_and_the_task_is_given_up() {
    let mut stand = Stand::start(2).await;
    settings(&stand, json!({"attention.hold_minutes": 1})).await;
    let accounts = stand
        .logged_in("tiktok", "SIM0001", &["amy.makes", "bob.makes"])
        .await;
    let puzzled = stand.logged_in("tiktok", "SIM0002", &["cat.makes"]).await[0];
    stand
        .known("tiktok", "amy.makes", json!({"moods": {"challenge": "slider"}}))
        .await;
    stand
        .known("tiktok", "cat.makes", json!({"moods": {"challenge": "slider"}}))
        .await;
    let follow = |who: &str, whom: &str| {
        json!({"usernames": [who], "platform": "tiktok", "script_name": "follow",
            "script_config": {"target_username": whom}})
    };
    let task = stand.create(follow("amy.makes", "ana.sketches")).await[0];
    let item = item_of(&stand, task).await;
    let mine = stand.create(follow("amy.makes", "nordic.loom")).await;
    let others = stand.create(follow("bob.makes", "ana.sketches")).await;
    let why = format!("person: its phone waits for a person (attention {})", item["id"]);
    until_waits(&stand, others[0], &why).await;
    // The app's own page of that account is left by whoever starts it again with another one in front.
    stand
        .app("tiktok", "SIM0001", json!({"active": "bob.makes"}))
        .await;

    // A minute later the phone is free for others, and for them alone.
    until("the phone to be freed", HELD, async || {
        !stand.get(&format!("attention/{}", item["id"])).await["freed_at"].is_null()
    })
    .await
    .unwrap();
    let freed = stand.get(&format!("attention/{}", item["id"])).await;
    let at = |name: &str| freed[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(at("freed_at") >= at("held_until"), "{freed}");
    assert_eq!(
        at("held_until").duration_since(at("created_at")).as_secs(),
        60,
        "{freed}"
    );
    stand.completed(&others).await;
    assert_eq!(stand.targets("SIM0001", "follow"), ["ana.sketches"]);
    until_waits(&stand, mine[0], "account_resting: its account rests until ").await;
    let amy = stand.get(&format!("accounts/{}", accounts[0])).await;
    assert!(!amy["resting_until"].is_null(), "{amy}");
    assert_eq!(stand.task(task).await["state"], "person", "the item stays");

    // Who comes later ends the rest, and both tasks are done.
    stand
        .known("tiktok", "amy.makes", json!({"moods": {"challenge": null}}))
        .await;
    decide(&stand, &item, "resume", json!({})).await;
    stand.completed(&[task, mine[0]]).await;
    assert_eq!(
        stand.targets("SIM0001", "follow"),
        ["ana.sketches", "ana.sketches", "nordic.loom"]
    );
    assert!(stand.get(&format!("accounts/{}", accounts[0])).await["resting_until"].is_null());

    // One for which nobody comes for days is given up, also where the controller has been away meanwhile.
    let lost = stand.create(follow("cat.makes", "ana.sketches")).await[0];
    let item = item_of(&stand, lost).await;
    stand.site.controller.kill().await.unwrap();
    long_ago(&stand, &item).await;
    stand.site.controller.start().unwrap();
    stand.site.controller.until_ready(UP).await.unwrap();
    let ended = stand.ended(&[lost]).await.remove(0);
    assert_eq!(ended["error"]["kind"], "abandoned", "{}", stand.story(&ended));
    let why = ended["error"]["message"].as_str().unwrap();
    assert!(why.contains("nobody came within 72 hours"), "{why}");
    let kept = stand.get(&format!("attention/{}", item["id"])).await;
    assert!(
        kept["resolved_at"].is_null(),
        "what was not dealt with stays: {kept}"
    );
    assert!(!stand.get(&format!("accounts/{puzzled}")).await["resting_until"].is_null());
    assert!(stand.acts("SIM0002", "follow").is_empty());
}

/// As if three days had gone by since.
async fn long_ago(stand: &Stand, item: &Value) {
    let file = stand.site.folder().join("controller/drover.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file);
    let mut database = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    let days = 3 * 24 * 3_600_000_i64;
    let moved = sqlx::query(
        "UPDATE attention SET created_at = created_at - $2, held_until = held_until - $2 WHERE id = $1",
    )
    .bind(item["id"].as_i64())
    .bind(days)
    .execute(&mut database)
    .await
    .unwrap();
    assert_eq!(moved.rows_affected(), 1);
    database.close().await.unwrap();
}
