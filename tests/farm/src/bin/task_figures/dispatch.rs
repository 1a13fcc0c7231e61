//! From `POST /task` to the first touch of the phone: a controller as a process of its own with a thousand phones at
//! work, and a second host with free phones of paper, which take no time of their own.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use agent::device::Device as _;
use agent::device::fake::Fake;
use agent::enrol::StateFolder;
use agent::flow::thread::ScriptThread;
use agent::journal::Journal;
use agent::link::{Controller as Line, Link, LinkStatus, Phones, SystemNet};
use agent::outbox::Outbox;
use agent::roster::Devices;
use agent::worker::{Phone, PhoneSource, Worker, WorkerConfig};
use async_trait::async_trait;
use farm::figures::{at_most, say};
use farm::linked::{ToldPhones, enrolled};
use farm::site::{Controller, until};
use serde_json::{Value, json};
use shared::clock::{SharedClock, SystemClock};
use shared::device::Serial;
use shared::wire::message::{AgentAsk, AgentReply, Failure, FailureKind};
use shared::wire::work::{Id, Progress, Standing};
use tokio::io::AsyncRead;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

const BUSY: usize = 1_000;
const FREE: usize = 50;
/// So many tasks are measured, one after the other.
const TASKS: usize = 300;
const PATIENCE: Duration = Duration::from_secs(120);
/// Each phone at work tells so often how far it is.
const TELLS: Duration = Duration::from_secs(1);
const INSTAGRAM: &str = "com.instagram.android";

/// The limits, in ms.
const MIDDLE: f64 = 10.0;
const WORST: f64 = 50.0;

pub(crate) async fn measure() -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix("dispatch-figures").tempdir()?;
    let mut controller = Controller::new(&folder.path().join("controller"), &[])?;
    controller.start()?;
    controller.until_ready(PATIENCE).await?;

    let busy = Arc::new(Busy::new());
    let _busy_host = join(&controller, &folder.path().join("busy"), "busy", |line, _| {
        let _ = busy.line.set(line);
        Ok(Arc::<Busy>::clone(&busy) as Arc<dyn Phones>)
    })
    .await?;
    let papers = Arc::new(Papers::default());
    let _free_host = join(&controller, &folder.path().join("free"), "free", |line, state| {
        Ok(Arc::new(Free::new(line, state, Arc::clone(&papers))?) as Arc<dyn Phones>)
    })
    .await?;
    until("all phones", PATIENCE, async || {
        let listed = controller.get("/api/v1/devices?state=online&page_size=1").await;
        listed.is_ok_and(|answer| answer.data()["total"] == BUSY + FREE)
    })
    .await?;
    fill(&controller).await?;
    tokio::spawn(keep_telling(Arc::clone(&busy)));

    let mut took = Vec::with_capacity(TASKS);
    for number in 0..TASKS {
        let serial = format!("FREE-{:04}", number % FREE);
        took.push(once(&controller, &papers, &serial).await?);
    }
    took.sort_by(f64::total_cmp);
    let place = |share: f64| {
        let at = (took.len() as f64 * share) as usize;
        took.get(at.min(took.len() - 1)).copied().unwrap_or(f64::NAN)
    };
    let load = std::fs::read_to_string("/proc/loadavg")?;
    say(&format!(
        "from POST /task to the first touch, {BUSY} other phones at work, {TASKS} tasks (load of the machine: {})",
        load.split(' ').next().unwrap_or_default()
    ))?;
    let mut good = at_most("middle, ms", place(0.5), MIDDLE)?;
    good &= at_most("99 of 100, ms", place(0.99), WORST)?;
    controller.kill().await?;
    Ok(good)
}

/// Gives every phone of the busy host work that does not end.
async fn fill(controller: &Controller) -> io::Result<()> {
    for first in (0..BUSY).step_by(100) {
        let serials: Vec<String> = (first..first + 100)
            .map(|number| format!("BUSY-{number:04}"))
            .collect();
        created(controller, &serials).await?;
    }
    until("the phones to be at work", PATIENCE, async || {
        let stats = controller.get("/api/v1/task/stats").await;
        stats.is_ok_and(|stats| stats.data()["running"] == BUSY)
    })
    .await
}

async fn created(controller: &Controller, serials: &[String]) -> io::Result<i64> {
    let body = json!({"serials": serials, "script_name": "match_accounts", "platform": "instagram", "max_retries": 0});
    let answer = controller.send("POST", "/api/v1/task", &body).await?;
    let first = answer.data()["task_ids"][0].as_i64();
    first.ok_or_else(|| io::Error::other(format!("no task was created: {answer:?}")))
}

/// One task from the asking to its end; how long its first touch took, in ms.
async fn once(controller: &Controller, papers: &Papers, serial: &str) -> io::Result<f64> {
    let paper = papers.fresh(serial);
    let asked = Instant::now();
    let task = created(controller, &[serial.to_owned()]).await?;
    until("a touch", PATIENCE, async || paper.first_touched_at().is_some()).await?;
    let touched = paper.first_touched_at().unwrap_or(asked);
    let stop = format!("/api/v1/task/{task}/stop");
    controller.send("POST", &stop, &Value::Null).await?;
    until("the task to end", PATIENCE, async || {
        let shown = controller.get(&format!("/api/v1/task/{task}")).await;
        shown.is_ok_and(|shown| shown.data()["status"].as_i64() >= Some(2))
    })
    .await?;
    Ok(touched.saturating_duration_since(asked).as_secs_f64() * 1_000.0)
}

/// A host in this process.
struct Host(CancellationToken);

