//! Gives every view its size and its place: first what each one wants, then what each one gets.

use super::fonts;
use super::view::{Align, Rect, Shape, Size, View};

/// Room without an end, inside of what scrolls.
const ENDLESS: i32 = 1_000_000;

/// Lays the tree out inside `frame`.
pub(crate) fn arrange(root: &mut View, frame: Rect) {
    measure(
        root,
        frame.width(),
        frame.height(),
        (Some(frame.width()), Some(frame.height())),
    );
    place(root, frame, frame);
}

/// Lays the tree out at the size that it wants, at most `room`, and tells that size.
pub(crate) fn measure_wrapped(root: &mut View, room: (i32, i32)) -> (i32, i32) {
    measure(root, room.0, room.1, (None, None));
    root.size
}

/// Finds the size of `view` when there is room for `width` × `height`; `exact` overrides what it asks for.
fn measure(view: &mut View, width: i32, height: i32, exact: (Option<i32>, Option<i32>)) {
    let fixed = (
        exact.0.or_else(|| fixed(view.style.width, width)),
        exact.1.or_else(|| fixed(view.style.height, height)),
    );
    let pad = view.style.pad;
    let (pad_x, pad_y) = (pad[0] + pad[2], pad[1] + pad[3]);
    let inner = (
        (fixed.0.unwrap_or(width) - pad_x).max(0),
        (fixed.1.unwrap_or(height) - pad_y).max(0),
    );
    let content = match view.shape {
        Shape::Column | Shape::Scroll if view.style.columns > 0 => grid(view, inner.0),
        Shape::Column => flow(view, inner, false, fixed.1.is_some()),
        Shape::Scroll => flow(view, (inner.0, ENDLESS), false, false),
        Shape::Row => flow(view, inner, true, fixed.0.is_some()),
        Shape::Strip => flow(view, (ENDLESS, inner.1), true, false),
        Shape::Stack => stack(view, inner),
        Shape::Text => text(view, inner.0),
        Shape::Icon | Shape::Check => square(view),
        Shape::Switch => {
            let (edge, _) = square(view);
            (edge * 2, edge)
        }
        Shape::Progress => (inner.0, (view.style.text_size / 3.0) as i32),
        Shape::Slider => (inner.0, (view.style.text_size * 2.0) as i32),
    };
    let (want_w, want_h) = (content.0 + pad_x, content.1 + pad_y);
    view.size = (
        fixed.0.unwrap_or_else(|| want_w.min(width)),
        fixed.1.unwrap_or_else(|| want_h.min(height)),
    );
    match view.shape {
        Shape::Scroll => view.reach = (want_h - view.size.1).max(0),
        Shape::Strip => view.reach = (want_w - view.size.0).max(0),
        _ => {}
    }
    view.offset = view.offset.clamp(0, view.reach);
}

fn fixed(size: Size, room: i32) -> Option<i32> {
    match size {
        Size::Wrap => None,
        Size::Match if room >= ENDLESS / 2 => None,
        Size::Match => Some(room),
        Size::Pixels(pixels) => Some(pixels),
        Size::Part(part) => Some((room as f32 * part) as i32),
    }
}

fn square(view: &View) -> (i32, i32) {
    let edge = (view.style.text_size * 1.7) as i32;
    (edge, edge)
}

fn text(view: &mut View, room: i32) -> (i32, i32) {
    let size = view.style.text_size;
    let shown = if view.password && !view.text.is_empty() {
        "•".repeat(view.text.chars().count())
    } else {
        view.shown_text().to_owned()
    };
    view.lines = if shown.is_empty() {
        Vec::new()
    } else {
        fonts::wrap(&shown, size, room, view.style.max_lines)
    };
    let widest = view
        .lines
        .iter()
        .map(|line| fonts::width(line, size).ceil() as i32);
    let rows = if view.field.is_some() {
        view.lines.len().max(1)
    } else {
        view.lines.len()
    };
    (widest.max().unwrap_or(0), fonts::line_height(size) * rows as i32)
}

fn stack(view: &mut View, room: (i32, i32)) -> (i32, i32) {
    let mut most = (0, 0);
    for child in &mut view.children {
        let margin = child.style.margin;
        let (margin_x, margin_y) = (margin[0] + margin[2], margin[1] + margin[3]);
        measure(child, room.0 - margin_x, room.1 - margin_y, (None, None));
        most = (
            most.0.max(child.size.0 + margin_x),
            most.1.max(child.size.1 + margin_y),
        );
    }
    most
}

