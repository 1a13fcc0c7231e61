//! Around every request: an id, a line in the log without secrets, figures, a caught panic, and what every answer
//! carries. The outermost layer.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use tokio::time::Instant;
use uuid::Uuid;

use super::API;
use super::envelope::{ApiError, IsEnvelope};
use crate::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub async fn trace(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().simple().to_string();
    let began = Instant::now();
    let method = request.method().clone();
    // Without its query, which may hold what is nobody's business.
    let path = request.uri().path().to_owned();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|route| route.as_str().to_owned());
    let in_flight = state.metrics.in_flight();
    let caught = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    let mut response = caught.unwrap_or_else(|panic| {
        let told = panic.downcast_ref::<&str>().map(ToString::to_string);
        let told = told
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        ApiError::internal_told(&format!("a handler panicked: {told}"), "internal error").into_response()
    });
    drop(in_flight);
    let code = response
        .extensions()
        .get::<IsEnvelope>()
        .map(|envelope| envelope.0);
    if code.is_some() && state.in_force.get().always_200 && path.starts_with(API) {
        *response.status_mut() = StatusCode::OK;
    }
    let status = response.status().as_u16();
    let took = began.elapsed();
    let route = route.as_deref().unwrap_or("unknown");
    state
        .metrics
        .request(method.as_str(), route, code.unwrap_or(status.into()), took);
    log(&id, &method, &path, status, code, took);
    dress(&mut response, &id);
    response
}

fn log(id: &str, method: &axum::http::Method, path: &str, status: u16, code: Option<u32>, took: Duration) {
    let code = code.unwrap_or_default();
    let millis = took.as_millis() as u64;
    tracing::info!(target: "drover::access", request = id, %method, path, status, code, millis);
}

/// What every answer carries; what a handler has said already stays.
fn dress(response: &mut Response, id: &str) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    let standing = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ),
    ];
    for (name, value) in standing {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
