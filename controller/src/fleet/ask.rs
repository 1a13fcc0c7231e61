//! Asking one phone something, through the agent that has it: each question on a stream of its own, under a deadline.

use std::time::Duration;

use quinn::{Connection, RecvStream, SendStream};
use shared::act::InputAct;
use shared::device::{DeviceState, Foreground};
use shared::wire::message::{AgentAsk, AgentReply, Failure, FailureKind, PictureForm, PrepareStep, ToAgent};
use shared::wire::stream::{self, FrameError};
use tokio::time::Instant;

/// How well a scaled picture is kept, of 100: text stays readable.
const JPEG_QUALITY: u8 = 80;
/// The same for pictures that come every second.
const LIVE_QUALITY: u8 = 70;
/// The version of the link from which on an agent can say that nothing has changed.
const GLIMPSES: u16 = 2;
/// So much earlier than the controller the agent gives up, so that its reason still arrives.
const HEAD_START: Duration = Duration::from_millis(250);

/// What can be asked of a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// As PNG, or scaled down to `max` pixels on its longer side as JPEG.
    Screenshot {
        max: Option<u32>,
    },
    /// The screen as JPEG of which neither side is longer than `max`, unless it is still what this tag stands for.
    Glimpse {
        max: u32,
        unless: Option<u64>,
    },
    Hierarchy,
    Foreground,
    Input(InputAct),
    /// Show `index` large on the screen.
    Identify {
        index: u32,
    },
    /// Walk it to readiness, or (`check`) only look.
    Prepare {
        check: bool,
    },
}

