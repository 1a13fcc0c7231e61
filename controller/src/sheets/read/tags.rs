//! The tags and texts of an XML part, one by one, with everything bounded that is kept of it: one tag, one text, the
//! names of what is open. Nothing is copied that is not asked for, which is why a general parser does not stand here:
//! of a workbook's cells it would copy each tag and each text, and that is half of what reading costs.

use std::io::{Cursor, Read};
use std::ops::Range;

use memchr::{memchr, memchr3, memmem};
use quick_xml::escape::unescape;

use super::encoding::{Decoded, Encoding};
use super::error::ReadError;

mod text;

pub(super) use text::Text;
use text::own_entity;

/// Deeper than any workbook, by far.
const DEPTH: usize = 256;
/// Bytes of one tag with its attributes.
const TAG_BYTES: usize = 64 << 10;
/// Bytes between two tags: a cell's text at its longest, each letter as a reference, and room.
const TEXT_BYTES: usize = 1 << 20;
/// Bytes taken in at a time.
const PIECE: usize = 32 << 10;

/// What comes next in a part.
#[derive(Debug)]
pub(super) enum Next<'t> {
    Open(Tag<'t>),
    /// The element that was opened last and is not closed yet; of `<a/>` too.
    Close,
    Text(Text<'t>),
    End,
}

/// An element's start. Prefixes of names are left out: no part mixes vocabularies in which a name means two things.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'t> {
    pub(super) name: &'t str,
    attributes: &'t str,
}

impl<'t> Tag<'t> {
    pub(super) fn attributes(&self) -> Attributes<'t> {
        Attributes {
            rest: self.attributes,
        }
    }

    /// The attribute's value as it is meant.
    pub(super) fn attribute(&self, name: &str) -> Result<Option<String>, ReadError> {
        for attribute in self.attributes() {
            let (own, value) = attribute?;
            if own == name {
                let value = unescape(value).map_err(|error| own_entity(&error.to_string()))?;
                return Ok(Some(value.into_owned()));
            }
        }
        Ok(None)
    }
}

/// Names without prefixes, and values as they are written.
pub(super) struct Attributes<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Attributes<'t> {
    type Item = Result<(&'t str, &'t str), ReadError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_ascii_start();
        if rest.is_empty() {
            return None;
        }
        let found = split_attribute(rest);
        self.rest = found.map_or("", |(.., rest)| rest);
        let found = found.map(|(name, value, _)| (local(name), value));
        Some(found.ok_or_else(|| ReadError::damaged("an attribute without a value")))
    }
}

/// Name, value, and what is behind them.
#[inline]
fn split_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let equals = text.bytes().position(|byte| byte == b'=')?;
    let name = text[..equals].trim_ascii_end();
    let behind = text[equals + 1..].trim_ascii_start();
    let quote = *behind.as_bytes().first()?;
    if name.is_empty() || !matches!(quote, b'"' | b'\'') {
        return None;
    }
    let value = &behind[1..];
    let end = value.bytes().position(|byte| byte == quote)?;
    Some((name, &value[..end], &value[end + 1..]))
}

#[inline]
fn local(name: &str) -> &str {
    match name.bytes().rposition(|byte| byte == b':') {
        Some(colon) => &name[colon + 1..],
        None => name,
    }
}

fn odd<T>(what: impl Into<String>) -> Result<T, ReadError> {
    Err(ReadError::Unsafe { what: what.into() })
}

fn other_encoding<T>() -> Result<T, ReadError> {
    odd("letters in another encoding than UTF-8")
}

/// A part, wherever it comes from.
pub(super) struct Tags<'p> {
    source: Box<dyn Read + 'p>,
    /// What is looked at now, from `at` on.
    window: String,
    at: usize,
    piece: Vec<u8>,
    /// Bytes of a letter that goes on in the next piece.
    begun: usize,
    ended: bool,
    /// Names of open elements, one behind the other, and where each begins.
    names: String,
    starts: Vec<usize>,
    /// `<a/>` was told as an opening.
    close_due: bool,
    taken: u64,
    limit: u64,
}

