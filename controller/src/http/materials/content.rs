//! A material's content, whole or a part of it.

use std::io::SeekFrom;
use std::ops::RangeInclusive;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use super::find;
use crate::http::envelope::ApiError;
use crate::http::path::Named;
use crate::state::AppState;

/// Nothing in such a file may run where it is opened.
const POLICY: &str = "default-src 'none'; sandbox";

/// A material's content; a part of it where `Range` asks for one
#[utoipa::path(get, path = "/materials/{id}/content", tag = "materials",
    params(
        ("id" = i64, Path, description = "The material's id"),
        ("Range" = Option<String>, Header, description = "bytes=FROM-TO"),
    ),
    responses(
        (status = 200, description = "The file", content((Vec<u8> = "video/mp4"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"))),
        (status = 206, description = "The part that was asked for", content((Vec<u8> = "video/mp4"))),
        (status = 416, description = "The file is shorter than that", content((Vec<u8> = "application/octet-stream"))),
    ))]
pub async fn content(
    State(state): State<AppState>,
    Named(id): Named,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let row = find(&state, &id).await?;
    let opened = state.media.library().open(&row.hash, row.size).await;
    let mut file = opened.ok_or_else(|| {
        ApiError::not_found(format!(
            "the file of the material {} is gone from the data folder: send it again",
            row.id
        ))
    })?;
    let asked = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .and_then(|range| part(range, row.size));
    let shared = [
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, format!("\"{}\"", row.hash)),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let part = match asked {
        Some(Err(TooFar)) => {
            let range = [(header::CONTENT_RANGE, format!("bytes */{}", row.size))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, shared, range).into_response());
        }
        Some(Ok(part)) => Some(part),
        None => None,
    };
    let (status, from, length) = match &part {
        None => (StatusCode::OK, 0, row.size),
        Some(part) => (
            StatusCode::PARTIAL_CONTENT,
            *part.start(),
            part.end() - part.start() + 1,
        ),
    };
    file.seek(SeekFrom::Start(from))
        .await
        .map_err(|error| ApiError::internal(&error))?;
    let of_file = [
        (
            header::CONTENT_TYPE,
            content_type(&row.kind, &row.name).to_owned(),
        ),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, disposition(&row.name)),
    ];
    let body = Body::from_stream(ReaderStream::new(file.take(length)));
    let mut response = (status, shared, of_file, body).into_response();
    if let Some(part) = part {
        let told = format!("bytes {}-{}/{}", part.start(), part.end(), row.size);
        if let Ok(told) = told.parse() {
            response.headers_mut().insert(header::CONTENT_RANGE, told);
        }
    }
    Ok(response)
}

fn content_type(kind: &str, name: &str) -> &'static str {
    match kind {
        "video" => "video/mp4",
        _ if name.to_ascii_lowercase().ends_with(".png") => "image/png",
        _ => "image/jpeg",
    }
}

/// Names are in any script: as RFC 5987 writes them, and for old clients without what is not plain.
fn disposition(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || " ._-".contains(c) {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut coded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            coded.push(char::from(byte));
        } else {
            coded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("inline; filename=\"{plain}\"; filename*=UTF-8''{coded}")
}

/// The part begins behind the end.
#[derive(Debug, PartialEq, Eq)]
struct TooFar;

/// The bytes of `bytes=FROM-TO`, `bytes=FROM-` or `bytes=-LAST`; `None` for what is answered by the whole: several parts,
/// other units, nonsense.
fn part(range: &str, size: u64) -> Option<Result<RangeInclusive<u64>, TooFar>> {
    let (from, to) = range.trim().strip_prefix("bytes=")?.trim().split_once('-')?;
    let (from, to) = (from.trim(), to.trim());
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !digits(from) || !digits(to) {
        return None;
    }
    let last = size.checked_sub(1);
    let (from, to) = match (from.parse::<u64>().ok(), to.parse::<u64>().ok()) {
        (Some(from), Some(to)) if from > to => return None,
        (Some(from), Some(to)) => (from, to),
        (Some(from), None) if to.is_empty() => (from, u64::MAX),
        (None, Some(0)) if from.is_empty() => return Some(Err(TooFar)),
        (None, Some(count)) if from.is_empty() => (size.saturating_sub(count), u64::MAX),
        _ => return None,
    };
    match last {
        Some(last) if from <= last => Some(Ok(from..=to.min(last))),
        _ => Some(Err(TooFar)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_read_as_clients_write_it() {
        for (range, is) in [
            ("bytes=0-0", Some(Ok(0..=0))),
            ("bytes=2-", Some(Ok(2..=9))),
            ("bytes=-3", Some(Ok(7..=9))),
            ("bytes=-30", Some(Ok(0..=9))),
            ("bytes=5-500", Some(Ok(5..=9))),
            ("bytes=10-", Some(Err(TooFar))),
            ("bytes=-0", Some(Err(TooFar))),
            ("bytes=5-4", None),
            ("bytes=0-1,3-4", None),
            ("bytes=a-b", None),
            ("bytes=-", None),
            ("lines=1-2", None),
        ] {
            assert_eq!(part(range, 10), is, "{range}");
        }
        assert_eq!(part("bytes=0-", 0), Some(Err(TooFar)));
    }

    #[test]
    fn a_name_of_any_script_stays_in_its_header() {
        assert_eq!(
            disposition("a\"b ä.mp4"),
            "inline; filename=\"a_b _.mp4\"; filename*=UTF-8''a%22b%20%C3%A4.mp4"
        );
    }
}
