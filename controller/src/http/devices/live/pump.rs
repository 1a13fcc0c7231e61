//! Pumps: one asks one phone for its picture in one size, for all who watch it so, and ends with the last of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::clock::SharedClock;
use shared::device::DeviceState;
use tokio::sync::{Notify, Semaphore};
use tokio::time::Instant;
use uuid::Uuid;

use super::frame::Shot;
use super::outbox::Outbox;
use super::words::{LiveWord, TileWish};
use crate::fleet::{Answer, Ask, AskError};
use crate::http::phones::{Phones, astray};

/// A picture that takes longer is not live.
const DEADLINE: Duration = Duration::from_secs(10);
/// Phones of one host that are asked at once for a small picture; their pictures share its wires.
const AT_ONCE: usize = 8;
/// The same for large ones, so that whoever works on a phone does not wait for a wall of tiles.
const LARGE_AT_ONCE: usize = 3;
/// Pictures of this size and more are large.
const LARGE: u32 = 720;
/// How soon a phone that is away is looked for again; nothing is asked for that.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
/// After a picture that could not be had, and after many of them.
const TRY_AGAIN: Duration = Duration::from_secs(1);
const LONGEST_TRY: Duration = Duration::from_secs(15);

/// What was done so far, and what is under way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LiveFigures {
    pub sockets: usize,
    pub tiles: usize,
    pub pumps: usize,
    pub asks: u64,
    pub unchanged: u64,
    pub frames: u64,
    pub bytes: u64,
    pub dropped: u64,
}

#[derive(Debug, Default)]
struct Counters {
    asks: AtomicU64,
    unchanged: AtomicU64,
    frames: AtomicU64,
    bytes: AtomicU64,
    dropped: AtomicU64,
}

/// All pumps; clones are one.
#[derive(Debug, Clone, Default)]
pub struct Live(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    pumps: Mutex<BTreeMap<Key, Pump>>,
    lanes: Mutex<BTreeMap<(Uuid, bool), Arc<Semaphore>>>,
    next: AtomicU64,
    counters: Counters,
    sockets: AtomicUsize,
}

/// A phone and a size.
type Key = (String, u32);

#[derive(Debug)]
struct Pump {
    watchers: BTreeMap<u64, Watcher>,
    /// Somebody came or went.
    changed: Arc<Notify>,
    shown: Option<Arc<Shot>>,
    state: Option<State>,
}

#[derive(Debug)]
struct Watcher {
    outbox: Arc<Outbox>,
    stream: u32,
    every: Duration,
    /// When it may have the next picture, and the number of the one that it has.
    due: Instant,
    has: u32,
}

/// How a phone is, as watchers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    state: &'static str,
    reason: Option<String>,
}

/// Somebody watches; until this is dropped.
#[derive(Debug)]
pub(super) struct Watching {
    live: Live,
    key: Key,
    id: u64,
    outbox: Arc<Outbox>,
    stream: u32,
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Some(pump) = self.live.pumps().get_mut(&self.key) {
            pump.watchers.remove(&self.id);
            pump.changed.notify_one();
        }
        self.outbox.forget(self.stream);
    }
}

