//! Rows as `content query` prints them: a projection, a simple WHERE, an order.

use std::fmt::Write as _;

use super::Asked;
use crate::program::Answer;

/// Columns in order, with their texts; `NULL` is a text here.
#[derive(Debug, Clone)]
pub(super) struct Row(pub(super) Vec<(&'static str, String)>);

impl Row {
    pub(super) fn get(&self, column: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| *name == column)
            .map(|(_, value)| value.as_str())
    }
}

/// `Row: 0 _id=1, name=x` for each, or `No result found.`; the error is an exception's text.
pub(super) fn print(mut rows: Vec<Row>, asked: &Asked<'_>) -> Result<Answer, String> {
    if let Some(condition) = asked.condition {
        let conditions = parse(condition)?;
        if let Some(row) = rows.first() {
            for one in &conditions {
                row.get(&one.column).ok_or_else(|| no_column(&one.column))?;
            }
        }
        rows.retain(|row| conditions.iter().all(|one| one.holds(row)));
    }
    if let Some(sort) = asked.sort {
        order(&mut rows, sort);
    }
    if rows.is_empty() {
        return Ok(Answer::line("No result found."));
    }
    let mut out = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = match asked.projection {
            None => row
                .0
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect(),
            Some(projection) => projection
                .split(':')
                .map(|name| {
                    row.get(name)
                        .map(|value| format!("{name}={value}"))
                        .ok_or_else(|| no_column(name))
                })
                .collect::<Result<_, _>>()?,
        };
        let _ = writeln!(out, "Row: {number} {}", cells.join(", "));
    }
    Ok(Answer::text(out))
}

fn no_column(name: &str) -> String {
    format!("java.lang.IllegalArgumentException: Invalid column {name}")
}

fn order(rows: &mut [Row], sort: &str) {
    let mut words = sort.split_whitespace();
    let column = words.next().unwrap_or_default().to_owned();
    let down = words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc"));
    let number = |row: &Row| row.get(&column).and_then(|value| value.parse::<i64>().ok());
    rows.sort_by(|a, b| match (number(a), number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => a.get(&column).cmp(&b.get(&column)),
    });
    if down {
        rows.reverse();
    }
}

/// `column='text'`, `column=1`, `column LIKE '%x%'`, joined by AND.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Condition {
    pub(super) column: String,
    like: bool,
    value: String,
}

impl Condition {
    pub(super) fn holds(&self, row: &Row) -> bool {
        let Some(value) = row.get(&self.column) else {
            return false;
        };
        if self.like {
            like(&self.value.to_lowercase(), &value.to_lowercase())
        } else {
            value == self.value
        }
    }
}

/// SQL's LIKE with `%` only.
fn like(pattern: &str, value: &str) -> bool {
    match pattern.split_once('%') {
        None => pattern == value,
        Some((head, rest)) => value.strip_prefix(head).is_some_and(|tail| {
            tail.char_indices()
                .map(|(at, _)| at)
                .chain([tail.len()])
                .any(|at| like(rest, &tail[at..]))
        }),
    }
}

pub(super) fn parse(text: &str) -> Result<Vec<Condition>, String> {
    let bad = || {
        format!(
            "android.database.sqlite.SQLiteException: near \"{text}\": syntax error (code 1 SQLITE_ERROR)"
        )
    };
    let mut conditions = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = rest
            .find(|one: char| !one.is_ascii_alphanumeric() && one != '_')
            .ok_or_else(bad)?;
        let (column, after) = rest.split_at(end);
        let after = after.trim_start();
        let (like, after) = if let Some(after) = after.strip_prefix("==").or_else(|| after.strip_prefix('='))
        {
            (false, after)
        } else if after
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("like"))
        {
            (true, &after[4..])
        } else {
            return Err(bad());
        };
        let (value, after) = literal(after.trim_start()).ok_or_else(bad)?;
        conditions.push(Condition {
            column: column.to_owned(),
            like,
            value,
        });
        let after = after.trim_start();
        rest = if after
            .get(..4)
            .is_some_and(|word| word.eq_ignore_ascii_case("and "))
        {
            after[4..].trim_start()
        } else if after.is_empty() {
            after
        } else {
            return Err(bad());
        };
    }
    Ok(conditions)
}

/// A number, or a text in quotes where two quotes are one.
fn literal(text: &str) -> Option<(String, &str)> {
    let Some(inner) = text.strip_prefix('\'') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (end > 0).then(|| (text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut rest = inner;
    loop {
        let end = rest.find('\'')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        if !rest.starts_with('\'') {
            return Some((value, rest));
        }
        value.push('\'');
        rest = &rest[1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_doubled_and_conditions_joined() {
        let parsed = parse("_display_name='it''s.mp4' AND _id=7").unwrap();
        assert_eq!(parsed[0].value, "it's.mp4");
        assert_eq!(parsed[1].column, "_id");
        assert!(parse("_display_name ~ 1").is_err());
    }

    #[test]
    fn like_finds_within() {
        assert!(like("%drover%", "a drover.mp4"));
        assert!(!like("%drover", "a drover.mp4"));
    }
}
