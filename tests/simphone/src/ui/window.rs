//! The windows on the glass, from the back to the front, each with its views laid out.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::display::{Display, language};
use super::inflate::{Inflated, Inflater, Timer};
use super::layout;
use super::page::Page;
use super::scope::Scope;
use super::task::{Running, Target};
use super::template::{Element, Layouts};
use super::view::{Fill, Rect, Shape, Size, View};
use super::{Overlay, Ui, keyboard};
use crate::app::registry;
use crate::phone::Phone;

/// A window as it stands now.
#[derive(Debug)]
pub(crate) struct Window {
    /// As `dumpsys window` names it; for activities their component.
    pub(crate) title: String,
    pub(crate) package: String,
    /// The page (or the lowest of the pages) in it.
    pub(crate) target: Target,
    pub(crate) root: View,
    pub(crate) frame: Rect,
    /// What is behind it is darkened, and no touch goes past it.
    pub(crate) modal: bool,
    /// A touch beside it closes it.
    pub(crate) cancelable: bool,
    /// Can have the focus, and be what `uiautomator dump` shows.
    pub(crate) focusable: bool,
    /// Its app forbids pictures of it (`FLAG_SECURE`): they are black there.
    pub(crate) secure: bool,
    pub(crate) timers: Vec<(Target, Timer)>,
    pub(crate) moving: bool,
}

/// What windows are made with.
struct Workshop<'a> {
    ui: &'a Ui,
    phone: &'a Phone,
    display: Display,
    language: &'static str,
    keyboard: i32,
}

impl Ui {
    /// All windows, the one at the back first.
    pub(crate) fn windows(&self, phone: &Phone) -> Vec<Window> {
        let display = Display::of(phone);
        let workshop = Workshop {
            ui: self,
            phone,
            display,
            language: language(phone),
            keyboard: if self.keyboard_up {
                keyboard::height(phone, &display)
            } else {
                0
            },
        };
        workshop.all()
    }

    /// The window that has the focus.
    pub(crate) fn active_window(&self, phone: &Phone) -> Option<Window> {
        self.windows(phone)
            .into_iter()
            .rev()
            .find(|window| window.focusable)
    }
}

