//! One active controller on a database, and how another takes over.

use std::time::{Duration, Instant};

use controller::store::{Lease, Store, StoreError};
use shared::clock::SystemClock;

use crate::other::{self, Other};
use crate::place::{Place, on_both, seen};

on_both!(
    of_many_who_want_to_lead_one_does,
    who_waits_leads_when_the_role_is_given_back,
    who_lost_the_role_is_told_and_writes_no_more,
    a_killed_leader_on_this_machine_is_followed_at_once,
    a_killed_leader_on_another_machine_is_followed_when_its_lease_is_over,
    a_live_leader_keeps_the_role_for_longer_than_its_lease,
    a_database_in_use_is_not_migrated_under_its_controller,
);

const PATIENCE: Duration = Duration::from_secs(30);

/// Short, so that the tests are; and long enough for a machine that is busy with other tests.
const SHORT: Lease = Lease {
    length: Duration::from_secs(6),
    renew_every: Duration::from_millis(300),
    look_every: Duration::from_millis(100),
};

async fn of_many_who_want_to_lead_one_does(place: Place) {
    let stores = [place.open().await, place.open().await];
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..20 {
        let store = stores[task % 2].clone();
        tasks.spawn(async move { store.try_lead(Lease::default()).await });
    }
    let mut leads = Vec::new();
    while let Some(lead) = tasks.join_next().await {
        match lead.unwrap() {
            Ok(lead) => leads.push(lead),
            Err(StoreError::InUse { holder }) => {
                assert!(
                    holder.contains(&format!("the process {}", std::process::id())),
                    "{holder}"
                );
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(leads.len(), 1);
    assert_eq!(leads[0].fence(), 1);
    assert_eq!(stores[1].leader().await.unwrap().unwrap().pid, std::process::id());
}

async fn who_waits_leads_when_the_role_is_given_back(place: Place) {
    let (active, standby) = (place.open().await, place.open().await);
    let lead = active.try_lead(Lease::default()).await.unwrap();
    let (tell, mut told) = tokio::sync::mpsc::channel(4);
    let waiting = tokio::spawn(async move {
        standby
            .lead(Lease::default(), move |holder| {
                tell.try_send(holder.to_string()).unwrap();
            })
            .await
    });
    assert!(told.recv().await.unwrap().contains("the process"));
    let fence = lead.fence();
    lead.release().await.unwrap();
    let next = waiting.await.unwrap().unwrap();
    assert!(next.fence() > fence && next.is_held());
    // Who gave it back may write what needs no role, as the command line does.
    active.record_seen(&[seen("A")]).await.unwrap();
}

async fn who_lost_the_role_is_told_and_writes_no_more(place: Place) {
    let (asleep, other) = (place.open().await, place.open().await);
    let lost = asleep.try_lead(SHORT).await.unwrap();
    asleep.record_seen(&[seen("A")]).await.unwrap();
    // As if it had slept through its lease.
    place
        .tamper("UPDATE leadership SET renewed_at = renewed_at - 60000")
        .await;
    let lead = other.try_lead(SHORT).await.unwrap();
    assert!(lead.fence() > lost.fence());

    // Before it has noticed, and after.
    let error = asleep.record_seen(&[seen("B")]).await.unwrap_err();
    assert!(matches!(error, StoreError::NotLeader), "{error:?}");
    let why = tokio::time::timeout(PATIENCE, lost.lost()).await.unwrap();
    assert!(why.contains("another process"), "{why}");
    assert!(!lost.is_held());
    let error = asleep.next_ids("task", 1).await.unwrap_err();
    assert!(matches!(error, StoreError::NotLeader), "{error:?}");
    assert_eq!(asleep.list_devices().await.unwrap().len(), 1, "it may still read");

    other.record_seen(&[seen("B")]).await.unwrap();
    assert!(lead.is_held());
    // It may lead again, later.
    drop(lost);
    lead.release().await.unwrap();
    let again = asleep.try_lead(SHORT).await.unwrap();
    asleep.record_seen(&[seen("C")]).await.unwrap();
    assert!(again.is_held());
}

async fn a_live_leader_keeps_the_role_for_longer_than_its_lease(place: Place) {
    let (active, standby) = (place.open().await, place.open().await);
    let lead = active.try_lead(SHORT).await.unwrap();
    let waited = tokio::time::timeout(SHORT.length * 3 / 2, standby.lead(SHORT, |_| {})).await;
    assert!(waited.is_err(), "the standby must not lead: {waited:?}");
    assert!(lead.is_held());
    active.record_seen(&[seen("A")]).await.unwrap();
}

async fn a_database_in_use_is_not_migrated_under_its_controller(place: Place) {
    let store = place.open().await;
    let _lead = store.try_lead(Lease::default()).await.unwrap();
    // As an older program would have left it.
    place.tamper("DELETE FROM migrations").await;
    match Store::open(&place.url, place.clock.clone()).await {
        Err(StoreError::InUse { holder }) => assert!(holder.contains("the process"), "{holder}"),
        other => panic!("{other:?}"),
    }
}

async fn a_killed_leader_on_this_machine_is_followed_at_once(place: Place) {
    place.open().await.close().await;
    let mut leader = Other::start("leading::leads_until_it_is_killed", &place.url);
    leader.until("leading now");
    let standby = place.open().await;
    let refused = standby.try_lead(Lease::default()).await;
    let pid = leader.pid().to_string();
    assert!(
        matches!(&refused, Err(StoreError::InUse { holder }) if holder.contains(&pid)),
        "{refused:?}"
    );
    leader.kill();
    let lead = tokio::time::timeout(PATIENCE, standby.lead(Lease::default(), |_| {}));
    assert!(lead.await.unwrap().unwrap().is_held());
}

async fn a_killed_leader_on_another_machine_is_followed_when_its_lease_is_over(place: Place) {
    // Nobody can see from here whether a process of another machine runs.
    place.open().await.close().await;
    let mut leader = Other::start("leading::leads_until_it_is_killed", &place.url);
    leader.until("leading now");
    place
        .tamper("UPDATE leadership SET process = 'another-boot/pid:[1] 1 1'")
        .await;
    let standby = place.open().await;
    leader.kill();
    let looked = Instant::now();
    let renewed = standby.leader().await.unwrap().map(|holder| holder.age);
    let lead = tokio::time::timeout(PATIENCE, standby.lead(Lease::default(), |_| {}));
    assert!(lead.await.unwrap().unwrap().is_held());
    let old = renewed.unwrap() + looked.elapsed();
    // The clock of a database counts whole milliseconds.
    assert!(
        old + Duration::from_millis(10) >= Lease::default().length,
        "the lease of one that is merely slow must be respected: {old:?}"
    );
}

#[tokio::test]
#[ignore = "what another process does in the tests above"]
async fn leads_until_it_is_killed() {
    let Some(url) = other::told_url() else { return };
    let store = Store::open(&url, std::sync::Arc::new(SystemClock)).await.unwrap();
    let lead = store.try_lead(Lease::default()).await.unwrap();
    println!("leading now");
    lead.lost().await;
}
