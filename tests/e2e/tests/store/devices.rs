//! Phones: first sights, indexes, names, groups.

use std::collections::BTreeSet;

use controller::store::{DeviceChange, StoreError};
use shared::device::Serial;

use crate::place::{ALL, Place, on_both, seen};

on_both!(
    an_index_is_given_in_order_of_first_sight_and_stays,
    an_index_chosen_by_hand_is_unique_and_skipped_by_those_given,
    first_sights_at_once_get_different_indexes,
    what_is_not_known_yet_leaves_what_was_known,
    a_phone_that_is_seen_all_the_time_is_written_once_a_minute,
    name_and_groups_are_kept_and_their_change_is_on_record,
);

fn serial(serial: &str) -> Serial {
    Serial(serial.to_owned())
}

async fn an_index_is_given_in_order_of_first_sight_and_stays(place: Place) {
    let store = place.open().await;
    let first = store.record_seen(&[seen("C"), seen("A")]).await.unwrap();
    let then = store
        .record_seen(&[seen("A"), seen("B"), seen("C"), seen("B")])
        .await
        .unwrap();
    let given = |rows: &[controller::store::DeviceRow]| -> Vec<(String, u32)> {
        rows.iter()
            .map(|row| (row.serial.0.clone(), row.device_index))
            .collect()
    };
    assert_eq!(given(&first), [("C".to_owned(), 1), ("A".to_owned(), 2)]);
    assert_eq!(given(&then), [("B".to_owned(), 3)], "only the new one is told");
    assert!(store.record_seen(&[]).await.unwrap().is_empty());
    store.close().await;
    let again = place.open().await;
    assert_eq!(
        given(&again.list_devices().await.unwrap()),
        [("C".to_owned(), 1), ("A".to_owned(), 2), ("B".to_owned(), 3)]
    );
}

async fn an_index_chosen_by_hand_is_unique_and_skipped_by_those_given(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A"), seen("B")]).await.unwrap();
    let change = |index| DeviceChange {
        device_index: Some(index),
        ..DeviceChange::default()
    };
    let taken = store.set_device(&serial("A"), change(2), "test").await;
    assert!(
        matches!(&taken, Err(StoreError::IndexTaken { index: 2, by }) if by == "B"),
        "{taken:?}"
    );
    assert_eq!(
        store
            .set_device(&serial("A"), change(3), "test")
            .await
            .unwrap()
            .device_index,
        3
    );
    assert_eq!(
        store.record_seen(&[seen("C")]).await.unwrap()[0].device_index,
        4,
        "3 is taken"
    );
    // Index 1 is free now, but was somebody's: who reads an old list must not find another phone behind it.
    assert_eq!(store.record_seen(&[seen("D")]).await.unwrap()[0].device_index, 5);
    let nobody = store.set_device(&serial("Z"), change(9), "test").await;
    assert!(matches!(nobody, Err(StoreError::NotFound { .. })), "{nobody:?}");
}

async fn first_sights_at_once_get_different_indexes(place: Place) {
    let stores = [place.open().await, place.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..20 {
        let store = stores[task % 2].clone();
        tasks.spawn(async move {
            // Each phone is seen by four tasks at once, in different orders.
            let mut phones: Vec<_> = (0..8)
                .map(|phone| seen(&format!("P{}", (task / 4) * 8 + phone)))
                .collect();
            phones.rotate_left(task % 8);
            store.record_seen(&phones).await
        });
    }
    let mut told = Vec::new();
    while let Some(rows) = tasks.join_next().await {
        told.extend(rows.unwrap().unwrap().into_iter().map(|row| row.serial.0));
    }
    told.sort();
    assert_eq!(
        told.iter().collect::<BTreeSet<_>>().len(),
        told.len(),
        "a phone is new once"
    );
    let rows = stores[0].list_devices().await.unwrap();
    let indexes: Vec<u32> = rows.iter().map(|row| row.device_index).collect();
    assert_eq!(indexes, (1..=40).collect::<Vec<_>>());
    assert_eq!(told.len(), 40);
}

async fn what_is_not_known_yet_leaves_what_was_known(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let mut bare = seen("A");
    bare.host_id = uuid::Uuid::from_u128(8);
    (bare.manufacturer, bare.model, bare.android, bare.sdk) =
        (String::new(), String::new(), String::new(), 0);
    store.record_seen(&[bare]).await.unwrap();
    let row = store.device(&serial("A")).await.unwrap().unwrap();
    assert_eq!(row.host_id, Some(uuid::Uuid::from_u128(8)));
    assert_eq!(
        (row.model.as_str(), row.android.as_str(), row.sdk),
        ("Pixel 7", "14", 34)
    );
}

async fn a_phone_that_is_seen_all_the_time_is_written_once_a_minute(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let first = store.device(&serial("A")).await.unwrap().unwrap();
    place.advance(59);
    store.record_seen(&[seen("A")]).await.unwrap();
    assert_eq!(store.device(&serial("A")).await.unwrap().unwrap(), first);
    place.advance(2);
    store.record_seen(&[seen("A")]).await.unwrap();
    let later = store.device(&serial("A")).await.unwrap().unwrap();
    assert_eq!(later.last_seen.duration_since(first.last_seen).as_secs(), 61);
    assert_eq!(later.first_seen, first.first_seen);
}

async fn name_and_groups_are_kept_and_their_change_is_on_record(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let change = DeviceChange {
        name: Some("Küche „links“ 🙂".to_owned()),
        groups: Some(vec!["b".to_owned(), "a".to_owned(), "b".to_owned()]),
        ..DeviceChange::default()
    };
    let changed = store
        .set_device(&serial("A"), change.clone(), "token ci")
        .await
        .unwrap();
    assert_eq!(changed.name, "Küche „links“ 🙂");
    assert_eq!(changed.groups, ["a", "b"]);
    assert_eq!(
        store.list_devices().await.unwrap(),
        std::slice::from_ref(&changed)
    );
    assert_eq!(store.device(&serial("A")).await.unwrap(), Some(changed));

    store.set_device(&serial("A"), change, "token ci").await.unwrap();
    let audit = store.list_audit(ALL).await.unwrap();
    assert_eq!(audit.total, 1, "what changes nothing is not on record: {audit:?}");
    let entry = &audit.rows[0].entry;
    assert_eq!(
        (entry.who.as_str(), entry.what.as_str(), entry.subject.as_str()),
        ("token ci", "device.change", "A")
    );
    assert_eq!(entry.before.as_ref().unwrap()["groups"], serde_json::json!([]));
    assert_eq!(
        entry.after.as_ref().unwrap()["groups"],
        serde_json::json!(["a", "b"])
    );

    let none = DeviceChange {
        groups: Some(Vec::new()),
        ..DeviceChange::default()
    };
    assert!(
        store
            .set_device(&serial("A"), none, "test")
            .await
            .unwrap()
            .groups
            .is_empty()
    );
}
