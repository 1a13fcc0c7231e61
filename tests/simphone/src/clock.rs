//! The phone's own time. With `--speed 10` animations, boots and uploads take a tenth; what the adb protocol and
//! the host measure stays real.

use std::time::Duration;

use tokio::time::Instant;

/// Runs `speed` times as fast as the host's clock, from the moment it was made.
#[derive(Debug, Clone)]
pub struct SimClock {
    start: Instant,
    speed: f64,
}

/// Time since the phone's simulator was started, in the phone's own time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct SimTime(pub Duration);

impl std::ops::Add<Duration> for SimTime {
    type Output = Self;
    fn add(self, by: Duration) -> Self {
        Self(self.0.saturating_add(by))
    }
}

impl SimClock {
    pub fn new(speed: f64) -> Self {
        assert!(speed > 0.0 && speed.is_finite(), "speed is a positive number");
        Self {
            start: Instant::now(),
            speed,
        }
    }

    pub fn speed(&self) -> f64 {
        self.speed
    }

    pub fn now(&self) -> SimTime {
        SimTime(self.start.elapsed().mul_f64(self.speed))
    }

    /// Waits `duration` of the phone's time.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration.div_f64(self.speed)).await;
    }

    /// Waits until `then` in the phone's time.
    pub async fn sleep_until(&self, then: SimTime) {
        tokio::time::sleep_until(self.start + then.0.div_f64(self.speed)).await;
    }
}