/// Children in columns of one width, row under row; each row is as high as the highest in it.
fn grid(view: &mut View, width: i32) -> (i32, i32) {
    let (columns, gap) = (view.style.columns, view.style.gap);
    let cell = (width - gap * (columns as i32 - 1)) / columns as i32;
    let mut used = 0;
    for row in view.children.chunks_mut(columns) {
        for child in row.iter_mut() {
            measure(child, cell, ENDLESS, (Some(cell), None));
        }
        used += row.iter().map(|child| child.size.1).max().unwrap_or(0) + gap;
    }
    (width, (used - gap).max(0))
}

fn place_grid(view: &mut View, inner: Rect, clip: Rect) {
    let (columns, gap) = (view.style.columns, view.style.gap);
    let mut top = inner.top - view.offset;
    for row in view.children.chunks_mut(columns) {
        let height = row.iter().map(|child| child.size.1).max().unwrap_or(0);
        for (column, child) in row.iter_mut().enumerate() {
            let left = inner.left + column as i32 * (child.size.0 + gap);
            place(child, Rect::new(left, top, child.size.0, child.size.1), clip);
        }
        top += height + gap;
    }
}

/// Margins of a view along and across the direction of flow.
fn margins(view: &View, across: bool) -> (i32, i32) {
    let margin = view.style.margin;
    let (x, y) = (margin[0] + margin[2], margin[1] + margin[3]);
    if across { (x, y) } else { (y, x) }
}

/// Children one after another; those with a weight share what the others leave, if there is an end to it.
fn flow(view: &mut View, room: (i32, i32), row: bool, ended: bool) -> (i32, i32) {
    let (along, across) = if row { room } else { (room.1, room.0) };
    let gaps = view.style.gap * (view.children.len() as i32 - 1).max(0);
    let total: f32 = view.children.iter().map(|child| child.style.weight).sum();
    let shares = total > 0.0 && (ended || along < ENDLESS / 2);
    let (mut used, mut widest) = (gaps, 0);
    for child in &mut view.children {
        if shares && child.style.weight > 0.0 {
            used += margins(child, row).0;
            continue;
        }
        let (out_along, out_across) = margins(child, row);
        let left = ((along - used - out_along).max(0), (across - out_across).max(0));
        let (w, h) = if row { left } else { (left.1, left.0) };
        measure(child, w, h, (None, None));
        let size = if row {
            child.size
        } else {
            (child.size.1, child.size.0)
        };
        used += size.0 + out_along;
        widest = widest.max(size.1 + out_across);
    }
    if shares {
        let left = (along - used).max(0);
        for child in view.children.iter_mut().filter(|child| child.style.weight > 0.0) {
            let share = (left as f32 * child.style.weight / total) as i32;
            let other = (across - margins(child, row).1).max(0);
            if row {
                measure(child, share, other, (Some(share), None));
                widest = widest.max(child.size.1 + margins(child, row).1);
            } else {
                measure(child, other, share, (None, Some(share)));
                widest = widest.max(child.size.0 + margins(child, row).1);
            }
        }
        used += left;
    }
    if row { (used, widest) } else { (widest, used) }
}

fn place(view: &mut View, frame: Rect, clip: Rect) {
    view.frame = frame;
    view.seen = frame.meet(&clip);
    let inner = frame.inset(view.style.pad);
    let clip = if matches!(view.shape, Shape::Scroll | Shape::Strip) {
        clip.meet(&frame)
    } else {
        clip
    };
    match view.shape {
        Shape::Column | Shape::Scroll if view.style.columns > 0 => place_grid(view, inner, clip),
        Shape::Row | Shape::Strip => place_flow(view, inner, clip, true),
        Shape::Column | Shape::Scroll => place_flow(view, inner, clip, false),
        Shape::Stack => {
            let gravity = view.style.gravity;
            for child in &mut view.children {
                let spot = spot(child, inner, child.style.at.unwrap_or(gravity));
                place(child, spot, clip);
            }
        }
        _ => {}
    }
}

/// The frame of `child` when it stands in `room` as `at` says.
fn spot(child: &View, room: Rect, at: (Align, Align)) -> Rect {
    let room = room.inset(child.style.margin);
    let left = aligned(at.0, room.left, room.width() - child.size.0);
    let top = aligned(at.1, room.top, room.height() - child.size.1);
    Rect::new(left, top, child.size.0, child.size.1)
}

fn aligned(align: Align, start: i32, spare: i32) -> i32 {
    match align {
        Align::Start => start,
        Align::Center => start + spare / 2,
        Align::End => start + spare,
    }
}

