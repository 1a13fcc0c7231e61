//! The list of phones and the facts of one.

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use shared::clock::{Clock, SystemClock};
use shared::device::{Charging, Device, DeviceState, Fact};
use shared::terminal::{Exit, Output, table};

use super::session::{Session, unusable};
use super::{CliError, Global, Target};
use crate::roster::{Changed, RosterHandle};

#[derive(Debug, Args)]
pub(super) struct DevicesArgs {
    /// Go on and print each change as it comes, until Ctrl-C; with --json one object a line.
    #[arg(long)]
    watch: bool,
}

#[derive(Debug, Args)]
pub(super) struct FactsArgs {
    #[command(flatten)]
    target: Target,
}

pub(super) async fn list(global: &Global, args: &DevicesArgs, output: &Output) -> Result<Exit, CliError> {
    let session = Session::start(global)?;
    if args.watch {
        watch(&session.roster, *output).await;
        session.end().await;
        return Ok(Exit::Done);
    }
    let settled = session.settle().await;
    let devices = session.roster.devices();
    if devices.is_empty() {
        let server = crate::adb::AdbServer::version(
            &super::session::server(global),
            std::time::Duration::from_secs(2),
        )
        .await;
        if let Err(error) = server {
            return Err(CliError::NoPhone(format!(
                "{error}; `drover-agent doctor` says what to do"
            )));
        }
    }
    if !settled {
        output.remark("not every phone has answered yet; --wait gives them longer");
    }
    let all: Vec<&Device> = devices.values().collect();
    output.result(&all, || {
        if all.is_empty() {
            no_phones()
        } else {
            overview(&all)
        }
    });
    session.end().await;
    Ok(Exit::Done)
}

fn no_phones() -> String {
    "No phone is connected. Plug one in with USB debugging on, or name one on the network with --connect HOST:PORT.\n\
     `drover-agent doctor` looks for what is in the way."
        .to_owned()
}

pub(super) async fn facts(global: &Global, args: &FactsArgs, output: &Output) -> Result<Exit, CliError> {
    let session = Session::start(global)?;
    let mut device = session.known(&args.target).await?;
    // The identity comes first; the rest follows within a moment.
    let mut table = session.roster.watch();
    let complete = async {
        while device.state == DeviceState::Online && !is_complete(&device) {
            if table.changed().await.is_err() {
                break;
            }
            if let Some(newer) = session.roster.find(&device.serial.0) {
                device = newer;
            }
        }
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(global.wait), complete).await;
    output.result(&device, || describe(&device, SystemClock.now()));
    let usable = device.state == DeviceState::Online;
    session.end().await;
    if usable {
        Ok(Exit::Done)
    } else {
        output.remark(&unusable(&device).to_string());
        Ok(Exit::Unavailable)
    }
}

fn is_complete(device: &Device) -> bool {
    device.identity.is_some()
        && device.battery.is_some()
        && device.screen_size.is_some()
        && device.screen.is_some()
}

/// Prints every change until the list ends.
async fn watch(roster: &RosterHandle, output: Output) {
    let mut table = roster.watch();
    let mut changes = roster.changes();
    let mut shown = roster.devices();
    for device in shown.values() {
        print_change(output, device, None);
    }
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => {
                    let Some(device) = roster.find(&change.serial.0) else { continue };
                    if !matches!(change.what, Changed::Facts) {
                        print_change(output, &device, Some(&change.what));
                    }
                }
                Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return,
            },
            changed = table.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = table.borrow_and_update().clone();
                for (serial, device) in now.iter() {
                    if shown.get(serial).is_none_or(|before| differs(before, device)) {
                        print_change(output, device, None);
                    }
                }
                shown = now;
            }
        }
    }
}

/// Whether a fact has another value; a later time alone is no news.
fn differs(before: &Device, after: &Device) -> bool {
    fn value<T>(fact: Option<&Fact<T>>) -> Option<&T> {
        fact.map(|fact| &fact.value)
    }
    value(before.battery.as_ref()) != value(after.battery.as_ref())
        || value(before.screen.as_ref()) != value(after.screen.as_ref())
        || value(before.screen_size.as_ref()) != value(after.screen_size.as_ref())
        || value(before.foreground.as_ref()) != value(after.foreground.as_ref())
        || value(before.identity.as_ref()) != value(after.identity.as_ref())
        || before.notes != after.notes
        || before.aliases != after.aliases
}

#[derive(Serialize)]
struct Event<'a> {
    at: Timestamp,
    device: &'a Device,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<serde_json::Value>,
}

fn print_change(output: Output, device: &Device, what: Option<&Changed>) {
    let at = SystemClock.now();
    if output.is_json() {
        let change = what.map(|what| match what {
            Changed::Added => json!("added"),
            Changed::Renamed { to } => json!({"renamed_to": to}),
            Changed::State { from, to, .. } => json!({"from": from, "to": to}),
            Changed::Facts => json!("facts"),
        });
        output.json_line(&Event { at, device, change });
        return;
    }
    let what = match what {
        Some(Changed::Added) => "is here".to_owned(),
        Some(Changed::Renamed { to }) => format!("is {to}"),
        Some(Changed::State { from, to, reason }) => {
            let reason = reason
                .as_ref()
                .map(|reason| format!(" ({reason})"))
                .unwrap_or_default();
            format!("{from} → {to}{reason}")
        }
        Some(Changed::Facts) | None => row(device).split_off(1).join("  "),
    };
    output.line(&format!("{}  {}  {what}", at.strftime("%H:%M:%S"), device.serial));
}

