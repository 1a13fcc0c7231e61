//! What earlier runs and people left on the phone is neither taken for one's own nor thrown away: failed uploads, files.

use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use serde_json::json;

use super::SPEED;

const ALBUMS: &str = "ls /storage/emulated/0/DCIM";

/// A run was killed while its file went up, and the upload failed later: it still waits when the next post is made.
async fn a_failed_upload_waits(stage: &Stage<'_>) -> Finding {
    stage
        .moods(json!({ "upload_fails": true, "upload_seconds": 20 }))
        .await
        .map_err(ground)?;
    let lost = stage.post("lost", "Never seen").map_err(ground)?;
    let killed = stage.kill_when(&lost, || stage.uploads()).await.map_err(ground)?;
    check(killed, || "it ended before it was killed".to_owned())?;
    stage
        .moods(json!({ "upload_fails": null, "upload_seconds": null }))
        .await
        .map_err(ground)?;
    let left = stage.shell(ALBUMS).await.map_err(ground)?;
    check(left.contains("Album"), || format!("no album was left: {left}"))?;

    let next = stage.post("next", "Seen by all").map_err(ground)?;
    let told = stage.run(&next).await.map_err(ground)?;
    told.done()?;
    stage.did(&[("post", 1)])?;
    check(stage.uploads(), || {
        "what somebody else had left to upload was thrown away".to_owned()
    })?;
    let left = stage
        .shell("ls -R /storage/emulated/0/DCIM")
        .await
        .map_err(ground)?;
    check(!left.contains(".mp4"), || {
        format!("files stay on the phone: {left}")
    })
}

async fn left_behind(farm: &FlowFarm, platform: &'static str, serial: &str) -> Finding {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    a_failed_upload_waits(&stage).await
}

/// Killed when the story stands, and run again: it is found.
async fn a_story_is_told_once(farm: &FlowFarm, serial: &str) -> Finding {
    let stage = Stage::new(farm, "instagram", serial).await.map_err(ground)?;
    stage
        .moods(json!({ "extra": { "story_info": true } }))
        .await
        .map_err(ground)?;
    let order = stage.post("today", "").map_err(ground)?.set("placement", "story");
    let crashed = stage.crash(&order, "acted").await.map_err(ground)?;
    check(crashed.code.is_none(), || format!("it did not die: {crashed:?}"))?;
    stage.run(&order).await.map_err(ground)?.done()?;
    stage.did(&[("story", 1)])
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_left_on_the_phone_is_not_taken_for_ones_own() {
    let farm = FlowFarm::start(3, SPEED).await.unwrap();
    let (instagram, tiktok, story) = tokio::join!(
        left_behind(&farm, "instagram", "SIM0001"),
        left_behind(&farm, "tiktok", "SIM0003"),
        a_story_is_told_once(&farm, "SIM0002"),
    );
    let mut findings = Findings::default();
    findings.take("instagram, a failed upload", instagram);
    findings.take("tiktok, a failed upload", tiktok);
    findings.take("instagram, a story", story);
    findings.none();
}
