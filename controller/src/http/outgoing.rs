//! An answer that is written while it is sent: it is never in memory as a whole.

use std::io::{self, Write};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc;

/// Bytes that are sent at a time.
const PIECE: usize = 64 << 10;
/// Pieces that wait for a slow reader.
const AHEAD: usize = 4;

/// What `write` writes, on a thread of its own. Where it fails the reader sees the connection break off, and so that what
/// came is not whole.
pub(super) fn written<E: From<io::Error> + std::error::Error + 'static>(
    what: &'static str,
    write: impl FnOnce(Outgoing) -> Result<Outgoing, E> + Send + 'static,
) -> Body {
    let (pieces, receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let out = Outgoing {
            pieces: pieces.clone(),
            waiting: Vec::with_capacity(PIECE),
        };
        let written = write(out).and_then(|mut out| Ok(out.flush()?));
        if let Err(error) = written {
            let told = io::Error::other(format!("{what} broke off"));
            if pieces.blocking_send(Err(told)).is_ok() {
                tracing::error!(error = crate::causes::whole(&error), "{what} broke off");
            }
        }
    });
    Body::from_stream(stream::unfold(receiver, |mut receiver| async move {
        receiver.recv().await.map(|piece| (piece, receiver))
    }))
}

/// A file on its way to the reader.
pub(super) struct Outgoing {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    waiting: Vec<u8>,
}

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        self.pieces
            .blocking_send(Ok(Bytes::from(piece)))
            .map_err(|_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone"))
    }
}
