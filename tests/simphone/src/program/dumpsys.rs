//! `dumpsys`: which service says what. The text of each service is in its own file.

mod activity;
mod battery;
mod devices;
mod input_method;
mod package;
mod power;
mod window;

use std::fmt::Write as _;

use super::Answer;
use crate::phone::Phone;
use crate::phone::fault::Fault;
use crate::phone::identity::handle;
use crate::ui::TaskActivity;

/// What `dumpsys -l` lists, among them all that answer here.
const SERVICES: &[&str] = &[
    "accessibility",
    "account",
    "activity",
    "alarm",
    "appops",
    "audio",
    "battery",
    "batterystats",
    "clipboard",
    "connectivity",
    "content",
    "cpuinfo",
    "device_policy",
    "diskstats",
    "display",
    "dropbox",
    "gfxinfo",
    "graphicsstats",
    "input",
    "input_method",
    "jobscheduler",
    "location",
    "media_session",
    "meminfo",
    "mount",
    "netpolicy",
    "netstats",
    "notification",
    "package",
    "permission",
    "phone",
    "power",
    "procstats",
    "sensorservice",
    "statusbar",
    "SurfaceFlinger",
    "thermalservice",
    "trust",
    "uimode",
    "usagestats",
    "usb",
    "user",
    "vibrator",
    "wallpaper",
    "webviewupdate",
    "wifi",
    "window",
];

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let args = without_options(args);
    let Some((service, args)) = args.split_first() else {
        return everything(phone);
    };
    match *service {
        "-l" => list(),
        "battery" => battery::run(phone, args),
        "window" => window::run(phone, args),
        "power" => power::run(phone, args),
        "activity" => activity::run(phone, args),
        "package" => package::run(phone, args),
        "input_method" => input_method::run(phone, args),
        "input" => devices::input(phone),
        "trust" => devices::trust(phone),
        "display" => devices::display(phone),
        "cpuinfo" => devices::cpuinfo(phone),
        "meminfo" => devices::meminfo(phone, args),
        known if SERVICES.contains(&known) => Answer::silent(),
        other => Answer::error(0, &format!("Can't find service: {other}")),
    }
}

/// `-t SECONDS` and `-T MILLIS` bound the wait for a service.
fn without_options<'a>(args: &[&'a str]) -> Vec<&'a str> {
    match args {
        ["-t" | "-T", _, rest @ ..] => rest.to_vec(),
        _ => args.to_vec(),
    }
}

pub(super) fn list() -> Answer {
    let mut out = "Currently running services:\n".to_owned();
    for service in SERVICES {
        let _ = writeln!(out, "  {service}");
    }
    Answer::text(out)
}

fn everything(phone: &Phone) -> Answer {
    let mut answer = list();
    for service in [
        "activity",
        "battery",
        "display",
        "input",
        "input_method",
        "package",
        "power",
        "trust",
        "window",
    ] {
        answer
            .out
            .push_str("-------------------------------------------------------------------------------\n");
        let _ = writeln!(answer.out, "DUMP OF SERVICE {service}:");
        answer.out.push_str(&run(phone, &[service]).out);
        let _ = writeln!(
            answer.out,
            "--------- 0.021s was the duration of dumpsys {service}, ending at: 2026-01-01 00:00:00"
        );
    }
    answer
}

/// `ActivityRecord{8079d7e u0 pkg/.Act t42}`; from Android 14 on with the brace before the task.
fn activity_record(phone: &Phone, activity: &TaskActivity) -> String {
    let id = handle(phone, &format!("record {}", activity.component));
    let name = short_component(&activity.component);
    if phone.spec.personality.sdk >= 34 {
        format!("ActivityRecord{{{id} u0 {name}}} t{}}}", activity.task)
    } else {
        format!("ActivityRecord{{{id} u0 {name} t{}}}", activity.task)
    }
}

/// `pkg/.Class` where the class is in the package.
pub(super) fn short_component(component: &str) -> String {
    match component.split_once('/') {
        Some((package, class)) => match class.strip_prefix(package) {
            Some(rest) if rest.starts_with('.') => format!("{package}/{rest}"),
            _ => component.to_owned(),
        },
        None => component.to_owned(),
    }
}

/// Whether the lock screen asks for a PIN that only a person knows.
pub(super) fn keyguard_is_secure(phone: &Phone) -> bool {
    matches!(phone.faults.get("locked"), Some(Fault::Locked { secure: true }))
}
