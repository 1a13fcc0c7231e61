//! `pack.toml`: what the pack is for, its flows and what they take.

use super::Flow;
use super::fault::Fault;
use super::files::{LIBRARY_PREFIX, MANIFEST, PackFiles};
use super::parameters::Parameters;
use super::table::{Document, Fields};

/// Whose dialogs may come over any app: permissions, installers, autofill, "app is not responding". The bars of the
/// system and keyboards are not among them: their "Home" and "Back" are nobody's buttons.
pub const SYSTEM_PACKAGES: [&str; 9] = [
    "android",
    "com.android.permissioncontroller",
    "com.google.android.permissioncontroller",
    "com.android.packageinstaller",
    "com.google.android.packageinstaller",
    "com.google.android.gms",
    "com.google.android.autofill",
    "com.samsung.android.packageinstaller",
    "com.miui.securitycenter",
];

/// What `pack.toml` says.
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) platform: String,
    pub(super) packages: Vec<String>,
    pub(super) system_packages: Vec<String>,
    pub(super) quiet_tap: Option<(f64, f64)>,
    pub(super) flows: Vec<Flow>,
}

pub(super) fn read(files: &PackFiles, faults: &mut Vec<Fault>) -> Option<Manifest> {
    let Some(text) = files.get(MANIFEST) else {
        faults.push(Fault::error(MANIFEST, None, "the pack has no such file"));
        return None;
    };
    let document = Document::new(MANIFEST, text);
    let manifest = document.parse().and_then(|table| {
        let fields = Fields::new(&document, "", 0, &table);
        from_table(&fields, files)
    });
    faults.append(&mut document.faults.borrow_mut());
    manifest
}

fn from_table(fields: &Fields<'_, '_>, files: &PackFiles) -> Option<Manifest> {
    let name = fields.required_text("name");
    let version = fields.required_text("version");
    let platform = fields.required_text("platform");
    let packages = fields.texts("packages");
    if packages.is_empty() {
        fields.error_at(
            "packages",
            "the pack needs `packages = [\"…\"]`: the packages of the app that it operates",
        );
    }
    let mut system_packages: Vec<String> = SYSTEM_PACKAGES.map(str::to_owned).to_vec();
    system_packages.extend(fields.texts("system_packages"));
    for (key, value) in [("name", &name), ("platform", &platform)] {
        if let Some(value) = value
            && !is_name(value)
        {
            fields.error_at(
                key,
                format!("`{key}` is {value:?}: it may have small letters, digits, - and _"),
            );
        }
    }
    let flows = fields.table("flow").map_or_else(Vec::new, |flows| {
        flows
            .tables()
            .iter()
            .map(|(name, fields)| flow(name, fields, files))
            .collect()
    });
    if flows.is_empty() {
        fields.error_at(
            "flow",
            "the pack has no flow: each has a table [flow.NAME] and a file NAME.rhai",
        );
    }
    let quiet_tap = fields.table("quiet_tap").and_then(|fields| quiet_tap(&fields));
    fields.no_others();
    Some(Manifest {
        name: name?,
        version: version?,
        platform: platform?,
        packages,
        system_packages,
        quiet_tap,
        flows,
    })
}

/// `quiet_tap = { x = 25, y = 30 }`, in percent of the screen.
fn quiet_tap(fields: &Fields<'_, '_>) -> Option<(f64, f64)> {
    let of = |key: &str| {
        let percent = fields
            .number(key)
            .filter(|percent| (0.0..=100.0).contains(percent));
        if percent.is_none() {
            fields.error_at(
                key,
                format!("`{key}` of {} must be a number from 0 to 100", fields.name),
            );
        }
        percent
    };
    let place = (of("x"), of("y"));
    fields.no_others();
    Some((place.0?, place.1?))
}

fn flow(name: &str, fields: &Fields<'_, '_>, files: &PackFiles) -> Flow {
    let at = |what: String| fields.document.error(fields.at, what);
    if !is_name(name) || name.starts_with(LIBRARY_PREFIX) {
        at(format!(
            "{name:?} cannot be a flow's name: it may have small letters, digits, - and _, and not begin with {LIBRARY_PREFIX}"
        ));
    }
    if files.get(&format!("{name}.rhai")).is_none() {
        at(format!(
            "[flow.{name}] has no script: the pack has no file {name}.rhai"
        ));
    }
    let flow = Flow {
        name: name.to_owned(),
        title: fields.required_text("title").unwrap_or_default(),
        help: fields.text("help").unwrap_or_default(),
        lasting: fields.boolean("lasting").unwrap_or(false),
        experimental: fields.boolean("experimental").unwrap_or(false),
        permissions: fields.texts("permissions"),
        parameters: fields
            .table("parameters")
            .map_or_else(Parameters::default, |fields| Parameters::read(&fields)),
        line: fields.line(),
    };
    fields.no_others();
    flow
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c))
}
