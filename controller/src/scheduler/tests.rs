//! The engine with hosts that are made up: what it sends, and what becomes of tasks.

mod caps;
mod evidence;
mod people;

use std::collections::BTreeMap;

use async_trait::async_trait;

use serde_json::{Map, json};
use shared::clock::{Clock as _, ManualClock};
use shared::device::{Device, DeviceState};
use shared::task::{GrantState, TaskState};
use shared::wire::message::{AgentAsk, ControllerReply, ToController};
use shared::wire::work::{
    AttemptEnd, AttemptFailure, AttemptOutcome, CommitKind, GrantAnswer, GrantAsk, JournalRecord,
    JournalState, SecretKind, Standing,
};
use tokio::sync::{broadcast, watch};

use super::*;
use crate::fleet::{Desk as _, DeskAnswer, EventKind, FleetEvent, LiveDevice, LiveDevices, WorkError};
use crate::store::{Created, NewTask, TaskSource};

const HOST: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);
const JOURNAL: &str = "journal";
/// Whatever is waited for comes long before.
const DEADLINE: Duration = Duration::from_secs(20);

type Answering = Box<dyn Fn(&AgentAsk) -> Result<Vec<JournalRecord>, WorkError> + Send + Sync>;

/// Hosts that note what they are asked.
struct Hubs {
    devices: Mutex<BTreeMap<Serial, Arc<LiveDevice>>>,
    events: broadcast::Sender<FleetEvent>,
    asked: watch::Sender<Vec<AgentAsk>>,
    answering: Mutex<Answering>,
    /// While held, no journal answers.
    held: watch::Sender<bool>,
}

impl fmt::Debug for Hubs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hubs")
    }
}

#[async_trait]
impl Hosts for Hubs {
    fn devices(&self) -> LiveDevices {
        Arc::new(lock(&self.devices).clone())
    }

    fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.events.subscribe()
    }

    fn is_connected(&self, _host: Uuid) -> bool {
        // One that does not answer is away.
        !matches!((lock(&self.answering))(&AgentAsk::Ping), Err(WorkError::Away))
    }

    async fn work(
        &self,
        _host: Uuid,
        ask: AgentAsk,
        _deadline: Duration,
    ) -> Result<Vec<JournalRecord>, WorkError> {
        let answer = (lock(&self.answering))(&ask);
        let looks = matches!(ask, AgentAsk::LookUp { .. });
        self.asked.send_modify(|asked| asked.push(ask));
        if looks {
            let _ = self.held.subscribe().wait_for(|held| !held).await;
        }
        answer
    }
}

#[derive(Debug)]
struct AllFlows;

impl Packs for AllFlows {
    fn for_task(&self, _platform: &str, script: &str) -> Option<FlowRef> {
        (script != "dance").then(|| FlowRef {
            hash: "0a".repeat(32),
            flow: script.to_owned(),
            takes_sequence: false,
        })
    }

    fn of_hash(&self, _hash: &str, script: &str) -> Option<FlowRef> {
        self.for_task("tiktok", script)
    }

    fn files(&self, hash: &str) -> Option<Vec<(String, String)>> {
        (hash == "0a".repeat(32)).then(|| vec![("pack.toml".to_owned(), "name".to_owned())])
    }
}

#[derive(Debug, Default)]
struct Heard(Mutex<Vec<String>>);

impl Listener for Heard {
    fn told(&self, _at: Timestamp, news: TaskNews<'_>) {
        let line = match news {
            TaskNews::State(task) => format!("{} {}", task.id, task.state),
            TaskNews::Progress { task, percent, .. } => format!("{task} {percent} %"),
            TaskNews::Line { task, line, .. } => format!("{task}: {line}"),
            TaskNews::Attention(item) => format!("{} needs a person: {}", item.id, item.item.kind),
        };
        lock(&self.0).push(line);
    }

    fn dispatched(&self, _took: Duration) {}

    fn accounts(&self, _at: Timestamp, _created: bool, _accounts: &[AccountRow]) {}
}

