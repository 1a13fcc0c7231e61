//! What was really done to a phone: lasting effects, append-only, on disk before they show on the screen, so that a
//! kill -9 of the simulator at any moment loses none and invents none.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One effect, one line of JSON in `ledger.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// 1, 2, 3, … without gaps.
    pub seq: u64,
    /// The host's wall clock, RFC 3339.
    pub at: jiff::Timestamp,
    /// Package of the app that did it.
    pub app: String,
    /// "note_saved", "post", "follow", …
    pub kind: String,
    /// What it was done to and with.
    #[serde(flatten)]
    pub detail: Map<String, Value>,
}

/// A phone's ledger, in its data folder.
#[derive(Debug)]
pub struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    entries: Vec<Entry>,
}

impl Ledger {
    /// Opens or creates the ledger at `path`. A last line cut off by a crash was never acknowledged and is dropped.
    pub fn open(path: &Path) -> std::io::Result<Self> {
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(path)?;
        let mut entries = Vec::new();
        let mut whole = 0_u64;
        let mut reader = BufReader::new(&mut file);
        let mut line = String::new();
        while reader.read_line(&mut line)? > 0 {
            let Ok(entry) = serde_json::from_str::<Entry>(&line) else {
                break;
            };
            if !line.ends_with('\n') {
                break;
            }
            whole += line.len() as u64;
            entries.push(entry);
            line.clear();
        }
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self {
            inner: Mutex::new(Inner { file, entries }),
        })
    }

    /// Writes an effect and returns once it is on the disk. Call it before the effect becomes visible.
    #[expect(
        clippy::disallowed_methods,
        reason = "the ledger's times are the host's wall clock"
    )]
    pub fn record(&self, app: &str, kind: &str, detail: Map<String, Value>) -> std::io::Result<Entry> {
        let mut inner = self
            .inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let at = jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default();
        let entry = Entry {
            seq: inner.entries.len() as u64 + 1,
            at,
            app: app.to_owned(),
            kind: kind.to_owned(),
            detail,
        };
        let mut line = serde_json::to_vec(&entry)?;
        line.push(b'\n');
        inner.file.write_all(&line)?;
        inner.file.sync_data()?;
        inner.entries.push(entry.clone());
        Ok(entry)
    }

    pub fn entries(&self) -> Vec<Entry> {
        self.inner
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .entries
            .clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reopened_ledger_keeps_whole_lines_and_drops_a_torn_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ledger.jsonl");
        let ledger = Ledger::open(&path).unwrap();
        ledger.record("app", "first", Map::new()).unwrap();
        drop(ledger);
        OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap()
            .write_all(b"{\"seq\":2,\"at\"")
            .unwrap();
        let ledger = Ledger::open(&path).unwrap();
        assert_eq!(ledger.entries().len(), 1);
        let second = ledger.record("app", "second", Map::new()).unwrap();
        assert_eq!(second.seq, 2);
        assert_eq!(Ledger::open(&path).unwrap().entries().len(), 2);
    }
}
