//! A phone takes the place of another one: all goes to it, or nothing.

use controller::schedules::{Missed, Moment};
use controller::store::{
    DeviceChange, HandOut, How, NewAttention, NewTask, NotNow, Replaced, Replacement, ScheduleSpec, Store,
    StoreError,
};
use serde_json::{Map, Value, json};
use shared::device::Serial;
use shared::task::TaskState;

use crate::grants::{account, answer, ask, attempt, begin, create, granted, row, task, to};
use crate::moves::{bind, farm, of_phone};
use crate::place::{ALL, Place, on_both};

on_both!(
    everything_goes_to_the_other_phone,
    what_runs_on_the_old_phone_ends_there_and_goes_then,
    an_act_in_question_holds_its_account_on_the_new_phone_too,
    what_cannot_be_replaced_is_refused_and_changes_nothing,
    a_phone_of_accounts_takes_more_only_where_that_was_said,
    a_replaced_phone_is_back_in_use_when_that_is_said,
    places_are_taken_one_after_the_other,
);

fn serial(name: &str) -> Serial {
    Serial(name.to_owned())
}

fn wanted(old: &str, new: &str) -> Replacement {
    Replacement {
        old: serial(old),
        aliases: Vec::new(),
        new: serial(new),
        new_aliases: Vec::new(),
        merge: false,
    }
}

async fn replace(store: &Store, old: &str, new: &str) -> Replaced {
    store.replace_device(wanted(old, new), "anna").await.unwrap()
}

async fn schedule(store: &Store, name: &str, on: Value) -> i64 {
    let mut task = json!({"script_name": "sync_data", "script_config": {}});
    for (key, value) in on.as_object().unwrap() {
        task[key] = value.clone();
    }
    let spec = ScheduleSpec {
        name: name.to_owned(),
        enabled: true,
        timing: Map::from_iter([("cron".to_owned(), json!("0 9 * * *"))]),
        zone: None,
        jitter_minutes: 0,
        missed: Missed::Skip,
        grace_minutes: None,
        valid_from: None,
        valid_until: None,
        task: task.as_object().unwrap().clone(),
    };
    let due = "2026-03-02T09:00:00Z".parse().unwrap();
    let made = store.create_schedule(spec, move |_| Some(Moment { due, at: due }), "test");
    made.await.unwrap().id
}

async fn named_by(store: &Store, id: i64) -> Value {
    store
        .schedule(id)
        .await
        .unwrap()
        .unwrap()
        .spec
        .task
        .get("serials")
        .cloned()
        .unwrap_or_default()
}

