//! The phones of this host for the link: finds the phone that is meant, does what is asked and says how it went. A phone
//! that works is looked at by whoever wants to, and touched by its work alone.

mod identify;
mod install;
mod picture;
mod reach;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::act::InputAct;
use shared::device::DeviceState;
use shared::wire::message::{
    AgentAsk, AgentReply, Failure, FailureKind, PictureForm, PrepareState, PrepareStep,
};
use shared::wire::work::Standing;
use tokio::io::AsyncRead;
use tokio::sync::{Semaphore, mpsc, watch};

use crate::adb::AdbErrorKind;
use crate::adb::phone::AdbDevice;
use crate::device::{Device, DeviceError, Key};
use crate::link::{Phones, chain};
use crate::prepare::{self, StepState};
use crate::roster::Devices;
use crate::worker::Worker;
use reach::Owned;
pub use reach::Reach;

/// Pictures that are scaled at once: each takes a core and a dozen megabytes for a moment.
const PICTURES: usize = 2;
/// Apps that are installed at once; the hub's wires are shared.
const INSTALLS: usize = 4;

/// What the hands may use.
#[derive(Debug, Clone, Default)]
pub struct HandsConfig {
    pub keyboard_apk: Option<PathBuf>,
    pub resident_jar: Option<PathBuf>,
    /// Where apps lie while they go to a phone.
    pub scratch: PathBuf,
}

/// The phones within reach, ready to be asked.
pub struct Hands {
    reach: Arc<Reach>,
    worker: Worker,
    config: HandsConfig,
    pictures: Semaphore,
    installs: Semaphore,
}

impl Hands {
    pub fn new(reach: Arc<Reach>, worker: Worker, config: HandsConfig) -> Self {
        Self {
            reach,
            worker,
            config,
            pictures: Semaphore::new(PICTURES),
            installs: Semaphore::new(INSTALLS),
        }
    }

    /// The phone that is meant, to be looked at.
    fn phone(&self, name: &str) -> Result<Arc<Owned>, Failure> {
        self.reach.owned(name)
    }

    /// The phone that is meant, to be touched: not while it works.
    fn idle_phone(&self, name: &str) -> Result<Arc<Owned>, Failure> {
        let phone = self.reach.owned(name)?;
        self.worker.free(phone.device.serial())?;
        Ok(phone)
    }

    async fn picture(&self, phone: &Owned, form: PictureForm) -> Result<AgentReply, Failure> {
        let bytes = phone.device.screenshot().await.map_err(|error| failure(&error))?;
        let bytes = self.formed(bytes, form).await?;
        Ok(AgentReply::Picture { form, bytes })
    }

    /// A picture, unless the screen shows what it showed: then it is neither unpacked nor sent.
    async fn glimpse(
        &self,
        phone: &Owned,
        form: PictureForm,
        unless: Option<u64>,
    ) -> Result<AgentReply, Failure> {
        let bytes = phone.device.screenshot().await.map_err(|error| failure(&error))?;
        let tag = picture::tag(&bytes);
        if unless == Some(tag) {
            return Ok(AgentReply::Unchanged);
        }
        let bytes = self.formed(bytes, form).await?;
        Ok(AgentReply::Glimpse { form, bytes, tag })
    }

    async fn formed(&self, bytes: Vec<u8>, form: PictureForm) -> Result<Vec<u8>, Failure> {
        Ok(match form {
            PictureForm::Png => bytes,
            PictureForm::Jpeg { max, quality } => {
                let _turn = self.pictures.acquire().await.map_err(|_| stopping())?;
                let scaled = tokio::task::spawn_blocking(move || picture::scaled(&bytes, max, quality)).await;
                scaled
                    .map_err(|error| fail(FailureKind::Refused, error.to_string()))?
                    .map_err(|error| fail(FailureKind::Refused, error.to_string()))?
            }
        })
    }

    async fn prepare(&self, phone: &Owned, check_only: bool, told: &mpsc::Sender<AgentReply>) -> AgentReply {
        let options = prepare::Options {
            check_only,
            keyboard_apk: self.config.keyboard_apk.clone(),
            resident_jar: self.config.resident_jar.clone(),
        };
        let steps = prepare::prepare(&phone.device, &options, |step| {
            // There are fewer steps than places, so none is lost.
            let _ = told.try_send(AgentReply::Step(on_wire(step)));
        })
        .await;
        AgentReply::Prepared {
            ready: steps.iter().all(|step| step.state.is_ready()),
        }
    }

