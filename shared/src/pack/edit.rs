//! One element in the text of `elements.toml`: read as it is written, and given other alternatives so that all else in
//! the file stays byte for byte as it is.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::fault::Fault;
use super::files::ELEMENTS;
use super::table::{as_json, line_at};
use crate::nearest::nearest;

/// The tables of the file that are no elements.
const OTHERS: [&str; 2] = ["watcher", "stop"];
/// In this order the keys of an alternative are written; others come behind.
const ORDER: [&str; 16] = [
    "id",
    "text",
    "desc",
    "label",
    "hint",
    "text_contains",
    "desc_contains",
    "label_contains",
    "text_starts",
    "desc_starts",
    "label_starts",
    "text_matches",
    "desc_matches",
    "label_matches",
    "class",
    "not_class",
];

/// An element as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementSource {
    pub name: String,
    /// From 1, of its header.
    pub line: usize,
    pub last_line: usize,
    /// Those lines.
    pub text: String,
    /// The line where the list of alternatives begins.
    pub any_line: usize,
    /// The list itself, with its brackets and comments.
    pub any: String,
    pub alternatives: Vec<AlternativeSource>,
}

/// An alternative as it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct AlternativeSource {
    pub line: usize,
    /// `{ text = "Post" }`.
    pub text: String,
    /// Keys and values: texts, lists of texts, numbers, true and false.
    pub fields: Map<String, Value>,
}

/// Alternatives to be put in the place of an element's.
#[derive(Debug, Clone, PartialEq)]
pub enum Draft {
    /// The list as it is written in the file: `[ { … }, … ]`, with `any =` before it or not.
    Toml(String),
    /// Those that stand there already are kept as they are written, with their comments.
    Fields(Vec<Map<String, Value>>),
}

/// All elements of the file, in its order; none where it is no TOML.
pub fn elements(text: &str) -> Vec<ElementSource> {
    let Ok(table) = DeTable::parse(text) else {
        return Vec::new();
    };
    let mut found: Vec<ElementSource> = table
        .get_ref()
        .iter()
        .filter(|(name, _)| !OTHERS.contains(&name.get_ref().as_ref()))
        .filter_map(|(name, value)| {
            let fields = value.get_ref().as_table()?;
            let any = list_of(fields)?;
            let from = line_begins(text, name.span().start);
            let ends = fields.iter().map(|(_, value)| value.span().end);
            let to = line_ends(text, ends.max().unwrap_or(name.span().end));
            Some(ElementSource {
                name: name.get_ref().to_string(),
                line: line_at(text, from),
                last_line: line_at(text, to),
                text: text.get(from..to).unwrap_or_default().to_owned(),
                any_line: line_at(text, any.span().start),
                any: text.get(any.span()).unwrap_or_default().to_owned(),
                alternatives: parts(text, any.get_ref().as_array()?)
                    .into_iter()
                    .map(|part| part.source)
                    .collect(),
            })
        })
        .collect();
    found.sort_by_key(|element| element.line);
    found
}

/// The file's text with other alternatives of an element; what is wrong with them is told with the line that it would
/// have in the file.
pub fn with_alternatives(text: &str, element: &str, draft: &Draft) -> Result<String, Vec<Fault>> {
    let wrong = |line: Option<usize>, what: String| vec![Fault::error(ELEMENTS, line, what)];
    let table =
        DeTable::parse(text).map_err(|error| wrong(None, format!("is no TOML: {}", error.message())))?;
    let names = || table.get_ref().iter().map(|(name, _)| name.get_ref().as_ref());
    let fields = table
        .get_ref()
        .iter()
        .find(|(name, _)| name.get_ref() == element && !OTHERS.contains(&element))
        .and_then(|(_, value)| value.get_ref().as_table());
    let Some(any) = fields.and_then(list_of) else {
        let near = nearest(element, names()).map_or(String::new(), |near| format!(": did you mean {near}?"));
        return Err(wrong(None, format!("there is no element {element:?}{near}")));
    };
    let line = line_at(text, any.span().start);
    let list = match draft {
        Draft::Toml(draft) => checked_list(draft).map_err(|(at, what)| {
            wrong(
                Some(line + at),
                format!("the alternatives of [{element}]: {what}"),
            )
        })?,
        Draft::Fields(wanted) => {
            let known = any
                .get_ref()
                .as_array()
                .map(|list| parts(text, list))
                .unwrap_or_default();
            if known.iter().map(|part| &part.source.fields).eq(wanted) {
                return Ok(text.to_owned());
            }
            written(wanted, known)
                .map_err(|what| wrong(Some(line), format!("the alternatives of [{element}]: {what}")))?
        }
    };
    let Range { start, end } = any.span();
    let (before, after) = (text.get(..start), text.get(end..));
    Ok(format!(
        "{}{list}{}",
        before.unwrap_or_default(),
        after.unwrap_or_default()
    ))
}

