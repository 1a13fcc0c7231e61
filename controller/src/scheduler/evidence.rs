//! Keeps the evidence of attempts within its bounds, by age and by size, the oldest going first. Rows go before files: no
//! file is named that is gone, and what a crash leaves lying is swept up later.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Engine, artifact_file, complain};
use crate::store::{FORGOTTEN_AT_ONCE, StoreError};

/// Attempts that are looked for at once.
const LOOKED_AT: usize = 2_000;
/// Folders whose files are held against their rows at once.
const FOLDERS: usize = 200;
/// A file is there before its row: what has none is nobody's only after this time.
const STRAY_AFTER: Duration = Duration::from_secs(3600);

/// Since when an attempt must be over to be too old; `None` where none is.
fn too_old(now: Timestamp, keep: Duration) -> Option<Timestamp> {
    let keep = SignedDuration::try_from(keep).ok()?;
    now.saturating_sub(keep).ok()
}

/// Those that have to go, of the oldest first, so that all are no more than `most` bytes.
fn too_many(total: u64, most: u64, oldest: &[(Uuid, u64)]) -> Vec<Uuid> {
    let mut left = total;
    let over = oldest.iter().take_while(|(_, size)| {
        let goes = left > most;
        left = left.saturating_sub(*size);
        goes
    });
    over.map(|(attempt, _)| *attempt).collect()
}

impl Engine {
    /// Beside the loop, and never two at once.
    pub(super) fn sweep_evidence(&self, strays: bool) {
        let engine = self.clone();
        self.spawn(async move {
            let Ok(_alone) = engine.inner.sweeping.try_lock() else {
                return;
            };
            let swept = async {
                let forgotten = engine.forget_evidence().await?;
                let stray = if strays { engine.sweep_strays().await? } else { 0 };
                Ok::<_, StoreError>((forgotten, stray))
            };
            match swept.await {
                Ok((0, 0)) | Err(StoreError::NotLeader) => {}
                Ok((attempts, strays)) => {
                    tracing::info!(attempts, strays, "old evidence was removed");
                }
                Err(error) => complain("removing old evidence", &error),
            }
        });
    }

    async fn forget_evidence(&self) -> Result<usize, StoreError> {
        let (rules, mut gone) = (self.rules(), 0);
        if let Some(before) = too_old(self.now(), rules.evidence_keep) {
            loop {
                let old = self.store().evidence_before(before, LOOKED_AT).await?;
                let removed = self.remove_evidence(&old).await?;
                gone += removed;
                if removed == 0 || old.len() < LOOKED_AT {
                    break;
                }
            }
        }
        loop {
            let total = self.store().evidence_size().await?;
            if total <= rules.evidence_most {
                return Ok(gone);
            }
            let oldest = self.store().oldest_evidence(LOOKED_AT).await?;
            let removed = self
                .remove_evidence(&too_many(total, rules.evidence_most, &oldest))
                .await?;
            gone += removed;
            // All that is left belongs to work that is not over.
            if removed == 0 {
                return Ok(gone);
            }
        }
    }

    async fn remove_evidence(&self, attempts: &[Uuid]) -> Result<usize, StoreError> {
        let mut gone = 0;
        for some in attempts.chunks(FORGOTTEN_AT_ONCE) {
            let forgotten = self.store().forget_evidence(some.to_vec()).await?;
            gone += forgotten.attempts.len();
            if forgotten.files.is_empty() {
                continue;
            }
            let data = self.inner.parts.data_dir.clone();
            blocking(move || remove_files(&data, &forgotten.files)).await?;
        }
        Ok(gone)
    }

    /// Removes files that have had no row for long.
    async fn sweep_strays(&self) -> Result<usize, StoreError> {
        let (data, now) = (
            self.inner.parts.data_dir.join("artifacts"),
            SystemTime::from(self.now()),
        );
        // Where there never was any evidence, no thread has to look for it.
        if !data.exists() {
            return Ok(0);
        }
        let (folders, mut removed) = (blocking(move || folders(&data)).await?, 0);
        for some in folders.chunks(FOLDERS) {
            let ids = some.iter().map(|(attempt, _)| *attempt).collect();
            let known = self.store().evidence_names(ids).await?;
            let some = some.to_vec();
            removed += blocking(move || remove_strays(&some, &known, now)).await?;
        }
        Ok(removed)
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| StoreError::Failed {
        doing: "removing files of evidence".to_owned(),
        source: error.into(),
    })
}

