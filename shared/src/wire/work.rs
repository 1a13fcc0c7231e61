//! Work on its way: what a host is told to do, what it asks for while it does it, and how it ended.
//!
//! An *attempt* is one go at a task on one phone. Everything that is said of it names it by its id, so that each message
//! may be said again after a lost answer: an order that is known already is confirmed once more, a grant that was given
//! is given again, an end that was heard is confirmed again.

use super::codec::{Decode, Encode};

/// A UUID's bytes.
pub type Id = [u8; 16];
/// SHA-256 of a content.
pub type Hash = [u8; 32];

/// An attempt to be made.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Order {
    pub attempt: Id,
    pub task: i64,
    /// Which attempt at this task it is, from 1.
    pub number: u32,
    /// The controller's history: it jumps when the database was taken back.
    pub epoch: u64,
    pub serial: String,
    /// The pack's content; its files are asked for with [`super::message::ToController::Pack`].
    pub pack: Hash,
    pub flow: String,
    /// A JSON object, checked by the pack.
    pub parameters: String,
    pub account: Option<OrderAccount>,
    pub materials: Vec<OrderMaterial>,
    /// Everything random follows from it.
    pub seed: u64,
    /// The app's package, where the account has one of its own.
    pub package: Option<String>,
    /// Real milliseconds after which all input stops when the link is gone.
    pub lease: u32,
    /// The longest that the flow may take, in its own milliseconds.
    pub longest: u64,
}

/// For whom a flow runs. Its secrets are asked for when they are needed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct OrderAccount {
    pub id: i64,
    pub username: String,
    pub email: String,
    pub has_2fa: bool,
}

/// A file that a flow needs; its bytes are asked for with [`super::message::ToController::Material`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct OrderMaterial {
    pub name: String,
    pub kind: MaterialKind,
    pub hash: Hash,
    pub size: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum MaterialKind {
    // 0
    Video,
    // 1
    Image,
}

/// What a host knows when its link comes up. Said before anything else of work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Standing {
    /// Whose intents are in its journal.
    pub journal: String,
    /// The highest number of a grant that stands in it: a controller that knows of fewer has lost its memory.
    pub highest: u64,
    /// The attempts that it works on or whose end was not confirmed yet.
    pub attempts: Vec<Id>,
}

/// How far an attempt is. Only the newest of each counts.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Progress {
    pub attempt: Id,
    /// 0 to 100.
    pub percent: u8,
    pub line: String,
    /// How many steps were done.
    pub steps: u32,
}

/// A line of an attempt's log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct LogLine {
    pub attempt: Id,
    /// Milliseconds since 1970, by the host's clock.
    pub at: i64,
    pub line: String,
}

/// In which language the phone of an attempt talks: "en", "fr".
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Spoken {
    pub attempt: Id,
    pub language: String,
}

/// Leave to act is asked for; also the question what became of the act before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct GrantAsk {
    pub attempt: Id,
    /// The same number asks for the same grant again, after a lost answer.
    pub request: u64,
    pub commit: String,
    pub kind: CommitKind,
    pub key: String,
    /// JSON: what was read before the act.
    pub evidence: String,
    /// Whose intents it will stand in.
    pub journal: String,
    pub highest: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitKind {
    // 0: it can be seen again: a follow, a like, a field.
    State,
    // 1: each time leaves another one: a post, a comment.
    Append,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum GrantAnswer {
    // 0: once, for so many milliseconds from when it was asked for.
    Granted { grant: Id, number: u64, valid: u32 },
    // 1: it was done before; nothing is to be done. The proof as JSON.
    Done { proof: String },
    // 2: leave was given before and nobody knows what came of it. The evidence as JSON.
    Unknown { grant: Id, evidence: String },
    // 3: the flow ends with this kind of failure.
    Refused { kind: String, why: String },
    // 4: nothing is known of such an act, or it is free; only an answer to the question about the past.
    Nothing,
    // 5: as `Unknown`, but the intent would stand in another journal than the one that asks: that it is not in this one
    // says nothing, only a look at the app does.
    Elsewhere { grant: Id, evidence: String },
}

/// What came of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Settlement {
    pub attempt: Id,
    pub grant: Id,
    pub outcome: GrantOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum GrantOutcome {
    // 0: it was done, or seen to be done. The proof as JSON.
    Done { proof: String },
    // 1: it was not done and will not be: the journal in which its intent would stand says so.
    Void { why: String },
    // 2: nobody knows.
    Unknown { why: String },
    // 3: somebody looked, and it is not done: frees a state act, whoever looked.
    NotSeen { why: String },
}

/// How an attempt ended. Kept by the host until it is confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AttemptEnd {
    pub attempt: Id,
    pub outcome: AttemptOutcome,
    pub steps: u32,
    /// Real milliseconds.
    pub took: u64,
    /// How the phone was read and touched, and the app's version, where it came so far.
    pub driver: String,
    pub app_version: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum AttemptOutcome {
    // 0: the flow's result as JSON.
    Done { result: String },
    // 1
    Failed(AttemptFailure),
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct AttemptFailure {
    /// A name of `pack::failure::FailureKind`.
    pub kind: String,
    pub message: String,
    /// It may have been done all the same.
    pub uncertain: bool,
    /// Where in the script: file and line.
    pub place: Option<(String, u32)>,
}

/// One grant as a journal has it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct JournalRecord {
    pub grant: Id,
    pub number: u64,
    pub task: i64,
    pub attempt: Id,
    pub account: i64,
    pub commit: String,
    pub kind: CommitKind,
    pub key: String,
    pub state: JournalState,
    /// Milliseconds since 1970: when it was intended.
    pub at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum JournalState {
    // 0: about to be done, and nothing after that. The evidence as JSON.
    Intent { evidence: String },
    // 1: the proof as JSON.
    Done { proof: String },
    // 2: void, also where nothing had been written of it until it was asked for.
    Void,
}

/// What a flow may be given while it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub enum SecretKind {
    // 0
    Password,
    // 1: a one-time code of this moment, never the same twice.
    Totp,
}

/// A secret on its way; does not show itself.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub struct Told(String);

impl Told {
    pub fn new(secret: &crate::secret::SecretText) -> Self {
        Self(secret.expose().to_owned())
    }

    pub fn take(mut self) -> crate::secret::SecretText {
        crate::secret::SecretText::new(std::mem::take(&mut self.0))
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

impl std::fmt::Debug for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
