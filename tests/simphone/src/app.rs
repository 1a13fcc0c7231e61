//! The apps on the phone. An app is screens from data plus a little logic; this file is what an app is made of.
//!
//! An app knows its own state and what it may ask of the phone through [`Context`]; it knows neither windows nor
//! touches nor how anything is drawn.

pub mod browser;
mod foreign;
pub mod instagram;
pub mod launcher;
pub mod notes;
pub mod permission;
pub mod registry;
pub mod settings;
pub mod social;
pub mod system;
pub mod tiktok;

use std::time::Duration;

use serde_json::Value;

use crate::clock::SimTime;
use crate::phone::{Personality, Phone, PhoneSpec};
use crate::ui::Intent;
use crate::ui::page::Page;
use crate::ui::template::Layouts;

pub use registry::{AppInfo, find, installed};

/// What is written in an app's manifest.
#[derive(Debug)]
pub struct Manifest {
    pub package: &'static str,
    /// The name under its icon, by language ("en" last resort).
    pub label: &'static [(&'static str, &'static str)],
    pub version_name: &'static str,
    pub version_code: u32,
    /// Other versions of it that a phone may have instead.
    pub versions: &'static [(&'static str, u32)],
    /// Came with the phone.
    pub system: bool,
    /// The sign on its icon and the icon's colour.
    pub icon: (&'static str, &'static str),
    pub activities: &'static [Activity],
    /// Runtime permissions that it may ask for.
    pub permissions: &'static [&'static str],
    pub layouts: &'static [&'static str],
    /// Whether it is on phones of that make.
    pub on: fn(&Personality) -> bool,
    /// Its logic, with its data read from the phone's folder.
    pub open: fn(&PhoneSpec) -> Box<dyn App>,
}

/// An activity in a manifest.
#[derive(Debug)]
pub struct Activity {
    /// In full.
    pub class: &'static str,
    /// Its own name in a chooser, by language; empty: the app's.
    pub label: &'static [(&'static str, &'static str)],
    pub exported: bool,
    /// MAIN/LAUNCHER: it has an icon.
    pub launcher: bool,
    /// MAIN/HOME.
    pub home: bool,
    pub mode: LaunchMode,
    /// What lies behind it shows through.
    pub translucent: bool,
    pub filters: &'static [Filter],
}

impl Activity {
    /// An activity that only its own app starts.
    pub const PRIVATE: Self = Self {
        class: "",
        label: &[],
        exported: false,
        launcher: false,
        home: false,
        mode: LaunchMode::Standard,
        translucent: false,
        filters: &[],
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaunchMode {
    Standard,
    /// On top already: the running instance gets the intent.
    SingleTop,
    /// Anywhere in its task already: what lies above it is closed.
    SingleTask,
}

/// Which implicit intents an activity takes.
#[derive(Debug)]
pub struct Filter {
    pub action: &'static str,
    pub schemes: &'static [&'static str],
    /// Empty: any.
    pub hosts: &'static [&'static str],
    /// `text/*`, `video/mp4`; empty: intents without a type.
    pub mimes: &'static [&'static str],
    /// The system checked that its hosts are this app's own: no chooser.
    pub verified: bool,
}

/// What an app may look at to say what its screens show.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    pub phone: &'a Phone,
    pub now: SimTime,
    pub language: &'a str,
    /// Recent tasks: (task, package), the latest first.
    pub recents: &'a [(u32, String)],
    /// Packages whose icons the launcher shows.
    pub apps: &'a [&'static AppInfo],
    pub permissions: &'a crate::ui::permission::Permissions,
}

/// What an app asks of the phone; done in order once the app has returned.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// Puts a screen over the present one.
    Go(String, Value),
    /// Takes the place of the present screen.
    Replace(String, Value),
    /// The only screen of the activity from now on.
    Reset(String, Value),
    /// Closes the present screen; the last one closes the activity.
    Back,
    /// Closes the activity.
    Finish,
    /// A short text at the bottom.
    Toast(String),
    Start(Intent),
    /// Calls `act` with this action later, wherever the user is by then; lost with the process.
    Later(Duration, String),
    /// Asks for a runtime permission, unless it is decided; `act` hears "permission" with "granted" or "denied".
    Permission(String),
    /// Answers a permission dialog: (package, permission, granted, never ask again).
    Decide(String, String, bool, bool),
    /// Writes a field of the present screen.
    Write(String, String),
    HideKeyboard,
    /// Recents: brings a task to the front, or ends them all.
    OpenTask(u32),
    ClearTasks,
    /// Any action of the layout language.
    Run(String),
}

