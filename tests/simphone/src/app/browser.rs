//! A minimal browser: shows which address was opened, and that there is no network behind it.

use serde_json::{Value, json};

use super::{Activity, App, Call, Context, Filter, LaunchMode, Look, Manifest};
use crate::ui::Intent;
use crate::ui::page::Page;

pub static MANIFEST: Manifest = Manifest {
    package: "com.android.chrome",
    label: &[("en", "Chrome")],
    version_name: "129.0.6668.100",
    version_code: 666_810_033,
    versions: &[],
    system: true,
    icon: ("globe", "#1a73e8"),
    activities: &[Activity {
        class: "com.google.android.apps.chrome.Main",
        exported: true,
        launcher: true,
        mode: LaunchMode::SingleTask,
        filters: &[Filter {
            action: "android.intent.action.VIEW",
            schemes: &["http", "https"],
            hosts: &[],
            mimes: &[],
            verified: false,
        }],
        ..Activity::PRIVATE
    }],
    permissions: &["android.permission.POST_NOTIFICATIONS"],
    layouts: &[include_str!("../../apps/browser/page.xml")],
    on: |_| true,
    open: |_| Box::new(Browser),
};

#[derive(Debug)]
struct Browser;

fn opened(address: &str) -> (String, Value) {
    (
        "page".to_owned(),
        json!({"address": address, "loading": !address.is_empty()}),
    )
}

impl App for Browser {
    fn open(&mut self, _context: &mut Context<'_>, _class: &str, intent: &Intent) -> (String, Value) {
        opened(intent.data.as_deref().unwrap_or_default())
    }

    fn model(&self, look: Look<'_>, page: &Page) -> Value {
        let address = page.arg("address");
        let host = address
            .split_once("://")
            .map_or(address.as_ref(), |(_, rest)| rest);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        let blank = if look.language == "fr" {
            "Nouvel onglet"
        } else {
            "New tab"
        };
        let loaded = page.vars.contains_key("loaded");
        json!({
            "address": address,
            "title": if host.is_empty() { blank } else { host },
            "loading": !loaded && page.args.get("loading") == Some(&Value::Bool(true)),
        })
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, _argument: &str) {
        match action {
            "open" => {
                let typed = context.page.text("url").to_owned();
                let address = if typed.contains("://") {
                    typed
                } else {
                    format!("https://{typed}")
                };
                let (screen, args) = opened(&address);
                context.call(Call::Go(screen, args));
            }
            "loaded" => context.call(Call::Run("set:loaded=true".to_owned())),
            "home_page" => {
                let (screen, args) = opened("");
                context.call(Call::Go(screen, args));
            }
            _ => {}
        }
    }
}
