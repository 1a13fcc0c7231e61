//! A hundred phones over a night, across midnight, a change of the clocks and a controller that is away for a while: each
//! schedule runs exactly as a plain model says, which looks at a clock from minute to minute.

use std::time::Duration;

use controller::state::ApiConfig;
use controller::store::{Page, RunState, SeenDevice};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use shared::clock::Clock as _;
use shared::device::Serial;

use super::{Running, make, seen_to};
use crate::api::Api;
use crate::scripted::HUB;

const PHONES: usize = 100;
const TARGETS: usize = 20;
const ALL: Page = Page {
    number: 1,
    size: 10_000,
};
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const NIGHT: i64 = 12 * 60;

async fn hundred(start: Timestamp) -> Api {
    let config = ApiConfig {
        zone: TimeZone::get("Europe/Stockholm").unwrap(),
        ..ApiConfig::default()
    };
    let api = Api::with(config).await;
    let to_start = start.duration_since(api.clock.now());
    api.clock.advance(Duration::try_from(to_start).unwrap());
    let seen: Vec<SeenDevice> = (1..=PHONES)
        .map(|number| SeenDevice {
            serial: Serial(format!("SIM{number:04}")),
            host_id: HUB,
            manufacturer: "Google".to_owned(),
            model: "Pixel 7".to_owned(),
            android: "14".to_owned(),
            sdk: 34,
        })
        .collect();
    api.state.store.record_seen(&seen).await.unwrap();
    let serials: Vec<&str> = seen.iter().map(|seen| seen.serial.0.as_str()).collect();
    let body = json!({"name": "all", "serials": serials});
    api.post("/api/v1/groups", &body.to_string()).await.data();
    api
}

/// The same database under a new process.
async fn reborn(api: Api) -> Api {
    let state = api.new_process().await;
    Api {
        router: controller::http::router(state.clone()),
        state,
        ..api
    }
}

/// A schedule and what a person would say of it.
struct Plan {
    body: Value,
    zone: &'static str,
    fits: fn(DateTime) -> bool,
    run_once: bool,
    grace: i64,
    tasks: usize,
}

