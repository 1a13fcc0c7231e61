//! A dumped screen as a tree. The agent acts on it, the console inspects with it.
//!
//! Takes the XML of `uiautomator dump` and of the resident driver; knows nothing of how it was fetched. The nodes
//! stand in one vector in document order and their texts in one string, so that a tree of 500 nodes costs a few
//! allocations.

mod attributes;
pub mod find;

use std::fmt;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use attributes::Attributes;

/// More nodes than any real screen has; beyond it the dump is refused rather than the memory spent.
pub const MAX_NODES: usize = 50_000;
/// Deeper than any real screen; the walk over ancestors stays short.
pub const MAX_DEPTH: usize = 500;

/// The usual length of a node in a dump, in bytes, or a little less.
const USUAL_NODE: usize = 300;

/// Why a dump is not a screen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScreenError {
    #[error("the hierarchy is not XML: {0}")]
    Malformed(String),
    #[error("the hierarchy is cut off: {0}")]
    Truncated(&'static str),
    #[error("the hierarchy has more than {MAX_NODES} nodes or {MAX_DEPTH} levels")]
    TooLarge,
    #[error("the hierarchy has no node")]
    Empty,
}

/// A node's rectangle; right and bottom lie outside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bounds {
    pub left: i32,
    pub top: i32,
    pub right: i32,
    pub bottom: i32,
}

impl Bounds {
    /// Reads `[l,t][r,b]`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let bounds = Self {
            left: number_between(b"[", &mut rest, b",")?,
            top: number_between(b"", &mut rest, b"]")?,
            right: number_between(b"[", &mut rest, b",")?,
            bottom: number_between(b"", &mut rest, b"]")?,
        };
        rest.is_empty().then_some(bounds)
    }

    /// Whether there is anything to touch.
    pub fn is_empty(&self) -> bool {
        self.right <= self.left || self.bottom <= self.top
    }

    pub fn center(&self) -> (i32, i32) {
        let middle = |a: i32, b: i32| i32::try_from(i64::midpoint(i64::from(a), i64::from(b))).unwrap_or(a);
        (middle(self.left, self.right), middle(self.top, self.bottom))
    }

    pub fn contains(&self, x: i32, y: i32) -> bool {
        (self.left..self.right).contains(&x) && (self.top..self.bottom).contains(&y)
    }

    /// The part of it that lies within `outer`.
    pub fn clipped(&self, outer: &Self) -> Self {
        Self {
            left: self.left.max(outer.left),
            top: self.top.max(outer.top),
            right: self.right.min(outer.right),
            bottom: self.bottom.min(outer.bottom),
        }
    }
}

/// Takes `open`, a number and `close` from the front. Each node has four of them.
fn number_between(open: &[u8], rest: &mut &[u8], close: &[u8]) -> Option<i32> {
    let text = rest.strip_prefix(open)?;
    let positive = text.strip_prefix(b"-").unwrap_or(text);
    let mut digits = positive;
    let mut value = 0_i32;
    while let [digit @ b'0'..=b'9', behind @ ..] = digits {
        value = value.checked_mul(10)?.checked_add(i32::from(digit - b'0'))?;
        digits = behind;
    }
    if digits.len() == positive.len() {
        return None;
    }
    *rest = digits.strip_prefix(close)?;
    Some(if positive.len() < text.len() {
        -value
    } else {
        value
    })
}

impl fmt::Display for Bounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{},{}][{},{}]", self.left, self.top, self.right, self.bottom)
    }
}

/// The yes/no attributes of a node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flags(u16);

macro_rules! flags {
    ($($name:ident $bit:literal $attribute:literal)*) => {
        impl Flags {
            fn bit(attribute: &str) -> Option<u16> {
                match attribute { $($attribute => Some(1 << $bit),)* _ => None }
            }
            $(pub fn $name(self) -> bool { self.0 & (1 << $bit) != 0 })*
        }
    };
}

flags! {
    checkable 0 "checkable"
    checked 1 "checked"
    clickable 2 "clickable"
    enabled 3 "enabled"
    focusable 4 "focusable"
    focused 5 "focused"
    scrollable 6 "scrollable"
    long_clickable 7 "long-clickable"
    password 8 "password"
    selected 9 "selected"
    showing_hint 10 "showing-hint"
}

/// A slice of the tree's text.
#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
}

