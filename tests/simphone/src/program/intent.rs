//! Intents on a command line: how `am`, `cmd package resolve-activity` and others read them, and how Android prints
//! them back.

use std::fmt::Write as _;

use crate::ui::Intent;

/// What stands beside the intent on an `am` line.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) intent: Intent,
    /// `-W`
    pub(super) wait: bool,
    /// `-S`: force-stop first.
    pub(super) stop_first: bool,
    /// Options that this program takes and the intent does not: `--brief`, `--receiver-permission`, …
    pub(super) other: Vec<String>,
}

const MAIN: &str = "android.intent.action.MAIN";
const LAUNCHER: &str = "android.intent.category.LAUNCHER";

/// Reads the arguments after the verb. The error is the text of the exception that Android prints.
pub(super) fn parse(args: &[&str]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut args = args.iter().copied();
    while let Some(arg) = args.next() {
        let mut value = |what: &str| {
            args.next()
                .map(str::to_owned)
                .ok_or_else(|| format!("Argument expected after \"{what}\""))
        };
        let intent = &mut parsed.intent;
        match arg {
            "-a" => intent.action = Some(value(arg)?),
            "-d" => intent.data = Some(value(arg)?),
            "-t" => intent.mime = Some(value(arg)?),
            "-p" => intent.package = Some(value(arg)?),
            "-n" => {
                let component = value(arg)?;
                if !component.contains('/') {
                    return Err(format!("Bad component name: {component}"));
                }
                intent.component = Some(component);
            }
            "-c" => intent.categories.push(value(arg)?),
            "-f" => intent.flags |= number(&value(arg)?)?,
            "-e" | "--es" | "--ei" | "--ez" | "--el" | "--ef" | "--eu" | "--ecn" | "--esa" | "--eia"
            | "--esal" => {
                let key = value(arg)?;
                let text = value(arg)?;
                if matches!(arg, "--ei" | "--el") && text.parse::<i64>().is_err() {
                    return Err(format!("For input string: \"{text}\""));
                }
                intent.extras.push((key, text));
            }
            "--esn" => intent.extras.push((value(arg)?, String::new())),
            "-W" => parsed.wait = true,
            "-S" => parsed.stop_first = true,
            "--user"
            | "--display"
            | "--windowingMode"
            | "--activityType"
            | "-R"
            | "--receiver-permission"
            | "-i"
            | "--query-flags" => drop(value(arg)?),
            "--brief" | "--components" | "-D" | "-N" | "--async" => parsed.other.push(arg.to_owned()),
            flag if flag.starts_with("--") => match named_flag(flag) {
                Some(bits) => intent.flags |= bits,
                None => return Err(format!("Unknown option: {flag}")),
            },
            flag if flag.starts_with('-') => return Err(format!("Unknown option: {flag}")),
            rest => positional(intent, rest),
        }
    }
    Ok(parsed)
}

/// A bare word is a URI, a component or a package; the last two mean "as the launcher would".
fn positional(intent: &mut Intent, word: &str) {
    if word.contains(':') {
        intent.data = Some(word.to_owned());
        intent
            .action
            .get_or_insert_with(|| "android.intent.action.VIEW".to_owned());
        return;
    }
    if word.contains('/') {
        intent.component = Some(word.to_owned());
    } else {
        intent.package = Some(word.to_owned());
    }
    if intent.action.is_none() && intent.data.is_none() && intent.mime.is_none() {
        intent.action = Some(MAIN.to_owned());
        intent.categories.push(LAUNCHER.to_owned());
    }
}

fn number(text: &str) -> Result<u32, String> {
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| format!("For input string: \"{text}\""))
}

fn named_flag(flag: &str) -> Option<u32> {
    Some(match flag {
        "--grant-read-uri-permission" => 0x1,
        "--grant-write-uri-permission" => 0x2,
        "--include-stopped-packages" => 0x20,
        "--activity-clear-top" => 0x0400_0000,
        "--activity-clear-task" => 0x8000,
        "--activity-no-history" => 0x4000_0000,
        "--activity-single-top" => 0x2000_0000,
        "--activity-no-animation" => 0x1_0000,
        "--activity-brought-to-front" => 0x40_0000,
        "--activity-exclude-from-recents" => 0x80_0000,
        "--activity-reorder-to-front" => 0x2_0000,
        "--activity-reset-task-if-needed" => 0x20_0000,
        "--activity-task-on-home" => 0x4000,
        "--receiver-foreground" => 0x1000_0000,
        _ => return None,
    })
}

/// `Intent { act=… dat=… cmp=… (has extras) }` as `Intent.toString` of that SDK gives it.
pub(super) fn print(intent: &Intent, sdk: u32) -> String {
    let mut out = "Intent {".to_owned();
    if let Some(action) = &intent.action {
        let _ = write!(out, " act={action}");
    }
    if !intent.categories.is_empty() {
        let _ = write!(out, " cat=[{}]", intent.categories.join(","));
    }
    if let Some(data) = &intent.data {
        let _ = write!(out, " dat={}", shortened(data, sdk));
    }
    if let Some(mime) = &intent.mime {
        let _ = write!(out, " typ={mime}");
    }
    if intent.flags != 0 {
        let _ = write!(out, " flg=0x{:x}", intent.flags);
    }
    if let Some(package) = &intent.package {
        let _ = write!(out, " pkg={package}");
    }
    if let Some(component) = &intent.component {
        let _ = write!(out, " cmp={}", super::dumpsys::short_component(component));
    }
    if !intent.extras.is_empty() {
        out.push_str(" (has extras)");
    }
    out.push_str(" }");
    out
}

/// Newer Androids keep paths and queries out of logs: `https://host/...`.
fn shortened(data: &str, sdk: u32) -> String {
    let Some((scheme, rest)) = data.split_once("://") else {
        return data.to_owned();
    };
    let shortens = match scheme {
        "http" | "https" | "ftp" => sdk >= 30,
        _ => sdk >= 33,
    };
    match rest.split_once('/') {
        Some((host, path)) if shortens && !path.is_empty() => format!("{scheme}://{host}/..."),
        _ => data.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_intent_is_printed_back_as_its_android_prints_it() {
        let parsed = parse(&[
            "-W",
            "-a",
            "android.intent.action.VIEW",
            "-d",
            "https://www.tiktok.com/@a/video/1",
            "-p",
            "com.zhiliaoapp.musically",
        ])
        .unwrap();
        assert!(parsed.wait);
        assert_eq!(
            print(&parsed.intent, 33),
            "Intent { act=android.intent.action.VIEW dat=https://www.tiktok.com/... pkg=com.zhiliaoapp.musically }"
        );
        assert_eq!(
            print(&parsed.intent, 26),
            "Intent { act=android.intent.action.VIEW dat=https://www.tiktok.com/@a/video/1 pkg=com.zhiliaoapp.musically }"
        );
    }

    #[test]
    fn a_bare_package_means_its_launcher_entry() {
        let parsed = parse(&["com.android.settings"]).unwrap();
        assert_eq!(
            print(&parsed.intent, 33),
            "Intent { act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] pkg=com.android.settings }"
        );
    }

    #[test]
    fn an_option_without_its_value_or_unknown_is_an_error() {
        assert_eq!(parse(&["-a"]), Err("Argument expected after \"-a\"".to_owned()));
        assert_eq!(
            parse(&["--frobnicate"]),
            Err("Unknown option: --frobnicate".to_owned())
        );
    }
}
