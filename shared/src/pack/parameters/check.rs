//! Checking what was given for a flow's parameters. Lenient in: "60" for 60, 1 for true, `[]` for absent; strict out:
//! the script gets the declared types.

use std::fmt;

use serde_json::{Map, Value};

use super::{Kind, LONGEST_TEXT, MOST_ENTRIES, Parameter, Parameters};
use crate::nearest::nearest;

/// What reaches the script, and what was odd.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checked {
    /// Every declared parameter that has a value, by its name.
    pub values: Map<String, Value>,
    pub warnings: Vec<Warning>,
}

/// A key that no parameter knows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Warning {
    pub key: String,
    pub nearest: Option<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} is no parameter of this script and was left aside",
            self.key
        )?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean {nearest}?"),
            None => Ok(()),
        }
    }
}

/// A value that cannot be taken. Its text names the parameter, what came and what is allowed, and shows no value that
/// could be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{parameter} {given}: it must be {allowed}")]
pub struct ParameterFault {
    pub parameter: String,
    /// "is missing", "is a text (\"abc\")", …
    pub given: String,
    pub allowed: String,
}

impl Parameters {
    /// Checks a `script_config`: an object, or `null` or `[]` for an empty one.
    pub fn check(&self, config: &Value) -> Result<Checked, Vec<ParameterFault>> {
        let empty = Map::new();
        let config = match config {
            Value::Object(map) => map,
            Value::Null => &empty,
            Value::Array(array) if array.is_empty() => &empty,
            other => {
                return Err(vec![ParameterFault {
                    parameter: "script_config".to_owned(),
                    given: shown(other),
                    allowed: "an object with the script's parameters".to_owned(),
                }]);
            }
        };
        self.check_map(config, false)
    }

    /// Checks what an operator gave together with what whoever runs the flow fills in (`given = true`).
    pub fn check_all(&self, values: &Map<String, Value>) -> Result<Checked, Vec<ParameterFault>> {
        self.check_map(values, true)
    }

    fn check_map(
        &self,
        config: &Map<String, Value>,
        filled_in: bool,
    ) -> Result<Checked, Vec<ParameterFault>> {
        let mut checked = Checked::default();
        let mut faults = Vec::new();
        for parameter in self.iter() {
            let value = if parameter.given && !filled_in {
                None
            } else {
                parameter.pick(config)
            };
            match value.map(|(key, value)| parameter.take(key, value)) {
                Some(Ok(value)) => {
                    checked.values.insert(parameter.name.clone(), value);
                }
                Some(Err(fault)) => faults.push(fault),
                None => match &parameter.default {
                    Some(default) => {
                        checked.values.insert(parameter.name.clone(), default.clone());
                    }
                    None if parameter.required && (filled_in || !parameter.given) => {
                        faults.push(parameter.missing());
                    }
                    None => {}
                },
            }
        }
        self.check_groups(config, &mut faults);
        checked.warnings = self.unknown(config, filled_in);
        if faults.is_empty() {
            Ok(checked)
        } else {
            Err(faults)
        }
    }

    fn check_groups(&self, config: &Map<String, Value>, faults: &mut Vec<ParameterFault>) {
        let mut groups: Vec<&str> = self.iter().filter_map(|one| one.one_of.as_deref()).collect();
        groups.dedup();
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            let members: Vec<&Parameter> = self
                .iter()
                .filter(|one| one.one_of.as_deref() == Some(group))
                .collect();
            let given = members.iter().any(|one| {
                one.pick(config)
                    .is_some_and(|(_, value)| value.as_str().is_none_or(|text| !text.trim().is_empty()))
            });
            if !given {
                let names: Vec<&str> = members.iter().map(|one| one.name.as_str()).collect();
                faults.push(ParameterFault {
                    parameter: names.join(" or "),
                    given: "is missing".to_owned(),
                    allowed: "given: one of them is required".to_owned(),
                });
            }
        }
    }

    fn unknown(&self, config: &Map<String, Value>, filled_in: bool) -> Vec<Warning> {
        let known: Vec<&str> = self
            .iter()
            .filter(|one| filled_in || !one.given)
            .flat_map(|one| std::iter::once(one.name.as_str()).chain(one.aliases.iter().map(String::as_str)))
            .collect();
        config
            .keys()
            .filter(|key| !known.contains(&key.as_str()))
            .map(|key| Warning {
                key: key.clone(),
                nearest: nearest(key, known.iter().copied()).map(str::to_owned),
            })
            .collect()
    }
}

