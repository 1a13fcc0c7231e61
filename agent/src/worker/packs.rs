//! The packs that orders run, by the hash of their content: asked for once, kept on disk, checked whenever they are read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use shared::pack::Pack;
use shared::pack::failure::FailureKind;
use shared::pack::files::{PackFiles, hex};
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::Hash;

use crate::flow::failure::Failure;
use crate::link::{Controller, chain};
use crate::outbox::whole;

/// Packs in memory, and on disk: the versions of a few platforms.
const IN_MEMORY: usize = 16;
const ON_DISK: usize = 64;
const LATER: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Packs {
    folder: PathBuf,
    controller: Controller,
    known: Mutex<BTreeMap<Hash, Arc<Pack>>>,
    /// Phones that begin together want the same one: it is fetched once.
    reading: tokio::sync::Mutex<()>,
}

impl Packs {
    pub(super) fn open(folder: PathBuf, controller: Controller) -> std::io::Result<Self> {
        std::fs::create_dir_all(&folder)?;
        Ok(Self {
            folder,
            controller,
            known: Mutex::default(),
            reading: tokio::sync::Mutex::default(),
        })
    }

    pub(super) async fn get(&self, hash: &Hash) -> Result<Arc<Pack>, Failure> {
        if let Some(pack) = self.known(hash) {
            return Ok(pack);
        }
        let _turn = self.reading.lock().await;
        if let Some(pack) = self.known(hash) {
            return Ok(pack);
        }
        let files = match self.kept(hash) {
            Some(files) => files,
            None => self.fetch(hash).await?,
        };
        let pack = Pack::read(files).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Failure::script(format!("the pack cannot be used: {}", lines.join("; ")))
        })?;
        let pack = Arc::new(pack.0);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= IN_MEMORY {
            // Any will do: it is read again from the disk.
            known.pop_first();
        }
        known.insert(*hash, Arc::clone(&pack));
        Ok(pack)
    }

    fn known(&self, hash: &Hash) -> Option<Arc<Pack>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(hash).map(Arc::clone)
    }

    fn path(&self, hash: &Hash) -> PathBuf {
        self.folder.join(format!("{}.json", hex(hash)))
    }

    fn kept(&self, hash: &Hash) -> Option<PackFiles> {
        let bytes = std::fs::read(self.path(hash)).ok()?;
        let files: Vec<(String, String)> = serde_json::from_slice(&bytes).ok()?;
        let files = PackFiles::new(files);
        (files.hash() == hex(hash)).then_some(files)
    }

    async fn fetch(&self, hash: &Hash) -> Result<PackFiles, Failure> {
        let away = |message: String| Failure::new(FailureKind::ControllerAway, message);
        let files = loop {
            let answered = self.controller.ask(&ToController::Pack { hash: *hash }).await;
            let answered = answered.map_err(|error| away(chain(&error)))?;
            match answered.reply {
                ControllerReply::Pack(files) => break files,
                ControllerReply::Later { .. } => self.controller.clock().sleep(LATER).await,
                ControllerReply::NotYours { why } | ControllerReply::Failed { message: why } => {
                    return Err(away(format!("the controller does not give the pack: {why}")));
                }
                _ => return Err(away("the controller answers with no pack".to_owned())),
            }
        };
        let kept = serde_json::to_vec(&files).unwrap_or_default();
        let files = PackFiles::new(files);
        if files.hash() != hex(hash) {
            return Err(Failure::script(
                "the controller gave another pack than the order's",
            ));
        }
        self.make_room();
        if let Err(error) = whole(&self.path(hash), &kept) {
            tracing::warn!(%error, "a pack cannot be kept; it will be asked for again");
        }
        Ok(files)
    }

    fn make_room(&self) {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut packs: Vec<_> = entries
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        packs.sort();
        for (_, path) in packs.iter().rev().skip(ON_DISK - 1) {
            let _ = std::fs::remove_file(path);
        }
    }
}
