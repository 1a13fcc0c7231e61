//! What an import can change of an account: fourteen fields beside the username, and what each may hold. A record is all
//! of them; differences between records are told field by field.

use shared::account::{Password, Platform, Tags};

use crate::sheets::Column;

/// A field of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub field: Field,
    pub old: Held,
    pub new: Held,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_secret_is_never_what_stands_already() {
        let mut before = Record::default();
        before.set(Field::Pwd, Held::Damaged);
        assert_eq!(before.changes_to(&before.clone()).len(), 1);
    }
}
