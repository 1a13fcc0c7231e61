//! The worlds' time: milliseconds of the phones' time that go on where an earlier simulator left off.

use serde::{Deserialize, Serialize};

use crate::clock::{SimClock, SimTime};

/// Milliseconds since long before the first post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorldTime(pub u64);

/// A fresh world starts so late that what its people did before has room: half a year.
pub(super) const BEGINNING: WorldTime = WorldTime(183 * 24 * 3_600_000);

impl WorldTime {
    #[must_use]
    pub fn plus_seconds(self, seconds: f64) -> Self {
        Self(self.0.saturating_add((seconds * 1000.0).max(0.0) as u64))
    }

    #[must_use]
    pub fn minus_seconds(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds * 1000))
    }

    pub fn seconds_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0) / 1000
    }
}

/// Tells the world's time from the phones' clock.
#[derive(Debug, Clone)]
pub(super) struct WorldClock {
    base: u64,
    started: SimTime,
    clock: SimClock,
}

impl WorldClock {
    pub(super) fn from(then: WorldTime, clock: &SimClock) -> Self {
        Self {
            base: then.0,
            started: clock.now(),
            clock: clock.clone(),
        }
    }

    pub(super) fn now(&self) -> WorldTime {
        let passed = self.clock.now().0.saturating_sub(self.started.0);
        WorldTime(self.base + passed.as_millis() as u64)
    }
}
