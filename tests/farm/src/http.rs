//! A plain HTTP client for tests: one request, one answer, nothing remembered.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// Longer than anything that a test asks for.
const DEADLINE: Duration = Duration::from_secs(90);

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The `data` of an envelope that says success.
    ///
    /// # Panics
    /// Where it says anything else.
    pub fn data(&self) -> Value {
        let mut envelope = self.json();
        assert!(
            self.status == 200 && envelope["code"] == 0,
            "HTTP {}: {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        envelope["data"].take()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// Sends one request with these headers (`Host` is the address unless given).
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> io::Result<Answer> {
    let body = Full::new(body.into());
    tokio::time::timeout(DEADLINE, exchange(address, method, path, headers, body))
        .await
        .map_err(|_| io::Error::other(format!("no answer to {method} {path}")))?
}

/// Sends a video of so many bytes, made as it goes, and waits for the answer as long as it takes. `seed` makes one video another.
pub async fn send_video(
    address: SocketAddr,
    path: &str,
    content_type: &str,
    video: MadeVideo,
) -> io::Result<Answer> {
    exchange(address, "POST", path, &[("Content-Type", content_type)], video).await
}

/// A body that is made as it is read: the beginning of an MP4, then pieces of which no two videos have the same; around it
/// what a form has before and after a file.
#[derive(Debug, Clone)]
pub struct MadeVideo {
    pieces: std::vec::IntoIter<Bytes>,
    piece: Bytes,
    left: u64,
    end: Option<Bytes>,
}

impl MadeVideo {
    const PIECE: usize = 64 << 10;

    /// Of so many bytes, a whole number of pieces.
    pub fn new(size: u64, seed: u8) -> Self {
        Self::within("", size, seed, "")
    }

    /// The same between these parts of a form.
    pub fn within(before: &str, size: u64, seed: u8, after: &str) -> Self {
        let piece: Vec<u8> = (0..Self::PIECE)
            .map(|at| (at as u8).wrapping_mul(31).wrapping_add(seed))
            .collect();
        let mut first = piece.clone();
        first[..28].copy_from_slice(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\0");
        Self {
            pieces: vec![before.to_owned().into(), first.into()].into_iter(),
            piece: piece.into(),
            left: (size / Self::PIECE as u64).saturating_sub(1),
            end: Some(after.to_owned().into()),
        }
    }

    /// What comes next.
    pub fn next_piece(&mut self) -> Option<Bytes> {
        if let Some(piece) = self.pieces.next() {
            return Some(piece);
        }
        if self.left > 0 {
            self.left -= 1;
            return Some(self.piece.clone());
        }
        self.end.take()
    }

    /// All that is still to come, in bytes.
    pub fn size(&self) -> u64 {
        let pieces: usize = self.pieces.as_slice().iter().map(Bytes::len).sum();
        let end = self.end.as_ref().map_or(0, Bytes::len);
        (pieces + end) as u64 + self.left * self.piece.len() as u64
    }
}

impl Body for MadeVideo {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.next_piece().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.size())
    }
}

async fn exchange<B>(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: B,
) -> io::Result<Answer>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    let response = open_with(address, method, path, headers, body).await?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let body = response
        .into_body()
        .collect()
        .await
        .map_err(io::Error::other)?
        .to_bytes();
    Ok(Answer {
        status,
        headers,
        body,
    })
}

/// Sends one request and leaves the answer's body to be read as it comes: for event streams.
pub async fn open(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> io::Result<hyper::Response<Incoming>> {
    open_with(address, method, path, headers, Full::new(body.into())).await
}

async fn open_with<B>(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: B,
) -> io::Result<hyper::Response<Incoming>>
where
    B: Body<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
{
    let stream = tokio::net::TcpStream::connect(address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request = request.header("Host", address.to_string());
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body).map_err(io::Error::other)?;
    sender.send_request(request).await.map_err(io::Error::other)
}
