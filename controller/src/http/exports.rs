//! Accounts as a sheet, sent as it is written: neither the accounts nor the file are ever in memory as a whole.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use shared::account::Platform;
use utoipa::{IntoParams, ToSchema};

use super::body::Sent;
use super::envelope::ApiError;
use super::fields::{Asked, Fields, FromFields};
use super::imports::parsed;
use super::outgoing;
use super::token::Caller;
use crate::imports::export::{self, Export};
use crate::sheets::{Format, Language};
use crate::state::AppState;
use crate::store::AuditEntry;

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
    let (ground, runtime) = (state.ground(), tokio::runtime::Handle::current());
    let body = outgoing::written("the export", move |out| {
        export::write(&ground, &runtime, &export, out)
    });
    let name = format!("attachment; filename=\"accounts.{}\"", export.format.extension());
    let headers = [
        (header::CONTENT_TYPE, export.format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, body).into_response()
}