fn remove_files(data: &Path, files: &[(Uuid, String)]) {
    for (attempt, name) in files {
        let file = artifact_file(data, *attempt, name);
        remove(&file);
        // Not as long as there is another file in it.
        if let Some(folder) = file.parent() {
            let _ = std::fs::remove_dir(folder);
        }
    }
}

fn remove(file: &Path) -> bool {
    match std::fs::remove_file(file) {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            tracing::warn!(%error, file = %file.display(), "a file of evidence could not be removed");
            false
        }
    }
}

/// The attempts that have a folder.
fn folders(data: &Path) -> Vec<(Uuid, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(data) else {
        return Vec::new();
    };
    let named = entries.flatten().filter_map(|entry| {
        let attempt = Uuid::parse_str(entry.file_name().to_str()?).ok()?;
        Some((attempt, entry.path()))
    });
    named.collect()
}

fn remove_strays(folders: &[(Uuid, PathBuf)], known: &BTreeSet<(Uuid, String)>, now: SystemTime) -> usize {
    let mut removed = 0;
    for (attempt, folder) in folders {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let changed = entry.metadata().and_then(|about| about.modified());
            let is_old = changed.is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > STRAY_AFTER));
            if is_old && !known.contains(&(*attempt, name)) && remove(&entry.path()) {
                removed += 1;
            }
        }
        let _ = std::fs::remove_dir(folder);
    }
    removed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_until_the_rest_has_room_and_no_more() {
        let [a, b, c] = [1, 2, 3].map(Uuid::from_u128);
        let oldest = [(a, 50), (b, 10), (c, 40)];
        assert!(too_many(100, 100, &oldest).is_empty());
        assert_eq!(too_many(100, 99, &oldest), [a]);
        assert_eq!(too_many(100, 50, &oldest), [a]);
        assert_eq!(too_many(100, 49, &oldest), [a, b]);
        assert_eq!(too_many(100, 0, &oldest), [a, b, c]);
        // What is not in the list belongs to work that is not over.
        assert_eq!(too_many(500, 200, &oldest), [a, b, c]);
    }

    #[test]
    fn an_attempt_is_too_old_when_it_was_over_before_the_time_that_is_kept() {
        let now: Timestamp = "2026-03-31T08:00:00Z".parse().unwrap();
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(
            too_old(now, day * 30),
            Some("2026-03-01T08:00:00Z".parse().unwrap())
        );
    }

    #[test]
    fn what_no_row_names_is_swept_after_a_while_and_nothing_else() {
        let data = tempfile::tempdir().unwrap();
        let (known, lost) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let files = [(known, "screen.png"), (known, ".tmpA"), (lost, "screen.png")];
        for (attempt, name) in files {
            let file = artifact_file(data.path(), attempt, name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, "x").unwrap();
        }
        let others = data.path().join("artifacts").join("notes");
        std::fs::create_dir_all(&others).unwrap();
        let rows = BTreeSet::from([(known, "screen.png".to_owned())]);
        let folders = folders(&data.path().join("artifacts"));
        assert_eq!(folders.len(), 2);
        let now = SystemTime::from(shared::clock::Clock::now(&shared::clock::SystemClock));
        assert_eq!(
            remove_strays(&folders, &rows, now),
            0,
            "their rows may still come"
        );
        assert_eq!(remove_strays(&folders, &rows, now + STRAY_AFTER * 2), 2);
        assert!(artifact_file(data.path(), known, "screen.png").is_file());
        assert!(!artifact_file(data.path(), known, ".tmpA").exists());
        assert!(!data.path().join("artifacts").join(lost.to_string()).exists() && others.is_dir());
    }
}
