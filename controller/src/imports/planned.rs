//! A decided row as it waits to be applied, and as it is kept to be taken back: what it changes, field by field. Rows
//! travel in chunks, which are sealed as a whole, for there are passwords in them.

use serde::{Deserialize, Serialize};
use shared::account::Platform;
use shared::secret::SecretText;
use zeroize::Zeroizing;

use super::decide::Fate;
use super::field::Change;

/// Rows of one chunk.
pub const CHUNK: usize = 500;

/// A row that makes or changes an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRow {
    /// Of the sheet.
    #[serde(rename = "r")]
    pub line: u32,
    #[serde(rename = "p", with = "platform")]
    pub platform: Platform,
    #[serde(rename = "a")]
    pub account: Account,
    #[serde(rename = "c")]
    pub changes: Vec<Change>,
}

/// Which account a planned row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Account {
    /// The n-th new one of this import, counted from 0: ids are given when all is decided.
    #[serde(rename = "n")]
    New(u32),
    #[serde(rename = "i")]
    Known(i64),
}

impl Account {
    /// Its id, where the import's new accounts begin with `first_new`.
    pub fn id(self, first_new: i64) -> i64 {
        match self {
            Self::New(place) => first_new + i64::from(place),
            Self::Known(id) => id,
        }
    }

    pub fn is_new(self) -> bool {
        matches!(self, Self::New(_))
    }
}

impl PlannedRow {
    /// What is to be applied of a decided row; `None` where nothing is.
    pub fn of(line: u32, platform: Platform, fate: Fate, next_new: &mut u32) -> Option<Self> {
        let (account, changes) = match fate {
            Fate::Create { changes, .. } => {
                let account = Account::New(*next_new);
                *next_new += 1;
                (account, changes)
            }
            Fate::Update { id, changes, .. } => (Account::Known(id), changes),
            Fate::Unchanged { .. } | Fate::Skip { .. } => return None,
        };
        Some(Self {
            line,
            platform,
            account,
            changes,
        })
    }
}

/// A chunk in its written form, to be sealed.
pub fn write(rows: &[PlannedRow]) -> Result<SecretText, serde_json::Error> {
    // Room for the whole from the start: growing would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(rows.len() * 1024));
    serde_json::to_writer(&mut *bytes, rows)?;
    // JSON is UTF-8.
    Ok(String::from_utf8(std::mem::take(&mut *bytes))
        .unwrap_or_default()
        .into())
}

pub fn read(text: &SecretText) -> Result<Vec<PlannedRow>, serde_json::Error> {
    serde_json::from_str(text.expose())
}

mod platform {
    use serde::{Deserialize, Deserializer, Serializer};
    use shared::account::Platform;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
    pub(super) fn serialize<S: Serializer>(platform: &Platform, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(platform.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Platform, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
