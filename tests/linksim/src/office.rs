//! The controller's host: its own fleet, scheduler and store, which die at any point of an answer.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use controller::ca::Authority;
use controller::fleet::{Desk, DeskAnswer, Fleet, FleetConfig, FleetEvent, LiveDevices, WorkError};
use controller::scheduler::{
    Chosen, Engine, FlowRef, Hosts, Listener, Materials, Packs, Parts, Scheduler, Supply, SupplyError,
    TaskNews,
};
use controller::settings::WorkRules;
use controller::store::{AccountRow, Store, StoreError, TaskRow};
use controller::vault::Vault;
use jiff::Timestamp;
use shared::clock::SharedClock;
use shared::lifecycle::Shutdown;
use shared::pack::files::PackFiles;
use shared::wire::message::{AgentAsk, ControllerReply, ToController};
use shared::wire::work::{
    GrantAnswer, GrantOutcome, Id, JournalRecord, LogLine, Progress, Settlement, Spoken, Standing,
};
use tokio::fs::File;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::wire::SimNet;
use crate::world::{Blow, SimClock, World, lock};
use crate::{HOST, Sabotage};

/// What of the controller outlives its process.
#[derive(Clone)]
pub(crate) struct Office {
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) store: Store,
    pub(crate) ca: Arc<Authority>,
    pub(crate) rules: WorkRules,
    pub(crate) data: PathBuf,
}

impl Office {
    /// The controller's process, from its start on.
    pub(crate) async fn run(self) -> turmoil::Result {
        self.clock.begun();
        self.world.note(self.clock.elapsed(), "the controller starts");
        let clock: SharedClock = Arc::<SimClock>::clone(&self.clock);
        let (activity, active) = watch::channel(false);
        let config = FleetConfig {
            data_listen: ([0, 0, 0, 0], 50_810).into(),
            join_listen: ([0, 0, 0, 0], 50_811).into(),
            advertised_data_port: None,
            active,
        };
        let net = SimNet(Arc::clone(&self.world));
        let (store, ca) = (self.store.clone(), Arc::clone(&self.ca));
        let shutdown = Shutdown::default();
        let fleet = Fleet::start_over(&net, config, store, ca, Arc::clone(&clock), shutdown).await?;
        let scheduler = Scheduler::default();
        scheduler.set_rules(self.rules.clone());
        *lock(&self.world.scheduler) = Some(scheduler.clone());
        let told = Arc::new(Told(self.clone()));
        let hosts = Arc::new(OverFleet {
            office: self.clone(),
            fleet: Mutex::new(Some(fleet.clone())),
        });
        // With the process the two let go of each other.
        let _process = Unhook(Arc::clone(&hosts));
        let engine = Engine::new(
            scheduler,
            Parts {
                store: self.store.clone(),
                vault: Vault::ephemeral(),
                hosts,
                packs: Arc::new(Paper),
                materials: Arc::new(Nothing),
                listener: told,
                clock,
                data_dir: self.data.clone(),
                device_limit: 100,
            },
        );
        fleet.set_desk(Arc::new(OverEngine {
            office: self.clone(),
            engine: engine.clone(),
        }));
        engine.prepare().await?;
        activity.send_replace(true);
        engine.run(CancellationToken::new()).await;
        Ok(())
    }

    /// A point at which it may die.
    async fn point(&self, name: &str) {
        if self.world.chance(self.world.weather().deadly / 6.0) {
            self.world
                .note(self.clock.elapsed(), format_args!("the controller dies {name}"));
            self.world.strike(Blow::Crash(HOST.to_owned()));
            std::future::pending::<()>().await;
        }
    }

    /// Its word does not arrive: the way breaks just now.
    fn may_be_cut(&self, host: &str) {
        if self.world.chance(self.world.weather().deadly / 3.0) {
            self.world.strike(Blow::Cut(host.to_owned()));
        }
    }

    /// The name that a host joined under.
    async fn name_of(&self, host: Uuid) -> String {
        let row = self.store.host(host).await.ok().flatten();
        row.map(|row| row.name).unwrap_or_default()
    }
}

/// The engine, with what may befall it before and after each answer.
struct OverEngine {
    office: Office,
    engine: Engine,
}

impl fmt::Debug for OverEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OverEngine")
    }
}

#[async_trait]
impl Desk for OverEngine {
    async fn stands(&self, host: Uuid, standing: Standing) {
        self.engine.stands(host, standing).await;
    }

