//! From a named element to nodes of a screen.
//!
//! An [`Element`] has alternatives in the order of trial; the first that matches a node counts, and which one it was
//! is told. Only nodes of the wanted app and of listed system packages count, nodes without area never; what lies on
//! top comes before what it covers. Pure: knows neither phones nor where elements are written.

mod layers;
pub mod plain;
pub mod selector;
pub mod story;

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Node, Screen};
use layers::Layers;
use selector::{Alternative, PackageRule, Relation, Version};

/// How deep elements may refer to one another; cycles are refused where elements are read.
const MAX_REFERENCES: usize = 16;

/// A named element.
#[derive(Debug, Clone)]
pub struct Element {
    pub name: String,
    pub help: String,
    /// Its facts are guessed.
    pub experimental: bool,
    pub alternatives: Vec<Alternative>,
    /// Where it is written.
    pub line: usize,
}

/// All elements of a pack, by name.
pub type Elements = BTreeMap<String, Element>;

/// Whose nodes count, and what decides between alternatives.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// The app's own packages.
    pub packages: Vec<String>,
    /// Dialogs of the system that may cover it.
    pub system: Vec<String>,
    /// The phone's language as "fr"; unknown where `None`.
    pub language: Option<String>,
    pub app_version: Option<Version>,
}

/// What an element is on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which alternative matched, from 0.
    pub alternative: usize,
    /// Indexes of nodes, the topmost first, then in document order.
    pub nodes: Vec<usize>,
}

/// Finds elements on one screen; what was found is kept, as relations ask for the same elements again and again.
#[derive(Debug)]
pub struct Search<'a> {
    screen: &'a Screen,
    elements: &'a Elements,
    view: &'a View,
    layers: OnceCell<Layers>,
    known: RefCell<BTreeMap<String, Option<Rc<Found>>>>,
}

impl<'a> Search<'a> {
    pub fn new(screen: &'a Screen, elements: &'a Elements, view: &'a View) -> Self {
        Self {
            screen,
            elements,
            view,
            layers: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    pub fn screen(&self) -> &'a Screen {
        self.screen
    }

    /// The element on the whole screen; `None` where it is not there, or no element has that name.
    pub fn find(&self, name: &str) -> Option<Rc<Found>> {
        self.find_at(name, 0)
    }

    /// The same among the descendants of a node.
    pub fn find_in(&self, name: &str, within: Node<'a>) -> Option<Found> {
        let element = self.elements.get(name)?;
        self.first_match(element, Some(within), 0)
    }

    fn find_at(&self, name: &str, depth: usize) -> Option<Rc<Found>> {
        if depth > MAX_REFERENCES {
            return None;
        }
        if let Some(known) = self.known.borrow().get(name) {
            return known.clone();
        }
        let element = self.elements.get(name)?;
        let found = self.first_match(element, None, depth).map(Rc::new);
        self.known.borrow_mut().insert(name.to_owned(), found.clone());
        found
    }

    /// The first alternative that matches something on top; where all matches are covered, the first that matches.
    fn first_match(&self, element: &Element, within: Option<Node<'a>>, depth: usize) -> Option<Found> {
        let mut covered = None;
        for (number, alternative) in self.in_order_of_trial(element) {
            let mut nodes = self.matches(alternative, within, depth);
            self.sort(&mut nodes, alternative, depth);
            if let Some(nth) = alternative.nth {
                nodes = pick(&nodes, nth);
            }
            let Some(first) = nodes.first() else { continue };
            let on_top = self.layers().covered(self.screen, *first) == 0;
            let found = Found {
                alternative: number,
                nodes,
            };
            if on_top {
                return Some(found);
            }
            covered.get_or_insert(found);
        }
        covered
    }

    /// Alternatives for other versions of the app are left out; those for other languages come last, as an app may
    /// be set to another language than its phone.
    pub(super) fn in_order_of_trial<'e>(
        &self,
        element: &'e Element,
    ) -> impl Iterator<Item = (usize, &'e Alternative)> {
        let language = self.view.language.clone();
        let version = self.view.app_version.clone();
        let foreign = move |alternative: &Alternative| match (&alternative.lang, &language) {
            (Some(wanted), Some(spoken)) => wanted != spoken,
            _ => false,
        };
        let fits = move |alternative: &Alternative| match (&alternative.app, &version) {
            (Some(range), Some(version)) => range.contains(version),
            _ => true,
        };
        let mut order: Vec<_> = element
            .alternatives
            .iter()
            .enumerate()
            .filter(|(_, alternative)| fits(alternative))
            .collect();
        order.sort_by_key(|(_, alternative)| foreign(alternative));
        order.into_iter()
    }

