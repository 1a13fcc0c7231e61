//! Attributes of looks, as layout files write them: lengths in dp, text sizes in sp, colours as #rrggbb.

use super::scope::Scope;
use super::template::Element;
use super::view::{Align, Color, Fill, Size, Style};

/// Reads the looks of `element`; `scale` is pixels to a dp. What is missing stays as in `base`.
pub(crate) fn read(element: &Element, scope: &Scope<'_>, base: Style, scale: f32) -> Style {
    let mut style = base;
    for (key, raw) in &element.attributes {
        if key == "bold" {
            style.bold = super::inflate::flag(scope, raw);
            continue;
        }
        let value = if raw.contains('{') {
            scope.fill(raw)
        } else {
            raw.clone()
        };
        apply(&mut style, key, &value, scale);
    }
    style
}

fn apply(style: &mut Style, key: &str, value: &str, scale: f32) {
    match key {
        "w" => style.width = size(value, scale),
        "h" => style.height = size(value, scale),
        "weight" => style.weight = value.parse().unwrap_or(0.0),
        "pad" => style.pad = sides(value, scale),
        "margin" => style.margin = sides(value, scale),
        "gap" => style.gap = dp(value, scale),
        "gravity" => style.gravity = corner(value, style.gravity),
        "at" => style.at = Some(corner(value, (Align::Start, Align::Start))),
        "bg" => style.fill = fill(value),
        "border" => {
            let mut parts = value.split(' ');
            let color = parts.next().and_then(color);
            let width = parts.next().map_or(1, |width| dp(width, scale));
            style.border = color.map(|color| (color, width.max(1)));
        }
        "radius" => style.radius = dp(value, scale),
        "shadow" => style.shadow = value == "true",
        "color" => style.color = color(value).unwrap_or(style.color),
        "size" => style.text_size = value.parse::<f32>().unwrap_or(14.0) * scale,
        "lines" => style.max_lines = value.parse().unwrap_or(usize::MAX),
        "icon" => value.clone_into(&mut style.icon),
        "columns" => style.columns = value.parse().unwrap_or(0),
        _ => {}
    }
}

fn dp(value: &str, scale: f32) -> i32 {
    (value.parse::<f32>().unwrap_or(0.0) * scale).round() as i32
}

fn size(value: &str, scale: f32) -> Size {
    match value {
        "match" => Size::Match,
        "wrap" => Size::Wrap,
        _ => match value.strip_suffix('%') {
            Some(part) => Size::Part(part.parse::<f32>().unwrap_or(100.0) / 100.0),
            None => Size::Pixels(match value.strip_suffix("px") {
                Some(pixels) => pixels.parse().unwrap_or(0),
                None => dp(value, scale),
            }),
        },
    }
}

/// "8" all round, "8 16" left and right then top and bottom, or left, top, right, bottom.
fn sides(value: &str, scale: f32) -> [i32; 4] {
    let lengths: Vec<i32> = value.split(' ').map(|part| dp(part, scale)).collect();
    match lengths.as_slice() {
        [all] => [*all; 4],
        [x, y] => [*x, *y, *x, *y],
        [left, top, right, bottom] => [*left, *top, *right, *bottom],
        _ => [0; 4],
    }
}

fn corner(value: &str, base: (Align, Align)) -> (Align, Align) {
    value.split(' ').fold(base, |(x, y), word| match word {
        "left" => (Align::Start, y),
        "right" => (Align::End, y),
        "top" => (x, Align::Start),
        "bottom" => (x, Align::End),
        "center" => (Align::Center, y),
        "middle" => (x, Align::Center),
        _ => (x, y),
    })
}

fn fill(value: &str) -> Option<Fill> {
    match value.split_once("..") {
        Some((from, to)) => Some(Fill::Gradient(color(from)?, color(to)?)),
        None => color(value).map(Fill::Flat),
    }
}

fn color(value: &str) -> Option<Color> {
    let hex = value.strip_prefix('#')?;
    let number = u32::from_str_radix(hex, 16).ok()?;
    let [a, b, c, d] = number.to_be_bytes();
    match hex.len() {
        6 => Some(Color(b, c, d, 0xff)),
        8 => Some(Color(a, b, c, d)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_colours_and_corners_are_read() {
        let element = Element::parse(
            r##"<A w="match" h="50%" pad="1 2" bg="#010203..#04050607" at="right bottom" size="10" gravity="center"/>"##,
        )
        .unwrap();
        let scope = Scope::new(serde_json::Value::Null);
        let style = read(&element, &scope, Style::default(), 2.0);
        assert_eq!((style.width, style.height), (Size::Match, Size::Part(0.5)));
        assert_eq!(style.pad, [2, 4, 2, 4]);
        assert_eq!(
            style.fill,
            Some(Fill::Gradient(Color(1, 2, 3, 255), Color(4, 5, 6, 7)))
        );
        assert_eq!(style.at, Some((Align::End, Align::End)));
        assert_eq!(style.gravity, (Align::Center, Align::Start));
        assert!((style.text_size - 20.0).abs() < f32::EPSILON);
    }
}
