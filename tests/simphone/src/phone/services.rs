//! Servers that run on the phone: who listens on which port or local socket. `adb forward` reaches them through adbd.
//! A server lives as long as its [`Registration`]; when its process dies its port and its connections go with it.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use tokio::io::DuplexStream;
use tokio_util::sync::CancellationToken;

/// Where a server on the phone listens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    Tcp(u16),
    /// `localabstract:NAME`
    Abstract(String),
}

/// One connection to a server: runs until either side is done. It is dropped when the client goes away.
pub type Conversation = Pin<Box<dyn Future<Output = ()> + Send>>;
/// What a server does with each connection.
pub type Handler = Arc<dyn Fn(DuplexStream) -> Conversation + Send + Sync>;

/// Bytes that may wait in one direction of a connection.
const CONNECTION_BUFFER: usize = 64 * 1024;

/// The phone's listening sockets.
#[derive(Debug, Default)]
pub struct Services {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    next: u64,
    listening: BTreeMap<Address, Listener>,
}

struct Listener {
    id: u64,
    handler: Handler,
    died: CancellationToken,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.listening.keys()).finish()
    }
}

/// A server's hold on its address.
#[derive(Debug)]
#[must_use = "the server is gone when this is dropped"]
pub struct Registration {
    inner: Arc<Mutex<Inner>>,
    address: Address,
    id: u64,
}

impl Services {
    /// Listens on `address`; `None` where somebody does already.
    pub fn register<F, C>(&self, address: Address, handler: F) -> Option<Registration>
    where
        F: Fn(DuplexStream) -> C + Send + Sync + 'static,
        C: Future<Output = ()> + Send + 'static,
    {
        let mut inner = super::lock(&self.inner);
        if inner.listening.contains_key(&address) {
            return None;
        }
        inner.next += 1;
        let id = inner.next;
        let listener = Listener {
            id,
            handler: Arc::new(move |stream| Box::pin(handler(stream))),
            died: CancellationToken::new(),
        };
        inner.listening.insert(address.clone(), listener);
        Some(Registration {
            inner: Arc::clone(&self.inner),
            address,
            id,
        })
    }

    /// Connects to `address`: the client's end, and the server's side of the conversation, which the caller runs
    /// beside its own. `None` where nobody listens.
    pub fn connect(&self, address: &Address) -> Option<(DuplexStream, Conversation)> {
        let inner = super::lock(&self.inner);
        let listener = inner.listening.get(address)?;
        let (ours, theirs) = tokio::io::duplex(CONNECTION_BUFFER);
        let conversation = (listener.handler)(theirs);
        let died = listener.died.clone();
        let conversation = Box::pin(async move {
            tokio::select! {
                () = conversation => {}
                () = died.cancelled() => {}
            }
        });
        Some((ours, conversation))
    }

    pub fn listening(&self) -> Vec<Address> {
        super::lock(&self.inner).listening.keys().cloned().collect()
    }

    /// A power cycle: every process is gone, and its sockets with it.
    pub fn end_all(&self) {
        let ended = std::mem::take(&mut super::lock(&self.inner).listening);
        for listener in ended.into_values() {
            listener.died.cancel();
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut inner = super::lock(&self.inner);
        if inner
            .listening
            .get(&self.address)
            .is_some_and(|listener| listener.id == self.id)
            && let Some(listener) = inner.listening.remove(&self.address)
        {
            listener.died.cancel();
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn echo(stream: DuplexStream) {
        let (mut from, mut to) = tokio::io::split(stream);
        let _ = tokio::io::copy(&mut from, &mut to).await;
    }

    #[tokio::test]
    async fn an_address_is_held_by_one_server_until_it_dies() {
        let services = Services::default();
        let address = Address::Tcp(9008);
        assert!(services.connect(&address).is_none(), "nobody listens yet");
        let server = services.register(address.clone(), echo).unwrap();
        assert!(services.register(address.clone(), echo).is_none());
        drop(server);
        assert!(services.register(address, echo).is_some());
    }

    #[tokio::test]
    async fn connections_end_with_their_server() {
        let services = Services::default();
        let address = Address::Abstract("test".to_owned());
        let server = services.register(address.clone(), echo).unwrap();
        let (mut client, conversation) = services.connect(&address).unwrap();
        let running = tokio::spawn(conversation);
        client.write_all(b"hello").await.unwrap();
        let mut back = [0; 5];
        client.read_exact(&mut back).await.unwrap();
        assert_eq!(&back, b"hello");
        drop(server);
        running.await.unwrap();
        assert_eq!(client.read(&mut back).await.unwrap(), 0, "end of the stream");
    }

    #[tokio::test]
    async fn a_registration_of_an_earlier_boot_does_not_take_away_the_new_server() {
        let services = Services::default();
        let old = services.register(Address::Tcp(1), echo).unwrap();
        services.end_all();
        let _new = services.register(Address::Tcp(1), echo).unwrap();
        drop(old);
        assert_eq!(services.listening(), [Address::Tcp(1)]);
    }
}
