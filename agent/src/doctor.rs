//! What goes wrong on hub hosts: looked for, named, and with the way out.
//!
//! Looks at this host and asks the adb server; touches no phone beyond asking it for its time.

mod adb_program;
mod adb_server;
mod clock;
mod resources;
mod storage;
mod usb;

use std::path::PathBuf;

use serde::Serialize;
use shared::device::Device;

use crate::adb::AdbServer;
use crate::roster::RosterHandle;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Short and stable: "adb_program".
    pub check: &'static str,
    pub state: FindingState,
    pub found: String,
    /// What to do about it.
    pub advice: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    Good,
    /// Works, but will bite.
    Warning,
    /// Phones cannot work until this is put right.
    Bad,
}

impl Finding {
    fn good(check: &'static str, found: impl Into<String>) -> Self {
        Self {
            check,
            state: FindingState::Good,
            found: found.into(),
            advice: None,
        }
    }

    fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            check,
            state: FindingState::Warning,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }

    fn bad(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            check,
            state: FindingState::Bad,
            found: found.into(),
            advice: Some(advice.into()),
        }
    }
}

/// What the doctor needs to know of this agent.
#[derive(Debug, Clone)]
pub struct Patient {
    pub server: AdbServer,
    /// The adb program, where one was named.
    pub adb: Option<PathBuf>,
    pub resident_jar: Option<PathBuf>,
}

/// Checks of the host alone; they come before a roster starts, which might start an adb server.
pub async fn examine_host(patient: &Patient) -> Vec<Finding> {
    let mut findings = vec![adb_program::examine(patient.adb.as_deref()).await];
    findings.push(adb_server::examine(&patient.server).await);
    findings.extend(storage::examine());
    findings.push(resources::examine(patient.resident_jar.as_deref()));
    findings.push(clock::examine().await);
    findings
}

/// Checks of the phones.
pub async fn examine_phones(roster: &RosterHandle, devices: &[Device]) -> Vec<Finding> {
    let mut findings = usb::examine(devices);
    findings.extend(clock::examine_phones(roster, devices).await);
    findings
}
