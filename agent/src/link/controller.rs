//! The controller, for any part of the agent: asks it whatever link there is, waits where there is none, and knows at any
//! moment how long this host has been alone.
//!
//! Everything that is asked may be asked again, so a lost answer is nothing but another try; who asks decides how long,
//! by dropping the question.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use shared::clock::SharedClock;
use shared::wire::codec::{CodecError, Message as _};
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::stream::{self, FrameError};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::watch;

use super::news::News;

/// An answer that takes longer does not come: the same is asked again. A one-time code of the next half minute does.
const ANSWER: Duration = Duration::from_secs(90);
/// The pause after a question that failed on a link that is up.
const AGAIN: Duration = Duration::from_millis(500);
/// How often an open link is noted to be open, and after what a note is too old: the machine slept meanwhile.
const BEAT: Duration = Duration::from_secs(1);
const BEAT_MISSED: Duration = Duration::from_secs(5);
/// So many times without a link are remembered.
const OUTAGES: usize = 64;
/// What is sent at once of a file.
const PIECE: usize = 64 << 10;

type BoxRead = Box<dyn AsyncRead + Send + Unpin>;
type BoxWrite = Box<dyn AsyncWrite + Send + Unpin>;

/// What a link is for whoever asks over it: it opens streams.
#[async_trait]
pub trait Streams: Send + Sync {
    async fn open(&self) -> io::Result<(BoxWrite, BoxRead)>;
}

#[async_trait]
impl Streams for quinn::Connection {
    async fn open(&self) -> io::Result<(BoxWrite, BoxRead)> {
        let (send, recv) = self.open_bi().await?;
        Ok((Box::new(send), Box::new(recv)))
    }
}

/// Why there is no answer, where asking again does not help or is for the caller to do.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("it cannot be said to the controller")]
    Unsayable(#[from] CodecError),
    /// Of a transfer alone; what can be resumed is resumed by the caller.
    #[error("the transfer broke")]
    Broken(#[source] FrameError),
    #[error("reading what is to be sent")]
    Source(#[source] io::Error),
}

/// An answer, with the moment at which its question was sent ([`shared::clock::Clock::since_boot`]).
#[derive(Debug)]
pub struct Answered {
    pub reply: ControllerReply,
    pub sent: Duration,
}

/// How the link is.
#[derive(Clone, Default)]
struct State {
    streams: Option<Arc<dyn Streams>>,
    /// The version that is spoken over it.
    version: u16,
    /// Since when there is none; the last sign of it where there is one.
    sign: Duration,
    /// Counts the links.
    number: u64,
    /// The number of each link that followed a time without one, and how long that was.
    outages: VecDeque<(u64, Duration)>,
}

impl State {
    /// There is a link again after so long a time alone.
    fn again(&mut self, alone: Duration) {
        self.number += 1;
        self.outages.push_back((self.number, alone));
        if self.outages.len() > OUTAGES {
            self.outages.pop_front();
        }
    }
}

/// See [`Controller::watch`].
pub struct LinkWatch(watch::Receiver<State>);

impl LinkWatch {
    /// Resolves when a link has come or gone since the watch began or told last.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // Nobody is left who could bring one.
            std::future::pending::<()>().await;
        }
    }
}

/// See the module. Its clones are one.
#[derive(Clone)]
pub struct Controller {
    inner: Arc<Inner>,
}

struct Inner {
    state: watch::Sender<State>,
    clock: SharedClock,
    news: Mutex<News>,
    told: tokio::sync::Notify,
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Controller")
            .field("link", &self.link_number())
            .finish_non_exhaustive()
    }
}

impl Controller {
    /// One that there is no link to yet.
    pub fn new(clock: SharedClock) -> Self {
        let state = State {
            sign: clock.since_boot(),
            ..State::default()
        };
        Self {
            inner: Arc::new(Inner {
                state: watch::Sender::new(state),
                clock,
                news: Mutex::default(),
                told: tokio::sync::Notify::new(),
            }),
        }
    }

    pub fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    /// There is a link, over which this version is spoken.
    pub fn up(&self, streams: Arc<dyn Streams>, version: u16) {
        let now = self.inner.clock.since_boot();
        self.inner.state.send_modify(|state| {
            state.again(now.saturating_sub(state.sign));
            state.streams = Some(streams);
            state.version = version;
            state.sign = now;
        });
        self.news().all_again();
        self.inner.told.notify_one();
    }

    /// The link is gone, and nothing was heard over it for `silence` before.
    pub fn lost(&self, silence: Duration) {
        let now = self.inner.clock.since_boot();
        self.inner.state.send_modify(|state| {
            if state.streams.take().is_some() {
                // A note that is older than the silence says more.
                state.sign = state.sign.min(now).min(now.saturating_sub(silence));
            }
        });
    }

    /// Notes again and again that the link is open, for as long as it is polled. A machine that slept was alone
    /// meanwhile, whatever became of its link.
    pub(crate) async fn beat(&self) -> std::convert::Infallible {
        loop {
            self.inner.clock.sleep(BEAT).await;
            let now = self.inner.clock.since_boot();
            self.inner.state.send_if_modified(|state| {
                if state.streams.is_none() {
                    return false;
                }
                let alone = now.saturating_sub(state.sign);
                let slept = alone > BEAT + BEAT_MISSED;
                if slept {
                    state.again(alone);
                }
                state.sign = now;
                slept
            });
        }
    }