#[derive(Debug, Clone, Default)]
struct Record {
    parent: Option<u32>,
    /// Index just behind the last descendant.
    end: u32,
    class: Span,
    package: Span,
    resource_id: Span,
    text: Span,
    description: Span,
    hint: Span,
    bounds: Bounds,
    flags: Flags,
}

/// A parsed dump.
#[derive(Debug, Clone)]
pub struct Screen {
    rotation: u8,
    records: Vec<Record>,
    pool: String,
}

impl Screen {
    /// Parses the XML of a dump. What stands before `<?xml`/`<hierarchy` and behind `</hierarchy>` is ignored.
    pub fn parse(xml: &str) -> Result<Self, ScreenError> {
        let start = xml
            .find("<hierarchy")
            .ok_or(ScreenError::Truncated("no <hierarchy>"))?;
        let end = xml.rfind("</hierarchy>");
        let body = match end {
            Some(end) if end > start => &xml[start..end + "</hierarchy>".len()],
            // `<hierarchy rotation="0"/>` is what an empty bridge prints.
            _ if xml[start..].trim_end().ends_with("/>") && !xml[start..].contains("<node") => {
                return Err(ScreenError::Empty);
            }
            _ => return Err(ScreenError::Truncated("no </hierarchy>")),
        };
        let mut builder = Builder {
            rotation: 0,
            records: Vec::with_capacity(body.len() / USUAL_NODE),
            pool: String::with_capacity(body.len() / 8),
            open: Vec::new(),
        };
        builder.read(body)?;
        if builder.records.is_empty() {
            return Err(ScreenError::Empty);
        }
        Ok(Self {
            rotation: builder.rotation,
            records: builder.records,
            pool: builder.pool,
        })
    }

    /// Quarter turns from the natural orientation.
    pub fn rotation(&self) -> u8 {
        self.rotation
    }

    /// All nodes in document order: what is drawn later stands later.
    pub fn nodes(&self) -> impl DoubleEndedIterator<Item = Node<'_>> + ExactSizeIterator {
        (0..self.records.len() as u32).map(|index| Node { screen: self, index })
    }

    /// The node at a place in document order; beyond the end the last one.
    pub fn node(&self, index: usize) -> Node<'_> {
        let last = self.records.len() - 1;
        Node {
            screen: self,
            index: index.min(last) as u32,
        }
    }

    /// The packages of the windows in the dump, in order, each once.
    pub fn packages(&self) -> Vec<&str> {
        let mut packages: Vec<&str> = Vec::new();
        for node in self.nodes().filter(|node| node.parent().is_none()) {
            if !packages.contains(&node.package()) {
                packages.push(node.package());
            }
        }
        packages
    }

    /// A number for the tree as it looks: two dumps of a screen at rest have the same.
    pub fn fingerprint(&self) -> u64 {
        use std::hash::{Hash, Hasher};
        let mut hasher = std::hash::DefaultHasher::new();
        self.rotation.hash(&mut hasher);
        for node in self.nodes() {
            (node.class(), node.resource_id(), node.text(), node.description()).hash(&mut hasher);
            let Bounds {
                left,
                top,
                right,
                bottom,
            } = node.bounds();
            (left, top, right, bottom, node.flags().0).hash(&mut hasher);
        }
        hasher.finish()
    }

    fn slice(&self, span: Span) -> &str {
        &self.pool[span.start as usize..(span.start + span.len) as usize]
    }
}

/// One node of a screen.
#[derive(Clone, Copy)]
pub struct Node<'a> {
    screen: &'a Screen,
    index: u32,
}

