//! The files of a pack, as they lie in a folder or travel over a link.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

pub const MANIFEST: &str = "pack.toml";
pub const ELEMENTS: &str = "elements.toml";
pub const SCRIPT_ENDING: &str = ".rhai";
/// Functions that all flows of the pack see.
pub const LIBRARY_PREFIX: &str = "lib_";

/// More files than any pack needs.
pub const MAX_FILES: usize = 200;
/// The largest file, in bytes.
pub const MAX_FILE: u64 = 512 << 10;

/// Why a folder is no pack.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    #[error("cannot read {path}")]
    Io { path: PathBuf, source: std::io::Error },
    #[error("{0} is not a folder; a pack is a folder with pack.toml, elements.toml and .rhai files")]
    NotAFolder(PathBuf),
    #[error("{path} is larger than {MAX_FILE} bytes")]
    TooLarge { path: PathBuf },
    #[error("{path} is not UTF-8 text")]
    NotText { path: PathBuf },
    #[error("{0} has more than {MAX_FILES} files")]
    TooMany(PathBuf),
}

/// Name → text; only what belongs to a pack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackFiles(BTreeMap<String, String>);

impl PackFiles {
    pub fn new(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(files.into_iter().filter(|(name, _)| belongs(name)).collect())
    }

    /// Reads the folder's own files; what lies in folders under it (stored screens) is not part of the pack.
    pub fn from_folder(folder: &Path) -> Result<Self, FilesError> {
        if !folder.is_dir() {
            return Err(FilesError::NotAFolder(folder.to_owned()));
        }
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| FilesError::Io { path, source }
        };
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(folder).map_err(io(folder))? {
            let path = entry.map_err(io(folder))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
                continue;
            };
            if !belongs(&name) || !path.is_file() {
                continue;
            }
            if files.len() >= MAX_FILES {
                return Err(FilesError::TooMany(folder.to_owned()));
            }
            files.insert(name, read_text(&path)?);
        }
        Ok(Self(files))
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The same with another text of one file, or without it. What does not belong to a pack changes nothing.
    #[must_use]
    pub fn with(mut self, name: &str, text: Option<String>) -> Self {
        match text {
            // Browsers and editors on Windows write other line ends; the pack is the same.
            Some(text) if belongs(name) => {
                self.0.insert(name.to_owned(), text.replace("\r\n", "\n"));
            }
            Some(_) => {}
            None => {
                self.0.remove(name);
            }
        }
        self
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    pub fn scripts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(name, _)| name.ends_with(SCRIPT_ENDING))
    }

    /// Names and texts, each with its length before it, so that no two packs can read alike.
    pub fn hash(&self) -> String {
        let mut hasher = Sha256::new();
        for (name, text) in &self.0 {
            for part in [name, text] {
                hasher.update((part.len() as u64).to_be_bytes());
                hasher.update(part.as_bytes());
            }
        }
        hex(&hasher.finalize())
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        digits.push_str(&format!("{byte:02x}"));
        digits
    })
}

/// Whether a pack has files of this name; all others are none of its business.
pub fn belongs(name: &str) -> bool {
    name == MANIFEST || name == ELEMENTS || (name.ends_with(SCRIPT_ENDING) && !name.starts_with('.'))
}

fn read_text(path: &Path) -> Result<String, FilesError> {
    let io = |source| FilesError::Io {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(io)?;
    file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(FilesError::TooLarge {
            path: path.to_owned(),
        });
    }
    let text = String::from_utf8(bytes).map_err(|_| FilesError::NotText {
        path: path.to_owned(),
    })?;
    // Editors on Windows write other line ends; the pack is the same.
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_follows_names_and_texts_and_nothing_else() {
        let pack = |files: &[(&str, &str)]| {
            PackFiles::new(
                files
                    .iter()
                    .map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
            )
            .hash()
        };
        let one = pack(&[("pack.toml", "a"), ("x.rhai", "b")]);
        assert_eq!(
            one,
            pack(&[("x.rhai", "b"), ("pack.toml", "a"), ("README.md", "c")])
        );
        assert_ne!(one, pack(&[("pack.toml", "a"), ("y.rhai", "b")]));
        assert_ne!(one, pack(&[("pack.toml", "ax.rhaib")]));
    }
}
