//! What must not go wrong quietly: half writes, rows and databases that are not ours, a database that goes away.

use std::time::{Duration, Instant};

use controller::store::{AuditEntry, Store, StoreError};
use jiff::Timestamp;
use shared::clock::SystemClock;
use shared::device::Serial;

use crate::other::{self, Other};
use crate::place::{Place, host, on_both, seen};

on_both!(
    a_write_that_fails_takes_back_its_own_part_and_no_other,
    who_does_not_wait_for_the_answer_is_served_all_the_same,
    a_corrupt_row_is_told_by_table_row_and_column,
    a_newer_or_foreign_database_is_refused,
    two_who_open_a_new_database_at_once_both_succeed,
    a_closed_store_says_so,
    what_was_confirmed_is_there_after_a_kill,
);

async fn a_write_that_fails_takes_back_its_own_part_and_no_other(place: Place) {
    let store = place.open().await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..60 {
        let store = store.clone();
        // Two want each id: one of them fails, in the middle of what the others write.
        let id = format!("t{}", task / 2);
        tasks.spawn(async move {
            store
                .create_join_token(&id, "hash", Timestamp::MAX, &format!("task {task}"))
                .await
        });
    }
    let mut refused = 0;
    while let Some(created) = tasks.join_next().await {
        match created.unwrap() {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 30);
    let record = store.list_audit(crate::place::ALL).await.unwrap();
    assert_eq!(
        record.total, 30,
        "one entry for each that stands, none for those that failed"
    );
    let ids: std::collections::BTreeSet<i64> = record.rows.iter().map(|row| row.id).collect();
    assert_eq!(ids.len(), 30);
}

async fn who_does_not_wait_for_the_answer_is_served_all_the_same(place: Place) {
    let store = place.open().await;
    let asked = store.clone();
    let given_up = tokio::time::timeout(Duration::ZERO, async move {
        asked.record_seen(&[seen("A")]).await.unwrap();
    });
    let _ = given_up.await;
    // Whether it came as far as the writer or not: the store goes on, and nothing is half there.
    store.record_seen(&[seen("A"), seen("B")]).await.unwrap();
    let indexes: Vec<u32> = store
        .list_devices()
        .await
        .unwrap()
        .iter()
        .map(|row| row.device_index)
        .collect();
    assert_eq!(indexes, [1, 2]);
}

async fn a_corrupt_row_is_told_by_table_row_and_column(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A"), seen("B")]).await.unwrap();
    place
        .tamper("UPDATE devices SET device_index = -5 WHERE serial = 'B'")
        .await;
    match store.list_devices().await {
        Err(StoreError::Corrupt {
            table, row, column, ..
        }) => {
            assert_eq!(
                (table, row.as_str(), column.as_str()),
                ("devices", "B", "device_index")
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(
        store.device(&Serial("A".to_owned())).await.unwrap().is_some(),
        "the other rows are readable"
    );

    let joined = store.create_host(host("one"), "test").await.unwrap();
    place
        .tamper("UPDATE hosts SET created_at = 9223372036854775807")
        .await;
    let error = store.host(joined.id).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the row {} of the table hosts is corrupt in the column created_at",
            joined.id
        )
    );
    place
        .tamper("UPDATE hosts SET id = 'somebody', created_at = 0")
        .await;
    let error = store.list_hosts().await.unwrap_err().to_string();
    assert!(error.contains("the row somebody of the table hosts"), "{error}");
}

async fn a_newer_or_foreign_database_is_refused(place: Place) {
    place.open().await.close().await;
    let open = async || Store::open(&place.url, place.clock.clone()).await;
    place
        .tamper("INSERT INTO migrations VALUES (999, 'future', 'x', 0)")
        .await;
    match open().await {
        Err(StoreError::NewerDatabase {
            database: 999,
            program,
        }) => assert!(program < 999),
        other => panic!("{other:?}"),
    }
    place.tamper("DELETE FROM migrations WHERE version = 999; UPDATE migrations SET checksum = 'x' WHERE version = 1").await;
    match open().await {
        Err(StoreError::ForeignMigration { version: 1 }) => {}
        other => panic!("{other:?}"),
    }
}

async fn two_who_open_a_new_database_at_once_both_succeed(place: Place) {
    let opened = tokio::join!(place.open(), place.open(), place.open());
    opened.0.record_seen(&[seen("A")]).await.unwrap();
    assert_eq!(opened.1.list_devices().await.unwrap().len(), 1);
    assert_eq!(opened.2.list_devices().await.unwrap().len(), 1);
}

async fn a_closed_store_says_so(place: Place) {
    let store = place.open().await;
    let late = store.clone();
    store.close().await;
    for error in [
        late.record_seen(&[seen("A")]).await.unwrap_err(),
        late.next_ids("task", 1).await.unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::Closed), "{error:?}");
    }
}

async fn what_was_confirmed_is_there_after_a_kill(place: Place) {
    place.open().await.close().await;
    let mut confirmed = Vec::new();
    for _ in 0..3 {
        let mut writer = Other::start("safety::writes_until_it_is_killed", &place.url);
        for _ in 0..20 {
            writer.until("confirmed ");
        }
        // Lines are read in order, so those skipped above are ids below the first that is left.
        let rest = writer.kill();
        confirmed.extend(
            rest.iter()
                .filter_map(|line| line.split("confirmed ").nth(1)?.trim().parse::<i64>().ok()),
        );
    }
    let store = place.open().await;
    let record = store.list_audit(crate::place::ALL).await.unwrap();
    let ids: std::collections::BTreeSet<i64> = record.rows.iter().map(|row| row.id).collect();
    assert!(record.total >= 60, "{}", record.total);
    let lost: Vec<&i64> = confirmed.iter().filter(|id| !ids.contains(id)).collect();
    assert!(lost.is_empty(), "confirmed and gone: {lost:?}");
    assert_eq!(
        ids.last().copied(),
        Some(i64::try_from(ids.len()).unwrap()),
        "ids without gaps or repeats"
    );
}

#[tokio::test]
#[ignore = "what another process does in the test above"]
async fn writes_until_it_is_killed() {
    let Some(url) = other::told_url() else { return };
    let store = Store::open(&url, std::sync::Arc::new(SystemClock)).await.unwrap();
    loop {
        let entries = (0..8).map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                let id = store
                    .append_audit(AuditEntry::new("other", "count", task.to_string()))
                    .await
                    .unwrap();
                println!("confirmed {id}");
            })
        });
        for entry in entries.collect::<Vec<_>>() {
            entry.await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_postgres_that_goes_away_and_comes_back_is_used_again_with_what_it_confirmed() {
    let mut place = Place::postgres().await;
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    place.server.as_mut().unwrap().kill();
    let error = store.record_seen(&[seen("B")]).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Away(_) | StoreError::Busy(_)),
        "an error that says to try again: {error:?}"
    );
    place.server.as_mut().unwrap().start_again().await.unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while let Err(error) = store.record_seen(&[seen("B")]).await {
        assert!(Instant::now() < deadline, "{error:?}");
        tokio::task::yield_now().await;
    }
    assert_eq!(store.list_devices().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_file_of_sqlite_is_its_owners_alone_and_one_file_when_closed() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    for entry in std::fs::read_dir(place.folder()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    store.close().await;
    let left: Vec<_> = std::fs::read_dir(place.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["drover.db"], "a closed database is one file");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let place = Place::sqlite();
    let path = place.folder().join("drover.db");
    let text = "this was meant to be a shopping list\n".repeat(300);
    std::fs::write(&path, &text).unwrap();
    let error = Store::open(&place.url, place.clock.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}
