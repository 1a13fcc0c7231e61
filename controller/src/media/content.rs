//! What is in a file: told by its first bytes, never by its name.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use shared::pack::files::hex;

use super::MediaError;

/// The largest file that is published, in bytes.
pub(super) const LARGEST: u64 = 4 << 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Video,
    Image,
}

impl Kind {
    /// What a name promises; `None` for files that are no media.
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "mp4" => Some(Self::Video),
            "jpg" | "jpeg" | "png" => Some(Self::Image),
            _ => None,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Image => "image",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        [Self::Video, Self::Image]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }

    /// For messages.
    pub fn files(self) -> &'static str {
        match self {
            Self::Video => "videos (.mp4)",
            Self::Image => "images (.jpg, .jpeg, .png)",
        }
    }
}

/// Kind, SHA-256 and size.
pub(super) fn read(path: &Path) -> Result<(Kind, String, u64), MediaError> {
    let io = |source| MediaError::Io {
        path: path.to_owned(),
        source,
    };
    let mut file = File::open(path).map_err(io)?;
    let mut hasher = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    let mut size = 0;
    let mut kind = None;
    loop {
        let read = file.read(&mut piece).map_err(io)?;
        if read == 0 {
            break;
        }
        if size == 0 {
            kind = Some(sniff(&piece[..read]).ok_or_else(|| MediaError::Wrong {
                path: path.to_owned(),
                found: NEITHER.to_owned(),
            })?);
        }
        size += read as u64;
        if size > LARGEST {
            return Err(MediaError::TooLarge {
                path: path.to_owned(),
                most: LARGEST,
            });
        }
        hasher.update(&piece[..read]);
    }
    let name = path.file_name().map(|name| name.to_string_lossy());
    let promised = name.as_deref().and_then(Kind::of_name);
    let wrong = |found: &str| MediaError::Wrong {
        path: path.to_owned(),
        found: found.to_owned(),
    };
    match (kind, promised) {
        (None, _) => Err(wrong("it is empty")),
        (Some(kind), promised) => match promised.and_then(|promised| contradiction(kind, promised)) {
            Some(found) => Err(wrong(found)),
            None => Ok((kind, hex(&hasher.finalize()), size)),
        },
    }
}

/// What a file begins with: as much of it as tells its kind.
pub(super) const TELLING: usize = 12;
/// For messages.
pub(super) const NEITHER: &str = "it is neither an MP4 video nor a JPEG or PNG image";

/// Pictures and sounds come in the same box as videos do; these are the brands that say so.
const NO_VIDEO: [&[u8]; 9] = [
    b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"M4A ",
];

pub(super) fn sniff(start: &[u8]) -> Option<Kind> {
    if start.get(4..8) == Some(b"ftyp") {
        let brand = start.get(8..12).unwrap_or_default();
        (!NO_VIDEO.contains(&brand)).then_some(Kind::Video)
    } else if start.starts_with(&[0xff, 0xd8, 0xff]) || start.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Kind::Image)
    } else {
        None
    }
}

/// What is wrong with a content of one kind under a name that promises another.
pub(super) fn contradiction(kind: Kind, promised: Kind) -> Option<&'static str> {
    (kind != promised).then_some(match kind {
        Kind::Video => "it is a video",
        Kind::Image => "it is an image",
    })
}
