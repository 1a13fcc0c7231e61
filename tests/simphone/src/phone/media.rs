//! The media index: what galleries and pickers see of shared storage. A file is in it only after somebody had it
//! scanned; a video's length is known a moment later still.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Files, PhoneSpec, write_whole};
use crate::clock::SimTime;

/// How long a scan that nobody waits for reads the file, in the phone's time.
pub const READING: Duration = Duration::from_millis(1500);
/// The volume that is indexed.
const VOLUME: &str = "/storage/emulated/0/";
/// A video's header lies in the first or the last of it.
const LOOK: usize = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    Images,
    Video,
    Audio,
}

impl Collection {
    /// As it stands in a content URI.
    pub fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Video => "video",
            Self::Audio => "audio",
        }
    }
}

/// One indexed file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaRow {
    pub id: u64,
    pub collection: Collection,
    /// Absolute, under /storage/emulated/0.
    pub path: String,
    pub mime: String,
    pub size: u64,
    /// Milliseconds, as the file's header says.
    pub duration: Option<u64>,
    /// Seconds since 1970, of the file.
    pub modified: u64,
    /// Until then the length is not known yet.
    #[serde(skip)]
    pub ready_at: SimTime,
}

impl MediaRow {
    pub fn display_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Media {
    rows: Vec<MediaRow>,
    last_id: u64,
    #[serde(skip)]
    file: PathBuf,
}

impl Media {
    pub fn open(spec: &PhoneSpec) -> std::io::Result<Self> {
        let file = spec.data.join("state/media.json");
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Self>(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self {
                last_id: 31,
                ..Self::default()
            },
            Err(error) => return Err(error),
        };
        Ok(Self { file, ..kept })
    }

    pub fn rows(&self) -> &[MediaRow] {
        &self.rows
    }

    /// Indexes the file, or drops it from the index where it is gone. `None`: it is not indexed now.
    pub fn scan(
        &mut self,
        files: &Files,
        path: &str,
        ready_at: SimTime,
    ) -> std::io::Result<Option<&MediaRow>> {
        let path = canonical(path);
        let old = self.rows.iter().position(|row| row.path == path);
        let host = files.host_path(&path);
        let kind = kind(&path).filter(|_| path.starts_with(VOLUME) && host.is_file());
        let Some((collection, mime)) = kind else {
            if let Some(old) = old {
                self.rows.remove(old);
                self.keep()?;
            }
            return Ok(None);
        };
        let about = std::fs::metadata(&host)?;
        let id = if let Some(old) = old {
            self.rows.remove(old).id
        } else {
            self.last_id += 1;
            self.last_id
        };
        self.rows.push(MediaRow {
            id,
            collection,
            path,
            mime: mime.to_owned(),
            size: about.len(),
            duration: if collection == Collection::Images {
                None
            } else {
                duration(&host)
            },
            modified: about
                .modified()
                .ok()
                .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
                .map_or(0, |since| since.as_secs()),
            ready_at,
        });
        self.keep()?;
        Ok(self.rows.last())
    }

    /// Takes rows out of the index and answers their paths.
    pub fn remove(&mut self, wanted: impl Fn(&MediaRow) -> bool) -> std::io::Result<Vec<String>> {
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.rows).into_iter().partition(wanted);
        self.rows = kept;
        self.keep()?;
        Ok(gone.into_iter().map(|row| row.path).collect())
    }

    fn keep(&self) -> std::io::Result<()> {
        write_whole(&self.file, &serde_json::to_vec_pretty(self)?)
    }
}

/// /sdcard and its kin by the name that the index uses.
fn canonical(path: &str) -> String {
    for link in ["/sdcard/", "/storage/self/primary/", "/mnt/sdcard/"] {
        if let Some(rest) = path.strip_prefix(link) {
            return format!("{VOLUME}{rest}");
        }
    }
    path.to_owned()
}

fn kind(path: &str) -> Option<(Collection, &'static str)> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "mp4" | "m4v" => (Collection::Video, "video/mp4"),
        "mov" => (Collection::Video, "video/quicktime"),
        "webm" => (Collection::Video, "video/webm"),
        "mkv" => (Collection::Video, "video/x-matroska"),
        "3gp" => (Collection::Video, "video/3gpp"),
        "jpg" | "jpeg" => (Collection::Images, "image/jpeg"),
        "png" => (Collection::Images, "image/png"),
        "webp" => (Collection::Images, "image/webp"),
        "gif" => (Collection::Images, "image/gif"),
        "heic" => (Collection::Images, "image/heic"),
        "mp3" => (Collection::Audio, "audio/mpeg"),
        "m4a" => (Collection::Audio, "audio/mp4"),
        _ => return None,
    })
}

/// Length of an MP4 in milliseconds, from its `mvhd` box; other formats and broken files have none.
fn duration(host: &Path) -> Option<u64> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = std::fs::File::open(host).ok()?;
    let length = file.metadata().ok()?.len();
    let mut bytes = Vec::new();
    file.by_ref().take(LOOK as u64).read_to_end(&mut bytes).ok()?;
    if length > LOOK as u64 {
        file.seek(SeekFrom::Start(
            length.saturating_sub(LOOK as u64).max(LOOK as u64),
        ))
        .ok()?;
        file.take(LOOK as u64).read_to_end(&mut bytes).ok()?;
    }
    let header = bytes.windows(4).position(|window| window == b"mvhd")? + 4;
    let number = |at: usize| -> Option<u64> {
        let four: [u8; 4] = bytes.get(header + at..header + at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(four).into())
    };
    let (scale, units) = match bytes.get(header)? {
        0 => (number(12)?, number(16)?),
        _ => (number(20)?, (number(24)? << 32) | number(28)?),
    };
    (scale > 0).then(|| units.saturating_mul(1000) / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_video_is_read_from_its_header() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.mp4");
        let mut bytes = b"\0\0\0\x18ftypmp42....moov\0\0\0\x6cmvhd".to_vec();
        bytes.extend([0; 12]);
        bytes.extend(600_u32.to_be_bytes());
        bytes.extend(9000_u32.to_be_bytes());
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(duration(&path), Some(15_000));
        std::fs::write(&path, b"no video").unwrap();
        assert_eq!(duration(&path), None);
    }
}
