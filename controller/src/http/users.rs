//! People who use the console: let in with a role, changed, forgotten.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use shared::secret::SecretText;
use utoipa::ToSchema;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Fields, FromFields};
use super::path::Named;
use super::token::{Caller, Scope};
use crate::passwords;
use crate::state::AppState;
use crate::store::{NewUser, UserChange, UserRow};

pub(super) const LONGEST_NAME: usize = 64;

/// A person, without the password.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserItem {
    pub id: i64,
    pub name: String,
    /// viewer, operator or admin; each may do what those before it may.
    #[schema(example = "operator")]
    pub role: String,
    pub enabled: bool,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UserList {
    pub users: Vec<UserItem>,
}

/// A person to be let in.
#[derive(Debug, ToSchema)]
pub struct UserWish {
    /// 1 to 64 letters, digits, `.`, `_`, `-` or `@`; whether they are large or small makes no difference.
    pub name: String,
    /// viewer where absent.
    #[schema(value_type = Option<String>, example = "operator")]
    pub role: Scope,
    /// 10 to 200 characters.
    #[schema(value_type = String)]
    pub password: SecretText,
}

/// What changes of a person; what is absent stays. Their sessions end.
#[derive(Debug, ToSchema)]
pub struct UserPatch {
    #[schema(value_type = Option<String>)]
    pub role: Option<Scope>,
    pub enabled: Option<bool>,
    #[schema(value_type = Option<String>)]
    pub password: Option<SecretText>,
}

fn name(fields: &Fields) -> Result<String, ApiError> {
    let name = fields.need_text("name")?.trim().to_owned();
    let plain = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) || !name.chars().all(plain) {
        let allowed = format!("must be 1 to {LONGEST_NAME} letters, digits, \".\", \"_\", \"-\" or \"@\"");
        return Err(ApiError::parameter("name", allowed));
    }
    Ok(name)
}

fn role(fields: &Fields) -> Result<Option<Scope>, ApiError> {
    let Some(text) = fields.text("role")? else {
        return Ok(None);
    };
    let role = Scope::of_role(text.trim().to_ascii_lowercase().as_str());
    let known = || Scope::ALL.map(Scope::role).join(", ");
    role.map(Some)
        .ok_or_else(|| ApiError::parameter("role", format!("{text:?} is none of {}", known())))
}

/// A password that somebody chose.
pub(super) fn chosen(fields: &Fields, field: &str) -> Result<Option<SecretText>, ApiError> {
    let Some(text) = fields.text(field)? else {
        return Ok(None);
    };
    match passwords::refused(&text) {
        Some(allowed) => Err(ApiError::parameter(field, allowed)),
        None => Ok(Some(text.into())),
    }
}

impl FromFields for UserWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let missing = || ApiError::parameter("password", "is missing");
        Ok(Self {
            name: name(fields)?,
            role: role(fields)?.unwrap_or(Scope::Read),
            password: chosen(fields, "password")?.ok_or_else(missing)?,
        })
    }
}

impl FromFields for UserPatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            role: role(fields)?,
            enabled: fields.flag("enabled")?,
            password: chosen(fields, "password")?,
        })
    }
}

impl From<UserRow> for UserItem {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role,
            enabled: row.enabled,
            created_at: row.created_at,
            changed_at: row.changed_at,
            last_login_at: row.last_login_at,
        }
    }
}

fn numbered(id: &str) -> Result<i64, ApiError> {
    id.parse()
        .map_err(|_| ApiError::not_found(format!("there is no user {id:?}")))
}

/// All people, by name
#[utoipa::path(get, path = "/users", tag = "users",
    responses((status = 200, description = "All people", body = Envelope<UserList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<UserList> {
    let users = state.store.list_users().await?;
    Ok(Success(UserList {
        users: users.into_iter().map(UserItem::from).collect(),
    }))
}

/// Lets a person in
#[utoipa::path(post, path = "/users", tag = "users", request_body = UserWish,
    responses((status = 200, description = "The person", body = Envelope<UserItem>)))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Sent(wish): Sent<UserWish>,
) -> Answered<UserItem> {
    let new = NewUser {
        name: wish.name,
        role: wish.role.role().to_owned(),
        password_hash: state.passwords.hash(wish.password).await?,
    };
    let row = state.store.create_user(new, &caller.name).await?;
    Ok(Success(row.into()))
}

/// Changes a person; who is changed has to log in again
#[utoipa::path(patch, path = "/users/{id}", tag = "users", request_body = UserPatch,
    params(("id" = i64, Path, description = "The person's id")),
    responses((status = 200, description = "The person", body = Envelope<UserItem>),
        (status = 409, description = "40901: nobody would be an admin any more")))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(patch): Sent<UserPatch>,
) -> Answered<UserItem> {
    let id = numbered(&id)?;
    let password_hash = match patch.password {
        Some(password) => Some(state.passwords.hash(password).await?),
        None => None,
    };
    let change = UserChange {
        role: patch.role.map(|role| role.role().to_owned()),
        enabled: patch.enabled,
        password_hash,
    };
    let row = state
        .store
        .change_user(id, change, caller.session.clone(), &caller.name)
        .await?;
    Ok(Success(row.into()))
}

/// Forgets a person; what they did stays on record
#[utoipa::path(delete, path = "/users/{id}", tag = "users",
    params(("id" = i64, Path, description = "The person's id")),
    responses((status = 200, description = "The person, as they were", body = Envelope<UserItem>),
        (status = 409, description = "40901: others are left, and nobody would be an admin any more")))]
pub async fn delete(State(state): State<AppState>, caller: Caller, Named(id): Named) -> Answered<UserItem> {
    let row = state.store.delete_user(numbered(&id)?, &caller.name).await?;
    Ok(Success(row.into()))
}
