//! The packs in force: those that come with the program, an operator's own out of a folder, and those that were edited or
//! taken in here.
//!
//! Which goes first where two have the same script for a platform: those taken in here whose name no other has, then those
//! of the folder, then those that come along, each kind by name. A pack of the folder takes the place of one that comes
//! along and has its name; an edited one stands at the place of what it was made from.
//!
//! Knows which script runs on which platform and what it takes; who uses it is not its business.

pub mod live;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rust_embed::Embed;
use shared::pack::Pack;
use shared::pack::fault::Fault;
use shared::pack::files::{FilesError, MANIFEST, PackFiles};

use crate::scheduler::FlowRef;
use crate::store::{PackOrigin, PackVersionRow};
pub use live::LivePacks;

/// The packs that come along. Stored screens are for whoever mends a pack.
#[derive(Embed)]
#[folder = "flows/"]
#[exclude = "*/screens/*"]
struct Along;

/// Why a folder's packs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PacksError {
    #[error("cannot read the folder {}", .folder.display())]
    Unreadable { folder: PathBuf, source: std::io::Error },
    #[error(
        "{} holds no pack: each folder below it with a {MANIFEST} is one", .0.display()
    )]
    Empty(PathBuf),
    #[error("the pack in {} cannot be read", .folder.display())]
    Files { folder: PathBuf, source: FilesError },
    #[error("the pack in {} cannot be used: {}", .folder.display(), told(.faults))]
    Faulty { folder: PathBuf, faults: Vec<Fault> },
}

fn told(faults: &[Fault]) -> String {
    let faults: Vec<String> = faults
        .iter()
        .filter(|fault| fault.is_error())
        .map(ToString::to_string)
        .collect();
    faults.join("; ")
}

/// A pack that may be run, and where it is from.
#[derive(Debug, Clone)]
pub struct Standing {
    pub pack: Arc<Pack>,
    pub origin: PackOrigin,
    /// The version that is kept here; `None` where it lies with the program or in the folder.
    pub kept: Option<PackVersionRow>,
    /// What it goes before.
    pub beneath: Option<(PackOrigin, Arc<Pack>)>,
}

/// Packs as they are in force at one moment, those that win first; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Packs {
    all: Arc<Vec<Standing>>,
    /// Platforms and scripts of which nothing new begins.
    off: Arc<BTreeSet<(String, String)>>,
}

impl Packs {
    /// Those that come along.
    pub fn built_in() -> Self {
        static ALONG: OnceLock<Packs> = OnceLock::new();
        ALONG
            .get_or_init(|| {
                let names: BTreeSet<String> = Along::iter()
                    .filter_map(|path| path.split_once('/').map(|(pack, _)| pack.to_owned()))
                    .collect();
                let packs = names.iter().filter_map(|name| match along(name) {
                    Ok(pack) => Some(Standing::as_it_came(pack, PackOrigin::BuiltIn)),
                    Err(faults) => {
                        tracing::error!(pack = name, faults = told(&faults), "a pack is left out");
                        None
                    }
                });
                Self::of(packs.collect())
            })
            .clone()
    }