impl Drop for Host {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Joins the farm and links to it.
async fn join(
    controller: &Controller,
    folder: &Path,
    name: &str,
    phones: impl FnOnce(Line, &StateFolder) -> io::Result<Arc<dyn Phones>>,
) -> io::Result<Host> {
    let output = controller.command(&["token", "create"]).output().await?;
    let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let token = token.parse().map_err(io::Error::other)?;
    let controllers = vec![controller.join_address()];
    let clock: SharedClock = Arc::new(SystemClock);
    let identity = enrolled(folder, &controllers, &token, name, clock.now())
        .await
        .map_err(io::Error::other)?;
    let state = StateFolder::open(folder).map_err(io::Error::other)?;
    let line = Line::new(Arc::clone(&clock));
    let phones = phones(line.clone(), &state)?;
    let (status, mut watched) = watch::channel(LinkStatus::Connecting);
    let stop = CancellationToken::new();
    let link = Link {
        state,
        identity,
        controllers,
        host_name: name.to_owned(),
        phones,
        controller: line,
        clock,
        stop: stop.clone(),
        status,
        net: Arc::new(SystemNet),
    };
    tokio::spawn(link.run());
    let up = watched.wait_for(|status| matches!(status, LinkStatus::Connected { .. }));
    tokio::time::timeout(PATIENCE, up)
        .await
        .map_err(io::Error::other)?
        .map_err(io::Error::other)?;
    Ok(Host(stop))
}

/// Phones that take every order and never end it.
struct Busy {
    list: Arc<ToldPhones>,
    line: std::sync::OnceLock<Line>,
    attempts: Mutex<Vec<Id>>,
}

impl Busy {
    fn new() -> Self {
        Self {
            list: ToldPhones::many("BUSY", BUSY),
            line: std::sync::OnceLock::new(),
            attempts: Mutex::default(),
        }
    }

    fn attempts(&self) -> Vec<Id> {
        self.attempts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Phones for Busy {
    fn watch(&self) -> watch::Receiver<Devices> {
        self.list.watch()
    }

    fn standing(&self) -> Option<Standing> {
        Some(Standing {
            journal: "busy".to_owned(),
            highest: 0,
            attempts: self.attempts(),
        })
    }

    async fn serve(
        &self,
        ask: AgentAsk,
        _body: &mut (dyn AsyncRead + Send + Unpin),
        _told: &mpsc::Sender<AgentReply>,
    ) -> AgentReply {
        if let AgentAsk::Work(order) = ask {
            self.attempts
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(order.attempt);
        }
        AgentReply::Done
    }
}

/// Tells of each how far it is, a tenth of them at a time.
async fn keep_telling(busy: Arc<Busy>) {
    let mut turns = tokio::time::interval(TELLS / 10);
    let mut turn = 0_u32;
    while let Some(line) = busy.line.get() {
        turns.tick().await;
        turn = turn.wrapping_add(1);
        let attempts = busy.attempts();
        line.tell(|news| {
            for attempt in attempts.into_iter().skip(turn as usize % 10).step_by(10) {
                news.progress(Progress {
                    attempt,
                    percent: (turn % 100) as u8,
                    line: format!("at work for {turn} turns"),
                    steps: turn,
                });
            }
        });
    }
}

/// The phones of paper, by serial.
#[derive(Default)]
struct Papers(Mutex<BTreeMap<String, Arc<Fake>>>);

impl Papers {
    /// One that nobody has touched yet.
    fn fresh(&self, serial: &str) -> Arc<Fake> {
        let blank = "<node package=\"com.instagram.android\" bounds=\"[0,0][9,9]\"/>";
        let paper = Arc::new(Fake::new(INSTAGRAM).named(serial).screen("blank", blank));
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(serial.to_owned(), Arc::clone(&paper));
        paper
    }
}

impl PhoneSource for Papers {
    fn phone(&self, name: &str) -> Result<Phone, Failure> {
        let papers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let paper = papers.get(name).ok_or_else(|| Failure {
            kind: FailureKind::UnknownPhone,
            message: format!("there is no phone {name}"),
        })?;
        debug_assert_eq!(paper.serial(), &Serial(name.to_owned()));
        Ok(Phone {
            device: Arc::<Fake>::clone(paper),
            turn: Arc::default(),
        })
    }
}

/// Free phones with the real worker behind them.
struct Free {
    list: Arc<ToldPhones>,
    worker: Worker,
}

impl Free {
    fn new(line: Line, state: &StateFolder, papers: Arc<Papers>) -> io::Result<Self> {
        let folder = state.path();
        let journal = Journal::open(folder).map_err(io::Error::other)?;
        let outbox = Outbox::open(folder, line.clone()).map_err(io::Error::other)?;
        let config = WorkerConfig {
            folder: folder.to_owned(),
            media_bytes: 1 << 20,
            speed: 1.0,
            thread: ScriptThread::default(),
        };
        Ok(Self {
            list: ToldPhones::many("FREE", FREE),
            worker: Worker::new(config, line, journal, outbox, papers)?,
        })
    }
}

#[async_trait]
impl Phones for Free {
    fn watch(&self) -> watch::Receiver<Devices> {
        self.list.watch()
    }

    fn standing(&self) -> Option<Standing> {
        Some(self.worker.standing())
    }

    async fn serve(
        &self,
        ask: AgentAsk,
        _body: &mut (dyn AsyncRead + Send + Unpin),
        told: &mpsc::Sender<AgentReply>,
    ) -> AgentReply {
        let done = match ask {
            AgentAsk::Work(order) => self.worker.work(order),
            AgentAsk::StopWork { attempt } => {
                self.worker.stop_work(&attempt);
                Ok(())
            }
            AgentAsk::LookUp { grants } => self.worker.look_up(grants, told).await,
            AgentAsk::Replay { after } => self.worker.replay(after, told).await,
            _ => Ok(()),
        };
        done.map_or_else(AgentReply::Failed, |()| AgentReply::Done)
    }
}
