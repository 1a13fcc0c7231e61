//! UiSelector as the client sends it: which nodes it means.

use serde_json::Value;

use crate::ui::Seen;

/// The nodes that `selector` means, in reading order.
pub(super) fn find(nodes: &[Seen], selector: &Value) -> Vec<usize> {
    let mut found = matching(nodes, selector, |_| true);
    let links = selector["childOrSibling"].as_array().cloned().unwrap_or_default();
    let inner = selector["childOrSiblingSelector"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    for (link, selector) in links.iter().zip(&inner) {
        let from = found.clone();
        let child = link == "child";
        found = matching(nodes, selector, |at| {
            if child {
                ancestors(nodes, at).any(|above| from.contains(&above))
            } else {
                let parent = nodes[at].parent;
                from.iter()
                    .any(|one| *one != at && nodes[*one].parent == parent && parent.is_some())
            }
        });
    }
    found
}

fn matching(nodes: &[Seen], selector: &Value, also: impl Fn(usize) -> bool) -> Vec<usize> {
    let found: Vec<usize> = (0..nodes.len())
        .filter(|at| fits(&nodes[*at], selector) && also(*at))
        .collect();
    match selector["instance"].as_u64() {
        Some(instance) => found.get(instance as usize).copied().into_iter().collect(),
        None => found,
    }
}

fn ancestors(nodes: &[Seen], at: usize) -> impl Iterator<Item = usize> {
    std::iter::successors(nodes[at].parent, |above| nodes[*above].parent)
}

fn fits(node: &Seen, selector: &Value) -> bool {
    let Some(fields) = selector.as_object() else {
        return false;
    };
    let view = &node.view;
    fields.iter().all(|(name, wanted)| {
        let word = wanted.as_str().unwrap_or_default();
        let yes = wanted.as_bool().unwrap_or_default();
        match name.as_str() {
            "text" => node.text() == word,
            "textContains" => contains(&node.text(), word),
            "textStartsWith" => node.text().to_lowercase().starts_with(&word.to_lowercase()),
            "textMatches" => matches(&node.text(), word),
            "description" => view.desc == word,
            "descriptionContains" => contains(&view.desc, word),
            "descriptionStartsWith" => view.desc.to_lowercase().starts_with(&word.to_lowercase()),
            "descriptionMatches" => matches(&view.desc, word),
            "className" => view.class == word,
            "classNameMatches" => matches(&view.class, word),
            "packageName" => node.package == word,
            "packageNameMatches" => matches(&node.package, word),
            "resourceId" => view.id == word,
            "resourceIdMatches" => matches(&view.id, word),
            "checkable" => view.checkable == yes,
            "checked" => view.checked == yes,
            "clickable" => view.clickable == yes,
            "longClickable" => view.long_clickable == yes,
            "scrollable" => (view.scrollable && view.reach > 0) == yes,
            "enabled" => view.disabled != yes,
            "focusable" => view.focusable == yes,
            "focused" => view.focused == yes,
            "selected" => view.selected == yes,
            "index" => wanted.as_u64() == Some(node.index as u64),
            _ => true,
        }
    })
}

/// UiSelector ignores case here.
fn contains(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}

/// The whole text, as Java's `matches` does.
fn matches(text: &str, pattern: &str) -> bool {
    regex::Regex::new(&format!("^(?s:{pattern})$")).is_ok_and(|regex| regex.is_match(text))
}
