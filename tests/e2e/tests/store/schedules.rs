//! Schedules and groups: kept whole, and each moment of a schedule run once whoever asks for it, and however often.

use controller::schedules::{Missed, Moment};
use controller::store::{
    Fired, Firing, GroupChange, NewTask, NextMoment, RunOutcome, RunState, ScheduleSpec, Store, StoreError,
    TaskQuery, Turned,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use shared::clock::Clock as _;
use shared::device::Serial;

use crate::place::{ALL, Place, on_both, seen};

on_both!(
    a_schedule_is_kept_whole_and_changed_by_who_has_seen_it,
    a_moment_is_run_once_though_two_ask_for_it_at_once,
    what_has_changed_meanwhile_is_not_run,
    a_run_by_hand_takes_no_moment_away,
    a_run_whose_tasks_cannot_be_written_is_not_there,
    what_is_due_is_found_by_its_time,
    runs_are_kept_by_age,
    groups_and_phones_are_in_step,
);

#[expect(
    clippy::needless_pass_by_value,
    reason = "so that json! can be written in place"
)]
fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) fn spec(name: &str) -> ScheduleSpec {
    ScheduleSpec {
        name: name.to_owned(),
        enabled: true,
        timing: object(json!({"cron": "0 9 * * *"})),
        zone: None,
        jitter_minutes: 0,
        missed: Missed::Skip,
        grace_minutes: None,
        valid_from: None,
        valid_until: None,
        task: object(json!({"script_name": "post", "groups": ["a"]})),
    }
}

pub(crate) fn task(serial: &str) -> NewTask {
    NewTask {
        platform: "tiktok".to_owned(),
        pack: "tiktok".to_owned(),
        script: "post".to_owned(),
        config: Map::new(),
        serial: Serial(serial.to_owned()),
        account_id: None,
        username: None,
        package: None,
        start_at: None,
        max_retries: None,
        seed: 1,
        sequence: 0,
        queue_key: None,
        of_phone: false,
    }
}

/// So many minutes after the clock.
fn minute(place: &Place, minutes: i64) -> Moment {
    let due = place.clock.now() + SignedDuration::from_mins(minutes);
    let due = Timestamp::from_second(due.as_second()).unwrap();
    Moment { due, at: due }
}

async fn made(store: &Store, name: &str, next: Moment) -> i64 {
    let row = store
        .create_schedule(spec(name), move |_| Some(next), "test")
        .await;
    row.unwrap().id
}

pub(crate) fn firing(schedule: i64, from: Moment, to: Option<Moment>) -> Firing {
    Firing {
        schedule,
        revision: 1,
        due: from.due,
        outcome: RunOutcome::Created {
            tasks: vec![task("A"), task("B")],
            skipped: json!([{"serial": "C", "reason": "account_disabled"}]),
            warnings: vec!["look".to_owned()],
        },
        missed: 2,
        missed_from: Some(from.due - SignedDuration::from_hours(2)),
        key: None,
        by_itself: Some(Turned { from: from.due, to }),
        who: "schedule 1 (one)".to_owned(),
    }
}

async fn tasks_of(store: &Store, schedule: i64) -> u64 {
    let query = TaskQuery {
        schedule: Some(schedule),
        ..TaskQuery::default()
    };
    store.list_tasks(query, ALL).await.unwrap().total
}

async fn a_schedule_is_kept_whole_and_changed_by_who_has_seen_it(place: Place) {
    let store = place.open().await;
    let full = ScheduleSpec {
        zone: Some("Europe/Stockholm".to_owned()),
        jitter_minutes: 7,
        missed: Missed::RunOnce,
        grace_minutes: Some(9),
        valid_from: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        valid_until: Some("2027-01-01T00:00:00Z".parse().unwrap()),
        ..spec("one \u{1f642}")
    };
    let next = minute(&place, 3);
    let row = store
        .create_schedule(full.clone(), move |_| Some(next), "test")
        .await
        .unwrap();
    assert_eq!((&row.spec, row.next, row.revision), (&full, Some(next), 1));
    assert_eq!(store.schedule(row.id).await.unwrap().unwrap(), row);
    let taken = store.create_schedule(full.clone(), |_| None, "test").await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    let mut other = full.clone();
    other.enabled = false;
    let changed = store
        .change_schedule(row.id, 1, other.clone(), NextMoment::Set(None), "test")
        .await
        .unwrap();
    assert_eq!(
        (changed.spec, changed.next, changed.revision),
        (other.clone(), None, 2)
    );
    let late = store
        .change_schedule(row.id, 1, other, NextMoment::Keep, "test")
        .await;
    assert!(matches!(late, Err(StoreError::Conflict(_))), "{late:?}");
    let record = store.list_audit(ALL).await.unwrap().rows;
    assert_eq!(record[0].entry.what, "schedule.change");
    assert_eq!(record[0].entry.before.as_ref().unwrap()["enabled"], true);
    store.delete_schedule(row.id, "test").await.unwrap();
    assert_eq!(store.schedule(row.id).await.unwrap(), None);
    let gone = store.delete_schedule(row.id, "test").await;
    assert!(matches!(gone, Err(StoreError::NotFound { .. })), "{gone:?}");
}

