//! `svc`: power, Wi-Fi and data from a command line; it prints nothing where it does what it was told.

use super::{Answer, ExitCode, Process, reboot};
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};

const USAGE: &str = "Available commands:\n    help     Show information about the subcommands\n    power    Control the power manager\n    data     Control mobile data connectivity\n    wifi     Control the Wi-Fi manager\n    usb      Control Usb state\n    nfc      Control NFC functions\n    bluetooth Control Bluetooth service";
const POWER_USAGE: &str = "Control the power manager\n\nusage: svc power stayon [true|false|usb|ac|wireless]\n         Set the 'keep awake while plugged in' setting.\n       svc power reboot [reason]\n         Perform a runtime shutdown and reboot device with specified reason.\n       svc power shutdown\n         Perform a runtime shutdown and power off the device.";

const WAKEUP: u32 = 224;

/// `svc power reboot` never comes back; all else answers at once.
pub(super) async fn run_program(process: &mut Process) -> ExitCode {
    if let ["power", "reboot" | "shutdown", ..] = process.args().as_slice() {
        return reboot::run(process).await;
    }
    process.say(run).await
}

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    match args {
        ["power", "stayon", how] => stay_on(phone, how),
        ["power", ..] => Answer::error(0, POWER_USAGE),
        ["wifi", "enable"] => set(phone, "wifi_on", "1"),
        ["wifi", "disable"] => set(phone, "wifi_on", "0"),
        ["wifi", "set-wifi-enabled", how] => set(phone, "wifi_on", if *how == "enabled" { "1" } else { "0" }),
        ["wifi", "status"] => {
            let on = lock(&phone.settings).get(Namespace::Global, "wifi_on") == Some("1");
            Answer::line(if on {
                "Wifi is enabled\nWifi is connected to \"Workshop\""
            } else {
                "Wifi is disabled"
            })
        }
        ["data", "enable"] => set(phone, "mobile_data", "1"),
        ["data", "disable"] => set(phone, "mobile_data", "0"),
        ["bluetooth" | "nfc" | "usb", ..] => Answer::silent(),
        _ => Answer::error(0, USAGE),
    }
}

fn set(phone: &Phone, key: &str, value: &str) -> Answer {
    match lock(&phone.settings).put(Namespace::Global, key, value) {
        Ok(()) => Answer::silent(),
        Err(error) => Answer::error(1, &format!("svc: {error}")),
    }
}

/// The setting is a mask of plugs: 1 AC, 2 USB, 4 wireless, from Android 13 on 8 a dock.
fn stay_on(phone: &Phone, how: &str) -> Answer {
    let mask = match how {
        "true" if phone.spec.personality.sdk >= 33 => 15,
        "true" => 7,
        "false" => 0,
        "ac" => 1,
        "usb" => 2,
        "wireless" => 4,
        _ => return Answer::error(0, POWER_USAGE),
    };
    let done = set(phone, "stay_on_while_plugged_in", &mask.to_string());
    // So that it can stay on, the screen is first switched on.
    let mut ui = phone.ui();
    if mask != 0 && !ui.screen_on() {
        ui.key(phone, WAKEUP);
    }
    done
}
