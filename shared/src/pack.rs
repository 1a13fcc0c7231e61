//! A flow pack: the files by which an app is operated, checked and typed.
//!
//! `pack.toml` says what the pack is for and what its flows take, `elements.toml` names what is on the app's screens,
//! each `.rhai` file is a flow or a library of functions. Everything wrong is told with file, line and what is
//! allowed; nothing in here runs a script or knows a phone.

pub mod edit;
pub mod elements;
pub mod failure;
pub mod fault;
pub mod files;
mod manifest;
pub mod parameters;
pub mod script;
mod table;
pub mod words;

use std::collections::BTreeMap;

use crate::screen::find::Elements;
use elements::{Stop, Watcher};
use fault::Fault;
use files::PackFiles;
use parameters::Parameters;

pub use manifest::SYSTEM_PACKAGES;

/// A pack that can be run.
#[derive(Debug, Clone)]
pub struct Pack {
    pub name: String,
    pub version: String,
    /// "tiktok", "instagram", or whatever the operator calls it.
    pub platform: String,
    /// The app's packages, the usual one first.
    pub packages: Vec<String>,
    /// Whose dialogs count beside the app's own.
    pub system_packages: Vec<String>,
    /// Where a touch pauses a playing video, in percent of the screen: a screen that never rests cannot be read by
    /// every driver.
    pub quiet_tap: Option<(f64, f64)>,
    /// In the order of `pack.toml`.
    pub flows: Vec<Flow>,
    pub elements: Elements,
    /// In the order of `elements.toml`.
    pub watchers: Vec<Watcher>,
    pub stops: Vec<Stop>,
    /// Of the files' content: the same hash is the same pack.
    pub hash: String,
    pub files: PackFiles,
}

/// What a flow is and takes.
#[derive(Debug, Clone)]
pub struct Flow {
    /// Also the name of its file, without `.rhai`.
    pub name: String,
    pub title: String,
    pub help: String,
    /// It leaves something behind in the app: it acts through `commit`.
    pub lasting: bool,
    pub experimental: bool,
    /// Android permissions that it needs, granted before it starts.
    pub permissions: Vec<String>,
    pub parameters: Parameters,
    /// Its table in `pack.toml`.
    pub line: usize,
}

/// A pack and what is odd about it, or what is wrong with it.
pub type Checked = Result<(Pack, Vec<Fault>), Vec<Fault>>;

impl Pack {
    /// Reads and checks a pack's files.
    pub fn read(files: PackFiles) -> Checked {
        let mut faults = Vec::new();
        let manifest = manifest::read(&files, &mut faults);
        let screens = elements::read(&files, &mut faults);
        let (Some(manifest), Some(screens)) = (manifest, screens) else {
            return Err(faults);
        };
        let pack = Self {
            name: manifest.name,
            version: manifest.version,
            platform: manifest.platform,
            packages: manifest.packages,
            system_packages: manifest.system_packages,
            quiet_tap: manifest.quiet_tap,
            flows: manifest.flows,
            elements: screens.elements,
            watchers: screens.watchers,
            stops: screens.stops,
            hash: files.hash(),
            files,
        };
        script::check(&pack, &mut faults);
        if faults.iter().any(Fault::is_error) {
            Err(faults)
        } else {
            Ok((pack, faults))
        }
    }

    pub fn flow(&self, name: &str) -> Option<&Flow> {
        self.flows.iter().find(|flow| flow.name == name)
    }

    /// The scripts that a flow sees: its own first, then the libraries.
    pub fn sources_of(&self, flow: &str) -> BTreeMap<String, &str> {
        let own = format!("{flow}.rhai");
        self.files
            .scripts()
            .filter(|(name, _)| *name == own || name.starts_with(files::LIBRARY_PREFIX))
            .map(|(name, text)| (name.to_owned(), text))
            .collect()
    }
}

#[cfg(test)]
mod tests;
