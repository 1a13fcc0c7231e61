//! What is known of a phone: who it is, what state it is in, and its facts, each with the time it was read.
//!
//! These are the farm's own words; how Android prints them is the agent's business (`agent::adb::parse`).
//! The plain values among them travel over the link as they are: variants are only ever appended, and a field more is
//! a new version of the protocol (`wire`), whose golden bytes hold them still.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::wire::codec::{Decode, Encode};

/// The name by which the farm knows a phone: its USB serial or `ro.serialno`, with `~2` and so on behind it
/// where another phone had the name first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Serial(pub String);

impl fmt::Display for Serial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a phone can be used, and if not, which person has to do what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Answers.
    Online,
    /// adb lists it, but it does not answer (hung, booting, in recovery, cable half out).
    Offline,
    /// It has not accepted this host's key: somebody must tap "Always allow" on its screen.
    Unauthorized,
    /// The host may not open its USB device: udev rules are missing.
    NoPermissions,
    /// It was here and is gone.
    Unplugged,
}

impl DeviceState {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline => "offline",
            Self::Unauthorized => "unauthorized",
            Self::NoPermissions => "no_permissions",
            Self::Unplugged => "unplugged",
        }
    }
}

impl fmt::Display for DeviceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A value and when the phone said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact<T> {
    pub value: T,
    pub at: Timestamp,
}

impl<T> Fact<T> {
    pub fn new(value: T, at: Timestamp) -> Self {
        Self { value, at }
    }
}

/// What a phone is; changes only with an update of its system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Identity {
    /// `ro.serialno`; empty where the vendor hides it.
    pub serialno: String,
    pub manufacturer: String,
    pub model: String,
    /// As the phone writes it: "14", "8.1.0".
    pub android: String,
    pub sdk: u32,
    /// Changes with each boot; the same one behind two transports is one phone.
    pub boot_id: String,
    /// Stable over reboots, new after a factory reset.
    pub android_id: String,
}

/// Pixels, as input coordinates and screenshots use them: with the override of `wm size` and the rotation applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct ScreenSize {
    pub width: u32,
    pub height: u32,
    /// Quarter turns from the natural orientation, 0–3.
    pub rotation: u8,
    pub density: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charging {
    Unknown,
    Charging,
    Discharging,
    NotCharging,
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Battery {
    /// Percent of full.
    pub level: u8,
    /// Tenths of a degree Celsius.
    pub temperature_decicelsius: i32,
    pub charging: Charging,
    /// `dumpsys battery set` is in force: the values are not the battery's own.
    pub frozen: bool,
}

impl Battery {
    pub fn celsius(&self) -> f64 {
        f64::from(self.temperature_decicelsius) / 10.0
    }
}

/// The screen as a person would see it. What is unknown counts as locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Wakefulness {
    pub on: bool,
    pub locked: bool,
}

/// The window that has the focus.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
pub struct Foreground {
    /// Package of the focused window; empty where a system window without a package has the focus.
    pub package: String,
    /// Full class name of its activity, where the window is an activity.
    pub activity: Option<String>,
    /// What else is in front: "NotificationShade", "Application Not Responding: pkg", …
    pub window: Option<String>,
}

/// Everything known of one phone, as the roster publishes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    pub serial: Serial,
    /// Other names accepted for it: `HOST:PORT`, `ro.serialno`, `emulator-5554`.
    pub aliases: Vec<String>,
    pub state: DeviceState,
    /// Why it is in that state, where adb or the probe said so.
    pub state_reason: Option<String>,
    /// Since when it is in that state.
    pub since: Timestamp,
    /// When it last answered.
    pub last_seen: Option<Timestamp>,
    /// The port of the hub, as the kernel names it (`1-1.4`).
    pub usb_path: Option<String>,
    pub identity: Option<Fact<Identity>>,
    pub screen_size: Option<Fact<ScreenSize>>,
    pub battery: Option<Fact<Battery>>,
    pub screen: Option<Fact<Wakefulness>>,
    pub foreground: Option<Fact<Foreground>>,
    /// What an operator should know: a second phone with the same serial, a frozen battery, a driver that fell back.
    pub notes: Vec<String>,
}

impl Device {
    /// A phone of which only adb's line is known.
    pub fn new(serial: Serial, state: DeviceState, at: Timestamp) -> Self {
        Self {
            serial,
            aliases: Vec::new(),
            state,
            state_reason: None,
            since: at,
            last_seen: None,
            usb_path: None,
            identity: None,
            screen_size: None,
            battery: None,
            screen: None,
            foreground: None,
            notes: Vec::new(),
        }
    }

    /// Whether an operator means this phone by `name`.
    pub fn answers_to(&self, name: &str) -> bool {
        self.serial.0 == name || self.aliases.iter().any(|alias| alias == name)
    }
}
