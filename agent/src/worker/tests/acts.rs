//! Lasting acts under a controller's leave, and what the journal says of them.

use shared::pack::failure::FailureKind;
use shared::wire::message::{AgentReply, ToController};
use shared::wire::work::{CommitKind, GrantOutcome, JournalRecord, JournalState, SecretKind};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::flow::Secrets as _;
use crate::journal::Entry;
use crate::worker::lease::Lease;
use crate::worker::secrets::RemoteSecrets;

fn is_grant(question: &ToController) -> bool {
    matches!(question, ToController::Grant(_))
}

fn is_settlement(question: &ToController) -> bool {
    matches!(question, ToController::Settle(_))
}

/// What is told of grants, in order.
fn acts_heard(ground: &Ground) -> Vec<&'static str> {
    let heard = ground.paper.heard();
    heard
        .iter()
        .filter_map(|one| match one {
            ToController::Grant(_) => Some("grant"),
            ToController::Settle(_) => Some("settle"),
            ToController::Ended(_) => Some("end"),
            _ => None,
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_act_is_asked_for_written_down_done_and_told_before_the_end() {
    let ground = Ground::new(shop());
    ground.paper.say(is_grant, Say::Lose);
    ground.paper.say(
        is_grant,
        Say::Reply(ControllerReply::Later {
            why: "recovering".to_owned(),
        }),
    );
    ground.paper.say(is_settlement, Say::Lose);
    ground.worker.work(ground.order(1, POST)).unwrap();
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), r#"{"state":"done"}"#, "{ends:?}");
    assert_eq!(
        acts_heard(&ground),
        ["grant", "grant", "grant", "settle", "settle", "end"]
    );
    let asks: Vec<u64> = ground
        .paper
        .heard()
        .iter()
        .filter_map(|one| match one {
            ToController::Grant(ask) => Some(ask.request),
            _ => None,
        })
        .collect();
    assert!(asks.iter().all(|request| *request == asks[0]), "the same request");
    let settled = &ground.paper.settlements()[0];
    assert_eq!(
        settled.outcome,
        GrantOutcome::Done {
            proof: "\"the proof\"".to_owned()
        }
    );
    let (told, mut records) = mpsc::channel(16);
    ground.worker.replay(0, &told).await.unwrap();
    let Some(AgentReply::Records(records)) = records.recv().await else {
        panic!("no records");
    };
    let expected = JournalRecord {
        grant: settled.grant,
        number: 1,
        task: 70,
        attempt: [1; 16],
        account: 5,
        commit: "post".to_owned(),
        kind: CommitKind::Append,
        key: "k".to_owned(),
        state: JournalState::Done {
            proof: "\"the proof\"".to_owned(),
        },
        at: records[0].at,
    };
    assert_eq!(records, [expected]);
    assert_eq!(ground.worker.standing().highest, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_is_not_this_hosts_ends_without_another_touch() {
    let ground = Ground::new(shop());
    ground.paper.say(
        is_grant,
        Say::Reply(ControllerReply::NotYours {
            why: "another host has it".to_owned(),
        }),
    );
    let body = format!("tap(\"post\"); {POST}");
    ground.worker.work(ground.order(1, &body)).unwrap();
    let ends = ground.ended().await;
    let AttemptOutcome::Failed(failure) = &ends[0].outcome else {
        panic!("{ends:?}");
    };
    assert_eq!(failure.kind, "stopped");
    assert!(failure.message.contains("another host has it"), "{failure:?}");
    assert_eq!(ground.fake.taps(), ["Post"], "the one before it was asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_that_was_not_used_is_given_back_before_the_end() {
    let ground = Ground::new(shop());
    // Somebody else works with the phone: what was granted is not done.
    ground.fake.hold_for_ever("somebody else");
    ground.worker.work(ground.order(1, POST)).unwrap();
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), "device");
    assert_eq!(acts_heard(&ground), ["grant", "settle", "end"]);
    let settled = ground.paper.settlements();
    assert!(
        matches!(settled[0].outcome, GrantOutcome::Void { .. }),
        "{settled:?}"
    );
    let grant = shared::pack::files::hex(&settled[0].grant);
    assert_eq!(
        ground.worker.inner.journal().entry(&grant).unwrap(),
        Some(Entry::Void)
    );
    assert!(ground.fake.taps().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_journal_may_hold_is_looked_for_and_not_taken_for_undone() {
    let ground = Ground::new(shop());
    ground.paper.say(
        is_grant,
        Say::Reply(ControllerReply::Grant(GrantAnswer::Elsewhere {
            grant: [9; 16],
            evidence: "{}".to_owned(),
        })),
    );
    ground.worker.work(ground.order(1, POST)).unwrap();
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), "need_person:unknown", "{ends:?}");
    let settled = ground.paper.settlements();
    assert!(
        matches!(settled[0].outcome, GrantOutcome::Unknown { .. }),
        "{settled:?}"
    );
    assert!(ground.fake.taps().is_empty(), "an append act is never repeated");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_journal_does_not_know_is_void_before_it_is_said_so() {
    let ground = Ground::new(shop());
    let (told, mut records) = mpsc::channel(16);
    ground.worker.look_up(vec![[8; 16]], &told).await.unwrap();
    let Some(AgentReply::Records(records)) = records.recv().await else {
        panic!("no records");
    };
    assert_eq!(
        (records[0].grant, &records[0].state),
        ([8; 16], &JournalState::Void)
    );
    let folder = ground.dies().await;
    let journal = Journal::open(folder.path()).unwrap();
    let grant = shared::pack::files::hex(&[8; 16]);
    assert_eq!(
        journal.entry(&grant).unwrap(),
        Some(Entry::Void),
        "it stands on the disk"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn leave_that_was_asked_about_in_between_is_not_used() {
    let ground = Ground::new(shop());
    // The controller gives leave, and asks what became of it before the act: both answers cannot be true.
    let mut grant = Id::default();
    grant[15] = 1;
    let (told, _records) = mpsc::channel(16);
    ground.worker.look_up(vec![grant], &told).await.unwrap();
    ground.worker.work(ground.order(1, POST)).unwrap();
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), "device", "{ends:?}");
    assert!(ground.fake.taps().is_empty());
    let settled = ground.paper.settlements();
    assert!(
        matches!(settled[0].outcome, GrantOutcome::Void { .. }),
        "{settled:?}"
    );
}

#[tokio::test]
async fn a_secret_is_waited_for_a_minute() {
    let clock = standing_clock();
    let controller = Controller::new(Arc::<ManualClock>::clone(&clock));
    let secrets = RemoteSecrets {
        controller: controller.clone(),
        lease: Arc::new(Lease::new(
            controller.clone(),
            [1; 16],
            Duration::from_secs(60),
            CancellationToken::new(),
        )),
        attempt: [1; 16],
    };
    let mut asked = Box::pin(secrets.password());
    assert!(is_ready(&mut asked).await.is_none());
    clock.advance(Duration::from_secs(59));
    assert!(is_ready(&mut asked).await.is_none());
    clock.advance(Duration::from_secs(1));
    let failure = is_ready(&mut asked).await.unwrap().unwrap_err();
    assert_eq!(failure.kind, FailureKind::ControllerAway);
    drop(asked);

    let paper = Arc::new(Paper::default());
    controller.up(Arc::new(Line(Arc::clone(&paper))), 2);
    assert_eq!(secrets.totp().await.unwrap().expose(), "hunter2!");
    let heard = paper.heard().clone();
    let totp = ToController::Secret {
        attempt: [1; 16],
        what: SecretKind::Totp,
    };
    assert_eq!(heard, [totp]);
    paper.say(
        |question| matches!(question, ToController::Secret { .. }),
        Say::Reply(ControllerReply::NotYours {
            why: "it has ended".to_owned(),
        }),
    );
    assert_eq!(secrets.password().await.unwrap_err().kind, FailureKind::Stopped);
    assert!(secrets.lease.withdrawn().is_some());
}
