//! The two answers that hold a secret of an account, each put on record before it is given.

use axum::extract::State;
use axum::http::{HeaderName, header};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::super::envelope::{ApiError, Envelope, Success};
use super::super::path::Named;
use super::super::token::Caller;
use crate::state::AppState;
use crate::store::{AuditEntry, WholeAccount};
use crate::vault::SecretError;

/// An answer that nobody between may keep.
type Secret<T> = ([(HeaderName, &'static str); 1], Success<T>);

fn secret<T>(data: T) -> Secret<T> {
    ([(header::CACHE_CONTROL, "no-store")], Success(data))
}

/// A password.
#[derive(Serialize, ToSchema)]
pub struct Revealed {
    pub id: i64,
    pub username: String,
    pub platform: String,
    /// Without its 2FA secret; empty where none is noted.
    pub password: String,
    pub has_2fa: bool,
}

/// A code of two-factor authentication.
#[derive(Serialize, ToSchema)]
pub struct Code {
    pub id: i64,
    pub username: String,
    /// Six digits.
    #[schema(example = "287082")]
    pub code: String,
    /// How long it is good.
    #[schema(minimum = 1, maximum = 30)]
    pub seconds_left: u32,
}

/// Tells an account's password, on record
#[utoipa::path(post, path = "/accounts/{id}/reveal", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The password", body = Envelope<Revealed>)))]
pub async fn reveal(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Result<Secret<Revealed>, ApiError> {
    let account = whole(&state, &id).await?;
    let password = state
        .vault
        .open_password(account.row.id, &account.secrets)
        .map_err(|error| damaged(&error))?;
    note(&state, &caller, &account, "account.reveal").await?;
    Ok(secret(Revealed {
        id: account.row.id,
        username: account.row.username.as_str().to_owned(),
        platform: account.row.platform.as_str().to_owned(),
        password: password.text.expose().to_owned(),
        has_2fa: password.totp.is_some(),
    }))
}

/// Gives the 2FA code of an account that is good now, on record
///
/// The code of this step is not given to an agent any more: apps take a code once.
#[utoipa::path(get, path = "/accounts/{id}/totp", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The code", body = Envelope<Code>)))]
pub async fn totp(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Result<Secret<Code>, ApiError> {
    let account = whole(&state, &id).await?;
    let id = account.row.id;
    let seed = state
        .vault
        .open_seed(id, &account.secrets)
        .map_err(|error| damaged(&error))?;
    let seed = seed.ok_or_else(|| ApiError::not_found(format!("the account {id} has no 2FA secret")))?;
    note(&state, &caller, &account, "account.totp").await?;
    let now = seed.at(state.clock.now());
    // A person may look again; only an agent must not get what a person has used.
    state.store.take_totp_step(id, now.step).await?;
    Ok(secret(Code {
        id,
        username: account.row.username.as_str().to_owned(),
        code: now.code.expose().to_owned(),
        seconds_left: now.seconds_left,
    }))
}

async fn whole(state: &AppState, id: &str) -> Result<WholeAccount, ApiError> {
    let account = state.store.whole_account(super::number(id)?).await?;
    account.ok_or_else(|| super::unknown(id))
}

async fn note(state: &AppState, caller: &Caller, account: &WholeAccount, what: &str) -> Result<(), ApiError> {
    let name = format!("{}/{}", account.row.platform, account.row.username);
    let entry =
        AuditEntry::new(&caller.name, what, account.row.id.to_string()).after(json!({"account": name}));
    state.store.append_audit(entry).await?;
    Ok(())
}

/// The one account cannot be used; it is told what to do, for no secret is in these words.
pub(super) fn damaged(error: &SecretError) -> ApiError {
    let told = error.to_string();
    ApiError::internal_told(&told, &told)
}
