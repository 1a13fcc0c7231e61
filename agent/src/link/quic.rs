//! TLS and QUIC towards the controller, by hand: TLS 1.3 alone, the ring provider, no session kept, no early data. The
//! farm is known by the hash of its CA's key and by nothing else.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ClientConfig, Connection, Endpoint, IdleTimeout, TransportConfig, TransportErrorCode, VarInt};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};
use shared::wire::{CONTROLLER_NAME, Close, IDLE, JOIN_ALPN, KEEP_ALIVE, data_alpns};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::enrol::Identity;

/// Requests that the controller may have open here at once.
const REQUESTS: u32 = 256;
/// What one request's bytes (an app) may be ahead of the phone, in bytes.
const STREAM_WINDOW: u32 = 1 << 20;
const CONNECTION_WINDOW: u32 = 8 << 20;
/// Pictures that wait to be acknowledged, in bytes.
const SEND_WINDOW: u64 = 4 << 20;
/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// The moment at which the controller's certificates are looked at, whatever this host's clock says: they hold longer
/// than any computer, the pin says whose they are, and a host whose clock is wrong must still be told so.
const ANY_TIME: Duration = Duration::from_secs(1_767_225_600);

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error("{address} is not HOST:PORT of a controller that can be found")]
    Resolve { address: String, source: io::Error },
    #[error("no UDP socket")]
    Socket(#[source] io::Error),
    #[error("setting up TLS: {0}")]
    Setup(String),
    /// It is not the farm that the token is of; nothing was told to it.
    #[error(
        "what answers at {0} is not the farm of this token: its key is another one. Nothing was told to it"
    )]
    WrongFarm(String),
    #[error("no controller answers at {0} (UDP)")]
    Silent(String),
    #[error("no connection with {address}")]
    Broken {
        address: String,
        source: quinn::ConnectionError,
    },
}

/// Where sockets come from: this host's system, or a simulated network.
#[async_trait]
pub trait Net: Send + Sync + fmt::Debug {
    /// The addresses that `HOST:PORT` names.
    async fn find(&self, address: &str) -> io::Result<Vec<SocketAddr>>;
    /// An endpoint on a socket of its own that is bound to `to`.
    fn endpoint(&self, to: SocketAddr) -> io::Result<Endpoint>;
}

/// The system's.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemNet;

#[async_trait]
impl Net for SystemNet {
    async fn find(&self, address: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host(address).await?.collect())
    }

    fn endpoint(&self, to: SocketAddr) -> io::Result<Endpoint> {
        Endpoint::client(to)
    }
}

/// A farm, known by its pin.
#[derive(Debug, Clone)]
pub struct PinnedFarm {
    pin: [u8; 32],
    net: Arc<dyn Net>,
}

/// A connection with the socket that it runs over.
#[derive(Debug)]
pub struct Connected {
    pub connection: Connection,
    endpoint: Endpoint,
}

impl Connected {
    /// Ends it and makes sure, for a moment, that the other side hears of it.
    pub async fn close(self, why: Close, words: &str) {
        self.connection.close(why.code().into(), words.as_bytes());
        let _ = tokio::time::timeout(LAST_WORDS, self.endpoint.wait_idle()).await;
    }
}

impl PinnedFarm {
    /// `pin` is the SHA-256 of the public key of the farm's CA.
    pub fn new(pin: [u8; 32]) -> Self {
        Self::over(Arc::new(SystemNet), pin)
    }

    /// The same, reached over this network.
    pub fn over(net: Arc<dyn Net>, pin: [u8; 32]) -> Self {
        Self { pin, net }
    }

    /// The join door: shows no certificate.
    pub async fn connect_join(&self, address: &str, deadline: Duration) -> Result<Connected, ConnectError> {
        self.connect(address, None, vec![JOIN_ALPN.to_vec()], None, deadline)
            .await
    }

    /// The data door, which is at the join door's address and `port`.
    pub async fn connect_data(
        &self,
        address: &str,
        port: u16,
        identity: &Identity,
        deadline: Duration,
    ) -> Result<Connected, ConnectError> {
        self.connect(address, Some(port), data_alpns(), Some(identity), deadline)
            .await
    }

