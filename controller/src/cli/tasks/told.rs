//! A task as people read it: its fields, then its attempts, the leave for its acts, the files, the end of the log.

use serde_json::Value;
use shared::terminal::table;

use super::super::ask::{rows, text};

/// Shown as tables of their own.
const PARTS: [&str; 3] = ["attempt_list", "grants", "artifacts"];
/// Longer values are cut in tables; `--json` has them whole.
const LONGEST: usize = 60;

pub(super) fn task(task: &Value) -> String {
    let fields = task.as_object().cloned().unwrap_or_default();
    let own = fields.iter().filter(|(name, _)| !PARTS.contains(&name.as_str()));
    let own: Vec<Vec<String>> = own.map(|(name, value)| vec![name.clone(), text(value)]).collect();
    let attempts = rows(&task["attempt_list"]);
    let mut parts = vec![table(&own)];
    parts.extend(of(
        "Attempts",
        &[
            "number",
            "state",
            "outcome",
            "host_name",
            "begun_at",
            "ended_at",
            "steps",
            "place",
            "message",
        ],
        &attempts,
    ));
    parts.extend(of(
        "Acts",
        &[
            "number",
            "attempt",
            "commit",
            "key",
            "state",
            "settled_by",
            "asked_at",
            "settled_at",
            "why",
        ],
        &rows(&task["grants"]),
    ));
    parts.extend(of(
        "Files",
        &["name", "attempt", "size", "url"],
        &rows(&task["artifacts"]),
    ));
    if let Some(last) = attempts.last()
        && let log = rows(&last["log"])
        && !log.is_empty()
    {
        parts.push(format!(
            "Log of attempt {}\n{}",
            text(&last["number"]),
            lines(&log)
        ));
    }
    parts.join("\n\n")
}

/// A part with its heading; none where it is empty.
fn of(heading: &str, columns: &[&str], items: &[Value]) -> Option<String> {
    if items.is_empty() {
        return None;
    }
    let names = columns.iter().map(|name| name.to_uppercase().replace('_', " "));
    let lines = items
        .iter()
        .map(|item| columns.iter().map(|name| cut(&text(&item[*name]))).collect());
    let all: Vec<Vec<String>> = std::iter::once(names.collect()).chain(lines).collect();
    Some(format!("{heading}\n{}", table(&all)))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST - 1).collect();
    format!("{kept}…")
}

/// Lines of a log.
pub(super) fn lines(lines: &[Value]) -> String {
    if lines.is_empty() {
        return "No line.".to_owned();
    }
    let told = lines
        .iter()
        .map(|line| format!("{}  {}", text(&line["at"]), text(&line["line"])));
    told.collect::<Vec<_>>().join("\n")
}
