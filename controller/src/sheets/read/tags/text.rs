//! The text between two tags, and what stands for letters in it.

use memchr::{memchr, memchr2};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::BytesRef;

use crate::sheets::read::error::ReadError;

/// What stands between two tags.
#[derive(Debug, Clone, Copy)]
pub(in crate::sheets::read) struct Text<'t> {
    pub(super) raw: &'t str,
    /// In a `CDATA` nothing stands for anything else.
    pub(super) is_plain: bool,
}

impl Text<'_> {
    /// Puts it behind `text` as it is meant: references resolved, lines ended by a line feed.
    pub(in crate::sheets::read) fn push_to(self, text: &mut String) -> Result<(), ReadError> {
        let mut rest = self.raw;
        while let Some(at) = memchr2(b'&', b'\r', rest.as_bytes()) {
            text.push_str(&rest[..at]);
            rest = &rest[at..];
            if rest.starts_with('\r') {
                text.push('\n');
                rest = rest[1..].strip_prefix('\n').unwrap_or(&rest[1..]);
            } else if self.is_plain {
                text.push('&');
                rest = &rest[1..];
            } else {
                let end = memchr(b';', rest.as_bytes())
                    .ok_or_else(|| ReadError::damaged("a reference has no end"))?;
                push_reference(&rest[1..end], text)?;
                rest = &rest[end + 1..];
            }
        }
        text.push_str(rest);
        Ok(())
    }
}

fn push_reference(name: &str, text: &mut String) -> Result<(), ReadError> {
    if let Some(letters) = resolve_xml_entity(name) {
        text.push_str(letters);
        return Ok(());
    }
    match BytesRef::new(name)
        .resolve_char_ref()
        .map_err(ReadError::damaged)?
    {
        Some(letter) => text.push(letter),
        None => return Err(own_entity(name)),
    }
    Ok(())
}

pub(super) fn own_entity(name: &str) -> ReadError {
    let name: String = name.chars().take(40).collect();
    ReadError::Unsafe {
        what: format!("an entity of its own ({name})"),
    }
}
