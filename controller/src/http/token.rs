//! Who is asking: this machine without a token, its command line, or a token with scopes. Beyond loopback only the
//! latter two. Secrets are compared and kept as hashes.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::envelope::{ApiError, Code};
use super::guard::Door;
use super::{API, is_open, session};
use crate::state::AppState;
use crate::store::{StoreError, UserRow};

/// What a token may do; each holds what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// See everything but secrets.
    Read,
    /// Act on phones and change what is known of them.
    Control,
    /// Hosts, tokens, settings, the record, backups.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Control, Self::Admin];

    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Control => "control",
            Self::Admin => "admin",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// What a person is called who may do that.
    pub fn role(self) -> &'static str {
        match self {
            Self::Read => "viewer",
            Self::Control => "operator",
            Self::Admin => "admin",
        }
    }

    pub fn of_role(role: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.role() == role)
    }
}

/// Paths below these are the administrator's, whatever the method.
const ADMIN: [&str; 6] = ["/tokens", "/users", "/settings", "/audit", "/backups", "/keys"];
/// Where people log in.
const SESSION: &str = "/api/v1/session";
/// What everybody may do with what is their own.
const OWN: [&str; 2] = ["/session", "/session/password"];

/// Answers that hold passwords.
const REVEALING: [&str; 2] = ["/accounts/{id}/reveal", "/accounts/export"];
/// By which apps are operated: changed by an administrator, tried out by an operator.
const FLOWS: [&str; 2] = ["/packs", "/flows"];
const PROBE: &str = "/packs/{name}/elements/{element}/test";
/// Answers to a GET that hold what a reader must not see.
const MORE_THAN_READING: [&str; 1] = ["/accounts/{id}/totp"];

/// What a request to the route `path` needs.
pub fn needed(method: &Method, path: &str) -> Scope {
    let rest = path.strip_prefix(API).unwrap_or(path);
    let below = |top: &str| rest == top || rest.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'));
    let reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let mends = FLOWS.iter().any(|top| below(top)) && rest != PROBE;
    let administering = !reading && (below("/hosts") || mends || REVEALING.contains(&rest));
    if OWN.contains(&rest) {
        Scope::Read
    } else if administering || ADMIN.iter().any(|top| below(top)) {
        Scope::Admin
    } else if reading && !MORE_THAN_READING.contains(&rest) {
        Scope::Read
    } else {
        Scope::Control
    }
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// For the record: "token ci (3)", "user anna (1)", "local API".
    pub name: String,
    pub kind: CallerKind,
    /// The name of somebody who has logged in.
    pub user: Option<String>,
    /// The hash of their session.
    pub session: Option<String>,
    /// The hash of the token with which it came.
    token: Option<String>,
    scope: Option<Scope>,
}

impl Caller {
    fn new(name: impl Into<String>, kind: CallerKind, scope: Option<Scope>) -> Self {
        Self {
            name: name.into(),
            kind,
            user: None,
            session: None,
            token: None,
            scope,
        }
    }

    /// Somebody who has logged in.
    pub fn person(user: &UserRow) -> Self {
        let scope = Scope::of_role(&user.role);
        Self {
            user: Some(user.name.clone()),
            ..Self::new(
                format!("user {} ({})", user.name, user.id),
                CallerKind::Person,
                scope,
            )
        }
    }

    /// What whoever may do as much is called.
    pub fn role(&self) -> &'static str {
        self.scope.map_or("none", Scope::role)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// Anybody on this machine.
    Machine,
    /// A client of the API with a token.
    Client,
    /// Somebody who has logged in.
    Person,
    /// This machine's own command line.
    CommandLine,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let caller = parts.extensions.get::<Self>().cloned();
        caller.ok_or_else(|| ApiError::new(Code::TokenNeeded, "nobody is known to be asking"))
    }
}

/// A fresh token, to be shown once.
pub fn fresh() -> String {
    format!("drv_{}", URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()))
}