impl<'a> Node<'a> {
    fn record(&self) -> &'a Record {
        &self.screen.records[self.index as usize]
    }

    /// Its place in document order.
    pub fn index(&self) -> usize {
        self.index as usize
    }

    pub fn class(&self) -> &'a str {
        self.screen.slice(self.record().class)
    }

    pub fn package(&self) -> &'a str {
        self.screen.slice(self.record().package)
    }

    pub fn resource_id(&self) -> &'a str {
        self.screen.slice(self.record().resource_id)
    }

    pub fn text(&self) -> &'a str {
        self.screen.slice(self.record().text)
    }

    /// The content description.
    pub fn description(&self) -> &'a str {
        self.screen.slice(self.record().description)
    }

    pub fn hint(&self) -> &'a str {
        self.screen.slice(self.record().hint)
    }

    pub fn bounds(&self) -> Bounds {
        self.record().bounds
    }

    pub fn flags(&self) -> Flags {
        self.record().flags
    }

    pub fn parent(&self) -> Option<Node<'a>> {
        self.record().parent.map(|index| Node {
            screen: self.screen,
            index,
        })
    }

    /// Itself excluded, nearest first.
    pub fn ancestors(&self) -> impl Iterator<Item = Node<'a>> {
        std::iter::successors(self.parent(), Node::parent)
    }

    /// Itself excluded, in document order.
    pub fn descendants(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let screen = self.screen;
        (self.index + 1..self.record().end).map(move |index| Node { screen, index })
    }

    pub fn children(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let (screen, end) = (self.screen, self.record().end);
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            (next < end).then(|| {
                let child = Node { screen, index: next };
                next = child.record().end;
                child
            })
        })
    }

    pub fn depth(&self) -> usize {
        self.ancestors().count()
    }

    /// The place just behind its last descendant.
    pub fn end(&self) -> usize {
        self.record().end as usize
    }

    /// The next one in the same parent; windows have no neighbours.
    pub fn next(&self) -> Option<Node<'a>> {
        let parent = self.parent()?;
        let next = self.record().end;
        (next < parent.record().end).then_some(Node {
            screen: self.screen,
            index: next,
        })
    }

    /// The one before it in the same parent.
    pub fn previous(&self) -> Option<Node<'a>> {
        let parent = self.parent()?;
        parent
            .children()
            .take_while(|child| child.index < self.index)
            .last()
    }
}

impl PartialEq for Node<'_> {
    /// The same node of the same tree.
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index && std::ptr::eq(self.screen, other.screen)
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("class", &self.class())
            .field("id", &self.resource_id())
            .field("text", &self.text())
            .field("description", &self.description())
            .field("bounds", &format_args!("{}", self.bounds()))
            .finish_non_exhaustive()
    }
}

struct Builder {
    rotation: u8,
    records: Vec<Record>,
    pool: String,
    open: Vec<u32>,
}

impl Builder {
    fn read(&mut self, body: &str) -> Result<(), ScreenError> {
        let mut reader = Reader::from_str(body);
        reader.config_mut().check_end_names = true;
        loop {
            match reader
                .read_event()
                .map_err(|error| ScreenError::Malformed(error.to_string()))?
            {
                Event::Start(tag) => self.enter(&tag)?,
                Event::Empty(tag) => {
                    self.enter(&tag)?;
                    self.leave();
                }
                Event::End(_) => self.leave(),
                Event::Eof => break,
                _ => {}
            }
        }
        if self.open.is_empty() {
            Ok(())
        } else {
            Err(ScreenError::Truncated("a node is not closed"))
        }
    }

    fn enter(&mut self, tag: &BytesStart<'_>) -> Result<(), ScreenError> {
        if self.records.len() >= MAX_NODES || self.open.len() >= MAX_DEPTH {
            return Err(ScreenError::TooLarge);
        }
        let name = tag.name();
        if AsRef::<str>::as_ref(&name) == "hierarchy" {
            for (key, value) in Attributes::of(tag.attributes_raw()).flatten() {
                if key == "rotation" {
                    self.rotation = value.parse().unwrap_or(0);
                }
            }
            return Ok(());
        }
        let mut record = Record {
            parent: self.open.last().copied(),
            ..Record::default()
        };
        for attribute in Attributes::of(tag.attributes_raw()) {
            let (key, value) = attribute?;
            match key {
                "class" => record.class = self.keep(value),
                "package" => record.package = self.keep(value),
                "resource-id" => record.resource_id = self.keep(value),
                "text" => record.text = self.keep(value),
                "content-desc" => record.description = self.keep(value),
                "hint" => record.hint = self.keep(value),
                "bounds" => record.bounds = Bounds::parse(value).unwrap_or_default(),
                other => {
                    if value == "true"
                        && let Some(bit) = Flags::bit(other)
                    {
                        record.flags.0 |= bit;
                    }
                }
            }
        }
        self.open.push(self.records.len() as u32);
        self.records.push(record);
        Ok(())
    }

    fn leave(&mut self) {
        if let Some(index) = self.open.pop() {
            self.records[index as usize].end = self.records.len() as u32;
        }
    }

