//! Touching, typing, scrolling. Each act says beforehand that it acts, so that what was known of the screen is old.

use std::time::Duration;

use shared::pack::failure::FailureKind;
use shared::screen::find::selector::is_empty_field;
use shared::screen::{Bounds, Node};

use super::failure::Failure;
use super::host::{Host, MOST_SECRETS};
use super::wait::NodeRef;
use crate::device::{DeviceError, Key};
use crate::driver::arrival::{field_text, focused_field};

/// A finger that is held.
pub(super) const HOLD: Duration = Duration::from_secs(1);
/// What lies over a node and goes by itself is gone by then.
const COVERED_PATIENCE: Duration = Duration::from_secs(15);
const COVERED_PAUSE: Duration = Duration::from_secs(1);
/// A finger's way over the screen.
const SWIPE: Duration = Duration::from_millis(350);
/// A field gets the focus, a keyboard comes up.
const FOCUS: Duration = Duration::from_secs(4);
/// After a scroll, until the list stands.
const SCROLLED: Duration = Duration::from_millis(500);
/// More swipes than any list needs.
const MOST_SWIPES: i64 = 100;

/// What a script names: an element, or a node that it found.
#[derive(Debug, Clone)]
pub(super) enum Target {
    Element(String),
    Node(NodeRef),
}

/// How a text is typed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Typing {
    /// Look whether it arrived.
    pub(super) check: bool,
    /// Empty the field first.
    pub(super) clear: bool,
}

impl Default for Typing {
    fn default() -> Self {
        Self {
            check: true,
            clear: true,
        }
    }
}

impl Host {
    /// The node on the screen as it is now. A node that was found before something was done is looked for again: it
    /// must still be what it was.
    pub(super) async fn resolve(&self, target: &Target) -> Result<NodeRef, Failure> {
        match target {
            Target::Element(name) => {
                if let Some(node) = self.find(name).await? {
                    return Ok(node);
                }
                let dump = self.screen().await?;
                Err(self.missing(std::slice::from_ref(name), Some(&dump), Duration::ZERO))
            }
            Target::Node(old) => {
                self.note(old.element.as_deref(), None);
                let dump = self.screen().await?;
                if dump.number == old.dump.number {
                    return Ok(old.clone());
                }
                let was = old.node();
                let same = dump
                    .hierarchy
                    .screen
                    .nodes()
                    .filter(|node| is_same(&was, node))
                    .min_by_key(|node| moved(&was.bounds(), &node.bounds()))
                    .map(|node| node.index());
                match same {
                    Some(index) => Ok(NodeRef {
                        dump,
                        index,
                        element: old.element.clone(),
                    }),
                    None => Err(Failure {
                        element: old.element.clone(),
                        ..Failure::new(
                            FailureKind::ElementMissing,
                            format!("{} is no longer on the screen", self.call(old)),
                        )
                    }),
                }
            }
        }
    }

    /// How a message names a node.
    fn call(&self, node: &NodeRef) -> String {
        match &node.element {
            Some(element) => element.clone(),
            None => describe(&node.node()),
        }
    }

    /// Where a touch reaches the node; fails where something else lies over all of it.
    fn point(&self, node: &NodeRef) -> Result<(i32, i32), Failure> {
        if let Some(front) = &node.dump.elsewhere {
            return Err(Failure::new(
                FailureKind::UnexpectedScreen,
                format!("{front} is in front instead of {}", self.package),
            ));
        }
        let search = self.search(&node.dump);
        let point = search.touch_point(node.node()).map_err(|over| Failure {
            element: node.element.clone(),
            ..Failure::new(
                FailureKind::UnexpectedScreen,
                format!("{} is covered by {}", self.call(node), describe(&over)),
            )
        })?;
        self.detail(&format!(
            "at {},{} of {}",
            point.0,
            point.1,
            describe(&node.node())
        ));
        Ok(point)
    }

    pub(super) async fn tap(&self, target: &Target) -> Result<(), Failure> {
        let (x, y) = self.reachable(target).await?;
        self.acts_now();
        Ok(self.device.tap(x, y).await?)
    }

    /// Waits for what covers the node to go by itself, as a notification's banner does; what stays is a failure. The
    /// last thing before the touch is a look whether it still goes where it was meant to go.
    async fn reachable(&self, target: &Target) -> Result<(i32, i32), Failure> {
        let began = self.pace.elapsed();
        let named = matches!(target, Target::Element(_));
        loop {
            let node = self.resolve(target).await?;
            let late = self.pace.elapsed().saturating_sub(began) > COVERED_PATIENCE;
            match self.point(&node) {
                Ok(point) if self.still_there(&node, named, point).await? => return Ok(point),
                Ok(_) if late => return Err(self.never_still(&node)),
                Ok(_) => {}
                Err(covered) if late => return Err(covered),
                Err(_) => self.sleep(COVERED_PAUSE).await,
            }
            self.look().await?;
        }
    }

