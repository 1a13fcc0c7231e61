//! Widths and outlines of characters, from free fonts that come as a package. Shared by all phones.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, OutlineCurve};

/// Height of a line, in sizes of its text.
const LINE: f32 = 1.28;

/// The fonts in the order in which a character is looked for.
static FONTS: LazyLock<Vec<FontRef<'static>>> = LazyLock::new(|| {
    [
        epaint_default_fonts::UBUNTU_LIGHT,
        epaint_default_fonts::NOTO_EMOJI_REGULAR,
        epaint_default_fonts::HACK_REGULAR,
        epaint_default_fonts::EMOJI_ICON,
    ]
    .into_iter()
    .filter_map(|bytes| FontRef::try_from_slice(bytes).ok())
    .collect()
});

/// Marks that join or vary emoji and take no room.
fn invisible(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{1f3fb}'..='\u{1f3ff}')
}

fn glyph(character: char) -> Option<(&'static FontRef<'static>, GlyphId)> {
    let known = FONTS.iter().find_map(|font| {
        let id = font.glyph_id(character);
        (id.0 != 0).then_some((font, id))
    });
    known.or_else(|| FONTS.first().map(|font| (font, GlyphId(0))))
}

fn em(font: &FontRef<'_>) -> f32 {
    font.units_per_em().unwrap_or(1000.0)
}

fn advance(character: char, size: f32) -> f32 {
    if invisible(character) {
        return 0.0;
    }
    glyph(character).map_or(0.0, |(font, id)| font.h_advance_unscaled(id) * size / em(font))
}

pub(crate) fn line_height(size: f32) -> i32 {
    (size * LINE).ceil() as i32
}

/// How far below a line's top its letters stand.
pub(crate) fn baseline(size: f32) -> f32 {
    size * 0.98
}

pub(crate) fn width(text: &str, size: f32) -> f32 {
    text.chars().map(|character| advance(character, size)).sum()
}

/// Breaks `text` into lines no wider than `room`; what does not fit into `max_lines` ends in an ellipsis.
pub(crate) fn wrap(text: &str, size: f32, room: i32, max_lines: usize) -> Vec<String> {
    let room = room as f32 + 0.5;
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        wrap_paragraph(paragraph, size, room, &mut lines);
    }
    if lines.len() > max_lines {
        lines.truncate(max_lines);
        if let Some(last) = lines.last_mut() {
            while !last.is_empty() && width(last, size) + advance('…', size) > room {
                last.pop();
            }
            last.push('…');
        }
    }
    lines
}

fn wrap_paragraph(paragraph: &str, size: f32, room: f32, lines: &mut Vec<String>) {
    let mut line = String::new();
    let mut used = 0.0;
    for word in paragraph.split_inclusive(' ') {
        let needed = width(word.trim_end(), size);
        if used + needed > room && !line.is_empty() {
            lines.push(std::mem::take(&mut line));
            used = 0.0;
        }
        if needed <= room {
            line.push_str(word);
            used += width(word, size);
            continue;
        }
        for character in word.chars() {
            let step = advance(character, size);
            if used + step > room && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(character);
            used += step;
        }
    }
    lines.push(line);
}

/// Adds the outline of `text` to `path`, its baseline starting at (`x`, `y`).
pub(crate) fn outline(path: &mut tiny_skia::PathBuilder, text: &str, size: f32, x: f32, y: f32) {
    let mut pen = x;
    for character in text.chars().filter(|character| !invisible(*character)) {
        let Some((font, id)) = glyph(character) else {
            continue;
        };
        let scale = size / em(font);
        if let Some(outline) = font.outline(id) {
            let place = |point: ab_glyph::Point| (pen + point.x * scale, y - point.y * scale);
            add_curves(path, &outline.curves, place);
        }
        pen += font.h_advance_unscaled(id) * scale;
    }
}

fn add_curves(
    path: &mut tiny_skia::PathBuilder,
    curves: &[OutlineCurve],
    place: impl Fn(ab_glyph::Point) -> (f32, f32),
) {
    let mut end: Option<ab_glyph::Point> = None;
    for curve in curves {
        let (from, to) = match curve {
            OutlineCurve::Line(from, to)
            | OutlineCurve::Quad(from, _, to)
            | OutlineCurve::Cubic(from, _, _, to) => (*from, *to),
        };
        if end != Some(from) {
            if end.is_some() {
                path.close();
            }
            let (x, y) = place(from);
            path.move_to(x, y);
        }
        let (x, y) = place(to);
        match curve {
            OutlineCurve::Line(..) => path.line_to(x, y),
            OutlineCurve::Quad(_, control, _) => {
                let (cx, cy) = place(*control);
                path.quad_to(cx, cy, x, y);
            }
            OutlineCurve::Cubic(_, first, second, _) => {
                let ((ax, ay), (bx, by)) = (place(*first), place(*second));
                path.cubic_to(ax, ay, bx, by, x, y);
            }
        }
        end = Some(to);
    }
    if end.is_some() {
        path.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_wraps_and_what_is_too_much_ends_in_an_ellipsis() {
        let lines = wrap("one two three four five six seven", 20.0, 120, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'));
        assert!(lines.iter().all(|line| width(line.trim_end(), 20.0) <= 121.0));
        let joined = wrap("averyverylongwordwithoutanyblank", 20.0, 60, usize::MAX).concat();
        assert_eq!(joined, "averyverylongwordwithoutanyblank");
        assert_eq!(wrap("a\n\nb", 20.0, 100, 9), ["a", "", "b"]);
    }
}
