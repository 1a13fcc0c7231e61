//! The controller's configuration: command line over environment over file over default, each value with its origin.
//!
//! [`keys`] is the table of what is set before a start, [`crate::settings`] that of what can also be changed while the farm
//! runs; help, environment names, `config show` and the annotated file all come from them. What is wrong is refused by name, with what is allowed.

pub mod keys;

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::media::Roots;
use crate::plan::Plan;
use crate::settings::{self, definitions};
use crate::sheets::Limits;
use crate::store::DatabaseUrl;
use keys::{KEYS, Key};

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
    fn settings(&self) -> Result<BTreeMap<String, Value>, ConfigError> {
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

    fn text(&self, name: &'static str) -> &(String, Origin) {
        // Every key has at least its default.
        &self.values[name]
    }

    fn parse<T>(
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

/// Where the API's certificate comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    Off,
    /// Made at first start and kept; its fingerprint is printed.
    SelfMade,
    Given {
        certificate: PathBuf,
        key: PathBuf,
    },
}

/// The configuration, every value checked.
#[derive(Debug, Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub keys_dir: PathBuf,
    pub database: DatabaseUrl,
    pub listen: Vec<SocketAddr>,
    pub allowed_hosts: Vec<String>,
    pub tls: Tls,
    pub always_200: bool,
    pub plan: Plan,
    pub agents_listen: SocketAddr,
    pub join_listen: SocketAddr,
    pub advertised_port: Option<u16>,
    /// Files of keys for the vault that an operator gives; the first is to be the current one.
    pub vault_keys: Vec<PathBuf>,
    pub time_zone: TimeZone,
    /// A folder with packs beside those that come along.
    pub flows: Option<PathBuf>,
    /// Where files to publish may lie.
    pub media: Roots,
    pub backup_every: Option<Duration>,
    pub backup_keep: usize,
    pub backup_dir: PathBuf,
    pub sheets: Limits,
    pub json_logs: bool,
    pub log: String,
    /// Settings that can be changed while the farm runs, as they are where nobody has.
    pub settings: BTreeMap<String, Value>,
}

impl Config {
    /// Parses every value; the first that is wrong is told.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let path = |name, allowed| layers.parse(name, allowed, |text| Some(PathBuf::from(text)));
        let data_dir = layers.parse("data_dir", "a folder", |text| {
            if text.is_empty() {
                default_data_dir()
            } else {
                Some(PathBuf::from(text))
            }
        })?;
        let or_in_data = |name, folder: &str| {
            path(name, "a folder").map(|path| {
                if path.as_os_str().is_empty() {
                    data_dir.join(folder)
                } else {
                    path
                }
            })
        };
        let address = |name| {
            layers.parse(
                name,
                "an address and a port, such as 0.0.0.0:50810 or [::]:50810",
                |text| text.parse().ok(),
            )
        };
        let database = layers.parse(
            "database_url",
            "sqlite:FILE or postgres://USER:PASSWORD@HOST/NAME",
            |text| {
                if text.is_empty() {
                    Some(DatabaseUrl::file(data_dir.join("drover.db")))
                } else {
                    DatabaseUrl::parse(text).ok()
                }
            },
        )?;
        Ok(Self {
            keys_dir: or_in_data("keys_dir", "keys")?,
            database,
            listen: layers.parse(
                "listen",
                "addresses with ports, separated by commas, such as 127.0.0.1:50809",
                addresses,
            )?,
            allowed_hosts: layers.parse("allowed_hosts", "host names, separated by commas", |text| {
                Some(words(text))
            })?,
            tls: tls(layers)?,
            always_200: layers.parse("api.always_200", "true or false", |text| text.parse().ok())?,
            plan: layers.parse("plan", "starter, pro, team, business or self-hosted", Plan::named)?,
            agents_listen: address("agents.listen")?,
            join_listen: address("agents.join_listen")?,
            advertised_port: layers
                .parse("agents.advertised_port", "a port from 1 to 65535, or 0", |text| {
                    text.parse::<u16>().ok()
                })
                .map(|port| (port > 0).then_some(port))?,
            vault_keys: layers.parse("vault.key_file", "files, separated by commas", |text| {
                Some(words(text).into_iter().map(PathBuf::from).collect())
            })?,
            time_zone: layers.parse("time_zone", "a name such as Europe/Stockholm or UTC", |text| {
                if text.is_empty() {
                    Some(TimeZone::system())
                } else {
                    TimeZone::get(text).ok()
                }
            })?,
            flows: path("flows", "a folder").map(|path| (!path.as_os_str().is_empty()).then_some(path))?,
            media: media_roots(layers, &data_dir)?,
            backup_every: layers
                .parse(
                    "backup.every_hours",
                    "hours from 1 to 8760, or 0 for never",
                    |text| text.parse::<u64>().ok().filter(|hours| *hours <= 8760),
                )
                .map(|hours| (hours > 0).then(|| Duration::from_secs(hours * 3600)))?,
            backup_keep: layers.parse("backup.keep", "a number from 1 to 1000", |text| {
                text.parse().ok().filter(|keep| (1..=1000).contains(keep))
            })?,
            backup_dir: or_in_data("backup.dir", "backups")?,
            sheets: sheet_limits(layers)?,
            json_logs: layers.parse("log.format", "text or json", |text| match text {
                "text" => Some(false),
                "json" => Some(true),
                _ => None,
            })?,
            log: layers.parse(
                "log.level",
                "error, warn, info, debug or trace, or a filter such as info,controller::http=debug",
                |text| {
                    text.parse::<tracing_subscriber::filter::EnvFilter>()
                        .ok()
                        .map(|_| text.to_owned())
                },
            )?,
            settings: layers.settings()?,
            data_dir,
        })
    }
}

