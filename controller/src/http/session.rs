//! Logging in and out: a name and a password for a cookie that no page can read and no other site can send.

use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shared::secret::SecretText;
use utoipa::ToSchema;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Code, Envelope, Nothing, Success};
use super::fields::{Fields, FromFields};
use super::guard::Door;
use super::token::{self, Caller, CallerKind};
use super::users::{LONGEST_NAME, chosen};
use crate::passwords;
use crate::state::AppState;
use crate::store::UserChange;
use crate::store::logins::LONGEST;

const COOKIE: &str = "drover_session";

/// Who is asking, and what they may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Who {
    /// As the record names them.
    #[schema(example = "user anna (1)")]
    pub name: String,
    /// machine: this machine without a token; command_line; token; user.
    #[schema(example = "user")]
    pub kind: String,
    /// viewer, operator or admin.
    #[schema(example = "operator")]
    pub role: String,
}

/// A name and a password.
#[derive(Debug, ToSchema)]
pub struct Login {
    pub name: String,
    #[schema(value_type = String)]
    pub password: SecretText,
}

/// A password in the place of another.
#[derive(Debug, ToSchema)]
pub struct NewPassword {
    #[schema(value_type = String)]
    pub password: SecretText,
    /// 10 to 200 characters.
    #[schema(value_type = String)]
    pub new_password: SecretText,
}

impl FromFields for Login {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let name = fields.need_text("name")?.trim().to_owned();
        // Nobody has a longer one, and what is refused is remembered and put on record.
        if name.chars().count() > LONGEST_NAME {
            return Err(ApiError::parameter(
                "name",
                format!("must be at most {LONGEST_NAME} characters"),
            ));
        }
        Ok(Self {
            name,
            password: given(fields, "password")?,
        })
    }
}

/// A password that somebody claims to have.
fn given(fields: &Fields, name: &str) -> Result<SecretText, ApiError> {
    let password = fields.need_text(name)?;
    if password.chars().count() > passwords::LONGEST {
        let told = format!("must be at most {} characters", passwords::LONGEST);
        return Err(ApiError::parameter(name, told));
    }
    Ok(password.into())
}

impl FromFields for NewPassword {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let missing = || ApiError::parameter("new_password", "is missing");
        Ok(Self {
            password: given(fields, "password")?,
            new_password: chosen(fields, "new_password")?.ok_or_else(missing)?,
        })
    }
}

impl Who {
    fn of(caller: &Caller) -> Self {
        let kind = match caller.kind {
            CallerKind::Machine => "machine",
            CallerKind::Client => "token",
            CallerKind::CommandLine => "command_line",
            CallerKind::Person => "user",
        };
        Self {
            name: caller.name.clone(),
            kind: kind.to_owned(),
            role: caller.role().to_owned(),
        }
    }
}

/// The session of a request, as its browser keeps it.
pub(super) fn sent(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter();
    cookies
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

fn cookie(value: &str, seconds: i64, door: &Door) -> HeaderValue {
    let secure = if door.tls { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// An answer after which the browser has no session any more.
pub(super) fn forgotten(answer: impl IntoResponse, door: &Door) -> Response {
    let mut response = answer.into_response();
    response
        .headers_mut()
        .append(header::SET_COOKIE, cookie("", 0, door));
    response
}

/// Who is asking
#[utoipa::path(get, path = "/session", tag = "users",
    responses((status = 200, description = "Who, and what they may do", body = Envelope<Who>)))]
pub async fn who(caller: Caller) -> Answered<Who> {
    Ok(Success(Who::of(&caller)))
}

/// Logs in; the answer sets the session's cookie
#[utoipa::path(post, path = "/session", tag = "users", request_body = Login,
    responses((status = 200, description = "Who has come in", body = Envelope<Who>)))]
pub async fn open(
    State(state): State<AppState>,
    Extension(door): Extension<Door>,
    headers: HeaderMap,
    Sent(login): Sent<Login>,
) -> Result<Response, ApiError> {
    let user = state.store.user_named(&login.name).await?;
    let (user, kept) = match user {
        Some((user, kept)) => (Some(user), Some(kept)),
        None => (None, None),
    };
    if !is_right(&state, &login.name, login.password, kept).await? {
        state.store.note_refused_login(&login.name).await?;
        return Err(ApiError::new(
            Code::TokenNeeded,
            "the name or the password is wrong",
        ));
    }
    let Some(user) = user.filter(|user| user.enabled) else {
        return Err(ApiError::new(
            Code::TokenNeeded,
            "this user is disabled: ask an admin",
        ));
    };
    if let Some(old) = sent(&headers) {
        state
            .store
            .close_session(&token::hash(old), &Caller::person(&user).name)
            .await?;
    }
    let secret = token::fresh();
    state.store.open_session(user.id, &token::hash(&secret)).await?;
    let mut response = Success(Who::of(&Caller::person(&user))).into_response();
    let cookie = cookie(&secret, LONGEST.as_secs(), &door);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

/// Logs out
#[utoipa::path(delete, path = "/session", tag = "users",
    responses((status = 200, description = "The session is over", body = Envelope<Nothing>)))]
pub async fn close(
    State(state): State<AppState>,
    Extension(door): Extension<Door>,
    caller: Caller,
) -> Result<Response, ApiError> {
    if let Some(hash) = &caller.session {
        state.store.close_session(hash, &caller.name).await?;
    }
    Ok(forgotten(Success(Nothing {}), &door))
}

/// Changes one's own password; the other sessions end
#[utoipa::path(post, path = "/session/password", tag = "users", request_body = NewPassword,
    responses((status = 200, description = "It is changed", body = Envelope<Nothing>)))]
pub async fn change_password(
    State(state): State<AppState>,
    caller: Caller,
    Sent(new): Sent<NewPassword>,
) -> Answered<Nothing> {
    let nobody = || ApiError::conflict("only somebody who has logged in has a password");
    let user = caller.user.clone().ok_or_else(nobody)?;
    let (user, kept) = state.store.user_named(&user).await?.ok_or_else(nobody)?;
    if !is_right(&state, &user.name, new.password, Some(kept)).await? {
        return Err(ApiError::parameter(
            "password",
            "is not the one that was in force",
        ));
    }
    let change = UserChange {
        password_hash: Some(state.passwords.hash(new.new_password).await?),
        ..UserChange::default()
    };
    let keeping = caller.session.clone();
    state
        .store
        .change_user(user.id, change, keeping, &caller.name)
        .await?;
    Ok(Success(Nothing {}))
}

/// Whether a guess at a password is right; one that comes too soon after wrong ones is not even looked at.
async fn is_right(
    state: &AppState,
    name: &str,
    password: SecretText,
    kept: Option<String>,
) -> Result<bool, ApiError> {
    if let Some(wait) = state.passwords.wait(name, state.clock.now()) {
        let seconds = wait.as_secs() + 1;
        let message = format!("too many wrong passwords: try again in {seconds} s");
        return Err(ApiError::new(Code::TooMany, message));
    }
    // Counted before it is worked out: many at once are so many guesses too.
    state.passwords.guessed(name, false, state.clock.now());
    let matched = state.passwords.matches(password, kept).await;
    match &matched {
        Ok(true) => state.passwords.guessed(name, true, state.clock.now()),
        Ok(false) => {}
        Err(_) => state.passwords.unlooked(name),
    }
    Ok(matched?)
}
