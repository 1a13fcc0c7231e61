//! Android's own permission dialogs, on a phone whose maker forbids to grant beforehand: what the flow needs is allowed,
//! everything else is denied.

use farm::flows::FlowFarm;
use farm::flows::package;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use serde_json::json;
use simphone::ui::permission::Decision;

use super::SPEED;

const NOTIFICATIONS: &str = "android.permission.POST_NOTIFICATIONS";

/// The permissions by which an app may see files, on each Android.
fn media(android: u32) -> &'static str {
    if android >= 13 {
        "android.permission.READ_MEDIA_VIDEO"
    } else {
        "android.permission.READ_EXTERNAL_STORAGE"
    }
}

async fn asked_on_the_way_to_the_gallery(
    farm: &FlowFarm,
    platform: &'static str,
    android: u32,
    serial: &str,
) -> Finding {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    stage
        .fault(json!({ "kind": "settings_refused" }))
        .await
        .map_err(ground)?;
    let order = stage
        .post("asked", "Nobody granted anything")
        .map_err(ground)?
        .set("post_way", "addButton");
    let told = stage.run(&order).await.map_err(ground)?;
    stage
        .fault(json!({ "clear": "settings_refused" }))
        .await
        .map_err(ground)?;
    told.done()?;
    stage.did(&[("post", 1)])?;
    let phone = stage.phone();
    let allowed = phone.ui().permissions().of(package(platform));
    check(allowed.get(media(android)) == Some(&Decision::Granted), || {
        format!("{allowed:?}")
    })?;
    // The camera, the microphone and whatever else was asked for on the way are not what the flow needs.
    let others = allowed.iter().filter(|(name, _)| !name.contains("READ_"));
    let granted: Vec<_> = others
        .filter(|(_, decision)| **decision == Decision::Granted)
        .collect();
    check(granted.is_empty(), || {
        format!("allowed although not needed: {granted:?}")
    })
}

async fn notifications_after_a_start(farm: &FlowFarm) -> Finding {
    let stage = Stage::logged_out(farm, "instagram", "SIM0001")
        .await
        .map_err(ground)?;
    let order = stage.order("login");
    stage
        .moods(json!({ "prompts": ["android_notifications"] }))
        .await
        .map_err(ground)?;
    stage.run(&order).await.map_err(ground)?.done()?;
    let phone = stage.phone();
    let decided = phone.ui().permissions().get(package("instagram"), NOTIFICATIONS);
    check(
        matches!(decided, Some(Decision::Denied | Decision::DeniedForGood)),
        || format!("notifications: {decided:?}"),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn androids_own_dialogs_are_allowed_where_needed_and_denied_elsewhere() {
    let farm = FlowFarm::start(8, SPEED).await.unwrap();
    let mut findings = Findings::default();
    let tiktok = async {
        let mut findings = Findings::default();
        for (android, serial) in [(13, "SIM0001"), (8, "SIM0002"), (15, "SIM0003"), (11, "SIM0004")] {
            let finding = asked_on_the_way_to_the_gallery(&farm, "tiktok", android, serial).await;
            findings.take(&format!("tiktok, android {android}"), finding);
        }
        findings
    };
    let instagram = async {
        let mut findings = Findings::default();
        for (android, serial) in [(13, "SIM0005"), (8, "SIM0006"), (15, "SIM0007"), (11, "SIM0008")] {
            let finding = asked_on_the_way_to_the_gallery(&farm, "instagram", android, serial).await;
            findings.take(&format!("instagram, android {android}"), finding);
        }
        findings
    };
    let (tiktok, instagram) = tokio::join!(tiktok, instagram);
    findings.add(tiktok);
    findings.add(instagram);
    findings.take("notifications", notifications_after_a_start(&farm).await);
    findings.none();
}
