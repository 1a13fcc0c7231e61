//! The join door: lets hosts in that bring a token, renews certificates, tells the time.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use quinn::{Connection, Endpoint};
use rand::RngCore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use sha2::{Digest, Sha256};
use shared::clock::SharedClock;
use shared::wire::join::{Certified, JoinRefusal, JoinReply, JoinRequest};
use shared::wire::stream::{self, FrameError};
use shared::wire::token::JoinToken;
use shared::wire::{CERTIFICATE_LIFE, Close, HANDSHAKE, RENEWAL_GRACE};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::live::EventKind;
use super::session::{last_words, short};
use super::{Inner, listener};
use crate::ca::{AgentCertificate, AgentKey, Authority, hex};
use crate::store::{CertificateRow, HostRow, NewHost, Store, StoreError, Taken};

/// So many may be at the join door at once; anybody may knock here.
const AT_ONCE: usize = 32;
/// From so many on, a newcomer must show first that its address is its own.
const PROVE_ADDRESS: usize = 8;
/// A certificate that was made so short ago is given again rather than another made: who has a host's old request
/// could fill the database.
const FRESH: Duration = Duration::from_secs(3600);

/// Makes a token; only its secret's hash is kept.
pub(super) async fn new_token(
    store: &Store,
    ca: &Authority,
    clock: &SharedClock,
    ttl: Duration,
    who: &str,
) -> Result<String, StoreError> {
    let token = JoinToken {
        pin: ca.pin(),
        id: random(6),
        secret: random(24),
    };
    let ttl = jiff::SignedDuration::try_from(ttl).unwrap_or(jiff::SignedDuration::MAX);
    let expires = clock.now().saturating_add(ttl).unwrap_or(jiff::Timestamp::MAX);
    store
        .create_join_token(&token.id, &hash(token.secret.as_bytes()), expires, who)
        .await?;
    Ok(token.to_string())
}

fn random(bytes: usize) -> String {
    let mut random = vec![0; bytes];
    rand::rng().fill_bytes(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) async fn run(inner: Arc<Inner>, endpoint: Endpoint) {
    let entrance = Arc::new(Semaphore::new(AT_ONCE));
    let stop = inner.shutdown.stop.clone();
    loop {
        let incoming = tokio::select! {
            () = stop.cancelled() => break,
            incoming = endpoint.accept() => incoming,
        };
        let Some(incoming) = incoming else { break };
        let Some((incoming, place)) = listener::enter(incoming, &entrance, AT_ONCE - PROVE_ADDRESS) else {
            continue;
        };
        let joining = Arc::clone(&inner);
        inner.tasks.spawn(async move {
            let served = tokio::time::timeout(HANDSHAKE, async {
                let connection = incoming.await.map_err(|error| error.to_string())?;
                serve(&joining, &connection).await.map_err(|error| {
                    let why = error.close().unwrap_or(Close::Protocol);
                    connection.close(why.code().into(), error.to_string().as_bytes());
                    error.to_string()
                })
            });
            match served.await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(error, "at the join door"),
                Err(_) => tracing::debug!("somebody at the join door took too long"),
            }
            drop(place);
        });
    }
    endpoint.close(Close::Done.code().into(), b"the controller stops");
}

/// One request, one answer.
async fn serve(inner: &Inner, connection: &Connection) -> Result<(), FrameError> {
    let (mut send, mut recv) = connection.accept_bi().await.map_err(|error| FrameError::Io {
        name: "JoinRequest",
        source: error.into(),
    })?;
    let request: JoinRequest = stream::expect(&mut recv).await?;
    let now = inner.now().as_millisecond();
    let reply = match request {
        JoinRequest::Time => JoinReply::Time {
            now,
            data_port: inner.data_port,
        },
        JoinRequest::Renew { csr } => answer(renew(inner, &csr, None).await, now),
        JoinRequest::Enrol {
            token_id,
            secret,
            csr,
            host_name,
        } => {
            let enrolled = enrol(inner, &token_id, &secret, &csr, &short(&host_name)).await;
            if let Err(refusal) = &enrolled {
                let reason = refusal.to_string();
                tracing::warn!(address = %connection.remote_address(), host_name = short(&host_name), reason, "enrolment refused");
            }
            answer(enrolled, now)
        }
    };
    stream::send(&mut send, &reply).await?;
    last_words(connection, send).await;
    connection.close(Close::Done.code().into(), b"");
    Ok(())
}

fn answer(certified: Result<Certified, JoinRefusal>, now: i64) -> JoinReply {
    match certified {
        Ok(certified) => JoinReply::Certified(certified),
        Err(why) => JoinReply::Refused { why, now },
    }
}

