//! An account goes to another phone: what waits for it goes along, what runs ends where it is first.

use controller::store::{Closed, HandOut, NewTask, NotNow, Store, TaskChange, WholeAccount};
use serde_json::json;
use shared::device::Serial;
use shared::task::TaskState;

use crate::grants::{
    account, answer, ask, attempt, begin, create, done, ended, failed, granted, row, settle, task, to,
};
use crate::place::{ALL, Place, on_both, seen};

on_both!(
    waiting_tasks_go_along_and_those_of_a_phone_stay,
    what_runs_ends_where_it_is_and_goes_then,
    what_went_along_waits_for_the_login_on_the_new_phone,
    a_task_that_was_overtaken_by_its_account_is_not_begun_on_the_old_phone,
    a_failed_task_is_retried_where_its_account_is,
    the_record_tells_what_went_along,
    an_account_without_a_phone_leaves_its_tasks,
    the_counts_of_tasks_stay_right,
    a_login_on_another_phone_says_nothing_of_the_accounts_own,
);

/// Phones A, B, C, and an account that is logged in on the first.
pub(crate) async fn farm(place: &Place) -> (Store, i64) {
    let store = place.open().await;
    store
        .record_seen(&[seen("A"), seen("B"), seen("C")])
        .await
        .unwrap();
    let jane = account(&store, "jane").await;
    bind(&store, jane, Some("A"), true).await;
    (store, jane)
}

/// Binds it, and says whether it is logged in there.
pub(crate) async fn bind(store: &Store, id: i64, to: Option<&str>, logined: bool) {
    let to = to.map(|serial| Serial(serial.to_owned()));
    let change = move |account: &mut WholeAccount| {
        account.row.device = to;
        account.row.logined = logined;
        Ok(())
    };
    store.change_account(id, change, "anna").await.unwrap();
}

/// One that was asked for by its phone.
pub(crate) fn of_phone(new: NewTask) -> NewTask {
    NewTask {
        of_phone: true,
        ..new
    }
}

async fn at(store: &Store, id: i64) -> String {
    row(store, id).await.serial.0
}

async fn waiting_tasks_go_along_and_those_of_a_phone_stay(place: Place) {
    let (store, jane) = farm(&place).await;
    let joe = account(&store, "joe").await;
    let waits = create(&store, task("A", "follow", Some(jane))).await;
    let of_a = create(&store, of_phone(task("A", "follow", Some(jane)))).await;
    let bare = create(&store, task("A", "sync_data", None)).await;
    let joes = create(&store, task("A", "follow", Some(joe))).await;
    let over = create(&store, task("A", "follow", Some(jane))).await;
    let change = TaskChange::new();
    store
        .turn_task(over, TaskState::Waiting, TaskState::Failed, change)
        .await
        .unwrap()
        .unwrap();
    bind(&store, jane, Some("B"), false).await;
    assert_eq!(at(&store, waits).await, "B");
    for stays in [of_a, bare, joes, over] {
        assert_eq!(at(&store, stays).await, "A", "task {stays}");
    }
    // A phone that was never seen is a phone.
    bind(&store, jane, Some("NEVER"), false).await;
    assert_eq!(at(&store, waits).await, "NEVER");
    bind(&store, jane, Some("A"), true).await;
    assert_eq!(at(&store, waits).await, "A");
}

async fn what_runs_ends_where_it_is_and_goes_then(place: Place) {
    let (store, jane) = farm(&place).await;
    let runs = create(&store, task("A", "follow", Some(jane))).await;
    let first = begin(&store, runs, "A").await;
    let waits = create(&store, task("A", "follow", Some(jane))).await;
    bind(&store, jane, Some("B"), true).await;
    assert_eq!(
        (at(&store, runs).await, at(&store, waits).await),
        ("A".into(), "B".into())
    );
    // Never on two phones at once.
    let refused = store.hand_out(attempt(waits, "B")).await.unwrap();
    assert_eq!(refused, HandOut::NotNow(NotNow::AccountBusy { task: runs }));
    // It may still act where it is: it was there first.
    let grant = granted(&answer(&store, ask(first, 1, "x")).await);
    settle(&store, first, grant, done()).await;
    let closed = store
        .close_attempt(first, ended(first, failed("timeout")), |_| {
            to(TaskState::Retrying)
        })
        .await
        .unwrap();
    let Closed::Now(Some(gone)) = closed else {
        panic!("{closed:?}");
    };
    assert_eq!(gone.serial.0, "B", "it is tried again where the account is");
    assert_eq!(at(&store, runs).await, "B");
    begin(&store, runs, "B").await;
}

