//! Keys by their Android codes and names, and what each does.

use super::page::Field;
use super::task::Target;
use super::view::View;
use super::{Overlay, Ui, touch};
use crate::phone::Phone;

/// Codes and names as `android.view.KeyEvent` has them.
static NAMES: &[(u32, &str)] = &[
    (0, "UNKNOWN"),
    (1, "SOFT_LEFT"),
    (2, "SOFT_RIGHT"),
    (3, "HOME"),
    (4, "BACK"),
    (5, "CALL"),
    (6, "ENDCALL"),
    (7, "0"),
    (8, "1"),
    (9, "2"),
    (10, "3"),
    (11, "4"),
    (12, "5"),
    (13, "6"),
    (14, "7"),
    (15, "8"),
    (16, "9"),
    (17, "STAR"),
    (18, "POUND"),
    (19, "DPAD_UP"),
    (20, "DPAD_DOWN"),
    (21, "DPAD_LEFT"),
    (22, "DPAD_RIGHT"),
    (23, "DPAD_CENTER"),
    (24, "VOLUME_UP"),
    (25, "VOLUME_DOWN"),
    (26, "POWER"),
    (27, "CAMERA"),
    (28, "CLEAR"),
    (29, "A"),
    (30, "B"),
    (31, "C"),
    (32, "D"),
    (33, "E"),
    (34, "F"),
    (35, "G"),
    (36, "H"),
    (37, "I"),
    (38, "J"),
    (39, "K"),
    (40, "L"),
    (41, "M"),
    (42, "N"),
    (43, "O"),
    (44, "P"),
    (45, "Q"),
    (46, "R"),
    (47, "S"),
    (48, "T"),
    (49, "U"),
    (50, "V"),
    (51, "W"),
    (52, "X"),
    (53, "Y"),
    (54, "Z"),
    (55, "COMMA"),
    (56, "PERIOD"),
    (61, "TAB"),
    (62, "SPACE"),
    (66, "ENTER"),
    (67, "DEL"),
    (68, "GRAVE"),
    (69, "MINUS"),
    (70, "EQUALS"),
    (71, "LEFT_BRACKET"),
    (72, "RIGHT_BRACKET"),
    (73, "BACKSLASH"),
    (74, "SEMICOLON"),
    (75, "APOSTROPHE"),
    (76, "SLASH"),
    (77, "AT"),
    (81, "PLUS"),
    (82, "MENU"),
    (83, "NOTIFICATION"),
    (84, "SEARCH"),
    (85, "MEDIA_PLAY_PAUSE"),
    (92, "PAGE_UP"),
    (93, "PAGE_DOWN"),
    (111, "ESCAPE"),
    (112, "FORWARD_DEL"),
    (122, "MOVE_HOME"),
    (123, "MOVE_END"),
    (164, "VOLUME_MUTE"),
    (176, "SETTINGS"),
    (187, "APP_SWITCH"),
    (223, "SLEEP"),
    (224, "WAKEUP"),
    (277, "CUT"),
    (278, "COPY"),
    (279, "PASTE"),
    (160, "NUMPAD_ENTER"),
];

/// "KEYCODE_HOME", "HOME" or "3".
pub fn code_of(name: &str) -> Option<u32> {
    if let Ok(code) = name.parse::<u32>() {
        return Some(code);
    }
    let name = name.strip_prefix("KEYCODE_").unwrap_or(name);
    let found = NAMES.iter().find(|(_, known)| *known == name);
    found.map(|(code, _)| *code)
}

/// The name after KEYCODE_.
pub fn name_of(code: u32) -> Option<&'static str> {
    let found = NAMES.iter().find(|(known, _)| *known == code);
    found.map(|(_, name)| *name)
}

/// The character that a key of a plain keyboard types.
fn character(code: u32) -> Option<char> {
    let letters = |from: u32, base: char| char::from_u32(base as u32 + code - from);
    match code {
        7..=16 => letters(7, '0'),
        29..=54 => letters(29, 'a'),
        55 => Some(','),
        56 => Some('.'),
        62 => Some(' '),
        68 => Some('`'),
        69 => Some('-'),
        70 => Some('='),
        71 => Some('['),
        72 => Some(']'),
        73 => Some('\\'),
        74 => Some(';'),
        75 => Some('\''),
        76 => Some('/'),
        77 => Some('@'),
        81 => Some('+'),
        17 => Some('*'),
        18 => Some('#'),
        _ => None,
    }
}

impl Ui {
    /// A key that is held for long: home calls an assistant, which no simulated phone has, power a menu of the
    /// system's own; the others do what they do at once.
    pub fn hold_key(&mut self, phone: &Phone, code: u32) {
        match code {
            3 | 187 => {}
            26 if self.screen_on => {}
            _ => self.key(phone, code),
        }
    }

