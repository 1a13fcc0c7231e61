//! What befalls the hosts and the network, and when it is over.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use turmoil::Sim;

use crate::HOST;
use crate::hub::Hub;
use crate::world::{Blow, Weather, World, lock};

/// How long the trouble lasts.
const LASTS: std::ops::Range<u64> = 30_000..150_000;
/// In milliseconds: how long a host is down, and a way is broken. Some are longer than any lease.
const SHORT: std::ops::Range<u64> = 100..8_000;
const LONG: std::ops::Range<u64> = 8_000..75_000;
/// Something may happen this often.
const EVERY: Duration = Duration::from_secs(1);

/// See the module.
pub(crate) struct Trouble {
    world: Arc<World>,
    hubs: Vec<Hub>,
    phones: Vec<String>,
    ends: Duration,
    next: Duration,
    /// Hosts that are down, ways that are broken or held, with when that ends.
    down: BTreeMap<String, Duration>,
    cut: BTreeMap<String, Duration>,
    held: BTreeMap<String, Duration>,
    /// How likely something befalls anybody in a second.
    rate: f64,
    pub(crate) crashes: usize,
    pub(crate) cuts: usize,
}

impl Trouble {
    pub(crate) fn new(world: &Arc<World>, hubs: &[Hub], phones: &[String]) -> Self {
        let part = |most: u64| world.millis(0..most).as_secs_f64() / 100.0;
        world.set_weather(Weather {
            lost: part(10_000) / 10.0,
            doubled: part(20_000),
            late: part(10_000) / 10.0,
            deadly: part(12_000),
            moody: part(15_000),
        });
        Self {
            world: Arc::clone(world),
            hubs: hubs.to_vec(),
            phones: phones.to_vec(),
            ends: world.millis(LASTS),
            next: EVERY,
            down: BTreeMap::new(),
            cut: BTreeMap::new(),
            held: BTreeMap::new(),
            rate: part(15_000),
            crashes: 0,
            cuts: 0,
        }
    }

    /// Whether it is over, and everybody is up and within reach.
    pub(crate) fn is_over(&self, now: Duration) -> bool {
        now >= self.ends && self.down.is_empty() && self.cut.is_empty() && self.held.is_empty()
    }

    fn time(&self) -> Duration {
        if self.world.chance(0.7) {
            self.world.millis(SHORT)
        } else {
            self.world.millis(LONG)
        }
    }

    fn crash(&mut self, sim: &mut Sim<'_>, host: &str, now: Duration) {
        if self.down.contains_key(host) {
            return;
        }
        sim.crash(host);
        let hub = self.hubs.iter().find(|hub| hub.name == host);
        if let Some(hub) = hub {
            // The journal is let go.
            drop(lock(&hub.seen).take());
            hub.crashed();
        }
        self.crashes += 1;
        let until = now + self.time();
        self.world.note(
            now,
            format_args!("{host} is down until {:.3}", until.as_secs_f64()),
        );
        self.down.insert(host.to_owned(), until);
    }

    fn cut(&mut self, sim: &mut Sim<'_>, hub: &str, now: Duration) {
        if hub.is_empty() || self.cut.contains_key(hub) || self.held.contains_key(hub) {
            return;
        }
        self.cuts += 1;
        let until = now + self.time();
        let way = match self.world.millis(0..4).as_millis() {
            0 => {
                sim.partition_oneway(hub, HOST);
                "from it"
            }
            1 => {
                sim.partition_oneway(HOST, hub);
                "to it"
            }
            _ => {
                sim.partition(hub, HOST);
                "both ways"
            }
        };
        self.world.note(
            now,
            format_args!("{hub} is cut off until {:.3}, {way}", until.as_secs_f64()),
        );
        self.cut.insert(hub.to_owned(), until);
    }

    /// What happens by itself at this time.
    pub(crate) fn step(&mut self, sim: &mut Sim<'_>, now: Duration) {
        for blow in self.world.take_blows() {
            match blow {
                Blow::Crash(host) => self.crash(sim, &host, now),
                Blow::Cut(hub) => self.cut(sim, &hub, now),
            }
        }
        self.heal(sim, now);
        if now >= self.ends || now < self.next {
            return;
        }
        self.next = now + EVERY;
        if !self.world.chance(self.rate) {
            return;
        }
        let hub = self.world.one_of(&self.hubs).name.clone();
        match self.world.millis(0..10).as_millis() {
            0 => self.crash(sim, HOST, now),
            1 | 2 => self.crash(sim, &hub, now),
            3..=6 => self.cut(sim, &hub, now),
            7 | 8 => {
                if !self.cut.contains_key(&hub) && !self.held.contains_key(&hub) {
                    sim.hold(hub.as_str(), HOST);
                    let until = now + self.world.millis(SHORT);
                    self.world.note(now, format_args!("{hub}'s words are held back"));
                    self.held.insert(hub, until);
                }
            }
            _ => {
                let phone = self.world.one_of(&self.phones).clone();
                self.world
                    .note(now, format_args!("{phone} is plugged in at {hub}"));
                self.world.put(&phone, &hub);
            }
        }
    }

    fn heal(&mut self, sim: &mut Sim<'_>, now: Duration) {
        let over = now >= self.ends;
        if over {
            self.world.set_weather(Weather::default());
        }
        let due = |all: &mut BTreeMap<String, Duration>| {
            let due: Vec<String> = all
                .iter()
                .filter(|(_, until)| over || **until <= now)
                .map(|(name, _)| name.clone())
                .collect();
            all.retain(|name, _| !due.contains(name));
            due
        };
        for hub in due(&mut self.cut) {
            sim.repair(hub.as_str(), HOST);
            self.world.note(now, format_args!("{hub} is within reach again"));
        }
        for hub in due(&mut self.held) {
            sim.release(hub.as_str(), HOST);
        }
        for host in due(&mut self.down) {
            sim.bounce(host);
        }
    }
}
