//! Hosts: tokens that are good once, certificates, revocation.

use controller::store::{CertificateRow, HostRow, Store, StoreError, Taken};
use jiff::{SignedDuration, Timestamp};

use crate::place::{ALL, Place, host, on_both};

on_both!(
    of_fifty_who_race_for_a_token_one_wins,
    the_same_request_again_gets_the_same_host,
    a_token_is_refused_with_its_reason,
    a_machine_that_joins_again_with_its_key_stays_the_same_host,
    a_revoked_host_gets_no_certificate,
    a_host_shows_its_newest_certificate,
);

async fn token(place: &Place, store: &Store, seconds: i64) {
    let now: Timestamp = shared::clock::Clock::now(&*place.clock);
    let end = now + SignedDuration::from_secs(seconds);
    store.create_join_token("t1", "hash", end, "test").await.unwrap();
}

async fn of_fifty_who_race_for_a_token_one_wins(place: Place) {
    let stores = [place.open().await, place.open().await];
    token(&place, &stores[0], 3600).await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..50 {
        let store = stores[task % 2].clone();
        tasks.spawn(async move {
            let name = format!("host {task}");
            store
                .take_join_token("t1", "hash", &format!("csr {task}"), host(&name))
                .await
        });
    }
    let mut winners = Vec::new();
    while let Some(taken) = tasks.join_next().await {
        match taken.unwrap().unwrap() {
            Taken::Taken(host) => winners.push(host),
            other => assert_eq!(other, Taken::Used),
        }
    }
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(stores[1].list_hosts().await.unwrap(), winners);
}

async fn the_same_request_again_gets_the_same_host(place: Place) {
    let store = place.open().await;
    token(&place, &store, 3600).await;
    let Taken::Taken(first) = store
        .take_join_token("t1", "hash", "csr", host("one"))
        .await
        .unwrap()
    else {
        panic!("the token is good");
    };
    // The answer was lost, and the token's hour is over when the agent asks again.
    place.advance(7200);
    let again = store
        .take_join_token("t1", "hash", "csr", host("two"))
        .await
        .unwrap();
    assert_eq!(again, Taken::SameAgain(first.clone()));
    assert_eq!(store.list_hosts().await.unwrap(), [first]);
}

async fn a_token_is_refused_with_its_reason(place: Place) {
    let store = place.open().await;
    token(&place, &store, 60).await;
    let take = async |id, secret, csr| store.take_join_token(id, secret, csr, host(csr)).await.unwrap();
    assert_eq!(take("t2", "hash", "a").await, Taken::Unknown);
    assert_eq!(
        take("t1", "guess", "a").await,
        Taken::Unknown,
        "a wrong secret is not told from a wrong token"
    );
    place.advance(60);
    assert_eq!(take("t1", "hash", "a").await, Taken::Expired);
    assert!(store.list_hosts().await.unwrap().is_empty());
    let twice = store
        .create_join_token("t1", "other", Timestamp::MAX, "test")
        .await;
    assert!(
        matches!(&twice, Err(StoreError::Conflict(why)) if why == "it exists already"),
        "{twice:?}"
    );
}

async fn a_machine_that_joins_again_with_its_key_stays_the_same_host(place: Place) {
    let store = place.open().await;
    let first = store.create_host(host("one"), "test").await.unwrap();
    token(&place, &store, 60).await;
    let again = store
        .take_join_token("t1", "hash", "csr", host("one"))
        .await
        .unwrap();
    assert_eq!(again, Taken::Taken(first.clone()));
    assert_eq!(store.list_hosts().await.unwrap(), std::slice::from_ref(&first));

    // Once revoked, its key opens nothing, and the token stays good for another machine.
    store.revoke_host(first.id, "test").await.unwrap();
    store
        .create_join_token("t2", "hash", Timestamp::MAX, "test")
        .await
        .unwrap();
    match store
        .take_join_token("t2", "hash", "csr 2", host("one"))
        .await
        .unwrap()
    {
        Taken::SameAgain(host) => assert!(host.revoked_at.is_some()),
        other => panic!("{other:?}"),
    }
    let other = store
        .take_join_token("t2", "hash", "csr 3", host("two"))
        .await
        .unwrap();
    assert!(matches!(other, Taken::Taken(_)), "{other:?}");
}

fn certificate(host: &HostRow, serial: &str, at: Timestamp) -> CertificateRow {
    CertificateRow {
        serial: serial.to_owned(),
        host_id: host.id,
        csr_hash: format!("request of {serial}"),
        issued_at: at,
        not_after: at + SignedDuration::from_hours(168),
        pem: format!("-----BEGIN {serial}-----"),
    }
}

async fn a_revoked_host_gets_no_certificate(place: Place) {
    let store = place.open().await;
    let joined = store.create_host(host("one"), "test").await.unwrap();
    assert_eq!(
        store.host_by_key("key of one").await.unwrap(),
        Some(joined.clone())
    );
    let revoked = store.revoke_host(joined.id, "test").await.unwrap();
    place.advance(5);
    assert_eq!(
        store.revoke_host(joined.id, "test").await.unwrap(),
        revoked,
        "the first time stays"
    );
    let refused = store
        .record_certificate(certificate(&joined, "01", joined.created_at))
        .await;
    assert!(
        matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("revoked")),
        "{refused:?}"
    );
    assert!(
        store
            .host_by_key("key of one")
            .await
            .unwrap()
            .unwrap()
            .revoked_at
            .is_some()
    );
    let record = store.list_audit(ALL).await.unwrap();
    let words: Vec<&str> = record.rows.iter().map(|row| row.entry.what.as_str()).collect();
    assert_eq!(words, ["host.revoke", "host.join"]);
    let nobody = store.revoke_host(uuid::Uuid::nil(), "test").await;
    assert!(
        matches!(nobody, Err(StoreError::NotFound { what: "host", .. })),
        "{nobody:?}"
    );
}

async fn a_host_shows_its_newest_certificate(place: Place) {
    let store = place.open().await;
    let joined = store.create_host(host("one"), "test").await.unwrap();
    assert_eq!(joined.certificate_serial, None);
    let first = certificate(&joined, "01", joined.created_at);
    let second = certificate(&joined, "02", joined.created_at + SignedDuration::from_hours(100));
    store.record_certificate(second.clone()).await.unwrap();
    store.record_certificate(first.clone()).await.unwrap();
    let mut orphan = first.clone();
    orphan.host_id = uuid::Uuid::nil();
    let refused = store.record_certificate(orphan).await;
    assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    let twice = store.record_certificate(first.clone()).await;
    assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");

    let row = store.host(joined.id).await.unwrap().unwrap();
    assert_eq!(row.certificate_serial.as_deref(), Some("02"));
    assert_eq!(row.certificate_not_after, Some(second.not_after));
    assert_eq!(
        store.certificate_for(joined.id, "request of 01").await.unwrap(),
        Some(first)
    );
    assert_eq!(store.certificate_for(joined.id, "another").await.unwrap(), None);

    store.touch_host(joined.id, "0.1.0").await.unwrap();
    let row = store.host(joined.id).await.unwrap().unwrap();
    assert_eq!(
        (row.agent_version.as_deref(), row.last_seen.is_some()),
        (Some("0.1.0"), true)
    );
}
