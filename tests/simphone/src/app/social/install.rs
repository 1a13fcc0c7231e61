//! One social app on one phone: its version and layout, its moods, who is logged in, drafts and uploads. Kept over
//! restarts; `pm clear` takes it back to the start.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::upload::Upload;
use super::{Material, Moods, Platform, mood};
use crate::phone::{PhoneSpec, write_whole};

/// A post that was put aside.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draft {
    pub id: u64,
    pub account: String,
    pub media: Vec<Material>,
    pub title: String,
    pub caption: String,
    pub placement: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Install {
    /// The app's version; empty: its manifest's.
    pub version: String,
    /// Which of the layouts that are about at the same time: "new", "old".
    pub variant: String,
    pub moods: Map<String, Value>,
    /// Usernames that are logged in.
    pub sessions: Vec<String>,
    pub active: Option<String>,
    /// Profiles that the login page offers.
    pub saved: Vec<String>,
    /// Of those in `sessions`, the ones whose session the platform has ended: they must give their password again.
    pub expired: BTreeSet<String>,
    /// What is still to be asked after a login, in order.
    pub prompts: Vec<String>,
    pub drafts: Vec<Draft>,
    pub uploads: Vec<Upload>,
    /// Searched lately, the newest first.
    pub recents: Vec<String>,
    /// Counted acts by account.
    pub acts: BTreeMap<String, u32>,
    /// Accounts whose challenge has come with an act and was not answered yet.
    pub challenged: BTreeSet<String>,
    /// Starts of the process.
    pub launches: u32,
    /// Promotions and hints that were answered.
    pub answered: BTreeSet<String>,
    /// Anything small that one app remembers.
    pub notes: BTreeMap<String, String>,
    last_id: u64,
    #[serde(skip)]
    file: PathBuf,
}

/// The layout that most phones have.
pub(super) const USUAL_VARIANT: &str = "new";

impl Install {
    pub(super) fn open(platform: Platform, spec: &PhoneSpec) -> std::io::Result<Self> {
        let file = spec
            .data
            .join("state")
            .join(format!("social_{}.json", platform.name()));
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Self>(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self {
                variant: USUAL_VARIANT.to_owned(),
                ..Self::default()
            },
            Err(error) => return Err(error),
        };
        Ok(Self { file, ..kept })
    }

    /// Writes it; call it after each change. A disk that refuses is logged, the phone goes on.
    pub fn keep(&self) {
        let bytes = serde_json::to_vec_pretty(self).map_err(std::io::Error::from);
        if let Err(error) = bytes.and_then(|bytes| write_whole(&self.file, &bytes)) {
            tracing::error!(%error, file = %self.file.display(), "an app's state cannot be kept");
        }
    }

    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// The account that acts: none while the app shows its login.
    pub fn active(&self) -> Option<&str> {
        let active = self.active.as_deref()?;
        self.sessions.iter().any(|one| one == active).then_some(active)
    }

    /// The phone's moods alone; see [`super::moods_of`] for those of an account.
    pub fn moods(&self) -> Moods {
        Moods::merged(&self.moods, None)
    }

    /// Sets moods over those that are there; null takes one away.
    pub fn set_moods(&mut self, wanted: &Map<String, Value>) -> Result<(), serde_json::Error> {
        mood::set(&mut self.moods, wanted)
    }

    /// Logs an account in beside those that are.
    pub fn enter(&mut self, username: &str) {
        if !self.sessions.iter().any(|one| one == username) {
            self.sessions.push(username.to_owned());
        }
        self.expired.remove(username);
        self.active = Some(username.to_owned());
    }

    /// Logs one out; the next one that is logged in becomes the active one.
    pub fn leave(&mut self, username: &str) {
        self.sessions.retain(|one| one != username);
        self.expired.remove(username);
        if self.active.as_deref() == Some(username) {
            self.active = self.sessions.first().cloned();
        }
    }

    /// An account has another name from now on.
    pub fn renamed(&mut self, from: &str, to: &str) {
        let change = |name: &mut String| {
            if name == from {
                to.clone_into(name);
            }
        };
        self.sessions.iter_mut().for_each(change);
        self.saved.iter_mut().for_each(change);
        self.active.iter_mut().for_each(change);
    }

    /// `pm clear`: moods and layout are the platform's and stay.
    pub fn clear(&mut self) {
        *self = Self {
            version: std::mem::take(&mut self.version),
            variant: std::mem::take(&mut self.variant),
            moods: std::mem::take(&mut self.moods),
            acts: std::mem::take(&mut self.acts),
            challenged: std::mem::take(&mut self.challenged),
            last_id: self.last_id,
            file: std::mem::take(&mut self.file),
            ..Self::default()
        };
        self.keep();
    }
}
