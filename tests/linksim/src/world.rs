//! What all simulated hosts share and what outlives them: the time, the phones, the dice, and what is to befall whom.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use controller::scheduler::Scheduler;
use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use shared::clock::Clock;
use shared::device::{Device, DeviceState, Fact, Identity, Serial};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::Sabotage;
use crate::phone::{Act, App};

/// When it all begins.
const BEGIN: Timestamp = Timestamp::constant(1_772_352_000, 0);

/// What befalls a host from within: at a point that it has come to, rather than at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Blow {
    /// It dies, and is there again after a while.
    Crash(String),
    /// It is cut off from the controller.
    Cut(String),
}

/// How bad the network is.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Weather {
    pub(crate) lost: f64,
    pub(crate) doubled: f64,
    pub(crate) late: f64,
    /// That a host dies at a point of a commit, or of an answer.
    pub(crate) deadly: f64,
    /// That a phone says no, or does not answer.
    pub(crate) moody: f64,
}

pub(crate) struct World {
    elapsed: Mutex<Duration>,
    dice: Mutex<StdRng>,
    weather: Mutex<Weather>,
    blows: Mutex<Vec<Blow>>,
    trace: Mutex<Vec<String>>,
    datagrams: Mutex<(u64, DefaultHasher)>,
    pub(crate) apps: Mutex<BTreeMap<String, App>>,
    pub(crate) ledger: Mutex<Vec<Act>>,
    /// When each phone was asked for anything, reading or touching.
    pub(crate) calls: Mutex<Vec<(Duration, String)>>,
    /// At which hub each phone hangs.
    places: Mutex<BTreeMap<String, String>>,
    lists: Mutex<BTreeMap<String, watch::Sender<agent::roster::Devices>>>,
    pub(crate) scheduler: Mutex<Option<Scheduler>>,
    pub(crate) sabotage: Option<Sabotage>,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    pub(crate) fn new(seed: u64, sabotage: Option<Sabotage>) -> Self {
        Self {
            elapsed: Mutex::default(),
            dice: Mutex::new(StdRng::seed_from_u64(seed)),
            weather: Mutex::default(),
            blows: Mutex::default(),
            trace: Mutex::default(),
            datagrams: Mutex::default(),
            apps: Mutex::default(),
            ledger: Mutex::default(),
            calls: Mutex::default(),
            places: Mutex::default(),
            lists: Mutex::default(),
            scheduler: Mutex::default(),
            sabotage,
        }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        *lock(&self.elapsed)
    }

    pub(crate) fn set_elapsed(&self, elapsed: Duration) {
        *lock(&self.elapsed) = elapsed;
    }

    pub(crate) fn weather(&self) -> Weather {
        *lock(&self.weather)
    }

    pub(crate) fn set_weather(&self, weather: Weather) {
        *lock(&self.weather) = weather;
    }

    /// Whether something comes about that has this chance.
    pub(crate) fn chance(&self, of: f64) -> bool {
        of > 0.0 && lock(&self.dice).random_bool(of.min(1.0))
    }

    pub(crate) fn millis(&self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(lock(&self.dice).random_range(range))
    }

    pub(crate) fn number(&self) -> u64 {
        lock(&self.dice).random()
    }

