//! Who is asking: this machine without a token, its command line, or a token with scopes. Beyond loopback only the
//! latter two. Secrets are compared and kept as hashes.

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::envelope::{ApiError, Code};
use super::guard::Door;
use super::{API, is_open};
use crate::state::AppState;

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
}

/// Paths below these are the administrator's, whatever the method.
const ADMIN: [&str; 5] = ["/tokens", "/settings", "/audit", "/backups", "/keys"];

/// Answers that hold passwords.
const REVEALING: [&str; 2] = ["/accounts/{id}/reveal", "/accounts/export"];
/// Answers to a GET that hold what a reader must not see.
const MORE_THAN_READING: [&str; 1] = ["/accounts/{id}/totp"];

/// What a request to the route `path` needs.
pub fn needed(method: &Method, path: &str) -> Scope {
    let rest = path.strip_prefix(API).unwrap_or(path);
    let below = |top: &str| rest == top || rest.strip_prefix(top).is_some_and(|rest| rest.starts_with('/'));
    let reading = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    let administering = !reading && (below("/hosts") || REVEALING.contains(&rest));
    if administering || ADMIN.iter().any(|top| below(top)) {
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
    /// For the record: "token ci (3)", "local API".
    pub name: String,
    pub kind: CallerKind,
    scope: Option<Scope>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind {
    /// A client of the API.
    Client,
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
    let caller = caller(&state, request.headers(), request.extensions().get::<Door>()).await?;
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|route| route.as_str().to_owned());
    let path = route.as_deref().unwrap_or_else(|| request.uri().path());
    match caller {
        Some(caller) => {
            let needed = needed(request.method(), path);
            if !is_open(path) && caller.scope < Some(needed) {
                let needed = needed.name();
                return Err(ApiError::new(
                    Code::TokenNeeded,
                    format!("this token may not do that: it needs the scope {needed}"),
                ));
            }
            request.extensions_mut().insert(caller);
        }
        None if is_open(path) => {}
        None => {
            return Err(ApiError::new(
                Code::TokenNeeded,
                "a token is needed: send it as `Authorization: Bearer TOKEN`",
            ));
        }
    }
    Ok(next.run(request).await)
}

/// `None` where a token is needed and none was sent; a wrong one is refused everywhere.
async fn caller(
    state: &AppState,
    headers: &HeaderMap,
    door: Option<&Door>,
) -> Result<Option<Caller>, ApiError> {
    let Some(sent) = headers.get(header::AUTHORIZATION) else {
        let local = door.is_some_and(|door| !door.public);
        return Ok(local.then(|| Caller {
            name: "local API".to_owned(),
            kind: CallerKind::Client,
            scope: Some(Scope::Admin),
        }));
    };
    let wrong = || ApiError::new(Code::TokenNeeded, "this token is unknown, expired or revoked");
    let (scheme, token) = sent
        .to_str()
        .ok()
        .and_then(|sent| sent.split_once(' '))
        .ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(wrong());
    }
    let hash = hash(token.trim());
    let own = state.config.command_line_hash.as_deref();
    if own.is_some_and(|own| bool::from(own.as_bytes().ct_eq(hash.as_bytes()))) {
        return Ok(Some(Caller {
            name: "command line".to_owned(),
            kind: CallerKind::CommandLine,
            scope: Some(Scope::Admin),
        }));
    }
    let row = state.store.find_api_token(&hash).await?.ok_or_else(wrong)?;
    Ok(Some(Caller {
        name: format!("token {} ({})", row.name, row.id),
        kind: CallerKind::Client,
        scope: row.scopes.iter().filter_map(|name| Scope::named(name)).max(),
    }))
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
        if !state.config.plan.api_enabled() && kind != Some(CallerKind::CommandLine) {
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
        assert_eq!(needs(Method::GET, "/api/v1/tokens"), "admin");
        assert_eq!(needs(Method::GET, "/api/v1/audit"), "admin");
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
