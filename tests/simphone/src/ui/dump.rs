//! The hierarchy XML: as the phone's own `uiautomator` writes it, and as the resident server does.

use std::fmt::Write as _;

use super::Ui;
use super::display::Display;
use super::task::Target;
use super::view::{Rect, Shape, View};
use super::window::Window;
use crate::phone::Phone;

/// Which program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// /system/bin/uiautomator of that SDK.
    Platform(u32),
    /// The resident server, with the attributes of androidx.test.uiautomator.
    Resident(u32),
}

/// How a hierarchy is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DumpOptions {
    /// Every window, not the active one alone.
    pub all_windows: bool,
    /// Without nodes that mean nothing to a person who cannot see them.
    pub compressed: bool,
    pub max_depth: usize,
    /// The resident server's attributes rather than the platform's.
    pub resident: bool,
}

impl Ui {
    /// The hierarchy XML. `uiautomator dump` sees the active window only; the resident server sees all windows.
    pub fn dump(&self, phone: &Phone, all_windows: bool) -> String {
        let options = DumpOptions {
            all_windows,
            compressed: false,
            max_depth: 50,
            resident: all_windows,
        };
        self.dump_with(phone, options)
    }

    pub fn dump_with(&self, phone: &Phone, options: DumpOptions) -> String {
        let display = Display::of(phone);
        let sdk = phone.spec.personality.sdk;
        let mut writer = Writer {
            out: String::with_capacity(16_384),
            screen: display.whole(),
            dialect: if options.resident {
                Dialect::Resident(sdk)
            } else {
                Dialect::Platform(sdk)
            },
            compressed: options.compressed,
        };
        writer
            .out
            .push_str("<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>");
        if options.resident {
            writer.out.push_str("\r\n");
        }
        let windows = self.dump_roots(phone, options.all_windows);
        let _ = write!(writer.out, "<hierarchy rotation=\"{}\"", display.rotation);
        if windows.is_empty() {
            writer.out.push_str(" />");
            return writer.out;
        }
        writer.out.push('>');
        for (index, window) in windows.iter().enumerate() {
            let package = &window.package;
            writer.node(&window.root, package, index_of(options, index), options.max_depth);
        }
        writer.out.push_str("</hierarchy>");
        writer.out
    }

    /// The windows that a dump shows: the active one first, the others from the front to the back.
    fn dump_roots(&self, phone: &Phone, all: bool) -> Vec<Window> {
        if !self.screen_on {
            return Vec::new();
        }
        let mut windows = self.windows(phone);
        let active = windows.iter().rposition(|window| window.focusable);
        let Some(active) = active.map(|at| windows.remove(at)) else {
            return Vec::new();
        };
        let mut roots = vec![active];
        if all {
            windows.retain(|window| !roots[0].modal || !window.focusable);
            roots.extend(windows.into_iter().rev());
        }
        roots
    }

    /// All nodes of all windows as the resident server walks them: parents before children, the active window first.
    pub(crate) fn seen_nodes(&self, phone: &Phone) -> Vec<Seen> {
        let mut out = Vec::new();
        for window in self.dump_roots(phone, true) {
            add_nodes(&window, &window.root, None, 0, &mut out);
        }
        out
    }

    /// The launcher's tree, whatever is in front: what a stale accessibility cache answers.
    pub fn dump_stale(&self, phone: &Phone) -> String {
        let mut fresh = Self::boot(&self.spec);
        fresh.now = self.now;
        fresh.dump(phone, false)
    }
}

/// A node with its place in the tree.
pub(crate) struct Seen {
    pub(crate) view: View,
    pub(crate) package: String,
    pub(crate) parent: Option<usize>,
    pub(crate) index: usize,
    pub(crate) children: usize,
    pub(crate) target: Target,
}

impl Seen {
    /// The text that accessibility tells: a hint stands for an empty field's.
    pub(crate) fn text(&self) -> String {
        shown(&self.view)
    }
}

fn add_nodes(window: &Window, view: &View, parent: Option<usize>, index: usize, out: &mut Vec<Seen>) {
    let at = out.len();
    let mut children = Vec::new();
    collect(view, false, &mut children);
    let mut alone = view.clone();
    alone.children = Vec::new();
    out.push(Seen {
        view: alone,
        package: window.package.clone(),
        parent,
        index,
        children: children.len(),
        target: super::touch::page_of(window, view),
    });
    for (index, child) in children.into_iter().enumerate() {
        add_nodes(window, child, Some(at), index, out);
    }
}

