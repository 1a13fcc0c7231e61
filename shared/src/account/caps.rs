//! Numbers a day of an account's own, in the place of those that the settings have for its platform.

use std::collections::BTreeMap;

use super::Wrong;

/// The acts that have a number a day.
pub const CAPPED: [&str; 5] = ["follow", "unfollow", "like", "comment", "post"];
/// The most that such a number may be.
pub const HIGHEST_CAP: u32 = 10_000;

const ACTION: Wrong = Wrong::Not("one of follow, unfollow, like, comment, post");
const NUMBER: Wrong = Wrong::Not("a whole number from 0 to 10000");

/// The act of this name, where it has a number a day.
pub fn capped(action: &str) -> Option<&'static str> {
    CAPPED.into_iter().find(|known| *known == action)
}

/// What is set for an account; 0 is without limit, and what is not set is as the settings say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caps(BTreeMap<&'static str, u32>);

impl Caps {
    pub fn of<'n>(caps: impl IntoIterator<Item = (&'n str, u32)>) -> Result<Self, Wrong> {
        let mut all = Self::default();
        for (action, cap) in caps {
            all.set(action, Some(cap))?;
        }
        Ok(all)
    }

    /// `None` takes back what was set.
    pub fn set(&mut self, action: &str, cap: Option<u32>) -> Result<(), Wrong> {
        let action = capped(action).ok_or(ACTION)?;
        match cap {
            Some(cap) if cap > HIGHEST_CAP => return Err(NUMBER),
            Some(cap) => self.0.insert(action, cap),
            None => self.0.remove(action),
        };
        Ok(())
    }

    pub fn get(&self, action: &str) -> Option<u32> {
        self.0.get(action).copied()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By action, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u32)> {
        self.0.iter().map(|(action, cap)| (*action, *cap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_known_and_what_is_taken_back_is_not() {
        let mut caps = Caps::of([("post", 2), ("follow", 0)]).unwrap();
        assert_eq!(
            (caps.get("post"), caps.get("follow"), caps.get("like")),
            (Some(2), Some(0), None)
        );
        assert_eq!(caps.iter().collect::<Vec<_>>(), [("follow", 0), ("post", 2)]);
        caps.set("post", None).unwrap();
        caps.set("follow", None).unwrap();
        assert!(caps.is_empty());
        caps.set("like", Some(HIGHEST_CAP)).unwrap();
        assert!(caps.set("like", Some(HIGHEST_CAP + 1)).is_err());
        assert!(caps.set("dance", Some(1)).is_err());
        assert_eq!(caps.get("like"), Some(HIGHEST_CAP));
    }

    #[test]
    fn what_is_allowed_is_told_as_it_is() {
        assert_eq!(
            ACTION.to_string(),
            format!("must be one of {}", CAPPED.join(", "))
        );
        assert_eq!(
            NUMBER.to_string(),
            format!("must be a whole number from 0 to {HIGHEST_CAP}")
        );
    }
}
