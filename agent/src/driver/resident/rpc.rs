//! JSON-RPC over HTTP over adb: one request a connection, as the server's small HTTP stack likes it.
//!
//! Tells apart what was never sent, what may have been carried out, and what the server answered.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::{Value, json};

use super::lost;
use crate::adb::{AdbError, AdbErrorKind, AdbPhone};

/// The largest answer that is read, in bytes: trees of thousands of nodes, pictures in Base64.
const MAX_ANSWER: usize = 32 << 20;
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) enum RpcError {
    /// Nobody listens there; nothing was asked.
    NotSent(AdbError),
    /// Asked, but no answer came.
    Lost(AdbError),
    /// The server's own error.
    Said(String),
}

impl RpcError {
    /// The server has to be started again before it can answer anything.
    pub(super) fn server_is_gone(&self) -> bool {
        match self {
            Self::NotSent(_) | Self::Lost(_) => true,
            Self::Said(said) => [
                "UiAutomation not connected",
                "DeadObjectException",
                "DeadSystemRuntimeException",
            ]
            .iter()
            .any(|mark| said.contains(mark)),
        }
    }
}

/// `GET path`, as text.
pub(super) async fn get(
    phone: &AdbPhone,
    port: u16,
    path: &str,
    deadline: Duration,
) -> Result<String, RpcError> {
    let request = Request::get(path)
        .header("Host", "localhost")
        .body(Full::default());
    let body = exchange(phone, port, request, path, deadline).await?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// Calls a method and answers its result.
pub(super) async fn call(
    phone: &AdbPhone,
    port: u16,
    method: &str,
    params: &Value,
    deadline: Duration,
) -> Result<Value, RpcError> {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
    let request = Request::post("/jsonrpc/0")
        .header("Host", "localhost")
        .header("Content-Type", "application/json")
        .header("Connection", "close")
        .body(Full::new(Bytes::from(body)));
    let body = exchange(phone, port, request, method, deadline).await?;
    match serde_json::from_slice::<Answer>(&body) {
        Ok(Answer {
            error: Some(error), ..
        }) => Err(RpcError::Said(error.to_string())),
        Ok(Answer { result, .. }) => Ok(result.unwrap_or(Value::Null)),
        Err(error) => Err(RpcError::Lost(lost(
            method,
            phone,
            AdbErrorKind::Protocol(error.to_string()),
        ))),
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    result: Option<Value>,
    #[serde(default)]
    error: Option<ServerError>,
}

#[derive(Deserialize)]
struct ServerError {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

impl std::fmt::Display for ServerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let first = self.message.lines().next().unwrap_or_default();
        write!(f, "{first} ({})", self.code)
    }
}

async fn exchange(
    phone: &AdbPhone,
    port: u16,
    request: Result<Request<Full<Bytes>>, hyper::http::Error>,
    doing: &str,
    deadline: Duration,
) -> Result<Bytes, RpcError> {
    let doing = format!("ask the resident driver ({doing})");
    let stream = phone
        .open(&format!("tcp:{port}"), CONNECT_DEADLINE.min(deadline))
        .await
        .map_err(RpcError::NotSent)?;
    let protocol =
        |error: &dyn std::fmt::Display| lost(&doing, phone, AdbErrorKind::Protocol(error.to_string()));
    let request = request.map_err(|error| RpcError::NotSent(protocol(&error)))?;
    let talk = async {
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let answer = async {
            let response = sender.send_request(request).await?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
            Ok::<_, hyper::Error>((status, body))
        };
        // The connection is driven beside the answer and ends with it; nothing outlives this call.
        tokio::pin!(answer);
        tokio::select! {
            answer = &mut answer => answer,
            driven = connection => { driven?; answer.await }
        }
    };
    match tokio::time::timeout(deadline, talk).await {
        Ok(Ok((status, Ok(body)))) if status.is_success() => Ok(body.to_bytes()),
        Ok(Ok((status, Ok(_)))) => Err(RpcError::Said(format!("HTTP {status}"))),
        Ok(Ok((_, Err(error)))) => Err(RpcError::Lost(protocol(&error))),
        Ok(Err(error)) => Err(RpcError::Lost(protocol(&error))),
        Err(_) => Err(RpcError::Lost(lost(
            &doing,
            phone,
            AdbErrorKind::Deadline(deadline),
        ))),
    }
}
