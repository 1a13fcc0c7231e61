//! All packages on the phone at this moment: what its make came with and what was installed. `pm`, `cmd package`,
//! `dumpsys package` and `ime` print from it.

use crate::app::{Manifest, registry};
use crate::phone::packages::Installed;
use crate::phone::{Personality, Phone, identity, lock};

/// One package as the package manager knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its base APK.
    pub(crate) path: String,
    pub(crate) system: bool,
    pub(crate) enabled: bool,
    pub(crate) uid: u32,
    pub(crate) version_code: u64,
    /// Some packages have none: `versionName=null`.
    pub(crate) version_name: Option<String>,
    pub(crate) min_sdk: u32,
    pub(crate) target_sdk: u32,
    pub(crate) permissions: Vec<String>,
    pub(crate) keyboards: Vec<String>,
    pub(crate) launchers: Vec<String>,
    pub(crate) first_install: String,
    pub(crate) last_update: String,
    /// The version that came with the phone, where an update lies over it.
    pub(crate) factory: Option<(u64, String)>,
}

/// All packages, in the order of their names.
pub(crate) fn all(phone: &Phone) -> Vec<Package> {
    let mut packages: Vec<Package> = built_in(phone.spec.personality)
        .into_iter()
        .enumerate()
        .map(|(index, row)| row.package(phone, index as u32))
        .collect();
    for (number, app) in registry::built_in(phone.spec.personality).enumerate() {
        let shown = of_app(phone, app.manifest, number as u32);
        match packages.iter_mut().find(|package| package.name == shown.name) {
            Some(package) => {
                package.launchers = shown.launchers;
                package.permissions.extend(shown.permissions);
            }
            None => packages.push(shown),
        }
    }
    let kept = lock(&phone.packages);
    packages.retain(|package| !kept.removed.contains(&package.name));
    for (name, installed) in &kept.installed {
        let old = packages.iter().position(|package| package.name == *name);
        let factory = old.map(|old| packages.remove(old));
        packages.push(of_installed(phone, name, installed, factory));
    }
    for package in &mut packages {
        package.enabled = !kept.disabled.contains(&package.name);
    }
    packages.sort_by(|a, b| a.name.cmp(&b.name));
    packages
}

pub(crate) fn find(phone: &Phone, name: &str) -> Option<Package> {
    all(phone).into_iter().find(|package| package.name == name)
}

/// An app with screens of its own.
fn of_app(phone: &Phone, app: &'static Manifest, number: u32) -> Package {
    let sdk = phone.spec.personality.sdk;
    let short = app.package.rsplit('.').next().unwrap_or(app.package);
    let version = registry::version(phone, app);
    let launchers = app
        .activities
        .iter()
        .filter(|activity| activity.launcher || activity.home);
    Package {
        name: app.package.to_owned(),
        path: if app.system {
            format!("/system/priv-app/{short}/{short}.apk")
        } else {
            format!("{}/base.apk", folder_for(phone, app.package))
        },
        system: app.system,
        enabled: true,
        uid: 10_150 + number,
        version_code: version.1.into(),
        version_name: Some(version.0.to_owned()),
        min_sdk: 24,
        target_sdk: sdk,
        permissions: app.permissions.iter().map(|one| (*one).to_owned()).collect(),
        keyboards: Vec::new(),
        launchers: launchers
            .map(|activity| super::dumpsys::short_component(&format!("{}/{}", app.package, activity.class)))
            .collect(),
        first_install: "2025-08-30 09:12:44".to_owned(),
        last_update: "2025-08-30 09:12:44".to_owned(),
        factory: None,
    }
}

/// `yyyy-mm-dd hh:mm:ss`, as package times are printed.
fn clock_time(at: jiff::Timestamp) -> String {
    at.to_string().replace('T', " ").chars().take(19).collect()
}

fn of_installed(phone: &Phone, name: &str, one: &Installed, factory: Option<Package>) -> Package {
    Package {
        name: name.to_owned(),
        path: format!("{}/base.apk", one.folder),
        system: factory.is_some(),
        enabled: true,
        uid: factory.as_ref().map_or(one.uid, |package| package.uid),
        version_code: one.version_code,
        version_name: one.version_name.clone(),
        min_sdk: one.min_sdk,
        target_sdk: one.target_sdk.min(phone.spec.personality.sdk.max(one.min_sdk)),
        permissions: one.permissions.clone(),
        keyboards: one.keyboards.clone(),
        launchers: one.launchers.clone(),
        first_install: clock_time(one.first_install),
        last_update: clock_time(one.last_update),
        factory: factory.map(|package| (package.version_code, package.version_name.unwrap_or_default())),
    }
}