    async fn connect(
        &self,
        address: &str,
        port: Option<u16>,
        alpns: Vec<Vec<u8>>,
        identity: Option<&Identity>,
        deadline: Duration,
    ) -> Result<Connected, ConnectError> {
        let strangers = Arc::new(AtomicBool::new(false));
        let config = self.config(alpns, identity, Arc::clone(&strangers))?;
        let found = tokio::time::timeout(deadline, self.net.find(address)).await;
        let found = found.map_err(|_| ConnectError::Silent(address.to_owned()))?;
        let found: Vec<SocketAddr> = found
            .map_err(|source| ConnectError::Resolve {
                address: address.to_owned(),
                source,
            })?
            .into_iter()
            .map(|found| SocketAddr::new(found.ip(), port.unwrap_or(found.port())))
            .collect();
        let mut failed = ConnectError::Silent(address.to_owned());
        // A name with several addresses shares the time between them.
        let share = deadline / u32::try_from(found.len().max(1)).unwrap_or(1);
        for socket in found {
            match dial(self.net.as_ref(), socket, config.clone(), share).await {
                Ok(connected) => return Ok(connected),
                Err(_) if strangers.load(Ordering::Relaxed) => {
                    failed = ConnectError::WrongFarm(address.to_owned());
                }
                Err(DialError::Socket(error)) => failed = ConnectError::Socket(error),
                Err(DialError::Late | DialError::Lost(quinn::ConnectionError::TimedOut)) => {
                    failed = ConnectError::Silent(address.to_owned());
                }
                Err(DialError::Lost(source)) => {
                    failed = ConnectError::Broken {
                        address: address.to_owned(),
                        source,
                    };
                }
            }
        }
        Err(failed)
    }

    fn config(
        &self,
        alpns: Vec<Vec<u8>>,
        identity: Option<&Identity>,
        strangers: Arc<AtomicBool>,
    ) -> Result<ClientConfig, ConnectError> {
        let setup = |error: &dyn fmt::Display| ConnectError::Setup(error.to_string());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = PinVerifier {
            pin: self.pin,
            provider: Arc::clone(&provider),
            strangers,
        };
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(|error| setup(&error))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier));
        let mut tls = match identity {
            None => tls.with_no_client_auth(),
            Some(identity) => {
                let chain = vec![CertificateDer::from(identity.certificate.clone())];
                let key = identity.key_der().map_err(|error| setup(&error))?;
                let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key));
                tls.with_client_auth_cert(chain, key)
                    .map_err(|error| setup(&error))?
            }
        };
        tls.alpn_protocols = alpns;
        tls.resumption = Resumption::disabled();
        tls.enable_early_data = false;
        let quic = QuicClientConfig::try_from(tls).map_err(|error| setup(&error))?;
        let mut config = ClientConfig::new(Arc::new(quic));
        config.transport_config(Arc::new(transport()));
        Ok(config)
    }
}

fn transport() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(IdleTimeout::try_from(IDLE).ok())
        .max_concurrent_bidi_streams(VarInt::from_u32(REQUESTS))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .send_window(SEND_WINDOW);
    transport
}

enum DialError {
    Socket(io::Error),
    Late,
    Lost(quinn::ConnectionError),
}

async fn dial(
    net: &dyn Net,
    to: SocketAddr,
    config: ClientConfig,
    deadline: Duration,
) -> Result<Connected, DialError> {
    // Bound to no address of this host: when its network changes, the connection moves with it.
    let any: SocketAddr = if to.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (Ipv6Addr::UNSPECIFIED, 0).into()
    };
    let endpoint = net.endpoint(any).map_err(DialError::Socket)?;
    let connecting = endpoint
        .connect_with(config, to, CONTROLLER_NAME)
        .map_err(|error| DialError::Socket(io::Error::other(error)))?;
    match tokio::time::timeout(deadline, connecting).await {
        Ok(Ok(connection)) => Ok(Connected { connection, endpoint }),
        Ok(Err(error)) => Err(DialError::Lost(error)),
        Err(_) => Err(DialError::Late),
    }
}

/// Whether a connection was closed by an alert of TLS: QUIC gives those a range of their own.
pub(crate) fn is_tls_alert(code: TransportErrorCode) -> bool {
    (0x100..0x200).contains(&u64::from(code))
}

/// Takes the certificates of one CA, known by the hash of its key.
#[derive(Debug)]
struct PinVerifier {
    pin: [u8; 32],
    provider: Arc<CryptoProvider>,
    /// Somebody else answered.
    strangers: Arc<AtomicBool>,
}

impl PinVerifier {
    fn is_ours(&self, certificate: &CertificateDer<'_>) -> bool {
        X509Certificate::from_der(certificate)
            .is_ok_and(|(_, read)| Sha256::digest(read.public_key().raw).as_slice() == self.pin)
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(ca) = intermediates.iter().find(|certificate| self.is_ours(certificate)) else {
            self.strangers.store(true, Ordering::Relaxed);
            return Err(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer));
        };
        let mut roots = RootCertStore::empty();
        roots.add(ca.clone().into_owned())?;
        let name = ServerName::try_from(CONTROLLER_NAME)
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        let verified =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&self.provider))
                .build()
                .map_err(|error| rustls::Error::General(error.to_string()))?
                .verify_server_cert(
                    end_entity,
                    &[],
                    &name,
                    ocsp_response,
                    UnixTime::since_unix_epoch(ANY_TIME),
                );
        if verified.is_err() {
            // It shows the farm's CA, which anybody can, but not a certificate by it.
            self.strangers.store(true, Ordering::Relaxed);
        }
        verified
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken here".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let verified = rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms);
        if verified.is_err() {
            self.strangers.store(true, Ordering::Relaxed);
        }
        verified
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