/// A connection of watchers, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Seat(Live);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.0.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Live {
    fn pumps(&self) -> MutexGuard<'_, BTreeMap<Key, Pump>> {
        self.0.pumps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn figures(&self) -> LiveFigures {
        let pumps = self.pumps();
        let (tiles, pumps) = (pumps.values().map(|pump| pump.watchers.len()).sum(), pumps.len());
        let counters = &self.0.counters;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        LiveFigures {
            sockets: self.0.sockets.load(Ordering::Relaxed),
            tiles,
            pumps,
            asks: read(&counters.asks),
            unchanged: read(&counters.unchanged),
            frames: read(&counters.frames),
            bytes: read(&counters.bytes),
            dropped: read(&counters.dropped),
        }
    }

    /// A place for one more connection, of so many.
    pub(super) fn seat(&self, most: usize) -> Option<Seat> {
        let taken = |sockets: usize| (sockets < most).then_some(sockets + 1);
        let seat = self
            .0
            .sockets
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        seat.is_ok().then(|| Seat(self.clone()))
    }

    pub(super) fn sent(&self, bytes: usize) {
        self.0.counters.frames.fetch_add(1, Ordering::Relaxed);
        self.0.counters.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Lets a watcher see a phone; the first one starts the pump.
    pub(super) fn watch(
        &self,
        phones: &Arc<dyn Phones>,
        clock: &SharedClock,
        tile: &TileWish,
        outbox: &Arc<Outbox>,
    ) -> Watching {
        let live = phones.find(&tile.serial);
        let serial = live.map_or_else(|| tile.serial.clone(), |live| live.device.serial.0.clone());
        let key = (serial, tile.class());
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut watcher = Watcher {
            outbox: Arc::clone(outbox),
            stream: tile.stream,
            every: Duration::from_secs(1) / u32::from(tile.rate.max(1)),
            due: Instant::now(),
            has: 0,
        };
        let mut pumps = self.pumps();
        let is_new = !pumps.contains_key(&key);
        let pump = pumps.entry(key.clone()).or_insert_with(|| Pump {
            watchers: BTreeMap::new(),
            changed: Arc::default(),
            shown: None,
            state: None,
        });
        if let Some(state) = &pump.state {
            watcher.tell(&key, state);
        }
        if let Some(shown) = &pump.shown {
            watcher.give(shown, Instant::now());
        }
        pump.watchers.insert(id, watcher);
        pump.changed.notify_one();
        if is_new {
            let run = Run {
                live: self.clone(),
                phones: Arc::clone(phones),
                clock: Arc::clone(clock),
                key: key.clone(),
                changed: Arc::clone(&pump.changed),
            };
            tokio::spawn(run.pump());
        }
        Watching {
            live: self.clone(),
            key,
            id,
            outbox: Arc::clone(outbox),
            stream: tile.stream,
        }
    }

    fn lane(&self, host: Uuid, size: u32) -> Arc<Semaphore> {
        let large = size >= LARGE;
        let places = if large { LARGE_AT_ONCE } else { AT_ONCE };
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = lanes.entry((host, large));
        Arc::clone(lane.or_insert_with(|| Arc::new(Semaphore::new(places))))
    }
}

impl Watcher {
    /// Whether a picture was dropped for this one.
    fn give(&mut self, shot: &Arc<Shot>, now: Instant) -> bool {
        // A picture that comes a little early is not put off to the next one.
        if self.has == shot.number || now + self.every / 8 < self.due {
            return false;
        }
        self.has = shot.number;
        self.due = now.max(self.due.min(now + self.every)) + self.every;
        self.outbox.put_shot(self.stream, Arc::clone(shot))
    }

    fn tell(&self, key: &Key, state: &State) {
        let word = LiveWord::State {
            stream: self.stream,
            serial: key.0.clone(),
            state: state.state.to_owned(),
            reason: state.reason.clone(),
        };
        self.outbox.put_state(self.stream, word.json());
    }
}

/// One pump at work.
struct Run {
    live: Live,
    phones: Arc<dyn Phones>,
    clock: SharedClock,
    key: Key,
    changed: Arc<Notify>,
}

impl Run {
    async fn pump(self) {
        let mut asked: Option<Instant> = None;
        let mut tag = None;
        let mut number = 0;
        let mut failed = 0_u32;
        while let Some(every) = self.every() {
            let now = Instant::now();
            let next = asked.map_or(now, |asked| asked + every);
            if next > now {
                self.wait(next - now).await;
                continue;
            }
            let host = match self.host() {
                Ok(host) => host,
                Err(state) => {
                    self.tell(&state);
                    self.wait(LOOK_AGAIN).await;
                    continue;
                }
            };
            let lane = self.live.lane(host, self.key.1);
            let place = tokio::select! {
                place = lane.acquire() => place,
                () = self.changed.notified() => continue,
            };
            asked = Some(Instant::now());
            match self.ask(tag).await {
                Ok(Some((shot, new))) => {
                    number += 1;
                    let (kind, bytes) = shot;
                    let shot = Shot::new(kind, number, self.clock.now(), bytes);
                    tag = Some(new);
                    failed = 0;
                    drop(place);
                    self.tell(&State::online());
                    self.show(Some(shot));
                }
                Ok(None) => {
                    failed = 0;
                    drop(place);
                    self.tell(&State::online());
                    self.show(None);
                }
                Err(state) => {
                    drop(place);
                    self.tell(&state);
                    let wait = TRY_AGAIN * 2_u32.saturating_pow(failed.min(5));
                    failed += 1;
                    self.rest(wait.min(LONGEST_TRY)).await;
                }
            }
        }
    }

