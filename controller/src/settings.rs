//! The settings of tasks, each told once: name, type, default, bounds, help. Operators change them while the farm runs; the
//! configuration says what they are where nobody has.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use shared::account::{HIGHEST_CAP, Platform};

use crate::store::GrantRules;

pub mod docs;

/// What a setting holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Flag,
    /// A whole number within bounds.
    Number(i64, i64),
    Choice(&'static [&'static str]),
    /// "08:00-22:00", over midnight too, or nothing: all day.
    Hours,
}

impl Kind {
    /// The words of which it is one.
    pub fn choices(self) -> Option<Vec<String>> {
        match self {
            Self::Choice(words) => Some(words.iter().copied().map(str::to_owned).collect()),
            Self::Flag | Self::Number(..) | Self::Hours => None,
        }
    }
}

/// A setting.
#[derive(Debug, Clone, PartialEq)]
pub struct Definition {
    pub name: String,
    pub kind: Kind,
    pub default: Value,
    pub help: String,
}

/// Acts with a number of their own a day, and what it is where nothing is set.
const CAPS: [(&str, i64); 5] = [
    ("follow", 100),
    ("unfollow", 100),
    ("like", 200),
    ("comment", 50),
    ("post", 20),
];

pub const PLATFORM: &str = "tasks.platform";
pub const RETRY: &str = "tasks.retry";
pub const RETRIES: &str = "tasks.retries";
pub const ORDER: &str = "tasks.order";
pub const HOURS: &str = "tasks.hours";
pub const EXPIRE: &str = "tasks.expire_minutes";
pub const LEASE: &str = "tasks.lease_seconds";
pub const LONGEST: &str = "tasks.longest_minutes";
pub const HEAT_PAUSE: &str = "phones.heat_pause";
pub const HEAT_RESUME: &str = "phones.heat_resume";
pub const BATTERY_PAUSE: &str = "phones.battery_pause";
pub const BATTERY_RESUME: &str = "phones.battery_resume";
pub const VALID: &str = "grants.valid_seconds";
pub const REST: &str = "accounts.rest_hours";
pub const PERSON: &str = "attention.hold_minutes";
pub const GIVE_UP: &str = "attention.give_up_hours";
pub const SCHEDULE_GRACE: &str = "schedules.grace_minutes";
pub const SCHEDULE_KEEP: &str = "schedules.keep_days";
pub const EVIDENCE_KEEP: &str = "evidence.keep_days";
pub const EVIDENCE_MOST: &str = "evidence.most_megabytes";
pub const LARGEST_MATERIAL: &str = "materials.largest_megabytes";

