//! How a node would be named in `elements.toml`: the shortest that is it and nothing else on this screen.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use shared::screen::find::plain::plain;
use shared::screen::find::selector::{Alternative, LabelOf, LabelTest, Test};
use shared::screen::find::{Element, Elements, Search, View};
use shared::screen::{Node, Screen};

/// Texts beyond this are stories, not labels.
const LONGEST: usize = 80;

/// What an alternative may ask of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Desc,
    Text,
    Class,
}

/// In the order of trial: what a translation does not change comes first, what is short before what is long.
const TRIED: [&[Key]; 9] = [
    &[Key::Id],
    &[Key::Desc],
    &[Key::Text],
    &[Key::Id, Key::Desc],
    &[Key::Id, Key::Text],
    &[Key::Class, Key::Desc],
    &[Key::Class, Key::Text],
    &[Key::Id, Key::Class],
    &[Key::Class],
];

/// An alternative as it is written, and whether it needs a place to tell the node from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) text: String,
    pub(super) by_place: bool,
}

/// Names the nodes of one screen.
pub(super) struct Namer<'a> {
    screen: &'a Screen,
    /// How many nodes have these values.
    counts: BTreeMap<Alike, usize>,
    /// The places of nodes that only those tell apart, once they were looked for.
    places: RefCell<BTreeMap<Alike, Rc<BTreeMap<usize, usize>>>>,
}

/// Which of [`TRIED`], the values, and the package.
type Alike = (usize, Vec<String>);

impl<'a> Namer<'a> {
    pub(super) fn new(screen: &'a Screen) -> Self {
        let mut counts = BTreeMap::new();
        for node in screen.nodes().filter(|node| !node.bounds().is_empty()) {
            for (number, keys) in TRIED.iter().enumerate() {
                if let Some(mut values) = values(&node, keys) {
                    values.push(node.package().to_owned());
                    *counts.entry((number, values)).or_default() += 1;
                }
            }
        }
        Self {
            screen,
            counts,
            places: RefCell::default(),
        }
    }

    /// `None` for what has no area: no element is ever such a node.
    pub(super) fn name(&self, node: Node<'a>) -> Option<Selector> {
        if node.bounds().is_empty() {
            return None;
        }
        for (number, keys) in TRIED.iter().enumerate() {
            let Some(values) = values(&node, keys) else {
                continue;
            };
            let mut counted = values.clone();
            counted.push(node.package().to_owned());
            // A class alone says too little to be kept.
            if self.counts.get(&(number, counted)) == Some(&1) && **keys != [Key::Class] {
                return Some(written(keys, &values, None));
            }
        }
        self.by_place(node)
    }

    /// The first that is tried, with the node's place among those that it matches.
    fn by_place(&self, node: Node<'a>) -> Option<Selector> {
        let (number, keys) = (TRIED.iter().enumerate()).find(|(_, keys)| values(&node, keys).is_some())?;
        let values = values(&node, keys)?;
        let mut alike = (number, values.clone());
        alike.1.push(node.package().to_owned());
        // A screen may have thousands of them: they are looked for once.
        let known = self.places.borrow().get(&alike).cloned();
        let places = known.unwrap_or_else(|| {
            let places = Rc::new(self.places_of(node, keys, &values));
            self.places.borrow_mut().insert(alike, Rc::clone(&places));
            places
        });
        let nth = *places.get(&node.index())?;
        Some(written(keys, &values, Some(nth).filter(|_| places.len() > 1)))
    }

    /// The nodes that an alternative of these values matches, each with its place among them.
    fn places_of(&self, node: Node<'a>, keys: &[Key], values: &[String]) -> BTreeMap<usize, usize> {
        let element = Element {
            name: "it".to_owned(),
            help: String::new(),
            experimental: false,
            alternatives: vec![alternative(keys, values)],
            line: 0,
        };
        let elements = Elements::from([("it".to_owned(), element)]);
        let view = View {
            packages: vec![node.package().to_owned()],
            ..View::default()
        };
        let search = Search::new(self.screen, &elements, &view);
        let nodes = search
            .find("it")
            .map(|found| found.nodes.clone())
            .unwrap_or_default();
        nodes.into_iter().zip(0..).collect()
    }
}

fn values(node: &Node<'_>, keys: &[Key]) -> Option<Vec<String>> {
    keys.iter().map(|key| value(node, *key)).collect()
}

fn value(node: &Node<'_>, key: Key) -> Option<String> {
    let label = |text: &str| {
        let text = plain(text).trim().to_owned();
        let good = !text.is_empty() && text.chars().count() <= LONGEST && !text.contains('\n');
        // What the app failed to resolve matches nothing.
        good.then_some(text).filter(|text| !text.starts_with('@'))
    };
    match key {
        Key::Id => {
            let id = node.resource_id();
            let own = id
                .strip_prefix(node.package())
                .and_then(|rest| rest.strip_prefix(":id/"));
            Some(own.unwrap_or(id).to_owned()).filter(|id| !id.is_empty())
        }
        Key::Desc => label(node.description()),
        Key::Text => label(node.text()),
        Key::Class => {
            let class = node.class();
            Some(class.rsplit('.').next().unwrap_or(class).to_owned()).filter(|class| !class.is_empty())
        }
    }
}

