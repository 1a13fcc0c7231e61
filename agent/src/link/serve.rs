//! The controller's requests: each on a stream and a task of its own, under its deadline; a stream that is reset ends
//! the work.

use std::sync::Arc;
use std::time::Duration;

use quinn::{Connection, RecvStream, SendStream};
use shared::wire::message::{AgentAsk, AgentReply, Failure, FailureKind, ToAgent};
use shared::wire::stream::{self, FrameError};
use shared::wire::{Close, HANDSHAKE};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

use super::Phones;

/// No request takes longer, whatever the controller says.
const LONGEST: Duration = Duration::from_secs(1_800);
/// Steps and progress that the link has not taken yet; the work waits.
const TOLD_LIMIT: usize = 16;

/// The requests of one connection.
pub(super) struct Requests {
    connection: Connection,
    phones: Arc<dyn Phones>,
    running: TaskTracker,
}

impl Requests {
    pub(super) fn new(connection: Connection, phones: Arc<dyn Phones>) -> Self {
        Self {
            connection,
            phones,
            running: TaskTracker::new(),
        }
    }

    /// Takes requests until the connection ends.
    pub(super) async fn accept(&self) {
        while let Ok((send, recv)) = self.connection.accept_bi().await {
            let (phones, connection) = (Arc::clone(&self.phones), self.connection.clone());
            self.running.spawn(async move {
                if let Err(error) = serve(phones.as_ref(), send, recv).await
                    && let Some(close @ (Close::FrameTooLarge | Close::Protocol)) = error.close()
                {
                    tracing::warn!(%error, "closing the link");
                    connection.close(close.code().into(), error.to_string().as_bytes());
                }
            });
        }
    }

    /// Resolves when no request is under way.
    pub(super) async fn finished(&self) {
        self.running.close();
        self.running.wait().await;
    }
}

async fn serve(phones: &dyn Phones, mut send: SendStream, mut recv: RecvStream) -> Result<(), FrameError> {
    let request = tokio::time::timeout(HANDSHAKE, stream::next::<ToAgent>(&mut recv)).await;
    let Ok(request) = request else { return Ok(()) };
    let Some(ToAgent { deadline, ask }) = request? else {
        return Ok(());
    };
    let deadline = Duration::from_millis(deadline.into()).min(LONGEST);
    let late = if matches!(ask, AgentAsk::Input { .. }) {
        Failure {
            kind: FailureKind::Uncertain,
            message: "the phone did not answer in time: it may have happened".to_owned(),
        }
    } else {
        Failure {
            kind: FailureKind::Deadline,
            message: "the phone did not answer in time".to_owned(),
        }
    };
    let (told, mut said) = mpsc::channel(TOLD_LIMIT);
    let given_up = send.stopped();
    let work = tokio::time::timeout(deadline, phones.serve(ask, &mut recv, &told));
    tokio::pin!(work, given_up);
    let reply = loop {
        tokio::select! {
            biased;
            Some(word) = said.recv() => stream::send(&mut send, &word).await?,
            _ = &mut given_up => return Ok(()),
            reply = &mut work => break reply.unwrap_or(AgentReply::Failed(late)),
        }
    };
    while let Ok(word) = said.try_recv() {
        stream::send(&mut send, &word).await?;
    }
    match stream::send(&mut send, &reply).await {
        // A screen whose tree is beyond every limit: said in words.
        Err(FrameError::Codec(error)) => {
            let failure = Failure {
                kind: FailureKind::Refused,
                message: error.to_string(),
            };
            stream::send(&mut send, &AgentReply::Failed(failure)).await?;
        }
        sent => sent?,
    }
    let _ = send.finish();
    // The stream must live until the answer has arrived.
    let _ = send.stopped().await;
    Ok(())
}
