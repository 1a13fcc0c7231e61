//! Who may ask at all: an exact list of hosts against DNS rebinding, then no other site's pages, then no bodies that a
//! page can send without being allowed to. Stands before every path, and knows none of them but the uploads.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::envelope::{ApiError, Code};
use crate::state::AppState;

/// The listener through which a request came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Door {
    pub port: u16,
    pub tls: bool,
    /// Reachable from beyond this machine: tokens are needed.
    pub public: bool,
    /// This machine's address on the connection.
    pub local: Option<IpAddr>,
}

impl Door {
    pub fn loopback(port: u16) -> Self {
        Self {
            port,
            tls: false,
            public: false,
            local: None,
        }
    }

    fn default_port(&self) -> u16 {
        default_port(self.tls)
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Refuses what the rules refuse; everything else goes on.
pub async fn guard(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    // A request without a door did not come through a listener: nothing is known of it, so nothing is allowed.
    let door = request
        .extensions()
        .get::<Door>()
        .cloned()
        .ok_or_else(|| refused("no listener"))?;
    let listed = &state.in_force.get().allowed_hosts;
    check_host(request.headers(), request.uri(), &door, listed)?;
    check_site(request.headers(), &door, listed)?;
    check_content_type(&request)?;
    Ok(next.run(request).await)
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new(Code::OriginRefused, message)
}

fn check_host(headers: &HeaderMap, uri: &Uri, door: &Door, listed: &[String]) -> Result<(), ApiError> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (host, more) = (hosts.next(), hosts.next());
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
    // A full URL in the request line counts more than the header: both must be right.
    let named = uri.authority().map(axum::http::uri::Authority::as_str);
    let good = more.is_none() && is_allowed(host, door.default_port(), door, listed);
    if good && named.is_none_or(|named| is_allowed(named, door.default_port(), door, listed)) {
        return Ok(());
    }
    let shown: String = host.chars().take(100).collect();
    Err(refused(format!(
        "the host {shown:?} is not one of this controller's: use localhost:{}, or list it in allowed_hosts",
        door.port
    )))
}

fn check_site(headers: &HeaderMap, door: &Door, listed: &[String]) -> Result<(), ApiError> {
    for site in headers.get_all(SEC_FETCH_SITE) {
        if site != "same-origin" && site != "none" {
            return Err(refused("a page of another site asked (Sec-Fetch-Site)"));
        }
    }
    for origin in headers.get_all(header::ORIGIN) {
        if !is_own_origin(origin, door, listed) {
            return Err(refused("a page of another site asked (Origin)"));
        }
    }
    Ok(())
}

fn is_own_origin(origin: &HeaderValue, door: &Door, listed: &[String]) -> bool {
    let Ok(origin) = origin.to_str() else { return false };
    let (tls, authority) = match origin.split_once("://") {
        Some(("http", authority)) => (false, authority),
        Some(("https", authority)) => (true, authority),
        _ => return false,
    };
    // A proxy before this listener may add TLS: then the name is listed.
    let own = tls == door.tls && is_allowed(authority, default_port(tls), door, &[]);
    own || is_listed(authority, default_port(tls), door, listed)
}

/// Whether `HOST[:PORT]` is a name of this controller; `implied` is the port where none stands.
fn is_allowed(authority: &str, implied: u16, door: &Door, listed: &[String]) -> bool {
    let Some((host, port)) = split(authority) else {
        return false;
    };
    let on_port = port.unwrap_or(implied) == door.port;
    let loopback = on_port && LOOPBACK.iter().any(|name| name.eq_ignore_ascii_case(host));
    // An address cannot be rebound: who comes by the listener's own address means this listener.
    let literal = on_port && door.public && door.local.is_some() && address(host) == door.local;
    loopback || literal || is_listed(authority, implied, door, listed)
}

/// Listed with a port: exactly so. Listed without: on the served port, or without one behind a proxy.
fn is_listed(authority: &str, implied: u16, door: &Door, listed: &[String]) -> bool {
    let Some((host, port)) = split(authority) else {
        return false;
    };
    listed.iter().any(|entry| match split(entry) {
        Some((name, None)) => name.eq_ignore_ascii_case(host) && (port.is_none() || port == Some(door.port)),
        Some((name, at)) => name.eq_ignore_ascii_case(host) && at == Some(port.unwrap_or(implied)),
        None => false,
    })
}

fn default_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// `HOST` and `PORT`; `None` for what is neither a name nor an address. Brackets stay.
fn split(authority: &str) -> Option<(&str, Option<u16>)> {
    let end_of_host = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at_checked(end_of_host)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._[:]".contains(c);
    if host.is_empty() || !host.chars().all(plain) {
        return None;
    }
    if rest.is_empty() {
        return Some((host, None));
    }
    // By hand, for `parse` would take "+80".
    let digits = rest.strip_prefix(':')?;
    let all_digits = digits.bytes().all(|digit| digit.is_ascii_digit());
    all_digits
        .then(|| digits.parse().ok())
        .flatten()
        .map(|port| (host, Some(port)))
}

fn address(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether an entry of the allow-list is one: `HOST` or `HOST:PORT`.
pub fn is_host_entry(entry: &str) -> bool {
    split(entry).is_some()
}

/// A browser says who it is by Origin or Sec-Fetch-Site: it must say that it sends JSON, which no foreign page can do
/// unasked. A program says neither and may send JSON under any name.
fn check_content_type(request: &Request) -> Result<(), ApiError> {
    let headers = request.headers();
    let from_browser = headers.contains_key(header::ORIGIN) || headers.contains_key(SEC_FETCH_SITE);
    if !from_browser || !has_body(headers) {
        return Ok(());
    }
    let sent = headers
        .get(header::CONTENT_TYPE)
        .and_then(|sent| sent.to_str().ok())
        .unwrap_or_default();
    let essence = sent
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let own_types = super::uploaded_types(request.uri().path());
    if essence == "application/json" || own_types.contains(&essence.as_str()) {
        return Ok(());
    }
    let allowed = match own_types {
        [] => "application/json".to_owned(),
        types => types.join(" or "),
    };
    Err(ApiError::new(
        Code::ContentTypeRefused,
        format!("a body from a browser must be {allowed}, not {essence:?}"),
    ))
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH);
    headers.contains_key(header::TRANSFER_ENCODING) || length.is_some_and(|length| length != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(authority: &str, listed: &[&str]) -> bool {
        let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
        is_allowed(authority, 80, &Door::loopback(50809), &listed)
    }

    #[test]
    fn only_loopback_names_on_the_served_port_are_allowed_unasked() {
        for good in [
            "localhost:50809",
            "LocalHost:50809",
            "127.0.0.1:50809",
            "[::1]:50809",
        ] {
            assert!(allowed(good, &[]), "{good}");
        }
        let bad = [
            "",
            "evil.example",
            "evil.example:50809",
            "127.evil.example:50809",
            "127.0.0.1.evil.example:50809",
            "localhost.evil.example:50809",
            "localhost.:50809",
            "localhost",
            "localhost:80",
            "localhost:050809x",
            "user@localhost:50809",
            "127.0.0.2:50809",
            "2130706433:50809",
            "0.0.0.0:50809",
            "::1:50809",
            "[::1]x:50809",
            "[::1",
            "localhost:50809:1",
            "localhost:50809/",
        ];
        for bad in bad {
            assert!(!allowed(bad, &[]), "{bad}");
        }
    }

    #[test]
    fn listed_hosts_are_allowed_exactly() {
        assert!(allowed("farm.lan:50809", &["farm.lan"]));
        assert!(allowed("farm.lan", &["Farm.lan"]));
        assert!(!allowed("farm.lan:1", &["farm.lan"]));
        assert!(allowed("farm.lan:8443", &["farm.lan:8443"]));
        assert!(!allowed("farm.lan:50809", &["farm.lan:8443"]));
        assert!(!allowed("x.farm.lan:50809", &["farm.lan"]));
    }

    #[test]
    fn a_public_listener_answers_to_its_own_address_too() {
        let door = Door {
            port: 443,
            tls: true,
            public: true,
            local: Some([192, 168, 1, 5].into()),
        };
        assert!(is_allowed("192.168.1.5", 443, &door, &[]));
        assert!(!is_allowed("192.168.1.6", 443, &door, &[]));
        assert!(!is_allowed("192.168.1.5:80", 443, &door, &[]));
        assert!(!is_allowed("evil.example", 443, &door, &[]));
    }

    #[test]
    fn an_origin_is_own_only_with_scheme_name_and_port() {
        let door = Door::loopback(50809);
        let own = |origin: &str, listed: &[&str]| {
            let listed: Vec<String> = listed.iter().map(ToString::to_string).collect();
            is_own_origin(&HeaderValue::from_str(origin).unwrap(), &door, &listed)
        };
        assert!(own("http://localhost:50809", &[]));
        for bad in [
            "null",
            "http://localhost",
            "https://localhost:50809",
            "http://localhost:5173",
            "http://evil.example",
            "file://",
            "chrome-extension://localhost:50809",
        ] {
            assert!(!own(bad, &[]), "{bad}");
        }
        assert!(own("https://farm.lan", &["farm.lan"]));
        assert!(own("http://localhost:5173", &["localhost:5173"]));
    }
}