fn media_roots(layers: &Layers, data_dir: &Path) -> Result<Roots, ConfigError> {
    let roots = layers.parse(
        "media.roots",
        "folders with their whole paths, separated by commas",
        |text| {
            let folders: Vec<PathBuf> = words(text).into_iter().map(PathBuf::from).collect();
            folders
                .iter()
                .all(|folder| folder.is_absolute())
                .then_some(folders)
        },
    )?;
    let map = layers.parse(
        "media.map",
        "PREFIX=FOLDER with the folder's whole path, separated by commas",
        |text| {
            let pairs = words(text).into_iter().map(|pair| {
                let (prefix, folder) = pair.split_once('=')?;
                let folder = PathBuf::from(folder.trim());
                (folder.is_absolute() && !prefix.trim().is_empty())
                    .then(|| (prefix.trim().to_owned(), folder))
            });
            pairs.collect::<Option<Vec<_>>>()
        },
    )?;
    let roots = if roots.is_empty() {
        vec![data_dir.join("media")]
    } else {
        roots
    };
    Ok(Roots::new(roots, map))
}

fn sheet_limits(layers: &Layers) -> Result<Limits, ConfigError> {
    let number = |name, most: u64, allowed| {
        layers.parse(name, allowed, |text| {
            text.parse::<u64>()
                .ok()
                .filter(|number| (1..=most).contains(number))
        })
    };
    let megabytes = "megabytes from 1 to 4096";
    Ok(Limits {
        rows: number("imports.rows", 1_000_000, "rows from 1 to 1000000")? as u32,
        cells: number("imports.cells", 1_000_000_000, "cells from 1 to 1000000000")?,
        file_bytes: number("imports.file_megabytes", 4096, megabytes)? << 20,
        unpacked_bytes: number("imports.unpacked_megabytes", 4096, megabytes)? << 20,
        ..Limits::default()
    })
}