    /// Keeps an attribute's text, entities resolved; one that cannot be resolved is kept as it stands.
    fn keep(&mut self, raw: &str) -> Span {
        // Half of all texts are empty, and few have an entity.
        if raw.is_empty() {
            return Span::default();
        }
        let start = self.pool.len() as u32;
        match memchr::memchr(b'&', raw.as_bytes()).map(|_| unescape(raw)) {
            Some(Ok(text)) => self.pool.push_str(&text),
            Some(Err(_)) | None => self.pool.push_str(raw),
        }
        Span {
            start,
            len: self.pool.len() as u32 - start,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOTES: &str = r#"<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="1"><node index="0" text="" resource-id="" class="android.widget.FrameLayout" package="com.example.notes" content-desc="" checkable="false" clickable="false" enabled="true" bounds="[0,0][1080,2400]"><node index="0" text="Salt &amp; pepper&#10;&lt;3" resource-id="com.example.notes:id/title" class="android.widget.EditText" package="com.example.notes" content-desc="" checkable="false" clickable="true" enabled="true" focused="true" password="false" bounds="[42,300][1038,420]" /><node index="1" text="Save" resource-id="" class="android.widget.Button" package="com.example.notes" content-desc="Save note" clickable="true" enabled="false" bounds="[42,440][1038,440]" /></node></hierarchy>UI hierchary dumped to: /dev/tty"#;

    #[test]
    fn a_dump_becomes_a_tree_with_its_texts_unescaped() {
        let screen = Screen::parse(NOTES).unwrap();
        assert_eq!(screen.rotation(), 1);
        let nodes: Vec<_> = screen.nodes().collect();
        assert_eq!(nodes.len(), 3);
        assert_eq!(nodes[1].text(), "Salt & pepper\n<3");
        assert_eq!(nodes[1].bounds().center(), (540, 360));
        assert!(nodes[1].flags().focused() && !nodes[1].flags().password());
        assert_eq!(nodes[2].description(), "Save note");
        assert!(
            nodes[2].bounds().is_empty(),
            "a node without area must not be tapped"
        );
        assert_eq!(
            nodes[0].children().map(|node| node.index()).collect::<Vec<_>>(),
            [1, 2]
        );
        assert_eq!(nodes[2].parent().map(|node| node.index()), Some(0));
        assert_eq!(screen.packages(), ["com.example.notes"]);
    }

    #[test]
    fn a_cut_or_empty_dump_is_an_error_not_a_screen() {
        assert_eq!(
            Screen::parse("").unwrap_err(),
            ScreenError::Truncated("no <hierarchy>")
        );
        assert_eq!(
            Screen::parse(&NOTES[..400]).unwrap_err(),
            ScreenError::Truncated("no </hierarchy>")
        );
        assert_eq!(
            Screen::parse(r#"<hierarchy rotation="0"/>"#).unwrap_err(),
            ScreenError::Empty
        );
        assert_eq!(
            Screen::parse(r#"<hierarchy rotation="0"></hierarchy>"#).unwrap_err(),
            ScreenError::Empty
        );
        let deep = format!("<hierarchy>{}</hierarchy>", "<node>".repeat(MAX_DEPTH + 1));
        assert_eq!(Screen::parse(&deep).unwrap_err(), ScreenError::TooLarge);
    }

    #[test]
    fn the_fingerprint_follows_what_is_shown() {
        let screen = Screen::parse(NOTES).unwrap();
        assert_eq!(screen.fingerprint(), Screen::parse(NOTES).unwrap().fingerprint());
        let changed = NOTES.replace("Save note", "Saved");
        assert_ne!(
            screen.fingerprint(),
            Screen::parse(&changed).unwrap().fingerprint()
        );
    }

    #[test]
    fn bounds_beyond_the_screen_and_broken_bounds_are_read_safely() {
        assert_eq!(
            Bounds::parse("[-10,0][20,2147483647]").map(|bounds| bounds.left),
            Some(-10)
        );
        for broken in [
            "",
            "[0,0]",
            "[0,0][1,1][2,2]",
            "[a,b][c,d]",
            "[0,0][99999999999,1]",
        ] {
            assert_eq!(Bounds::parse(broken), None, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_screen_or_an_error(text in "(<hierarchy|<node|/>|</node>|</hierarchy>| text=\"|&#x0;|&amp;|\"|>|[a-z👋<&]){0,40}") {
            let _ = Screen::parse(&text);
        }

        #[test]
        fn a_damaged_dump_never_panics(at in 0_usize..900, byte in any::<u8>()) {
            let mut bytes = NOTES.as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            if let Ok(screen) = Screen::parse(&String::from_utf8_lossy(&bytes)) {
                for node in screen.nodes() {
                    let _ = (node.depth(), node.children().count(), node.descendants().count(), node.bounds().center());
                }
            }
        }
    }
}
