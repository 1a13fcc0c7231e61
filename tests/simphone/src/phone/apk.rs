//! What an APK's manifest says: enough of ZIP and of Android's binary XML to install a file under its own name.

mod axml;

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// What the installer takes from a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApkManifest {
    pub package: String,
    pub version_code: u64,
    pub version_name: Option<String>,
    pub min_sdk: Option<u32>,
    pub target_sdk: Option<u32>,
    pub permissions: Vec<String>,
    /// IME ids, `pkg/.Service`.
    pub keyboards: Vec<String>,
    /// Components with an icon in the launcher.
    pub launchers: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ApkError {
    #[error("cannot read the file")]
    Read(#[from] std::io::Error),
    #[error("it is no ZIP archive")]
    NotZip,
    #[error("its AndroidManifest.xml cannot be read")]
    BadManifest,
}

/// A manifest larger than this is not read.
const MANIFEST_LIMIT: usize = 4 << 20;
/// A ZIP's end record lies within its last 64 KiB.
const TAIL: u64 = 65_557;

/// The manifest of the APK at `path`; `None` where the archive has none.
pub fn read(path: &Path) -> Result<Option<ApkManifest>, ApkError> {
    let mut file = File::open(path)?;
    let mut magic = [0; 2];
    if file.read_exact(&mut magic).is_err() || &magic != b"PK" {
        return Err(ApkError::NotZip);
    }
    let Some(bytes) = manifest_bytes(&mut file)? else {
        return Ok(None);
    };
    axml::manifest(&bytes).map(Some).ok_or(ApkError::BadManifest)
}

fn manifest_bytes(file: &mut File) -> Result<Option<Vec<u8>>, ApkError> {
    let length = file.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(TAIL);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let Some(end) = tail.windows(4).rposition(|window| window == b"PK\x05\x06") else {
        return Ok(None);
    };
    let record = &tail[end..];
    let (Some(size), Some(start)) = (u32_at(record, 12), u32_at(record, 16)) else {
        return Ok(None);
    };
    if u64::from(start) + u64::from(size) > length {
        return Err(ApkError::NotZip);
    }
    file.seek(SeekFrom::Start(start.into()))?;
    let mut directory = vec![0; size as usize];
    file.read_exact(&mut directory)?;
    let Some(entry) = find(&directory, b"AndroidManifest.xml") else {
        return Ok(None);
    };
    let mut header = [0; 30];
    file.seek(SeekFrom::Start(entry.offset.into()))?;
    file.read_exact(&mut header)?;
    let names = u16_at(&header, 26).unwrap_or(0) + u16_at(&header, 28).unwrap_or(0);
    file.seek(SeekFrom::Current(names.into()))?;
    if entry.packed as usize > MANIFEST_LIMIT {
        return Err(ApkError::BadManifest);
    }
    let mut packed = vec![0; entry.packed as usize];
    file.read_exact(&mut packed)?;
    match entry.method {
        0 => Ok(Some(packed)),
        8 => miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, MANIFEST_LIMIT)
            .map(Some)
            .map_err(|_| ApkError::BadManifest),
        _ => Err(ApkError::BadManifest),
    }
}

struct Entry {
    method: u16,
    packed: u32,
    offset: u32,
}

fn find(directory: &[u8], wanted: &[u8]) -> Option<Entry> {
    let mut at = 0;
    while directory.get(at..at + 4)? == b"PK\x01\x02" {
        let entry = &directory[at..];
        let name_length = usize::from(u16_at(entry, 28)?);
        let rest = usize::from(u16_at(entry, 30)?) + usize::from(u16_at(entry, 32)?);
        if entry.get(46..46 + name_length)? == wanted {
            return Some(Entry {
                method: u16_at(entry, 10)?,
                packed: u32_at(entry, 20)?,
                offset: u32_at(entry, 42)?,
            });
        }
        at += 46 + name_length + rest;
    }
    None
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
