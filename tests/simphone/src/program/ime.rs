//! `ime`: which keyboards there are, which are enabled, which one is chosen. The choice itself is two settings.

use std::fmt::Write as _;

use super::{Answer, packages};
use crate::phone::settings::{Namespace, Settings};
use crate::phone::{Phone, lock};

const ENABLED: &str = "enabled_input_methods";
const CHOSEN: &str = "default_input_method";

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let sdk = phone.spec.personality.sdk;
    let args: Vec<&str> = match args {
        [verb, "--user", _, rest @ ..] => [&[*verb], rest].concat(),
        _ => args.to_vec(),
    };
    match args.as_slice() {
        ["list", rest @ ..] => list(phone, rest),
        ["enable" | "disable" | "set" | "reset", ..] if phone.faults.has("settings_refused") => {
            let message =
                "Permission denial: writing to settings requires:android.permission.WRITE_SECURE_SETTINGS";
            Answer::error(
                255,
                &format!(
                    "Security exception: {message}\n\njava.lang.SecurityException: {message}\n\tat com.android.server.inputmethod.InputMethodManagerService.onShellCommand(InputMethodManagerService.java:5213)"
                ),
            )
        }
        ["enable", id] => change(phone, id, "enabled", |settings, enabled| {
            if enabled.iter().any(|one| one == id) {
                return said(sdk, &format!("Input method {id}: already enabled"));
            }
            enabled.push((*id).to_owned());
            let done = store(settings, enabled);
            done.unwrap_or_else(|| said(sdk, &format!("Input method {id}: now enabled")))
        }),
        ["disable", id] => change(phone, id, "disabled", |settings, enabled| {
            if !enabled.iter().any(|one| one == id) {
                return said(sdk, &format!("Input method {id}: already disabled"));
            }
            enabled.retain(|one| one != id);
            let chosen = settings.get(Namespace::Secure, CHOSEN) == Some(id);
            let next = enabled.first().cloned().unwrap_or_default();
            let moved = if chosen {
                put(settings, CHOSEN, &next)
            } else {
                None
            };
            moved
                .or_else(|| store(settings, enabled))
                .unwrap_or_else(|| said(sdk, &format!("Input method {id}: now disabled")))
        }),
        ["set", id] => change(phone, id, "selected", |settings, enabled| {
            if !enabled.iter().any(|one| one == id) {
                return unknown(id, "selected");
            }
            put(settings, CHOSEN, id).unwrap_or_else(|| {
                Answer::line(&if sdk >= 29 {
                    format!("Input method {id} selected for user #0")
                } else {
                    format!("Input method {id} selected")
                })
            })
        }),
        ["reset"] => reset(phone),
        _ => Answer::error(
            255,
            "Unknown command\nime <command>:\n  list [-a] [-s]\n  enable [--user <USER_ID>] <ID>\n  disable [--user <USER_ID>] <ID>\n  set [--user <USER_ID>] <ID>\n  reset [--user <USER_ID>]",
        ),
    }
}

/// From Android 10 on the texts name the user.
fn said(sdk: u32, text: &str) -> Answer {
    Answer::line(&if sdk >= 29 {
        format!("{text} for user #0")
    } else {
        text.to_owned()
    })
}

fn unknown(id: &str, what: &str) -> Answer {
    Answer::error(
        255,
        &format!("Unknown input method {id} cannot be {what} for user #0"),
    )
}

/// The ids of all keyboards that are on the phone.
fn installed(phone: &Phone) -> Vec<String> {
    packages::all(phone)
        .into_iter()
        .filter(|package| package.enabled)
        .flat_map(|package| package.keyboards)
        .collect()
}

/// The enabled ones; each may carry subtypes after a `;`.
fn enabled(settings: &Settings) -> Vec<String> {
    settings
        .get(Namespace::Secure, ENABLED)
        .unwrap_or_default()
        .split(':')
        .filter(|id| !id.is_empty())
        .map(|id| id.split(';').next().unwrap_or(id).to_owned())
        .collect()
}

fn put(settings: &mut Settings, key: &str, value: &str) -> Option<Answer> {
    let done = settings.put(Namespace::Secure, key, value);
    done.err()
        .map(|error| Answer::error(255, &format!("Error: {error}")))
}

fn store(settings: &mut Settings, enabled: &[String]) -> Option<Answer> {
    put(settings, ENABLED, &enabled.join(":"))
}

fn change(
    phone: &Phone,
    id: &str,
    what: &str,
    act: impl FnOnce(&mut Settings, &mut Vec<String>) -> Answer,
) -> Answer {
    if !installed(phone).iter().any(|one| one == id) {
        return unknown(id, what);
    }
    let mut settings = lock(&phone.settings);
    let mut enabled = enabled(&settings);
    act(&mut settings, &mut enabled)
}

fn list(phone: &Phone, args: &[&str]) -> Answer {
    let all = args.iter().any(|arg| arg.starts_with('-') && arg.contains('a'));
    let short = args.iter().any(|arg| arg.starts_with('-') && arg.contains('s'));
    let enabled = enabled(&lock(&phone.settings));
    let mut out = String::new();
    for id in installed(phone) {
        if !all && !enabled.contains(&id) {
            continue;
        }
        if short {
            let _ = writeln!(out, "{id}");
            continue;
        }
        let (package, class) = id.split_once('/').unwrap_or((&id, ""));
        let class = if class.starts_with('.') {
            format!("{package}{class}")
        } else {
            class.to_owned()
        };
        let _ = writeln!(
            out,
            "{id}:\n  mId={id} mSettingsActivityName=null mIsVrOnly=false mSupportsSwitchingToNextInputMethod=true\n  mIsDefaultResId=0x0\n  Service:\n    priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=false\n    ServiceInfo:\n      name={class}\n      packageName={package}\n      enabled=true exported=true directBootAware=false\n      permission=android.permission.BIND_INPUT_METHOD"
        );
    }
    Answer::text(out)
}

fn reset(phone: &Phone) -> Answer {
    let id = phone.spec.personality.keyboard;
    let mut settings = lock(&phone.settings);
    let failed = put(&mut settings, ENABLED, id).or_else(|| put(&mut settings, CHOSEN, id));
    failed.unwrap_or_else(|| Answer::text(format!("Reset current and enabled IMEs for user #0\n  Newly selected IME for user #0: {id}\n  Newly enabled IMEs for user #0:\n    {id}\n")))
}

/// A keyboard whose package is gone leaves the settings; the phone falls back to its own.
pub(super) fn package_gone(phone: &Phone, keyboards: &[String]) {
    if keyboards.is_empty() {
        return;
    }
    let mut settings = lock(&phone.settings);
    let left: Vec<String> = enabled(&settings)
        .into_iter()
        .filter(|id| !keyboards.contains(id))
        .collect();
    store(&mut settings, &left);
    let chosen = settings
        .get(Namespace::Secure, CHOSEN)
        .unwrap_or_default()
        .to_owned();
    if keyboards.contains(&chosen) {
        put(&mut settings, CHOSEN, phone.spec.personality.keyboard);
    }
}
