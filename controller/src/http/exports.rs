//! Accounts as a sheet, sent as it is written: neither the accounts nor the file are ever in memory as a whole.

use std::io::{self, Write};

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use serde_json::json;
use shared::account::Platform;
use tokio::sync::mpsc;
use utoipa::{IntoParams, ToSchema};

use super::body::Sent;
use super::envelope::ApiError;
use super::fields::{Asked, Fields, FromFields};
use super::imports::parsed;
use super::token::Caller;
use crate::imports::export::{self, Export};
use crate::sheets::{Format, Language};
use crate::state::AppState;
use crate::store::AuditEntry;

/// Bytes that are sent at a time.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow reader.
const AHEAD: usize = 4;

/// What is to be exported.
#[derive(Debug, Clone, Copy, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct ExportWish {
    /// tiktok or instagram; both where it is left out, with the columns platform, packagename and tags beside the 15.
    #[param(required = false, value_type = String)]
    #[schema(value_type = Option<String>)]
    pub platform: Option<Platform>,
    /// xlsx, csv or ods.
    #[param(required = false, value_type = String)]
    #[schema(value_type = Option<String>, example = "xlsx")]
    pub format: Option<Format>,
    /// en, fr, sv or zh: of the sheet that explains the columns.
    #[param(required = false, value_type = String)]
    #[schema(value_type = Option<String>, example = "en")]
    pub language: Option<Language>,
}

impl FromFields for ExportWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            platform: parsed(fields, "platform")?,
            format: parsed(fields, "format")?,
            language: parsed(fields, "language")?,
        })
    }
}

/// What is to be exported, and whether with passwords.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct SecretExportWish {
    #[schema(inline)]
    #[serde(flatten)]
    pub wish: ExportWish,
    /// Passwords too, with their 2FA secrets.
    #[schema(value_type = Option<bool>)]
    pub include_secrets: bool,
}

impl FromFields for SecretExportWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            wish: ExportWish::from_fields(fields)?,
            include_secrets: fields.flag("include_secrets")?.unwrap_or(false),
        })
    }
}

/// All accounts as a sheet, without passwords
#[utoipa::path(get, path = "/accounts/export", tag = "accounts", params(ExportWish),
    responses((status = 200, description = "The sheet, as an attachment",
        content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv")))))]
pub async fn without_secrets(State(state): State<AppState>, Asked(wish): Asked<ExportWish>) -> Response {
    sent(&state, wish, false)
}

/// All accounts as a sheet, with passwords where that is asked for; on record
#[utoipa::path(post, path = "/accounts/export", tag = "accounts",
    request_body(content = SecretExportWish, description = "May be absent"),
    responses((status = 200, description = "The sheet, as an attachment",
        content((Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "text/csv")))))]
pub async fn export(
    State(state): State<AppState>,
    caller: Caller,
    Sent(asked): Sent<SecretExportWish>,
) -> Result<Response, ApiError> {
    let told = json!({
        "include_secrets": asked.include_secrets,
        "format": asked.wish.format.unwrap_or(Format::Xlsx).extension(),
    });
    let subject = asked.wish.platform.map_or("all", Platform::as_str);
    let entry = AuditEntry::new(caller.name, "accounts.export", subject).after(told);
    // On record before the first byte leaves.
    state.store.append_audit(entry).await?;
    Ok(sent(&state, asked.wish, asked.include_secrets))
}

fn sent(state: &AppState, wish: ExportWish, secrets: bool) -> Response {
    let export = Export {
        platform: wish.platform,
        secrets,
        format: wish.format.unwrap_or(Format::Xlsx),
        language: wish.language.unwrap_or_default(),
    };
    let (pieces, receiver) = mpsc::channel(AHEAD);
    let ground = state.ground();
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || {
        let out = Outgoing {
            pieces: pieces.clone(),
            waiting: Vec::with_capacity(PIECE),
        };
        let written = export::write(&ground, &runtime, &export, out).and_then(|mut out| Ok(out.flush()?));
        if let Err(error) = written {
            // The reader sees the connection break off, and so that the file is not whole.
            let told = io::Error::other("the export broke off");
            if pieces.blocking_send(Err(told)).is_ok() {
                tracing::error!(error = %crate::causes::whole(&error), "an export broke off");
            }
        }
    });
    let body = stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    });
    let name = format!("attachment; filename=\"accounts.{}\"", export.format.extension());
    let headers = [
        (header::CONTENT_TYPE, export.format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// A file on its way to the reader.
struct Outgoing {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    waiting: Vec<u8>,
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        self.pieces
            .blocking_send(Ok(Bytes::from(piece)))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone"))
    }
}
