//! `cmd SERVICE …`: services that answer on a command line of their own; most have an older program too.

use super::{Answer, ExitCode, Process, am, dumpsys, ime, pm, settings, svc, wm};
use crate::phone::Phone;
use crate::phone::lock;
use crate::phone::settings::Namespace;
use crate::ui::Focus;

pub(super) async fn run(process: &mut Process) -> ExitCode {
    let words: Vec<String> = process.argv.iter().skip(1).cloned().collect();
    if words.first().is_some_and(|service| service == "package") {
        return pm::run(process, words[1..].to_vec()).await;
    }
    process.say(answer).await
}

fn answer(phone: &Phone, args: &[&str]) -> Answer {
    let Some((service, rest)) = args.split_first() else {
        return Answer::error(20, "cmd: No service specified; use -l to list all services");
    };
    let sdk = phone.spec.personality.sdk;
    match *service {
        "-l" => dumpsys::list(),
        "activity" => am::run(phone, rest),
        "settings" => settings::run(phone, rest),
        "window" => wm::run(phone, rest),
        "input_method" => ime::run(phone, rest),
        "battery" => dumpsys::run(phone, &[&["battery"], rest].concat()),
        "statusbar" => statusbar(phone, rest),
        "overlay" => overlay(rest),
        "locale" if sdk >= 33 => locale(phone, rest),
        "power" if sdk >= 29 => power(rest),
        "uimode" => Answer::line("Night mode: no"),
        "wifi" if sdk >= 30 => svc::run(phone, &[&["wifi"], rest].concat()),
        "notification" | "jobscheduler" | "connectivity" | "media_session" | "appops" => Answer::silent(),
        other => Answer::error(20, &format!("cmd: Can't find service: {other}")),
    }
}

/// `cmd statusbar expand-notifications` and its kin; the shade itself is the screen's.
fn statusbar(phone: &Phone, args: &[&str]) -> Answer {
    // KEYCODE_NOTIFICATION opens the shade, BACK closes what is open.
    const NOTIFICATION: u32 = 83;
    const BACK: u32 = 4;
    match args.first().copied() {
        Some("expand-notifications" | "expand-settings") => {
            phone.ui().key(phone, NOTIFICATION);
            Answer::silent()
        }
        Some("collapse") => {
            let mut ui = phone.ui();
            if matches!(ui.focus(), Focus::System { .. }) && !ui.locked() {
                ui.key(phone, BACK);
            }
            Answer::silent()
        }
        Some("get-status-icons") => Answer::text("rotate\nalarm_clock\nbluetooth\nwifi\nbattery\nclock\n"),
        Some(other) => Answer::error(255, &format!("Unknown command: {other}")),
        None => Answer::line("Status bar commands:\n  help\n    Print this help text."),
    }
}

fn overlay(args: &[&str]) -> Answer {
    match args.first().copied() {
        Some("list") => Answer::text(
            "com.android.systemui\n[ ] com.android.theme.icon_pack.circular.systemui\n\nandroid\n[x] com.android.internal.systemui.navbar.gestural\n[ ] com.android.internal.systemui.navbar.threebutton\n",
        ),
        Some("enable" | "disable" | "enable-exclusive") => Answer::silent(),
        _ => Answer::error(255, "Error: unknown overlay command"),
    }
}

/// `get-device-locales` and the app locales of Android 13.
fn locale(phone: &Phone, args: &[&str]) -> Answer {
    match args {
        ["get-device-locales", ..] => {
            let settings = lock(&phone.settings);
            Answer::line(&format!(
                "[{}]",
                settings
                    .get(Namespace::System, "system_locales")
                    .unwrap_or_default()
            ))
        }
        ["set-app-locales", ..] => Answer::silent(),
        ["get-app-locales", package, ..] => Answer::line(&format!("Locales for {package} for user 0 are []")),
        _ => Answer::error(255, "Unknown command"),
    }
}

fn power(args: &[&str]) -> Answer {
    match args {
        ["set-mode" | "set-adaptive-power-saver-enabled", _] => Answer::silent(),
        _ => Answer::error(255, "Unknown command"),
    }
}
