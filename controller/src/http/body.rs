//! Bodies: read whole under a limit and a deadline, as JSON whatever their content type says (the guard has looked at
//! that before).

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde_json::Value;

use super::envelope::{ApiError, Code};
use super::fields::{Fields, FromFields};

/// The largest JSON body, in bytes.
pub const LARGEST_JSON: usize = 1 << 20;
/// A client that sends slower than this is not waited for.
const READING: Duration = Duration::from_secs(30);

/// The JSON body of a request, read as `T`. No body is an empty object.
#[derive(Debug)]
pub struct Sent<T>(pub T);

impl<S: Sync, T: FromFields> FromRequest<S> for Sent<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _state: &S) -> Result<Self, ApiError> {
        let value = json(&read(request, LARGEST_JSON).await?)?;
        T::from_fields(&Fields::of_body(value)?).map(Self)
    }
}

/// The parameters of a JSON body as they came.
impl FromFields for Fields {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(fields.clone())
    }
}

pub(super) async fn read(request: Request, limit: usize) -> Result<Bytes, ApiError> {
    check_length(request.headers(), limit as u64)?;
    match tokio::time::timeout(READING, to_bytes(request.into_body(), limit)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(broken(error, limit as u64)),
        Err(_) => Err(ApiError::new(
            Code::BadParameter,
            format!("the body did not arrive within {} s", READING.as_secs()),
        )),
    }
}

/// Refuses by the announced length, before a byte is read.
pub fn check_length(headers: &HeaderMap, limit: u64) -> Result<(), ApiError> {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    match length {
        Some(length) if length > limit => Err(too_large(limit)),
        _ => Ok(()),
    }
}

/// How long a refused body is still read.
const DRAINING: Duration = Duration::from_secs(30);
/// A client that is silent for so long has read its answer, or never will.
const DRAINED: Duration = Duration::from_secs(2);

/// The pieces of a body, and who reads what is left of it when it was refused.
pub fn shared(headers: &HeaderMap, body: Body) -> (Pieces, Rest) {
    let stream = Arc::new(Mutex::new((body.into_data_stream(), false)));
    let rest = Rest {
        pieces: Pieces(Arc::clone(&stream)),
        asks_first: headers.contains_key(header::EXPECT),
    };
    (Pieces(stream), rest)
}

/// A body as it comes, and whether it was begun.
pub struct Pieces(Arc<Mutex<(BodyDataStream, bool)>>);

/// See [`shared()`].
pub struct Rest {
    pieces: Pieces,
    /// The client waits to be told that it may send.
    asks_first: bool,
}

impl Rest {
    /// Reads on and throws away: a client that is refused in the middle of what it sends reads its answer at the end of it, and
    /// would else be told of a broken connection alone. One that has not begun need not.
    pub async fn drain(mut self) {
        let begun = self.pieces.0.lock().unwrap_or_else(PoisonError::into_inner).1;
        if self.asks_first && !begun {
            return;
        }
        let reading =
            async { while let Ok(Some(Ok(_))) = tokio::time::timeout(DRAINED, self.pieces.next()).await {} };
        let _ = tokio::time::timeout(DRAINING, reading).await;
    }
}

impl Stream for Pieces {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut stream = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stream.1 = true;
        Pin::new(&mut stream.0).poll_next(context)
    }
}

pub fn too_large(limit: u64) -> ApiError {
    ApiError::new(
        Code::BodyTooLarge,
        format!("the body is larger than {limit} bytes"),
    )
}

fn broken(error: axum::Error, limit: u64) -> ApiError {
    let source = error.into_inner();
    if source
        .downcast_ref::<http_body_util::LengthLimitError>()
        .is_some()
    {
        too_large(limit)
    } else {
        ApiError::new(Code::BadParameter, "the body broke off")
    }
}

pub(super) fn json(bytes: &[u8]) -> Result<Value, ApiError> {
    // PowerShell likes to begin text with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    serde_json::from_slice(bytes)
        .map_err(|error| ApiError::new(Code::BadParameter, format!("the body is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_json_is_told_with_its_position() {
        let error = json(b"{\"a\": 1,\n \"b\" 2}").unwrap_err();
        assert_eq!(error.code, Code::BadParameter);
        assert!(error.message.contains("line 2 column 6"), "{}", error.message);
        assert_eq!(json(b"\xef\xbb\xbf{\"a\":1}").unwrap()["a"], 1);
        assert_eq!(json(b" \n").unwrap(), Value::Null);
        let deep = "[".repeat(100_000);
        assert!(json(deep.as_bytes()).is_err(), "depth is limited");
    }
}
