//! The moments of a schedule: its times, by the clock of its zone, within the time that it is valid, spread where that is
//! wanted. A time that the clocks leave out is the moment at which they jump; one that comes twice is the first of both.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::timing::Timing;

/// The days that are looked through for the next one that fits: 29 February may be eight years away.
const DAYS: u32 = 9 * 366;

/// When a schedule is due.
#[derive(Debug, Clone)]
pub struct Rule {
    pub timing: Timing,
    pub zone: TimeZone,
    /// A run begins by so much later at most.
    pub jitter_minutes: u32,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// Tells the spread of one schedule from that of another.
    pub salt: i64,
}

/// A moment at which a schedule is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// As the rule tells it.
    pub due: Timestamp,
    /// When its run begins: later where it is spread, but before the next moment.
    pub at: Timestamp,
}

impl Rule {
    /// The first moment after a time.
    pub fn first_after(&self, after: Timestamp) -> Option<Moment> {
        let after = match self.from {
            Some(from) if from > after => just_before(from),
            _ => after,
        };
        let due = self.due_after(after)?;
        let valid = self.until.is_none_or(|until| due <= until);
        valid.then(|| self.moment(due))
    }

    /// All moments after a time, in order.
    pub fn moments(&self, after: Timestamp) -> impl Iterator<Item = Moment> {
        std::iter::successors(self.first_after(after), |last| self.first_after(last.due))
    }

    /// When the run of a moment begins: always the same for the same.
    pub fn moment(&self, due: Timestamp) -> Moment {
        let most = i64::from(self.jitter_minutes) * 60;
        let most = match (most, self.due_after(due)) {
            (0, _) => 0,
            (most, Some(next)) => most.min((next.duration_since(due).as_millis() as i64 - 1) / 1000),
            (most, None) => most,
        };
        let mixed = mix(due.as_second() as u64 ^ mix(self.salt as u64));
        let later = mixed % (most.unsigned_abs() + 1);
        let later = SignedDuration::from_secs(later as i64);
        Moment {
            due,
            at: due.saturating_add(later).unwrap_or(due),
        }
    }

    /// Without a look at when it is valid.
    fn due_after(&self, after: Timestamp) -> Option<Timestamp> {
        let local = after.to_zoned(self.zone.clone()).datetime();
        let mut date = local.date();
        for _ in 0..DAYS {
            let times = self.timing.times_on(date);
            // What stood on this clock before has passed.
            let passed = if date == local.date() {
                times.partition_point(|time| *time < local.time())
            } else {
                0
            };
            for time in times.into_iter().skip(passed) {
                let at = instant(&self.zone, date.to_datetime(time))?;
                if at > after {
                    return Some(at);
                }
            }
            date = date.tomorrow().ok()?;
        }
        None
    }
}

/// When the clocks of a zone show a time, or jump over it.
fn instant(zone: &TimeZone, time: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time).ok(),
        AmbiguousOffset::Gap { before, after } => {
            // By the old clock it is as late as this, some time after the jump.
            let late = before.to_timestamp(time).ok()?;
            let from = late.saturating_add(SignedDuration::from_secs(1)).unwrap_or(late);
            let jump = zone.preceding(from).take(4).find(|jump| jump.offset() == after);
            Some(jump.map_or(late, |jump| jump.timestamp()))
        }
    }
}

fn just_before(time: Timestamp) -> Timestamp {
    time.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(time)
}

/// Numbers that are near to each other come out far apart (SplitMix64).
fn mix(seed: u64) -> u64 {
    let z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests;
