//! The way to the controller: one QUIC connection, made again whenever it breaks. Tells what the phones are like and how
//! the work goes, serves what is asked of them, renews the certificate; others ask over it by a [`Controller`].
//!
//! Knows phones only as [`Phones`]; what is behind it is another module's business.

mod backoff;
pub mod controller;
pub mod news;
mod quic;
mod report;
mod serve;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use quinn::{Connection, ConnectionError, RecvStream, SendStream};
use shared::clock::SharedClock;
use shared::wire::handshake::{Answer, Hello, Refusal};
use shared::wire::message::{AgentAsk, AgentReply, ControllerReply, Notice, ToController};
use shared::wire::stream::{self, FrameError};
use shared::wire::work::Standing;
use shared::wire::{self, Close};
use tokio::io::AsyncRead;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub use controller::Controller;
pub use quic::{ConnectError, Connected, Net, PinnedFarm, SystemNet};

use crate::enrol::{self, Identity, JoinError, StateFolder};
use crate::roster::Devices;
use backoff::Backoff;

/// How long a connection may take: a network that is back is used within seconds, so no attempt may hang for long.
const CONNECT: Duration = Duration::from_millis(2_500);
/// How long the controller may take to answer a hello.
const ANSWER: Duration = Duration::from_secs(5);
/// How long requests under way may take at a stop.
const FINISH: Duration = Duration::from_secs(3);
/// How soon a renewal that failed is tried again.
const RENEW_AGAIN: Duration = Duration::from_secs(600);
/// The rest after a refusal that somebody must do something about.
const REFUSED: Duration = Duration::from_secs(30);

/// The phones of this host, as the link sees them.
#[async_trait]
pub trait Phones: Send + Sync + 'static {
    fn watch(&self) -> watch::Receiver<Devices>;

    /// What is known of work here; `None` where none is taken. It is the first that is said on a link.
    fn standing(&self) -> Option<Standing> {
        None
    }

    /// Does what is asked. `body` is what follows the request; what is said through `told` goes ahead of the answer.
    /// Dropping the call ends the work.
    async fn serve(
        &self,
        ask: AgentAsk,
        body: &mut (dyn AsyncRead + Send + Unpin),
        told: &mpsc::Sender<AgentReply>,
    ) -> AgentReply;
}

/// What the link is, for whoever wants to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkStatus {
    Connecting,
    Connected {
        controller: String,
    },
    /// With the reason.
    Away(String),
}

/// A link to a farm that this host has joined.
pub struct Link {
    pub state: StateFolder,
    pub identity: Identity,
    /// The controllers' join doors, `HOST:PORT`; the first that is active is used.
    pub controllers: Vec<String>,
    pub host_name: String,
    pub phones: Arc<dyn Phones>,
    /// Knows of each link while it is up.
    pub controller: Controller,
    pub net: Arc<dyn Net>,
    pub clock: SharedClock,
    pub stop: CancellationToken,
    pub status: watch::Sender<LinkStatus>,
}

/// How a connection ended.
#[derive(Debug)]
enum End {
    /// It was asked to.
    Stopped,
    /// It was up, and is not any more.
    Lost(String),
    /// It did not come about; another try may help.
    Failed(String),
    /// The controller said no.
    Refused(Refusal),
    /// TLS turned the certificate away: it has ended, or the controller's or this clock is wrong.
    Certificate(String),
}

