//! What this agent was about to do and did, written down before and after: `intent`, `done`, `void`, each fsynced
//! before anything follows from it.
//!
//! The file is only ever appended to, has an identity of its own, and one process at a time. A line that was cut off
//! by a power failure is the last one and counts as never written; a damaged line before it is refused, because what
//! is missing then could be an act. It is kept for years, so only where each grant's lines lie is held in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::broken::{Part, lacks};
use shared::wire::work::CommitKind;

/// The file's name in its folder.
pub const FILE: &str = "journal.jsonl";
/// 1 knew no task, attempt, account and kind.
const VERSION: u32 = 2;
/// A journal is kept for years; a larger one is somebody else's file.
const LARGEST: u64 = 16 << 30;
/// The longest record, in bytes; evidence is a few texts.
const LONGEST_RECORD: usize = 256 << 10;
/// Of the checksum before each record, in hexadecimal digits.
const CHECKSUM: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error("the journal {path}: {doing}")]
    Io {
        path: PathBuf,
        doing: &'static str,
        source: io::Error,
    },
    #[error("the journal {0} is in use by another process: one agent at a time")]
    InUse(PathBuf),
    #[error(
        "the journal {path} is damaged at line {line}: it may have lost an act; restore it from a copy, or move it away and look at the accounts first"
    )]
    Damaged { path: PathBuf, line: usize },
    #[error("the journal {0} is no journal of an agent")]
    NotAJournal(PathBuf),
    #[error("the journal {path} is of a newer agent (version {version}): run that one")]
    Newer { path: PathBuf, version: u32 },
    #[error("a record of {0} bytes is too long for the journal: keep evidence short")]
    TooLong(usize),
    /// What a disk that failed once has kept is not known: nothing more is intended before it was read again.
    #[error("the journal {0} could not be written before: start the agent again")]
    Broken(PathBuf),
    /// Somebody asked what became of it, and was told that nothing did and nothing will.
    #[error("the leave {0} was given back before the act: nothing was done under it")]
    Settled(String),
}

impl JournalError {
    /// The disk that it lies on has no room left.
    pub fn is_full_disk(&self) -> bool {
        matches!(self, Self::Io { source, .. } if is_full_disk(source))
    }
}

/// There is no room left on a disk, or none that this user may have.
pub(crate) fn is_full_disk(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// What an act is about to be, and under which leave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intent {
    pub grant: String,
    /// The grantor counts them: one that falls behind has lost its memory.
    pub number: u64,
    #[serde(default)]
    pub task: String,
    #[serde(default)]
    pub attempt: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<i64>,
    pub commit: String,
    #[serde(default = "append")]
    pub kind: CommitKind,
    pub key: String,
    pub evidence: Value,
    pub at: Timestamp,
}

/// Of an old line nobody knows: what must not be repeated is the safe guess.
fn append() -> CommitKind {
    CommitKind::Append
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
enum Record {
    /// The first line.
    Journal { identity: String, version: u32 },
    /// The act is about to be done.
    Intent(Intent),
    /// It was done, or seen to be done.
    Done {
        grant: String,
        proof: Value,
        at: Timestamp,
    },
    /// It was not done, and will not be under this grant.
    Void {
        grant: String,
        why: String,
        at: Timestamp,
    },
}

/// How a grant stands in the journal.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    Intent { evidence: Value },
    Done { proof: Value },
    Void,
}

/// A grant with all that is written of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub grant: String,
    /// `None` where it was void before anything was intended.
    pub intent: Option<Intent>,
    pub entry: Entry,
}

/// Where a grant's lines lie.
#[derive(Debug, Clone, Default)]
struct Place {
    intent: Option<u64>,
    done: Option<u64>,
    void: bool,
}

/// The open journal; it is unlocked when it is dropped.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    identity: String,
    grants: BTreeMap<String, Place>,
    /// The grants that something was intended under, as the grantor counts them.
    order: BTreeSet<(u64, String)>,
    highest: u64,
    /// Where the next line begins.
    end: u64,
    broken: bool,
}

