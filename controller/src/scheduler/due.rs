//! Whether a phone may begin a task now, and if not, why: decided from what is known of it, without asking anybody.

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::device::{Battery, DeviceState};

use crate::settings::WorkRules;

/// What is known of a phone at a moment.
#[derive(Debug, Clone, Copy)]
pub struct PhoneNow<'a> {
    /// `None` where no host tells of it.
    pub state: Option<DeviceState>,
    pub state_reason: Option<&'a str>,
    /// The task that runs on it.
    pub busy: Option<i64>,
    /// Its host has to tell first what it did before the database was taken back.
    pub recovering: bool,
    /// As many phones work as the plan allows.
    pub full: bool,
}

/// Why a phone rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    Heat,
    Battery,
}

/// Phones that rest until they have cooled down or are charged: they begin again later than they stopped.
#[derive(Debug, Default)]
pub struct Paused(BTreeMap<String, Pause>);

impl Paused {
    /// Looks at a phone's battery; answers whether it rests.
    pub fn look(&mut self, serial: &str, battery: Option<&Battery>, rules: &WorkRules) -> Option<Pause> {
        let Some(battery) = battery else {
            return self.of(serial);
        };
        let (heat, level) = (battery.celsius(), i64::from(battery.level));
        let hot = heat >= rules.heat.0 as f64;
        let next = match self.of(serial) {
            Some(Pause::Heat) if heat > rules.heat.1 as f64 => Some(Pause::Heat),
            _ if hot => Some(Pause::Heat),
            Some(Pause::Battery) if level < rules.battery.1 => Some(Pause::Battery),
            _ if level < rules.battery.0 => Some(Pause::Battery),
            _ => None,
        };
        match next {
            Some(pause) => {
                self.0.insert(serial.to_owned(), pause);
            }
            None => {
                self.0.remove(serial);
            }
        }
        next
    }

    pub fn of(&self, serial: &str) -> Option<Pause> {
        self.0.get(serial).copied()
    }
}

/// Why no task begins on the phone now; `None` where one may.
pub fn obstacle(
    phone: PhoneNow<'_>,
    pause: Option<Pause>,
    rules: &WorkRules,
    now: Timestamp,
) -> Option<String> {
    match phone.state {
        None => return Some("phone_away: no host tells of its phone".to_owned()),
        Some(DeviceState::Online) => {}
        Some(state) => {
            let reason = phone
                .state_reason
                .map(|why| format!(" ({why})"))
                .unwrap_or_default();
            return Some(format!("phone_away: its phone is {state}{reason}"));
        }
    }
    if let Some(task) = phone.busy {
        return Some(format!("phone_busy: task {task} runs on its phone"));
    }
    if phone.recovering {
        let why = "recovering: the host of its phone has to tell first what it did before the database was taken back";
        return Some(why.to_owned());
    }
    match pause {
        Some(Pause::Heat) => return Some(format!("phone_hot: its phone cools down to {} °C", rules.heat.1)),
        Some(Pause::Battery) => {
            return Some(format!("battery_low: its phone charges to {} %", rules.battery.1));
        }
        None => {}
    }
    if !rules.is_open(now) {
        return Some("hours: outside the hours in which tasks begin".to_owned());
    }
    if phone.full {
        return Some("device_limit: as many phones work as the plan allows".to_owned());
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde_json::json;
    use shared::device::Charging;

    use super::*;

    fn battery(level: u8, decicelsius: i32) -> Battery {
        Battery {
            level,
            temperature_decicelsius: decicelsius,
            charging: Charging::Unknown,
            frozen: false,
        }
    }

    const ONLINE: PhoneNow<'static> = PhoneNow {
        state: Some(DeviceState::Online),
        state_reason: None,
        busy: None,
        recovering: false,
        full: false,
    };
    const NOON: Timestamp = Timestamp::UNIX_EPOCH;

    #[test]
    fn a_hot_phone_rests_until_it_is_cool() {
        let (mut paused, rules) = (Paused::default(), WorkRules::default());
        let mut at = |decicelsius| paused.look("A", Some(&battery(80, decicelsius)), &rules);
        assert_eq!(at(419), None);
        assert_eq!(at(420), Some(Pause::Heat));
        assert_eq!(at(390), Some(Pause::Heat), "not cool enough yet");
        assert_eq!(at(380), None);
        assert_eq!(at(390), None);
    }

    #[test]
    fn an_empty_phone_rests_until_it_is_charged_and_heat_goes_first() {
        let (mut paused, rules) = (Paused::default(), WorkRules::default());
        let mut at = |level, decicelsius| paused.look("A", Some(&battery(level, decicelsius)), &rules);
        assert_eq!(at(20, 300), None);
        assert_eq!(at(19, 300), Some(Pause::Battery));
        assert_eq!(at(29, 300), Some(Pause::Battery));
        assert_eq!(at(29, 430), Some(Pause::Heat));
        assert_eq!(at(19, 370), Some(Pause::Battery));
        assert_eq!(at(30, 370), None);
    }

    #[test]
    fn a_phone_of_which_nothing_new_is_known_stays_as_it_was() {
        let (mut paused, rules) = (Paused::default(), WorkRules::default());
        assert_eq!(paused.look("A", None, &rules), None);
        paused.look("A", Some(&battery(10, 300)), &rules);
        assert_eq!(paused.look("A", None, &rules), Some(Pause::Battery));
    }

    #[test]
    fn each_obstacle_is_told_by_its_name() {
        let rules = WorkRules::default();
        let told = |phone, pause| obstacle(phone, pause, &rules, NOON).unwrap_or_default();
        assert_eq!(told(ONLINE, None), "");
        let away = PhoneNow {
            state: None,
            ..ONLINE
        };
        assert!(told(away, None).starts_with("phone_away"));
        let locked = PhoneNow {
            state: Some(DeviceState::Unauthorized),
            state_reason: Some("accept the computer on its screen"),
            ..ONLINE
        };
        assert!(told(locked, None).contains("accept the computer"));
        let busy = PhoneNow {
            busy: Some(7),
            ..ONLINE
        };
        assert!(told(busy, None).contains("task 7"));
        let recovering = PhoneNow {
            recovering: true,
            ..ONLINE
        };
        assert!(told(recovering, None).starts_with("recovering"));
        assert!(told(ONLINE, Some(Pause::Heat)).starts_with("phone_hot"));
        let full = PhoneNow { full: true, ..ONLINE };
        assert!(told(full, None).starts_with("device_limit"));
        let set = BTreeMap::from([(crate::settings::HOURS.to_owned(), json!("08:00-22:00"))]);
        let day = WorkRules::of(&set, jiff::tz::TimeZone::UTC);
        let closed = obstacle(ONLINE, None, &day, NOON).unwrap_or_default();
        assert!(closed.starts_with("hours"), "{closed}");
    }

    proptest! {
        /// Whatever the readings are, a phone that works is neither too hot nor too empty.
        #[test]
        fn no_phone_works_beyond_its_bounds(readings in prop::collection::vec((0_u8..=100, 150_i32..600), 1..40)) {
            let (mut paused, rules) = (Paused::default(), WorkRules::default());
            for (level, heat) in readings {
                if paused.look("A", Some(&battery(level, heat)), &rules).is_none() {
                    prop_assert!(heat < 420 && level >= 20);
                }
            }
        }
    }
}
