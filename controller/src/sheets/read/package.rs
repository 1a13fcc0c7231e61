//! The zip around a workbook, looked over before anything is unpacked: how many parts, how large they say they are,
//! whether their names stay inside. Knows zips and nothing of sheets.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::Source;
use super::error::ReadError;
use crate::sheets::limits::Limits;

/// Parts in one package; a workbook with hundreds of sheets and pictures stays far below.
const PARTS: usize = 4_096;

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

    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// What the directory says of the parts' sizes, held against the limit. A part that is larger than it says there
    /// ends with an error where it is read.
    pub(super) fn check_sizes(&mut self, limits: &Limits) -> Result<(), ReadError> {
        let mut sum = 0_u64;
        for at in 0..self.zip.len() {
            let entry = self.zip.by_index_raw(at).map_err(broken)?;
            sum = sum.saturating_add(entry.size());
        }
        if sum > limits.unpacked_bytes {
            return Err(ReadError::TooLarge {
                what: "bytes when unpacked",
                limit: limits.unpacked_bytes,
            });
        }
        Ok(())
    }

    pub(super) fn part(&mut self, name: &str) -> Result<impl Read + '_, ReadError> {
        let at = self
            .place(name)
            .ok_or_else(|| ReadError::damaged(format!("its part {name} is missing")))?;
        self.zip.by_index(at).map_err(broken)
    }

    /// Where the part lies. The letters' case and the kind of slash are not to be relied upon.
    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|own| {
            own.replace('\\', "/")
                .trim_start_matches('/')
                .eq_ignore_ascii_case(name)
        })
    }
}

pub(super) fn broken(error: ZipError) -> ReadError {
    match error {
        ZipError::Io(error) => ReadError::io(error),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => ReadError::Encrypted,
        error => ReadError::damaged(error),
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