impl Journal {
    /// Opens the journal in `folder`, making both where they are not there.
    pub fn open(folder: &Path) -> Result<Self, JournalError> {
        let path = folder.join(FILE);
        let io = |doing| {
            let path = path.clone();
            move |source| JournalError::Io { path, doing, source }
        };
        std::fs::create_dir_all(folder).map_err(io("making its folder"))?;
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(io("opening it"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(JournalError::InUse(path)),
            Err(TryLockError::Error(source)) => return Err(io("locking it")(source)),
        }
        let size = file.metadata().map_err(io("measuring it"))?.len();
        if size > LARGEST {
            return Err(JournalError::NotAJournal(path));
        }
        let mut journal = Self {
            file,
            path,
            identity: String::new(),
            grants: BTreeMap::new(),
            order: BTreeSet::new(),
            highest: 0,
            end: 0,
            broken: false,
        };
        journal.read()?;
        if journal.end < size {
            // The torn end of a line that nothing followed from.
            journal.cut_off().map_err(journal.io("cutting off a torn line"))?;
        }
        if journal.identity.is_empty() {
            journal.identity = format!("{:032x}", rand::random::<u128>());
            journal.write(&Record::Journal {
                identity: journal.identity.clone(),
                version: VERSION,
            })?;
            // The file's name must survive too.
            sync_folder(folder).map_err(journal.io("keeping its folder"))?;
        }
        Ok(journal)
    }

    fn io(&self, doing: &'static str) -> impl FnOnce(io::Error) -> JournalError + use<> {
        let path = self.path.clone();
        move |source| JournalError::Io { path, doing, source }
    }

    /// Whose records these are: a journal that was copied or lost is another one.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The highest number of a grant that an act was intended under.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// How a grant stands; `None` where nothing was ever written of it.
    pub fn entry(&self, grant: &str) -> Result<Option<Entry>, JournalError> {
        match self.grants.get(grant) {
            Some(place) => Ok(Some(self.told(grant, place)?.entry)),
            None => Ok(None),
        }
    }

    /// All that is written of a grant; `None` where nothing is.
    pub fn look_up(&self, grant: &str) -> Result<Option<Told>, JournalError> {
        let place = self.grants.get(grant);
        place.map(|place| self.told(grant, place)).transpose()
    }

    /// The grants with a higher number than this, in their order: about so many.
    pub fn after(&self, number: u64, about: usize) -> Result<Vec<Told>, JournalError> {
        let mut all: Vec<Told> = Vec::new();
        let mut last = number;
        for (number, grant) in self.order.range((number.saturating_add(1), String::new())..) {
            // Who asks on asks after the last number.
            if all.len() >= about && *number != last {
                break;
            }
            last = *number;
            all.extend(self.look_up(grant)?);
        }
        Ok(all)
    }

    /// Writes down that the act is about to be done. Only when this returns may it be.
    pub fn intent(&mut self, intent: Intent) -> Result<(), JournalError> {
        if self.grants.contains_key(&intent.grant) {
            return Err(JournalError::Settled(intent.grant));
        }
        self.write(&Record::Intent(intent))
    }

    pub fn done(&mut self, grant: &str, proof: &Value, at: Timestamp) -> Result<(), JournalError> {
        self.write(&Record::Done {
            grant: grant.to_owned(),
            proof: proof.clone(),
            at,
        })
    }

    /// Writes down that nothing was and nothing will be done under this grant.
    pub fn void(&mut self, grant: &str, why: &str, at: Timestamp) -> Result<(), JournalError> {
        if lacks(Part::Void) {
            return Ok(());
        }
        self.write(&Record::Void {
            grant: grant.to_owned(),
            why: why.to_owned(),
            at,
        })
    }

    fn write(&mut self, record: &Record) -> Result<(), JournalError> {
        let line = line(record);
        if line.len() > LONGEST_RECORD {
            return Err(JournalError::TooLong(line.len()));
        }
        if self.broken {
            return Err(JournalError::Broken(self.path.clone()));
        }
        // One write, so that what is cut off is one line at the end.
        if let Err(source) = self.file.write_all(line.as_bytes()) {
            // A full disk may have taken a part of it, which would damage whatever follows.
            self.broken = self.cut_off().is_err();
            return Err(self.io("writing a record")(source));
        }
        if let Err(source) = self.file.sync_data() {
            self.broken = true;
            return Err(self.io("making a record last")(source));
        }
        let at = self.end;
        self.end += line.len() as u64;
        self.note(record, at);
        Ok(())
    }

    fn cut_off(&self) -> io::Result<()> {
        self.file.set_len(self.end)?;
        self.file.sync_data()
    }

    /// Reads all lines and notes where they lie.
    fn read(&mut self) -> Result<(), JournalError> {
        let io = self.io("reading it");
        let file = self.file.try_clone().map_err(self.io("reading it"))?;
        let mut reader = BufReader::with_capacity(LONGEST_RECORD, file);
        let mut bytes = Vec::new();
        let mut read_line = move || -> io::Result<Option<Line>> {
            bytes.clear();
            let mut limited = (&mut reader).take(LONGEST_RECORD as u64 + 1);
            let read = limited.read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            let whole = bytes.strip_suffix(b"\n");
            let last = reader.fill_buf()?.is_empty();
            Ok(Some(Line {
                record: whole.and_then(parse),
                length: read as u64,
                torn: whole.is_none(),
                last,
            }))
        };
        let mut number = 0;
        loop {
            let line = match read_line() {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(source) => return Err(io(source)),
            };
            number += 1;
            let Some(record) = line.record else {
                return match number {
                    2.. if line.last => Ok(()),
                    1 if line.last && line.torn && line.length < FIRST_LINE => Ok(()),
                    1 => Err(JournalError::NotAJournal(self.path.clone())),
                    line => Err(JournalError::Damaged {
                        path: self.path.clone(),
                        line,
                    }),
                };
            };
            match (&record, number) {
                (Record::Journal { version, .. }, 1) if *version > VERSION => {
                    return Err(JournalError::Newer {
                        path: self.path.clone(),
                        version: *version,
                    });
                }
                (Record::Journal { identity, .. }, 1) => self.identity.clone_from(identity),
                (_, 1) | (Record::Journal { .. }, _) => {
                    return Err(JournalError::NotAJournal(self.path.clone()));
                }
                _ => self.note(&record, self.end),
            }
            self.end += line.length;
        }
    }

    /// Notes where a record lies.
    fn note(&mut self, record: &Record, at: u64) {
        match record {
            Record::Journal { .. } => {}
            Record::Intent(intent) => {
                self.highest = self.highest.max(intent.number);
                self.order.insert((intent.number, intent.grant.clone()));
                self.grants.entry(intent.grant.clone()).or_default().intent = Some(at);
            }
            Record::Done { grant, .. } => self.grants.entry(grant.clone()).or_default().done = Some(at),
            Record::Void { grant, .. } => self.grants.entry(grant.clone()).or_default().void = true,
        }
    }

    fn told(&self, grant: &str, place: &Place) -> Result<Told, JournalError> {
        let intent = match place.intent.map(|at| self.record(at)).transpose()? {
            Some(Record::Intent(intent)) => Some(intent),
            _ => None,
        };
        let done = match place.done.map(|at| self.record(at)).transpose()? {
            Some(Record::Done { proof, .. }) => Some(proof),
            _ => None,
        };
        // What was done stays done, whatever was written of it later.
        let entry = match (done, place.void, &intent) {
            (Some(proof), ..) => Entry::Done { proof },
            (None, false, Some(intent)) => Entry::Intent {
                evidence: intent.evidence.clone(),
            },
            (None, ..) => Entry::Void,
        };
        Ok(Told {
            grant: grant.to_owned(),
            intent,
            entry,
        })
    }

    /// The record at this place, which was whole when it was noted.
    fn record(&self, at: u64) -> Result<Record, JournalError> {
        let read = || -> io::Result<Option<Record>> {
            let mut file = &self.file;
            file.seek(SeekFrom::Start(at))?;
            let mut bytes = Vec::new();
            let mut reader = BufReader::new(file).take(LONGEST_RECORD as u64 + 1);
            reader.read_until(b'\n', &mut bytes)?;
            Ok(bytes.strip_suffix(b"\n").and_then(parse))
        };
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a line changed since it was written");
        read()
            .and_then(|record| record.ok_or_else(damaged))
            .map_err(self.io("reading a record again"))
    }
}

/// A line as it was read.
struct Line {
    record: Option<Record>,
    length: u64,
    /// Its end is missing.
    torn: bool,
    /// Nothing follows.
    last: bool,
}

/// The first line is no longer; a longer one that cannot be read is somebody else's.
const FIRST_LINE: u64 = 256;

fn line(record: &Record) -> String {
    let text = serde_json::to_string(record).unwrap_or_default();
    format!("{} {text}\n", checksum(text.as_bytes()))
}

fn parse(line: &[u8]) -> Option<Record> {
    let (sum, text) = line.split_at_checked(CHECKSUM)?;
    let text = text.strip_prefix(b" ")?;
    (checksum(text).as_bytes() == sum).then(|| serde_json::from_slice(text).ok())?
}

fn checksum(bytes: &[u8]) -> String {
    let mut digits = shared::pack::files::hex(&Sha256::digest(bytes));
    digits.truncate(CHECKSUM);
    digits
}

/// A new file lasts when its folder was written too; only Unix has that.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
