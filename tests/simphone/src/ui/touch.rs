//! Fingers: taps, long presses, swipes, and single events down, move and up.

use serde_json::Value;

use super::display::Display;
use super::page::Field;
use super::task::Target;
use super::view::{Rect, Shape, View};
use super::window::Window;
use super::{Ui, fonts};
use crate::phone::Phone;

/// A touch, in the current rotation's pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

/// Longer than this without moving is a long press.
const LONG_PRESS: u64 = 500;
/// A swipe faster than this goes on moving after the finger has left.
const FLING: u64 = 250;

impl Ui {
    pub fn tap(&mut self, phone: &Phone, at: Point) {
        self.press(phone, at, 0);
    }

    /// Press for `millis` without moving.
    pub fn long_press(&mut self, phone: &Phone, at: Point, millis: u64) {
        self.press(phone, at, millis);
    }

    fn press(&mut self, phone: &Phone, at: Point, millis: u64) {
        self.touched = self.now;
        if !self.screen_on {
            return;
        }
        let windows = self.windows(phone);
        for window in windows.iter().rev() {
            if window.frame.contains(at.x, at.y) {
                if self.press_in(phone, window, at, millis) || window.modal {
                    break;
                }
            } else if window.modal {
                if window.cancelable {
                    self.perform(phone, window.target, &["back".to_owned()]);
                }
                break;
            }
        }
        self.settle(phone);
    }

    fn press_in(&mut self, phone: &Phone, window: &Window, at: Point, millis: u64) -> bool {
        let path = window.root.under(at.x, at.y);
        let long = millis >= LONG_PRESS;
        let wanted = |view: &&&View| {
            (long && view.long_clickable)
                || view.clickable
                || view.field.is_some()
                || view.shape == Shape::Slider
        };
        let Some(view) = path.iter().rev().find(wanted) else {
            return false;
        };
        if view.disabled {
            return true;
        }
        let target = page_of(window, view);
        if view.shape == Shape::Slider {
            self.slide(phone, target, view, at.x);
        } else if let Some(field) = &view.field {
            self.touch_field(target, field, view, at);
            self.perform(phone, target, &view.actions.tap);
        } else if long && view.long_clickable {
            self.perform(phone, target, &view.actions.long);
        } else {
            self.perform(phone, target, &view.actions.tap);
        }
        true
    }

    /// Focus and caret go where the finger was, and the keyboard comes up.
    fn touch_field(&mut self, target: Target, key: &str, view: &View, at: Point) {
        let caret = caret_at(view, at);
        if let Some(page) = self.page_mut(target) {
            let field = page
                .fields
                .entry(key.to_owned())
                .or_insert_with(|| Field::new(&view.text));
            field.move_to(caret);
            page.focus = Some(key.to_owned());
        }
        self.keyboard_up = true;
    }

    /// A slider's thumb goes where the finger is, and its layout hears of it.
    fn slide(&mut self, phone: &Phone, target: Target, view: &View, x: i32) {
        let width = view.frame.width().max(1);
        let percent = f64::from((x - view.frame.left).clamp(0, width)) * 100.0 / f64::from(width);
        if let Some(page) = self.page_mut(target) {
            page.vars
                .insert(view.scroll_key.clone(), Value::from(percent.round()));
        }
        self.perform(phone, target, &view.actions.change);
    }

    pub fn swipe(&mut self, phone: &Phone, from: Point, to: Point, millis: u64) {
        self.touched = self.now;
        if !self.screen_on {
            return;
        }
        let display = Display::of(phone);
        let (dx, dy) = (to.x - from.x, to.y - from.y);
        if dx.abs().max(dy.abs()) < display.dp(8.0) {
            self.press(phone, from, millis);
            return;
        }
        if self.system_swipe(phone, &display, from, (dx, dy)) {
            self.settle(phone);
            return;
        }
        let windows = self.windows(phone);
        for window in windows.iter().rev() {
            if window.frame.contains(from.x, from.y) {
                self.swipe_in(phone, window, from, (dx, dy), millis);
            }
            if window.modal || window.frame.contains(from.x, from.y) {
                break;
            }
        }
        self.settle(phone);
    }

