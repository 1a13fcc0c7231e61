//! What waits for a person, and what follows from what the person says.

use std::time::Duration;

use controller::scheduler::proof_of_main_act;
use controller::store::{Ending, How, NewAttention, Resolution, Verdict};
use jiff::SignedDuration;
use shared::task::{GrantState, TaskState};
use shared::wire::work::GrantOutcome;

use crate::grants::{account, answer, ask, begin, create, ended, failed, granted, settle, task, to};
use crate::place::{ALL, Place, on_both};

on_both!(
    a_person_decides_what_became_of_an_act,
    what_a_person_says_follows_from_what_is_known,
    what_a_person_lets_go_on_is_handed_out_though_a_stop_was_asked_for,
    a_phone_is_kept_for_a_person_and_its_account_rests_where_nobody_comes,
);

async fn a_person_decides_what_became_of_an_act(place: Place) {
    let store = place.open().await;
    for (resolution, grant_is, task_is) in [
        (Resolution::Done, GrantState::Done, TaskState::Completed),
        (Resolution::NotDone, GrantState::Void, TaskState::Waiting),
        (Resolution::Resume, GrantState::Unknown, TaskState::Waiting),
        (Resolution::Abandon, GrantState::Void, TaskState::Failed),
    ] {
        let serial = format!("{resolution:?}");
        let id = create(&store, task(&serial, "follow", None)).await;
        let at = begin(&store, id, &serial).await;
        let grant = granted(&answer(&store, ask(at, 1, "film")).await);
        settle(
            &store,
            at,
            grant,
            GrantOutcome::Unknown {
                why: "not seen".to_owned(),
            },
        )
        .await;
        let item = NewAttention {
            task: Some(id),
            grant: Some(grant),
            account_id: None,
            serial: Some(serial),
            kind: "unknown".to_owned(),
            message: "look".to_owned(),
            held_until: None,
        };
        store
            .close_attempt(at, ended(at, failed("need_person:unknown")), |_| Ending {
                attention: Some(item),
                ..to(TaskState::Person)
            })
            .await
            .unwrap();
        let waiting = store.list_attention(true, ALL).await.unwrap();
        assert_eq!(waiting.rows.len(), 1, "{resolution:?}");
        assert_eq!(waiting.rows[0].allowed(), Resolution::ALL);
        let mut verdict = Verdict::of(resolution);
        let by = |verdict: &Verdict, who: &'static str| {
            store.resolve_attention(waiting.rows[0].row.id, verdict.clone(), who, proof_of_main_act)
        };
        if resolution == Resolution::Abandon {
            let refused = by(&verdict, "Ann").await.unwrap_err();
            assert!(refused.to_string().contains("was_done"), "{refused}");
            verdict.was_done = Some(false);
        }
        let resolved = by(&verdict, "Ann").await.unwrap();
        assert_eq!(resolved.item.resolved_by.as_deref(), Some("Ann"));
        assert_eq!(resolved.task.unwrap().state, task_is);
        let grant = store.grants_of(id).await.unwrap().remove(0);
        assert_eq!(grant.state, grant_is);
        assert_eq!(resolved.settled, grant_is != GrantState::Unknown);
        assert_eq!(grant.settled_by(), resolved.settled.then_some("person"));
        let twice = by(&verdict, "Bob").await.unwrap_err();
        assert!(twice.to_string().contains("by Ann"), "{twice}");
    }
}

async fn what_a_person_says_follows_from_what_is_known(place: Place) {
    let store = place.open().await;
    let says = async |item: i64, verdict: Verdict| {
        let resolved = store.resolve_attention(item, verdict, "Ann", proof_of_main_act);
        resolved.await.unwrap().task.map(|task| task.state)
    };
    let waits = async |script: &str, commit: &str, stop: bool| {
        let serial = format!("{script} {commit} {stop}");
        let id = create(&store, task(&serial, script, None)).await;
        let at = begin(&store, id, &serial).await;
        let mut asked = ask(at, 1, "film");
        commit.clone_into(&mut asked.commit);
        let grant = granted(&answer(&store, asked).await);
        if stop {
            store.stop_task(id, "Bob").await.unwrap();
            let lost = How::Lost {
                why: "its host is away".to_owned(),
            };
            store
                .close_attempt(at, lost, |_| to(TaskState::Verifying))
                .await
                .unwrap();
        } else {
            let end = ended(at, failed("need_person:unknown"));
            store
                .close_attempt(at, end, |_| to(TaskState::Verifying))
                .await
                .unwrap();
        }
        let item = NewAttention {
            task: Some(id),
            grant: None,
            account_id: None,
            serial: Some(serial),
            kind: "unknown".to_owned(),
            message: "look".to_owned(),
            held_until: None,
        };
        store.need_person(id, item).await.unwrap().unwrap();
        (store.attention_of(id).await.unwrap()[0].id, id, grant)
    };
    // An act beside the task's own: the rest of the task is still to be done.
    let (item, _, _) = waits("account_warmup", "like", false).await;
    let done = Verdict::of(Resolution::Done);
    assert_eq!(says(item, done.clone()).await, Some(TaskState::Waiting));
    // Told to stop meanwhile: what was not done is not begun again, what was done is done.
    let (item, _, _) = waits("follow", "follow", true).await;
    assert_eq!(
        says(item, Verdict::of(Resolution::NotDone)).await,
        Some(TaskState::Failed)
    );
    let (item, _, _) = waits("comment", "comment", true).await;
    assert_eq!(says(item, done.clone()).await, Some(TaskState::Completed));
    // Given up, and yet done.
    let (item, id, _) = waits("post", "post", false).await;
    let mut given_up = Verdict::of(Resolution::Abandon);
    given_up.was_done = Some(true);
    assert_eq!(says(item, given_up).await, Some(TaskState::Completed));
    assert_eq!(store.grants_of(id).await.unwrap()[0].state, GrantState::Done);
    // The task is gone: what became of its act may still be said, and no more.
    let (item, id, grant) = waits("like", "like", false).await;
    store.delete_tasks(&[id], "Bob").await.unwrap();
    let shown = store.attention_item(item).await.unwrap().unwrap();
    assert_eq!(shown.allowed(), [Resolution::Done, Resolution::NotDone]);
    let refused = store.resolve_attention(item, Verdict::of(Resolution::Resume), "Ann", proof_of_main_act);
    let refused = refused.await.unwrap_err().to_string();
    assert!(refused.contains("allowed: done, not_done"), "{refused}");
    let said = Verdict {
        proof: Some("https://example.org/seen".to_owned()),
        ..done
    };
    assert_eq!(says(item, said).await, None);
    let unsettled = store.unsettled_grants(None).await.unwrap();
    assert!(unsettled.iter().all(|one| one.id != grant), "the account is free");
    let proof = store.grants_of(id).await.unwrap()[0].proof.clone().unwrap();
    assert_eq!(proof["link"], "https://example.org/seen");
}