    fn matches(&self, alternative: &Alternative, within: Option<Node<'a>>, depth: usize) -> Vec<usize> {
        let range = match within {
            Some(node) => node.index() + 1..node.end(),
            None => 0..self.screen.nodes().len(),
        };
        let mut nodes = Vec::new();
        for index in range {
            let node = self.screen.node(index);
            // Few nodes hold, so that is asked first.
            if alternative.holds(&node) && self.counts(&node, &alternative.package) {
                nodes.push(index);
            }
        }
        if let Some(wanted) = alternative.covered {
            nodes.retain(|index| (self.layers().covered(self.screen, *index) > 0) == wanted);
        }
        for (relation, name) in &alternative.relations {
            if nodes.is_empty() {
                break;
            }
            let anchors = self.find_at(name, depth + 1);
            let anchors: &[usize] = anchors.as_ref().map_or(&[], |found| &found.nodes);
            nodes.retain(|index| self.related(*index, *relation, anchors));
        }
        nodes
    }

    /// Whether a node may be found at all.
    pub(super) fn counts(&self, node: &Node<'_>, rule: &PackageRule) -> bool {
        if node.bounds().is_empty() {
            return false;
        }
        match rule {
            PackageRule::Any => true,
            PackageRule::Named(names) => names.iter().any(|name| name == node.package()),
            PackageRule::Usual => {
                let package = node.package();
                self.view.packages.iter().any(|name| name == package)
                    || self.view.system.iter().any(|name| name == package)
            }
        }
    }

    fn related(&self, index: usize, relation: Relation, anchors: &[usize]) -> bool {
        let node = self.screen.node(index);
        let any = |holds: fn(Node<'_>, Node<'_>) -> bool| {
            anchors
                .iter()
                .any(|anchor| *anchor != index && holds(node, self.screen.node(*anchor)))
        };
        match relation {
            Relation::Near => anchors.iter().any(|anchor| *anchor != index),
            Relation::RightOf => {
                any(|node, anchor| node.bounds().left >= anchor.bounds().right && rows_meet(&node, &anchor))
            }
            Relation::LeftOf => {
                any(|node, anchor| node.bounds().right <= anchor.bounds().left && rows_meet(&node, &anchor))
            }
            Relation::Below => any(|node, anchor| {
                node.bounds().top >= anchor.bounds().bottom && columns_meet(&node, &anchor)
            }),
            Relation::Above => any(|node, anchor| {
                node.bounds().bottom <= anchor.bounds().top && columns_meet(&node, &anchor)
            }),
            Relation::Inside => any(|node, anchor| is_inside(&node, &anchor)),
            Relation::NotInside => !any(|node, anchor| is_inside(&node, &anchor)),
            Relation::Within => any(|node, anchor| node.bounds().clipped(&anchor.bounds()) == node.bounds()),
            Relation::Has => any(|node, anchor| is_inside(&anchor, &node)),
            Relation::NotHas => !any(|node, anchor| is_inside(&anchor, &node)),
            Relation::SiblingAfter => {
                any(|node, anchor| node.previous().is_some_and(|other| other == anchor))
            }
            Relation::SiblingBefore => any(|node, anchor| node.next().is_some_and(|other| other == anchor)),
        }
    }

    /// The topmost first; where the alternative names a place, the nearest to it first; else in document order.
    fn sort(&self, nodes: &mut [usize], alternative: &Alternative, depth: usize) {
        if nodes.len() < 2 {
            return;
        }
        let anchors: Vec<usize> = alternative
            .relations
            .iter()
            .filter(|(relation, _)| relation.is_place())
            .filter_map(|(_, name)| self.find_at(name, depth + 1))
            .flat_map(|found| found.nodes.clone())
            .collect();
        let layers = self.layers();
        nodes.sort_by_cached_key(|index| {
            let distance = anchors
                .iter()
                .map(|anchor| distance(&self.screen.node(*index), &self.screen.node(*anchor)))
                .min();
            (layers.covered(self.screen, *index), distance, *index)
        });
    }

