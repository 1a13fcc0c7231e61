//! For whoever watches the process: is it alive, can it work (and why not), and its figures.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::state::AppState;

/// Alive: the process answers
#[utoipa::path(get, path = "/livez", tag = "health",
    responses((status = 200, description = "Alive", body = String, content_type = "text/plain")))]
pub async fn live() -> &'static str {
    "ok\n"
}

/// Ready: requests can be served; else a line for each reason why not
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses(
        (status = 200, description = "Ready", body = String, content_type = "text/plain"),
        (status = 503, description = "Not ready: a line for each reason", body = String, content_type = "text/plain"),
    ))]
pub async fn ready(State(state): State<AppState>) -> Response {
    let mut reasons: Vec<String> = state.ready().refusal().into_iter().collect();
    if let Err(error) = state.store.ping().await {
        reasons.push(format!("database: {error}"));
    }
    if reasons.is_empty() {
        // A farm that waits for a host after a restore serves all the same, and says what it holds back.
        let lines: Vec<String> = std::iter::once("ok".to_owned())
            .chain(state.scheduler.recovering())
            .collect();
        return (lines.join("\n") + "\n").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n").into_response()
}

/// Figures in Prometheus' text format
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, description = "Figures", body = String, content_type = "text/plain")))]
pub async fn metrics(State(state): State<AppState>) -> Response {
    let text = state.metrics.render(&crate::metrics::Now::of(&state).await);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        text,
    )
        .into_response()
}