/// What an app works with while it acts.
#[derive(Debug)]
pub struct Context<'a> {
    pub phone: &'a Phone,
    pub now: SimTime,
    pub language: &'a str,
    pub permissions: &'a crate::ui::permission::Permissions,
    /// The screen in front of this app.
    pub page: &'a mut Page,
    pub calls: Vec<Call>,
}

impl Context<'_> {
    pub fn call(&mut self, call: Call) {
        self.calls.push(call);
    }

    /// Writes a lasting effect down before it shows; false where that was impossible, and then it must not show.
    pub fn record(&self, app: &str, kind: &str, detail: Value) -> bool {
        let detail = match detail {
            Value::Object(map) => map,
            _ => serde_json::Map::new(),
        };
        match self.phone.ledger.record(app, kind, detail) {
            Ok(_) => true,
            Err(error) => {
                tracing::error!(%error, app, kind, "the ledger cannot be written");
                false
            }
        }
    }
}

/// The logic of an app: what its layouts show and what its own actions do.
pub trait App: Send + std::fmt::Debug {
    /// The first screen of an activity, with its arguments.
    fn open(&mut self, context: &mut Context<'_>, class: &str, intent: &Intent) -> (String, Value);

    /// What the layout of this page may name.
    fn model(&self, look: Look<'_>, page: &Page) -> Value;

    /// An action that the layout language does not know.
    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str);

    /// The back key; false: the system closes the screen.
    fn back(&mut self, _context: &mut Context<'_>) -> bool {
        false
    }

    /// `pm clear`
    fn clear(&mut self, _phone: &Phone) {}

    /// The process ended: what was only in memory is gone.
    fn died(&mut self) {}
}

/// Reads a piece of an app's lasting state; a fresh one where there is none.
pub fn load<T: serde::de::DeserializeOwned + Default>(spec: &PhoneSpec, name: &str) -> T {
    let path = spec.data.join("state").join(format!("{name}.json"));
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
            tracing::error!(%error, path = %path.display(), "app data cannot be read");
            T::default()
        }),
        Err(_) => T::default(),
    }
}

/// Keeps a piece of an app's state, whole; false where the disk refuses it or the phone's storage is full.
pub fn store<T: serde::Serialize>(phone: &Phone, name: &str, state: &T) -> bool {
    if phone.faults.has("storage_full") {
        return false;
    }
    let written = serde_json::to_vec(state)
        .map_err(std::io::Error::from)
        .and_then(|bytes| crate::phone::write_whole(&phone.state_file(name), &bytes));
    written
        .inspect_err(|error| tracing::error!(%error, name, "app data cannot be written"))
        .is_ok()
}

/// The text in that language, else in English.
fn in_language(texts: &'static [(&'static str, &'static str)], language: &str) -> Option<&'static str> {
    let named = |wanted: &str| texts.iter().find(|(name, _)| *name == wanted);
    named(language).or_else(|| named("en")).map(|(_, text)| *text)
}

impl Manifest {
    pub fn label(&self, language: &str) -> &'static str {
        in_language(self.label, language).unwrap_or(self.package)
    }

    /// What a chooser calls one of its activities.
    pub fn label_of(&self, activity: &Activity, language: &str) -> &'static str {
        in_language(activity.label, language).unwrap_or_else(|| self.label(language))
    }

    pub fn activity(&self, class: &str) -> Option<&'static Activity> {
        self.activities.iter().find(|activity| activity.class == class)
    }

    /// The activity behind its icon.
    pub fn launcher(&self) -> Option<&'static Activity> {
        self.activities.iter().find(|activity| activity.launcher)
    }
}

/// An app's layouts, read once for all phones.
pub(crate) fn read_layouts(manifest: &Manifest) -> Layouts {
    Layouts::parse(manifest.layouts).unwrap_or_else(|error| {
        tracing::error!(%error, package = manifest.package, "a layout cannot be read");
        Layouts::default()
    })
}
