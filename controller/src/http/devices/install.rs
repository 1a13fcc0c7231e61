//! An app onto many phones: the APK is the body, the phones are in the query, and the answer tells the outcome of each,
//! or the progress as it happens to those who ask for events.

use std::io::Write as _;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Request, State};
use axum::http::header;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use tempfile::NamedTempFile;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::act::{self, ActedOn, ActedOnMany};
use crate::fleet::{Apk, InstallProgress, InstallState};
use crate::http::body;
use crate::http::envelope::{ApiError, Code, Envelope, Success};
use crate::http::fields::{Asked, Fields, FromFields};
use crate::state::AppState;

/// The largest app, in bytes.
const LARGEST: u64 = 2 << 30;
/// A client that is silent for so long while it sends is not waited for.
const SILENCE: Duration = Duration::from_secs(30);
/// For one phone, its wait for a turn not counted.
const DEADLINE: Duration = Duration::from_secs(600);
/// Every APK is a ZIP file.
const ZIP: &[u8] = b"PK\x03\x04";

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InstallWish {
    /// Serials or aliases, with commas between or given several times.
    pub serials: Vec<String>,
    /// Tell the progress as server-sent events (so does `Accept: text/event-stream`).
    #[param(required = false)]
    pub progress: bool,
}

impl FromFields for InstallWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            serials: act::serials(fields)?,
            progress: fields.flag("progress")?.unwrap_or(false),
        })
    }
}

/// How far one phone is; the data of an event.
#[derive(Debug, Serialize, ToSchema)]
pub struct Progress {
    pub serial: String,
    /// sending, installed, failed.
    pub state: String,
    /// Bytes that are on the phone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<u64>,
    /// Of so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl From<InstallProgress> for Progress {
    fn from(told: InstallProgress) -> Self {
        let mut progress = Self {
            serial: told.serial,
            state: "installed".to_owned(),
            done: None,
            total: None,
            code: None,
            message: None,
        };
        match told.state {
            InstallState::Installed => {}
            InstallState::Sending { done, total } => {
                "sending".clone_into(&mut progress.state);
                (progress.done, progress.total) = (Some(done), Some(total));
            }
            InstallState::Failed(error) => {
                let error = ApiError::from(error);
                "failed".clone_into(&mut progress.state);
                (progress.code, progress.message) = (Some(error.code.number()), Some(error.message));
            }
        }
        progress
    }
}

/// Installs an APK on several phones; an unknown phone stops it before anything is done
#[utoipa::path(post, path = "/devices/install", tag = "devices", params(InstallWish),
    request_body(content((Vec<u8> = "application/vnd.android.package-archive"), (Vec<u8> = "application/octet-stream")),
        description = "The APK"),
    responses(
        (status = 200, description = "The outcome on each phone; or, for those who asked for progress, an event for each step and at last one named `done`",
            content((Envelope<ActedOnMany> = "application/json"), (Progress = "text/event-stream"))),
        (status = 404, description = "40401: one of the phones is unknown; nothing was done"),
    ))]
pub async fn install(State(state): State<AppState>, request: Request) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let Asked(wish) = Asked::<InstallWish>::from_request_parts(&mut parts, &state).await?;
    let serials = act::resolved(&state, &wish.serials)?;
    body::check_length(&parts.headers, LARGEST)?;
    let wants_events = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let wants_events =
        wish.progress || wants_events.is_some_and(|accept| accept.contains("text/event-stream"));
    let file = kept(body).await?;
    let apk = Apk::File(file.path().to_owned());
    let told = state.phones.install(serials.clone(), &apk, DEADLINE);
    if wants_events {
        return Ok(events(told, file, serials.len()));
    }
    Ok(Success(outcome(told, serials).await).into_response())
}

/// The body as a file that is gone with its handle: an app can be larger than memory.
async fn kept(body: Body) -> Result<NamedTempFile, ApiError> {
    let failed = |error: std::io::Error| ApiError::internal(&error);
    let mut file = NamedTempFile::new().map_err(failed)?;
    let mut body = body.into_data_stream();
    let (mut size, mut head) = (0_u64, Vec::new());
    while let Some(piece) = tokio::time::timeout(SILENCE, body.next())
        .await
        .map_err(|_| ApiError::new(Code::BadParameter, "the body stopped coming"))?
    {
        let piece = piece.map_err(|_| ApiError::new(Code::BadParameter, "the body broke off"))?;
        size += piece.len() as u64;
        if size > LARGEST {
            return Err(body::too_large(LARGEST));
        }
        if head.len() < ZIP.len() {
            head.extend_from_slice(&piece[..piece.len().min(ZIP.len())]);
            if !ZIP.starts_with(&head[..head.len().min(ZIP.len())]) {
                break;
            }
        }
        // A write of one piece goes to the page cache: not worth a thread.
        file.write_all(&piece).map_err(failed)?;
    }
    if !head.starts_with(ZIP) {
        return Err(ApiError::new(
            Code::BadParameter,
            "the body is no APK: send the file itself, as curl --data-binary @app.apk does",
        ));
    }
    file.flush().map_err(failed)?;
    Ok(file)
}

async fn outcome(mut told: mpsc::Receiver<InstallProgress>, serials: Vec<String>) -> ActedOnMany {
    let mut ended = std::collections::BTreeMap::new();
    while let Some(progress) = told.recv().await {
        match progress.state {
            InstallState::Sending { .. } => {}
            InstallState::Installed => {
                ended.insert(progress.serial, Ok(()));
            }
            InstallState::Failed(error) => {
                ended.insert(progress.serial, Err(ApiError::from(error)));
            }
        }
    }
    let results = serials.into_iter().map(|serial| {
        let result = ended.remove(&serial).unwrap_or_else(|| {
            Err(ApiError::new(
                Code::Unavailable,
                "the controller stopped before it was done",
            ))
        });
        ActedOn::of(serial, result)
    });
    ActedOnMany::of(results.collect())
}

fn events(told: mpsc::Receiver<InstallProgress>, file: NamedTempFile, phones: usize) -> Response {
    struct Telling {
        told: mpsc::Receiver<InstallProgress>,
        // The file must outlive the transfer.
        file: NamedTempFile,
        installed: usize,
        over: bool,
    }
    let telling = Telling {
        told,
        file,
        installed: 0,
        over: false,
    };
    let stream = stream::unfold(telling, move |mut telling| async move {
        if telling.over {
            drop(telling.file);
            return None;
        }
        let event = if let Some(progress) = telling.told.recv().await {
            telling.installed += usize::from(progress.state == InstallState::Installed);
            Event::default()
                .event("progress")
                .json_data(Progress::from(progress))
        } else {
            telling.over = true;
            let failed = phones - telling.installed.min(phones);
            let sum = serde_json::json!({"done_count": telling.installed, "failed_count": failed});
            Event::default().event("done").json_data(sum)
        };
        Some((event, telling))
    });
    Sse::new(stream)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(10)))
        .into_response()
}
