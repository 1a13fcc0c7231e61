//! Sheets into accounts: the upload, how far it is, what came of it, and taking it back.

mod around;

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts as _, Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;
use shared::account::Platform;
use utoipa::{IntoParams, ToSchema};

pub use around::Surroundings;

use super::body;
use super::envelope::{Answered, ApiError, Code, Envelope, Refusal, Success};
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::token::Caller;
use crate::imports::desk::{BeginError, Order, Ticket};
use crate::imports::report::{Import, Report, UndoReport};
use crate::imports::rules::Rules;
use crate::imports::upload::{Upload, Uploaded};
use crate::sheets::{Delimiter, Encoding, ReadOptions};
use crate::state::AppState;
use crate::store::ImportState;

/// An import that is over within this time is answered at once; a longer one by its id.
const PATIENCE: Duration = Duration::from_secs(2);
/// A client that is silent for so long while it sends is not waited for.
const SILENCE: Duration = Duration::from_secs(30);
/// What a multipart body has beside the file.
const WRAPPING: u64 = 64 << 10;
/// How long a request for accounts waits for an import that is changing them.
const SETTLING: Duration = Duration::from_secs(10);

/// As what browsers may send a sheet. Not as a form, which any page may send unasked: those are for programs.
pub(super) const CONTENT_TYPES: [&str; 6] = [
    "application/octet-stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/csv",
];

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportWish {
    /// tiktok or instagram: of rows that do not say it themselves. Required where the sheet has no column `platform`.
    #[param(required = false, value_type = String)]
    pub platform: Option<Platform>,
    /// Report and difference alone; nothing is changed.
    #[param(required = false)]
    pub dry_run: bool,
    /// refuse (one faulty cell, and nothing is imported) or skip (the good rows are imported).
    #[param(required = false, example = "refuse")]
    pub on_error: String,
    /// For rows without an id whose username stands with other values: fault, update or skip.
    #[param(required = false, example = "fault")]
    pub on_duplicate: String,
    /// match, or ignore for a sheet from elsewhere and for an empty farm.
    #[param(required = false, example = "match")]
    pub ids: String,
    /// Take a sheet that renames many accounts.
    #[param(required = false)]
    pub allow_rename: bool,
    /// Give phones the indexes of the sheet too.
    #[param(required = false)]
    pub adopt_device_index: bool,
    /// Of a text file that is not UTF-8, such as windows-1252; never guessed.
    #[param(required = false, value_type = String)]
    pub encoding: Option<Encoding>,
    /// Of a text file: comma, semicolon or tab; found in the header where it is left out.
    #[param(required = false, value_type = String)]
    pub delimiter: Option<Delimiter>,
    /// false: answer at once with the import's id, and go on. Else a long import does so after two seconds.
    #[param(required = false)]
    pub wait: bool,
    #[param(ignore)]
    rules: Rules,
}

impl FromFields for ImportWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let word = |name: &str, usual: &str| {
            Ok::<_, ApiError>(fields.text(name)?.unwrap_or_else(|| usual.to_owned()))
        };
        let platform = parsed(fields, "platform")?;
        let (on_error, on_duplicate) = (word("on_error", "refuse")?, word("on_duplicate", "fault")?);
        let ids = word("ids", "match")?;
        let flag = |name: &str| fields.flag(name).map(Option::unwrap_or_default);
        let (allow_rename, adopt_device_index) = (flag("allow_rename")?, flag("adopt_device_index")?);
        let rules = Rules {
            platform,
            on_error: allowed("on_error", &on_error)?,
            on_duplicate: allowed("on_duplicate", &on_duplicate)?,
            ids: allowed("ids", &ids)?,
            allow_rename,
            adopt_device_index,
        };
        Ok(Self {
            platform,
            dry_run: flag("dry_run")?,
            on_error,
            on_duplicate,
            ids,
            allow_rename,
            adopt_device_index,
            encoding: parsed(fields, "encoding")?,
            delimiter: parsed(fields, "delimiter")?,
            wait: fields.flag("wait")?.unwrap_or(true),
            rules,
        })
    }
}

pub(super) fn parsed<T: std::str::FromStr<Err: std::fmt::Display>>(
    fields: &Fields,
    name: &str,
) -> Result<Option<T>, ApiError> {
    match fields.text(name)?.filter(|text| !text.trim().is_empty()) {
        None => Ok(None),
        Some(text) => allowed(name, &text).map(Some),
    }
}

