//! Draws the glass: each view's box, sign and text, window over window. Nothing drawn is kept.

mod icon;

use std::sync::LazyLock;

use tiny_skia::{
    FillRule, GradientStop, LinearGradient, Mask, Paint, PathBuilder, Pixmap, Rect as SkRect, Shader,
    SpreadMode, Stroke, Transform,
};
use tokio::sync::Semaphore;

use super::display::Display;
use super::view::{Align, Color, Fill, Rect, Shape, View};
use super::window::Window;
use super::{Ui, fonts};
use crate::phone::Phone;

/// How dark it is behind a dialog.
const DIM: Color = Color(0, 0, 0, 0x99);
const HINT: Color = Color(0x75, 0x75, 0x75, 0xff);
const ACCENT: Color = Color(0x0b, 0x57, 0xd0, 0xff);

/// A picture of the glass: RGBA rows, opaque.
#[derive(Debug)]
pub struct Picture {
    pixmap: Pixmap,
}

impl Picture {
    pub fn width(&self) -> u32 {
        self.pixmap.width()
    }

    pub fn height(&self) -> u32 {
        self.pixmap.height()
    }

    pub fn rgba(&self) -> &[u8] {
        self.pixmap.data()
    }

    pub fn png(&self) -> Vec<u8> {
        self.pixmap.encode_png().unwrap_or_default()
    }

    /// JPEG of `quality` 1–100, made smaller or larger by `scale`.
    pub fn jpeg(&self, scale: f32, quality: u8) -> Vec<u8> {
        let width = ((self.width() as f32 * scale) as u32).clamp(1, 10_000);
        let height = ((self.height() as f32 * scale) as u32).clamp(1, 10_000);
        let mut scaled = None;
        if (width, height) != (self.width(), self.height()) {
            scaled = Pixmap::new(width, height);
            if let Some(target) = &mut scaled {
                let paint = tiny_skia::PixmapPaint {
                    quality: tiny_skia::FilterQuality::Bilinear,
                    ..tiny_skia::PixmapPaint::default()
                };
                let transform = Transform::from_scale(scale, scale);
                target.draw_pixmap(0, 0, self.pixmap.as_ref(), &paint, transform, None);
            }
        }
        let pixmap = scaled.as_ref().unwrap_or(&self.pixmap);
        let mut out = Vec::new();
        let encoder = jpeg_encoder::Encoder::new(&mut out, quality.clamp(1, 100));
        let size = (pixmap.width() as u16, pixmap.height() as u16);
        match encoder.encode(pixmap.data(), size.0, size.1, jpeg_encoder::ColorType::Rgba) {
            Ok(()) => out,
            Err(error) => {
                tracing::error!(%error, "a screenshot cannot be encoded");
                Vec::new()
            }
        }
    }
}

impl Ui {
    /// The picture, as PNG.
    pub fn screenshot(&self, phone: &Phone) -> Vec<u8> {
        self.picture(phone)
            .map(|picture| picture.png())
            .unwrap_or_default()
    }

    /// The picture; none only where the display has no size.
    pub fn picture(&self, phone: &Phone) -> Option<Picture> {
        self.scene(phone).draw()
    }

    /// What a picture is drawn from: to be drawn when the phone's lock is no longer held.
    pub fn scene(&self, phone: &Phone) -> Scene {
        Scene {
            display: Display::of(phone),
            windows: if self.screen_on {
                self.windows(phone)
            } else {
                Vec::new()
            },
        }
    }
}

/// One picture a core at a time: each takes some ten megabytes while it is drawn.
static EASELS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));

/// Draws on a thread of its own and makes of the picture what is wanted; none where the display has no size.
pub async fn drawn<T: Send + 'static>(
    scene: Scene,
    encode: impl FnOnce(&Picture) -> T + Send + 'static,
) -> Option<T> {
    let easel = EASELS.acquire().await.ok()?;
    let drawing = tokio::task::spawn_blocking(move || {
        // Held to the end of the work, also where nobody waits for it any more.
        let _easel = easel;
        Some(encode(&scene.draw()?))
    });
    drawing.await.ok().flatten()
}

/// The windows as they stood at one moment.
#[derive(Debug)]
pub struct Scene {
    display: Display,
    windows: Vec<Window>,
}