    fn layers(&self) -> &Layers {
        self.layers.get_or_init(|| Layers::of(self.screen))
    }

    /// How many things lie over the middle of a node.
    pub fn covered(&self, index: usize) -> usize {
        self.layers().covered(self.screen, index)
    }

    /// What a finger at this point would touch: the topmost clickable node there.
    pub fn touched_at(&self, x: i32, y: i32) -> Option<Node<'a>> {
        self.layers().touched_at(self.screen, x, y)
    }

    /// Where to touch a node so that the touch reaches it: its middle, else another point of it that is free.
    /// What lies over it where there is none.
    pub fn touch_point(&self, node: Node<'a>) -> Result<(i32, i32), Node<'a>> {
        let bounds = node.bounds();
        let middle = bounds.center();
        let reaches = |point: (i32, i32)| self.in_the_way(node, point).map_or(Ok(()), Err);
        let over = match reaches(middle) {
            Ok(()) => return Ok(middle),
            Err(over) => over,
        };
        let quarter = |low: i32, high: i32, part: i64| {
            i32::try_from(i64::from(low) + (i64::from(high) - i64::from(low)) * part / 4).unwrap_or(low)
        };
        for (part_x, part_y) in [(1, 2), (3, 2), (2, 1), (2, 3), (1, 1), (3, 1), (1, 3), (3, 3)] {
            let point = (
                quarter(bounds.left, bounds.right, part_x),
                quarter(bounds.top, bounds.bottom, part_y),
            );
            if bounds.contains(point.0, point.1) && reaches(point).is_ok() {
                return Ok(point);
            }
        }
        Err(over)
    }

    /// Whether a touch at this point of the node reaches it.
    pub fn reaches(&self, node: Node<'a>, point: (i32, i32)) -> bool {
        node.bounds().contains(point.0, point.1) && self.in_the_way(node, point).is_none()
    }

    /// What a touch at this point would hit instead of the node.
    fn in_the_way(&self, node: Node<'a>, (x, y): (i32, i32)) -> Option<Node<'a>> {
        let hit = self.touched_at(x, y)?;
        let own = hit == node || is_inside(&hit, &node) || is_inside(&node, &hit);
        (!own).then_some(hit)
    }
}

/// Whether `node` is a descendant of `outer`.
fn is_inside(node: &Node<'_>, outer: &Node<'_>) -> bool {
    node.index() > outer.index() && node.index() < outer.end()
}

fn rows_meet(a: &Node<'_>, b: &Node<'_>) -> bool {
    let (a, b) = (a.bounds(), b.bounds());
    a.top < b.bottom && b.top < a.bottom
}

fn columns_meet(a: &Node<'_>, b: &Node<'_>) -> bool {
    let (a, b) = (a.bounds(), b.bounds());
    a.left < b.right && b.left < a.right
}

/// Between two rectangles, squared; 0 where they touch. Middles decide between equals.
fn distance(a: &Node<'_>, b: &Node<'_>) -> (i64, i64) {
    let (a, b) = (a.bounds(), b.bounds());
    let gap = |low_a: i32, high_a: i32, low_b: i32, high_b: i32| {
        let (low_a, high_a) = (i64::from(low_a), i64::from(high_a));
        let (low_b, high_b) = (i64::from(low_b), i64::from(high_b));
        (low_b - high_a).max(low_a - high_b).max(0)
    };
    let (x, y) = (
        gap(a.left, a.right, b.left, b.right),
        gap(a.top, a.bottom, b.top, b.bottom),
    );
    let ((ax, ay), (bx, by)) = (a.center(), b.center());
    let (dx, dy) = (i64::from(ax) - i64::from(bx), i64::from(ay) - i64::from(by));
    let squared = |x: i64, y: i64| x.saturating_mul(x).saturating_add(y.saturating_mul(y));
    (squared(x, y), squared(dx, dy))
}

fn pick(nodes: &[usize], nth: i32) -> Vec<usize> {
    let at = if nth < 0 {
        nodes.len().checked_sub(nth.unsigned_abs() as usize)
    } else {
        Some(nth as usize)
    };
    at.and_then(|at| nodes.get(at)).copied().into_iter().collect()
}

#[cfg(test)]
mod tests;
