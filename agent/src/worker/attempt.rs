//! One attempt, from its order to its end: fetches what it needs, runs its flow, and settles what the flow left open.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};
use shared::pack::Pack;
use shared::pack::failure::FailureKind;
use shared::pack::files::hex;
use shared::wire::codec::Message as _;
use shared::wire::message::ToController;
use shared::wire::work::{AttemptEnd, AttemptFailure, AttemptOutcome, Id, MaterialKind as WireKind, Order};
use tokio_util::sync::CancellationToken;

use super::grants::RemoteGrantor;
use super::lease::Lease;
use super::leased::LeasedDevice;
use super::materials::Used;
use super::secrets::RemoteSecrets;
use super::telling::Telling;
use super::{Inner, Phone};
use crate::device::Device as _;
use crate::flow::failure::Failure;
use crate::flow::pace::Pace;
use crate::flow::step::Watch;
use crate::flow::thread::ScriptThread;
use crate::flow::{self, Account, Material, MaterialKind, Rig, Task};
use crate::link::chain;

/// What is told of a failure, in characters.
const LONGEST_MESSAGE: usize = 4_000;

/// See the module.
pub(super) struct Attempt {
    pub(super) worker: Arc<Inner>,
    pub(super) order: Order,
    pub(super) phone: Phone,
    pub(super) lease: Arc<Lease>,
    pub(super) stop: CancellationToken,
}

impl Attempt {
    pub(super) async fn make(self) -> AttemptEnd {
        let id = self.order.attempt;
        let telling = Arc::new(Telling::new(self.worker.controller.clone(), id));
        let device = Arc::new(LeasedDevice::new(
            self.phone.clone(),
            Arc::clone(&self.worker.source),
            Arc::clone(&self.lease),
        ));
        let fetched = tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(Failure::stopped()),
            fetched = self.fetch(&telling) => fetched,
        };
        let (task, _materials) = match fetched {
            Ok(fetched) => fetched,
            Err(failure) => return ended(id, &self.judge(failure), 0),
        };
        let grantor = Arc::new(RemoteGrantor {
            controller: self.worker.controller.clone(),
            outbox: self.worker.outbox.clone(),
            lease: Arc::clone(&self.lease),
            attempt: id,
            open: Mutex::new(BTreeSet::new()),
        });
        let thread = self.worker.config.thread.clone();
        let rig = Rig {
            device: Arc::clone(&device) as Arc<dyn crate::device::Device>,
            grantor: Arc::clone(&grantor) as Arc<dyn flow::commit::Grantor>,
            journal: Arc::clone(&self.worker.journal),
            secrets: Arc::new(RemoteSecrets {
                controller: self.worker.controller.clone(),
                lease: Arc::clone(&self.lease),
                attempt: id,
            }),
            watch: telling,
            pace: Pace::new(
                Arc::clone(self.worker.controller.clock()),
                self.worker.config.speed,
            ),
            // A simulator looks at no pictures.
            bundle: matches!(thread, ScriptThread::Beside).then(|| self.worker.outbox.evidence_folder(&id)),
            longest: Duration::from_millis(self.order.longest).min(flow::LONGEST_RUN),
            thread,
        };
        let outcome = flow::run(task, rig, self.stop.clone()).await;
        let journal = Arc::clone(&self.worker.journal);
        let closed = self.worker.aside(move || grantor.close(&journal)).await;
        match closed {
            Ok(Ok(())) => {}
            // The controller looks for what it does not hear of.
            Ok(Err(error)) => tracing::error!(error = chain(&error), "what came of an act could not be kept"),
            Err(error) => tracing::error!(%error, "what came of an act could not be kept"),
        }
        let steps = u32::try_from(outcome.steps).unwrap_or(u32::MAX);
        let end = match outcome.result {
            Ok(result) => AttemptEnd {
                outcome: AttemptOutcome::Done {
                    result: result.to_string(),
                },
                ..ended(id, &Failure::stopped(), steps)
            },
            Err(failure) => ended(id, &self.judge(failure), steps),
        };
        AttemptEnd {
            driver: device.driver().to_string(),
            app_version: device.app_version_seen(),
            ..end
        }
    }

    /// What a stop has broken is told as the stop that it was.
    fn judge(&self, failure: Failure) -> Failure {
        if let Some(why) = self.lease.withdrawn() {
            return Failure::new(
                FailureKind::Stopped,
                format!("the controller wants no more of it: {why}"),
            );
        }
        let broken =
            matches!(failure.kind, FailureKind::Stopped | FailureKind::Device) && self.stop.is_cancelled();
        if !broken {
            return failure;
        }
        if self.lease.is_agents_stop() {
            // Another attempt may go on where this one was.
            Failure {
                kind: FailureKind::Device,
                message: "the agent was stopped".to_owned(),
                ..failure
            }
        } else {
            Failure {
                kind: FailureKind::Stopped,
                ..failure
            }
        }
    }

    /// What must be here before the phone is touched. The files stay while the second part of the answer lives.
    async fn fetch(&self, telling: &Telling) -> Result<(Task, Vec<Arc<Used>>), Failure> {
        let order = &self.order;
        let pack = self.worker.packs.get(&order.pack).await?;
        let parameters = parameters(&pack, order)?;
        let mut materials = Vec::new();
        let mut used = Vec::new();
        for (number, material) in order.materials.iter().enumerate() {
            let all = order.materials.len();
            let told = |here: u64| {
                let percent = here * 100 / material.size.max(1);
                let line = format!("fetching file {} of {all}: {percent} %", number + 1);
                telling.progress(0, &line);
            };
            let file = self.worker.materials.get(material, &told).await?;
            materials.push(Material {
                name: material.name.clone(),
                kind: match material.kind {
                    WireKind::Video => MaterialKind::Video,
                    WireKind::Image => MaterialKind::Image,
                },
                hash: hex(&material.hash),
                path: file.path.clone(),
            });
            used.push(file);
        }
        let account = order.account.clone().map(|account| Account {
            id: Some(account.id),
            username: account.username,
            email: account.email,
            has_2fa: account.has_2fa,
        });
        let task = Task {
            name: order.task.to_string(),
            attempt: hex(&order.attempt),
            pack,
            flow: order.flow.clone(),
            parameters,
            account: account.unwrap_or_default(),
            materials,
            seed: order.seed,
            package: order.package.clone(),
        };
        Ok((task, used))
    }
}

