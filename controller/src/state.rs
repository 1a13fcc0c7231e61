//! What every request is answered from: the store, the fleet, the settings in force, and whether the controller is ready.
//!
//! Made once at the start; clones share it. Knows nothing of single routes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use shared::account::Platform;
use shared::clock::SharedClock;
use tokio::sync::watch;

use crate::http::backups::Backups;
use crate::http::devices::live::Live;
use crate::http::events::EventHub;
use crate::http::imports::Surroundings;
use crate::http::phones::Phones;
use crate::imports::desk::Desk;
use crate::imports::ground::Ground;
use crate::media::Media;
use crate::metrics::Metrics;
use crate::packs::{LivePacks, Packs};
use crate::passwords::Passwords;
pub use crate::plan::Plan;
use crate::scheduler::Scheduler;
use crate::schedules::Schedules;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

/// Whether the controller can do its work, and if not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    Starting,
    Ready,
    /// Another controller has the database; `holder` says which.
    Standby {
        holder: String,
    },
    /// The database is of another history than the agents' journals.
    Recovering {
        why: String,
    },
    ShuttingDown,
}

impl Readiness {
    /// Why requests are not served; `None` if they are.
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::Ready => None,
            Self::Starting => Some("starting: try again in a moment".to_owned()),
            Self::Standby { holder } => Some(format!("standby: the active controller is {holder}")),
            Self::Recovering { why } => Some(format!("recovering: {why}")),
            Self::ShuttingDown => Some("shutting down".to_owned()),
        }
    }
}

/// What the configuration says about the API; it stays as it is until the next start.
#[derive(Debug, Clone)]
pub struct ApiConfig {
    pub plan: Plan,
    /// `HOST` or `HOST:PORT` that requests may name beside the loopback names.
    pub allowed_hosts: Vec<String>,
    /// Answers every envelope with HTTP 200 unless the setting of the same name says otherwise.
    pub always_200: bool,
    /// In which start times are meant.
    pub zone: TimeZone,
    /// Settings that can be changed while the farm runs, as they are where nobody has.
    pub settings: BTreeMap<String, Value>,
    /// Where hosts join, for those who are told how.
    pub join_port: u16,
    /// SHA-256 (hex) of the secret with which this machine's own command line comes: it may do everything.
    pub command_line_hash: Option<String>,
}

impl Default for ApiConfig {
    fn default() -> Self {
        Self {
            plan: Plan::SelfHosted,
            allowed_hosts: Vec::new(),
            always_200: false,
            zone: TimeZone::system(),
            settings: BTreeMap::new(),
            join_port: 50811,
            command_line_hash: None,
        }
    }
}

/// Settings that a running controller takes on at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tunable {
    pub always_200: bool,
    pub allowed_hosts: Vec<String>,
    /// The app of a task where neither the request nor an account decides.
    pub usual_platform: Platform,
}

impl Default for Tunable {
    fn default() -> Self {
        Self {
            always_200: false,
            allowed_hosts: Vec::new(),
            usual_platform: Platform::TikTok,
        }
    }
}

/// The settings in force; clones share them.
#[derive(Debug, Clone, Default)]
pub struct InForce(Arc<RwLock<Arc<Tunable>>>);

impl InForce {
    pub fn get(&self) -> Arc<Tunable> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn set(&self, tunable: Tunable) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tunable);
    }
}

/// Everything that handlers need.
#[derive(Clone)]
pub struct AppState {
    pub store: Store,
    pub vault: Vault,
    pub phones: Arc<dyn Phones>,
    /// Who watches which screens.
    pub live: Live,
    pub events: EventHub,
    pub config: Arc<ApiConfig>,
    pub in_force: InForce,
    pub clock: SharedClock,
    pub started_at: Timestamp,
    pub readiness: watch::Receiver<Readiness>,
    pub metrics: Arc<Metrics>,
    /// None where backups have no folder.
    pub backups: Option<Arc<Backups>>,
    pub imports: Desk,
    pub packs: LivePacks,
    pub media: Media,
    pub passwords: Passwords,
    pub scheduler: Scheduler,
    pub schedules: Schedules,
    /// Files that attempts left lie below it.
    pub data_dir: Arc<Path>,
}

impl AppState {
    /// Reads the settings that the store keeps, and listens to what happens to the phones from now on.
    pub async fn new(
        store: Store,
        vault: Vault,
        phones: Arc<dyn Phones>,
        config: ApiConfig,
        clock: SharedClock,
        readiness: watch::Receiver<Readiness>,
    ) -> Result<Self, StoreError> {
        let started_at = clock.now();
        let packs = LivePacks::new(Packs::built_in(), store.clone());
        let state = Self {
            store,
            vault,
            events: EventHub::follow(phones.events(), started_at),
            phones,
            live: Live::default(),
            config: Arc::new(config),
            in_force: InForce::default(),
            started_at,
            clock,
            readiness,
            metrics: Arc::default(),
            backups: None,
            imports: Desk::default(),
            packs,
            media: Media::default(),
            passwords: Passwords::default(),
            scheduler: Scheduler::default(),
            schedules: Schedules::default(),
            data_dir: Arc::from(Path::new("")),
        };
        state.take_on().await?;
        Ok(state)
    }

    /// Lets backups be made on demand, and shows how the scheduled ones fare.
    #[must_use]
    pub fn with_backups(mut self, backups: Backups) -> Self {
        self.backups = Some(Arc::new(backups));
        self
    }

    /// Where imports are taken in.
    #[must_use]
    pub fn with_imports(mut self, imports: Desk) -> Self {
        self.imports = imports;
        self
    }

    /// By which packs apps are operated, beneath those that the store keeps; [`Self::take_on`] takes these on.
    #[must_use]
    pub fn with_packs(mut self, packs: Packs) -> Self {
        self.packs = LivePacks::new(packs, self.store.clone());
        self
    }

    /// Puts in force what the store keeps: settings and packs. Another controller may have changed them.
    pub async fn take_on(&self) -> Result<(), StoreError> {
        crate::http::settings::take_on(self).await?;
        self.packs.refresh().await
    }

    /// Where tasks find the files that they publish.
    #[must_use]
    pub fn with_media(mut self, media: Media) -> Self {
        self.media = media;
        self
    }

    /// Where files lie.
    #[must_use]
    pub fn with_data_dir(mut self, folder: &Path) -> Self {
        self.data_dir = Arc::from(folder);
        self
    }

    /// What imports and exports work on.
    pub fn ground(&self) -> Ground {
        Ground {
            store: self.store.clone(),
            vault: self.vault.clone(),
            clock: Arc::clone(&self.clock),
            around: Arc::new(Surroundings {
                phones: Arc::clone(&self.phones),
                events: self.events.clone(),
                clock: Arc::clone(&self.clock),
            }),
        }
    }

    pub fn ready(&self) -> Readiness {
        self.readiness.borrow().clone()
    }
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState")
            .field("config", &self.config)
            .field("started_at", &self.started_at)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_without_the_api_still_has_its_limit() {
        assert!(!Plan::Starter.api_enabled());
        assert_eq!(Plan::Starter.device_limit(), 5);
        assert!(Plan::ALL.iter().skip(1).all(|plan| plan.api_enabled()));
    }
}