/// As tokens are kept: SHA-256 in hex. They are long and random, so that nothing slower is needed.
pub fn hash(token: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(token).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Finds out who is asking and whether they may.
pub async fn identify(
    State(state): State<AppState>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let door = request.extensions().get::<Door>().cloned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|route| route.as_str().to_owned());
    let path = route.as_deref().unwrap_or_else(|| request.uri().path());
    let caller = match caller(&state, request.headers(), door.as_ref()).await? {
        Asker::Known(caller) => Some(*caller),
        Asker::Nobody => None,
        // The page comes all the same, and lets them log in.
        Asker::Over if is_open(path) && (path != SESSION || request.method() == Method::POST) => None,
        Asker::Over => {
            let error = ApiError::new(Code::TokenNeeded, "this session is over: log in again");
            return Ok(match door {
                Some(door) => session::forgotten(error, &door),
                None => error.into_response(),
            });
        }
    };
    match caller {
        Some(caller) => {
            let needed = needed(request.method(), path);
            if !is_open(path) && caller.scope < Some(needed) {
                return Err(may_not(&caller, needed));
            }
            request.extensions_mut().insert(caller);
        }
        None if is_open(path) => {}
        None => {
            return Err(ApiError::new(
                Code::TokenNeeded,
                "a token is needed: send it as `Authorization: Bearer TOKEN`, or log in",
            ));
        }
    }
    Ok(next.run(request).await)
}

fn may_not(caller: &Caller, needed: Scope) -> ApiError {
    let message = match caller.kind {
        CallerKind::Person => format!(
            "{} may not do that: it needs the role {}",
            caller.name,
            needed.role()
        ),
        _ => format!("this token may not do that: it needs the scope {}", needed.name()),
    };
    ApiError::new(Code::TokenNeeded, message)
}

/// Who is asking, as far as they say.
enum Asker {
    Known(Box<Caller>),
    /// A token is needed and none was sent.
    Nobody,
    /// Their session is over.
    Over,
}

/// A wrong token is refused everywhere. What is sent counts before where it comes from.
async fn caller(state: &AppState, headers: &HeaderMap, door: Option<&Door>) -> Result<Asker, ApiError> {
    let known = |caller| Ok(Asker::Known(Box::new(caller)));
    let sent = match headers.get(header::AUTHORIZATION) {
        Some(sent) => Some(sent.to_str().unwrap_or_default().to_owned()),
        None => of_socket(headers).map(|token| format!("Bearer {token}")),
    };
    let Some(sent) = sent else {
        if let Some(secret) = session::sent(headers) {
            return of_session(state, secret).await;
        }
        return match door {
            Some(door) if !door.public => {
                known(Caller::new("local API", CallerKind::Machine, Some(Scope::Admin)))
            }
            _ => Ok(Asker::Nobody),
        };
    };
    let wrong = || ApiError::new(Code::TokenNeeded, "this token is unknown, expired or revoked");
    let (scheme, token) = sent.split_once(' ').ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(wrong());
    }
    let hash = hash(token.trim());
    let own = state.config.command_line_hash.as_deref();
    if own.is_some_and(|own| bool::from(own.as_bytes().ct_eq(hash.as_bytes()))) {
        let scope = Some(Scope::Admin);
        return known(Caller::new("command line", CallerKind::CommandLine, scope));
    }
    let row = state.store.find_api_token(&hash).await?.ok_or_else(wrong)?;
    let scope = row.scopes.iter().filter_map(|name| Scope::named(name)).max();
    let name = format!("token {} ({})", row.name, row.id);
    known(Caller {
        token: Some(hash),
        ..Caller::new(name, CallerKind::Client, scope)
    })
}

/// The token among the protocols that a WebSocket offers: its client can send no header, and an address is written down
/// in too many places.
fn of_socket(headers: &HeaderMap) -> Option<&str> {
    let upgrade = headers.get(header::UPGRADE)?.to_str().ok()?;
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return None;
    }
    let offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    offers
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .find_map(|offer| offer.trim().strip_prefix("bearer."))
}

