//! Dialogs that nobody has foreseen, and apps that crash: the flow stops, the dialog stays for a person to see. It is
//! never closed by whatever button says OK.

use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use serde_json::json;

use super::SPEED;

/// A sheet with an OK alone, whose words the pack does not list.
async fn an_unlisted_sheet(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0001").await.map_err(ground)?;
    stage.moods(json!({ "promos": ["info"] })).await.map_err(ground)?;
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    check(
        matches!(told.kind(), "unexpected_screen" | "element_missing"),
        || told.story(),
    )?;
    told.failed(told.kind())?;
    check(told.bundled("hierarchy.xml")?.contains("up to 3 minutes"), || {
        "the bundle does not show the sheet".to_owned()
    })?;
    stage.did(&[])
}

/// The same on TikTok, with a button that declines: only what is known to decline is touched.
async fn an_unlisted_offer(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "tiktok", "SIM0003").await.map_err(ground)?;
    stage
        .moods(json!({ "promos": ["shop", "new_feature"] }))
        .await
        .map_err(ground)?;
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    check(
        matches!(told.kind(), "unexpected_screen" | "element_missing"),
        || told.story(),
    )?;
    told.failed(told.kind())?;
    stage.did(&[])
}

/// An announcement that nobody has heard of is declined by its declining control.
async fn an_unheard_of_announcement(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0002").await.map_err(ground)?;
    stage
        .moods(json!({ "promos": ["Meet the all-new something"] }))
        .await
        .map_err(ground)?;
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

/// A choice that only the account's owner may make.
async fn consent(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0003").await.map_err(ground)?;
    stage
        .moods(json!({ "promos": ["consent"] }))
        .await
        .map_err(ground)?;
    let touched = stage.touches();
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    told.failed("need_person:consent")?;
    check(stage.touches() == touched, || {
        "somebody touched the consent".to_owned()
    })?;
    stage.did(&[])
}

/// A full screen without one label: back once, then on; what stays ends the flow.
async fn an_overlay_without_a_label(farm: &FlowFarm, platform: &'static str) -> Finding {
    let stage = Stage::new(farm, platform, "SIM0004").await.map_err(ground)?;
    stage
        .moods(json!({ "update_overlay": true }))
        .await
        .map_err(ground)?;
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    if told.kind() == "done" {
        return stage.did(&[("follow ana.sketches", 1)]);
    }
    check(
        matches!(told.kind(), "unexpected_screen" | "element_missing"),
        || told.story(),
    )?;
    told.failed(told.kind())?;
    stage.did(&[])
}

/// The system says that the app has stopped.
async fn a_crash(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "tiktok", "SIM0001").await.map_err(ground)?;
    let crash = json!({ "kind": "app_crash", "package": "com.zhiliaoapp.musically" });
    stage.fault(crash).await.map_err(ground)?;
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    stage
        .fault(json!({ "clear": "app_crash" }))
        .await
        .map_err(ground)?;
    told.failed("app_crashed")?;
    stage.did(&[])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_foreseen_stays_on_the_screen_and_is_shown() {
    let farm = FlowFarm::start(4, SPEED).await.unwrap();
    let (sheet, announcement, consent, overlay) = tokio::join!(
        an_unlisted_sheet(&farm),
        an_unheard_of_announcement(&farm),
        consent(&farm),
        an_overlay_without_a_label(&farm, "instagram"),
    );
    let (crash, tiktok_overlay, offer) = tokio::join!(
        a_crash(&farm),
        an_overlay_without_a_label(&farm, "tiktok"),
        an_unlisted_offer(&farm)
    );
    let mut findings = Findings::default();
    findings.take("an unlisted sheet", sheet);
    findings.take("an unlisted offer", offer);
    findings.take("an unheard-of announcement", announcement);
    findings.take("consent", consent);
    findings.take("an overlay over instagram", overlay);
    findings.take("an overlay over tiktok", tiktok_overlay);
    findings.take("a crash", crash);
    findings.none();
}
