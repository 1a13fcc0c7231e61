//! What is said after the welcome. All enums are append-only: the order of variants is their number.

use super::codec::{Decode, Encode};
use super::phone::Batch;
use super::work::{
    AttemptEnd, GrantAnswer, GrantAsk, Hash, Id, JournalRecord, LogLine, Order, Progress, SecretKind,
    Settlement, Spoken, Standing, Told,
};
use crate::act::InputAct;
use crate::device::{DeviceState, Foreground};

/// Agent → controller on the control stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Report {
    // 0
    Phones(Batch),
    // 1: first of all that is said of work on a link.
    Standing(Standing),
    // 2
    Progress(Vec<Progress>),
    // 3
    Log(Vec<LogLine>),
    // 4, from version 2 on: in which languages the phones of attempts talk.
    Spoken(Vec<Spoken>),
}

/// Controller → agent on the control stream.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Notice {
    // 0: the controller ends the link, and says why; the connection's close follows.
    Goodbye { reason: String },
}

/// A request to the agent, first on a stream of its own.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ToAgent {
    /// The controller stops waiting after so many milliseconds.
    pub deadline: u32,
    pub ask: AgentAsk,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AgentAsk {
    // 0: are you there?
    Ping,
    // 1
    Screenshot {
        serial: String,
        form: PictureForm,
    },
    // 2
    Hierarchy {
        serial: String,
    },
    // 3
    Foreground {
        serial: String,
    },
    // 4
    Input {
        serial: String,
        act: InputAct,
    },
    // 5: show the phone's number large on its screen.
    Identify {
        serial: String,
        index: u32,
    },
    // 6: walk it to readiness, or only look.
    Prepare {
        serial: String,
        check_only: bool,
    },
    // 7: `size` bytes of an APK follow on the stream.
    Install {
        serial: String,
        size: u64,
    },
    // 8: make this attempt; confirmed once it is in hand. One that is known already is confirmed again.
    Work(Order),
    // 9: stop this attempt, within a second; confirmed also where it is not known.
    StopWork {
        attempt: Id,
    },
    // 10: what became of these grants. For one that nothing was written of, the journal writes down that it is void
    // before it answers so.
    LookUp {
        grants: Vec<Id>,
    },
    // 11: the whole journal, from the first grant whose number is greater than `after`.
    Replay {
        after: u64,
    },
    // 12, from version 2 on: a picture, unless the screen is still the one that the agent gave this tag.
    Glimpse {
        serial: String,
        form: PictureForm,
        unless: Option<u64>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum PictureForm {
    // 0: as the phone takes it.
    Png,
    // 1: scaled down until neither side is longer than `max` pixels.
    Jpeg { max: u32, quality: u8 },
}

/// The agent's answer: any number of `Step` and `Progress`, then one of the others.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AgentReply {
    // 0: done, with nothing to tell.
    Done,
    // 1
    Failed(Failure),
    // 2
    Picture {
        form: PictureForm,
        bytes: Vec<u8>,
    },
    // 3
    Hierarchy {
        xml: String,
        driver: String,
    },
    // 4
    Foreground(Foreground),
    // 5: one step of a preparation, as it is done.
    Step(PrepareStep),
    // 6: bytes of an app that are on the phone, of all.
    Progress {
        done: u64,
        total: u64,
    },
    // 7: the preparation is over.
    Prepared {
        ready: bool,
    },
    // 8: grants out of the journal; `Done` follows the last ones.
    Records(Vec<JournalRecord>),
    // 9, from version 2 on: a picture with the agent's own tag of what was on the screen.
    Glimpse {
        form: PictureForm,
        bytes: Vec<u8>,
        tag: u64,
    },
    // 10, from version 2 on: the screen shows what it showed.
    Unchanged,
}

/// Why the agent or the phone did not do it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Failure {
    pub kind: FailureKind,
    /// For people: what was being done, and what to do about it.
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum FailureKind {
    // 0: this host has no such phone.
    UnknownPhone,
    // 1
    NotOnline(DeviceState),
    // 2: the phone said no.
    Refused,
    // 3: no phone could do it.
    BadInput,
    // 4: it may have happened: look before it is repeated.
    Uncertain,
    // 5: nothing was done in time.
    Deadline,
    // 6: this agent does not know the request.
    Unsupported,
    // 7: too much is asked of this agent at once.
    Busy,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PrepareStep {
    /// Short and stable: "screen_lock".
    pub name: String,
    /// What is being looked at, for people.
    pub title: String,
    pub state: PrepareState,
    /// What was found.
    pub found: String,
    /// Why it matters or what to do.
    pub advice: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum PrepareState {
    // 0: was right already.
    Ok,
    // 1: was wrong and is right now.
    Fixed,
    // 2: is wrong, and would be put right.
    WouldFix,
    // 3: a person has to do something on the phone.
    NeedsPerson,
    // 4: cannot be seen from here.
    Unseen,
    // 5: could not be put right.
    Failed,
}

impl PrepareState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fixed => "fixed",
            Self::WouldFix => "would_fix",
            Self::NeedsPerson => "needs_person",
            Self::Unseen => "unseen",
            Self::Failed => "failed",
        }
    }
}

/// A request to the controller, first on a stream of its own that the agent opens.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ToController {
    // 0: a new certificate for the key of this connection.
    Renew { csr: Vec<u8> },
    // 1: leave for a lasting act.
    Grant(GrantAsk),
    // 2: what became of such an act before, without asking for leave.
    Earlier(GrantAsk),
    // 3: what came of a grant.
    Settle(Settlement),
    // 4: an attempt has ended.
    Ended(AttemptEnd),
    // 5: the password or a code of this attempt's account.
    Secret { attempt: Id, what: SecretKind },
    // 6: a pack's files.
    Pack { hash: Hash },
    // 7: a material's bytes, from `offset` on.
    Material { hash: Hash, offset: u64 },
    // 8: evidence of an attempt: `size` bytes follow on the stream.
    Artifact { attempt: Id, name: String, size: u64 },
    // 9: whether this attempt may go on, after a time alone that was longer than its lease: `Done`, or `NotYours`.
    Mine { attempt: Id },
}

/// The controller's answer.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum ControllerReply {
    // 0: a certificate (DER), its end and the controller's clock, both milliseconds since 1970.
    Renewed {
        certificate: Vec<u8>,
        not_after: i64,
        now: i64,
    },
    // 1
    Failed {
        message: String,
    },
    // 2: heard, and kept.
    Done,
    // 3
    Grant(GrantAnswer),
    // 4
    Secret(Told),
    // 5: names and texts.
    Pack(Vec<(String, String)>),
    // 6: so many bytes follow on the stream.
    Bytes {
        size: u64,
    },
    // 7: this attempt is not this host's, or not alive any more: it ends without another touch.
    NotYours {
        why: String,
    },
    // 8: not now; the same again in a moment.
    Later {
        why: String,
    },
}
