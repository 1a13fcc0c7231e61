//! Work on this host: which attempts it has in hand, one a phone, from the order to the end that the controller has
//! confirmed. Answers what the journal knows.

mod attempt;
mod grants;
mod lease;
mod leased;
mod materials;
mod packs;
mod records;
mod secrets;
mod telling;

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::device::Serial;
use shared::pack::failure::FailureKind;
use shared::pack::files::hex;
use shared::wire::message::{Failure, FailureKind as Refusal};
use shared::wire::work::{AttemptEnd, Id, LogLine, Order, Standing};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::device::Device;
use crate::flow::thread::ScriptThread;
use crate::journal::Journal;
use crate::link::{Controller, chain};
use crate::outbox::{Outbox, OutboxError};
use attempt::Attempt;
use lease::Lease;
use materials::Materials;
use packs::Packs;

/// What an end waits before it is tried again to be kept, on a disk that is full.
const KEEP_AGAIN: Duration = Duration::from_secs(5);

/// A phone with the turn at its screen: two at once would see each other's half-done work.
#[derive(Clone)]
pub struct Phone {
    pub device: Arc<dyn Device>,
    pub turn: Arc<tokio::sync::Mutex<()>>,
}

/// The phones of this host, by any of their names, through the best way to each.
pub trait PhoneSource: Send + Sync + 'static {
    fn phone(&self, name: &str) -> Result<Phone, Failure>;
}

/// What the worker may use.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// Where packs and materials lie.
    pub folder: PathBuf,
    /// All materials together, in bytes.
    pub media_bytes: u64,
    /// So many times faster than real the flows live: for simulated phones that do the same.
    pub speed: f64,
    pub thread: ScriptThread,
}

/// See the module. Its clones are one.
#[derive(Clone)]
pub struct Worker {
    inner: Arc<Inner>,
}

struct Inner {
    config: WorkerConfig,
    controller: Controller,
    journal: Arc<Mutex<Journal>>,
    outbox: Outbox,
    source: Arc<dyn PhoneSource>,
    packs: Packs,
    materials: Materials,
    book: Mutex<Book>,
    running: TaskTracker,
}

#[derive(Default)]
struct Book {
    attempts: BTreeMap<Id, InHand>,
    /// Nothing is taken any more.
    closed: bool,
}

/// An attempt in hand.
#[derive(Clone)]
struct InHand {
    serial: Serial,
    task: i64,
    stop: CancellationToken,
    lease: Arc<Lease>,
}

