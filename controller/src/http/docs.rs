//! Pages for people: what is running here, and the API's documentation with a way to try it. All of it comes with the
//! program; nothing is fetched from elsewhere.

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use crate::state::AppState;

/// Only what this controller itself serves may run, be shown or be called.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn page(kind: &'static str, text: impl IntoResponse) -> Response {
    let headers: [(HeaderName, &'static str); 2] = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
    ];
    (headers, text).into_response()
}

/// Where there is no console: what is running here, and how to build it.
pub(super) fn not_built(state: &AppState) -> Response {
    let condition = state.ready().refusal().unwrap_or_else(|| "ready".to_owned());
    let text = include_str!("docs/home.html")
        .replace("{version}", env!("CARGO_PKG_VERSION"))
        .replace("{condition}", &escaped(&condition));
    page("text/html; charset=utf-8", text)
}

/// This documentation
#[utoipa::path(get, path = "/docs", tag = "documentation",
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
pub async fn docs() -> Response {
    page("text/html; charset=utf-8", include_str!("docs/docs.html"))
}

/// The documentation's script
#[utoipa::path(get, path = "/docs/docs.js", tag = "documentation",
    responses((status = 200, description = "The script", body = String, content_type = "text/javascript")))]
pub async fn script() -> Response {
    page("text/javascript; charset=utf-8", include_str!("docs/docs.js"))
}

/// The look of the pages
#[utoipa::path(get, path = "/docs/docs.css", tag = "documentation",
    responses((status = 200, description = "The style", body = String, content_type = "text/css")))]
pub async fn style() -> Response {
    page("text/css; charset=utf-8", include_str!("docs/docs.css"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
