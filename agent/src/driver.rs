//! How a phone's screen is read and touched. Two drivers behind one trait; `crate::adb::phone` chooses between them.
//!
//! UiAutomation on the phone has one owner at a time, so the two never run at once: the plain driver is only used
//! while the resident server is down.

pub mod arrival;
pub mod keyboard;
pub mod plain;
pub mod resident;

use std::time::Duration;

use async_trait::async_trait;

use crate::adb::{AdbError, AdbErrorKind, ShellOutput};
use crate::device::{DeviceError, Hierarchy, Key, NO_SPACE};

/// What a driver must be able to do; see [`crate::device::Device`] for what each call means.
#[async_trait]
pub trait Driver: Send + Sync {
    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError>;
    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError>;
    async fn long_press(&self, x: i32, y: i32, hold: Duration) -> Result<(), DeviceError>;
    async fn swipe(&self, from: (i32, i32), to: (i32, i32), time: Duration) -> Result<(), DeviceError>;
    async fn key(&self, key: Key) -> Result<(), DeviceError>;
    /// Types without looking whether it arrived.
    async fn insert_text(&self, text: &str) -> Result<(), DeviceError>;
    async fn clear_text(&self) -> Result<(), DeviceError>;
}

/// Turns the error of a call that changed nothing on the phone.
pub(crate) fn unreachable(doing: impl Into<String>) -> impl FnOnce(AdbError) -> DeviceError {
    let doing = doing.into();
    move |source| {
        let AdbError {
            doing: what,
            target,
            kind,
        } = source;
        match kind {
            // The way is there, and the room is not.
            AdbErrorKind::Refused(said) if said.contains(NO_SPACE) => DeviceError::Refused {
                doing,
                advice: advice_for(&said),
                said,
            },
            kind => DeviceError::Unreachable {
                doing,
                source: AdbError::new(what, target, kind),
            },
        }
    }
}

/// Turns the error of an act: where the phone had the command already, it may have acted.
pub(crate) fn uncertain(doing: impl Into<String>) -> impl FnOnce(AdbError) -> DeviceError {
    let doing = doing.into();
    move |source| {
        if source.before_sending() {
            DeviceError::Unreachable { doing, source }
        } else {
            DeviceError::Uncertain { doing, source }
        }
    }
}

/// What helps against a refusal in these words.
pub(crate) fn advice_for(said: &str) -> Option<&'static str> {
    let known = REFUSALS.iter().find(|(mark, _)| said.contains(mark));
    known.and_then(|(_, advice)| *advice)
}

/// What Android's tools print when they refuse; they often exit with 0 all the same.
const REFUSALS: &[(&str, Option<&str>)] = &[
    (
        "INJECT_EVENTS",
        Some(
            "switch on \"USB debugging (Security settings)\" in the developer options; Xiaomi asks for a signed-in account and a SIM for it",
        ),
    ),
    ("SecurityException", None),
    ("NullPointerException", None),
    ("IllegalArgumentException", None),
    ("Error:", None),
    ("Exception occurred", None),
    ("inaccessible or not found", None),
    ("not found", None),
    (
        NO_SPACE,
        Some("the phone's storage is full: remove something from it"),
    ),
];

/// An answer without a refusal in it.
pub(crate) fn accepted(doing: impl Into<String>, output: &ShellOutput) -> Result<(), DeviceError> {
    let text = format!("{}\n{}", output.stdout_text(), output.stderr_text());
    for (mark, advice) in REFUSALS {
        if let Some(line) = text.lines().find(|line| line.contains(mark)) {
            return Err(DeviceError::Refused {
                doing: doing.into(),
                said: shorten(line),
                advice: *advice,
            });
        }
    }
    match output.code {
        Some(code) if code != 0 => {
            let said = text
                .lines()
                .map(str::trim)
                .find(|line| !line.is_empty())
                .unwrap_or("no word")
                .to_owned();
            Err(DeviceError::Refused {
                doing: doing.into(),
                said: format!("{} (exit code {code})", shorten(&said)),
                advice: None,
            })
        }
        _ => Ok(()),
    }
}

/// One line, fit for a message.
fn shorten(line: &str) -> String {
    const LONGEST: usize = 200;
    let line = line.trim();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_owned(),
    }
}
