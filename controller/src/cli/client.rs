//! A small client of the local API, for the commands that ask a running controller.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use shared::terminal::Exit;

use crate::config::Config;

const DEADLINE: Duration = Duration::from_secs(30);
/// The file with the secret by which a running controller knows this machine's command line.
pub(super) const SECRET_FILE: &str = "command-line.secret";

#[derive(Debug, thiserror::Error)]
pub(super) enum ClientError {
    #[error("no controller answers at http://{address}: start it with `drover-controller serve`")]
    NotRunning {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("the controller at http://{address} did not answer: {message}")]
    Broken { address: SocketAddr, message: String },
    #[error("{message}")]
    Refused { status: u16, message: String },
    #[error(
        "none of the addresses in `listen` is this machine's own (127.0.0.1 or ::1), so its command line cannot reach it"
    )]
    NoLoopback,
    #[error("cannot read {}, by which the controller knows its command line: run this as the user that the controller runs as", .file.display())]
    NoSecret { file: PathBuf, source: std::io::Error },
}

impl ClientError {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::NotRunning { .. } | Self::Broken { .. } => Exit::Unavailable,
            Self::Refused {
                status: 400 | 404, ..
            } => Exit::BadInput,
            Self::Refused { status: 503, .. } => Exit::TryLater,
            Self::Refused { .. } => Exit::Failed,
            Self::NoLoopback | Self::NoSecret { .. } => Exit::Misconfigured,
        }
    }
}

/// Asks one controller.
pub(super) struct Client {
    address: SocketAddr,
    secret: String,
}

impl Client {
    pub(super) fn new(config: &Config) -> Result<Self, ClientError> {
        let address = config
            .listen
            .iter()
            .find(|address| address.ip().is_loopback())
            .ok_or(ClientError::NoLoopback)?;
        Ok(Self {
            address: *address,
            secret: read_secret(&config.data_dir, *address)?,
        })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, ClientError> {
        self.send("GET", path, None).await
    }

    /// The envelope's `data`, or its message as an error.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, ClientError> {
        match tokio::time::timeout(DEADLINE, self.exchange(method, path, body)).await {
            Ok(answer) => answer,
            Err(_) => Err(self.broken(&"it took too long")),
        }
    }

    async fn exchange(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, ClientError> {
        let stream = tokio::net::TcpStream::connect(self.address)
            .await
            .map_err(|source| ClientError::NotRunning {
                address: self.address,
                source,
            })?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| self.broken(&error))?;
        let driven = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("Host", self.address.to_string())
            .header("Authorization", self.authorization())
            .header("Content-Type", "application/json")
            .body(Full::new(Bytes::from(
                body.map(Value::to_string).unwrap_or_default(),
            )))
            .map_err(|error| self.broken(&error))?;
        let response = sender
            .send_request(request)
            .await
            .map_err(|error| self.broken(&error))?;
        let status = response.status().as_u16();
        let bytes = response
            .into_body()
            .collect()
            .await
            .map_err(|error| self.broken(&error))?
            .to_bytes();
        driven.abort();
        self.envelope(status, &bytes)
    }

    /// The `data` of an envelope, or its message as an error.
    pub(super) fn envelope(&self, status: u16, bytes: &[u8]) -> Result<Value, ClientError> {
        let mut envelope: Value =
            serde_json::from_slice(bytes).map_err(|_| self.broken(&format!("HTTP {status}, and no JSON")))?;
        if envelope["code"] == 0 {
            Ok(envelope["data"].take())
        } else {
            let message = envelope["message"]
                .as_str()
                .unwrap_or("refused without a word")
                .to_owned();
            Err(ClientError::Refused { status, message })
        }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// By which the controller knows its own command line.
    pub(super) fn authorization(&self) -> String {
        format!("Bearer {}", self.secret)
    }

    pub(super) fn broken(&self, message: &dyn std::fmt::Display) -> ClientError {
        ClientError::Broken {
            address: self.address,
            message: message.to_string(),
        }
    }
}

/// The secret lies where only the controller's own user can read it; none there means that none runs.
fn read_secret(data_dir: &Path, address: SocketAddr) -> Result<String, ClientError> {
    let file = data_dir.join(SECRET_FILE);
    match std::fs::read_to_string(&file) {
        Ok(secret) => Ok(secret.trim().to_owned()),
        Err(source) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(ClientError::NotRunning { address, source })
        }
        Err(source) => Err(ClientError::NoSecret { file, source }),
    }
}
