//! A small Settings: what an operator changes before a phone joins a farm.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Activity, App, Context, Filter, LaunchMode, Look, Manifest};
use crate::phone::settings::Namespace;
use crate::phone::{Phone, PhoneSpec, lock};
use crate::ui::Intent;
use crate::ui::display::Display;
use crate::ui::page::Page;

/// An action without data that opens a page.
const fn opens(action: &'static str) -> Filter {
    Filter {
        action,
        schemes: &[],
        hosts: &[],
        mimes: &[],
        verified: false,
    }
}

pub static MANIFEST: Manifest = Manifest {
    package: "com.android.settings",
    label: &[("en", "Settings"), ("fr", "Paramètres")],
    version_name: "1.0",
    version_code: 1,
    versions: &[],
    system: true,
    icon: ("gear", "#5f6368"),
    activities: &[
        Activity {
            class: "com.android.settings.Settings",
            exported: true,
            launcher: true,
            mode: LaunchMode::SingleTask,
            filters: &[opens("android.settings.SETTINGS")],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.android.settings.Settings$DevelopmentSettingsDashboardActivity",
            exported: true,
            filters: &[opens("android.settings.APPLICATION_DEVELOPMENT_SETTINGS")],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.android.settings.Settings$LocalePickerActivity",
            exported: true,
            filters: &[opens("android.settings.LOCALE_SETTINGS")],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.android.settings.Settings$DisplaySettingsActivity",
            exported: true,
            filters: &[opens("android.settings.DISPLAY_SETTINGS")],
            ..Activity::PRIVATE
        },
        Activity {
            class: "com.android.settings.Settings$MyDeviceInfoActivity",
            exported: true,
            filters: &[opens("android.settings.DEVICE_INFO_SETTINGS")],
            ..Activity::PRIVATE
        },
    ],
    permissions: &[],
    layouts: &[include_str!("../../apps/settings/pages.xml")],
    on: |_| true,
    open: |spec| Box::new(Pages::open(spec)),
};

/// What the vendor keeps outside of the settings provider.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Kept {
    /// "USB debugging (Security settings)": injected input is let through.
    input_allowed: bool,
}

impl Default for Kept {
    fn default() -> Self {
        Self { input_allowed: true }
    }
}

#[derive(Debug)]
struct Pages {
    kept: Kept,
}

impl Pages {
    fn open(spec: &PhoneSpec) -> Self {
        Self {
            kept: super::load(spec, STATE),
        }
    }
}

const STATE: &str = "vendor_switches";

/// Whether this phone lets adb inject input: on a make with a switch for it, what the switch says.
pub fn input_allowed(phone: &Phone) -> bool {
    if phone.faults.has("input_refused") {
        return false;
    }
    !phone.spec.personality.input_needs_security_switch
        || super::load::<Kept>(&phone.spec, STATE).input_allowed
}

fn flip(phone: &Phone, namespace: Namespace, key: &str, values: (&str, &str)) {
    let mut settings = lock(&phone.settings);
    let on = settings
        .get(namespace, key)
        .is_some_and(|value| value != values.0);
    let value = if on { values.0 } else { values.1 };
    if let Err(error) = settings.put(namespace, key, value) {
        tracing::error!(%error, key, "a setting cannot be kept");
    }
}

impl App for Pages {
    fn open(&mut self, _context: &mut Context<'_>, class: &str, _intent: &Intent) -> (String, Value) {
        let page = match class.rsplit('$').next().unwrap_or_default() {
            "DevelopmentSettingsDashboardActivity" => "developer",
            "LocalePickerActivity" => "language",
            "DisplaySettingsActivity" => "display",
            "MyDeviceInfoActivity" => "about",
            _ => "main",
        };
        (page.to_owned(), Value::Null)
    }

    fn model(&self, look: Look<'_>, _page: &Page) -> Value {
        let display = Display::of(look.phone);
        let personality = look.phone.spec.personality;
        let settings = lock(&look.phone.settings);
        let on = |namespace, key| settings.get(namespace, key).is_some_and(|value| value != "0");
        let french = look.language == "fr";
        json!({
            "auto_rotate": on(Namespace::System, "accelerometer_rotation").to_string(),
            "stay_awake": on(Namespace::Global, "stay_on_while_plugged_in").to_string(),
            "locale": if french { "fr-FR" } else { "en-US" },
            "language_name": if french { "Français (France)" } else { "English (United States)" },
            "screen_size": format!("{} × {}", display.width, display.height),
            "security_switch": personality.input_needs_security_switch,
            "input_allowed": self.kept.input_allowed.to_string(),
            "serial": look.phone.spec.serial,
            "build": format!("{}.{}", personality.device, personality.release),
        })
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) {
        let phone = context.phone;
        match action {
            "auto_rotate" => flip(phone, Namespace::System, "accelerometer_rotation", ("0", "1")),
            "stay_awake" => flip(phone, Namespace::Global, "stay_on_while_plugged_in", ("0", "7")),
            "input_allowed" => {
                self.kept.input_allowed = !self.kept.input_allowed;
                super::store(phone, STATE, &self.kept);
            }
            "locale" => {
                let put = lock(&phone.settings).put(Namespace::System, "system_locales", argument);
                if let Err(error) = put {
                    tracing::error!(%error, "the language cannot be kept");
                }
            }
            _ => {}
        }
    }
}
