//! How an account is called on its platform. The user's spelling is kept; two spellings that the apps take for the same
//! are the same.

use std::fmt;
use std::hash::{Hash, Hasher};

use super::{Wrong, check_line};

/// Longer than either app allows, for what an operator writes in its place.
pub const LONGEST_USERNAME: usize = 100;

/// A username without its leading `@`.
#[derive(Debug, Clone)]
pub struct Username {
    text: String,
    folded: String,
}

impl Username {
    /// Drops a leading `@`, outer blanks, and the marks that copying from a screen leaves behind.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text
            .trim_start_matches(|c| c == '@' || is_outer(c))
            .trim_end_matches(is_outer);
        if text.is_empty() {
            return Err(Wrong::Missing);
        }
        check_line(text, LONGEST_USERNAME)?;
        Ok(Self {
            text: text.to_owned(),
            folded: fold(text),
        })
    }

    /// As the user spelt it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Equal for usernames that are the same to the apps.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// One character at a time, so that a part of a name folds to a part of its fold.
fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// Blanks, and invisible marks: of width zero, of direction, of byte order.
fn is_outer(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

impl PartialEq for Username {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Username {}

impl Hash for Username {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.folded.hash(state);
    }
}

impl PartialOrd for Username {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Username {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl std::str::FromStr for Username {
    type Err = Wrong;

    fn from_str(text: &str) -> Result<Self, Wrong> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Username {
        Username::parse(text).unwrap()
    }

    #[test]
    fn the_at_sign_and_outer_blanks_are_dropped_and_the_spelling_kept() {
        for written in [
            "@Jane.Doe",
            "  Jane.Doe ",
            " @ Jane.Doe\u{200b}",
            "\u{200e}@@Jane.Doe\n",
        ] {
            assert_eq!(name(written).as_str(), "Jane.Doe", "{written:?}");
        }
        assert_eq!(name("a@b").as_str(), "a@b", "only a leading one");
    }

    #[test]
    fn case_does_not_tell_usernames_apart() {
        assert_eq!(name("Jane"), name("@jANE"));
        assert_eq!(name("ÅSA"), name("åsa"));
        assert_ne!(name("jane"), name("jane_"));
        let set: HashSet<_> = [name("Jane"), name("JANE"), name("joe")].into();
        assert_eq!(set.len(), 2);
    }

    #[test]
    fn what_cannot_be_a_username_is_refused() {
        assert_eq!(Username::parse(" @ "), Err(Wrong::Missing));
        assert_eq!(Username::parse("a\tb"), Err(Wrong::Control));
        let long = "x".repeat(LONGEST_USERNAME + 1);
        assert_eq!(
            Username::parse(&long),
            Err(Wrong::TooLong {
                most: LONGEST_USERNAME
            })
        );
        assert_eq!(name("001234").as_str(), "001234");
        assert_eq!(name("=cmd|'/c calc'!A0").as_str(), "=cmd|'/c calc'!A0");
    }

    proptest! {
        #[test]
        fn reading_what_was_kept_changes_nothing(text in "\\PC{0,40}") {
            if let Ok(first) = Username::parse(&text) {
                let again = Username::parse(first.as_str()).unwrap();
                prop_assert_eq!(first.as_str(), again.as_str());
                prop_assert_eq!(first.folded(), again.folded());
            }
        }
    }
}