/// A farm of phones A, B, C at one host.
struct Farm {
    store: Store,
    clock: Arc<ManualClock>,
    hubs: Arc<Hubs>,
    heard: Arc<Heard>,
    scheduler: Scheduler,
    engine: Engine,
    stop: CancellationToken,
    data: tempfile::TempDir,
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Farm {
    async fn with_limit(device_limit: usize) -> Self {
        let clock = Arc::new(ManualClock::new("2026-03-01T08:00:00Z".parse().unwrap()));
        let store = Store::memory(clock.clone()).await.unwrap();
        let phones = ["A", "B", "C"].map(|serial| {
            let serial = Serial(serial.to_owned());
            let live = LiveDevice {
                device: Device::new(serial.clone(), DeviceState::Online, clock.now()),
                host: HOST,
                host_name: "hub".to_owned(),
                row: None,
            };
            (serial, Arc::new(live))
        });
        let hubs = Arc::new(Hubs {
            devices: Mutex::new(phones.into()),
            events: broadcast::Sender::new(100),
            asked: watch::Sender::new(Vec::new()),
            answering: Mutex::new(Box::new(|_| Ok(Vec::new()))),
            held: watch::Sender::new(false),
        });
        let (scheduler, heard) = (Scheduler::default(), Arc::new(Heard::default()));
        let data = tempfile::tempdir().unwrap();
        let parts = Parts {
            store: store.clone(),
            vault: Vault::ephemeral(),
            hosts: hubs.clone(),
            packs: Arc::new(AllFlows),
            materials: Arc::new(NoMaterials),
            listener: heard.clone(),
            clock: clock.clone(),
            data_dir: data.path().to_owned(),
            device_limit,
        };
        let engine = Engine::new(scheduler.clone(), parts);
        engine.prepare().await.unwrap();
        let (stop, running) = (CancellationToken::new(), engine.clone());
        tokio::spawn({
            let stop = stop.clone();
            async move { running.run(stop).await }
        });
        let farm = Self {
            store,
            clock,
            hubs,
            heard,
            scheduler,
            engine,
            stop,
            data,
        };
        farm.stands(&[]).await;
        farm
    }

    async fn stands(&self, attempts: &[Uuid]) {
        let standing = Standing {
            journal: JOURNAL.to_owned(),
            highest: 0,
            attempts: attempts.iter().map(|id| id.into_bytes()).collect(),
        };
        self.engine.stands(HOST, standing).await;
    }

    fn answering(
        &self,
        answer: impl Fn(&AgentAsk) -> Result<Vec<JournalRecord>, WorkError> + Send + Sync + 'static,
    ) {
        *lock(&self.hubs.answering) = Box::new(answer);
    }

    async fn create(&self, serial: &str, script: &str) -> i64 {
        let new = NewTask {
            platform: "tiktok".to_owned(),
            pack: "tiktok".to_owned(),
            script: script.to_owned(),
            config: Map::new(),
            serial: Serial(serial.to_owned()),
            account_id: None,
            username: None,
            package: None,
            start_at: None,
            max_retries: None,
            seed: 1,
            sequence: 0,
            queue_key: None,
        };
        let made = self
            .store
            .create_tasks(vec![new], TaskSource::Api, "test", None, |_| json!({}));
        let Created::New { ids, .. } = made.await.unwrap() else {
            panic!("nothing was asked before")
        };
        self.scheduler.wake([&Serial(serial.to_owned())]);
        ids[0]
    }

    /// Waits for the next ask of a kind, from the `from`th on; answers it and its place.
    async fn asked<T>(&self, from: usize, wanted: impl Fn(&AgentAsk) -> Option<T>) -> (usize, T) {
        let mut asked = self.hubs.asked.subscribe();
        let wait = async {
            loop {
                let found = asked
                    .borrow_and_update()
                    .iter()
                    .enumerate()
                    .skip(from)
                    .find_map(|(place, ask)| Some((place, wanted(ask)?)));
                if let Some(found) = found {
                    return found;
                }
                asked.changed().await.unwrap();
            }
        };
        tokio::time::timeout(DEADLINE, wait).await.expect("it was asked")
    }

    async fn order(&self, task: i64) -> Uuid {
        let order = |ask: &AgentAsk| match ask {
            AgentAsk::Work(order) if order.task == task => Some(Uuid::from_bytes(order.attempt)),
            _ => None,
        };
        self.asked(0, order).await.1
    }

    async fn state(&self, task: i64, wanted: TaskState) -> TaskRow {
        let wait = async {
            loop {
                let row = self.store.task(task).await.unwrap().unwrap().row;
                if row.state == wanted {
                    return row;
                }
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(DEADLINE, wait).await;
        waited.unwrap_or_else(|_| panic!("task {task} becomes {wanted}: {:?}", lock(&self.heard.0)))
    }

    /// The same while time goes by.
    async fn comes_to(&self, task: i64, wanted: TaskState) -> TaskRow {
        let wait = async {
            loop {
                let row = self.store.task(task).await.unwrap().unwrap().row;
                if row.state == wanted {
                    return row;
                }
                self.pass(1).await;
            }
        };
        let waited = tokio::time::timeout(DEADLINE, wait).await;
        waited.unwrap_or_else(|_| panic!("task {task} comes to {wanted}: {:?}", lock(&self.heard.0)))
    }

    /// Waits until the engine has found that a phone may not begin.
    async fn obstacle(&self, serial: &str) {
        let wait = async {
            while !lock(&self.scheduler.0.obstacles).contains_key(serial) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, wait)
            .await
            .expect("something keeps the phone");
    }

    /// Lets the timer of the engine run for so many seconds.
    async fn pass(&self, seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        }
    }

    async fn say(&self, request: ToController) -> ControllerReply {
        match self.engine.answer(HOST, request).await {
            DeskAnswer::Say(reply) => reply,
            DeskAnswer::File { .. } => panic!("no file was asked for"),
        }
    }

    async fn end(&self, attempt: Uuid, outcome: AttemptOutcome) -> ControllerReply {
        self.say(ToController::Ended(AttemptEnd {
            attempt: attempt.into_bytes(),
            outcome,
            steps: 1,
            took: 5,
            driver: "plain".to_owned(),
            app_version: "1".to_owned(),
        }))
        .await
    }

    async fn grant(&self, attempt: Uuid) -> Uuid {
        let ask = GrantAsk {
            attempt: attempt.into_bytes(),
            request: 1,
            commit: "follow".to_owned(),
            kind: CommitKind::State,
            key: "anna".to_owned(),
            evidence: "{}".to_owned(),
            journal: JOURNAL.to_owned(),
            highest: 0,
        };
        match self.say(ToController::Grant(ask)).await {
            ControllerReply::Grant(GrantAnswer::Granted { grant, .. }) => Uuid::from_bytes(grant),
            other => panic!("{other:?}"),
        }
    }
}

fn through() -> AttemptOutcome {
    AttemptOutcome::Done {
        result: "{}".to_owned(),
    }
}

fn failed(kind: &str) -> AttemptOutcome {
    AttemptOutcome::Failed(AttemptFailure {
        kind: kind.to_owned(),
        message: "why".to_owned(),
        uncertain: false,
        place: None,
    })
}

#[tokio::test]
async fn tasks_of_a_phone_run_one_after_the_other_in_their_order() {
    let farm = Farm::with_limit(9).await;
    let first = farm.create("A", "follow").await;
    let at = farm.order(first).await;
    farm.state(first, TaskState::Running).await;
    let second = farm.create("A", "like").await;
    let waits = farm.store.task(second).await.unwrap().unwrap().row;
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.contains(&format!("task {first}")), "{why}");
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    farm.state(first, TaskState::Completed).await;
    let next = farm.order(second).await;
    assert_eq!(farm.end(next, through()).await, ControllerReply::Done);
    farm.state(second, TaskState::Completed).await;
    // A lost confirmation: it is confirmed again, and nothing changes.
    assert_eq!(farm.end(next, failed("device")).await, ControllerReply::Done);
    assert_eq!(
        farm.store.task(second).await.unwrap().unwrap().row.state,
        TaskState::Completed
    );
}

#[tokio::test]
async fn no_more_phones_work_than_the_plan_allows() {
    let farm = Farm::with_limit(2).await;
    let tasks = [farm.create("A", "follow").await, farm.create("B", "follow").await];
    let mut attempts = Vec::new();
    for task in tasks {
        attempts.push(farm.order(task).await);
        farm.state(task, TaskState::Running).await;
    }
    let third = farm.create("C", "follow").await;
    farm.obstacle("C").await;
    let waits = farm.store.task(third).await.unwrap().unwrap().row;
    assert_eq!(waits.state, TaskState::Waiting);
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.starts_with("device_limit"), "{why}");
    farm.end(attempts[0], through()).await;
    farm.order(third).await;
}

