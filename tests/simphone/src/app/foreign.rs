//! Apps that were installed at run time: an icon and one screen, because nothing is known of what they do.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use serde_json::Value;

use super::{Activity, App, AppInfo, Context, Look, Manifest};
use crate::phone::lock;
use crate::phone::packages::Installed;
use crate::ui::Intent;
use crate::ui::page::Page;

/// Apps are `'static` everywhere, so each kind that was ever installed is made once and kept.
type Known = BTreeMap<(String, Vec<String>, u64), &'static AppInfo>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// So many kinds are shown; a process that installs more shows the rest without screens.
const MOST: usize = 10_000;

/// The app behind an installed package; none where it has nothing to start.
pub(super) fn info(package: &str, installed: &Installed) -> Option<&'static AppInfo> {
    if installed.launchers.is_empty() {
        return None;
    }
    let key = (
        package.to_owned(),
        installed.launchers.clone(),
        installed.version_code,
    );
    let mut known = lock(&KNOWN);
    if let Some(info) = known.get(&key) {
        return Some(info);
    }
    if known.len() >= MOST {
        return None;
    }
    let info = make(package, installed);
    known.insert(key, info);
    Some(info)
}

/// One of that package, whichever phone it is on: all of them look alike.
pub(super) fn known(package: &str) -> Option<&'static AppInfo> {
    let known = lock(&KNOWN);
    let found = known.iter().find(|((name, ..), _)| name == package);
    found.map(|(_, info)| *info)
}

fn make(package: &str, installed: &Installed) -> &'static AppInfo {
    let text = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    let activities: Vec<Activity> = installed
        .launchers
        .iter()
        .map(|component| {
            let full = crate::ui::full_component(component);
            Activity {
                class: text(full.split_once('/').map_or("", |(_, class)| class)),
                exported: true,
                launcher: true,
                ..Activity::PRIVATE
            }
        })
        .collect();
    let manifest: &'static Manifest = Box::leak(Box::new(Manifest {
        package: text(package),
        label: Box::leak(Box::new([("en", text(&label(package)))])),
        version_name: text(installed.version_name.as_deref().unwrap_or_default()),
        version_code: u32::try_from(installed.version_code).unwrap_or(u32::MAX),
        versions: &[],
        system: false,
        icon: ("play", "#1e8e5a"),
        activities: activities.leak(),
        permissions: &[],
        layouts: &[include_str!("../../apps/foreign/main.xml")],
        on: |_| false,
        open: |_| Box::new(Foreign),
    }));
    Box::leak(Box::new(AppInfo {
        layouts: super::read_layouts(manifest),
        manifest,
    }))
}

/// Its own name is in resources that nobody reads here: the package's last word stands in.
fn label(package: &str) -> String {
    let word = package.rsplit('.').next().unwrap_or(package);
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[derive(Debug)]
struct Foreign;

impl App for Foreign {
    fn open(&mut self, _context: &mut Context<'_>, _class: &str, _intent: &Intent) -> (String, Value) {
        ("main".to_owned(), Value::Null)
    }

    fn model(&self, _look: Look<'_>, _page: &Page) -> Value {
        Value::Null
    }

    fn act(&mut self, _context: &mut Context<'_>, _action: &str, _argument: &str) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_of_the_package_names_the_icon() {
        assert_eq!(label("org.example.game"), "Game");
        assert_eq!(label(""), "");
    }
}
