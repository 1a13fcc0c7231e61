//! `pm list …`

use std::fmt::Write as _;

use super::super::Answer;
use super::packages;
use crate::phone::Phone;

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    match args {
        ["packages" | "package", rest @ ..] => list(phone, rest),
        ["users", ..] => users(phone),
        ["permissions", rest @ ..] => permissions(rest),
        ["features"] => Answer::text(
            "feature:reqGlEsVersion=0x30002\nfeature:android.hardware.camera\nfeature:android.hardware.touchscreen\nfeature:android.hardware.wifi\nfeature:android.software.home_screen\n",
        ),
        ["libraries"] => Answer::text(
            "library:android.test.base\nlibrary:android.test.runner\nlibrary:org.apache.http.legacy\n",
        ),
        ["instrumentation"] => Answer::silent(),
        [] => Answer::error(255, "Error: didn't specify type of data to list"),
        [other, ..] => Answer::error(255, &format!("Error: unknown list type '{other}'")),
    }
}

/// `package:NAME`, with `-f` `package:PATH=NAME`.
fn list(phone: &Phone, args: &[&str]) -> Answer {
    let mut filter = None;
    let (mut files, mut uids, mut codes) = (false, false, false);
    let (mut third, mut system, mut disabled, mut enabled) = (false, false, false, false);
    for arg in args {
        match *arg {
            "-f" => files = true,
            "-U" => uids = true,
            "--show-versioncode" => codes = true,
            "-3" => third = true,
            "-s" => system = true,
            "-d" => disabled = true,
            "-e" => enabled = true,
            "-a" | "-u" | "-i" | "-l" => {}
            option if option.starts_with('-') => {
                return Answer::error(255, &format!("Error: Unknown option: {option}"));
            }
            text => filter = Some(text),
        }
    }
    let mut out = String::new();
    for package in packages::all(phone) {
        let wanted = filter.is_none_or(|text| package.name.contains(text))
            && !(third && package.system)
            && (!system || package.system)
            && !(disabled && package.enabled)
            && (!enabled || package.enabled);
        if !wanted {
            continue;
        }
        out.push_str("package:");
        if files {
            let _ = write!(out, "{}=", package.path);
        }
        out.push_str(&package.name);
        if codes {
            let _ = write!(out, " versionCode:{}", package.version_code);
        }
        if uids {
            let _ = write!(out, " uid:{}", package.uid);
        }
        out.push('\n');
    }
    Answer::text(out)
}

fn users(phone: &Phone) -> Answer {
    let flags = match phone.spec.personality.sdk {
        ..29 => "13",
        29..=33 => "c13",
        _ => "4c13",
    };
    Answer::text(format!("Users:\n\tUserInfo{{0:Owner:{flags}}} running\n"))
}

/// The permissions that a person is asked about.
const RUNTIME: &[&str] = &[
    "android.permission.ACCESS_COARSE_LOCATION",
    "android.permission.ACCESS_FINE_LOCATION",
    "android.permission.ACCESS_MEDIA_LOCATION",
    "android.permission.CALL_PHONE",
    "android.permission.CAMERA",
    "android.permission.GET_ACCOUNTS",
    "android.permission.POST_NOTIFICATIONS",
    "android.permission.READ_CALENDAR",
    "android.permission.READ_CONTACTS",
    "android.permission.READ_EXTERNAL_STORAGE",
    "android.permission.READ_MEDIA_AUDIO",
    "android.permission.READ_MEDIA_IMAGES",
    "android.permission.READ_MEDIA_VIDEO",
    "android.permission.READ_MEDIA_VISUAL_USER_SELECTED",
    "android.permission.READ_PHONE_STATE",
    "android.permission.RECORD_AUDIO",
    "android.permission.WRITE_CONTACTS",
    "android.permission.WRITE_EXTERNAL_STORAGE",
];

pub(in crate::program) fn is_runtime(permission: &str) -> bool {
    RUNTIME.contains(&permission)
}

fn permissions(args: &[&str]) -> Answer {
    let mut out = if args.contains(&"-d") {
        "Dangerous Permissions:\n\n"
    } else {
        "All Permissions:\n\n"
    }
    .to_owned();
    for permission in RUNTIME {
        let _ = writeln!(out, "permission:{permission}");
    }
    Answer::text(out)
}
