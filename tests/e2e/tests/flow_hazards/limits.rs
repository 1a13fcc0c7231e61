//! The platform says that it is enough: the flow ends as limited, whatever words or silence tells it, and does nothing
//! more, neither the rest of its targets nor another try.

use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use farm::flows::{FlowFarm, Order};
use serde_json::{Value, json};

use super::SPEED;

/// What the command's exit code is for what may pass by itself.
const TRY_LATER: Option<i32> = Some(75);

/// Ends as limited and leaves this many more acts of the kind.
async fn limited(stage: &Stage<'_>, order: &Order, kind: &str, moods: Value, acts: usize) -> Finding {
    let before = stage.count(kind);
    let reset = json!({ "reset_limits": true, "clear_moods": true, "moods": moods });
    let package = farm::flows::package(stage.platform);
    stage
        .farm
        .app(&stage.serial, package, &reset)
        .await
        .map_err(ground)?;
    let told = stage.run(order).await.map_err(ground)?;
    told.failed("limited")?;
    check(told.ended.code == TRY_LATER, || {
        format!("exit code {:?}", told.ended.code)
    })?;
    let done = stage.count(kind) - before;
    check(done == acts, || {
        format!("{done} of {acts} acts: {:?}", stage.acts())
    })
}

async fn follows(
    farm: &FlowFarm,
    platform: &'static str,
    serial: &str,
    texts: &[&str],
) -> Result<Findings, String> {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    let mut findings = Findings::default();
    let people = [
        "ana.sketches",
        "nordic.loom",
        "jonas_builds",
        "lumen.ceramics",
        "ridgeline_runs",
        "studio.verbena",
    ];
    for (at, text) in texts.iter().enumerate() {
        // The first goes through, the second meets the limit, the third must not be tried.
        let three: Vec<&str> = (0..3).map(|more| people[(at + more) % people.len()]).collect();
        let order = stage
            .order("follow")
            .set("target_users", &json!(three).to_string());
        let moods = json!({ "limit_after": 1, "limit_text": text });
        let finding = limited(&stage, &order, "follow", moods, 1).await;
        findings.take(&format!("{platform} follow {text}"), finding);
    }
    let order = stage.follow("the.quiet.kitchen");
    let silent = limited(&stage, &order, "follow", json!({ "swallow": ["follow"] }), 0).await;
    findings.take(&format!("{platform} follow that is taken back silently"), silent);
    Ok(findings)
}

async fn others(
    farm: &FlowFarm,
    platform: &'static str,
    serial: &str,
    text: &str,
) -> Result<Findings, String> {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    let mut findings = Findings::default();
    let moods = || json!({ "limit_after": 0, "limit_text": text });
    let links = [
        stage.link("ana.sketches", 0).await.map_err(ground)?,
        stage.link("ana.sketches", 1).await.map_err(ground)?,
    ];
    let like = stage
        .order("like")
        .set("target_post_urls", &json!(links).to_string());
    findings.take(
        &format!("{platform} like"),
        limited(&stage, &like, "like", moods(), 0).await,
    );
    let comment = stage.comment("nordic.loom", "So blue").await.map_err(ground)?;
    let finding = limited(&stage, &comment, "comment", moods(), 0).await;
    findings.take(&format!("{platform} comment"), finding);
    Ok(findings)
}

/// TikTok takes no more posts from the account: told when the upload is through.
async fn posts(farm: &FlowFarm, serial: &str) -> Result<Findings, String> {
    let stage = Stage::new(farm, "tiktok", serial).await.map_err(ground)?;
    let mut findings = Findings::default();
    for text in ["cannot_post", "posting_restricted"] {
        let order = stage.post(text, "One too many").map_err(ground)?;
        let moods = json!({ "limit_after": 0, "limit_on": ["post"], "limit_text": text });
        let finding = limited(&stage, &order, "post", moods, 0).await;
        findings.take(&format!("tiktok post {text}"), finding);
        stage.throw_uploads_away();
    }
    Ok(findings)
}

/// A warm-up that meets a limit does not go on watching.
async fn warm_up(farm: &FlowFarm, platform: &'static str, serial: &str) -> Finding {
    let stage = Stage::new(farm, platform, serial).await.map_err(ground)?;
    let order = stage
        .order("account_warmup")
        .set("task_duration", "300")
        .set("min_duration", "3")
        .set("max_duration", "4")
        .set("like_probable", "100");
    let moods = json!({ "limit_after": 1, "limit_on": ["like"] });
    limited(&stage, &order, "like", moods, 1).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_ends_the_flow_and_nothing_comes_after_it() {
    let farm = FlowFarm::start(6, SPEED).await.unwrap();
    let instagram = [
        "try_again_later",
        "action_blocked",
        "follow_limit",
        "unusual_activity",
    ];
    let tiktok = ["try_again_later", "too_many_attempts", "too_fast"];
    let (one, two, three, four, five, (instagram_watching, tiktok_watching)) = tokio::join!(
        follows(&farm, "instagram", "SIM0001", &instagram),
        follows(&farm, "tiktok", "SIM0003", &tiktok),
        others(&farm, "instagram", "SIM0002", "try_again_later"),
        others(&farm, "tiktok", "SIM0004", "too_fast"),
        posts(&farm, "SIM0005"),
        async {
            (
                warm_up(&farm, "instagram", "SIM0006").await,
                warm_up(&farm, "tiktok", "SIM0006").await,
            )
        },
    );
    let mut all = Findings::default();
    all.take("instagram warm-up", instagram_watching);
    all.take("tiktok warm-up", tiktok_watching);
    for findings in [one, two, three, four, five] {
        all.add(findings.unwrap());
    }
    all.none();
}