    fn progress(&self, host: Uuid, news: Vec<Progress>) {
        self.engine.progress(host, news);
    }

    fn lines(&self, host: Uuid, lines: Vec<LogLine>) {
        self.engine.lines(host, lines);
    }

    fn spoken(&self, host: Uuid, spoken: Vec<Spoken>) {
        self.engine.spoken(host, spoken);
    }

    async fn answer(&self, host: Uuid, request: ToController) -> DeskAnswer {
        let name = self.office.name_of(host).await;
        let words = in_words(&request);
        self.office.point(&format!("before {words}")).await;
        let answer = self.answer_of(host, request).await;
        if let DeskAnswer::Say(reply) = &answer {
            let now = self.office.clock.elapsed();
            let reply = reply_in_words(reply);
            self.office
                .world
                .note(now, format_args!("{name}: {words}: {reply}"));
        }
        self.office.point(&format!("after {words}")).await;
        self.office.may_be_cut(&name);
        answer
    }

    async fn evidence(&self, host: Uuid, attempt: Id, name: &str, bytes: Vec<u8>) -> ControllerReply {
        self.engine.evidence(host, attempt, name, bytes).await
    }
}

impl OverEngine {
    async fn answer_of(&self, host: Uuid, request: ToController) -> DeskAnswer {
        let ToController::Grant(ask) = &request else {
            return self.engine.answer(host, request).await;
        };
        let ask = ask.clone();
        let answer = self.engine.answer(host, request).await;
        let DeskAnswer::Say(ControllerReply::Grant(
            GrantAnswer::Unknown { grant, .. } | GrantAnswer::Elsewhere { grant, .. },
        )) = &answer
        else {
            return answer;
        };
        if self.office.world.sabotage != Some(Sabotage::NewGrant) {
            return answer;
        }
        // The mistake that is to be found: what is in question is taken for not done.
        let void = Settlement {
            attempt: ask.attempt,
            grant: *grant,
            outcome: GrantOutcome::NotSeen {
                why: "sabotage".to_owned(),
            },
        };
        let _ = self
            .office
            .store
            .settle(host, Some(ask.journal.clone()), void)
            .await;
        self.engine.answer(host, ToController::Grant(ask)).await
    }
}

fn in_words(request: &ToController) -> String {
    match request {
        ToController::Grant(ask) => format!("leave for {} {}", ask.commit, ask.key),
        ToController::Earlier(ask) => format!("what became of {} {}", ask.commit, ask.key),
        ToController::Settle(told) => match told.outcome {
            GrantOutcome::Done { .. } => "it was done".to_owned(),
            GrantOutcome::Void { .. } => "it is void".to_owned(),
            GrantOutcome::Unknown { .. } => "it is unknown".to_owned(),
            GrantOutcome::NotSeen { .. } => "it is not seen".to_owned(),
        },
        ToController::Ended(_) => "an end".to_owned(),
        ToController::Mine { .. } => "may it go on".to_owned(),
        ToController::Pack { .. } => "a pack".to_owned(),
        _ => "something".to_owned(),
    }
}

fn reply_in_words(reply: &ControllerReply) -> String {
    match reply {
        ControllerReply::Grant(GrantAnswer::Granted { number, .. }) => format!("granted, number {number}"),
        ControllerReply::Grant(GrantAnswer::Done { .. }) => "done before".to_owned(),
        ControllerReply::Grant(GrantAnswer::Unknown { .. }) => "in question".to_owned(),
        ControllerReply::Grant(GrantAnswer::Elsewhere { .. }) => "in question, elsewhere".to_owned(),
        ControllerReply::Grant(GrantAnswer::Refused { kind, .. }) => format!("refused: {kind}"),
        ControllerReply::Grant(GrantAnswer::Nothing) => "nothing".to_owned(),
        ControllerReply::Done => "heard".to_owned(),
        ControllerReply::NotYours { why } => format!("not yours: {why}"),
        ControllerReply::Later { why } => format!("later: {why}"),
        ControllerReply::Pack(_) => "here".to_owned(),
        ControllerReply::Failed { message } => format!("failed: {message}"),
        _ => "something".to_owned(),
    }
}

/// The fleet as the engine reaches it, with what may befall the controller around each word.
struct OverFleet {
    office: Office,
    fleet: Mutex<Option<Fleet>>,
}

