//! The phone's adbd over TCP: what an adb server sees of it. Knows transports, streams and services; what commands do
//! is the shell's matter. While the phone is unplugged, off or `offline` its port refuses connections.

mod auth;
mod packet;
mod service;
mod shell_service;
mod stream;
mod sync;
mod transport;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::phone::Phone;
use crate::phone::power::Stage;

/// Another program may hold the port for a moment while the phone is away; then it is tried again this often.
const REBIND_EVERY: Duration = Duration::from_millis(50);
/// Connections that may wait to be accepted.
const BACKLOG: u32 = 64;

/// Serves adb servers on `listener` until `stop`.
pub async fn serve(phone: Arc<Phone>, listener: TcpListener, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = come_and_go(&phone, listener) => {}
    }
}

/// The port is open while the phone can be spoken to.
async fn come_and_go(phone: &Arc<Phone>, listener: TcpListener) {
    let address = match listener.local_addr() {
        Ok(address) => address,
        Err(error) => {
            tracing::error!(serial = phone.spec.serial, %error, "the adb port has no address");
            return;
        }
    };
    let mut listener = Some(listener);
    loop {
        if let Some(open) = listener.take() {
            tokio::select! {
                () = until_reachable(phone, false) => {}
                () = accept(phone, &open) => {}
            }
        }
        // Bound without listening, the port stays ours and refuses connections like that of a phone that is gone.
        let seat = bind(address).await;
        until_reachable(phone, true).await;
        match seat.listen(BACKLOG) {
            Ok(open) => listener = Some(open),
            Err(error) => {
                tracing::warn!(serial = phone.spec.serial, %error, "the adb port could not be opened again");
                tokio::time::sleep(REBIND_EVERY).await;
            }
        }
    }
}

/// Serves connections; dropping it cuts them all.
async fn accept(phone: &Arc<Phone>, listener: &TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => {
                    connections.spawn(transport::run(Arc::clone(phone), socket));
                }
                Err(error) => {
                    tracing::warn!(serial = phone.spec.serial, %error, "a connection could not be accepted");
                    tokio::time::sleep(REBIND_EVERY).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn bind(address: SocketAddr) -> TcpSocket {
    loop {
        let socket = if address.is_ipv4() {
            TcpSocket::new_v4()
        } else {
            TcpSocket::new_v6()
        };
        let bound = socket.and_then(|socket| {
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            Ok(socket)
        });
        match bound {
            Ok(socket) => return socket,
            Err(error) => {
                tracing::debug!(%address, %error, "the adb port is not free yet");
                tokio::time::sleep(REBIND_EVERY).await;
            }
        }
    }
}

/// Resolves once the phone can (`wanted`) or cannot be reached over its port.
async fn until_reachable(phone: &Phone, wanted: bool) {
    let mut power = phone.power.watch();
    let mut faults = phone.faults.watch();
    loop {
        // The fault that changes who is let in is noticed here, so that it also cuts those who are in.
        phone.keys.door(&phone.faults);
        let state = *power.borrow_and_update();
        faults.borrow_and_update();
        let reachable = state.plugged && state.stage != Stage::Down && !phone.faults.has("offline");
        if reachable == wanted {
            return;
        }
        // Neither sender can go away before the phone does.
        tokio::select! {
            _ = power.changed() => {}
            _ = faults.changed() => {}
        }
    }
}