#[tokio::test]
async fn a_task_begins_when_its_time_has_come() {
    let farm = Farm::with_limit(9).await;
    farm.answering(|_| {
        Err(WorkError::Refused {
            kind: shared::wire::message::FailureKind::Busy,
            message: "an operator holds it".to_owned(),
        })
    });
    let task = farm.create("A", "follow").await;
    let first = farm.order(task).await;
    let waits = farm.state(task, TaskState::Waiting).await;
    assert!(waits.waiting_for.unwrap().contains("an operator holds it"));
    assert_eq!(waits.retries, 0, "nothing was done");
    farm.answering(|_| Ok(Vec::new()));
    let place = farm.hubs.asked.borrow().len();
    let again = |ask: &AgentAsk| match ask {
        AgentAsk::Work(order) => Some(Uuid::from_bytes(order.attempt)),
        _ => None,
    };
    farm.comes_to(task, TaskState::Running).await;
    let second = farm.asked(place, again).await.1;
    assert_ne!(first, second);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_sent_again_when_the_host_is_back() {
    let farm = Farm::with_limit(9).await;
    farm.answering(|_| Err(WorkError::Away));
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Handed).await;
    farm.answering(|_| Ok(Vec::new()));
    let place = farm.hubs.asked.borrow().len();
    farm.stands(&[]).await;
    let order = |ask: &AgentAsk| match ask {
        AgentAsk::Work(order) => Some(Uuid::from_bytes(order.attempt)),
        _ => None,
    };
    assert_eq!(farm.asked(place, order).await.1, at, "the same attempt");
    farm.state(task, TaskState::Running).await;
}

