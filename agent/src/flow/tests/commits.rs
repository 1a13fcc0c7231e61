//! Lasting acts: at most once, whatever happens in between.

use serde_json::json;

use super::super::commit::{CommitKind, Decision, GrantRequest, Grantor as _};
use super::*;
use crate::device::fake::Event;
use crate::device::{Device as _, DeviceError};
use crate::journal::{Entry, Intent};

/// A page with a button, a page that proves, and a start page that shows whether it was done.
fn shop() -> Fake {
    Fake::new(APP)
        .screen("page", &screen(&button("Post")))
        .screen("done", &screen(&button("Posted")))
        .screen("off", &screen(""))
        .on_tap("page", "Post", "done")
}

const POST: &str = r#"let c = commit("post", "append", p.name, #{caption: "x"}, || { tap("post"); wait_for("posted", 5); "proof" }, "seen"); #{state: c.state, proof: c.proof}"#;
const FOLLOW: &str = r#"let c = commit("follow", "state", p.name, #{user: p.name}, || { tap("post"); wait_for("posted", 5); "proof" }, "seen"); #{state: c.state}"#;
const SEEN: &str = r#"fn seen(e) { if sees_within("posted", 2) == () { #{state: "not_done"} } else { #{state: "done", proof: "seen"} } }"#;

fn acts(run: &Run) -> usize {
    run.fake.taps().iter().filter(|hit| *hit == "Post").count()
}

#[tokio::test]
async fn it_is_done_once_and_answered_again_from_memory() {
    let run = Run::with_functions(shop(), POST, SEEN);
    assert_eq!(run.result().await, json!({"state": "done", "proof": "proof"}));
    run.fake.go_to("page");
    assert_eq!(run.result().await, json!({"state": "already", "proof": "proof"}));
    assert_eq!(acts(&run), 1);
}

#[tokio::test]
async fn without_leave_nothing_is_done() {
    let mut run = Run::with_functions(shop(), POST, SEEN);
    run.allow = false;
    assert_eq!(run.failure().await.kind, FailureKind::Stopped);
    assert_eq!(run.fake.events(), []);
}

#[tokio::test]
async fn an_action_that_sent_nothing_is_voided_and_may_be_tried_again() {
    let nothing = Fake::new(APP)
        .screen("none", &screen(""))
        .screen("page", &screen(&button("Post")))
        .screen("done", &screen(&button("Posted")))
        .on_tap("page", "Post", "done");
    let run = Run::with_functions(nothing, POST, SEEN);
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::ElementMissing);
    assert_eq!(failure.element.as_deref(), Some("post"));
    assert_eq!(run.fake.events(), [], "no look by a restart was needed");
    // The element was mended, or the screen came right: the same task goes on.
    run.fake.go_to("page");
    assert_eq!(run.result().await["state"], "done");
}

#[tokio::test]
async fn an_action_that_failed_halfway_is_looked_for_at_once() {
    // The touch went through, but its answer was lost.
    let run = Run::with_functions(
        shop().on_stop("page", "off").on_start("done", "done"),
        FOLLOW,
        SEEN,
    );
    run.fake.lose_answer_of_next_tap();
    assert_eq!(run.result().await["state"], "done", "it was seen to be done");
    assert_eq!(acts(&run), 1);

    // It did not go through: the first failure stands, and the act is free.
    let dead = Fake::new(APP)
        .screen("page", &screen(&button("Post")))
        .screen("done", &screen(&button("Posted")));
    let run = Run::with_functions(dead, FOLLOW, SEEN);
    let failure = run.failure().await;
    assert_eq!(
        (failure.kind, failure.element.as_deref()),
        (FailureKind::ElementMissing, Some("posted"))
    );
    assert!(
        run.fake.events().contains(&Event::StopApp(APP.to_owned())),
        "looked for from a fresh start"
    );
    let run_again = run.failure().await;
    assert_eq!(run_again.kind, FailureKind::ElementMissing);
    assert_eq!(
        acts(&run),
        2,
        "a state that was read as not done may be done again"
    );
}

#[tokio::test]
async fn an_append_that_cannot_be_seen_is_left_for_a_person_and_never_repeated() {
    let dead = Fake::new(APP).screen("page", &screen(&button("Post")));
    let run = Run::with_functions(dead, POST, SEEN);
    let failure = run.failure().await;
    assert_eq!(failure.kind.as_str(), "need_person:unknown");
    assert!(
        failure.message.contains("posted did not come up"),
        "the first failure is told: {failure}"
    );
    let looks = run
        .fake
        .events()
        .iter()
        .filter(|event| matches!(event, Event::StopApp(_)))
        .count();
    assert_eq!(looks, 3, "several looks, apart");
    assert_eq!(run.failure().await.kind.as_str(), "need_person:unknown");
    assert_eq!(acts(&run), 1);
}

#[tokio::test]
async fn a_limit_in_the_middle_stays_the_end_and_the_act_is_looked_for() {
    let limited = screen(&node("Try again later", "TextView", "[0,100][99,120]", ""));
    let fake = Fake::new(APP)
        .screen("page", &screen(&button("Post")))
        .screen("limited", &limited)
        .on_tap("page", "Post", "limited")
        .on_stop("limited", "page");
    let run = Run::with_functions(fake, FOLLOW, SEEN);
    assert_eq!(run.failure().await.kind, FailureKind::Limited);
    let journal = Journal::open(run.folder.path()).unwrap();
    let grants: Value =
        serde_json::from_slice(&std::fs::read(run.folder.path().join("grants.json")).unwrap()).unwrap();
    let (grant, given) = grants["grants"].as_object().unwrap().iter().next().unwrap();
    assert_eq!(given["outcome"]["outcome"], "free", "{given}");
    assert_eq!(journal.entry(grant).unwrap(), Some(Entry::Void));
}

