//! What this agent was about to do and did, written down before and after: `intent`, `done`, `void`, each fsynced
//! before anything follows from it.
//!
//! The file is only ever appended to, has an identity of its own, and one process at a time. A line that was cut off
//! by a power failure is the last one and counts as never written; a damaged line before it is refused, because what
//! is missing then could be an act.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The file's name in its folder.
pub const FILE: &str = "journal.jsonl";
/// A journal is kept for years; a larger one is somebody else's file.
const LARGEST: u64 = 1 << 30;
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
    #[error("a record of {0} bytes is too long for the journal: keep evidence short")]
    TooLong(usize),
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
enum Record {
    /// The first line.
    Journal { identity: String, version: u32 },
    /// The act is about to be done.
    Intent {
        grant: String,
        /// The grantor counts them: one that falls behind has lost its memory.
        number: u64,
        commit: String,
        key: String,
        evidence: Value,
        at: Timestamp,
    },
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

/// The open journal; it is unlocked when it is dropped.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    identity: String,
    grants: BTreeMap<String, Entry>,
    highest: u64,
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
        let mut file = OpenOptions::new()
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
        if file.metadata().map_err(io("measuring it"))?.len() > LARGEST {
            return Err(JournalError::NotAJournal(path));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io("reading it"))?;
        let read = read(&bytes, &path)?;
        if read.whole < bytes.len() as u64 {
            // The torn end of a line that nothing followed from.
            file.set_len(read.whole).map_err(io("cutting off a torn line"))?;
            file.seek(SeekFrom::End(0))
                .map_err(io("cutting off a torn line"))?;
            file.sync_data().map_err(io("cutting off a torn line"))?;
        }
        let mut journal = Self {
            file,
            path: path.clone(),
            identity: read.identity.unwrap_or_default(),
            grants: read.grants,
            highest: read.highest,
        };
        if journal.identity.is_empty() {
            journal.identity = format!("{:032x}", rand::random::<u128>());
            journal.write(&Record::Journal {
                identity: journal.identity.clone(),
                version: 1,
            })?;
            // The file's name must survive too.
            sync_folder(folder).map_err(io("keeping its folder"))?;
        }
        Ok(journal)
    }

    /// Whose records these are: a journal that was copied or lost is another one.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The highest number of a grant that an act was intended under.
    pub fn highest(&self) -> u64 {
        self.highest
    }

    /// How a grant stands; `None` where nothing was ever intended under it.
    pub fn entry(&self, grant: &str) -> Option<&Entry> {
        self.grants.get(grant)
    }

    /// Writes down that the act is about to be done. Only when this returns may it be.
    pub fn intent(
        &mut self,
        grant: &str,
        number: u64,
        commit: &str,
        key: &str,
        evidence: &Value,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        self.write(&Record::Intent {
            grant: grant.to_owned(),
            number,
            commit: commit.to_owned(),
            key: key.to_owned(),
            evidence: evidence.clone(),
            at,
        })
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
        let io = |doing| {
            let path = self.path.clone();
            move |source| JournalError::Io { path, doing, source }
        };
        // One write, so that what is cut off is one line at the end.
        self.file
            .write_all(line.as_bytes())
            .map_err(io("writing a record"))?;
        self.file.sync_data().map_err(io("making a record last"))?;
        self.highest = self.highest.max(number_of(record));
        apply(&mut self.grants, record.clone());
        Ok(())
    }
}

/// What was read, and how far it was whole.
struct Read {
    identity: Option<String>,
    grants: BTreeMap<String, Entry>,
    highest: u64,
    whole: u64,
}

fn read(bytes: &[u8], path: &Path) -> Result<Read, JournalError> {
    let mut read = Read {
        identity: None,
        grants: BTreeMap::new(),
        highest: 0,
        whole: 0,
    };
    let mut rest = bytes;
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let end = rest.iter().position(|byte| *byte == b'\n');
        let record = end.and_then(|end| parse(&rest[..end]));
        let (Some(end), Some(record)) = (end, record) else {
            let last = end.is_none_or(|end| end + 1 == rest.len());
            return if last && (number > 1 || end.is_none()) {
                Ok(read)
            } else if number == 1 {
                Err(JournalError::NotAJournal(path.to_owned()))
            } else {
                Err(JournalError::Damaged {
                    path: path.to_owned(),
                    line: number,
                })
            };
        };
        match (&record, number) {
            (Record::Journal { identity, .. }, 1) => read.identity = Some(identity.clone()),
            (_, 1) | (Record::Journal { .. }, _) => return Err(JournalError::NotAJournal(path.to_owned())),
            _ => {
                read.highest = read.highest.max(number_of(&record));
                apply(&mut read.grants, record);
            }
        }
        read.whole += end as u64 + 1;
        rest = &rest[end + 1..];
    }
    Ok(read)
}

