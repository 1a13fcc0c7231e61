//! Screens that cannot be read: what passes is waited for, what stays ends the flow before anything is touched that was
//! not seen.

use farm::flows::FlowFarm;
use farm::flows::stage::{Finding, Findings, Stage, Told, check, ground};
use serde_json::{Value, json};

use super::SPEED;

/// The trouble is there from the start and goes when the flow has met it.
async fn passes(farm: &FlowFarm, serial: &str, fault: &str) -> Finding {
    let stage = Stage::new(farm, "instagram", serial)
        .await
        .map_err(ground)?
        .plain();
    stage.fault(json!({ "kind": fault })).await.map_err(ground)?;
    let gone = async || stage.fault(json!({ "clear": fault })).await.unwrap();
    let order = stage.follow("ana.sketches");
    let told = stage
        .run_until_told(&order, "reading again", gone)
        .await
        .map_err(ground)?;
    told.done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

/// It stays: the flow ends and says what is to be done; afterwards the same command does its work.
async fn stays(stage: &Stage<'_>, advice: &str) -> Finding {
    let touched = stage.touches();
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    blind(&told)?;
    check(told.message().contains(advice), || told.story())?;
    check(stage.touches() == touched, || {
        "it touched what it could not see".to_owned()
    })?;
    stage.did(&[])
}

/// Without a tree the bundle tells that it has none.
fn blind(told: &Told) -> Finding {
    check(told.kind() == "device", || told.story())?;
    let meta: Value = serde_json::from_str(&told.bundled("meta.json")?).map_err(ground)?;
    check(meta["failure"]["kind"] == "device", || meta.to_string())?;
    let seen = told.bundled("hierarchy.xml").is_ok();
    let lacks = meta["lacking"].to_string().contains("hierarchy");
    check(seen != lacks, || {
        format!("the bundle does not tell what it lacks: {meta}")
    })
}

async fn killed(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0004")
        .await
        .map_err(ground)?
        .plain();
    stage
        .fault(json!({ "kind": "dump_killed" }))
        .await
        .map_err(ground)?;
    stays(&stage, "memory").await?;
    stage
        .fault(json!({ "clear": "dump_killed" }))
        .await
        .map_err(ground)?;
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

async fn never_at_rest(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0005")
        .await
        .map_err(ground)?
        .plain();
    stage.fault(json!({ "kind": "no_idle" })).await.map_err(ground)?;
    let told = stage.run(&stage.follow("ana.sketches")).await.map_err(ground)?;
    blind(&told)?;
    stage.did(&[])?;
    // The other driver does not wait for the screen to rest.
    let stage = Stage {
        driver: farm::flows::driver("resident"),
        ..stage
    };
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

/// Another program reads the phone's screen.
async fn occupied(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "instagram", "SIM0006")
        .await
        .map_err(ground)?
        .plain();
    let ticket = stage
        .phone()
        .ui()
        .take_automation()
        .ok_or("somebody reads the screen already")?;
    let stayed = stays(&stage, "another program").await;
    stage.phone().ui().give_automation_back(ticket);
    stayed?;
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()
}

/// The feed begins with a video that plays: it is paused, so that the screen can be read without help on the phone.
async fn a_video_plays(farm: &FlowFarm) -> Finding {
    let stage = Stage::new(farm, "tiktok", "SIM0007")
        .await
        .map_err(ground)?
        .plain();
    stage
        .run(&stage.follow("ana.sketches"))
        .await
        .map_err(ground)?
        .done()?;
    stage.did(&[("follow ana.sketches", 1)])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_cannot_be_read_is_waited_for_or_ends_the_flow() {
    let farm = FlowFarm::start(8, SPEED).await.unwrap();
    let (null, idle, stale, shot) = tokio::join!(
        passes(&farm, "SIM0001", "null_root"),
        passes(&farm, "SIM0002", "no_idle"),
        passes(&farm, "SIM0003", "dump_stale"),
        passes(&farm, "SIM0008", "dump_killed"),
    );
    let (killed, rest, occupied, video) = tokio::join!(
        killed(&farm),
        never_at_rest(&farm),
        occupied(&farm),
        a_video_plays(&farm)
    );
    let mut findings = Findings::default();
    findings.take("no window for a while", null);
    findings.take("not idle for a while", idle);
    findings.take("an old tree for a while", stale);
    findings.take("the dump is killed for a while", shot);
    findings.take("the dump is killed", killed);
    findings.take("never idle", rest);
    findings.take("occupied", occupied);
    findings.take("a video plays", video);
    findings.none();
}