#[tokio::test]
async fn an_attempt_that_ends_while_its_host_is_heard_holds_its_phone_no_longer() {
    let farm = Farm::with_limit(9).await;
    let (lost, other) = (farm.create("A", "follow").await, farm.create("B", "follow").await);
    let (lost, at) = (farm.order(lost).await, farm.order(other).await);
    farm.state(other, TaskState::Running).await;
    farm.grant(lost).await;
    farm.hubs.held.send_replace(true);
    // The host has lost the one, and its journal takes its time; meanwhile the other one ends and the next begins.
    let engine = farm.engine.clone();
    let standing = Standing {
        journal: JOURNAL.to_owned(),
        highest: 0,
        attempts: vec![at.into_bytes()],
    };
    let stands = tokio::spawn(async move { engine.stands(HOST, standing).await });
    let looks = |ask: &AgentAsk| matches!(ask, AgentAsk::LookUp { .. }).then_some(());
    farm.asked(0, looks).await;
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    let next = farm.create("B", "like").await;
    let at = farm.order(next).await;
    farm.state(next, TaskState::Running).await;
    farm.hubs.held.send_replace(false);
    tokio::time::timeout(DEADLINE, stands).await.unwrap().unwrap();
    assert_eq!(farm.scheduler.running("B"), Some(next));
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    let last = farm.create("B", "follow").await;
    farm.order(last).await;
}