/// An alternative as it would be written.
pub fn as_toml(fields: &Map<String, Value>) -> Result<String, String> {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut names: Vec<&String> = fields.keys().collect();
    names.sort_by_key(|name| place(name).unwrap_or(ORDER.len()));
    let mut pairs = Vec::new();
    for name in names {
        let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if !plain {
            return Err(format!("{name:?} is no key of an alternative"));
        }
        let Some(value) = fields.get(name) else { continue };
        let value = value_as_toml(value).ok_or_else(|| {
            format!("`{name}` must be a text, a list of texts, a whole number, true or false")
        })?;
        pairs.push(format!("{name} = {value}"));
    }
    if pairs.is_empty() {
        return Err("an alternative is empty: give id, text, desc, class or the like".to_owned());
    }
    Ok(format!("{{ {} }}", pairs.join(", ")))
}

fn value_as_toml(value: &Value) -> Option<String> {
    Some(match value {
        Value::String(text) => quoted(text),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.as_i64()?.to_string(),
        Value::Array(list) => {
            let texts: Option<Vec<String>> = list.iter().map(|one| one.as_str().map(quoted)).collect();
            format!("[{}]", texts?.join(", "))
        }
        Value::Null | Value::Object(_) => return None,
    })
}

/// A text in quotes; in single ones where that saves the backslashes of a regular expression.
fn quoted(text: &str) -> String {
    let plain = !text.chars().any(|c| c.is_control() || c == '\'');
    if plain && text.contains(['\\', '"']) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A draft that is a list and nothing else; else how many lines below its first what is wrong.
fn checked_list(draft: &str) -> Result<String, (usize, String)> {
    let trimmed = draft.trim();
    let list = trimmed
        .strip_prefix("any")
        .map(str::trim_start)
        .and_then(|rest| rest.strip_prefix('='))
        .map_or(trimmed, str::trim_start);
    let form = "it must be a list of tables: [ { text = \"…\" }, … ]";
    let document = format!("any = {list}\n");
    let table = DeTable::parse(&document).map_err(|error| {
        let at = error
            .span()
            .map_or(0, |span| line_at(&document, span.start).saturating_sub(1));
        (at, error.message().to_owned())
    })?;
    let only = table.get_ref().iter().count() == 1;
    let any = list_of(table.get_ref()).filter(|any| only && document.get(any.span()) == Some(list));
    // What stands behind the list would go into the file with it.
    any.map(|_| list.to_owned()).ok_or_else(|| (0, form.to_owned()))
}

/// The list of alternatives of an element.
fn list_of<'t, 'a>(fields: &'t DeTable<'a>) -> Option<&'t Spanned<DeValue<'a>>> {
    let (_, any) = fields.iter().find(|(name, _)| name.get_ref() == "any")?;
    any.get_ref().as_array().map(|_| any)
}

/// An alternative and the comments that are its.
struct Part {
    source: AlternativeSource,
    /// Lines of comments before it.
    above: Vec<String>,
    /// Behind it, on its line.
    beside: Option<String>,
}

fn parts(text: &str, list: &DeArray<'_>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut before: Option<usize> = None;
    for one in list {
        let span = one.span();
        let between = before
            .and_then(|end| text.get(end..span.start))
            .unwrap_or_default();
        // What is left of the line before belongs to the alternative there.
        let (beside, above) = between.split_once('\n').unwrap_or(("", between));
        if let Some(last) = parts.last_mut() {
            last.beside = comment(beside);
        }
        let above = if before.is_some() {
            above
        } else {
            begin_of(text, span.start)
        };
        before = Some(span.end);
        let Some(table) = one.get_ref().as_table() else {
            continue;
        };
        parts.push(Part {
            source: AlternativeSource {
                line: line_at(text, span.start),
                text: text.get(span).unwrap_or_default().to_owned(),
                fields: table
                    .iter()
                    .filter_map(|(key, value)| Some((key.get_ref().to_string(), as_json(value.get_ref())?)))
                    .collect(),
            },
            above: above.lines().filter_map(comment).collect(),
            beside: None,
        });
    }
    if let (Some(last), Some(end)) = (parts.last_mut(), before) {
        let rest = text.get(end..line_ends(text, end)).unwrap_or_default();
        last.beside = comment(rest);
    }
    parts
}

/// The comments between the bracket that opens the list and its first alternative.
fn begin_of(text: &str, start: usize) -> &str {
    let head = text.get(..start).unwrap_or_default();
    let mut from = start;
    for line in head.lines().rev() {
        let is_comment = line.trim_start().starts_with('#');
        if !is_comment && !line.trim().is_empty() {
            break;
        }
        from = from.saturating_sub(line.len() + 1);
    }
    text.get(from..start).unwrap_or_default()
}

fn comment(line: &str) -> Option<String> {
    let at = line.find('#')?;
    line.get(at..).map(|comment| comment.trim_end().to_owned())
}

/// A list of alternatives, each on its line.
fn written(wanted: &[Map<String, Value>], mut known: Vec<Part>) -> Result<String, String> {
    let mut out = String::from("[\n");
    for (number, fields) in wanted.iter().enumerate() {
        let same = known.iter().position(|part| part.source.fields == *fields);
        let (above, text, beside) = if let Some(part) = same.map(|at| known.remove(at)) {
            (part.above, part.source.text, part.beside)
        } else {
            let text = as_toml(fields).map_err(|what| format!("alternative {}: {what}", number + 1))?;
            (Vec::new(), text, None)
        };
        for line in above {
            out.push_str(&format!("  {line}\n"));
        }
        out.push_str(&format!("  {text},"));
        if let Some(beside) = beside {
            out.push_str(&format!(" {beside}"));
        }
        out.push('\n');
    }
    out.push(']');
    Ok(out)
}

fn line_begins(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|head| head.rfind('\n'))
        .map_or(0, |end| end + 1)
}

