//! `elements.toml`: what is on the app's screens by name, which pop-ups are expected and how they are declined, and
//! which screens end a flow.

use regex::Regex;

use super::failure::FailureKind;
use super::fault::Fault;
use super::files::{ELEMENTS, PackFiles};
use super::table::{Document, Fields};
use crate::nearest::nearest;
use crate::screen::find::plain::{folded, plain};
use crate::screen::find::selector::{
    Alternative, Flag, LabelOf, LabelTest, PackageRule, Relation, Test, VersionRange,
};
use crate::screen::find::{Element, Elements};

/// How often a watcher acts in one step unless it says otherwise.
pub const MOST: usize = 2;
/// More alternatives than any element needs.
const MAX_ALTERNATIVES: usize = 100;

/// An expected pop-up and the control that declines it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watcher {
    pub name: String,
    pub when: String,
    /// `None`: the back key.
    pub tap: Option<String>,
    /// How often in one step.
    pub most: usize,
    /// Not looked for while one of these is on the screen.
    pub unless: Vec<String>,
    pub line: usize,
}

/// A screen that ends the flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    pub name: String,
    pub when: String,
    pub kind: FailureKind,
    /// What the operator is told.
    pub help: String,
    pub unless: Vec<String>,
    pub line: usize,
}

/// What `elements.toml` says.
pub(super) struct Screens {
    pub(super) elements: Elements,
    pub(super) watchers: Vec<Watcher>,
    pub(super) stops: Vec<Stop>,
}

pub(super) fn read(files: &PackFiles, faults: &mut Vec<Fault>) -> Option<Screens> {
    let Some(text) = files.get(ELEMENTS) else {
        faults.push(Fault::error(ELEMENTS, None, "the pack has no such file"));
        return None;
    };
    let document = Document::new(ELEMENTS, text);
    let screens = document.parse().map(|table| {
        let fields = Fields::new(&document, "", 0, &table);
        let mut screens = Screens {
            elements: Elements::new(),
            watchers: Vec::new(),
            stops: Vec::new(),
        };
        for (name, fields) in fields.tables() {
            match name.as_str() {
                "watcher" => screens.watchers = fields.tables().iter().filter_map(watcher).collect(),
                "stop" => screens.stops = fields.tables().iter().filter_map(stop).collect(),
                _ => {
                    if let Some(element) = element(&name, &fields) {
                        screens.elements.insert(name, element);
                    }
                }
            }
        }
        check_references(&document, &screens);
        screens
    });
    faults.append(&mut document.faults.borrow_mut());
    screens
}

fn watcher((name, fields): &(String, Fields<'_, '_>)) -> Option<Watcher> {
    let watcher = Watcher {
        name: name.clone(),
        when: fields.required_text("when")?,
        tap: match fields.text("tap") {
            Some(tap) => Some(tap),
            None if fields.text("key").as_deref() == Some("back") => None,
            None => {
                fields.error_at(
                    "key",
                    format!("{} needs `tap = \"ELEMENT\"`, or `key = \"back\"`", fields.name),
                );
                return None;
            }
        },
        most: fields
            .integer("most")
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(MOST),
        unless: fields.texts("unless"),
        line: fields.line(),
    };
    fields.text("help");
    fields.text("key");
    fields.boolean("experimental");
    fields.no_others();
    Some(watcher)
}

fn stop((name, fields): &(String, Fields<'_, '_>)) -> Option<Stop> {
    let word = fields.required_text("kind")?;
    let Some(kind) = FailureKind::parse(&word) else {
        let names: Vec<&str> = FailureKind::names().collect();
        let advice = match nearest(&word, names.iter().copied()) {
            Some(near) => format!("did you mean {near:?}?"),
            None => format!("allowed are {}", names.join(", ")),
        };
        fields.error_at("kind", format!("{word:?} is no kind of failure: {advice}"));
        return None;
    };
    let stop = Stop {
        name: name.clone(),
        when: fields.required_text("when")?,
        kind,
        help: fields.text("help").unwrap_or_default(),
        unless: fields.texts("unless"),
        line: fields.line(),
    };
    fields.boolean("experimental");
    fields.no_others();
    Some(stop)
}

