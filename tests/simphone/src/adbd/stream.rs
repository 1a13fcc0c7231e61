//! One stream of a transport, as a service sees it: what the host writes, and writing to it with at most one
//! unacknowledged packet.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use super::packet::{Command, Packet};

/// Our number of a stream, and the host's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ids {
    pub(super) ours: u32,
    pub(super) theirs: u32,
}

/// What the transport keeps of a stream.
pub(super) struct Handle {
    pub(super) ids: Ids,
    /// Packets of the host; it may have one unacknowledged, so one place is enough.
    pub(super) incoming: mpsc::Sender<Bytes>,
    /// The right to send one packet, given back by the host's OKAY.
    pub(super) turn: Arc<Semaphore>,
    /// The host has closed the stream.
    pub(super) closed: CancellationToken,
}

/// The service's end.
pub(super) struct Stream {
    pub(super) reader: StreamReader,
    pub(super) writer: StreamWriter,
    pub(super) closed: CancellationToken,
    /// Fires when the fault `cut_stream` has let through what it lets through.
    pub(super) cut: CancellationToken,
}

/// The bytes that the fault `cut_stream` still lets through.
#[derive(Debug, Clone)]
struct Allowance {
    left: Option<Arc<AtomicU64>>,
    cut: CancellationToken,
}

impl Allowance {
    /// How many of `wanted` bytes may pass.
    fn pass(&self, wanted: usize) -> usize {
        let Some(left) = &self.left else {
            return wanted;
        };
        let before = left.load(Ordering::Relaxed);
        let passed = before.min(wanted as u64);
        left.store(before - passed, Ordering::Relaxed);
        if passed == before {
            self.cut.cancel();
        }
        passed as usize
    }
}

/// Makes both ends. `cut_after` is the fault's limit.
pub(super) fn open(
    ids: Ids,
    packets: mpsc::Sender<Packet>,
    max_payload: usize,
    cut_after: Option<u64>,
) -> (Handle, Stream) {
    let (incoming, inbox) = mpsc::channel(1);
    let turn = Arc::new(Semaphore::new(1));
    let closed = CancellationToken::new();
    let allowance = Allowance {
        left: cut_after.map(|bytes| Arc::new(AtomicU64::new(bytes))),
        cut: CancellationToken::new(),
    };
    if cut_after == Some(0) {
        allowance.cut.cancel();
    }
    let handle = Handle {
        ids,
        incoming,
        turn: Arc::clone(&turn),
        closed: closed.clone(),
    };
    let stream = Stream {
        closed,
        cut: allowance.cut.clone(),
        reader: StreamReader {
            ids,
            inbox,
            packets: packets.clone(),
            allowance: allowance.clone(),
            current: Bytes::new(),
        },
        writer: StreamWriter {
            ids,
            packets,
            turn,
            max_payload,
            allowance,
        },
    };
    (handle, stream)
}

/// What the host writes.
pub(super) struct StreamReader {
    ids: Ids,
    inbox: mpsc::Receiver<Bytes>,
    packets: mpsc::Sender<Packet>,
    allowance: Allowance,
    current: Bytes,
}

impl StreamReader {
    /// The next piece, acknowledged; `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        if !self.current.is_empty() {
            return Some(std::mem::take(&mut self.current));
        }
        let mut piece = self.inbox.recv().await?;
        self.acknowledge();
        piece.truncate(self.allowance.pass(piece.len()));
        Some(piece)
    }

    /// Allows the host its next packet. The transport's queue has a place for each stream's OKAY, see its limit.
    fn acknowledge(&self) {
        let okay = Packet::new(Command::Okay, self.ids.ours, self.ids.theirs, Bytes::new());
        let packets = self.packets.clone();
        if let Err(mpsc::error::TrySendError::Full(okay)) = packets.try_send(okay) {
            tokio::spawn(async move { packets.send(okay).await });
        }
    }
}

impl AsyncRead for StreamReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        while self.current.is_empty() {
            match self.inbox.poll_recv(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => return Poll::Ready(Ok(())),
                Poll::Ready(Some(mut piece)) => {
                    self.acknowledge();
                    piece.truncate(self.allowance.pass(piece.len()));
                    self.current = piece;
                }
            }
        }
        let taken = into.remaining().min(self.current.len());
        into.put_slice(&self.current[..taken]);
        self.current.advance(taken);
        Poll::Ready(Ok(()))
    }
}

/// The stream is closed.
#[derive(Debug, thiserror::Error)]
#[error("the stream is closed")]
pub(super) struct Closed;

/// Writes to the host.
#[derive(Clone)]
pub(super) struct StreamWriter {
    ids: Ids,
    packets: mpsc::Sender<Packet>,
    turn: Arc<Semaphore>,
    max_payload: usize,
    allowance: Allowance,
}

impl StreamWriter {
    /// Sends `bytes`, each packet once the one before is acknowledged.
    pub(super) async fn write(&self, bytes: impl Into<Bytes>) -> Result<(), Closed> {
        let mut bytes = bytes.into();
        let passed = self.allowance.pass(bytes.len());
        let whole = passed == bytes.len();
        bytes.truncate(passed);
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(self.max_payload));
            self.turn.acquire().await.map_err(|_| Closed)?.forget();
            let packet = Packet::new(Command::Write, self.ids.ours, self.ids.theirs, piece);
            self.packets.send(packet).await.map_err(|_| Closed)?;
        }
        if whole { Ok(()) } else { Err(Closed) }
    }
}
