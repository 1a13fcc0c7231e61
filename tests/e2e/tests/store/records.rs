//! Ids, API tokens, settings, the record of changes.

use std::collections::BTreeSet;

use controller::store::{AuditEntry, NewApiToken, Page};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::place::{ALL, Place, on_both};

on_both!(
    ids_are_given_once_however_many_ask,
    a_token_opens_until_it_expires_or_is_revoked,
    a_setting_keeps_its_type_and_its_changes_are_on_record,
    the_record_is_read_in_pages_newest_first,
);

async fn ids_are_given_once_however_many_ask(place: Place) {
    let stores = [place.open().await, place.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..40 {
        let store = stores[task % 2].clone();
        tasks.spawn(async move { store.next_ids("task", 3).await });
    }
    let mut given = BTreeSet::new();
    while let Some(first) = tasks.join_next().await {
        let first = first.unwrap().unwrap();
        for id in first..first + 3 {
            assert!(given.insert(id), "{id} was given twice");
        }
    }
    assert_eq!(given, (1..=120).collect());
    for store in stores {
        store.close().await;
    }
    let again = place.open().await;
    assert_eq!(again.next_ids("task", 1).await.unwrap(), 121);
    assert_eq!(again.next_ids("other", 1).await.unwrap(), 1);
}

async fn a_token_opens_until_it_expires_or_is_revoked(place: Place) {
    let store = place.open().await;
    let end = shared::clock::Clock::now(&*place.clock) + SignedDuration::from_secs(100);
    let new = |name: &str, expires_at| NewApiToken {
        name: name.to_owned(),
        scopes: vec!["devices:read".to_owned(), "devices:input".to_owned()],
        hash: format!("hash of {name}"),
        expires_at,
    };
    let short = store
        .create_api_token(new("short", Some(end)), "test")
        .await
        .unwrap();
    let long = store.create_api_token(new("long", None), "test").await.unwrap();
    assert!(long.id > short.id);

    let found = store.find_api_token("hash of short").await.unwrap().unwrap();
    assert_eq!(
        (found.id, found.scopes.len(), found.last_used_at),
        (short.id, 2, None)
    );
    let used = store.list_api_tokens().await.unwrap();
    assert_eq!(used[1].last_used_at, Some(short.created_at), "its use is noted");
    assert_eq!(store.find_api_token("hash of nobody").await.unwrap(), None);

    place.advance(100);
    assert_eq!(
        store.find_api_token("hash of short").await.unwrap(),
        None,
        "it has expired"
    );
    assert!(store.find_api_token("hash of long").await.unwrap().is_some());
    store.revoke_api_token(long.id, "test").await.unwrap();
    assert_eq!(
        store.find_api_token("hash of long").await.unwrap(),
        None,
        "it is revoked"
    );

    let record = format!("{:?}", store.list_audit(ALL).await.unwrap());
    assert!(
        record.contains("api_token.revoke") && !record.contains("hash of"),
        "{record}"
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Heat {
    pause_at: u32,
    words: Option<String>,
}

async fn a_setting_keeps_its_type_and_its_changes_are_on_record(place: Place) {
    let store = place.open().await;
    assert_eq!(store.setting::<Heat>("heat").await.unwrap(), None);
    let heat = Heat {
        pause_at: 42,
        words: Some("zu heiß".to_owned()),
    };
    store.set_setting("heat", &heat, "anna").await.unwrap();
    store.set_setting("heat", &heat, "anna").await.unwrap();
    assert_eq!(store.setting::<Heat>("heat").await.unwrap(), Some(heat));
    let wrong = store.setting::<Vec<u8>>("heat").await.unwrap_err().to_string();
    assert!(wrong.contains("heat") && wrong.contains("settings"), "{wrong}");
    store.set_setting("always_200", &true, "ben").await.unwrap();
    store.clear_setting("heat", "ben").await.unwrap();
    store.clear_setting("heat", "ben").await.unwrap();
    assert_eq!(
        store.settings().await.unwrap(),
        [("always_200".to_owned(), json!(true))].into()
    );

    let record = store.list_audit(ALL).await.unwrap().rows;
    let words: Vec<(&str, &str)> = record
        .iter()
        .map(|row| (row.entry.what.as_str(), row.entry.who.as_str()))
        .collect();
    assert_eq!(
        words,
        [
            ("setting.clear", "ben"),
            ("setting.change", "ben"),
            ("setting.change", "anna")
        ]
    );
    assert_eq!(record[0].entry.before.as_ref().unwrap()["pause_at"], 42);
    assert_eq!(record[0].entry.after, None);
}

async fn the_record_is_read_in_pages_newest_first(place: Place) {
    let store = place.open().await;
    for number in 1..=25 {
        place.advance(1);
        store
            .append_audit(AuditEntry::new("test", "count", number.to_string()))
            .await
            .unwrap();
    }
    let page = store.list_audit(Page { number: 2, size: 10 }).await.unwrap();
    assert_eq!(page.total, 25);
    let subjects: Vec<&str> = page.rows.iter().map(|row| row.entry.subject.as_str()).collect();
    assert_eq!(subjects, ["15", "14", "13", "12", "11", "10", "9", "8", "7", "6"]);
    assert!(page.rows[0].at > page.rows[1].at);
    let beyond = store.list_audit(Page { number: 4, size: 10 }).await.unwrap();
    assert!(beyond.rows.is_empty());
}
