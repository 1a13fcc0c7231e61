//! Runtime permissions: who may do what, kept over restarts as a phone keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was decided about one permission of one app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Granted,
    Denied,
    /// "Don't ask again": the app is told no without a dialog.
    DeniedForGood,
}

/// All decisions of a phone, by package and permission.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Permissions(BTreeMap<String, BTreeMap<String, Decision>>);

impl Permissions {
    pub fn get(&self, package: &str, permission: &str) -> Option<Decision> {
        self.0.get(package)?.get(permission).copied()
    }

    pub fn granted(&self, package: &str, permission: &str) -> bool {
        self.get(package, permission) == Some(Decision::Granted)
    }

    /// All decisions about one app.
    pub fn of(&self, package: &str) -> BTreeMap<String, Decision> {
        self.0.get(package).cloned().unwrap_or_default()
    }

    pub(crate) fn set(&mut self, package: &str, permission: &str, decision: Option<Decision>) {
        let app = self.0.entry(package.to_owned()).or_default();
        match decision {
            Some(decision) => drop(app.insert(permission.to_owned(), decision)),
            None => drop(app.remove(permission)),
        }
    }

    pub(crate) fn forget(&mut self, package: &str) {
        self.0.remove(package);
    }
}
