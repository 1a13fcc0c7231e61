//! The data door: takes connections in, so many at a time, and gives each a task of its own.

use std::sync::Arc;

use quinn::{Endpoint, Incoming};
use shared::wire::{Close, HANDSHAKE};
use tokio::sync::Semaphore;

use super::{Inner, session};

/// So many handshakes may be under way; a farm that comes up whole takes a few rounds.
const HANDSHAKES: usize = 256;
/// From so many on, a newcomer must show first that its address is its own.
const PROVE_ADDRESS: usize = 64;

pub(super) async fn run(inner: Arc<Inner>, endpoint: Endpoint) {
    let entrance = Arc::new(Semaphore::new(HANDSHAKES));
    let stop = inner.shutdown.stop.clone();
    loop {
        let incoming = tokio::select! {
            () = stop.cancelled() => break,
            incoming = endpoint.accept() => incoming,
        };
        let Some(incoming) = incoming else { break };
        let Some((incoming, place)) = enter(incoming, &entrance, HANDSHAKES - PROVE_ADDRESS) else {
            continue;
        };
        let session = Arc::clone(&inner);
        inner.tasks.spawn(async move {
            let connected = tokio::time::timeout(HANDSHAKE, async { incoming.await }).await;
            drop(place);
            match connected {
                Ok(Ok(connection)) => session::run(session, connection).await,
                // Anybody may knock: what TLS turned away is told quietly.
                Ok(Err(error)) => tracing::debug!(%error, "no connection at the data door"),
                Err(_) => tracing::debug!("a handshake took too long"),
            }
        });
    }
    endpoint.set_server_config(None);
    // The sessions say their goodbyes.
    let _ = tokio::time::timeout(super::STOP, endpoint.wait_idle()).await;
    endpoint.close(Close::Done.code().into(), b"the controller stops");
}

/// A place for a newcomer. Where it gets crowded, it must prove its address first; where all are taken, it is turned
/// away and comes back.
pub(super) fn enter(
    incoming: Incoming,
    entrance: &Arc<Semaphore>,
    calm: usize,
) -> Option<(Incoming, tokio::sync::OwnedSemaphorePermit)> {
    if entrance.available_permits() < calm && !incoming.remote_address_validated() {
        // It fails only where the address is proven, which was just asked.
        let _ = incoming.retry();
        return None;
    }
    if let Ok(place) = Arc::clone(entrance).try_acquire_owned() {
        Some((incoming, place))
    } else {
        incoming.refuse();
        None
    }
}
