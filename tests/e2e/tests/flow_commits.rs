//! A lasting act is done once, whatever dies when: the agent is killed at each point of a commit and while it acts, and
//! the same command is run again. Checked by the ledgers of the phones, not by what the agent says of itself.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

use farm::flows::stage::{Finding, Findings, Stage, check, ground};
use farm::flows::{FlowFarm, Order};
use serde_json::{Value, json};

/// For phones and flows alike.
const SPEED: f64 = 12.0;
const POINTS: [&str; 5] = ["asked", "granted", "intent", "acted", "done"];
/// Each case has a target of its own.
const PEOPLE: [&str; 6] = [
    "ana.sketches",
    "nordic.loom",
    "jonas_builds",
    "lumen.ceramics",
    "ridgeline_runs",
    "studio.verbena",
];

/// A flow with one lasting act to a target of its own.
async fn order(stage: &Stage<'_>, flow: &str, case: usize) -> Result<Order, String> {
    let user = PEOPLE[case % PEOPLE.len()];
    match flow {
        "follow" => Ok(stage.follow(user)),
        "comment" => stage
            .comment(user, &format!("Well made, number {case} \u{1f44f}"))
            .await
            .map_err(ground),
        _ => stage
            .post(&format!("clip{case}"), &format!("Clip {case} of the long winter"))
            .map_err(ground),
    }
}

