//! A dark or locked phone: woken where that needs nobody, else its owner is asked for; nothing is touched meanwhile.

use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use serde_json::json;

use super::SPEED;

async fn without_a_pin(farm: &FlowFarm, platform: &'static str, serial: &str) -> Finding {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    stage
        .fault(json!({ "kind": "locked", "secure": false }))
        .await
        .map_err(ground)?;
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    stage.fault(json!({ "clear": "locked" })).await.map_err(ground)?;
    told.done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

async fn with_a_pin(farm: &FlowFarm, platform: &'static str, serial: &str) -> Finding {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    stage
        .fault(json!({ "kind": "locked", "secure": true }))
        .await
        .map_err(ground)?;
    let touched = stage.touches();
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    told.failed("need_person:unknown")?;
    check(told.message().contains("unlock"), || told.story())?;
    check(stage.touches() == touched, || {
        "a locked phone was touched".to_owned()
    })?;
    stage.did(&[])?;
    // A person has unlocked it.
    stage.fault(json!({ "clear": "locked" })).await.map_err(ground)?;
    farm.tell(&format!("/phones/{serial}/unlock"), &json!({}))
        .await
        .map_err(ground)?;
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

/// Dark, without a lock behind it.
async fn dark(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0003").await.map_err(ground)?;
    stage.shell("input keyevent 223").await.map_err(ground)?;
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dark_phone_is_woken_and_a_locked_one_waits_for_its_owner() {
    let farm = FlowFarm::start(4, SPEED).await.unwrap();
    let mut findings = Findings::default();
    let (open, old, pin, dark) = tokio::join!(
        without_a_pin(&farm, "instagram", "SIM0001"),
        without_a_pin(&farm, "tiktok", "SIM0002"),
        with_a_pin(&farm, "tiktok", "SIM0004"),
        dark(&farm),
    );
    findings.take("locked without a PIN", open);
    findings.take("locked without a PIN, Android 8", old);
    findings.take("locked with a PIN", pin);
    findings.take("dark", dark);
    findings.none();
}
