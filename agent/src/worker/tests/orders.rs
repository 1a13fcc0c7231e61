//! Orders come, are made once, and their ends arrive.

use shared::wire::message::{FailureKind as Refusal, ToController};

use super::*;
use crate::device::Device as _;

fn is_end(question: &ToController) -> bool {
    matches!(question, ToController::Ended(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_made_once_and_its_end_is_said_until_it_is_heard() {
    let ground = Ground::new(shop());
    ground.paper.say(is_end, Say::Lose);
    ground.paper.say(is_end, Say::Lose);
    let order = ground.order(1, TAP);
    ground.worker.work(order.clone()).unwrap();
    ground.worker.work(order.clone()).unwrap();
    let ends = ground.ended().await;
    assert_eq!(ends.len(), 3, "lost twice: {ends:?}");
    assert!(ends.iter().all(|end| *end == ends[0]), "the same each time");
    assert_eq!(failure_kind(&ends[0]), r#"{"tapped":true}"#);
    assert_eq!(
        (ends[0].driver.as_str(), ends[0].app_version.as_str()),
        ("plain", "1.2.3")
    );
    assert!(ends[0].steps > 0);
    // Asked for once more, by a controller whose memory is short.
    let again = ground.worker.work(order).unwrap_err();
    assert_eq!(again.kind, Refusal::Refused, "{again:?}");
    assert_eq!(ground.fake.taps(), ["Post"]);
    assert!(ground.worker.standing().attempts.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_works_takes_nothing_else_until_it_is_stopped() {
    let ground = Ground::new(shop());
    let first = ground.order(1, WAITS);
    ground.worker.work(first).unwrap();
    let second = ground.order(2, TAP);
    let busy = ground.worker.work(second.clone()).unwrap_err();
    assert_eq!(busy.kind, Refusal::Busy);
    assert_eq!(busy.message, "task 70 runs on FAKE");
    let touched = ground.worker.free(ground.fake.serial()).unwrap_err();
    assert_eq!(touched.kind, Refusal::Busy);
    assert_eq!(ground.worker.standing().attempts, [[1; 16]]);
    ground.worker.stop_work(&[1; 16]);
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), "stopped", "{ends:?}");
    // Its end was heard a moment before its phone is free.
    let taken = async {
        while ground.worker.work(second.clone()).is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.unwrap();
    ground
        .paper
        .until("the second end", |heard| {
            heard.iter().filter(|one| is_end(one)).count() == 2
        })
        .await;
    let unknown = ground.order(3, TAP);
    let nowhere = Order {
        serial: "other".to_owned(),
        ..unknown
    };
    assert_eq!(
        ground.worker.work(nowhere).unwrap_err().kind,
        Refusal::UnknownPhone
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_tells_at_its_next_start_how_work_had_ended() {
    let ground = Ground::new(shop());
    let order = ground.order(1, TAP);
    // The controller is gone before it hears of the end, and so is the agent.
    let gone = |question: &ToController| matches!(question, ToController::Ended(_));
    for _ in 0..1_000 {
        ground.paper.say(gone, Say::Lose);
    }
    ground.worker.work(order.clone()).unwrap();
    ground
        .paper
        .until("an end", |heard| heard.iter().any(is_end))
        .await;
    ground.controller.lost(Duration::ZERO);
    let folder = ground.dies().await;

    let next = Ground::alone(shop(), folder);
    let standing = next.worker.standing();
    assert_eq!(standing.attempts, [[1; 16]], "its end is still to be confirmed");
    next.worker.work(order.clone()).unwrap();
    next.link();
    let ends = next.ended().await;
    assert_eq!(failure_kind(&ends[0]), r#"{"tapped":true}"#);
    assert!(next.fake.taps().is_empty(), "it is not made again");
    assert!(next.worker.standing().attempts.is_empty());
    assert!(next.worker.work(order).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_followed_by_its_evidence() {
    let ground = Ground::new(shop());
    let order = ground.order(1, "tap(\"posted\");");
    ground.worker.work(order).unwrap();
    ground
        .paper
        .until("the last file", |heard| {
            heard
                .iter()
                .any(|one| matches!(one, ToController::Artifact { name, .. } if name == "steps.jsonl"))
        })
        .await;
    let heard = ground.paper.heard().clone();
    let end = heard.iter().position(is_end).unwrap();
    let names: Vec<(usize, &str)> = heard
        .iter()
        .enumerate()
        .filter_map(|(at, one)| match one {
            ToController::Artifact { name, attempt, .. } if *attempt == [1; 16] => Some((at, name.as_str())),
            _ => None,
        })
        .collect();
    assert!(names.iter().all(|(at, _)| *at > end), "after the end: {names:?}");
    let names: Vec<&str> = names.into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["hierarchy.xml", "meta.json", "screen.png", "steps.jsonl"]);
    assert_eq!(failure_kind(&ground.paper.ends()[0]), "element_missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_of_the_agent_is_no_stop_of_the_task() {
    let ground = Ground::new(shop());
    ground.worker.work(ground.order(1, WAITS)).unwrap();
    ground.worker.stop(PATIENCE).await;
    let ends = ground.paper.ends();
    assert_eq!(
        failure_kind(&ends[0]),
        "device",
        "it may go on elsewhere: {ends:?}"
    );
    let refused = ground.worker.work(ground.order(2, TAP)).unwrap_err();
    assert_eq!(refused.kind, Refusal::Busy);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_is_asked_for_once_and_another_ones_content_is_refused() {
    let ground = Ground::new(shop());
    let order = ground.order(1, TAP);
    let wrong = Order {
        pack: [9; 32],
        ..ground.order(2, TAP)
    };
    let files = ground.paper.packs.lock().unwrap()[&order.pack].clone();
    ground.paper.packs.lock().unwrap().insert([9; 32], files);
    ground.worker.work(wrong).unwrap();
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), "script", "{ends:?}");
    let folder = ground.dies().await;
    // With a start between two, it is read from the disk.
    let next = Ground::alone(shop(), folder);
    next.link();
    let order = next.order(3, TAP);
    next.worker.work(order.clone()).unwrap();
    next.ended().await;
    let folder = next.dies().await;
    let last = Ground::alone(shop(), folder);
    last.link();
    last.worker
        .work(Order {
            attempt: [4; 16],
            ..order
        })
        .unwrap();
    let ends = last.ended().await;
    assert_eq!(failure_kind(&ends[0]), r#"{"tapped":true}"#);
    let asked = last
        .paper
        .heard()
        .iter()
        .any(|one| matches!(one, ToController::Pack { .. }));
    assert!(!asked, "it was kept");
}

#[tokio::test]
async fn attempts_that_begin_together_ask_for_their_pack_once() {
    let ground = Ground::new(shop());
    let pack = ground.order(1, TAP).pack;
    let packs = &ground.worker.inner.packs;
    let (first, second, third) = tokio::join!(packs.get(&pack), packs.get(&pack), packs.get(&pack));
    assert!(first.is_ok() && second.is_ok() && third.is_ok());
    let heard = ground.paper.heard();
    let asked = heard
        .iter()
        .filter(|one| matches!(one, ToController::Pack { .. }));
    assert_eq!(asked.count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_no_message_can_carry_ends_the_attempt_all_the_same() {
    let ground = Ground::new(shop());
    // Within the script's own limits; as JSON each line end takes two bytes.
    let body = "let t = \"\\n\"; for i in 0..17 { t += t; } done(#{all: t})";
    ground.worker.work(ground.order(1, body)).unwrap();
    let ends = ground.ended().await;
    let AttemptOutcome::Failed(failure) = &ends[0].outcome else {
        panic!("it was told");
    };
    assert!(failure.message.contains("too much to be told"), "{failure:?}");
}
