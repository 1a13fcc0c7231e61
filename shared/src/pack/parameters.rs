//! What a flow takes: one source for checking what the API gets, for forms and for documentation.

mod check;

use serde::Serialize;
use serde_json::Value;

use super::table::Fields;
pub use check::{Checked, ParameterFault, Warning};

/// The longest text that a parameter takes, unless it says otherwise, in characters.
pub const LONGEST_TEXT: usize = 100_000;
/// The most entries of a list.
pub const MOST_ENTRIES: usize = 10_000;

/// The parameters of a flow, in the order of `pack.toml`.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(transparent)]
pub struct Parameters(Vec<Parameter>);

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub struct Parameter {
    pub name: String,
    #[serde(flatten)]
    pub kind: Kind,
    /// As it reaches the script; `None`: the script gets `()`.
    pub default: Option<Value>,
    pub required: bool,
    /// At least one of those with the same word must be given.
    pub one_of: Option<String>,
    pub aliases: Vec<String>,
    pub help: String,
    pub example: Option<Value>,
    pub experimental: bool,
    /// Filled in by whoever runs the flow, never by the operator.
    pub given: bool,
    /// Known from elsewhere but not offered, and why: a value that would switch it on is refused.
    pub refuse: Option<String>,
    #[serde(skip)]
    pub line: usize,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Kind {
    /// Any text, in several lines.
    Text {
        max_length: Option<usize>,
    },
    /// A text without line breaks.
    Line {
        max_length: Option<usize>,
    },
    /// One entry a line; the script gets a list.
    Lines {
        max_entries: Option<usize>,
    },
    /// A list, or a text with line breaks or commas between the entries; the script gets a list.
    List {
        max_entries: Option<usize>,
    },
    Integer {
        min: Option<f64>,
        max: Option<f64>,
    },
    Number {
        min: Option<f64>,
        max: Option<f64>,
    },
    Boolean,
    /// A whole number from 0 to 100.
    Percent,
    /// One of these, compared as text; the script gets it as it is written here.
    Choice {
        choices: Vec<Value>,
    },
    /// Seconds, or "90s", "10m", "1h30m"; the script gets seconds.
    Duration {
        min: Option<f64>,
        max: Option<f64>,
    },
    /// A path on the host that reads it; `\` counts as `/`.
    Path,
    /// Never shown, never logged.
    Secret,
}

const KINDS: [&str; 12] = [
    "text", "line", "lines", "list", "integer", "number", "boolean", "percent", "choice", "duration", "path",
    "secret",
];

/// What a value of a kind must keep to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bounds {
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// In characters.
    pub max_length: Option<usize>,
    pub max_entries: Option<usize>,
    pub choices: Vec<Value>,
}

impl Parameters {
    pub(super) fn read(fields: &Fields<'_, '_>) -> Self {
        let parameters: Vec<Parameter> = fields
            .tables()
            .iter()
            .filter_map(|(name, fields)| Parameter::read(name, fields))
            .collect();
        let read = Self(parameters);
        read.check_names(fields);
        read
    }

