//! As much of HTTP/1.1 as the server's NanoHTTPD speaks: bodies with a length, connections kept alive.

use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};

use super::methods;
use crate::phone::Phone;

/// Longer bodies are refused.
const MAX_BODY: usize = 8 * 1024 * 1024;
/// More lines than this are no head of a request.
const MAX_HEAD_LINES: usize = 100;

struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
    keep_alive: bool,
}

/// Answers requests until the client has no more.
pub(super) async fn serve(stream: DuplexStream, phone: Arc<Phone>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await {
        let (status, kind, body) = answer(&phone, &request).await;
        let connection = if request.keep_alive { "keep-alive" } else { "close" };
        let head = format!(
            "HTTP/1.1 {status} \r\nContent-Type: {kind}\r\nConnection: {connection}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&body).await.is_err() {
            return;
        }
        if stream.flush().await.is_err() || !request.keep_alive {
            return;
        }
    }
}

async fn read(stream: &mut BufReader<DuplexStream>) -> Option<Request> {
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut keep_alive = words.next() == Some("HTTP/1.1");
    let mut length = 0_usize;
    for _ in 0..MAX_HEAD_LINES {
        let mut header = String::new();
        stream.read_line(&mut header).await.ok()?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        } else if name.eq_ignore_ascii_case("connection") {
            keep_alive = !value.trim().eq_ignore_ascii_case("close");
        }
    }
    if length > MAX_BODY {
        return None;
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request {
        method,
        path,
        body,
        keep_alive,
    })
}

async fn answer(phone: &Arc<Phone>, request: &Request) -> (&'static str, &'static str, Vec<u8>) {
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/ping") => ("200 OK", "text/plain", b"pong".to_vec()),
        ("POST", "/jsonrpc/0") => {
            let Ok(call) = serde_json::from_slice::<Value>(&request.body) else {
                let error = serde_json::json!({
                    "jsonrpc": "2.0", "id": "null",
                    "error": {"code": -32700, "message": "JSON parse error"},
                });
                return ("200 OK", "application/json-rpc", error.to_string().into_bytes());
            };
            let reply = methods::call(phone, &call).await;
            ("200 OK", "application/json-rpc", reply.to_string().into_bytes())
        }
        _ => ("404 Not Found", "text/plain", b"Not Found!!!".to_vec()),
    }
}