/// The order's parameters as the pack checks them: what was left out has its default then.
fn parameters(pack: &Pack, order: &Order) -> Result<Map<String, Value>, Failure> {
    let flow = pack
        .flow(&order.flow)
        .ok_or_else(|| Failure::script(format!("the pack {} has no flow {}", pack.name, order.flow)))?;
    let mut given = match serde_json::from_str(&order.parameters) {
        Ok(Value::Object(given)) => given,
        Ok(_) => return Err(Failure::script("the order's parameters are no JSON object")),
        Err(error) => return Err(Failure::script(format!("the order's parameters: {error}"))),
    };
    let brings_files = flow
        .parameters
        .get("materials")
        .is_some_and(|parameter| parameter.given);
    if brings_files && !order.materials.is_empty() {
        let hashes: Vec<String> = order.materials.iter().map(|one| hex(&one.hash)).collect();
        given.entry("materials").or_insert_with(|| hashes.into());
    }
    let checked = flow.parameters.check_all(&given).map_err(|faults| {
        let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::script(lines.join("; "))
    })?;
    Ok(checked.values)
}

fn ended(attempt: Id, failure: &Failure, steps: u32) -> AttemptEnd {
    let place = failure.place.as_ref();
    AttemptEnd {
        attempt,
        outcome: AttemptOutcome::Failed(AttemptFailure {
            kind: failure.kind.as_str().to_owned(),
            message: failure.message.chars().take(LONGEST_MESSAGE).collect(),
            uncertain: failure.uncertain,
            place: place.map(|place| (place.file.clone(), u32::try_from(place.line).unwrap_or(u32::MAX))),
        }),
        steps,
        took: 0,
        driver: String::new(),
        app_version: String::new(),
    }
}

pub(super) fn failed(attempt: Id, kind: FailureKind, why: String) -> AttemptEnd {
    ended(attempt, &Failure::new(kind, why), 0)
}

/// An end that fits into a message: a result that does not would be kept for ever and never heard.
pub(super) fn sayable(end: AttemptEnd) -> AttemptEnd {
    match ToController::Ended(end.clone()).to_bytes() {
        Ok(_) => end,
        Err(error) => {
            let why = format!("what the flow answers is too much to be told: {error}");
            AttemptEnd {
                outcome: failed(end.attempt, FailureKind::Script, why).outcome,
                ..end
            }
        }
    }
}

pub(super) fn in_words(end: &AttemptEnd) -> String {
    match &end.outcome {
        AttemptOutcome::Done { .. } => "done".to_owned(),
        AttemptOutcome::Failed(failure) => format!("{}: {}", failure.kind, failure.message),
    }
}