impl Scene {
    /// Black while the screen is off.
    pub fn draw(&self) -> Option<Picture> {
        let display = &self.display;
        let mut pixmap = Pixmap::new(display.width as u32, display.height as u32)?;
        pixmap.fill(tiny_skia::Color::BLACK);
        let mut brush = Brush {
            pixmap,
            mask: None,
            mask_for: display.whole(),
            scale: display.scale,
        };
        for window in &self.windows {
            if window.frame != display.whole() && window.modal {
                brush.clip_to(display.whole());
                brush.fill_rect(display.whole(), Fill::Flat(DIM), 0);
            }
            if window.secure {
                brush.clip_to(display.whole());
                brush.fill_rect(window.frame, Fill::Flat(Color(0, 0, 0, 0xff)), 0);
                continue;
            }
            brush.view(&window.root, display.whole());
        }
        Some(Picture { pixmap: brush.pixmap })
    }
}

struct Brush {
    pixmap: Pixmap,
    mask: Option<Mask>,
    /// What the mask lets through.
    mask_for: Rect,
    scale: f32,
}

impl Brush {
    fn view(&mut self, view: &View, clip: Rect) {
        let scrolls = matches!(view.shape, Shape::Scroll | Shape::Strip);
        let clip = if scrolls { clip.meet(&view.frame) } else { clip };
        if view.frame.meet(&clip).is_empty() && !view.frame.is_empty() {
            return;
        }
        self.clip_to(clip);
        if view.style.shadow {
            self.shadow(view);
        }
        if let Some(fill) = view.style.fill {
            let fill = if view.disabled { faded(fill) } else { fill };
            self.fill_rect(view.frame, fill, view.style.radius);
        }
        if let Some((color, width)) = view.style.border {
            self.border(view, color, width);
        }
        match view.shape {
            Shape::Text => self.text(view),
            Shape::Icon => self.icon(view),
            Shape::Switch => self.switch(view),
            Shape::Check => self.check(view),
            Shape::Progress => self.progress(view),
            Shape::Slider => self.slider(view),
            _ => {}
        }
        for child in &view.children {
            self.view(child, clip);
        }
        self.clip_to(clip);
    }

    /// Later strokes stay inside `clip`; a mask is only made where a part of the screen is cut off.
    fn clip_to(&mut self, clip: Rect) {
        if clip == self.mask_for {
            return;
        }
        self.mask_for = clip;
        let whole = Rect::new(0, 0, self.pixmap.width() as i32, self.pixmap.height() as i32);
        if clip == whole {
            self.mask = None;
            return;
        }
        let mask = Mask::new(self.pixmap.width(), self.pixmap.height());
        self.mask = mask.zip(sk_rect(clip)).map(|(mut mask, rect)| {
            let path = PathBuilder::from_rect(rect);
            mask.fill_path(&path, FillRule::Winding, false, Transform::identity());
            mask
        });
    }

    fn fill_rect(&mut self, rect: Rect, fill: Fill, radius: i32) {
        let Some(sk) = sk_rect(rect) else { return };
        let paint = paint(fill, rect);
        if radius == 0 {
            self.pixmap
                .fill_rect(sk, &paint, Transform::identity(), self.mask.as_ref());
        } else if let Some(path) = rounded(rect, radius) {
            self.fill(&path, &paint);
        }
    }

    fn fill(&mut self, path: &tiny_skia::Path, paint: &Paint<'_>) {
        let mask = self.mask.as_ref();
        self.pixmap
            .fill_path(path, paint, FillRule::Winding, Transform::identity(), mask);
    }

    fn stroke(&mut self, path: &tiny_skia::Path, color: Color, width: f32) {
        let stroke = Stroke {
            width,
            line_cap: tiny_skia::LineCap::Round,
            line_join: tiny_skia::LineJoin::Round,
            ..Stroke::default()
        };
        let mask = self.mask.as_ref();
        self.pixmap
            .stroke_path(path, &flat(color), &stroke, Transform::identity(), mask);
    }

    fn shadow(&mut self, view: &View) {
        for step in 1..4 {
            let grow = (step as f32 * 1.2 * self.scale) as i32;
            let down = (self.scale * 1.5) as i32;
            let rect = view.frame.inset([-grow, -grow + down, -grow, -grow - down]);
            self.fill_rect(rect, Fill::Flat(Color(0, 0, 0, 0x12)), view.style.radius + grow);
        }
    }

    fn border(&mut self, view: &View, color: Color, width: i32) {
        let half = width / 2;
        let path = rounded(view.frame.inset([half; 4]), view.style.radius.max(1));
        if let Some(path) = path {
            self.stroke(&path, color, width as f32);
        }
    }