fn tls(layers: &Layers) -> Result<Tls, ConfigError> {
    let given = |name| layers.parse(name, "a file", |text| Some(text.to_owned()));
    let (certificate, key) = (given("tls.certificate")?, given("tls.key")?);
    let self_made: bool = layers.parse("tls.self_made", "true or false", |text| text.parse().ok())?;
    let wrong = |name: &'static str, allowed: &str| ConfigError::Invalid {
        name: name.to_owned(),
        value: layers.text(name).0.clone(),
        origin: layers.text(name).1.clone(),
        allowed: allowed.to_owned(),
    };
    match (certificate.is_empty(), key.is_empty(), self_made) {
        (true, true, false) => Ok(Tls::Off),
        (true, true, true) => Ok(Tls::SelfMade),
        (false, false, false) => Ok(Tls::Given {
            certificate: certificate.into(),
            key: key.into(),
        }),
        (false, true, _) => Err(wrong("tls.key", "needed beside tls.certificate")),
        (true, false, _) => Err(wrong("tls.certificate", "needed beside tls.key")),
        (false, false, true) => Err(wrong("tls.self_made", "either this or tls.certificate, not both")),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn addresses(text: &str) -> Option<Vec<SocketAddr>> {
    let all: Option<Vec<SocketAddr>> = words(text).iter().map(|word| word.parse().ok()).collect();
    all.filter(|all| !all.is_empty())
}

#[cfg(not(windows))]
fn default_data_dir() -> Option<PathBuf> {
    let home = std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    home.or_else(|| std::env::home_dir().map(|home| home.join(".local/share")))
        .map(|home| home.join("drover-controller"))
}

#[cfg(windows)]
fn default_data_dir() -> Option<PathBuf> {
    std::env::var_os("LOCALAPPDATA").map(|home| PathBuf::from(home).join("drover-controller"))
}

/// A key's line for help texts.
pub fn describe(key: &Key) -> String {
    let default = if key.default.is_empty() {
        key.default_text
    } else {
        key.default
    };
    format!(
        "{}  {} [default: {default}; {}]",
        key.name,
        key.help,
        environment_name(key.name)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(
        file: &str,
        environment: &[(&str, &str)],
        command_line: &[(&str, &str)],
    ) -> Result<Layers, ConfigError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("drover.toml");
        std::fs::write(&path, file).unwrap();
        let command_line: Vec<_> = command_line
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Layers::collect(
            Some(&path),
            |name| {
                environment
                    .iter()
                    .find(|(key, _)| *key == name)
                    .map(|(_, value)| (*value).to_owned())
            },
            &command_line,
        )
    }

    #[test]
    fn the_command_line_wins_over_the_environment_over_the_file_over_the_default() {
        let file = "plan = \"team\"\n[api]\nalways_200 = true\n[backup]\nkeep = 3\n";
        let layers = layers(
            file,
            &[("DROVER_PLAN", "business"), ("DROVER_BACKUP_KEEP", "4")],
            &[("backup.keep", "5")],
        )
        .unwrap();
        let config = Config::from_layers(&layers).unwrap();
        assert_eq!(
            (config.plan, config.always_200, config.backup_keep),
            (Plan::Business, true, 5)
        );
        let origin = |name| {
            layers
                .show()
                .into_iter()
                .find(|shown| shown.name == name)
                .unwrap()
                .origin
        };
        assert_eq!(origin("plan"), "DROVER_PLAN");
        assert_eq!(origin("backup.keep"), "command line");
        assert!(origin("api.always_200").ends_with("drover.toml"));
        assert_eq!(origin("listen"), "default");
    }

    #[test]
    fn what_can_be_changed_while_the_farm_runs_can_be_configured_too() {
        let file = "[tasks]\nretries = 3\nhours = \"08:00-22:00\"\n[caps.tiktok]\nfollow = 7\n";
        let layers = layers(
            file,
            &[("DROVER_TASKS_RETRIES", "4"), ("DROVER_CAPS_INSTAGRAM_LIKE", "0")],
            &[("tasks.retry", "false"), ("caps.instagram.like", "9")],
        )
        .unwrap();
        let config = Config::from_layers(&layers).unwrap();
        let expected = serde_json::json!({
            "tasks.retries": 4, "tasks.hours": "08:00-22:00", "tasks.retry": false, "caps.tiktok.follow": 7,
            "caps.instagram.like": 9,
        });
        assert_eq!(serde_json::to_value(&config.settings).unwrap(), expected);
        let all = layers.show();
        let shown = |name: &str| all.iter().find(|shown| shown.name == name).unwrap();
        assert_eq!(shown("tasks.retries").origin, "DROVER_TASKS_RETRIES");
        assert_eq!(
            (
                shown("gap.post").value.as_str(),
                shown("gap.post").origin.as_str()
            ),
            ("0", "default")
        );
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest_name() {
        let error = layers("lisen = \"127.0.0.1:1\"", &[], &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("lisen") && error.contains("did you mean listen?"),
            "{error}"
        );
        assert!(layers("[api]\nnothing_like_it_at_all = 1", &[], &[]).is_err());
        let error = layers("[tasks]\nretrys = 1", &[], &[]).unwrap_err().to_string();
        assert!(error.contains("did you mean tasks.retry"), "{error}");
    }

    #[test]
    fn a_wrong_value_names_its_key_its_origin_and_what_is_allowed() {
        for (file, name) in [
            ("plan = \"gold\"", "plan"),
            ("listen = \"localhost\"", "listen"),
            ("[backup]\nkeep = 0", "backup.keep"),
            ("[api]\nalways_200 = \"maybe\"", "api.always_200"),
            ("database_url = \"mysql://x\"", "database_url"),
            ("[tls]\ncertificate = \"a.pem\"", "tls.key"),
            ("time_zone = \"Middle/Earth\"", "time_zone"),
            ("[tasks]\nretries = 11", "tasks.retries"),
            ("[caps.tiktok]\nfollow = \"many\"", "caps.tiktok.follow"),
        ] {
            let error = Config::from_layers(&layers(file, &[], &[]).unwrap())
                .unwrap_err()
                .to_string();
            assert!(
                error.contains(name) && error.contains("drover.toml")
                    || error.contains(name) && name == "tls.key",
                "{error}"
            );
        }
    }

    #[test]
    fn a_secret_may_come_from_a_file_and_is_never_shown() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("url");
        std::fs::write(&file, "postgres://drover:hunter2@db/farm\n").unwrap();
        let layers = layers("", &[("DROVER_DATABASE_URL_FILE", file.to_str().unwrap())], &[]).unwrap();
        let shown = layers
            .show()
            .into_iter()
            .find(|shown| shown.name == "database_url")
            .unwrap();
        assert_eq!(shown.value, "postgres://drover:***@db/farm");
        assert!(Config::from_layers(&layers).is_ok());
    }

    #[test]
    fn every_default_is_valid() {
        let layers = layers("", &[], &[("data_dir", "/tmp/x")]).unwrap();
        assert!(Config::from_layers(&layers).is_ok());
    }
}
