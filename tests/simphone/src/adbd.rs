//! The phone's adbd over TCP: what an adb server sees of it.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::phone::Phone;

/// Serves adb servers on `listener` until `stop`.
pub async fn serve(_phone: Arc<Phone>, _listener: TcpListener, stop: CancellationToken) {
    stop.cancelled().await;
}
