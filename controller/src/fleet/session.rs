//! One agent's link, from its hello to its end: decides whether it is let in, listens to it, answers its requests.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use quinn::crypto::rustls::HandshakeData;
use quinn::{Connection, ConnectionError, RecvStream, SendStream};
use shared::wire::handshake::{self, Answer, Hello, Refusal, Welcome};
use shared::wire::message::{ControllerReply, Notice, Report, ToController};
use shared::wire::stream::{self, FrameError};
use shared::wire::{self, CLOCK_TOLERANCE, Close, HANDSHAKE};
use tokio::time::Instant;
use uuid::Uuid;

use super::live::{EventKind, LiveHost};
use super::pace::Pace;
use super::tls::{Peer, peer};
use super::{Inner, ask, enrol, work};

/// So long an agent that is connected already may take to show that it lives, when another claims its place.
const STILL_THERE: Duration = Duration::from_secs(1);
/// Requests of one agent that are answered at the same time; those beyond wait in it.
const AT_ONCE: usize = 64;
/// So long the last words may take to arrive before the connection is closed over them.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often revocations made elsewhere, on the command line for one, are looked for.
const REVOCATIONS_EVERY: Duration = Duration::from_secs(10);

/// A host that was let in.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) host: Uuid,
    pub(super) connection: Connection,
    fingerprint: String,
    name: String,
    since: Timestamp,
    agent_version: String,
    instance: [u8; 16],
}

impl Session {
    pub(super) fn live(&self, devices: usize) -> LiveHost {
        LiveHost {
            id: self.host,
            name: self.name.clone(),
            connected_since: self.since,
            rtt: self.connection.rtt(),
            agent_version: self.agent_version.clone(),
            address: self.address(),
            devices,
        }
    }

    fn address(&self) -> SocketAddr {
        let address = self.connection.remote_address();
        SocketAddr::new(address.ip().to_canonical(), address.port())
    }

    /// Ends the link, with the reason for the other side.
    pub(super) fn end(&self, why: Close, words: &str) {
        self.connection.close(why.code().into(), words.as_bytes());
    }
}

/// Serves a connection to its end.
pub(super) async fn run(inner: Arc<Inner>, connection: Connection) {
    let Some(peer) = peer(&connection) else {
        close(&connection, Close::Protocol, "the certificate names no agent");
        return;
    };
    match tokio::time::timeout(HANDSHAKE, greet(&inner, &connection, &peer)).await {
        Err(_) => close(&connection, Close::TooSlow, "no hello in time"),
        Ok(Err(error)) => close_for(&connection, &error),
        Ok(Ok(None)) => {}
        Ok(Ok(Some((session, send, recv)))) => serve(&inner, Arc::new(session), send, recv).await,
    }
}

/// Hears the hello and answers it. `None` where the agent was refused.
async fn greet(
    inner: &Inner,
    connection: &Connection,
    peer: &Peer,
) -> Result<Option<(Session, SendStream, RecvStream)>, FrameError> {
    let (mut send, mut recv) = connection.accept_bi().await.map_err(|error| FrameError::Io {
        name: "Hello",
        source: error.into(),
    })?;
    let hello: Hello = stream::expect(&mut recv).await?;
    match admit(inner, connection, peer, &hello).await {
        Ok((version, name)) => {
            let welcome = Welcome {
                version,
                software: env!("CARGO_PKG_VERSION").to_owned(),
                host_name: name.clone(),
                now: inner.now().as_millisecond(),
                extras: Vec::new(),
            };
            stream::send(&mut send, &Answer::Welcome(welcome)).await?;
            let session = Session {
                host: peer.host,
                connection: connection.clone(),
                fingerprint: peer.fingerprint.clone(),
                name,
                since: inner.now(),
                agent_version: short(&hello.software),
                instance: hello.instance,
            };
            Ok(Some((session, send, recv)))
        }
        Err((refusal, name)) => {
            let name = name.unwrap_or_else(|| short(&hello.host_name));
            let reason = refusal.to_string();
            tracing::warn!(host = %peer.host, name, address = %connection.remote_address(), reason, "agent refused");
            inner.tell(vec![EventKind::HostRefused {
                host: peer.host,
                name,
                reason: reason.clone(),
            }]);
            stream::send(&mut send, &Answer::Refused(refusal)).await?;
            last_words(connection, send).await;
            close(connection, Close::Refused, &reason);
            Ok(None)
        }
    }
}

