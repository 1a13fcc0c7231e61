//! Work over the link: orders and questions to a host, and what a host asks for and tells while it works. What is to be
//! answered is the desk's business; here is only how it comes and goes.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use quinn::{RecvStream, SendStream};
use shared::wire::message::{AgentAsk, AgentReply, ControllerReply, FailureKind, ToController};
use shared::wire::stream::{self, FrameError};
use shared::wire::work::{Id, JournalRecord, LogLine, Progress, Spoken, Standing};
use tokio::io::AsyncReadExt as _;
use uuid::Uuid;

use super::Fleet;
use super::ask::{AskError, Talk};

/// How long a request may take to be answered; a code's next step is waited for within it.
const ANSWER: Duration = Duration::from_secs(75);
/// How long a host may take to send, or to take, the next part of a file.
const STALLED: Duration = Duration::from_secs(60);
/// The largest file of evidence, in bytes.
const EVIDENCE: u64 = 8 << 20;
/// Bytes of a file that are sent at a time.
const PART: usize = 64 << 10;

/// Who gives work, and answers those who do it.
#[async_trait]
pub trait Desk: Send + Sync + std::fmt::Debug {
    /// A link came up: where its host stands.
    async fn stands(&self, host: Uuid, standing: Standing);
    fn progress(&self, host: Uuid, news: Vec<Progress>);
    fn lines(&self, host: Uuid, lines: Vec<LogLine>);
    fn spoken(&self, host: Uuid, spoken: Vec<Spoken>);
    async fn answer(&self, host: Uuid, request: ToController) -> DeskAnswer;
    /// Whether this host may send evidence of this attempt; the task, where it may.
    async fn evidence(&self, host: Uuid, attempt: Id, name: &str, bytes: Vec<u8>) -> ControllerReply;
}

/// An answer of the desk.
#[derive(Debug)]
pub enum DeskAnswer {
    Say(ControllerReply),
    /// So many bytes of a file, from where it stands.
    File {
        file: tokio::fs::File,
        size: u64,
    },
}

/// Why a host did not take what it was told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// Not connected, or the link broke: it may have heard it.
    #[error("the host is away")]
    Away,
    #[error("{message}")]
    Refused { kind: FailureKind, message: String },
    #[error("the host did not answer in time")]
    Late,
}

impl Fleet {
    /// Takes the desk in; from then on hosts may ask. Only the first one counts.
    pub fn set_desk(&self, desk: Arc<dyn Desk>) {
        let _ = self.inner.desk.set(desk);
    }

    /// Whether a host is connected.
    pub fn is_connected(&self, host: Uuid) -> bool {
        self.inner.sessions().contains_key(&host)
    }

    /// Tells or asks a host something of work; answers the records that it told.
    pub async fn work(
        &self,
        host: Uuid,
        ask: AgentAsk,
        deadline: Duration,
    ) -> Result<Vec<JournalRecord>, WorkError> {
        let session = self.inner.sessions().get(&host).cloned().ok_or(WorkError::Away)?;
        let mut talk = Talk::open(&session.connection, false, deadline)
            .await
            .map_err(of_link)?;
        talk.say(ask).await.map_err(of_link)?;
        let mut records = Vec::new();
        loop {
            match talk.hear().await.map_err(of_link)? {
                AgentReply::Records(more) => records.extend(more),
                AgentReply::Done => return Ok(records),
                AgentReply::Failed(failure) => {
                    return Err(WorkError::Refused {
                        kind: failure.kind,
                        message: failure.message,
                    });
                }
                _ => {}
            }
        }
    }
}

fn of_link(error: AskError) -> WorkError {
    match error {
        AskError::Deadline => WorkError::Late,
        AskError::Refused { message, .. } => WorkError::Refused {
            kind: FailureKind::BadInput,
            message,
        },
        _ => WorkError::Away,
    }
}

/// Answers a request that is not about the link itself.
pub(super) async fn serve(
    desk: Option<&Arc<dyn Desk>>,
    host: Uuid,
    request: ToController,
    send: &mut SendStream,
    recv: &mut RecvStream,
) -> Result<(), FrameError> {
    let Some(desk) = desk else {
        let why = "this controller is only just starting".to_owned();
        return stream::send(send, &ControllerReply::Later { why }).await;
    };
    if let ToController::Artifact { attempt, name, size } = request {
        let reply = match receive(recv, size).await? {
            Some(bytes) => desk.evidence(host, attempt, &name, bytes).await,
            None => ControllerReply::Failed {
                message: format!("evidence of {size} bytes is too large: {EVIDENCE} at most"),
            },
        };
        return stream::send(send, &reply).await;
    }
    let answer = tokio::time::timeout(ANSWER, desk.answer(host, request)).await;
    match answer {
        Ok(DeskAnswer::Say(reply)) => stream::send(send, &reply).await,
        Ok(DeskAnswer::File { file, size }) => pass_on(send, file, size).await,
        Err(_) => {
            let why = "the controller is too busy".to_owned();
            stream::send(send, &ControllerReply::Later { why }).await
        }
    }
}

async fn receive(recv: &mut RecvStream, size: u64) -> Result<Option<Vec<u8>>, FrameError> {
    if size > EVIDENCE {
        return Ok(None);
    }
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    let mut had = 0;
    while had < bytes.len() {
        let part = tokio::time::timeout(STALLED, recv.read(&mut bytes[had..])).await;
        match part {
            Ok(Ok(Some(count))) => had += count,
            Ok(Err(error)) => return Err(broken("Artifact", error)),
            Ok(Ok(None)) | Err(_) => return Err(FrameError::Ended("Artifact")),
        }
    }
    Ok(Some(bytes))
}

fn broken(name: &'static str, source: impl Into<std::io::Error>) -> FrameError {
    FrameError::Io {
        name,
        source: source.into(),
    }
}

async fn pass_on(send: &mut SendStream, mut file: tokio::fs::File, size: u64) -> Result<(), FrameError> {
    stream::send(send, &ControllerReply::Bytes { size }).await?;
    let mut left = size;
    let mut part = vec![0; PART];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(PART).min(PART);
        let count = file
            .read(&mut part[..most])
            .await
            .map_err(|error| broken("Bytes", error))?;
        if count == 0 {
            // It became shorter: the other side sees that too little came.
            return Ok(());
        }
        let sent = tokio::time::timeout(STALLED, send.write_all(&part[..count])).await;
        match sent {
            Ok(Ok(())) => left -= count as u64,
            Ok(Err(error)) => return Err(broken("Bytes", error)),
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}
