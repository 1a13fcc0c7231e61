//! What failed attempts left for the person who looks at them: sent after the end was confirmed, then deleted. Evidence
//! is worth something and not everything: what is too much or too old goes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use shared::pack::files::hex;
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::Id;
use tokio::sync::Semaphore;

use super::files::failed;
use super::{LATER, OutboxError};
use crate::link::controller::AskError;
use crate::link::{Controller, chain};

/// The largest file, and how many of one attempt.
const LARGEST: u64 = 8 << 20;
const MOST_FILES: usize = 16;
/// All that waits, in bytes, and for how long.
const MOST_BYTES: u64 = 256 << 20;
const OLDEST: Duration = Duration::from_secs(7 * 24 * 3600);
/// Attempts whose evidence is sent at once: orders and grants go first.
const AT_ONCE: usize = 2;
/// A transfer that broke is begun anew this often.
const TRIES: u32 = 5;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    folder: PathBuf,
    controller: Controller,
    turns: Arc<Semaphore>,
}

impl Evidence {
    pub(super) fn open(folder: PathBuf, controller: Controller) -> Result<Self, OutboxError> {
        fs::create_dir_all(&folder).map_err(failed(&folder, "making its folder"))?;
        Ok(Self {
            folder,
            controller,
            turns: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    pub(super) fn folder(&self, attempt: &Id) -> PathBuf {
        self.folder.join(hex(attempt))
    }

    /// After a start: what belongs to an end that is still to be confirmed waits for that; the rest is sent now.
    pub(super) fn keep_only(&self, unconfirmed: &[Id]) {
        for (attempt, _, _) in self.kept() {
            if !unconfirmed.contains(&attempt) {
                self.send(attempt);
            }
        }
    }

    /// Sends what there is of an attempt and deletes it.
    pub(super) fn send(&self, attempt: Id) {
        self.make_room();
        let folder = self.folder(&attempt);
        if !folder.is_dir() {
            return;
        }
        let evidence = self.clone();
        tokio::spawn(async move {
            let Ok(_turn) = evidence.turns.acquire().await else {
                return;
            };
            for path in files_in(&folder) {
                if !evidence.send_file(attempt, &path).await {
                    break;
                }
            }
            if let Err(error) = fs::remove_dir_all(&folder) {
                tracing::warn!(folder = %folder.display(), %error, "evidence cannot be removed");
            }
        });
    }

    /// False where the controller wants nothing more of this attempt.
    async fn send_file(&self, attempt: Id, path: &Path) -> bool {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut tries = 0;
        loop {
            let Ok(mut file) = tokio::fs::File::open(path).await else {
                return true;
            };
            let size = file.metadata().await.map(|data| data.len()).unwrap_or_default();
            let artifact = ToController::Artifact {
                attempt,
                name: name.clone(),
                size,
            };
            match self.controller.send(&artifact, &mut file, size).await {
                Ok(ControllerReply::Later { .. }) => self.controller.clock().sleep(LATER).await,
                Ok(ControllerReply::NotYours { .. }) => return false,
                Ok(ControllerReply::Done) => return true,
                Ok(reply) => {
                    tracing::warn!(name, ?reply, "the controller does not take a piece of evidence");
                    return true;
                }
                Err(error @ AskError::Broken(_)) => {
                    tries += 1;
                    if tries == TRIES {
                        tracing::warn!(name, error = chain(&error), "evidence is given up");
                        return true;
                    }
                }
                Err(error) => {
                    tracing::warn!(name, error = chain(&error), "evidence cannot be sent");
                    return true;
                }
            }
        }
    }

    /// What lies here: the attempt, its age and its size.
    fn kept(&self) -> Vec<(Id, Duration, u64)> {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return Vec::new();
        };
        let kept = entries.flatten().filter_map(|entry| {
            let name = entry.file_name();
            let attempt = u128::from_str_radix(name.to_str()?, 16).ok()?.to_be_bytes();
            let age = entry
                .metadata()
                .ok()?
                .modified()
                .ok()?
                .elapsed()
                .unwrap_or_default();
            let sizes = files_in(&entry.path()).into_iter();
            let sizes = sizes.filter_map(|path| Some(fs::metadata(path).ok()?.len()));
            Some((attempt, age, sizes.sum()))
        });
        kept.collect()
    }

    fn make_room(&self) {
        let mut kept = self.kept();
        kept.sort_by_key(|(_, age, _)| *age);
        let mut room = MOST_BYTES;
        for (attempt, age, size) in kept {
            match room.checked_sub(size) {
                Some(left) if age < OLDEST => room = left,
                _ => {
                    tracing::warn!(
                        attempt = hex(&attempt),
                        "evidence that waited too long is deleted"
                    );
                    let _ = fs::remove_dir_all(self.folder(&attempt));
                }
            }
        }
    }
}

/// The files of a bundle that may be sent, in their order.
fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| {
            entry
                .metadata()
                .is_ok_and(|data| data.is_file() && data.len() <= LARGEST)
        })
        .map(|entry| entry.path())
        .collect();
    files.sort();
    files.truncate(MOST_FILES);
    files
}
