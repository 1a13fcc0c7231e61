//! `dumpsys window`: which window has the focus, whether the lock screen shows, how the screen is turned.
//!
//! Names of the flags vary over Android 8 to 15 and over vendors; a flag that nobody knows proves nothing.

use shared::device::Foreground;

use super::component::{Component, is_name};
use super::{flags, yes_or_no};

/// Lines worth fetching, as fixed strings for the phone's `grep`.
pub const LINES: [&str; 9] = [
    "mCurrentFocus",
    "mFocusedApp",
    "Lockscreen=",
    "howing=",
    "screenState=",
    "mAwake=",
    "mScreenOnFully=",
    "mCurrentRotation=",
    "mRotation=",
];

/// Asks for the window and the app in front. Where a vendor left `grep` out, `cat` hands on what nobody has read.
pub const ASK_FOCUS: &str = "dumpsys window | { grep -e mCurrentFocus -e mFocusedApp 2>/dev/null || cat; }";

/// What has the focus. `None` where neither a window nor an app is named.
pub fn parse_foreground(text: &str) -> Option<Foreground> {
    let titles: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("mCurrentFocus="))
        .filter_map(window_title)
        .collect();
    // One line a display: the last that names an activity is the one that a person looks at.
    if let Some(component) = titles.iter().rev().find_map(|title| Component::parse(title)) {
        return Some(activity(component));
    }
    if let Some(title) = titles.last() {
        return Some(without_activity(title));
    }
    text.lines()
        .filter(|line| line.trim_start().starts_with("mFocusedApp="))
        .filter_map(Component::in_record)
        .next_back()
        .map(activity)
}

/// Which windows have the focus, one a display, to be compared with a later answer: their marks differ where their
/// titles do not, as those of a dialog and of the activity behind it.
pub fn focus_mark(text: &str) -> String {
    let windows: Vec<&str> = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("mCurrentFocus="))
        .collect();
    windows.join(" ")
}

fn activity(component: Component) -> Foreground {
    Foreground {
        package: component.package,
        activity: Some(component.activity),
        window: None,
    }
}

/// A dialog of an app is titled with the bare package; everything else is the system's.
fn without_activity(title: &str) -> Foreground {
    let package = is_name(title) && title.contains('.');
    Foreground {
        package: if package { title.to_owned() } else { String::new() },
        activity: None,
        window: (!package).then(|| title.to_owned()),
    }
}

/// Out of `Window{3b2c1a8 u0 title}`, with or without the user, with or without remarks behind the title.
fn window_title(value: &str) -> Option<&str> {
    let inside = value.trim().strip_prefix("Window{")?;
    let inside = inside.rfind('}').map_or(inside, |end| &inside[..end]);
    let (_hash, rest) = inside.split_once(' ')?;
    let title = match rest.split_once(' ') {
        Some((user, title)) if is_user(user) => title,
        _ => rest,
    };
    let mut title = title.trim();
    for remark in [" paused=false", " paused=true", " EXITING"] {
        title = title.strip_suffix(remark).unwrap_or(title);
    }
    let title = title.trim();
    (!title.is_empty() && title != "null").then_some(title)
}

