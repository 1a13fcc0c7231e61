//! TLS and QUIC of the two doors, by hand: TLS 1.3 alone, the ring provider, no tickets, no early data; limits on what
//! one connection may hold in memory here.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::QuicServerConfig;
use quinn::{IdleTimeout, ServerConfig, TransportConfig, VarInt};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::time_provider::TimeProvider;
use rustls::{RootCertStore, SupportedProtocolVersion};
use shared::clock::SharedClock;
use shared::wire::{AGENT_URI, IDLE, JOIN_ALPN, KEEP_ALIVE, data_alpns};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use crate::ca::{Authority, CaError, fingerprint};

/// What an agent may send on one stream before it is read here, in bytes; a picture is read while it comes.
const STREAM_WINDOW: u32 = 512 << 10;
/// The same for all streams of a connection together.
const CONNECTION_WINDOW: u32 = 4 << 20;
/// What may wait to be acknowledged by one agent: an app is sent at this rate a round trip.
const SEND_WINDOW: u64 = 2 << 20;
/// Requests that an agent may have open at once, the control stream among them.
const AGENT_STREAMS: u32 = 8;

const TLS13: &[&SupportedProtocolVersion] = &[&rustls::version::TLS13];

/// Why a door cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("making the certificate of a door")]
    Certificate(#[from] CaError),
    #[error("setting up TLS")]
    Setup(#[from] rustls::Error),
    #[error("setting up TLS: {0}")]
    Other(String),
}

/// The controller's clock, for certificates.
#[derive(Debug)]
struct Time(SharedClock);

impl TimeProvider for Time {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_second()).ok()?;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(seconds)))
    }
}

/// The door for agents with a certificate.
pub(super) fn data_door(ca: &Authority, clock: &SharedClock) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(ca.certificate())?;
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| TlsError::Other(error.to_string()))?;
    let (chain, key) = ca.door()?;
    let tls = rustls::ServerConfig::builder_with_details(provider, Arc::new(Time(Arc::clone(clock))))
        .with_protocol_versions(TLS13)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)?;
    server(tls, data_alpns(), AGENT_STREAMS)
}

/// The door for those who want one.
pub(super) fn join_door(ca: &Authority, clock: &SharedClock) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let (chain, key) = ca.door()?;
    let tls = rustls::ServerConfig::builder_with_details(provider, Arc::new(Time(Arc::clone(clock))))
        .with_protocol_versions(TLS13)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    server(tls, vec![JOIN_ALPN.to_vec()], 1)
}

fn server(
    mut tls: rustls::ServerConfig,
    alpns: Vec<Vec<u8>>,
    streams: u32,
) -> Result<ServerConfig, TlsError> {
    tls.alpn_protocols = alpns;
    tls.send_tls13_tickets = 0;
    tls.session_storage = Arc::new(NoServerSessionStorage {});
    tls.ticketer = Arc::new(NoTickets);
    tls.max_early_data_size = 0;
    let quic = QuicServerConfig::try_from(tls).map_err(|error| TlsError::Other(error.to_string()))?;
    let mut config = ServerConfig::with_crypto(Arc::new(quic));
    config.transport_config(Arc::new(transport(streams)));
    config.migration(true);
    Ok(config)
}

fn transport(streams: u32) -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(IdleTimeout::try_from(IDLE).ok())
        .max_concurrent_bidi_streams(VarInt::from_u32(streams))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .send_window(SEND_WINDOW);
    transport
}

/// Session tickets do not exist here.
#[derive(Debug)]
struct NoTickets;

impl rustls::server::ProducesTickets for NoTickets {
    fn enabled(&self) -> bool {
        false
    }

    fn lifetime(&self) -> u32 {
        0
    }

    fn encrypt(&self, _plain: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn decrypt(&self, _cipher: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

/// Who a verified certificate is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    pub(super) host: Uuid,
    /// SHA-256 of its public key, in hex.
    pub(super) fingerprint: String,
}

/// Reads the agent's id out of the certificate that TLS has verified.
pub(super) fn peer(connection: &quinn::Connection) -> Option<Peer> {
    let identity = connection.peer_identity()?;
    let chain = identity.downcast_ref::<Vec<CertificateDer<'static>>>()?;
    let (_, certificate) = X509Certificate::from_der(chain.first()?).ok()?;
    let names = certificate.subject_alternative_name().ok()??;
    let host = names.value.general_names.iter().find_map(|name| match name {
        GeneralName::URI(uri) => Uuid::parse_str(uri.strip_prefix(AGENT_URI)?).ok(),
        _ => None,
    })?;
    Some(Peer {
        host,
        fingerprint: fingerprint(certificate.public_key().raw),
    })
}
