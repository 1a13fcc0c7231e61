//! The farm in one file, made while the farm works, and brought back. A backup is always a database of SQLite, whatever
//! the farm's own is: one made from either can be restored into either.
//!
//! Keys and certificates of the farm's own authority are not in it; they lie apart on purpose.

mod schedule;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use shared::clock::SharedClock;
use uuid::Uuid;

use crate::store::{AuditEntry, DatabaseUrl, Lease, Store, StoreError, copy};

pub use schedule::{BackupPlan, BackupStatus, Done, once, scheduled};

/// Why there is no backup, or why it was not restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("{doing} {path}")]
    File {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },

    #[error("{path} is no backup that can be restored")]
    NotABackup {
        path: PathBuf,
        #[source]
        source: StoreError,
    },

    /// The copy does not stand up to a check: the farm's own database may be damaged.
    #[error("the copy that was made is not whole")]
    NotWhole(#[source] StoreError),

    #[error("{path} is the database itself")]
    Itself { path: PathBuf },

    #[error("the farm is in use by {holder}: stop it first")]
    InUse { holder: String },

    #[error("{doing}")]
    Store {
        doing: &'static str,
        #[source]
        source: StoreError,
    },
}

impl BackupError {
    fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    fn store(doing: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |source| match source {
            StoreError::InUse { holder } => Self::InUse { holder },
            source => Self::Store { doing, source },
        }
    }
}

/// Writes the farm as it is at one moment to `file`: there is the whole of it or what was there before, never a part.
/// Answers its size in bytes.
pub async fn backup(store: &Store, file: &Path) -> Result<u64, BackupError> {
    refuse_itself(store.address(), file)?;
    let part = part_of(file);
    let written = write_part(store, &part).await;
    let written = match written {
        Ok(size) => rename(&part, file).map(|()| size),
        Err(error) => Err(error),
    };
    if written.is_err() {
        let _ = fs::remove_file(&part);
    }
    written
}

async fn write_part(store: &Store, part: &Path) -> Result<u64, BackupError> {
    make_private(part)?;
    store
        .copy_to(part)
        .await
        .map_err(BackupError::store("copying the farm"))?;
    copy::check_file(part).await.map_err(BackupError::NotWhole)?;
    let path = part.to_owned();
    let flushed = tokio::task::spawn_blocking(move || {
        let file = fs::File::open(&path)?;
        file.sync_all()?;
        Ok(file.metadata()?.len())
    });
    flushed
        .await
        .unwrap_or_else(|lost| Err(io::Error::other(lost)))
        .map_err(BackupError::file("flushing", part))
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Where the farm that was there before lies now.
    pub kept: Option<PathBuf>,
}

/// Puts the farm in `file` in the place of the one at `url`, all of it or nothing. Refused while a controller is active
/// there. What was there is kept aside: beside the database, or for Postgres beside `file`.
pub async fn restore(url: &DatabaseUrl, file: &Path, clock: SharedClock) -> Result<Restored, BackupError> {
    let not_a_backup = |source| BackupError::NotABackup {
        path: file.to_owned(),
        source,
    };
    refuse_itself(Some(url), file)?;
    fs::File::open(file).map_err(BackupError::file("reading", file))?;
    copy::check_file(file).await.map_err(not_a_backup)?;
    let now = clock.now();
    let staged = Staged::new(&staging_folder(url))?;
    copy::copy_file(file, &staged.0).await.map_err(not_a_backup)?;
    copy::migrate_file(&staged.0, now).await.map_err(not_a_backup)?;

    let was_there = match url {
        DatabaseUrl::Sqlite(path) => path.exists(),
        DatabaseUrl::Postgres(_) => true,
    };
    let (store, moved) = open_or_move_aside(url, clock, now).await?;
    let restored = replace(&store, &staged.0, file, now, was_there && moved.is_none()).await;
    store.close().await;
    Ok(Restored {
        kept: restored?.or(moved),
    })
}