impl Worker {
    pub fn new(
        config: WorkerConfig,
        controller: Controller,
        journal: Journal,
        outbox: Outbox,
        source: Arc<dyn PhoneSource>,
    ) -> io::Result<Self> {
        let packs = Packs::open(config.folder.join("packs"), controller.clone())?;
        let media = config.folder.join("media");
        let materials = Materials::open(media, controller.clone(), config.media_bytes)?;
        Ok(Self {
            inner: Arc::new(Inner {
                config,
                controller,
                journal: Arc::new(Mutex::new(journal)),
                outbox,
                source,
                packs,
                materials,
                book: Mutex::default(),
                running: TaskTracker::new(),
            }),
        })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.inner.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an order; one that is known is taken already.
    ///
    /// Must be called within a tokio runtime.
    pub fn work(&self, order: Order) -> Result<(), Failure> {
        let mut book = self.book();
        if book.attempts.contains_key(&order.attempt) {
            return Ok(());
        }
        if self.inner.outbox.has_ended(&order.attempt) {
            // Its end is on the way, or was heard.
            return if self.inner.outbox.unconfirmed_ends().contains(&order.attempt) {
                Ok(())
            } else {
                Err(fail(
                    Refusal::Refused,
                    "this attempt has ended, and does not begin again".to_owned(),
                ))
            };
        }
        if book.closed {
            return Err(fail(Refusal::Busy, "this agent is stopping".to_owned()));
        }
        let phone = self.inner.source.phone(&order.serial)?;
        let serial = phone.device.serial().clone();
        if let Some(other) = book.attempts.values().find(|other| other.serial == serial) {
            return Err(busy(other));
        }
        let stop = CancellationToken::new();
        let lease = Arc::new(Lease::new(
            self.inner.controller.clone(),
            order.attempt,
            Duration::from_millis(order.lease.into()),
            stop.clone(),
        ));
        let in_hand = InHand {
            serial,
            task: order.task,
            stop: stop.clone(),
            lease: Arc::clone(&lease),
        };
        book.attempts.insert(order.attempt, in_hand);
        drop(book);
        tracing::info!(
            task = order.task,
            attempt = hex(&order.attempt),
            flow = order.flow,
            serial = order.serial,
            "work begins"
        );
        let worker = self.clone();
        self.inner.running.spawn(async move {
            let attempt = Attempt {
                worker: Arc::clone(&worker.inner),
                order,
                phone,
                lease,
                stop,
            };
            worker.see_through(attempt).await;
        });
        Ok(())
    }

    /// Makes the attempt and keeps its end.
    async fn see_through(&self, attempt: Attempt) {
        let (id, task) = (attempt.order.attempt, attempt.order.task);
        let began = self.inner.controller.clock().since_boot();
        let made = tokio::spawn(attempt.make()).await;
        let end = made.unwrap_or_else(|error| {
            tracing::error!(task, %error, "an attempt broke the agent's own code");
            let why = format!("the agent made a mistake: {error}");
            attempt::failed(id, FailureKind::Script, why)
        });
        let took = self.inner.controller.clock().since_boot().saturating_sub(began);
        let end = attempt::sayable(AttemptEnd {
            took: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            ..end
        });
        tracing::info!(
            task,
            attempt = hex(&id),
            outcome = attempt::in_words(&end),
            "work ended"
        );
        self.inner.controller.tell(|news| news.over(&id));
        // The phone is not free before the end is safe: a stop of the agent would forget it.
        let mut told = false;
        while let Err(error) = self.keep(&end) {
            let why = chain(&error);
            tracing::error!(task, error = why, "the end of an attempt cannot be kept");
            if !std::mem::replace(&mut told, true) {
                let line = LogLine {
                    attempt: id,
                    at: self.inner.controller.clock().now().as_millisecond(),
                    line: format!("it is over, which cannot be written down: {why}"),
                };
                self.inner.controller.tell(|news| news.line(line));
            }
            self.inner.controller.clock().sleep(KEEP_AGAIN).await;
        }
        self.book().attempts.remove(&id);
    }

    fn keep(&self, end: &AttemptEnd) -> Result<(), OutboxError> {
        self.inner.outbox.ended(end.clone()).map(drop)
    }

    /// Stops an attempt; its end follows.
    pub fn stop_work(&self, attempt: &Id) {
        let in_hand = self.book().attempts.get(attempt).cloned();
        if let Some(in_hand) = in_hand {
            tracing::info!(task = in_hand.task, attempt = hex(attempt), "work is stopped");
            in_hand.stop.cancel();
        }
    }

    /// What is known of work here.
    pub fn standing(&self) -> Standing {
        let mut attempts: Vec<Id> = self.book().attempts.keys().copied().collect();
        attempts.extend(self.inner.outbox.unconfirmed_ends());
        attempts.sort_unstable();
        attempts.dedup();
        let journal = self.inner.journal();
        Standing {
            journal: journal.identity().to_owned(),
            highest: journal.highest(),
            attempts,
        }
    }

    /// The refusal of whoever wants to touch a phone that works.
    pub fn free(&self, serial: &Serial) -> Result<(), Failure> {
        let book = self.book();
        match book.attempts.values().find(|in_hand| in_hand.serial == *serial) {
            Some(in_hand) => Err(busy(in_hand)),
            None => Ok(()),
        }
    }

    /// Ends everything and waits until it has ended, and until the controller has heard of it, but no longer than this.
    pub async fn stop(&self, within: Duration) {
        let in_hand: Vec<InHand> = {
            let mut book = self.book();
            book.closed = true;
            book.attempts.values().cloned().collect()
        };
        for in_hand in in_hand {
            in_hand.lease.agent_stops();
        }
        self.inner.running.close();
        let ended = async {
            self.inner.running.wait().await;
            self.inner.outbox.empty().await;
        };
        if tokio::time::timeout(within, ended).await.is_err() {
            tracing::warn!("the controller has not heard how all work ended; it is told at the next start");
        }
    }
}

impl Inner {
    /// Does what fsyncs beside the runtime's threads; in turns with it where scripts take turns.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, tokio::task::JoinError> {
        match self.config.thread {
            ScriptThread::Beside => tokio::task::spawn_blocking(work).await,
            ScriptThread::InTurns(_) => Ok(work()),
        }
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fail(kind: Refusal, message: String) -> Failure {
    Failure { kind, message }
}

fn busy(other: &InHand) -> Failure {
    fail(
        Refusal::Busy,
        format!("task {} runs on {}", other.task, other.serial),
    )
}

#[cfg(test)]
mod tests;