#[tokio::test]
async fn an_attempt_that_its_host_has_lost_is_looked_up_in_the_journal_and_made_again() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let grant = farm.grant(at).await;
    farm.answering(move |ask| match ask {
        AgentAsk::LookUp { grants } => Ok(grants
            .iter()
            .map(|id| JournalRecord {
                grant: *id,
                number: 1,
                task: 0,
                attempt: [0; 16],
                account: 0,
                commit: String::new(),
                kind: CommitKind::State,
                key: String::new(),
                state: JournalState::Void,
                at: 0,
            })
            .collect()),
        _ => Ok(Vec::new()),
    });
    farm.stands(&[]).await;
    let retrying = farm.state(task, TaskState::Retrying).await;
    assert_eq!(retrying.retries, 1);
    let grants = farm.store.grants_of(task).await.unwrap();
    assert_eq!((grants[0].id, grants[0].state), (grant, GrantState::Void));
    farm.comes_to(task, TaskState::Running).await;
}

#[tokio::test]
async fn a_host_that_stays_away_loses_its_phone_after_its_lease_and_the_act_is_looked_for() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    farm.grant(at).await;
    farm.answering(|_| Err(WorkError::Away));
    let lost = EventKind::HostLost {
        host: HOST,
        name: "hub".to_owned(),
        reason: "silent".to_owned(),
    };
    farm.hubs
        .events
        .send(FleetEvent {
            at: farm.clock.now(),
            kind: lost,
        })
        .unwrap();
    farm.pass(65).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!(row.state, TaskState::Running, "the lease and a margin");
    farm.comes_to(task, TaskState::Verifying).await;
    // It comes back with it: it is to end.
    farm.answering(|_| Ok(Vec::new()));
    let place = farm.hubs.asked.borrow().len();
    farm.stands(&[at]).await;
    let stop = |ask: &AgentAsk| match ask {
        AgentAsk::StopWork { attempt } => Some(Uuid::from_bytes(*attempt)),
        _ => None,
    };
    assert_eq!(farm.asked(place, stop).await.1, at);
    let looking = farm.comes_to(task, TaskState::Running).await;
    assert_eq!(looking.attempts, 2, "another attempt looks");
}

#[tokio::test]
async fn a_host_that_comes_back_in_time_goes_on() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let lost = EventKind::HostLost {
        host: HOST,
        name: "hub".to_owned(),
        reason: "silent".to_owned(),
    };
    let event = FleetEvent {
        at: farm.clock.now(),
        kind: lost,
    };
    farm.hubs.events.send(event).unwrap();
    farm.pass(30).await;
    farm.stands(&[at]).await;
    farm.pass(120).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!((row.state, row.attempt), (TaskState::Running, Some(at)));
}

#[tokio::test]
async fn a_running_task_is_told_to_stop() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    farm.store.stop_task(task, "Ann").await.unwrap();
    farm.scheduler.wake([&Serial("A".to_owned())]);
    let stop = |ask: &AgentAsk| match ask {
        AgentAsk::StopWork { attempt } => Some(Uuid::from_bytes(*attempt)),
        _ => None,
    };
    assert_eq!(farm.asked(0, stop).await.1, at);
    farm.end(at, failed("stopped")).await;
    let row = farm.state(task, TaskState::Failed).await;
    assert_eq!(row.error.unwrap().message, "stopped by Ann");
}

#[tokio::test]
async fn a_task_whose_phone_stays_away_expires() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("elsewhere", "follow").await;
    farm.obstacle("elsewhere").await;
    let waits = farm.store.task(task).await.unwrap().unwrap().row;
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.starts_with("phone_away"), "{why}");
    farm.clock.advance(Duration::from_secs(7_200));
    let row = farm.comes_to(task, TaskState::Failed).await;
    assert_eq!(row.error.unwrap().kind, "expired");
}

#[tokio::test]
async fn a_script_that_no_pack_has_fails_its_task_with_the_reason() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "dance").await;
    let row = farm.state(task, TaskState::Failed).await;
    assert!(row.error.unwrap().message.contains("dance"));
    // The phone is free for the next.
    let next = farm.create("A", "follow").await;
    farm.order(next).await;
}

