//! An account of one of the two platforms: what its parts are called, what each may be, how they are compared.
//!
//! The same rules hold wherever a value enters: the API, the command line, a sheet. Nothing here knows where accounts
//! are kept.

mod caps;
mod password;
mod tags;
mod username;

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

pub use crate::act::is_package_name;
pub use caps::{CAPPED, Caps, HIGHEST_CAP, capped};
pub use password::{LONGEST_PASSWORD, Password};
pub use tags::{LONGEST_TAG, MOST_TAGS, Tag, Tags};
pub use username::{LONGEST_USERNAME, Username};

/// In characters.
pub const LONGEST_EMAIL: usize = 320;
/// In characters.
pub const LONGEST_DEVICE: usize = 200;
/// In characters.
pub const LONGEST_NICKNAME: usize = 200;
/// In characters.
pub const LONGEST_COUNTRY: usize = 100;
/// Spreadsheets keep fifteen digits of a number.
pub const LARGEST_COUNT: u64 = 999_999_999_999_999;

/// What is wrong with a value. Never says the value itself, which may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Wrong {
    #[error("is required")]
    Missing,
    #[error("has more than {most} characters")]
    TooLong { most: usize },
    #[error("must not have line breaks or other control characters")]
    Control,
    #[error("has more than {most} entries")]
    TooMany { most: usize },
    #[error("must be {0}")]
    Not(&'static str),
}

/// Which app an account belongs to. Also its workspace: usernames are unique in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Platform {
    TikTok,
    Instagram,
}

impl Platform {
    pub const ALL: [Self; 2] = [Self::TikTok, Self::Instagram];
    /// For messages that say what is allowed.
    pub const ALLOWED: &'static str = "tiktok or instagram";

    pub fn as_str(self) -> &'static str {
        match self {
            Self::TikTok => "tiktok",
            Self::Instagram => "instagram",
        }
    }

    /// As its makers spell it.
    pub fn title(self) -> &'static str {
        match self {
            Self::TikTok => "TikTok",
            Self::Instagram => "Instagram",
        }
    }

    /// The app that is used where an account names no other.
    pub fn default_package(self) -> &'static str {
        match self {
            Self::TikTok => "com.zhiliaoapp.musically",
            Self::Instagram => "com.instagram.android",
        }
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// In any case, with blanks around.
impl FromStr for Platform {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        let wanted = text.trim();
        let named = |platform: &Self| platform.as_str().eq_ignore_ascii_case(wanted);
        Self::ALL.into_iter().find(named).ok_or(Wrong::Not(Self::ALLOWED))
    }
}

/// Whether tasks may use an account.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountStatus {
    #[default]
    Enabled,
    Disabled,
}

impl AccountStatus {
    /// As the API and the sheets write it.
    pub fn number(self) -> u8 {
        match self {
            Self::Enabled => 0,
            Self::Disabled => 1,
        }
    }

    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(Self::Enabled),
            1 => Some(Self::Disabled),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

/// What an app's profile page says; `None` where nobody has read it yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    pub nickname: Option<String>,
    pub country: Option<String>,
    pub followers: Option<u64>,
    pub following: Option<u64>,
    pub hearts: Option<u64>,
    pub videos: Option<u64>,
    pub friends: Option<u64>,
    /// When they were read from the app; values that came from a sheet have no such time.
    pub synced_at: Option<Timestamp>,
}

/// An e-mail address or whatever else is noted in its place; `None` for an empty one.
pub fn email(text: &str) -> Result<Option<String>, Wrong> {
    line(text, LONGEST_EMAIL)
}

/// A phone's serial or alias as it was written; `None` for an empty one. Whether there is such a phone is another
/// question.
pub fn device(text: &str) -> Result<Option<String>, Wrong> {
    line(text, LONGEST_DEVICE)
}

/// The app to be used in the place of the platform's own; `None` for an empty one.
pub fn package(text: &str) -> Result<Option<String>, Wrong> {
    match text.trim() {
        "" => Ok(None),
        name if is_package_name(name) => Ok(Some(name.to_owned())),
        _ => Err(Wrong::Not(
            "the name of an app such as com.instagram.android: letters, digits, underscores and dots",
        )),
    }
}

pub fn nickname(text: &str) -> Result<Option<String>, Wrong> {
    line(text, LONGEST_NICKNAME)
}

pub fn country(text: &str) -> Result<Option<String>, Wrong> {
    line(text, LONGEST_COUNTRY)
}

/// One line without blanks around it; `None` for an empty one.
fn line(text: &str, most: usize) -> Result<Option<String>, Wrong> {
    let text = text.trim();
    check_line(text, most)?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn check_line(text: &str, most: usize) -> Result<(), Wrong> {
    if text.chars().any(char::is_control) {
        Err(Wrong::Control)
    } else if text.chars().count() > most {
        Err(Wrong::TooLong { most })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_read_in_any_case_and_written_in_lower_case() {
        assert_eq!(" TikTok ".parse(), Ok(Platform::TikTok));
        assert_eq!("INSTAGRAM".parse(), Ok(Platform::Instagram));
        assert_eq!("".parse::<Platform>(), Err(Wrong::Not("tiktok or instagram")));
        for platform in Platform::ALL {
            assert_eq!(platform.to_string().parse(), Ok(platform));
            assert!(is_package_name(platform.default_package()));
        }
    }

    #[test]
    fn a_status_is_0_for_enabled_and_1_for_disabled() {
        assert_eq!(AccountStatus::from_number(0), Some(AccountStatus::Enabled));
        assert_eq!(AccountStatus::from_number(1), Some(AccountStatus::Disabled));
        assert_eq!(AccountStatus::from_number(2), None);
        assert_eq!(AccountStatus::Disabled.number(), 1);
    }

    #[test]
    fn a_line_loses_its_outer_blanks_and_may_not_be_two() {
        assert_eq!(email("  a@b.example "), Ok(Some("a@b.example".to_owned())));
        assert_eq!(email("   "), Ok(None));
        assert_eq!(device("a\nb"), Err(Wrong::Control));
        assert_eq!(country(&"x".repeat(101)), Err(Wrong::TooLong { most: 100 }));
        assert_eq!(nickname("שלום 🙂"), Ok(Some("שלום 🙂".to_owned())));
    }

    #[test]
    fn an_app_is_named_so_that_a_phone_can_start_it() {
        assert_eq!(package(" "), Ok(None));
        assert_eq!(
            package("com.ss.android.ugc.trill"),
            Ok(Some("com.ss.android.ugc.trill".to_owned()))
        );
        assert!(package("com.x; reboot").is_err());
    }
}
