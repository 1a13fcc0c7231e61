//! What the social apps of all phones share: the platforms' worlds (who exists, what was posted, who follows whom) and
//! what one app on one phone keeps of its own (who is logged in, drafts, uploads, moods).
//!
//! Everything that lasts goes through [`commit`]: into the phone's ledger first, then into the world, then onto the
//! screen. Knows nothing of screens; the apps know nothing of files.

mod act;
mod commit;
pub mod count;
mod install;
pub mod login;
mod mood;
mod people;
pub mod pick;
pub mod text;
mod time;
pub mod upload;
mod world;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use serde::{Deserialize, Serialize};

use crate::clock::SimClock;
use crate::phone::{Phone, PhoneSpec, lock};

pub use act::Act;
pub use commit::{Outcome, catch_up, commit, moods_of, note};
pub use install::{Draft, Install};
pub use mood::{Challenge, Moods};
pub use time::WorldTime;
pub use world::{Account, Comment, Follow, Material, MaterialKind, Post, PostState, World, WorldError};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Platform {
    Instagram,
    TikTok,
}

impl Platform {
    pub const ALL: [Self; 2] = [Self::Instagram, Self::TikTok];

    /// As it stands in paths of the control API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instagram => "instagram",
            Self::TikTok => "tiktok",
        }
    }

    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|platform| platform.name() == name)
    }

    /// The app whose name stands in ledgers.
    pub fn package(self) -> &'static str {
        match self {
            Self::Instagram => "com.instagram.android",
            Self::TikTok => "com.zhiliaoapp.musically",
        }
    }

    /// By any package that its app comes in.
    pub fn of_package(package: &str) -> Option<Self> {
        match package {
            "com.instagram.android" => Some(Self::Instagram),
            "com.zhiliaoapp.musically" | "com.ss.android.ugc.trill" => Some(Self::TikTok),
            _ => None,
        }
    }

    fn index(self) -> usize {
        match self {
            Self::Instagram => 0,
            Self::TikTok => 1,
        }
    }
}

/// One world a platform, shared by the phones of a farm.
#[derive(Debug)]
pub struct Worlds([Mutex<World>; 2]);

impl Worlds {
    /// Reads the worlds kept in `folder`, or makes them anew.
    pub fn open(folder: &Path, clock: &SimClock) -> std::io::Result<Arc<Self>> {
        std::fs::create_dir_all(folder)?;
        let open = |platform| World::open(platform, folder, clock).map(Mutex::new);
        Ok(Arc::new(Self([
            open(Platform::Instagram)?,
            open(Platform::TikTok)?,
        ])))
    }

    pub fn world(&self, platform: Platform) -> MutexGuard<'_, World> {
        lock(&self.0[platform.index()])
    }
}

/// A phone's side of it. Of its locks the install's comes before the world's.
#[derive(Debug)]
pub struct Social {
    worlds: Arc<Worlds>,
    installs: [Mutex<Install>; 2],
}

impl Social {
    pub fn open(spec: &PhoneSpec, worlds: Arc<Worlds>) -> std::io::Result<Self> {
        let open = |platform| Install::open(platform, spec).map(Mutex::new);
        Ok(Self {
            worlds,
            installs: [open(Platform::Instagram)?, open(Platform::TikTok)?],
        })
    }

    pub fn world(&self, platform: Platform) -> MutexGuard<'_, World> {
        self.worlds.world(platform)
    }

    /// What the platform's app keeps on this phone.
    pub fn install(&self, platform: Platform) -> MutexGuard<'_, Install> {
        lock(&self.installs[platform.index()])
    }
}

/// A process ended, by whatever hand: uploads in it are lost, unless the platform had them already.
pub(crate) fn process_died(phone: &Phone, package: &str) {
    if let Some(platform) = Platform::of_package(package) {
        upload::died(phone, platform);
    }
}
