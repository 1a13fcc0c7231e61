//! What can be done with a phone: the whole contract, on one page.
//!
//! Workers, flows and the command line act through [`Device`] and know nothing of adb, of drivers or of Android's
//! wording. An act whose outcome is unknown says so ([`DeviceError::is_uncertain`]); nothing in here repeats an act.

pub mod fake;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use shared::device::{Foreground, Serial};
use shared::screen::{Screen, ScreenError};

/// A dump: the text for people and evidence, the tree for finding.
#[derive(Debug, Clone)]
pub struct Hierarchy {
    pub xml: String,
    pub screen: Screen,
    /// Which window had the focus when it was read, as [`Device::focus`] tells it; `None` where the driver did not ask.
    pub focus: Option<String>,
}

/// How the phone's screen is read and touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DriverKind {
    /// `uiautomator dump` and `input`: nothing to install.
    Plain,
    /// The UI server on the phone: quicker, and it needs no idle screen.
    Resident,
}

impl std::fmt::Display for DriverKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Plain => "plain",
            Self::Resident => "resident",
        })
    }
}

/// A key that every phone has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Home,
    Back,
    Recents,
    Enter,
    Delete,
    Tab,
    Escape,
    MoveEnd,
    /// Wakes the screen; never turns it off, as the power key would.
    WakeUp,
    Sleep,
    Menu,
    VolumeUp,
    VolumeDown,
    /// Any other, by Android's number.
    Code(u16),
}

impl Key {
    /// Android's number for it.
    pub fn code(self) -> u16 {
        match self {
            Self::Home => 3,
            Self::Back => 4,
            Self::VolumeUp => 24,
            Self::VolumeDown => 25,
            Self::Tab => 61,
            Self::Enter => 66,
            Self::Delete => 67,
            Self::Menu => 82,
            Self::Escape => 111,
            Self::MoveEnd => 123,
            Self::Recents => 187,
            Self::Sleep => 223,
            Self::WakeUp => 224,
            Self::Code(code) => code,
        }
    }
}

/// A phone in the agent's hands. Every call ends at its own deadline.
#[async_trait]
pub trait Device: Send + Sync {
    fn serial(&self) -> &Serial;

    /// The driver in use just now; changes when one has to stand in for the other.
    fn driver(&self) -> DriverKind;

    /// What an operator should know of the driver: "resident driver cannot start: …; using plain".
    fn note(&self) -> Option<String>;

    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError>;
    /// A PNG.
    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError>;
    async fn foreground(&self) -> Result<Foreground, DeviceError>;
    /// The focused window's own mark, to be compared and nothing else: a dialog has another one than what is behind it.
    async fn focus(&self) -> Result<String, DeviceError>;

    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError>;
    async fn long_press(&self, x: i32, y: i32, hold: Duration) -> Result<(), DeviceError>;
    async fn swipe(&self, from: (i32, i32), to: (i32, i32), time: Duration) -> Result<(), DeviceError>;
    async fn key(&self, key: Key) -> Result<(), DeviceError>;
    /// Types into the focused field, any Unicode, and makes sure that it arrived where that can be seen.
    async fn type_text(&self, text: &str) -> Result<(), DeviceError>;
    /// Types into the focused field without looking whether it arrived.
    async fn insert_text(&self, text: &str) -> Result<(), DeviceError>;
    /// Empties the focused field.
    async fn clear_text(&self) -> Result<(), DeviceError>;

    /// Opens `url` in `package`, or in what the phone chooses.
    async fn open_url(&self, url: &str, package: Option<&str>) -> Result<(), DeviceError>;
    async fn start_app(&self, package: &str) -> Result<(), DeviceError>;
    async fn stop_app(&self, package: &str) -> Result<(), DeviceError>;
    /// Hands a file to an app, as the share button of another app does.
    async fn share(&self, share: &Share) -> Result<(), DeviceError>;
    /// Gives an app a permission that it would ask for.
    async fn grant(&self, package: &str, permission: &str) -> Result<(), DeviceError>;

    /// The installed version of an app; `None` where it is not installed.
    async fn app_version(&self, package: &str) -> Result<Option<String>, DeviceError>;
    async fn system(&self) -> Result<SystemFacts, DeviceError>;
    async fn keyboard_shown(&self) -> Result<bool, DeviceError>;
    /// Switches the screen on and takes a lock screen without a PIN away; false where only its owner can open it.
    async fn wake(&self) -> Result<bool, DeviceError>;
    /// The phone's own clock, in seconds since 1970.
    async fn clock(&self) -> Result<i64, DeviceError>;

