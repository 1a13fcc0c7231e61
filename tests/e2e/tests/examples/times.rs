//! When tasks begin, that a call with a name is done once, and the warm-up, which takes its time.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::stand::Stand;

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_begin_at_their_times_and_a_named_call_is_done_once() {
    let stand = Stand::start(2).await;
    stand.logged_in("tiktok", "SIM0001", &["anna.makes"]).await;
    stand.logged_in("tiktok", "SIM0002", &["ben.makes"]).await;
    tokio::join!(warm_up(&stand), at_times_and_once(&stand));
}

async fn warm_up(stand: &Stand) {
    let done = stand
        .done(json!({
            "serials": ["SIM0002"], "script_name": "account_warmup",
            "script_config": {"task_duration": 90, "topic": "day\nDay", "min_duration": 5, "max_duration": 8,
                "like_probable": 100, "floow_probable": 0, "collect_probable": 0, "comment_probable": 0},
        }))
        .await;
    let counts = &done[0]["result"]["counts"];
    assert!(counts["watched"].as_u64() >= Some(1), "{}", done[0]);
    assert_eq!(
        counts["liked"],
        stand.acts("SIM0002", "like").len(),
        "{}",
        done[0]
    );
    assert!(stand.acts("SIM0002", "follow").is_empty());
}

async fn at_times_and_once(stand: &Stand) {
    let sync = |more: Value| {
        let mut body = json!({"serials": ["SIM0001"], "script_name": "sync_data"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let named = ("Idempotency-Key", "order-7");
    let first = stand.send_as(named, &sync(json!({}))).await.data();
    let again = stand.send_as(named, &sync(json!({}))).await.data();
    assert_eq!(first, again);
    let other = stand.send_as(named, &sync(json!({"max_retries": 1}))).await;
    assert_eq!((other.status, &other.json()["code"]), (409, &json!(40901)));
    let id = first["task_ids"][0].as_i64().unwrap();
    let done = stand.completed(&[id]).await;
    let now = time(&done[0]["finished_at"]);

    let soon = now + SignedDuration::from_secs(4);
    let exact = stand.create(sync(json!({"start_at": soon.to_string()}))).await;
    let exact = stand.completed(&exact).await;
    assert_eq!(time(&exact[0]["start_time"]), soon);
    assert!(time(&exact[0]["started_at"]) >= soon, "{}", exact[0]);

    let hours = |at: Timestamp| at.strftime("%H:%M").to_string();
    let a_minute_ago = time(&exact[0]["finished_at"]) - SignedDuration::from_mins(1);
    let passed = stand
        .create(sync(json!({"start_time": hours(a_minute_ago)})))
        .await;
    assert_eq!(
        stand.completed(&passed).await[0]["start_time"],
        Value::Null,
        "it starts now"
    );

    let in_an_hour = now + SignedDuration::from_hours(1);
    let later = stand.create(sync(json!({"start_time": hours(in_an_hour)}))).await;
    let waits = stand.task(later[0]).await;
    assert_eq!((&waits["status"], &waits["attempts"]), (&json!(0), &json!(0)));
    assert_eq!(hours(time(&waits["start_time"])), hours(in_an_hour));
    assert!(time(&waits["start_time"]) > now);
    assert!(
        waits["waiting_for"].as_str().unwrap().starts_with("due: "),
        "{waits}"
    );
    let total = stand.get("task/stats").await["total"].as_i64().unwrap();
    let on_this = stand.get("task?serial=SIM0001").await["total"].as_i64().unwrap();
    assert_eq!((on_this, total), (4, 5), "the call with a name made one task");
}