fn number_of(record: &Record) -> u64 {
    match record {
        Record::Intent { number, .. } => *number,
        _ => 0,
    }
}

fn apply(grants: &mut BTreeMap<String, Entry>, record: Record) {
    match record {
        Record::Journal { .. } => {}
        Record::Intent { grant, evidence, .. } => {
            grants.insert(grant, Entry::Intent { evidence });
        }
        Record::Done { grant, proof, .. } => {
            grants.insert(grant, Entry::Done { proof });
        }
        Record::Void { grant, .. } => {
            // What was done stays done.
            let entry = grants.entry(grant).or_insert(Entry::Void);
            if !matches!(entry, Entry::Done { .. }) {
                *entry = Entry::Void;
            }
        }
    }
}

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
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    fn filled(folder: &Path) -> Vec<u8> {
        let mut journal = Journal::open(folder).unwrap();
        journal
            .intent("a", 1, "post", "k1", &json!({"caption": "Grüße"}), NOON)
            .unwrap();
        journal.done("a", &json!({"url": "x"}), NOON).unwrap();
        journal.intent("b", 2, "follow", "k2", &json!({}), NOON).unwrap();
        journal.void("b", "not sent", NOON).unwrap();
        journal.intent("c", 3, "post", "k3", &json!({}), NOON).unwrap();
        drop(journal);
        std::fs::read(folder.join(FILE)).unwrap()
    }

    #[test]
    fn what_was_written_is_read_again_under_the_same_identity() {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path());
        let first = Journal::open(folder.path()).unwrap();
        let identity = first.identity().to_owned();
        drop(first);
        let journal = Journal::open(folder.path()).unwrap();
        assert_eq!(journal.identity(), identity);
        assert_eq!(
            journal.entry("a"),
            Some(&Entry::Done {
                proof: json!({"url": "x"})
            })
        );
        assert_eq!(journal.entry("b"), Some(&Entry::Void));
        assert_eq!(journal.entry("c"), Some(&Entry::Intent { evidence: json!({}) }));
        assert_eq!(journal.entry("d"), None);
        assert_eq!(journal.highest(), 3);
    }

    #[test]
    fn one_process_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let _held = Journal::open(folder.path()).unwrap();
        assert!(matches!(
            Journal::open(folder.path()),
            Err(JournalError::InUse(_))
        ));
    }

    #[test]
    fn a_void_never_undoes_what_was_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(folder.path()).unwrap();
        journal.done("a", &json!(1), NOON).unwrap();
        journal.void("a", "late", NOON).unwrap();
        assert_eq!(journal.entry("a"), Some(&Entry::Done { proof: json!(1) }));
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = filled(folder.path());
        let second = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 30;
        bytes[second] ^= 1;
        std::fs::write(folder.path().join(FILE), &bytes).unwrap();
        assert!(matches!(
            Journal::open(folder.path()),
            Err(JournalError::Damaged { line: 2, .. })
        ));
        std::fs::write(folder.path().join(FILE), "some text\nand more\n").unwrap();
        assert!(matches!(
            Journal::open(folder.path()),
            Err(JournalError::NotAJournal(_))
        ));
    }

    proptest! {
        /// A power cut at any byte: every record that was whole is there, the torn one is not, and it can be written on.
        #[test]
        fn cut_anywhere_it_holds_what_was_whole(cut in 0.0_f64..1.0) {
            let folder = tempfile::tempdir().unwrap();
            let bytes = filled(folder.path());
            let at = (bytes.len() as f64 * cut) as usize;
            std::fs::write(folder.path().join(FILE), &bytes[..at]).unwrap();
            let lines = bytes[..at].split(|byte| *byte == b'\n').count() - 1;
            let mut journal = Journal::open(folder.path()).unwrap();
            prop_assert_eq!(journal.entry("a").is_some(), lines >= 2);
            let done = matches!(journal.entry("a"), Some(Entry::Done { .. }));
            prop_assert_eq!(done, lines >= 3);
            prop_assert_eq!(journal.entry("c").is_some(), lines >= 6);
            journal.intent("z", 9, "post", "k", &json!({}), NOON).unwrap();
            drop(journal);
            let again = Journal::open(folder.path()).unwrap();
            prop_assert!(again.entry("z").is_some());
        }
    }
}