fn place_flow(view: &mut View, inner: Rect, clip: Rect, row: bool) {
    let gravity = view.style.gravity;
    let gap = view.style.gap;
    let length: i32 = view
        .children
        .iter()
        .map(|child| margins(child, row).0 + if row { child.size.0 } else { child.size.1 })
        .sum::<i32>()
        + gap * (view.children.len() as i32 - 1).max(0);
    let (start, spare, along) = if row {
        (inner.left, inner.width() - length, gravity.0)
    } else {
        (inner.top, inner.height() - length, gravity.1)
    };
    let mut at = if view.reach > 0 {
        start - view.offset
    } else {
        aligned(along, start, spare)
    };
    for child in &mut view.children {
        let margin = child.style.margin;
        stretch(child, inner, row);
        let across = child.style.at.unwrap_or(gravity);
        let frame = if row {
            let spot = spot(child, inner, (Align::Start, across.1));
            Rect::new(at + margin[0], spot.top, child.size.0, child.size.1)
        } else {
            let spot = spot(child, inner, (across.0, Align::Start));
            Rect::new(spot.left, at + margin[1], child.size.0, child.size.1)
        };
        at = if row {
            frame.right + margin[2]
        } else {
            frame.bottom + margin[3]
        } + gap;
        place(child, frame, clip);
    }
}

/// A child that wants the whole breadth gets it, also where its parent only later learned how broad it is.
fn stretch(child: &mut View, inner: Rect, row: bool) {
    let margin = child.style.margin;
    if row && child.style.height == Size::Match {
        let height = inner.height() - margin[1] - margin[3];
        if child.size.1 != height {
            measure(child, child.size.0, height, (Some(child.size.0), Some(height)));
        }
    } else if !row && child.style.width == Size::Match {
        let width = inner.width() - margin[0] - margin[2];
        if child.size.0 != width {
            measure(child, width, child.size.1, (Some(width), Some(child.size.1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(width: Size, height: Size) -> View {
        let mut view = View::default();
        view.style.width = width;
        view.style.height = height;
        view
    }

    #[test]
    fn weights_share_what_the_others_leave() {
        let mut bar = sized(Size::Match, Size::Pixels(100));
        bar.shape = Shape::Row;
        bar.children = vec![
            sized(Size::Pixels(100), Size::Match),
            View::default(),
            View::default(),
        ];
        bar.children[1].style.weight = 1.0;
        bar.children[2].style.weight = 3.0;
        arrange(&mut bar, Rect::new(0, 0, 500, 100));
        let widths: Vec<i32> = bar.children.iter().map(|child| child.frame.width()).collect();
        assert_eq!(widths, [100, 100, 300]);
        assert_eq!(bar.children[0].frame.height(), 100);
    }

    #[test]
    fn what_scrolls_moves_its_content_and_hides_what_is_out_of_it() {
        let mut list = sized(Size::Match, Size::Match);
        list.shape = Shape::Scroll;
        list.children = (0..10).map(|_| sized(Size::Match, Size::Pixels(100))).collect();
        list.offset = 250;
        arrange(&mut list, Rect::new(0, 50, 200, 300));
        assert_eq!(list.reach, 700);
        assert!(list.children[0].seen.is_empty());
        assert_eq!(list.children[2].frame.top, 0);
        assert_eq!(list.children[2].seen, Rect::new(0, 50, 200, 50));
        list.offset = 9_999;
        arrange(&mut list, Rect::new(0, 50, 200, 300));
        assert_eq!(list.offset, 700);
        assert_eq!(list.children[9].frame.bottom, 350);
    }

    #[test]
    fn a_grid_has_rows_of_its_columns_and_moves_as_a_whole() {
        let mut grid = sized(Size::Match, Size::Match);
        grid.shape = Shape::Scroll;
        grid.style.columns = 3;
        grid.style.gap = 10;
        grid.children = (0..7).map(|_| sized(Size::Match, Size::Pixels(100))).collect();
        arrange(&mut grid, Rect::new(0, 0, 320, 250));
        assert_eq!(grid.children[4].frame, Rect::new(110, 110, 100, 100));
        assert_eq!(grid.reach, 70);
        grid.offset = 70;
        arrange(&mut grid, Rect::new(0, 0, 320, 250));
        assert_eq!(grid.children[6].frame, Rect::new(0, 150, 100, 100));
    }

    #[test]
    fn children_of_a_stack_stand_where_they_say() {
        let mut stack = sized(Size::Match, Size::Match);
        stack.shape = Shape::Stack;
        let mut button = sized(Size::Pixels(50), Size::Pixels(50));
        button.style.at = Some((Align::End, Align::End));
        button.style.margin = [10; 4];
        stack.children = vec![button];
        arrange(&mut stack, Rect::new(0, 0, 200, 200));
        assert_eq!(stack.children[0].frame, Rect::new(140, 140, 50, 50));
    }
}
