//! `dumpsys battery`: short on Android 7, longer with each release, and with a vendor's own section behind it. Whole
//! keys count, and the first of a name: "Max charging voltage" is no voltage.

use shared::device::{Battery, Charging};

/// `None` where there is no level in it.
pub fn parse_battery(text: &str) -> Option<Battery> {
    let mut level = None;
    let mut scale = None;
    let mut temperature = None;
    let mut status = None;
    let mut frozen = false;
    for line in text.lines() {
        if line.trim_start().starts_with("(UPDATES STOPPED") {
            frozen = true;
            continue;
        }
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let slot = match key.trim() {
            "level" => &mut level,
            "scale" => &mut scale,
            "temperature" => &mut temperature,
            "status" => &mut status,
            _ => continue,
        };
        if slot.is_none() {
            *slot = value.trim().parse::<i64>().ok();
        }
    }
    let scale = scale.filter(|scale| *scale > 0).unwrap_or(100);
    let percent = level?.max(0).saturating_mul(100) / scale;
    Some(Battery {
        level: u8::try_from(percent.min(100)).unwrap_or(100),
        temperature_decicelsius: i32::try_from(temperature.unwrap_or(0)).unwrap_or(0),
        charging: match status {
            Some(2) => Charging::Charging,
            Some(3) => Charging::Discharging,
            Some(4) => Charging::NotCharging,
            Some(5) => Charging::Full,
            _ => Charging::Unknown,
        },
        frozen,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANDROID_8: &str = "Current Battery Service state:\n  AC powered: false\n  USB powered: true\n  Wireless powered: false\n  Max charging current: 500000\n  Max charging voltage: 5024000\n  Charge counter: 4\n  status: 5\n  health: 2\n  present: true\n  level: 100\n  scale: 100\n  voltage: 4364\n  temperature: 290\n  technology: Li-poly\n";
    const ANDROID_15: &str = "Current Battery Service state:\r\n  AC powered: false\r\n  USB powered: true\r\n  Wireless powered: false\r\n  Dock powered: false\r\n  Max charging current: 500000\r\n  Max charging voltage: 5000000\r\n  Charge counter: 3110000\r\n  status: 2\r\n  health: 2\r\n  present: true\r\n  level: 62\r\n  scale: 100\r\n  voltage: 4012\r\n  temperature: 334\r\n  technology: Li-ion\r\n  Charging state: 0\r\n  Charging policy: 1\r\n";

    #[test]
    fn the_short_shape_of_android_8_is_read() {
        let battery = parse_battery(ANDROID_8).unwrap();
        assert_eq!((battery.level, battery.temperature_decicelsius), (100, 290));
        assert_eq!((battery.charging, battery.frozen), (Charging::Full, false));
    }

    #[test]
    fn the_long_shape_of_android_15_is_read() {
        let battery = parse_battery(ANDROID_15).unwrap();
        assert_eq!((battery.level, battery.temperature_decicelsius), (62, 334));
        assert_eq!(battery.charging, Charging::Charging);
    }

    #[test]
    fn set_values_are_told_as_frozen() {
        let text = "Current Battery Service state:\n  (UPDATES STOPPED -- use 'reset' to restart)\n  status: 3\n  level: 7\n  scale: 100\n  temperature: 281\n";
        let battery = parse_battery(text).unwrap();
        assert!(battery.frozen);
        assert_eq!((battery.level, battery.charging), (7, Charging::Discharging));
    }

    #[test]
    fn the_level_is_a_share_of_the_scale_and_the_first_of_its_name() {
        let text = "  level: 50\n  scale: 200\n  temperature: -15\n  mSecLevel:\n  level: 99\n";
        let battery = parse_battery(text).unwrap();
        assert_eq!((battery.level, battery.temperature_decicelsius), (25, -15));
    }

    #[test]
    fn no_level_is_no_battery() {
        assert_eq!(parse_battery("Can't find service: battery\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "\\PC*") {
            parse_battery(&text);
        }

        #[test]
        fn no_number_makes_it_panic(level in any::<i64>(), scale in any::<i64>(), temperature in any::<i64>()) {
            let text = format!("level: {level}\nscale: {scale}\ntemperature: {temperature}\n");
            if let Some(battery) = parse_battery(&text) {
                prop_assert!(battery.level <= 100);
            }
        }
    }
}
