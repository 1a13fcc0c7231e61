//! Files on the controller's machine that tasks publish: where they may lie, which of them a task takes, what they are.
//!
//! Knows nothing of the store and of links: what is used already is told by the caller.

pub mod choose;
mod content;
mod folder;
pub mod library;
mod roots;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

pub use choose::{Chosen, NotChosen, OfLibrary, Wish};
pub use content::Kind;
pub use library::Blobs;
pub use roots::{Roots, RootsError};

/// A file that a task takes with it. Kept with the task, so that another attempt takes the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaFile {
    pub name: String,
    pub kind: Kind,
    /// SHA-256 of its content, in hexadecimal.
    pub hash: String,
    pub size: u64,
    /// Where it lies, links followed.
    pub path: PathBuf,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    #[error("{} cannot be read", .path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{} is not what its name says: {found}", .path.display())]
    Wrong { path: PathBuf, found: String },
    #[error("{} is larger than {most} bytes", .path.display())]
    TooLarge { path: PathBuf, most: u64 },
}

/// What a file looked like when its content was read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    size: u64,
    changed: Option<SystemTime>,
    kind: Kind,
    hash: String,
}

/// The media of this machine; clones share what is known of their contents.
#[derive(Debug, Clone, Default)]
pub struct Media {
    roots: Arc<Roots>,
    library: Blobs,
    seen: Arc<Mutex<BTreeMap<PathBuf, Seen>>>,
}

/// Files whose hashes are remembered; beyond that all are forgotten and read again.
const REMEMBERED: usize = 50_000;

impl Media {
    pub fn new(roots: Roots) -> Self {
        Self {
            roots: Arc::new(roots),
            library: Blobs::default(),
            seen: Arc::default(),
        }
    }

    /// With the contents of the library below this folder.
    #[must_use]
    pub fn with_library(mut self, data_dir: &Path) -> Self {
        self.library = Blobs::below(data_dir);
        self
    }

    /// The contents of the material library.
    pub fn library(&self) -> &Blobs {
        &self.library
    }

    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// What a file is. Reads it through where it is new or has changed since.
    pub fn look(&self, path: &Path) -> Result<MediaFile, MediaError> {
        let io = |source| MediaError::Io {
            path: path.to_owned(),
            source,
        };
        let facts = std::fs::metadata(path).map_err(io)?;
        let changed = facts.modified().ok();
        let known = self
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(path)
            .filter(|seen| seen.size == facts.len() && seen.changed == changed)
            .cloned();
        let seen = if let Some(seen) = known {
            seen
        } else {
            let (kind, hash, size) = content::read(path)?;
            let seen = Seen {
                size,
                changed,
                kind,
                hash,
            };
            let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if all.len() >= REMEMBERED {
                all.clear();
            }
            all.insert(path.to_owned(), seen.clone());
            seen
        };
        Ok(MediaFile {
            name: path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            kind: seen.kind,
            hash: seen.hash,
            size: seen.size,
            path: path.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests;