    /// A key by its Android code.
    pub fn key(&mut self, phone: &Phone, code: u32) {
        self.touched = self.now;
        match code {
            26 => {
                if self.screen_on {
                    self.sleep();
                } else {
                    self.wake();
                }
            }
            223 => self.sleep(),
            224 => self.wake(),
            _ if !self.screen_on => {}
            82 if self.locked => self.dismiss_keyguard(phone),
            4 if self.locked => self.bouncer = false,
            _ if self.locked => self.key_on_lock(code),
            3 => self.home_key(phone),
            4 => self.back_key(phone),
            187 => self.recents_key(phone),
            83 => self.shade = !self.shade,
            _ => self.edit_key(phone, code),
        }
        self.settle(phone);
    }

    fn key_on_lock(&mut self, code: u32) {
        if !self.bouncer {
            return;
        }
        let action = match code {
            7..=16 => Some(("digit", character(code).unwrap_or('0').to_string())),
            66 | 160 => Some(("pin_enter", String::new())),
            67 => Some(("digit_back", String::new())),
            _ => None,
        };
        if let Some((verb, argument)) = action {
            self.lock_action(verb, &argument);
        }
    }

    fn home_key(&mut self, phone: &Phone) {
        self.keyboard_up = false;
        self.shade = false;
        self.overlays
            .retain(|overlay| matches!(overlay, Overlay::NotResponding { .. }));
        self.go_home(phone);
        if let Some(activity) = self.tasks.top_mut() {
            activity.pages.truncate(1);
        }
    }

    fn recents_key(&mut self, phone: &Phone) {
        self.go_home(phone);
        if let Some(activity) = self.tasks.top_mut() {
            activity.pages.truncate(1);
            activity
                .pages
                .push(super::page::Page::new("recents", serde_json::Value::Null));
        }
    }

    /// Closes what is nearest: shade, keyboard, dialog, screen, activity.
    fn back_key(&mut self, phone: &Phone) {
        if self.shade {
            self.shade = false;
        } else if self.keyboard_up {
            self.keyboard_up = false;
        } else if !self.overlays.is_empty() {
            // A crash dialog does not close on back.
        } else if let Some(target) = self.top_target() {
            let package = self.package_of(target).unwrap_or_default();
            if super::act::strikes(phone, package) {
                self.crash(phone, package);
                return;
            }
            let taken = self.call_app(phone, package, Some(target), |app, context| app.back(context));
            if taken == Some(true) {
                return;
            }
            self.leave(phone, target);
        }
    }

    fn leave(&mut self, phone: &Phone, target: Target) {
        let Target::Page(token, at) = target else { return };
        let root = self.tasks.front().is_some_and(|task| {
            !task.home && task.activities.len() == 1 && task.activities[0].token == token
        });
        if at == 0 && root && phone.spec.personality.sdk >= 31 {
            // Since Android 12 the root activity stays, its task goes to the back.
            let home = self.tasks.list.iter().find(|task| task.home).map(|task| task.id);
            if let Some(home) = home {
                self.tasks.bring_to_front(home);
                return;
            }
        }
        self.perform_quietly(phone, target, "back");
    }

    pub(super) fn top_target(&self) -> Option<Target> {
        let top = self.tasks.top()?;
        Some(Target::Page(top.token, top.pages.len().saturating_sub(1)))
    }

    /// The focused field of the active window: its page, its view.
    fn focused_field(&self, phone: &Phone) -> Option<(Target, View)> {
        let window = self.active_window(phone)?;
        let view = window.root.find(&|view| view.field.is_some() && view.focused)?;
        Some((touch::page_of(&window, view), view.clone()))
    }

    /// Changes the focused field and tells its layout; false where no field has the focus.
    pub(super) fn edit(&mut self, phone: &Phone, change: impl FnOnce(&mut Field)) -> bool {
        let Some((target, view)) = self.focused_field(phone) else {
            return false;
        };
        let Some(key) = view.field.clone() else {
            return false;
        };
        let Some(page) = self.page_mut(target) else {
            return false;
        };
        let field = page.fields.entry(key).or_insert_with(|| Field::new(&view.text));
        let before = field.text.clone();
        change(field);
        if !view.multiline {
            field.text.retain(|character| character != '\n');
            let caret = field.caret;
            field.move_to(caret);
        }
        if field.text != before {
            self.perform(phone, target, &view.actions.change);
        }
        self.settle(phone);
        true
    }

