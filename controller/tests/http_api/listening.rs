//! The listeners on real sockets: what is refused at the start, TLS, slow clients, the end.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use controller::config::Tls;
use controller::http::serve::{Bound, ServeError, bind};
use controller::state::Readiness;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use shared::clock::SharedClock;
use shared::lifecycle::Shutdown;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::api::Api;

const ANYWHERE: &str = "0.0.0.0:0";
const HERE: &str = "127.0.0.1:0";

async fn bound(api: &Api, address: &str, tls: &Tls, keys: &Path) -> Result<Bound, ServeError> {
    let clock: SharedClock = api.clock.clone();
    let addresses: Vec<SocketAddr> = vec![address.parse().unwrap()];
    bind(
        &addresses,
        tls,
        keys,
        &["farm.lan".to_owned()],
        &api.state.store,
        &clock,
    )
    .await
}

/// Serves on an address of its own until it is dropped.
pub(crate) struct Served {
    address: SocketAddr,
    fingerprint: Option<String>,
    pub(crate) shutdown: Shutdown,
    serving: tokio::task::JoinHandle<()>,
}

impl Served {
    pub(crate) async fn start(api: &Api, address: &str, tls: &Tls, keys: &Path) -> Self {
        let bound = bound(api, address, tls, keys).await.unwrap();
        let address = bound.addresses()[0];
        let fingerprint = bound.fingerprint().map(str::to_owned);
        let shutdown = Shutdown::default();
        let serving = tokio::spawn(bound.serve(api.router.clone(), shutdown.clone()));
        Self {
            address,
            fingerprint,
            shutdown,
            serving,
        }
    }

    pub(crate) fn at_loopback(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.address.port()))
    }
}

async fn exchange(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    port: u16,
    path: &str,
    more: &str,
) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n{more}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that closes without TLS's goodbye has still answered.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn loopback_is_served_in_the_clear_on_both_families() {
    let api = Api::start().await;
    let keys = tempfile::tempdir().unwrap();
    let bound = bound(&api, HERE, &Tls::Off, keys.path()).await.unwrap();
    assert_eq!(bound.fingerprint(), None);
    let addresses = bound.addresses();
    assert!(
        addresses.iter().all(|address| address.ip().is_loopback()),
        "{addresses:?}"
    );
    let shutdown = Shutdown::default();
    let serving = tokio::spawn(bound.serve(api.router.clone(), shutdown.clone()));
    for address in addresses {
        let stream = TcpStream::connect(address).await.unwrap();
        let answer = exchange(stream, address.port(), "/api/v1/license/check", "").await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("\"Self-hosted\""),
            "{answer}"
        );
        let stream = TcpStream::connect(address).await.unwrap();
        let answer = exchange(stream, 80, "/api/v1/license/check", "").await;
        assert!(
            answer.starts_with("HTTP/1.1 403"),
            "another port is another host: {answer}"
        );
    }
    shutdown.stop.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn beyond_loopback_nothing_starts_without_tls_and_a_token() {
    let api = Api::start().await;
    let keys = tempfile::tempdir().unwrap();
    let refused = bound(&api, ANYWHERE, &Tls::Off, keys.path()).await.unwrap_err();
    assert!(matches!(refused, ServeError::NeedsTls(_)), "{refused}");
    let refused = bound(&api, ANYWHERE, &Tls::SelfMade, keys.path())
        .await
        .unwrap_err();
    assert!(matches!(refused, ServeError::NeedsToken(_)), "{refused}");
    api.post("/api/v1/tokens", r#"{"name": "short", "ttl_secs": 1}"#)
        .await
        .data();
    assert!(bound(&api, ANYWHERE, &Tls::SelfMade, keys.path()).await.is_ok());
    api.clock.advance(Duration::from_secs(2));
    let refused = bound(&api, ANYWHERE, &Tls::SelfMade, keys.path())
        .await
        .unwrap_err();
    assert!(
        matches!(refused, ServeError::NeedsToken(_)),
        "a token that has ended does not count"
    );
}

#[tokio::test]
async fn beyond_loopback_requests_come_by_tls_and_with_a_token() {
    let mut api = Api::start().await;
    // The certificate is checked against this machine's time.
    let made = api.post("/api/v1/tokens", r#"{"name": "ci"}"#).await.data();
    let token = made["token"].as_str().unwrap().to_owned();
    let now = shared::clock::Clock::now(&shared::clock::SystemClock);
    api.clock = Arc::new(shared::clock::ManualClock::new(now));
    let keys = tempfile::tempdir().unwrap();
    let served = Served::start(&api, ANYWHERE, &Tls::SelfMade, keys.path()).await;
    assert_eq!(served.fingerprint.as_ref().unwrap().len(), 95);
    let pem = std::fs::read(keys.path().join("api-tls.pem")).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(&pem).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client));
    let port = served.address.port();
    let bearer = format!("Authorization: Bearer {token}\r\n");
    for (more, expected) in [("", "HTTP/1.1 401"), (bearer.as_str(), "HTTP/1.1 200")] {
        let stream = TcpStream::connect(served.at_loopback()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        let answer = exchange(stream, port, "/api/v1/license/check", more).await;
        assert!(answer.starts_with(expected), "{answer}");
    }
    let stream = TcpStream::connect(served.at_loopback()).await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(30), exchange(stream, port, "/livez", ""))
        .await
        .unwrap();
    assert!(
        !answer.contains("HTTP/1.1 200"),
        "in the clear nothing is answered: {answer}"
    );
    served.shutdown.stop.cancel();
    served.serving.await.unwrap();
}