/// Where the installer puts a package: with random folders from Android 11 on.
pub(crate) fn folder_for(phone: &Phone, name: &str) -> String {
    let random = |salt: &str| {
        let high = identity::mix(phone.spec.seed, identity::of_text(&format!("{salt}{name}")));
        let low = identity::mix(high, 7);
        let mut bytes = high.to_be_bytes().to_vec();
        bytes.extend(low.to_be_bytes());
        base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE, bytes)
    };
    if phone.spec.personality.sdk >= 30 {
        format!("/data/app/~~{}/{name}-{}", random("outer"), random("inner"))
    } else {
        format!("/data/app/{name}-{}", random("inner"))
    }
}

/// A package that came with the phone.
struct Row {
    name: &'static str,
    apk: &'static str,
    version: (u64, Option<&'static str>),
    keyboard: Option<&'static str>,
    permissions: &'static [&'static str],
    /// Updated from the shop since: (code, name) of the update.
    update: Option<(u64, &'static str)>,
}

impl Row {
    const fn system(name: &'static str, apk: &'static str, version: (u64, Option<&'static str>)) -> Self {
        Self {
            name,
            apk,
            version,
            keyboard: None,
            permissions: &[],
            update: None,
        }
    }

    fn package(self, phone: &Phone, index: u32) -> Package {
        let sdk = phone.spec.personality.sdk;
        let factory = (self.version.0, self.version.1.unwrap_or_default().to_owned());
        let (code, name) = match self.update {
            Some((code, name)) => (code, Some(name)),
            None => self.version,
        };
        Package {
            name: self.name.to_owned(),
            path: if self.update.is_some() {
                format!("{}/base.apk", folder_for(phone, self.name))
            } else {
                self.apk.to_owned()
            },
            system: true,
            enabled: true,
            uid: if self.name == "android" {
                1000
            } else {
                10_040 + index
            },
            version_code: if code == 0 { sdk.into() } else { code },
            version_name: if code == 0 {
                Some(phone.spec.personality.release.to_owned())
            } else {
                name.map(str::to_owned)
            },
            min_sdk: sdk.min(24),
            target_sdk: sdk,
            permissions: self.permissions.iter().map(|one| (*one).to_owned()).collect(),
            keyboards: self.keyboard.iter().map(|one| (*one).to_owned()).collect(),
            launchers: Vec::new(),
            first_install: "2009-01-01 01:00:00".to_owned(),
            last_update: if self.update.is_some() {
                "2025-09-02 07:41:13"
            } else {
                "2009-01-01 01:00:00"
            }
            .to_owned(),
            factory: self.update.map(|_| factory),
        }
    }
}

const CAMERA: &[&str] = &[
    "android.permission.CAMERA",
    "android.permission.RECORD_AUDIO",
    "android.permission.ACCESS_FINE_LOCATION",
    "android.permission.INTERNET",
];

/// A version of 0 is the Android's own.
fn built_in(personality: &Personality) -> Vec<Row> {
    let mut rows = vec![
        Row::system("android", "/system/framework/framework-res.apk", (0, None)),
        Row::system(
            "com.android.bluetooth",
            "/system/app/Bluetooth/Bluetooth.apk",
            (0, None),
        ),
        Row::system(
            "com.android.certinstaller",
            "/system/app/CertInstaller/CertInstaller.apk",
            (0, None),
        ),
        Row::system(
            "com.android.documentsui",
            "/system/priv-app/DocumentsUI/DocumentsUI.apk",
            (0, None),
        ),
        Row::system(
            "com.android.externalstorage",
            "/system/priv-app/ExternalStorageProvider/ExternalStorageProvider.apk",
            (0, None),
        ),
        Row::system(
            "com.android.inputdevices",
            "/system/priv-app/InputDevices/InputDevices.apk",
            (0, None),
        ),
        Row::system(
            "com.android.keychain",
            "/system/app/KeyChain/KeyChain.apk",
            (0, None),
        ),
        Row::system(
            "com.android.phone",
            "/system/priv-app/TeleService/TeleService.apk",
            (0, None),
        ),
        Row::system(
            "com.android.providers.downloads",
            "/system/priv-app/DownloadProvider/DownloadProvider.apk",
            (0, None),
        ),
        Row::system(
            "com.android.providers.settings",
            "/system/priv-app/SettingsProvider/SettingsProvider.apk",
            (0, None),
        ),
        Row::system(
            "com.android.settings",
            "/system/priv-app/Settings/Settings.apk",
            (0, None),
        ),
        Row::system("com.android.shell", "/system/priv-app/Shell/Shell.apk", (0, None)),
        Row::system(
            "com.android.systemui",
            "/system/priv-app/SystemUI/SystemUI.apk",
            (0, None),
        ),
        Row {
            update: Some((1_421_403_033, "14.21.40.3 (000700-0)")),
            permissions: CAMERA,
            ..Row::system(
                "com.google.android.gms",
                "/product/priv-app/PrebuiltGmsCore/PrebuiltGmsCore.apk",
                (230_815_045, Some("23.08.15 (190408-0)")),
            )
        },
        Row {
            keyboard: Some("com.google.android.inputmethod.latin/com.android.inputmethod.latin.LatinIME"),
            permissions: CAMERA,
            ..Row::system(
                "com.google.android.inputmethod.latin",
                "/product/app/LatinIMEGooglePrebuilt/LatinIMEGooglePrebuilt.apk",
                (64_313_044, Some("12.4.05.478427941-release-arm64-v8a")),
            )
        },
        Row::system(
            "com.google.android.webview",
            "/product/app/WebViewGoogle/WebViewGoogle.apk",
            (541_410_000, None),
        ),
        Row::system(
            "com.android.vending",
            "/product/priv-app/Phonesky/Phonesky.apk",
            (83_371_210, Some("33.7.12-21 [0] [PR] 489172530")),
        ),
    ];
    let media = if personality.sdk >= 29 {
        Row::system(
            "com.google.android.providers.media.module",
            "/apex/com.android.mediaprovider/priv-app/MediaProviderGoogle/MediaProviderGoogle.apk",
            (0, None),
        )
    } else {
        Row::system(
            "com.android.providers.media",
            "/system/priv-app/MediaProvider/MediaProvider.apk",
            (0, None),
        )
    };
    rows.push(media);
    rows.extend(vendor(personality));
    rows
}

fn vendor(personality: &Personality) -> Vec<Row> {
    match personality.manufacturer {
        "samsung" => vec![
            Row::system(
                "com.sec.android.app.camera",
                "/system/priv-app/SamsungCamera6/SamsungCamera6.apk",
                (800_095_000, Some("8.0.09.5")),
            ),
            Row {
                keyboard: Some("com.sec.android.inputmethod/.SamsungKeypad"),
                ..Row::system(
                    "com.sec.android.inputmethod",
                    "/system/app/SamsungIMEv3/SamsungIMEv3.apk",
                    (300_000_000, Some("3.0.00.58")),
                )
            },
            Row::system(
                "com.sec.android.gallery3d",
                "/system/priv-app/SecGallery2015/SecGallery2015.apk",
                (540_011_031, Some("5.4.11.31")),
            ),
        ],
        "Xiaomi" => vec![
            Row::system(
                "com.miui.gallery",
                "/system/priv-app/MiuiGallery/MiuiGallery.apk",
                (220_000_213, Some("2.2.21.3")),
            ),
            Row::system(
                "com.miui.securitycenter",
                "/system/priv-app/SecurityCenter/SecurityCenter.apk",
                (40_000_493, Some("4.9.3-200713.1.1")),
            ),
            Row {
                permissions: CAMERA,
                ..Row::system(
                    "com.android.camera",
                    "/system/priv-app/MiuiCamera/MiuiCamera.apk",
                    (310_000_072, Some("3.1.000072.0")),
                )
            },
        ],
        _ => vec![
            Row {
                permissions: CAMERA,
                ..Row::system(
                    "com.google.android.GoogleCamera",
                    "/product/app/GoogleCamera/GoogleCamera.apk",
                    (65_020_113, Some("8.8.224.514217832.22")),
                )
            },
            Row::system(
                "com.google.android.apps.photos",
                "/product/app/Photos/Photos.apk",
                (37_914_312, Some("6.29.0.519045911")),
            ),
        ],
    }
}