    /// Swipes that the system takes: lock screen, shade.
    fn system_swipe(&mut self, phone: &Phone, display: &Display, from: Point, (dx, dy): (i32, i32)) -> bool {
        let up = dy < 0 && dy.abs() > dx.abs();
        if self.locked {
            if up && dy.abs() > display.height / 7 {
                self.dismiss_keyguard(phone);
            }
            return true;
        }
        if self.shade {
            self.shade = !(up && dy.abs() > display.height / 10);
            return true;
        }
        if from.y <= display.status_bar().bottom && dy > display.height / 10 {
            self.open_shade();
            return true;
        }
        false
    }

    pub fn open_shade(&mut self) {
        if self.screen_on && !self.locked {
            self.shade = true;
            self.changed = self.now;
        }
    }

    fn swipe_in(&mut self, phone: &Phone, window: &Window, from: Point, (dx, dy): (i32, i32), millis: u64) {
        let upright = dy.abs() >= dx.abs();
        let travel = if upright { -dy } else { -dx };
        let way = match (upright, travel > 0) {
            (true, true) => 0,
            (true, false) => 1,
            (false, true) => 2,
            (false, false) => 3,
        };
        for view in window.root.under(from.x, from.y).into_iter().rev() {
            if view.shape == Shape::Slider && !upright && !view.disabled {
                self.slide(phone, page_of(window, view), view, from.x + dx);
                return;
            }
            let axis = if upright { Shape::Scroll } else { Shape::Strip };
            let room = if travel > 0 {
                view.reach - view.offset
            } else {
                view.offset
            };
            if view.shape == axis && room > 0 {
                let fling = if millis < FLING { travel / 2 } else { 0 };
                let offset = (view.offset + travel + fling).clamp(0, view.reach);
                if let Some(page) = self.page_mut(page_of(window, view)) {
                    page.scroll.insert(view.scroll_key.clone(), offset);
                }
                return;
            }
            let swipe = &view.actions.swipes[way];
            if !swipe.is_empty() {
                self.perform(phone, page_of(window, view), swipe);
                return;
            }
        }
    }

    /// The finger comes down, moves, or leaves; what it did is known when it leaves.
    pub fn finger_down(&mut self, at: Point) {
        self.finger = Some((at, at, self.now));
    }

    pub fn finger_move(&mut self, to: Point) {
        if let Some((_, at, _)) = &mut self.finger {
            *at = to;
        }
    }

    pub fn finger_up(&mut self, phone: &Phone, at: Point) {
        if let Some((from, _, since)) = self.finger.take() {
            let millis = self.now.0.saturating_sub(since.0).as_millis() as u64;
            self.swipe(phone, from, at, millis);
        }
    }
}

/// The page that a view of this window is on.
pub(super) fn page_of(window: &Window, view: &View) -> Target {
    match window.target {
        Target::Page(token, _) => Target::Page(token, view.page_at),
        system @ Target::System(_) => system,
    }
}

/// The frame that a text is drawn in.
pub(super) fn text_room(view: &View) -> Rect {
    view.frame.inset(view.style.pad)
}

/// The character that is nearest to a touch in a field.
fn caret_at(view: &View, at: Point) -> usize {
    if view.text.is_empty() || view.lines.is_empty() {
        return 0;
    }
    let room = text_room(view);
    let line_height = fonts::line_height(view.style.text_size);
    let top = match view.style.gravity.1 {
        super::view::Align::Start => room.top,
        _ => room.top + (room.height() - line_height * view.lines.len() as i32) / 2,
    };
    let line = ((at.y - top) / line_height.max(1)).clamp(0, view.lines.len() as i32 - 1) as usize;
    let mut caret = 0;
    let text: Vec<char> = view.text.chars().collect();
    for before in &view.lines[..line] {
        caret += before.chars().count();
        if text.get(caret) == Some(&'\n') {
            caret += 1;
        }
    }
    let mut x = room.left as f32;
    for character in view.lines[line].chars() {
        let mut cell = [0_u8; 4];
        let width = fonts::width(character.encode_utf8(&mut cell), view.style.text_size);
        if x + width / 2.0 > at.x as f32 {
            break;
        }
        x += width;
        caret += 1;
    }
    caret
}
