//! A hub's host: the agent's own link, worker, journal and outbox, with phones of paper.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agent::enrol::{self, StateFolder};
use agent::flow::thread::{BEGUN, ScriptThread};
use agent::journal::Journal;
use agent::link::{Controller, Link, LinkStatus, Phones};
use agent::outbox::Outbox;
use agent::roster::Devices;
use agent::worker::{Phone, PhoneSource, Worker, WorkerConfig};
use async_trait::async_trait;
use shared::clock::SharedClock;
use shared::device::Serial;
use shared::wire::message::{AgentAsk, AgentReply, Failure, FailureKind};
use shared::wire::token::JoinToken;
use shared::wire::work::Standing;
use tokio::io::AsyncRead;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::phone::SimPhone;
use crate::wire::SimNet;
use crate::world::{Blow, SimClock, World, lock};
use crate::{Sabotage, chance};

/// So many times faster than a real one its flows live.
const SPEED: f64 = 4.0;
/// Between two tries to join.
const JOIN_AGAIN: Duration = Duration::from_secs(2);

/// What of a hub outlives its agent's process.
#[derive(Clone)]
pub(crate) struct Hub {
    pub(crate) name: String,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<SimClock>,
    pub(crate) folder: PathBuf,
    pub(crate) token: JoinToken,
    /// What its agent has in hand, and how its link is; for the check at the end.
    pub(crate) seen: Arc<Mutex<Option<Seen>>>,
}

#[derive(Clone)]
pub(crate) struct Seen {
    pub(crate) worker: Worker,
    pub(crate) outbox: Outbox,
    pub(crate) link: watch::Receiver<LinkStatus>,
}

impl Hub {
    /// The agent's process, from its start on.
    pub(crate) async fn run(self) -> turmoil::Result {
        self.clock.begun();
        self.world
            .note(self.clock.elapsed(), format_args!("{} starts", self.name));
        let clock: SharedClock = Arc::<SimClock>::clone(&self.clock);
        let net = Arc::new(SimNet(Arc::clone(&self.world)));
        let state = StateFolder::open(&self.folder)?;
        let controllers = vec!["controller:50811".to_owned()];
        let identity = loop {
            if let Some(identity) = state.identity()? {
                break identity;
            }
            let net = Arc::<SimNet>::clone(&net);
            let joined = enrol::enrol_over(net, &state, &controllers, &self.token, &self.name, &clock).await;
            if let Err(error) = joined {
                self.world.note(
                    self.clock.elapsed(),
                    format_args!("{} cannot join: {error}", self.name),
                );
                tokio::time::sleep(JOIN_AGAIN).await;
            }
        };
        let controller = Controller::new(Arc::clone(&clock));
        let journal = Journal::open(&self.folder)?;
        let outbox = Outbox::open(&self.folder, controller.clone())?;
        let source = Arc::new(Here {
            hub: self.clone(),
            turns: Mutex::default(),
        });
        let config = WorkerConfig {
            folder: self.folder.clone(),
            media_bytes: 0,
            speed: SPEED,
            thread: ScriptThread::InTurns(self.points()),
        };
        let worker = Worker::new(config, controller.clone(), journal, outbox.clone(), source)?;
        let (status, link) = watch::channel(LinkStatus::Connecting);
        *lock(&self.seen) = Some(Seen {
            worker: worker.clone(),
            outbox,
            link,
        });
        let phones = Arc::new(SimHands {
            hub: self.clone(),
            worker,
        });
        let link = Link {
            state,
            identity,
            controllers,
            host_name: self.name.clone(),
            phones,
            controller,
            net,
            clock,
            stop: CancellationToken::new(),
            status,
        };
        link.run().await;
        Ok(())
    }

    /// Its process was ended.
    pub(crate) fn crashed(&self) {
        if self.world.sabotage != Some(Sabotage::JournalForgets) {
            return;
        }
        let path = self.folder.join(agent::journal::FILE);
        if let Ok(text) = std::fs::read_to_string(&path)
            && text.lines().count() > 1
            && let Some((before, _)) = text.trim_end().rsplit_once('\n')
        {
            let _ = std::fs::write(&path, format!("{before}\n"));
        }
    }

    /// At which points of a commit its process dies.
    fn points(&self) -> Arc<dyn Fn(&str) -> bool + Send + Sync> {
        let (world, clock, name) = (
            Arc::clone(&self.world),
            Arc::clone(&self.clock),
            self.name.clone(),
        );
        Arc::new(move |point| {
            if point == BEGUN {
                chance::seed(world.number());
                return false;
            }
            let dies = world.chance(world.weather().deadly);
            if dies {
                world.note(clock.elapsed(), format_args!("{name} dies at {point}"));
                world.strike(Blow::Crash(name.clone()));
            }
            dies
        })
    }
}

/// The phones that hang here.
struct Here {
    hub: Hub,
    turns: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl PhoneSource for Here {
    fn phone(&self, name: &str) -> Result<Phone, Failure> {
        if !self.hub.world.is_at(name, &self.hub.name) {
            return Err(Failure {
                kind: FailureKind::UnknownPhone,
                message: format!("this host has no phone {name}"),
            });
        }
        let turn = Arc::clone(lock(&self.turns).entry(name.to_owned()).or_default());
        Ok(Phone {
            device: Arc::new(SimPhone {
                serial: Serial(name.to_owned()),
                hub: self.hub.name.clone(),
                world: Arc::clone(&self.hub.world),
                clock: Arc::clone(&self.hub.clock),
            }),
            turn,
        })
    }
}

/// What the link asks for; as `agent::hands` does it, without its pictures and touches.
struct SimHands {
    hub: Hub,
    worker: Worker,
}

#[async_trait]
impl Phones for SimHands {
    fn watch(&self) -> watch::Receiver<Devices> {
        self.hub.world.list(&self.hub.name)
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
            AgentAsk::Ping => Ok(()),
            AgentAsk::Work(order) => self.worker.work(order),
            AgentAsk::StopWork { attempt } => {
                self.worker.stop_work(&attempt);
                Ok(())
            }
            AgentAsk::LookUp { grants } => self.worker.look_up(grants, told).await,
            AgentAsk::Replay { after } => self.worker.replay(after, told).await,
            _ => Err(Failure {
                kind: FailureKind::Unsupported,
                message: "phones of paper do not do that".to_owned(),
            }),
        };
        done.map_or_else(AgentReply::Failed, |()| AgentReply::Done)
    }
}