    pub(crate) fn one_of<'a, T>(&self, all: &'a [T]) -> &'a T {
        &all[lock(&self.dice).random_range(0..all.len())]
    }

    pub(crate) fn strike(&self, blow: Blow) {
        lock(&self.blows).push(blow);
    }

    pub(crate) fn take_blows(&self) -> Vec<Blow> {
        std::mem::take(&mut *lock(&self.blows))
    }

    pub(crate) fn note(&self, at: Duration, what: impl fmt::Display) {
        let line = format!("{:>9.3} {what}", at.as_secs_f64());
        tracing::info!(target: "sim", "{line}");
        lock(&self.trace).push(line);
    }

    /// A datagram was sent: all of them make the run's hash, with their times and lengths. What is in them differs from run to
    /// run: keys are made by ring, which asks the kernel itself.
    pub(crate) fn sent(&self, datagram: &[u8]) {
        let mut datagrams = lock(&self.datagrams);
        datagrams.0 += 1;
        (self.elapsed(), datagram.len()).hash(&mut datagrams.1);
    }

    /// How many there were, and their hash.
    pub(crate) fn datagrams(&self) -> (u64, u64) {
        let datagrams = lock(&self.datagrams);
        (datagrams.0, datagrams.1.finish())
    }

    pub(crate) fn trace(&self) -> Vec<String> {
        lock(&self.trace).clone()
    }

    /// The phones of a hub, as its roster would tell of them.
    pub(crate) fn list(&self, hub: &str) -> watch::Receiver<agent::roster::Devices> {
        self.publish();
        lock(&self.lists)
            .entry(hub.to_owned())
            .or_insert_with(|| watch::Sender::new(Arc::new(BTreeMap::new())))
            .subscribe()
    }

    pub(crate) fn put(&self, serial: &str, hub: &str) {
        lock(&self.places).insert(serial.to_owned(), hub.to_owned());
        self.publish();
    }

    pub(crate) fn is_at(&self, serial: &str, hub: &str) -> bool {
        lock(&self.places).get(serial).is_some_and(|at| at == hub)
    }

    fn publish(&self) {
        let places = lock(&self.places).clone();
        let mut lists = lock(&self.lists);
        for hub in places.values() {
            lists
                .entry(hub.clone())
                .or_insert_with(|| watch::Sender::new(Arc::new(BTreeMap::new())));
        }
        let now = BEGIN + self.elapsed();
        for (hub, list) in lists.iter() {
            let here = places.iter().filter(|(_, at)| *at == hub);
            let wanted: Vec<Serial> = here.map(|(serial, _)| Serial(serial.clone())).collect();
            list.send_if_modified(|devices| {
                if devices.keys().eq(wanted.iter()) {
                    return false;
                }
                let known = wanted.iter().map(|serial| {
                    let device = devices.get(serial).cloned();
                    (serial.clone(), device.unwrap_or_else(|| told(serial, now)))
                });
                *devices = Arc::new(known.collect());
                true
            });
        }
    }
}

fn told(serial: &Serial, now: Timestamp) -> Device {
    let mut device = Device::new(serial.clone(), DeviceState::Online, now);
    let identity = Identity {
        serialno: serial.0.clone(),
        manufacturer: "paper".to_owned(),
        model: "paper".to_owned(),
        android: "13".to_owned(),
        sdk: 33,
        boot_id: format!("boot of {serial}"),
        android_id: format!("id of {serial}"),
    };
    device.identity = Some(Fact::new(identity, now));
    device
}

/// A host's clock: the simulated time, and how far its own wall clock is off. Goes on while the host is down.
pub(crate) struct SimClock {
    world: Arc<World>,
    skew: jiff::SignedDuration,
    /// The simulated time at a moment of the runtime that the host has now.
    base: Mutex<Option<(Duration, Instant)>>,
}

impl fmt::Debug for SimClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimClock")
    }
}

impl SimClock {
    pub(crate) fn new(world: &Arc<World>, skew: jiff::SignedDuration) -> Arc<Self> {
        Arc::new(Self {
            world: Arc::clone(world),
            skew,
            base: Mutex::default(),
        })
    }

    /// The host has begun anew.
    pub(crate) fn begun(&self) {
        *lock(&self.base) = Some((self.world.elapsed(), Instant::now()));
    }

    pub(crate) fn elapsed(&self) -> Duration {
        let here = tokio::runtime::Handle::try_current().is_ok();
        match *lock(&self.base) {
            Some((base, at)) if here => base + at.elapsed(),
            _ => self.world.elapsed(),
        }
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        BEGIN + self.elapsed() + self.skew
    }

    fn since_boot(&self) -> Duration {
        self.elapsed()
    }

    fn sleep(&self, duration: Duration) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}
