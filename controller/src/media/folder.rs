//! A local folder of media as operators lay it out: `@username/` for one account, `sort_N_…` for an order, texts beside
//! the files.

use std::path::{Path, PathBuf};

use super::content::Kind;

/// Files that are looked at in one folder.
const MOST_FILES: usize = 20_000;
/// A file of texts is a few pages.
const LARGEST_TEXT: u64 = 1 << 20;

/// A text file's use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    Captions,
    SoundNames,
    SoundUrls,
}

impl Texts {
    fn file(self) -> &'static str {
        match self {
            Self::Captions => "caption.txt",
            Self::SoundNames => "sound_names.txt",
            Self::SoundUrls => "sound_urls.txt",
        }
    }
}

/// A folder, and the one in it that is one account's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    root: PathBuf,
    own: Option<PathBuf>,
}

impl Folder {
    /// The folder for an account; case does not matter, as it does not to the apps.
    pub(super) fn of(root: &Path, username: Option<&str>) -> std::io::Result<Self> {
        let mut own = None;
        for entry in std::fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(whose) = name.strip_prefix('@') else {
                continue;
            };
            if username.is_some_and(|username| username.to_lowercase() == whose.to_lowercase())
                && entry.path().is_dir()
            {
                own = Some(entry.path());
                break;
            }
        }
        Ok(Self {
            root: root.to_owned(),
            own,
        })
    }

    /// Where it is looked, the first first; for messages too.
    pub(super) fn places(&self) -> impl Iterator<Item = &Path> {
        self.own.as_deref().into_iter().chain([self.root.as_path()])
    }

    /// Files of a kind, in the order in which they are taken: the account's own folder wins over the root.
    pub(super) fn files(&self, kind: Kind) -> std::io::Result<Vec<PathBuf>> {
        for place in self.places() {
            let found = in_order(place, kind)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// The lines of a text file that are not empty; the account's own file wins over the root's.
    pub(super) fn lines(&self, texts: Texts) -> std::io::Result<Vec<String>> {
        for place in self.places() {
            let path = place.join(texts.file());
            match std::fs::metadata(&path) {
                Ok(facts) if facts.is_file() && facts.len() <= LARGEST_TEXT => {
                    let bytes = std::fs::read(&path)?;
                    let text = String::from_utf8_lossy(&bytes);
                    let lines = text.trim_start_matches('\u{feff}').lines();
                    return Ok(lines
                        .map(str::trim)
                        .filter(|line| !line.is_empty())
                        .map(str::to_owned)
                        .collect());
                }
                Ok(_) => {
                    return Err(std::io::Error::other(format!(
                        "{} is no text file of at most {LARGEST_TEXT} bytes",
                        path.display()
                    )));
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Vec::new())
    }
}

/// The folder's own files of a kind.
pub(super) fn in_order(folder: &Path, kind: Kind) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)?.take(MOST_FILES) {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // What editors and systems hide is no material.
        if name.starts_with('.') || Kind::of_name(&name) != Some(kind) || !entry.path().is_file() {
            continue;
        }
        found.push((place_of(&name), name, entry.path()));
    }
    found.sort();
    Ok(found.into_iter().map(|(.., path)| path).collect())
}

/// `sort_N_…` says which one it is; the others follow by their names.
fn place_of(name: &str) -> u64 {
    name.strip_prefix("sort_")
        .and_then(|rest| rest.split_once('_'))
        .and_then(|(number, _)| number.parse().ok())
        .unwrap_or(u64::MAX)
}