impl Parameter {
    /// What was given for it, under its name or an alias; an empty list, one of blanks alone, and `null` count as absent.
    fn pick<'v>(&self, config: &'v Map<String, Value>) -> Option<(&'v String, &'v Value)> {
        std::iter::once(&self.name)
            .chain(&self.aliases)
            .filter_map(|name| config.get_key_value(name))
            .find(|(_, value)| match value {
                Value::Null => false,
                _ if matches!(self.kind, Kind::Lines { .. } | Kind::List { .. }) => {
                    coerce(&self.kind, value) != Ok(Value::Array(Vec::new()))
                }
                Value::Array(array) => !array.is_empty(),
                // A form sends an empty text for what nobody filled in.
                Value::String(text) => {
                    !text.is_empty() || matches!(self.kind, Kind::Text { .. } | Kind::Line { .. })
                }
                _ => true,
            })
    }

    fn take(&self, key: &str, value: &Value) -> Result<Value, ParameterFault> {
        let fault = |given: String, allowed: String| ParameterFault {
            parameter: key.to_owned(),
            given,
            allowed,
        };
        if let Some(why) = &self.refuse {
            let off = coerce(&Kind::Boolean, value).is_ok_and(|value| value == Value::Bool(false));
            if !off {
                return Err(fault(
                    "is not offered here".to_owned(),
                    format!("left out ({why})"),
                ));
            }
        }
        let taken = coerce(&self.kind, value).map_err(|allowed| {
            let given = match self.kind {
                Kind::Secret => "is of the wrong type".to_owned(),
                _ => shown(value),
            };
            fault(given, allowed)
        })?;
        let is_empty = match &taken {
            Value::String(text) => text.trim().is_empty(),
            Value::Array(entries) => entries.is_empty(),
            _ => false,
        };
        if self.required && is_empty {
            return Err(fault("is empty".to_owned(), allowed(&self.kind)));
        }
        Ok(taken)
    }

    fn missing(&self) -> ParameterFault {
        ParameterFault {
            parameter: self.name.clone(),
            given: "is missing".to_owned(),
            allowed: allowed(&self.kind),
        }
    }
}

/// The value as the script gets it, or what is allowed.
pub(super) fn coerce(kind: &Kind, value: &Value) -> Result<Value, String> {
    let taken = match kind {
        Kind::Text { max_length } => text(value)
            .filter(|text| fits(text, *max_length))
            .map(Value::from),
        Kind::Line { max_length } => text(value)
            .filter(|text| fits(text, *max_length) && !text.contains(['\n', '\r']))
            .map(Value::from),
        Kind::Path => text(value)
            .filter(|text| fits(text, None) && !text.contains(['\n', '\r', '\0']))
            .map(|text| Value::from(text.replace('\\', "/"))),
        Kind::Secret => text(value).filter(|text| fits(text, None)).map(Value::from),
        Kind::Lines { max_entries } => entries(value, &['\n'], *max_entries),
        Kind::List { max_entries } => entries(value, &['\n', ','], *max_entries),
        Kind::Integer { min, max } => number(value)
            .filter(|number| number.fract() == 0.0 && number.abs() <= 9e15 && within(*number, *min, *max))
            .map(|number| Value::from(number as i64)),
        Kind::Percent => number(value)
            .filter(|number| number.fract() == 0.0 && within(*number, Some(0.0), Some(100.0)))
            .map(|number| Value::from(number as i64)),
        Kind::Number { min, max } => number(value)
            .filter(|number| within(*number, *min, *max))
            .map(Value::from),
        Kind::Duration { min, max } => seconds(value)
            .filter(|seconds| within(*seconds, Some(min.unwrap_or(0.0)), *max))
            .map(|seconds| {
                if seconds.fract() == 0.0 {
                    Value::from(seconds as i64)
                } else {
                    Value::from(seconds)
                }
            }),
        Kind::Boolean => boolean(value).map(Value::from),
        Kind::Choice { choices } => {
            let wanted = text(value);
            wanted.and_then(|wanted| {
                choices
                    .iter()
                    .find(|choice| {
                        text(choice).is_some_and(|choice| choice.eq_ignore_ascii_case(wanted.trim()))
                    })
                    .cloned()
            })
        }
    };
    taken.ok_or_else(|| allowed(kind))
}