#[tokio::test]
async fn another_holder_of_the_phone_stops_the_act() {
    let run = Run::with_functions(shop(), &format!("sleep(1);\n{POST}"), SEEN);
    let fake = Arc::clone(&run.fake);
    let went = async {
        // Somebody else writes himself down between the beginning and the act.
        while fake.holder().await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        fake.hold_for_ever("somebody else");
    };
    let (outcome, ()) = tokio::join!(run.go(), went);
    let failure = outcome.result.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Device, "{failure}");
    assert!(
        failure.message.contains("somebody else works with this phone"),
        "{failure}"
    );
    assert_eq!(acts(&run), 0);
}

fn request(run: &Run, commit: &str, key: &str) -> GrantRequest {
    GrantRequest {
        task: "task".to_owned(),
        attempt: "earlier".to_owned(),
        request: format!("earlier-{key}"),
        number: 1,
        commit: commit.to_owned(),
        kind: CommitKind::Append,
        key: key.to_owned(),
        evidence: json!({"caption": "x"}),
        account: "me".to_owned(),
        journal: Journal::open(run.folder.path()).unwrap().identity().to_owned(),
        highest_seen: 0,
    }
}

/// What an attempt that died at some point left behind.
async fn left_behind(run: &Run, commit: &str, intent: bool, done: bool) {
    let grantor = LocalGrantor::open(run.folder.path(), Box::new(|_| Ok(true))).unwrap();
    let request = request(run, commit, "Anna");
    let Decision::Granted(grant) = grantor.ask(&request).await.unwrap() else {
        panic!("not granted");
    };
    let mut journal = Journal::open(run.folder.path()).unwrap();
    let now = jiff::Timestamp::UNIX_EPOCH;
    if intent {
        journal
            .intent(Intent {
                grant: grant.id.clone(),
                number: grant.number,
                task: request.task.clone(),
                attempt: request.attempt.clone(),
                account: None,
                commit: commit.to_owned(),
                kind: request.kind,
                key: request.key.clone(),
                evidence: request.evidence.clone(),
                at: now,
            })
            .unwrap();
    }
    if done {
        journal.done(&grant.id, &json!("from the journal"), now).unwrap();
    }
}

#[tokio::test]
async fn after_a_death_before_the_intent_it_is_done_now() {
    let run = Run::with_functions(shop(), POST, SEEN);
    left_behind(&run, "post", false, false).await;
    assert_eq!(run.result().await["state"], "done");
    assert_eq!(acts(&run), 1);
}

#[tokio::test]
async fn after_a_death_behind_the_intent_the_app_is_looked_at() {
    let seen = Run::with_functions(shop().on_start("page", "done"), POST, SEEN);
    left_behind(&seen, "post", true, false).await;
    assert_eq!(seen.result().await, json!({"state": "already", "proof": "seen"}));
    assert_eq!(acts(&seen), 0);

    let unseen = Run::with_functions(shop(), POST, SEEN);
    left_behind(&unseen, "post", true, false).await;
    assert_eq!(unseen.failure().await.kind.as_str(), "need_person:unknown");
    assert_eq!(acts(&unseen), 0);

    let state = Run::with_functions(shop(), FOLLOW, SEEN);
    left_behind(&state, "follow", true, false).await;
    assert_eq!(
        state.result().await["state"],
        "done",
        "a state that is not done may be done"
    );
    assert_eq!(acts(&state), 1);
}

#[tokio::test]
async fn what_the_journal_knows_to_be_done_needs_no_look() {
    let body = format!(
        r#"let before = settled("post", "append", p.name, "seen"); if before != () {{ return #{{state: before.state, proof: before.proof}}; }}
{POST}"#
    );
    let run = Run::with_functions(shop(), &body, SEEN);
    left_behind(&run, "post", true, true).await;
    assert_eq!(
        run.result().await,
        json!({"state": "already", "proof": "from the journal"})
    );
    assert_eq!(run.fake.events(), []);
    let fresh = Run::with_functions(shop(), &body, SEEN);
    assert_eq!(fresh.result().await["state"], "done", "nothing was known of it");
}

#[tokio::test]
async fn an_answer_of_verify_that_makes_no_sense_is_the_scripts_fault() {
    let run = Run::with_functions(shop(), POST, "fn seen(e) { #{state: \"perhaps\"} }");
    left_behind(&run, "post", true, false).await;
    let failure = run.failure().await;
    assert_eq!(failure.kind, FailureKind::Script);
    assert!(failure.message.contains("\"perhaps\""), "{failure}");
}

#[tokio::test]
async fn a_finished_task_may_be_done_again_another_time() {
    let run = Run::with_functions(shop(), POST, SEEN);
    run.result().await;
    LocalGrantor::open(run.folder.path(), Box::new(|_| Ok(true)))
        .unwrap()
        .finish("task")
        .unwrap();
    run.fake.go_to("page");
    assert_eq!(run.result().await["state"], "done");
    assert_eq!(acts(&run), 2);
}

#[tokio::test]
async fn a_phone_that_is_lost_in_the_act_leaves_it_unknown() {
    let run = Run::with_functions(shop(), POST, SEEN);
    run.fake.trouble_on_tap(DeviceError::Refused {
        doing: "tapping".to_owned(),
        said: "no".to_owned(),
        advice: None,
    });
    assert_eq!(run.failure().await.kind, FailureKind::Device);
    let grants = std::fs::read_to_string(run.folder.path().join("grants.json")).unwrap();
    assert!(grants.contains("\"unknown\""), "{grants}");
}