#[tokio::test]
async fn what_an_attempt_tells_is_kept_and_only_its_own_host_may() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let progress = |percent| {
        vec![shared::wire::work::Progress {
            attempt: at.into_bytes(),
            percent,
            line: "opening".to_owned(),
            steps: 2,
        }]
    };
    farm.engine.progress(OTHER, progress(99));
    farm.engine.progress(HOST, progress(40));
    let line = |line: &str| {
        vec![shared::wire::work::LogLine {
            attempt: at.into_bytes(),
            at: farm.clock.now().as_millisecond(),
            line: line.to_owned(),
        }]
    };
    let kept = async |count: usize| {
        let wait = async {
            while farm.store.attempt_lines(at, 0, 9).await.unwrap().len() < count {
                farm.pass(1).await;
            }
        };
        tokio::time::timeout(DEADLINE, wait).await.unwrap();
    };
    farm.engine.lines(OTHER, line("tapped elsewhere"));
    farm.engine.lines(HOST, line("tapped"));
    kept(1).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!(
        (row.progress, row.progress_text.as_deref()),
        (40, Some("opening"))
    );
    // The last words come after the end, and are kept too.
    let result = "{}".to_owned();
    assert_eq!(
        farm.end(at, AttemptOutcome::Done { result }).await,
        ControllerReply::Done
    );
    farm.engine.lines(OTHER, line("ended elsewhere"));
    farm.engine.lines(HOST, line("ended"));
    kept(2).await;
    let lines = farm.store.attempt_lines(at, 0, 9).await.unwrap();
    let lines: Vec<(u32, &str)> = lines
        .iter()
        .map(|line| (line.number, line.line.as_str()))
        .collect();
    assert_eq!(lines, [(0, "tapped"), (1, "ended")]);
    let kept = farm
        .engine
        .evidence(HOST, at.into_bytes(), "screen.png", vec![1, 2, 3])
        .await;
    assert_eq!(kept, ControllerReply::Done);
    let file = artifact_file(farm.data.path(), at, "screen.png");
    assert_eq!(std::fs::read(file).unwrap(), [1, 2, 3]);
    let refused = farm
        .engine
        .evidence(OTHER, at.into_bytes(), "screen.png", vec![9])
        .await;
    assert!(matches!(refused, ControllerReply::NotYours { .. }));
    let astray = farm.engine.evidence(HOST, at.into_bytes(), "../x", vec![9]).await;
    assert!(matches!(astray, ControllerReply::Failed { .. }));
}

#[tokio::test]
async fn a_secret_is_told_to_nobody_but_the_host_of_a_live_attempt() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let ask = |attempt: Uuid| ToController::Secret {
        attempt: attempt.into_bytes(),
        what: SecretKind::Password,
    };
    let DeskAnswer::Say(reply) = farm.engine.answer(OTHER, ask(at)).await else {
        panic!("no file was asked for")
    };
    assert!(matches!(reply, ControllerReply::NotYours { .. }), "{reply:?}");
    assert!(matches!(
        farm.say(ask(Uuid::nil())).await,
        ControllerReply::NotYours { .. }
    ));
    // This task has no account.
    assert!(matches!(farm.say(ask(at)).await, ControllerReply::Failed { .. }));
    farm.end(at, through()).await;
    assert!(matches!(
        farm.say(ask(at)).await,
        ControllerReply::NotYours { .. }
    ));
}

#[tokio::test]
async fn outside_the_hours_nothing_begins() {
    let farm = Farm::with_limit(9).await;
    let set = BTreeMap::from([(crate::settings::HOURS.to_owned(), json!("09:00-22:00"))]);
    farm.scheduler
        .set_rules(WorkRules::of(&set, jiff::tz::TimeZone::UTC));
    let task = farm.create("A", "follow").await;
    farm.obstacle("A").await;
    let waits = farm.store.task(task).await.unwrap().unwrap().row;
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.starts_with("hours"), "{why}");
    let hour = SignedDuration::from_hours(1);
    farm.clock.advance(Duration::try_from(hour).unwrap());
    farm.comes_to(task, TaskState::Running).await;
}
