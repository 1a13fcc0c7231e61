//! A network line that can be cut: a UDP port that hands everything on, until it does not.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// The largest datagram there is.
const LARGEST: usize = 65_535;

/// Hands datagrams from its port to `to` and back; ends when dropped.
#[derive(Debug)]
pub struct Line {
    port: u16,
    cut: Arc<AtomicBool>,
    carrying: JoinHandle<()>,
}

impl Line {
    pub async fn to(to: SocketAddr) -> io::Result<Self> {
        let front = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        back.connect(to).await?;
        let port = front.local_addr()?.port();
        let cut = Arc::new(AtomicBool::new(false));
        let carrying = tokio::spawn(carry(front, back, Arc::clone(&cut)));
        Ok(Self { port, cut, carrying })
    }

    /// Where the other end is to be reached.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on everything is lost, both ways and without a word.
    pub fn cut(&self) {
        self.cut.store(true, Ordering::Relaxed);
    }

    pub fn mend(&self) {
        self.cut.store(false, Ordering::Relaxed);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

/// One side is known by its address, the other is whoever spoke last: one agent.
async fn carry(front: UdpSocket, back: UdpSocket, cut: Arc<AtomicBool>) {
    let mut agent = None;
    let (mut there, mut here) = (vec![0; LARGEST], vec![0; LARGEST]);
    loop {
        // A side that is gone for a moment answers with an error; the line goes on.
        tokio::select! {
            Ok((length, from)) = front.recv_from(&mut there) => {
                agent = Some(from);
                if !cut.load(Ordering::Relaxed) {
                    let _ = back.send(&there[..length]).await;
                }
            }
            Ok(length) = back.recv(&mut here) => {
                if let Some(agent) = agent.filter(|_| !cut.load(Ordering::Relaxed)) {
                    let _ = front.send_to(&here[..length], agent).await;
                }
            }
            else => tokio::task::yield_now().await,
        }
    }
}
