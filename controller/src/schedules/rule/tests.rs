//! Changed clocks by example, and any rule against a model that walks from minute to minute.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn rule(zone: &str, timing: &Value) -> Rule {
    Rule {
        timing: Timing::read(timing.as_object().unwrap()).unwrap(),
        zone: TimeZone::get(zone).unwrap(),
        jitter_minutes: 0,
        from: None,
        until: None,
        salt: 1,
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn next(rule: &Rule, after: &str, count: usize) -> Vec<String> {
    let moments = rule.moments(at(after)).take(count);
    moments.map(|moment| moment.due.to_string()).collect()
}

#[test]
fn a_time_that_the_clocks_leave_out_is_the_moment_at_which_they_jump() {
    // On 29 March 2026 the clocks of Stockholm go from 2:00 to 3:00, which is 1:00 UTC.
    let daily = rule("Europe/Stockholm", &json!({"times": ["02:30"]}));
    assert_eq!(
        next(&daily, "2026-03-27T12:00:00Z", 3),
        [
            "2026-03-28T01:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-30T00:30:00Z"
        ]
    );
    // Several that are left out are one moment, and the same as the time to which they jump.
    let often = rule("Europe/Stockholm", &json!({"cron": "*/20 1-3 29 3 *"}));
    assert_eq!(
        next(&often, "2026-03-28T12:00:00Z", 6),
        [
            "2026-03-29T00:00:00Z",
            "2026-03-29T00:20:00Z",
            "2026-03-29T00:40:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:20:00Z",
            "2026-03-29T01:40:00Z"
        ]
    );
    // Samoa had no 30 December 2011.
    let samoa = rule("Pacific/Apia", &json!({"times": ["10:00"]}));
    assert_eq!(
        next(&samoa, "2011-12-29T20:00:00Z", 3),
        [
            "2011-12-30T10:00:00Z",
            "2011-12-30T20:00:00Z",
            "2011-12-31T20:00:00Z"
        ]
    );
}

#[test]
fn a_time_that_comes_twice_is_the_first_of_both() {
    // On 25 October 2026 the clocks of Stockholm go from 3:00 back to 2:00, which is 1:00 UTC.
    let daily = rule("Europe/Stockholm", &json!({"times": ["02:30"]}));
    assert_eq!(
        next(&daily, "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
    // Also where one asks between both.
    assert_eq!(next(&daily, "2026-10-25T00:30:00Z", 1), ["2026-10-26T01:30:00Z"]);
    assert_eq!(next(&daily, "2026-10-25T01:10:00Z", 1), ["2026-10-26T01:30:00Z"]);
    // Half an hour, on Lord Howe Island.
    let half = rule("Australia/Lord_Howe", &json!({"times": ["01:45"]}));
    assert_eq!(next(&half, "2026-04-04T12:00:00Z", 1), ["2026-04-04T14:45:00Z"]);
}

#[test]
fn midnight_may_be_left_out_too() {
    // In Cairo the clocks go from 0:00 to 1:00 on 24 April 2026, which is 22:00 UTC of the day before.
    let midnight = rule("Africa/Cairo", &json!({"times": ["00:00"]}));
    assert_eq!(
        next(&midnight, "2026-04-22T12:00:00Z", 3),
        [
            "2026-04-22T22:00:00Z",
            "2026-04-23T22:00:00Z",
            "2026-04-24T21:00:00Z"
        ]
    );
}

#[test]
fn what_is_not_valid_yet_or_any_more_is_not_due() {
    let mut daily = rule("UTC", &json!({"times": ["09:00"]}));
    daily.from = Some(at("2026-03-03T09:00:00Z"));
    daily.until = Some(at("2026-03-05T09:00:00Z"));
    assert_eq!(
        next(&daily, "2026-03-01T00:00:00Z", 9),
        [
            "2026-03-03T09:00:00Z",
            "2026-03-04T09:00:00Z",
            "2026-03-05T09:00:00Z"
        ]
    );
    let leap = rule("UTC", &json!({"cron": "0 0 29 2 *"}));
    assert_eq!(next(&leap, "2096-03-01T00:00:00Z", 1), ["2104-02-29T00:00:00Z"]);
}

#[test]
fn a_spread_is_within_its_bounds_and_always_the_same() {
    let mut daily = rule("UTC", &json!({"times": ["09:00"]}));
    daily.jitter_minutes = 30;
    let moments: Vec<Moment> = daily.moments(at("2026-01-01T00:00:00Z")).take(300).collect();
    let late = |moment: &Moment| moment.at.duration_since(moment.due).as_secs();
    assert!(moments.iter().all(|moment| (0..=1800).contains(&late(moment))));
    let different: BTreeSet<i64> = moments.iter().map(late).collect();
    assert!(different.len() > 200, "{different:?}");
    assert!(moments.iter().any(|moment| late(moment) > 1500));
    assert_eq!(
        daily
            .moments(at("2026-01-01T00:00:00Z"))
            .take(300)
            .collect::<Vec<_>>(),
        moments
    );
    // One begins before the next is due, however far they are to be spread.
    let mut often = rule("UTC", &json!({"cron": "*/2 * * * *"}));
    often.jitter_minutes = 60;
    let moments: Vec<Moment> = often.moments(at("2026-01-01T00:00:00Z")).take(300).collect();
    assert!(moments.windows(2).all(|two| two[0].at < two[1].due));
}

const ZONES: [&str; 11] = [
    "UTC",
    "Europe/Stockholm",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/Santiago",
    "Asia/Beirut",
];

/// Walks from minute to minute and looks at the clock: due is what it shows for the first time, and what it jumps over.
fn walked(rule: &Rule, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let mut due = Vec::new();
    // Long enough before that what comes twice is known.
    let mut now = from.saturating_sub(SignedDuration::from_hours(50)).unwrap();
    let mut latest = now.to_zoned(rule.zone.clone()).datetime();
    while now <= to {
        let shown = now.to_zoned(rule.zone.clone()).datetime();
        let mut fits = false;
        // A clock that was put back shows nothing new until it is as late as it was.
        while latest < shown {
            latest = latest.checked_add(1.minute()).unwrap();
            fits |= rule.timing.times_on(latest.date()).contains(&latest.time());
        }
        if fits && now > from {
            due.push(now);
        }
        now = now.saturating_add(SignedDuration::from_mins(1)).unwrap();
    }
    due
}

fn timing() -> impl Strategy<Value = Value> {
    let time = (0..24_u32, 0..60_u32).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    // More often where clocks are changed.
    let early = (0..4_u32, 0..60_u32).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"));
    let times = prop::collection::vec(prop_oneof![time, early], 1..5);
    let days = prop::collection::vec(
        prop::sample::select(&["mon", "wed", "sat", "sun", "fri-sun"][..]),
        0..3,
    );
    let slots = (times, days).prop_map(|(times, weekdays)| json!({"times": times, "weekdays": weekdays}));
    let cron = (
        prop::sample::select(&["0", "*/15", "*/7", "30", "59", "*", "0,30"][..]),
        prop::sample::select(&["*", "0-3", "2", "1-2", "*/5", "0", "23"][..]),
        prop::sample::select(&["*", "*", "*/2", "25-31", "1"][..]),
        prop::sample::select(&["*", "*", "sun", "fri-sun", "mon"][..]),
    )
        .prop_map(
            |(minute, hour, day, weekday)| json!({"cron": format!("{minute} {hour} {day} * {weekday}")}),
        );
    prop_oneof![slots, cron]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// Around a change of the clocks, both ways.
    #[test]
    fn moments_are_those_of_a_clock_that_is_looked_at_each_minute(
        timing in timing(),
        zone in prop::sample::select(&ZONES[..]),
        change in 0..6_usize,
        before in 0..3_000_i64,
    ) {
        let rule = rule(zone, &timing);
        let year = at("2026-01-01T00:00:00Z");
        let changes: Vec<Timestamp> = rule.zone.following(year).take(6).map(|change| change.timestamp()).collect();
        let around = changes.get(change).copied().unwrap_or(year);
        // A zone that changes no more tells a second at which its table ends.
        let around = Timestamp::from_second(around.as_second() / 60 * 60).unwrap();
        let from = around.saturating_sub(SignedDuration::from_mins(before)).unwrap();
        let to = from.saturating_add(SignedDuration::from_hours(72)).unwrap();
        let found: Vec<Timestamp> = rule.moments(from).map(|moment| moment.due).take_while(|due| *due <= to).collect();
        prop_assert_eq!(found, walked(&rule, from, to));
    }
}
