//! Cron expressions: five fields, with ranges, lists, steps and names. Our own, for a crate's idea of changed clocks is
//! rarely the one that is promised here.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};

/// When something is due: "0 9 * * mon-fri".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    /// Of a day that fits, in order.
    times: Vec<Time>,
    days: u64,
    months: u64,
    /// 0 is Sunday.
    weekdays: u64,
    /// Both say which days: one of them is enough.
    either: bool,
}

/// What is wrong with an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error("must have five fields (minute hour day month weekday), such as 0 9 * * mon-fri")]
    Fields,
    #[error("{text:?} is no {field}: it must be {allowed}")]
    Value {
        field: &'static str,
        text: String,
        allowed: String,
    },
    #[error("never comes: there is no such day")]
    Never,
}

struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: [Field; 5] = [
    Field {
        name: "minute",
        least: 0,
        most: 59,
        names: &[],
    },
    Field {
        name: "hour",
        least: 0,
        most: 23,
        names: &[],
    },
    Field {
        name: "day",
        least: 1,
        most: 31,
        names: &[],
    },
    Field {
        name: "month",
        least: 1,
        most: 12,
        names: &MONTHS,
    },
    // 7 is Sunday too.
    Field {
        name: "weekday",
        least: 0,
        most: 7,
        names: &WEEKDAYS,
    },
];
/// The most days that a month ever has.
const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Cron {
    /// Whether a day fits.
    pub fn is_on(&self, date: Date) -> bool {
        let has = |bits: u64, place: i8| bits & (1 << place) != 0;
        let day = has(self.days, date.day());
        let weekday = has(self.weekdays, date.weekday().to_sunday_zero_offset());
        has(self.months, date.month())
            && if self.either {
                day || weekday
            } else {
                day && weekday
            }
    }

    /// The times of each day that fits, in order.
    pub fn times(&self) -> &[Time] {
        &self.times
    }

    fn ever_comes(&self) -> bool {
        let months = (1..).zip(LONGEST);
        let has_day = months
            .filter(|(month, _)| self.months & (1_u64 << month) != 0)
            .any(|(_, last)| self.days & ((2_u64 << last) - 2) != 0);
        has_day || self.either
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Cron {
    type Err = CronError;

    fn from_str(text: &str) -> Result<Self, CronError> {
        let text = match text.trim().to_ascii_lowercase().as_str() {
            "@hourly" => "0 * * * *".to_owned(),
            "@daily" | "@midnight" => "0 0 * * *".to_owned(),
            "@weekly" => "0 0 * * 0".to_owned(),
            "@monthly" => "0 0 1 * *".to_owned(),
            "@yearly" | "@annually" => "0 0 1 1 *".to_owned(),
            other => other.to_owned(),
        };
        let parts: [&str; 5] = text
            .split_whitespace()
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|_| CronError::Fields)?;
        let mut bits = [0_u64; 5];
        for ((bits, field), part) in bits.iter_mut().zip(&FIELDS).zip(parts) {
            *bits = field.read(part)?;
        }
        let [minutes, hours, days, months, weekdays] = bits;
        let [_, _, day, _, weekday] = parts;
        let of_day = (0..24_i8)
            .flat_map(|hour| (0..60_i8).map(move |minute| (hour, minute)))
            .filter(|(hour, minute)| hours & (1 << hour) != 0 && minutes & (1 << minute) != 0);
        let cron = Self {
            times: of_day
                .filter_map(|(hour, minute)| Time::new(hour, minute, 0, 0).ok())
                .collect(),
            days,
            months,
            weekdays: (weekdays | (weekdays >> 7)) & 0x7f,
            either: !day.starts_with('*') && !weekday.starts_with('*'),
            text: parts.join(" "),
        };
        if cron.ever_comes() {
            Ok(cron)
        } else {
            Err(CronError::Never)
        }
    }
}

impl Field {
    /// A list of values, as bits.
    fn read(&self, text: &str) -> Result<u64, CronError> {
        let mut bits = 0;
        for part in text.split(',') {
            bits |= self.part(part).ok_or_else(|| self.wrong(part))?;
        }
        Ok(bits)
    }

    /// `*`, `3`, `mon-fri`, each with `/2` behind it or not.
    fn part(&self, text: &str) -> Option<u64> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (text, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" => (self.least, self.last()),
            Some((first, last)) => (self.value(first)?, self.value(last)?),
            None => {
                let first = self.value(range)?;
                (first, if step.is_some() { self.last() } else { first })
            }
        };
        // From Friday to Sunday: the week ends with it here.
        let last = if self.most == 7 && last == 0 && first > 0 {
            7
        } else {
            last
        };
        let step = step.unwrap_or(1);
        if first > last || step == 0 || step > self.most.max(1) {
            return None;
        }
        let places = (first..=last).step_by(step as usize);
        Some(places.fold(0, |bits, place| bits | (1 << place)))
    }

    /// The last value of all; Sunday is not counted twice.
    fn last(&self) -> u32 {
        if self.most == 7 { 6 } else { self.most }
    }

    fn value(&self, text: &str) -> Option<u32> {
        if let Some(place) = self.names.iter().position(|name| *name == text) {
            return Some(place as u32 + self.least);
        }
        number(text).filter(|value| (self.least..=self.most).contains(value))
    }

    fn wrong(&self, text: &str) -> CronError {
        let names = match (self.names.first(), self.names.last()) {
            (Some(first), Some(last)) => format!(" or {first} to {last}"),
            _ => String::new(),
        };
        CronError::Value {
            field: self.name,
            text: text.chars().take(40).collect(),
            allowed: format!(
                "{} to {}{names}, a range with -, a list with commas, * for all, or one of these with / and a step",
                self.least, self.most
            ),
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let short = (1..=2).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
    short.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn times(text: &str) -> Vec<String> {
        let cron: Cron = text.parse().unwrap();
        let shown = cron.times().iter();
        shown.map(|time| time.strftime("%H:%M").to_string()).collect()
    }

    fn days_of_march(text: &str) -> Vec<i8> {
        let cron: Cron = text.parse().unwrap();
        (1..=31).filter(|day| cron.is_on(date(2026, 3, *day))).collect()
    }

    #[test]
    fn values_ranges_lists_steps_and_names_are_understood() {
        assert_eq!(times("0 9 * * *"), ["09:00"]);
        assert_eq!(
            times("*/20 8-9 * * *"),
            ["08:00", "08:20", "08:40", "09:00", "09:20", "09:40"]
        );
        assert_eq!(times("5,50 1,23 * * *"), ["01:05", "01:50", "23:05", "23:50"]);
        assert_eq!(times("10-30/10 0 * * *"), ["00:10", "00:20", "00:30"]);
        assert_eq!(times("40/10 0 * * *"), ["00:40", "00:50"]);
        assert_eq!(times("* * * * *").len(), 1440);
        // 1 March 2026 is a Sunday.
        assert_eq!(days_of_march("0 0 * * sun"), [1, 8, 15, 22, 29]);
        assert_eq!(days_of_march("0 0 * * 7"), days_of_march("0 0 * * 0"));
        assert_eq!(days_of_march("0 0 1-7 * *"), [1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(days_of_march("0 0 * MAR Fri-SUN")[..4], [1, 6, 7, 8]);
        assert_eq!(days_of_march("0 0 * * 5-7"), days_of_march("0 0 * * fri-sun"));
        assert!(days_of_march("0 0 * apr-dec *").is_empty());
        assert_eq!("@daily".parse::<Cron>().unwrap().to_string(), "0 0 * * *");
    }

    #[test]
    fn where_both_say_which_days_one_of_them_is_enough() {
        assert_eq!(days_of_march("0 0 13 * fri"), [6, 13, 20, 27]);
        assert_eq!(days_of_march("0 0 15 * fri"), [6, 13, 15, 20, 27]);
        assert_eq!(days_of_march("0 0 */15 * fri"), Vec::<i8>::new());
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, told) in [
            ("", "five fields"),
            ("0 9 * *", "five fields"),
            ("0 0 9 * * *", "five fields"),
            ("60 9 * * *", "\"60\" is no minute: it must be 0 to 59"),
            ("0 24 * * *", "is no hour"),
            ("0 9 0 * *", "is no day"),
            ("0 9 * 13 *", "is no month"),
            ("0 9 * * 8", "is no weekday: it must be 0 to 7 or sun to sat"),
            ("0 9 * * fri-mon", "is no weekday"),
            ("0 9 * * mo", "is no weekday"),
            ("5-3 9 * * *", "is no minute"),
            ("*/0 9 * * *", "is no minute"),
            ("1,,2 9 * * *", "is no minute"),
            ("-1 9 * * *", "is no minute"),
            ("+1 9 * * *", "is no minute"),
            ("0 9 30 2 *", "never comes"),
            ("0 9 31 feb,apr *", "never comes"),
        ] {
            let why = text.parse::<Cron>().unwrap_err().to_string();
            assert!(why.contains(told), "{text}: {why}");
        }
        assert!("0 9 29 2 *".parse::<Cron>().is_ok());
        assert!("0 9 30 2 mon".parse::<Cron>().is_ok(), "Mondays of February come");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-*/, 0-9a-z@]{0,30}") {
            let _ = text.parse::<Cron>();
        }

        /// What is read is printed so that it is read as the same.
        #[test]
        fn what_is_printed_is_the_same(minute in 0..60_u32, hour in 0..24_u32, day in 1..29_u32, step in 1..7_u32) {
            let cron: Cron = format!("{minute}  {hour}/{step} {day},1 * *").parse().unwrap();
            prop_assert_eq!(cron.to_string().parse::<Cron>().unwrap(), cron);
        }
    }
}