    fn never_still(&self, node: &NodeRef) -> Failure {
        Failure {
            element: node.element.clone(),
            ..Failure::new(
                FailureKind::UnexpectedScreen,
                format!(
                    "the screen changes all the time: {} is never where it was seen",
                    self.call(node)
                ),
            )
        }
    }

    pub(super) async fn tap_if(&self, name: &str) -> Result<bool, Failure> {
        match self.find(name).await? {
            Some(node) => {
                self.tap(&Target::Node(node)).await?;
                Ok(true)
            }
            None => Ok(false),
        }
    }

    pub(super) async fn long_press(&self, target: &Target, hold: Duration) -> Result<(), Failure> {
        let (x, y) = self.reachable(target).await?;
        self.acts_now();
        // The phone's own time decides what counts as long.
        Ok(self.device.long_press(x, y, hold).await?)
    }

    pub(super) async fn tap_at(&self, x: f64, y: f64) -> Result<(), Failure> {
        if !(0.0..=100.0).contains(&x) || !(0.0..=100.0).contains(&y) {
            return Err(Failure::script(format!(
                "tap_at({x}, {y}): both are percent, 0 to 100"
            )));
        }
        let dump = self.screen().await?;
        let whole = whole(dump.hierarchy.screen.nodes());
        let at =
            |low: i32, high: i32, percent: f64| low + ((f64::from(high - low - 1)) * percent / 100.0) as i32;
        let (x, y) = (at(whole.left, whole.right, x), at(whole.top, whole.bottom, y));
        if !self.still_under(&dump, (x, y)).await? {
            self.look().await?;
            return Err(Failure::new(
                FailureKind::UnexpectedScreen,
                format!("what was at {x},{y} is no longer there: nothing was touched"),
            ));
        }
        self.detail(&format!("at {x},{y}"));
        self.acts_now();
        Ok(self.device.tap(x, y).await?)
    }

    /// The finger goes that way, over `from` to `to` percent of the area.
    pub(super) async fn swipe(
        &self,
        direction: &str,
        inside: Option<&Target>,
        from: f64,
        to: f64,
        time: Option<Duration>,
    ) -> Result<(), Failure> {
        let area = match inside {
            Some(target) => self.resolve(target).await?.node().bounds(),
            None => whole(self.screen().await?.hierarchy.screen.nodes()),
        };
        let (x, y) = area.center();
        let part = |low: i32, high: i32, percent: f64| {
            low + (f64::from(high - low - 1) * percent.clamp(0.0, 100.0) / 100.0) as i32
        };
        let (start, end) = match direction {
            "up" => (
                (x, part(area.top, area.bottom, from)),
                (x, part(area.top, area.bottom, to)),
            ),
            "down" => (
                (x, part(area.top, area.bottom, to)),
                (x, part(area.top, area.bottom, from)),
            ),
            "left" => (
                (part(area.left, area.right, from), y),
                (part(area.left, area.right, to), y),
            ),
            "right" => (
                (part(area.left, area.right, to), y),
                (part(area.left, area.right, from), y),
            ),
            other => {
                return Err(Failure::script(format!(
                    "swipe({other:?}): the direction is up, down, left or right"
                )));
            }
        };
        self.detail(direction);
        self.acts_now();
        Ok(self.device.swipe(start, end, time.unwrap_or(SWIPE)).await?)
    }

    /// Swipes until the element shows, or the screen does not change any more.
    pub(super) async fn scroll_to(&self, name: &str, direction: &str, most: i64) -> Result<NodeRef, Failure> {
        let mut before = 0;
        for _ in 0..=most.clamp(0, MOST_SWIPES) {
            if let Some(node) = self.find(name).await? {
                return Ok(node);
            }
            let dump = self.screen().await?;
            if dump.hash == before {
                break;
            }
            before = dump.hash;
            self.swipe(direction, None, 70.0, 30.0, None).await?;
            self.sleep(SCROLLED).await;
        }
        let dump = self.screen().await?;
        Err(self.missing(&[name.to_owned()], Some(&dump), Duration::ZERO))
    }

    /// Gives a field the focus.
    async fn focus(&self, target: &Target) -> Result<(), Failure> {
        let node = self.resolve(target).await?;
        if !node.node().flags().focused() {
            self.tap(&Target::Node(node)).await?;
        }
        let focused = self
            .until(FOCUS, |dump| focused_field(&dump.hierarchy.screen).map(drop))
            .await?;
        focused.map_err(|_| Failure::from(DeviceError::NoFocus))
    }

