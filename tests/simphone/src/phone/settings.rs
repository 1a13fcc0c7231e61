//! `settings get|put` in its three namespaces, and the properties set by `setprop`. Written through at each change.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{PhoneSpec, identity, write_whole};

/// What the menu writes for "never".
const NEVER: &str = "2147483647";

/// One of the tables of the settings provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    System,
    Secure,
    Global,
}

impl Namespace {
    pub fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "system" => Some(Self::System),
            "secure" => Some(Self::Secure),
            "global" => Some(Self::Global),
            _ => None,
        }
    }
}

/// The settings in force. Read the maps freely; change them by [`Settings::put`] and its siblings, which keep them.
#[derive(Debug, Default)]
pub struct Settings {
    pub system: BTreeMap<String, String>,
    pub secure: BTreeMap<String, String>,
    pub global: BTreeMap<String, String>,
    /// Properties set by `setprop`; only `persist.*` outlive a reboot.
    pub properties: BTreeMap<String, String>,
    file: PathBuf,
}

/// The file's form.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    system: BTreeMap<String, String>,
    secure: BTreeMap<String, String>,
    global: BTreeMap<String, String>,
    properties: BTreeMap<String, String>,
}

impl Settings {
    /// The settings as they were kept, or a fresh phone's.
    pub fn open(spec: &PhoneSpec) -> std::io::Result<Self> {
        let file = spec.data.join("state/settings.json");
        match std::fs::read(&file) {
            Ok(bytes) => {
                let kept: Kept = serde_json::from_slice(&bytes)?;
                Ok(Self {
                    system: kept.system,
                    secure: kept.secure,
                    global: kept.global,
                    properties: kept.properties,
                    file,
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::fresh(spec, file)),
            Err(error) => Err(error),
        }
    }

    fn fresh(spec: &PhoneSpec, file: PathBuf) -> Self {
        let android_id = identity::android_id(spec);
        let keyboard = spec.personality.keyboard;
        let locale = spec.personality.locale();
        Self {
            system: table(&[
                ("accelerometer_rotation", "1"),
                ("dim_screen", "1"),
                ("font_scale", "1.0"),
                ("haptic_feedback_enabled", "1"),
                ("screen_brightness", "102"),
                ("screen_brightness_mode", "0"),
                // Its owner made a farm's phone of it: the screen goes off when somebody says so.
                ("screen_off_timeout", NEVER),
                ("show_touches", "0"),
                ("sound_effects_enabled", "1"),
                ("system_locales", &locale),
                ("user_rotation", "0"),
                ("volume_music_speaker", "5"),
            ]),
            secure: table(&[
                ("accessibility_enabled", "0"),
                ("android_id", &android_id),
                ("default_input_method", keyboard),
                ("enabled_input_methods", keyboard),
                ("install_non_market_apps", "1"),
                ("location_mode", "3"),
                ("lock_screen_lock_after_timeout", "5000"),
                ("lockscreen.disabled", "0"),
                ("show_ime_with_hard_keyboard", "1"),
                ("user_setup_complete", "1"),
            ]),
            global: table(&[
                ("adb_enabled", "1"),
                ("airplane_mode_on", "0"),
                ("animator_duration_scale", "1.0"),
                ("auto_time", "1"),
                ("auto_time_zone", "1"),
                ("data_roaming", "0"),
                ("development_settings_enabled", "1"),
                ("device_name", spec.personality.model),
                ("device_provisioned", "1"),
                ("heads_up_notifications_enabled", "1"),
                ("mobile_data", "1"),
                ("stay_on_while_plugged_in", "0"),
                ("transition_animation_scale", "1.0"),
                ("verifier_verify_adb_installs", "1"),
                ("wifi_on", "1"),
                ("window_animation_scale", "1.0"),
            ]),
            properties: BTreeMap::new(),
            file,
        }
    }

    pub fn table(&self, namespace: Namespace) -> &BTreeMap<String, String> {
        match namespace {
            Namespace::System => &self.system,
            Namespace::Secure => &self.secure,
            Namespace::Global => &self.global,
        }
    }

    fn table_mut(&mut self, namespace: Namespace) -> &mut BTreeMap<String, String> {
        match namespace {
            Namespace::System => &mut self.system,
            Namespace::Secure => &mut self.secure,
            Namespace::Global => &mut self.global,
        }
    }

    pub fn get(&self, namespace: Namespace, key: &str) -> Option<&str> {
        self.table(namespace).get(key).map(String::as_str)
    }

    pub fn put(&mut self, namespace: Namespace, key: &str, value: &str) -> std::io::Result<()> {
        self.table_mut(namespace).insert(key.to_owned(), value.to_owned());
        self.keep()
    }

    /// Whether there was such a setting.
    pub fn delete(&mut self, namespace: Namespace, key: &str) -> std::io::Result<bool> {
        let was = self.table_mut(namespace).remove(key).is_some();
        self.keep()?;
        Ok(was)
    }

    pub fn set_property(&mut self, key: &str, value: &str) -> std::io::Result<()> {
        self.properties.insert(key.to_owned(), value.to_owned());
        if key.starts_with("persist.") {
            self.keep()?;
        }
        Ok(())
    }

    /// What a power cycle does to it.
    pub(super) fn reboot(&mut self) {
        self.properties.retain(|key, _| key.starts_with("persist."));
    }

    fn keep(&self) -> std::io::Result<()> {
        let kept = Kept {
            system: self.system.clone(),
            secure: self.secure.clone(),
            global: self.global.clone(),
            properties: self
                .properties
                .iter()
                .filter(|(key, _)| key.starts_with("persist."))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
        };
        write_whole(&self.file, &serde_json::to_vec_pretty(&kept)?)
    }
}

fn table(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}
