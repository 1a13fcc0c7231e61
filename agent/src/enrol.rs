//! Joining a farm: from a token to a certificate, and from a certificate to the next one. The key never leaves this host.

mod state;

use std::sync::Arc;
use std::time::Duration;

use shared::wire::join::{Certified, JoinRefusal, JoinReply, JoinRequest};
use shared::wire::stream::{self, FrameError};
use shared::wire::token::JoinToken;
use shared::wire::{Close, JOIN_ALPN};

pub use state::{Identity, StateError, StateFolder};

use crate::link::{ConnectError, Net, PinnedFarm, SystemNet};
use shared::clock::SharedClock;

/// How long one question at the join door may take.
const JOIN: Duration = Duration::from_secs(10);

/// Why a host did not join, or does not get another certificate.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Refused(#[from] RefusedBy),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(
        "the controller's answer cannot be read (is it of another version? this agent speaks {})",
        String::from_utf8_lossy(JOIN_ALPN)
    )]
    Frame(#[source] FrameError),
    #[error("the controller does not answer")]
    Silent,
    #[error("the controller's answer makes no sense")]
    Answer,
    #[error("{0}")]
    Failed(String),
}

/// The controller's no, as an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RefusedBy(pub JoinRefusal);

impl JoinError {
    /// Whether it is worth another try without anybody doing something.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused(RefusedBy(refusal)) => refusal.may_pass(),
            Self::Connect(ConnectError::WrongFarm(_)) | Self::State(_) => false,
            _ => true,
        }
    }
}

/// Joins the farm of `token` at the first of `controllers` that answers. What was begun with this token before and did
/// not come to its end is gone on with, so that an answer that was lost costs nothing.
pub async fn enrol(
    state: &StateFolder,
    controllers: &[String],
    token: &JoinToken,
    host_name: &str,
    clock: &SharedClock,
) -> Result<Identity, JoinError> {
    enrol_over(Arc::new(SystemNet), state, controllers, token, host_name, clock).await
}

/// The same over this network.
pub async fn enrol_over(
    net: Arc<dyn Net>,
    state: &StateFolder,
    controllers: &[String],
    token: &JoinToken,
    host_name: &str,
    clock: &SharedClock,
) -> Result<Identity, JoinError> {
    let farm = PinnedFarm::over(net, token.pin);
    let joining = state.begin(token)?;
    let mut failed = JoinError::Failed("no controller is named: give --controller HOST:PORT".to_owned());
    for address in controllers {
        let request = JoinRequest::Enrol {
            token_id: token.id.clone(),
            secret: token.secret.clone(),
            csr: joining.csr.clone(),
            host_name: host_name.to_owned(),
        };
        match ask(&farm, address, &request, JOIN).await.and_then(certified) {
            Ok(certified) => {
                let identity = Identity::new(
                    token.pin,
                    joining.key,
                    certified,
                    controllers.to_vec(),
                    clock.now(),
                );
                state.keep(&identity)?;
                state.joined()?;
                return Ok(identity);
            }
            Err(error) if error.may_pass() || matches!(error, JoinError::Connect(_)) => {
                tracing::warn!(
                    controller = address,
                    error = crate::link::chain(&error),
                    "cannot join here"
                );
                failed = error;
            }
            Err(error) => return Err(error),
        }
    }
    Err(failed)
}

/// A new certificate for the same key, at the join door.
pub(crate) async fn renew(
    farm: &PinnedFarm,
    address: &str,
    identity: &Identity,
    deadline: Duration,
) -> Result<Certified, JoinError> {
    let csr = identity.request()?;
    certified(ask(farm, address, &JoinRequest::Renew { csr }, deadline).await?)
}

/// Where the data door of this controller is.
pub(crate) async fn ask_data_port(
    farm: &PinnedFarm,
    address: &str,
    deadline: Duration,
) -> Result<u16, JoinError> {
    match ask(farm, address, &JoinRequest::Time, deadline).await? {
        JoinReply::Time { data_port, .. } => Ok(data_port),
        _ => Err(JoinError::Answer),
    }
}

fn certified(reply: JoinReply) -> Result<Certified, JoinError> {
    match reply {
        JoinReply::Certified(certified) => Ok(certified),
        JoinReply::Refused { why, .. } => Err(RefusedBy(why).into()),
        JoinReply::Time { .. } => Err(JoinError::Answer),
    }
}

/// One question. Nothing is sent before TLS has shown that the farm is the one of the pin.
async fn ask(
    farm: &PinnedFarm,
    address: &str,
    request: &JoinRequest,
    deadline: Duration,
) -> Result<JoinReply, JoinError> {
    let door = farm.connect_join(address, deadline).await?;
    let asked = async {
        let lost = |error: quinn::ConnectionError| FrameError::Io {
            name: "JoinRequest",
            source: error.into(),
        };
        let (mut send, mut recv) = door.connection.open_bi().await.map_err(lost)?;
        stream::send(&mut send, request).await?;
        let _ = send.finish();
        stream::expect(&mut recv).await
    };
    let reply = tokio::time::timeout(deadline, asked).await;
    door.close(Close::Done, "").await;
    reply.map_err(|_| JoinError::Silent)?.map_err(JoinError::Frame)
}