/// All settings of this table, in the order in which they are shown.
pub fn definitions() -> Vec<Definition> {
    let one = |name: &str, kind, default: Value, help: &str| Definition {
        name: name.to_owned(),
        kind,
        default,
        help: help.to_owned(),
    };
    let mut all = vec![
        one(
            PLATFORM,
            Kind::Choice(&["tiktok", "instagram"]),
            json!("tiktok"),
            "The app of a task where neither the request nor an account decides",
        ),
        one(
            RETRY,
            Kind::Flag,
            json!(true),
            "Try a failed task again by itself, where nothing can be done twice by it",
        ),
        one(
            RETRIES,
            Kind::Number(1, 10),
            json!(2),
            "How often a failed task is tried again",
        ),
        one(
            ORDER,
            Kind::Choice(&["created", "random"]),
            json!("created"),
            "The order in which the tasks of a phone are done; for those that are created from then on",
        ),
        one(
            HOURS,
            Kind::Hours,
            json!(""),
            "When tasks may begin, in the controller's time zone: 08:00-22:00; empty: at any time",
        ),
        one(
            EXPIRE,
            Kind::Number(1, 7 * 24 * 60),
            json!(120),
            "Minutes after which a task whose phone is away fails as expired",
        ),
        one(
            LEASE,
            Kind::Number(10, 600),
            json!(60),
            "Seconds for which a phone goes on when its host has lost the controller",
        ),
        one(
            LONGEST,
            Kind::Number(1, 24 * 60),
            json!(240),
            "Minutes that a task may take at most",
        ),
        one(
            HEAT_PAUSE,
            Kind::Number(30, 80),
            json!(42),
            "Degrees Celsius from which a phone gets no task",
        ),
        one(
            HEAT_RESUME,
            Kind::Number(20, 80),
            json!(38),
            "Degrees Celsius down to which it then has to cool",
        ),
        one(
            BATTERY_PAUSE,
            Kind::Number(0, 100),
            json!(20),
            "Percent of the battery below which a phone gets no task",
        ),
        one(
            BATTERY_RESUME,
            Kind::Number(0, 100),
            json!(30),
            "Percent up to which it then has to charge",
        ),
        one(
            VALID,
            Kind::Number(10, 600),
            json!(120),
            "Seconds for which leave for a lasting act is good",
        ),
        one(
            REST,
            Kind::Number(1, 24 * 30),
            json!(24),
            "Hours for which an account rests when its platform has said: enough",
        ),
        one(
            PERSON,
            Kind::Number(0, 24 * 60),
            json!(15),
            "Minutes for which a phone is kept as it is when a task needs a person; then the phone goes on with others and the account rests",
        ),
        one(
            GIVE_UP,
            Kind::Number(0, 24 * 90),
            json!(72),
            "Hours after which a task for which no person came fails as abandoned; 0: never. One whose act is in question waits on",
        ),
        one(
            SCHEDULE_GRACE,
            Kind::Number(0, 24 * 60),
            json!(5),
            "Minutes by which a schedule's run may be late and still counts as on time",
        ),
        one(
            SCHEDULE_KEEP,
            Kind::Number(1, 3650),
            json!(90),
            "Days for which it is kept what came of a schedule's runs",
        ),
        one(
            EVIDENCE_KEEP,
            Kind::Number(1, 3650),
            json!(30),
            "Days for which the files and logs of attempts are kept when their task is over",
        ),
        one(
            EVIDENCE_MOST,
            Kind::Number(100, 1_000_000),
            json!(10_240),
            "Megabytes (of 1,048,576 bytes) that the files of attempts may take; the oldest go first",
        ),
        one(
            LARGEST_MATERIAL,
            Kind::Number(1, 4096),
            json!(4096),
            "Megabytes (of 1,048,576 bytes) that a file of the material library may have",
        ),
    ];
    for platform in Platform::ALL {
        for (action, cap) in CAPS {
            all.push(Definition {
                name: cap_name(platform.as_str(), action),
                kind: Kind::Number(0, i64::from(HIGHEST_CAP)),
                default: json!(cap),
                help: format!(
                    "How often an account may {action} on {} in a day; 0: without limit",
                    platform.title()
                ),
            });
        }
    }
    for (action, _) in CAPS {
        all.push(Definition {
            name: gap_name(action),
            kind: Kind::Number(0, 24 * 3600),
            default: json!(0),
            help: format!("Seconds between one {action} of an account and the next"),
        });
    }
    all
}

/// The setting of this name.
pub fn find(name: &str) -> Option<Definition> {
    definitions().into_iter().find(|one| one.name == name)
}

fn cap_name(platform: &str, action: &str) -> String {
    format!("caps.{platform}.{action}")
}

fn gap_name(action: &str) -> String {
    format!("gap.{action}")
}

impl Definition {
    /// The value in its own type, or what is allowed.
    pub fn checked(&self, value: &Value) -> Result<Value, String> {
        match self.kind {
            Kind::Flag => flag(value)
                .map(Value::Bool)
                .ok_or_else(|| "must be true or false".to_owned()),
            Kind::Number(least, most) => {
                let number = match value {
                    Value::String(text) => text.trim().parse().ok(),
                    other => other.as_i64(),
                };
                number
                    .filter(|number| (least..=most).contains(number))
                    .map(Value::from)
                    .ok_or_else(|| format!("must be a whole number from {least} to {most}"))
            }
            Kind::Choice(choices) => value
                .as_str()
                .and_then(|chosen| choices.iter().find(|one| one.eq_ignore_ascii_case(chosen.trim())))
                .map(|chosen| Value::from(*chosen))
                .ok_or_else(|| format!("must be one of {}", choices.join(", "))),
            Kind::Hours => value
                .as_str()
                .filter(|text| text.trim().is_empty() || Hours::parse(text).is_some())
                .map(|text| Value::from(text.trim()))
                .ok_or_else(|| "must be like 08:00-22:00, or empty".to_owned()),
        }
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A part of the day; where it ends before it begins it goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    from: Time,
    to: Time,
}

impl Hours {
    pub fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.trim().split_once('-')?;
        let time = |text: &str| {
            let (hour, minute) = text.trim().split_once(':')?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        };
        let (from, to) = (time(from)?, time(to)?);
        (from != to).then_some(Self { from, to })
    }

    pub fn contains(self, time: Time) -> bool {
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            time >= self.from || time < self.to
        }
    }
}

