//! Walking a new phone to readiness. Each step looks first, changes only what it must, looks again, and explains
//! itself; what only a person can do is said in words that a person can follow.
//!
//! Every step may be repeated: on a phone that is ready nothing changes.

mod steps;

use std::path::PathBuf;

use serde::Serialize;

use crate::adb::phone::AdbDevice;

/// What a step found or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Short and stable: "screen_lock".
    pub name: &'static str,
    /// What is being looked at, for people.
    pub title: &'static str,
    pub state: StepState,
    /// What was found.
    pub found: String,
    /// Why it matters or what to do.
    pub advice: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Was right already.
    Ok,
    /// Was wrong and is right now.
    Fixed,
    /// Is wrong, and would be put right without `--check`.
    WouldFix,
    /// A person has to do something on the phone.
    NeedsPerson,
    /// Cannot be seen from here: a person should look once.
    Unseen,
    /// Could not be put right.
    Failed,
}

impl StepState {
    /// Whether the phone can work as it is.
    pub fn is_ready(self) -> bool {
        matches!(self, Self::Ok | Self::Fixed | Self::Unseen)
    }
}

/// What the walk may use.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Look only, change nothing.
    pub check_only: bool,
    /// The typing keyboard's app, for phones that lack it.
    pub keyboard_apk: Option<PathBuf>,
    /// The resident driver's code.
    pub resident_jar: Option<PathBuf>,
}

/// Walks all steps, telling each as it is done.
pub async fn prepare(device: &AdbDevice, options: &Options, mut told: impl FnMut(&Step)) -> Vec<Step> {
    let walk = steps::Walk { device, options };
    let mut done = Vec::new();
    for step in steps::ALL {
        let (state, found, advice) = walk.take(*step).await;
        let step = Step {
            name: step.name(),
            title: step.title(),
            state,
            found,
            advice,
        };
        told(&step);
        done.push(step);
    }
    done
}