async fn a_moment_is_run_once_though_two_ask_for_it_at_once(place: Place) {
    let (one, two) = (place.open().await, place.open().await);
    let id = made(&one, "one", minute(&place, 0)).await;
    for step in 0..10 {
        let (from, to) = (minute(&place, step), minute(&place, step + 1));
        let (a, b) = tokio::join!(
            one.fire_schedule(firing(id, from, Some(to))),
            two.fire_schedule(firing(id, from, Some(to)))
        );
        let both = [a.unwrap(), b.unwrap()];
        let ran = both
            .iter()
            .filter(|fired| matches!(fired, Fired::Run { .. }))
            .count();
        assert_eq!(ran, 1, "{both:?}");
        assert_eq!(one.schedule(id).await.unwrap().unwrap().next, Some(to));
    }
    let runs = one.list_runs(id, ALL).await.unwrap();
    assert_eq!((runs.total, tasks_of(&one, id).await), (10, 20));
    let run = &runs.rows[9];
    assert_eq!((run.state, run.missed, run.tasks), (RunState::Created, 2, 2));
    assert_eq!(
        (run.first_task, run.warnings.as_slice()),
        (Some(1), ["look".to_owned()].as_slice())
    );
    assert_eq!(run.skipped[0]["serial"], "C");
    assert_eq!(one.task(2).await.unwrap().unwrap().row.schedule_id, Some(id));
    // Also where the schedule waits for a moment that it has run before.
    let again = minute(&place, 3);
    assert!(
        one.move_schedule(id, minute(&place, 10).due, Some(again))
            .await
            .unwrap()
    );
    let fired = one
        .fire_schedule(firing(id, again, Some(minute(&place, 11))))
        .await
        .unwrap();
    assert_eq!(fired, Fired::Before);
    assert_eq!(
        one.schedule(id).await.unwrap().unwrap().next,
        Some(minute(&place, 11))
    );
    assert_eq!(tasks_of(&one, id).await, 20);
}

async fn what_has_changed_meanwhile_is_not_run(place: Place) {
    let store = place.open().await;
    let (from, to) = (minute(&place, 0), minute(&place, 1));
    let id = made(&store, "one", from).await;
    let other = firing(id, to, None);
    assert_eq!(
        store.fire_schedule(other).await.unwrap(),
        Fired::Stale,
        "another moment"
    );
    store
        .change_schedule(id, 1, spec("two"), NextMoment::Keep, "test")
        .await
        .unwrap();
    let old = firing(id, from, Some(to));
    assert_eq!(
        store.fire_schedule(old).await.unwrap(),
        Fired::Stale,
        "another revision"
    );
    let mut off = spec("two");
    off.enabled = false;
    store
        .change_schedule(id, 2, off, NextMoment::Keep, "test")
        .await
        .unwrap();
    let mut disabled = firing(id, from, Some(to));
    disabled.revision = 3;
    assert_eq!(
        store.fire_schedule(disabled).await.unwrap(),
        Fired::Stale,
        "disabled"
    );
    assert_eq!(
        store.fire_schedule(firing(99, from, None)).await.unwrap(),
        Fired::Stale
    );
    assert_eq!(store.list_runs(id, ALL).await.unwrap().total, 0);
    assert_eq!(store.task_counts().await.unwrap().total(), 0);
}

async fn a_run_by_hand_takes_no_moment_away(place: Place) {
    let store = place.open().await;
    let from = minute(&place, 0);
    let id = made(&store, "one", from).await;
    let by_hand = || Firing {
        key: None,
        by_itself: None,
        ..firing(id, from, None)
    };
    for _ in 0..3 {
        assert!(matches!(
            store.fire_schedule(by_hand()).await.unwrap(),
            Fired::Run { .. }
        ));
    }
    assert_eq!(store.schedule(id).await.unwrap().unwrap().next, Some(from));
    let fired = store.fire_schedule(firing(id, from, None)).await.unwrap();
    assert!(matches!(fired, Fired::Run { .. }), "{fired:?}");
    assert_eq!(store.schedule(id).await.unwrap().unwrap().next, None);
    assert_eq!(store.list_runs(id, ALL).await.unwrap().total, 4);
    assert_eq!(tasks_of(&store, id).await, 8);
}

