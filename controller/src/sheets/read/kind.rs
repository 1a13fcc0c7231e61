//! What kind of file it is, told by what it holds; a name says nothing. Knows how files begin, not what is in them.

use std::fmt;
use std::io::{Read, Seek, SeekFrom};

use super::encoding::Encoding;
use super::error::ReadError;
use super::package::Package;
use super::{Source, biff};
use crate::sheets::limits::Limits;

/// The kinds of sheet that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `.xlsx` or `.xlsm`.
    Xlsx,
    Xls,
    Ods,
    Csv,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Csv => "csv",
        })
    }
}

/// Which reader takes the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Workbook,
    OpenDocument,
    Binary,
    Text,
}

/// Bytes that are looked at.
const HEAD: usize = 4 << 10;
const ZIP: &[u8] = b"PK\x03\x04";
const EMPTY_ZIP: &[u8] = b"PK\x05\x06";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// How files begin that are taken for sheets now and then.
const OTHERS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
    (b"%PDF-", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3", "a SQLite database"),
];

/// How text begins that spreadsheet programs save under a sheet's name.
const MARKUP: &[(&str, &str)] = &[
    ("<!doctype html", "a web page"),
    ("<html", "a web page"),
    ("<table", "a web page"),
    ("<?xml", "an XML document"),
    ("<workbook", "an XML document"),
];

/// Tells the kind and leaves the source at its beginning.
pub(super) fn tell(source: &mut Source<'_>, limits: &Limits) -> Result<Told, ReadError> {
    let length = source.seek(SeekFrom::End(0)).map_err(ReadError::io)?;
    if length == 0 {
        return Err(ReadError::Empty);
    }
    if length > limits.file_bytes {
        return Err(ReadError::TooLarge {
            what: "bytes",
            limit: limits.file_bytes,
        });
    }
    source.rewind().map_err(ReadError::io)?;
    let mut head = Vec::with_capacity(HEAD);
    source
        .take(HEAD as u64)
        .read_to_end(&mut head)
        .map_err(ReadError::io)?;
    source.rewind().map_err(ReadError::io)?;
    let told = if head.starts_with(ZIP) || head.starts_with(EMPTY_ZIP) {
        of_zip(source)?
    } else if head.starts_with(COMPOUND) {
        if length > limits.xls_bytes {
            return Err(ReadError::TooLarge {
                what: "bytes as .xls",
                limit: limits.xls_bytes,
            });
        }
        biff::check_container(source, limits)?;
        Told::Binary
    } else {
        of_text(&head)?
    };
    source.rewind().map_err(ReadError::io)?;
    Ok(told)
}

fn of_zip(source: &mut Source<'_>) -> Result<Told, ReadError> {
    let borrowed: Source<'_> = Box::new(source);
    let package = Package::open(borrowed)?;
    if package.has("xl/workbook.bin") {
        return Err(ReadError::Xlsb);
    }
    if package.has("content.xml") && package.has("mimetype") {
        return Ok(Told::OpenDocument);
    }
    if package.has("_rels/.rels") && package.has("[Content_Types].xml") {
        if package.has("word/document.xml") {
            return Err(ReadError::NotASheet {
                looks_like: "a Word document",
            });
        }
        if package.has("ppt/presentation.xml") {
            return Err(ReadError::NotASheet {
                looks_like: "a presentation",
            });
        }
        return Ok(Told::Workbook);
    }
    if package.has("Index/Document.iwa") {
        return Err(ReadError::NotASheet {
            looks_like: "a Numbers document",
        });
    }
    Err(ReadError::NotASheet {
        looks_like: "a zip archive",
    })
}

fn of_text(head: &[u8]) -> Result<Told, ReadError> {
    if let Some((_, looks_like)) = OTHERS
        .iter()
        .find(|(start, _)| head.starts_with(start) && has_control(head))
    {
        return Err(ReadError::NotASheet { looks_like });
    }
    if head.starts_with(b"%PDF-") || head.starts_with(b"{\\rtf") {
        return Err(ReadError::NotASheet {
            looks_like: "a document",
        });
    }
    let marked = Encoding::by_mark(head).is_some();
    if marked && !head.starts_with(b"\xef\xbb\xbf") {
        return Ok(Told::Text);
    }
    if !marked && has_control(head) {
        return Err(ReadError::NotASheet {
            looks_like: "neither a workbook nor text",
        });
    }
    let start = head
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(head)
        .trim_ascii_start();
    let start = start[..start.len().min(32)].to_ascii_lowercase();
    if let Some((_, looks_like)) = MARKUP.iter().find(|(tag, _)| start.starts_with(tag.as_bytes())) {
        return Err(ReadError::NotASheet { looks_like });
    }
    Ok(Told::Text)
}

/// Bytes that no text has: controls other than tab, line feed, form feed, carriage return, and the end of DOS files.
fn has_control(head: &[u8]) -> bool {
    head.iter()
        .any(|byte| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x19 | 0x1b..=0x1f))
}
