//! UDP of the simulated network under quinn, where datagrams are lost, come twice, late and in another order.

use std::io::{self, IoSliceMut};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll};

use async_trait::async_trait;
use quinn::udp::{RecvMeta, Transmit};
use quinn::{AsyncUdpSocket, Endpoint, EndpointConfig, ServerConfig, TokioRuntime, UdpPoller};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use turmoil::net::UdpSocket;

use crate::world::{World, lock};

/// The longest datagram that quinn sends or takes.
const LONGEST: usize = 2_048;
/// So late, in milliseconds, is what is late beyond the network's own pace.
const LATE: std::ops::Range<u64> = 100..3_000;

type Heard = (Vec<u8>, SocketAddr);

struct Wire {
    world: Arc<World>,
    /// The task that listens has it: with that task's host it ends, whoever still knows the endpoint.
    socket: Weak<UdpSocket>,
    address: SocketAddr,
    heard: Mutex<mpsc::UnboundedReceiver<Heard>>,
    listening: AbortHandle,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl Wire {
    fn bind(world: &Arc<World>, address: SocketAddr) -> io::Result<Arc<Self>> {
        let bound = std::pin::pin!(UdpSocket::bind(address));
        let Poll::Ready(bound) = bound.poll(&mut Context::from_waker(std::task::Waker::noop())) else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let socket = Arc::new(bound?);
        let address = socket.local_addr()?;
        #[expect(
            clippy::disallowed_methods,
            reason = "what is on its way is limited by what the simulated link takes"
        )]
        let (hear, heard) = mpsc::unbounded_channel();
        let known = Arc::downgrade(&socket);
        let listening = tokio::spawn(async move {
            let mut bytes = vec![0; LONGEST];
            while let Ok((size, from)) = socket.recv_from(&mut bytes).await {
                if hear.send((bytes[..size].to_vec(), from)).is_err() {
                    return;
                }
            }
        });
        Ok(Arc::new(Self {
            world: Arc::clone(world),
            socket: known,
            address,
            heard: Mutex::new(heard),
            listening: listening.abort_handle(),
        }))
    }

    fn send(&self, bytes: &[u8], to: SocketAddr) {
        if !self.world.chance(self.world.weather().late) {
            put(&self.socket, bytes, to);
            return;
        }
        let (bytes, socket, after) = (bytes.to_vec(), Weak::clone(&self.socket), self.world.millis(LATE));
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            put(&socket, &bytes, to);
        });
    }
}

fn put(socket: &Weak<UdpSocket>, bytes: &[u8], to: SocketAddr) {
    if let Some(socket) = socket.upgrade() {
        // A network tells nobody what it loses.
        let _ = socket.try_send_to(bytes, to);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

#[derive(Debug)]
struct Always;

impl UdpPoller for Always {
    fn poll_writable(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl AsyncUdpSocket for Wire {
    fn create_io_poller(self: Arc<Self>) -> Pin<Box<dyn UdpPoller>> {
        Box::pin(Always)
    }

    fn try_send(&self, transmit: &Transmit<'_>) -> io::Result<()> {
        let weather = self.world.weather();
        self.world.sent(transmit.contents);
        if self.world.chance(weather.lost) {
            return Ok(());
        }
        self.send(transmit.contents, transmit.destination);
        if self.world.chance(weather.doubled) {
            self.send(transmit.contents, transmit.destination);
        }
        Ok(())
    }

    fn poll_recv(
        &self,
        cx: &mut Context<'_>,
        buffers: &mut [IoSliceMut<'_>],
        meta: &mut [RecvMeta],
    ) -> Poll<io::Result<usize>> {
        let (Some(buffer), Some(meta)) = (buffers.first_mut(), meta.first_mut()) else {
            return Poll::Ready(Ok(0));
        };
        match lock(&self.heard).poll_recv(cx) {
            Poll::Ready(Some((bytes, from))) => {
                let size = bytes.len().min(buffer.len());
                buffer[..size].copy_from_slice(&bytes[..size]);
                *meta = RecvMeta {
                    addr: from,
                    len: size,
                    stride: size,
                    ecn: None,
                    dst_ip: None,
                };
                Poll::Ready(Ok(1))
            }
            // The host is going down.
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// The simulated network, for both sides.
#[derive(Clone)]
pub(crate) struct SimNet(pub(crate) Arc<World>);

impl std::fmt::Debug for SimNet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SimNet")
    }
}

impl SimNet {
    fn endpoint(
        &self,
        address: SocketAddr,
        config: EndpointConfig,
        server: Option<ServerConfig>,
    ) -> io::Result<Endpoint> {
        let wire = Wire::bind(&self.0, address)?;
        Endpoint::new_with_abstract_socket(config, server, wire, Arc::new(TokioRuntime))
    }
}

#[async_trait]
impl agent::link::Net for SimNet {
    async fn find(&self, address: &str) -> io::Result<Vec<SocketAddr>> {
        let (host, port) = address.rsplit_once(':').ok_or(io::ErrorKind::InvalidInput)?;
        let port: u16 = port.parse().map_err(io::Error::other)?;
        Ok(vec![(turmoil::lookup(host), port).into()])
    }

    fn endpoint(&self, to: SocketAddr) -> io::Result<Endpoint> {
        self.endpoint(to, EndpointConfig::default(), None)
    }
}

impl controller::fleet::Net for SimNet {
    fn listen(
        &self,
        address: SocketAddr,
        endpoint: EndpointConfig,
        server: ServerConfig,
    ) -> io::Result<Endpoint> {
        self.endpoint(address, endpoint, Some(server))
    }
}