impl Workshop<'_> {
    fn all(&self) -> Vec<Window> {
        let ui = self.ui;
        let mut windows = Vec::new();
        let covered = ui.locked;
        if !covered {
            for activity in ui.tasks.visible() {
                self.activity(activity, &mut windows);
            }
            if self.keyboard > 0 {
                windows.push(self.keyboard_window());
            }
            for overlay in &ui.overlays {
                windows.push(self.overlay(overlay));
            }
        }
        let display = &self.display;
        if covered {
            let name = if ui.bouncer { "pin" } else { "lock" };
            windows.push(self.system(name, display.whole(), &json!({}), true));
        }
        if ui.shade && !covered {
            windows.push(self.system("shade", display.whole(), &ui.shade_values(self.phone), true));
        }
        windows.push(self.system("status", display.status_bar(), &json!({}), false));
        if !covered {
            let values = json!({"order": nav_order(self.phone)});
            let name = if display.landscape() { "nav_side" } else { "nav" };
            windows.push(self.system(name, display.nav_bar(), &values, false));
        }
        if let Some((text, _)) = &ui.toast {
            windows.push(self.toast(text));
        }
        windows
    }

    /// Values that every layout may name.
    fn globals(&self) -> Value {
        let personality = self.phone.spec.personality;
        json!({
            "sdk": personality.sdk,
            "brand": personality.brand,
            "model": personality.model,
            "manufacturer": personality.manufacturer,
            "release": personality.release,
            "lang": self.language,
            "landscape": self.display.landscape(),
            "keyboard": self.keyboard > 0,
            "dialog_radius": if personality.sdk >= 31 { 28 } else { 6 },
            "brand_back": nav_signs(self.phone)[0],
            "brand_home": nav_signs(self.phone)[1],
            "brand_recents": nav_signs(self.phone)[2],
            "time": clock_time(),
            "date": clock_date(self.language),
        })
    }

    fn inflate(
        &self,
        layouts: &Layouts,
        screen: &Element,
        page: (&Page, usize),
        scope: &Scope<'_>,
    ) -> Inflated {
        let inflater = Inflater {
            layouts,
            common: registry::common(),
            page: page.0,
            page_at: page.1,
            ids: scope.fill(
                screen
                    .attr("ids")
                    .or(screen.attr("package"))
                    .unwrap_or("{package}"),
            ),
            language: self.language,
            scale: self.display.scale,
            timers: Vec::new(),
            moving: false,
        };
        inflater.screen(screen, scope)
    }

    /// The windows of an activity: its screens from the last one that hides what is below, dialogs in windows of
    /// their own.
    fn activity(&self, activity: &Running, windows: &mut Vec<Window>) {
        let Some(info) = registry::known(activity.package) else {
            return;
        };
        let kind = |page: &Page| {
            let screen = info.layouts.screen(&page.screen);
            screen.and_then(|screen| screen.attr("window")).unwrap_or("full")
        };
        let from = activity
            .pages
            .iter()
            .rposition(|page| kind(page) == "full")
            .unwrap_or(0);
        for (at, page) in activity.pages.iter().enumerate().skip(from) {
            let Some(screen) = info.layouts.screen(&page.screen) else {
                tracing::warn!(package = activity.package, screen = page.screen, "no such screen");
                continue;
            };
            let scope = Scope::new(self.globals());
            let version = registry::version(self.phone, info.manifest).0;
            let scope = Scope::within(
                &scope,
                Cow::Owned(json!({
                    "package": activity.package,
                    "version": version,
                    "ids": info.layouts.ids(version),
                })),
            );
            let look = self.ui.look(self.phone, self.language);
            let model = self
                .ui
                .apps
                .get(activity.package)
                .map(|app| app.model(look, page));
            let scope = Scope::within(&scope, Cow::Owned(model.unwrap_or_default()));
            let scope = Scope::within(&scope, Cow::Owned(page.values()));
            let done = self.inflate(&info.layouts, screen, (page, at), &scope);
            let target = Target::Page(activity.token, at);
            match kind(page) {
                "dialog" => windows.push(self.dialog(activity, target, screen, done)),
                "sheet" => match windows.last_mut() {
                    Some(below) => {
                        below.secure |= is_secure(screen);
                        self.lay_over(below, target, done);
                    }
                    None => windows.push(self.full(activity, target, screen, done)),
                },
                _ => windows.push(self.full(activity, target, screen, done)),
            }
        }
    }

    fn full(&self, activity: &Running, target: Target, screen_of: &Element, done: Inflated) -> Window {
        let mut content = View {
            class: "android.widget.FrameLayout".to_owned(),
            id: "android:id/content".to_owned(),
            shape: Shape::Stack,
            ..View::default()
        };
        let fill = done.root.style.fill;
        let mut screen = done.root;
        screen.style.fill = None;
        content.children.push(screen);
        let mut root = decor(content, fill);
        self.lay_out_decor(&mut root);
        Window {
            title: activity.component(),
            package: activity.package.to_owned(),
            target,
            root,
            frame: self.display.whole(),
            modal: true,
            cancelable: false,
            focusable: true,
            secure: is_secure(screen_of),
            timers: owned(target, done.timers),
            moving: done.moving,
        }
    }

    fn lay_out_decor(&self, root: &mut View) {
        let whole = self.display.whole();
        let room = self.display.content(self.keyboard);
        if let Some(content) = root
            .children
            .first_mut()
            .and_then(|wrap| wrap.children.first_mut())
        {
            content.style.width = Size::Pixels(room.width());
            content.style.height = Size::Pixels(room.height());
            content.style.margin = [room.left, room.top, 0, 0];
        }
        layout::arrange(root, whole);
    }

    /// A sheet is in the window of what it covers, so that what is behind stays in the hierarchy.
    fn lay_over(&self, below: &mut Window, target: Target, done: Inflated) {
        let content = below
            .root
            .children
            .first_mut()
            .and_then(|wrap| wrap.children.first_mut());
        if let Some(content) = content {
            content.children.push(done.root);
        }
        self.lay_out_decor(&mut below.root);
        below.timers.extend(owned(target, done.timers));
        below.moving |= done.moving;
    }

    fn dialog(&self, activity: &Running, target: Target, screen: &Element, done: Inflated) -> Window {
        let (root, frame) = self.boxed(done.root, screen);
        let own = matches!(target, Target::Page(_, 0));
        Window {
            title: if own {
                activity.component()
            } else {
                activity.package.to_owned()
            },
            // Some dialogs over an app belong to the system.
            package: screen.attr("package").unwrap_or(activity.package).to_owned(),
            target,
            root,
            frame,
            modal: true,
            cancelable: screen.attr("cancel") != Some("false"),
            focusable: true,
            secure: is_secure(screen),
            timers: owned(target, done.timers),
            moving: done.moving,
        }
    }

    /// A box of its own size in the middle (or at the bottom) of the screen, or one as large as the screen.
    fn boxed(&self, screen: View, element: &Element) -> (View, Rect) {
        if element.attr("at") == Some("whole") {
            let mut root = frame_layout(screen);
            layout::arrange(&mut root, self.display.whole());
            return (root, self.display.whole());
        }
        let room = self.display.content(self.keyboard);
        let low = element.attr("at") == Some("bottom");
        let edge = self.display.dp(if low { 12.0 } else { 26.0 });
        let widest = (room.width() - 2 * edge).min(self.display.dp(420.0));
        let mut root = frame_layout(screen);
        root.style.width = Size::Pixels(widest);
        if let Some(screen) = root.children.first_mut() {
            screen.style.height = Size::Wrap;
        }
        let (width, height) = layout::measure_wrapped(&mut root, (widest, room.height() - 2 * edge));
        let left = room.left + (room.width() - width) / 2;
        let top = if low {
            room.bottom - height - edge
        } else {
            room.top + (room.height() - height) / 2
        };
        let frame = Rect::new(left, top, width, height);
        layout::arrange(&mut root, frame);
        (root, frame)
    }

    fn overlay(&self, overlay: &Overlay) -> Window {
        let (name, package) = match overlay {
            Overlay::Crash { package, .. } => ("crash", package),
            Overlay::NotResponding { package } => ("anr", package),
        };
        let label =
            registry::known(package).map_or(package.as_str(), |app| app.manifest.label(self.language));
        let repeated = matches!(overlay, Overlay::Crash { repeated: true, .. });
        let values = json!({"app": label, "app_package": package, "repeated": repeated});
        let mut window = self.system(name, self.display.whole(), &values, true);
        window.title = match overlay {
            Overlay::Crash { package, .. } => format!("Application Error: {package}"),
            Overlay::NotResponding { package } => format!("Application Not Responding: {package}"),
        };
        window
    }

    fn keyboard_window(&self) -> Window {
        let room = self.display.content(self.keyboard);
        let frame = Rect {
            top: room.bottom,
            bottom: room.bottom + self.keyboard,
            ..room
        };
        let ime = keyboard::current(self.phone);
        let name = if keyboard::draws_keys(&ime) {
            "keyboard"
        } else {
            "keyboard_adb"
        };
        let keys = self.ui.system_pages.get("keyboard").map(Page::values);
        let held = |name: &str| {
            keys.as_ref()
                .is_some_and(|keys| keys.get(name).is_some_and(super::scope::truthy))
        };
        let values = json!({
            "ime": ime.split('/').next().unwrap_or_default(),
            "keys": keyboard::keys(self.language, held("shift"), held("symbols")),
        });
        let mut window = self.system(name, frame, &values, false);
        "InputMethod".clone_into(&mut window.title);
        window
    }

    fn toast(&self, text: &str) -> Window {
        let mut window = self.system("toast", self.display.whole(), &json!({"text": text}), false);
        let room = self.display.content(self.keyboard);
        for view in &mut window.root.children {
            view.style.width = Size::Wrap;
            view.style.height = Size::Wrap;
        }
        let widest = room.width() - self.display.dp(48.0);
        let size = layout::measure_wrapped(&mut window.root, (widest, room.height()));
        let left = room.left + (room.width() - size.0) / 2;
        let frame = Rect::new(left, room.bottom - size.1 - self.display.dp(40.0), size.0, size.1);
        layout::arrange(&mut window.root, frame);
        window.frame = frame;
        window
    }

    /// A window of the system's own layouts.
    fn system(&self, name: &'static str, frame: Rect, values: &Value, focusable: bool) -> Window {
        let layouts = registry::common();
        let none = Element::default();
        let screen = layouts.screen(name).unwrap_or(&none);
        let blank = Page::default();
        let page = self.ui.system_pages.get(name).unwrap_or(&blank);
        let scope = Scope::new(self.globals());
        let scope = Scope::within(&scope, Cow::Owned(super::act::system_values(self.phone)));
        let scope = Scope::within(&scope, Cow::Borrowed(values));
        let scope = Scope::within(&scope, Cow::Owned(page.values()));
        let done = self.inflate(layouts, screen, (page, 0), &scope);
        let dialog = screen.attr("window") == Some("dialog");
        let target = Target::System(name);
        let (root, frame) = if dialog {
            self.boxed(done.root, screen)
        } else {
            let mut root = frame_layout(done.root);
            layout::arrange(&mut root, frame);
            (root, frame)
        };
        Window {
            title: scope.fill(screen.attr("title").unwrap_or(name)),
            package: scope.fill(screen.attr("package").unwrap_or("android")),
            target,
            root,
            frame,
            modal: focusable,
            cancelable: false,
            focusable,
            secure: is_secure(screen),
            timers: owned(target, done.timers),
            moving: done.moving,
        }
    }
}

