//! Input methods: which ones there are, which is the current one, and what text they bring in.
//!
//! What is enabled and current lives in the secure settings, as on a phone; `ime` and `settings` change it there.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use serde_json::{Value, json};

use super::display::Display;
use crate::phone::{Personality, Phone, lock};

/// senzhk's ADBKeyBoard.
pub const ADB_KEYBOARD: &str = "com.android.adbkeyboard/.AdbIME";
/// The keyboard of the PyPI client's apk.
pub const U2_KEYBOARD: &str = "com.github.uiautomator/.AdbKeyboard";

/// The input method that the phone came with.
pub fn stock(personality: &Personality) -> &'static str {
    personality.keyboard
}

/// The id of the current one.
pub fn current(phone: &Phone) -> String {
    let kept = lock(&phone.settings).secure.get("default_input_method").cloned();
    kept.filter(|id| !id.is_empty() && id != "null")
        .unwrap_or_else(|| stock(phone.spec.personality).to_owned())
}

/// `pkg/.Class` and `pkg/pkg.Class` are the same.
pub fn same(one: &str, other: &str) -> bool {
    super::start::full_component(one) == super::start::full_component(other)
}

/// Whether an input method shows keys; the ones for adb show a line of text only.
pub(crate) fn draws_keys(id: &str) -> bool {
    !same(id, ADB_KEYBOARD) && !same(id, U2_KEYBOARD)
}

/// How high the keyboard's window is.
pub(crate) fn height(phone: &Phone, display: &Display) -> i32 {
    if !draws_keys(&current(phone)) {
        return display.dp(40.0);
    }
    if display.landscape() {
        display.dp(190.0)
    } else {
        display.dp(264.0)
    }
}

/// Rows of the drawn keyboard's keys, for its layout.
pub(crate) fn keys(language: &str, shift: bool, symbols: bool) -> Value {
    let rows = match (symbols, language) {
        (true, _) => ["1234567890", "@#$_&-+()/", "*\"':;!?%"],
        (false, "fr") => ["azertyuiop", "qsdfghjklm", "wxcvbn'"],
        (false, _) => ["qwertyuiop", "asdfghjkl", "zxcvbnm"],
    };
    let letter = |character: char| {
        let label = if shift {
            character.to_uppercase().to_string()
        } else {
            character.to_string()
        };
        json!({"label": label, "desc": label, "span": 1, "bg": "#ffffff", "do": format!("type:{label}"), "text_size": 21})
    };
    let sign = |icon: &str, desc: &str, action: &str, span: f32| json!({"icon": icon, "desc": desc, "do": action, "span": span, "bg": "#c9cedb", "label": ""});
    let word = |label: &str, desc: &str, action: &str, span: f32, bg: &str| json!({"label": label, "desc": desc, "do": action, "span": span, "bg": bg, "text_size": 15});
    let mut out: Vec<Vec<Value>> = rows.iter().map(|row| row.chars().map(letter).collect()).collect();
    if rows[1].len() < 10 {
        let gap = json!({"gap": true, "span": 0.5});
        out[1].insert(0, gap.clone());
        out[1].push(gap);
    }
    out[2].insert(0, sign("shift", "Shift", "shift", 1.5));
    out[2].push(sign("backspace", "Delete", "key:DEL", 1.5));
    out.push(vec![
        word(
            if symbols { "ABC" } else { "?123" },
            "Symbol keyboard",
            "symbols",
            1.5,
            "#c9cedb",
        ),
        word(",", ",", "type:,", 1.0, "#c9cedb"),
        word(
            if language == "fr" { "Français" } else { "English" },
            "Space",
            "type: ",
            5.0,
            "#ffffff",
        ),
        word(".", ".", "type:.", 1.0, "#c9cedb"),
        sign("enter", "Enter", "key:ENTER", 1.5),
    ]);
    json!(out)
}

/// A broadcast for an input method: what `am broadcast` answers as result and data, if one heard it.
///
/// `extras` are all as text, as they came on the command line.
pub fn broadcast(phone: &Phone, action: &str, extras: &[(String, String)]) -> Option<(i32, Option<String>)> {
    if phone.faults.has("keyboard_broken") {
        return None;
    }
    let ime = current(phone);
    let extra = |name: &str| {
        extras
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    if same(&ime, ADB_KEYBOARD) && action.starts_with("ADB_") && !action.starts_with("ADB_KEYBOARD_") {
        return adb_keyboard(phone, action, extra).then_some((0, None));
    }
    if same(&ime, U2_KEYBOARD) && action.starts_with("ADB_KEYBOARD_") {
        return Some(u2_keyboard(phone, action, extra));
    }
    None
}

/// ADBKeyBoard sets no result, whether it could type or not.
fn adb_keyboard<'a>(phone: &Phone, action: &str, extra: impl Fn(&str) -> Option<&'a str>) -> bool {
    let mut ui = phone.ui();
    // Its receiver lives from the first time that it is shown.
    if !ui.keyboard_shown() {
        return true;
    }
    match action {
        "ADB_INPUT_TEXT" => drop(extra("msg").map(|text| ui.commit_text(phone, text))),
        "ADB_INPUT_B64" => drop(
            extra("msg")
                .and_then(decode)
                .map(|text| ui.commit_text(phone, &text)),
        ),
        "ADB_INPUT_CHARS" => {
            let codes = extra("chars").unwrap_or_default().split(',');
            let text: String = codes
                .filter_map(|code| code.trim().parse::<u32>().ok().and_then(char::from_u32))
                .collect();
            ui.commit_text(phone, &text);
        }
        "ADB_INPUT_CODE" => drop(
            extra("code")
                .and_then(|code| code.parse().ok())
                .map(|code| ui.key(phone, code)),
        ),
        "ADB_EDITOR_CODE" => drop(extra("code").map(|_| ui.editor_action(phone))),
        "ADB_CLEAR_TEXT" => drop(ui.clear_text(phone)),
        _ => return false,
    }
    true
}

fn u2_keyboard<'a>(
    phone: &Phone,
    action: &str,
    extra: impl Fn(&str) -> Option<&'a str>,
) -> (i32, Option<String>) {
    let mut ui = phone.ui();
    let done = match action {
        "ADB_KEYBOARD_INPUT_TEXT" => extra("text")
            .and_then(decode)
            .is_some_and(|text| ui.commit_text(phone, &text)),
        "ADB_KEYBOARD_CLEAR_TEXT" => ui.clear_text(phone),
        "ADB_KEYBOARD_EDITOR_CODE" | "ADB_KEYBOARD_SMART_ENTER" => ui.editor_action(phone),
        "ADB_KEYBOARD_HIDE" => {
            ui.hide_keyboard(phone);
            true
        }
        _ => return (0, None),
    };
    let word = if done { "success" } else { "no input connection" };
    (if done { -1 } else { 0 }, Some(word.to_owned()))
}

fn decode(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.trim()).ok()?;
    String::from_utf8(bytes).ok()
}

impl super::Ui {
    /// The soft keyboard goes away; the field keeps its focus.
    pub fn hide_keyboard(&mut self, phone: &Phone) {
        self.keyboard_up = false;
        self.settle(phone);
    }
}