async fn a_run_whose_tasks_cannot_be_written_is_not_there(place: Place) {
    let store = place.open().await;
    let (from, to) = (minute(&place, 0), minute(&place, 1));
    let id = made(&store, "one", from).await;
    // The numbers of tasks are taken already.
    store.fire_schedule(firing(id, from, Some(to))).await.unwrap();
    place
        .tamper("UPDATE counters SET value = 0 WHERE name = 'task'")
        .await;
    let failed = store.fire_schedule(firing(id, to, None)).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(
        store.schedule(id).await.unwrap().unwrap().next,
        Some(to),
        "it waits still"
    );
    assert_eq!(store.list_runs(id, ALL).await.unwrap().total, 1);
    place
        .tamper("UPDATE counters SET value = 2 WHERE name = 'task'")
        .await;
    let fired = store.fire_schedule(firing(id, to, None)).await.unwrap();
    assert!(matches!(fired, Fired::Run { .. }), "{fired:?}");
    assert_eq!(tasks_of(&store, id).await, 4);
}

async fn what_is_due_is_found_by_its_time(place: Place) {
    let store = place.open().await;
    let now = place.clock.now();
    assert_eq!(store.next_schedule_at().await.unwrap(), None);
    for (name, minutes) in [("late", 9), ("first", -5), ("second", -4)] {
        made(&store, name, minute(&place, minutes)).await;
    }
    let mut off = spec("off");
    off.enabled = false;
    store.create_schedule(off, |_| None, "test").await.unwrap();
    let due = store.due_schedules(now, 10).await.unwrap();
    let names: Vec<&str> = due.iter().map(|row| row.spec.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!(store.due_schedules(now, 1).await.unwrap().len(), 1);
    assert_eq!(
        store.next_schedule_at().await.unwrap(),
        Some(minute(&place, -5).at)
    );
    assert_eq!(store.list_schedules(Some(false), ALL).await.unwrap().total, 1);
    assert_eq!(
        store.list_schedules(None, ALL).await.unwrap().rows[0].spec.name,
        "off"
    );
    assert_eq!(store.enabled_schedules().await.unwrap().len(), 3);
}

async fn runs_are_kept_by_age(place: Place) {
    let store = place.open().await;
    let id = made(&store, "one", minute(&place, 0)).await;
    store
        .fire_schedule(firing(id, minute(&place, 0), Some(minute(&place, 1))))
        .await
        .unwrap();
    let then = place.clock.now() + SignedDuration::from_secs(1);
    place.advance(60);
    let from = Moment {
        due: minute(&place, 0).due,
        at: minute(&place, 0).at,
    };
    store.fire_schedule(firing(id, from, None)).await.unwrap();
    assert_eq!(store.forget_runs(then).await.unwrap(), (1, false));
    assert_eq!(store.list_runs(id, ALL).await.unwrap().rows[0].id, 2);
    assert_eq!(store.last_runs(vec![id, 99]).await.unwrap().len(), 1);
    assert_eq!(tasks_of(&store, id).await, 4, "tasks are no runs");
}

async fn groups_and_phones_are_in_step(place: Place) {
    let store = place.open().await;
    store
        .record_seen(&[seen("B"), seen("A"), seen("C")])
        .await
        .unwrap();
    let serial = |name: &str| Serial(name.to_owned());
    let made = store
        .create_group("a", vec![serial("A"), serial("B")], "test")
        .await
        .unwrap();
    assert_eq!(made.group.serials, [serial("B"), serial("A")], "by index");
    assert_eq!(made.phones[0].groups, ["a"]);
    let taken = store.create_group("a", vec![], "test").await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
    let id = store
        .create_schedule(spec("one"), |_| None, "test")
        .await
        .unwrap()
        .id;
    let change = GroupChange {
        name: Some("b".to_owned()),
        add: vec![serial("C")],
        remove: vec![serial("A")],
    };
    let done = store.change_group("a", change, "test").await.unwrap();
    assert_eq!(done.group.serials, [serial("B"), serial("C")]);
    assert_eq!(done.group.created_at, made.group.created_at);
    let told: Vec<(&str, &[String])> = done
        .phones
        .iter()
        .map(|phone| (phone.serial.0.as_str(), phone.groups.as_slice()))
        .collect();
    let b = ["b".to_owned()];
    assert_eq!(
        told,
        [("A", [].as_slice()), ("B", b.as_slice()), ("C", b.as_slice())]
    );
    let schedule = store.schedule(id).await.unwrap().unwrap();
    assert_eq!(
        (&schedule.spec.task["groups"], schedule.revision),
        (&json!(["b"]), 2)
    );
    let refused = store.delete_group("b", "test").await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let unknown = store
        .create_group("c", vec![serial("A"), serial("Z")], "test")
        .await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
    assert_eq!(store.list_groups().await.unwrap().len(), 1, "all or nothing");
    store.delete_schedule(id, "test").await.unwrap();
    store.delete_group("b", "test").await.unwrap();
    assert!(store.list_groups().await.unwrap().is_empty());
    assert!(
        store
            .device(&serial("B"))
            .await
            .unwrap()
            .unwrap()
            .groups
            .is_empty()
    );
}
