//! Packs as zips: given away, and taken in.

use std::io::{self, Cursor, Read as _, Write as _};

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use shared::pack::fault::Fault;
use shared::pack::files::{MANIFEST, MAX_FILE, MAX_FILES, PackFiles, belongs};
use utoipa::{IntoParams, ToSchema};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::edit::{Change, Grounds, PackChange, read, texts};
use super::{FaultList, VersionWish, Wrong, find, version};
use crate::http::body;
use crate::http::envelope::{ApiError, Envelope, Success};
use crate::http::fields::{Asked, Fields, FromFields};
use crate::http::outgoing;
use crate::http::path::Named;
use crate::http::token::Caller;
use crate::state::AppState;
use crate::store::PackOrigin;

/// The largest zip, in bytes.
const LARGEST: usize = 8 << 20;
pub const CONTENT_TYPES: [&str; 2] = ["application/zip", "application/octet-stream"];

#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("cannot send the zip")]
    Io(#[from] io::Error),
    #[error("cannot write the zip")]
    Zip(#[from] zip::result::ZipError),
}

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportGrounds {
    /// Why, for those who come after.
    #[param(example = "from the other farm")]
    pub reason: String,
    /// Only look whether it could be taken.
    #[param(required = false)]
    pub dry_run: bool,
    #[param(ignore)]
    grounds: Grounds,
}

impl FromFields for ImportGrounds {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let grounds = Grounds::from_fields(fields)?;
        Ok(Self {
            reason: grounds.reason.clone(),
            dry_run: grounds.dry_run,
            grounds,
        })
    }
}

/// A pack as its files.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read by hand")]
pub struct PackEntry {
    /// Names and texts.
    #[schema(value_type = Object)]
    files: Vec<(String, String)>,
}

/// A pack as a zip: one folder, as `--flows` and `drover-agent flow` take it
#[utoipa::path(get, path = "/packs/{name}/export", tag = "flows",
    params(("name" = String, Path, description = "The pack's name"), VersionWish),
    responses((status = 200, description = "The zip, as an attachment", content((Vec<u8> = "application/zip")))))]
pub async fn export(
    State(state): State<AppState>,
    Named(name): Named,
    Asked(wish): Asked<VersionWish>,
) -> Result<Response, ApiError> {
    let files = match wish.version {
        Some(number) => PackFiles::new(version(&state, &name, number).await?.1),
        None => find(&state, &name)?.1.pack.files.clone(),
    };
    // Names of packs are plain: they were checked when it was read.
    let folder: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{folder}.zip\""),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = outgoing::written("a pack", move |out| {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let mut zip = ZipWriter::new_stream(out);
        for (file, text) in files.iter() {
            zip.start_file(format!("{folder}/{file}"), options)?;
            zip.write_all(text.as_bytes())?;
        }
        Ok::<_, ExportError>(zip.finish()?.into_inner())
    });
    Ok((headers, body).into_response())
}

/// Takes a pack in and puts it in force, on record: a zip, or its files as JSON
///
/// One that has the name of a pack in force becomes a new version of it; another one goes before all that come along.
#[utoipa::path(post, path = "/packs", tag = "flows", params(ImportGrounds),
    request_body(content((PackEntry = "application/json"), (Vec<u8> = "application/zip"),
        (Vec<u8> = "application/octet-stream")),
        description = "The zip, with the files in it or in one folder; or `files` as JSON"),
    responses(
        (status = 200, description = "What came of it", body = Envelope<PackChange>),
        (status = 400, description = "40001: the pack is faulty; `data` names each fault with its line", body = Envelope<FaultList>),
    ))]
pub async fn import(
    State(state): State<AppState>,
    caller: Caller,
    Asked(wish): Asked<ImportGrounds>,
    request: Request,
) -> Result<Success<PackChange>, Wrong> {
    let bytes = body::read(request, LARGEST).await?;
    let files = if bytes.starts_with(b"PK") {
        let unpacked = tokio::task::spawn_blocking(move || unpacked(&bytes));
        let unpacked = unpacked
            .await
            .map_err(|lost| ApiError::internal_told(&lost.to_string(), "the zip could not be read"))?;
        unpacked.map_err(|why| ApiError::parameter("body", why))?
    } else {
        let value: Value = body::json(&bytes)?;
        let files = texts(&Fields::of_body(value)?, false)?;
        PackFiles::new(
            files
                .into_iter()
                .filter_map(|(name, text)| Some((name, text?.replace("\r\n", "\n")))),
        )
    };
    if files.get(MANIFEST).is_none() {
        let what = format!("the pack has no such file: is it a folder with {MANIFEST}, packed?");
        return Err(Wrong::Faults(vec![Fault::error(MANIFEST, None, what)]));
    }
    // Its name is in it.
    let (pack, _) = read(files.clone()).await?.map_err(Wrong::Faults)?;
    let change = Change {
        standing: find(&state, &pack.name).ok().map(|(_, standing)| standing),
        name: pack.name,
        files,
        how: PackOrigin::Imported,
        grounds: wish.grounds,
    };
    change.take(&state, &caller).await
}

/// The files of a pack in a zip: at its top, or in one folder.
fn unpacked(bytes: &[u8]) -> Result<PackFiles, String> {
    let broken = |error: &dyn std::fmt::Display| format!("the zip cannot be read: {error}");
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut files: Vec<(String, String)> = Vec::new();
    let mut folder: Option<String> = None;
    for index in 0..zip.len() {
        let file = zip.by_index(index).map_err(|error| broken(&error))?;
        let whole = file.name().map_err(|error| broken(&error))?.replace('\\', "/");
        let (dir, name) = whole.rsplit_once('/').unwrap_or(("", &whole));
        // Stored screens lie in a folder of the pack's, and are no part of it.
        if file.is_dir() || !belongs(name) || dir.ends_with("/screens") || dir == "screens" {
            continue;
        }
        if folder.get_or_insert_with(|| dir.to_owned()) != dir {
            return Err(format!(
                "the zip holds files of more than one folder ({dir:?} beside {:?}): pack one pack at a time",
                folder.unwrap_or_default()
            ));
        }
        if files.len() >= MAX_FILES {
            return Err(format!("a pack has at most {MAX_FILES} files"));
        }
        let mut text = Vec::new();
        let name = name.to_owned();
        file.take(MAX_FILE + 1)
            .read_to_end(&mut text)
            .map_err(|error| broken(&error))?;
        if text.len() as u64 > MAX_FILE {
            return Err(format!("{name} is larger than {MAX_FILE} bytes"));
        }
        let text = String::from_utf8(text).map_err(|_| format!("{name} is not UTF-8 text"))?;
        files.push((name, text.trim_start_matches('\u{feff}').replace("\r\n", "\n")));
    }
    Ok(PackFiles::new(files))
}