fn line_ends(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|tail| tail.find('\n'))
        .map_or(text.len(), |more| at + more)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = r#"# The posting page.
[post_button]
help = "publishes the post"   # as people call it
any = [
  # seen in 43
  { id = "pwo" }, # short
  { text = "Post", class = "Button" },
]

# Drafts.
[drafts]
any = [{ text_matches = '^Drafts \d+$' }, { desc = "Drafts", nth = -1, clickable = true }]

[watcher.rate]
when = "drafts"
key = "back"
"#;

    fn fields(value: Value) -> Map<String, Value> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn an_element_is_told_as_it_is_written() {
        let all = elements(TEXT);
        let names: Vec<&str> = all.iter().map(|element| element.name.as_str()).collect();
        assert_eq!(names, ["post_button", "drafts"]);
        assert_eq!(
            (all[0].line, all[0].any_line, all[0].last_line),
            (2, 4, 8),
            "{all:?}"
        );
        assert!(all[0].text.starts_with("[post_button]\n") && all[0].text.ends_with("\n]"));
        let lines: Vec<usize> = all[0].alternatives.iter().map(|one| one.line).collect();
        assert_eq!(lines, [6, 7]);
        assert_eq!(all[0].alternatives[0].text, r#"{ id = "pwo" }"#);
        assert_eq!(
            all[1].alternatives[1].fields,
            fields(json!({"desc": "Drafts", "nth": -1, "clickable": true}))
        );
        assert!(elements("[").is_empty());
    }

    #[test]
    fn one_elements_alternatives_are_replaced_and_all_else_stays_to_the_byte() {
        let wanted = vec![
            fields(json!({"text": ["Publish", "Say \"it\""], "class": "Button"})),
            fields(json!({"id": "pwo"})),
        ];
        let mended = with_alternatives(TEXT, "post_button", &Draft::Fields(wanted)).unwrap();
        let list = "[\n  { text = [\"Publish\", 'Say \"it\"'], class = \"Button\" },\n  # seen in 43\n  { id = \"pwo\" }, # short\n]";
        let was = elements(TEXT)[0].any.clone();
        assert_eq!(mended, TEXT.replace(&was, list));
        assert_eq!(elements(&mended)[0].alternatives.len(), 2);
        // What stands there, in its own words, changes nothing at all.
        let same = with_alternatives(TEXT, "post_button", &Draft::Toml(was.clone())).unwrap();
        assert_eq!(same, TEXT);
        let named = format!("any = {was}\n");
        assert_eq!(
            with_alternatives(TEXT, "post_button", &Draft::Toml(named)).unwrap(),
            TEXT
        );
        let kept = elements(TEXT).remove(1).alternatives.into_iter();
        let kept = Draft::Fields(kept.map(|one| one.fields).collect());
        let kept = with_alternatives(TEXT, "drafts", &kept).unwrap();
        assert_eq!(kept, TEXT);
    }

    #[test]
    fn nothing_but_a_list_gets_into_the_file() {
        let told = |draft: &str| {
            let draft = Draft::Toml(draft.to_owned());
            let faults = with_alternatives(TEXT, "post_button", &draft).unwrap_err();
            (faults[0].line, faults[0].what.clone())
        };
        for draft in [
            "[{ id = \"x\" }]\n[other]\nany = []",
            "[{ id = \"x\" }]\nhelp = \"\"",
            "{ id = \"x\" }",
            "[{ id = \"x\" }] # and",
        ] {
            assert!(
                told(draft).1.contains("must be a list"),
                "{draft}: {:?}",
                told(draft)
            );
        }
        let (line, what) = told("[\n  { id = \"x\" },\n  { id = }\n]");
        assert_eq!(line, Some(6), "{what}");
        let gone = with_alternatives(TEXT, "post_buton", &Draft::Toml("[]".to_owned())).unwrap_err();
        assert!(gone[0].what.contains("did you mean post_button?"), "{gone:?}");
        let rate = with_alternatives(TEXT, "watcher", &Draft::Toml("[]".to_owned()));
        assert!(rate.is_err());
        let empty = with_alternatives(TEXT, "drafts", &Draft::Fields(vec![Map::new()])).unwrap_err();
        assert!(empty[0].what.contains("alternative 1"), "{empty:?}");
        assert!(
            as_toml(&fields(json!({"a b": "x"}))).is_err() && as_toml(&fields(json!({"id": {}}))).is_err()
        );
        assert_eq!(
            as_toml(&fields(json!({"text": "a\nb'"}))).unwrap(),
            "{ text = \"a\\nb'\" }"
        );
    }
}