fn element(name: &str, fields: &Fields<'_, '_>) -> Option<Element> {
    if !super::manifest::is_name(name) {
        fields.document.error(
            fields.at,
            format!("{name:?} cannot be an element's name: it may have small letters, digits, - and _"),
        );
    }
    let help = fields.text("help").unwrap_or_default();
    let experimental = fields.boolean("experimental").unwrap_or(false);
    let Some(value) = fields.value("any") else {
        fields.document.error(
            fields.at,
            format!(
                "[{name}] needs `any = [ {{ text = \"…\" }}, … ]`: the ways to find it, in the order of trial"
            ),
        );
        fields.no_others();
        return None;
    };
    fields.no_others();
    let mut alternatives = Vec::new();
    for (number, one) in value.get_ref().as_array().into_iter().flatten().enumerate() {
        let place = format!("alternative {} of [{name}]", number + 1);
        match one.get_ref().as_table() {
            Some(table) => {
                let fields = Fields::new(fields.document, &place, one.span().start, table);
                alternatives.push(alternative(&fields));
            }
            None => fields.document.error(
                one.span().start,
                format!("{place} must be a table: {{ text = \"…\" }}"),
            ),
        }
    }
    if alternatives.is_empty() || alternatives.len() > MAX_ALTERNATIVES {
        fields.document.error(
            value.span().start,
            format!("`any` of [{name}] must be a list of 1 to {MAX_ALTERNATIVES} alternatives"),
        );
        return None;
    }
    Some(Element {
        name: name.to_owned(),
        help,
        experimental,
        alternatives,
        line: fields.line(),
    })
}

fn alternative(fields: &Fields<'_, '_>) -> Alternative {
    let plain_texts = |key: &str| -> Vec<String> {
        fields
            .texts(key)
            .iter()
            .map(|text| plain(text).into_owned())
            .collect()
    };
    let folded_texts =
        |key: &str| -> Vec<String> { fields.texts(key).iter().map(|text| folded(text)).collect() };
    let mut labels = Vec::new();
    for (key, of) in LabelOf::ALL {
        let mut add = |name: String, test: Test| {
            if fields.has(&name) {
                labels.push(LabelTest { of, test });
            }
        };
        add(key.to_owned(), Test::Equals(plain_texts(key)));
        let name = |ending: &str| format!("{key}{ending}");
        add(
            format!("not_{key}"),
            Test::Differs(plain_texts(&format!("not_{key}"))),
        );
        add(
            name("_contains"),
            Test::Contains(folded_texts(&name("_contains"))),
        );
        add(name("_starts"), Test::Starts(folded_texts(&name("_starts"))));
        add(
            name("_matches"),
            Test::Matches(regexes(fields, &name("_matches"))),
        );
    }
    let mut relations = Vec::new();
    for (key, relation) in Relation::ALL {
        relations.extend(fields.texts(key).into_iter().map(|name| (relation, name)));
    }
    let flags = Flag::ALL
        .iter()
        .filter_map(|(key, flag)| fields.boolean(key).map(|wanted| (*flag, wanted)))
        .collect();
    let packages = fields.texts("package");
    let alternative = Alternative {
        ids: fields.texts("id"),
        not_ids: fields.texts("not_id"),
        classes: fields.texts("class"),
        not_classes: fields.texts("not_class"),
        package: match packages.as_slice() {
            [] => PackageRule::Usual,
            [any] if any == "any" => PackageRule::Any,
            _ => PackageRule::Named(packages),
        },
        flags,
        labels,
        empty: fields.boolean("empty"),
        covered: fields.boolean("covered"),
        relations,
        nth: fields.integer("nth").and_then(|nth| i32::try_from(nth).ok()),
        lang: fields.text("lang"),
        app: version_range(fields),
        experimental: fields.boolean("experimental").unwrap_or(false),
        line: fields.line(),
    };
    fields.text("help");
    fields.no_others();
    let says_something = !(alternative.ids.is_empty()
        && alternative.classes.is_empty()
        && alternative.labels.is_empty()
        && alternative.relations.is_empty()
        && alternative.flags.is_empty());
    if !says_something {
        fields.document.error(
            fields.at,
            format!(
                "{} says nothing of what it looks for: give id, text, desc, class or the like",
                fields.name
            ),
        );
    }
    alternative
}

