//! The values that a layout may name: `{note.title}` in its texts and `count > 0` in its conditions.

use std::borrow::Cow;

use serde_json::Value;

/// Values in reach, the innermost first: a list's item, a template's arguments, the page, the app's model.
#[derive(Debug)]
pub(crate) struct Scope<'a> {
    values: Cow<'a, Value>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(values: Value) -> Self {
        Self {
            values: Cow::Owned(values),
            outer: None,
        }
    }

    pub(crate) fn within(outer: &'a Scope<'a>, values: Cow<'a, Value>) -> Self {
        Self {
            values,
            outer: Some(outer),
        }
    }

    /// The value at `path`: names and list positions joined by dots.
    pub(crate) fn get(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('.');
        let first = parts.next()?;
        let Some(mut at) = self.values.get(first) else {
            return self.outer.and_then(|outer| outer.get(path));
        };
        for part in parts {
            at = match at {
                Value::Array(list) => list.get(part.parse::<usize>().ok()?)?,
                other => other.get(part)?,
            };
        }
        Some(at)
    }

    /// `text` with each `{path}` replaced; `{{` is a brace. What nobody knows is empty.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix('{') {
                out.push('{');
                rest = after;
            } else if let Some(end) = rest.find('}') {
                out.push_str(&self.get(&rest[..end]).map(plain).unwrap_or_default());
                rest = &rest[end + 1..];
            }
        }
        out.push_str(rest);
        out
    }

    /// Whether a condition holds: `a`, `not a`, `a = text`, `a != text`, `a > 1`, `a >= 1`, `a lt 1`, joined by
    /// `and`, and those by `or`.
    pub(crate) fn holds(&self, condition: &str) -> bool {
        condition
            .split(" or ")
            .any(|all| all.split(" and ").all(|one| self.holds_one(one.trim())))
    }

    fn holds_one(&self, condition: &str) -> bool {
        if let Some(inner) = condition.strip_prefix("not ") {
            return !self.holds_one(inner.trim());
        }
        for (sign, test) in COMPARISONS {
            if let Some((left, right)) = condition.split_once(sign) {
                let left = self.get(left.trim()).map(plain).unwrap_or_default();
                return test(&left, &self.fill(right.trim()));
            }
        }
        self.get(condition).is_some_and(truthy)
    }
}

type Comparison = fn(&str, &str) -> bool;

/// In the order in which they must be looked for.
static COMPARISONS: [(&str, Comparison); 5] = [
    ("!=", |left, right| left != right),
    (">=", |left, right| number(left) >= number(right)),
    (">", |left, right| number(left) > number(right)),
    (" lt ", |left, right| number(left) < number(right)),
    ("=", |left, right| left == right),
];

fn number(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

/// A value as text.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// False, nothing, zero and emptiness are false.
pub(crate) fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty() && text != "false" && text != "0",
        Value::Array(list) => !list.is_empty(),
        Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_filled_from_the_innermost_value() {
        let outer = Scope::new(json!({"name": "outer", "list": [{"n": 1}, {"n": 2}]}));
        let inner = Scope::within(&outer, Cow::Owned(json!({"name": "inner"})));
        assert_eq!(inner.fill("{name} {list.1.n} {{x} {nobody}."), "inner 2 {x} .");
    }

    #[test]
    fn conditions_compare_join_and_negate() {
        let scope = Scope::new(json!({"n": 3, "s": "on", "empty": [], "yes": true}));
        for good in [
            "n > 2",
            "n >= 3",
            "n lt 4",
            "s = on",
            "s != off",
            "yes and not empty",
            "empty or yes",
            "not nobody",
        ] {
            assert!(scope.holds(good), "{good}");
        }
        for bad in ["n > 3", "s = off", "empty", "yes and empty", "nobody"] {
            assert!(!scope.holds(bad), "{bad}");
        }
    }
}