/// The settings of tasks in force.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkRules {
    /// The app of a task where neither the request nor an account decides.
    pub platform: Platform,
    pub retry: bool,
    pub retries: u32,
    pub random_order: bool,
    pub hours: Option<Hours>,
    pub expire: Duration,
    pub lease: Duration,
    pub longest: Duration,
    /// Degrees Celsius: from when a phone rests, and down to which.
    pub heat: (i64, i64),
    /// Percent: below which a phone rests, and up to which.
    pub battery: (i64, i64),
    pub valid: Duration,
    pub rest: Duration,
    /// How long a phone is kept as it is for a person.
    pub person: Duration,
    /// How long a task waits for a person, where there is an end to it.
    pub give_up: Option<Duration>,
    /// How late a schedule's run still counts as on time.
    pub schedule_grace: Duration,
    /// How long the runs of schedules are remembered.
    pub schedule_keep: Duration,
    /// How long the evidence of attempts is kept.
    pub evidence_keep: Duration,
    /// The files of it, in bytes.
    pub evidence_most: u64,
    /// A file of the material library, in bytes.
    pub largest_material: u64,
    /// By platform and script; none where there is no limit.
    caps: BTreeMap<String, u32>,
    gaps: BTreeMap<String, Duration>,
    zone: TimeZone,
}

impl Default for WorkRules {
    fn default() -> Self {
        Self::of(&BTreeMap::new(), TimeZone::UTC)
    }
}

impl WorkRules {
    /// From what is set; the rest as the table says.
    pub fn of(set: &BTreeMap<String, Value>, zone: TimeZone) -> Self {
        let values: BTreeMap<String, Value> = definitions()
            .into_iter()
            .map(|one| {
                let value = set.get(&one.name).and_then(|value| one.checked(value).ok());
                let value = value.unwrap_or(one.default);
                (one.name, value)
            })
            .collect();
        let number = |name: &str| values.get(name).and_then(Value::as_i64).unwrap_or_default();
        let span = |name: &str, unit: u64| Duration::from_secs(number(name).unsigned_abs() * unit);
        let text = |name: &str| values.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut caps = BTreeMap::new();
        let mut gaps = BTreeMap::new();
        for (action, _) in CAPS {
            for platform in Platform::ALL {
                let name = cap_name(platform.as_str(), action);
                let cap = u32::try_from(number(&name)).unwrap_or(u32::MAX);
                if cap > 0 {
                    caps.insert(name, cap);
                }
            }
            gaps.insert(gap_name(action), span(&gap_name(action), 1));
        }
        Self {
            platform: text(PLATFORM).parse().unwrap_or(Platform::TikTok),
            retry: values.get(RETRY).and_then(Value::as_bool).unwrap_or(true),
            retries: u32::try_from(number(RETRIES)).unwrap_or_default(),
            random_order: text(ORDER) == "random",
            hours: Hours::parse(text(HOURS)),
            expire: span(EXPIRE, 60),
            lease: span(LEASE, 1),
            longest: span(LONGEST, 60),
            heat: (number(HEAT_PAUSE), number(HEAT_RESUME)),
            battery: (number(BATTERY_PAUSE), number(BATTERY_RESUME)),
            valid: span(VALID, 1),
            rest: span(REST, 3600),
            person: span(PERSON, 60),
            give_up: Some(span(GIVE_UP, 3600)).filter(|span| !span.is_zero()),
            schedule_grace: span(SCHEDULE_GRACE, 60),
            schedule_keep: span(SCHEDULE_KEEP, 24 * 3600),
            evidence_keep: span(EVIDENCE_KEEP, 24 * 3600),
            evidence_most: number(EVIDENCE_MOST).unsigned_abs() << 20,
            largest_material: number(LARGEST_MATERIAL).unsigned_abs() << 20,
            caps,
            gaps,
            zone,
        }
    }

    /// Most acts of a script for one account in a day.
    pub fn cap(&self, platform: &str, script: &str) -> Option<u32> {
        self.caps.get(&cap_name(platform, script)).copied()
    }

    pub fn gap(&self, script: &str) -> Duration {
        self.gaps.get(&gap_name(script)).copied().unwrap_or_default()
    }

    /// The farm's day, and when the next one begins.
    pub fn day(&self, at: Timestamp) -> (String, Timestamp) {
        let zoned = at.to_zoned(self.zone.clone());
        let next = zoned.tomorrow().and_then(|next| next.start_of_day());
        let next = next.map_or_else(
            |_| {
                at.saturating_add(jiff::SignedDuration::from_hours(24))
                    .unwrap_or(at)
            },
            |next| next.timestamp(),
        );
        (zoned.date().to_string(), next)
    }