    fn check_names(&self, fields: &Fields<'_, '_>) {
        let mut seen: Vec<&str> = Vec::new();
        for parameter in &self.0 {
            for name in std::iter::once(&parameter.name).chain(&parameter.aliases) {
                if seen.contains(&name.as_str()) {
                    fields.error_at(
                        &parameter.name,
                        format!("the name {name} stands for two parameters of {}", fields.name),
                    );
                }
                seen.push(name);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// By its name, not by an alias.
    pub fn get(&self, name: &str) -> Option<&Parameter> {
        self.0.iter().find(|parameter| parameter.name == name)
    }
}

impl Parameter {
    fn read(name: &str, fields: &Fields<'_, '_>) -> Option<Self> {
        if !super::manifest::is_name(name) {
            fields.document.error(
                fields.at,
                format!("{name:?} cannot be a parameter's name: it may have small letters, digits, - and _"),
            );
        }
        let word = fields.required_text("type")?;
        let kind = Kind::read(&word, fields)?;
        let mut parameter = Self {
            name: name.to_owned(),
            default: None,
            required: fields.boolean("required").unwrap_or(false),
            one_of: fields.text("one_of"),
            aliases: fields.texts("aliases"),
            help: fields.text("help").unwrap_or_default(),
            example: fields.json("example"),
            experimental: fields.boolean("experimental").unwrap_or(false),
            given: fields.boolean("given").unwrap_or(false),
            refuse: fields.text("refuse"),
            line: fields.line(),
            kind,
        };
        // Documentation only, for readers of the file.
        fields.text("since");
        parameter.default = fields
            .json("default")
            .and_then(|value| parameter.own_value(fields, "default", &value));
        if let Some(example) = parameter.example.clone() {
            parameter.own_value(fields, "example", &example);
        }
        if parameter.required && parameter.default.is_some() {
            fields.error_at(
                "default",
                "a required parameter has no use for a default: leave one of both out",
            );
        }
        fields.no_others();
        Some(parameter)
    }

    /// A value in `pack.toml` must be one that the parameter takes itself.
    fn own_value(&self, fields: &Fields<'_, '_>, key: &str, value: &Value) -> Option<Value> {
        match check::coerce(&self.kind, value) {
            Ok(value) => Some(value),
            Err(allowed) => {
                fields.error_at(key, format!("`{key} = {value}`: {} must be {allowed}", self.name));
                None
            }
        }
    }
}

impl Kind {
    fn read(word: &str, fields: &Fields<'_, '_>) -> Option<Self> {
        let length = || size(fields, "max_length");
        let entries = || size(fields, "max_entries");
        let kind = match word {
            "text" => Self::Text { max_length: length() },
            "line" => Self::Line { max_length: length() },
            "lines" => Self::Lines {
                max_entries: entries(),
            },
            "list" => Self::List {
                max_entries: entries(),
            },
            "integer" => Self::Integer {
                min: fields.number("min"),
                max: fields.number("max"),
            },
            "number" => Self::Number {
                min: fields.number("min"),
                max: fields.number("max"),
            },
            "duration" => Self::Duration {
                min: fields.number("min"),
                max: fields.number("max"),
            },
            "boolean" => Self::Boolean,
            "percent" => Self::Percent,
            "path" => Self::Path,
            "secret" => Self::Secret,
            "choice" => {
                let Some(Value::Array(choices)) = fields.json("choices") else {
                    fields.error_at("choices", "a choice needs `choices = [\"…\", …]`");
                    return None;
                };
                Self::Choice { choices }
            }
            other => {
                let advice = match crate::nearest::nearest(other, KINDS) {
                    Some(near) => format!("did you mean {near:?}?"),
                    None => format!("allowed are {}", KINDS.join(", ")),
                };
                fields.error_at("type", format!("{other:?} is no type of a parameter: {advice}"));
                return None;
            }
        };
        if let Self::Integer {
            min: Some(min),
            max: Some(max),
        }
        | Self::Number {
            min: Some(min),
            max: Some(max),
        }
        | Self::Duration {
            min: Some(min),
            max: Some(max),
        } = &kind
            && min > max
        {
            fields.error_at("min", format!("`min` is {min}, above `max`, which is {max}"));
        }
        Some(kind)
    }

    /// What a value must keep to, also where `pack.toml` says nothing of it.
    pub fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::default();
        match self {
            Self::Text { max_length } | Self::Line { max_length } => {
                bounds.max_length = Some(max_length.unwrap_or(LONGEST_TEXT));
            }
            Self::Lines { max_entries } | Self::List { max_entries } => {
                bounds.max_entries = Some(max_entries.unwrap_or(MOST_ENTRIES));
            }
            Self::Integer { min, max } | Self::Number { min, max } | Self::Duration { min, max } => {
                (bounds.min, bounds.max) = (*min, *max);
            }
            Self::Percent => (bounds.min, bounds.max) = (Some(0.0), Some(100.0)),
            Self::Choice { choices } => bounds.choices.clone_from(choices),
            Self::Path | Self::Secret => bounds.max_length = Some(LONGEST_TEXT),
            Self::Boolean => {}
        }
        bounds
    }

    /// Its word in `pack.toml`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::Line { .. } => "line",
            Self::Lines { .. } => "lines",
            Self::List { .. } => "list",
            Self::Integer { .. } => "integer",
            Self::Number { .. } => "number",
            Self::Boolean => "boolean",
            Self::Percent => "percent",
            Self::Choice { .. } => "choice",
            Self::Duration { .. } => "duration",
            Self::Path => "path",
            Self::Secret => "secret",
        }
    }
}

fn size(fields: &Fields<'_, '_>, key: &str) -> Option<usize> {
    let size = fields.integer(key)?;
    let valid = usize::try_from(size).ok().filter(|size| *size > 0);
    if valid.is_none() {
        fields.error_at(key, format!("`{key} = {size}`: it must be 1 or more"));
    }
    valid
}

#[cfg(test)]
mod tests;
