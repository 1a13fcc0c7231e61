//! Keeps one network phone connected to the adb server. The server's own reconnecting is too slow for a farm and
//! forgets a phone after a while, so this side does it all: a short TCP probe that finds out whether anything is
//! there without holding the server up, then `connect`, and `disconnect` first where the old connection is dead.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use super::track::{AdbState, Listing};
use super::{AdbErrorKind, AdbServer};

/// How long a TCP connection may take; a black-holed address costs this and no more.
const PROBE: Duration = Duration::from_secs(1);

/// How long the server may take to shake hands with a phone. Every so often a slow phone gets longer.
const HANDSHAKE: (Duration, Duration) = (Duration::from_millis(2_500), Duration::from_secs(6));

/// How often it gets longer: each so many attempts.
const PATIENT_EVERY: u32 = 8;

/// How long the server may take to let go.
const DISCONNECT: Duration = Duration::from_secs(2);

/// How long the server may take to tell its list.
const LOOK: Duration = Duration::from_secs(2);

/// How long a phone may stay between connected and refused before it is tried anew.
const LIMBO: Duration = Duration::from_secs(3);

/// The pause between attempts, in milliseconds from–to.
const RETRY: (u64, u64) = (700, 1_200);

/// The pause after an attempt that reached the phone's port.
const RETRY_NEAR: (u64, u64) = (200, 400);

/// How many probes and how many handshakes may be under way at once, over all phones.
#[derive(Debug)]
pub struct Lanes {
    probes: Semaphore,
    handshakes: Semaphore,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            probes: Semaphore::new(256),
            handshakes: Semaphore::new(64),
        }
    }
}

/// How far the connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Not tried yet.
    Untried,
    /// Nothing listens there, or nothing is there at all.
    Unreachable(String),
    /// Its port is open, but it does not shake hands.
    NoHandshake(String),
    /// adb lists it; its state is there.
    Listed,
}

/// One address to keep connected.
#[derive(Debug)]
pub struct Keeper {
    pub server: AdbServer,
    /// As adb writes it: with a port.
    pub address: String,
    pub listing: watch::Receiver<Listing>,
    pub lanes: Arc<Lanes>,
    /// Poked when the phone has fallen silent: its connection is to be made anew.
    pub renew: Arc<Notify>,
    /// Told at each change, under the address.
    pub reach: mpsc::Sender<(String, Reach)>,
}

/// adb's own spelling of an address: without a port it means 5555.
pub fn canonical(address: &str) -> String {
    let address = address.trim();
    let bare_v6 = address.starts_with('[') && address.ends_with(']');
    if bare_v6 || !address.contains(':') {
        format!("{address}:5555")
    } else {
        address.to_owned()
    }
}

impl Keeper {
    /// Runs until it is dropped.
    pub async fn run(mut self) {
        let mut attempt = 0_u32;
        let mut told = Reach::Untried;
        loop {
            match self.listed() {
                Some(AdbState::Offline) | None => {}
                Some(state) => {
                    attempt = 0;
                    self.tell(&mut told, Reach::Listed).await;
                    if self.rest(&state).await {
                        continue;
                    }
                    self.let_go().await;
                }
            }
            if self.listing.borrow().up_since.is_none() {
                // Without a server there is nothing to connect to.
                let _ = self.listing.changed().await;
                continue;
            }
            attempt += 1;
            let pause = match self.attempt(attempt).await {
                Reach::Listed => {
                    let _ = tokio::time::timeout(LIMBO, self.until_listed()).await;
                    self.forget_renewal().await;
                    continue;
                }
                reach @ Reach::Unreachable(_) => {
                    self.tell(&mut told, reach).await;
                    RETRY
                }
                reach => {
                    self.tell(&mut told, reach).await;
                    RETRY_NEAR
                }
            };
            tokio::time::sleep(between(pause)).await;
        }
    }

    /// Waits while nothing has to be done; false when the connection has to be made anew.
    async fn rest(&mut self, state: &AdbState) -> bool {
        let patience = match state {
            AdbState::Connecting | AdbState::Authorizing => LIMBO,
            _ => Duration::MAX,
        };
        let renew = Arc::clone(&self.renew);
        tokio::select! {
            _ = self.listing.changed() => true,
            () = renew.notified() => false,
            () = tokio::time::sleep(patience) => false,
        }
    }

