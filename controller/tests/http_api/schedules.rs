//! Schedules over HTTP: made, changed, run, looked at; and a farm that runs by them.

mod farm;
mod refused;

use std::time::Duration;

use axum::http::Method;
use controller::schedules::Runner;
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::clock::Clock as _;
use shared::task::TaskState;
use shared::wire::work::GrantOutcome;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::api::{Answer, Api, ask};
use crate::devices::farm;
use crate::tasks::work::{begin, fails, leave, settle};
use crate::tasks::{account, task};

/// Whatever is waited for comes long before.
const DEADLINE: Duration = Duration::from_secs(60);

/// A runner that runs until it is stopped.
pub(super) struct Running {
    stop: CancellationToken,
    pub(super) work: JoinHandle<()>,
}

impl Running {
    pub(super) fn start(api: &Api) -> Self {
        let (stop, runner) = (CancellationToken::new(), Runner::new(api.state.clone()));
        let stopped = stop.clone();
        let work = tokio::spawn(async move { runner.run(stopped).await });
        Self { stop, work }
    }

    pub(super) async fn stop(self) {
        self.stop.cancel();
        self.work.await.unwrap();
    }
}

/// Waits until all that is due is seen to.
pub(super) async fn seen_to(api: &Api) {
    let wait = async {
        loop {
            let next = api.state.store.next_schedule_at().await.unwrap();
            if next.is_none_or(|next| next > api.clock.now()) {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.expect("it is seen to");
}

pub(super) async fn make(api: &Api, body: &Value) -> Answer {
    api.post("/api/v1/schedules", &body.to_string()).await
}

pub(super) fn daily() -> Value {
    json!({
        "name": "morning", "times": ["09:00"], "time_zone": "Europe/Stockholm", "serials": ["SIM0001"],
        "script_name": "account_warmup",
    })
}

pub(super) fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    body
}

async fn runs(api: &Api, id: i64) -> Vec<Value> {
    let list = api.get(&format!("/api/v1/schedules/{id}/runs")).await.data();
    list["runs"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_schedule_is_shown_with_the_documented_fields_and_what_comes() {
    let api = farm().await;
    let body = with(
        daily(),
        &json!({"weekdays": "mon-fri", "times": "18:30,9:00", "script_name": " Post ", "max_retries": "3",
            "script_config": {"image_count": "2", "captoins": "x"}, "jitter_minutes": "0", "missed": "RUN_ONCE"}),
    );
    let made = make(&api, &body).await.data();
    let expected = json!({
        "id": 1, "name": "morning", "enabled": true, "cron": null, "time_zone": "Europe/Stockholm",
        "slots": [{"weekdays": ["mon", "tue", "wed", "thu", "fri"], "times": ["09:00", "18:30"]}],
        "jitter_minutes": 0, "missed": "run_once", "grace_minutes": 5, "valid_from": null, "valid_until": null,
        "script_name": "post", "serials": ["SIM0001"], "groups": [], "usernames": [], "platform": null,
        "enable_multi_account": false, "max_retries": 3, "min_interval": null, "max_interval": null,
        "last_run": null, "created_by": "local API", "next_run_at": "2027-01-15T17:30:00Z",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(made[name], *value, "{name}");
    }
    assert!(
        made["warnings"][0]
            .as_str()
            .unwrap()
            .contains("did you mean captions?"),
        "{made}"
    );
    // It is Friday, 9:00 in Stockholm, which has just passed.
    let next = api.get("/api/v1/schedules/1/next?count=3").await.data();
    let local: Vec<&str> = next["next_runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["local"].as_str().unwrap())
        .collect();
    assert_eq!(
        local,
        [
            "2027-01-15T18:30:00+01:00",
            "2027-01-18T09:00:00+01:00",
            "2027-01-18T18:30:00+01:00"
        ]
    );
    let list = api.get("/api/v1/schedules").await.data();
    assert_eq!(
        (&list["total"], &list["schedules"][0]["id"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        api.get("/api/v1/schedules?enabled=false").await.data()["total"],
        0
    );
    let preview = api.get("/api/v1/schedules/preview?hours=72").await.data();
    assert_eq!(preview["runs"].as_array().unwrap().len(), 2, "{preview}");
    assert_eq!(preview["runs"][0]["tasks"], 1);
    let total = json!({"serial": "SIM0001", "account_id": null, "username": null, "platform": "tiktok",
        "action": "post", "tasks": 2, "most_a_day": 1, "done_today": 0, "cap": 20});
    assert_eq!(preview["totals"], json!([total]));
}

#[tokio::test]
async fn when_it_would_run_is_told_before_there_is_a_schedule() {
    let api = farm().await;
    let next = async |body: Value| api.post("/api/v1/schedules/next", &body.to_string()).await;
    let told = next(json!({"cron": "0 9 * * sat", "time_zone": "Europe/Stockholm", "count": 2}))
        .await
        .data();
    assert_eq!(
        told["next_runs"],
        json!([
            {"due_at": "2027-01-16T08:00:00Z", "at": "2027-01-16T08:00:00Z", "local": "2027-01-16T09:00:00+01:00"},
            {"due_at": "2027-01-23T08:00:00Z", "at": "2027-01-23T08:00:00Z", "local": "2027-01-23T09:00:00+01:00"},
        ])
    );
    let over = next(json!({"times": ["09:00"], "valid_until": "2027-01-01T00:00:00Z"})).await;
    assert_eq!(over.data()["next_runs"], json!([]));
    for (body, field) in [
        (json!({}), "times: "),
        (json!({"cron": "0 25 * * *"}), "cron: "),
        (json!({"times": ["9 o'clock"]}), "times: "),
        (
            json!({"times": ["09:00"], "time_zone": "Moon/Sea"}),
            "time_zone: ",
        ),
        (json!({"times": ["09:00"], "count": 0}), "count: "),
    ] {
        let refused = next(body).await;
        assert_eq!(refused.code(), 40001);
        assert!(refused.message().starts_with(field), "{}", refused.message());
    }
    assert_eq!(api.get("/api/v1/schedules").await.data()["total"], 0);
}

#[tokio::test]
async fn an_account_of_its_own_cap_is_held_against_that_in_the_preview() {
    let api = farm().await;
    let id = account(&api, "tiktok", "jane", "SIM0001", 1).await;
    api.patch(&format!("/api/v1/accounts/{id}"), r#"{"caps": {"follow": 1}}"#)
        .await
        .data();
    let twice = json!({"times": ["12:00", "13:00"], "serials": [], "usernames": ["jane"], "script_name": "follow",
        "script_config": {"target_users": ["a"]}});
    make(&api, &with(daily(), &twice)).await.data();
    let preview = api.get("/api/v1/schedules/preview?hours=72").await.data();
    let total = &preview["totals"][0];
    assert_eq!(
        (&total["tasks"], &total["most_a_day"], &total["cap"]),
        (&json!(6), &json!(2), &json!(1)),
        "{preview}"
    );
    api.patch(&format!("/api/v1/accounts/{id}"), r#"{"caps": {"follow": 0}}"#)
        .await
        .data();
    let preview = api.get("/api/v1/schedules/preview?hours=72").await.data();
    assert_eq!(preview["totals"][0]["cap"], Value::Null, "without limit");
}

#[tokio::test]
async fn what_was_done_today_counts_with_what_is_still_to_come_today() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "SIM0001", 1).await;
    let later = json!({"times": ["12:00", "13:00"], "serials": [], "usernames": ["jane"], "script_name": "follow",
        "script_config": {"target_users": ["a"]}});
    make(&api, &with(daily(), &later)).await.data();
    let body = json!({"usernames": ["jane"], "script_name": "follow", "script_config": {"target_users": ["b", "c", "d"]}});
    let tasks = api.post("/api/v1/task", &body.to_string()).await.data();
    // Two are done, and for one it turned out that nothing was done: that one does not count.
    for (task, outcome) in tasks["task_ids"].as_array().unwrap().iter().zip([
        GrantOutcome::Done {
            proof: "{}".to_owned(),
        },
        GrantOutcome::Done {
            proof: "{}".to_owned(),
        },
        GrantOutcome::Void {
            why: "not there".to_owned(),
        },
    ]) {
        let attempt = begin(&api.state.store, task.as_i64().unwrap()).await;
        let grant = leave(&api.state.store, attempt, "follow", &task.to_string()).await;
        settle(&api.state.store, attempt, grant, outcome).await;
        fails(&api.state.store, attempt, "private", TaskState::Failed).await;
    }
    let preview = api.get("/api/v1/schedules/preview?hours=24").await.data();
    let total = &preview["totals"][0];
    assert_eq!(
        (&total["tasks"], &total["most_a_day"], &total["done_today"]),
        (&json!(2), &json!(4), &json!(2)),
        "{preview}"
    );
}

#[tokio::test]
async fn a_schedule_runs_at_its_time_and_its_tasks_are_ordinary_ones() {
    let api = farm().await;
    account(&api, "tiktok", "on", "SIM0001", 1).await;
    let off = account(&api, "tiktok", "off", "SIM0002", 1).await;
    api.patch(&format!("/api/v1/accounts/{off}"), r#"{"status": 1}"#)
        .await
        .data();
    let body = with(
        daily(),
        &json!({"times": ["09:30"], "serials": ["SIM0001", "SIM0002"], "script_name": "follow",
            "script_config": {"target_users": ["a", "b"]}}),
    );
    make(&api, &body).await.data();
    let running = Running::start(&api);
    api.clock.advance(Duration::from_secs(29 * 60 + 59));
    seen_to(&api).await;
    assert!(runs(&api, 1).await.is_empty());
    api.clock.advance(Duration::from_secs(1));
    seen_to(&api).await;
    let run = &runs(&api, 1).await[0];
    let expected = json!({
        "state": "created", "due_at": "2027-01-15T08:30:00Z", "at": "2027-01-15T08:30:00Z", "by_hand": false,
        "created_count": 2, "first_task_id": 1, "last_task_id": 2, "missed_before": 0, "error": null,
        "skipped": [{"serial": "SIM0002", "reason": "account_disabled"}], "who": "schedule 1 (morning)",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(run[name], *value, "{name}");
    }
    let of = api.get("/api/v1/task?schedule_id=1").await.data();
    assert_eq!(of["total"], 2);
    let one = task(&api, 1).await;
    assert_eq!(
        (&one["schedule_id"], &one["source"], &one["username"]),
        (&json!(1), &json!("api"), &json!("on"))
    );
    // By hand, too, and what it waits for stays.
    let by_hand = api.post("/api/v1/schedules/1/run", "").await.data();
    assert_eq!(by_hand["task_ids"], json!([3, 4]));
    api.post("/api/v1/schedules/1/run", "").await.data();
    let schedule = api.get("/api/v1/schedules/1").await.data();
    assert_eq!(schedule["next_run_at"], "2027-01-16T08:30:00Z");
    assert_eq!(schedule["last_run"]["by_hand"], true);
    assert_eq!(runs(&api, 1).await.len(), 3);
    api.delete("/api/v1/schedules/1").await.data();
    assert_eq!(api.get("/api/v1/schedules/1/runs").await.code(), 40401);
    assert_eq!(task(&api, 1).await["schedule_id"], 1, "its tasks stay");
    running.stop().await;
    let what: Vec<Value> = api.state.events.told("schedule");
    let what: Vec<&str> = what.iter().map(|event| event["what"].as_str().unwrap()).collect();
    assert_eq!(
        what,
        [
            "schedule_created",
            "schedule_run",
            "schedule_run",
            "schedule_run",
            "schedule_deleted"
        ]
    );
}

#[tokio::test]
async fn a_run_that_cannot_create_its_tasks_is_kept_with_its_reason() {
    let api = farm().await;
    let id = account(&api, "tiktok", "jane", "SIM0001", 1).await;
    let body = with(
        daily(),
        &json!({"times": ["09:30"], "serials": [], "usernames": ["jane"]}),
    );
    make(&api, &body).await.data();
    api.delete(&format!("/api/v1/accounts/{id}")).await.data();
    let preview = api.get("/api/v1/schedules/preview").await.data();
    assert_eq!(preview["failing"][0]["code"], 40401, "{preview}");
    let running = Running::start(&api);
    api.clock.advance(Duration::from_secs(30 * 60));
    seen_to(&api).await;
    running.stop().await;
    let run = &runs(&api, 1).await[0];
    assert_eq!(
        (&run["state"], &run["error"]["code"]),
        (&json!("failed"), &json!(40401))
    );
    assert!(
        run["error"]["message"].as_str().unwrap().contains("jane"),
        "{run}"
    );
    let alert = &api.state.events.alerts()[0];
    assert_eq!(
        (&alert["what"], &alert["schedule"]),
        (&json!("schedule_failed"), &json!(1))
    );
    // It is tried again with the next moment, not before.
    assert_eq!(
        api.get("/api/v1/schedules/1").await.data()["next_run_at"],
        "2027-01-16T08:30:00Z"
    );
    assert_eq!(api.post("/api/v1/schedules/1/run", "").await.code(), 40401);
}

#[tokio::test]
async fn a_change_counts_from_now_on_and_one_that_concerns_no_time_keeps_what_comes() {
    let api = farm().await;
    make(
        &api,
        &with(daily(), &json!({"weekdays": ["mon"], "jitter_minutes": 30})),
    )
    .await
    .data();
    let next = api.get("/api/v1/schedules/1").await.data()["next_run_at"].clone();
    let patched = async |body: &str| api.patch("/api/v1/schedules/1", body).await.data();
    let same =
        patched(r#"{"name": "other", "serials": ["SIM0002"], "missed": "run_once", "grace_minutes": 60}"#)
            .await;
    assert_eq!(same["next_run_at"], next);
    assert_eq!(
        (&same["grace_minutes"], &same["serials"]),
        (&json!(60), &json!(["SIM0002"]))
    );
    let later = patched(r#"{"times": ["10:00"], "jitter_minutes": null}"#).await;
    assert_eq!(later["slots"], json!([{"weekdays": ["mon"], "times": ["10:00"]}]));
    assert_eq!(later["next_run_at"], "2027-01-18T09:00:00Z");
    let cron = patched(r#"{"cron": "0 0 1 * *", "time_zone": "UTC"}"#).await;
    assert_eq!(
        (&cron["slots"], &cron["next_run_at"]),
        (&Value::Null, &json!("2027-02-01T00:00:00Z"))
    );
    let off = api.post("/api/v1/schedules/1/disable", "").await.data();
    assert_eq!(
        (&off["enabled"], &off["next_run_at"]),
        (&json!(false), &Value::Null)
    );
    let on = api.post("/api/v1/schedules/1/enable", "").await.data();
    assert_eq!(on["next_run_at"], "2027-02-01T00:00:00Z");
    let record = api.get("/api/v1/audit").await.data();
    let latest = &record["entries"][0];
    assert_eq!(
        (&latest["what"], &latest["subject"]),
        (&json!("schedule.change"), &json!("1"))
    );
    assert_eq!(
        (&latest["before"]["enabled"], &latest["after"]["enabled"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn a_zone_with_new_rules_moves_what_comes() {
    let api = farm().await;
    make(&api, &with(daily(), &json!({"name": "in a zone"})))
        .await
        .data();
    // As if the moment had been worked out by older rules.
    let due: Timestamp = "2027-01-16T08:00:00Z".parse().unwrap();
    let wrong: Timestamp = "2027-01-16T09:00:00Z".parse().unwrap();
    let moment = controller::schedules::Moment {
        due: wrong,
        at: wrong,
    };
    assert!(api.state.store.move_schedule(1, due, Some(moment)).await.unwrap());
    let running = Running::start(&api);
    let wait = async {
        while api.state.store.next_schedule_at().await.unwrap() != Some(due) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.unwrap();
    running.stop().await;
}

#[tokio::test]
async fn old_runs_are_forgotten() {
    let api = farm().await;
    make(&api, &daily()).await.data();
    api.post("/api/v1/schedules/1/run", "").await.data();
    api.post("/api/v1/schedules/1/disable", "").await.data();
    api.clock.advance(Duration::from_secs(80 * 24 * 3600));
    api.post("/api/v1/schedules/1/run", "").await.data();
    api.clock.advance(Duration::from_secs(11 * 24 * 3600));
    let running = Running::start(&api);
    let wait = async {
        while runs(&api, 1).await.len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, wait).await.unwrap();
    running.stop().await;
    assert_eq!(runs(&api, 1).await[0]["id"], 2);
}

#[tokio::test]
async fn a_call_that_has_a_name_has_a_schedule_run_once() {
    let api = farm().await;
    account(&api, "tiktok", "on", "SIM0001", 1).await;
    let off = account(&api, "tiktok", "off", "SIM0002", 1).await;
    api.patch(&format!("/api/v1/accounts/{off}"), r#"{"status": 1}"#)
        .await
        .data();
    let body = with(daily(), &json!({"serials": ["SIM0001", "SIM0002"]}));
    let id = make(&api, &body).await.data()["id"].clone();
    let run = async |id: &Value, key: &str| {
        let path = format!("/api/v1/schedules/{id}/run");
        api.call(ask(Method::POST, &path, &[("Idempotency-Key", key)], ""))
            .await
    };
    let first = run(&id, "tap").await.data();
    assert_eq!(
        (&first["task_ids"], &first["created_count"]),
        (&json!([1]), &json!(1))
    );
    assert_eq!(
        first["skipped"],
        json!([{"serial": "SIM0002", "reason": "account_disabled"}])
    );
    // The same again is answered as before, also when the schedule is another by then.
    assert_eq!(run(&id, "tap").await.data(), first);
    api.patch(&format!("/api/v1/schedules/{id}"), r#"{"name": "evening"}"#)
        .await
        .data();
    assert_eq!(run(&id, "tap").await.data(), first);
    assert_eq!(runs(&api, 1).await.len(), 1);
    assert_eq!(run(&id, "another tap").await.data()["task_ids"], json!([2]));
    // A name is one call's: neither another schedule's nor that of tasks that are asked for.
    let other = with(daily(), &json!({"name": "another", "serials": ["SIM0001"]}));
    let other = make(&api, &other).await.data()["id"].clone();
    assert_eq!(run(&other, "tap").await.code(), 40901);
    let task = r#"{"serials": ["SIM0001"], "script_name": "sync_data"}"#;
    let taken = api
        .call(ask(
            Method::POST,
            "/api/v1/task",
            &[("Idempotency-Key", "tap")],
            task,
        ))
        .await;
    assert_eq!(taken.code(), 40901, "{taken:?}");
    assert_eq!(run(&id, &"x".repeat(256)).await.code(), 40001);
    api.clock.advance(Duration::from_secs(24 * 3600));
    assert_eq!(run(&id, "tap").await.data()["task_ids"], json!([3]), "for a day");
}
