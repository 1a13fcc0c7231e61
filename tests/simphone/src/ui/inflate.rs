//! Makes views of a layout: fills its texts, keeps what its conditions allow, repeats its lists.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::page::Page;
use super::scope::Scope;
use super::style;
use super::template::{Element, Layouts};
use super::view::{Actions, Align, Shape, Style, View};

/// A timer that a layout asks for: it runs while the layout asks for it, and strikes once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Timer {
    pub(crate) key: String,
    pub(crate) after: Duration,
    pub(crate) actions: Vec<String>,
}

/// What a layout became.
#[derive(Debug, Default)]
pub(crate) struct Inflated {
    pub(crate) root: View,
    pub(crate) timers: Vec<Timer>,
    /// Something in it moves all the time.
    pub(crate) moving: bool,
}

/// What all of a layout's views need.
pub(crate) struct Inflater<'a> {
    pub(crate) layouts: &'a Layouts,
    /// Strings and templates of the system, where the app has none of that name.
    pub(crate) common: &'a Layouts,
    pub(crate) page: &'a Page,
    pub(crate) page_at: usize,
    /// The package that resource ids without one belong to.
    pub(crate) ids: String,
    pub(crate) language: &'a str,
    /// Pixels to a dp.
    pub(crate) scale: f32,
    pub(crate) timers: Vec<Timer>,
    pub(crate) moving: bool,
}

/// The children given to a template, and where their names are looked up.
type Slot<'a> = Option<(&'a [Element], &'a Scope<'a>)>;

