//! The files that tasks take with them, out of the media of this machine: chosen once, kept with the task, never given to
//! a second task where they are one task's alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use shared::account::{Tag, Username};
use shared::pack::Pack;
use shared::wire::work::{MaterialKind, OrderMaterial};
use tokio::fs::File;
use tokio::sync::Mutex;

use super::hand::hash_of;
use super::{Chosen, Materials, Supply, SupplyError};
use crate::causes::whole;
use crate::media::choose::{out_of_library, takes_files};
use crate::media::{Kind, Media, MediaFile, OfLibrary, Wish};
use crate::packs::LivePacks;
use crate::store::tasks::LIBRARY;
use crate::store::{FromLibrary, LibraryWish, MaterialRow, NoneLeft, Store, StoreError, TaskRow};

/// What stands with a task.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    files: Vec<MediaFile>,
    parameters: Map<String, Json>,
    /// Nobody else is given them.
    exclusive: bool,
    /// The ids of materials, where the files are out of the library.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    library: Vec<i64>,
}

/// Chooses out of the allowed folders.
#[derive(Debug)]
pub struct LocalFiles {
    store: Store,
    packs: LivePacks,
    media: Media,
    /// One choice at a time: what one task is given must stand written before the next one looks.
    choosing: Mutex<()>,
}

impl LocalFiles {
    pub fn new(store: Store, packs: LivePacks, media: Media) -> Self {
        Self {
            store,
            packs,
            media,
            choosing: Mutex::new(()),
        }
    }

    /// The task's pack and parameters; `None` where it takes no files.
    fn wanted(&self, task: &TaskRow) -> Option<(Arc<Pack>, Map<String, Json>)> {
        let packs = self.packs.get();
        let pack = packs.find(&task.platform, &task.script)?;
        let flow = pack.flow(&task.script)?;
        // The configuration was checked when the task was made; the pack may have changed since.
        let parameters = flow
            .parameters
            .check_all(&task.config)
            .map_or_else(|_| task.config.clone(), |checked| checked.values);
        takes_files(flow, &parameters).then(|| (Arc::clone(pack), parameters))
    }

    /// What a task wants of the material library; `None` where its files come from elsewhere.
    fn out_of_library(&self, task: &TaskRow) -> Option<FromLibrary> {
        let (pack, parameters) = self.wanted(task)?;
        let OfLibrary { kind, count, tags } = out_of_library(pack.flow(&task.script)?, &parameters)?;
        // What can be no tag is on no material.
        let tags = tags
            .into_iter()
            .map(|tag| Tag::parse(&tag).map_or(tag, |tag| tag.folded().to_owned()));
        let wish = LibraryWish {
            kind: kind.as_str().to_owned(),
            count,
            tags: tags.collect(),
            username: task.username.clone(),
        };
        Some(FromLibrary { wish, keep })
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
                library: Vec::new(),
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
        let mut used: BTreeSet<String> = self.store.contents_taken(task.id).await?.into_iter().collect();
        for key in self.store.keys_of_other_acts(&task.script, task.id).await? {
            used.extend(key.split('+').map(str::to_owned));
        }
        for (id, kept) in self.store.materials_promised().await? {
            if id != task.id
                && let Ok(kept) = serde_json::from_value::<Kept>(kept)
                && kept.library.is_empty()
            {
                used.extend(kept.files.into_iter().map(|file| file.hash));
            }
        }
        Ok(used)
    }
}