async fn what_went_along_waits_for_the_login_on_the_new_phone(place: Place) {
    let (store, jane) = farm(&place).await;
    let now = shared::clock::Clock::now(&*place.clock);
    let follow = create(&store, task("A", "follow", Some(jane))).await;
    let login = create(&store, task("A", "login", Some(jane))).await;
    bind(&store, jane, Some("B"), false).await;
    let queue = store.queue("B", now, 9).await.unwrap();
    let ids: Vec<i64> = queue.runnable.iter().map(|task| task.id).collect();
    assert_eq!(ids, [login], "the login itself does not wait for one");
    let refused = store.hand_out(attempt(follow, "B")).await.unwrap();
    assert_eq!(refused, HandOut::NotNow(NotNow::NotLoggedIn));
    let at = begin(&store, login, "B").await;
    store
        .close_attempt(at, ended(at, failed("timeout")), |_| to(TaskState::Failed))
        .await
        .unwrap();
    let queue = store.queue("B", now, 9).await.unwrap();
    assert!(queue.runnable.is_empty());
    let (blocked, why) = &queue.blocked[0];
    assert_eq!(blocked.id, follow);
    assert!(why.starts_with("login_needed: "), "{why}");
    // One that is asked for on the new phone finds out for itself, as ever.
    let anew = create(&store, task("B", "follow", Some(jane))).await;
    let queue = store.queue("B", now, 9).await.unwrap();
    assert_eq!(
        queue.runnable.iter().map(|task| task.id).collect::<Vec<_>>(),
        [anew]
    );
    bind(&store, jane, Some("B"), true).await;
    let queue = store.queue("B", now, 9).await.unwrap();
    assert_eq!(queue.runnable[0].id, follow);
    begin(&store, follow, "B").await;
}

async fn a_task_that_was_overtaken_by_its_account_is_not_begun_on_the_old_phone(place: Place) {
    let (store, jane) = farm(&place).await;
    bind(&store, jane, Some("B"), true).await;
    // As a task that was worked out a moment before, and written a moment after.
    let late = create(&store, task("A", "follow", Some(jane))).await;
    let refused = store.hand_out(attempt(late, "A")).await.unwrap();
    assert_eq!(refused, HandOut::NotNow(NotNow::Moved));
    assert_eq!(at(&store, late).await, "B");
    begin(&store, late, "B").await;
    // What was asked for on that phone is done there.
    let of_a = create(&store, of_phone(task("A", "follow", None))).await;
    begin(&store, of_a, "A").await;
    // By a name that is no phone's own nobody can tell whether it is another one.
    let joe = account(&store, "joe").await;
    bind(&store, joe, Some("127.0.0.1:6007"), true).await;
    let his = create(&store, task("C", "follow", Some(joe))).await;
    begin(&store, his, "C").await;
}

async fn a_failed_task_is_retried_where_its_account_is(place: Place) {
    let (store, jane) = farm(&place).await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let change = TaskChange::new().error("wrong_account", "why");
    store
        .turn_task(id, TaskState::Waiting, TaskState::Failed, change)
        .await
        .unwrap()
        .unwrap();
    bind(&store, jane, Some("B"), true).await;
    assert_eq!(at(&store, id).await, "A", "it is history");
    let again = store.retry_task(id, "anna").await.unwrap();
    assert_eq!((again.serial.0.as_str(), again.state), ("B", TaskState::Waiting));
}

