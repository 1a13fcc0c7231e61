//! `settings get|put|delete|list`: the settings provider from a command line.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::settings::{Namespace, Settings};
use crate::phone::{Phone, lock};

/// What a phone that guards its settings says to `put` and `delete`.
const REFUSED: &str = "\
Security exception: Permission denial: writing to settings requires:android.permission.WRITE_SECURE_SETTINGS

java.lang.SecurityException: Permission denial: writing to settings requires:android.permission.WRITE_SECURE_SETTINGS
\tat com.android.providers.settings.SettingsProvider.enforceWritePermission(SettingsProvider.java:2344)
\tat com.android.providers.settings.SettingsProvider.mutateSystemSetting(SettingsProvider.java:1735)
\tat com.android.providers.settings.SettingsProvider.call(SettingsProvider.java:424)
\tat android.content.ContentProvider$Transport.call(ContentProvider.java:454)
\tat com.android.providers.settings.SettingsService$MyShellCommand.putForUser(SettingsService.java:366)
\tat com.android.providers.settings.SettingsService$MyShellCommand.onCommand(SettingsService.java:275)
\tat android.os.ShellCommand.exec(ShellCommand.java:104)";

const USAGE: &str = "\
Settings provider (settings) commands:
  help
      Print this help text.
  get [--user <USER_ID> | current] NAMESPACE KEY
      Retrieve the current value of KEY.
  put [--user <USER_ID> | current] NAMESPACE KEY VALUE [TAG] [default]
      Change the contents of KEY to VALUE.
  delete [--user <USER_ID> | current] NAMESPACE KEY
      Delete the entry for KEY.
  reset [--user <USER_ID> | current] NAMESPACE {PACKAGE_NAME | RESET_MODE}
      Reset the global/secure table for a package with mode.
  list [--user <USER_ID> | current] NAMESPACE
      Print all defined keys.
      NAMESPACE is one of {system, secure, global}, case-insensitive";

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let words = super::without_user(args);
    let Some((verb, rest)) = words.split_first() else {
        return Answer::line(USAGE);
    };
    let Some((name, rest)) = rest.split_first() else {
        return Answer::error(255, USAGE);
    };
    let Some(namespace) = Namespace::parse(name) else {
        return Answer::error(255, &format!("Invalid namespace '{name}'"));
    };
    let refused = phone.faults.has("settings_refused");
    match (*verb, rest) {
        ("get", [key]) => {
            let settings = lock(&phone.settings);
            Answer::line(settings.get(namespace, key).unwrap_or("null"))
        }
        ("list", []) => list(&lock(&phone.settings), namespace),
        ("put" | "delete", _) if refused => Answer::error(255, REFUSED),
        ("put", [key, value, ..]) => put(phone, namespace, key, value),
        ("delete", [key]) => match lock(&phone.settings).delete(namespace, key) {
            Ok(was) => Answer::line(&format!("Deleted {} rows", u8::from(was))),
            Err(error) => Answer::error(
                255,
                &format!("Exception occurred while executing 'delete': {error}"),
            ),
        },
        ("get" | "put" | "delete" | "list", _) => Answer::error(255, "Bad arguments"),
        (other, _) => Answer::error(255, &format!("Unknown command: {other}\n{USAGE}")),
    }
}

fn list(settings: &Settings, namespace: Namespace) -> Answer {
    let mut out = String::new();
    for (key, value) in settings.table(namespace) {
        let _ = writeln!(out, "{key}={value}");
    }
    Answer::text(out)
}

fn put(phone: &Phone, namespace: Namespace, key: &str, value: &str) -> Answer {
    let mut settings = lock(&phone.settings);
    if let Err(error) = settings.put(namespace, key, value) {
        return Answer::error(255, &format!("Exception occurred while executing 'put': {error}"));
    }
    // With auto-rotate off the display follows `user_rotation` at once.
    let locked = settings.get(Namespace::System, "accelerometer_rotation") == Some("0");
    let turned = settings
        .get(Namespace::System, "user_rotation")
        .and_then(|turns| turns.parse::<u8>().ok())
        .filter(|turns| *turns < 4);
    drop(settings);
    if let (true, Namespace::System, "user_rotation" | "accelerometer_rotation", Some(turns)) =
        (locked, namespace, key, turned)
    {
        lock(&phone.hardware).rotation = turns;
    }
    Answer::silent()
}
