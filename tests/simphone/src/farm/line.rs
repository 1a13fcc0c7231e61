//! One port of one phone: taken while the phone can be spoken to, released while it cannot, so that a connection to an
//! unplugged phone is refused as it is on a real network.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use crate::adbd;
use crate::phone::Phone;

/// An adb server connects once; a few hosts may do so together.
const WAITING: u32 = 16;
/// Between two tries to take a port back that somebody else holds.
const AGAIN: Duration = Duration::from_millis(100);

/// Listens on `address`, also where an old connection of this port is still dying.
pub(super) fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Serves adb servers on the listener's port whenever the phone is reachable, until `stop`.
pub(super) async fn keep(phone: Arc<Phone>, listener: TcpListener, stop: CancellationToken) {
    let Ok(address) = listener.local_addr() else {
        return;
    };
    let mut first = Some(listener);
    let mut power = phone.power.watch();
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            seen = power.wait_for(|state| state.reachable()) => if seen.is_err() { return },
        }
        let listener = if let Some(listener) = first.take() {
            listener
        } else {
            tokio::select! {
                () = stop.cancelled() => return,
                listener = take_back(address) => listener,
            }
        };
        let gone = stop.child_token();
        let mut serving = tokio::spawn(adbd::serve(Arc::clone(&phone), listener, gone.clone()));
        let ended = tokio::select! {
            _ = &mut serving => true,
            _ = power.wait_for(|state| !state.reachable()) => false,
        };
        gone.cancel();
        if !ended {
            let _ = serving.await;
        }
        if stop.is_cancelled() {
            return;
        }
    }
}

async fn take_back(address: SocketAddr) -> TcpListener {
    loop {
        match bind(address) {
            Ok(listener) => return listener,
            Err(error) => {
                tracing::warn!(%address, %error, "cannot take the phone's port back yet");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }
}
