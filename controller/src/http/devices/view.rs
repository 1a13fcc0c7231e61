//! A phone as the API shows it: every fact with the time at which the phone said it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;
use shared::account::Platform;
use shared::device::{Battery, Charging, Device, Fact, Foreground, ScreenSize, Wakefulness};
use utoipa::ToSchema;

use super::Whereabouts;
use crate::fleet::LiveDevice;
use crate::store::DeviceRow;

/// A phone. What is not known is `null`.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceItem {
    #[schema(example = "SIM0001")]
    pub serial: String,
    /// Other names under which it is accepted.
    pub aliases: Vec<String>,
    /// `null` until the phone has said who it is.
    pub device_index: Option<u32>,
    /// Empty where none was given.
    pub name: String,
    pub groups: Vec<String>,
    /// Accounts that are bound to it.
    pub accounts: u64,
    /// Of which platforms.
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) on: BTreeSet<Platform>,
    pub manufacturer: Option<String>,
    pub model: Option<String>,
    #[schema(example = "14")]
    pub android: Option<String>,
    pub sdk: Option<u32>,
    pub resolution: Option<Resolution>,
    /// The id of the host that has it or had it last.
    pub host: Option<String>,
    pub host_name: Option<String>,
    #[schema(example = "1-1.4")]
    pub usb_path: Option<String>,
    /// online, offline, unauthorized, no_permissions, unplugged.
    #[schema(example = "online")]
    pub state: String,
    pub state_reason: Option<String>,
    /// Since when it is in this state.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub state_since: Option<Timestamp>,
    pub battery: Option<BatteryItem>,
    pub screen: Option<ScreenItem>,
    pub foreground: Option<ForegroundItem>,
    /// How often it went away within the last hour, as long as the controller has been up.
    pub faults_last_hour: u32,
    /// What an operator should know.
    pub notes: Vec<String>,
    /// When it was first seen in this farm.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_seen: Option<Timestamp>,
    /// When it last answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
    /// The serial of the phone that took its place; `null` while it is in use.
    pub replaced_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub replaced_at: Option<Timestamp>,
}