/// The store, with the role of the controller still to be taken. A damaged file of SQLite is moved away: no
/// controller works with it, and what is in it cannot be copied.
async fn open_or_move_aside(
    url: &DatabaseUrl,
    clock: SharedClock,
    now: Timestamp,
) -> Result<(Store, Option<PathBuf>), BackupError> {
    let opened = match Store::open(url, clock.clone()).await {
        Ok(store) => match store.check_integrity().await {
            Ok(()) => Ok(store),
            Err(error) => {
                let leader = store.leader().await;
                store.close().await;
                if let Ok(Some(holder)) = leader {
                    return Err(BackupError::InUse {
                        holder: holder.to_string(),
                    });
                }
                Err(error)
            }
        },
        Err(error) => Err(error),
    };
    let opening = "opening the database";
    match (opened, url) {
        (Ok(store), _) => Ok((store, None)),
        (Err(StoreError::Damaged { message }), DatabaseUrl::Sqlite(path)) => {
            let aside = aside(path, now);
            tracing::warn!(aside = %aside.display(), message, "the database is damaged and is moved aside");
            for end in ["", "-wal", "-shm"] {
                match fs::rename(with_end(path, end), with_end(&aside, end)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(BackupError::file("moving aside", path)(error));
                    }
                    _ => {}
                }
            }
            let store = Store::open(url, clock)
                .await
                .map_err(BackupError::store(opening))?;
            Ok((store, Some(aside)))
        }
        (Err(error), _) => Err(BackupError::store(opening)(error)),
    }
}

async fn replace(
    store: &Store,
    staged: &Path,
    file: &Path,
    now: Timestamp,
    keep: bool,
) -> Result<Option<PathBuf>, BackupError> {
    let lead = store
        .try_lead(Lease::default())
        .await
        .map_err(BackupError::store("taking the place of the controller"))?;
    let kept = if keep
        && !store
            .is_untouched()
            .await
            .map_err(BackupError::store("reading the database"))?
    {
        let aside = match store.address() {
            Some(DatabaseUrl::Sqlite(path)) => aside(path, now),
            _ => aside(file, now),
        };
        backup(store, &aside).await?;
        Some(aside)
    } else {
        None
    };
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let entry = AuditEntry::new("command line", "restore", name);
    store
        .replace_with(staged, entry)
        .await
        .map_err(BackupError::store("putting the backup in place"))?;
    lead.release()
        .await
        .map_err(BackupError::store("giving the place of the controller back"))?;
    Ok(kept)
}

/// A backup over the database that it is made from would be the end of both.
fn refuse_itself(database: Option<&DatabaseUrl>, file: &Path) -> Result<(), BackupError> {
    let Some(DatabaseUrl::Sqlite(path)) = database else {
        return Ok(());
    };
    let place = |path: &Path| fs::canonicalize(path).ok();
    if place(path).is_some_and(|path| place(file) == Some(path)) {
        return Err(BackupError::Itself {
            path: file.to_owned(),
        });
    }
    Ok(())
}

/// A copy that may be changed, gone when it is dropped.
struct Staged(PathBuf);

impl Staged {
    fn new(folder: &Path) -> Result<Self, BackupError> {
        fs::create_dir_all(folder).map_err(BackupError::file("making", folder))?;
        let staged = Self(folder.join(format!(".drover-restore-{}", Uuid::new_v4())));
        make_private(&staged.0)?;
        Ok(staged)
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(with_end(&self.0, end));
        }
    }
}

fn staging_folder(url: &DatabaseUrl) -> PathBuf {
    match url {
        DatabaseUrl::Sqlite(path) => match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        },
        DatabaseUrl::Postgres(_) => std::env::temp_dir(),
    }
}

/// Where what was there before a restore is kept.
fn aside(path: &Path, now: Timestamp) -> PathBuf {
    with_end(
        path,
        &format!(".before-restore-{}", now.strftime("%Y%m%dT%H%M%S%3fZ")),
    )
}

fn part_of(file: &Path) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    file.with_file_name(format!(".{name}.{}.part", Uuid::new_v4().simple()))
}

fn with_end(path: &Path, end: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(end);
    path.into()
}

/// An empty file that only its owner may read: a backup holds hashes of tokens.
fn make_private(path: &Path) -> Result<(), BackupError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .map(drop)
        .map_err(BackupError::file("writing", path))
}

/// Renames for good: the folder is flushed too, where the system can do that.
fn rename(part: &Path, file: &Path) -> Result<(), BackupError> {
    fs::rename(part, file).map_err(BackupError::file("writing", file))?;
    #[cfg(unix)]
    if let Some(folder) = part.parent() {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(BackupError::file("flushing", folder))?;
    }
    Ok(())
}
