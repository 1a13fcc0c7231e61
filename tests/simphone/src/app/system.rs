//! The package `android`: the system's own windows as data, and the chooser that asks which app opens something.

use serde_json::{Value, json};

use super::{Activity, App, Call, Context, Look, Manifest, registry};
use crate::ui::Intent;
use crate::ui::page::Page;

pub static MANIFEST: Manifest = Manifest {
    package: "android",
    label: &[("en", "Android System"), ("fr", "Système Android")],
    version_name: "1",
    version_code: 1,
    versions: &[],
    system: true,
    icon: ("gear", "#3ddc84"),
    activities: &[Activity {
        class: "com.android.internal.app.ResolverActivity",
        exported: true,
        translucent: true,
        ..Activity::PRIVATE
    }],
    permissions: &[],
    layouts: &[
        include_str!("../../apps/system/windows.xml"),
        include_str!("../../apps/system/strings.xml"),
    ],
    on: |_| true,
    open: |_| Box::new(Chooser::default()),
};

/// Remembers what it was asked to open.
#[derive(Debug, Default)]
struct Chooser {
    intent: Intent,
}

impl App for Chooser {
    fn open(&mut self, _context: &mut Context<'_>, _class: &str, intent: &Intent) -> (String, Value) {
        self.intent = intent.clone();
        ("chooser".to_owned(), Value::Null)
    }

    fn model(&self, look: Look<'_>, _page: &Page) -> Value {
        let found = crate::ui::candidates(look.phone, &self.intent);
        let apps: Vec<Value> = found
            .into_iter()
            .map(|(info, activity)| {
                json!({
                    "label": info.manifest.label_of(activity, look.language),
                    "component": format!("{}/{}", info.manifest.package, activity.class),
                    "sign": info.manifest.icon.0,
                    "color": info.manifest.icon.1,
                })
            })
            .collect();
        json!({"apps": apps})
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) {
        if action == "pick" && registry::known(argument.split('/').next().unwrap_or_default()).is_some() {
            let mut intent = self.intent.clone();
            intent.component = Some(argument.to_owned());
            intent.flags |= 0x1000_0000;
            context.call(Call::Finish);
            context.call(Call::Start(intent));
        }
    }
}