/// The table of all phones, and below it what an operator should know.
fn overview(devices: &[&Device]) -> String {
    let header = [
        "SERIAL", "STATE", "MODEL", "ANDROID", "SIZE", "BATTERY", "SCREEN", "IN FRONT",
    ]
    .map(str::to_owned)
    .to_vec();
    let rows: Vec<_> = std::iter::once(header)
        .chain(devices.iter().map(|device| row(device)))
        .collect();
    let mut text = table(&rows);
    for device in devices {
        for note in &device.notes {
            text.push_str(&format!("{}: {note}\n", device.serial));
        }
        if device.state != DeviceState::Online {
            text.push_str(&format!("{}\n", unusable(device)));
        }
    }
    text
}

fn row(device: &Device) -> Vec<String> {
    let dash = || "-".to_owned();
    vec![
        device.serial.to_string(),
        device.state.to_string(),
        device
            .identity
            .as_ref()
            .map_or_else(dash, |fact| fact.value.model.clone()),
        device
            .identity
            .as_ref()
            .map_or_else(dash, |fact| fact.value.android.clone()),
        device
            .screen_size
            .as_ref()
            .map_or_else(dash, |fact| format!("{}x{}", fact.value.width, fact.value.height)),
        device.battery.as_ref().map_or_else(dash, |fact| {
            let frozen = if fact.value.frozen { " frozen" } else { "" };
            format!("{}% {:.1}°C{frozen}", fact.value.level, fact.value.celsius())
        }),
        device.screen.as_ref().map_or_else(dash, |fact| {
            format!(
                "{}{}",
                if fact.value.on { "on" } else { "off" },
                if fact.value.locked { " locked" } else { "" }
            )
        }),
        device.foreground.as_ref().map_or_else(dash, |fact| {
            match (&fact.value.window, fact.value.package.as_str()) {
                (Some(window), _) => window.clone(),
                (None, "") => dash(),
                (None, package) => package.to_owned(),
            }
        }),
    ]
}

/// Every fact on a line of its own, with its age.
fn describe(device: &Device, now: Timestamp) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut say = |name: &str, value: String, at: Option<Timestamp>| {
        rows.push(vec![
            name.to_owned(),
            value,
            at.map(|at| age(now, at)).unwrap_or_default(),
        ]);
    };
    say("serial", device.serial.to_string(), None);
    if !device.aliases.is_empty() {
        say("aliases", device.aliases.join(", "), None);
    }
    let reason = device
        .state_reason
        .as_ref()
        .map(|reason| format!(" ({reason})"))
        .unwrap_or_default();
    say("state", format!("{}{reason}", device.state), Some(device.since));
    if let Some(path) = &device.usb_path {
        say("usb path", path.clone(), None);
    }
    if let Some(fact) = &device.identity {
        let Fact { value, at } = fact;
        say(
            "model",
            format!("{} {}", value.manufacturer, value.model)
                .trim()
                .to_owned(),
            Some(*at),
        );
        say(
            "android",
            format!("{} (SDK {})", value.android, value.sdk),
            Some(*at),
        );
        say("boot id", value.boot_id.clone(), Some(*at));
        say("android id", value.android_id.clone(), Some(*at));
    }
    if let Some(Fact { value, at }) = &device.screen_size {
        say(
            "size",
            format!(
                "{}x{} at {} dpi, rotation {}",
                value.width, value.height, value.density, value.rotation
            ),
            Some(*at),
        );
    }
    if let Some(Fact { value, at }) = &device.battery {
        let charging = match value.charging {
            Charging::Unknown => "unknown",
            Charging::Charging => "charging",
            Charging::Discharging => "discharging",
            Charging::NotCharging => "not charging",
            Charging::Full => "full",
        };
        let frozen = if value.frozen {
            ", frozen by `dumpsys battery set`"
        } else {
            ""
        };
        say(
            "battery",
            format!("{}%, {:.1} °C, {charging}{frozen}", value.level, value.celsius()),
            Some(*at),
        );
    }
    if let Some(Fact { value, at }) = &device.screen {
        let text = match (value.on, value.locked) {
            (true, false) => "on, unlocked",
            (true, true) => "on, locked",
            (false, true) => "off, locked",
            (false, false) => "off, unlocked",
        };
        say("screen", text.to_owned(), Some(*at));
    }
    if let Some(Fact { value, at }) = &device.foreground {
        let place = [
            Some(value.package.clone()),
            value.activity.clone(),
            value.window.clone(),
        ];
        let place: Vec<_> = place
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect();
        say("in front", place.join(" · "), Some(*at));
    }
    for note in &device.notes {
        say("note", note.clone(), None);
    }
    table(&rows)
}

fn age(now: Timestamp, at: Timestamp) -> String {
    let passed = now.duration_since(at).max(SignedDuration::ZERO);
    match passed.as_secs() {
        0 => "just now".to_owned(),
        seconds @ 1..60 => format!("{seconds} s ago"),
        seconds @ 60..3600 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}
