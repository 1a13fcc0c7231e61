//! What whoever imports may choose. Nothing here looks at a row.

use std::str::FromStr;

use shared::account::Platform;

/// How a sheet is to be taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rules {
    /// Of rows that do not say it themselves.
    pub platform: Option<Platform>,
    pub on_error: OnError,
    pub on_duplicate: OnDuplicate,
    pub ids: Ids,
    /// A sheet that would rename many accounts is taken all the same.
    pub allow_rename: bool,
    /// Phones get the indexes that the sheet gives them.
    pub adopt_device_index: bool,
}

/// What one faulty row means for the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnError {
    /// Nothing is imported.
    #[default]
    Refuse,
    /// The good rows are imported.
    Skip,
}

/// What becomes of a row without an id whose username stands already, with other values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnDuplicate {
    #[default]
    Fault,
    Update,
    Skip,
}

/// Whether the sheet's ids are this farm's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ids {
    #[default]
    Match,
    Ignore,
}

/// A word that is none of those allowed, which it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be {0}")]
pub struct NotAllowed(pub &'static str);

impl FromStr for OnError {
    type Err = NotAllowed;

    fn from_str(word: &str) -> Result<Self, NotAllowed> {
        match word.trim().to_ascii_lowercase().as_str() {
            "refuse" => Ok(Self::Refuse),
            "skip" => Ok(Self::Skip),
            _ => Err(NotAllowed("refuse or skip")),
        }
    }
}

impl FromStr for OnDuplicate {
    type Err = NotAllowed;

    fn from_str(word: &str) -> Result<Self, NotAllowed> {
        match word.trim().to_ascii_lowercase().as_str() {
            "fault" => Ok(Self::Fault),
            "update" => Ok(Self::Update),
            "skip" => Ok(Self::Skip),
            _ => Err(NotAllowed("fault, update or skip")),
        }
    }
}

impl FromStr for Ids {
    type Err = NotAllowed;

    fn from_str(word: &str) -> Result<Self, NotAllowed> {
        match word.trim().to_ascii_lowercase().as_str() {
            "match" => Ok(Self::Match),
            "ignore" => Ok(Self::Ignore),
            _ => Err(NotAllowed("match or ignore")),
        }
    }
}