    /// Empties the field that has the focus, where anything stands in it.
    async fn empty_focused(&self) -> Result<(), Failure> {
        let dump = self.screen().await?;
        let full = focused_field(&dump.hierarchy.screen)
            .is_some_and(|field| !is_empty_field(&field) && !field_text(&field).is_empty());
        if full {
            self.acts_now();
            self.device.clear_text().await?;
        }
        Ok(())
    }

    pub(super) async fn clear(&self, target: &Target) -> Result<(), Failure> {
        self.focus(target).await?;
        self.empty_focused().await
    }

    pub(super) async fn type_text(&self, target: &Target, text: &str, typing: Typing) -> Result<(), Failure> {
        self.focus(target).await?;
        if typing.clear {
            self.empty_focused().await?;
        }
        self.detail(text);
        self.acts_now();
        if typing.check {
            self.device.type_text(text).await?;
        } else {
            self.device.insert_text(text).await?;
        }
        Ok(())
    }

    /// Types what is shown nowhere; it is kept in memory, to be masked where the phone shows it.
    pub(super) async fn type_secret(
        &self,
        target: &Target,
        secret: &shared::secret::SecretText,
    ) -> Result<(), Failure> {
        {
            let mut state = self.state();
            if state.typed.len() >= MOST_SECRETS {
                return Err(Failure::script(format!(
                    "more than {MOST_SECRETS} secrets typed in one run"
                )));
            }
            if !state.typed.contains(secret) {
                state.typed.push(secret.clone());
            }
        }
        self.focus(target).await?;
        self.empty_focused().await?;
        self.detail("***");
        self.acts_now();
        Ok(self.device.type_text(secret.expose()).await?)
    }

    pub(super) async fn key(&self, name: &str) -> Result<(), Failure> {
        let key = match name.to_ascii_lowercase().as_str() {
            "home" => Key::Home,
            "back" => Key::Back,
            "recents" => Key::Recents,
            "enter" => Key::Enter,
            "delete" => Key::Delete,
            "tab" => Key::Tab,
            "escape" => Key::Escape,
            "menu" => Key::Menu,
            number => match number.parse::<u16>() {
                Ok(code @ 1..=999) => Key::Code(code),
                _ => {
                    return Err(Failure::script(format!(
                        "key({name:?}): allowed are home, back, recents, enter, delete, tab, escape, menu, or Android's number"
                    )));
                }
            },
        };
        self.detail(name);
        self.acts_now();
        Ok(self.device.key(key).await?)
    }

    pub(super) async fn hide_keyboard(&self) -> Result<bool, Failure> {
        if !self.device.keyboard_shown().await? {
            return Ok(false);
        }
        self.acts_now();
        self.device.key(Key::Back).await?;
        self.sleep(SCROLLED).await;
        Ok(true)
    }

    /// Back as navigation: a keyboard would take the key for itself.
    pub(super) async fn back(&self) -> Result<(), Failure> {
        self.hide_keyboard().await?;
        self.acts_now();
        Ok(self.device.key(Key::Back).await?)
    }
}

/// The largest window is the screen.
fn whole<'a>(nodes: impl Iterator<Item = Node<'a>>) -> Bounds {
    let roots = nodes.filter(|node| node.parent().is_none());
    roots
        .map(|node| node.bounds())
        .max_by_key(|bounds| {
            (i64::from(bounds.right) - i64::from(bounds.left))
                * (i64::from(bounds.bottom) - i64::from(bounds.top))
        })
        .unwrap_or_default()
}

pub(super) fn is_same(a: &Node<'_>, b: &Node<'_>) -> bool {
    a.class() == b.class()
        && a.resource_id() == b.resource_id()
        && a.text() == b.text()
        && a.description() == b.description()
        && a.package() == b.package()
        && !b.bounds().is_empty()
}

fn moved(a: &Bounds, b: &Bounds) -> i64 {
    let ((ax, ay), (bx, by)) = (a.center(), b.center());
    (i64::from(ax) - i64::from(bx)).abs() + (i64::from(ay) - i64::from(by)).abs()
}

/// A node in a message: what a person would call it.
pub(super) fn describe(node: &Node<'_>) -> String {
    let class = node.class().rsplit('.').next().unwrap_or_default();
    let id = node.resource_id().rsplit('/').next().unwrap_or_default();
    let label = [node.text(), node.description()]
        .into_iter()
        .find(|text| !text.is_empty() && !node.flags().password());
    match (label, id) {
        (Some(label), _) => format!("{class} {:?}", super::step::cut(label)),
        (None, "") => format!("{class} {}", node.bounds()),
        (None, id) => format!("{class} #{id}"),
    }
}
