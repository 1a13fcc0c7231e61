//! The files that orders bring, by the hash of their content: fetched once, resumed where a link broke, kept for the next
//! phone that needs the same, and the longest unused deleted when there are too many.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use shared::pack::failure::FailureKind;
use shared::pack::files::hex;
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::{Hash, OrderMaterial};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::flow::failure::Failure;
use crate::journal::{is_full_disk, sync_folder};
use crate::link::controller::AskError;
use crate::link::{Controller, chain};

const PIECE: usize = 256 << 10;
/// A piece that takes longer does not come.
const STALLED: Duration = Duration::from_secs(30);
const LATER: Duration = Duration::from_secs(2);
/// A file whose content is wrong is fetched once more from its beginning.
const TRIES: u32 = 2;

/// See the module.
pub(super) struct Materials {
    folder: PathBuf,
    controller: Controller,
    /// All that may lie here, in bytes.
    most: u64,
    used: Mutex<BTreeMap<Hash, Weak<Used>>>,
}

/// A file in use; it is not deleted while somebody has this.
#[derive(Debug)]
pub(super) struct Used {
    pub(super) path: PathBuf,
    /// Two attempts that need the same fetch it once.
    ready: tokio::sync::Mutex<bool>,
}

impl Materials {
    pub(super) fn open(folder: PathBuf, controller: Controller, most: u64) -> io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            controller,
            most,
            used: Mutex::default(),
        })
    }

    fn used(&self) -> MutexGuard<'_, BTreeMap<Hash, Weak<Used>>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file, for as long as the answer lives; `told` hears how many of its bytes are here.
    pub(super) async fn get(
        &self,
        material: &OrderMaterial,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Arc<Used>, Failure> {
        let used = {
            let mut all = self.used();
            all.retain(|_, used| used.strong_count() > 0);
            let known = all.get(&material.hash).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let new = Arc::new(Used {
                    path: self.folder.join(hex(&material.hash)),
                    ready: tokio::sync::Mutex::new(false),
                });
                all.insert(material.hash, Arc::downgrade(&new));
                new
            })
        };
        let mut ready = used.ready.lock().await;
        if !*ready {
            self.fetch(material, &used.path, told).await?;
            *ready = true;
        }
        drop(ready);
        Ok(used)
    }

    async fn fetch(
        &self,
        material: &OrderMaterial,
        path: &Path,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), Failure> {
        let name = &material.name;
        if tokio::fs::metadata(path)
            .await
            .is_ok_and(|data| data.len() == material.size)
        {
            self.touch(path);
            return Ok(());
        }
        self.make_room(material.size)
            .map_err(|why| Failure::new(FailureKind::NoMaterial, format!("{name}: {why}")))?;
        let part = path.with_extension("part");
        for _ in 0..TRIES {
            if self.fetch_within_room(material, &part, told).await? {
                let keep = || -> io::Result<()> {
                    std::fs::rename(&part, path)?;
                    sync_folder(&self.folder)
                };
                return keep().map_err(|error| self.disk(name, &error));
            }
            tracing::warn!(
                name,
                "a material arrived with another content; it is fetched again"
            );
            tokio::fs::remove_file(&part)
                .await
                .map_err(|error| self.disk(name, &error))?;
        }
        Err(Failure::new(
            FailureKind::NoMaterial,
            format!("{name}: what the controller sends is not the file of the order: it was changed since"),
        ))
    }

    /// Fetches a part; where the disk is full, what nobody needs just now makes room for it.
    async fn fetch_within_room(
        &self,
        material: &OrderMaterial,
        part: &Path,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<bool, Failure> {
        loop {
            let fetched = self.fetch_part(material, part, told).await;
            let full = matches!(&fetched, Err(failure) if failure.kind == FailureKind::HostDiskFull);
            if !full {
                return fetched;
            }
            let Some(gone) = self.remove_longest_unused() else {
                // The journal and the outbox need room more than half a file does.
                let _ = std::fs::remove_file(part);
                return fetched;
            };
            tracing::warn!(
                name = material.name,
                gone = %gone.display(),
                "the disk is full: a file that is not in use was removed from it"
            );
        }
    }

    /// Fetches what is missing of a part; whether it has the right content then.
    async fn fetch_part(
        &self,
        material: &OrderMaterial,
        part: &Path,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<bool, Failure> {
        let name = &material.name;
        let failed = |error: io::Error| self.disk(name, &error);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(part)
            .await
            .map_err(failed)?;
        let (mut hasher, mut here) = hash_of(&mut file).await.map_err(failed)?;
        while here < material.size {
            told(here);
            let question = ToController::Material {
                hash: material.hash,
                offset: here,
            };
            let (size, mut body) = match self.controller.fetch(&question).await {
                Ok((ControllerReply::Bytes { size }, body)) => (size, body),
                Ok((ControllerReply::Later { .. }, _)) => {
                    self.controller.clock().sleep(LATER).await;
                    continue;
                }
                Ok((ControllerReply::Failed { message } | ControllerReply::NotYours { why: message }, _)) => {
                    return Err(Failure::new(
                        FailureKind::NoMaterial,
                        format!("{name}: {message}"),
                    ));
                }
                Ok(_) => {
                    return Err(Failure::new(
                        FailureKind::ControllerAway,
                        format!("{name}: the controller answers with no file"),
                    ));
                }
                Err(AskError::Broken(error)) => {
                    tracing::debug!(%error, name, "a material is asked for again");
                    continue;
                }
                Err(error) => return Err(Failure::new(FailureKind::ControllerAway, chain(&error))),
            };
            if here.checked_add(size) != Some(material.size) {
                return Err(Failure::new(
                    FailureKind::NoMaterial,
                    format!(
                        "{name}: {size} bytes follow where {} should: it was changed since",
                        material.size - here
                    ),
                ));
            }
            let mut piece = vec![0; PIECE];
            while here < material.size {
                let read = tokio::time::timeout(STALLED, body.read(&mut piece)).await;
                let Ok(Ok(read @ 1..)) = read else {
                    // The rest comes over the next link.
                    break;
                };
                let read = read.min(usize::try_from(material.size - here).unwrap_or(usize::MAX));
                file.write_all(&piece[..read]).await.map_err(failed)?;
                hasher.update(&piece[..read]);
                here += read as u64;
                told(here);
            }
            file.flush().await.map_err(failed)?;
        }
        file.sync_all().await.map_err(failed)?;
        Ok(here == material.size && hasher.finalize().as_slice() == material.hash)
    }

    /// It was used just now.
    fn touch(&self, path: &Path) {
        let now = self.controller.clock().now();
        let opened = std::fs::OpenOptions::new().append(true).open(path);
        if let Err(error) = opened.and_then(|file| file.set_modified(now.into())) {
            tracing::debug!(%error, "a material's time cannot be set");
        }
    }

    /// Deletes the longest unused until so many more bytes may come.
    fn make_room(&self, size: u64) -> Result<(), String> {
        if size > self.most {
            return Err(format!(
                "{size} bytes are more than this host keeps (media.cache_bytes is {})",
                self.most
            ));
        }
        let kept = self.kept().map_err(|error| error.to_string())?;
        let mut total: u64 = kept.iter().map(|kept| kept.size).sum();
        for kept in kept.into_iter().filter(|kept| !kept.in_use) {
            if total + size <= self.most {
                break;
            }
            if std::fs::remove_file(&kept.path).is_ok() {
                total -= kept.size;
            }
        }
        // What is in use stays, also where it is more than allowed: it will be less in a moment.
        Ok(())
    }

    /// Removes one file; `None` where all that is left is in use.
    fn remove_longest_unused(&self) -> Option<PathBuf> {
        let kept = self.kept().ok()?;
        let unused = kept.into_iter().filter(|kept| !kept.in_use);
        unused
            .map(|kept| kept.path)
            .find(|path| std::fs::remove_file(path).is_ok())
    }

    /// The files that lie here, the longest unused first.
    fn kept(&self) -> io::Result<Vec<Kept>> {
        let used: Vec<String> = {
            let mut used = self.used();
            used.retain(|_, used| used.strong_count() > 0);
            used.keys().map(|hash| hex(hash)).collect()
        };
        let entries = std::fs::read_dir(&self.folder)?;
        let mut kept: Vec<Kept> = entries
            .flatten()
            .filter_map(|entry| {
                let (data, path) = (entry.metadata().ok()?, entry.path());
                let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                Some(Kept {
                    since: data.modified().ok()?,
                    size: data.len(),
                    in_use: stem.is_some_and(|stem| used.contains(&stem)),
                    path,
                })
            })
            .collect();
        kept.sort_by(|a, b| (a.since, &a.path).cmp(&(b.since, &b.path)));
        Ok(kept)
    }

    /// The disk refuses.
    fn disk(&self, name: &str, error: &io::Error) -> Failure {
        if is_full_disk(error) {
            let folder = self.folder.display();
            return Failure::new(
                FailureKind::HostDiskFull,
                format!("{name} has no room in {folder} on this host ({error}): free some space there"),
            );
        }
        Failure::new(
            FailureKind::Device,
            format!("{name} cannot be kept on this host: {error}"),
        )
    }
}

/// A file that lies here.
struct Kept {
    since: SystemTime,
    size: u64,
    in_use: bool,
    path: PathBuf,
}

async fn hash_of(file: &mut File) -> io::Result<(Sha256, u64)> {
    let mut hasher = Sha256::new();
    let mut here = 0;
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece).await? {
            0 => return Ok((hasher, here)),
            read => {
                hasher.update(&piece[..read]);
                here += read as u64;
            }
        }
    }
}
