//! `pm` and `cmd package`: listing, installing, permissions, resolving intents.

mod install;
mod list;
mod resolve;

use super::packages::{self, Package};
use super::{Answer, ExitCode, Process};
use crate::phone::{Phone, lock};
use crate::ui::permission::Decision;

/// Installing reads the APK from stdin; all else answers at once.
pub(super) async fn run(process: &mut Process, args: Vec<String>) -> ExitCode {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.first() {
        Some(&"install" | &"install-write") => install::run(process, &words).await,
        _ => process.say(|phone, _| answer(phone, &words)).await,
    }
}

fn answer(phone: &Phone, args: &[&str]) -> Answer {
    let Some((verb, rest)) = args.split_first() else {
        return Answer::line("Package manager (package) commands:\n  help\n    Print this help text.");
    };
    let rest = &super::without_user(rest);
    match *verb {
        "list" => list::run(phone, rest),
        "path" => path(phone, rest),
        "dump" => match rest.first() {
            Some(name) => super::dumpsys::run(phone, &["package", name]),
            None => Answer::error(255, "Error: package name not specified"),
        },
        "grant" | "revoke" => permission(phone, verb, rest),
        "clear" => clear(phone, rest),
        "uninstall" => install::uninstall(phone, rest),
        "enable" | "disable" | "disable-user" | "default-state" => enable(phone, verb, rest),
        "install-create" => install::create(phone),
        "install-commit" => install::commit(phone, rest),
        "install-abandon" => install::abandon(phone, rest),
        "resolve-activity" => resolve::activity(phone, rest),
        "query-activities" => resolve::activities(phone, rest),
        "get-install-location" => Answer::line("0[auto]"),
        "get-max-users" => Answer::line("Maximum supported users: 4"),
        "trim-caches" | "compile" | "set-install-location" => Answer::silent(),
        other => Answer::error(255, &format!("Unknown command: {other}")),
    }
}

fn kept(phone: &Phone, said: Answer) -> Answer {
    match lock(&phone.packages).keep() {
        Ok(()) => said,
        Err(error) => Answer::error(255, &format!("Failure [{error}]")),
    }
}

fn path(phone: &Phone, args: &[&str]) -> Answer {
    match args.first().and_then(|name| packages::find(phone, name)) {
        Some(package) => Answer::line(&format!("package:{}", package.path)),
        None => Answer {
            code: 1,
            ..Answer::default()
        },
    }
}

fn permission(phone: &Phone, verb: &str, args: &[&str]) -> Answer {
    let [name, permission, ..] = args else {
        return Answer::error(255, "Error: no permission specified");
    };
    let exception = |text: String| {
        let text = if phone.spec.personality.sdk >= 30 {
            format!(
                "\nException occurred while executing '{verb}':\njava.lang.{text}\n\tat com.android.server.pm.permission.PermissionManagerService.{verb}RuntimePermissionInternal(PermissionManagerService.java:1451)"
            )
        } else {
            format!("Operation not allowed: java.lang.{text}")
        };
        Answer::error(255, &text)
    };
    if phone.faults.has("settings_refused") {
        return exception(format!(
            "SecurityException: {verb}RuntimePermission: Neither user 2000 nor current process has android.permission.GRANT_RUNTIME_PERMISSIONS."
        ));
    }
    let Some(package) = packages::find(phone, name) else {
        return exception(format!("IllegalArgumentException: Unknown package: {name}"));
    };
    if !package.permissions.iter().any(|one| one == permission) {
        return exception(format!(
            "SecurityException: Package {name} has not requested permission {permission}"
        ));
    }
    if !list::is_runtime(permission) {
        return exception(format!(
            "SecurityException: Permission {permission} requested by {name} is not a changeable permission type"
        ));
    }
    let decision = if verb == "grant" {
        Decision::Granted
    } else {
        Decision::Denied
    };
    phone.ui().decide(phone, name, permission, Some(decision));
    Answer::silent()
}

fn clear(phone: &Phone, args: &[&str]) -> Answer {
    let Some(package) = args.first().and_then(|name| packages::find(phone, name)) else {
        return Answer {
            out: "Failed\n".to_owned(),
            code: 1,
            ..Answer::default()
        };
    };
    phone.ui().clear_data(phone, &package.name);
    Answer::line("Success")
}

fn enable(phone: &Phone, verb: &str, args: &[&str]) -> Answer {
    let Some(name) = args.first() else {
        return Answer::error(255, "Error: no package or component specified");
    };
    let Some(package) = packages::find(phone, name) else {
        return Answer::error(
            255,
            &format!(
                "\nException occurred while executing '{verb}':\njava.lang.IllegalArgumentException: Unknown package: {name}"
            ),
        );
    };
    if verb == "disable" {
        return Answer::error(
            255,
            &format!(
                "Error: java.lang.SecurityException: Shell cannot change component state for {name}/null to 2"
            ),
        );
    }
    let state = match verb {
        "disable-user" => "disabled-user",
        "enable" => "enabled",
        _ => "default",
    };
    {
        let mut kept = lock(&phone.packages);
        if verb == "disable-user" {
            kept.disabled.insert(package.name.clone());
        } else {
            kept.disabled.remove(&package.name);
        }
    }
    if verb == "disable-user" {
        phone.ui().force_stop(phone, &package.name);
    }
    kept(
        phone,
        Answer::line(&format!("Package {} new state: {state}", package.name)),
    )
}

/// Whether the permission was granted, by `pm` or by a person.
pub(super) fn granted(phone: &Phone, package: &Package, permission: &str) -> bool {
    phone.ui().permissions().granted(&package.name, permission)
}

pub(super) use list::is_runtime;
