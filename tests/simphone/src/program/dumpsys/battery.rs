//! `dumpsys battery`: the short form of Android 8, and what later ones and vendors added line by line.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::hardware::Battery;
use crate::phone::{Phone, lock};

const USAGE: &str = "\
Battery service (battery) commands:
  help
    Print this help text.
  set [-f] [ac|usb|wireless|status|level|temp|present|counter|invalid] <value>
    Force a battery property value, freezing battery state.
    -f: force a battery change broadcast be sent, prints new sequence.
  unplug [-f]
    Force battery unplugged, freezing battery state.
    -f: force a battery change broadcast be sent, prints new sequence.
  reset [-f]
    Unfreeze battery state, returning to current hardware values.
    -f: force a battery change broadcast be sent, prints new sequence.";

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let args: Vec<&str> = args.iter().copied().filter(|arg| *arg != "-f").collect();
    match args.as_slice() {
        [] | ["-a", ..] => Answer::text(text(phone)),
        ["unplug"] => {
            freeze(phone, |battery| {
                battery.usb_powered = false;
                battery.ac_powered = false;
            });
            Answer::silent()
        }
        ["reset"] => {
            lock(&phone.hardware).frozen = None;
            Answer::silent()
        }
        ["set", key, value] => set(phone, key, value),
        ["set", ..] => Answer::error(255, "No property specified"),
        ["help"] => Answer::line(USAGE),
        [other, ..] => Answer::error(255, &format!("Unknown command: {other}\n{USAGE}")),
    }
}

fn freeze(phone: &Phone, change: impl FnOnce(&mut Battery)) {
    let mut hardware = lock(&phone.hardware);
    let mut battery = hardware.shown_battery();
    change(&mut battery);
    hardware.frozen = Some(battery);
}

fn set(phone: &Phone, key: &str, value: &str) -> Answer {
    let Ok(number) = value.parse::<i32>() else {
        return Answer::error(255, &format!("Bad value: {value}"));
    };
    if !matches!(
        key,
        "ac" | "usb" | "wireless" | "status" | "level" | "temp" | "present" | "counter" | "invalid"
    ) {
        return Answer::error(255, &format!("Unknown set option: {key}"));
    }
    freeze(phone, |battery| match key {
        "ac" => battery.ac_powered = number != 0,
        "usb" => battery.usb_powered = number != 0,
        "status" => battery.status = u32::try_from(number).ok(),
        "level" => battery.level = u32::try_from(number).unwrap_or(0),
        "temp" => battery.temperature = number,
        _ => {}
    });
    Answer::silent()
}

fn text(phone: &Phone) -> String {
    let (battery, frozen) = {
        let hardware = lock(&phone.hardware);
        (hardware.shown_battery(), hardware.frozen.is_some())
    };
    let sdk = phone.spec.personality.sdk;
    let samsung = phone.spec.personality.manufacturer == "samsung";
    let mut out = "Current Battery Service state:\n".to_owned();
    if frozen {
        out.push_str("  (UPDATES STOPPED -- use 'reset' to restart)\n");
    }
    let powered = battery.powered();
    let _ = writeln!(out, "  AC powered: {}", battery.ac_powered);
    let _ = writeln!(out, "  USB powered: {}", battery.usb_powered);
    out.push_str("  Wireless powered: false\n");
    if sdk >= 33 {
        out.push_str("  Dock powered: false\n");
    }
    let (current, voltage) = if powered { (500_000, 5_000_000) } else { (0, 0) };
    let _ = writeln!(out, "  Max charging current: {current}");
    let _ = writeln!(out, "  Max charging voltage: {voltage}");
    let _ = writeln!(out, "  Charge counter: {}", battery.level * 43_550);
    let _ = writeln!(out, "  status: {}", battery.status());
    out.push_str("  health: 2\n  present: true\n");
    let _ = writeln!(out, "  level: {}", battery.level);
    out.push_str("  scale: 100\n");
    let _ = writeln!(out, "  voltage: {}", battery.millivolts());
    let _ = writeln!(out, "  temperature: {}", battery.temperature);
    out.push_str("  technology: Li-ion\n");
    if sdk >= 34 {
        let _ = writeln!(out, "  Charging state: {}", u8::from(powered));
        out.push_str("  Charging policy: 0\n  Capacity level: -1\n");
    }
    if samsung {
        out.push_str(&samsungs(battery));
    }
    out
}

/// Samsung's own section below the common one, with keys that resemble the common ones.
fn samsungs(battery: Battery) -> String {
    format!(
        "  batteryMiscEvent: 0
  batteryCurrentEvent: {}
  mSecPlugTypeSummary: {}
  LED Charging: true
  LED Low Battery: true
  current now: {}
  charge counter: 0
  Adaptive Fast Charging Settings: true
FEATURE_WIRELESS_FAST_CHARGER_CONTROL: true
  mWasUsedWirelessFastChargerPreviously: false
  mWirelessFastChargingSettingsEnable: true
  LLB CAL: 20170421
  LLB MAN: 
  LLB CURRENT: YEAR2018M9D18
  LLB DIFF: 73
  FEATURE_HICCUP_CONTROL: true
  mBatteryLevel at last full: 100
",
        if battery.powered() { 32768 } else { 0 },
        if battery.usb_powered { 2 } else { 0 },
        if battery.powered() { 412 } else { -183 },
    )
}
