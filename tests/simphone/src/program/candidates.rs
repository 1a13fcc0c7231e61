//! Which activities would take an intent, by what installed packages declare.

use super::packages;
use crate::phone::Phone;
use crate::ui::Intent;

/// Components, the best first.
pub(super) fn of(phone: &Phone, intent: &Intent) -> Vec<String> {
    if let Some(component) = &intent.component {
        let known = component
            .split_once('/')
            .is_some_and(|(package, _)| packages::find(phone, package).is_some());
        return known.then(|| component.clone()).into_iter().collect();
    }
    let main = intent.action.as_deref() == Some("android.intent.action.MAIN");
    if !main {
        return Vec::new();
    }
    packages::all(phone)
        .into_iter()
        .filter(|package| {
            package.enabled
                && intent
                    .package
                    .as_ref()
                    .is_none_or(|wanted| *wanted == package.name)
        })
        .flat_map(|package| package.launchers)
        .collect()
}
