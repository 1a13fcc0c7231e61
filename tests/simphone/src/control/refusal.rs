//! What the door answers when it does not do what was asked: JSON that says why and what is allowed.

use axum::Json;
use axum::body::Bytes;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    allowed: Value,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>, allowed: Value) -> Self {
        Self {
            status,
            error: error.into(),
            allowed,
        }
    }

    pub(super) fn bad(error: impl Into<String>, allowed: Value) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, allowed)
    }

    pub(super) fn no_phone(name: &str, names: &[String]) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            format!("there is no phone {name}"),
            json!(names),
        )
    }

    pub(super) fn stopping() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the simulator is stopping",
            Value::Null,
        )
    }

    pub(super) fn disk(error: &std::io::Error) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("cannot write the phone's state: {error}"),
            Value::Null,
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "allowed": self.allowed });
        (self.status, Json(body)).into_response()
    }
}

/// Reads a JSON object whatever its content type; an empty body is `{}`. `allowed` shows what would have been right.
pub(super) fn read<T: DeserializeOwned>(body: &Bytes, allowed: &Value) -> Result<T, Refusal> {
    let text: &[u8] = if body.iter().all(u8::is_ascii_whitespace) {
        b"{}"
    } else {
        body
    };
    serde_json::from_slice(text).map_err(|error| Refusal::bad(error.to_string(), allowed.clone()))
}

pub(super) async fn no_such_path(uri: Uri) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        format!("there is nothing at {}", uri.path()),
        json!("GET / tells what there is"),
    )
}

pub(super) async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let allowed = if method == Method::GET { "POST" } else { "GET" };
    Refusal::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("{method} is not for {}", uri.path()),
        json!([allowed]),
    )
}