    /// An operator's, and those that come along, but for one whose name an operator's has.
    pub fn with_folder(folder: &Path) -> Result<Self, PacksError> {
        let unreadable = |source| PacksError::Unreadable {
            folder: folder.to_owned(),
            source,
        };
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.join(MANIFEST).is_file() {
                folders.push(path);
            }
        }
        if folders.is_empty() {
            return Err(PacksError::Empty(folder.to_owned()));
        }
        folders.sort();
        let mut packs = Vec::new();
        for folder in folders {
            packs.push(Standing::as_it_came(read(folder)?, PackOrigin::Folder));
        }
        for standing in Self::built_in().all.iter() {
            if packs.iter().all(|own| own.pack.name != standing.pack.name) {
                packs.push(standing.clone());
            }
        }
        Ok(Self::of(packs))
    }

    fn of(all: Vec<Standing>) -> Self {
        Self {
            all: Arc::new(all),
            off: Arc::default(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Arc<Pack>> {
        self.all.iter().map(|standing| &standing.pack)
    }

    /// With where each is from.
    pub fn standing(&self) -> impl Iterator<Item = &Standing> {
        self.all.iter()
    }

    /// The pack of this name.
    pub fn named(&self, name: &str) -> Option<&Standing> {
        self.all.iter().find(|standing| standing.pack.name == name)
    }

    /// The pack by which a platform's script is run.
    pub fn find(&self, platform: &str, script: &str) -> Option<&Arc<Pack>> {
        self.iter()
            .find(|pack| pack.platform == platform && pack.flow(script).is_some())
    }

    /// Whether nothing new of this flow begins.
    pub fn is_off(&self, platform: &str, script: &str) -> bool {
        // Few are, and mostly none.
        self.off.iter().any(|(of, name)| of == platform && name == script)
    }

    /// The pack of this content.
    pub fn by_hash(&self, hash: &str) -> Option<&Arc<Pack>> {
        self.iter().find(|pack| pack.hash == hash)
    }

    /// The platforms that have a script.
    pub fn platforms(&self, script: &str) -> BTreeSet<&str> {
        self.iter()
            .filter(|pack| pack.flow(script).is_some())
            .map(|pack| pack.platform.as_str())
            .collect()
    }

    /// The names of all scripts.
    pub fn scripts(&self) -> BTreeSet<&str> {
        self.iter()
            .flat_map(|pack| pack.flows.iter().map(|flow| flow.name.as_str()))
            .collect()
    }
}

impl Standing {
    fn as_it_came(pack: Pack, origin: PackOrigin) -> Self {
        Self {
            pack: Arc::new(pack),
            origin,
            kept: None,
            beneath: None,
        }
    }
}

fn flow_of(pack: &Pack, script: &str) -> Option<FlowRef> {
    let flow = pack.flow(script)?;
    Some(FlowRef {
        hash: pack.hash.clone(),
        flow: flow.name.clone(),
        takes_sequence: flow.parameters.get("sequence").is_some(),
    })
}

fn along(name: &str) -> Result<Pack, Vec<Fault>> {
    let files = Along::iter().filter_map(|path| {
        let (pack, file) = path.split_once('/')?;
        let content = (pack == name).then(|| Along::get(&path)).flatten()?;
        let text = String::from_utf8_lossy(&content.data).replace("\r\n", "\n");
        Some((file.to_owned(), text))
    });
    Pack::read(PackFiles::new(files)).map(|(pack, _)| pack)
}

fn read(folder: PathBuf) -> Result<Pack, PacksError> {
    let files = match PackFiles::from_folder(&folder) {
        Ok(files) => files,
        Err(source) => return Err(PacksError::Files { folder, source }),
    };
    Pack::read(files)
        .map(|(pack, _)| pack)
        .map_err(|faults| PacksError::Faulty { folder, faults })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flows() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("flows")
    }

    #[test]
    fn the_packs_that_come_along_are_those_of_the_sources() {
        let packs = Packs::built_in();
        let mut count = 0;
        for entry in std::fs::read_dir(flows()).unwrap() {
            let folder = entry.unwrap().path();
            let hash = PackFiles::from_folder(&folder).unwrap().hash();
            let pack = packs
                .by_hash(&hash)
                .expect("it is in the program as it lies there");
            assert_eq!(folder.file_name().unwrap().to_str(), Some(pack.name.as_str()));
            count += 1;
        }
        assert_eq!(packs.iter().count(), count);
        assert_eq!(
            packs.platforms("post").into_iter().collect::<Vec<_>>(),
            ["instagram", "tiktok"]
        );
        assert!(packs.find("tiktok", "post").is_some());
        assert!(packs.find("tiktok", "dance").is_none());
    }

    #[test]
    fn an_operators_pack_takes_the_place_of_one_of_the_same_name() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("mine");
        std::fs::create_dir(&own).unwrap();
        assert!(matches!(
            Packs::with_folder(folder.path()),
            Err(PacksError::Empty(_))
        ));
        for (name, text) in PackFiles::from_folder(&flows().join("tiktok")).unwrap().iter() {
            let text = text.replace("version = \"1\"", "version = \"mine\"");
            std::fs::write(own.join(name), text).unwrap();
        }
        let packs = Packs::with_folder(folder.path()).unwrap();
        assert_eq!(packs.find("tiktok", "post").unwrap().version, "mine");
        assert_eq!(packs.iter().count(), 2);
        std::fs::write(own.join("post.rhai"), "fn run(p) {").unwrap();
        let error = Packs::with_folder(folder.path()).unwrap_err().to_string();
        assert!(error.contains("post.rhai:"), "{error}");
    }
}