/// Decides whether the agent is let in: with which version and under which name.
async fn admit(
    inner: &Inner,
    connection: &Connection,
    peer: &Peer,
    hello: &Hello,
) -> Result<(u16, String), (Refusal, Option<String>)> {
    let spoken = wire::spoken();
    let agreed = handshake::agree((hello.oldest, hello.newest), spoken).map_err(|refusal| (refusal, None))?;
    // Under the hello's own name TLS found no version in common, whatever the numbers say.
    let version = alpn_version(connection)
        .filter(|version| *version <= agreed)
        .ok_or((
            Refusal::TooOld {
                oldest: spoken.0,
                newest: spoken.1,
            },
            None,
        ))?;
    if !inner.is_active() {
        return Err((Refusal::NotActive, None));
    }
    let row = match inner.store.host(peer.host).await {
        Ok(Some(row)) if row.key_fingerprint == peer.fingerprint => row,
        Ok(_) => return Err((Refusal::Unknown, None)),
        Err(error) => {
            tracing::error!(host = %peer.host, error = &error as &dyn std::error::Error, "looking up a host");
            return Err((Refusal::TryLater, None));
        }
    };
    let refuse = |refusal| Err((refusal, Some(row.name.clone())));
    if row.revoked_at.is_some() {
        return refuse(Refusal::Revoked);
    }
    let by = hello.now.saturating_sub(inner.now().as_millisecond());
    if u128::from(by.unsigned_abs()) > CLOCK_TOLERANCE.as_millis() {
        return refuse(Refusal::ClockOff { by });
    }
    let other = inner
        .sessions()
        .get(&peer.host)
        .filter(|other| other.instance != hello.instance)
        .cloned();
    if let Some(other) = other
        && ask::ping(&other.connection, STILL_THERE).await
    {
        return refuse(Refusal::Duplicate);
    }
    Ok((version, row.name))
}

pub(super) fn alpn_version(connection: &Connection) -> Option<u16> {
    let data = connection.handshake_data()?.downcast::<HandshakeData>().ok()?;
    wire::version_of(&data.protocol?)
}

/// Serves a host that was let in.
async fn serve(inner: &Arc<Inner>, session: Arc<Session>, mut send: SendStream, recv: RecvStream) {
    let before = inner.sessions().insert(session.host, Arc::clone(&session));
    if let Some(before) = before {
        before.end(Close::Replaced, "this host came back on a new connection");
    }
    inner.table().connected(session.host, &session.name);
    inner.tell(vec![EventKind::HostConnected {
        host: session.host,
        name: session.name.clone(),
    }]);
    tracing::info!(host = %session.host, name = session.name, address = %session.address(), version = session.agent_version, "agent connected");
    if let Err(error) = inner.store.touch_host(session.host, &session.agent_version).await {
        tracing::warn!(host = %session.host, error = &error as &dyn std::error::Error, "noting a host");
    }
    let mut active = inner.active.clone();
    let reason = tokio::select! {
        () = inner.shutdown.stop.cancelled() => {
            goodbye(&session, &mut send, Close::Done, "the controller stops").await
        }
        () = stood_down(&mut active) => {
            goodbye(&session, &mut send, Close::NotActive, "another controller is the active one now").await
        }
        error = session.connection.closed() => in_words(&error),
        error = listen(inner, &session, recv) => broken(&session, &error).await,
        error = requests(inner, &session) => broken(&session, &error).await,
    };
    let gone = {
        let mut sessions = inner.sessions();
        // Where another connection has taken the place, the host is not lost.
        let ours = sessions
            .get(&session.host)
            .is_some_and(|now| Arc::ptr_eq(now, &session));
        if ours {
            sessions.remove(&session.host);
        }
        ours
    };
    tracing::info!(host = %session.host, name = session.name, reason, "agent gone");
    if gone {
        let mut events = inner.table().lost(session.host, &reason, inner.now());
        events.push(EventKind::HostLost {
            host: session.host,
            name: session.name.clone(),
            reason,
        });
        inner.tell(events);
    }
}

