//! Which activities would take an intent, by what installed packages declare.

use super::dumpsys::short_component;
use super::packages;
use crate::phone::Phone;
use crate::ui::{Intent, start};

/// Components, the best first.
pub(super) fn of(phone: &Phone, intent: &Intent) -> Vec<String> {
    if intent.component.is_none() {
        let mut all: Vec<String> = start::candidates(phone, intent)
            .into_iter()
            .map(|(app, activity)| format!("{}/{}", app.manifest.package, activity.class))
            .collect();
        // The one that would be started without a question stands first.
        if let start::Resolved::One((app, activity)) = start::resolve(phone, intent) {
            let best = format!("{}/{}", app.manifest.package, activity.class);
            all.retain(|one| *one != best);
            all.insert(0, best);
        }
        let main = intent.action.as_deref() == Some("android.intent.action.MAIN");
        if let (true, true, Some(package)) = (all.is_empty(), main, &intent.package) {
            all.extend(
                packages::find(phone, package)
                    .into_iter()
                    .flat_map(|package| package.launchers),
            );
        }
        return all.iter().map(|one| short_component(one)).collect();
    }
    match start::resolve(phone, intent) {
        start::Resolved::One((app, activity)) => {
            vec![short_component(&format!(
                "{}/{}",
                app.manifest.package, activity.class
            ))]
        }
        _ => Vec::new(),
    }
}
