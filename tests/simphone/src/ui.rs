//! What is on the phone's glass: windows in order, the view trees in them, and what a touch does.
//!
//! This is the only door to the screen for `program` and `control`; apps are behind `crate::app`.

use crate::clock::SimTime;
use crate::phone::{Phone, PhoneSpec};

/// A touch, in the current rotation's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// `am start` and friends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Intent {
    pub action: Option<String>,
    pub data: Option<String>,
    pub mime: Option<String>,
    pub package: Option<String>,
    /// `pkg/.Class` or `pkg/full.Class`.
    pub component: Option<String>,
    pub categories: Vec<String>,
    /// `--es`, `--ei`, `--ez`, `--eu`: (key, value).
    pub extras: Vec<(String, String)>,
    pub flags: u32,
}

/// What became of an intent; `program::am` words it as the phone's Android does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// A new activity came up: its full component, and whether its process was started for it.
    Launched { component: String, cold: bool },
    /// "its current task has been brought to the front"
    BroughtToFront { component: String },
    /// "intent has been delivered to currently running top-most instance"
    DeliveredToTop { component: String },
    /// Nobody takes it.
    Unresolved,
    /// "Activity class {…} does not exist."
    NoSuchActivity { component: String },
    /// The activity is not exported.
    NotExported { component: String },
}

/// The window that has the focus, as `dumpsys window` needs to name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Focus {
    /// In transition, or the screen is off on some builds.
    None,
    /// `pkg/full.Class`
    Activity { component: String },
    /// "NotificationShade", "StatusBar", "Application Error: pkg", …
    System { title: String },
}

/// An activity that stands in the back stack; the first is on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskActivity {
    pub component: String,
    pub task: u32,
}

/// The glass and everything behind it.
#[derive(Debug)]
pub struct Ui {
    _unfinished: (),
}

impl Ui {
    /// The launcher, on a phone that has just booted.
    pub fn boot(_spec: &PhoneSpec) -> Self {
        Self { _unfinished: () }
    }

    /// Ends animations and fires timers that are due. Called by [`Phone::ui`]; nothing else needs to.
    pub fn advance(&mut self, _phone: &Phone, _now: SimTime) {}

    /// A power cycle: stacks are gone, data stays.
    pub fn reboot(&mut self, _phone: &Phone) {}

    pub fn tap(&mut self, _phone: &Phone, _at: Point) {}

    /// Press for `millis` without moving.
    pub fn long_press(&mut self, _phone: &Phone, _at: Point, _millis: u64) {}

    pub fn swipe(&mut self, _phone: &Phone, _from: Point, _to: Point, _millis: u64) {}

    /// A key by its Android code.
    pub fn key(&mut self, _phone: &Phone, _code: u32) {}

    /// Characters typed on the hardware keyboard that `input text` imitates (the caller has refused non-ASCII).
    pub fn type_text(&mut self, _phone: &Phone, _text: &str) {}

    /// Text committed by an input method (any Unicode) into the focused field; false where no field has the focus.
    pub fn commit_text(&mut self, _phone: &Phone, _text: &str) -> bool {
        false
    }

    /// Empties the focused field.
    pub fn clear_text(&mut self, _phone: &Phone) -> bool {
        false
    }

    pub fn clipboard(&self) -> String {
        String::new()
    }

    pub fn set_clipboard(&mut self, _text: &str) {}

    /// What `am start` does.
    pub fn start(&mut self, _phone: &Phone, _intent: &Intent) -> Started {
        Started::Unresolved
    }

    /// `am force-stop`: the app's stack and process are gone, its data stays.
    pub fn force_stop(&mut self, _phone: &Phone, _package: &str) {}

    /// `pm clear`
    pub fn clear_data(&mut self, _phone: &Phone, _package: &str) -> bool {
        false
    }

    /// Packages with a running process, with its pid.
    pub fn processes(&self) -> Vec<(String, u32)> {
        Vec::new()
    }

    pub fn focus(&self) -> Focus {
        Focus::None
    }

    /// The app below a system window: what `mFocusedApp` goes on naming.
    pub fn focused_app(&self) -> Option<TaskActivity> {
        None
    }

    /// All activities, the resumed one first.
    pub fn activities(&self) -> Vec<TaskActivity> {
        Vec::new()
    }

    pub fn screen_on(&self) -> bool {
        true
    }

    pub fn locked(&self) -> bool {
        false
    }

    /// Whether a soft keyboard is up.
    pub fn keyboard_shown(&self) -> bool {
        false
    }

    /// Whether something moves on the screen, so that `uiautomator dump` never finds it idle.
    pub fn animating(&self) -> bool {
        false
    }

    /// The hierarchy XML. `uiautomator dump` sees the active window only; the resident server sees all windows.
    pub fn dump(&self, _phone: &Phone, _all_windows: bool) -> String {
        String::new()
    }

    /// The picture, as PNG.
    pub fn screenshot(&self, _phone: &Phone) -> Vec<u8> {
        Vec::new()
    }

    /// For `GET /phones/{serial}/screen`: which app and which of its screens is in front.
    pub fn describe(&self) -> serde_json::Value {
        serde_json::json!({})
    }
}
