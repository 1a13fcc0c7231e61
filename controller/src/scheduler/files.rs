//! The files that tasks take with them, out of the media of this machine: chosen once, kept with the task, never given to
//! a second task where they are one task's alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use shared::account::Username;
use shared::pack::Pack;
use shared::wire::work::{MaterialKind, OrderMaterial};
use tokio::fs::File;
use tokio::sync::Mutex;

use super::hand::hash_of;
use super::{Chosen, Materials, SupplyError};
use crate::causes::whole;
use crate::media::choose::takes_files;
use crate::media::{Kind, Media, MediaFile, Wish};
use crate::packs::Packs;
use crate::store::{Store, StoreError, TaskChange, TaskRow};

/// What stands with a task.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    files: Vec<MediaFile>,
    parameters: Map<String, Json>,
    /// Nobody else is given them.
    exclusive: bool,
}

/// Chooses out of the allowed folders.
#[derive(Debug)]
pub struct LocalFiles {
    store: Store,
    packs: Packs,
    media: Media,
    /// One choice at a time: what one task is given must stand written before the next one looks.
    choosing: Mutex<()>,
}

impl LocalFiles {
    pub fn new(store: Store, packs: Packs, media: Media) -> Self {
        Self {
            store,
            packs,
            media,
            choosing: Mutex::new(()),
        }
    }

    /// The task's pack and parameters; `None` where it takes no files.
    fn wanted(&self, task: &TaskRow) -> Option<(Arc<Pack>, Map<String, Json>)> {
        let pack = self.packs.find(&task.platform, &task.script)?;
        let flow = pack.flow(&task.script)?;
        // The configuration was checked when the task was made; the pack may have changed since.
        let parameters = flow
            .parameters
            .check_all(&task.config)
            .map_or_else(|_| task.config.clone(), |checked| checked.values);
        takes_files(flow, &parameters).then(|| (Arc::clone(pack), parameters))
    }

    async fn choose(
        &self,
        task: &TaskRow,
        pack: Arc<Pack>,
        parameters: Map<String, Json>,
    ) -> Result<Option<Kept>, SupplyError> {
        let used = self.used(task).await?;
        let (media, script, username) = (self.media.clone(), task.script.clone(), task.username.clone());
        let (sequence, seed) = (task.sequence.into(), task.seed.cast_unsigned());
        let chosen = tokio::task::spawn_blocking(move || {
            let Some(flow) = pack.flow(&script) else {
                return Ok(None);
            };
            let wish = Wish {
                flow,
                parameters: &parameters,
                username: username.as_ref().map(Username::as_str),
                sequence,
                seed,
                used: &used,
            };
            media.choose(&wish).map(Some)
        });
        let chosen = chosen
            .await
            .map_err(|lost| StoreError::failed("choosing files", lost))?
            .map_err(|error| SupplyError::NoMaterial(whole(&error)))?;
        Ok(chosen
            .filter(|chosen| !chosen.files.is_empty())
            .map(|chosen| Kept {
                files: chosen.files,
                parameters: chosen.parameters,
                exclusive: chosen.exclusive,
            }))
    }

    /// A task that had failed gave its files up, and another one may have them.
    async fn taken_meanwhile(&self, task: &TaskRow, kept: &Kept) -> Result<bool, StoreError> {
        if !kept.exclusive {
            return Ok(false);
        }
        let used = self.used(task).await?;
        Ok(kept.files.iter().any(|file| used.contains(&file.hash)))
    }

    /// After a database was taken back, a host that has not told yet may have published a file already that is to be
    /// one task's alone. What was handed out is handed out.
    async fn all_told(&self, task: &TaskRow, kept: &Kept) -> Result<(), SupplyError> {
        if !kept.exclusive || task.attempt.is_some() || self.store.untold_hosts().await?.is_empty() {
            return Ok(());
        }
        Err(SupplyError::NotNow(
            "recovering: a host that has not told yet what it did before the database was taken back may have \
             published this file",
        ))
    }

    /// What other tasks published, may have, or are promised while they have not ended.
    async fn used(&self, task: &TaskRow) -> Result<BTreeSet<String>, StoreError> {
        let mut used: BTreeSet<String> = BTreeSet::new();
        for key in self.store.keys_of_other_acts(&task.script, task.id).await? {
            used.extend(key.split('+').map(str::to_owned));
        }
        for (id, kept) in self.store.materials_promised().await? {
            if id != task.id
                && let Ok(kept) = serde_json::from_value::<Kept>(kept)
            {
                used.extend(kept.files.into_iter().map(|file| file.hash));
            }
        }
        Ok(used)
    }
}

#[async_trait]
impl Materials for LocalFiles {
    async fn resolve(&self, task: &TaskRow) -> Result<Chosen, SupplyError> {
        let kept = task.materials.clone().map(serde_json::from_value::<Kept>);
        let kept = match kept {
            Some(Ok(kept)) if !self.taken_meanwhile(task, &kept).await? => {
                self.all_told(task, &kept).await?;
                kept
            }
            _ => {
                let Some((pack, parameters)) = self.wanted(task) else {
                    return Ok(Chosen::default());
                };
                let _turn = self.choosing.lock().await;
                let Some(kept) = self.choose(task, pack, parameters).await? else {
                    return Ok(Chosen::default());
                };
                self.all_told(task, &kept).await?;
                let value = serde_json::to_value(&kept)
                    .map_err(|error| StoreError::failed("keeping the files of a task", error))?;
                self.store
                    .alter_task(task.id, TaskChange::new().materials(&value))
                    .await?;
                kept
            }
        };
        Ok(Chosen {
            materials: kept.files.iter().map(on_wire).collect(),
            parameters: kept.parameters,
        })
    }

    async fn open(&self, tasks: &[i64], hash: &str) -> Option<(File, u64)> {
        for id in tasks {
            let task = self.store.task(*id).await.ok().flatten()?.row;
            let kept = task.materials.map(serde_json::from_value::<Kept>);
            let Some(Ok(kept)) = kept else { continue };
            let Some(file) = kept.files.into_iter().find(|file| file.hash == hash) else {
                continue;
            };
            // What was allowed when it was chosen may have become a link since.
            let path = self.media.roots().within(&file.path)?;
            let opened = File::open(path).await.ok()?;
            let size = opened.metadata().await.ok()?.len();
            return (size == file.size).then_some((opened, size));
        }
        None
    }
}

fn on_wire(file: &MediaFile) -> OrderMaterial {
    OrderMaterial {
        name: file.name.clone(),
        kind: match file.kind {
            Kind::Video => MaterialKind::Video,
            Kind::Image => MaterialKind::Image,
        },
        hash: hash_of(&file.hash),
        size: file.size,
    }
}