    fn text(&mut self, view: &View) {
        let size = view.style.text_size;
        let height = fonts::line_height(size);
        let room = super::touch::text_room(view);
        let spare = room.height() - height * view.lines.len().max(1) as i32;
        let mut top = match view.style.gravity.1 {
            Align::Start => room.top,
            Align::Center => room.top + spare / 2,
            Align::End => room.top + spare,
        };
        let color = if view.text.is_empty() {
            HINT
        } else {
            view.style.color
        };
        let color = if view.disabled {
            Color(color.0, color.1, color.2, 0x70)
        } else {
            color
        };
        let first = top;
        let mut path = PathBuilder::new();
        for line in &view.lines {
            let x = Self::line_start(view, line);
            if top < self.pixmap.height() as i32 && top + height > 0 {
                fonts::outline(&mut path, line, size, x, top as f32 + fonts::baseline(size));
            }
            top += height;
        }
        if let Some(path) = path.finish() {
            self.fill(&path, &flat(color));
            // The font is a light one: a thin stroke makes it regular, a thicker one bold.
            self.stroke(&path, color, size * if view.style.bold { 0.055 } else { 0.018 });
        }
        if let Some(caret) = view.caret {
            self.caret(view, caret, first);
        }
    }

    fn line_start(view: &View, line: &str) -> f32 {
        let room = super::touch::text_room(view);
        let spare = room.width() as f32 - fonts::width(line.trim_end(), view.style.text_size);
        room.left as f32
            + match view.style.gravity.0 {
                Align::Start => 0.0,
                Align::Center => spare / 2.0,
                Align::End => spare,
            }
    }

    fn caret(&mut self, view: &View, caret: usize, top: i32) {
        let size = view.style.text_size;
        let height = fonts::line_height(size);
        let mut left = caret;
        let mut place = (super::touch::text_room(view).left as f32, top);
        if !view.text.is_empty() {
            let text: Vec<char> = view.text.chars().collect();
            let mut at = 0;
            for (number, line) in view.lines.iter().enumerate() {
                let length = line.chars().count();
                place.1 = top + height * number as i32;
                let start: String = line.chars().take(left.min(length)).collect();
                place.0 = Self::line_start(view, line)
                    + if view.password {
                        0.0
                    } else {
                        fonts::width(&start, size)
                    };
                if left <= length {
                    break;
                }
                at += length;
                left -= length;
                if text.get(at) == Some(&'\n') {
                    at += 1;
                    left -= 1;
                }
            }
        }
        let width = (2.0 * self.scale) as i32;
        self.fill_rect(
            Rect::new(place.0 as i32, place.1, width, height),
            Fill::Flat(ACCENT),
            0,
        );
    }

    fn icon(&mut self, view: &View) {
        let room = view.frame.inset(view.style.pad);
        let color = if view.disabled {
            Color(0x9e, 0x9e, 0x9e, 0xff)
        } else {
            view.style.color
        };
        for part in icon::parts(&view.style.icon) {
            let edge = room.width().min(room.height()) as f32;
            let (cx, cy) = room.center();
            let (left, top) = (cx as f32 - edge / 2.0, cy as f32 - edge / 2.0);
            let unit = edge / 24.0;
            let transform = Transform::from_row(unit, 0.0, 0.0, unit, left, top);
            let Some(path) = part.path.transform(transform) else {
                continue;
            };
            if part.filled {
                self.fill(&path, &flat(color));
            } else {
                self.stroke(&path, color, 2.0 * unit);
            }
        }
    }

    fn switch(&mut self, view: &View) {
        let frame = view.frame;
        let height = frame.height() * 2 / 3;
        let track = Rect::new(
            frame.left,
            frame.top + (frame.height() - height) / 2,
            frame.width(),
            height,
        );
        let (track_color, thumb_color) = if view.checked {
            (ACCENT, Color(0xff, 0xff, 0xff, 0xff))
        } else {
            (Color(0xc8, 0xca, 0xd0, 0xff), Color(0xff, 0xff, 0xff, 0xff))
        };
        self.fill_rect(track, Fill::Flat(track_color), height / 2);
        let inset = height / 8;
        let edge = height - 2 * inset;
        let left = if view.checked {
            track.right - inset - edge
        } else {
            track.left + inset
        };
        let thumb = Rect::new(left, track.top + inset, edge, edge);
        self.fill_rect(thumb, Fill::Flat(thumb_color), edge / 2);
    }

    fn check(&mut self, view: &View) {
        let frame = view.frame.inset([(view.frame.width() / 6).max(1); 4]);
        let radius = frame.width() / 8;
        if view.checked {
            self.fill_rect(frame, Fill::Flat(ACCENT), radius);
            let mut inner = view.clone();
            "check".clone_into(&mut inner.style.icon);
            inner.style.color = Color(0xff, 0xff, 0xff, 0xff);
            inner.frame = frame;
            self.icon(&inner);
        } else {
            self.border(view, Color(0x60, 0x60, 0x60, 0xff), (2.0 * self.scale) as i32);
        }
    }