    fn edit_key(&mut self, phone: &Phone, code: u32) {
        match code {
            66 | 160 => self.enter(phone),
            67 => drop(self.edit(phone, Field::backspace)),
            112 => drop(self.edit(phone, Field::delete)),
            122 | 92 => drop(self.edit(phone, |field| field.move_to(0))),
            123 | 93 => drop(self.edit(phone, |field| field.move_to(usize::MAX))),
            21 => drop(self.edit(phone, |field| field.caret = field.caret.saturating_sub(1))),
            22 => drop(self.edit(phone, |field| field.move_to(field.caret + 1))),
            19 => drop(self.edit(phone, |field| field.move_to(0))),
            20 => drop(self.edit(phone, |field| field.move_to(usize::MAX))),
            61 => self.next_field(phone),
            111 => self.keyboard_up = false,
            279 => {
                let text = self.clipboard.clone();
                self.edit(phone, |field| field.insert(&text));
            }
            _ => {
                if let Some(character) = character(code) {
                    self.edit(phone, |field| field.insert(&character.to_string()));
                }
            }
        }
    }

    /// Enter: a new line where there may be several, else what the field does when it is done.
    pub(super) fn enter(&mut self, phone: &Phone) {
        let Some((target, view)) = self.focused_field(phone) else {
            return;
        };
        if view.multiline {
            self.edit(phone, |field| field.insert("\n"));
        } else if view.actions.submit.is_empty() {
            self.next_field(phone);
        } else {
            self.perform(phone, target, &view.actions.submit);
        }
    }

    /// What the keyboard's action key does: submits, also where enter would make a line.
    pub(super) fn editor_action(&mut self, phone: &Phone) -> bool {
        let Some((target, view)) = self.focused_field(phone) else {
            return false;
        };
        if view.actions.submit.is_empty() {
            self.keyboard_up = false;
        } else {
            self.perform(phone, target, &view.actions.submit);
        }
        self.settle(phone);
        true
    }

    fn next_field(&mut self, phone: &Phone) {
        let Some(window) = self.active_window(phone) else {
            return;
        };
        let mut fields = Vec::new();
        window.root.walk(&mut |view| {
            if view.field.is_some() && !view.disabled {
                fields.push(view);
            }
        });
        let at = fields.iter().position(|view| view.focused);
        let next = at.map_or(0, |at| (at + 1) % fields.len().max(1));
        if let Some(view) = fields.get(next) {
            let target = touch::page_of(&window, view);
            self.focus_view(target, view);
        }
    }

    fn focus_view(&mut self, target: Target, view: &View) {
        let Some(key) = view.field.clone() else { return };
        if let Some(page) = self.page_mut(target) {
            page.fields
                .entry(key.clone())
                .or_insert_with(|| Field::new(&view.text));
            page.focus = Some(key);
        }
        self.keyboard_up = true;
    }

    pub(super) fn focus_field(&mut self, phone: &Phone, target: Target, key: &str) {
        let windows = self.windows(phone);
        let found = windows
            .iter()
            .find_map(|window| window.root.find(&|view| view.field.as_deref() == Some(key)));
        if let Some(view) = found {
            self.focus_view(target, view);
        }
    }

    /// Characters typed on the hardware keyboard that `input text` imitates (the caller has refused non-ASCII).
    pub fn type_text(&mut self, phone: &Phone, text: &str) {
        if !self.screen_on {
            return;
        }
        if self.locked {
            for digit in text.chars().filter(char::is_ascii_digit) {
                self.key_on_lock(7 + digit as u32 - '0' as u32);
            }
            self.settle(phone);
            return;
        }
        for (number, line) in text.split('\n').enumerate() {
            if number > 0 {
                self.enter(phone);
            }
            self.edit(phone, |field| field.insert(line));
        }
    }

    /// Text committed by an input method (any Unicode) into the focused field; false where no field has the focus.
    pub fn commit_text(&mut self, phone: &Phone, text: &str) -> bool {
        self.screen_on && !self.locked && self.edit(phone, |field| field.insert(text))
    }

    /// Empties the focused field.
    pub fn clear_text(&mut self, phone: &Phone) -> bool {
        self.screen_on && !self.locked && self.edit(phone, |field| *field = Field::default())
    }

    /// What the accessibility action SET_TEXT does to a field; false where the field is gone.
    pub(crate) fn set_text_of(&mut self, phone: &Phone, target: Target, key: &str, text: &str) -> bool {
        let Some(page) = self.page_mut(target) else {
            return false;
        };
        page.fields.insert(key.to_owned(), Field::default());
        page.focus = Some(key.to_owned());
        self.edit(phone, |field| field.insert(text))
    }

    /// The text of the focused field, not its hint.
    pub fn focused_text(&self, phone: &Phone) -> Option<String> {
        self.focused_field(phone).map(|(_, view)| view.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_number_name_and_full_name() {
        assert_eq!(code_of("3"), Some(3));
        assert_eq!(code_of("HOME"), Some(3));
        assert_eq!(code_of("KEYCODE_APP_SWITCH"), Some(187));
        assert_eq!(code_of("KEYCODE_NONSENSE"), None);
        assert_eq!(name_of(224), Some("WAKEUP"));
    }
}
