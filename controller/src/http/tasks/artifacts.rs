//! What attempts left: named with their tasks, and sent as files. A file is found by its row, never by a path that a
//! client names.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use tokio_util::io::ReaderStream;
use utoipa::ToSchema;

use super::super::API;
use super::super::envelope::ApiError;
use super::super::path::NamedMany;
use super::number;
use crate::scheduler::artifact_file;
use crate::state::AppState;
use crate::store::ArtifactRow;

/// Nothing in such a file may run where it is opened.
const POLICY: &str = "default-src 'none'; sandbox";

/// A file that an attempt left.
#[derive(Debug, Serialize, ToSchema)]
pub struct ArtifactItem {
    #[schema(example = "screen.png")]
    pub name: String,
    /// screen, hierarchy, steps, meta, other.
    #[schema(example = "screen")]
    pub kind: &'static str,
    /// In bytes.
    pub size: u64,
    /// The number of its attempt.
    pub attempt: u32,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Where it is to be had.
    #[schema(example = "/api/v1/task/7/artifacts/1/screen.png")]
    pub url: String,
}

/// What a file is, by its name.
fn kind(name: &str) -> &'static str {
    match name {
        "screen.png" => "screen",
        "hierarchy.xml" => "hierarchy",
        "steps.jsonl" => "steps",
        "meta.json" => "meta",
        _ => "other",
    }
}

/// The content type by the name's end; what is unknown is bytes.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("png") => "image/png",
        Some("xml") => "application/xml",
        Some("json") => "application/json",
        Some("jsonl") => "application/x-ndjson",
        Some("txt" | "log") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// As the API shows them, in the same order.
pub(super) fn items(rows: Vec<ArtifactRow>) -> Vec<ArtifactItem> {
    rows.into_iter()
        .map(|row| ArtifactItem {
            kind: kind(&row.name),
            url: format!("{API}/task/{}/artifacts/{}/{}", row.task, row.number, row.name),
            name: row.name,
            size: row.size,
            attempt: row.number,
            created_at: row.created_at,
        })
        .collect()
}

/// A file that an attempt left: `artifacts` of its task names them
#[utoipa::path(get, path = "/task/{id}/artifacts/{attempt}/{name}", tag = "tasks",
    params(
        ("id" = i64, Path, description = "The task's id"),
        ("attempt" = u32, Path, description = "The attempt's number"),
        ("name" = String, Path, description = "The file's name"),
    ),
    responses((status = 200, description = "The file", content(
        (Vec<u8> = "image/png"), (String = "application/xml"), (Vec<u8> = "application/octet-stream")))))]
pub async fn download(
    State(state): State<AppState>,
    NamedMany([id, attempt, name]): NamedMany<3>,
) -> Result<Response, ApiError> {
    let missing = || {
        let name: String = name.chars().take(80).collect();
        ApiError::not_found(format!("there is no file {name:?} of this attempt"))
    };
    let attempt: u32 = attempt.parse().map_err(|_| missing())?;
    let row = state.store.artifact(number(&id)?, attempt, &name).await?;
    let row = row.ok_or_else(missing)?;
    // The name is the database's, and was checked before it came there.
    let path = artifact_file(&state.data_dir, row.attempt, &row.name);
    let file = match tokio::fs::File::open(&path).await {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(ApiError::not_found(format!(
                "the file {} was deleted from the data folder",
                row.name
            )));
        }
        Err(error) => return Err(ApiError::internal(&error)),
    };
    let size = file
        .metadata()
        .await
        .map_err(|error| ApiError::internal(&error))?
        .len();
    let headers = [
        (header::CONTENT_TYPE, content_type(&row.name).to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (
            header::CONTENT_DISPOSITION,
            format!("inline; filename=\"{}\"", row.name),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_type_comes_from_its_name_and_what_is_unknown_is_bytes() {
        assert_eq!(content_type("screen.png"), "image/png");
        assert_eq!(content_type("page.html"), "application/octet-stream");
        assert_eq!(content_type("png"), "application/octet-stream");
        assert_eq!((kind("screen.png"), kind("more.png")), ("screen", "other"));
    }
}
