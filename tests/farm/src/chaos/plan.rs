//! What happens to the farm and when: drawn from a seed before anything begins.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::line::Weather;

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Blow {
    /// kill -9, and it is started again after this time.
    KillController(Duration),
    KillAgent(usize, Duration),
    KillRack(usize, Duration),
    KillAdbServer(usize),
    /// SIGSTOP, and SIGCONT after this time: often past the lease.
    StopAgent(usize, Duration),
    StopRack(usize, Duration),
    StopController(Duration),
    /// The phone comes up at its other agent; with a time it stays at the first one as well for so long.
    Move(usize, Option<Duration>),
    /// The agent is killed and has lost its journal and its outbox.
    LoseJournal(usize),
    /// The agent's machine is gone for good; a new one takes its place.
    LoseHost(usize),
    BadWeather(usize, Weather, Duration),
    Cut(usize, Duration),
}

impl Blow {
    /// Under which name it is counted.
    pub fn name(&self) -> &'static str {
        match self {
            Self::KillController(_) => "controller killed",
            Self::KillAgent(..) => "agent killed",
            Self::KillRack(..) => "rack of phones killed",
            Self::KillAdbServer(_) => "adb server killed",
            Self::StopAgent(..) => "agent stopped and continued",
            Self::StopRack(..) => "rack of phones stopped and continued",
            Self::StopController(_) => "controller stopped and continued",
            Self::Move(_, None) => "phone moved to another agent",
            Self::Move(_, Some(_)) => "phone at two agents for a while, then moved",
            Self::LoseJournal(_) => "journal lost",
            Self::LoseHost(_) => "agent's machine lost",
            Self::BadWeather(..) => "line in bad weather",
            Self::Cut(..) => "line cut",
        }
    }
}

/// A blow and its moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub at: Duration,
    pub blow: Blow,
}

/// How large the farm is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub agents: usize,
    pub phones: usize,
    pub racks: usize,
}

/// Each kind comes about once in so many seconds.
const EVERY: [(u8, f64); 13] = [
    (0, 70.0),
    (1, 40.0),
    (2, 90.0),
    (3, 60.0),
    (4, 60.0),
    (5, 150.0),
    (6, 150.0),
    (7, 25.0),
    (8, 40.0),
    (9, 180.0),
    (10, 400.0),
    (11, 30.0),
    (12, 60.0),
];

/// All that happens within `length`, in its order.
pub fn plan(seed: u64, length: Duration, size: Size) -> Vec<Event> {
    let mut events = Vec::new();
    for (kind, every) in EVERY {
        let mut dice = StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(u64::from(kind)));
        // A short run meets each kind once at least.
        let every = every.min(length.as_secs_f64() * 0.7);
        let mut at = every * dice.random::<f64>();
        while at < length.as_secs_f64() {
            events.push(Event {
                at: Duration::from_secs_f64(at),
                blow: blow(kind, &mut dice, size),
            });
            at += every * (0.5 + dice.random::<f64>());
        }
    }
    events.sort_by_key(|event| event.at);
    events
}

fn blow(kind: u8, dice: &mut StdRng, size: Size) -> Blow {
    let mut seconds = |from: f64, to: f64| Duration::from_secs_f64(dice.random_range(from..to));
    let (down, short) = (seconds(0.2, 6.0), seconds(1.0, 15.0));
    // Within the lease, past it, and past the time after which a host is given up.
    let still = [seconds(2.0, 9.0), seconds(12.0, 30.0), seconds(45.0, 80.0)];
    let still = still[dice.random_range(0..still.len())];
    let agent = dice.random_range(0..size.agents);
    let phone = dice.random_range(1..=size.phones);
    let rack = dice.random_range(0..size.racks);
    match kind {
        0 => Blow::KillController(down),
        1 => Blow::KillAgent(agent, down),
        2 => Blow::KillRack(rack, down),
        3 => Blow::KillAdbServer(agent),
        4 => Blow::StopAgent(agent, still),
        5 => Blow::StopRack(rack, short),
        6 => Blow::StopController(short),
        7 => Blow::Move(phone, None),
        8 => Blow::Move(phone, Some(short)),
        9 => Blow::LoseJournal(agent),
        10 => Blow::LoseHost(agent),
        11 => {
            let weather = Weather {
                lost: dice.random_range(0.0..0.3),
                twice: dice.random_range(0.0..0.3),
                late: dice.random_range(0.0..0.5),
                delay: Duration::from_millis(dice.random_range(10..1500)),
            };
            Blow::BadWeather(agent, weather, Duration::from_secs(dice.random_range(5..25)))
        }
        _ => Blow::Cut(agent, still),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const SIZE: Size = Size {
        agents: 4,
        phones: 40,
        racks: 4,
    };

    #[test]
    fn a_seed_tells_all_and_even_a_short_run_meets_every_kind() {
        let five = Duration::from_secs(300);
        assert_eq!(plan(1, five, SIZE), plan(1, five, SIZE));
        assert_ne!(plan(1, five, SIZE), plan(2, five, SIZE));
        for seed in 0..20 {
            let events = plan(seed, five, SIZE);
            let kinds: BTreeSet<&str> = events.iter().map(|event| event.blow.name()).collect();
            assert_eq!(kinds.len(), EVERY.len(), "{seed}: {kinds:?}");
            assert!(events.is_sorted_by_key(|event| event.at));
        }
    }
}
