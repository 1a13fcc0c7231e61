//! Tasks whose phone stays away come to an end, too.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// The latest due time of tasks that have waited for their phone for too long: it was away, and they were due. `None`
/// where none has.
pub(super) fn expired_before(now: Timestamp, away_since: Timestamp, after: Duration) -> Option<Timestamp> {
    let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
    let edge = now.saturating_sub(after).ok()?;
    (away_since <= edge).then_some(edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    const TWO_HOURS: Duration = Duration::from_secs(7200);

    #[test]
    fn a_task_waits_from_when_it_is_due_and_its_phone_away() {
        assert_eq!(expired_before(at(7_199), at(0), TWO_HOURS), None);
        assert_eq!(expired_before(at(7_200), at(0), TWO_HOURS), Some(at(0)));
        // What became due later than the phone went waits its own time.
        assert_eq!(expired_before(at(8_000), at(0), TWO_HOURS), Some(at(800)));
        // The phone was there for a while.
        assert_eq!(expired_before(at(8_000), at(5_000), TWO_HOURS), None);
    }
}