/// What a phone answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Done,
    Picture {
        kind: PictureKind,
        bytes: Vec<u8>,
    },
    /// What `tag` stands for from now on.
    Glimpse {
        kind: PictureKind,
        bytes: Vec<u8>,
        tag: u64,
    },
    /// The screen shows what it showed.
    Unchanged,
    Hierarchy {
        xml: String,
        driver: String,
    },
    Foreground(Foreground),
    Prepared {
        ready: bool,
        steps: Vec<PrepareStep>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureKind {
    Png,
    Jpeg,
}

impl From<PictureForm> for PictureKind {
    fn from(form: PictureForm) -> Self {
        match form {
            PictureForm::Png => Self::Png,
            PictureForm::Jpeg { .. } => Self::Jpeg,
        }
    }
}

impl PictureKind {
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    #[error("no phone answers to {0}")]
    UnknownDevice(String),
    #[error("{serial} is {state}{}", in_brackets(.reason.as_deref()))]
    NotOnline {
        serial: String,
        state: DeviceState,
        reason: Option<String>,
    },
    #[error("the host of this phone is not connected")]
    HostAway,
    /// The phone or its agent said no; `bad_input` where no phone could do it.
    #[error("{message}")]
    Refused { message: String, bad_input: bool },
    /// It may have happened or not: look before it is repeated.
    #[error("{message}")]
    Uncertain { message: String },
    /// No answer in time, and nothing was changed.
    #[error("no answer in time")]
    Deadline,
}

fn in_brackets(reason: Option<&str>) -> String {
    reason.map(|reason| format!(" ({reason})")).unwrap_or_default()
}

impl Ask {
    fn to_wire(&self, serial: &str) -> AgentAsk {
        let serial = serial.to_owned();
        match self {
            Self::Screenshot { max: None } => AgentAsk::Screenshot {
                serial,
                form: PictureForm::Png,
            },
            Self::Screenshot { max: Some(max) } => {
                let form = PictureForm::Jpeg {
                    max: *max,
                    quality: JPEG_QUALITY,
                };
                AgentAsk::Screenshot { serial, form }
            }
            Self::Glimpse { max, unless } => {
                let form = PictureForm::Jpeg {
                    max: *max,
                    quality: LIVE_QUALITY,
                };
                AgentAsk::Glimpse {
                    serial,
                    form,
                    unless: *unless,
                }
            }
            Self::Hierarchy => AgentAsk::Hierarchy { serial },
            Self::Foreground => AgentAsk::Foreground { serial },
            Self::Input(act) => AgentAsk::Input {
                serial,
                act: act.clone(),
            },
            Self::Identify { index } => AgentAsk::Identify {
                serial,
                index: *index,
            },
            Self::Prepare { check } => AgentAsk::Prepare {
                serial,
                check_only: *check,
            },
        }
    }

    /// Whether it does something that must not be repeated without looking.
    fn acts(&self) -> bool {
        matches!(self, Self::Input(_))
    }
}

/// Asks the agent at the other end of `connection`, in the words of its version.
pub(super) async fn ask(
    connection: &Connection,
    serial: &str,
    ask: &Ask,
    deadline: Duration,
) -> Result<Answer, AskError> {
    let version = super::session::alpn_version(connection).unwrap_or_default();
    if let Ask::Glimpse { max, unless } = ask
        && version < GLIMPSES
    {
        return glimpse_of_old(connection, serial, *max, *unless, deadline).await;
    }
    let mut talk = Talk::open(connection, ask.acts(), deadline).await?;
    talk.say(ask.to_wire(serial)).await?;
    let mut steps = Vec::new();
    loop {
        match talk.hear().await? {
            AgentReply::Step(step) => steps.push(step),
            AgentReply::Progress { .. } | AgentReply::Records(_) => {}
            AgentReply::Done => return Ok(Answer::Done),
            AgentReply::Prepared { ready } => return Ok(Answer::Prepared { ready, steps }),
            AgentReply::Hierarchy { xml, driver } => return Ok(Answer::Hierarchy { xml, driver }),
            AgentReply::Foreground(front) => return Ok(Answer::Foreground(front)),
            AgentReply::Picture { form, bytes } => {
                let kind = form.into();
                return Ok(Answer::Picture { kind, bytes });
            }
            AgentReply::Glimpse { form, bytes, tag } => {
                let kind = form.into();
                return Ok(Answer::Glimpse { kind, bytes, tag });
            }
            AgentReply::Unchanged => return Ok(Answer::Unchanged),
            AgentReply::Failed(failure) => return Err(refusal(serial, failure)),
        }
    }
}

/// The same of an agent that knows no tags: the picture comes each time, and is compared here.
async fn glimpse_of_old(
    connection: &Connection,
    serial: &str,
    max: u32,
    unless: Option<u64>,
    deadline: Duration,
) -> Result<Answer, AskError> {
    let question = Ask::Screenshot { max: Some(max) };
    let Answer::Picture { kind, bytes } = Box::pin(ask(connection, serial, &question, deadline)).await?
    else {
        return Err(AskError::HostAway);
    };
    let mut hasher = std::hash::DefaultHasher::new();
    std::hash::Hasher::write(&mut hasher, &bytes);
    let tag = std::hash::Hasher::finish(&hasher);
    Ok(if unless == Some(tag) {
        Answer::Unchanged
    } else {
        Answer::Glimpse { kind, bytes, tag }
    })
}

/// Whether the agent answers at all.
pub(super) async fn ping(connection: &Connection, deadline: Duration) -> bool {
    let asked = async {
        let mut talk = Talk::open(connection, false, deadline).await?;
        talk.say(AgentAsk::Ping).await?;
        talk.hear().await
    };
    matches!(asked.await, Ok(AgentReply::Done))
}

pub(super) fn refusal(serial: &str, failure: Failure) -> AskError {
    let Failure { kind, message } = failure;
    match kind {
        FailureKind::UnknownPhone => AskError::UnknownDevice(serial.to_owned()),
        FailureKind::NotOnline(state) => AskError::NotOnline {
            serial: serial.to_owned(),
            state,
            reason: Some(message),
        },
        FailureKind::Refused | FailureKind::Unsupported | FailureKind::Busy => AskError::Refused {
            message,
            bad_input: false,
        },
        FailureKind::BadInput => AskError::Refused {
            message,
            bad_input: true,
        },
        FailureKind::Uncertain => AskError::Uncertain { message },
        FailureKind::Deadline => AskError::Deadline,
    }
}

/// One stream to an agent. Dropping it before the last word ends the work at the agent.
pub(super) struct Talk {
    send: SendStream,
    recv: RecvStream,
    until: Instant,
    acts: bool,
    sent: bool,
}

impl Talk {
    pub(super) async fn open(
        connection: &Connection,
        acts: bool,
        deadline: Duration,
    ) -> Result<Self, AskError> {
        let until = Instant::now() + deadline;
        match tokio::time::timeout_at(until, connection.open_bi()).await {
            Ok(Ok((send, recv))) => Ok(Self {
                send,
                recv,
                until,
                acts,
                sent: false,
            }),
            Ok(Err(_)) => Err(AskError::HostAway),
            Err(_) => Err(AskError::Deadline),
        }
    }

    /// Sends the request and, where nothing follows it, the stream's end.
    pub(super) async fn say(&mut self, ask: AgentAsk) -> Result<(), AskError> {
        let followed = matches!(ask, AgentAsk::Install { .. });
        let left = self.until.saturating_duration_since(Instant::now());
        let millis = left.saturating_sub(HEAD_START).max(left / 2).as_millis();
        let request = ToAgent {
            deadline: u32::try_from(millis).unwrap_or(u32::MAX),
            ask,
        };
        self.sent = true;
        match tokio::time::timeout_at(self.until, stream::send(&mut self.send, &request)).await {
            Ok(Ok(())) => {}
            Ok(Err(FrameError::Codec(error))) => {
                self.sent = false;
                return Err(AskError::Refused {
                    message: error.to_string(),
                    bad_input: true,
                });
            }
            Ok(Err(error)) => return Err(self.lost(&error.to_string())),
            Err(_) => return Err(self.late()),
        }
        if !followed {
            // Already gone is told by the answer that does not come.
            let _ = self.send.finish();
        }
        Ok(())
    }

    /// The agent's next word.
    pub(super) async fn hear(&mut self) -> Result<AgentReply, AskError> {
        match tokio::time::timeout_at(self.until, stream::expect(&mut self.recv)).await {
            Ok(Ok(reply)) => Ok(reply),
            Ok(Err(error)) => Err(self.lost(&error.to_string())),
            Err(_) => Err(self.late()),
        }
    }

    /// Both directions at once, for an agent that talks while it listens.
    pub(super) fn halves(&mut self) -> (&mut SendStream, &mut RecvStream) {
        (&mut self.send, &mut self.recv)
    }

    fn lost(&self, why: &str) -> AskError {
        if self.acts && self.sent {
            AskError::Uncertain {
                message: format!(
                    "the link broke before the phone's answer came ({why}): it may have happened"
                ),
            }
        } else {
            AskError::HostAway
        }
    }

    fn late(&self) -> AskError {
        if self.acts && self.sent {
            AskError::Uncertain {
                message: "the phone's answer did not come in time: it may have happened".to_owned(),
            }
        } else {
            AskError::Deadline
        }
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // Where the stream has ended in peace there is nothing to reset, and that is not an error.
        let _ = self.send.reset(0_u32.into());
        let _ = self.recv.stop(0_u32.into());
    }
}