#[async_trait]
impl Materials for LocalFiles {
    async fn resolve(&self, task: &TaskRow) -> Result<Supply, SupplyError> {
        if let Some(from) = self.out_of_library(task) {
            return Ok(Supply::Library(from));
        }
        let kept = task.materials.clone().map(serde_json::from_value::<Kept>);
        let kept = match kept {
            Some(Ok(kept)) if !self.taken_meanwhile(task, &kept).await? => {
                self.all_told(task, &kept).await?;
                kept
            }
            _ => {
                let Some((pack, parameters)) = self.wanted(task) else {
                    return Ok(Supply::Here(Chosen::default()));
                };
                let _turn = self.choosing.lock().await;
                let Some(kept) = self.choose(task, pack, parameters).await? else {
                    return Ok(Supply::Here(Chosen::default()));
                };
                self.all_told(task, &kept).await?;
                let value = serde_json::to_value(&kept)
                    .map_err(|error| StoreError::failed("keeping the files of a task", error))?;
                let alone = if kept.exclusive {
                    kept.files.iter().map(|file| file.hash.clone()).collect()
                } else {
                    Vec::new()
                };
                if !self.store.keep_files(task.id, value, alone).await? {
                    return Err(SupplyError::NotNow(
                        "material_taken: the library gave the same content to another task just now",
                    ));
                }
                kept
            }
        };
        Ok(Supply::Here(kept.on_wire()))
    }

    fn kept(&self, task: &TaskRow) -> Chosen {
        let kept = task.materials.clone().map(serde_json::from_value::<Kept>);
        match kept {
            Some(Ok(kept)) => kept.on_wire(),
            _ => Chosen::default(),
        }
    }

    async fn open(&self, tasks: &[i64], hash: &str) -> Option<(File, u64)> {
        for id in tasks {
            let task = self.store.task(*id).await.ok().flatten()?.row;
            let kept = task.materials.map(serde_json::from_value::<Kept>);
            let Some(Ok(kept)) = kept else { continue };
            let Some(file) = kept.files.into_iter().find(|file| file.hash == hash) else {
                continue;
            };
            if !kept.library.is_empty() {
                let opened = self.media.library().open(&file.hash, file.size).await?;
                return Some((opened, file.size));
            }
            // What was allowed when it was chosen may have become a link since.
            let path = self.media.roots().within(&file.path)?;
            let opened = File::open(path).await.ok()?;
            let size = opened.metadata().await.ok()?.len();
            return (size == file.size).then_some((opened, size));
        }
        None
    }
}

impl Kept {
    fn on_wire(self) -> Chosen {
        Chosen {
            materials: self.files.iter().map(on_wire).collect(),
            parameters: self.parameters,
        }
    }
}

/// What stands with a task that was given these materials: their own caption goes before the task's.
fn keep(rows: &[MaterialRow]) -> Json {
    let files: Vec<Json> = rows
        .iter()
        .map(|row| {
            json!({"name": row.name, "kind": row.kind, "hash": row.hash, "size": row.size, "path": row.hash})
        })
        .collect();
    let caption = rows.iter().find_map(|row| row.caption.as_deref());
    let parameters = match caption {
        Some(caption) => json!({ "captions": [caption] }),
        None => json!({}),
    };
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let mut kept = json!({"files": files, "parameters": parameters, "exclusive": true});
    kept[LIBRARY] = json!(ids);
    kept
}

/// What was looked for, and what became of all that fits.
pub(super) fn none_left(wish: &LibraryWish, left: &NoneLeft) -> String {
    let kind = Kind::named(&wish.kind).map_or("files", Kind::files);
    let by = match wish.tags.as_slice() {
        [] => String::new(),
        [tag] => format!(" with the tag {tag}"),
        tags => format!(" with one of the tags {}", tags.join(", ")),
    };
    let whose = match &wish.username {
        Some(username) => format!(" for {username} or for anybody"),
        None => " for anybody".to_owned(),
    };
    let mut told = format!(
        "the material library has not enough {kind}{by}{whose}: {} wanted, {} left, {} used already, {} reserved by other tasks",
        wish.count, left.free, left.used, left.reserved
    );
    if left.of_others > 0 {
        told.push_str(&format!(", {} are for other accounts", left.of_others));
    }
    if left.missing > 0 {
        told.push_str(&format!(", the files of {} are gone", left.missing));
    }
    told
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
