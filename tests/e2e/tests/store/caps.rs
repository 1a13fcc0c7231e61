//! Numbers a day of an account's own: they go before the rules, where leave is given and before a phone begins.

use controller::store::{Asked, GrantRules, Store, WholeAccount};
use serde_json::json;
use shared::account::Caps;
use shared::task::TaskState;
use shared::wire::work::GrantAnswer;
use uuid::Uuid;

use crate::grants::{HOST, account, ask, begin, create, done, granted, row, rules, settle, task};
use crate::place::{ALL, Place, on_both};

on_both!(
    an_accounts_own_number_goes_before_the_rules,
    a_task_beyond_its_accounts_own_number_is_put_off_until_that_is_changed,
    a_change_of_numbers_is_on_record,
    a_hundred_tasks_and_one_number_give_no_more_than_that,
);

async fn set(store: &Store, id: i64, caps: &[(&'static str, u32)]) {
    let caps = Caps::of(caps.iter().copied()).unwrap();
    let change = move |account: &mut WholeAccount| {
        account.row.caps = caps;
        Ok(())
    };
    store.change_account(id, change, "anna").await.unwrap();
}

fn ruled(cap: Option<u32>) -> GrantRules {
    GrantRules { cap, ..rules() }
}

async fn asked(store: &Store, attempt: Uuid, request: u64, cap: Option<u32>) -> GrantAnswer {
    let ask = ask(attempt, request, &format!("target {request}"));
    match store.grant(HOST, ask, move |_, _| ruled(cap)).await.unwrap() {
        Asked::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

async fn an_accounts_own_number_goes_before_the_rules(place: Place) {
    let store = place.open().await;
    let (jane, joe) = (account(&store, "jane").await, account(&store, "joe").await);
    set(&store, jane, &[("follow", 1), ("like", 7)]).await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    let first = granted(&asked(&store, at, 1, Some(100)).await);
    settle(&store, at, first, done()).await;
    // Also where the rules have no limit at all.
    for (request, cap) in [(2, Some(100)), (3, None)] {
        let refused = asked(&store, at, request, cap).await;
        let GrantAnswer::Refused { kind, why } = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(kind, "deferred");
        assert_eq!(
            why,
            "daily_cap: deferred to 2026-03-02 00:00 by the account's own cap: 1 of 1 times follow today"
        );
    }
    assert_eq!(row(&store, id).await.due_at, rules().next_day);
    // 0 is without limit; what is not set is as the rules say; and no other account is meant.
    set(&store, jane, &[("follow", 0)]).await;
    let second = granted(&asked(&store, at, 4, Some(1)).await);
    settle(&store, at, second, done()).await;
    set(&store, jane, &[]).await;
    let refused = asked(&store, at, 5, Some(2)).await;
    assert!(
        matches!(&refused, GrantAnswer::Refused { why, .. } if why.contains("by the cap: 2 of 2")),
        "{refused:?}"
    );
    let other = create(&store, task("B", "follow", Some(joe))).await;
    let there = begin(&store, other, "B").await;
    granted(&asked(&store, there, 6, Some(2)).await);
}

async fn a_task_beyond_its_accounts_own_number_is_put_off_until_that_is_changed(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    set(&store, jane, &[("follow", 1)]).await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let next = create(&store, task("A", "follow", Some(jane))).await;
    let waiting = row(&store, next).await;
    assert!(
        !store.put_off_beyond(waiting.clone(), ruled(None)).await.unwrap(),
        "nothing was done yet"
    );
    let at = begin(&store, id, "A").await;
    let first = granted(&asked(&store, at, 1, None).await);
    settle(&store, at, first, done()).await;
    assert!(store.put_off_beyond(waiting, ruled(None)).await.unwrap());
    let put_off = row(&store, next).await;
    assert_eq!(
        (put_off.state, put_off.due_at),
        (TaskState::Waiting, rules().next_day)
    );
    assert_eq!(
        put_off.waiting_for.as_deref(),
        Some("daily_cap: deferred to 2026-03-02 00:00 by the account's own cap: 1 of 1 times follow today")
    );
    place.advance(60);
    // Another number of another act is nothing to this task.
    set(&store, jane, &[("follow", 1), ("like", 3)]).await;
    assert!(
        store
            .put_off_beyond(row(&store, next).await, ruled(None))
            .await
            .unwrap()
    );
    set(&store, jane, &[("follow", 2)]).await;
    let again = row(&store, next).await;
    assert_eq!(again.due_at, shared::clock::Clock::now(&*place.clock));
    assert!(!store.put_off_beyond(again, ruled(None)).await.unwrap());
    // The settings' own number is changed for all.
    assert!(
        store
            .put_off_beyond(
                row(&store, next).await,
                GrantRules {
                    cap: Some(1),
                    ..rules()
                }
            )
            .await
            .is_ok_and(|put_off| !put_off),
        "its own number goes first"
    );
    set(&store, jane, &[]).await;
    assert!(
        store
            .put_off_beyond(row(&store, next).await, ruled(Some(1)))
            .await
            .unwrap()
    );
    place.advance(60);
    store.look_again_at_capped().await.unwrap();
    assert_eq!(
        row(&store, next).await.due_at,
        shared::clock::Clock::now(&*place.clock)
    );
}

async fn a_change_of_numbers_is_on_record(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    set(&store, jane, &[("follow", 5)]).await;
    set(&store, jane, &[("follow", 5)]).await;
    set(&store, jane, &[("post", 2)]).await;
    set(&store, jane, &[]).await;
    let record = store.list_audit(ALL).await.unwrap();
    let told = record.rows.iter().rev().skip(1).map(|row| {
        let entry = &row.entry;
        assert_eq!(
            (entry.what.as_str(), entry.who.as_str()),
            ("account.change", "anna")
        );
        (
            entry.before.as_ref().unwrap()["caps"].clone(),
            entry.after.as_ref().unwrap()["caps"].clone(),
        )
    });
    let told: Vec<_> = told.collect();
    assert_eq!(
        told,
        [
            (json!(null), json!({"follow": 5})),
            (json!({"follow": 5}), json!({"post": 2})),
            (json!({"post": 2}), json!(null)),
        ]
    );
    let kept = store.whole_account(jane).await.unwrap().unwrap();
    assert!(kept.row.caps.is_empty());
}

async fn a_hundred_tasks_and_one_number_give_no_more_than_that(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    set(&store, jane, &[("follow", 7)]).await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    let races = (0..30_u64).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            for turn in 0.. {
                let ask = ask(at, number * 10_000 + turn, &format!("target {number}"));
                let asked = store.grant(HOST, ask, |_, _| ruled(Some(20)));
                match asked.await.unwrap() {
                    // The account is one: whoever finds it held comes again.
                    Asked::Answer(GrantAnswer::Refused { kind, .. }) if kind == "held" => {}
                    Asked::Answer(GrantAnswer::Refused { kind, .. }) => {
                        assert_eq!(kind, "deferred");
                        return 0;
                    }
                    Asked::Answer(answer) => {
                        settle(&store, at, granted(&answer), done()).await;
                        return 1;
                    }
                    other => panic!("{other:?}"),
                }
                tokio::task::yield_now().await;
            }
            0
        })
    });
    let mut given = 0;
    for race in races.collect::<Vec<_>>() {
        given += race.await.unwrap();
    }
    assert_eq!(given, 7);
}