fn alternative(keys: &[Key], values: &[String]) -> Alternative {
    let mut alternative = Alternative::default();
    for (key, value) in keys.iter().zip(values) {
        let label = |of| LabelTest {
            of,
            test: Test::Equals(vec![value.clone()]),
        };
        match key {
            Key::Id => alternative.ids = vec![value.clone()],
            Key::Class => alternative.classes = vec![value.clone()],
            Key::Desc => alternative.labels.push(label(LabelOf::Description)),
            Key::Text => alternative.labels.push(label(LabelOf::Text)),
        }
    }
    alternative
}

/// As it stands between the brackets of `any = [ … ]`.
fn written(keys: &[Key], values: &[String], nth: Option<usize>) -> Selector {
    let mut parts: Vec<String> = keys
        .iter()
        .zip(values)
        .map(|(key, value)| {
            let name = match key {
                Key::Id => "id",
                Key::Desc => "desc",
                Key::Text => "text",
                Key::Class => "class",
            };
            format!("{name} = {}", toml::Value::String(value.clone()))
        })
        .collect();
    if let Some(nth) = nth {
        parts.push(format!("nth = {nth}"));
    }
    Selector {
        text: format!("{{ {} }}", parts.join(", ")),
        by_place: nth.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use shared::pack::Pack;
    use shared::pack::files::PackFiles;

    use super::*;

    const HOME: &str = r#"<hierarchy rotation="0">
      <node class="android.widget.FrameLayout" package="a.b" resource-id="" text="" content-desc="" bounds="[0,0][100,200]">
        <node class="android.widget.Button" package="a.b" resource-id="a.b:id/ok" text="Fine" content-desc="" bounds="[0,0][50,20]"/>
        <node class="android.widget.TextView" package="a.b" resource-id="a.b:id/row" text="One" content-desc="" bounds="[0,20][50,40]"/>
        <node class="android.widget.TextView" package="a.b" resource-id="a.b:id/row" text="Two &quot;2&quot;" content-desc="" bounds="[0,40][50,60]"/>
        <node class="android.widget.TextView" package="a.b" resource-id="a.b:id/row" text="" content-desc="" bounds="[0,60][50,80]"/>
        <node class="android.widget.TextView" package="a.b" resource-id="android:id/title" text="" content-desc="" bounds="[0,80][50,90]"/>
        <node class="android.widget.View" package="a.b" resource-id="" text="" content-desc="" bounds="[0,80][0,80]"/>
      </node></hierarchy>"#;

    #[test]
    fn a_node_is_named_by_the_shortest_that_is_it_alone() {
        let screen = Screen::parse(HOME).unwrap();
        let namer = Namer::new(&screen);
        let names: Vec<_> = screen
            .nodes()
            .map(|node| namer.name(node).map(|name| (name.text, name.by_place)))
            .collect();
        let named = |text: &str, by_place| Some((text.to_owned(), by_place));
        assert_eq!(
            names,
            [
                named("{ class = \"FrameLayout\" }", false),
                named("{ id = \"ok\" }", false),
                named("{ text = \"One\" }", false),
                named("{ text = 'Two \"2\"' }", false),
                named("{ id = \"row\", nth = 2 }", true),
                named("{ id = \"android:id/title\" }", false),
                None,
            ]
        );
    }

    const MANIFEST: &str = r#"
        name = "names"
        version = "1"
        platform = "tiktok"
        packages = ["a.b"]
        [flow.it]
        title = "It"
    "#;

    /// Every name, read by the packs' own reader, finds its node and no other, on every screen that comes along.
    #[test]
    fn every_name_finds_its_node_first_and_without_a_place_alone() {
        let flows = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows");
        let mut count = 0;
        for pack in ["instagram", "tiktok"] {
            for entry in std::fs::read_dir(flows.join(pack).join("screens")).unwrap() {
                let file = entry.unwrap().path();
                if file.extension().is_none_or(|ext| ext != "xml") {
                    continue;
                }
                let screen = Screen::parse(&std::fs::read_to_string(&file).unwrap()).unwrap();
                let namer = Namer::new(&screen);
                let names: Vec<_> = screen.nodes().map(|node| namer.name(node)).collect();
                let named = names.iter().enumerate();
                let elements: Vec<String> = named
                    .filter_map(|(index, name)| {
                        Some(format!("[n{index}]\nany = [{}]\n", name.as_ref()?.text))
                    })
                    .collect();
                let elements = elements.concat();
                let files = [
                    ("pack.toml", MANIFEST),
                    ("it.rhai", "fn run(p) { #{} }"),
                    ("elements.toml", &elements),
                ];
                let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
                let (pack, _) = Pack::read(PackFiles::new(files)).unwrap();
                for (index, name) in names.iter().enumerate() {
                    let Some(name) = name else { continue };
                    let view = View {
                        packages: vec![screen.node(index).package().to_owned()],
                        ..View::default()
                    };
                    let search = Search::new(&screen, &pack.elements, &view);
                    let found = search.find(&format!("n{index}")).unwrap();
                    assert_eq!(found.nodes, [index], "{} in {}", name.text, file.display());
                    count += 1;
                }
            }
        }
        assert!(count > 200, "{count} names");
    }
}
