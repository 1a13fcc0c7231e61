//! What only the store itself can see; the rest is tested from outside, on both databases.

use super::*;
use shared::device::Serial;

#[tokio::test]
async fn a_store_in_memory_gives_indexes_in_order_of_first_sight() {
    let store = Store::memory(Arc::new(shared::clock::SystemClock)).await.unwrap();
    let seen = |serial: &str| SeenDevice {
        serial: Serial(serial.to_owned()),
        host_id: uuid::Uuid::new_v4(),
        manufacturer: "Google".to_owned(),
        model: "Pixel 7".to_owned(),
        android: "14".to_owned(),
        sdk: 34,
    };
    let first = store.record_seen(&[seen("B"), seen("A")]).await.unwrap();
    assert_eq!(
        first.iter().map(|row| row.device_index).collect::<Vec<_>>(),
        [1, 2]
    );
    assert!(store.record_seen(&[seen("A")]).await.unwrap().is_empty());
    assert_eq!(store.list_devices().await.unwrap().len(), 2);
    store.close().await;
}

#[tokio::test]
async fn a_commit_to_a_file_is_on_the_disk_before_it_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::file(folder.path().join("drover.db"));
    let store = Store::open(&url, Arc::new(shared::clock::SystemClock))
        .await
        .unwrap();
    let ask = async |pragma: &'static str| {
        store
            .write(move |session| Box::pin(async move { session::sql(pragma).row(session).await }))
            .await
            .unwrap()
            .unwrap()
    };
    let full = 2;
    assert_eq!(ask("PRAGMA synchronous").await.value::<i64>(0).unwrap(), full);
    assert_eq!(
        ask("PRAGMA journal_mode").await.value::<String>(0).unwrap(),
        "wal"
    );
    assert_eq!(ask("PRAGMA foreign_keys").await.value::<i64>(0).unwrap(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_fault_in_one_piece_of_work_ends_that_work_alone() {
    let store = Store::memory(Arc::new(shared::clock::SystemClock)).await.unwrap();
    let faulty = store
        .write(|session| {
            Box::pin(async move {
                counters::take(session, "faulty", 5).await?;
                Ok("nothing".parse::<i64>().unwrap())
            })
        })
        .await;
    assert!(matches!(faulty, Err(StoreError::Failed { .. })), "{faulty:?}");
    // What it had changed is taken back, and the next one is served.
    assert_eq!(store.next_ids("faulty", 1).await.unwrap(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_full_disk_fails_what_is_written_and_nothing_that_stands() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::file(folder.path().join("drover.db"));
    let store = Store::open(&url, Arc::new(shared::clock::SystemClock))
        .await
        .unwrap();
    let limit = async |pragma: &'static str| {
        let set =
            store.write(move |session| Box::pin(async move { session::sql(pragma).row(session).await }));
        set.await.unwrap();
    };
    limit("PRAGMA max_page_count = 60").await;
    let entry = AuditEntry::new("test", "fill", "x".repeat(5000));
    let mut stands = 0;
    let error = loop {
        // Several at once, so that one that does not fit shares its transaction with others that did.
        let (a, b) = tokio::join!(
            store.append_audit(entry.clone()),
            store.append_audit(entry.clone())
        );
        let results = [a, b];
        stands += results.iter().filter(|result| result.is_ok()).count() as u64;
        if let Some(error) = results.into_iter().find_map(Result::err) {
            break error;
        }
    };
    assert!(matches!(error, StoreError::Full(_)), "{error:?}");
    limit("PRAGMA max_page_count = 1000").await;
    store.append_audit(entry).await.unwrap();
    let page = Page {
        number: 1,
        size: 1000,
    };
    let listed = store.list_audit(page).await.unwrap();
    assert_eq!(listed.total, stands + 1);
    let ids: Vec<i64> = listed.rows.iter().rev().map(|row| row.id).collect();
    assert_eq!(
        ids,
        (1..=stands as i64 + 1).collect::<Vec<_>>(),
        "a number whose row failed is free again"
    );
    store.close().await;
}

#[tokio::test]
async fn a_store_in_memory_can_be_led_and_read_after_the_role_is_lost() {
    let store = Store::memory(Arc::new(shared::clock::SystemClock)).await.unwrap();
    drop(store.try_lead(Lease::default()).await.unwrap());
    assert!(matches!(
        store.next_ids("task", 1).await,
        Err(StoreError::NotLeader)
    ));
    assert!(store.list_devices().await.unwrap().is_empty());
}