/// Resolves when another controller has become the active one.
async fn stood_down(active: &mut tokio::sync::watch::Receiver<bool>) {
    if active.wait_for(|active| !active).await.is_err() {
        // Nobody decides it any more: it stays as it is.
        std::future::pending::<()>().await;
    }
}

/// Listens to the control stream, no faster than its share.
async fn listen(inner: &Inner, session: &Session, mut recv: RecvStream) -> FrameError {
    let mut pace = Pace::new(Instant::now());
    loop {
        let (report, size) = match stream::next_sized::<Report>(&mut recv).await {
            Ok(Some(heard)) => heard,
            Ok(None) => return FrameError::Ended("Report"),
            Err(error) => return error,
        };
        let batch = match report {
            Report::Phones(batch) => batch,
            work => {
                hear_work(inner, session, work);
                let pause = pace.after(size, Instant::now());
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
                continue;
            }
        };
        let heard = inner.table().hear(session.host, batch, inner.now());
        match heard {
            Ok(events) => inner.tell(events),
            Err(nonsense) => return malformed(&nonsense.to_string()),
        }
        inner.dirty.notify_one();
        let pause = pace.after(size, Instant::now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// Hands on what a host tells of its work.
fn hear_work(inner: &Inner, session: &Session, report: Report) {
    let Some(desk) = inner.desk.get() else { return };
    match report {
        Report::Standing(standing) => {
            let (desk, host) = (Arc::clone(desk), session.host);
            inner
                .tasks
                .spawn(async move { desk.stands(host, standing).await });
        }
        Report::Progress(news) => desk.progress(session.host, news),
        Report::Log(lines) => desk.lines(session.host, lines),
        Report::Spoken(spoken) => desk.spoken(session.host, spoken),
        Report::Phones(_) => {}
    }
}

/// Answers the agent's own requests, several at once, at its pace.
async fn requests(inner: &Arc<Inner>, session: &Arc<Session>) -> FrameError {
    let mut pace = Pace::of_requests(Instant::now());
    let mut answering = tokio::task::JoinSet::new();
    loop {
        let streams = tokio::select! {
            Some(answered) = answering.join_next() => {
                match answered {
                    // A request that the agent gave up is its own affair.
                    Ok(Ok(()) | Err(FrameError::Io { .. } | FrameError::Ended(_))) | Err(_) => continue,
                    Ok(Err(error)) => return error,
                }
            }
            streams = session.connection.accept_bi(), if answering.len() < AT_ONCE => streams,
        };
        let (send, recv) = match streams {
            Ok(streams) => streams,
            Err(error) => {
                return FrameError::Io {
                    name: "ToController",
                    source: error.into(),
                };
            }
        };
        answering.spawn(answer(Arc::clone(inner), Arc::clone(session), send, recv));
        let pause = pace.after(0, Instant::now());
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
    }
}

/// Answers one request.
async fn answer(
    inner: Arc<Inner>,
    session: Arc<Session>,
    mut send: SendStream,
    mut recv: RecvStream,
) -> Result<(), FrameError> {
    let Ok(request) = tokio::time::timeout(HANDSHAKE, stream::expect(&mut recv)).await else {
        return Ok(());
    };
    match request? {
        ToController::Renew { csr } => {
            let reply = match enrol::renew(&inner, &csr, Some(&session.fingerprint)).await {
                Ok(new) => ControllerReply::Renewed {
                    certificate: new.certificate,
                    not_after: new.not_after,
                    now: inner.now().as_millisecond(),
                },
                Err(refusal) => ControllerReply::Failed {
                    message: refusal.to_string(),
                },
            };
            stream::send(&mut send, &reply).await?;
        }
        request => work::serve(inner.desk.get(), session.host, request, &mut send, &mut recv).await?,
    }
    let _ = send.finish();
    Ok(())
}

fn malformed(why: &str) -> FrameError {
    FrameError::Codec(wire::codec::CodecError::Malformed {
        name: "Report",
        why: why.to_owned(),
    })
}

/// Says goodbye and ends the link; answers the reason.
async fn goodbye(session: &Session, send: &mut SendStream, why: Close, words: &str) -> String {
    let said = async {
        stream::send(
            send,
            &Notice::Goodbye {
                reason: words.to_owned(),
            },
        )
        .await?;
        let _ = send.finish();
        let _ = send.stopped().await;
        Ok::<_, FrameError>(())
    };
    // An agent that does not listen any more learns it from the close.
    let _ = tokio::time::timeout(LAST_WORDS, said).await;
    session.end(why, words);
    words.to_owned()
}

/// Ends a link that a stream has shown to be broken; answers the reason.
async fn broken(session: &Session, error: &FrameError) -> String {
    if error.close().is_some() {
        close_for(&session.connection, error);
        return error.to_string();
    }
    // The stream has ended with its connection, as a rule: that one knows why.
    if let Ok(reason) = tokio::time::timeout(LAST_WORDS, session.connection.closed()).await {
        return in_words(&reason);
    }
    close(&session.connection, Close::Protocol, &error.to_string());
    error.to_string()
}

fn close_for(connection: &Connection, error: &FrameError) {
    let why = error.close().unwrap_or(Close::Protocol);
    if matches!(why, Close::FrameTooLarge | Close::Protocol) && connection.close_reason().is_none() {
        tracing::warn!(address = %connection.remote_address(), %error, "closing a link");
    }
    close(connection, why, &error.to_string());
}

fn close(connection: &Connection, why: Close, words: &str) {
    connection.close(why.code().into(), words.as_bytes());
}

/// Waits until what was sent last has arrived, but not long.
pub(super) async fn last_words(connection: &Connection, mut send: SendStream) {
    let _ = send.finish();
    let arrived = async {
        tokio::select! {
            _ = send.stopped() => {}
            _ = connection.closed() => {}
        }
    };
    let _ = tokio::time::timeout(LAST_WORDS, arrived).await;
}

fn in_words(error: &ConnectionError) -> String {
    match error {
        ConnectionError::TimedOut => format!("nothing was heard of it for {} s", wire::IDLE.as_secs()),
        ConnectionError::ApplicationClosed(close) => String::from_utf8_lossy(&close.reason).into_owned(),
        ConnectionError::LocallyClosed => "the link was closed from here".to_owned(),
        ConnectionError::Reset => "the agent does not know this link any more".to_owned(),
        error => error.to_string(),
    }
}

/// A name from outside, fit for a log.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 64;
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

/// Ends the links of hosts that were revoked by another process.
pub(super) async fn watch_revocations(inner: Arc<Inner>) {
    loop {
        tokio::select! {
            () = inner.shutdown.stop.cancelled() => return,
            () = tokio::time::sleep(REVOCATIONS_EVERY) => {}
        }
        if inner.sessions().is_empty() {
            continue;
        }
        match inner.store.list_hosts().await {
            Ok(rows) => {
                for row in rows.iter().filter(|row| row.revoked_at.is_some()) {
                    let connected = inner.sessions().contains_key(&row.id);
                    if connected {
                        inner.expel(row.id, &row.name);
                    }
                }
            }
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "looking for revoked hosts"
            ),
        }
    }
}
