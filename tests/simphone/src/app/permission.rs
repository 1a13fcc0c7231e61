//! The dialog that asks for a runtime permission, as each Android words it.

use serde_json::{Value, json};

use super::{Activity, App, Call, Context, Look, Manifest, registry};
use crate::phone::{Personality, PhoneSpec};
use crate::ui::Intent;
use crate::ui::page::Page;

const BASE: Manifest = Manifest {
    package: "",
    label: &[
        ("en", "Permission controller"),
        ("fr", "Gestionnaire d’autorisations"),
    ],
    version_name: "1",
    version_code: 1,
    versions: &[],
    system: true,
    icon: ("lock", "#5f6368"),
    activities: &[],
    permissions: &[],
    layouts: &[include_str!("../../apps/permission/grant.xml")],
    on: |_| false,
    open,
};

/// Since Android 10.
pub static CONTROLLER: Manifest = Manifest {
    package: "com.google.android.permissioncontroller",
    activities: &[Activity {
        class: "com.android.permissioncontroller.permission.ui.GrantPermissionsActivity",
        exported: true,
        translucent: true,
        ..Activity::PRIVATE
    }],
    on: |personality| personality.sdk >= 29,
    ..BASE
};

/// Up to Android 9.
pub static INSTALLER: Manifest = Manifest {
    package: "com.google.android.packageinstaller",
    activities: &[Activity {
        class: "com.android.packageinstaller.permission.ui.GrantPermissionsActivity",
        exported: true,
        translucent: true,
        ..Activity::PRIVATE
    }],
    on: |personality| personality.sdk < 29,
    ..BASE
};

/// The dialog's component on phones of that make.
pub(crate) fn component(personality: &Personality) -> String {
    let manifest = if personality.sdk >= 29 {
        &CONTROLLER
    } else {
        &INSTALLER
    };
    let class = manifest.activities.first().map_or("", |activity| activity.class);
    format!("{}/{class}", manifest.package)
}

fn open(_spec: &PhoneSpec) -> Box<dyn App> {
    Box::new(Dialog)
}

#[derive(Debug)]
struct Dialog;

/// The sign and the question for a permission.
fn wording(permission: &str, sdk: u32) -> (&'static str, &'static str) {
    let name = permission.rsplit('.').next().unwrap_or_default();
    match name {
        "POST_NOTIFICATIONS" => ("bell", "ask_notifications"),
        "CAMERA" => ("camera", "ask_camera"),
        "RECORD_AUDIO" => ("bell", "ask_microphone"),
        "READ_CONTACTS" => ("person", "ask_contacts"),
        "ACCESS_FINE_LOCATION" | "ACCESS_COARSE_LOCATION" => ("globe", "ask_location"),
        "READ_MEDIA_IMAGES" | "READ_MEDIA_VIDEO" => ("folder", "ask_media"),
        _ if sdk < 29 => ("folder", "ask_storage_old"),
        _ => ("folder", "ask_storage"),
    }
}

/// Which buttons a permission's dialog has.
fn kind(permission: &str, sdk: u32) -> &'static str {
    let name = permission.rsplit('.').next().unwrap_or_default();
    match name {
        "CAMERA" | "RECORD_AUDIO" | "ACCESS_FINE_LOCATION" | "ACCESS_COARSE_LOCATION" if sdk >= 30 => "while",
        "READ_MEDIA_IMAGES" | "READ_MEDIA_VIDEO" if sdk >= 34 => "media14",
        _ => "plain",
    }
}

impl App for Dialog {
    fn open(&mut self, context: &mut Context<'_>, _class: &str, intent: &Intent) -> (String, Value) {
        let extra = |name: &str| intent.extra(name).unwrap_or_default();
        let args = json!({
            "package": extra("package"),
            "permission": extra("permission"),
            "again": extra("again") == "true",
        });
        let old = context.phone.spec.personality.sdk < 29;
        (if old { "grant_old" } else { "grant" }.to_owned(), args)
    }

    fn model(&self, look: Look<'_>, page: &Page) -> Value {
        let sdk = look.phone.spec.personality.sdk;
        let package = page.arg("package");
        let permission = page.arg("permission");
        let (sign, message) = wording(&permission, sdk);
        json!({
            "app": registry::known(&package).map_or(package.as_ref(), |info| info.manifest.label(look.language)),
            "sign": sign,
            "message": message,
            "kind": kind(&permission, sdk),
            "again": page.args.get("again"),
            "deny": if sdk >= 31 { "dont_allow" } else { "deny" },
        })
    }

    fn act(&mut self, context: &mut Context<'_>, action: &str, _argument: &str) {
        let package = context.page.arg("package").into_owned();
        let permission = context.page.arg("permission").into_owned();
        let ticked = context.page.vars.get("never") == Some(&Value::Bool(true));
        // Limited access is a permission of its own: the one that was asked for stays denied.
        let limited = action == "selected";
        let granted = matches!(action, "allow" | "once");
        let for_good = action == "never" || (action == "deny" && ticked);
        context.call(Call::Finish);
        if limited {
            let some = "android.permission.READ_MEDIA_VISUAL_USER_SELECTED".to_owned();
            context.call(Call::Decide(package.clone(), some, true, false));
        }
        context.call(Call::Decide(package, permission, granted, for_good));
    }

    fn back(&mut self, context: &mut Context<'_>) -> bool {
        self.act(context, "deny", "");
        true
    }
}