async fn everything_goes_to_the_other_phone(place: Place) {
    let (store, jane) = farm(&place).await;
    let joe = account(&store, "joe").await;
    // Bound by another name of the same phone.
    bind(&store, joe, Some("127.0.0.1:6007"), false).await;
    let change = DeviceChange {
        name: Some("Left".to_owned()),
        groups: Some(vec!["shelf".to_owned(), "us".to_owned()]),
        ..DeviceChange::default()
    };
    store.set_device(&serial("A"), change, "test").await.unwrap();
    let change = DeviceChange {
        groups: Some(vec!["spare".to_owned(), "us".to_owned()]),
        ..DeviceChange::default()
    };
    store.set_device(&serial("B"), change, "test").await.unwrap();
    let both = schedule(&store, "both", json!({"serials": ["B", "A", "C"]})).await;
    let alias = schedule(&store, "alias", json!({"serials": ["127.0.0.1:6007"]})).await;
    let others = schedule(&store, "others", json!({"serials": ["C"]})).await;
    let names = schedule(&store, "names", json!({"usernames": ["jane"]})).await;
    let waits = create(&store, task("A", "post", Some(jane))).await;
    let of_a = create(&store, of_phone(task("A", "post", Some(jane)))).await;
    let bare = create(&store, of_phone(task("A", "sync_data", None))).await;
    let elsewhere = create(&store, of_phone(task("C", "sync_data", None))).await;
    let done = store
        .replace_device(
            Replacement {
                aliases: vec!["127.0.0.1:6007".to_owned()],
                ..wanted("A", "B")
            },
            "anna",
        )
        .await
        .unwrap();
    let now = shared::clock::Clock::now(&*place.clock);
    assert_eq!(
        (
            done.new.device_index,
            done.new.name.as_str(),
            done.new.groups.join(" ")
        ),
        (1, "Left", "shelf spare us".to_owned())
    );
    assert_eq!(
        (
            done.old.device_index,
            done.old.name.as_str(),
            done.old.groups.len()
        ),
        (2, "", 0)
    );
    assert_eq!(
        (
            done.old.replaced_by.clone(),
            done.old.replaced_at,
            &done.new.replaced_by
        ),
        (Some(serial("B")), Some(now), &None)
    );
    let accounts: Vec<_> = done.accounts.iter().map(|row| (row.id, row.logined)).collect();
    assert_eq!(accounts, [(jane, false), (joe, false)]);
    assert_eq!(done.logged_in, ["tiktok/jane"]);
    for id in [jane, joe] {
        let listed = store.account(id).await.unwrap().unwrap();
        assert_eq!(
            (listed.row.device, listed.row.logined),
            (Some(serial("B")), false)
        );
    }
    assert_eq!(done.tasks, [waits, of_a, bare]);
    for id in [waits, of_a, bare] {
        assert_eq!(row(&store, id).await.serial, serial("B"), "task {id}");
    }
    assert_eq!(row(&store, elsewhere).await.serial, serial("C"));
    let told: Vec<_> = done
        .schedules
        .iter()
        .map(|(id, name)| (*id, name.as_str()))
        .collect();
    assert_eq!(told, [(both, "both"), (alias, "alias")]);
    assert_eq!(named_by(&store, both).await, json!(["B", "C"]), "each once");
    assert_eq!(named_by(&store, alias).await, json!(["B"]));
    assert_eq!(named_by(&store, others).await, json!(["C"]));
    assert_eq!(named_by(&store, names).await, Value::Null);
    assert!(done.unfinished.is_empty());
    let record = store.list_audit(ALL).await.unwrap();
    let entry = &record.rows[0].entry;
    assert_eq!(
        (entry.what.as_str(), entry.subject.as_str(), entry.who.as_str()),
        ("device.replace", "A", "anna")
    );
    assert_eq!(
        entry.before,
        Some(json!({
            "device_index": 1, "name": "Left", "groups": ["shelf", "us"],
            "accounts": ["tiktok/jane", "tiktok/joe"],
        }))
    );
    assert_eq!(
        entry.after,
        Some(json!({
            "by": "B", "tasks": [waits, of_a, bare], "ends_first": [], "schedules": [both, alias],
            "session_left_on": "A", "session_left_of": ["tiktok/jane"],
        }))
    );
    assert_eq!(record.rows[1].entry.what, "account.change");
    // What has no account begins at once; what is an account's after its login.
    let queue = store.queue("B", now, 9).await.unwrap();
    assert_eq!(
        queue.runnable.iter().map(|task| task.id).collect::<Vec<_>>(),
        [bare]
    );
    bind(&store, jane, Some("B"), true).await;
    let queue = store.queue("B", now, 9).await.unwrap();
    assert_eq!(
        queue.runnable.iter().map(|task| task.id).collect::<Vec<_>>(),
        [waits, of_a, bare]
    );
}

async fn what_runs_on_the_old_phone_ends_there_and_goes_then(place: Place) {
    let (store, jane) = farm(&place).await;
    let runs = create(&store, of_phone(task("A", "follow", Some(jane)))).await;
    let first = begin(&store, runs, "A").await;
    let waits = create(&store, task("A", "follow", Some(jane))).await;
    let done = replace(&store, "A", "B").await;
    assert_eq!((done.running(), done.in_question()), (vec![runs], vec![]));
    bind(&store, jane, Some("B"), true).await;
    let refused = store.hand_out(attempt(waits, "B")).await.unwrap();
    assert_eq!(refused, HandOut::NotNow(NotNow::AccountBusy { task: runs }));
    let lost = How::Lost {
        why: "its host is away".to_owned(),
    };
    store
        .close_attempt(first, lost, |_| to(TaskState::Retrying))
        .await
        .unwrap();
    let gone = row(&store, runs).await;
    assert_eq!(gone.serial, serial("B"), "also what was asked for by the phone");
    begin(&store, runs, "B").await;
}

