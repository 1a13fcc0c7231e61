//! What stands in the log, and what must not.

use std::io;
use std::sync::{Arc, Mutex};

use axum::http::{Method, StatusCode};
use shared::clock::Clock as _;
use tracing_subscriber::fmt::MakeWriter;

use crate::api::{Api, ask};
use crate::scripted::phone;

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

fn logging() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer(log.clone())
        .with_ansi(false)
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn a_handler_that_panics_is_told_by_an_id_that_stands_in_the_log() {
    let api = Api::start().await;
    api.phones.put(phone("PANIC", api.clock.now()), None);
    let (log, _logging) = logging();
    let answer = api.get("/api/v1/devices/PANIC/screenshot").await;
    assert_eq!(
        (answer.code(), answer.status),
        (50001, StatusCode::INTERNAL_SERVER_ERROR)
    );
    let message = answer.message();
    assert!(!message.contains("secret of the inside"), "{message}");
    let id = message.rsplit(' ').next().unwrap().trim_end_matches(')');
    assert_eq!(id.len(), 32, "{message}");
    let line = log
        .text()
        .lines()
        .find(|line| line.contains(id))
        .map(str::to_owned);
    assert!(
        line.is_some_and(|line| line.contains("secret of the inside")),
        "{}",
        log.text()
    );
    assert_eq!(api.get("/livez").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_log_names_each_request_and_no_secret() {
    let api = Api::start().await;
    let (log, _logging) = logging();
    let made = api
        .post("/api/v1/tokens", r#"{"name": "ci", "scopes": "admin"}"#)
        .await;
    let token = made.data()["token"].as_str().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str())];
    let answer = api
        .call(ask(Method::GET, "/api/v1/audit?page=1&hush=hush", &headers, ""))
        .await;
    let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    let text = log.text();
    let line = text.lines().find(|line| line.contains(&id)).unwrap();
    for part in ["method=GET", "path=\"/api/v1/audit\"", "status=200"] {
        assert!(
            line.contains(part) || line.contains(&part.replace('"', "")),
            "{part} in {line}"
        );
    }
    assert!(!text.contains(&token) && !text.contains("hush"), "{text}");
}
