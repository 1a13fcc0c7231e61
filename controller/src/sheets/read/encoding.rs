//! How a text file is written: its letters and what stands between its cells. Knows bytes and letters, not rows.

use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use encoding_rs::{Decoder, DecoderResult};
use memchr::memchr_iter;

use super::error::ReadError;

/// How letters are written as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// As Excel writes "CSV" in Western Europe, French and Swedish among them.
    Windows1252,
    /// As Excel writes "CSV" in China.
    Gb18030,
}

impl Encoding {
    /// What is asked about where a file is not UTF-8 and nothing is told.
    pub(super) const ASKED: [Self; 2] = [Self::Windows1252, Self::Gb18030];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Windows1252 => "windows-1252",
            Self::Gb18030 => "gb18030",
        }
    }

    pub(super) fn table(self) -> &'static encoding_rs::Encoding {
        match self {
            Self::Utf8 => encoding_rs::UTF_8,
            Self::Utf16Le => encoding_rs::UTF_16LE,
            Self::Utf16Be => encoding_rs::UTF_16BE,
            Self::Windows1252 => encoding_rs::WINDOWS_1252,
            Self::Gb18030 => encoding_rs::GB18030,
        }
    }

    /// Told by the first bytes of a file, with the bytes to skip.
    pub(super) fn by_mark(head: &[u8]) -> Option<(Self, u64)> {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Some((Self::Utf8, 3)),
            [0xff, 0xfe, ..] => Some((Self::Utf16Le, 2)),
            [0xfe, 0xff, ..] => Some((Self::Utf16Be, 2)),
            _ => None,
        }
    }

    /// Bytes that stand for nothing; the common table passes them on as controls.
    fn is_unknown(self, byte: u8) -> bool {
        self == Self::Windows1252 && matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Neither an encoding nor a delimiter by that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not known; one of {allowed}")]
pub struct UnknownName {
    given: String,
    allowed: &'static str,
}

impl FromStr for Encoding {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Ok(Self::Utf8),
            "utf-16le" | "utf-16" => Ok(Self::Utf16Le),
            "utf-16be" => Ok(Self::Utf16Be),
            "windows-1252" | "cp1252" | "latin1" | "iso-8859-1" => Ok(Self::Windows1252),
            "gb18030" | "gbk" | "gb2312" => Ok(Self::Gb18030),
            _ => Err(UnknownName {
                given: text.to_owned(),
                allowed: "utf-8, utf-16le, utf-16be, windows-1252, gb18030",
            }),
        }
    }
}

/// What stands between the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    Semicolon,
    Comma,
    Tab,
}

impl Delimiter {
    pub const ALL: [Self; 3] = [Self::Semicolon, Self::Comma, Self::Tab];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Semicolon => "semicolon",
            Self::Comma => "comma",
            Self::Tab => "tab",
        }
    }

    pub(in crate::sheets) const fn byte(self) -> u8 {
        match self {
            Self::Semicolon => b';',
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Delimiter {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "semicolon" | ";" => Ok(Self::Semicolon),
            "comma" | "," => Ok(Self::Comma),
            "tab" | "\t" => Ok(Self::Tab),
            _ => Err(UnknownName {
                given: text.to_owned(),
                allowed: "semicolon, comma, tab",
            }),
        }
    }
}

/// Bytes taken in at a time.
const PIECE: usize = 16 << 10;

/// A reader of UTF-8, whatever comes in. What the encoding does not know ends it with [`ReadError::WrongEncoding`].
pub(super) struct Decoded<R> {
    inner: R,
    encoding: Encoding,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    text: Vec<u8>,
    text_at: usize,
    /// Put behind the last letter.
    tail: Option<&'static [u8]>,
    line: u32,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(inner: R, encoding: Encoding, tail: &'static [u8]) -> Self {
        Self {
            inner,
            encoding,
            decoder: encoding.table().new_decoder_without_bom_handling(),
            raw: vec![0; PIECE],
            raw_at: 0,
            raw_end: 0,
            text: Vec::with_capacity(PIECE * 3),
            text_at: 0,
            tail: Some(tail),
            line: 1,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        self.text_at = 0;
        self.text.clear();
        if self.raw_at == self.raw_end {
            self.raw_at = 0;
            self.raw_end = self.inner.read(&mut self.raw)?;
            if self.raw[..self.raw_end]
                .iter()
                .any(|byte| self.encoding.is_unknown(*byte))
            {
                return Err(self.wrong());
            }
        }
        let last = self.raw_end == 0;
        if last && self.tail.is_none() {
            return Ok(());
        }
        self.text.resize(PIECE * 3, 0);
        let source = &self.raw[self.raw_at..self.raw_end];
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(source, &mut self.text, last);
        self.raw_at += read;
        self.text.truncate(written);
        self.line += memchr_iter(b'\n', &self.text).count() as u32;
        if matches!(result, DecoderResult::Malformed(..)) {
            return Err(self.wrong());
        }
        if last && let Some(tail) = self.tail.take() {
            self.text.extend_from_slice(tail);
        }
        Ok(())
    }

    fn wrong(&self) -> io::Error {
        io::Error::other(ReadError::WrongEncoding {
            told: self.encoding,
            line: self.line,
        })
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.text_at == self.text.len() {
            self.fill()?;
            if self.text.is_empty() && self.raw_end == 0 && self.tail.is_none() {
                return Ok(0);
            }
        }
        let count = buffer.len().min(self.text.len() - self.text_at);
        buffer[..count].copy_from_slice(&self.text[self.text_at..self.text_at + count]);
        self.text_at += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], encoding: Encoding) -> io::Result<String> {
        let mut text = String::new();
        Decoded::new(bytes, encoding, b"|").read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn letters_come_out_whatever_the_encoding() {
        assert_eq!(decode("åÄ😀".as_bytes(), Encoding::Utf8).unwrap(), "åÄ😀|");
        assert_eq!(decode(b"\xe5\x80 \x9c", Encoding::Windows1252).unwrap(), "å€ œ|");
        assert_eq!(decode(b"a\0\x3d\xd8\0\xde", Encoding::Utf16Le).unwrap(), "a😀|");
        assert_eq!(decode(b"\0a", Encoding::Utf16Be).unwrap(), "a|");
        assert_eq!(decode(b"\xd3\xc3\xbb\xa7", Encoding::Gb18030).unwrap(), "用户|");
        assert_eq!(decode(b"", Encoding::Utf8).unwrap(), "|");
        let long = "ö".repeat(100_000);
        assert_eq!(decode(long.as_bytes(), Encoding::Utf8).unwrap(), long + "|");
    }

    #[test]
    fn what_an_encoding_does_not_know_is_told_with_its_row() {
        for (bytes, encoding) in [
            (&b"a\nb\n\xff"[..], Encoding::Utf8),
            (b"a\xc3", Encoding::Utf8),
            (b"\x00\xd8a\0", Encoding::Utf16Le),
            (b"\x81", Encoding::Windows1252),
        ] {
            let error = ReadError::io(decode(bytes, encoding).unwrap_err());
            assert!(
                matches!(error, ReadError::WrongEncoding { told, .. } if told == encoding),
                "{error}"
            );
        }
        let error = ReadError::io(decode(b"a\nb\n\xff", Encoding::Utf8).unwrap_err());
        assert!(error.to_string().contains("row 3"), "{error}");
    }
}
