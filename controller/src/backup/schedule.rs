//! Backups by themselves: one each so often, the newest few kept. When the last one was is read from the folder, so a
//! restart neither forgets nor repeats one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::clock::SharedClock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{BackupError, backup};
use crate::store::Store;

const FORMAT: &str = "drover-%Y%m%dT%H%M%SZ.db";
/// After one that failed, the next is tried this soon, or at its time if that is sooner.
const AGAIN: Duration = Duration::from_secs(300);

/// How often, where to, and how many are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupPlan {
    pub folder: PathBuf,
    pub every: Duration,
    /// At least one is kept.
    pub keep: usize,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub at: Timestamp,
    pub file: PathBuf,
    pub bytes: u64,
}

/// How the schedule fares.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackupStatus {
    /// The newest, also one from before the start.
    pub last: Option<Done>,
    /// Why the latest attempt failed; `None` where it did not.
    pub trouble: Option<(Timestamp, String)>,
    pub next: Option<Timestamp>,
}

/// Makes backups until it is told to stop; publishes how it fares. An old one is removed only after a new one stands.
pub async fn scheduled(
    store: Store,
    plan: BackupPlan,
    clock: SharedClock,
    status: watch::Sender<BackupStatus>,
    stop: CancellationToken,
) {
    let newest = made(&plan.folder)
        .ok()
        .and_then(|made| made.into_iter().next_back());
    let mut due = newest
        .as_ref()
        .map_or(clock.now(), |newest| after(newest.at, plan.every));
    status.send_modify(|status| status.last = newest);
    loop {
        status.send_modify(|status| status.next = Some(due));
        let wait = Duration::try_from(due.duration_since(clock.now())).unwrap_or_default();
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = clock.sleep(wait) => {}
        }
        let now = clock.now();
        match one(&store, &plan, now).await {
            Ok(done) => {
                tracing::info!(file = %done.file.display(), bytes = done.bytes, "backup made");
                due = after(now, plan.every);
                status.send_modify(|status| {
                    status.last = Some(done);
                    status.trouble = None;
                });
            }
            Err(why) => {
                tracing::error!(error = why, "no backup could be made");
                due = after(now, plan.every.min(AGAIN));
                status.send_modify(|status| status.trouble = Some((now, why)));
            }
        }
    }
}

/// Makes a backup outside the schedule, under a name that the schedule's retention knows.
pub async fn once(store: &Store, folder: &Path, now: Timestamp) -> Result<Done, BackupError> {
    make_folder(folder).map_err(BackupError::file("making the folder", folder))?;
    let file = folder.join(now.strftime(FORMAT).to_string());
    let bytes = backup(store, &file).await?;
    Ok(Done { at: now, file, bytes })
}

async fn one(store: &Store, plan: &BackupPlan, now: Timestamp) -> Result<Done, String> {
    let done = once(store, &plan.folder, now)
        .await
        .map_err(|error| told(&error))?;
    if let Err(error) = prune(&plan.folder, plan.keep.max(1)) {
        tracing::warn!(error = %error, "old backups could not be removed");
    }
    Ok(done)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// The backups of a schedule in a folder, oldest first; other files are none of its business.
fn made(folder: &Path) -> io::Result<Vec<Done>> {
    let mut made = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(at) = entry.file_name().to_str().and_then(time_of) {
            made.push(Done {
                at,
                file: entry.path(),
                bytes: entry.metadata()?.len(),
            });
        }
    }
    made.sort_by_key(|done| done.at);
    Ok(made)
}

fn time_of(name: &str) -> Option<Timestamp> {
    let time = jiff::civil::DateTime::strptime(FORMAT, name).ok()?;
    time.to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|time| time.timestamp())
}

/// Removes all but the newest, and what a backup that was cut short has left.
fn prune(folder: &Path, keep: usize) -> io::Result<()> {
    let made = made(folder)?;
    for old in &made[..made.len().saturating_sub(keep)] {
        fs::remove_file(&old.file)?;
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_left_over) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_left_over(name: &str) -> bool {
    let part = name.strip_prefix('.').and_then(|name| name.strip_suffix(".part"));
    part.and_then(|part| part.rsplit_once('.'))
        .is_some_and(|(name, _)| time_of(name).is_some())
}

fn after(time: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    time.saturating_add(by).unwrap_or(Timestamp::MAX)
}

/// An error and its causes on one line.
fn told(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        line = format!("{line}: {cause}");
        source = cause.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_the_schedule_are_its_business() {
        assert!(time_of("drover-20261121T065633Z.db").is_some());
        for name in [
            "drover.db",
            "drover-20261121T065633Z.db-wal",
            "drover-20261321T065633Z.db",
            "mine.db",
        ] {
            assert!(time_of(name).is_none(), "{name}");
        }
        assert!(is_left_over(".drover-20261121T065633Z.db.0123456789abcdef.part"));
        assert!(!is_left_over(".mine.db.0123456789abcdef.part"));
    }

    #[test]
    fn the_newest_are_kept_and_other_files_stay() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "drover-20261119T000000Z.db",
            "drover-20261120T000000Z.db",
            "drover-20261121T000000Z.db",
        ];
        for name in names
            .iter()
            .chain(&["before-update.db", ".drover-20261121T000000Z.db.ab.part"])
        {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        prune(folder.path(), 2).unwrap();
        let mut left: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["before-update.db", names[1], names[2]]);
    }
}