fn regexes(fields: &Fields<'_, '_>, key: &str) -> Vec<Regex> {
    fields
        .texts(key)
        .iter()
        .filter_map(|pattern| match Regex::new(pattern) {
            Ok(regex) => Some(regex),
            Err(error) => {
                let why = error.to_string();
                let last = why.lines().last().unwrap_or_default().trim().to_owned();
                fields.error_at(
                    key,
                    format!("`{key}` {pattern:?} is no regular expression: {last}"),
                );
                None
            }
        })
        .collect()
}

fn version_range(fields: &Fields<'_, '_>) -> Option<VersionRange> {
    let text = fields.text("app")?;
    let range = VersionRange::parse(&text);
    if range.is_none() {
        fields.error_at(
            "app",
            format!("`app = {text:?}` must be versions as \">=43,<46\" or \"46\""),
        );
    }
    range
}

/// Elements that are named but not there, and circles of elements that refer to each other.
fn check_references(document: &Document<'_>, screens: &Screens) {
    let elements = &screens.elements;
    let unknown = |name: &str, line: usize, place: &str| {
        if !elements.contains_key(name) {
            let what = missing(elements, name);
            document
                .faults
                .borrow_mut()
                .push(Fault::error(document.file, line, format!("{place}: {what}")));
        }
    };
    for element in elements.values() {
        for alternative in &element.alternatives {
            for (_, name) in &alternative.relations {
                unknown(name, alternative.line, &format!("[{}]", element.name));
            }
        }
        if let Some(circle) = circle(elements, &element.name) {
            document.faults.borrow_mut().push(Fault::error(
                document.file,
                element.line,
                format!("[{}] refers to itself: {}", element.name, circle.join(" → ")),
            ));
        }
    }
    for watcher in &screens.watchers {
        let place = format!("[watcher.{}]", watcher.name);
        for name in std::iter::once(&watcher.when)
            .chain(&watcher.tap)
            .chain(&watcher.unless)
        {
            unknown(name, watcher.line, &place);
        }
    }
    for stop in &screens.stops {
        let place = format!("[stop.{}]", stop.name);
        for name in std::iter::once(&stop.when).chain(&stop.unless) {
            unknown(name, stop.line, &place);
        }
    }
}

/// What to say of an element that is not there.
pub(super) fn missing(elements: &Elements, name: &str) -> String {
    match nearest(name, elements.keys().map(String::as_str)) {
        Some(near) => format!("there is no element {name:?} in {ELEMENTS}: did you mean {near:?}?"),
        None => format!("there is no element {name:?} in {ELEMENTS}"),
    }
}

/// The way from an element back to itself.
fn circle(elements: &Elements, from: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![from.to_owned()]];
    let mut seen: Vec<String> = Vec::new();
    while let Some(way) = ways.pop() {
        let Some(element) = way.last().and_then(|name| elements.get(name)) else {
            continue;
        };
        for (_, next) in element.alternatives.iter().flat_map(|one| &one.relations) {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == from {
                return Some(longer);
            }
            if !seen.contains(next) {
                seen.push(next.clone());
                ways.push(longer);
            }
        }
    }
    None
}
