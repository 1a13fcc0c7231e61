//! Frames over any pair of byte streams: four bytes of length, big-endian, then the message.
//!
//! Memory grows with what arrives, never with what is claimed.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::Close;
use super::codec::{CodecError, Message};

/// Bytes of a frame's length.
const HEAD: usize = 4;

/// Why no message came or went.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    #[error("a frame of {size} bytes where a {name} has at most {limit}")]
    TooLarge {
        name: &'static str,
        size: usize,
        limit: usize,
    },
    #[error("the other side ended in the middle of a {0}")]
    Cut(&'static str),
    #[error("the other side ended where a {0} was due")]
    Ended(&'static str),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("the stream of a {name} broke")]
    Io { name: &'static str, source: io::Error },
}

impl FrameError {
    /// The number under which a connection is closed for it; `None` where the stream ended by itself.
    pub fn close(&self) -> Option<Close> {
        match self {
            Self::TooLarge { .. } => Some(Close::FrameTooLarge),
            Self::Codec(_) | Self::Cut(_) => Some(Close::Protocol),
            Self::Ended(_) | Self::Io { .. } => None,
        }
    }
}

/// The next message, or `None` where the other side has ended between two.
pub async fn next<M: Message>(reader: &mut (impl AsyncRead + Unpin)) -> Result<Option<M>, FrameError> {
    Ok(next_sized(reader).await?.map(|(message, _)| message))
}

/// The same with the frame's size in bytes, for those who count.
pub async fn next_sized<M: Message>(
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<Option<(M, usize)>, FrameError> {
    let broke = |source| FrameError::Io {
        name: M::NAME,
        source,
    };
    let mut head = [0; HEAD];
    let mut filled = 0;
    while filled < HEAD {
        match reader.read(&mut head[filled..]).await.map_err(broke)? {
            0 if filled == 0 => return Ok(None),
            0 => return Err(FrameError::Cut(M::NAME)),
            read => filled += read,
        }
    }
    let size = u32::from_be_bytes(head) as usize;
    if size > M::FRAME_LIMIT {
        return Err(FrameError::TooLarge {
            name: M::NAME,
            size,
            limit: M::FRAME_LIMIT,
        });
    }
    let mut bytes = Vec::new();
    reader
        .take(size as u64)
        .read_to_end(&mut bytes)
        .await
        .map_err(broke)?;
    if bytes.len() < size {
        return Err(FrameError::Cut(M::NAME));
    }
    Ok(Some((M::from_bytes(&bytes)?, HEAD + size)))
}

/// The next message, which must come.
pub async fn expect<M: Message>(reader: &mut (impl AsyncRead + Unpin)) -> Result<M, FrameError> {
    next(reader).await?.ok_or(FrameError::Ended(M::NAME))
}

/// Sends a message.
pub async fn send<M: Message>(writer: &mut (impl AsyncWrite + Unpin), message: &M) -> Result<(), FrameError> {
    let body = message.to_bytes()?;
    let mut frame = Vec::with_capacity(HEAD + body.len());
    frame.extend((body.len() as u32).to_be_bytes());
    frame.extend(body);
    writer.write_all(&frame).await.map_err(|source| FrameError::Io {
        name: M::NAME,
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::message::Notice;

    fn goodbye() -> Notice {
        Notice::Goodbye {
            reason: "maintenance".to_owned(),
        }
    }

    #[tokio::test]
    async fn messages_arrive_in_order_and_the_end_is_told_from_a_cut() {
        let mut bytes = Vec::new();
        send(&mut bytes, &goodbye()).await.unwrap();
        send(&mut bytes, &goodbye()).await.unwrap();
        let mut reader = bytes.as_slice();
        assert_eq!(expect::<Notice>(&mut reader).await.unwrap(), goodbye());
        assert_eq!(expect::<Notice>(&mut reader).await.unwrap(), goodbye());
        assert!(next::<Notice>(&mut reader).await.unwrap().is_none());
        assert!(matches!(
            expect::<Notice>(&mut reader).await,
            Err(FrameError::Ended("Notice"))
        ));
        for cut in [2, 6] {
            let error = next::<Notice>(&mut &bytes[..cut]).await.unwrap_err();
            assert!(matches!(error, FrameError::Cut("Notice")), "{error}");
        }
    }

    #[tokio::test]
    async fn a_frame_over_its_limit_is_refused_before_its_bytes() {
        let head = (1_u32 << 30).to_be_bytes();
        let error = next::<Notice>(&mut head.as_slice()).await.unwrap_err();
        assert_eq!(error.close(), Some(Close::FrameTooLarge));
        assert!(error.to_string().contains("1073741824 bytes"), "{error}");
    }
}
