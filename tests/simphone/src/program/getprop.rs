//! `getprop` and `setprop`: what the build, the boot and people wrote into the property area.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Answer;
use crate::phone::power::Stage;
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};

/// `getprop`, `getprop KEY`, `getprop KEY DEFAULT`. A missing property is an empty line with exit code 0.
pub(super) fn get(phone: &Phone, args: &[&str]) -> Answer {
    let properties = properties(phone);
    match args {
        [] => {
            let mut out = String::new();
            for (key, value) in properties {
                let _ = writeln!(out, "[{key}]: [{value}]");
            }
            Answer::text(out)
        }
        [key] => Answer::line(properties.get(*key).map_or("", String::as_str)),
        [key, default, ..] => Answer::line(properties.get(*key).map_or(default, String::as_str)),
    }
}

/// `setprop KEY VALUE`. What the shell may not set is refused in the words of the phone's Android.
pub(super) fn set(phone: &Phone, args: &[&str]) -> Answer {
    let [key, value] = args else {
        return Answer::error(1, "usage: setprop NAME VALUE\n\nSets an Android system property.");
    };
    let allowed = ["debug.", "log.", "persist.log.", "persist.sys.", "persist.debug."]
        .iter()
        .any(|prefix| key.starts_with(prefix));
    if !allowed {
        return Answer::error(
            1,
            &if phone.spec.personality.sdk >= 30 {
                format!("Failed to set property '{key}' to '{value}'.\nSee dmesg for error reason.")
            } else {
                format!("setprop: failed to set property '{key}' to '{value}'")
            },
        );
    }
    match lock(&phone.settings).set_property(key, value) {
        Ok(()) => Answer::silent(),
        Err(error) => Answer::error(1, &format!("setprop: failed to set property '{key}': {error}")),
    }
}

/// Every property of the phone at this moment.
pub(crate) fn properties(phone: &Phone) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = built(phone)
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    let state = phone.power.now();
    if state.stage == Stage::Up {
        all.insert("sys.boot_completed".into(), "1".into());
        all.insert("dev.bootcomplete".into(), "1".into());
        all.insert("init.svc.bootanim".into(), "stopped".into());
    } else {
        all.insert("init.svc.bootanim".into(), "running".into());
    }
    let settings = lock(&phone.settings);
    if let Some(locale) = settings.get(Namespace::System, "system_locales") {
        let first = locale.split(',').next().unwrap_or(locale);
        all.insert("persist.sys.locale".into(), first.to_owned());
    }
    for (key, value) in &settings.properties {
        all.insert(key.clone(), value.clone());
    }
    all
}

