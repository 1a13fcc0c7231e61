//! All that is known of a task in one file: to keep, or to send to whoever helps. It holds what the API tells to who may
//! read, and no secret.

use std::io::{self, Write};
use std::path::PathBuf;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use tokio::runtime::Handle;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::super::envelope::ApiError;
use super::super::outgoing;
use super::super::path::Named;
use super::details::{self, TaskDetails};
use super::number;
use crate::scheduler::artifact_file;
use crate::state::AppState;
use crate::store::{ArtifactRow, AttemptRow, Store, StoreError};

/// Lines of a log that are read at once.
const LINES: u32 = 500;

#[derive(Debug, thiserror::Error)]
enum BundleError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot read or send a file")]
    Io(#[from] io::Error),
    #[error("cannot write the zip")]
    Zip(#[from] zip::result::ZipError),
    #[error("cannot write the task as JSON")]
    Json(#[from] serde_json::Error),
}

/// A task with its whole log and its files, as a zip
///
/// `task.json` is what `GET /task/{id}` answers as `data`, `log.txt` are the logs of all attempts, `attempt-1/` and so on
/// hold the files that each left; `missing.txt` names those that are gone from the data folder.
#[utoipa::path(get, path = "/task/{id}/bundle", tag = "tasks",
    params(("id" = i64, Path, description = "The task's id")),
    responses((status = 200, description = "The zip, as an attachment", content((Vec<u8> = "application/zip")))))]
pub async fn bundle(State(state): State<AppState>, Named(id): Named) -> Result<Response, ApiError> {
    let id = number(&id)?;
    let bundle = Bundle {
        task: details::of(&state, id).await?,
        attempts: state.store.attempts_of(id).await?,
        files: state.store.artifacts_of(id).await?,
        store: state.store.clone(),
        data_dir: state.data_dir.to_path_buf(),
        runtime: Handle::current(),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"task-{id}.zip\""),
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    let body = outgoing::written("the bundle of a task", |out| bundle.write(out));
    Ok((headers, body).into_response())
}

/// What goes into it.
struct Bundle {
    task: TaskDetails,
    attempts: Vec<AttemptRow>,
    files: Vec<ArtifactRow>,
    store: Store,
    data_dir: PathBuf,
    /// The store's.
    runtime: Handle,
}

impl Bundle {
    /// Blocking.
    fn write<W: Write>(self, out: W) -> Result<W, BundleError> {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        let mut zip = ZipWriter::new_stream(out);
        zip.start_file("task.json", options)?;
        serde_json::to_writer_pretty(&mut zip, &self.task)?;
        zip.start_file("log.txt", options)?;
        for attempt in &self.attempts {
            self.write_log(attempt, &mut zip)?;
        }
        let mut missing = String::new();
        for file in &self.files {
            // The names are the database's, and were checked before they came there.
            let name = format!("attempt-{}/{}", file.number, file.name);
            match std::fs::File::open(artifact_file(&self.data_dir, file.attempt, &file.name)) {
                Ok(mut content) => {
                    zip.start_file(name, options)?;
                    io::copy(&mut content, &mut zip)?;
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    missing = missing + name.as_str() + "\n";
                }
                Err(error) => return Err(error.into()),
            }
        }
        if !missing.is_empty() {
            zip.start_file("missing.txt", options)?;
            zip.write_all(missing.as_bytes())?;
        }
        Ok(zip.finish()?.into_inner())
    }

    fn write_log(&self, attempt: &AttemptRow, out: &mut impl Write) -> Result<(), BundleError> {
        writeln!(out, "Attempt {}", attempt.number)?;
        let mut from = 0;
        loop {
            let lines = self
                .runtime
                .block_on(self.store.attempt_lines(attempt.id, from, LINES))?;
            for line in &lines {
                writeln!(out, "{}  {}", line.at, line.line)?;
            }
            match lines.last() {
                Some(last) if lines.len() == LINES as usize => from = last.number + 1,
                _ => return Ok(()),
            }
        }
    }
}
