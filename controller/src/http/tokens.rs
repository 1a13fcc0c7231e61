//! Tokens of this API: made with scopes and an end, shown once, listed without their secret, revoked.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Fields, FromFields};
use super::path::Named;
use super::token::{self, Caller, Scope};
use crate::state::AppState;
use crate::store::{ApiTokenRow, NewApiToken};

/// Ten years; longer is written as no end at all.
const LONGEST_TTL_SECS: i64 = 10 * 366 * 24 * 3600;
const LONGEST_NAME: usize = 100;

/// A token without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenItem {
    pub id: i64,
    pub name: String,
    /// read, control, admin; each holds those before it.
    pub scopes: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// `null` for one without an end.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// To about a minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
    /// Neither expired nor revoked.
    pub active: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TokenList {
    pub tokens: Vec<TokenItem>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TokenCreated {
    /// The secret: it is shown this once.
    #[schema(example = "drv_…")]
    pub token: String,
    #[serde(flatten)]
    pub item: TokenItem,
}

/// A token to be made.
#[derive(Debug, ToSchema)]
pub struct TokenWish {
    /// For people, and for the record.
    pub name: String,
    /// read, control, admin; `["read"]` where absent.
    pub scopes: Option<Vec<String>>,
    /// How long it is good, in seconds; absent: without end.
    #[schema(minimum = 1)]
    pub ttl_secs: Option<i64>,
}

impl FromFields for TokenWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let name = fields.need_text("name")?.trim().to_owned();
        if name.chars().count() > LONGEST_NAME {
            return Err(ApiError::parameter(
                "name",
                format!("has at most {LONGEST_NAME} characters"),
            ));
        }
        let scopes = fields.list("scopes")?;
        if let Some(wrong) = scopes
            .iter()
            .flatten()
            .find(|scope| Scope::named(scope).is_none())
        {
            let known = Scope::ALL.map(Scope::name).join(", ");
            return Err(ApiError::parameter(
                "scopes",
                format!("{wrong:?} is none of {known}"),
            ));
        }
        Ok(Self {
            name,
            scopes: scopes.filter(|scopes| !scopes.is_empty()),
            ttl_secs: fields.number("ttl_secs", 1..=LONGEST_TTL_SECS)?,
        })
    }
}

impl TokenItem {
    fn of(row: ApiTokenRow, now: Timestamp) -> Self {
        Self {
            active: row.is_good_at(now),
            id: row.id,
            name: row.name,
            scopes: row.scopes,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
        }
    }
}

/// All tokens, the ended ones too, newest first
#[utoipa::path(get, path = "/tokens", tag = "tokens",
    responses((status = 200, description = "All tokens", body = Envelope<TokenList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<TokenList> {
    let rows = state.store.list_api_tokens().await?;
    let now = state.clock.now();
    let tokens = rows.into_iter().map(|row| TokenItem::of(row, now)).collect();
    Ok(Success(TokenList { tokens }))
}

/// Makes a token; its secret is in this answer and nowhere else
#[utoipa::path(post, path = "/tokens", tag = "tokens", request_body = TokenWish,
    responses((status = 200, description = "The token", body = Envelope<TokenCreated>)))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Sent(wish): Sent<TokenWish>,
) -> Answered<TokenCreated> {
    let secret = token::fresh();
    let now = state.clock.now();
    let end = wish
        .ttl_secs
        .map(|ttl| now.saturating_add(SignedDuration::from_secs(ttl)));
    let new = NewApiToken {
        name: wish.name,
        scopes: wish.scopes.unwrap_or_else(|| vec![Scope::Read.name().to_owned()]),
        hash: token::hash(&secret),
        expires_at: end.map(|end| end.unwrap_or(Timestamp::MAX)),
    };
    let row = state.store.create_api_token(new, &caller.name).await?;
    Ok(Success(TokenCreated {
        token: secret,
        item: TokenItem::of(row, now),
    }))
}

/// Ends a token for good
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", params(("id" = i64, Path, description = "The token's id")),
    responses((status = 200, description = "The token, revoked", body = Envelope<TokenItem>)))]
pub async fn revoke(State(state): State<AppState>, caller: Caller, Named(id): Named) -> Answered<TokenItem> {
    let number: i64 = id
        .parse()
        .map_err(|_| ApiError::not_found(format!("there is no API token {id:?}")))?;
    let row = state.store.revoke_api_token(number, &caller.name).await?;
    Ok(Success(TokenItem::of(row, state.clock.now())))
}
