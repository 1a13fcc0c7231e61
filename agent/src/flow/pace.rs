//! The time of a run. With `--speed N` every wait and deadline is N times shorter, as the simulated phones live N
//! times faster; what real services count (one-time codes) goes by the clock itself.

use std::time::Duration;

use jiff::Timestamp;
use shared::clock::SharedClock;

/// Nobody waits for less: a phone cannot be asked more often anyway.
const SHORTEST: Duration = Duration::from_millis(4);

/// A clock and how much faster than it the flow lives.
#[derive(Debug, Clone)]
pub struct Pace {
    clock: SharedClock,
    speed: f64,
    start: Timestamp,
}

impl Pace {
    pub fn new(clock: SharedClock, speed: f64) -> Self {
        let start = clock.now();
        Self {
            clock,
            speed: speed.clamp(0.01, 1_000.0),
            start,
        }
    }

    /// The flow's time since the run began.
    pub fn elapsed(&self) -> Duration {
        let real = self.clock.now().duration_since(self.start);
        let real = Duration::try_from(real).unwrap_or_default();
        real.mul_f64(self.speed)
    }

    /// Waits for a time of the flow.
    pub async fn sleep(&self, time: Duration) {
        self.clock.sleep(self.real(time)).await;
    }

    /// How long a time of the flow really takes.
    pub fn real(&self, time: Duration) -> Duration {
        time.div_f64(self.speed).max(SHORTEST)
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The real clock.
    pub fn clock(&self) -> &SharedClock {
        &self.clock
    }
}

/// Seconds as scripts give them.
pub(super) fn seconds(value: f64) -> Duration {
    /// A year; what is longer is a mistake, and must not overflow.
    const LONGEST: f64 = 31_536_000.0;
    if value.is_finite() {
        Duration::from_secs_f64(value.clamp(0.0, LONGEST))
    } else {
        Duration::ZERO
    }
}
