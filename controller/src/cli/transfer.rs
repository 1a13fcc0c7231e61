//! Files to and from a running controller, and the imports that go on behind an upload.

use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::CliError;
use super::client::{Client, ClientError};
use crate::config::Config;

/// For the answer to begin: the controller takes a sheet in and answers before it has read it.
const ANSWER: Duration = Duration::from_secs(60);
/// For the next piece of a download.
const SILENCE: Duration = Duration::from_secs(60);

/// What is sent.
pub(super) struct Upload {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) content_type: &'static str,
    pub(super) body: Bytes,
}

/// Sends a body that need not be JSON; answers the envelope's `data`.
pub(super) async fn send(client: &Client, upload: Upload) -> Result<Value, ClientError> {
    let answer = open(client, upload).await?;
    let status = answer.status().as_u16();
    let bytes = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| client.broken(&error))?
        .to_bytes();
    client.envelope(status, &bytes)
}

/// Sends a request and writes the answer's body where it is wanted; answers how many bytes.
pub(super) async fn fetch(
    client: &Client,
    request: Upload,
    mut into: impl AsyncWrite + Unpin,
    mut progress: impl FnMut(u64),
) -> Result<u64, CliError> {
    let answer = open(client, request).await?;
    let status = answer.status().as_u16();
    let mut body = answer.into_body();
    if status != 200 {
        let bytes = body
            .collect()
            .await
            .map_err(|error| client.broken(&error))?
            .to_bytes();
        client.envelope(status, &bytes)?;
        return Err(client.broken(&format!("HTTP {status}")).into());
    }
    let mut size = 0;
    while let Some(frame) = tokio::time::timeout(SILENCE, body.frame())
        .await
        .map_err(|_| client.broken(&"the answer stopped coming"))?
    {
        let Ok(piece) = frame.map_err(|error| client.broken(&error))?.into_data() else {
            continue;
        };
        size += piece.len() as u64;
        into.write_all(&piece)
            .await
            .map_err(|error| CliError::failed("writing the file")(error.into()))?;
        progress(size);
    }
    into.flush()
        .await
        .map_err(|error| CliError::failed("writing the file")(error.into()))?;
    Ok(size)
}

/// A connection to the controller, for one request.
pub(super) async fn connect<B>(client: &Client) -> Result<SendRequest<B>, ClientError>
where
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let address = client.address();
    let stream = tokio::net::TcpStream::connect(address)
        .await
        .map_err(|source| ClientError::NotRunning { address, source })?;
    let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| client.broken(&error))?;
    tokio::spawn(connection);
    Ok(sender)
}

/// A request with what each has.
pub(super) fn asking(client: &Client, method: &str, path: &str) -> hyper::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("Host", client.address().to_string())
        .header("Authorization", client.authorization())
}

async fn open(client: &Client, upload: Upload) -> Result<hyper::Response<Incoming>, ClientError> {
    let exchange = async {
        let mut sender = connect(client).await?;
        let request = asking(client, upload.method, &upload.path)
            .header("Content-Type", upload.content_type)
            .body(Full::new(upload.body))
            .map_err(|error| client.broken(&error))?;
        sender
            .send_request(request)
            .await
            .map_err(|error| client.broken(&error))
    };
    tokio::time::timeout(ANSWER, exchange)
        .await
        .unwrap_or_else(|_| Err(client.broken(&"it took too long")))
}

/// A file that appears whole or not at all, and for this user alone.
pub(super) struct NewFile {
    file: tempfile::NamedTempFile,
}

impl NewFile {
    pub(super) fn beside(path: &Path) -> Result<Self, CliError> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = tempfile::NamedTempFile::new_in(folder).map_err(|error| {
            CliError::BadInput(format!("cannot write into {}: {error}", folder.display()))
        })?;
        Ok(Self { file })
    }

    pub(super) fn writer(&self) -> Result<tokio::fs::File, CliError> {
        let handle = self.file.reopen();
        handle
            .map(tokio::fs::File::from_std)
            .map_err(|error| CliError::failed("writing the file")(error.into()))
    }

    /// Gives it its name; one that is there already is replaced.
    pub(super) fn keep(self, path: &Path) -> Result<(), CliError> {
        self.file
            .as_file()
            .sync_all()
            .map_err(|error| CliError::failed("writing the file")(error.into()))?;
        self.file
            .persist(path)
            .map(drop)
            .map_err(|error| CliError::BadInput(format!("cannot write {}: {}", path.display(), error.error)))
    }
}

/// A client of the controller that these settings name.
pub(super) fn client(config: &Config) -> Result<Client, CliError> {
    Ok(Client::new(config)?)
}
