//! What an import can change of an account: fourteen fields beside the username, and what each may hold. A record is all
//! of them; differences between records are told field by field.

use serde::{Deserialize, Serialize};
use shared::account::{Password, Platform, Tags};
use shared::secret::SecretText;

use crate::sheets::Column;

/// A field of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Username,
    Email,
    Pwd,
    Device,
    Logined,
    Status,
    Nickname,
    Country,
    Followers,
    Following,
    Hearts,
    Videos,
    Friends,
    PackageName,
    Tags,
}

impl Field {
    pub const COUNT: usize = 15;

    pub const ALL: [Self; Self::COUNT] = [
        Self::Username,
        Self::Email,
        Self::Pwd,
        Self::Device,
        Self::Logined,
        Self::Status,
        Self::Nickname,
        Self::Country,
        Self::Followers,
        Self::Following,
        Self::Hearts,
        Self::Videos,
        Self::Friends,
        Self::PackageName,
        Self::Tags,
    ];

    pub const fn column(self) -> Column {
        match self {
            Self::Username => Column::Username,
            Self::Email => Column::Email,
            Self::Pwd => Column::Pwd,
            Self::Device => Column::Device,
            Self::Logined => Column::Logined,
            Self::Status => Column::Status,
            Self::Nickname => Column::Nickname,
            Self::Country => Column::Country,
            Self::Followers => Column::Followers,
            Self::Following => Column::Following,
            Self::Hearts => Column::Hearts,
            Self::Videos => Column::Videos,
            Self::Friends => Column::Friends,
            Self::PackageName => Column::PackageName,
            Self::Tags => Column::Tags,
        }
    }

    /// As the sheet's column is called.
    pub const fn name(self) -> &'static str {
        self.column().name()
    }

    /// Read from the app's profile page: seven that the incumbent's Instagram sheets fill with nothing of use.
    pub const fn is_statistic(self) -> bool {
        matches!(
            self,
            Self::Nickname
                | Self::Country
                | Self::Followers
                | Self::Following
                | Self::Hearts
                | Self::Videos
                | Self::Friends
        )
    }

    /// Whether an empty cell takes away what stands; else it leaves it.
    pub const fn is_cleared_by_empty(self) -> bool {
        matches!(self, Self::Email | Self::Device | Self::Tags | Self::PackageName)
    }

    /// Whether sheets of this platform have a say in it.
    pub fn is_taken_from(self, platform: Platform) -> bool {
        platform == Platform::TikTok || !self.is_statistic()
    }
}

/// What a field holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Held {
    #[default]
    Nothing,
    Text(String),
    Number(u64),
    Tags(Tags),
    Secret(Password),
    /// A stored secret that cannot be opened; equal to no other.
    Damaged,
}

impl Held {
    pub fn text(text: Option<String>) -> Self {
        text.map_or(Self::Nothing, Self::Text)
    }

    pub fn number(number: Option<u64>) -> Self {
        number.map_or(Self::Nothing, Self::Number)
    }

    pub fn tags(tags: Tags) -> Self {
        if tags.is_empty() {
            Self::Nothing
        } else {
            Self::Tags(tags)
        }
    }

    pub fn password(password: Password) -> Self {
        if password.is_empty() {
            Self::Nothing
        } else {
            Self::Secret(password)
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether the two mean the same; what cannot be read is the same as nothing.
    fn is_same(&self, other: &Self) -> bool {
        !matches!(self, Self::Damaged) && self == other
    }
}

/// All fields of one account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record([Held; Field::COUNT]);

impl Record {
    pub fn get(&self, field: Field) -> &Held {
        &self.0[field as usize]
    }

    pub fn set(&mut self, field: Field, held: Held) {
        self.0[field as usize] = held;
    }

    /// Field by field, from this one to `after`.
    pub fn changes_to(&self, after: &Self) -> Vec<Change> {
        Field::ALL
            .into_iter()
            .filter(|field| !self.get(*field).is_same(after.get(*field)))
            .map(|field| Change {
                field,
                old: self.get(field).clone(),
                new: after.get(field).clone(),
            })
            .collect()
    }
}

/// One field of one account, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    #[serde(rename = "f")]
    pub field: Field,
    #[serde(rename = "o", default, skip_serializing_if = "is_nothing", with = "kept")]
    pub old: Held,
    #[serde(rename = "n", default, skip_serializing_if = "is_nothing", with = "kept")]
    pub new: Held,
}

fn is_nothing(held: &Held) -> bool {
    *held == Held::Nothing
}

/// As values lie in sealed chunks: short, and with their secrets. Nowhere else are secrets written out.
mod kept {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use shared::totp::TotpSeed;
    use zeroize::Zeroizing;

    use super::{Held, Password, SecretText, Tags};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kept {
        N,
        T(String),
        U(u64),
        G(Vec<String>),
        S(Zeroizing<String>, Option<Zeroizing<String>>),
        D,
    }

    pub(super) fn serialize<S: Serializer>(held: &Held, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = match held {
            Held::Nothing => Kept::N,
            Held::Text(text) => Kept::T(text.clone()),
            Held::Number(number) => Kept::U(*number),
            Held::Tags(tags) => Kept::G(tags.to_vec()),
            Held::Secret(password) => Kept::S(
                password.text.expose().to_owned().into(),
                password
                    .totp
                    .as_ref()
                    .map(|seed| seed.base32().expose().to_owned().into()),
            ),
            Held::Damaged => Kept::D,
        };
        kept.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Held, D::Error> {
        let wrong = |what| <D::Error as serde::de::Error>::custom(what);
        Ok(match Kept::deserialize(deserializer)? {
            Kept::N => Held::Nothing,
            Kept::T(text) => Held::Text(text),
            Kept::U(number) => Held::Number(number),
            Kept::G(tags) => Held::Tags(
                Tags::of(tags.iter().map(String::as_str)).map_err(|_| wrong("tags that cannot be"))?,
            ),
            Kept::S(text, seed) => Held::Secret(Password {
                text: SecretText::new(text.as_str()),
                totp: match seed {
                    None => None,
                    Some(seed) => {
                        Some(TotpSeed::parse(&seed).ok_or_else(|| wrong("a 2FA secret that cannot be"))?)
                    }
                },
            }),
            Kept::D => Held::Damaged,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_come_back_from_their_kept_form() {
        let mut after = Record::default();
        after.set(Field::Username, Held::Text("jane".to_owned()));
        after.set(Field::Followers, Held::Number(7));
        after.set(Field::Tags, Held::tags(Tags::parse("b, a").unwrap()));
        let pwd = Password::split(Platform::Instagram, "a:b:JBSWY3DPEHPK3PXP");
        after.set(Field::Pwd, Held::password(pwd));
        let changes = Record::default().changes_to(&after);
        assert_eq!(changes.len(), 4);
        let text = serde_json::to_string(&changes).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Change>>(&text).unwrap(), changes);
        let shown = format!("{changes:?}");
        assert!(!shown.contains("JBSWY3DPEHPK3PXP"), "{shown}");
    }

    #[test]
    fn a_damaged_secret_is_never_what_stands_already() {
        let mut before = Record::default();
        before.set(Field::Pwd, Held::Damaged);
        assert_eq!(before.changes_to(&before.clone()).len(), 1);
    }
}
