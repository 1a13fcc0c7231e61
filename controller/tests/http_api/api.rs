//! A router over a store in memory, and calls to it without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use axum::response::Response;
use controller::http::guard::Door;
use controller::state::{ApiConfig, AppState, Readiness};
use controller::store::Store;
use controller::vault::Vault;
use jiff::Timestamp;
use serde_json::Value;
use shared::clock::ManualClock;
use tokio::sync::watch;
use tower_service::Service;

use crate::scripted::Scripted;

pub(crate) const PORT: u16 = 50809;

/// A controller's API.
pub(crate) struct Api {
    pub(crate) router: Router,
    pub(crate) phones: Arc<Scripted>,
    pub(crate) state: AppState,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) readiness: watch::Sender<Readiness>,
    pub(crate) door: Door,
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.bytes)))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The envelope's code, once the envelope is found to be one.
    pub(crate) fn code(&self) -> u64 {
        let envelope = self.json();
        let keys: Vec<_> = envelope.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["code", "data", "message"], "{envelope}");
        assert!(envelope["data"].is_object(), "{envelope}");
        assert!(envelope["message"].is_string(), "{envelope}");
        envelope["code"].as_u64().unwrap()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }

    /// The data of a success.
    pub(crate) fn data(&self) -> Value {
        assert_eq!(self.code(), 0, "{}", self.json());
        assert_eq!(self.status, StatusCode::OK);
        self.json()["data"].clone()
    }
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(ApiConfig::default()).await
    }

    pub(crate) async fn with(config: ApiConfig) -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
        let store = Store::memory(clock.clone()).await.unwrap();
        let (readiness, seen) = watch::channel(Readiness::Ready);
        let phones = Arc::new(Scripted::new());
        let state = AppState::new(
            store,
            Vault::ephemeral(),
            phones.clone(),
            config,
            clock.clone(),
            seen,
        )
        .await
        .unwrap();
        Self {
            router: controller::http::router(state.clone()),
            phones,
            state,
            clock,
            readiness,
            door: Door::loopback(PORT),
        }
    }

    /// What a new process over the same database begins with.
    pub(crate) async fn new_process(&self) -> AppState {
        let state = AppState::new(
            self.state.store.clone(),
            Vault::ephemeral(),
            self.phones.clone(),
            (*self.state.config).clone(),
            self.clock.clone(),
            self.state.readiness.clone(),
        );
        state.await.unwrap()
    }

    /// Behind a listener that others can reach.
    pub(crate) fn public(mut self) -> Self {
        self.door = Door {
            port: PORT,
            tls: true,
            public: true,
            local: Some([192, 0, 2, 7].into()),
        };
        self
    }

    pub(crate) async fn send(&self, mut request: Request<Body>) -> Response {
        request.extensions_mut().insert(self.door.clone());
        self.router.clone().call(request).await.unwrap()
    }

    pub(crate) async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.send(request).await;
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes: to_bytes(body, 64 << 20).await.unwrap().to_vec(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(ask(Method::GET, path, &[], "")).await
    }

    /// As `curl -d` does it.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.call(ask(Method::POST, path, &[CURL], body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &str) -> Answer {
        self.call(ask(Method::PATCH, path, &[CURL], body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(ask(Method::DELETE, path, &[], "")).await
    }
}

pub(crate) const CURL: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A request to this controller by its right name; headers given replace the usual ones.
pub(crate) fn ask(method: Method, path: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", format!("localhost:{PORT}"));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !body.is_empty() {
        request = request.header("content-length", body.len().to_string());
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

/// Every route of the router, with something in the place of its parameters.
pub(crate) fn every_route() -> Vec<(Method, String)> {
    let document = controller::http::openapi();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "delete", "patch"] {
            if item.get(method).is_some() {
                let path = path.replace("{serial}", "SIM0001").replace("{id}", "1");
                let path = path.replace("{attempt}", "1").replace("{name}", "screen.png");
                let path = path
                    .replace("{platform}", "tiktok")
                    .replace("{element}", "post_button");
                assert!(
                    !path.contains('{'),
                    "{path} has a parameter that this test does not know"
                );
                routes.push((method.to_uppercase().parse().unwrap(), path));
            }
        }
    }
    routes
}