fn plans() -> Vec<Plan> {
    let users: Vec<String> = (0..TARGETS).map(|number| format!("user{number}")).collect();
    let body = |name: &str, more: Value| {
        let mut body = json!({"name": name, "serials": ["SIM0007"], "script_name": "account_warmup"});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let follow = json!({"script_name": "follow", "script_config": {"target_users": users}});
    let big = |name: &str, more: Value| {
        let mut body = body(name, follow.clone());
        body.as_object_mut().unwrap().remove("serials");
        body["groups"] = json!(["all"]);
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let plan = |body, fits, run_once, grace, tasks| Plan {
        body,
        zone: "Europe/Stockholm",
        fits,
        run_once,
        grace,
        tasks,
    };
    vec![
        plan(
            big("across midnight", json!({"times": ["23:50", "00:10"]})),
            |at| (at.hour(), at.minute()) == (23, 50) || (at.hour(), at.minute()) == (0, 10),
            false,
            5,
            PHONES * TARGETS,
        ),
        plan(
            big("in the change", json!({"times": ["02:30"], "missed": "run_once"})),
            |at| (at.hour(), at.minute()) == (2, 30),
            true,
            5,
            PHONES * TARGETS,
        ),
        plan(
            body("quarters", json!({"cron": "*/15 * * * *"})),
            |at| at.minute() % 15 == 0,
            false,
            5,
            1,
        ),
        plan(
            body(
                "quarters made up",
                json!({"cron": "*/15 * * * *", "missed": "run_once", "grace_minutes": 1}),
            ),
            |at| at.minute() % 15 == 0,
            true,
            1,
            1,
        ),
        plan(
            body("patient", json!({"cron": "5 1-4 * * *", "grace_minutes": 120})),
            |at| at.minute() == 5 && (1..=4).contains(&at.hour()),
            false,
            120,
            1,
        ),
        plan(
            body("never late", json!({"cron": "*/10 * * * *", "grace_minutes": 0})),
            |at| at.minute() % 10 == 0,
            false,
            0,
            1,
        ),
        Plan {
            zone: "America/New_York",
            ..plan(
                body(
                    "elsewhere",
                    json!({"times": ["20:30", "21:45"], "time_zone": "America/New_York"}),
                ),
                |at| (at.hour(), at.minute()) == (20, 30) || (at.hour(), at.minute()) == (21, 45),
                false,
                5,
                1,
            )
        },
    ]
}

/// When it is due: what the clock shows for the first time, and what it jumps over.
fn due(plan: &Plan, from: Timestamp) -> Vec<Timestamp> {
    let zone = TimeZone::get(plan.zone).unwrap();
    let mut latest = from.to_zoned(zone.clone()).datetime();
    let mut due = Vec::new();
    for minute in 1..=NIGHT {
        let now = from + MINUTE * i32::try_from(minute).unwrap();
        let shown = now.to_zoned(zone.clone()).datetime();
        let mut fits = false;
        while latest < shown {
            latest += 1.minute();
            fits |= (plan.fits)(latest);
        }
        if fits {
            due.push(now);
        }
    }
    due
}

/// What has come of it: moment, state, moments before it that it stands for, tasks.
type Told = (Timestamp, RunState, u32, usize);

/// What should have come of it, where the controller is there at these minutes.
fn expected(plan: &Plan, from: Timestamp, is_there: &dyn Fn(i64) -> bool) -> Vec<Told> {
    let (mut told, mut left) = (Vec::new(), due(plan, from));
    for minute in 0..=NIGHT {
        if !is_there(minute) {
            continue;
        }
        let now = from + MINUTE * i32::try_from(minute).unwrap();
        let later = left.iter().position(|due| *due > now).unwrap_or(left.len());
        let come: Vec<Timestamp> = left.drain(..later).collect();
        let (on_time, missed): (Vec<Timestamp>, Vec<Timestamp>) = come
            .into_iter()
            .partition(|due| now.duration_since(*due) <= MINUTE * i32::try_from(plan.grace).unwrap());
        let mut makes_up = 0;
        if let Some(last) = missed.last() {
            let before = missed.len() as u32 - 1;
            match (plan.run_once, on_time.is_empty()) {
                (false, _) => told.push((*last, RunState::Missed, before, 0)),
                (true, true) => told.push((*last, RunState::Created, before, plan.tasks)),
                (true, false) => makes_up = before + 1,
            }
        }
        for due in on_time {
            told.push((due, RunState::Created, std::mem::take(&mut makes_up), plan.tasks));
        }
    }
    told
}

/// A night from `start` on; the controller is away for the minutes `away`.
async fn night(start: &str, away: std::ops::Range<i64>) {
    let start: Timestamp = start.parse().unwrap();
    let mut api = hundred(start).await;
    let plans = plans();
    for plan in &plans {
        make(&api, &plan.body).await.data();
    }
    let is_there = |minute: i64| !away.contains(&minute);
    let mut running = Some(Running::start(&api));
    for minute in 1..=NIGHT {
        if !is_there(minute)
            && let Some(running) = running.take()
        {
            running.stop().await;
        }
        api.clock.advance(Duration::from_secs(60));
        if is_there(minute) && running.is_none() {
            api = reborn(api).await;
            running = Some(Running::start(&api));
        }
        if running.is_some() {
            seen_to(&api).await;
        }
    }
    running.unwrap().stop().await;
    let mut tasks = 0;
    for (id, plan) in (1..).zip(&plans) {
        let runs = api.state.store.list_runs(id, ALL).await.unwrap().rows;
        let mut told: Vec<Told> = Vec::new();
        for run in runs.iter().rev() {
            told.push((run.due_at, run.state, run.missed, run.tasks as usize));
        }
        assert_eq!(told, expected(plan, start, &is_there), "{}", plan.body["name"]);
        let of = api.get(&format!("/api/v1/task?schedule_id={id}")).await.data();
        let count: usize = told.iter().map(|run| run.3).sum();
        assert_eq!(of["total"], count, "{}", plan.body["name"]);
        tasks += count;
    }
    assert_eq!(api.get("/api/v1/task/stats").await.data()["total"], tasks);
    assert!(tasks > 2 * PHONES * TARGETS, "{tasks}");
}

#[tokio::test]
async fn a_night_in_which_the_clocks_leave_an_hour_out() {
    // In Stockholm the clocks go from 2:00 to 3:00 at 1:00 UTC; the controller is away from 1:20 to 3:35 by the clock.
    night("2027-03-27T20:00:00Z", 260..335).await;
}

#[tokio::test]
async fn a_night_in_which_an_hour_comes_twice() {
    night("2027-10-30T20:00:00Z", 170..205).await;
}

#[tokio::test]
async fn a_night_in_which_the_controller_comes_back_within_the_grace() {
    night("2027-10-30T19:00:00Z", 328..333).await;
}

#[tokio::test]
async fn whenever_a_runner_dies_no_run_is_lost_and_none_comes_twice() {
    let api = hundred("2027-05-01T12:00:00Z".parse().unwrap()).await;
    let schedules = 7;
    for number in 1..=schedules {
        let body = json!({
            "name": format!("each minute {number}"), "cron": "* * * * *", "grace_minutes": 600,
            "serials": [format!("SIM{number:04}")], "script_name": "account_warmup",
        });
        make(&api, &body).await.data();
    }
    let mut random = StdRng::seed_from_u64(7);
    let minutes = 120;
    for _ in 0..minutes {
        api.clock.advance(Duration::from_secs(60));
        let running = Running::start(&api);
        for _ in 0..random.random_range(0..60) {
            tokio::task::yield_now().await;
        }
        running.work.abort();
        let _ = running.work.await;
    }
    let running = Running::start(&api);
    seen_to(&api).await;
    running.stop().await;
    for id in 1..=schedules {
        let runs = api.state.store.list_runs(id, ALL).await.unwrap();
        assert_eq!(runs.total, minutes, "schedule {id}");
        assert!(
            runs.rows
                .windows(2)
                .all(|two| two[0].due_at == two[1].due_at + MINUTE)
        );
        assert!(
            runs.rows
                .iter()
                .all(|run| run.state == RunState::Created && run.tasks == 1)
        );
    }
    assert_eq!(api.get("/api/v1/task/stats").await.data()["total"], 7 * minutes);
}