/// Whether whoever came in a while ago would still be let in.
pub async fn still_stands(state: &AppState, caller: &Caller) -> Result<bool, StoreError> {
    match (&caller.session, &caller.token) {
        (Some(hash), _) => state.store.session_stands(hash).await,
        (None, Some(hash)) => Ok(state.store.find_api_token(hash).await?.is_some()),
        (None, None) => Ok(true),
    }
}

async fn of_session(state: &AppState, secret: &str) -> Result<Asker, ApiError> {
    let hash = hash(secret);
    Ok(match state.store.find_session(&hash).await? {
        Some(user) => Asker::Known(Box::new(Caller {
            session: Some(hash),
            ..Caller::person(&user)
        })),
        None => Asker::Over,
    })
}

/// Refuses the API while the controller cannot serve it, and to clients whose plan has none.
pub async fn admit(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let path = request.uri().path();
    let below = path.strip_prefix(API);
    if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
        if let Some(why) = state.ready().refusal() {
            return Err(ApiError::new(Code::Unavailable, why));
        }
        let kind = request.extensions().get::<Caller>().map(|caller| caller.kind);
        // The console is no client: its own page asks, or somebody who has logged in to it.
        let own_page = request
            .headers()
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
        let is_console = own_page || matches!(kind, Some(CallerKind::CommandLine | CallerKind::Person));
        if !state.config.plan.api_enabled() && !is_console {
            let plan = state.config.plan.name();
            return Err(ApiError::new(
                Code::NoApiInPlan,
                format!("the plan {plan} has no API access"),
            ));
        }
    }
    Ok(next.run(request).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_acting_and_administering_need_different_scopes() {
        let needs = |method: Method, path: &str| needed(&method, path).name();
        assert_eq!(needs(Method::GET, "/api/v1/devices"), "read");
        assert_eq!(needs(Method::GET, "/metrics"), "read");
        assert_eq!(needs(Method::POST, "/api/v1/devices/{serial}/input"), "control");
        assert_eq!(needs(Method::GET, "/api/v1/hosts"), "read");
        assert_eq!(needs(Method::POST, "/api/v1/hosts/tokens"), "admin");
        assert_eq!(needs(Method::DELETE, "/api/v1/hosts/{id}"), "admin");
        assert_eq!(needs(Method::GET, "/api/v1/packs/{name}"), "read");
        assert_eq!(needs(Method::PATCH, "/api/v1/packs/{name}"), "admin");
        assert_eq!(needs(Method::PATCH, "/api/v1/flows/{platform}/{name}"), "admin");
        assert_eq!(
            needs(Method::POST, "/api/v1/packs/{name}/elements/{element}/test"),
            "control"
        );
        assert_eq!(needs(Method::GET, "/api/v1/tokens"), "admin");
        assert_eq!(needs(Method::GET, "/api/v1/audit"), "admin");
        assert_eq!(needs(Method::GET, "/api/v1/users"), "admin");
        assert_eq!(needs(Method::DELETE, "/api/v1/session"), "read");
        assert_eq!(needs(Method::POST, "/api/v1/session/password"), "read");
        assert_eq!(needs(Method::GET, "/api/v1/accounts/{id}"), "read");
        assert_eq!(needs(Method::GET, "/api/v1/accounts/{id}/totp"), "control");
        assert_eq!(needs(Method::PATCH, "/api/v1/accounts/{id}"), "control");
        assert_eq!(needs(Method::POST, "/api/v1/accounts/{id}/reveal"), "admin");
        assert_eq!(needs(Method::GET, "/api/v1/accounts/export"), "read");
        assert_eq!(needs(Method::POST, "/api/v1/accounts/export"), "admin");
    }

    #[test]
    fn tokens_are_long_and_kept_as_hashes() {
        let (one, other) = (fresh(), fresh());
        assert_ne!(one, other);
        assert!(one.len() >= 40);
        assert_eq!(hash(&one).len(), 64);
        assert_eq!(
            hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