impl Link {
    /// Keeps the link up until `stop`.
    pub async fn run(mut self) {
        let mut backoff = Backoff::default();
        let mut ports = BTreeMap::new();
        let instance: [u8; 16] = rand::random();
        let mut next = 0;
        loop {
            let mut pause = Duration::ZERO;
            for _ in 0..self.controllers.len() {
                let address = self.controllers[next % self.controllers.len()].clone();
                let end = self.once(&address, &mut ports, instance).await;
                if matches!(end, End::Stopped) {
                    return;
                }
                // What was lost is tried again where it was.
                let again_here = matches!(end, End::Lost(_));
                let (why, rest) = self.judge(&address, end, &mut backoff).await;
                self.status.send_replace(LinkStatus::Away(why));
                pause = rest;
                if again_here {
                    break;
                }
                ports.remove(&address);
                next += 1;
            }
            tokio::select! {
                () = self.stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Logs how a connection ended; answers the reason and how long to rest.
    async fn judge(&mut self, address: &str, end: End, backoff: &mut Backoff) -> (String, Duration) {
        match end {
            End::Stopped => (String::new(), Duration::ZERO),
            End::Lost(why) => {
                tracing::warn!(controller = address, why, "link lost");
                backoff.reset();
                (why, backoff.next())
            }
            End::Failed(why) => {
                tracing::warn!(controller = address, why, "no link");
                (why, backoff.next())
            }
            End::Refused(refusal) => {
                let why = refusal.to_string();
                tracing::error!(controller = address, why, "the controller refuses this host");
                let rest = match refusal {
                    Refusal::NotActive | Refusal::TryLater => backoff.next(),
                    refusal if refusal.may_pass() => backoff.next().max(Duration::from_secs(3)),
                    _ => REFUSED,
                };
                (why, rest)
            }
            End::Certificate(why) => match self.renew_at_the_door(address).await {
                Ok(()) => (why, Duration::from_millis(1)),
                Err(error) => {
                    let why = format!("{why}; and it cannot be renewed: {}", chain(&error));
                    tracing::error!(controller = address, why, "no link");
                    (why, if error.may_pass() { backoff.next() } else { REFUSED })
                }
            },
        }
    }

    /// One connection, from the search for its door to its end.
    async fn once(&mut self, address: &str, ports: &mut BTreeMap<String, u16>, instance: [u8; 16]) -> End {
        self.status.send_replace(LinkStatus::Connecting);
        let made = tokio::select! {
            () = self.stop.cancelled() => return End::Stopped,
            made = self.connect(address, ports, instance) => made,
        };
        let (link, version, send, recv) = match made {
            Ok(made) => made,
            Err(end) => return end,
        };
        self.status.send_replace(LinkStatus::Connected {
            controller: address.to_owned(),
        });
        let end = self.serve(&link.connection, version, send, recv).await;
        let silence = match link.connection.close_reason() {
            Some(ConnectionError::TimedOut) => wire::IDLE,
            _ => Duration::ZERO,
        };
        self.controller.lost(silence);
        match &end {
            End::Stopped => link.close(Close::Done, "the agent stops").await,
            _ => link.close(Close::Protocol, "the link is broken").await,
        }
        end
    }

    /// Finds the data door, goes through it and is welcome, or tells why not.
    async fn connect(
        &self,
        address: &str,
        ports: &mut BTreeMap<String, u16>,
        instance: [u8; 16],
    ) -> Result<(Connected, u16, SendStream, RecvStream), End> {
        let farm = PinnedFarm::over(Arc::clone(&self.net), self.identity.pin);
        let failed = |error: &dyn std::error::Error| End::Failed(chain(error));
        let port = match ports.get(address) {
            Some(port) => *port,
            None => enrol::ask_data_port(&farm, address, CONNECT)
                .await
                .map_err(|error| failed(&error))?,
        };
        ports.insert(address.to_owned(), port);
        if self.identity.not_after < self.clock.now().as_millisecond() {
            return Err(End::Certificate("this host's certificate has ended".to_owned()));
        }
        let link = farm.connect_data(address, port, &self.identity, CONNECT).await;
        let link = link.map_err(|error| failed(&error))?;
        let greeted = tokio::time::timeout(ANSWER, self.greet(&link.connection, instance)).await;
        match greeted {
            Ok(Ok((Answer::Welcome(welcome), send, recv))) => {
                let (name, version) = (welcome.host_name, welcome.version);
                tracing::info!(controller = address, name, version, "linked");
                Ok((link, version, send, recv))
            }
            Ok(Ok((Answer::Refused(refusal), ..))) => {
                link.close(Close::Refused, "refused").await;
                Err(End::Refused(refusal))
            }
            Ok(Err(error)) => Err(greeting_failed(&link.connection, &error).await),
            Err(_) => Err(End::Failed("the controller does not answer the hello".to_owned())),
        }
    }

    async fn greet(
        &self,
        connection: &Connection,
        instance: [u8; 16],
    ) -> Result<(Answer, SendStream, RecvStream), FrameError> {
        let lost = |error: ConnectionError| FrameError::Io {
            name: "Hello",
            source: error.into(),
        };
        let (mut send, mut recv) = connection.open_bi().await.map_err(lost)?;
        let (oldest, newest) = wire::spoken();
        let hello = Hello {
            oldest,
            newest,
            software: env!("CARGO_PKG_VERSION").to_owned(),
            host_name: self.host_name.clone(),
            instance,
            now: self.clock.now().as_millisecond(),
            extras: Vec::new(),
        };
        stream::send(&mut send, &hello).await?;
        let answer = stream::expect(&mut recv).await?;
        Ok((answer, send, recv))
    }

    /// Serves a link that is up.
    async fn serve(
        &mut self,
        connection: &Connection,
        version: u16,
        mut send: SendStream,
        recv: RecvStream,
    ) -> End {
        // No work is taken before it is told what there is: an order between the two would seem to be lost.
        if let Err(error) = report::first(&mut send, self.phones.standing()).await {
            return broken(connection, &error).await;
        }
        let controller = self.controller.clone();
        controller.up(Arc::new(connection.clone()), version);
        let requests = serve::Requests::new(connection.clone(), Arc::clone(&self.phones));
        let (phones, clock, stop) = (
            Arc::clone(&self.phones),
            Arc::clone(&self.clock),
            self.stop.clone(),
        );
        let stopped = async {
            stop.cancelled().await;
            // What a phone has begun comes to its end, if that is near, while the link goes on.
            let _ = tokio::time::timeout(FINISH, requests.finished()).await;
        };
        tokio::select! {
            biased;
            () = stopped => End::Stopped,
            error = connection.closed() => lost(&error),
            error = report::run(send, phones.watch(), &controller, &clock) => broken(connection, &error).await,
            end = notices(recv) => end,
            () = requests.accept() => lost(&connection.closed().await),
            never = controller.beat() => match never {},
            never = self.keep_renewing(connection) => match never {},
        }
    }

    /// Renews the certificate when two thirds of its life are over, again and again.
    async fn keep_renewing(&mut self, connection: &Connection) -> std::convert::Infallible {
        loop {
            let due = self
                .identity
                .renew_at
                .saturating_sub(self.clock.now().as_millisecond());
            self.clock
                .sleep(Duration::from_millis(due.try_into().unwrap_or(0)))
                .await;
            match self.renew_over(connection).await {
                Ok(()) => tracing::info!("certificate renewed"),
                Err(error) => {
                    tracing::warn!(error = chain(&error), "the certificate cannot be renewed yet");
                    self.clock.sleep(RENEW_AGAIN).await;
                }
            }
        }
    }

    async fn renew_over(&mut self, connection: &Connection) -> Result<(), JoinError> {
        let csr = self.identity.request()?;
        let asked = async {
            let lost = |error: ConnectionError| FrameError::Io {
                name: "ToController",
                source: error.into(),
            };
            let (mut send, mut recv) = connection.open_bi().await.map_err(lost)?;
            stream::send(&mut send, &ToController::Renew { csr }).await?;
            let _ = send.finish();
            stream::expect(&mut recv).await
        };
        let reply = tokio::time::timeout(ANSWER, asked)
            .await
            .map_err(|_| JoinError::Silent)?;
        match reply.map_err(JoinError::Frame)? {
            ControllerReply::Renewed {
                certificate,
                not_after,
                now,
            } => {
                self.identity
                    .renewed(certificate, not_after, now, self.clock.now());
                Ok(self.state.keep(&self.identity)?)
            }
            ControllerReply::Failed { message } => Err(JoinError::Failed(message)),
            _ => Err(JoinError::Failed(
                "the controller answers a renewal with something else".to_owned(),
            )),
        }
    }

    /// Renews a certificate with which the data door lets nobody in.
    async fn renew_at_the_door(&mut self, address: &str) -> Result<(), JoinError> {
        let farm = PinnedFarm::over(Arc::clone(&self.net), self.identity.pin);
        let renewed = enrol::renew(&farm, address, &self.identity, CONNECT * 2).await?;
        let by = self.clock.now().as_millisecond().saturating_sub(renewed.now);
        if u128::from(by.unsigned_abs()) > wire::CLOCK_TOLERANCE.as_millis() {
            tracing::error!("{}", Refusal::ClockOff { by });
        }
        self.identity.renewed(
            renewed.certificate,
            renewed.not_after,
            renewed.now,
            self.clock.now(),
        );
        self.state.keep(&self.identity)?;
        tracing::info!(controller = address, "certificate renewed at the join door");
        Ok(())
    }
}

/// What the controller says on the control stream.
async fn notices(mut recv: RecvStream) -> End {
    match stream::next::<Notice>(&mut recv).await {
        Ok(Some(Notice::Goodbye { reason })) => End::Lost(reason),
        // The connection itself knows why, and tells at once.
        Ok(None) | Err(_) => std::future::pending().await,
    }
}

/// TLS 1.3 lets an agent finish before the controller has looked at its certificate; a refusal comes with the first word.
async fn greeting_failed(connection: &Connection, error: &FrameError) -> End {
    // The stream's error may be a step ahead of the connection's.
    let reason = tokio::time::timeout(Duration::from_millis(500), connection.closed()).await;
    match reason {
        Ok(ConnectionError::ConnectionClosed(close)) if quic::is_tls_alert(close.error_code) => {
            End::Certificate(format!(
                "the controller does not take this host's certificate ({close})"
            ))
        }
        Ok(reason) => End::Failed(in_words(&reason)),
        Err(_) => End::Failed(chain(error)),
    }
}

fn lost(error: &ConnectionError) -> End {
    End::Lost(in_words(error))
}

async fn broken(connection: &Connection, error: &FrameError) -> End {
    if error.close().is_none()
        && let Ok(reason) = tokio::time::timeout(Duration::from_secs(1), connection.closed()).await
    {
        return lost(&reason);
    }
    End::Lost(chain(error))
}

fn in_words(error: &ConnectionError) -> String {
    match error {
        ConnectionError::TimedOut => "the controller does not answer".to_owned(),
        ConnectionError::ApplicationClosed(close) if !close.reason.is_empty() => {
            String::from_utf8_lossy(&close.reason).into_owned()
        }
        error => error.to_string(),
    }
}

/// An error with its causes.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}