async fn an_act_in_question_holds_its_account_on_the_new_phone_too(place: Place) {
    let (store, jane) = farm(&place).await;
    let asked = create(&store, task("A", "post", Some(jane))).await;
    let first = begin(&store, asked, "A").await;
    granted(&answer(&store, ask(first, 1, "clip")).await);
    let lost = How::Lost {
        why: "its host is away".to_owned(),
    };
    store
        .close_attempt(first, lost, |_| to(TaskState::Verifying))
        .await
        .unwrap();
    let waits = create(&store, task("A", "post", Some(jane))).await;
    let done = replace(&store, "A", "B").await;
    assert_eq!((done.running(), done.in_question()), (vec![], vec![asked]));
    bind(&store, jane, Some("B"), true).await;
    let refused = store.hand_out(attempt(waits, "B")).await.unwrap();
    assert_eq!(refused, HandOut::NotNow(NotNow::AccountHeld { task: asked }));
    assert_eq!(
        row(&store, asked).await.serial,
        serial("A"),
        "it is looked for there"
    );
    let there = store.verifying_on_replaced().await.unwrap();
    assert_eq!(
        there
            .iter()
            .map(|(task, by)| (task.id, by.0.as_str()))
            .collect::<Vec<_>>(),
        [(asked, "B")]
    );
    // A person says what became of it; the task goes on where the account is.
    let item = NewAttention {
        task: Some(asked),
        grant: None,
        account_id: Some(jane),
        serial: Some("A".to_owned()),
        kind: "unknown".to_owned(),
        message: "look".to_owned(),
        held_until: None,
    };
    store.need_person(asked, item).await.unwrap().unwrap();
    let waiting = store.attention_of(asked).await.unwrap();
    let verdict = controller::store::Verdict::of(controller::store::Resolution::NotDone);
    let resolved = store
        .resolve_attention(waiting[0].id, verdict, "anna", |_, _| None)
        .await
        .unwrap();
    let gone = resolved.task.unwrap();
    assert_eq!((gone.state, gone.serial), (TaskState::Waiting, serial("B")));
}

async fn what_cannot_be_replaced_is_refused_and_changes_nothing(place: Place) {
    let (store, jane) = farm(&place).await;
    let waits = create(&store, task("A", "follow", Some(jane))).await;
    let before = (
        store.list_devices().await.unwrap(),
        store.list_audit(ALL).await.unwrap(),
    );
    for (old, new) in [("A", "NEVER"), ("NEVER", "A")] {
        let refused = store.replace_device(wanted(old, new), "anna").await;
        assert!(matches!(refused, Err(StoreError::NotFound { .. })), "{refused:?}");
    }
    let refused = store.replace_device(wanted("A", "A"), "anna").await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))), "{refused:?}");
    let crowded = DeviceChange {
        groups: Some((0..50).map(|number| format!("group {number}")).collect()),
        ..DeviceChange::default()
    };
    let lonely = DeviceChange {
        groups: Some(vec!["another".to_owned()]),
        ..DeviceChange::default()
    };
    assert_eq!(
        (
            store.list_devices().await.unwrap(),
            store.list_audit(ALL).await.unwrap()
        ),
        before
    );
    store.set_device(&serial("B"), crowded, "test").await.unwrap();
    store.set_device(&serial("A"), lonely, "test").await.unwrap();
    let before = (
        store.list_devices().await.unwrap(),
        store.list_audit(ALL).await.unwrap(),
    );
    let refused = store.replace_device(wanted("A", "B"), "anna").await;
    assert!(
        matches!(&refused, Err(StoreError::Conflict(why)) if why.contains("more than 50 groups")),
        "{refused:?}"
    );
    assert_eq!(
        (
            store.list_devices().await.unwrap(),
            store.list_audit(ALL).await.unwrap()
        ),
        before,
        "all or nothing"
    );
    assert_eq!(row(&store, waits).await.serial, serial("A"));
    assert_eq!(
        store.account(jane).await.unwrap().unwrap().row.device,
        Some(serial("A"))
    );
}

