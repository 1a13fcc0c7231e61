//! The folders under which media may lie, and how paths of other machines are read here.
//!
//! A path of a client is never opened as it came: it is mapped, must not climb, and must lie under a root also after
//! every link on the way was followed.

use std::path::{Component, Path, PathBuf};

/// Why a path is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    #[error("is empty")]
    Empty,
    #[error("must not contain `..`")]
    Climbs,
    #[error("{path:?} is not under an allowed folder: {allowed}")]
    Outside { path: String, allowed: String },
}

/// Where media may lie.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    roots: Vec<PathBuf>,
    /// What a path begins with elsewhere, in lower case with `/`, and the folder that it means here; the longest first.
    map: Vec<(String, PathBuf)>,
}

impl Roots {
    pub fn new(roots: Vec<PathBuf>, map: Vec<(String, PathBuf)>) -> Self {
        let mut map: Vec<_> = map
            .into_iter()
            .map(|(prefix, folder)| (plain(&prefix).trim_end_matches('/').to_lowercase(), folder))
            .filter(|(prefix, _)| !prefix.is_empty())
            .collect();
        map.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
        Self { roots, map }
    }

    /// For messages: the allowed folders.
    pub fn allowed(&self) -> String {
        if self.roots.is_empty() {
            return "none is allowed (setting media.roots)".to_owned();
        }
        let names: Vec<_> = self.roots.iter().map(|root| root.display().to_string()).collect();
        let mut text = format!("allowed are {}", names.join(", "));
        if !self.map.is_empty() {
            let mapped: Vec<_> = self.map.iter().map(|(prefix, _)| prefix.as_str()).collect();
            text.push_str(&format!(" and what media.map maps: {}", mapped.join(", ")));
        }
        text
    }

    /// The path on this machine, whether something lies there or not.
    pub fn resolve(&self, given: &str) -> Result<PathBuf, RootsError> {
        let text = plain(given.trim());
        if text.is_empty() {
            return Err(RootsError::Empty);
        }
        if text.split('/').any(|part| part == "..") || text.contains('\0') {
            return Err(RootsError::Climbs);
        }
        let outside = || RootsError::Outside {
            path: given.to_owned(),
            allowed: self.allowed(),
        };
        let candidates: Vec<PathBuf> = match self.mapped(&text) {
            Some(path) => vec![path],
            None if is_absolute(&text) => vec![PathBuf::from(&text)],
            None => self.roots.iter().map(|root| root.join(&text)).collect(),
        };
        let allowed: Vec<PathBuf> = candidates
            .into_iter()
            .filter_map(|path| self.within(&path))
            .collect();
        let there = allowed.iter().find(|path| path.exists());
        there.or(allowed.first()).cloned().ok_or_else(outside)
    }

    fn mapped(&self, text: &str) -> Option<PathBuf> {
        let (prefix, folder) = self.map.iter().find(|(prefix, _)| {
            text.get(..prefix.len())
                .is_some_and(|start| start.to_lowercase() == *prefix)
                && matches!(text.as_bytes().get(prefix.len()), None | Some(b'/'))
        })?;
        let rest = text[prefix.len()..].trim_start_matches('/');
        Some(if rest.is_empty() {
            folder.clone()
        } else {
            folder.join(rest)
        })
    }

    /// The path with every link followed, if it is under a root then.
    pub fn within(&self, path: &Path) -> Option<PathBuf> {
        if path.components().any(|part| part == Component::ParentDir) {
            return None;
        }
        let real = followed(path)?;
        self.roots
            .iter()
            .filter_map(|root| followed(root))
            .any(|root| real.starts_with(root))
            .then_some(real)
    }
}

/// With `/` between the parts, as every system reads them.
fn plain(path: &str) -> String {
    path.replace('\\', "/")
}

fn is_absolute(text: &str) -> bool {
    let drive = text.as_bytes().get(1) == Some(&b':');
    text.starts_with('/') || drive
}

/// What is there with its links followed; of what is not there, the part that is.
fn followed(path: &Path) -> Option<PathBuf> {
    let mut missing = Vec::new();
    let mut there = path;
    loop {
        match there.canonicalize() {
            Ok(real) => return Some(missing.iter().rev().fold(real, |path, part| path.join(part))),
            // A link into nothing could lead anywhere later.
            Err(_) if there.symlink_metadata().is_ok() => return None,
            Err(_) => {
                missing.push(there.file_name()?.to_owned());
                there = there.parent()?;
            }
        }
    }
}