fn allowed<T: std::str::FromStr<Err: std::fmt::Display>>(name: &str, text: &str) -> Result<T, ApiError> {
    text.parse()
        .map_err(|error: T::Err| ApiError::parameter(name, error.to_string()))
}

/// Which imports are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ImportFilter {
    /// Dry runs alone, or none of them; both where absent.
    pub dry_run: Option<bool>,
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for ImportFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let paged = Paged::from_fields(fields)?;
        Ok(Self {
            dry_run: fields.flag("dry_run")?,
            page: paged.page,
            page_size: paged.page_size,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Imports {
    /// Newest first; of the reports of those that changed something the counts alone, of others none.
    pub imports: Vec<Import>,
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// Imports accounts from a sheet (.xlsx, .xlsm, .xls, .ods, .csv): all rows or none, unless on_error is skip
#[utoipa::path(post, path = "/accounts/import", tag = "accounts", params(ImportWish),
    request_body(content((Vec<u8> = "application/octet-stream"), (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), (Vec<u8> = "multipart/form-data")),
        description = "The sheet, or multipart with a field `file`"),
    responses(
        (status = 200, description = "What came of it; or, for a long one, its id and how far it is: ask for it at /accounts/imports/{id}", body = Envelope<Import>),
        (status = 400, description = "40001: the sheet is faulty or none; `data` is the report and nothing was changed"),
        (status = 409, description = "40901: another import is under way"),
    ))]
pub async fn import(
    State(state): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Response, ApiError> {
    let (mut parts, body) = request.into_parts();
    let Asked(wish) = Asked::<ImportWish>::from_request_parts(&mut parts, &state).await?;
    let limit = state.imports.limits().file_bytes;
    body::check_length(&parts.headers, limit + WRAPPING)?;
    let upload = state
        .imports
        .upload()
        .map_err(|error| ApiError::internal(&error))?;
    let upload = received(&parts.headers, body, upload, limit).await?;
    let order = Order {
        rules: wish.rules,
        dry_run: wish.dry_run,
        who: caller.name,
        read: ReadOptions {
            limits: state.imports.limits().clone(),
            encoding: wish.encoding,
            delimiter: wish.delimiter,
        },
    };
    let ticket = state.imports.begin(state.ground(), order, upload).await?;
    answered(&state, ticket, wish.wait).await
}

/// How far an import is, or what came of it
#[utoipa::path(get, path = "/accounts/imports/{id}", tag = "accounts",
    params(("id" = i64, Path, description = "The import's id")),
    responses((status = 200, description = "The import with its report", body = Envelope<Import>)))]
pub async fn get(State(state): State<AppState>, Path(id): Path<String>) -> Answered<Import> {
    shown(&state, number(&id)?).await.map(Success)
}

/// All imports that are remembered
#[utoipa::path(get, path = "/accounts/imports", tag = "accounts", params(ImportFilter),
    responses((status = 200, description = "A page of imports", body = Envelope<Imports>)))]
pub async fn list(State(state): State<AppState>, Asked(filter): Asked<ImportFilter>) -> Answered<Imports> {
    let paged = Paged {
        page: filter.page,
        page_size: filter.page_size,
    };
    let listed = state.store.list_imports(filter.dry_run, paged.of_store()).await?;
    let imports = listed
        .rows
        .into_iter()
        .map(|row| {
            let import = state.imports.view(row);
            Import {
                report: import.report.map(Report::brief),
                undo: import.undo.map(UndoReport::brief),
                ..import
            }
        })
        .collect();
    Ok(Success(Imports {
        imports,
        total: listed.total,
        page: paged.page,
        page_size: paged.page_size,
    }))
}

/// Takes the last import back, within 24 hours; rows that were changed since stay as they are
#[utoipa::path(post, path = "/accounts/imports/{id}/undo", tag = "accounts",
    params(("id" = i64, Path, description = "The import's id")),
    responses(
        (status = 200, description = "The import, with what came of taking it back; or how far that is", body = Envelope<Import>),
        (status = 409, description = "40901: it is not the last one, is older than 24 hours, or changed nothing"),
    ))]
