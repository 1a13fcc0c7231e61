//! Values as text, layer upon layer, each with its origin; and what can be wrong with them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::keys::{self, KEYS};
use crate::settings::{self, definitions};

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{}: there is no setting {name:?}{}", .origin, suggestion(.name))]
    Unknown { name: String, origin: Origin },
    #[error("{name} is {value:?} ({origin}): {allowed}")]
    Invalid {
        name: String,
        value: String,
        origin: Origin,
        allowed: String,
    },
    #[error("cannot read {}", .file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    #[error("{}: {message}", .file.display())]
    Malformed { file: PathBuf, message: String },
    #[error("{name} and {name}_file are both given ({origin}): one of them must go")]
    Twice { name: &'static str, origin: Origin },
}

/// The nearest name that there is, as advice.
fn suggestion(name: &str) -> String {
    let settings = definitions();
    let all = KEYS.iter().map(|key| key.name);
    let all = all.chain(settings.iter().map(|one| one.name.as_str()));
    let near = all.map(|key| (distance(key, name), key)).min();
    match near {
        Some((far, nearest)) if far <= name.len() / 3 + 1 => format!(" (did you mean {nearest}?)"),
        _ => "; `drover-controller config show` lists them all".to_owned(),
    }
}

/// How many characters have to change to make one word of the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// All values as text, each with its origin.
#[derive(Debug, Clone)]
pub struct Layers {
    values: BTreeMap<&'static str, (String, Origin)>,
    /// What is said of settings that can be changed while the farm runs.
    settings: BTreeMap<String, (String, Origin)>,
}

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    pub name: String,
    pub value: String,
    pub origin: String,
    pub help: String,
}

impl Layers {
    /// Puts the layers on top of one another: defaults, the file, the environment, the command line.
    pub fn collect(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
        command_line: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut layers = Self {
            values: BTreeMap::new(),
            settings: BTreeMap::new(),
        };
        for key in KEYS {
            layers
                .values
                .insert(key.name, (key.default.to_owned(), Origin::Default));
        }
        if let Some(path) = file {
            for (name, value) in read_file(path)? {
                layers.set(&name, value, Origin::File(path.to_owned()))?;
            }
        }
        let files = KEYS.iter().map(|key| format!("{}_file", key.name));
        let names = KEYS.iter().map(|key| key.name.to_owned()).chain(files);
        for name in names.chain(definitions().into_iter().map(|one| one.name)) {
            let variable = environment_name(&name);
            if let Some(value) = environment(&variable) {
                layers.set(&name, value, Origin::Environment(variable))?;
            }
        }
        for (name, value) in command_line {
            layers.set(name, value.clone(), Origin::CommandLine)?;
        }
        Ok(layers)
    }

    fn set(&mut self, name: &str, value: String, origin: Origin) -> Result<(), ConfigError> {
        if let Some(key) = keys::find(name) {
            self.values.insert(key.name, (value, origin));
            return Ok(());
        }
        if settings::find(name).is_some() {
            self.settings.insert(name.to_owned(), (value, origin));
            return Ok(());
        }
        let secret = name
            .strip_suffix("_file")
            .and_then(keys::find)
            .filter(|key| key.secret);
        let Some(key) = secret else {
            return Err(ConfigError::Unknown {
                name: name.to_owned(),
                origin,
            });
        };
        // The same layer must not say both; a higher layer may override a lower one.
        if self
            .values
            .get(key.name)
            .is_some_and(|(_, given)| *given == origin)
        {
            return Err(ConfigError::Twice {
                name: key.name,
                origin,
            });
        }
        let file = PathBuf::from(&value);
        let text =
            std::fs::read_to_string(&file).map_err(|source| ConfigError::Unreadable { file, source })?;
        self.values.insert(key.name, (text.trim_end().to_owned(), origin));
        Ok(())
    }

    /// Every setting with its value and where that comes from; secrets are masked. Of those that can be changed while the
    /// farm runs: as they are where nobody has.
    pub fn show(&self) -> Vec<Shown> {
        let keys = KEYS.iter().map(|key| {
            let (value, origin) = self.text(key.name);
            let value = if key.secret { masked(value) } else { value.clone() };
            Shown {
                name: key.name.to_owned(),
                value,
                origin: origin.to_string(),
                help: key.help.to_owned(),
            }
        });
        let settings = definitions().into_iter().map(|one| {
            let usual = (one.default_text(), Origin::Default);
            let (value, origin) = self.settings.get(&one.name).cloned().unwrap_or(usual);
            Shown {
                name: one.name,
                value,
                origin: origin.to_string(),
                help: one.help,
            }
        });
        keys.chain(settings).collect()
    }

    /// What is said of settings that can be changed while the farm runs, each in its own type.
    pub(super) fn settings(&self) -> Result<BTreeMap<String, Value>, ConfigError> {
        let known = |(name, (value, origin)): (&String, &(String, Origin))| {
            let checked = match settings::find(name) {
                Some(one) => one.checked(&Value::from(value.as_str())),
                None => Err("is no setting".to_owned()),
            };
            let checked = checked.map_err(|allowed| ConfigError::Invalid {
                name: name.clone(),
                value: value.clone(),
                origin: origin.clone(),
                allowed,
            });
            Ok((name.clone(), checked?))
        };
        self.settings.iter().map(known).collect()
    }

    pub(super) fn text(&self, name: &'static str) -> &(String, Origin) {
        // Every key has at least its default.
        &self.values[name]
    }

    pub(super) fn parse<T>(
        &self,
        name: &'static str,
        allowed: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        let (value, origin) = self.text(name);
        parse(value.trim()).ok_or_else(|| ConfigError::Invalid {
            name: name.to_owned(),
            value: keys::find(name)
                .filter(|key| key.secret)
                .map_or_else(|| value.clone(), |_| masked(value)),
            origin: origin.clone(),
            allowed: allowed.to_owned(),
        })
    }
}

/// A URL without its password; anything else that is secret, without anything.
fn masked(value: &str) -> String {
    match (value.find("://"), value.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme + 3 => {
            let user = value[scheme + 3..at].split(':').next().unwrap_or_default();
            format!("{}://{user}:***{}", &value[..scheme], &value[at..])
        }
        _ => value.to_owned(),
    }
}

/// `api.always_200` → `DROVER_API_ALWAYS_200`.
pub fn environment_name(key: &str) -> String {
    format!("DROVER_{}", key.replace('.', "_").to_ascii_uppercase())
}

/// The file's values under their dotted names.
fn read_file(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable {
        file: path.to_owned(),
        source,
    })?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| ConfigError::Malformed {
            file: path.to_owned(),
            message: error.to_string(),
        })?;
    let mut values = Vec::new();
    flatten("", &table, &mut values);
    Ok(values)
}

fn flatten(prefix: &str, table: &toml::Table, values: &mut Vec<(String, String)>) {
    for (name, value) in table {
        let name = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            toml::Value::Table(inner) => flatten(&name, inner, values),
            toml::Value::Array(items) => {
                let items: Vec<_> = items.iter().map(plain).collect();
                values.push((name, items.join(",")));
            }
            other => values.push((name, plain(other))),
        }
    }
}

fn plain(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
