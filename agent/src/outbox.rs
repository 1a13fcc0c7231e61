//! What the controller has to hear for certain: what came of each grant, and how each attempt ended. Kept on disk from
//! before it is said until it is confirmed; said again on every link, each attempt's own in its order.
//!
//! Remembers for a day which attempts have ended, so that none of them begins again.

mod evidence;
mod files;

pub(crate) use files::whole;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::{AttemptEnd, Id, Settlement};
use tokio::sync::{Notify, oneshot};

use crate::link::{Controller, chain};
use evidence::Evidence;
use files::Files;

/// How long the same is not said again where the controller said "later", and where it failed.
const LATER: Duration = Duration::from_secs(2);
const FAILED: Duration = Duration::from_secs(10);

#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    #[error("the outbox {}: {doing}", .path.display())]
    Io {
        path: PathBuf,
        doing: &'static str,
        source: io::Error,
    },
}

/// What the controller made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    Heard,
    /// It wants nothing of this attempt any more; that settles it as well.
    NotYours(String),
}

/// Something to be said.
#[derive(Debug)]
struct Item {
    number: u64,
    message: ToController,
    waiting: Option<oneshot::Sender<Confirmed>>,
}

/// See the module. Its clones are one.
#[derive(Clone)]
pub struct Outbox {
    inner: Arc<Inner>,
}

struct Inner {
    controller: Controller,
    files: Files,
    evidence: Evidence,
    queues: Mutex<BTreeMap<Id, VecDeque<Item>>>,
    /// An attempt's messages have gone.
    gone: Notify,
}

impl Outbox {
    /// Opens the outbox in `folder`, with what was not confirmed before; begins to say it.
    ///
    /// Must be called within a tokio runtime.
    pub fn open(folder: &Path, controller: Controller) -> Result<Self, OutboxError> {
        let now = controller.clock().now();
        let (files, kept) = Files::open(&folder.join("outbox"), now)?;
        let evidence = Evidence::open(folder.join("evidence"), controller.clone())?;
        let outbox = Self {
            inner: Arc::new(Inner {
                controller,
                files,
                evidence,
                queues: Mutex::default(),
                gone: Notify::new(),
            }),
        };
        let mut queues: BTreeMap<Id, VecDeque<Item>> = BTreeMap::new();
        for (number, message) in kept {
            if let Some(attempt) = attempt_of(&message) {
                if matches!(message, ToController::Ended(_)) && !outbox.has_ended(&attempt) {
                    outbox.inner.files.ended(attempt, now)?;
                }
                let waiting = None;
                queues.entry(attempt).or_default().push_back(Item {
                    number,
                    message,
                    waiting,
                });
            }
        }
        let attempts: Vec<Id> = queues.keys().copied().collect();
        outbox.inner.evidence.keep_only(&attempts);
        *outbox.queues() = queues;
        for attempt in attempts {
            outbox.deliver(attempt);
        }
        Ok(outbox)
    }

    /// Where a failure's bundle of this attempt is to be put.
    pub fn evidence_folder(&self, attempt: &Id) -> PathBuf {
        self.inner.evidence.folder(attempt)
    }

    /// Keeps what came of a grant and says it; the answer comes when it was confirmed.
    pub fn settle(&self, settlement: Settlement) -> Result<oneshot::Receiver<Confirmed>, OutboxError> {
        let attempt = settlement.attempt;
        self.put(attempt, ToController::Settle(settlement))
    }

    /// Keeps how an attempt ended and says it. From now on it does not begin again.
    pub fn ended(&self, end: AttemptEnd) -> Result<oneshot::Receiver<Confirmed>, OutboxError> {
        let attempt = end.attempt;
        let now = self.inner.controller.clock().now();
        let confirmed = self.put(attempt, ToController::Ended(end))?;
        self.inner.files.ended(attempt, now)?;
        Ok(confirmed)
    }