fn allowed(kind: &Kind) -> String {
    let range = |what: &str, min: &Option<f64>, max: &Option<f64>| match (min, max) {
        (Some(min), Some(max)) => format!("{what} from {min} to {max}"),
        (Some(min), None) => format!("{what}, {min} or more"),
        (None, Some(max)) => format!("{what}, at most {max}"),
        (None, None) => what.to_owned(),
    };
    match kind {
        Kind::Text { max_length } => format!(
            "a text of at most {} characters",
            max_length.unwrap_or(LONGEST_TEXT)
        ),
        Kind::Line { max_length } => format!(
            "a text without line breaks, of at most {} characters",
            max_length.unwrap_or(LONGEST_TEXT)
        ),
        Kind::Lines { max_entries } => format!(
            "a text with one entry a line, or a list of texts, with at most {} entries",
            max_entries.unwrap_or(MOST_ENTRIES)
        ),
        Kind::List { max_entries } => format!(
            "a list of texts, or a text with commas or line breaks between them, with at most {} entries",
            max_entries.unwrap_or(MOST_ENTRIES)
        ),
        Kind::Integer { min, max } => range("a whole number", min, max),
        Kind::Number { min, max } => range("a number", min, max),
        Kind::Duration { min, max } => range(
            "a number of seconds, or a time as \"90s\", \"10m\", \"1h30m\"",
            &Some(min.unwrap_or(0.0)),
            max,
        ),
        Kind::Percent => "a whole number from 0 to 100".to_owned(),
        Kind::Boolean => "true or false".to_owned(),
        Kind::Path => "a path".to_owned(),
        Kind::Secret => "a text".to_owned(),
        Kind::Choice { choices } => {
            let choices: Vec<String> = choices.iter().map(ToString::to_string).collect();
            format!("one of {}", choices.join(", "))
        }
    }
}

/// What came, for a message.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let short = |text: &str| {
        let cut: String = text.chars().take(LONGEST).collect();
        let more = if cut.len() < text.len() { "…" } else { "" };
        format!("{cut:?}{more}")
    };
    match value {
        Value::Null => "is null".to_owned(),
        Value::Bool(value) => format!("is {value}"),
        Value::Number(number) => format!("is the number {number}"),
        Value::String(text) => format!("is the text {}", short(text)),
        Value::Array(array) => format!("is a list of {}", array.len()),
        Value::Object(_) => "is an object".to_owned(),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

fn fits(text: &str, max_length: Option<usize>) -> bool {
    let most = max_length.unwrap_or(LONGEST_TEXT);
    text.len() <= most || text.chars().count() <= most
}

fn entries(value: &Value, between: &[char], max_entries: Option<usize>) -> Option<Value> {
    let entries: Option<Vec<String>> = match value {
        Value::Array(array) => array.iter().map(text).collect(),
        other => text(other).map(|text| text.split(between).map(str::to_owned).collect()),
    };
    let entries: Vec<String> = entries?
        .iter()
        .map(|entry| entry.trim())
        .filter(|entry| !entry.is_empty())
        .map(str::to_owned)
        .collect();
    let fits =
        entries.len() <= max_entries.unwrap_or(MOST_ENTRIES) && entries.iter().all(|entry| fits(entry, None));
    fits.then(|| Value::from(entries))
}

fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

fn within(number: f64, min: Option<f64>, max: Option<f64>) -> bool {
    min.is_none_or(|min| number >= min) && max.is_none_or(|max| number <= max)
}

fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Some(false),
            Some(1.0) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "yes" | "on" => Some(true),
            "false" | "0" | "no" | "off" | "" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// 90, "90", "90s", "10m", "1h30m".
fn seconds(value: &Value) -> Option<f64> {
    if let Some(number) = number(value) {
        return Some(number);
    }
    let text = value.as_str()?.trim().to_ascii_lowercase();
    let mut total = 0.0;
    let mut digits = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' | '.' => digits.push(c),
            ' ' => {}
            unit => {
                let factor = match unit {
                    'd' => 86_400.0,
                    'h' => 3_600.0,
                    'm' => 60.0,
                    's' => 1.0,
                    _ => return None,
                };
                total += digits.parse::<f64>().ok()? * factor;
                digits.clear();
            }
        }
    }
    (digits.is_empty() && !text.is_empty()).then_some(total)
}