impl<'p> Tags<'p> {
    /// At most `limit` bytes are taken out of `part`, which is UTF-8, or UTF-16 with its mark.
    pub(super) fn new(mut part: impl Read + 'p, limit: u64) -> Result<Self, ReadError> {
        let mut head = Vec::with_capacity(3);
        part.by_ref()
            .take(3)
            .read_to_end(&mut head)
            .map_err(ReadError::io)?;
        let mark = Encoding::by_mark(&head);
        let skipped = mark.map_or(0, |(_, bytes)| bytes as usize);
        let whole = Cursor::new(head.split_off(skipped)).chain(part);
        let source: Box<dyn Read + 'p> = match mark {
            Some((encoding, _)) if encoding != Encoding::Utf8 => Box::new(Decoded::new(whole, encoding, b"")),
            _ => Box::new(whole),
        };
        Ok(Self {
            source,
            window: String::with_capacity(2 * PIECE),
            at: 0,
            piece: vec![0; PIECE],
            begun: 0,
            ended: false,
            names: String::new(),
            starts: Vec::new(),
            close_due: false,
            taken: 0,
            limit,
        })
    }

    /// How many elements are open.
    pub(super) fn depth(&self) -> usize {
        self.starts.len()
    }

    /// Bytes that came out so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    #[inline]
    pub(super) fn next(&mut self) -> Result<Next<'_>, ReadError> {
        if self.close_due {
            self.close_due = false;
            self.close();
            return Ok(Next::Close);
        }
        loop {
            if self.at == self.window.len() && !self.more()? {
                if self.starts.is_empty() {
                    return Ok(Next::End);
                }
                return Err(ReadError::damaged("it ends too early"));
            }
            if self.window.as_bytes()[self.at] != b'<' {
                let text = self.until_tag()?;
                let raw = &self.window[text];
                return Ok(Next::Text(Text { raw, is_plain: false }));
            }
            if self.at + 1 == self.window.len() && !self.more()? {
                return Err(ReadError::damaged("it ends too early"));
            }
            match self.window.as_bytes()[self.at + 1] {
                b'/' => {
                    let tag = self.tag()?;
                    let name = self.window[tag.start + 2..tag.end - 1].trim_ascii_end();
                    let start = self.starts.last().copied().unwrap_or_default();
                    if self.starts.is_empty() || self.names[start..] != *name {
                        return Err(ReadError::damaged("a closing tag that closes nothing"));
                    }
                    self.close();
                    return Ok(Next::Close);
                }
                b'!' => {
                    if let Some(text) = self.declaration()? {
                        let raw = &self.window[text];
                        return Ok(Next::Text(Text { raw, is_plain: true }));
                    }
                }
                b'?' => {
                    self.until(b"?>", TAG_BYTES)?;
                }
                _ => {
                    let tag = self.tag()?;
                    return self.open(tag).map(Next::Open);
                }
            }
        }
    }

    /// The texts up to the end of the element that was opened last, without those of elements inside.
    pub(super) fn text(&mut self, text: &mut String) -> Result<(), ReadError> {
        let depth = self.depth();
        while self.depth() >= depth {
            match self.next()? {
                Next::Text(piece) => piece.push_to(text)?,
                Next::Open(_) => self.skip()?,
                Next::Close | Next::End => (),
            }
            if text.len() > TEXT_BYTES {
                return odd("a text without an end");
            }
        }
        Ok(())
    }

    /// Goes on behind the element that was opened last.
    pub(super) fn skip(&mut self) -> Result<(), ReadError> {
        let depth = self.depth();
        while self.depth() >= depth {
            self.next()?;
        }
        Ok(())
    }

    /// Unpacks what is left, so that a damage behind what was wanted is found too.
    pub(super) fn drain(&mut self) -> Result<(), ReadError> {
        loop {
            self.at = self.window.len();
            self.begun = 0;
            let count = self.source.read(&mut self.piece).map_err(ReadError::io)?;
            if count == 0 {
                return Ok(());
            }
            self.count(count)?;
        }
    }

    #[inline]
    fn open(&mut self, tag: Range<usize>) -> Result<Tag<'_>, ReadError> {
        let mut inside = tag.start + 1..tag.end - 1;
        if self.window.as_bytes()[inside.end - 1] == b'/' {
            inside.end -= 1;
            self.close_due = true;
        }
        let inside = &self.window[inside];
        let end = inside
            .bytes()
            .position(|byte| byte.is_ascii_whitespace())
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(end);
        if name.is_empty() {
            return odd("a tag without a name");
        }
        if self.starts.len() == DEPTH {
            return odd(format!("elements in one another, more than {DEPTH} deep"));
        }
        self.starts.push(self.names.len());
        self.names.push_str(name);
        Ok(Tag {
            name: local(name),
            attributes,
        })
    }

    #[inline]
    fn close(&mut self) {
        let start = self.starts.pop().unwrap_or_default();
        self.names.truncate(start);
    }

    /// Where the text lies that begins here.
    #[inline]
    fn until_tag(&mut self) -> Result<Range<usize>, ReadError> {
        loop {
            let found = memchr(b'<', &self.window.as_bytes()[self.at..]);
            let length = found.unwrap_or(self.window.len() - self.at);
            if length > TEXT_BYTES {
                return odd("a text without an end");
            }
            if found.is_some() || !self.more()? {
                let start = self.at;
                self.at += length;
                return Ok(start..self.at);
            }
        }
    }

    /// Where the tag lies that begins here. An attribute's value may hold a `>`.
    #[inline]
    fn tag(&mut self) -> Result<Range<usize>, ReadError> {
        loop {
            if let Some(length) = tag_length(&self.window.as_bytes()[self.at..]) {
                let start = self.at;
                self.at += length;
                return Ok(start..self.at);
            }
            if self.window.len() - self.at > TAG_BYTES {
                return odd("a tag without an end");
            }
            if !self.more()? {
                return Err(ReadError::damaged("it ends too early"));
            }
        }
    }

    /// Goes behind a comment, or tells where the text of a `CDATA` lies.
    fn declaration(&mut self) -> Result<Option<Range<usize>>, ReadError> {
        const CDATA: &[u8] = b"<![CDATA[";
        while self.window.len() - self.at < CDATA.len() && self.more()? {}
        let head = &self.window.as_bytes()[self.at..];
        if head.starts_with(b"<!--") {
            self.until(b"-->", TEXT_BYTES)?;
            Ok(None)
        } else if head.starts_with(CDATA) {
            let whole = self.until(b"]]>", TEXT_BYTES)?;
            Ok(Some(whole.start + CDATA.len()..whole.end - 3))
        } else {
            odd("a declaration of its own (DOCTYPE or ENTITY)")
        }
    }

    /// Goes behind `end`.
    fn until(&mut self, end: &[u8], most: usize) -> Result<Range<usize>, ReadError> {
        loop {
            if let Some(found) = memmem::find(&self.window.as_bytes()[self.at..], end) {
                let start = self.at;
                self.at += found + end.len();
                return Ok(start..self.at);
            }
            if self.window.len() - self.at > most {
                return odd("a comment without an end");
            }
            if !self.more()? {
                return Err(ReadError::damaged("it ends too early"));
            }
        }
    }

    /// Takes in at least one more letter; false at the part's end.
    #[cold]
    fn more(&mut self) -> Result<bool, ReadError> {
        self.window.drain(..self.at);
        self.at = 0;
        loop {
            if self.ended {
                return Ok(false);
            }
            let count = self
                .source
                .read(&mut self.piece[self.begun..])
                .map_err(ReadError::io)?;
            self.ended = count == 0;
            if self.ended && self.begun > 0 {
                return Err(ReadError::damaged("it ends inside a letter"));
            }
            self.count(count)?;
            let filled = &self.piece[..self.begun + count];
            if memchr(0, filled).is_some() {
                return other_encoding();
            }
            let whole = match std::str::from_utf8(filled) {
                Ok(text) => {
                    self.window.push_str(text);
                    text.len()
                }
                Err(error) if error.error_len().is_none() => error.valid_up_to(),
                Err(_) => return other_encoding(),
            };
            if whole < filled.len() {
                let text = std::str::from_utf8(&filled[..whole]).map_err(ReadError::damaged)?;
                self.window.push_str(text);
            }
            self.begun = filled.len() - whole;
            self.piece.copy_within(whole..whole + self.begun, 0);
            if whole > 0 {
                return Ok(true);
            }
        }
    }

    fn count(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.taken += bytes as u64;
        if self.taken > self.limit {
            return Err(ReadError::TooLarge {
                what: "bytes when unpacked",
                limit: self.limit,
            });
        }
        Ok(())
    }
}

/// The bytes of the tag that `text` begins with; none where it goes on behind.
#[inline]
fn tag_length(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let hit = at + memchr3(b'>', b'"', b'\'', &text[at..])?;
        if text[hit] == b'>' {
            return Some(hit + 1);
        }
        at = hit + 1 + memchr(text[hit], &text[hit + 1..])? + 1;
    }
}

#[cfg(test)]
mod tests;