async fn a_phone_of_accounts_takes_more_only_where_that_was_said(place: Place) {
    let (store, jane) = farm(&place).await;
    let joe = account(&store, "joe").await;
    bind(&store, joe, Some("B"), true).await;
    let refused = store.replace_device(wanted("A", "B"), "anna").await;
    assert!(
        matches!(&refused, Err(StoreError::Conflict(why))
            if why.contains("B has accounts of its own: tiktok/joe") && why.contains("merge=true")),
        "{refused:?}"
    );
    let merge = Replacement {
        merge: true,
        ..wanted("A", "B")
    };
    let done = store.replace_device(merge, "anna").await.unwrap();
    assert_eq!(done.accounts.iter().map(|row| row.id).collect::<Vec<_>>(), [jane]);
    let joe = store.account(joe).await.unwrap().unwrap();
    assert!(joe.row.logined, "its own account stays as it is");
}

async fn a_replaced_phone_is_back_in_use_when_that_is_said(place: Place) {
    let (store, jane) = farm(&place).await;
    replace(&store, "A", "B").await;
    let again = store.replace_device(wanted("A", "C"), "anna").await;
    assert!(
        matches!(&again, Err(StoreError::Conflict(why)) if why.contains("B has taken the place of A already")),
        "{again:?}"
    );
    let again = store.replace_device(wanted("B", "A"), "anna").await;
    assert!(
        matches!(&again, Err(StoreError::Conflict(why)) if why.contains("\"replaced\": false")),
        "{again:?}"
    );
    // A task that was worked out a moment before is sent on.
    let late = create(&store, of_phone(task("A", "sync_data", None))).await;
    let sent = store.send_on_from_replaced().await.unwrap();
    assert_eq!(
        sent.iter()
            .map(|task| (task.id, task.serial.clone()))
            .collect::<Vec<_>>(),
        [(late, serial("B"))]
    );
    let back = DeviceChange {
        back: true,
        ..DeviceChange::default()
    };
    let row = store.set_device(&serial("A"), back, "ben").await.unwrap();
    assert_eq!((row.replaced_by, row.replaced_at), (None, None));
    let record = store.list_audit(ALL).await.unwrap();
    assert_eq!(record.rows[0].entry.before.as_ref().unwrap()["replaced_by"], "B");
    let stays: NewTask = of_phone(task("A", "sync_data", None));
    let stays = create(&store, stays).await;
    assert!(store.send_on_from_replaced().await.unwrap().is_empty());
    begin(&store, stays, "A").await;
    // It is repaired, and takes the other's place in turn.
    let done = replace(&store, "B", "A").await;
    assert_eq!(done.accounts.iter().map(|row| row.id).collect::<Vec<_>>(), [jane]);
    assert_eq!(done.new.device_index, 1);
}

async fn places_are_taken_one_after_the_other(place: Place) {
    let (store, jane) = farm(&place).await;
    let runs = create(&store, of_phone(task("A", "follow", Some(jane)))).await;
    let first = begin(&store, runs, "A").await;
    replace(&store, "A", "B").await;
    replace(&store, "B", "C").await;
    let lost = How::Lost {
        why: "gone".to_owned(),
    };
    store
        .close_attempt(first, lost, |_| to(TaskState::Retrying))
        .await
        .unwrap();
    assert_eq!(row(&store, runs).await.serial, serial("C"));
    let indexes: Vec<_> = store
        .list_devices()
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.device_index, row.serial.0))
        .collect();
    assert_eq!(
        indexes,
        [(1, "C".to_owned()), (2, "A".to_owned()), (3, "B".to_owned())]
    );
}
