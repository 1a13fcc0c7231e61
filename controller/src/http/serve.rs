//! The listeners: loopback in the clear, anything further only with TLS and a token in the store. Connections have
//! limits in number, time and size, and end in peace when the controller stops.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use shared::clock::SharedClock;
use shared::lifecycle::Shutdown;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::TaskTracker;

use super::guard::Door;
use super::tls::{self, TlsError, TlsWish};
use crate::store::{Store, StoreError};

/// Connections of one listener at once; further ones wait to be accepted.
const CONNECTIONS: usize = 1_024;
/// See [`Bound::head_within`].
const HEAD: Duration = Duration::from_secs(30);
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Bytes of a request's head, and what is read ahead of its body.
const LARGEST_HEAD: usize = 64 << 10;
/// After an accept that failed for want of something, not to spin.
const BREATH: Duration = Duration::from_millis(100);

/// Why the API does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen at {address}")]
    Bind { address: SocketAddr, source: io::Error },
    #[error(
        "{0} can be reached from beyond this machine: that needs TLS; set tls.self_made, or tls.certificate and tls.key"
    )]
    NeedsTls(SocketAddr),
    #[error(
        "{0} can be reached from beyond this machine: that needs a user or an API token; while the API listens on loopback alone, let somebody in with `drover-controller users add NAME`, or make a token with POST /api/v1/tokens"
    )]
    NeedsToken(SocketAddr),
    #[error("looking for users and API tokens")]
    Store(#[from] StoreError),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Listeners that are open and not yet served.
#[derive(Debug)]
pub struct Bound {
    listeners: Vec<Listener>,
    fingerprint: Option<String>,
    head: Duration,
}

#[derive(Debug)]
struct Listener {
    tcp: TcpListener,
    address: SocketAddr,
    public: bool,
    tls: Option<Arc<rustls::ServerConfig>>,
}

/// Opens the listeners, or says why it is not safe to. Loopback stays without TLS; 127.0.0.1 brings ::1 with it.
pub async fn bind(
    addresses: &[SocketAddr],
    tls: &TlsWish,
    keys_dir: &Path,
    allowed_hosts: &[String],
    store: &Store,
    clock: &SharedClock,
) -> Result<Bound, ServeError> {
    let public = addresses.iter().find(|address| is_public(address.ip()));
    let mut made = None;
    if let Some(address) = public {
        made = tls::config(tls, keys_dir, allowed_hosts, clock)?;
        if made.is_none() {
            return Err(ServeError::NeedsTls(*address));
        }
        let now = clock.now();
        let tokens = store.list_api_tokens().await?;
        let has_token = tokens.iter().any(|token| token.is_good_at(now));
        if !has_token && !store.list_users().await?.iter().any(|user| user.enabled) {
            return Err(ServeError::NeedsToken(*address));
        }
    }
    let mut listeners = Vec::new();
    for address in addresses {
        let public = is_public(address.ip());
        let tls = made
            .as_ref()
            .filter(|_| public)
            .map(|made| Arc::clone(&made.config));
        let listener = open(*address, public, tls).await?;
        let twin = SocketAddr::new([0, 0, 0, 0, 0, 0, 0, 1].into(), listener.address.port());
        let wants_twin = address.ip() == IpAddr::from([127, 0, 0, 1]) && !addresses.contains(&twin);
        listeners.push(listener);
        if wants_twin {
            // A machine without IPv6 does without.
            match open(twin, false, None).await {
                Ok(listener) => listeners.push(listener),
                Err(error) => tracing::debug!(error = %error, "no listener on ::1"),
            }
        }
    }
    Ok(Bound {
        listeners,
        fingerprint: made.map(|made| made.fingerprint),
        head: HEAD,
    })
}

fn is_public(address: IpAddr) -> bool {
    !address.to_canonical().is_loopback()
}

async fn open(
    address: SocketAddr,
    public: bool,
    tls: Option<Arc<rustls::ServerConfig>>,
) -> Result<Listener, ServeError> {
    let failed = |source| ServeError::Bind { address, source };
    let tcp = TcpListener::bind(address).await.map_err(failed)?;
    let address = tcp.local_addr().map_err(failed)?;
    Ok(Listener {
        tcp,
        address,
        public,
        tls,
    })
}

impl Bound {
    /// Where it listens, in the order of the configuration.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.listeners.iter().map(|listener| listener.address).collect()
    }

    /// SHA-256 of the certificate that clients beyond loopback will see, to be compared by people.
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// The whole head of a request must arrive within this time, and an idle connection ends after it.
    #[must_use]
    pub fn head_within(mut self, time: Duration) -> Self {
        self.head = time;
        self
    }

    /// Serves until the shutdown; requests that are under way then are finished, until its abort.
    pub async fn serve(self, router: Router, shutdown: Shutdown) {
        let connections = TaskTracker::new();
        let mut accepting = tokio::task::JoinSet::new();
        for listener in self.listeners {
            let serving = Serving {
                router: router.clone(),
                head: self.head,
                shutdown: shutdown.clone(),
            };
            accepting.spawn(accept(listener, serving, connections.clone()));
        }
        while accepting.join_next().await.is_some() {}
        connections.close();
        tokio::select! {
            () = connections.wait() => {}
            () = shutdown.abort.cancelled() => {}
        }
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Serving {
    router: Router,
    head: Duration,
    shutdown: Shutdown,
}

async fn accept(listener: Listener, serving: Serving, connections: TaskTracker) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let tls = listener.tls.clone().map(TlsAcceptor::from);
    loop {
        let accepted = tokio::select! {
            () = serving.shutdown.stop.cancelled() => return,
            accepted = async {
                let place = Arc::clone(&places).acquire_owned().await;
                (place, listener.tcp.accept().await)
            } => accepted,
        };
        let (Ok(place), Ok((stream, _))) = accepted else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let door = Door {
            port: listener.address.port(),
            tls: tls.is_some(),
            public: listener.public,
            local: stream
                .local_addr()
                .ok()
                .map(|address| address.ip().to_canonical()),
        };
        let (serving, tls) = (serving.clone(), tls.clone());
        connections.spawn(async move {
            connection(stream, tls, door, serving).await;
            drop(place);
        });
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, door: Door, serving: Serving) {
    // Answers are small: waiting to fill a packet would only delay them.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return http(stream, door, serving).await;
    };
    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => http(stream, door, serving).await,
        Ok(Err(error)) => tracing::debug!(error = %error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn http(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, door: Door, serving: Serving) {
    let Serving {
        router,
        head,
        shutdown,
    } = serving;
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(door.clone());
        let mut router = router.clone();
        async move { tower_service::Service::call(&mut router, request).await }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(LARGEST_HEAD);
    let connection = http
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! {
                ended = connection.as_mut() => ended,
                () = shutdown.abort.cancelled() => return,
            }
        }
    };
    if let Err(error) = ended {
        // Clients come and go as they like.
        tracing::debug!(error = %error, "a connection broke");
    }
}
