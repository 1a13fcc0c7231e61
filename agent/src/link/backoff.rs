//! How long to wait before the next try: longer each time, never the same for two agents, and never so long that a
//! network that is back goes unused for seconds.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_millis(1_600);

/// Doubles from [`FIRST`] to [`LONGEST`], with half of it left to chance.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
}

impl Backoff {
    pub(super) fn next(&mut self) -> Duration {
        let whole = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        whole.mul_f64(rand::random_range(0.5..1.0))
    }

    pub(super) fn reset(&mut self) {
        self.tries = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_to_its_longest_and_begins_again() {
        let mut backoff = Backoff::default();
        let waits: Vec<Duration> = (0..40).map(|_| backoff.next()).collect();
        assert!(waits[0] < FIRST && waits[5] > FIRST * 2, "{waits:?}");
        assert!(waits.iter().all(|wait| *wait <= LONGEST));
        assert!(
            waits[10..].windows(2).any(|pair| pair[0] != pair[1]),
            "agents must not knock in step"
        );
        backoff.reset();
        assert!(backoff.next() < FIRST);
    }
}
