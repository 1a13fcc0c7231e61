//! At which times of which days: slots of weekdays and times, or a cron expression. Read from and told as JSON, the same in
//! the API and in the database.

use jiff::civil::{Date, Time, Weekday};
use serde_json::{Map, Value, json};

use super::cron::Cron;
use crate::tasks::time_of_day;

/// Slots of one schedule, and times of one slot.
const MOST_SLOTS: usize = 50;
const MOST_TIMES: usize = 200;
const NAMES: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONG_NAMES: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// When, by the clock of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timing {
    Slots(Vec<Slot>),
    Cron(Cron),
}

/// Times of some days of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// From Monday on.
    weekdays: [bool; 7],
    /// In order.
    times: Vec<Time>,
}

/// A field that is wrong, and what it may be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {allowed}")]
pub struct Wrong {
    pub field: &'static str,
    pub allowed: String,
}

fn wrong<T>(field: &'static str, allowed: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong {
        field,
        allowed: allowed.into(),
    })
}

impl Timing {
    /// From `cron`, or `slots`, or one slot's `weekdays` and `times`.
    pub fn read(fields: &Map<String, Value>) -> Result<Self, Wrong> {
        let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let slots = given("slots").or(given("times")).or(given("weekdays")).is_some();
        match given("cron") {
            Some(_) if slots => wrong("cron", "cannot be given beside slots, weekdays or times"),
            Some(Value::String(text)) => match text.parse() {
                Ok(cron) => Ok(Self::Cron(cron)),
                Err(error) => wrong("cron", error.to_string()),
            },
            Some(_) => wrong("cron", "must be text, such as 0 9 * * mon-fri"),
            None => Self::read_slots(fields),
        }
    }

    fn read_slots(fields: &Map<String, Value>) -> Result<Self, Wrong> {
        let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
        let Some(list) = given("slots") else {
            return Ok(Self::Slots(vec![Slot::read(fields)?]));
        };
        if given("times").or(given("weekdays")).is_some() {
            return wrong("slots", "cannot be given beside weekdays or times");
        }
        let allowed = format!("must be a list of 1 to {MOST_SLOTS} objects with weekdays and times");
        let Some(list) = list.as_array() else {
            return wrong("slots", allowed);
        };
        if list.is_empty() || list.len() > MOST_SLOTS {
            return wrong("slots", allowed);
        }
        let mut slots = Vec::with_capacity(list.len());
        for slot in list {
            match slot.as_object() {
                Some(slot) => slots.push(Slot::read(slot)?),
                None => return wrong("slots", allowed),
            }
        }
        Ok(Self::Slots(slots))
    }

    /// What [`Self::read`] reads.
    pub fn told(&self) -> Map<String, Value> {
        let (name, value) = match self {
            Self::Cron(cron) => ("cron", json!(cron.to_string())),
            Self::Slots(slots) => ("slots", slots.iter().map(Slot::told).collect()),
        };
        Map::from_iter([(name.to_owned(), value)])
    }

    /// The times of a day, in order, each once.
    pub fn times_on(&self, date: Date) -> Vec<Time> {
        match self {
            Self::Cron(cron) if cron.is_on(date) => cron.times().to_vec(),
            Self::Cron(_) => Vec::new(),
            Self::Slots(slots) => {
                let mut times: Vec<Time> = slots
                    .iter()
                    .filter(|slot| slot.is_on(date.weekday()))
                    .flat_map(|slot| slot.times.iter().copied())
                    .collect();
                times.sort_unstable();
                times.dedup();
                times
            }
        }
    }
}

impl Slot {
    fn read(fields: &Map<String, Value>) -> Result<Self, Wrong> {
        let Some(given) = fields.get("times").and_then(texts) else {
            return wrong(
                "times",
                "is required: a list of times HH:MM, such as 09:00; or give cron",
            );
        };
        let mut times = Vec::with_capacity(given.len());
        for text in &given {
            match time_of_day(text) {
                Some(time) => times.push(time),
                None => {
                    return wrong(
                        "times",
                        format!("{:?} is no time HH:MM, such as 09:00", short(text)),
                    );
                }
            }
        }
        times.sort_unstable();
        times.dedup();
        if times.is_empty() || times.len() > MOST_TIMES {
            return wrong("times", format!("must be 1 to {MOST_TIMES} times HH:MM"));
        }
        let weekdays = match fields.get("weekdays").filter(|value| !value.is_null()) {
            None => [true; 7],
            Some(value) => {
                let Some(given) = texts(value) else {
                    return wrong("weekdays", "must be a list of mon, tue, wed, thu, fri, sat, sun");
                };
                let mut weekdays = [false; 7];
                for text in &given {
                    let Some(days) = days(text) else {
                        let told = format!(
                            "{:?} is none of mon to sun, nor a range such as mon-fri",
                            short(text)
                        );
                        return wrong("weekdays", told);
                    };
                    for (all, day) in weekdays.iter_mut().zip(days) {
                        *all |= day;
                    }
                }
                // None at all means every day, as where it is left out.
                if given.is_empty() { [true; 7] } else { weekdays }
            }
        };
        Ok(Self { weekdays, times })
    }