    async fn answer(
        &self,
        ask: AgentAsk,
        body: &mut (dyn AsyncRead + Send + Unpin),
        told: &mpsc::Sender<AgentReply>,
    ) -> Result<AgentReply, Failure> {
        match ask {
            AgentAsk::Ping => Ok(AgentReply::Done),
            AgentAsk::Screenshot { serial, form } => self.picture(self.phone(&serial)?.as_ref(), form).await,
            AgentAsk::Glimpse { serial, form, unless } => {
                self.glimpse(self.phone(&serial)?.as_ref(), form, unless).await
            }
            AgentAsk::Foreground { serial } => {
                let phone = self.phone(&serial)?;
                phone
                    .device
                    .foreground()
                    .await
                    .map(AgentReply::Foreground)
                    .map_err(|error| failure(&error))
            }
            AgentAsk::Hierarchy { serial } => {
                let phone = self.phone(&serial)?;
                let _turn = phone.turn.lock().await;
                let read = phone.device.hierarchy().await.map_err(|error| failure(&error))?;
                Ok(AgentReply::Hierarchy {
                    xml: read.xml,
                    driver: phone.device.driver().to_string(),
                })
            }
            AgentAsk::Input { serial, act } => {
                act.check()
                    .map_err(|error| fail(FailureKind::BadInput, error.to_string()))?;
                let phone = self.idle_phone(&serial)?;
                let _turn = phone.turn.lock().await;
                input(&phone.device, act).await.map_err(|error| failure(&error))?;
                Ok(AgentReply::Done)
            }
            AgentAsk::Identify { serial, index } => {
                let phone = self.idle_phone(&serial)?;
                let _turn = phone.turn.lock().await;
                identify::show(phone.device.adb(), index)
                    .await
                    .map_err(|error| failure(&error))?;
                Ok(AgentReply::Done)
            }
            AgentAsk::Prepare { serial, check_only } => {
                let phone = self.idle_phone(&serial)?;
                let _turn = phone.turn.lock().await;
                Ok(self.prepare(&phone, check_only, told).await)
            }
            AgentAsk::Install { serial, size } => {
                let phone = self.idle_phone(&serial)?;
                let _turn = self.installs.acquire().await.map_err(|_| stopping())?;
                install::install(phone.device.adb(), &self.config.scratch, size, body, told).await?;
                Ok(AgentReply::Done)
            }
            AgentAsk::Work(order) => self.worker.work(order).map(|()| AgentReply::Done),
            AgentAsk::StopWork { attempt } => {
                self.worker.stop_work(&attempt);
                Ok(AgentReply::Done)
            }
            AgentAsk::LookUp { grants } => {
                self.worker.look_up(grants, told).await?;
                Ok(AgentReply::Done)
            }
            AgentAsk::Replay { after } => {
                self.worker.replay(after, told).await?;
                Ok(AgentReply::Done)
            }
        }
    }
}

#[async_trait]
impl Phones for Hands {
    fn watch(&self) -> watch::Receiver<Devices> {
        self.reach.roster.watch()
    }

    fn standing(&self) -> Option<Standing> {
        Some(self.worker.standing())
    }

    async fn serve(
        &self,
        ask: AgentAsk,
        body: &mut (dyn AsyncRead + Send + Unpin),
        told: &mpsc::Sender<AgentReply>,
    ) -> AgentReply {
        self.answer(ask, body, told)
            .await
            .unwrap_or_else(AgentReply::Failed)
    }
}

async fn input(device: &AdbDevice, act: InputAct) -> Result<(), DeviceError> {
    let time = |millis: u32| Duration::from_millis(millis.into());
    match act {
        InputAct::Tap { x, y } => device.tap(x, y).await,
        InputAct::LongPress { x, y, millis } => device.long_press(x, y, time(millis)).await,
        InputAct::Swipe {
            x1,
            y1,
            x2,
            y2,
            millis,
        } => device.swipe((x1, y1), (x2, y2), time(millis)).await,
        InputAct::Text { text } => match device.type_text(&text).await {
            // Who types a code sees on the screen what came of it.
            Err(DeviceError::FieldGone) => Ok(()),
            typed => typed,
        },
        InputAct::Key { code } => device.key(Key::Code(code)).await,
        InputAct::OpenUrl { url, package } => device.open_url(&url, package.as_deref()).await,
        InputAct::StartApp { package } => device.start_app(&package).await,
        InputAct::StopApp { package } => device.stop_app(&package).await,
    }
}

fn fail(kind: FailureKind, message: impl Into<String>) -> Failure {
    Failure {
        kind,
        message: message.into(),
    }
}

fn stopping() -> Failure {
    fail(FailureKind::Busy, "this agent is stopping")
}

/// How a phone's error is told to the controller.
fn failure(error: &DeviceError) -> Failure {
    let kind = match error {
        DeviceError::BadInput(_) => FailureKind::BadInput,
        DeviceError::Unreachable { source, .. } => match source.kind {
            AdbErrorKind::Deadline(_) => FailureKind::Deadline,
            AdbErrorKind::Unauthorized(_) => FailureKind::NotOnline(DeviceState::Unauthorized),
            AdbErrorKind::NoPermissions(_) => FailureKind::NotOnline(DeviceState::NoPermissions),
            _ if source.is_connection() => FailureKind::NotOnline(DeviceState::Offline),
            _ => FailureKind::Refused,
        },
        error if error.is_uncertain() => FailureKind::Uncertain,
        _ => FailureKind::Refused,
    };
    fail(kind, chain(error))
}

fn on_wire(step: &prepare::Step) -> PrepareStep {
    PrepareStep {
        name: step.name.to_owned(),
        title: step.title.to_owned(),
        state: match step.state {
            StepState::Ok => PrepareState::Ok,
            StepState::Fixed => PrepareState::Fixed,
            StepState::WouldFix => PrepareState::WouldFix,
            StepState::NeedsPerson => PrepareState::NeedsPerson,
            StepState::Unseen => PrepareState::Unseen,
            StepState::Failed => PrepareState::Failed,
        },
        found: step.found.clone(),
        advice: step.advice.clone(),
    }
}
