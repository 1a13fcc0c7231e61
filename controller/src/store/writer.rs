//! The one writer of SQLite: work queues up, and what waits together shares one transaction and one fsync, with a
//! savepoint each. An answer leaves after COMMIT, never before.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::sync::{mpsc, oneshot};

use super::dialect;
use super::error::StoreError;
use super::fence::Fence;
use super::session::Session;
use crate::causes::whole;

/// What a piece of work is while it runs.
pub(crate) type Work<'s, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 's>>;

/// Pieces of work that may wait; those beyond wait in their callers.
pub(super) const QUEUE: usize = 1024;
/// Pieces of work in one transaction.
const MAX_BATCH: usize = 256;
/// From then on a batch takes no more in, so that its first is not kept waiting.
const BATCH_FULL_AFTER: Duration = Duration::from_millis(50);

/// A piece of work of which the writer need not know what it answers.
pub(super) trait Job: Send {
    /// Runs it. What it answers waits for the commit; whether its changes are to be kept is known at once.
    fn run<'s>(
        self: Box<Self>,
        session: &'s mut Session,
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 's>>;

    /// Whether only the process that has the role may do it.
    fn is_fenced(&self) -> bool;

    /// Answers without running it.
    fn refuse(self: Box<Self>, error: StoreError);
}

/// What came of a job before the commit.
pub(super) enum Outcome {
    /// To be told once it is known how the commit went.
    Keep(Box<dyn FnOnce(Result<(), StoreError>) + Send>),
    /// To be told once its changes are taken back.
    Drop {
        tell: Box<dyn FnOnce() + Send>,
        /// It failed for want of room, which may take the whole transaction with it.
        full: bool,
    },
}

/// A job made of a function and of the caller that waits for its answer.
pub(super) struct Task<T, F> {
    pub(super) work: F,
    pub(super) fenced: bool,
    pub(super) reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send + 'static,
    F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
{
    fn run<'s>(
        self: Box<Self>,
        session: &'s mut Session,
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 's>> {
        Box::pin(async move {
            let Self { work, reply, .. } = *self;
            // Who asked may be gone; what was asked for happens all the same. A fault in the work is that work's own:
            // its changes are taken back, and the writer goes on.
            let done = AssertUnwindSafe(async { work(session).await })
                .catch_unwind()
                .await;
            match done.unwrap_or_else(|_| Err(panicked())) {
                Ok(value) => Outcome::Keep(Box::new(move |commit| {
                    let _ = reply.send(commit.map(|()| value));
                })),
                Err(error) => Outcome::Drop {
                    full: matches!(error, StoreError::Full(_)),
                    tell: Box::new(move || {
                        let _ = reply.send(Err(error));
                    }),
                },
            }
        })
    }

    fn is_fenced(&self) -> bool {
        self.fenced
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        let _ = self.reply.send(Err(error));
    }
}

/// Writes until the store is closed, then what still waits, then closes the connection.
pub(super) async fn run(
    mut session: Session,
    mut jobs: mpsc::Receiver<Box<dyn Job>>,
    fence: Fence,
    closing: tokio_util::sync::CancellationToken,
) {
    loop {
        let job = tokio::select! {
            biased;
            () = closing.cancelled(), if !jobs.is_closed() => {
                jobs.close();
                continue;
            }
            job = jobs.recv() => job,
        };
        let Some(job) = job else { break };
        batch(&mut session, job, &mut jobs, &fence).await;
    }
    if let Err(error) = session.close().await {
        tracing::warn!(error = %error, "the database was not closed cleanly");
    }
}

/// One transaction: the first job, and those that wait behind it.
async fn batch(
    session: &mut Session,
    first: Box<dyn Job>,
    jobs: &mut mpsc::Receiver<Box<dyn Job>>,
    fence: &Fence,
) {
    if let Err(error) = session.batch(dialect::SQLITE_BEGIN).await {
        // A transaction that an I/O error left open would refuse every one after it.
        let _ = session.batch("ROLLBACK").await;
        return first.refuse(error);
    }
    let begun = Instant::now();
    let mut kept = Vec::new();
    let mut broken = None;
    let mut role_is_ours = false;
    let mut next = Some(first);
    while let Some(job) = next.take() {
        // No other process can take the role over while this transaction lasts: once is enough.
        if job.is_fenced() && !role_is_ours {
            match fence.check(session).await {
                Ok(()) => role_is_ours = true,
                Err(error) => {
                    job.refuse(error);
                    next = jobs.try_recv().ok();
                    continue;
                }
            }
        }
        match within_savepoint(session, job).await {
            Ok(Some(tell)) => kept.push(tell),
            Ok(None) => {}
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
        if kept.len() < MAX_BATCH && begun.elapsed() < BATCH_FULL_AFTER {
            next = jobs.try_recv().ok();
        }
    }
    let commit = match broken {
        None => session.batch("COMMIT").await.map_err(unconfirmed),
        // Nobody asked for a commit: whatever became of the transaction, it did not happen.
        Some(error @ StoreError::Full(_)) => Err(error),
        Some(error) => Err(StoreError::Away(error.into())),
    };
    match commit {
        Ok(()) => kept.into_iter().for_each(|tell| tell(Ok(()))),
        Err(error) => {
            let _ = session.batch("ROLLBACK").await;
            let message = whole(&error);
            tracing::error!(error = message, jobs = kept.len(), "a transaction did not commit");
            for tell in kept {
                let cause = message.clone().into();
                tell(Err(match error {
                    StoreError::Full(_) => StoreError::Full(cause),
                    StoreError::Away(_) => StoreError::Away(cause),
                    _ => StoreError::Unconfirmed(cause),
                }));
            }
        }
    }
}

type Tell = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Runs a job so that its failure takes back its own changes alone. An error says that the transaction is lost.
async fn within_savepoint(session: &mut Session, job: Box<dyn Job>) -> Result<Option<Tell>, StoreError> {
    if let Err(error) = session.batch("SAVEPOINT job").await {
        job.refuse(StoreError::Unconfirmed(error.to_string().into()));
        return Err(error);
    }
    match job.run(session).await {
        Outcome::Keep(tell) => match session.batch("RELEASE job").await {
            Ok(()) => Ok(Some(tell)),
            Err(error) => {
                tell(Err(StoreError::Unconfirmed(error.to_string().into())));
                Err(error)
            }
        },
        Outcome::Drop { tell, full } => {
            let undone = session.batch("ROLLBACK TO job; RELEASE job").await;
            tell();
            match undone {
                Err(error) if full => Err(StoreError::Full(error.into())),
                undone => undone.map(|()| None),
            }
        }
    }
}

/// The panic itself is in the log already.
fn panicked() -> StoreError {
    StoreError::failed(
        "writing to the database",
        "the program met a fault of its own; nothing was changed",
    )
}

/// A commit that failed may have happened as far as one can tell; one for which there was no room did not. (Of SQLite's log
/// the mark of the commit is the last that is written, and without it what stands before counts for nothing; Postgres
/// answers so when it has taken all back.)
pub(super) fn unconfirmed(error: StoreError) -> StoreError {
    match error {
        StoreError::Unconfirmed(_) | StoreError::Full(_) => error,
        other => StoreError::Unconfirmed(other.into()),
    }
}