    /// What goes for leave for a script's acts at a moment.
    pub fn grants(&self, platform: &str, script: &str, at: Timestamp) -> GrantRules {
        let (day, next_day) = self.day(at);
        GrantRules {
            valid: self.valid,
            cap: self.cap(platform, script),
            gap: self.gap(script),
            day,
            next_day: self.opens(next_day),
            zone: self.zone.clone(),
        }
    }

    /// The first moment from this one on at which tasks may begin.
    fn opens(&self, at: Timestamp) -> Timestamp {
        let Some(hours) = self.hours else { return at };
        let zoned = at.to_zoned(self.zone.clone());
        if hours.contains(zoned.time()) {
            return at;
        }
        let next = |date: Date| date.to_datetime(hours.from).to_zoned(self.zone.clone()).ok();
        [Some(zoned.date()), zoned.date().tomorrow().ok()]
            .into_iter()
            .flatten()
            .filter_map(next)
            .map(|opens| opens.timestamp())
            .find(|opens| *opens >= at)
            .unwrap_or(at)
    }

    /// Whether tasks may begin at this time of the day.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.hours
            .is_none_or(|hours| hours.contains(at.to_zoned(self.zone.clone()).time()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn with(name: &str, value: Value) -> WorkRules {
        WorkRules::of(&BTreeMap::from([(name.to_owned(), value)]), TimeZone::UTC)
    }

    #[test]
    fn every_default_is_a_value_of_its_own_setting() {
        for one in definitions() {
            assert_eq!(one.checked(&one.default), Ok(one.default.clone()), "{}", one.name);
        }
    }

    #[test]
    fn a_value_beyond_its_bounds_is_told_with_what_is_allowed() {
        let all = definitions();
        let one = |name: &str| all.iter().find(|one| one.name == name).unwrap();
        assert_eq!(one(RETRIES).checked(&json!("10")), Ok(json!(10)));
        let told = one(RETRIES).checked(&json!(11)).unwrap_err();
        assert!(told.contains("1 to 10"), "{told}");
        assert!(one(ORDER).checked(&json!("backwards")).is_err());
        assert_eq!(
            one(PLATFORM).checked(&json!(" Instagram")),
            Ok(json!("instagram"))
        );
        assert!(one(HOURS).checked(&json!("8-22")).is_err());
        assert!(one(HOURS).checked(&json!("24:00-25:00")).is_err());
    }

    #[test]
    fn hours_may_go_over_midnight() {
        let night = with(HOURS, json!("22:00-06:30"));
        assert!(night.is_open(at("2026-03-01T23:59:00Z")));
        assert!(night.is_open(at("2026-03-01T06:29:59Z")));
        assert!(!night.is_open(at("2026-03-01T06:30:00Z")));
        let day = with(HOURS, json!("08:00-22:00"));
        assert!(day.is_open(at("2026-03-01T08:00:00Z")) && !day.is_open(at("2026-03-01T22:00:00Z")));
        assert!(WorkRules::default().is_open(at("2026-03-01T03:00:00Z")));
    }

    #[test]
    fn what_is_put_off_to_the_next_day_begins_when_that_days_hours_do() {
        let next = |hours: &str| {
            let rules = with(HOURS, json!(hours));
            rules
                .grants("tiktok", "follow", at("2026-03-01T20:00:00Z"))
                .next_day
        };
        assert_eq!(next(""), at("2026-03-02T00:00:00Z"));
        assert_eq!(next("09:00-22:00"), at("2026-03-02T09:00:00Z"));
        assert_eq!(next("22:00-06:00"), at("2026-03-02T00:00:00Z"));
    }

    #[test]
    fn a_day_is_the_farms_own() {
        let rules = WorkRules::of(&BTreeMap::new(), TimeZone::fixed(jiff::tz::offset(2)));
        let (day, next) = rules.day(at("2026-03-01T22:30:00Z"));
        assert_eq!(day, "2026-03-02");
        assert_eq!(next, at("2026-03-02T22:00:00Z"));
    }

    #[test]
    fn the_acts_with_a_number_a_day_are_those_that_an_account_may_have_one_for() {
        assert_eq!(CAPS.map(|(action, _)| action), shared::account::CAPPED);
    }

    #[test]
    fn a_cap_of_zero_is_no_limit() {
        assert_eq!(WorkRules::default().cap("tiktok", "follow"), Some(100));
        assert_eq!(with("caps.tiktok.follow", json!(0)).cap("tiktok", "follow"), None);
        assert_eq!(WorkRules::default().cap("tiktok", "sync_data"), None);
    }
}
