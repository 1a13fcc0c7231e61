//! Why an element is where it is, or why it is not there: for the person who mends a pack.

use super::selector::{Alternative, LabelOf, LabelTest, PackageRule, Test, any_id};
use super::{Element, Found, Search};
use crate::screen::Node;
use crate::screen::find::plain::folded;

/// How many nodes or labels are shown where there are more.
const SHOWN: usize = 5;

/// What became of one alternative.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Story {
    /// From 0.
    pub alternative: usize,
    pub line: usize,
    /// How many nodes it matches.
    pub matches: usize,
    /// How many nodes were left after each condition, or what rules it out.
    pub said: Vec<String>,
}

impl Search<'_> {
    /// Tells of each alternative what it matches and which condition leaves nothing over.
    pub fn stories(&self, element: &Element) -> Vec<Story> {
        let tried: Vec<usize> = self
            .in_order_of_trial(element)
            .map(|(number, _)| number)
            .collect();
        element
            .alternatives
            .iter()
            .enumerate()
            .map(|(number, alternative)| {
                if tried.contains(&number) {
                    self.story(number, alternative)
                } else {
                    let said = match &alternative.app {
                        Some(range) => format!("not tried: for versions {range} of the app"),
                        None => "not tried".to_owned(),
                    };
                    Story {
                        alternative: number,
                        line: alternative.line,
                        matches: 0,
                        said: vec![said],
                    }
                }
            })
            .collect()
    }

    fn story(&self, number: usize, alternative: &Alternative) -> Story {
        let screen = self.screen;
        let mut nodes: Vec<Node<'_>> = screen
            .nodes()
            .filter(|node| self.counts(node, &alternative.package))
            .collect();
        let mut said = vec![format!(
            "{} of {} nodes {}",
            nodes.len(),
            screen.nodes().len(),
            match &alternative.package {
                PackageRule::Usual =>
                    "belong to the app or a listed system package and have an area".to_owned(),
                PackageRule::Any => "have an area".to_owned(),
                PackageRule::Named(names) => format!("belong to {} and have an area", names.join(" or ")),
            }
        )];
        let mut keep = |what: String,
                        nodes: &mut Vec<Node<'_>>,
                        holds: &dyn Fn(&Node<'_>) -> bool,
                        hint: Option<&LabelTest>| {
            if nodes.is_empty() {
                return;
            }
            let before = std::mem::take(nodes);
            *nodes = before.iter().copied().filter(|node| holds(node)).collect();
            let mut line = format!("{what}: {}", count(nodes.len()));
            if nodes.is_empty()
                && let Some(label) = hint
            {
                line.push_str(&instead(label, &before));
            }
            said.push(line);
        };
        if !alternative.ids.is_empty() {
            keep(
                format!("id {}", alternative.ids.join(" or ")),
                &mut nodes,
                &|node| any_id(&alternative.ids, node),
                None,
            );
        }
        if !alternative.not_ids.is_empty() {
            keep(
                format!("not id {}", alternative.not_ids.join(" or ")),
                &mut nodes,
                &|node| !any_id(&alternative.not_ids, node),
                None,
            );
        }
        if !alternative.classes.is_empty() || !alternative.not_classes.is_empty() {
            let unwanted = alternative
                .not_classes
                .iter()
                .map(|class| format!(" not {class}"));
            let unwanted: String = unwanted.collect();
            keep(
                format!("class {}{unwanted}", alternative.classes.join(" or ")),
                &mut nodes,
                &|node| alternative.class_holds(node),
                None,
            );
        }
        for label in &alternative.labels {
            keep(
                describe(label),
                &mut nodes,
                &|node| label.holds(node),
                Some(label),
            );
        }
        for (flag, wanted) in &alternative.flags {
            let single = Alternative {
                flags: vec![(*flag, *wanted)],
                ..Alternative::default()
            };
            keep(
                format!("{flag:?} = {wanted}").to_lowercase(),
                &mut nodes,
                &|node| single.holds(node),
                None,
            );
        }
        if let Some(wanted) = alternative.empty {
            keep(
                format!("empty = {wanted}"),
                &mut nodes,
                &|node| alternative.empty_holds(node),
                None,
            );
        }
        if let Some(wanted) = alternative.covered {
            keep(
                format!("covered = {wanted}"),
                &mut nodes,
                &|node| (self.covered(node.index()) > 0) == wanted,
                None,
            );
        }
        for (relation, name) in &alternative.relations {
            let anchors = self
                .find(name)
                .map_or(Vec::new(), |found: std::rc::Rc<Found>| found.nodes.clone());
            let there = if anchors.is_empty() {
                ", which is not on this screen"
            } else {
                ""
            };
            let key = super::selector::Relation::ALL
                .iter()
                .find(|(_, other)| other == relation)
                .map_or("", |(key, _)| key);
            keep(
                format!("{key} {name}{there}"),
                &mut nodes,
                &|node| self.related(node.index(), *relation, &anchors),
                None,
            );
        }
        let mut matches = nodes.len();
        if let Some(nth) = alternative.nth
            && matches > 0
        {
            let wanted = if nth < 0 {
                nth.unsigned_abs() as usize
            } else {
                nth as usize + 1
            };
            let there = wanted <= matches;
            said.push(format!("nth = {nth}: {}", count(usize::from(there))));
            matches = usize::from(there);
        }
        Story {
            alternative: number,
            line: alternative.line,
            matches,
            said,
        }
    }
}

fn count(nodes: usize) -> String {
    match nodes {
        0 => "no node".to_owned(),
        1 => "1 node".to_owned(),
        more => format!("{more} nodes"),
    }
}

fn describe(label: &LabelTest) -> String {
    let of = match label.of {
        LabelOf::Text => "text",
        LabelOf::Description => "desc",
        LabelOf::Hint => "hint",
        LabelOf::Either => "text or desc",
    };
    let list = |verb: &str, wanted: &[String]| {
        let wanted: Vec<String> = wanted.iter().map(|text| format!("{text:?}")).collect();
        format!("{of}{verb} {}", wanted.join(" or "))
    };
    match &label.test {
        Test::Equals(wanted) => list("", wanted),
        Test::Differs(wanted) => list(" is not", wanted),
        Test::Contains(wanted) => list(" contains", wanted),
        Test::Starts(wanted) => list(" starts with", wanted),
        Test::Matches(wanted) => {
            let wanted: Vec<String> = wanted.iter().map(|regex| regex.as_str().to_owned()).collect();
            format!("{of} matches {}", wanted.join(" or "))
        }
    }
}

/// What those nodes show instead, the most alike first.
fn instead(label: &LabelTest, nodes: &[Node<'_>]) -> String {
    let wanted = match &label.test {
        Test::Equals(wanted) | Test::Contains(wanted) | Test::Starts(wanted) => {
            wanted.first().map(|text| folded(text)).unwrap_or_default()
        }
        Test::Differs(_) | Test::Matches(_) => String::new(),
    };
    let mut shown: Vec<&str> = nodes
        .iter()
        .flat_map(|node| match label.of {
            LabelOf::Text => [node.text(), ""],
            LabelOf::Description => [node.description(), ""],
            LabelOf::Hint => [node.hint(), ""],
            LabelOf::Either => [node.text(), node.description()],
        })
        .filter(|text| !text.is_empty())
        .collect();
    shown.sort_by_key(|text| crate::nearest::distance(&folded(text), &wanted));
    shown.dedup();
    let texts: Vec<String> = shown.iter().take(SHOWN).map(|text| format!("{text:?}")).collect();
    if texts.is_empty() {
        String::new()
    } else {
        format!("; they show {}", texts.join(", "))
    }
}
