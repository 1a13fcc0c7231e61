//! The zip around a workbook, looked over before anything is unpacked for good: how many parts, how large they really
//! are, whether their names stay inside. Knows zips and nothing of sheets.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::Source;
use super::error::ReadError;
use super::xml_scan::{Part, Refused, XmlScan};
use crate::sheets::limits::Limits;

/// Parts in one package; a workbook with hundreds of sheets and pictures stays far below.
const PARTS: usize = 4_096;
/// Bytes of a part that is no XML (a picture, a macro).
const OTHER_BYTES: u64 = 8 << 20;
/// Bytes of an XML part that is neither a worksheet nor the strings.
const SMALL_XML_BYTES: u64 = 16 << 20;
/// Bytes unpacked at a time.
const PIECE: usize = 32 << 10;

pub(super) struct Package<'s> {
    zip: ZipArchive<Source<'s>>,
    names: Vec<String>,
}

impl<'s> Package<'s> {
    pub(super) fn open(mut source: Source<'s>) -> Result<Self, ReadError> {
        check_directory(&mut source)?;
        source.rewind().map_err(ReadError::io)?;
        let zip = ZipArchive::new(source).map_err(broken)?;
        let mut names = Vec::with_capacity(zip.len());
        for name in zip.file_names() {
            let name = name.map_err(broken)?.into_owned();
            if leaves_the_package(&name) {
                return Err(ReadError::Unsafe {
                    what: "a part whose path leads out of the file".to_owned(),
                });
            }
            names.push(name);
        }
        if zip.len() > PARTS {
            return Err(too_many_parts());
        }
        if zip.has_duplicate_names() {
            return Err(ReadError::Unsafe {
                what: "two parts of one name".to_owned(),
            });
        }
        Ok(Self { zip, names })
    }

    /// The parts' names; letters' case is not to be relied upon.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|own| {
            own.replace('\\', "/")
                .trim_start_matches('/')
                .eq_ignore_ascii_case(name)
        })
    }

    /// Unpacks every part once, into nothing, and refuses what is too large or would fill a parser's memory.
    pub(super) fn look_over(&mut self, limits: &Limits) -> Result<(), ReadError> {
        let mut left = limits.unpacked_bytes;
        let announced: u64 = self.announced()?;
        if announced > limits.unpacked_bytes {
            return Err(too_large(limits));
        }
        let mut piece = vec![0; PIECE];
        for at in 0..self.zip.len() {
            let mut entry = self.zip.by_index(at).map_err(broken)?;
            let name = entry.name().map_err(broken)?.into_owned();
            let mut look = Look::at(&name, limits);
            loop {
                let count = entry.read(&mut piece).map_err(ReadError::io)?;
                if count == 0 {
                    break;
                }
                left = left.checked_sub(count as u64).ok_or_else(|| too_large(limits))?;
                look.take(&piece[..count])?;
            }
        }
        Ok(())
    }

    pub(super) fn part(&mut self, name: &str) -> Result<impl Read + '_, ReadError> {
        self.zip.by_name(name).map_err(broken)
    }

    pub(super) fn into_source(self) -> Source<'s> {
        self.zip.into_inner()
    }

    fn announced(&mut self) -> Result<u64, ReadError> {
        let mut sum = 0_u64;
        for at in 0..self.zip.len() {
            let entry = self.zip.by_index_raw(at).map_err(broken)?;
            sum = sum.saturating_add(entry.size());
        }
        Ok(sum)
    }
}

/// One part while it is looked over.
enum Look<'l> {
    Xml {
        scan: XmlScan<'l>,
        part: Part,
        bytes: u64,
    },
    Other {
        bytes: u64,
    },
}