async fn enrol(
    inner: &Inner,
    token_id: &str,
    secret: &str,
    csr: &[u8],
    name: &str,
) -> Result<Certified, JoinRefusal> {
    let key = read(csr)?;
    if !inner.is_active() {
        return Err(JoinRefusal::NotActive);
    }
    let host = NewHost {
        id: Uuid::now_v7(),
        name: if name.is_empty() {
            "host".to_owned()
        } else {
            name.to_owned()
        },
        key_fingerprint: key.fingerprint.clone(),
    };
    let csr_hash = hash(csr);
    let taken = inner
        .store
        .take_join_token(token_id, &hash(secret.as_bytes()), &csr_hash, host)
        .await;
    match taken.map_err(|error| later("enrolling a host", &error))? {
        Taken::Unknown => Err(JoinRefusal::UnknownToken),
        Taken::Used => Err(JoinRefusal::UsedToken),
        Taken::Expired => Err(JoinRefusal::ExpiredToken),
        Taken::Taken(host) => {
            tracing::info!(host = %host.id, name = host.name, "host enrolled");
            inner.tell(vec![EventKind::HostEnrolled {
                host: host.id,
                name: host.name.clone(),
            }]);
            issue(inner, &host, &key, csr_hash).await
        }
        // Its answer was lost.
        Taken::SameAgain(host) if host.revoked_at.is_some() => Err(JoinRefusal::Revoked),
        Taken::SameAgain(host) => match given(inner, &host, &csr_hash).await? {
            Some(certified) => Ok(certified),
            None => issue(inner, &host, &key, csr_hash).await,
        },
    }
}

/// A new certificate for a key that a host has already: over its link (`linked` is that link's key) or, once it has
/// ended, at the join door.
pub(super) async fn renew(inner: &Inner, csr: &[u8], linked: Option<&str>) -> Result<Certified, JoinRefusal> {
    let key = read(csr)?;
    if linked.is_some_and(|linked| linked != key.fingerprint) {
        return Err(JoinRefusal::UnknownKey);
    }
    if !inner.is_active() {
        return Err(JoinRefusal::NotActive);
    }
    let host = inner
        .store
        .host_by_key(&key.fingerprint)
        .await
        .map_err(|error| later("looking up a key", &error))?;
    let host = host.ok_or(JoinRefusal::UnknownKey)?;
    if host.revoked_at.is_some() {
        return Err(JoinRefusal::Revoked);
    }
    let csr_hash = hash(csr);
    if let Some(end) = host.certificate_not_after {
        let now = inner.now();
        let after = |span: Duration| {
            let span = jiff::SignedDuration::try_from(span).unwrap_or(jiff::SignedDuration::MAX);
            end.saturating_add(span).unwrap_or(jiff::Timestamp::MAX)
        };
        if after(RENEWAL_GRACE) < now {
            return Err(JoinRefusal::TooLate);
        }
        let age =
            CERTIFICATE_LIFE.saturating_sub(Duration::try_from(end.duration_since(now)).unwrap_or_default());
        if age < FRESH
            && let Some(certified) = given(inner, &host, &csr_hash).await?
        {
            return Ok(certified);
        }
    }
    tracing::info!(host = %host.id, name = host.name, "certificate renewed");
    issue(inner, &host, &key, csr_hash).await
}

fn read(csr: &[u8]) -> Result<AgentKey, JoinRefusal> {
    Authority::read_request(csr).map_err(|error| JoinRefusal::BadCsr {
        why: error.to_string(),
    })
}

fn later(doing: &str, error: &StoreError) -> JoinRefusal {
    tracing::error!(error = error as &dyn std::error::Error, "{doing}");
    JoinRefusal::TryLater
}

/// The certificate that this request was given before.
async fn given(inner: &Inner, host: &HostRow, csr_hash: &str) -> Result<Option<Certified>, JoinRefusal> {
    let row = inner.store.certificate_for(host.id, csr_hash).await;
    let Some(row) = row.map_err(|error| later("reading a certificate", &error))? else {
        return Ok(None);
    };
    let der = CertificateDer::from_pem_slice(row.pem.as_bytes()).map_err(|error| {
        tracing::error!(serial = row.serial, %error, "a kept certificate is no certificate");
        JoinRefusal::TryLater
    })?;
    Ok(Some(certified(inner, host.id, der.to_vec(), row.not_after)))
}

async fn issue(
    inner: &Inner,
    host: &HostRow,
    key: &AgentKey,
    csr_hash: String,
) -> Result<Certified, JoinRefusal> {
    let now = inner.now();
    let what = AgentCertificate::new(host.id, now);
    let made = inner.ca.certify(key, &what).map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "making a certificate");
        JoinRefusal::TryLater
    })?;
    let row = CertificateRow {
        serial: what.serial,
        host_id: host.id,
        csr_hash,
        issued_at: now,
        not_after: what.not_after,
        pem: made.pem(),
    };
    let recorded = inner.store.record_certificate(row).await;
    recorded.map_err(|error| match error {
        // Between the look-up and here.
        StoreError::Conflict(_) => JoinRefusal::Revoked,
        error => later("keeping a certificate", &error),
    })?;
    Ok(certified(inner, host.id, made.der().to_vec(), what.not_after))
}

fn certified(inner: &Inner, host: Uuid, certificate: Vec<u8>, not_after: jiff::Timestamp) -> Certified {
    Certified {
        host: host.into_bytes(),
        certificate,
        authority: inner.ca.certificate().to_vec(),
        not_after: not_after.as_millisecond(),
        now: inner.now().as_millisecond(),
        data_port: inner.data_port,
    }
}
