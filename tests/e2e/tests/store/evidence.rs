//! Evidence is forgotten when its time is over, and never that of work that is not.

use controller::store::{AttemptLine, Ending, How, NewAttention, Resolution, Store, Told, Verdict};
use shared::clock::Clock as _;
use shared::task::TaskState;
use uuid::Uuid;

use crate::grants::{begin, create, ended, failed, task, to};
use crate::place::{ALL, Place, on_both};

on_both!(
    evidence_is_forgotten_by_age_and_not_that_of_work_that_is_not_over,
    the_oldest_evidence_is_told_first_with_its_size,
);

/// An attempt with two files, of 30 bytes, and a line.
async fn evidence(place: &Place, store: &Store, serial: &str) -> (i64, Uuid) {
    let id = create(store, task(serial, "follow", None)).await;
    let at = begin(store, id, serial).await;
    for (name, size) in [("screen.png", 20), ("steps.jsonl", 10)] {
        store.note_artifact(at, id, name, size).await.unwrap();
    }
    let line = AttemptLine {
        number: 0,
        at: place.clock.now(),
        line: "tapped".to_owned(),
    };
    let told = Told {
        attempt: at,
        task: id,
        progress: None,
        language: None,
        lines: vec![line],
    };
    store.note_told(vec![told]).await.unwrap();
    (id, at)
}

async fn close(store: &Store, attempt: Uuid, ending: Ending) {
    let how: How = ended(attempt, failed("timeout"));
    store.close_attempt(attempt, how, |_| ending).await.unwrap();
}

async fn evidence_is_forgotten_by_age_and_not_that_of_work_that_is_not_over(place: Place) {
    let store = place.open().await;
    let (over, at_over) = evidence(&place, &store, "over").await;
    let (_, at_running) = evidence(&place, &store, "running").await;
    let (_, at_retrying) = evidence(&place, &store, "retrying").await;
    let (person, at_person) = evidence(&place, &store, "person").await;
    let (deleted, at_deleted) = evidence(&place, &store, "deleted").await;
    close(&store, at_over, to(TaskState::Failed)).await;
    close(&store, at_retrying, to(TaskState::Retrying)).await;
    let item = NewAttention {
        task: Some(person),
        grant: None,
        account_id: None,
        serial: Some("person".to_owned()),
        kind: "captcha".to_owned(),
        message: "look".to_owned(),
        held_until: None,
    };
    let asks = Ending {
        attention: Some(item),
        ..to(TaskState::Person)
    };
    close(&store, at_person, asks).await;
    close(&store, at_deleted, to(TaskState::Failed)).await;
    store.delete_tasks(&[deleted], "test").await.unwrap();
    let edge = place.clock.now();
    assert!(store.evidence_before(edge, 9).await.unwrap().is_empty());
    place.advance(60);
    let mut old = store.evidence_before(place.clock.now(), 9).await.unwrap();
    old.sort();
    let mut free = vec![at_over, at_deleted];
    free.sort();
    assert_eq!(old, free);
    assert_eq!(
        store.evidence_before(place.clock.now(), 1).await.unwrap().len(),
        1
    );
    // Also where it is asked for by name: the task may have been taken up since.
    let asked = vec![at_over, at_running, at_retrying, at_person, at_deleted];
    let forgotten = store.forget_evidence(asked).await.unwrap();
    let mut gone = forgotten.attempts;
    gone.sort();
    assert_eq!((gone, forgotten.files.len()), (free, 4));
    assert!(store.artifacts_of(over).await.unwrap().is_empty());
    assert!(store.attempt_lines(at_over, 0, 9).await.unwrap().is_empty());
    for kept in [at_running, at_retrying, at_person] {
        assert_eq!(store.attempt_lines(kept, 0, 9).await.unwrap().len(), 1);
        assert_eq!(store.evidence_names(vec![kept]).await.unwrap().len(), 2);
    }
    assert!(
        store
            .evidence_before(place.clock.now(), 9)
            .await
            .unwrap()
            .is_empty()
    );
    // The person has come.
    let waiting = store.list_attention(true, ALL).await.unwrap().rows.remove(0);
    let given_up = store.resolve_attention(
        waiting.row.id,
        Verdict::of(Resolution::Abandon),
        "Ann",
        controller::scheduler::proof_of_main_act,
    );
    given_up.await.unwrap();
    assert_eq!(
        store.evidence_before(place.clock.now(), 9).await.unwrap(),
        [at_person]
    );
}

async fn the_oldest_evidence_is_told_first_with_its_size(place: Place) {
    let store = place.open().await;
    assert_eq!(store.evidence_size().await.unwrap(), 0);
    let (_, first) = evidence(&place, &store, "first").await;
    let (_, second) = evidence(&place, &store, "second").await;
    let (_, _running) = evidence(&place, &store, "running").await;
    // What counts is when it was over.
    close(&store, second, to(TaskState::Completed)).await;
    place.advance(60);
    close(&store, first, to(TaskState::Failed)).await;
    assert_eq!(store.evidence_size().await.unwrap(), 90);
    let oldest = store.oldest_evidence(9).await.unwrap();
    assert_eq!(oldest, [(second, 30), (first, 30)]);
    assert_eq!(store.oldest_evidence(1).await.unwrap(), [(second, 30)]);
    let none = store.forget_evidence(Vec::new()).await.unwrap();
    assert!(none.attempts.is_empty());
    store.forget_evidence(vec![second]).await.unwrap();
    assert_eq!(store.evidence_size().await.unwrap(), 60);
}
