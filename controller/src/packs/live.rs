//! The packs while the farm runs: what is edited is in force for the next attempt of a task, and one that has begun keeps the
//! pack that it began with.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use shared::clock::SharedClock;
use shared::pack::Pack;
use shared::pack::files::PackFiles;

use super::{Packs, Standing, flow_of, told};
use crate::scheduler::{self, FlowRef, Scheduler};
use crate::store::{PackTexts, PackVersionRow, Store, StoreError};

/// The pause after the store did not answer.
const AGAIN: Duration = Duration::from_secs(1);

/// The packs in force, whatever they are now; clones share them.
#[derive(Debug, Clone)]
pub struct LivePacks(Arc<Live>);

#[derive(Debug)]
struct Live {
    store: Store,
    /// Those that come along, and the folder's.
    beneath: Packs,
    now: RwLock<Now>,
    /// One reads and lays at a time: what was read last is what stands.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Clone, Default)]
struct Now {
    packs: Packs,
    unusable: Arc<Vec<Unusable>>,
}

/// A kept version that should be in force and cannot be: another program made it, with other rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unusable {
    pub name: String,
    pub number: u32,
    pub why: String,
}

impl LivePacks {
    /// `beneath`: what there is without anything of the store; [`Self::refresh`] takes that on.
    pub fn new(beneath: Packs, store: Store) -> Self {
        let now = RwLock::new(Now {
            packs: beneath.clone(),
            unusable: Arc::default(),
        });
        Self(Arc::new(Live {
            store,
            beneath,
            now,
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// Those in force at this moment.
    pub fn get(&self) -> Packs {
        self.now().packs
    }

    /// Kept versions that cannot be used.
    pub fn unusable(&self) -> Arc<Vec<Unusable>> {
        self.now().unusable
    }

    /// Without anything that was edited or taken in.
    pub fn beneath(&self) -> &Packs {
        &self.0.beneath
    }

    fn now(&self) -> Now {
        self.0.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts what the store keeps in force.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let _turn = self.0.turn.lock().await;
        let kept = self.0.store.packs_in_force().await?;
        let off = self.0.store.flows_off().await?;
        let (known, beneath) = (self.get(), self.0.beneath.clone());
        let laid = tokio::task::spawn_blocking(move || laid(&beneath, &known, kept));
        let (all, unusable) = laid
            .await
            .map_err(|lost| StoreError::failed("reading the packs", lost))?;
        for one in &unusable {
            tracing::error!(
                pack = one.name,
                version = one.number,
                faults = one.why,
                "a pack is left out"
            );
        }
        *self.0.now.write().unwrap_or_else(PoisonError::into_inner) = Now {
            packs: Packs {
                all: Arc::new(all),
                off: Arc::new(off),
            },
            unusable: Arc::new(unusable),
        };
        Ok(())
    }

    /// The same beside what goes on, until the store answers.
    pub fn refresh_soon(&self, clock: &SharedClock, scheduler: Scheduler) {
        let (packs, clock) = (self.clone(), Arc::clone(clock));
        tokio::spawn(async move {
            while let Err(error) = packs.refresh().await {
                if matches!(error, StoreError::Closed) {
                    return;
                }
                clock.sleep(AGAIN).await;
            }
            scheduler.wake_all();
        });
    }

    /// The pack of a content, also of one that is no longer in force.
    pub async fn of_content(&self, hash: &str) -> Result<Option<Arc<Pack>>, StoreError> {
        let here = self.get().by_hash(hash).or(self.0.beneath.by_hash(hash)).cloned();
        if here.is_some() {
            return Ok(here);
        }
        let texts = self.0.store.pack_texts(hash).await?;
        if texts.is_empty() {
            return Ok(None);
        }
        let read = tokio::task::spawn_blocking(move || Pack::read(PackFiles::new(texts)));
        let read = read
            .await
            .map_err(|lost| StoreError::failed("reading a pack", lost))?;
        Ok(read.ok().map(|(pack, _)| Arc::new(pack)))
    }
}

/// What was kept, laid over what lies beneath.
fn laid(
    beneath: &Packs,
    known: &Packs,
    kept: Vec<(PackVersionRow, PackTexts)>,
) -> (Vec<Standing>, Vec<Unusable>) {
    let mut all: Vec<Standing> = beneath.all.to_vec();
    let (mut first, mut unusable) = (Vec::new(), Vec::new());
    for (row, texts) in kept {
        let read = match known.by_hash(&row.hash) {
            Some(pack) => Ok(Arc::clone(pack)),
            None => Pack::read(PackFiles::new(texts)).map(|(pack, _)| Arc::new(pack)),
        };
        let pack = match read {
            Ok(pack) => pack,
            Err(faults) => {
                unusable.push(Unusable {
                    name: row.pack,
                    number: row.number,
                    why: told(&faults),
                });
                continue;
            }
        };
        let place = all.iter_mut().find(|one| one.pack.name == row.pack);
        let standing = Standing {
            pack,
            origin: row.how,
            kept: Some(row),
            beneath: place
                .as_ref()
                .map(|place| (place.origin, Arc::clone(&place.pack))),
        };
        match place {
            Some(place) => *place = standing,
            None => first.push(standing),
        }
    }
    first.append(&mut all);
    (first, unusable)
}

#[async_trait]
impl scheduler::Packs for LivePacks {
    fn for_task(&self, platform: &str, script: &str) -> Option<FlowRef> {
        let packs = self.get();
        packs
            .find(platform, script)
            .and_then(|pack| flow_of(pack, script))
    }

    async fn of_hash(&self, hash: &str, script: &str) -> Result<Option<FlowRef>, StoreError> {
        let pack = self.of_content(hash).await?;
        Ok(pack.and_then(|pack| flow_of(&pack, script)))
    }

    async fn files(&self, hash: &str) -> Result<Option<PackTexts>, StoreError> {
        let packs = self.get();
        let here = packs.by_hash(hash).or(self.0.beneath.by_hash(hash));
        if let Some(pack) = here {
            let files = pack.files.iter();
            return Ok(Some(
                files
                    .map(|(name, text)| (name.to_owned(), text.to_owned()))
                    .collect(),
            ));
        }
        let texts = self.0.store.pack_texts(hash).await?;
        Ok(Some(texts).filter(|texts| !texts.is_empty()))
    }
}
