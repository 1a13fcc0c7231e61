//! The queue alone: tasks are chosen, handed out, confirmed and closed by sixteen workers at once, with all that is kept
//! of them, beside two queues of other people that keep less.

use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use controller::store::{
    Created, DatabaseUrl, Ending, HandOut, How, NewAttempt, NewTask, Store, TaskChange, TaskSource,
};
use farm::figures::{at_least, say};
use farm::postgres::Postgres;
use serde_json::{Map, Value, json};
use shared::clock::{Clock, SystemClock};
use shared::device::Serial;
use shared::task::TaskState;
use shared::wire::work::{AttemptEnd, AttemptOutcome};
use uuid::Uuid;

const WORKERS: usize = 16;
const PHONES: usize = 400;
const TASKS: usize = 8_000;
/// For the others, which do less for each.
const JOBS: usize = 20_000;
/// What `tests/prepare.sh` made.
const PYTHON: &str = "target/test-python/bin/python";
const NODE_PATH: &str = "target/test-node/node_modules";

/// The limits, as ratios.
const BESIDE_HUEY: f64 = 10.0;
const BESIDE_GRAPHILE: f64 = 1.0;

pub(crate) async fn measure() -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix("task-figures").tempdir()?;
    let sqlite = DatabaseUrl::file(folder.path().join("drover.db"));
    let ours = carried(&sqlite).await?;
    let huey = huey(folder.path())?;
    say(
        "tasks a second, chosen, handed out, confirmed and closed by 16 workers, with attempts and history kept:",
    )?;
    say(&format!("  SQLite: {ours:.0}; huey: {huey:.0}"))?;
    let postgres = Postgres::start().await?;
    let url = postgres.url().parse().map_err(io::Error::other)?;
    let theirs = carried(&url).await?;
    let plain = graphile(&postgres.url(), "plain")?;
    let tuned = graphile(&postgres.url(), "tuned")?;
    say(&format!(
        "  Postgres: {theirs:.0}; graphile-worker: {plain:.0}, tuned: {tuned:.0}"
    ))?;
    let mut good = at_least("queue on SQLite / huey", ours / huey, BESIDE_HUEY)?;
    good &= at_least(
        "queue on Postgres / tuned graphile-worker",
        theirs / tuned,
        BESIDE_GRAPHILE,
    )?;
    Ok(good)
}

/// Tasks a second.
async fn carried(url: &DatabaseUrl) -> io::Result<f64> {
    let store = Store::open(url, Arc::new(SystemClock))
        .await
        .map_err(io::Error::other)?;
    let new = (0..TASKS).map(|number| NewTask {
        platform: "tiktok".to_owned(),
        pack: "tiktok".to_owned(),
        script: "follow".to_owned(),
        config: Map::new(),
        serial: Serial(serial(number % PHONES)),
        account_id: None,
        username: None,
        package: None,
        start_at: None,
        max_retries: None,
        seed: 1,
        sequence: 0,
        queue_key: None,
        of_phone: false,
    });
    let made = store
        .create_tasks(new.collect(), TaskSource::Api, "figures", None, |_| json!({}))
        .await
        .map_err(io::Error::other)?;
    if !matches!(made, Created::New { .. }) {
        return Err(io::Error::other("the tasks were not created"));
    }
    let begun = Instant::now();
    let mut workers = tokio::task::JoinSet::new();
    for worker in 0..WORKERS {
        let store = store.clone();
        workers.spawn(async move {
            let mut done = 0;
            for phone in (worker..PHONES).step_by(WORKERS) {
                while carry(&store, &serial(phone)).await? {
                    done += 1;
                }
            }
            Ok::<usize, io::Error>(done)
        });
    }
    let mut done = 0;
    while let Some(worker) = workers.join_next().await {
        done += worker.map_err(io::Error::other)??;
    }
    let took = begun.elapsed();
    let counts = store.task_counts().await.map_err(io::Error::other)?;
    store.close().await;
    if done != TASKS || counts.completed != TASKS as u64 {
        return Err(io::Error::other(format!(
            "{done} of {TASKS} were done: {counts:?}"
        )));
    }
    Ok(TASKS as f64 / took.as_secs_f64())
}

fn serial(phone: usize) -> String {
    format!("PHONE-{phone:04}")
}

/// Takes the next task of a phone to its end, as the scheduler does.
async fn carry(store: &Store, serial: &str) -> io::Result<bool> {
    let host = Uuid::from_u128(7);
    let queue = store
        .queue(serial, SystemClock.now(), 1)
        .await
        .map_err(io::Error::other)?;
    let Some(task) = queue.runnable.first() else {
        return Ok(false);
    };
    let id = Uuid::new_v4();
    let new = NewAttempt {
        id,
        task: task.id,
        host,
        serial: task.serial.clone(),
        pack_hash: "00".repeat(32),
        lease: Duration::from_secs(60),
    };
    let handed = store.hand_out(new).await.map_err(io::Error::other)?;
    if !matches!(handed, HandOut::Handed { .. }) {
        return Err(io::Error::other(format!("not handed out: {handed:?}")));
    }
    store.acknowledge(id, host).await.map_err(io::Error::other)?;
    let end = AttemptEnd {
        attempt: *id.as_bytes(),
        outcome: AttemptOutcome::Done {
            result: "{}".to_owned(),
        },
        steps: 10,
        took: 1_000,
        driver: "plain".to_owned(),
        app_version: "1".to_owned(),
    };
    store
        .close_attempt(id, How::Ended { host, end }, |_| Ending {
            to: TaskState::Completed,
            change: TaskChange::new().progress(100, None),
            attention: None,
            rest_until: None,
        })
        .await
        .map_err(io::Error::other)?;
    Ok(true)
}

fn huey(folder: &Path) -> io::Result<f64> {
    told(
        Command::new(PYTHON)
            .args(["-c", include_str!("huey.py")])
            .arg(folder.join("huey.db"))
            .arg(JOBS.to_string())
            .arg(WORKERS.to_string()),
    )
}

fn graphile(url: &str, how: &str) -> io::Result<f64> {
    told(
        Command::new("node")
            .args(["-e", include_str!("graphile.js")])
            .args([url, &JOBS.to_string(), &WORKERS.to_string(), how])
            .env("NODE_PATH", NODE_PATH)
            .env("NO_LOG_SUCCESS", "1"),
    )
}

/// What another program tells as its last line: `{"a_second": …}`.
fn told(command: &mut Command) -> io::Result<f64> {
    let output = command.output().map_err(|error| {
        io::Error::other(format!(
            "{command:?}: {error}; tests/prepare.sh gets what is needed"
        ))
    })?;
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_default();
    let told: Option<Value> = serde_json::from_str(last).ok();
    told.and_then(|told| told["a_second"].as_f64())
        .ok_or_else(|| io::Error::other(format!("{text}\n{}", String::from_utf8_lossy(&output.stderr))))
}
