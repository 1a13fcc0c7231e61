//! What lies over what. A dump tells no depth: what stands later among siblings is drawn later, and of two windows
//! the smaller one lies on top (a dialog, a keyboard), of equals the one that is dumped first, the active one.
//!
//! Empty containers are everywhere on top; only the part of a branch in which there is something to read or to touch
//! covers what lies under it.

use crate::screen::{Bounds, Node, Screen};

/// For each node the box around everything in its branch that a person could see or touch.
#[derive(Debug)]
pub(super) struct Layers {
    boxes: Vec<Bounds>,
    windows: Vec<usize>,
}

impl Layers {
    pub(super) fn of(screen: &Screen) -> Self {
        let mut boxes: Vec<Bounds> = screen
            .nodes()
            .map(|node| {
                if is_content(&node) {
                    node.bounds()
                } else {
                    Bounds::default()
                }
            })
            .collect();
        let mut windows = Vec::new();
        for node in screen.nodes().rev() {
            match node.parent() {
                Some(parent) => boxes[parent.index()] = union(boxes[parent.index()], boxes[node.index()]),
                None => windows.push(node.index()),
            }
        }
        windows.reverse();
        Self { boxes, windows }
    }

    /// How many branches and windows lie over the middle of a node.
    pub(super) fn covered(&self, screen: &Screen, index: usize) -> usize {
        let node = screen.node(index);
        let (x, y) = node.bounds().center();
        let mut over = 0;
        let mut branch = node;
        while let Some(parent) = branch.parent() {
            let later = std::iter::successors(branch.next(), Node::next);
            over += later
                .filter(|other| self.boxes[other.index()].contains(x, y))
                .count();
            branch = parent;
        }
        over + self
            .windows
            .iter()
            .filter(|window| {
                self.boxes[**window].contains(x, y) && self.is_above(screen, **window, branch.index())
            })
            .count()
    }

    /// The topmost clickable node at a point.
    pub(super) fn touched_at<'a>(&self, screen: &'a Screen, x: i32, y: i32) -> Option<Node<'a>> {
        let mut hit: Option<(usize, Node<'a>)> = None;
        for window in &self.windows {
            let root = screen.node(*window);
            if !root.bounds().contains(x, y) {
                continue;
            }
            let touched = (root.index()..root.end())
                .rev()
                .map(|index| screen.node(index))
                .find(|node| is_touchable(node) && node.bounds().contains(x, y));
            if let Some(node) = touched
                && hit.is_none_or(|(other, _)| self.is_above(screen, *window, other))
            {
                hit = Some((*window, node));
            }
        }
        hit.map(|(_, node)| node)
    }

    fn is_above(&self, screen: &Screen, window: usize, other: usize) -> bool {
        let area = |index: usize| {
            let bounds = screen.node(index).bounds();
            let side = |low: i32, high: i32| i64::from(high) - i64::from(low);
            side(bounds.left, bounds.right) * side(bounds.top, bounds.bottom)
        };
        (area(window), window) < (area(other), other)
    }
}

fn is_touchable(node: &Node<'_>) -> bool {
    let flags = node.flags();
    flags.clickable() || flags.long_clickable() || flags.checkable()
}

fn is_content(node: &Node<'_>) -> bool {
    !node.bounds().is_empty()
        && (is_touchable(node) || !node.text().is_empty() || !node.description().is_empty())
}

fn union(a: Bounds, b: Bounds) -> Bounds {
    if a.is_empty() {
        return b;
    }
    if b.is_empty() {
        return a;
    }
    Bounds {
        left: a.left.min(b.left),
        top: a.top.min(b.top),
        right: a.right.max(b.right),
        bottom: a.bottom.max(b.bottom),
    }
}
