//! Hosts that are made up: they take orders, and their phones do what is ordered, with leave for each act, one step of
//! the clock later. What was done stands in a ledger that nobody else writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use controller::fleet::{Desk as _, DeskAnswer, EventKind, FleetEvent, LiveDevice, LiveDevices, WorkError};
use controller::scheduler::{Engine, Hosts};
use jiff::Timestamp;
use serde_json::Value;
use shared::device::{Device, DeviceState, Fact, Serial};
use shared::pack::files::hex;
use shared::wire::message::{AgentAsk, ControllerReply, ToController};
use shared::wire::work::{
    AttemptEnd, AttemptFailure, AttemptOutcome, CommitKind, GrantAnswer, GrantAsk, GrantOutcome, Id,
    JournalRecord, Order, Settlement, Standing,
};
use tokio::sync::broadcast;
use uuid::Uuid;

use super::story::{A_HOST, PHONES, serial};
use crate::scripted::phone;

/// Bytes of evidence of each attempt.
pub(super) const EVIDENCE: usize = 2_000;
/// A phone in the sun, in tenths of a degree, and one in the shade.
const HOT: i32 = 450;
const COOL: i32 = 300;

/// A lasting thing that a phone did.
#[derive(Debug, Clone)]
pub(super) struct Act {
    pub(super) at: Timestamp,
    pub(super) phone: String,
    pub(super) username: String,
    pub(super) commit: String,
    pub(super) key: String,
}

#[derive(Debug, Clone)]
struct Job {
    host: Uuid,
    order: Order,
    taken_at: Timestamp,
}