/// What comes from the build and the boot loader.
fn built(phone: &Phone) -> Vec<(&'static str, String)> {
    let p = phone.spec.personality;
    let serial = phone.spec.serial.clone();
    let mut rows = vec![
        ("dalvik.vm.heapsize", "512m".to_owned()),
        ("dalvik.vm.isa.arm64.variant", "generic".to_owned()),
        ("debug.force_rtl", "false".to_owned()),
        ("gsm.network.type", "Unknown".to_owned()),
        ("gsm.sim.state", "ABSENT".to_owned()),
        ("gsm.version.baseband", format!("{}-{}", p.board, p.incremental)),
        ("init.svc.adbd", "running".to_owned()),
        ("init.svc.surfaceflinger", "running".to_owned()),
        ("init.svc.zygote", "running".to_owned()),
        ("net.bt.name", "Android".to_owned()),
        ("persist.sys.timezone", "Europe/Berlin".to_owned()),
        ("persist.sys.usb.config", "adb".to_owned()),
        ("ro.adb.secure", "1".to_owned()),
        ("ro.board.platform", p.platform.to_owned()),
        ("ro.boot.hardware", p.device.to_owned()),
        ("ro.boot.serialno", serial.clone()),
        ("ro.boot.verifiedbootstate", "green".to_owned()),
        ("ro.bootmode", "unknown".to_owned()),
        ("ro.build.characteristics", "nosdcard".to_owned()),
        ("ro.build.date.utc", build_time(p.sdk).to_owned()),
        (
            "ro.build.description",
            format!(
                "{}-user {} {} {} release-keys",
                p.device, p.release, p.build_id, p.incremental
            ),
        ),
        ("ro.build.display.id", p.build_id.to_owned()),
        ("ro.build.fingerprint", p.fingerprint()),
        ("ro.build.id", p.build_id.to_owned()),
        ("ro.build.product", p.device.to_owned()),
        ("ro.build.tags", "release-keys".to_owned()),
        ("ro.build.type", "user".to_owned()),
        ("ro.build.version.codename", "REL".to_owned()),
        ("ro.build.version.incremental", p.incremental.to_owned()),
        ("ro.build.version.release", p.release.to_owned()),
        ("ro.build.version.sdk", p.sdk.to_string()),
        ("ro.build.version.security_patch", p.security_patch.to_owned()),
        ("ro.crypto.state", "encrypted".to_owned()),
        (
            "ro.crypto.type",
            if p.sdk >= 28 { "file" } else { "block" }.to_owned(),
        ),
        ("ro.debuggable", "0".to_owned()),
        ("ro.hardware", p.device.to_owned()),
        ("ro.product.board", p.board.to_owned()),
        ("ro.product.brand", p.brand.to_owned()),
        ("ro.product.cpu.abi", "arm64-v8a".to_owned()),
        ("ro.product.cpu.abilist", p.abi_list.to_owned()),
        ("ro.product.device", p.device.to_owned()),
        ("ro.product.locale", p.locale()),
        ("ro.product.manufacturer", p.manufacturer.to_owned()),
        ("ro.product.model", p.model.to_owned()),
        ("ro.product.name", p.device.to_owned()),
        ("ro.runtime.firstboot", "1757330000000".to_owned()),
        ("ro.secure", "1".to_owned()),
        ("ro.serialno", serial),
        ("ro.sf.lcd_density", p.density.to_string()),
        (
            "ro.zygote",
            if p.sdk >= 35 { "zygote64" } else { "zygote64_32" }.to_owned(),
        ),
        ("service.adb.tcp.port", "5555".to_owned()),
        ("sys.usb.config", "adb".to_owned()),
        ("sys.usb.state", "adb".to_owned()),
        ("vold.has_adoptable", "0".to_owned()),
        ("wifi.interface", "wlan0".to_owned()),
    ];
    rows.extend(vendor(phone));
    rows
}

fn build_time(sdk: u32) -> &'static str {
    match sdk {
        ..=28 => "1537261740",
        29..=31 => "1646108219",
        32..=33 => "1692999741",
        _ => "1733182210",
    }
}

/// What one vendor adds; values that span lines are from Xiaomi's.
fn vendor(phone: &Phone) -> Vec<(&'static str, String)> {
    let p = phone.spec.personality;
    match p.manufacturer {
        "samsung" => vec![
            ("ril.product_code", "SM-G950FZKADBT".to_owned()),
            ("ril.serialnumber", format!("R58{}", &phone.spec.serial)),
            ("ro.boot.bootloader", p.incremental.to_owned()),
            ("ro.csc.sales_code", "DBT".to_owned()),
        ],
        "Xiaomi" => vec![
            (
                "persist.vendor.mtk.audio.note",
                "speaker tuning v3\nreceiver tuning v1\nmic tuning v2".to_owned(),
            ),
            ("persist.security.adbinput", "0".to_owned()),
            ("ro.miui.region", "EU".to_owned()),
            ("ro.miui.ui.version.name", "V125".to_owned()),
        ],
        _ => vec![
            ("ro.com.google.clientidbase", "android-google".to_owned()),
            (
                "ro.product.first_api_level",
                if p.sdk >= 35 { "34" } else { "31" }.to_owned(),
            ),
            ("ro.soc.manufacturer", "Google".to_owned()),
        ],
    }
}
