//! The packages that were installed on the phone, and what was changed about those that came with it. What came with
//! the phone is the program's and the apps' knowledge, not kept here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{PhoneSpec, write_whole};

/// An installed APK.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installed {
    pub version_code: u64,
    pub version_name: Option<String>,
    pub min_sdk: u32,
    pub target_sdk: u32,
    pub permissions: Vec<String>,
    pub keyboards: Vec<String>,
    pub launchers: Vec<String>,
    /// Its folder on the phone.
    pub folder: String,
    pub uid: u32,
    /// RFC 3339.
    pub first_install: jiff::Timestamp,
    pub last_update: jiff::Timestamp,
}

/// What is kept about packages.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Packages {
    pub installed: BTreeMap<String, Installed>,
    pub disabled: BTreeSet<String>,
    /// Packages that came with the phone and were uninstalled for the user.
    pub removed: BTreeSet<String>,
    #[serde(skip)]
    file: PathBuf,
}

/// App uids begin here; those below belong to the system's packages.
const FIRST_UID: u32 = 10_230;

impl Packages {
    pub fn open(spec: &PhoneSpec) -> std::io::Result<Self> {
        let file = spec.data.join("state/packages.json");
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Self>(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => return Err(error),
        };
        Ok(Self { file, ..kept })
    }

    /// The uid of a package: its own again at an update, else the next free one.
    pub fn uid_for(&self, package: &str) -> u32 {
        self.installed.get(package).map_or_else(
            || {
                self.installed
                    .values()
                    .map(|one| one.uid + 1)
                    .max()
                    .unwrap_or(FIRST_UID)
            },
            |one| one.uid,
        )
    }

    /// Whether a package that came with the phone is still there and may run.
    pub fn usable(&self, package: &str) -> bool {
        !self.disabled.contains(package) && !self.removed.contains(package)
    }

    /// Writes through; call it after each change.
    pub fn keep(&self) -> std::io::Result<()> {
        write_whole(&self.file, &serde_json::to_vec_pretty(self)?)
    }
}
