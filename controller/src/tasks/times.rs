//! When tasks start: at once, at a time of day, at a time, one after the other on each phone.

use std::collections::BTreeMap;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use rand::Rng as _;
use rand::rngs::StdRng;
use shared::device::Serial;

use super::Wanted;

/// A time of day that has passed by less than this is meant for today, and starts now.
const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// Minutes between the tasks of a call on one phone: any number from the one to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spacing {
    pub least: u32,
    pub most: u32,
}

/// "HH:MM", also "9:05".
pub fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str, allowed: std::ops::RangeInclusive<usize>| {
        (allowed.contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit()))
            .then(|| text.parse::<i8>().ok())
            .flatten()
    };
    Time::new(digits(hour, 1..=2)?, digits(minute, 2..=2)?, 0, 0).ok()
}

/// When it is that time next; `None` for now.
pub fn next_occurrence(now: Timestamp, time: Time, zone: &TimeZone) -> Option<Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    [-1, 0, 1, 2]
        .into_iter()
        .filter_map(|days| {
            let day = today.checked_add(i64::from(days).days()).ok()?;
            // A time that the clocks leave out is an hour later that day.
            let zoned = day.to_datetime(time).to_zoned(zone.clone()).ok()?;
            Some(zoned.timestamp())
        })
        .find(|at| now.duration_since(*at) < GRACE)
        .filter(|at| *at > now)
}

/// The times of a call's tasks, phone by phone.
pub(super) struct Times {
    start_at: Option<Timestamp>,
    spacing: Option<Spacing>,
    now: Timestamp,
    last: BTreeMap<Serial, Timestamp>,
}

impl Times {
    pub(super) fn new(wanted: &Wanted) -> Self {
        Self {
            start_at: wanted.start_at.filter(|at| *at > wanted.now),
            spacing: wanted.spacing,
            now: wanted.now,
            last: BTreeMap::new(),
        }
    }

    /// When the next task of a phone starts; `None`: as soon as may be.
    pub(super) fn next(&mut self, serial: &Serial, random: &mut StdRng) -> Option<Timestamp> {
        let Some(spacing) = self.spacing else {
            return self.start_at;
        };
        let minute = 60_000_u64;
        let at = match self.last.get(serial) {
            None => self.start_at,
            Some(last) => {
                let (least, most) = (u64::from(spacing.least), u64::from(spacing.most));
                let wait = random.random_range(least * minute..=most * minute);
                let wait = SignedDuration::from_millis(i64::try_from(wait).unwrap_or(i64::MAX));
                last.checked_add(wait).ok()
            }
        };
        self.last.insert(serial.clone(), at.unwrap_or(self.now));
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(now: &str, time: &str, zone: &str) -> Option<String> {
        let zone = TimeZone::get(zone).unwrap();
        let time = time_of_day(time).unwrap();
        next_occurrence(now.parse().unwrap(), time, &zone).map(|at| at.to_string())
    }

    #[test]
    fn a_time_of_day_is_meant_for_the_next_time_that_it_is_so_late() {
        let stockholm = "Europe/Stockholm";
        // 10:00 there.
        let now = "2026-01-15T09:00:00Z";
        assert_eq!(next(now, "10:30", stockholm).unwrap(), "2026-01-15T09:30:00Z");
        assert_eq!(next(now, "9:30", stockholm).unwrap(), "2026-01-16T08:30:00Z");
        assert_eq!(next(now, "10:00", stockholm), None, "it is now");
        assert_eq!(next(now, "09:56", stockholm), None, "four minutes ago");
        assert_eq!(next(now, "09:55", stockholm).unwrap(), "2026-01-16T08:55:00Z");
        assert_eq!(
            next("2026-01-15T09:00:30Z", "09:55", stockholm).unwrap(),
            "2026-01-16T08:55:00Z"
        );
    }

    #[test]
    fn midnight_and_changed_clocks_are_no_trouble() {
        assert_eq!(
            next("2026-01-15T00:02:00Z", "23:59", "UTC"),
            None,
            "three minutes ago, yesterday"
        );
        assert_eq!(
            next("2026-01-15T23:59:00Z", "00:00", "UTC").unwrap(),
            "2026-01-16T00:00:00Z"
        );
        // On 29 March 2026 the clocks there go from 2:00 to 3:00.
        assert_eq!(
            next("2026-03-28T23:30:00Z", "02:30", "Europe/Stockholm").unwrap(),
            "2026-03-29T01:30:00Z"
        );
    }

    #[test]
    fn what_is_no_time_of_day_is_refused() {
        for text in [
            "", "24:00", "9", "9:5", "12:60", "-1:30", "09:30:00", "9.30", "a:bc", "009:30", "+9:30",
        ] {
            assert_eq!(time_of_day(text), None, "{text}");
        }
        assert!(time_of_day(" 09:30 ").is_some());
    }
}
