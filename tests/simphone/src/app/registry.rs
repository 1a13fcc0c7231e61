//! The apps that the simulator knows, and which of them are on a phone. `pm`, `am` and the launcher read it.

use std::sync::LazyLock;

use super::social::Platform;
use super::{Manifest, browser, foreign, instagram, launcher, notes, permission, settings, system, tiktok};
use crate::phone::{Personality, Phone};
use crate::ui::template::Layouts;

/// An app with its layouts read.
#[derive(Debug)]
pub struct AppInfo {
    pub manifest: &'static Manifest,
    pub layouts: Layouts,
}

static ALL: LazyLock<Vec<AppInfo>> = LazyLock::new(|| {
    [
        &system::MANIFEST,
        &launcher::PIXEL,
        &launcher::SAMSUNG,
        &launcher::XIAOMI,
        &permission::CONTROLLER,
        &permission::INSTALLER,
        &settings::MANIFEST,
        &browser::MANIFEST,
        &notes::MANIFEST,
        &instagram::MANIFEST,
        &tiktok::MUSICALLY,
        &tiktok::TRILL,
    ]
    .into_iter()
    .map(|manifest| AppInfo {
        manifest,
        layouts: super::read_layouts(manifest),
    })
    .collect()
});

/// Every app that the simulator can show, whatever the phone.
pub fn all() -> &'static [AppInfo] {
    &ALL
}

/// The app of that package, whatever the phone.
pub fn known(package: &str) -> Option<&'static AppInfo> {
    let found = ALL.iter().find(|app| app.manifest.package == package);
    found.or_else(|| foreign::known(package))
}

/// The apps on phones of this make, before anything is installed.
pub fn built_in(personality: &Personality) -> impl Iterator<Item = &'static AppInfo> + use<'_> {
    ALL.iter().filter(|app| (app.manifest.on)(personality))
}

/// The apps that can be shown on this phone now.
pub fn installed(phone: &Phone) -> Vec<&'static AppInfo> {
    let kept = crate::phone::lock(&phone.packages);
    let own = |package: &str| ALL.iter().any(|app| app.manifest.package == package);
    let later = kept.installed.iter().filter(|(package, _)| !own(package));
    built_in(phone.spec.personality)
        .chain(later.filter_map(|(package, installed)| foreign::info(package, installed)))
        .filter(|app| kept.usable(app.manifest.package))
        .collect()
}

/// The app of that package, if it is on this phone.
pub fn find(phone: &Phone, package: &str) -> Option<&'static AppInfo> {
    let kept = crate::phone::lock(&phone.packages);
    let own = ALL.iter().find(|app| app.manifest.package == package);
    match own {
        Some(app) => Some(app).filter(|app| (app.manifest.on)(phone.spec.personality)),
        None => foreign::info(package, kept.installed.get(package)?),
    }
    .filter(|app| kept.usable(app.manifest.package))
}

/// Name and code of the version of that app that is on this phone: the chosen one. TikTok's layouts go with its
/// versions, so that the old layout is the first of its older ones. Takes the lock of the social apps' installs.
pub fn version(phone: &Phone, manifest: &Manifest) -> (&'static str, u32) {
    let usual = (manifest.version_name, manifest.version_code);
    let Some(platform) = Platform::of_package(manifest.package) else {
        return usual;
    };
    let (chosen, old) = {
        let install = phone.social.install(platform);
        let old = platform == Platform::TikTok && install.variant == "old";
        (install.version.clone(), old)
    };
    if chosen.is_empty() {
        return manifest
            .versions
            .first()
            .copied()
            .filter(|_| old)
            .unwrap_or(usual);
    }
    let other = manifest.versions.iter().find(|(name, _)| *name == chosen);
    other.copied().unwrap_or(usual)
}

/// The phone's launcher.
pub fn home(personality: &Personality) -> Option<&'static AppInfo> {
    built_in(personality).find(|app| app.manifest.activities.iter().any(|activity| activity.home))
}

/// The layouts that belong to the system: its windows, and strings and templates that every app may use.
pub(crate) fn common() -> &'static Layouts {
    static NONE: LazyLock<Layouts> = LazyLock::new(Layouts::default);
    known("android").map_or(&NONE, |app| &app.layouts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_file_of_every_app_can_be_read() {
        for app in all() {
            let read = Layouts::parse(app.manifest.layouts);
            assert!(read.is_ok(), "{}: {:?}", app.manifest.package, read.err());
        }
    }

    #[test]
    fn every_make_has_one_launcher() {
        for personality in &crate::phone::personality::ALL {
            let homes = built_in(personality)
                .filter(|app| app.manifest.activities.iter().any(|activity| activity.home));
            assert_eq!(homes.count(), 1, "{}", personality.name);
        }
    }
}
