//! The texts that cells share, in one piece of memory, and how a text is put together of runs. Knows no cell.

use std::borrow::Cow;

use crate::sheets::limits::Limits;
use crate::sheets::read::error::ReadError;
use crate::sheets::read::tags::{Next, Tags};

/// All shared strings of a workbook in memory.
const BYTES: usize = 64 << 20;

#[derive(Debug, Default)]
pub(super) struct Strings {
    text: String,
    /// Where each of them ends.
    ends: Vec<u32>,
}

impl Strings {
    pub(super) fn read(tags: &mut Tags<'_>, limits: &Limits) -> Result<Self, ReadError> {
        let mut strings = Self::default();
        let mut text = String::new();
        loop {
            match tags.next()? {
                Next::Open(tag) if tag.name == "si" => (),
                Next::Open(tag) if tag.name == "sst" => {
                    let announced = tag.attribute("uniqueCount")?.and_then(|count| count.parse().ok());
                    if announced.is_some_and(|count: u64| count > limits.cells) {
                        return Err(ReadError::Unsafe {
                            what: "an announcement of more shared strings than cells fit".to_owned(),
                        });
                    }
                    continue;
                }
                Next::End => return Ok(strings),
                _ => continue,
            }
            text.clear();
            push_text(tags, &mut text)?;
            strings.text.push_str(&text);
            strings.ends.push(strings.text.len() as u32);
            if strings.ends.len() as u64 > limits.cells {
                return Err(ReadError::TooLarge {
                    what: "shared strings",
                    limit: limits.cells,
                });
            }
            if strings.text.len() > BYTES {
                return Err(ReadError::TooLarge {
                    what: "bytes of shared strings",
                    limit: BYTES as u64,
                });
            }
        }
    }

    #[inline]
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        let end = *self.ends.get(at)? as usize;
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        self.text.get(start..end)
    }
}

/// Puts the text of the element that was opened last behind `text`, up to the element's end: one text, or one of
/// several runs with formats of their own. How it is pronounced is no part of it.
pub(super) fn push_text(tags: &mut Tags<'_>, text: &mut String) -> Result<(), ReadError> {
    let depth = tags.depth();
    let mut run = String::new();
    while tags.depth() >= depth {
        match tags.next()? {
            Next::Open(tag) if tag.name == "t" => {
                let preserved = tag.attributes().any(|attribute| {
                    attribute.is_ok_and(|(name, value)| name == "space" && value == "preserve")
                });
                run.clear();
                tags.text(&mut run)?;
                let run = if preserved {
                    &*run
                } else {
                    run.trim_matches([' ', '\t', '\r', '\n'])
                };
                text.push_str(&unescaped(run));
            }
            Next::Open(tag) if tag.name == "rPh" => tags.skip()?,
            _ => (),
        }
    }
    Ok(())
}

/// Letters that XML cannot hold are written as `_x000D_`, of which the digits are a UTF-16 unit; where a text has such
/// letters itself, its `_` is written as `_x005F_`.
pub(super) fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains("_x") {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(unit) = escape(rest) else {
            plain.push_str("_x");
            rest = &rest[2..];
            continue;
        };
        rest = &rest[ESCAPE..];
        let low = escape(rest).filter(|low| is_high(unit) && (0xdc00..0xe000).contains(low));
        if low.is_some() {
            rest = &rest[ESCAPE..];
        }
        plain.extend(
            char::decode_utf16(std::iter::once(unit).chain(low)).map(|letter| {
                // Half a letter stands for nothing.
                letter.unwrap_or(char::REPLACEMENT_CHARACTER)
            }),
        );
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// Bytes of `_x000D_`.
const ESCAPE: usize = 7;

/// The UTF-16 unit that the escape stands for with which `text` begins.
fn escape(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("_x")?.get(..4)?;
    let is_escape = digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && text[6..].starts_with('_');
    is_escape.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

fn is_high(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_letters() {
        for (text, plain) in [
            ("plain_", "plain_"),
            ("a_x000D_b", "a\rb"),
            ("_x005F_x000D_", "_x000D_"),
            ("_x000d__x0041_", "\rA"),
            ("_xD83D__xDE00_!", "😀!"),
            ("_xD83D_x", "\u{fffd}x"),
            ("_xD83D__x0041_", "\u{fffd}A"),
            ("_xDE00_", "\u{fffd}"),
            ("_x00_x12345_", "_x00_x12345_"),
            ("_x00é_ _x+041_", "_x00é_ _x+041_"),
            ("_x", "_x"),
        ] {
            assert_eq!(unescaped(text), plain, "{text}");
        }
    }
}