fn is_user(word: &str) -> bool {
    word.strip_prefix('u')
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether the lock screen shows; `None` where no known flag says so.
pub fn parse_locked(text: &str) -> Option<bool> {
    let mut known = None;
    for (key, value) in flags(text) {
        let Some(value) = yes_or_no(value) else { continue };
        match key {
            "mShowingLockscreen" | "mIsShowing" | "showing" | "isKeyguardShowing" | "mKeyguardShowing" => {
                known = Some(known.unwrap_or(false) || value);
            }
            // Says something only while it dreams.
            "mDreamingLockscreen" if value => known = Some(true),
            _ => {}
        }
    }
    known
}

/// Whether the window policy holds the screen for on; for phones whose power manager does not say.
pub fn parse_screen_on(text: &str) -> Option<bool> {
    let mut known = None;
    for (key, value) in flags(text) {
        let says = match (key, value) {
            ("screenState", "SCREEN_STATE_ON") => Some(true),
            ("screenState", "SCREEN_STATE_OFF") => Some(false),
            ("mAwake" | "mScreenOnFully", value) => yes_or_no(value),
            _ => None,
        };
        if let Some(says) = says {
            known = Some(known.unwrap_or(true) && says);
        }
    }
    known
}

/// Quarter turns. The default display comes first.
pub fn parse_rotation(text: &str) -> Option<u8> {
    let first = |name: &str| {
        flags(text)
            .filter(|(key, _)| *key == name)
            .find_map(|(_, value)| turns(value))
    };
    first("mCurrentRotation").or_else(|| first("mRotation"))
}

/// The same out of `dumpsys input`, for phones whose window manager does not say.
pub fn parse_input_rotation(text: &str) -> Option<u8> {
    text.lines().find_map(|line| {
        let line = line.trim_start();
        let (_, value) = line
            .split_once("SurfaceOrientation:")
            .or_else(|| line.split_once("Orientation: Rotation"))?;
        let digits: String = value
            .trim_start()
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        turns(&digits)
    })
}

/// `0`–`3`, or degrees as in `ROTATION_90`.
fn turns(value: &str) -> Option<u8> {
    let value = value.strip_prefix("ROTATION_").unwrap_or(value);
    match value {
        "0" => Some(0),
        "1" | "90" => Some(1),
        "2" | "180" => Some(2),
        "3" | "270" => Some(3),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> (String, Option<String>, Option<String>) {
        let foreground = parse_foreground(text).unwrap();
        (foreground.package, foreground.activity, foreground.window)
    }

    const SETTINGS: &str = "com.android.settings";

    #[test]
    fn the_focused_activity_is_named_in_full() {
        let (package, activity, window) =
            shown("  mCurrentFocus=Window{3b2c1a8 u0 com.android.settings/com.android.settings.Settings}\n");
        assert_eq!(package, SETTINGS);
        assert_eq!(activity.as_deref(), Some("com.android.settings.Settings"));
        assert_eq!(window, None);
        let very_old = shown("  mCurrentFocus=Window{41d2e0 com.android.settings/.Settings paused=false}");
        assert_eq!(very_old.1.as_deref(), Some("com.android.settings.Settings"));
    }

    #[test]
    fn the_last_display_with_an_activity_counts() {
        let text = "  mCurrentFocus=null\n  mFocusedApp=null\n  mCurrentFocus=Window{1 u0 com.a/.B}\n  mCurrentFocus=Window{2 u0 com.c/.D}\n  mCurrentFocus=null\n";
        assert_eq!(shown(text).0, "com.c");
    }

    #[test]
    fn the_shade_in_front_hides_the_app_below() {
        let text = "  mCurrentFocus=Window{bdf3658 u0 NotificationShade}\n  mFocusedApp=ActivityRecord{1 u0 com.a/.B t9}\n";
        assert_eq!(
            shown(text),
            (String::new(), None, Some("NotificationShade".to_owned()))
        );
        for older in ["StatusBar", "Keyguard"] {
            let text = format!("  mCurrentFocus=Window{{bdf3658 u0 {older}}}\n");
            assert_eq!(shown(&text), (String::new(), None, Some(older.to_owned())));
        }
    }

    #[test]
    fn dialogs_of_apps_and_of_the_system_are_told_apart() {
        let dialog = shown("mCurrentFocus=Window{1a u0 com.android.settings}");
        assert_eq!(dialog, (SETTINGS.to_owned(), None, None));
        for title in [
            "Application Not Responding: com.a",
            "Application Error: com.a",
            "PopupWindow:f00",
            "InputMethod",
        ] {
            let text = format!("mCurrentFocus=Window{{1a u0 {title}}}");
            assert_eq!(shown(&text), (String::new(), None, Some(title.to_owned())));
        }
    }

    #[test]
    fn without_a_focused_window_the_focused_app_speaks() {
        let nine = "  mCurrentFocus=null\n  mFocusedApp=AppWindowToken{5fd6a6b token=Token{57b1dba ActivityRecord{3b2 u0 com.a/.B t181}}}\n";
        assert_eq!(shown(nine).1.as_deref(), Some("com.a.B"));
        let ten = "  mCurrentFocus=null\n  mFocusedApp=ActivityRecord{3b2 u0 com.a/com.x.B t9}\n";
        assert_eq!(shown(ten).1.as_deref(), Some("com.x.B"));
        assert_eq!(
            parse_foreground("  mCurrentFocus=null\n  mFocusedApp=null\n"),
            None
        );
    }

    #[test]
    fn only_a_known_flag_unlocks() {
        assert_eq!(parse_locked("mFoo=false mCurrentFocus=null"), None);
        assert_eq!(
            parse_locked("    mShowingLockscreen=false mShowingDream=false mDreamingLockscreen=false"),
            Some(false)
        );
        assert_eq!(
            parse_locked("  showing=false\n  KeyguardStateMonitor\n    mIsShowing=true\n"),
            Some(true)
        );
        assert_eq!(parse_locked("  mDreamingLockscreen=false"), None);
        assert_eq!(
            parse_locked("  mDreamingLockscreen=true mIsShowing=false"),
            Some(true)
        );
        assert_eq!(
            parse_locked("  mKeyguardShowing=true mAodShowing=false"),
            Some(true)
        );
    }

    #[test]
    fn the_policy_knows_a_dark_screen() {
        assert_eq!(parse_screen_on("    screenState=SCREEN_STATE_OFF\n"), Some(false));
        assert_eq!(
            parse_screen_on("    mAwake=true mScreenOnFully=true\n"),
            Some(true)
        );
        assert_eq!(parse_screen_on("nothing"), None);
    }

    #[test]
    fn rotation_is_read_in_turns_and_in_degrees() {
        assert_eq!(parse_rotation("  mCurrentRotation=ROTATION_90\n"), Some(1));
        assert_eq!(
            parse_rotation("  mRotation=3 mDeferredRotationPauseCount=0\n"),
            Some(3)
        );
        assert_eq!(
            parse_rotation("  mRotation=1\n mCurrentRotation=ROTATION_270"),
            Some(3)
        );
        assert_eq!(parse_rotation("mLastRotation=1"), None);
        assert_eq!(parse_input_rotation("      SurfaceOrientation: 1\n"), Some(1));
        assert_eq!(parse_input_rotation("      Orientation: Rotation270\n"), Some(3));
        assert_eq!(parse_input_rotation("      Orientation: 0\n"), None);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "\\PC*") {
            for text in [text.clone(), format!("mCurrentFocus=Window{{{text}"), format!("mCurrentRotation={text}")] {
                parse_foreground(&text);
                parse_locked(&text);
                parse_screen_on(&text);
                parse_rotation(&text);
                parse_input_rotation(&text);
            }
        }
    }
}