impl Inflater<'_> {
    /// The views of a whole screen: its root is as large as its window.
    pub(crate) fn screen(mut self, screen: &Element, scope: &Scope<'_>) -> Inflated {
        let mut root = self.view(screen, Shape::Stack, "FrameLayout", scope, None);
        root.id = String::new();
        self.moving |= screen.attr("moving").is_some_and(|test| flag(scope, test));
        Inflated {
            root,
            timers: self.timers,
            moving: self.moving,
        }
    }

    fn children(&mut self, elements: &[Element], scope: &Scope<'_>, slot: Slot<'_>, out: &mut Vec<View>) {
        for element in elements {
            match element.attr("each").map(|path| scope.get(path)) {
                None => self.one(element, scope, slot, out),
                Some(Some(Value::Array(items))) => {
                    for (index, item) in items.iter().enumerate() {
                        let mut values = item.as_object().cloned().unwrap_or_default();
                        values.insert("item".to_owned(), item.clone());
                        values.insert("index".to_owned(), json!(index));
                        values.insert("last".to_owned(), json!(index + 1 == items.len()));
                        let scope = Scope::within(scope, Cow::Owned(Value::Object(values)));
                        self.one(element, &scope, slot, out);
                    }
                }
                Some(_) => {}
            }
        }
    }

    fn one(&mut self, element: &Element, scope: &Scope<'_>, slot: Slot<'_>, out: &mut Vec<View>) {
        if element.attr("if").is_some_and(|test| !flag(scope, test)) {
            return;
        }
        match element.tag.as_str() {
            "If" => self.children(&element.children, scope, slot, out),
            "After" => self.after(element, scope),
            "Slot" => {
                if let Some((elements, scope)) = slot {
                    self.children(elements, scope, None, out);
                }
            }
            "Use" => self.template(element, scope, out),
            tag => {
                let (shape, class) = kind(tag);
                out.push(self.view(element, shape, class, scope, slot));
            }
        }
    }

    fn template(&mut self, element: &Element, scope: &Scope<'_>, out: &mut Vec<View>) {
        let name = element.attr("template").unwrap_or_default();
        let Some(template) = self.layouts.template(name).or_else(|| self.common.template(name)) else {
            tracing::warn!(name, "a layout uses a template that is not there");
            return;
        };
        let mut values = Map::new();
        for (key, raw) in &element.attributes {
            values.insert(key.clone(), Value::from(self.words(raw, scope)));
        }
        let inner = Scope::within(scope, Cow::Owned(Value::Object(values)));
        self.children(&template.children, &inner, Some((&element.children, scope)), out);
    }

    fn after(&mut self, element: &Element, scope: &Scope<'_>) {
        let time = scope.fill(element.attr("time").unwrap_or_default());
        let Some(after) = duration(&time) else { return };
        let raw = element.attr("do").unwrap_or_default();
        self.timers.push(Timer {
            key: format!("{time} {raw} {}", element.attr("id").unwrap_or_default()),
            after,
            actions: actions(raw, scope),
        });
    }

    /// A text of a layout: `@name` comes from the string tables, `{path}` from the values.
    fn words(&self, raw: &str, scope: &Scope<'_>) -> String {
        let Some(name) = raw.strip_prefix('@') else {
            return scope.fill(raw);
        };
        let name = scope.fill(name);
        let text = self
            .layouts
            .string(&name, self.language)
            .or_else(|| self.common.string(&name, self.language));
        text.map_or_else(|| format!("@{name}"), |text| scope.fill(text))
    }

    fn view(
        &mut self,
        element: &Element,
        shape: Shape,
        class: &str,
        scope: &Scope<'_>,
        slot: Slot<'_>,
    ) -> View {
        let words = |name: &str| {
            element
                .attr(name)
                .map(|raw| self.words(raw, scope))
                .unwrap_or_default()
        };
        let yes = |name: &str| element.attr(name).map(|raw| flag(scope, raw));
        let acts = |name: &str| {
            element
                .attr(name)
                .map(|raw| actions(raw, scope))
                .unwrap_or_default()
        };
        let mut view = View {
            shape,
            class: long_class(&scope.fill(element.attr("class").unwrap_or(class))),
            id: self.full_id(&words("id")),
            text: words("text"),
            desc: words("desc"),
            hint: words("hint"),
            checkable: yes("checkable").unwrap_or(matches!(shape, Shape::Switch | Shape::Check)),
            checked: yes("checked").unwrap_or(false),
            disabled: !yes("enabled").unwrap_or(true),
            password: yes("password").unwrap_or(false),
            selected: yes("selected").unwrap_or(false),
            hidden: !yes("visible").unwrap_or(true),
            plain: yes("plain").unwrap_or(element.tag == "Space"),
            multiline: yes("multiline").unwrap_or(false),
            page_at: self.page_at,
            autofocus: yes("autofocus").unwrap_or(false),
            progress: element
                .attr("progress")
                .and_then(|raw| scope.fill(raw).parse().ok()),
            style: style::read(element, scope, base_style(&element.tag, self.scale), self.scale),
            actions: Actions {
                tap: acts("tap"),
                long: acts("long"),
                change: acts("change"),
                submit: acts("submit"),
                swipes: ["up", "down", "left", "right"].map(|way| acts(&format!("swipe_{way}"))),
            },
            ..View::default()
        };
        self.moving |= element.tag != "Screen" && yes("moving").unwrap_or(false);
        let pressable = matches!(
            element.tag.as_str(),
            "Button" | "ImageButton" | "Switch" | "CheckBox"
        );
        view.clickable = yes("clickable").unwrap_or(pressable || !view.actions.tap.is_empty());
        view.long_clickable = yes("longclickable").unwrap_or(!view.actions.long.is_empty());
        view.scrollable = yes("scrollable").unwrap_or(matches!(shape, Shape::Scroll | Shape::Strip));
        let reacts = view.clickable || view.long_clickable || view.scrollable;
        view.focusable = yes("focusable").unwrap_or(reacts);
        view.focused = yes("focused").unwrap_or(false);
        if view.scrollable {
            element
                .attr("id")
                .unwrap_or("scroll")
                .clone_into(&mut view.scroll_key);
            view.offset = self.page.scroll.get(&view.scroll_key).copied().unwrap_or(0);
        }
        match element.tag.as_str() {
            "EditText" => self.edit_field(&mut view, element, scope),
            "Slider" => self.slider(&mut view, element, scope),
            _ => {}
        }
        self.children(&element.children, scope, slot, &mut view.children);
        view
    }

    fn edit_field(&self, view: &mut View, element: &Element, scope: &Scope<'_>) {
        let key = element
            .attr("bind")
            .or(element.attr("id"))
            .unwrap_or("text")
            .to_owned();
        match self.page.fields.get(&key) {
            Some(field) => view.text.clone_from(&field.text),
            None => {
                view.text = element
                    .attr("value")
                    .map(|raw| scope.fill(raw))
                    .unwrap_or_default();
            }
        }
        view.focused = self.page.focus.as_deref() == Some(&key);
        if view.focused {
            let length = view.text.chars().count();
            view.caret = Some(self.page.fields.get(&key).map_or(length, |field| field.caret));
        }
        view.focusable = true;
        view.clickable = true;
        view.long_clickable = true;
        view.field = Some(key);
    }

    /// Its place is the page's variable `bind`, in percent: what a finger chose, or else `value`.
    fn slider(&self, view: &mut View, element: &Element, scope: &Scope<'_>) {
        let key = element.attr("bind").unwrap_or("slider");
        let chosen = self.page.vars.get(key).and_then(Value::as_f64);
        let usual = || scope.fill(element.attr("value").unwrap_or_default()).parse().ok();
        let percent = chosen.or_else(usual).unwrap_or(0.0).clamp(0.0, 100.0);
        view.progress = Some(percent as f32 / 100.0);
        view.text = format!("{percent:.1}");
        key.clone_into(&mut view.scroll_key);
        view.focusable = true;
        view.clickable = element.attr("clickable").is_some();
    }

    fn full_id(&self, id: &str) -> String {
        if id.is_empty() || id.contains(':') {
            return id.to_owned();
        }
        format!("{}:id/{id}", self.ids)
    }
}