fn collect<'a>(view: &'a View, compressed: bool, out: &mut Vec<&'a View>) {
    for child in &view.children {
        if child.hidden || child.seen.is_empty() && child.children.iter().all(|inner| inner.seen.is_empty()) {
            continue;
        }
        if child.plain || (compressed && unimportant(child)) {
            collect(child, compressed, out);
        } else {
            out.push(child);
        }
    }
}

fn index_of(options: DumpOptions, index: usize) -> usize {
    if options.resident { index } else { 0 }
}

struct Writer {
    out: String,
    screen: Rect,
    dialect: Dialect,
    compressed: bool,
}

impl Writer {
    fn node(&mut self, view: &View, package: &str, index: usize, depth: usize) {
        self.out.push_str("<node");
        if naf(view) {
            self.text("NAF", "true");
        }
        self.text("index", &index.to_string());
        self.text("text", &shown(view));
        self.text("resource-id", &view.id);
        self.text("class", &view.class);
        self.text("package", package);
        self.text("content-desc", &view.desc);
        self.flag("checkable", view.checkable);
        self.flag("checked", view.checked);
        self.flag("clickable", view.clickable);
        self.flag("enabled", !view.disabled);
        self.flag("focusable", view.focusable);
        self.flag("focused", view.focused);
        self.flag("scrollable", view.scrollable && view.reach > 0);
        self.flag("long-clickable", view.long_clickable);
        self.flag("password", view.password);
        self.flag("selected", view.selected);
        self.tail(view, index);
        let children = self.children(view, depth);
        if children.is_empty() {
            self.out.push_str(" />");
            return;
        }
        self.out.push('>');
        for (index, child) in children.into_iter().enumerate() {
            self.node(child, package, index, depth - 1);
        }
        self.out.push_str("</node>");
    }

    /// What differs between the programs and their ages.
    fn tail(&mut self, view: &View, index: usize) {
        let seen = view.seen.meet(&self.screen);
        let bounds = format!("[{},{}][{},{}]", seen.left, seen.top, seen.right, seen.bottom);
        let (visible, order_hint, display) = match self.dialect {
            Dialect::Platform(sdk) => (sdk >= 33, sdk >= 34, false),
            Dialect::Resident(sdk) => (true, true, sdk >= 30),
        };
        if visible {
            self.flag("visible-to-user", true);
        }
        self.text("bounds", &bounds);
        if order_hint {
            self.text("drawing-order", &(index + 1).to_string());
            self.text("hint", &view.hint);
        }
        if display {
            self.text("display-id", "0");
        }
    }

    /// The children that accessibility knows; those that are only drawn give way to their own children.
    fn children<'a>(&self, view: &'a View, depth: usize) -> Vec<&'a View> {
        let mut out = Vec::new();
        if depth > 0 {
            collect(view, self.compressed, &mut out);
        }
        out
    }

    fn flag(&mut self, name: &str, value: bool) {
        self.text(name, if value { "true" } else { "false" });
    }

    fn text(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        for character in value.chars() {
            match character {
                '&' => self.out.push_str("&amp;"),
                '<' => self.out.push_str("&lt;"),
                '>' => self.out.push_str("&gt;"),
                '"' => self.out.push_str("&quot;"),
                '\n' | '\r' | '\t' => drop(write!(self.out, "&#{};", character as u32)),
                _ if character as u32 > 0xffff => self.out.push_str(".."),
                _ if forbidden(character) => self.out.push('.'),
                _ => self.out.push(character),
            }
        }
        self.out.push('"');
    }
}

/// Characters that the dumper replaces.
fn forbidden(character: char) -> bool {
    matches!(character,
        '\u{1}'..='\u{8}' | '\u{b}'..='\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{84}' | '\u{86}'..='\u{9f}'
        | '\u{fdd0}'..='\u{fddf}' | '\u{fffe}'..='\u{ffff}')
}

/// The text that is exported: a hint stands for the text of an empty field, bullets for a password.
fn shown(view: &View) -> String {
    if view.text.is_empty() {
        return view.hint.clone();
    }
    if view.password {
        return "•".repeat(view.text.chars().count());
    }
    view.text.clone()
}

/// Not accessibility friendly: to be tapped, but nothing tells what it is.
fn naf(view: &View) -> bool {
    let excluded = ["GridView", "GridLayout", "ListView", "TableLayout"];
    let labelled = |view: &View| !view.desc.is_empty() || !shown(view).is_empty();
    view.clickable
        && !view.disabled
        && !excluded.iter().any(|class| view.class.ends_with(class))
        && view.find(&labelled).is_none()
}

fn unimportant(view: &View) -> bool {
    view.text.is_empty()
        && view.desc.is_empty()
        && view.hint.is_empty()
        && !view.takes_touch()
        && !view.checkable
        && !matches!(view.shape, Shape::Progress | Shape::Slider)
}