    /// Since when this host is alone ([`shared::clock::Clock::since_boot`]); `None` while it is not.
    pub fn alone_since(&self) -> Option<Duration> {
        let now = self.inner.clock.since_boot();
        let state = self.inner.state.borrow();
        let fresh = now.saturating_sub(state.sign) <= BEAT + BEAT_MISSED;
        (state.streams.is_none() || !fresh).then_some(state.sign)
    }

    /// Which link this is, or was the last one.
    pub fn link_number(&self) -> u64 {
        self.inner.state.borrow().number
    }

    /// The longest time without a link between that link and the present one.
    pub fn longest_alone_after(&self, number: u64) -> Duration {
        let state = self.inner.state.borrow();
        if state.number.saturating_sub(number) > OUTAGES as u64 {
            return Duration::MAX;
        }
        let later = state.outages.iter().filter(|(after, _)| *after > number);
        later.map(|(_, alone)| *alone).max().unwrap_or_default()
    }

    /// Tells when a link comes or goes from now on.
    pub fn watch(&self) -> LinkWatch {
        LinkWatch(self.inner.state.subscribe())
    }

    async fn streams(&self) -> (Arc<dyn Streams>, u64) {
        let mut state = self.inner.state.subscribe();
        loop {
            {
                let state = state.borrow_and_update();
                if let Some(streams) = &state.streams {
                    return (Arc::clone(streams), state.number);
                }
            }
            if state.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Asks until there is an answer, over one link after the other.
    pub async fn ask(&self, question: &ToController) -> Result<Answered, AskError> {
        // What no link would carry is an error now and not a try without end.
        question.to_bytes()?;
        loop {
            let (streams, number) = self.streams().await;
            let sent = self.inner.clock.since_boot();
            let asked = async {
                let (mut send, mut recv) = streams.open().await.map_err(broke)?;
                stream::send(&mut send, question).await?;
                send.shutdown().await.map_err(broke)?;
                stream::expect(&mut recv).await
            };
            match tokio::time::timeout(ANSWER, asked).await {
                Ok(Ok(reply)) => return Ok(Answered { reply, sent }),
                Ok(Err(error)) => tracing::debug!(%error, "asking the controller again"),
                Err(_) => tracing::debug!("the controller does not answer; asking it again"),
            }
            self.rest(number).await;
        }
    }

    /// Begins a transfer from the controller: its first answer, and what follows that. One try.
    pub async fn fetch(&self, question: &ToController) -> Result<(ControllerReply, BoxRead), AskError> {
        question.to_bytes()?;
        let (streams, number) = self.streams().await;
        let asked = async {
            let (mut send, mut recv) = streams.open().await.map_err(broke)?;
            stream::send(&mut send, question).await?;
            send.shutdown().await.map_err(broke)?;
            Ok((stream::expect(&mut recv).await?, recv))
        };
        match within(asked).await {
            Ok(begun) => Ok(begun),
            Err(error) => {
                self.rest(number).await;
                Err(AskError::Broken(error))
            }
        }
    }

    /// Sends `body`, `size` bytes, after the question. One try.
    pub async fn send(
        &self,
        question: &ToController,
        body: &mut (dyn AsyncRead + Send + Unpin),
        size: u64,
    ) -> Result<ControllerReply, AskError> {
        question.to_bytes()?;
        let (streams, number) = self.streams().await;
        let mut failed = None;
        let sent = async {
            let (mut send, mut recv) = within(async { streams.open().await.map_err(broke) }).await?;
            let said = async {
                stream::send(&mut send, question).await?;
                let mut body = body.take(size);
                let mut piece = vec![0; PIECE];
                loop {
                    let read = match body.read(&mut piece).await {
                        Ok(0) => break,
                        Ok(read) => read,
                        Err(error) => {
                            failed = Some(error);
                            break;
                        }
                    };
                    within(async { send.write_all(&piece[..read]).await.map_err(broke) }).await?;
                }
                send.shutdown().await.map_err(broke)
            };
            // The controller may answer before it has heard all: it has no room, or knows no such attempt.
            let told = tokio::select! {
                biased;
                reply = stream::expect(&mut recv) => return reply,
                said = said => said,
            };
            told?;
            within(stream::expect(&mut recv)).await
        };
        let reply = sent.await;
        if let Some(error) = failed {
            return Err(AskError::Source(error));
        }
        match reply {
            Ok(reply) => Ok(reply),
            Err(error) => {
                self.rest(number).await;
                Err(AskError::Broken(error))
            }
        }
    }

    /// Waits a moment, or for another link where this one is gone.
    async fn rest(&self, number: u64) {
        let mut state = self.inner.state.subscribe();
        let other = state.wait_for(|state| state.number != number);
        let _ = tokio::time::timeout(AGAIN, other).await;
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.inner.news.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is to be told of work; it is told in its time.
    pub fn tell(&self, change: impl FnOnce(&mut News)) {
        change(&mut self.news());
        self.inner.told.notify_one();
    }

    /// Waits until something is to be told, and takes it.
    pub(super) async fn news_to_tell(&self) -> Vec<shared::wire::message::Report> {
        loop {
            let told = self.inner.told.notified();
            let version = self.inner.state.borrow().version;
            let reports = self.news().take(version);
            if !reports.is_empty() {
                return reports;
            }
            told.await;
        }
    }
}

fn broke(source: io::Error) -> FrameError {
    FrameError::Io {
        name: "ToController",
        source,
    }
}

async fn within<T>(work: impl Future<Output = Result<T, FrameError>>) -> Result<T, FrameError> {
    tokio::time::timeout(ANSWER, work)
        .await
        .unwrap_or_else(|_| Err(broke(io::ErrorKind::TimedOut.into())))
}
