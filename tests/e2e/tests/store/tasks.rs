//! Tasks: created in one piece under numbers of their own, counted without counting, listed, stopped, retried, deleted.

use controller::store::{
    AnswerKey, Created, NewTask, Page, Store, StoreError, TaskCounts, TaskQuery, TaskSort, TaskSortKey,
    TaskSource,
};
use jiff::SignedDuration;
use serde_json::{Map, json};
use shared::account::{Platform, Username};
use shared::device::Serial;
use shared::task::{TaskState, TaskStatus};

use crate::place::{ALL, Place, on_both, seen};

on_both!(
    a_task_is_kept_whole_and_shown_with_its_phones_index,
    ids_are_given_once_and_tasks_are_created_all_or_none,
    the_same_call_again_is_answered_as_before_for_a_day,
    two_calls_of_one_name_at_once_create_once,
    counts_and_totals_follow_every_change,
    a_list_is_filtered_and_sorted,
    what_waits_is_stopped_at_once_and_what_has_ended_is_not,
    only_what_failed_is_retried_and_what_was_stopped_is_left_alone,
    deleting_keeps_the_counts_right,
    ten_thousand_are_created_in_one_call,
);

fn task(serial: &str, script: &str) -> NewTask {
    NewTask {
        platform: "tiktok".to_owned(),
        pack: "tiktok".to_owned(),
        script: script.to_owned(),
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

async fn create(store: &Store, new: Vec<NewTask>) -> Vec<i64> {
    created(store, new, TaskSource::Api).await
}

async fn created(store: &Store, new: Vec<NewTask>, source: TaskSource) -> Vec<i64> {
    let made = store
        .create_tasks(new, source, "test", None, |_| json!({}))
        .await
        .unwrap();
    match made {
        Created::New { ids, .. } => ids,
        Created::Before(_) => panic!("nothing was asked before"),
    }
}

async fn a_task_is_kept_whole_and_shown_with_its_phones_index(place: Place) {
    let store = place.open().await;
    store
        .record_seen(&[seen("OTHER"), seen("SIM0001")])
        .await
        .unwrap();
    let now = shared::clock::Clock::now(&*place.clock);
    let start = now + SignedDuration::from_mins(5);
    let config = json!({"captions": ["a|b \u{1f642}"], "image_count": 3});
    let new = NewTask {
        platform: Platform::Instagram.as_str().to_owned(),
        config: config.as_object().unwrap().clone(),
        account_id: Some(77),
        username: Some(Username::parse("@Jane.Doe").unwrap()),
        package: Some("com.instagram.lite".to_owned()),
        start_at: Some(start),
        max_retries: Some(4),
        seed: i64::MIN,
        sequence: 9,
        ..task("SIM0001", "post")
    };
    let id = create(&store, vec![new]).await[0];
    let shown = store.task(id).await.unwrap().unwrap();
    assert_eq!(
        (shown.device_index, shown.username.as_deref()),
        (Some(2), Some("Jane.Doe"))
    );
    let row = shown.row;
    assert_eq!(serde_json::Value::Object(row.config.clone()), config);
    assert_eq!(
        (row.state, row.status()),
        (TaskState::Waiting, TaskStatus::Pending)
    );
    assert_eq!(
        (row.start_at, row.due_at, row.created_at),
        (Some(start), start, now)
    );
    assert_eq!((row.seed, row.sequence, row.max_retries), (i64::MIN, 9, Some(4)));
    assert_eq!((row.source, row.created_by.as_str()), (TaskSource::Api, "test"));
    assert_eq!((row.progress, row.attempts, row.error), (0, 0, None));
    assert_eq!(store.task(id + 1).await.unwrap(), None);
}

async fn ids_are_given_once_and_tasks_are_created_all_or_none(place: Place) {
    let store = place.open().await;
    assert_eq!(
        create(&store, vec![task("A", "post"), task("B", "post")]).await,
        [1, 2]
    );
    store.delete_tasks(&[1, 2], "test").await.unwrap();
    assert_eq!(create(&store, vec![task("A", "post")]).await, [3]);
    let record = store.list_audit(ALL).await.unwrap().rows;
    assert_eq!(
        (record[0].entry.what.as_str(), record[0].entry.subject.as_str()),
        ("task.create", "3")
    );
    assert_eq!(
        record
            .iter()
            .filter(|row| row.entry.what == "task.delete")
            .count(),
        2
    );
    place.tamper("DELETE FROM counters WHERE name = 'task'").await;
    // Its number is taken: nothing of the call stays, neither its first task nor its counts.
    place.tamper("UPDATE tasks SET id = 2").await;
    let before = store.task_counts().await.unwrap();
    let refused = store
        .create_tasks(
            vec![task("A", "post"), task("B", "post")],
            TaskSource::Api,
            "test",
            None,
            |_| json!({}),
        )
        .await;
    assert!(refused.is_err());
    assert_eq!(store.task(1).await.unwrap(), None);
    assert_eq!(store.task_counts().await.unwrap(), before);
}

async fn the_same_call_again_is_answered_as_before_for_a_day(place: Place) {
    let store = place.open().await;
    let key = |body: &str| AnswerKey {
        name: "order-1".to_owned(),
        body_hash: body.to_owned(),
    };
    let ask = async |key: AnswerKey| {
        store
            .create_tasks(
                vec![task("A", "post")],
                TaskSource::Api,
                "test",
                Some(key),
                |ids| json!({ "task_ids": ids }),
            )
            .await
    };
    assert_eq!(store.answered_before(&key("x")).await.unwrap(), None);
    assert!(matches!(ask(key("x")).await.unwrap(), Created::New { .. }));
    place.advance(24 * 3600 - 1);
    assert_eq!(
        ask(key("x")).await.unwrap(),
        Created::Before(json!({"task_ids": [1]}))
    );
    assert_eq!(
        store.answered_before(&key("x")).await.unwrap(),
        Some(json!({"task_ids": [1]}))
    );
    for refused in [
        ask(key("y")).await.err(),
        store.answered_before(&key("y")).await.err(),
    ] {
        assert!(matches!(refused, Some(StoreError::Conflict(_))), "{refused:?}");
    }
    assert_eq!(store.task_counts().await.unwrap().pending, 1);
    place.advance(1);
    assert_eq!(store.answered_before(&key("y")).await.unwrap(), None);
    assert!(matches!(ask(key("y")).await.unwrap(), Created::New { .. }));
}

async fn two_calls_of_one_name_at_once_create_once(place: Place) {
    let store = place.open().await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        calls.spawn(async move {
            let key = AnswerKey {
                name: "once".to_owned(),
                body_hash: "x".to_owned(),
            };
            let made = store
                .create_tasks(
                    vec![task("A", "post")],
                    TaskSource::Api,
                    "test",
                    Some(key),
                    |ids| json!(ids),
                )
                .await;
            match made.unwrap() {
                Created::New { answer, .. } | Created::Before(answer) => answer,
            }
        });
    }
    let answers = calls.join_all().await;
    assert!(answers.iter().all(|answer| *answer == json!([1])), "{answers:?}");
    assert_eq!(store.task_counts().await.unwrap().total(), 1);
}

fn counts(pending: u64, running: u64, completed: u64, failed: u64) -> TaskCounts {
    TaskCounts {
        pending,
        running,
        completed,
        failed,
    }
}

async fn total(store: &Store, query: TaskQuery) -> (u64, Vec<i64>) {
    let listed = store.list_tasks(query, ALL).await.unwrap();
    (listed.total, listed.rows.iter().map(|task| task.row.id).collect())
}

async fn counts_and_totals_follow_every_change(place: Place) {
    let store = place.open().await;
    let new = vec![
        task("A", "post"),
        task("A", "like"),
        task("B", "post"),
        task("B", "post"),
    ];
    create(&store, new).await;
    assert_eq!(store.task_counts().await.unwrap(), counts(4, 0, 0, 0));
    store.stop_task(1, "anna").await.unwrap();
    assert_eq!(store.task_counts().await.unwrap(), counts(3, 0, 0, 1));
    let of = |serial: &str, status| TaskQuery {
        serials: vec![serial.to_owned()],
        statuses: vec![status],
        ..TaskQuery::default()
    };
    assert_eq!(total(&store, of("A", TaskStatus::Failed)).await, (1, vec![1]));
    assert_eq!(total(&store, of("A", TaskStatus::Pending)).await, (1, vec![2]));
    assert_eq!(total(&store, of("B", TaskStatus::Pending)).await, (2, vec![4, 3]));
    store.retry_task(1, "anna").await.unwrap();
    assert_eq!(store.task_counts().await.unwrap(), counts(4, 0, 0, 0));
    store.delete_tasks(&[3, 4], "anna").await.unwrap();
    assert_eq!(store.task_counts().await.unwrap(), counts(2, 0, 0, 0));
    assert_eq!(total(&store, of("B", TaskStatus::Pending)).await, (0, Vec::new()));
}

async fn a_list_is_filtered_and_sorted(place: Place) {
    let store = place.open().await;
    let jane = Username::parse("Jane").unwrap();
    let first = NewTask {
        username: Some(jane.clone()),
        start_at: Some(shared::clock::Clock::now(&*place.clock) + SignedDuration::from_hours(1)),
        ..task("A", "post")
    };
    created(&store, vec![first], TaskSource::Ui).await;
    place.advance(10);
    let later = shared::clock::Clock::now(&*place.clock);
    let instagram = NewTask {
        platform: "instagram".to_owned(),
        username: Some(jane),
        ..task("B", "follow")
    };
    create(&store, vec![instagram, task("B", "post")]).await;
    let all = TaskQuery::default;
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let sorted = |key, descending| TaskQuery {
        sort: TaskSort { key, descending },
        ..all()
    };
    for (query, expected) in [
        (all(), vec![3, 2, 1]),
        (
            TaskQuery {
                scripts: texts(&["post"]),
                ..all()
            },
            vec![3, 1],
        ),
        (
            TaskQuery {
                scripts: texts(&["post", "follow"]),
                serials: texts(&["B"]),
                ..all()
            },
            vec![3, 2],
        ),
        (
            TaskQuery {
                source: Some(TaskSource::Ui),
                ..all()
            },
            vec![1],
        ),
        (
            TaskQuery {
                platform: Some("instagram".to_owned()),
                ..all()
            },
            vec![2],
        ),
        (
            TaskQuery {
                usernames: texts(&["jane"]),
                ..all()
            },
            vec![2, 1],
        ),
        (
            TaskQuery {
                usernames: texts(&["jane"]),
                platform: Some("tiktok".to_owned()),
                ..all()
            },
            vec![1],
        ),
        (
            TaskQuery {
                created_after: Some(later - SignedDuration::from_secs(5)),
                ..all()
            },
            vec![3, 2],
        ),
        (
            TaskQuery {
                created_after: Some(later),
                ..all()
            },
            vec![],
        ),
        (
            TaskQuery {
                statuses: vec![TaskStatus::Completed],
                ..all()
            },
            vec![],
        ),
        (sorted(TaskSortKey::Id, false), vec![1, 2, 3]),
        (sorted(TaskSortKey::StartTime, true), vec![1, 3, 2]),
        (sorted(TaskSortKey::FinishedAt, true), vec![3, 2, 1]),
    ] {
        let listed = total(&store, query.clone()).await;
        assert_eq!(listed, (expected.len() as u64, expected), "{query:?}");
    }
    let page = store
        .list_tasks(all(), Page { number: 2, size: 2 })
        .await
        .unwrap();
    assert_eq!((page.total, page.rows.len(), page.rows[0].row.id), (3, 1, 1));
    let beyond = store
        .list_tasks(all(), Page { number: 3, size: 2 })
        .await
        .unwrap();
    assert_eq!((beyond.total, beyond.rows.len()), (3, 0));
    assert_eq!(store.tasks_after(1, 1).await.unwrap()[0].id, 2);
}

async fn what_waits_is_stopped_at_once_and_what_has_ended_is_not(place: Place) {
    let store = place.open().await;
    create(&store, vec![task("A", "post")]).await;
    let stopped = store.stop_task(1, "anna").await.unwrap();
    assert_eq!(stopped.state, TaskState::Failed);
    assert_eq!(stopped.error.unwrap().kind, "stopped");
    assert_eq!(stopped.ended_at, Some(shared::clock::Clock::now(&*place.clock)));
    assert!(matches!(
        store.stop_task(1, "anna").await,
        Err(StoreError::Conflict(_))
    ));
    assert!(matches!(
        store.stop_task(9, "anna").await,
        Err(StoreError::NotFound { .. })
    ));
}

async fn only_what_failed_is_retried_and_what_was_stopped_is_left_alone(place: Place) {
    let store = place.open().await;
    create(&store, (0..6).map(|_| task("A", "post")).collect()).await;
    assert!(matches!(
        store.retry_task(1, "anna").await,
        Err(StoreError::Conflict(_))
    ));
    store.stop_task(1, "anna").await.unwrap();
    for (id, kind) in [
        (2, "timeout"),
        (3, "need_person:unknown"),
        (4, "limited"),
        (5, "abandoned"),
    ] {
        store.stop_task(id, "anna").await.unwrap();
        let sql = format!("UPDATE tasks SET error_kind = '{kind}' WHERE id = {id}");
        place.tamper(&sql).await;
    }
    // An act of the fourth is still in question.
    place
        .tamper(
            "INSERT INTO grants (id, number, task_id, attempt, request, serial, platform, action, commit_name, kind, \
             act_key, host_id, journal, evidence_json, state, granted_at, day) VALUES \
             ('g', 1, 4, 'a', 1, 'A', 'tiktok', 'post', 'post', 'append', 'k', 'h', 'j', '{}', 'unknown', 1, 'd')",
        )
        .await;
    let retried = store.retry_failed_tasks("anna").await.unwrap();
    let ids: Vec<i64> = retried.iter().map(|task| task.id).collect();
    assert_eq!(ids, [2]);
    assert_eq!(
        (retried[0].state, &retried[0].error, retried[0].ended_at),
        (TaskState::Waiting, &None, None)
    );
    let again = store.retry_task(1, "anna").await.unwrap();
    assert_eq!((again.state, again.stop_asked_at), (TaskState::Waiting, None));
    assert_eq!(store.task_counts().await.unwrap(), counts(3, 0, 0, 3));
}

async fn deleting_keeps_the_counts_right(place: Place) {
    let store = place.open().await;
    create(
        &store,
        vec![task("A", "post"), task("A", "post"), task("B", "like")],
    )
    .await;
    store.stop_task(2, "anna").await.unwrap();
    let deleted = store.delete_tasks(&[2, 99, 3], "anna").await.unwrap();
    assert_eq!(deleted.iter().map(|task| task.id).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(store.task_counts().await.unwrap(), counts(1, 0, 0, 0));
    assert_eq!(total(&store, TaskQuery::default()).await, (1, vec![1]));
}

async fn ten_thousand_are_created_in_one_call(place: Place) {
    let store = place.open().await;
    let many: Vec<NewTask> = (0..10_000)
        .map(|n| task(&format!("P{}", n % 500), "post"))
        .collect();
    let ids = create(&store, many).await;
    assert_eq!((ids.len(), ids[9_999]), (10_000, 10_000));
    assert_eq!(store.task_counts().await.unwrap(), counts(10_000, 0, 0, 0));
    let page = store
        .list_tasks(
            TaskQuery::default(),
            Page {
                number: 500,
                size: 20,
            },
        )
        .await
        .unwrap();
    assert_eq!((page.total, page.rows[19].row.id), (10_000, 1));
}
