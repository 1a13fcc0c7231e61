//! `am broadcast`: the intent said back, then the result that its receivers left; 0 also when nobody listened.

use super::super::{Answer, intent};
use crate::phone::{Phone, lock, media};
use crate::ui::{Intent, keyboard};

const SCAN: &str = "android.intent.action.MEDIA_SCANNER_SCAN_FILE";

/// Broadcasts that only the system may send.
const PROTECTED: &[&str] = &[
    "android.intent.action.MEDIA_MOUNTED",
    "android.intent.action.BOOT_COMPLETED",
    "android.intent.action.BATTERY_CHANGED",
];

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let parsed = match intent::parse(args) {
        Ok(parsed) => parsed,
        Err(message) => return super::exception(phone, "broadcast", &message),
    };
    let mut intent = parsed.intent;
    intent.flags |= 0x40_0000;
    let first = format!(
        "Broadcasting: {}\n",
        intent::print(&intent, phone.spec.personality.sdk)
    );
    let action = intent.action.as_deref().unwrap_or_default();
    if PROTECTED.contains(&action) {
        return Answer {
            out: first,
            err: denial(phone, action),
            code: 255,
            ..Answer::default()
        };
    }
    let (result, data) = received(phone, &intent);
    let data = data.map_or_else(String::new, |data| format!(", data=\"{data}\""));
    Answer::text(format!("{first}Broadcast completed: result={result}{data}\n"))
}

/// The result code and data that the receivers left.
fn received(phone: &Phone, intent: &Intent) -> (i32, Option<String>) {
    if intent.action.as_deref() == Some(SCAN) {
        scan(phone, intent);
    }
    let action = intent.action.as_deref().unwrap_or_default();
    keyboard::broadcast(phone, action, &intent.extras).unwrap_or((0, None))
}

/// The scanner works on its own: the file is indexed at once, its length is known when it has been read.
fn scan(phone: &Phone, intent: &Intent) {
    let Some(path) = intent
        .data
        .as_deref()
        .and_then(|data| data.strip_prefix("file://"))
    else {
        return;
    };
    let ready = phone.spec.clock.now() + media::READING;
    if let Err(error) = lock(&phone.media).scan(&phone.files, path, ready) {
        phone
            .log
            .write('W', "MediaScanner", &format!("cannot scan {path}: {error}"));
    }
}

fn denial(phone: &Phone, action: &str) -> String {
    let message =
        format!("Permission Denial: not allowed to send broadcast {action} from pid=8127, uid=2000");
    if phone.spec.personality.sdk >= 30 {
        format!(
            "\nException occurred while executing 'broadcast':\njava.lang.SecurityException: {message}\n\tat com.android.server.am.ActivityManagerService.broadcastIntentLocked(ActivityManagerService.java:15937)\n"
        )
    } else {
        format!(
            "Security exception: {message}\n\njava.lang.SecurityException: {message}\n\tat com.android.server.am.ActivityManagerService.broadcastIntentLocked(ActivityManagerService.java:18920)\n"
        )
    }
}
