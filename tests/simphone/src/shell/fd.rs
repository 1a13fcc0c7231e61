//! What a program's descriptors are connected to: shareable, so that `2>&1` and several commands in a row write to
//! one place.

use std::fs::File;
use std::io::{self, Read, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_util::sync::CancellationToken;

use crate::phone::files::PhoneFile;
use crate::phone::lock;
use crate::program::Input;

/// Something to write to; the last clone closes it.
#[derive(Clone)]
pub struct Out {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    /// Fires once nobody reads any longer: who writes then is ended, as by SIGPIPE.
    broken: CancellationToken,
    to: Pin<Box<dyn AsyncWrite + Send>>,
    /// `to` remembers only the last writer that it made wait; the others are woken by the one who gets through.
    waiting: Vec<Waker>,
}

impl Out {
    pub fn new(to: impl AsyncWrite + Send + 'static) -> Self {
        Self {
            shared: Arc::new(Mutex::new(Shared {
                broken: CancellationToken::new(),
                to: Box::pin(to),
                waiting: Vec::new(),
            })),
        }
    }

    /// /dev/null
    pub fn nowhere() -> Self {
        Self::new(tokio::io::sink())
    }

    /// Whether a write found nobody reading.
    pub(crate) fn is_broken(&self) -> bool {
        lock(&self.shared).broken.is_cancelled()
    }

    pub(crate) async fn broken(&self) {
        let broken = lock(&self.shared).broken.clone();
        broken.cancelled().await;
    }

    fn poll<T>(
        &self,
        context: &mut Context<'_>,
        poll: impl FnOnce(Pin<&mut (dyn AsyncWrite + Send)>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        let mut shared = lock(&self.shared);
        let polled = poll(shared.to.as_mut(), context);
        if let Poll::Ready(Err(error)) = &polled
            && error.kind() == io::ErrorKind::BrokenPipe
        {
            shared.broken.cancel();
        }
        if polled.is_pending() {
            shared.waiting.retain(|waker| !waker.will_wake(context.waker()));
            shared.waiting.push(context.waker().clone());
        } else {
            shared.waiting.drain(..).for_each(Waker::wake);
        }
        polled
    }
}

impl AsyncWrite for Out {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.poll(context, |to, context| to.poll_write(context, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(context, |mut to, context| to.as_mut().poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Others may still write; dropping the last clone closes it.
        Poll::Ready(Ok(()))
    }
}

/// Something to read from, by one command after the other.
#[derive(Clone)]
pub(crate) struct In {
    shared: Arc<Mutex<Input>>,
}

impl In {
    pub(crate) fn new(from: Input) -> Self {
        Self {
            shared: Arc::new(Mutex::new(from)),
        }
    }

    pub(crate) fn empty() -> Self {
        Self::new(Box::pin(tokio::io::empty()))
    }
}

impl AsyncRead for In {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        lock(&self.shared).as_mut().poll_read(context, into)
    }
}

/// A file to read; the host's disk is fast enough to be read in place.
pub(crate) struct FileReader(pub(crate) File);

impl AsyncRead for FileReader {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = self.0.read(into.initialize_unfilled());
        Poll::Ready(read.map(|length| into.advance(length)))
    }
}

/// A file to write.
pub(crate) struct FileWriter(pub(crate) PhoneFile);

impl AsyncWrite for FileWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.0.write(bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.0.flush())
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
