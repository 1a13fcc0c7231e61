//! A scripted adb *server*: replays device lists that phones on TCP cannot produce (missing USB rights, USB paths,
//! twins on a hub, blanks in wireless serials, phones in recovery), and answers the host protocol about them.
//!
//! It knows nothing of transports to phones: a listed device may have a simulated `Phone` behind it, whose shell
//! then answers, or nothing, and then its services are closed.

mod listed;
mod session;
mod shell;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use listed::{Listed, NO_PERMISSIONS};

use crate::phone::lock;

/// How adb 1.0.41 tells its version.
const VERSION: u16 = 41;

/// The server, until it is dropped.
#[derive(Debug)]
pub struct ScriptedAdb {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    list: watch::Sender<Vec<Listed>>,
    requests: Mutex<Vec<String>>,
}

impl ScriptedAdb {
    /// Listens on a free port with an empty list.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            list: watch::Sender::new(Vec::new()),
            requests: Mutex::default(),
        });
        let stop = CancellationToken::new();
        tokio::spawn(accept(listener, Arc::clone(&shared), stop.clone()));
        Ok(Self {
            address,
            shared,
            _stop: stop.drop_guard(),
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next step of the script: from now on this is the list, and trackers are told.
    pub fn show(&self, list: Vec<Listed>) {
        self.shared.list.send_replace(list);
    }

    /// Every request that clients made so far, in order.
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared.requests).clone()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, stop: CancellationToken) {
    loop {
        let socket = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((socket, _)) = socket else { continue };
        let session = session::run(socket, Arc::clone(&shared));
        let stop = stop.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                // A client that breaks off or talks nonsense is dropped, as adb drops it.
                _ = session => {}
            }
        });
    }
}
