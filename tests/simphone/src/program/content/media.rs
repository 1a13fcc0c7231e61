//! The media provider: `scan_file` from Android 10 on, and the index's tables.

use super::table::{self, Row};
use super::{Asked, error};
use crate::clock::SimTime;
use crate::phone::media::{Collection, MediaRow};
use crate::phone::{Phone, lock};
use crate::program::Answer;

/// `content call --uri content://media --method scan_file --arg PATH`: waits for the scan and names the row.
pub(super) fn call(phone: &Phone, asked: &Asked<'_>) -> Answer {
    let sdk = phone.spec.personality.sdk;
    match asked.method {
        "scan_file" if sdk >= 29 => {
            match lock(&phone.media).scan(&phone.files, asked.arg, SimTime::default()) {
                Ok(Some(row)) => Answer::line(&format!("Result: Bundle[{{uri={}}}]", uri(row, sdk))),
                Ok(None) => Answer::line("Result: Bundle[{uri=null}]"),
                Err(failed) => error("media", &format!("java.io.IOException: {failed}")),
            }
        }
        "scan_volume" if sdk >= 29 => Answer::line("Result: Bundle[{}]"),
        "get_version" => Answer::line("Result: Bundle[{android.intent.extra.TEXT=1306:1a2b3c}]"),
        _ => Answer::line("Result: null"),
    }
}

/// The volume is called external_primary from Android 11 on.
fn uri(row: &MediaRow, sdk: u32) -> String {
    let volume = if sdk >= 30 { "external_primary" } else { "external" };
    format!(
        "content://media/{volume}/{}/media/{}",
        row.collection.name(),
        row.id
    )
}

/// The table that `media/external/video/media[/ID]` names.
fn collection(path: &str) -> Option<(Option<Collection>, Option<u64>)> {
    let mut parts = path.split('/').skip(1);
    if !matches!(parts.next(), Some("external" | "external_primary")) {
        return None;
    }
    let kind = match parts.next()? {
        "video" => Some(Collection::Video),
        "images" => Some(Collection::Images),
        "audio" => Some(Collection::Audio),
        "file" => return Some((None, parts.next().and_then(|id| id.parse().ok()))),
        _ => return None,
    };
    (parts.next() == Some("media")).then(|| (kind, parts.next().and_then(|id| id.parse().ok())))
}

fn unknown(asked: &Asked<'_>) -> Answer {
    error(
        "media",
        &format!(
            "java.lang.IllegalStateException: Unknown URL: {} is hidden API",
            asked.uri
        ),
    )
}

fn row(phone: &Phone, row: &MediaRow) -> Row {
    let null = || "NULL".to_owned();
    let ready = phone.spec.clock.now() >= row.ready_at;
    let folder = row.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let relative = folder.strip_prefix("/storage/emulated/0/").unwrap_or_default();
    let name = row.display_name();
    Row(vec![
        ("_id", row.id.to_string()),
        ("_data", row.path.clone()),
        ("_display_name", name.to_owned()),
        ("_size", row.size.to_string()),
        ("mime_type", row.mime.clone()),
        (
            "title",
            name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned(),
        ),
        ("date_added", row.modified.to_string()),
        ("date_modified", row.modified.to_string()),
        (
            "duration",
            row.duration
                .filter(|_| ready)
                .map_or_else(null, |millis| millis.to_string()),
        ),
        ("relative_path", format!("{relative}/")),
        (
            "bucket_display_name",
            folder.rsplit('/').next().unwrap_or_default().to_owned(),
        ),
        ("is_pending", "0".to_owned()),
        ("owner_package_name", null()),
    ])
}

pub(super) fn query(phone: &Phone, asked: &Asked<'_>, path: &str) -> Answer {
    let Some((kind, id)) = collection(path) else {
        return unknown(asked);
    };
    let rows = lock(&phone.media)
        .rows()
        .iter()
        .filter(|one| kind.is_none_or(|kind| one.collection == kind) && id.is_none_or(|id| one.id == id))
        .map(|one| row(phone, one))
        .collect();
    table::print(rows, asked).unwrap_or_else(|exception| error("media", &exception))
}

/// Makes a row for a file that lies there already; its header is not read.
pub(super) fn insert(phone: &Phone, asked: &Asked<'_>, path: &str) -> Answer {
    if collection(path).is_none() {
        return unknown(asked);
    }
    let data = asked
        .bindings
        .iter()
        .find_map(|binding| binding.strip_prefix("_data:s:"));
    let Some(data) = data else {
        return error(
            "media",
            "java.lang.IllegalArgumentException: no path was provided when inserting",
        );
    };
    match lock(&phone.media).scan(&phone.files, data, SimTime(std::time::Duration::MAX)) {
        Ok(_) => Answer::silent(),
        Err(failed) => error("media", &format!("java.io.IOException: {failed}")),
    }
}

/// Rows and, as the provider does it, their files.
pub(super) fn delete(phone: &Phone, asked: &Asked<'_>, path: &str) -> Answer {
    let Some((kind, id)) = collection(path) else {
        return unknown(asked);
    };
    let conditions = match asked.condition.map(table::parse).transpose() {
        Ok(conditions) => conditions.unwrap_or_default(),
        Err(exception) => return error("media", &exception),
    };
    let gone = lock(&phone.media).remove(|one| {
        let shown = row(phone, one);
        kind.is_none_or(|kind| one.collection == kind)
            && id.is_none_or(|id| one.id == id)
            && conditions.iter().all(|condition| condition.holds(&shown))
    });
    match gone {
        Ok(paths) => {
            for path in paths {
                let _ = std::fs::remove_file(phone.files.host_path(&path));
            }
            Answer::silent()
        }
        Err(failed) => error("media", &format!("java.io.IOException: {failed}")),
    }
}
