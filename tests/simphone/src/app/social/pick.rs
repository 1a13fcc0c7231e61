//! What apps get to see of the phone's media: the gallery, and what another program shared with them.

use std::fmt::Write as _;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Material, MaterialKind};
use crate::phone::media::{Collection, MediaRow};
use crate::phone::{Phone, lock};
use crate::ui::Intent;
use crate::ui::permission::Permissions;

/// Why nothing came of a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ShareRefusal {
    #[error("the intent brings no stream")]
    Nothing,
    #[error("{0} is no content URI of the media index")]
    NotContent(String),
    #[error("no file is indexed under {0}")]
    NotIndexed(String),
    #[error("{0} may not be read: neither granted with the intent nor permitted to the app")]
    NotGranted(String),
}

const STREAM: &str = "android.intent.extra.STREAM";
const GRANT_READ: u32 = 1;

/// Photos and videos, the newest file first: what a gallery shows.
pub fn gallery(phone: &Phone) -> Vec<MediaRow> {
    let media = lock(&phone.media);
    let mut rows: Vec<MediaRow> = media
        .rows()
        .iter()
        .filter(|row| row.collection != Collection::Audio)
        .cloned()
        .collect();
    drop(media);
    rows.sort_by_key(|row| std::cmp::Reverse((row.modified, row.id)));
    rows
}

/// The folders that have something, "Camera", "Movies", …, with how many.
pub fn albums(rows: &[MediaRow]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for row in rows {
        let name = album(row);
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => found.push((name, 1)),
        }
    }
    found
}

/// The last folder of its path.
pub fn album(row: &MediaRow) -> String {
    let mut parts = row.path.rsplit('/');
    parts.next();
    parts.next().unwrap_or_default().to_owned()
}

/// Reads a file of the index; none where it is gone since.
pub fn material(phone: &Phone, row: &MediaRow) -> Option<Material> {
    let hash = hash_file(&phone.files.host_path(&row.path)).ok()?;
    Some(Material {
        hash,
        kind: if row.collection == Collection::Video {
            MaterialKind::Video
        } else {
            MaterialKind::Photo
        },
        name: row.display_name().to_owned(),
        millis: row.duration,
    })
}

/// The row of that id.
pub fn row(phone: &Phone, id: u64) -> Option<MediaRow> {
    lock(&phone.media).rows().iter().find(|row| row.id == id).cloned()
}

/// Whether the app may look into the gallery at all.
pub fn may_read(permissions: &Permissions, package: &str, sdk: u32) -> bool {
    let wanted = wanted_permissions(sdk);
    wanted
        .iter()
        .any(|permission| permissions.granted(package, permission))
}

/// What a gallery asks for on this Android.
pub fn wanted_permissions(sdk: u32) -> &'static [&'static str] {
    if sdk >= 33 {
        &[
            "android.permission.READ_MEDIA_VIDEO",
            "android.permission.READ_MEDIA_IMAGES",
        ]
    } else {
        &["android.permission.READ_EXTERNAL_STORAGE"]
    }
}

/// The rows that an intent brings to `package`. Several stand in one extra, with commas between them: a list of URIs,
/// which no option of `am` can make (a guess at what another program's list looks like from here).
pub fn shared(
    phone: &Phone,
    intent: &Intent,
    package: &str,
    permissions: &Permissions,
) -> Result<Vec<MediaRow>, ShareRefusal> {
    let several = intent.action.as_deref() == Some("android.intent.action.SEND_MULTIPLE");
    let Some(text) = intent.extra(STREAM) else {
        return Err(ShareRefusal::Nothing);
    };
    let uris: Vec<&str> = if several {
        text.split(',').collect()
    } else {
        vec![text]
    };
    let readable =
        intent.flags & GRANT_READ != 0 || may_read(permissions, package, phone.spec.personality.sdk);
    let mut rows = Vec::new();
    for uri in uris {
        let id = media_id(uri).ok_or_else(|| ShareRefusal::NotContent(uri.to_owned()))?;
        let row = row(phone, id).ok_or_else(|| ShareRefusal::NotIndexed(uri.to_owned()))?;
        if !readable {
            return Err(ShareRefusal::NotGranted(uri.to_owned()));
        }
        rows.push(row);
    }
    Ok(rows)
}

/// `content://media/external/video/media/42` → 42
fn media_id(uri: &str) -> Option<u64> {
    let path = uri.trim().strip_prefix("content://media/")?;
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [_, "video" | "images", "media", id] | [_, "file", id] => id.parse().ok(),
        _ => None,
    }
}

/// SHA-256 of a file, in hex.
pub fn hash_file(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hasher.finalize()));
        }
        hasher.update(&buffer[..read]);
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::testing::phone;

    fn put(phone: &Phone, path: &str, bytes: &[u8]) -> u64 {
        let host = phone.files.host_path(path);
        std::fs::create_dir_all(host.parent().unwrap()).unwrap();
        std::fs::write(&host, bytes).unwrap();
        let ready = phone.spec.clock.now();
        let mut media = lock(&phone.media);
        media.scan(&phone.files, path, ready).unwrap().unwrap().id
    }

    fn send(uri: &str, flags: u32) -> Intent {
        Intent {
            action: Some("android.intent.action.SEND".to_owned()),
            extras: vec![(STREAM.to_owned(), uri.to_owned())],
            flags,
            ..Intent::default()
        }
    }

    #[test]
    fn a_share_needs_an_indexed_content_uri_and_the_right_to_read_it() {
        let (_dir, phone) = phone();
        let id = put(&phone, "/sdcard/Movies/a.mp4", b"video");
        let none = Permissions::default();
        let ask = |intent: &Intent| shared(&phone, intent, "app", &none);
        let uri = format!("content://media/external/video/media/{id}");
        let rows = ask(&send(&uri, GRANT_READ)).unwrap();
        let read = material(&phone, &rows[0]).unwrap();
        assert_eq!(read.hash, super::super::commit::hash_text("video"));
        assert!(matches!(ask(&send(&uri, 0)), Err(ShareRefusal::NotGranted(_))));
        let file = send("file:///sdcard/Movies/a.mp4", GRANT_READ);
        assert!(matches!(ask(&file), Err(ShareRefusal::NotContent(_))));
        let gone = send("content://media/external/video/media/9999", GRANT_READ);
        assert!(matches!(ask(&gone), Err(ShareRefusal::NotIndexed(_))));
        assert_eq!(ask(&Intent::default()), Err(ShareRefusal::Nothing));
    }

    #[test]
    fn the_gallery_has_the_newest_file_first() {
        let (_dir, phone) = phone();
        let old = put(&phone, "/sdcard/DCIM/Camera/old.jpg", b"old");
        let new = put(&phone, "/sdcard/Movies/new.mp4", b"new");
        let ids: Vec<u64> = gallery(&phone).iter().map(|row| row.id).collect();
        assert_eq!(ids, [new, old]);
        assert_eq!(albums(&gallery(&phone))[0], ("Movies".to_owned(), 1));
    }
}
