//! A view as it stands on the glass: what accessibility tells of it, how it looks, what a touch of it does.

/// Pixels, right and bottom not included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rect {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Rect {
    pub fn new(left: i32, top: i32, width: i32, height: i32) -> Self {
        Self {
            left,
            top,
            right: left + width,
            bottom: top + height,
        }
    }

    pub fn width(&self) -> i32 {
        self.right - self.left
    }

    pub fn height(&self) -> i32 {
        self.bottom - self.top
    }

    pub fn contains(&self, x: i32, y: i32) -> bool {
        x >= self.left && x < self.right && y >= self.top && y < self.bottom
    }

    pub fn is_empty(&self) -> bool {
        self.right <= self.left || self.bottom <= self.top
    }

    #[must_use]
    pub fn meet(&self, other: &Self) -> Self {
        let met = Self {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        };
        if met.is_empty() { Self::default() } else { met }
    }

    /// Without `pad` on its four sides: left, top, right, bottom.
    #[must_use]
    pub fn inset(&self, pad: [i32; 4]) -> Self {
        Self {
            left: self.left + pad[0],
            top: self.top + pad[1],
            right: (self.right - pad[2]).max(self.left + pad[0]),
            bottom: (self.bottom - pad[3]).max(self.top + pad[1]),
        }
    }

    pub fn center(&self) -> (i32, i32) {
        (
            i32::midpoint(self.left, self.right),
            i32::midpoint(self.top, self.bottom),
        )
    }
}

/// How a view arranges what is in it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    #[default]
    Column,
    Row,
    /// Children over each other.
    Stack,
    /// A column that moves up and down inside its frame.
    Scroll,
    /// A row that moves left and right inside its frame.
    Strip,
    /// Text, with or without a box around it.
    Text,
    /// A drawn sign.
    Icon,
    Switch,
    Check,
    Progress,
    /// A progress bar with a thumb that a finger moves.
    Slider,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub enum Size {
    #[default]
    Wrap,
    Match,
    Pixels(i32),
    /// Part of what the parent gives.
    Part(f32),
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    Center,
    End,
}

/// Red, green, blue, opacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8, pub u8);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    Flat(Color),
    /// From top to bottom.
    Gradient(Color, Color),
}

/// Looks and room; lengths in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Style {
    pub width: Size,
    pub height: Size,
    pub weight: f32,
    pub pad: [i32; 4],
    pub margin: [i32; 4],
    pub gap: i32,
    /// Where its content stands inside it.
    pub gravity: (Align, Align),
    /// Where it stands inside its parent; none: as the parent's gravity says.
    pub at: Option<(Align, Align)>,
    pub fill: Option<Fill>,
    pub border: Option<(Color, i32)>,
    pub radius: i32,
    pub shadow: bool,
    pub color: Color,
    pub text_size: f32,
    pub bold: bool,
    pub max_lines: usize,
    pub icon: String,
    /// For what stands in columns, as a gallery's pictures do: how many; 0: children one under the other.
    pub columns: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            width: Size::Wrap,
            height: Size::Wrap,
            weight: 0.0,
            pad: [0; 4],
            margin: [0; 4],
            gap: 0,
            gravity: (Align::Start, Align::Start),
            at: None,
            fill: None,
            border: None,
            radius: 0,
            shadow: false,
            color: Color(0x1f, 0x1f, 0x1f, 0xff),
            text_size: 14.0,
            bold: false,
            max_lines: usize::MAX,
            icon: String::new(),
            columns: 0,
        }
    }
}

/// What happens on a touch: actions in the small language of `act`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Actions {
    pub tap: Vec<String>,
    pub long: Vec<String>,
    /// The text of the field changed.
    pub change: Vec<String>,
    /// Enter, or the keyboard's action key.
    pub submit: Vec<String>,
    /// A swipe up, down, left, right that no scrolling view takes.
    pub swipes: [Vec<String>; 4],
}

/// One node on the glass.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    pub shape: Shape,
    pub class: String,
    /// `package:id/name`, or empty.
    pub id: String,
    /// What is drawn and read out.
    pub text: String,
    pub desc: String,
    pub hint: String,
    /// For a text field: the page's field it edits.
    pub field: Option<String>,
    /// Caret, in characters, while the field has the focus.
    pub caret: Option<usize>,
    pub multiline: bool,
    pub checkable: bool,
    pub checked: bool,
    pub clickable: bool,
    pub disabled: bool,
    pub focusable: bool,
    pub focused: bool,
    pub scrollable: bool,
    pub long_clickable: bool,
    pub password: bool,
    pub selected: bool,
    /// Not visible to the user: drawn perhaps, but told to nobody.
    pub hidden: bool,
    /// Takes room and is drawn, but is no node of its own for accessibility.
    pub plain: bool,
    /// For progress and sliders: 0 to 1; none: it turns round.
    pub progress: Option<f32>,
    pub autofocus: bool,
    pub style: Style,
    pub actions: Actions,
    pub children: Vec<View>,
    /// Which of its activity's pages it is of.
    pub page_at: usize,
    /// Where a scrolling view's offset is kept.
    pub scroll_key: String,

    // What layout finds out:
    pub size: (i32, i32),
    pub frame: Rect,
    /// The part of the frame that can be seen.
    pub seen: Rect,
    pub lines: Vec<String>,
    /// How far it is scrolled, and how far it can be.
    pub offset: i32,
    pub reach: i32,
}

impl View {
    /// What shows: the text, or the hint while there is none.
    pub fn shown_text(&self) -> &str {
        if self.text.is_empty() {
            &self.hint
        } else {
            &self.text
        }
    }

    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a View)) {
        visit(self);
        for child in &self.children {
            child.walk(visit);
        }
    }

    /// The first view, in reading order, that `test` accepts.
    pub fn find(&self, test: &impl Fn(&View) -> bool) -> Option<&View> {
        if test(self) {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(test))
    }

    /// The views under a point, outermost first; the child drawn last is the one that is touched.
    pub fn under(&self, x: i32, y: i32) -> Vec<&View> {
        let mut path = Vec::new();
        self.collect_under(x, y, &mut path);
        path
    }

    fn collect_under<'a>(&'a self, x: i32, y: i32, path: &mut Vec<&'a View>) -> bool {
        if !self.seen.contains(x, y) {
            return false;
        }
        path.push(self);
        for child in self.children.iter().rev() {
            let depth = path.len();
            if child.collect_under(x, y, path) {
                if self.shape != Shape::Stack || path[depth..].iter().any(|view| view.takes_touch()) {
                    return true;
                }
                // Nothing in this layer takes the touch: the layer below may.
                path.truncate(depth);
            }
        }
        true
    }

    /// Whether a touch ends here.
    pub fn takes_touch(&self) -> bool {
        self.clickable
            || self.long_clickable
            || self.scrollable
            || self.field.is_some()
            || self.shape == Shape::Slider
            || self.actions.swipes.iter().any(|swipe| !swipe.is_empty())
    }
}
