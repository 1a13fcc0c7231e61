//! The controller's configuration: command line over environment over file over default, each value with its origin.
//!
//! [`keys`] is the table of what is set before a start, [`crate::settings`] that of what can also be changed while the farm
//! runs; help, environment names, `config show` and the annotated file all come from them. What is wrong is refused by name, with what is allowed.

pub mod keys;
mod layers;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::media::Roots;
use crate::plan::Plan;
use crate::sheets::Limits;
use crate::store::DatabaseUrl;
use keys::Key;
pub use layers::{ConfigError, Layers, Origin, Shown, environment_name};

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
