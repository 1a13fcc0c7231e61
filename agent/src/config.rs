//! The settings of a running agent: what the command line says wins over the environment, that over the file; a key
//! that nobody knows is an error, because it is a mistyped one.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The settings' file, TOML. Every key may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// The controllers' join doors, `HOST:PORT`.
    pub controllers: Option<Vec<String>>,
    /// A file with a join token, for the first start.
    pub token_file: Option<PathBuf>,
    /// What this host is called in the farm; its own name where nothing is said.
    pub name: Option<String>,
    /// The state folder.
    pub state: Option<PathBuf>,
    #[serde(default)]
    pub adb: AdbSection,
    #[serde(default)]
    pub driver: DriverSection,
    #[serde(default)]
    pub media: MediaSection,
    #[serde(default)]
    pub log: LogSection,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaSection {
    /// How much room the files of tasks may take that are kept for the next phone, in bytes.
    pub cache_bytes: Option<u64>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdbSection {
    pub port: Option<u16>,
    pub program: Option<PathBuf>,
    /// Network phones to keep connected, `HOST:PORT`.
    pub connect: Option<Vec<String>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DriverSection {
    /// auto, plain or resident.
    pub kind: Option<String>,
    pub resident_jar: Option<PathBuf>,
    pub keyboard_apk: Option<PathBuf>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSection {
    /// text or json.
    pub format: Option<String>,
    /// As in `DROVER_LOG`: "info", "agent=debug".
    pub filter: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("reading the settings {}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("the settings {} are wrong: {why}", .path.display())]
    Wrong { path: PathBuf, why: String },
}

impl ConfigFile {
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
            path: path.to_owned(),
            source,
        })?;
        toml::from_str(&text).map_err(|error| ConfigError::Wrong {
            path: path.to_owned(),
            why: error.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ConfigFile, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("agent.toml");
        std::fs::write(&path, text).unwrap();
        ConfigFile::read(&path)
    }

    #[test]
    fn a_file_says_what_it_wants_and_leaves_the_rest() {
        assert_eq!(read("").unwrap(), ConfigFile::default());
        let file = read("controllers = [\"farm.lan:7444\"]\n[adb]\nport = 5038\nconnect = [\"10.0.0.7:5555\"]\n[log]\nformat = \"json\"\n").unwrap();
        assert_eq!(file.controllers, Some(vec!["farm.lan:7444".to_owned()]));
        assert_eq!(
            (file.adb.port, file.log.format.as_deref()),
            (Some(5038), Some("json"))
        );
    }

    #[test]
    fn a_mistyped_key_is_named() {
        let error = read("[adb]\nprot = 5038\n").unwrap_err().to_string();
        assert!(error.contains("prot"), "{error}");
    }
}