    async fn attempt(&mut self, number: u32) -> Reach {
        // What adb lists as offline it tries to get back by itself, slowly; that would only be in the way.
        if self.listed() == Some(AdbState::Offline) {
            self.let_go().await;
        }
        if let Err(reach) = self.probe().await {
            return reach;
        }
        let patience = if number.is_multiple_of(PATIENT_EVERY) {
            HANDSHAKE.1
        } else {
            HANDSHAKE.0
        };
        let Ok(_lane) = self.lanes.handshakes.acquire().await else {
            return Reach::Untried;
        };
        let why = match self.server.connect(&self.address, patience).await {
            Err(error) if !matches!(error.kind, AdbErrorKind::Unauthorized(_)) => error.kind.to_string(),
            _ if self.stands().await => return Reach::Listed,
            _ => "the connection ended at once".to_owned(),
        };
        self.let_go().await;
        Reach::NoHandshake(why)
    }

    /// Whether there is a connection now. "Already connected" is also said of one that is just ending.
    async fn stands(&self) -> bool {
        let Ok(devices) = self.server.devices(LOOK).await else {
            // The list that is sent to us will tell.
            return true;
        };
        let mut devices = devices.iter();
        devices.any(|device| device.serial == self.address && device.state != AdbState::Offline)
    }

    /// Whether something listens at the address.
    async fn probe(&self) -> Result<(), Reach> {
        let Ok(_lane) = self.lanes.probes.acquire().await else {
            return Err(Reach::Untried);
        };
        match tokio::time::timeout(PROBE, TcpStream::connect(self.address.as_str())).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Reach::Unreachable(error.to_string())),
            Err(_) => Err(Reach::Unreachable("no answer from its address".to_owned())),
        }
    }

    async fn let_go(&self) {
        // That it was not connected is as good as that it is no longer.
        let _ = self.server.disconnect(&self.address, DISCONNECT).await;
    }

    /// What was asked for while the old connection stood is done with the new one.
    async fn forget_renewal(&self) {
        tokio::select! {
            biased;
            () = self.renew.notified() => {}
            () = std::future::ready(()) => {}
        }
    }

    /// Waits for the list to tell of the new connection. What it calls offline is the old one: the list is behind,
    /// and to connect again for that would end what has just been made, over and over.
    async fn until_listed(&mut self) {
        let address = self.address.clone();
        let _ = self
            .listing
            .wait_for(|listing| {
                let mut devices = listing.devices.iter();
                devices.any(|device| device.serial == address && device.state != AdbState::Offline)
            })
            .await;
    }

    fn listed(&self) -> Option<AdbState> {
        let listing = self.listing.borrow();
        let device = listing
            .devices
            .iter()
            .find(|device| device.serial == self.address)?;
        listing.up_since.map(|_| device.state.clone())
    }

    async fn tell(&self, told: &mut Reach, reach: Reach) {
        if *told != reach {
            told.clone_from(&reach);
            // Nobody listens any more only when all stops.
            let _ = self.reach.send((self.address.clone(), reach)).await;
        }
    }
}

/// A random time within the range, so that phones that fell together do not come back in lockstep.
pub(crate) fn between((from, to): (u64, u64)) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    Duration::from_millis(from + random % (to - from).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_port_means_the_usual_one() {
        assert_eq!(canonical("192.168.1.7"), "192.168.1.7:5555");
        assert_eq!(canonical(" 192.168.1.7:6000 "), "192.168.1.7:6000");
        assert_eq!(canonical("[fe80::1]"), "[fe80::1]:5555");
        assert_eq!(canonical("phone.local:5556"), "phone.local:5556");
    }

    #[test]
    fn pauses_stay_in_their_range() {
        for _ in 0..100 {
            let pause = between((700, 1_200));
            assert!(pause >= Duration::from_millis(700) && pause < Duration::from_millis(1_200));
        }
    }
}