/// Pixels as input coordinates and screenshots use them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Resolution {
    pub width: u32,
    pub height: u32,
    /// Quarter turns from the natural orientation.
    pub rotation: u8,
    pub density: u32,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct BatteryItem {
    /// Percent.
    pub level: u8,
    /// Degrees Celsius.
    pub temperature: f64,
    pub charging: bool,
    /// unknown, charging, discharging, not_charging, full.
    pub status: String,
    /// The values were set by hand and are not the battery's own.
    pub frozen: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ScreenItem {
    pub on: bool,
    pub locked: bool,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ForegroundItem {
    /// Empty where a system window without a package has the focus.
    pub package: String,
    pub activity: Option<String>,
    /// What else is in front.
    pub window: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

impl DeviceItem {
    pub(super) fn of_live(live: &LiveDevice, faults_last_hour: u32) -> Self {
        let device = &live.device;
        let mut item = Self {
            host: Some(live.host.to_string()),
            host_name: Some(live.host_name.clone()),
            faults_last_hour,
            ..Self::of_device(device)
        };
        if let Some(row) = &live.row {
            item.take_row(row);
        }
        item
    }

    fn of_device(device: &Device) -> Self {
        let identity = device.identity.as_ref().map(|identity| &identity.value);
        let told = |text: &String| (!text.is_empty()).then(|| text.clone());
        Self {
            serial: device.serial.0.clone(),
            aliases: device.aliases.clone(),
            device_index: None,
            name: String::new(),
            groups: Vec::new(),
            accounts: 0,
            on: BTreeSet::new(),
            manufacturer: identity.and_then(|identity| told(&identity.manufacturer)),
            model: identity.and_then(|identity| told(&identity.model)),
            android: identity.and_then(|identity| told(&identity.android)),
            sdk: identity.map(|identity| identity.sdk).filter(|sdk| *sdk > 0),
            resolution: device.screen_size.as_ref().map(Resolution::of),
            host: None,
            host_name: None,
            usb_path: device.usb_path.clone(),
            state: device.state.as_str().to_owned(),
            state_reason: device.state_reason.clone(),
            state_since: Some(device.since),
            battery: device.battery.as_ref().map(BatteryItem::of),
            screen: device.screen.as_ref().map(ScreenItem::of),
            foreground: device.foreground.as_ref().map(ForegroundItem::of),
            faults_last_hour: 0,
            notes: device.notes.clone(),
            first_seen: None,
            last_seen: device.last_seen,
            replaced_by: None,
            replaced_at: None,
        }
    }

    /// A phone of which no host tells.
    pub(super) fn of_row(row: &DeviceRow, at: Whereabouts) -> Self {
        let mut item = Self::of_device(&Device::new(row.serial.clone(), at.state, row.last_seen));
        item.take_row(row);
        item.host = at.host.map(|id| id.to_string());
        item.host_name = at.host_name;
        item.state_reason = Some(at.reason);
        item.state_since = None;
        item
    }

    /// What operators chose, and what was known before where the phone has not said it yet.
    pub(super) fn take_row(&mut self, row: &DeviceRow) {
        self.device_index = Some(row.device_index);
        self.name.clone_from(&row.name);
        self.groups.clone_from(&row.groups);
        self.first_seen = Some(row.first_seen);
        self.replaced_by = row.replaced_by.as_ref().map(|serial| serial.0.clone());
        self.replaced_at = row.replaced_at;
        self.last_seen = self.last_seen.or(Some(row.last_seen));
        let known = |text: &String| (!text.is_empty()).then(|| text.clone());
        self.manufacturer = self.manufacturer.take().or_else(|| known(&row.manufacturer));
        self.model = self.model.take().or_else(|| known(&row.model));
        self.android = self.android.take().or_else(|| known(&row.android));
        self.sdk = self.sdk.or((row.sdk > 0).then_some(row.sdk));
    }

    /// How many accounts of each platform are bound to it.
    pub(super) fn take_accounts(&mut self, accounts: Option<BTreeMap<Platform, u64>>) {
        let accounts = accounts.unwrap_or_default();
        self.accounts = accounts.values().sum();
        self.on = accounts.into_keys().collect();
    }

    /// By index; those without one come last.
    pub(super) fn order(&self) -> u32 {
        self.device_index.unwrap_or(u32::MAX)
    }
}

impl Resolution {
    fn of(fact: &Fact<ScreenSize>) -> Self {
        let size = fact.value;
        Self {
            width: size.width,
            height: size.height,
            rotation: size.rotation,
            density: size.density,
            at: fact.at,
        }
    }
}

impl BatteryItem {
    fn of(fact: &Fact<Battery>) -> Self {
        let battery = fact.value;
        let status = match battery.charging {
            Charging::Unknown => "unknown",
            Charging::Charging => "charging",
            Charging::Discharging => "discharging",
            Charging::NotCharging => "not_charging",
            Charging::Full => "full",
        };
        Self {
            level: battery.level,
            temperature: battery.celsius(),
            charging: battery.charging == Charging::Charging,
            status: status.to_owned(),
            frozen: battery.frozen,
            at: fact.at,
        }
    }
}

impl ScreenItem {
    fn of(fact: &Fact<Wakefulness>) -> Self {
        Self {
            on: fact.value.on,
            locked: fact.value.locked,
            at: fact.at,
        }
    }
}

impl ForegroundItem {
    fn of(fact: &Fact<Foreground>) -> Self {
        Self::now(fact.value.clone(), fact.at)
    }

    pub(super) fn now(front: Foreground, at: Timestamp) -> Self {
        Self {
            package: front.package,
            activity: front.activity,
            window: front.window,
            at,
        }
    }
}