impl OverFleet {
    fn fleet(&self) -> Option<Fleet> {
        lock(&self.fleet).clone()
    }
}

struct Unhook(Arc<OverFleet>);

impl Drop for Unhook {
    fn drop(&mut self) {
        drop(lock(&self.0.fleet).take());
    }
}

impl fmt::Debug for OverFleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OverFleet")
    }
}

#[async_trait]
impl Hosts for OverFleet {
    fn devices(&self) -> LiveDevices {
        self.fleet().map(|fleet| fleet.devices()).unwrap_or_default()
    }

    fn events(&self) -> broadcast::Receiver<FleetEvent> {
        match self.fleet() {
            Some(fleet) => fleet.events(),
            None => broadcast::channel(1).1,
        }
    }

    fn is_connected(&self, host: Uuid) -> bool {
        self.fleet().is_some_and(|fleet| fleet.is_connected(host))
    }

    async fn work(
        &self,
        host: Uuid,
        ask: AgentAsk,
        deadline: Duration,
    ) -> Result<Vec<JournalRecord>, WorkError> {
        let what = match &ask {
            AgentAsk::Work(order) => format!("the order of task {}", order.task),
            AgentAsk::StopWork { .. } => "a stop".to_owned(),
            AgentAsk::LookUp { .. } => "a look into a journal".to_owned(),
            _ => "a replay".to_owned(),
        };
        self.office.point(&format!("before {what}")).await;
        let answer = match self.fleet() {
            Some(fleet) => fleet.work(host, ask, deadline).await,
            None => Err(WorkError::Away),
        };
        let how = match &answer {
            Ok(records) => format!("{} records", records.len()),
            Err(error) => error.to_string(),
        };
        self.office
            .world
            .note(self.office.clock.elapsed(), format_args!("{what}: {how}"));
        self.office.point(&format!("after {what}")).await;
        answer
    }
}

/// Notes what becomes of tasks.
struct Told(Office);

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Told")
    }
}

impl Listener for Told {
    fn told(&self, _at: Timestamp, news: TaskNews<'_>) {
        if let TaskNews::State(task) = news {
            let why = task.error.as_ref().map(|error| format!(" ({})", error.kind));
            let why = why.unwrap_or_default();
            let line = format!("task {} is {}{why}", task.id, task.state);
            self.0.world.note(self.0.clock.elapsed(), line);
        }
    }

    fn dispatched(&self, _took: Duration) {}

    fn accounts(&self, _at: Timestamp, _created: bool, _accounts: &[AccountRow]) {}
}

/// The one pack.
#[derive(Debug)]
struct Paper;

fn files() -> PackFiles {
    let files = [
        ("pack.toml", include_str!("../pack/pack.toml")),
        ("elements.toml", include_str!("../pack/elements.toml")),
        ("follow.rhai", include_str!("../pack/follow.rhai")),
        ("post.rhai", include_str!("../pack/post.rhai")),
        ("walk.rhai", include_str!("../pack/walk.rhai")),
    ];
    PackFiles::new(files.map(|(name, text)| (name.to_owned(), text.to_owned())))
}

#[async_trait]
impl Packs for Paper {
    fn for_task(&self, _platform: &str, script: &str) -> Option<FlowRef> {
        Some(FlowRef {
            hash: files().hash(),
            flow: script.to_owned(),
            takes_sequence: false,
        })
    }

    async fn of_hash(&self, _hash: &str, script: &str) -> Result<Option<FlowRef>, StoreError> {
        Ok(self.for_task("", script))
    }

    async fn files(&self, hash: &str) -> Result<Option<Vec<(String, String)>>, StoreError> {
        let files = files();
        let named = |(name, text): (&str, &str)| (name.to_owned(), text.to_owned());
        Ok((files.hash() == hash).then(|| files.iter().map(named).collect()))
    }
}

/// No task takes files.
#[derive(Debug)]
struct Nothing;

#[async_trait]
impl Materials for Nothing {
    async fn resolve(&self, _task: &TaskRow) -> Result<Supply, SupplyError> {
        Ok(Supply::Here(Chosen::default()))
    }

    fn kept(&self, _task: &TaskRow) -> Chosen {
        Chosen::default()
    }

    async fn open(&self, _tasks: &[i64], _hash: &str) -> Option<(File, u64)> {
        None
    }
}