#[tokio::test]
async fn a_client_that_never_ends_its_request_is_let_go() {
    let api = Api::start().await;
    let keys = tempfile::tempdir().unwrap();
    let bound = bound(&api, HERE, &Tls::Off, keys.path()).await.unwrap();
    let address = bound.addresses()[0];
    let shutdown = Shutdown::default();
    let bound = bound.head_within(Duration::from_millis(200));
    let serving = tokio::spawn(bound.serve(api.router.clone(), shutdown.clone()));
    for start in ["", "GET /livez HTTP/1.1\r\nHost: local"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut rest = String::new();
        let end = tokio::time::timeout(Duration::from_secs(30), stream.read_to_string(&mut rest)).await;
        assert!(end.is_ok(), "{start:?} is waited for");
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{rest}");
    }
    shutdown.stop.cancel();
    serving.await.unwrap();
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let api = Api::start().await;
    let keys = tempfile::tempdir().unwrap();
    let served = Served::start(&api, HERE, &Tls::Off, keys.path()).await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    let endless = format!("X-Long: {}\r\n", "x".repeat(200_000));
    let (mut reading, mut writing) = stream.into_split();
    let write = tokio::spawn(async move {
        let head = format!("GET /livez HTTP/1.1\r\nHost: x\r\n{endless}\r\n");
        // Refused while it is still being sent.
        let _ = writing.write_all(head.as_bytes()).await;
    });
    let mut answer = Vec::new();
    let _ = reading.read_to_end(&mut answer).await;
    write.await.unwrap();
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    served.shutdown.abort.cancel();
}

#[tokio::test]
async fn a_stop_ends_streams_and_lets_requests_finish() {
    let api = Api::start().await;
    let keys = tempfile::tempdir().unwrap();
    let served = Served::start(&api, HERE, &Tls::Off, keys.path()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let port = served.address.port();
    let request = format!("GET /api/v1/events HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut told = String::new();
    while !told.contains("listening") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.unwrap();
        assert_ne!(read, 0, "{told}");
        told.push_str(std::str::from_utf8(&piece[..read]).unwrap());
    }
    served.shutdown.stop.cancel();
    api.readiness.send(Readiness::ShuttingDown).unwrap();
    tokio::time::timeout(Duration::from_secs(30), served.serving)
        .await
        .unwrap()
        .unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(
        TcpStream::connect(served.address).await.is_err(),
        "nobody listens any more"
    );
}
