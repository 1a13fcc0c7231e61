//! What is known after a run, as plain values: what the phones did, what the database says, what the journals say.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::task::{GrantState, TaskState};
use shared::wire::work::CommitKind;

/// One lasting thing, by what it was done to or with: "follow" of a username, "like" of a post's code, "comment" with a
/// text, "post" of a file's SHA-256, or with a caption where the controller chooses the file out of its library.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Deed {
    pub platform: String,
    pub account: String,
    pub kind: String,
    pub what: String,
}

/// An entry of a phone's ledger.
#[derive(Debug, Clone)]
pub struct Effect {
    pub serial: String,
    pub seq: u64,
    pub deed: Deed,
    /// The SHA-256 of the file that was published.
    pub content: Option<String>,
    pub at: Timestamp,
}

/// A task as the database has it at the end.
#[derive(Debug, Clone)]
pub struct TaskFact {
    pub id: i64,
    pub state: TaskState,
    /// The kind of its failure.
    pub error: Option<String>,
    /// Waits at `/attention`.
    pub at_attention: bool,
}

/// An attempt as the database has it.
#[derive(Debug, Clone)]
pub struct AttemptFact {
    pub id: String,
    pub task: i64,
    /// When it was over, however that was.
    pub over_at: Option<Timestamp>,
    pub outcome: Option<String>,
}

/// A grant as the database has it.
#[derive(Debug, Clone)]
pub struct GrantFact {
    /// 32 digits, as the journals write it.
    pub id: String,
    pub number: i64,
    pub task: i64,
    pub attempt: String,
    pub commit: String,
    pub kind: CommitKind,
    pub key: String,
    pub journal: String,
    pub state: GrantState,
    pub why: Option<String>,
    pub granted_at: Timestamp,
    pub settled_at: Option<Timestamp>,
    /// A person has said what came of it.
    pub by_person: bool,
}

/// A record of a journal, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Intent { grant: String, number: i64 },
    Done { grant: String, at: Timestamp },
    Void { grant: String },
}

/// A journal.
#[derive(Debug, Clone, Default)]
pub struct JournalFact {
    pub identity: String,
    pub lines: Vec<Line>,
    /// The product has it no more: the run took it away, and kept a copy for the checker.
    pub lost: bool,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// The tasks that were accepted, and what each is for.
    pub accepted: BTreeMap<i64, Deed>,
    pub effects: Vec<Effect>,
    pub tasks: Vec<TaskFact>,
    pub attempts: Vec<AttemptFact>,
    pub grants: Vec<GrantFact>,
    pub journals: Vec<JournalFact>,
}
