//! The API's document: what the handlers say of themselves, completed by what holds for all of them.

use std::sync::OnceLock;

use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa::PartialSchema as _;

use super::envelope::{Code, ErrorEnvelope};
use super::{API, token};

const DESCRIPTION: &str = "Every answer below /api/v1 is an envelope: `{\"code\": 0, \"message\": \"success\", \"data\": {…}}`. \
A code other than 0 says what is wrong; its first three digits are the HTTP status. Parameters are read leniently: \
\"60\" for 60, 1 for true, \"a,b\" for a list. Times are RFC 3339. From this machine no token is needed; from beyond it, \
send `Authorization: Bearer TOKEN`.";

/// This API as an OpenAPI 3.1 document
#[utoipa::path(get, path = "/openapi.json", tag = "documentation",
    responses((status = 200, description = "The document", body = Value)))]
pub async fn document() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let text = TEXT.get_or_init(|| super::openapi().to_string());
    ([(header::CONTENT_TYPE, "application/json")], text.as_str()).into_response()
}

/// Adds to each operation what its layers answer, an id, and the scope that a token needs.
pub(super) fn completed(document: &utoipa::openapi::OpenApi) -> Value {
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["info"] = json!({
        "title": "Drover local API",
        "version": env!("CARGO_PKG_VERSION"),
        "description": DESCRIPTION,
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
    });
    document["servers"] = json!([{"url": "/"}]);
    document["components"]["schemas"]["ErrorEnvelope"] =
        serde_json::to_value(ErrorEnvelope::schema()).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "token": {"type": "http", "scheme": "bearer", "description": "Needed from beyond the controller's machine"},
    });
    document["security"] = json!([{}, {"token": []}]);
    let Some(paths) = document["paths"].as_object_mut() else {
        return document;
    };
    for (path, item) in paths {
        let Some(item) = item.as_object_mut() else {
            continue;
        };
        for (method, operation) in item {
            complete(path, method, operation);
        }
    }
    document
}

fn complete(path: &str, method: &str, operation: &mut Value) {
    operation["operationId"] = json!(id(path, method));
    let in_api = path.starts_with(API);
    if let Ok(method) = method.to_uppercase().parse::<Method>()
        && (in_api || !super::OPEN.contains(&path))
    {
        operation["x-scope"] = json!(token::needed(&method, path).name());
    }
    let has_body = operation.get("requestBody").is_some();
    let has_parameters = operation.get("parameters").is_some();
    if operation.pointer("/requestBody/description") == Some(&json!("May be absent")) {
        operation["requestBody"]["required"] = json!(false);
    }
    if let Some(content) = operation.pointer_mut("/requestBody/content") {
        name_bytes(content);
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        if status.as_str() >= "400" && response.get("content").is_none() {
            response["content"] = error_content();
        }
        name_bytes(&mut response["content"]);
    }
    let mut add = |code: Code, told: &str| refuse(responses, code, told);
    add(
        Code::OriginRefused,
        "40302: the host or the origin is not this controller's",
    );
    add(
        Code::Internal,
        "50001: an internal error; the log says more under the id in the message",
    );
    // Of the API only the session is open, and nobody may have none.
    if !super::OPEN.contains(&path) || in_api {
        add(
            Code::TokenNeeded,
            "40101: a token is needed, is wrong, or may not do this",
        );
    }
    if in_api {
        add(Code::NoApiInPlan, "40301: the plan has no API access");
        add(
            Code::Unavailable,
            "50301: starting, standby, recovering, shutting down, or the database is busy",
        );
    }
    if in_api && (has_body || has_parameters) {
        add(
            Code::BadParameter,
            "40001: a parameter is missing, of the wrong type or out of range; the message names it",
        );
    }
    if path.starts_with("/api/v1/session") && has_body {
        add(
            Code::TooMany,
            "42901: too many wrong passwords; Retry-After and the message say when to try again",
        );
    }
    if path.contains('{') {
        add(Code::NotFound, "40401: there is nothing of this name");
    }
    if has_body {
        add(Code::BodyTooLarge, "41301: the body is too large");
        add(
            Code::ContentTypeRefused,
            "41501: a browser sent a body of another content type",
        );
    }
}

/// Pictures and apps are bytes, not the lists of numbers that a Rust type says.
fn name_bytes(content: &mut Value) {
    for (kind, content) in content.as_object_mut().into_iter().flatten() {
        if kind.starts_with("image/")
            || kind.starts_with("video/")
            || kind.ends_with("octet-stream")
            || kind.ends_with("package-archive")
        {
            content["schema"] = json!({"type": "string", "format": "binary"});
        }
    }
}

/// Adds one reason to those under its HTTP status.
fn refuse(responses: &mut Map<String, Value>, code: Code, told: &str) {
    let status = code.status().as_str().to_owned();
    let number = code.number().to_string();
    let response = responses
        .entry(status)
        .or_insert_with(|| json!({"description": "", "content": error_content()}));
    let said = response["description"].as_str().unwrap_or_default();
    if said.contains(&number) {
        return;
    }
    let all = if said.is_empty() {
        told.to_owned()
    } else {
        format!("{said} · {told}")
    };
    response["description"] = json!(all);
}

fn error_content() -> Value {
    json!({"application/json": {"schema": {"$ref": "#/components/schemas/ErrorEnvelope"}}})
}

/// `GET /api/v1/devices/{serial}` → `get_devices_serial`.
fn id(path: &str, method: &str) -> String {
    let rest = path.strip_prefix(API).unwrap_or(path);
    let words = rest
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |id, word| format!("{id}_{word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operations_id_comes_from_its_path() {
        assert_eq!(
            id("/api/v1/devices/{serial}/input", "post"),
            "post_devices_serial_input"
        );
        assert_eq!(id("/docs/docs.js", "get"), "get_docs_docs_js");
        assert_eq!(id("/", "get"), "get");
    }
}