impl<'l> Look<'l> {
    fn at(name: &str, limits: &'l Limits) -> Self {
        let ending = Path::new(name).extension();
        if ending
            .is_some_and(|ending| ending.eq_ignore_ascii_case("xml") || ending.eq_ignore_ascii_case("rels"))
        {
            let part = Part::of(name);
            Self::Xml {
                scan: XmlScan::new(part, limits),
                part,
                bytes: 0,
            }
        } else {
            Self::Other { bytes: 0 }
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), ReadError> {
        match self {
            Self::Xml { scan, part, bytes } => {
                *bytes += piece.len() as u64;
                if *part == Part::Other && *bytes > SMALL_XML_BYTES {
                    return Err(ReadError::TooLarge {
                        what: "bytes of formats or notes",
                        limit: SMALL_XML_BYTES,
                    });
                }
                scan.feed(piece).map_err(refused)
            }
            Self::Other { bytes } => {
                *bytes += piece.len() as u64;
                if *bytes > OTHER_BYTES {
                    return Err(ReadError::TooLarge {
                        what: "bytes of one picture or macro",
                        limit: OTHER_BYTES,
                    });
                }
                Ok(())
            }
        }
    }
}

pub(super) fn broken(error: ZipError) -> ReadError {
    match error {
        ZipError::Io(error) => ReadError::io(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ReadError::Encrypted,
        error => ReadError::damaged(error),
    }
}

fn refused(refused: Refused) -> ReadError {
    match refused {
        Refused::Odd(what) => ReadError::Unsafe { what },
        Refused::TooMany { what, limit } => ReadError::TooLarge { what, limit },
    }
}

fn too_large(limits: &Limits) -> ReadError {
    ReadError::TooLarge {
        what: "bytes when unpacked",
        limit: limits.unpacked_bytes,
    }
}

fn too_many_parts() -> ReadError {
    ReadError::TooLarge {
        what: "parts",
        limit: PARTS as u64,
    }
}

/// Part names begin at the package's root, by some programs with a slash; none of them goes up, or to a drive.
fn leaves_the_package(name: &str) -> bool {
    name.contains('\0') || name.contains(':') || name.split(['/', '\\']).any(|step| step == "..")
}

/// The end records of a zip: how many entries they announce. Read by hand, because the zip reader makes room for all of
/// them before one can be counted.
fn check_directory(source: &mut Source<'_>) -> Result<(), ReadError> {
    const COMMENT: u64 = 65_535;
    const RECORD: usize = 22;
    const RECORD_64: usize = 56;
    const LOCATOR_64: usize = 20;
    let length = source.seek(SeekFrom::End(0)).map_err(ReadError::io)?;
    let tail = length.min(COMMENT + (RECORD + RECORD_64 + LOCATOR_64) as u64);
    source
        .seek(SeekFrom::Start(length - tail))
        .map_err(ReadError::io)?;
    let mut bytes = Vec::with_capacity(tail as usize);
    source.take(tail).read_to_end(&mut bytes).map_err(ReadError::io)?;
    let (mut records, mut records_64, mut locators_64) = (0, 0, 0);
    for start in 0..bytes.len() {
        let entries = match &bytes[start..] {
            [b'P', b'K', 5, 6, _, _, _, _, _, _, low, high, ..] => {
                records += 1;
                u64::from(u16::from_le_bytes([*low, *high]))
            }
            [b'P', b'K', 6, 6, rest @ ..] if rest.len() >= RECORD_64 - 4 => {
                records_64 += 1;
                rest[28..36]
                    .iter()
                    .rev()
                    .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
            }
            [b'P', b'K', 6, 7, ..] => {
                locators_64 += 1;
                0
            }
            _ => continue,
        };
        // 65,535 stands for "see the 64-bit record", which is looked at by itself.
        if entries > PARTS as u64 && entries != u64::from(u16::MAX) {
            return Err(too_many_parts());
        }
    }
    if records == 0 {
        return Err(ReadError::damaged("the end of the zip is missing"));
    }
    if locators_64 > records_64 {
        return Err(ReadError::Unsafe {
            what: "a directory that lies elsewhere".to_owned(),
        });
    }
    Ok(())
}
