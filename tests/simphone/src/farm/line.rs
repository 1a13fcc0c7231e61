//! The ports that phones listen on.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket};

/// An adb server connects once; a few hosts may do so together.
const WAITING: u32 = 16;

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
