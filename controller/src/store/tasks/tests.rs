//! A task from state to state, with its counts.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, json};
use shared::clock::ManualClock;
use shared::device::Serial;
use shared::task::TaskState;

use super::*;

async fn store_with(count: usize) -> Store {
    let clock = Arc::new(ManualClock::new(Timestamp::from_second(1_800_000_000).unwrap()));
    let store = Store::memory(clock).await.unwrap();
    let one = NewTask {
        platform: "tiktok".to_owned(),
        pack: "tiktok".to_owned(),
        script: "post".to_owned(),
        config: Map::new(),
        serial: Serial("A".to_owned()),
        account_id: None,
        username: None,
        package: None,
        start_at: None,
        max_retries: None,
        seed: 1,
        sequence: 0,
        queue_key: None,
        of_phone: false,
    };
    let new = vec![one; count];
    store
        .create_tasks(new, TaskSource::Api, "test", None, |_| json!({}))
        .await
        .unwrap();
    store
}

async fn go(store: &Store, id: i64, from: TaskState, to: TaskState, change: TaskChange) -> Option<TaskRow> {
    let now = store.now();
    store
        .write(move |session| Box::pin(async move { turn(session, now, id, from, to, change).await }))
        .await
        .unwrap()
}

async fn through(store: &Store, id: i64, states: &[TaskState]) {
    for two in states.windows(2) {
        assert!(go(store, id, two[0], two[1], TaskChange::new()).await.is_some());
    }
}

async fn counts(store: &Store) -> [u64; 4] {
    let counts = store.task_counts().await.unwrap();
    [counts.pending, counts.running, counts.completed, counts.failed]
}

use TaskState::{Completed, Failed, Handed, Person, Retrying, Running, Stopping, Verifying, Waiting};

#[tokio::test]
async fn a_task_goes_its_way_and_its_counts_go_with_it() {
    let store = store_with(2).await;
    let note = TaskChange::new().waiting_for(Some("phone_away"));
    assert!(
        store
            .write(|session| Box::pin(async move { alter(session, 1, note).await }))
            .await
            .unwrap()
    );
    let attempt = uuid::Uuid::from_u128(9);
    let change = TaskChange::new().attempt(Some(attempt)).attempts(1);
    let handed = go(&store, 1, Waiting, Handed, change).await.unwrap();
    assert_eq!(
        (handed.attempt, handed.attempts, handed.waiting_for),
        (Some(attempt), 1, None)
    );
    assert_eq!(handed.started_at, None, "nobody has it yet");
    assert_eq!(counts(&store).await, [1, 1, 0, 0]);
    let running = go(&store, 1, Handed, Running, TaskChange::new()).await.unwrap();
    assert_eq!(running.started_at, Some(store.now()));
    let change = TaskChange::new()
        .proof(&json!({"url": "x"}))
        .result(&json!({"state": "done"}));
    let done = go(&store, 1, Running, Completed, change).await.unwrap();
    assert_eq!(
        (done.progress, done.attempt, done.ended_at),
        (100, None, Some(store.now()))
    );
    assert_eq!(done.proof, Some(json!({"url": "x"})));
    assert_eq!(counts(&store).await, [1, 0, 1, 0]);
    assert_eq!(store.task(1).await.unwrap().unwrap().row, done);
}

#[tokio::test]
async fn what_is_elsewhere_already_stays_there_and_no_state_is_skipped() {
    let store = store_with(1).await;
    assert_eq!(go(&store, 1, Running, Completed, TaskChange::new()).await, None);
    assert_eq!(go(&store, 7, Waiting, Handed, TaskChange::new()).await, None);
    let now = store.now();
    let wrong = store
        .write(move |session| {
            Box::pin(async move { turn(session, now, 1, Waiting, Completed, TaskChange::new()).await })
        })
        .await;
    assert!(wrong.unwrap_err().to_string().contains("task 1"));
    assert_eq!(counts(&store).await, [1, 0, 0, 0]);
}

#[tokio::test]
async fn a_failed_task_that_waits_again_forgets_why_it_failed() {
    let store = store_with(1).await;
    through(&store, 1, &[Waiting, Handed, Running]).await;
    let change = TaskChange::new()
        .error("timeout", "it took too long")
        .progress(40, Some("posting"));
    let failed = go(&store, 1, Running, Failed, change).await.unwrap();
    assert_eq!(failed.error.as_ref().unwrap().kind, "timeout");
    assert_eq!(failed.progress, 40);
    let again = store.retry_task(1, "anna").await.unwrap();
    assert_eq!((again.state, again.error, again.progress), (Waiting, None, 0));
    assert_eq!(
        (again.started_at, again.ended_at, again.progress_text),
        (None, None, None)
    );
    through(&store, 1, &[Waiting, Handed, Retrying]).await;
    assert_eq!(counts(&store).await, [1, 0, 0, 0]);
}

#[tokio::test]
async fn what_runs_is_asked_to_stop_and_what_it_did_is_done() {
    let store = store_with(3).await;
    through(&store, 1, &[Waiting, Handed, Running]).await;
    let stopping = store.stop_task(1, "anna").await.unwrap();
    assert_eq!(
        (stopping.state, stopping.stop_asked_by.as_deref()),
        (Stopping, Some("anna"))
    );
    assert_eq!(
        store.stop_task(1, "ben").await.unwrap().state,
        Stopping,
        "once is enough"
    );
    assert_eq!(counts(&store).await, [2, 1, 0, 0]);
    assert!(
        go(&store, 1, Stopping, Completed, TaskChange::new())
            .await
            .is_some()
    );
    // What became of its act is found out first.
    through(&store, 2, &[Waiting, Handed, Verifying]).await;
    let asked = store.stop_task(2, "anna").await.unwrap();
    assert_eq!((asked.state, asked.stop_asked_at), (Verifying, Some(store.now())));
    through(&store, 3, &[Waiting, Handed, Person]).await;
    assert_eq!(store.stop_task(3, "anna").await.unwrap().state, Failed);
    assert_eq!(counts(&store).await, [0, 1, 1, 1]);
}

#[tokio::test]
async fn what_is_deleted_while_it_runs_goes_with_its_end() {
    let store = store_with(3).await;
    through(&store, 1, &[Waiting, Handed, Running]).await;
    through(&store, 2, &[Waiting, Handed, Person]).await;
    let deleted = store.delete_tasks(&[1, 2, 3], "anna").await.unwrap();
    assert_eq!(
        deleted.iter().map(|task| task.state).collect::<Vec<_>>(),
        [Stopping, Failed, Waiting]
    );
    assert_eq!(counts(&store).await, [0, 1, 0, 0]);
    assert!(store.task(2).await.unwrap().is_none());
    let running = store.task(1).await.unwrap().unwrap();
    assert!(running.row.delete_asked_at.is_some());
    assert!(go(&store, 1, Stopping, Failed, TaskChange::new()).await.is_some());
    assert!(store.task(1).await.unwrap().is_none());
    assert_eq!(counts(&store).await, [0, 0, 0, 0]);
}
