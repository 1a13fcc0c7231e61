//! The home screen, under the package name of each make.

use serde_json::{Value, json};

use super::{Activity, App, AppInfo, Call, Context, LaunchMode, Look, Manifest, registry};
use crate::phone::PhoneSpec;
use crate::ui::Intent;
use crate::ui::page::Page;

/// Icons in a row.
const COLUMNS: usize = 4;

const HOME: Activity = Activity {
    exported: true,
    home: true,
    mode: LaunchMode::SingleTask,
    ..Activity::PRIVATE
};

const BASE: Manifest = Manifest {
    package: "",
    label: &[("en", "Home"), ("fr", "Accueil")],
    version_name: "13",
    version_code: 33,
    versions: &[],
    system: true,
    icon: ("home", "#5f6368"),
    activities: &[],
    permissions: &[],
    layouts: &[include_str!("../../apps/launcher/home.xml")],
    on: |_| false,
    open,
};

pub static PIXEL: Manifest = Manifest {
    package: "com.google.android.apps.nexuslauncher",
    activities: &[Activity {
        class: "com.google.android.apps.nexuslauncher.NexusLauncherActivity",
        ..HOME
    }],
    on: |personality| !matches!(personality.manufacturer, "samsung" | "Xiaomi"),
    ..BASE
};

pub static SAMSUNG: Manifest = Manifest {
    package: "com.sec.android.app.launcher",
    activities: &[Activity {
        class: "com.sec.android.app.launcher.activities.LauncherActivity",
        ..HOME
    }],
    on: |personality| personality.manufacturer == "samsung",
    ..BASE
};

pub static XIAOMI: Manifest = Manifest {
    package: "com.miui.home",
    activities: &[Activity {
        class: "com.miui.home.launcher.Launcher",
        ..HOME
    }],
    on: |personality| personality.manufacturer == "Xiaomi",
    ..BASE
};

fn open(_spec: &PhoneSpec) -> Box<dyn App> {
    Box::new(Launcher)
}

#[derive(Debug)]
struct Launcher;

fn icon(info: &AppInfo, language: &str) -> Value {
    json!({
        "app": info.manifest.package,
        "label": info.manifest.label(language),
        "sign": info.manifest.icon.0,
        "color": info.manifest.icon.1,
    })
}

fn wall(manufacturer: &str) -> &'static str {
    match manufacturer {
        "samsung" => "#0f5c6e..#0b1c33",
        "Xiaomi" => "#c2562d..#33143f",
        _ => "#3b5c9b..#1c1440",
    }
}

impl App for Launcher {
    fn open(&mut self, _context: &mut Context<'_>, _class: &str, _intent: &Intent) -> (String, Value) {
        ("home".to_owned(), Value::Null)
    }

    fn model(&self, look: Look<'_>, page: &Page) -> Value {
        let mut icons: Vec<Value> = look.apps.iter().map(|info| icon(info, look.language)).collect();
        while !icons.len().is_multiple_of(COLUMNS) {
            icons.push(json!({"app": null}));
        }
        let rows: Vec<&[Value]> = icons.chunks(COLUMNS).collect();
        let wall = wall(look.phone.spec.personality.manufacturer);
        if page.screen != "recents" {
            return json!({"rows": rows, "wall": wall});
        }
        let tasks: Vec<Value> = look
            .recents
            .iter()
            .filter_map(|(id, package)| {
                let mut task = icon(registry::known(package)?, look.language);
                task["id"] = json!(id);
                Some(task)
            })
            .collect();
        json!({"tasks": tasks, "wall": wall})
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) {
        match action {
            "open" => context.call(Call::Start(Intent {
                flags: 0x1000_0000,
                ..Intent::launch(argument)
            })),
            "task" => {
                context.call(Call::Back);
                context.call(Call::OpenTask(argument.parse().unwrap_or_default()));
            }
            "clear_all" => {
                context.call(Call::ClearTasks);
                context.call(Call::Back);
            }
            "search" => context.call(Call::Start(Intent {
                flags: 0x1000_0000,
                ..Intent::launch("com.android.chrome")
            })),
            _ => {}
        }
    }

    fn back(&mut self, context: &mut Context<'_>) -> bool {
        // Home is where back ends.
        context.page.screen == "home"
    }
}
