//! Packs that were edited: every version is kept and found by its content, one is in force, and of two who change the same
//! one only the first does. Flows that are switched off begin nothing.

use controller::store::{
    HandOut, NewAttempt, NewPackVersion, NotNow, PackContent, PackOrigin, StoreError, TaskSource,
};
use serde_json::json;
use shared::clock::Clock as _;
use shared::device::Serial;
use uuid::Uuid;

use crate::place::{ALL, Place, on_both, seen};
use crate::schedules::task;

on_both!(
    every_version_is_kept_and_one_is_in_force,
    of_two_who_change_the_same_pack_the_second_is_told,
    a_flow_that_is_off_begins_nothing_and_says_why,
);

fn content(text: &str) -> PackContent {
    PackContent {
        hash: format!("hash of {text}"),
        label: text.to_owned(),
        files: vec![
            ("elements.toml".to_owned(), text.to_owned()),
            ("pack.toml".to_owned(), "the same in all".to_owned()),
        ],
    }
}

/// The pack tiktok as `text`, made from `before`, which came along.
pub(crate) fn edited(text: &str, before: Option<&str>) -> NewPackVersion {
    NewPackVersion {
        instead_of: None,
        pack: "tiktok".to_owned(),
        content: content(text),
        how: PackOrigin::Edited,
        reason: format!("because of {text}"),
        beneath: Some((PackOrigin::BuiltIn, content("a"))),
        made_from: before.map(|before| format!("hash of {before}")),
    }
}

async fn every_version_is_kept_and_one_is_in_force(place: Place) {
    let store = place.open().await;
    assert!(store.packs_in_force().await.unwrap().is_empty());
    let one = store.put_pack_in_force(edited("b", Some("a")), "anna").await;
    let one = one.unwrap().unwrap();
    assert_eq!(
        (one.number, one.who.as_str()),
        (2, "anna"),
        "the first is what came along"
    );
    place.advance(60);
    // The same once more is no version.
    let same = store.put_pack_in_force(edited("b", None), "anna").await.unwrap();
    assert_eq!(same, None);
    store
        .put_pack_in_force(edited("c", Some("b")), "berta")
        .await
        .unwrap();
    // Another process sees the same.
    let other = place.open().await;
    let in_force = other.packs_in_force().await.unwrap();
    assert_eq!(in_force.len(), 1);
    assert_eq!((in_force[0].0.number, &in_force[0].1), (3, &content("c").files));
    let versions = other.pack_versions("tiktok").await.unwrap();
    let told: Vec<_> = versions
        .iter()
        .map(|row| (row.number, row.how, row.label.as_str(), row.who.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (3, PackOrigin::Edited, "c", "berta"),
            (2, PackOrigin::Edited, "b", "anna"),
            (1, PackOrigin::BuiltIn, "a", ""),
        ]
    );
    for text in ["a", "b", "c"] {
        let found = other.pack_texts(&format!("hash of {text}")).await.unwrap();
        assert_eq!(found, content(text).files);
    }
    assert!(other.pack_texts("hash of d").await.unwrap().is_empty());
    let (_, texts) = other.pack_version("tiktok", 2).await.unwrap().unwrap();
    assert_eq!(texts, content("b").files);
    assert_eq!(other.pack_version("tiktok", 9).await.unwrap(), None);

    assert!(
        store
            .take_pack_out("tiktok", "it was fine", "anna")
            .await
            .unwrap()
    );
    assert!(
        !store
            .take_pack_out("tiktok", "it was fine", "anna")
            .await
            .unwrap()
    );
    assert!(store.packs_in_force().await.unwrap().is_empty());
    assert_eq!(store.pack_versions("tiktok").await.unwrap().len(), 3);
    // What lies beneath is kept once.
    let back = store.put_pack_in_force(edited("b", Some("a")), "anna").await;
    assert_eq!(back.unwrap().unwrap().number, 4);
    let record = store.list_audit(ALL).await.unwrap();
    let told: Vec<&str> = record.rows.iter().map(|row| row.entry.what.as_str()).collect();
    assert_eq!(
        told,
        ["pack.change", "pack.original", "pack.change", "pack.change"]
    );
    assert_eq!(
        record.rows[2].entry.after.as_ref().unwrap()["reason"],
        "because of c"
    );
}

async fn of_two_who_change_the_same_pack_the_second_is_told(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    one.put_pack_in_force(edited("b", Some("a")), "anna")
        .await
        .unwrap();
    let late = other.put_pack_in_force(edited("c", Some("a")), "berta").await;
    assert!(
        matches!(&late, Err(StoreError::Conflict(why)) if why.contains("tiktok")),
        "{late:?}"
    );
    let in_force = other.packs_in_force().await.unwrap();
    assert_eq!(in_force[0].0.label, "b");
    assert_eq!(one.pack_versions("tiktok").await.unwrap().len(), 2);
}

async fn a_flow_that_is_off_begins_nothing_and_says_why(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("P1")]).await.unwrap();
    let made = store.create_tasks(vec![task("P1")], TaskSource::Api, "test", None, |_| json!({}));
    made.await.unwrap();
    let now = place.clock.now();
    let queue = store.queue("P1", now, 1).await.unwrap();
    assert_eq!(queue.runnable.len(), 1);
    let task = queue.runnable[0].clone();

    assert!(store.switch_flow("tiktok", "post", false, "anna").await.unwrap());
    assert!(!store.switch_flow("tiktok", "post", false, "anna").await.unwrap());
    store
        .switch_flow("instagram", "post", false, "anna")
        .await
        .unwrap();
    assert_eq!(store.pending_by_flow().await.unwrap().len(), 1);
    let queue = store.queue("P1", now, 1).await.unwrap();
    assert!(queue.runnable.is_empty());
    assert!(queue.blocked[0].1.starts_with("flow_disabled: "), "{queue:?}");
    // Whoever had read it before is told, too.
    let new = NewAttempt {
        id: Uuid::new_v4(),
        task: task.id,
        host: Uuid::from_u128(7),
        serial: Serial("P1".to_owned()),
        pack_hash: "hash of a".to_owned(),
        lease: std::time::Duration::from_secs(60),
    };
    let handed = store.hand_out(new.clone()).await.unwrap();
    assert!(
        matches!(&handed, HandOut::NotNow(NotNow::FlowOff { script, .. }) if script == "post"),
        "{handed:?}"
    );
    assert!(store.switch_flow("tiktok", "post", true, "anna").await.unwrap());
    assert_eq!(store.queue("P1", now, 1).await.unwrap().runnable.len(), 1);
    let handed = store.hand_out(new).await.unwrap();
    assert!(matches!(handed, HandOut::Handed { .. }), "{handed:?}");
}