pub async fn undo(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let ticket = state
        .imports
        .undo(state.ground(), number(&id)?, &caller.name)
        .await?;
    answered(&state, ticket, true).await
}

/// While an import changes accounts nobody sees half of it: whoever asks for accounts waits for its end.
pub async fn settle(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let path = request.uri().path();
    let rest = path.strip_prefix(super::API).unwrap_or_default();
    let about_accounts = rest == "/accounts" || rest.starts_with("/accounts/");
    let about_imports = rest == "/accounts/import" || rest.starts_with("/accounts/imports");
    if about_accounts && !about_imports && !state.imports.settled(SETTLING).await {
        return Err(ApiError::new(
            Code::Unavailable,
            "an import is changing accounts: try again when it is done",
        ));
    }
    Ok(next.run(request).await)
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| {
        ApiError::not_found(format!(
            "there is no import {:?}",
            id.chars().take(40).collect::<String>()
        ))
    })
}

async fn shown(state: &AppState, id: i64) -> Result<Import, ApiError> {
    let row = state.store.import(id).await?;
    let row = row.ok_or_else(|| ApiError::not_found(format!("there is no import {id}")))?;
    Ok(state.imports.view(row))
}

/// Waits a while for the end; then tells what there is to tell.
async fn answered(state: &AppState, mut ticket: Ticket, wait: bool) -> Result<Response, ApiError> {
    if wait {
        ticket.ended_within(PATIENCE).await;
    }
    let import = shown(state, ticket.id).await?;
    let code = match ImportState::named(&import.state) {
        Some(ImportState::Refused) if !import.dry_run => Code::BadParameter,
        Some(ImportState::Failed) => Code::Conflict,
        _ => return Ok(Success(import).into_response()),
    };
    let why = import.report.as_ref().and_then(|report| report.refusal.clone());
    Ok(Refusal {
        code,
        message: why.unwrap_or_else(|| "the import failed".to_owned()),
        data: import,
    }
    .into_response())
}

impl From<BeginError> for ApiError {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Unknown(_) => Self::not_found(error.to_string()),
            BeginError::UnderWay(_) | BeginError::NotToBeUndone { .. } => Self::conflict(error.to_string()),
            BeginError::Store(error) => error.into(),
            BeginError::Ground(error) => Self::internal(&error),
        }
    }
}

/// The sheet of a body, sealed as it comes.
async fn received(headers: &HeaderMap, body: Body, upload: Upload, limit: u64) -> Result<Uploaded, ApiError> {
    let sent = headers
        .get(header::CONTENT_TYPE)
        .and_then(|sent| sent.to_str().ok())
        .unwrap_or_default();
    let body = body.into_data_stream();
    match multer::parse_boundary(sent) {
        Ok(boundary) => {
            let mut form = multer::Multipart::new(body, boundary);
            loop {
                let field = tokio::time::timeout(SILENCE, form.next_field()).await;
                match field.map_err(|_| silent())?.map_err(|_| broken())? {
                    Some(field) if field.name() == Some("file") => return taken(field, upload, limit).await,
                    Some(_) => {}
                    None => {
                        return Err(ApiError::parameter(
                            "file",
                            "is required: the sheet, as a field of the form",
                        ));
                    }
                }
            }
        }
        Err(_) => taken(body, upload, limit).await,
    }
}

async fn taken<E>(
    mut pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
    mut upload: Upload,
    limit: u64,
) -> Result<Uploaded, ApiError> {
    let failed = |error: std::io::Error| ApiError::internal(&error);
    while let Some(piece) = tokio::time::timeout(SILENCE, pieces.next())
        .await
        .map_err(|_| silent())?
    {
        // A write of one piece goes to the page cache: not worth a thread.
        upload.add(&piece.map_err(|_| broken())?).map_err(failed)?;
        if upload.size() > limit {
            return Err(body::too_large(limit));
        }
    }
    if upload.size() == 0 {
        return Err(ApiError::parameter(
            "body",
            "is empty: send the sheet itself, as curl --data-binary @accounts.xlsx does",
        ));
    }
    upload.finish().map_err(failed)
}

fn silent() -> ApiError {
    ApiError::new(Code::BadParameter, "the body stopped coming")
}

fn broken() -> ApiError {
    ApiError::new(Code::BadParameter, "the body broke off")
}
