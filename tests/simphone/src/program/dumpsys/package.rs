//! `dumpsys package X`: one block, and a second one of the factory's version for an updated system app.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::Phone;
use crate::phone::identity::handle;
use crate::program::packages::{self, Package};
use crate::program::pm;

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let name = args.iter().find(|arg| !arg.starts_with('-'));
    if let Some(name) = name {
        return Answer::text(match packages::find(phone, name) {
            Some(package) => one(phone, &package),
            None => format!("Unable to find package: {name}\n"),
        });
    }
    let mut out = format!("{DATABASE}\nPackages:\n");
    for package in packages::all(phone) {
        out.push_str(&block(phone, &package, &Version::now(&package)));
    }
    Answer::text(out)
}

const DATABASE: &str = "Database versions:
  Internal:
    sdkVersion=33 databaseVersion=3
    fingerprint=user/release-keys

Verifiers:
  Required: com.android.vending (uid=10056)

Features:
  android.hardware.camera
  android.hardware.touchscreen
  android.hardware.wifi
";

/// A version of a package: the one in force, or the factory's below it.
struct Version {
    code: u64,
    name: Option<String>,
    path: String,
    factory: bool,
}

impl Version {
    fn now(package: &Package) -> Self {
        Self {
            code: package.version_code,
            name: package.version_name.clone(),
            path: package.path.clone(),
            factory: false,
        }
    }
}

fn one(phone: &Phone, package: &Package) -> String {
    let mut out = String::new();
    resolver(phone, package, &mut out);
    let _ = writeln!(
        out,
        "Key Set Manager:\n  [{}]\n      Signing KeySets: 12\n",
        package.name
    );
    out.push_str("Packages:\n");
    out.push_str(&block(phone, package, &Version::now(package)));
    if let Some((code, name)) = &package.factory {
        let version = Version {
            code: *code,
            name: Some(name.clone()),
            path: format!(
                "/product/priv-app/{0}/{0}.apk",
                package.name.rsplit('.').next().unwrap_or("app")
            ),
            factory: true,
        };
        out.push_str("\nHidden system packages:\n");
        out.push_str(&block(phone, package, &version));
    }
    let _ = write!(
        out,
        "
Queries:
  system apps queryable: false
  queries via package name:
  queries via intent:

Package Changes:
  Sequence number=47
  User 0:
    seq=46, package={0}

Dexopt state:
  [{0}]
    path: {1}
      arm64: [status=speed-profile] [reason=bg-dexopt]

Compiler stats:
  [{0}]
    (No recorded stats)
",
        package.name, package.path
    );
    out
}

fn resolver(phone: &Phone, package: &Package, out: &mut String) {
    if package.launchers.is_empty() {
        return;
    }
    out.push_str("Activity Resolver Table:\n  Non-Data Actions:\n      android.intent.action.MAIN:\n");
    for component in &package.launchers {
        let component = super::short_component(component);
        let _ = writeln!(
            out,
            "        {} {component} filter {}\n          Action: \"android.intent.action.MAIN\"\n          Category: \"android.intent.category.LAUNCHER\"",
            handle(phone, &component),
            handle(phone, &format!("filter {component}"))
        );
    }
    out.push('\n');
}

fn block(phone: &Phone, package: &Package, version: &Version) -> String {
    let name = &package.name;
    let folder = version.path.rsplit_once('/').map_or("/", |(folder, _)| folder);
    let flags = if package.system {
        "[ SYSTEM HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]"
    } else {
        "[ HAS_CODE ALLOW_CLEAR_USER_DATA ALLOW_BACKUP ]"
    };
    let sdk = phone.spec.personality.sdk;
    let user = if sdk >= 34 { "appId" } else { "userId" };
    let mut out = String::new();
    let _ = write!(
        out,
        "  Package [{name}] ({}):
    {user}={}
    pkg=Package{{{} {name}}}
    codePath={folder}
    resourcePath={folder}
    legacyNativeLibraryDir={folder}/lib
    primaryCpuAbi=arm64-v8a
    secondaryCpuAbi=null
    versionCode={} minSdk={} targetSdk={}
    versionName={}
    splits=[base]
    apkSigningVersion={}
    applicationInfo=ApplicationInfo{{{} {name}}}
    flags={flags}
    dataDir=/data/user/0/{name}
    supportsScreens=[small, medium, large, xlarge, resizeable, anyDensity]
    timeStamp={}
    firstInstallTime={}
    lastUpdateTime={}
",
        handle(phone, name),
        package.uid,
        handle(phone, &format!("pkg {name} {}", version.code)),
        version.code,
        package.min_sdk,
        package.target_sdk,
        version.name.as_deref().unwrap_or("null"),
        if sdk >= 28 { 3 } else { 2 },
        handle(phone, &format!("info {name}")),
        package.last_update,
        package.first_install,
        package.last_update,
    );
    if !version.factory {
        let installer = if package.system && package.factory.is_some() {
            "com.android.vending"
        } else {
            "null"
        };
        let _ = writeln!(out, "    installerPackageName={installer}");
    }
    let _ = writeln!(
        out,
        "    signatures=PackageSignatures{{{} version:3, signatures:[d39b75b2], past signatures:[]}}\n    installPermissionsFixed=true\n    pkgFlags={flags}",
        handle(phone, &format!("signatures {name}"))
    );
    permissions(phone, package, version.factory, &mut out);
    out
}

fn permissions(phone: &Phone, package: &Package, factory: bool, out: &mut String) {
    out.push_str("    requested permissions:\n");
    for permission in &package.permissions {
        let _ = writeln!(out, "      {permission}");
    }
    let (runtime, install): (Vec<_>, Vec<_>) =
        package.permissions.iter().partition(|one| pm::is_runtime(one));
    out.push_str("    install permissions:\n");
    for permission in install {
        let _ = writeln!(out, "      {permission}: granted=true");
    }
    let enabled = if package.enabled { 0 } else { 3 };
    let _ = writeln!(
        out,
        "    User 0: ceDataInode={} installed=true hidden=false suspended=false distractionFlags=0 stopped=false notLaunched=false enabled={enabled} instant=false virtual=false",
        4000 + package.uid
    );
    if factory {
        return;
    }
    out.push_str("      gids=[3002, 3003]\n      runtime permissions:\n");
    for permission in runtime {
        let granted = pm::granted(phone, package, permission);
        let flags = if granted {
            "[ USER_SET|USER_SENSITIVE_WHEN_GRANTED ]"
        } else {
            "[ USER_SENSITIVE_WHEN_GRANTED ]"
        };
        let _ = writeln!(out, "        {permission}: granted={granted}, flags={flags}");
    }
}
