//! The outbox on disk: a file for each message, written whole or not at all, and a list of the attempts that have ended.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use shared::pack::files::hex;
use shared::wire::codec::Message as _;
use shared::wire::message::ToController;
use shared::wire::work::Id;

use super::OutboxError;
use crate::journal::{is_full_disk, sync_folder};

const ENDING: &str = "message";
/// One line an attempt: its id and when it ended, in milliseconds since 1970.
const ENDED: &str = "ended";
/// So long an attempt is known to have ended.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// After so many lines the list is written anew without the old ones.
const REWRITE: usize = 20_000;

/// See the module.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    next: AtomicU64,
    ended: Mutex<Ended>,
}

#[derive(Debug, Default)]
struct Ended {
    when: BTreeMap<Id, i64>,
    lines: usize,
}

impl Files {
    /// Opens the folder; answers what lies in it, in its order.
    pub(super) fn open(
        folder: &Path,
        now: Timestamp,
    ) -> Result<(Self, Vec<(u64, ToController)>), OutboxError> {
        let at = |doing| failed(folder, doing);
        fs::create_dir_all(folder).map_err(at("making its folder"))?;
        let mut kept = Vec::new();
        for entry in fs::read_dir(folder).map_err(at("reading its folder"))? {
            let path = entry.map_err(at("reading its folder"))?.path();
            let number = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .and_then(|stem| stem.parse::<u64>().ok());
            let (Some(number), true) = (number, path.extension().is_some_and(|ending| ending == ENDING))
            else {
                continue;
            };
            let bytes = fs::read(&path).map_err(failed(&path, "reading a message"))?;
            match ToController::from_bytes(&bytes) {
                Ok(message) => kept.push((number, message)),
                Err(error) => {
                    // What it was stands in the journal, where the controller looks for it.
                    tracing::error!(path = %path.display(), %error, "a message in the outbox cannot be read; it is set aside");
                    let _ = fs::rename(&path, path.with_extension("unreadable"));
                }
            }
        }
        kept.sort_by_key(|(number, _)| *number);
        let next = kept.last().map_or(0, |(number, _)| number + 1);
        let files = Self {
            folder: folder.to_owned(),
            next: AtomicU64::new(next),
            ended: Mutex::new(Ended::default()),
        };
        files.read_ended(now)?;
        Ok((files, kept))
    }

    /// Keeps a message; when this returns, it outlives a power cut.
    pub(super) fn put(&self, message: &ToController) -> Result<u64, OutboxError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path(number);
        let write = || -> io::Result<()> {
            let bytes = message.to_bytes().map_err(io::Error::other)?;
            whole(&path, &bytes)
        };
        write().map_err(failed(&path, "keeping a message"))?;
        Ok(number)
    }

    pub(super) fn remove(&self, number: u64) -> Result<(), OutboxError> {
        let path = self.path(number);
        fs::remove_file(&path).map_err(failed(&path, "removing a message"))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("{number:020}.{ENDING}"))
    }

    pub(super) fn has_ended(&self, attempt: &Id) -> bool {
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.when.contains_key(attempt)
    }

    pub(super) fn ended(&self, attempt: Id, now: Timestamp) -> Result<(), OutboxError> {
        let path = self.folder.join(ENDED);
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.when.insert(attempt, now.as_millisecond());
        ended.lines += 1;
        if ended.lines > REWRITE {
            return self.rewrite(&mut ended, now);
        }
        let append = || -> io::Result<()> {
            let mut file = OpenOptions::new().append(true).create(true).open(&path)?;
            file.write_all(line(&attempt, now.as_millisecond()).as_bytes())?;
            file.sync_data()
        };
        append().map_err(failed(&path, "noting an end"))
    }

    fn read_ended(&self, now: Timestamp) -> Result<(), OutboxError> {
        let path = self.folder.join(ENDED);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(failed(&path, "reading the ends")(error)),
        };
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        // The torn end of a line is no line; its message says the same.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        ended.when = whole.lines().filter_map(parse).collect();
        match self.rewrite(&mut ended, now) {
            Ok(()) => {}
            // The list as it is says the same: what is on a host whose disk is full must not be out of reach.
            Err(OutboxError::Io { path, source, .. })
                if is_full_disk(&source) && (text.is_empty() || text.ends_with('\n')) =>
            {
                tracing::error!(path = %path.display(), error = %source, "the list of ends stays as it is");
            }
            Err(error) => return Err(error),
        }
        sync_folder(&self.folder).map_err(failed(&self.folder, "keeping its folder"))
    }

    fn rewrite(&self, ended: &mut Ended, now: Timestamp) -> Result<(), OutboxError> {
        let path = self.folder.join(ENDED);
        let oldest = now.as_millisecond() - i64::try_from(REMEMBERED.as_millis()).unwrap_or(i64::MAX);
        ended.when.retain(|_, when| *when >= oldest);
        ended.lines = ended.when.len();
        let text: String = ended
            .when
            .iter()
            .map(|(attempt, when)| line(attempt, *when))
            .collect();
        whole(&path, text.as_bytes()).map_err(failed(&path, "writing the ends"))
    }
}

fn line(attempt: &Id, when: i64) -> String {
    format!("{} {when}\n", hex(attempt))
}

fn parse(line: &str) -> Option<(Id, i64)> {
    let (attempt, when) = line.split_once(' ')?;
    let attempt = u128::from_str_radix(attempt, 16).ok()?.to_be_bytes();
    Some((attempt, when.parse().ok()?))
}

/// Writes a file whole and lasting, or not at all.
pub(crate) fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    match path.parent() {
        Some(folder) => sync_folder(folder),
        None => Ok(()),
    }
}

pub(super) fn failed(path: &Path, doing: &'static str) -> impl Fn(io::Error) -> OutboxError + use<> {
    let path = path.to_owned();
    move |source| OutboxError::Io {
        path: path.clone(),
        doing,
        source,
    }
}
