//! A network line that can be cut, and one in bad weather: a UDP port that hands everything on, until it does not, or
//! loses, delays, repeats and reorders datagrams as its seed says.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// The largest datagram there is.
const LARGEST: usize = 65_535;

/// What happens to datagrams, each by itself, both ways.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Weather {
    /// From 0 to 1: how many are lost.
    pub lost: f64,
    /// How many arrive twice.
    pub twice: f64,
    /// How many are held back, for up to `delay` each: later ones overtake them.
    pub late: f64,
    pub delay: Duration,
}

/// Hands datagrams from its port to `to` and back; ends when dropped.
#[derive(Debug)]
pub struct Line {
    at: SocketAddr,
    state: Arc<Mutex<State>>,
    carrying: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    cut: bool,
    weather: Weather,
    dice: StdRng,
}

/// When copies of a datagram go on: none where it is lost.
type Fates = Vec<Duration>;

impl Line {
    pub async fn to(to: SocketAddr) -> io::Result<Self> {
        Self::between(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), to, 0).await
    }

    /// The same with its front at this address.
    pub async fn between(at: SocketAddr, to: SocketAddr, seed: u64) -> io::Result<Self> {
        let front = UdpSocket::bind(at).await?;
        let back = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        back.connect(to).await?;
        let at = front.local_addr()?;
        let state = Arc::new(Mutex::new(State {
            cut: false,
            weather: Weather::default(),
            dice: StdRng::seed_from_u64(seed),
        }));
        let carrying = tokio::spawn(carry(Arc::new(front), Arc::new(back), Arc::clone(&state)));
        Ok(Self { at, state, carrying })
    }

    /// Where the other end is to be reached.
    pub fn port(&self) -> u16 {
        self.at.port()
    }

    /// From now on everything is lost, both ways and without a word.
    pub fn cut(&self) {
        lock(&self.state).cut = true;
    }

    pub fn mend(&self) {
        lock(&self.state).cut = false;
    }

    pub fn set_weather(&self, weather: Weather) {
        lock(&self.state).weather = weather;
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn fates(&mut self) -> Fates {
        let weather = self.weather;
        if self.cut || self.dice.random_bool(weather.lost) {
            return Fates::new();
        }
        let copies = if self.dice.random_bool(weather.twice) {
            2
        } else {
            1
        };
        (0..copies)
            .map(|_| {
                if self.dice.random_bool(weather.late) {
                    weather.delay.mul_f64(self.dice.random())
                } else {
                    Duration::ZERO
                }
            })
            .collect()
    }
}

/// One side is known by its address, the other is whoever spoke last: one agent.
async fn carry(front: Arc<UdpSocket>, back: Arc<UdpSocket>, state: Arc<Mutex<State>>) {
    let mut agent = None;
    let (mut there, mut here) = (vec![0; LARGEST], vec![0; LARGEST]);
    loop {
        // A side that is gone for a moment answers with an error; the line goes on.
        tokio::select! {
            Ok((length, from)) = front.recv_from(&mut there) => {
                agent = Some(from);
                let fates = lock(&state).fates();
                hand_on(&back, None, &there[..length], &fates).await;
            }
            Ok(length) = back.recv(&mut here) => {
                let fates = lock(&state).fates();
                if agent.is_some() {
                    hand_on(&front, agent, &here[..length], &fates).await;
                }
            }
            else => tokio::task::yield_now().await,
        }
    }
}

async fn hand_on(through: &Arc<UdpSocket>, to: Option<SocketAddr>, datagram: &[u8], fates: &[Duration]) {
    for late in fates {
        if late.is_zero() {
            send(through, to, datagram).await;
            continue;
        }
        let (through, datagram, late) = (Arc::clone(through), datagram.to_vec(), *late);
        tokio::spawn(async move {
            tokio::time::sleep(late).await;
            send(&through, to, &datagram).await;
        });
    }
}

async fn send(through: &UdpSocket, to: Option<SocketAddr>, datagram: &[u8]) {
    let _ = match to {
        Some(to) => through.send_to(datagram, to).await,
        None => through.send(datagram).await,
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(weather: Weather) -> State {
        State {
            cut: false,
            weather,
            dice: StdRng::seed_from_u64(7),
        }
    }

    #[test]
    fn in_bad_weather_some_are_lost_some_come_twice_and_some_late() {
        let mut state = state(Weather {
            lost: 0.2,
            twice: 0.2,
            late: 0.5,
            delay: Duration::from_millis(100),
        });
        let fates: Vec<Fates> = (0..1000).map(|_| state.fates()).collect();
        let count = |wanted: fn(&&Fates) -> bool| fates.iter().filter(wanted).count();
        assert!((150..250).contains(&count(|fate| fate.is_empty())));
        assert!((120..220).contains(&count(|fate| fate.len() == 2)));
        let late = count(|fate| fate.iter().any(|late| !late.is_zero()));
        assert!((350..600).contains(&late), "{late}");
    }

    #[test]
    fn in_fair_weather_each_goes_on_once_and_at_once_unless_the_line_is_cut() {
        let mut state = state(Weather::default());
        assert!((0..100).all(|_| state.fates() == [Duration::ZERO]));
        state.cut = true;
        assert!(state.fates().is_empty());
    }
}