    /// The shortest time between two pictures that somebody wants; `None`, and no pump any more, when nobody does.
    fn every(&self) -> Option<Duration> {
        let mut pumps = self.live.pumps();
        // Another one may have taken the place of this one, which was over.
        let own = pumps
            .get(&self.key)
            .filter(|pump| Arc::ptr_eq(&pump.changed, &self.changed))?;
        let every = own.watchers.values().map(|watcher| watcher.every).min();
        if every.is_none() {
            pumps.remove(&self.key);
        }
        every
    }

    /// Until then, or until somebody comes or goes.
    async fn wait(&self, time: Duration) {
        let _ = tokio::time::timeout(time, self.changed.notified()).await;
    }

    /// Until then, or until nobody watches: who comes meanwhile does not make a phone in trouble be asked sooner.
    async fn rest(&self, time: Duration) {
        let until = Instant::now() + time;
        while tokio::time::timeout_at(until, self.changed.notified())
            .await
            .is_ok()
        {
            if self.every().is_none() {
                return;
            }
        }
    }

    /// The host of the phone, which is online.
    fn host(&self) -> Result<Uuid, State> {
        let live = self.phones.find(&self.key.0).ok_or_else(|| State {
            state: "unknown",
            reason: Some(format!("no phone answers to {:?}", self.key.0)),
        })?;
        match live.device.state {
            DeviceState::Online => Ok(live.host),
            state => Err(State {
                state: state.as_str(),
                reason: live.device.state_reason.clone(),
            }),
        }
    }

    /// A picture with its tag; `None` where nothing has changed.
    async fn ask(
        &self,
        unless: Option<u64>,
    ) -> Result<Option<((crate::fleet::PictureKind, Vec<u8>), u64)>, State> {
        let counters = &self.live.0.counters;
        counters.asks.fetch_add(1, Ordering::Relaxed);
        let question = Ask::Glimpse {
            max: self.key.1,
            unless,
        };
        match self.phones.ask(&self.key.0, question, DEADLINE).await {
            Ok(Answer::Glimpse { kind, bytes, tag }) => Ok(Some(((kind, bytes), tag))),
            Ok(Answer::Unchanged) => {
                counters.unchanged.fetch_add(1, Ordering::Relaxed);
                Ok(None)
            }
            Ok(other) => Err(State::no_picture(astray(&other).message)),
            Err(AskError::NotOnline { state, reason, .. }) => Err(State {
                state: state.as_str(),
                reason,
            }),
            Err(error @ AskError::HostAway) => Err(State {
                state: DeviceState::Offline.as_str(),
                reason: Some(error.to_string()),
            }),
            Err(error) => Err(State::no_picture(error.to_string())),
        }
    }

    fn tell(&self, state: &State) {
        let mut pumps = self.live.pumps();
        let Some(pump) = pumps.get_mut(&self.key) else {
            return;
        };
        if pump.state.as_ref() == Some(state) {
            return;
        }
        pump.state = Some(state.clone());
        for watcher in pump.watchers.values() {
            watcher.tell(&self.key, state);
        }
    }

    /// Gives a new picture, or the one that is still right, to whoever may have it now.
    fn show(&self, shot: Option<Arc<Shot>>) {
        let now = Instant::now();
        let mut pumps = self.live.pumps();
        let Some(pump) = pumps.get_mut(&self.key) else {
            return;
        };
        if shot.is_some() {
            pump.shown = shot;
        }
        let Some(shown) = &pump.shown else { return };
        let dropped: u64 = pump
            .watchers
            .values_mut()
            .map(|watcher| u64::from(watcher.give(shown, now)))
            .sum();
        self.live.0.counters.dropped.fetch_add(dropped, Ordering::Relaxed);
    }
}

impl State {
    fn online() -> Self {
        Self {
            state: DeviceState::Online.as_str(),
            reason: None,
        }
    }

    fn no_picture(reason: String) -> Self {
        Self {
            state: "no_picture",
            reason: Some(reason),
        }
    }
}