    fn progress(&mut self, view: &View) {
        let frame = view.frame;
        let radius = frame.height() / 2;
        self.fill_rect(frame, Fill::Flat(Color(0xd7, 0xe3, 0xf8, 0xff)), radius);
        let part = view.progress.unwrap_or(0.35).clamp(0.0, 1.0);
        let done = Rect::new(
            frame.left,
            frame.top,
            (frame.width() as f32 * part) as i32,
            frame.height(),
        );
        self.fill_rect(done, Fill::Flat(ACCENT), radius);
    }

    /// A thin bar, and the thumb on it.
    fn slider(&mut self, view: &View) {
        let frame = view.frame;
        let (_, middle) = frame.center();
        let bar = (frame.height() / 10).max(2);
        let at = frame.left + (frame.width() as f32 * view.progress.unwrap_or(0.0)) as i32;
        let color = view.style.color;
        let rest = Fill::Flat(Color(color.0, color.1, color.2, 0x40));
        let line = |left, right| Rect::new(left, middle - bar / 2, right - left, bar);
        self.fill_rect(line(frame.left, frame.right), rest, bar / 2);
        self.fill_rect(line(frame.left, at), Fill::Flat(color), bar / 2);
        let thumb = frame.height() / 4;
        let thumb_box = Rect::new(at - thumb, middle - thumb, 2 * thumb, 2 * thumb);
        self.fill_rect(thumb_box, Fill::Flat(color), thumb);
    }
}

fn faded(fill: Fill) -> Fill {
    match fill {
        Fill::Flat(Color(r, g, b, a)) => Fill::Flat(Color(r, g, b, a / 2)),
        gradient @ Fill::Gradient(..) => gradient,
    }
}

fn sk_rect(rect: Rect) -> Option<SkRect> {
    SkRect::from_ltrb(
        rect.left as f32,
        rect.top as f32,
        rect.right as f32,
        rect.bottom as f32,
    )
    .filter(|rect| rect.width() > 0.0 && rect.height() > 0.0)
}

fn sk_color(color: Color) -> tiny_skia::Color {
    tiny_skia::Color::from_rgba8(color.0, color.1, color.2, color.3)
}

fn flat(color: Color) -> Paint<'static> {
    let mut paint = Paint::default();
    paint.set_color(sk_color(color));
    paint
}

fn paint(fill: Fill, rect: Rect) -> Paint<'static> {
    match fill {
        Fill::Flat(color) => {
            let mut paint = flat(color);
            paint.anti_alias = true;
            paint
        }
        Fill::Gradient(from, to) => {
            let shader = LinearGradient::new(
                tiny_skia::Point::from_xy(0.0, rect.top as f32),
                tiny_skia::Point::from_xy(0.0, rect.bottom as f32),
                vec![
                    GradientStop::new(0.0, sk_color(from)),
                    GradientStop::new(1.0, sk_color(to)),
                ],
                SpreadMode::Pad,
                Transform::identity(),
            );
            Paint {
                shader: shader.unwrap_or(Shader::SolidColor(sk_color(from))),
                ..Paint::default()
            }
        }
    }
}

fn rounded(rect: Rect, radius: i32) -> Option<tiny_skia::Path> {
    let radius = radius.min(rect.width() / 2).min(rect.height() / 2).max(0) as f32;
    let (left, top) = (rect.left as f32, rect.top as f32);
    let (right, bottom) = (rect.right as f32, rect.bottom as f32);
    // How far a circle's control points stand from its corner.
    let inner = radius * 0.4477;
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - inner, top, right, top + inner, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(
        right,
        bottom - inner,
        right - inner,
        bottom,
        right - radius,
        bottom,
    );
    path.line_to(left + radius, bottom);
    path.cubic_to(left + inner, bottom, left, bottom - inner, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + inner, left + inner, top, left + radius, top);
    path.close();
    path.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::testing::phone;

    #[test]
    fn a_secure_window_is_black_in_pictures() {
        let (_dir, phone) = phone();
        let mut scene = phone.ui().scene(&phone);
        let middle = |scene: &Scene| {
            let picture = scene.draw().unwrap();
            let at = (picture.height() / 3 * picture.width() + picture.width() / 2) as usize * 4;
            picture.rgba()[at..at + 4].to_vec()
        };
        assert_ne!(middle(&scene), [0, 0, 0, 255]);
        scene.windows[0].secure = true;
        assert_eq!(middle(&scene), [0, 0, 0, 255]);
    }
}
