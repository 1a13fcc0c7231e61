//! Backups that nobody asks for each time.

use std::time::Duration;

use controller::backup::{BackupPlan, BackupStatus, scheduled};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::backups::files;
use crate::place::{Place, seen};

#[tokio::test]
async fn backups_by_themselves_keep_the_newest_few_and_go_on_after_a_restart() {
    let place = Place::sqlite();
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let plan = BackupPlan {
        folder: place.folder().join("backups"),
        every: Duration::from_secs(3600),
        keep: 2,
    };
    let run = |plan: BackupPlan| {
        let (status, watch) = tokio::sync::watch::channel(BackupStatus::default());
        let stop = CancellationToken::new();
        let task = tokio::spawn(scheduled(
            store.clone(),
            plan,
            place.clock.clone(),
            status,
            stop.clone(),
        ));
        (watch, stop, task)
    };
    let (mut watch, stop, task) = run(plan.clone());
    let until = async |watch: &mut tokio::sync::watch::Receiver<BackupStatus>, count: i64| {
        let at =
            "2026-03-01T08:00:00Z".parse::<Timestamp>().unwrap() + jiff::SignedDuration::from_hours(count);
        let wanted = |status: &BackupStatus| {
            status.next.is_some_and(|next| next.as_second() > at.as_second())
                && status
                    .last
                    .as_ref()
                    .is_some_and(|last| last.at.as_second() == at.as_second())
        };
        tokio::time::timeout(Duration::from_secs(30), watch.wait_for(wanted))
            .await
            .unwrap()
            .unwrap();
    };
    until(&mut watch, 0).await;
    for count in 1..=3 {
        place.advance(3600);
        until(&mut watch, count).await;
    }
    let names = ["drover-20260301T100000Z.db", "drover-20260301T110000Z.db"];
    assert_eq!(files(&plan.folder), names);
    stop.cancel();
    task.await.unwrap();

    // After a restart half an hour later the next one is due in half an hour.
    place.advance(1800);
    let (mut watch, stop, task) = run(plan.clone());
    let status = watch
        .wait_for(|status| status.next.is_some())
        .await
        .unwrap()
        .clone();
    assert_eq!(status.last.unwrap().file, plan.folder.join(names[1]));
    place.advance(1800);
    until(&mut watch, 4).await;
    assert_eq!(files(&plan.folder), [names[1], "drover-20260301T120000Z.db"]);
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test]
async fn a_backup_by_itself_that_fails_is_told_and_tried_again_soon() {
    let place = Place::sqlite();
    let store = place.open().await;
    let folder = place.folder().join("backups");
    std::fs::write(&folder, "in the way").unwrap();
    let plan = BackupPlan {
        folder: folder.clone(),
        every: Duration::from_secs(86_400),
        keep: 3,
    };
    let (status, mut watch) = tokio::sync::watch::channel(BackupStatus::default());
    let stop = CancellationToken::new();
    let task = tokio::spawn(scheduled(store, plan, place.clock.clone(), status, stop.clone()));
    let within = Duration::from_secs(30);
    let trouble = |status: &BackupStatus| {
        status.trouble.is_some() && status.next > status.trouble.as_ref().map(|t| t.0)
    };
    let told = tokio::time::timeout(within, watch.wait_for(trouble))
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert!(told.trouble.unwrap().1.contains("backups"));
    std::fs::remove_file(&folder).unwrap();
    place.advance(300);
    let better = |status: &BackupStatus| status.last.is_some();
    let status = tokio::time::timeout(within, watch.wait_for(better))
        .await
        .unwrap()
        .unwrap()
        .clone();
    assert_eq!(status.trouble, None);
    stop.cancel();
    task.await.unwrap();
}
