//! Simulated phones in the test's own process, each with its adb port.

use std::io;
use std::sync::Arc;

use simphone::adbd;
use simphone::clock::SimClock;
use simphone::phone::{Personality, Phone, PhoneSpec, personality};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

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