    /// Puts a file of this host onto the phone.
    async fn push(&self, local: &Path, remote: &str) -> Result<(), DeviceError>;
    async fn remove(&self, remote: &str) -> Result<(), DeviceError>;
    /// Makes galleries see a file that was put there, or gone; the URI by which apps know it.
    async fn index_media(&self, remote: &str) -> Result<Option<String>, DeviceError>;
    /// Writes down on the phone who works with it.
    async fn hold(&self, token: &str) -> Result<(), DeviceError>;
    /// Who wrote himself down last; empty where nobody did.
    async fn holder(&self) -> Result<String, DeviceError>;
    /// Writes down on the phone which files were put there only for a run; what was written before is replaced.
    async fn note_files(&self, paths: &[String]) -> Result<(), DeviceError>;
    /// What was written down so by whoever held the phone last.
    async fn noted_files(&self) -> Result<Vec<String>, DeviceError>;
}

/// A file that one app hands to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// As [`Device::index_media`] answers it.
    pub uri: String,
    pub mime: String,
    pub package: String,
    /// The class of the package that shall take it; the phone's choice where `None`.
    pub component: Option<String>,
}

/// What a phone's system says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct SystemFacts {
    /// "14", "8.1.0".
    pub android: String,
    pub sdk: u32,
    /// "en", "fr"; empty where it does not say.
    pub language: String,
}

/// Why a phone did not do what was asked. `Display` says what was being done and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The way to the phone failed before anything was asked of it.
    #[error("{doing}: cannot reach the phone")]
    Unreachable {
        doing: String,
        source: crate::adb::AdbError,
    },
    /// The way failed after the phone may have acted: it may or may not have happened.
    #[error("{doing}: the phone may or may not have done it")]
    Uncertain {
        doing: String,
        source: crate::adb::AdbError,
    },
    /// The phone answered no.
    #[error("{doing}: the phone refused: {said}{}", in_brackets(*.advice))]
    Refused {
        doing: String,
        said: String,
        advice: Option<&'static str>,
    },
    /// Something on the screen never stops moving, so `uiautomator` gave no tree.
    #[error(
        "the screen does not come to rest (a video or an animation), so it cannot be read; pause it, or use the resident driver"
    )]
    NotIdle,
    /// No window answered.
    #[error("no window can be read: the screen is off, locked, or in transition")]
    NoWindow,
    /// The phone's system ended `uiautomator` before it had written the tree.
    #[error(
        "the phone's system killed the tool that reads its screen, for want of memory: close apps, or restart the phone"
    )]
    Killed,
    /// The tree belongs to another app than the one in front.
    #[error("the phone shows {front}, but its dump is of {dumped}: an old picture, not to be acted on")]
    StaleDump { front: String, dumped: String },
    /// Another program owns the phone's UiAutomation.
    #[error(
        "another program on this phone reads its screen (Appium, uiautomator2, an accessibility test): stop it, two cannot"
    )]
    Occupied,
    #[error("the phone's dump cannot be read")]
    BadDump(#[source] ScreenError),
    #[error("the phone sent a picture that is not a PNG ({0})")]
    BadPicture(String),
    #[error("no field has the focus, so there is nothing to type into: tap one first")]
    NoFocus,
    /// As fields for codes do, which send themselves off with their last digit.
    #[error(
        "the field went away while it was typed into: look whether the text arrived before it is typed again"
    )]
    FieldGone,
    /// The texts themselves stay out of it: they may be secrets.
    #[error(
        "typed {typed} characters, but the field shows {shown} others in their place: something on the phone changed or swallowed them"
    )]
    TextLost { typed: usize, shown: usize },
    #[error("{0}")]
    BadInput(String),
    #[error("this text needs a keyboard that the phone does not have: {0}")]
    NoKeyboard(String),
    /// The link to the controller was away for too long in the middle of it.
    #[error("{0}: broken off, as the controller was away for too long; it may or may not have happened")]
    BrokenOff(&'static str),
    /// The phone is not to be touched any more by whoever asked.
    #[error("the phone is let go: {0}")]
    LetGo(String),
}

impl DeviceError {
    /// The act may have happened: it must not be done again without looking.
    pub fn is_uncertain(&self) -> bool {
        matches!(
            self,
            Self::Uncertain { .. } | Self::TextLost { .. } | Self::FieldGone | Self::BrokenOff(_)
        )
    }

    /// The phone has no room left.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Refused { said, .. } if said.contains(NO_SPACE))
    }
}

/// Android's words for a storage that is full.
pub(crate) const NO_SPACE: &str = "No space left on device";

fn in_brackets(advice: Option<&'static str>) -> String {
    advice.map(|advice| format!(" ({advice})")).unwrap_or_default()
}
