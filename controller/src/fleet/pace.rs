//! How fast one agent is listened to. What comes faster waits in the agent, held there by QUIC's flow control, so that
//! one that sends as fast as it can takes no time from the others.

use std::time::Duration;

use tokio::time::Instant;

/// Words that may come at once: a full list of many phones, the news of a bus that was plugged in.
const BURST: f64 = 200.0;
/// Words a second in the long run; an agent in health says two.
const RATE: f64 = 25.0;
/// A long frame counts for several words, one for each so many bytes.
const WORD: f64 = 8_192.0;

/// Requests of its work that may come at once, and a second in the long run: a few for each task of each of its phones.
const REQUESTS_AT_ONCE: f64 = 2_000.0;
const REQUESTS: f64 = 500.0;

/// A bucket of words.
#[derive(Debug)]
pub(super) struct Pace {
    left: f64,
    at: Instant,
    burst: f64,
    rate: f64,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: BURST,
            at: now,
            burst: BURST,
            rate: RATE,
        }
    }

    pub(super) fn of_requests(now: Instant) -> Self {
        Self {
            left: REQUESTS_AT_ONCE,
            at: now,
            burst: REQUESTS_AT_ONCE,
            rate: REQUESTS,
        }
    }

    /// How long to wait after a frame of `bytes` until the next is read.
    pub(super) fn after(&mut self, bytes: usize, now: Instant) -> Duration {
        self.left = (self.left + now.duration_since(self.at).as_secs_f64() * self.rate).min(self.burst);
        self.at = now;
        self.left -= 1.0 + bytes as f64 / WORD;
        if self.left >= 0.0 {
            Duration::ZERO
        } else {
            Duration::from_secs_f64(-self.left / self.rate)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_burst_passes_and_a_flood_is_held_to_the_rate() {
        let start = Instant::now();
        let mut pace = Pace::new(start);
        let mut now = start;
        for _ in 0..200 {
            assert_eq!(pace.after(0, now), Duration::ZERO);
        }
        for _ in 0..100 {
            now += pace.after(0, now);
        }
        let took = (now - start).as_secs_f64();
        assert!((3.9..4.1).contains(&took), "100 words at 25 a second: {took}");
        now += Duration::from_secs(60);
        assert_eq!(
            pace.after(0, now),
            Duration::ZERO,
            "and the quiet one has its burst again"
        );
    }
}