#[derive(Debug, Default)]
struct Inside {
    now: Timestamp,
    devices: BTreeMap<Serial, Arc<LiveDevice>>,
    away: BTreeSet<Uuid>,
    jobs: Vec<Job>,
    /// When attempts ended.
    ended: Vec<Timestamp>,
    ledger: Vec<Act>,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Shelves {
    inside: Mutex<Inside>,
    events: broadcast::Sender<FleetEvent>,
}

pub(super) fn host(number: usize) -> Uuid {
    Uuid::from_u128(0xF00 + number as u128)
}

fn journal(host: Uuid) -> String {
    format!("journal of {host}")
}

impl Shelves {
    pub(super) fn new(now: Timestamp) -> Self {
        let mut inside = Inside {
            now,
            ..Inside::default()
        };
        for number in 1..=PHONES {
            let host_number = (number - 1) / A_HOST;
            let live = LiveDevice {
                device: phone(&serial(number), now),
                host: host(host_number),
                host_name: format!("host{host_number}"),
                row: None,
            };
            inside.devices.insert(live.device.serial.clone(), Arc::new(live));
        }
        Self {
            inside: Mutex::new(inside),
            events: broadcast::Sender::new(1_000),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn ledger(&self) -> Vec<Act> {
        self.inside().ledger.clone()
    }

    pub(super) fn steps_to(&self, now: Timestamp) {
        self.inside().now = now;
    }

    fn tell(&self, kind: EventKind) {
        let at = self.inside().now;
        // Nobody may be listening, while no controller runs.
        let _ = self.events.send(FleetEvent { at, kind });
    }

    /// Every host that is here says where it stands.
    pub(super) async fn all_stand(&self, engine: &Engine) {
        for number in 0..PHONES / A_HOST {
            if !self.inside().away.contains(&host(number)) {
                self.stands(engine, number).await;
            }
        }
    }

    async fn stands(&self, engine: &Engine, number: usize) {
        let host = host(number);
        let jobs = self.inside().jobs.clone();
        let ours = jobs.iter().filter(|job| job.host == host);
        let attempts = ours.map(|job| job.order.attempt).collect();
        let standing = Standing {
            journal: journal(host),
            highest: 0,
            attempts,
        };
        engine.stands(host, standing).await;
    }

    /// The link to a host breaks, and what its phones were at ends with it.
    pub(super) fn goes(&self, number: usize) {
        let host = host(number);
        let phones = {
            let mut inside = self.inside();
            inside.away.insert(host);
            inside.jobs.retain(|job| job.host != host);
            inside.set_state(host, DeviceState::Offline)
        };
        self.tell(EventKind::HostLost {
            host,
            name: format!("host{number}"),
            reason: "the power is off".to_owned(),
        });
        self.tell_states(phones, DeviceState::Online, DeviceState::Offline);
    }

    pub(super) async fn comes(&self, number: usize, engine: &Engine) {
        let host = host(number);
        let phones = {
            let mut inside = self.inside();
            inside.away.remove(&host);
            inside.set_state(host, DeviceState::Online)
        };
        self.tell(EventKind::HostConnected {
            host,
            name: format!("host{number}"),
        });
        self.stands(engine, number).await;
        self.tell_states(phones, DeviceState::Offline, DeviceState::Online);
    }

    fn tell_states(&self, phones: Vec<Serial>, from: DeviceState, to: DeviceState) {
        for serial in phones {
            self.tell(EventKind::StateChanged {
                serial,
                from,
                to,
                reason: None,
            });
        }
    }

    pub(super) fn heats(&self, number: usize, hot: bool) {
        let serial = Serial(serial(number));
        {
            let mut inside = self.inside();
            let now = inside.now;
            let live = Arc::make_mut(inside.devices.get_mut(&serial).unwrap());
            let mut battery = live.device.battery.as_ref().unwrap().value;
            battery.temperature_decicelsius = if hot { HOT } else { COOL };
            live.device.battery = Some(Fact::new(battery, now));
        }
        self.tell(EventKind::DeviceChanged { serial });
    }

    /// The phones do what they took at an earlier step.
    pub(super) async fn work(&self, engine: &Engine) {
        let jobs: Vec<Job> = {
            let mut inside = self.inside();
            let now = inside.now;
            let (done, left) = inside.jobs.drain(..).partition(|job| job.taken_at < now);
            inside.jobs = left;
            done
        };
        for job in jobs {
            self.does(engine, job).await;
        }
    }

    async fn does(&self, engine: &Engine, job: Job) {
        let (host, order) = (job.host, job.order);
        let mut outcome = AttemptOutcome::Done {
            result: "{}".to_owned(),
        };
        for (number, (commit, kind, key)) in (1..).zip(acts(&order)) {
            let ask = GrantAsk {
                attempt: order.attempt,
                request: number,
                commit: commit.to_owned(),
                kind,
                key: key.clone(),
                evidence: "{}".to_owned(),
                journal: journal(host),
                highest: 0,
            };
            match say(engine, host, ToController::Grant(ask)).await {
                ControllerReply::Grant(GrantAnswer::Granted { grant, .. }) => {
                    self.acted(&order, commit, &key);
                    let told = settled(&order, grant);
                    assert_eq!(say(engine, host, told).await, ControllerReply::Done);
                }
                ControllerReply::Grant(GrantAnswer::Done { .. }) => {}
                ControllerReply::Grant(GrantAnswer::Refused { kind, why }) => {
                    outcome = AttemptOutcome::Failed(AttemptFailure {
                        kind,
                        message: why,
                        uncertain: false,
                        place: None,
                    });
                    break;
                }
                other => panic!("{other:?}"),
            }
        }
        let screen = vec![7; EVIDENCE];
        let kept = engine.evidence(host, order.attempt, "screen.png", screen).await;
        assert_eq!(kept, ControllerReply::Done);
        let end = AttemptEnd {
            attempt: order.attempt,
            outcome,
            steps: 1,
            took: 5,
            driver: "plain".to_owned(),
            app_version: "1".to_owned(),
        };
        assert_eq!(
            say(engine, host, ToController::Ended(end)).await,
            ControllerReply::Done
        );
        let mut inside = self.inside();
        let now = inside.now;
        inside.ended.push(now);
    }

    pub(super) fn attempts_since(&self, since: Timestamp) -> usize {
        self.inside().ended.iter().filter(|at| **at >= since).count()
    }

    pub(super) fn has_work(&self, phone: &str) -> bool {
        self.inside().jobs.iter().any(|job| job.order.serial == phone)
    }

    pub(super) fn is_here(&self, phone: &str) -> bool {
        let inside = self.inside();
        let live = inside.devices.get(&Serial(phone.to_owned())).unwrap();
        live.device.state == DeviceState::Online
    }

    /// It is here, and not in the sun.
    pub(super) fn may_begin(&self, phone: &str) -> bool {
        let inside = self.inside();
        let live = inside.devices.get(&Serial(phone.to_owned())).unwrap();
        let battery = live.device.battery.as_ref().unwrap().value;
        live.device.state == DeviceState::Online && battery.temperature_decicelsius < HOT
    }

    fn acted(&self, order: &Order, commit: &str, key: &str) {
        let mut inside = self.inside();
        let at = inside.now;
        let username = order.account.as_ref().map(|account| account.username.clone());
        inside.ledger.push(Act {
            at,
            phone: order.serial.clone(),
            username: username.unwrap_or_default(),
            commit: commit.to_owned(),
            key: key.to_owned(),
        });
    }
}

impl Inside {
    fn set_state(&mut self, host: Uuid, state: DeviceState) -> Vec<Serial> {
        let mut phones = Vec::new();
        for (serial, live) in &mut self.devices {
            if live.host == host {
                let live: &mut LiveDevice = Arc::make_mut(live);
                let device: &mut Device = &mut live.device;
                device.state = state;
                phones.push(serial.clone());
            }
        }
        phones
    }
}

/// What a flow would ask leave for.
fn acts(order: &Order) -> Vec<(&'static str, CommitKind, String)> {
    match order.flow.as_str() {
        "follow" => {
            let parameters: Value = serde_json::from_str(&order.parameters).unwrap();
            let targets = parameters["target_users"].as_array().unwrap().iter();
            targets
                .map(|target| ("follow", CommitKind::State, target.as_str().unwrap().to_owned()))
                .collect()
        }
        "post" => {
            let hashes: Vec<String> = order.materials.iter().map(|file| hex(&file.hash)).collect();
            vec![("post", CommitKind::Append, hashes.join("+"))]
        }
        _ => Vec::new(),
    }
}

fn settled(order: &Order, grant: Id) -> ToController {
    ToController::Settle(Settlement {
        attempt: order.attempt,
        grant,
        outcome: GrantOutcome::Done {
            proof: "{}".to_owned(),
        },
    })
}

async fn say(engine: &Engine, host: Uuid, request: ToController) -> ControllerReply {
    match engine.answer(host, request).await {
        DeskAnswer::Say(reply) => reply,
        DeskAnswer::File { .. } => panic!("no file was asked for"),
    }
}

#[async_trait]
impl Hosts for Shelves {
    fn devices(&self) -> LiveDevices {
        Arc::new(self.inside().devices.clone())
    }

    fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.events.subscribe()
    }

    fn is_connected(&self, host: Uuid) -> bool {
        !self.inside().away.contains(&host)
    }

    async fn work(
        &self,
        host: Uuid,
        ask: AgentAsk,
        _deadline: Duration,
    ) -> Result<Vec<JournalRecord>, WorkError> {
        let mut inside = self.inside();
        if inside.away.contains(&host) {
            return Err(WorkError::Away);
        }
        match ask {
            AgentAsk::Work(order) => {
                let taken_at = inside.now;
                if !inside.jobs.iter().any(|job| job.order.attempt == order.attempt) {
                    inside.jobs.push(Job {
                        host,
                        order,
                        taken_at,
                    });
                }
            }
            AgentAsk::StopWork { attempt } => inside.jobs.retain(|job| job.order.attempt != attempt),
            _ => {}
        }
        Ok(Vec::new())
    }
}
