//! Phones whose place others took: what only they could tell is asked of a person, what waits goes on.

use super::*;
use crate::store::Replacement;
use shared::device::DeviceState;

async fn replace(farm: &Farm, old: &str, new: &str) {
    let seen = |serial: &str| crate::store::SeenDevice {
        serial: Serial(serial.to_owned()),
        host_id: HOST,
        manufacturer: "Google".to_owned(),
        model: "Pixel 7".to_owned(),
        android: "14".to_owned(),
        sdk: 34,
    };
    farm.store.record_seen(&[seen(old), seen(new)]).await.unwrap();
    let wanted = Replacement {
        old: Serial(old.to_owned()),
        aliases: Vec::new(),
        new: Serial(new.to_owned()),
        new_aliases: Vec::new(),
        merge: false,
    };
    farm.store.replace_device(wanted, "test").await.unwrap();
    farm.scheduler.wake_all();
}

fn goes_away(farm: &Farm, serial: &str) {
    let mut devices = lock(&farm.hubs.devices);
    let live = devices.get_mut(&Serial(serial.to_owned())).unwrap();
    let mut gone = live.as_ref().clone();
    gone.device.state = DeviceState::Unplugged;
    *live = Arc::new(gone);
}

#[tokio::test]
async fn an_act_on_a_phone_that_is_gone_for_good_is_asked_of_a_person_at_once() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let attempt = farm.order(task).await;
    farm.grant(attempt).await;
    goes_away(&farm, "A");
    farm.end(attempt, failed("device_gone")).await;
    farm.state(task, TaskState::Verifying).await;
    replace(&farm, "A", "B").await;
    let row = farm.comes_to(task, TaskState::Person).await;
    assert_eq!(row.serial.0, "A");
    let items = farm.store.attention_of(task).await.unwrap();
    assert_eq!(items[0].item.kind, "unknown");
    assert!(items[0].item.grant.is_some());
    let why = &items[0].item.message;
    assert!(why.contains("A is away and B has taken its place"), "{why}");
}

#[tokio::test]
async fn an_act_on_a_replaced_phone_that_is_still_here_is_looked_for_there() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let attempt = farm.order(task).await;
    farm.grant(attempt).await;
    farm.end(attempt, failed("timeout")).await;
    farm.state(task, TaskState::Verifying).await;
    replace(&farm, "A", "B").await;
    // Handed out once more, on the old phone: to look.
    let row = farm.comes_to(task, TaskState::Running).await;
    assert_eq!((row.serial.0.as_str(), row.attempts), ("A", 2));
}

#[tokio::test]
async fn what_was_asked_of_a_replaced_phone_a_moment_too_late_runs_on_the_other() {
    let farm = Farm::with_limit(9).await;
    goes_away(&farm, "A");
    replace(&farm, "A", "B").await;
    let late = farm.create("A", "follow").await;
    let row = farm.comes_to(late, TaskState::Running).await;
    assert_eq!(row.serial.0, "B");
}

#[tokio::test]
async fn who_is_logged_in_on_a_replaced_phone_is_not_bound_to_it_again() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "match_accounts").await;
    let attempt = farm.order(task).await;
    replace(&farm, "A", "B").await;
    let found = json!({"accounts": [{"username": "jane"}]}).to_string();
    farm.end(attempt, AttemptOutcome::Done { result: found }).await;
    let row = farm.state(task, TaskState::Completed).await;
    assert_eq!(row.result.unwrap()["replaced_by"], "B");
    let jane = shared::account::Username::parse("jane").unwrap();
    let known = farm
        .store
        .account_by_username(shared::account::Platform::TikTok, &jane)
        .await
        .unwrap();
    assert_eq!(known, None);
}
