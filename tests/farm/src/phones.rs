//! Simulated phones in the test's own process, each with its adb port.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use agent::adb::{AdbPhone, Transport};
use simphone::adbd;
use simphone::clock::SimClock;
use simphone::phone::fault::Fault;
use simphone::phone::{Personality, Phone, PhoneSpec, personality};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::AdbServer;

/// How long a server may take to connect, on a machine that has other things to do.
const CONNECT: Duration = Duration::from_secs(60);

/// A phone that can be connected to, until it is dropped.
#[derive(Debug)]
pub struct TestPhone {
    pub phone: Arc<Phone>,
    /// `127.0.0.1:PORT`, what `adb -s` takes.
    pub address: String,
    _stop: DropGuard,
    data: Option<tempfile::TempDir>,
}

impl TestPhone {
    /// A fresh phone, ten times as fast as a real one.
    pub async fn start(personality: &'static Personality) -> io::Result<Self> {
        let data = tempfile::Builder::new().prefix("simphone").tempdir()?;
        let phone = Phone::open(PhoneSpec {
            serial: "SIM0001".to_owned(),
            personality,
            seed: 1,
            data: data.path().to_owned(),
            clock: SimClock::new(10.0),
        })?;
        let mut started = Self::serve(phone).await?;
        started.data = Some(data);
        Ok(started)
    }

    /// A phone with Android `name`: "android13", …
    pub async fn named(name: &str) -> io::Result<Self> {
        let personality = personality::ALL
            .iter()
            .find(|personality| personality.name == name)
            .ok_or_else(|| io::Error::other(format!("no personality {name}")))?;
        Self::start(personality).await
    }

    /// The same behind a server of its own.
    pub async fn connected(name: &str) -> io::Result<(AdbServer, Self)> {
        Self::connected_with(name, &[]).await
    }

    /// The same with these faults from its first connection on.
    pub async fn connected_with(name: &str, faults: &[Fault]) -> io::Result<(AdbServer, Self)> {
        let server = AdbServer::start().await?;
        let phone = Self::named(name).await?;
        for fault in faults {
            phone.phone.faults.set(fault.clone());
        }
        server.connect(&phone.address, CONNECT).await?;
        Ok((server, phone))
    }

    /// It as the agent's adb layer sees it.
    pub fn seen_by_agent(&self, server: &AdbServer) -> AdbPhone {
        let transport = Transport::Serial(self.address.clone());
        AdbPhone::new(agent::adb::AdbServer::local(server.port()), transport)
    }

    /// One more door to a phone: the same one by two transports.
    pub async fn serve(phone: Arc<Phone>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?.to_string();
        let stop = CancellationToken::new();
        tokio::spawn(adbd::serve(Arc::clone(&phone), listener, stop.clone()));
        Ok(Self {
            phone,
            address,
            _stop: stop.drop_guard(),
            data: None,
        })
    }
}