/// Shape and class of a tag.
fn kind(tag: &str) -> (Shape, &'static str) {
    match tag {
        "Row" => (Shape::Row, "LinearLayout"),
        "Stack" => (Shape::Stack, "FrameLayout"),
        "Group" => (Shape::Stack, "android.view.ViewGroup"),
        "Scroll" => (Shape::Scroll, "ScrollView"),
        "List" | "Grid" => (Shape::Scroll, "androidx.recyclerview.widget.RecyclerView"),
        "Strip" => (Shape::Strip, "HorizontalScrollView"),
        "Text" => (Shape::Text, "TextView"),
        "Button" => (Shape::Text, "Button"),
        "EditText" => (Shape::Text, "EditText"),
        "ImageButton" => (Shape::Icon, "ImageButton"),
        "Image" => (Shape::Icon, "ImageView"),
        "Switch" => (Shape::Switch, "Switch"),
        "CheckBox" => (Shape::Check, "CheckBox"),
        "Progress" => (Shape::Progress, "ProgressBar"),
        "Slider" => (Shape::Slider, "SeekBar"),
        "View" | "Space" => (Shape::Stack, "android.view.View"),
        _ => (Shape::Column, "LinearLayout"),
    }
}

fn base_style(tag: &str, scale: f32) -> Style {
    let mut style = Style {
        text_size: 14.0 * scale,
        ..Style::default()
    };
    match tag {
        "Screen" => {
            style.width = super::view::Size::Match;
            style.height = super::view::Size::Match;
        }
        "Row" | "EditText" => style.gravity = (Align::Start, Align::Center),
        "Button" => style.gravity = (Align::Center, Align::Center),
        _ => {}
    }
    style
}

fn long_class(class: &str) -> String {
    if class.contains('.') {
        class.to_owned()
    } else {
        format!("android.widget.{class}")
    }
}

/// Whether a yes/no attribute holds: a word, a value in braces, or a condition.
pub(super) fn flag(scope: &Scope<'_>, raw: &str) -> bool {
    match raw {
        "true" => true,
        "false" => false,
        condition => match condition
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            Some(path) => scope.holds(path),
            None => scope.holds(condition),
        },
    }
}

/// `a; b:{x}` → its parts, filled after the split so that no value can add an action.
fn actions(raw: &str, scope: &Scope<'_>) -> Vec<String> {
    let parts = raw.split(';').map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| scope.fill(part)).collect()
}

/// "2s", "300ms".
fn duration(text: &str) -> Option<Duration> {
    if let Some(millis) = text.strip_suffix("ms") {
        return millis.parse().ok().map(Duration::from_millis);
    }
    let seconds = text.strip_suffix('s')?.parse::<f64>().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inflate(xml: &str, page: &Page, values: Value) -> Inflated {
        let layouts = Layouts::parse(&[xml]).unwrap();
        let inflater = Inflater {
            layouts: &layouts,
            common: &Layouts::default(),
            page,
            page_at: 0,
            ids: "com.example".to_owned(),
            language: "en",
            scale: 2.0,
            timers: Vec::new(),
            moving: false,
        };
        inflater.screen(layouts.screen("s").unwrap(), &Scope::new(values))
    }

    #[test]
    fn lists_conditions_and_templates_become_views() {
        let xml = r#"<L><Screen name="s"><Use template="row" each="list" title="{n}"><Text text="in {n}"/></Use>
            <Text if="list.2" text="three"/></Screen>
            <Template name="row"><Row id="row" tap="open:{index}"><Text text="{title}!"/><Slot/></Row></Template></L>"#;
        let done = inflate(xml, &Page::default(), json!({"list": [{"n": "a;b"}, {"n": "c"}]}));
        assert_eq!(done.root.children.len(), 2);
        let row = &done.root.children[0];
        assert_eq!(row.id, "com.example:id/row");
        assert_eq!(row.actions.tap, ["open:0"]);
        assert!(row.clickable);
        assert_eq!(row.children[0].text, "a;b!");
        assert_eq!(row.children[1].text, "in a;b");
    }

    #[test]
    fn a_class_may_depend_on_a_value() {
        let xml = r#"<L><Screen name="s"><Text class="{kind}"/><Text class="{long}"/></Screen></L>"#;
        let done = inflate(xml, &Page::default(), json!({"kind": "Button", "long": "a.b.C"}));
        assert_eq!(done.root.children[0].class, "android.widget.Button");
        assert_eq!(done.root.children[1].class, "a.b.C");
    }

    #[test]
    fn a_value_cannot_add_an_action() {
        let xml = r#"<L><Screen name="s"><Button tap="go:{x}; back"/></Screen></L>"#;
        let done = inflate(xml, &Page::default(), json!({"x": "a; evil"}));
        assert_eq!(done.root.children[0].actions.tap, ["go:a; evil", "back"]);
    }

    #[test]
    fn timers_are_asked_for_while_their_condition_holds() {
        let xml = r#"<L><Screen name="s"><After if="busy" time="1.5s" do="done"/></Screen></L>"#;
        assert!(inflate(xml, &Page::default(), json!({})).timers.is_empty());
        let timers = inflate(xml, &Page::default(), json!({"busy": true})).timers;
        assert_eq!(timers[0].after, Duration::from_millis(1500));
        assert_eq!(timers[0].actions, ["done"]);
    }
}
