//! Evidence while the farm runs for long.

use super::*;

fn size_of(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.metadata() {
        Ok(about) if about.is_dir() => size_of(&entry.path()),
        Ok(about) => about.len(),
        Err(_) => 0,
    });
    sizes.sum()
}

#[tokio::test]
async fn the_disk_that_evidence_takes_stays_bounded_and_running_work_keeps_its_own() {
    const MOST: u64 = 10_000;
    let farm = Farm::with_limit(9).await;
    let mut rules = WorkRules::default();
    rules.evidence_most = MOST;
    farm.scheduler.set_rules(rules);
    let running = farm.create("B", "follow").await;
    let held = farm.order(running).await;
    let send = async |attempt: Uuid| {
        let sent = farm
            .engine
            .evidence(HOST, attempt.into_bytes(), "screen.png", vec![7; 3_000]);
        assert_eq!(sent.await, ControllerReply::Done);
    };
    send(held).await;
    let (mut last, mut first) = (Uuid::nil(), None);
    for _ in 0..12 {
        let task = farm.create("A", "account_warmup").await;
        last = farm.order(task).await;
        first.get_or_insert(last);
        send(last).await;
        let result = "{}".to_owned();
        assert_eq!(
            farm.end(last, AttemptOutcome::Done { result }).await,
            ControllerReply::Done
        );
        farm.clock.advance(Duration::from_secs(301));
        let bounded = async {
            while size_of(farm.data.path()) > MOST {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(DEADLINE * 2, bounded).await;
        assert!(waited.is_ok(), "{} bytes", size_of(farm.data.path()));
    }
    assert_eq!(size_of(farm.data.path()), 9_000, "no more goes than has to");
    let is_there = |attempt: Uuid| artifact_file(farm.data.path(), attempt, "screen.png").is_file();
    assert!(is_there(held) && is_there(last) && !is_there(first.unwrap()));
    assert_eq!(farm.store.evidence_size().await.unwrap(), 9_000);
    // A folder goes a moment after the last file in it.
    let artifacts = farm.data.path().join("artifacts");
    let folders = || std::fs::read_dir(&artifacts).unwrap().count();
    let emptied = async {
        while folders() > 3 {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(DEADLINE * 2, emptied).await;
    assert!(waited.is_ok(), "no empty folder stays: {}", folders());
}

#[tokio::test]
async fn a_file_that_comes_after_the_end_is_told_of() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let attempt = farm.order(task).await;
    assert_eq!(farm.end(attempt, failed("private")).await, ControllerReply::Done);
    farm.state(task, TaskState::Failed).await;
    let sent = farm
        .engine
        .evidence(HOST, attempt.into_bytes(), "screen.png", vec![7; 3]);
    assert_eq!(sent.await, ControllerReply::Done);
    let heard = lock(&farm.heard.0).clone();
    assert_eq!(heard.last(), Some(&format!("{task} left screen.png")));
    // What is refused is not told.
    let refused = farm
        .engine
        .evidence(HOST, attempt.into_bytes(), "../screen.png", vec![7; 3]);
    assert!(matches!(refused.await, ControllerReply::Failed { .. }));
    assert_eq!(lock(&farm.heard.0).len(), heard.len());
}
