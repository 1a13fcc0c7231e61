//! `wm`: the window manager's settings of the display.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let args = without_display(args);
    match args.as_slice() {
        ["size", rest @ ..] => size(phone, rest),
        ["density", rest @ ..] => density(phone, rest),
        ["dismiss-keyguard"] => {
            phone.ui().dismiss_keyguard(phone);
            Answer::silent()
        }
        ["user-rotation" | "set-user-rotation", rest @ ..] => user_rotation(phone, args[0], rest),
        [
            "fixed-to-user-rotation" | "set-fix-to-user-rotation" | "dismiss-keyguard",
            ..,
        ] => Answer::silent(),
        [] => Answer::error(255, USAGE),
        [other, ..] => Answer::error(255, &format!("Unknown command: {other}\n{USAGE}")),
    }
}

const USAGE: &str = "\
Window manager (window) commands:
  help
      Print this help text.
  size [reset|WxH|WdpxHdp] [-d DISPLAY_ID]
    Return or override display size.
    width and height in pixels unless suffixed with 'dp'.
  density [reset|DENSITY] [-d DISPLAY_ID] [-u UNIQUE_ID]
    Return or override display density.
  dismiss-keyguard
    Dismiss the keyguard, prompting user for auth if necessary.
  user-rotation [-d DISPLAY_ID] [free|lock] [rotation]
    Print or set user rotation mode and user rotation.";

/// `-d 0` names the only display that `wm` may change.
fn without_display<'a>(args: &[&'a str]) -> Vec<&'a str> {
    let mut words = Vec::new();
    let mut args = args.iter();
    while let Some(word) = args.next() {
        if *word == "-d" {
            args.next();
        } else {
            words.push(*word);
        }
    }
    words
}

fn size(phone: &Phone, args: &[&str]) -> Answer {
    let personality = phone.spec.personality;
    let mut hardware = lock(&phone.hardware);
    match args {
        [] => {
            let mut out = format!("Physical size: {}x{}\n", personality.width, personality.height);
            if let Some((width, height)) = hardware.size_override {
                let _ = writeln!(out, "Override size: {width}x{height}");
            }
            return Answer::text(out);
        }
        ["reset"] => hardware.size_override = None,
        [size, ..] => {
            let parsed = size
                .split_once('x')
                .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
                .filter(|(width, height): &(u32, u32)| *width > 0 && *height > 0);
            let Some(parsed) = parsed else {
                return Answer::error(255, &format!("Error: bad size {size}"));
            };
            hardware.size_override = (parsed != (personality.width, personality.height)).then_some(parsed);
        }
    }
    kept(hardware.keep())
}

fn density(phone: &Phone, args: &[&str]) -> Answer {
    let personality = phone.spec.personality;
    let mut hardware = lock(&phone.hardware);
    match args {
        [] => {
            let mut out = format!("Physical density: {}\n", personality.density);
            if let Some(density) = hardware.density_override {
                let _ = writeln!(out, "Override density: {density}");
            }
            return Answer::text(out);
        }
        ["reset"] => hardware.density_override = None,
        [density, ..] => match density.parse::<u32>() {
            Ok(parsed) if parsed < 72 => return Answer::error(255, "Error: density must be >= 72"),
            Ok(parsed) => hardware.density_override = (parsed != personality.density).then_some(parsed),
            Err(_) => return Answer::error(255, &format!("Error: bad number {density}")),
        },
    }
    kept(hardware.keep())
}

fn kept(done: std::io::Result<()>) -> Answer {
    match done {
        Ok(()) => Answer::silent(),
        Err(error) => Answer::error(255, &format!("Error: {error}")),
    }
}

/// `set-user-rotation` on 10 and 11, `user-rotation` from 12 on; before, `wm` knew neither.
fn user_rotation(phone: &Phone, verb: &str, args: &[&str]) -> Answer {
    let known = match phone.spec.personality.sdk {
        ..29 => false,
        29..=30 => verb == "set-user-rotation",
        _ => verb == "user-rotation",
    };
    if !known {
        return Answer::error(255, &format!("Unknown command: {verb}\n{USAGE}"));
    }
    let mut settings = lock(&phone.settings);
    let auto = settings.get(Namespace::System, "accelerometer_rotation") != Some("0");
    let result = match args {
        [] => {
            let turns = settings.get(Namespace::System, "user_rotation").unwrap_or("0");
            return Answer::line(&if auto {
                "free".to_owned()
            } else {
                format!("lock {turns}")
            });
        }
        ["free"] => settings.put(Namespace::System, "accelerometer_rotation", "1"),
        ["lock", rest @ ..] => {
            let wanted = rest.first().map(|turns| turns.parse::<u8>());
            let turns = match wanted {
                Some(Ok(turns)) if turns < 4 => turns,
                Some(_) => {
                    return Answer::error(
                        255,
                        &format!("Error: expecting rotation 0-3, but we get {}", rest[0]),
                    );
                }
                None => lock(&phone.hardware).rotation,
            };
            lock(&phone.hardware).rotation = turns;
            settings
                .put(Namespace::System, "accelerometer_rotation", "0")
                .and_then(|()| settings.put(Namespace::System, "user_rotation", &turns.to_string()))
        }
        [other, ..] => {
            return Answer::error(
                255,
                &format!("Error: expecting option 'free' or 'lock', but we get {other}"),
            );
        }
    };
    kept(result)
}