    /// Whether this attempt has ended, today or yesterday.
    pub fn has_ended(&self, attempt: &Id) -> bool {
        self.inner.files.has_ended(attempt)
    }

    /// The attempts whose end is still to be confirmed. One of which only an outcome is kept was broken off: it goes on
    /// nowhere, and its end will never come.
    pub fn unconfirmed_ends(&self) -> Vec<Id> {
        let ends = |item: &Item| matches!(item.message, ToController::Ended(_));
        let queues = self.queues();
        let ended = queues.iter().filter(|(_, queue)| queue.iter().any(ends));
        ended.map(|(attempt, _)| *attempt).collect()
    }

    /// Resolves when everything was confirmed.
    pub async fn empty(&self) {
        loop {
            let gone = self.inner.gone.notified();
            if self.queues().is_empty() {
                return;
            }
            gone.await;
        }
    }

    fn queues(&self) -> MutexGuard<'_, BTreeMap<Id, VecDeque<Item>>> {
        self.inner.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, attempt: Id, message: ToController) -> Result<oneshot::Receiver<Confirmed>, OutboxError> {
        let number = self.inner.files.put(&message)?;
        let (waiting, confirmed) = oneshot::channel();
        let mut queues = self.queues();
        let begins = !queues.contains_key(&attempt);
        queues.entry(attempt).or_default().push_back(Item {
            number,
            message,
            waiting: Some(waiting),
        });
        drop(queues);
        if begins {
            self.deliver(attempt);
        }
        Ok(confirmed)
    }

    /// Says what there is of an attempt, one after the other, until there is nothing left.
    fn deliver(&self, attempt: Id) {
        let outbox = self.clone();
        tokio::spawn(async move {
            loop {
                let next = {
                    let mut queues = outbox.queues();
                    let queue = queues.get(&attempt);
                    let next =
                        queue.and_then(|queue| Some((queue.front()?.number, queue.front()?.message.clone())));
                    if next.is_none() {
                        queues.remove(&attempt);
                    }
                    next
                };
                let Some((number, message)) = next else {
                    outbox.inner.gone.notify_waiters();
                    return;
                };
                let ended = matches!(message, ToController::Ended(_));
                let confirmed = outbox.say(&message).await;
                outbox.confirmed(&attempt, number, confirmed);
                if ended {
                    outbox.inner.evidence.send(attempt);
                }
            }
        });
    }

    async fn say(&self, message: &ToController) -> Confirmed {
        let clock = self.inner.controller.clock();
        loop {
            let rest = match self.inner.controller.ask(message).await {
                Ok(answered) => match answered.reply {
                    ControllerReply::Done => return Confirmed::Heard,
                    ControllerReply::NotYours { why } => return Confirmed::NotYours(why),
                    ControllerReply::Later { why } => {
                        tracing::debug!(why, "the controller hears of work later");
                        LATER
                    }
                    reply => {
                        tracing::warn!(?reply, "the controller does not take what is to be told of work");
                        FAILED
                    }
                },
                Err(error) => {
                    // Too long for the link: nothing that the same again would change.
                    tracing::error!(error = chain(&error), "something of work cannot be told");
                    return Confirmed::NotYours(error.to_string());
                }
            };
            clock.sleep(rest).await;
        }
    }

    fn confirmed(&self, attempt: &Id, number: u64, confirmed: Confirmed) {
        let item = {
            let mut queues = self.queues();
            queues.get_mut(attempt).and_then(VecDeque::pop_front)
        };
        if let Err(error) = self.inner.files.remove(number) {
            // It will be said once more after a start, which does no harm.
            tracing::warn!(error = chain(&error), "something confirmed stays in the outbox");
        }
        if let Some(waiting) = item.and_then(|item| item.waiting) {
            // Nobody may wait for it.
            let _ = waiting.send(confirmed);
        }
    }
}

fn attempt_of(message: &ToController) -> Option<Id> {
    match message {
        ToController::Settle(settlement) => Some(settlement.attempt),
        ToController::Ended(end) => Some(end.attempt),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