/// `secure="true"` on a screen.
fn is_secure(screen: &Element) -> bool {
    screen.attr("secure") == Some("true")
}

fn owned(target: Target, timers: Vec<Timer>) -> Vec<(Target, Timer)> {
    timers.into_iter().map(|timer| (target, timer)).collect()
}

fn frame_layout(child: View) -> View {
    View {
        class: "android.widget.FrameLayout".to_owned(),
        shape: Shape::Stack,
        children: vec![child],
        ..View::default()
    }
}

/// What every activity's content hangs in.
fn decor(content: View, fill: Option<Fill>) -> View {
    let mut column = View {
        class: "android.widget.LinearLayout".to_owned(),
        shape: Shape::Stack,
        children: vec![content],
        ..View::default()
    };
    column.style.width = Size::Match;
    column.style.height = Size::Match;
    let mut root = frame_layout(column);
    root.style.fill = fill;
    root
}

/// The three keys in the order of the make.
fn nav_order(phone: &Phone) -> &'static str {
    match phone.spec.personality.manufacturer {
        "samsung" | "Xiaomi" => "recents_first",
        _ => "back_first",
    }
}

/// How the make draws its three keys.
fn nav_signs(phone: &Phone) -> [&'static str; 3] {
    match phone.spec.personality.manufacturer {
        "samsung" => ["nav_arrow", "nav_square", "nav_lines"],
        "Xiaomi" => ["nav_arrow", "nav_square", "menu"],
        _ => ["nav_back", "nav_home", "nav_recents"],
    }
}

fn clock_time() -> String {
    jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .strftime("%H:%M")
        .to_string()
}

fn clock_date(language: &str) -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    let day = usize::from(now.weekday().to_monday_zero_offset().unsigned_abs());
    let month = usize::from(now.month().unsigned_abs()) - 1;
    if language == "fr" {
        return format!("{} {} {}", DAYS_FR[day], now.day(), MONTHS_FR[month]);
    }
    format!("{}, {} {}", DAYS[day], MONTHS[month], now.day())
}

static DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
static DAYS_FR: [&str; 7] = ["lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."];
static MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
static MONTHS_FR: [&str; 12] = [
    "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_secure_where_its_layout_says_so() {
        let text = r#"<Layouts><Screen name="pin" secure="true"/><Screen name="feed"/></Layouts>"#;
        let layouts = Layouts::parse(&[text]).unwrap();
        assert!(is_secure(layouts.screen("pin").unwrap()));
        assert!(!is_secure(layouts.screen("feed").unwrap()));
    }
}