/// What the flow says of its one act: "done", "already".
fn state(result: &Value) -> String {
    let of = result.get("state").or_else(|| result.pointer("/targets/0/state"));
    of.and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Dies at a point and is run again.
async fn dies_at(stage: &Stage<'_>, flow: &str, case: usize, point: &str) -> Finding {
    let order = order(stage, flow, case).await?;
    let before = stage.count(flow);
    let done = || stage.count(flow) - before;
    let crashed = stage.crash(&order, point).await.map_err(ground)?;
    check(crashed.code.is_none(), || format!("it did not die: {crashed:?}"))?;
    let acted = matches!(point, "acted" | "done");
    check(done() == usize::from(acted), || {
        format!("{} acts when it died", done())
    })?;
    let told = stage.run(&order).await.map_err(ground)?;
    // What adds another one each time cannot be seen where it was not done: that is not certain, so a person looks.
    if point == "intent" && flow != "follow" {
        told.failed("need_person:unknown")?;
        let again = stage.run(&order).await.map_err(ground)?;
        again.failed("need_person:unknown")?;
        return check(done() == 0, || {
            format!("{} acts although none may follow", done())
        });
    }
    told.done()?;
    check(done() == 1, || format!("{} acts after the second run", done()))?;
    let known = state(told.result()) == "already";
    check(known == acted, || {
        format!("the second run says {}", told.result())
    })
}

/// Is killed as soon as the act stands in the ledger, before the agent has seen that it does.
async fn dies_acting(stage: &Stage<'_>, flow: &str, case: usize) -> Finding {
    let order = order(stage, flow, case).await?;
    let before = stage.count(flow);
    let done = || stage.count(flow) - before;
    let killed = stage.kill_when(&order, || done() > 0).await.map_err(ground)?;
    check(killed, || "it ended before it was killed".to_owned())?;
    let told = stage.run(&order).await.map_err(ground)?;
    told.done()?;
    check(done() == 1, || format!("{} acts", done()))?;
    check(state(told.result()) == "already", || {
        format!("the second run says {}", told.result())
    })
}

/// Is killed while the file goes up.
async fn dies_uploading(stage: &Stage<'_>, case: usize, survives: bool) -> Finding {
    let order = order(stage, "post", case).await?;
    let before = stage.count("post");
    let done = || stage.count("post") - before;
    stage
        .moods(json!({ "upload_seconds": 40, "survives_stop": survives }))
        .await
        .map_err(ground)?;
    let killed = stage
        .kill_when(&order, || stage.uploads())
        .await
        .map_err(ground)?;
    check(killed, || "it ended before it was killed".to_owned())?;
    let told = stage.run(&order).await.map_err(ground)?;
    stage
        .moods(json!({ "upload_seconds": null, "survives_stop": null }))
        .await
        .map_err(ground)?;
    if survives {
        told.done()?;
        return check(done() == 1, || format!("{} posts", done()));
    }
    // Lost with the app: nobody can tell that from a post which is still under way.
    told.failed("need_person:unknown")?;
    stage.throw_uploads_away();
    check(done() == 0, || format!("{} posts", done()))
}

/// It shows only later than anybody waits, or is held back: run as often as one likes, it is done once.
async fn unseen(stage: &Stage<'_>, flow: &str, case: usize, moods: &Value) -> Finding {
    let order = order(stage, flow, case).await?;
    let before = stage.count(flow);
    stage.moods(moods.clone()).await.map_err(ground)?;
    for run in 1..=2 {
        let told = stage.run(&order).await.map_err(ground)?;
        let sure = told.kind() == "done";
        if !sure {
            told.failed("need_person:unknown")?;
        }
        let done = stage.count(flow) - before;
        check(done == 1, || {
            format!("{done} of {flow} after run {run}: {}", told.story())
        })?;
        if sure {
            break;
        }
    }
    stage
        .moods(json!({ "late_seconds": null, "held": null }))
        .await
        .map_err(ground)
}

/// It shows late, but while it is still looked for.
async fn late(stage: &Stage<'_>, flow: &str, case: usize, seconds: u32) -> Finding {
    let order = order(stage, flow, case).await?;
    let before = stage.count(flow);
    stage
        .moods(json!({ "late_seconds": seconds }))
        .await
        .map_err(ground)?;
    let told = stage.run(&order).await.map_err(ground)?;
    stage
        .moods(json!({ "late_seconds": null }))
        .await
        .map_err(ground)?;
    told.done()?;
    let done = stage.count(flow) - before;
    check(done == 1, || format!("{done} acts"))
}

async fn lane(stage: &Stage<'_>, flow: &'static str) -> Findings {
    let mut findings = Findings::default();
    for (case, point) in POINTS.into_iter().enumerate() {
        let finding = dies_at(stage, flow, case, point).await;
        findings.take(&format!("{} {flow} dies at {point}", stage.platform), finding);
    }
    let finding = dies_acting(stage, flow, POINTS.len()).await;
    findings.take(&format!("{} {flow} dies acting", stage.platform), finding);
    findings
}

async fn posts_that_are_hard_to_see(stage: &Stage<'_>) -> Findings {
    let mut findings = Findings::default();
    let name = |what: &str| format!("{} post {what}", stage.platform);
    findings.take(
        &name("dies uploading, which goes on"),
        dies_uploading(stage, 10, true).await,
    );
    findings.take(
        &name("dies uploading, which is lost"),
        dies_uploading(stage, 11, false).await,
    );
    findings.take(&name("shows late"), late(stage, "post", 12, 75).await);
    findings.take(
        &name("shows too late"),
        unseen(stage, "post", 13, &json!({ "late_seconds": 100_000 })).await,
    );
    findings.take(
        &name("is held"),
        unseen(stage, "post", 14, &json!({ "held": true })).await,
    );
    let platform = stage.platform;
    findings.take(
        &format!("{platform} follow shows late"),
        late(stage, "follow", 15, 12).await,
    );
    findings.take(
        &format!("{platform} comment shows late"),
        late(stage, "comment", 16, 45).await,
    );
    findings.take(
        &format!("{platform} comment shows too late"),
        unseen(stage, "comment", 17, &json!({ "late_seconds": 100_000 })).await,
    );
    findings
}

async fn never_twice(platform: &'static str) {
    let farm = FlowFarm::start(4, SPEED).await.unwrap();
    let stages: Vec<Stage<'_>> = [
        Stage::new(&farm, platform, "SIM0001").await,
        Stage::new(&farm, platform, "SIM0002").await,
        Stage::new(&farm, platform, "SIM0003").await,
        Stage::new(&farm, platform, "SIM0004").await,
    ]
    .into_iter()
    .collect::<Result<_, _>>()
    .unwrap();
    let (follows, comments, posts, unseen) = tokio::join!(
        lane(&stages[0], "follow"),
        lane(&stages[1], "comment"),
        lane(&stages[2], "post"),
        posts_that_are_hard_to_see(&stages[3]),
    );
    let mut all = Findings::default();
    for findings in [follows, comments, posts, unseen] {
        all.add(findings);
    }
    all.none();
}

#[tokio::test(flavor = "multi_thread")]
async fn instagram_never_does_it_twice() {
    never_twice("instagram").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tiktok_never_does_it_twice() {
    never_twice("tiktok").await;
}
