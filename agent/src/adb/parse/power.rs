//! `dumpsys power`: whether the screen is on.

use super::{flags, yes_or_no};

/// Lines worth fetching, as fixed strings for the phone's `grep`.
pub const LINES: [&str; 4] = [
    "mWakefulness=",
    "getWakefulnessLocked()=",
    "Display Power: state=",
    "mHoldingDisplaySuspendBlocker=",
];

/// Whether the screen is on and the phone awake; `None` where it does not say. A dream (screen saver) does not count
/// as awake: a tap would only end it.
pub fn parse_awake(text: &str) -> Option<bool> {
    let of = |name: &str| flags(text).find(|(key, _)| *key == name).map(|(_, value)| value);
    let wakefulness = of("mWakefulness").or_else(|| of("getWakefulnessLocked()"));
    let display = text
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("Display Power: state="))
        .map(|state| state.trim().starts_with("ON"));
    let awake = wakefulness.map(|word| word == "Awake");
    match (awake, display) {
        (Some(awake), Some(display)) => Some(awake && display),
        (Some(only), None) | (None, Some(only)) => Some(only),
        (None, None) => of("mHoldingDisplaySuspendBlocker").and_then(yes_or_no),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn awake_is_on_and_everything_else_is_not() {
        for (word, on) in [
            ("Awake", true),
            ("Asleep", false),
            ("Dozing", false),
            ("Dreaming", false),
        ] {
            assert_eq!(parse_awake(&format!("  mWakefulness={word}\n")), Some(on));
            assert_eq!(
                parse_awake(&format!("  getWakefulnessLocked()={word}\n")),
                Some(on)
            );
        }
    }

    #[test]
    fn a_dark_display_is_off_whatever_the_phone_thinks() {
        let text = "  mWakefulness=Awake\n  mHoldingDisplaySuspendBlocker=true\nDisplay Power: state=OFF\n";
        assert_eq!(parse_awake(text), Some(false));
        assert_eq!(parse_awake("Display Power: state=DOZE\n"), Some(false));
        assert_eq!(parse_awake("Display Power: state=ON\n"), Some(true));
    }

    #[test]
    fn old_phones_tell_by_the_blocker_and_others_not_at_all() {
        assert_eq!(parse_awake("  mHoldingDisplaySuspendBlocker=true\n"), Some(true));
        assert_eq!(parse_awake("Can't find service: power"), None);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "\\PC*") {
            parse_awake(&text);
            parse_awake(&format!("Display Power: state={text}"));
        }
    }
}
