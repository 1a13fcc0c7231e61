//! An app onto many phones: its bytes go to each agent on a stream of their own, and each phone's progress comes back.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use shared::wire::message::{AgentAsk, AgentReply};
use shared::wire::stream;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::ask::{self, AskError, Talk};
use super::{Fleet, Inner};

/// So many phones get an app at the same time.
pub(super) const AT_ONCE: usize = 16;
/// So much of an app is read and sent in one go, in bytes.
const PIECE: usize = 64 << 10;
/// Progress of all phones that nobody has read yet; it waits here, and the phones with it.
const PROGRESS_LIMIT: usize = 256;

/// An app to install.
#[derive(Debug, Clone)]
pub enum Apk {
    Bytes(Bytes),
    File(PathBuf),
}

/// How far one phone is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallProgress {
    /// As it was asked for.
    pub serial: String,
    pub state: InstallState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstallState {
    /// Bytes that are on the phone, of all.
    Sending {
        done: u64,
        total: u64,
    },
    Installed,
    Failed(AskError),
}

impl Fleet {
    /// Installs an app on these phones. The receiver ends after each phone's `Installed` or `Failed`; dropping it stops
    /// what has not been done.
    pub fn install(
        &self,
        serials: Vec<String>,
        apk: &Apk,
        deadline: Duration,
    ) -> mpsc::Receiver<InstallProgress> {
        let (told, progress) = mpsc::channel(PROGRESS_LIMIT);
        for serial in serials {
            let (inner, apk, told) = (Arc::clone(&self.inner), apk.clone(), told.clone());
            tokio::spawn(async move {
                let installed = tokio::select! {
                    () = told.closed() => return,
                    installed = one(&inner, &serial, apk, deadline, &told) => installed,
                };
                let state = match installed {
                    Ok(()) => InstallState::Installed,
                    Err(error) => InstallState::Failed(error),
                };
                // Nobody has to wait for it.
                let _ = told.send(InstallProgress { serial, state }).await;
            });
        }
        progress
    }
}

async fn one(
    inner: &Inner,
    name: &str,
    apk: Apk,
    deadline: Duration,
    told: &mpsc::Sender<InstallProgress>,
) -> Result<(), AskError> {
    let _turn = inner.installs.acquire().await.map_err(|_| AskError::HostAway)?;
    let (serial, session) = inner.reach(name)?;
    let (size, mut bytes) = open(apk).await.map_err(|error| AskError::Refused {
        message: format!("reading the app: {error}"),
        bad_input: true,
    })?;
    let mut talk = Talk::open(&session.connection, false, deadline).await?;
    talk.say(AgentAsk::Install {
        serial: serial.clone(),
        size,
    })
    .await?;
    let until = Instant::now() + deadline;
    let done = tokio::time::timeout_at(until, transfer(&mut talk, name, &serial, &mut bytes, told)).await;
    done.unwrap_or(Err(AskError::Deadline))
}

async fn open(apk: Apk) -> io::Result<(u64, Box<dyn AsyncRead + Send + Unpin>)> {
    Ok(match apk {
        Apk::Bytes(bytes) => (bytes.len() as u64, Box::new(io::Cursor::new(bytes))),
        Apk::File(path) => {
            let file = tokio::fs::File::open(path).await?;
            (file.metadata().await?.len(), Box::new(file))
        }
    })
}

/// Sends while listening: an agent that cannot use the app says so before it has all of it.
async fn transfer(
    talk: &mut Talk,
    name: &str,
    serial: &str,
    bytes: &mut (impl AsyncRead + Unpin),
    told: &mpsc::Sender<InstallProgress>,
) -> Result<(), AskError> {
    let (send, recv) = talk.halves();
    let pour = async {
        let mut piece = vec![0; PIECE];
        loop {
            match bytes.read(&mut piece).await {
                Ok(0) => break,
                Ok(read) => {
                    if send.write_all(&piece[..read]).await.is_err() {
                        // It does not want any more: its answer says why.
                        break;
                    }
                }
                Err(error) => {
                    return Err(AskError::Refused {
                        message: format!("reading the app: {error}"),
                        bad_input: true,
                    });
                }
            }
        }
        let _ = send.finish();
        Ok(())
    };
    let hear = async {
        loop {
            match stream::expect(recv).await {
                Ok(AgentReply::Progress { done, total }) => {
                    let progress = InstallProgress {
                        serial: name.to_owned(),
                        state: InstallState::Sending { done, total },
                    };
                    let _ = told.send(progress).await;
                }
                Ok(AgentReply::Failed(failure)) => return Err(ask::refusal(serial, failure)),
                Ok(_) => return Ok(()),
                Err(_) => return Err(AskError::HostAway),
            }
        }
    };
    tokio::pin!(hear);
    tokio::select! {
        biased;
        heard = &mut hear => heard,
        poured = pour => {
            poured?;
            hear.await
        }
    }
}