async fn the_record_tells_what_went_along(place: Place) {
    let (store, jane) = farm(&place).await;
    let waits = create(&store, task("A", "follow", Some(jane))).await;
    let runs = create(&store, task("A", "follow", Some(jane))).await;
    begin(&store, runs, "A").await;
    let change = |account: &mut WholeAccount| {
        account.row.device = Some(Serial("B".to_owned()));
        account.row.logined = false;
        Ok(())
    };
    let (listed, moved) = store.change_or_move_account(jane, change, "anna").await.unwrap();
    assert_eq!(listed.row.device, Some(Serial("B".to_owned())));
    let moved = moved.unwrap();
    assert_eq!(
        (&moved.tasks.along, &moved.tasks.running),
        (&vec![waits], &vec![runs])
    );
    let words = moved.in_words().unwrap();
    assert!(words.contains("A has a session of it still"), "{words}");
    let record = store.list_audit(ALL).await.unwrap();
    let entry = &record.rows[0].entry;
    assert_eq!(entry.before, Some(json!({"device": "A", "logined": 1})));
    assert_eq!(
        entry.after,
        Some(json!({
            "account": "tiktok/jane", "device": "B", "logined": 0,
            "moved": {
                "from": "A", "to": "B", "session_left_on": "A", "tasks": [waits], "tasks_ending_there": [runs],
            },
        }))
    );
    let same = |_: &mut WholeAccount| Ok(());
    let (_, moved) = store.change_or_move_account(jane, same, "anna").await.unwrap();
    assert_eq!(moved, None);
}

async fn an_account_without_a_phone_leaves_its_tasks(place: Place) {
    let (store, jane) = farm(&place).await;
    let waits = create(&store, task("A", "follow", Some(jane))).await;
    let unbind = |account: &mut WholeAccount| {
        account.row.device = None;
        Ok(())
    };
    let (_, moved) = store.change_or_move_account(jane, unbind, "anna").await.unwrap();
    assert_eq!(moved.unwrap().left, 1);
    assert_eq!(at(&store, waits).await, "A");
    bind(&store, jane, Some("C"), false).await;
    assert_eq!(at(&store, waits).await, "C");
}

async fn the_counts_of_tasks_stay_right(place: Place) {
    let (store, jane) = farm(&place).await;
    for _ in 0..3 {
        create(&store, task("A", "follow", Some(jane))).await;
    }
    let runs = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, runs, "A").await;
    let counted = async |serial: &str| {
        let query = controller::store::TaskQuery {
            serials: vec![serial.to_owned()],
            ..controller::store::TaskQuery::default()
        };
        store.list_tasks(query, ALL).await.unwrap().total
    };
    assert_eq!((counted("A").await, counted("B").await), (4, 0));
    bind(&store, jane, Some("B"), true).await;
    assert_eq!((counted("A").await, counted("B").await), (1, 3));
    store
        .close_attempt(at, ended(at, failed("timeout")), |_| to(TaskState::Retrying))
        .await
        .unwrap();
    assert_eq!((counted("A").await, counted("B").await), (0, 4));
    let all = store.task_counts().await.unwrap();
    assert_eq!((all.pending, all.running), (4, 0));
}

async fn a_login_on_another_phone_says_nothing_of_the_accounts_own(place: Place) {
    let (store, jane) = farm(&place).await;
    let noted = async |on: &str| {
        let noted = store.note_login(jane, &Serial(on.to_owned()), "task 1").await;
        noted.unwrap().map(|listed| listed.row.logined)
    };
    bind(&store, jane, Some("B"), false).await;
    assert_eq!(
        noted("A").await,
        None,
        "it was at work there while its account went"
    );
    assert!(!store.account(jane).await.unwrap().unwrap().row.logined);
    assert_eq!(noted("B").await, Some(true));
    // What is no phone's own name may be another one of the same phone.
    bind(&store, jane, Some("127.0.0.1:6007"), false).await;
    assert_eq!(noted("C").await, Some(true));
    store.delete_account(jane, "anna").await.unwrap();
    assert_eq!(noted("C").await, None);
}
