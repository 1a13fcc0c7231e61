//! The console: the built web page, in the program itself, sent compressed, with what it may do written on it. What it
//! consists of is none of this module's business; where it was not built, a page says how to.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{Embed, EmbeddedFile};

use super::docs;
use crate::state::AppState;

/// What `make console` built.
#[derive(Embed)]
#[folder = "console/dist/web/"]
#[allow_missing = true]
struct Built;

/// Only what this controller itself serves may run, be shown or be called; `blob:` for pictures that were fetched with a token.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The first parts of the page's own paths, as its router has them: whatever is below them is the page.
const SECTIONS: &[&str] = &[
    "farm",
    "accounts",
    "tasks",
    "attention",
    "media",
    "schedules",
    "groups",
    "flows",
    "phones",
    "hosts",
    "settings",
    "audit",
];
/// Files with a hash of their content in their name never change.
const HASHED: &str = "assets/";
const PAGE: &str = "index.html";

/// The console
#[utoipa::path(get, path = "/", tag = "console",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub async fn home(State(state): State<AppState>, headers: HeaderMap) -> Response {
    match sent(PAGE, &headers) {
        Some(page) => page,
        None => docs::not_built(&state),
    }
}

/// Whether a path is the console's: its page, or a file of it. Nothing there tells of the farm.
pub(super) fn has(path: &str) -> bool {
    file_of(path).is_some()
}

/// What stands at a path of the console.
pub(super) fn serve(state: &AppState, method: &Method, uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let file = file_of(uri.path())?;
    if !matches!(*method, Method::GET | Method::HEAD) {
        return None;
    }
    let answer = sent(file, headers);
    Some(answer.unwrap_or_else(|| docs::not_built(state)))
}

/// The file that is sent for a path.
fn file_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix('/')?;
    let section = rest.split('/').next().unwrap_or_default();
    if SECTIONS.contains(&section) {
        return Some(PAGE);
    }
    let is_copy = matches!(rest.rsplit_once('.'), Some((_, "br" | "gz")));
    (!is_copy && rest != PAGE && Built::get(rest).is_some()).then_some(rest)
}

/// A file, in the smallest form that the client takes.
fn sent(name: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Built::get(name)?;
    let tag = tag(&plain);
    let cache = if name.starts_with(HASHED) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let standing: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, content_type(name)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, cache),
        (header::VARY, "accept-encoding"),
        (header::ETAG, &tag),
    ];
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.to_str().is_ok_and(|known| known.contains(&tag))) {
        return Some((StatusCode::NOT_MODIFIED, standing).into_response());
    }
    for (coding, end) in [("br", ".br"), ("gzip", ".gz")] {
        if takes(headers, coding)
            && let Some(small) = Built::get(&format!("{name}{end}"))
        {
            let coding = [(header::CONTENT_ENCODING, coding)];
            return Some((standing, coding, small.data).into_response());
        }
    }
    Some((standing, plain.data).into_response())
}

fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut accepted = accepted.filter_map(|accepted| accepted.to_str().ok());
    accepted.any(|accepted| accepted.split(',').any(|one| is_taken(one, coding)))
}

/// `gzip`, `gzip;q=0.5`, but not `gzip;q=0`.
fn is_taken(one: &str, coding: &str) -> bool {
    let mut parts = one.split(';').map(str::trim);
    let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
    let refused = |part: &str| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0));
    named && !parts.any(refused)
}

/// Weak, for the compressed forms are other bytes.
fn tag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    format!(
        "W/\"{}\"",
        shared::pack::files::hex(hash.get(..16).unwrap_or(&hash))
    )
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, end)| end) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_stands_below_its_own_sections_and_nowhere_else() {
        assert_eq!(file_of("/tasks"), Some(PAGE));
        assert_eq!(file_of("/tasks/7"), Some(PAGE));
        for none in [
            "/",
            "/task",
            "/api/v1/tasks",
            "/nowhere",
            "/index.html",
            "tasks",
            "/assets/",
            "/../tasks",
        ] {
            assert_eq!(file_of(none), None, "{none}");
        }
    }

    #[test]
    fn a_coding_that_is_refused_is_not_sent() {
        let asked = |text: &str| HeaderMap::from_iter([(header::ACCEPT_ENCODING, text.parse().unwrap())]);
        assert!(takes(&asked("gzip, deflate, br"), "br"));
        assert!(takes(&asked("GZIP;q=0.5"), "gzip"));
        assert!(!takes(&asked("br;q=0, gzip"), "br"));
        assert!(!takes(&asked("brotli"), "br"));
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }
}
