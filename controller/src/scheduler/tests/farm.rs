//! A farm whose hosts are made up: what is asked of them is noted, and the clock is stepped by hand.

use std::collections::BTreeMap;

use async_trait::async_trait;

use serde_json::{Map, json};
use shared::clock::{Clock as _, ManualClock};
use shared::device::{Device, DeviceState};
use shared::task::TaskState;
use shared::wire::message::{AgentAsk, ControllerReply, ToController};
use shared::wire::work::{
    AttemptEnd, AttemptFailure, AttemptOutcome, CommitKind, GrantAnswer, GrantAsk, JournalRecord, Standing,
};
use tokio::sync::{broadcast, watch};

use super::super::*;
use crate::fleet::{Desk as _, DeskAnswer, FleetEvent, LiveDevice, LiveDevices, WorkError};
use crate::store::{Created, NewTask, TaskSource};

pub(super) const HOST: Uuid = Uuid::from_u128(1);
pub(super) const OTHER: Uuid = Uuid::from_u128(2);
pub(super) const JOURNAL: &str = "journal";
/// Whatever is waited for comes long before.
pub(super) const DEADLINE: Duration = Duration::from_secs(20);

pub(super) type Answering = Box<dyn Fn(&AgentAsk) -> Result<Vec<JournalRecord>, WorkError> + Send + Sync>;

/// Hosts that note what they are asked.
pub(super) struct Hubs {
    pub(super) devices: Mutex<BTreeMap<Serial, Arc<LiveDevice>>>,
    pub(super) events: broadcast::Sender<FleetEvent>,
    pub(super) asked: watch::Sender<Vec<AgentAsk>>,
    pub(super) answering: Mutex<Answering>,
    /// While held, no journal answers.
    pub(super) held: watch::Sender<bool>,
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
pub(super) struct AllFlows;

#[async_trait]
impl Packs for AllFlows {
    fn for_task(&self, _platform: &str, script: &str) -> Option<FlowRef> {
        (script != "dance").then(|| FlowRef {
            hash: "0a".repeat(32),
            flow: script.to_owned(),
            takes_sequence: false,
        })
    }

    async fn of_hash(&self, _hash: &str, script: &str) -> Result<Option<FlowRef>, StoreError> {
        Ok(self.for_task("tiktok", script))
    }

    async fn files(&self, hash: &str) -> Result<Option<Vec<(String, String)>>, StoreError> {
        Ok((hash == "0a".repeat(32)).then(|| vec![("pack.toml".to_owned(), "name".to_owned())]))
    }
}

#[derive(Debug, Default)]
pub(super) struct Heard(pub(super) Mutex<Vec<String>>);

impl Listener for Heard {
    fn told(&self, _at: Timestamp, news: TaskNews<'_>) {
        let line = match news {
            TaskNews::State(task) => format!("{} {}", task.id, task.state),
            TaskNews::Progress { task, percent, .. } => format!("{task} {percent} %"),
            TaskNews::Line { task, line, .. } => format!("{task}: {line}"),
            TaskNews::File { task, name } => format!("{task} left {name}"),
            TaskNews::Attention(item) => format!("{} needs a person: {}", item.id, item.item.kind),
        };
        lock(&self.0).push(line);
    }

    fn dispatched(&self, _took: Duration) {}

    fn accounts(&self, _at: Timestamp, _created: bool, _accounts: &[AccountRow]) {}
}

/// A farm of phones A, B, C at one host.
pub(super) struct Farm {
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    pub(super) hubs: Arc<Hubs>,
    pub(super) heard: Arc<Heard>,
    pub(super) scheduler: Scheduler,
    pub(super) engine: Engine,
    pub(super) stop: CancellationToken,
    pub(super) data: tempfile::TempDir,
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Farm {
    pub(super) async fn with_limit(device_limit: usize) -> Self {
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

    pub(super) async fn stands(&self, attempts: &[Uuid]) {
        let standing = Standing {
            journal: JOURNAL.to_owned(),
            highest: 0,
            attempts: attempts.iter().map(|id| id.into_bytes()).collect(),
        };
        self.engine.stands(HOST, standing).await;
    }

    pub(super) fn answering(
        &self,
        answer: impl Fn(&AgentAsk) -> Result<Vec<JournalRecord>, WorkError> + Send + Sync + 'static,
    ) {
        *lock(&self.hubs.answering) = Box::new(answer);
    }

    pub(super) async fn create(&self, serial: &str, script: &str) -> i64 {
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
            of_phone: false,
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
    pub(super) async fn asked<T>(&self, from: usize, wanted: impl Fn(&AgentAsk) -> Option<T>) -> (usize, T) {
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

    pub(super) async fn order(&self, task: i64) -> Uuid {
        let order = |ask: &AgentAsk| match ask {
            AgentAsk::Work(order) if order.task == task => Some(Uuid::from_bytes(order.attempt)),
            _ => None,
        };
        self.asked(0, order).await.1
    }

    pub(super) async fn state(&self, task: i64, wanted: TaskState) -> TaskRow {
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
    pub(super) async fn comes_to(&self, task: i64, wanted: TaskState) -> TaskRow {
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
    pub(super) async fn obstacle(&self, serial: &str) {
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
    pub(super) async fn pass(&self, seconds: u64) {
        for _ in 0..seconds {
            self.clock.advance(Duration::from_secs(1));
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
        }
    }

    pub(super) async fn say(&self, request: ToController) -> ControllerReply {
        match self.engine.answer(HOST, request).await {
            DeskAnswer::Say(reply) => reply,
            DeskAnswer::File { .. } => panic!("no file was asked for"),
        }
    }

    pub(super) async fn end(&self, attempt: Uuid, outcome: AttemptOutcome) -> ControllerReply {
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

    pub(super) async fn grant(&self, attempt: Uuid) -> Uuid {
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

pub(super) fn through() -> AttemptOutcome {
    AttemptOutcome::Done {
        result: "{}".to_owned(),
    }
}

pub(super) fn failed(kind: &str) -> AttemptOutcome {
    AttemptOutcome::Failed(AttemptFailure {
        kind: kind.to_owned(),
        message: "why".to_owned(),
        uncertain: false,
        place: None,
    })
}