    fn is_on(&self, weekday: Weekday) -> bool {
        let place = usize::try_from(weekday.to_monday_zero_offset()).unwrap_or_default();
        self.weekdays.get(place).copied().unwrap_or_default()
    }

    fn told(&self) -> Value {
        let days = NAMES.iter().zip(self.weekdays).filter(|(_, on)| *on);
        let days: Vec<&str> = days.map(|(name, _)| *name).collect();
        let times = self.times.iter().map(|time| time.strftime("%H:%M").to_string());
        json!({"weekdays": days, "times": times.collect::<Vec<_>>()})
    }
}

/// A day of the week, or a range of them that may go over Sunday.
fn days(text: &str) -> Option<[bool; 7]> {
    let text = text.trim().to_ascii_lowercase();
    let place = |name: &str| {
        let known = |names: &[&str; 7]| names.iter().position(|known| *known == name.trim());
        known(&NAMES).or_else(|| known(&LONG_NAMES))
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (place(first)?, place(last)?),
        None => (place(&text)?, place(&text)?),
    };
    let mut days = [false; 7];
    for step in 0..=(last + 7 - first) % 7 {
        if let Some(day) = days.get_mut((first + step) % 7) {
            *day = true;
        }
    }
    Some(days)
}

/// A list of texts, or one text with commas between.
fn texts(value: &Value) -> Option<Vec<String>> {
    let split = |text: &str| {
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect::<Vec<_>>()
    };
    match value {
        Value::String(text) => Some(split(text)),
        Value::Array(values) => {
            let mut all = Vec::new();
            for value in values {
                all.extend(split(value.as_str()?));
            }
            Some(all)
        }
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that json! can be written in place"
    )]
    fn read(value: Value) -> Result<Timing, Wrong> {
        Timing::read(value.as_object().unwrap())
    }

    fn on(timing: &Timing, day: i8) -> Vec<String> {
        let times = timing.times_on(date(2026, 3, day));
        times
            .iter()
            .map(|time| time.strftime("%H:%M").to_string())
            .collect()
    }

    #[test]
    fn slots_say_which_times_of_which_days() {
        // 2 March 2026 is a Monday.
        let timing = read(json!({"weekdays": ["mon", "Wednesday"], "times": "18:30, 9:00,09:00"})).unwrap();
        assert_eq!(on(&timing, 2), ["09:00", "18:30"]);
        assert_eq!(on(&timing, 4), ["09:00", "18:30"]);
        assert!(on(&timing, 3).is_empty());
        let every = read(json!({"times": ["07:00"]})).unwrap();
        assert!((1..=31).all(|day| on(&every, day) == ["07:00"]));
        let weekend = read(json!({"slots": [
            {"weekdays": "sat-mon", "times": ["10:00"]},
            {"weekdays": ["sun"], "times": ["10:00", "20:00"]},
        ]}))
        .unwrap();
        assert_eq!(on(&weekend, 1), ["10:00", "20:00"]);
        assert_eq!(
            (on(&weekend, 2), on(&weekend, 3)),
            (vec!["10:00".to_owned()], vec![])
        );
        for timing in [
            timing,
            every,
            weekend,
            read(json!({"cron": "*/5 1 * * *"})).unwrap(),
        ] {
            assert_eq!(Timing::read(&timing.told()), Ok(timing));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (value, field) in [
            (json!({}), "times"),
            (json!({"weekdays": ["mon"]}), "times"),
            (json!({"times": []}), "times"),
            (json!({"times": ["24:00"]}), "times"),
            (json!({"times": 9}), "times"),
            (json!({"times": ["09:00"], "weekdays": ["noday"]}), "weekdays"),
            (json!({"times": ["09:00"], "weekdays": 1}), "weekdays"),
            (json!({"slots": []}), "slots"),
            (json!({"slots": ["mon"]}), "slots"),
            (
                json!({"slots": [{"times": ["09:00"]}], "times": ["09:00"]}),
                "slots",
            ),
            (json!({"cron": "0 9 * * *", "times": ["09:00"]}), "cron"),
            (json!({"cron": 7}), "cron"),
            (json!({"cron": "0 99 * * *"}), "cron"),
        ] {
            assert_eq!(read(value.clone()).unwrap_err().field, field, "{value}");
        }
    }
}