async fn what_a_person_lets_go_on_is_handed_out_though_a_stop_was_asked_for(place: Place) {
    let store = place.open().await;
    let id = create(&store, task("S", "follow", None)).await;
    let at = begin(&store, id, "S").await;
    let grant = granted(&answer(&store, ask(at, 1, "film")).await);
    store.stop_task(id, "Ann").await.unwrap();
    let why = "not seen".to_owned();
    settle(&store, at, grant, GrantOutcome::Unknown { why }).await;
    store
        .close_attempt(at, ended(at, failed("need_person:unknown")), |_| {
            to(TaskState::Verifying)
        })
        .await
        .unwrap();
    let item = NewAttention {
        task: Some(id),
        grant: Some(grant),
        account_id: None,
        serial: Some("S".to_owned()),
        kind: "unknown".to_owned(),
        message: "look".to_owned(),
        held_until: None,
    };
    store.need_person(id, item).await.unwrap().unwrap();
    let item = store.list_attention(true, ALL).await.unwrap().rows[0].row.id;
    let verdict = Verdict::of(Resolution::Resume);
    let resolved = store.resolve_attention(item, verdict, "Ann", proof_of_main_act);
    let task = resolved.await.unwrap().task.unwrap();
    assert_eq!((task.state, task.stop_asked_at), (TaskState::Waiting, None));
    // It fails where it is not handed out.
    begin(&store, id, "S").await;
}

async fn a_phone_is_kept_for_a_person_and_its_account_rests_where_nobody_comes(place: Place) {
    let store = place.open().await;
    let now = || shared::clock::Clock::now(&*place.clock);
    let minutes = |minutes| SignedDuration::from_mins(minutes);
    let who = account(&store, "anna").await;
    let id = create(&store, task("A", "login", Some(who))).await;
    let at = begin(&store, id, "A").await;
    let item = NewAttention {
        task: Some(id),
        grant: None,
        account_id: Some(who),
        serial: Some("A".to_owned()),
        kind: "captcha".to_owned(),
        message: "solve it on the phone".to_owned(),
        held_until: Some(now() + minutes(15)),
    };
    store
        .close_attempt(at, ended(at, failed("need_person:captcha")), |_| Ending {
            attention: Some(item),
            ..to(TaskState::Person)
        })
        .await
        .unwrap();
    let next = create(&store, task("A", "follow", None)).await;
    let rests = async || store.account(who).await.unwrap().unwrap().row.resting_until;
    let until = now() + minutes(60 * 24);

    place.advance(14 * 60);
    assert_eq!(store.free_held_phones(until).await.unwrap(), []);
    let queue = store.queue("A", now(), 1).await.unwrap();
    assert!(queue.runnable.is_empty());
    assert_eq!(queue.blocked[0].0.id, next);
    assert_eq!(queue.next, Some(now() + minutes(1)));
    assert_eq!(rests().await, None);

    place.advance(60);
    let queue = store.queue("A", now(), 1).await.unwrap();
    assert!(
        queue.runnable.is_empty(),
        "nothing begins before the account rests"
    );
    let freed = store.free_held_phones(until).await.unwrap();
    assert_eq!(freed.len(), 1);
    assert_eq!(store.free_held_phones(until).await.unwrap(), [], "once");
    assert_eq!(store.queue("A", now(), 1).await.unwrap().runnable[0].id, next);
    assert_eq!(rests().await, Some(until));

    // Who comes later ends the rest with what it was for.
    let verdict = Verdict::of(Resolution::Resume);
    store
        .resolve_attention(freed[0].id, verdict, "Ann", proof_of_main_act)
        .await
        .unwrap();
    assert_eq!(rests().await, None);
    assert_eq!(store.give_up_waiting(Duration::ZERO).await.unwrap(), []);
}
