//! Words by which operators sort accounts. The first spelling is kept; case does not tell them apart.

use std::collections::BTreeMap;
use std::fmt;

use super::{Wrong, check_line};

/// In characters.
pub const LONGEST_TAG: usize = 64;
/// On one account.
pub const MOST_TAGS: usize = 50;

/// One tag: a line without commas, which stand between tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    text: String,
    folded: String,
}

impl Tag {
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Wrong::Missing);
        }
        if text.contains(is_separator) {
            return Err(Wrong::Not("without commas"));
        }
        check_line(text, LONGEST_TAG)?;
        Ok(Self {
            text: text.to_owned(),
            folded: text.chars().flat_map(char::to_lowercase).collect(),
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Equal for tags that are the same.
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// An account's tags, each once, in alphabetical order.
#[derive(Debug, Clone, Default)]
pub struct Tags(BTreeMap<String, Tag>);

impl Tags {
    /// Reads "a, b": commas (also the wide ones of Chinese keyboards) and line breaks stand between tags.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        Self::of(text.split(is_separator))
    }

    /// Each of them one tag; empty ones are dropped.
    pub fn of<'t>(tags: impl IntoIterator<Item = &'t str>) -> Result<Self, Wrong> {
        let mut all = Self::default();
        for text in tags {
            match Tag::parse(text) {
                Ok(tag) => all.add(tag)?,
                Err(Wrong::Missing) => {}
                Err(wrong) => return Err(wrong),
            }
        }
        Ok(all)
    }

    /// One that is there already stays as it was spelt.
    pub fn add(&mut self, tag: Tag) -> Result<(), Wrong> {
        self.0.entry(tag.folded.clone()).or_insert(tag);
        if self.0.len() > MOST_TAGS {
            return Err(Wrong::TooMany { most: MOST_TAGS });
        }
        Ok(())
    }

    pub fn remove(&mut self, tag: &Tag) {
        self.0.remove(&tag.folded);
    }

    pub fn iter(&self) -> impl Iterator<Item = &Tag> {
        self.0.values()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// As texts.
    pub fn to_vec(&self) -> Vec<String> {
        self.iter().map(|tag| tag.text.clone()).collect()
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, ',' | '，' | '\n' | '\r')
}

/// The same tags, however spelt.
impl PartialEq for Tags {
    fn eq(&self, other: &Self) -> bool {
        self.0.keys().eq(other.0.keys())
    }
}

impl Eq for Tags {}

/// "a, b": what [`Tags::parse`] reads.
impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_vec().join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_from_one_text_each_once_in_order() {
        let tags = Tags::parse(" us, Food ,,food，old\nUS").unwrap();
        assert_eq!(tags.to_vec(), ["Food", "old", "us"]);
        assert_eq!(tags.to_string(), "Food, old, us");
        assert_eq!(Tags::parse(&tags.to_string()).unwrap(), tags);
        assert!(Tags::parse(" , ").unwrap().is_empty());
    }

    #[test]
    fn a_tag_is_added_and_removed_whatever_its_case() {
        let mut tags = Tags::parse("Food").unwrap();
        tags.add(Tag::parse("FOOD").unwrap()).unwrap();
        assert_eq!(tags.to_vec(), ["Food"]);
        tags.remove(&Tag::parse("fooD").unwrap());
        assert!(tags.is_empty());
    }

    #[test]
    fn too_long_and_too_many_are_refused() {
        assert_eq!(
            Tags::parse(&"x".repeat(LONGEST_TAG + 1)),
            Err(Wrong::TooLong { most: LONGEST_TAG })
        );
        let many: Vec<String> = (0..=MOST_TAGS).map(|number| number.to_string()).collect();
        assert_eq!(
            Tags::parse(&many.join(",")),
            Err(Wrong::TooMany { most: MOST_TAGS })
        );
        assert_eq!(Tag::parse("a,b"), Err(Wrong::Not("without commas")));
        assert_eq!(Tag::parse("a\tb"), Err(Wrong::Control));
    }
}
