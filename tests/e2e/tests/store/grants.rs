//! Attempts and the leave for their acts: handed out once, given once, settled for good.

use std::time::Duration;

use controller::store::{
    AccountRow, AccountSecrets, Asked, Closed, Created, Ending, GrantRow, GrantRules, HandOut, How,
    NewAttempt, NewAttention, NewTask, NotNow, Settled, Store, TaskChange, TaskRow, TaskSource, WholeAccount,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, json};
use shared::account::{AccountStatus, Platform, Username};
use shared::device::Serial;
use shared::task::{AttemptState, GrantState, TaskState};
use shared::wire::work::{
    AttemptEnd, AttemptFailure, AttemptOutcome, CommitKind, GrantAnswer, GrantAsk, GrantOutcome, Settlement,
};
use uuid::Uuid;

use crate::place::{ALL, Place, on_both};

on_both!(
    a_task_is_handed_out_once_and_holds_its_phone_until_it_is_over,
    an_account_that_may_not_work_keeps_its_task_waiting,
    leave_is_given_once_for_an_act_and_again_for_the_same_request,
    leave_for_one_act_is_none_for_another_under_the_same_number,
    what_was_done_stays_done_and_its_proof_is_the_answer,
    a_void_frees_the_act_and_another_journals_does_not,
    an_act_in_question_holds_the_account,
    a_stopped_task_and_a_disabled_account_get_no_leave,
    the_gap_and_the_days_number_put_a_task_off,
    fifty_that_race_for_twenty_get_twenty,
    an_attempt_that_is_over_gets_no_leave,
    the_end_of_an_attempt_is_heard_once,
);

pub(crate) const HOST: Uuid = Uuid::from_u128(70);
pub(crate) const JOURNAL: &str = "journal";

pub(crate) fn task(serial: &str, script: &str, account: Option<i64>) -> NewTask {
    NewTask {
        platform: "tiktok".to_owned(),
        pack: "tiktok".to_owned(),
        script: script.to_owned(),
        config: Map::new(),
        serial: Serial(serial.to_owned()),
        account_id: account,
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

pub(crate) async fn create(store: &Store, new: NewTask) -> i64 {
    let made = store.create_tasks(vec![new], TaskSource::Api, "test", None, |_| json!({}));
    match made.await.unwrap() {
        Created::New { ids, .. } => ids[0],
        Created::Before(_) => panic!("nothing was asked before"),
    }
}

pub(crate) async fn account(store: &Store, username: &str) -> i64 {
    let id = store.next_account_ids(1).await.unwrap();
    let new = WholeAccount {
        row: AccountRow::new(id, Platform::TikTok, Username::parse(username).unwrap()),
        secrets: AccountSecrets::default(),
    };
    store.create_account(new, "test").await.unwrap().row.id
}

pub(crate) fn attempt(task: i64, serial: &str) -> NewAttempt {
    NewAttempt {
        id: Uuid::new_v4(),
        task,
        host: HOST,
        serial: Serial(serial.to_owned()),
        pack_hash: "00".repeat(32),
        lease: Duration::from_secs(60),
    }
}

/// Handed out, and its host has it.
pub(crate) async fn begin(store: &Store, task: i64, serial: &str) -> Uuid {
    let new = attempt(task, serial);
    let id = new.id;
    let handed = store.hand_out(new).await.unwrap();
    assert!(matches!(handed, HandOut::Handed { .. }), "{handed:?}");
    store.acknowledge(id, HOST).await.unwrap().unwrap();
    id
}

pub(crate) fn ask(attempt: Uuid, request: u64, key: &str) -> GrantAsk {
    GrantAsk {
        attempt: attempt.into_bytes(),
        request,
        commit: "follow".to_owned(),
        kind: CommitKind::State,
        key: key.to_owned(),
        evidence: json!({"button": "Follow"}).to_string(),
        journal: JOURNAL.to_owned(),
        highest: 0,
    }
}

pub(crate) fn rules() -> GrantRules {
    GrantRules {
        valid: Duration::from_secs(120),
        cap: None,
        gap: Duration::ZERO,
        day: "2026-03-01".to_owned(),
        next_day: "2026-03-02T00:00:00Z".parse().unwrap(),
        zone: jiff::tz::TimeZone::UTC,
    }
}

pub(crate) async fn answer(store: &Store, ask: GrantAsk) -> GrantAnswer {
    match store.grant(HOST, ask, |_, _| rules()).await.unwrap() {
        Asked::Answer(answer) => answer,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn granted(answer: &GrantAnswer) -> Uuid {
    match answer {
        GrantAnswer::Granted { grant, .. } => Uuid::from_bytes(*grant),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn settle(store: &Store, attempt: Uuid, grant: Uuid, outcome: GrantOutcome) -> GrantRow {
    let told = Settlement {
        attempt: attempt.into_bytes(),
        grant: grant.into_bytes(),
        outcome,
    };
    let settled = store.settle(HOST, Some(JOURNAL.to_owned()), told).await.unwrap();
    match settled {
        Settled::Now(grant) => *grant,
        Settled::NotYours => panic!("it is this host's"),
    }
}

pub(crate) fn done() -> GrantOutcome {
    GrantOutcome::Done {
        proof: json!({"seen": "Following"}).to_string(),
    }
}

pub(crate) fn void() -> GrantOutcome {
    GrantOutcome::Void {
        why: "not sent".to_owned(),
    }
}

pub(crate) fn ended(attempt: Uuid, outcome: AttemptOutcome) -> How {
    let end = AttemptEnd {
        attempt: attempt.into_bytes(),
        outcome,
        steps: 3,
        took: 1_000,
        driver: "plain".to_owned(),
        app_version: String::new(),
    };
    How::Ended { host: HOST, end }
}

pub(crate) fn failed(kind: &str) -> AttemptOutcome {
    AttemptOutcome::Failed(AttemptFailure {
        kind: kind.to_owned(),
        message: "why".to_owned(),
        uncertain: false,
        place: Some(("follow.rhai".to_owned(), 7)),
    })
}

pub(crate) fn to(state: TaskState) -> Ending {
    Ending {
        to: state,
        change: TaskChange::new(),
        attention: None,
        rest_until: None,
    }
}

pub(crate) async fn row(store: &Store, task: i64) -> TaskRow {
    store.task(task).await.unwrap().unwrap().row
}

async fn a_task_is_handed_out_once_and_holds_its_phone_until_it_is_over(place: Place) {
    let store = place.open().await;
    let (first, second) = (
        create(&store, task("A", "follow", None)).await,
        create(&store, task("A", "follow", None)).await,
    );
    // Many at once: one has the phone.
    let tries = (0..8).map(|number| {
        let store = store.clone();
        let task = if number % 2 == 0 { first } else { second };
        tokio::spawn(async move { store.hand_out(attempt(task, "A")).await.unwrap() })
    });
    let mut handed = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        if let HandOut::Handed { task, attempt } = one.await.unwrap() {
            handed.push((task, attempt));
        }
    }
    assert_eq!(handed.len(), 1, "{handed:?}");
    let (task, held) = handed.remove(0);
    assert_eq!((task.state, task.attempt), (TaskState::Handed, Some(held.id)));
    assert!(held.holds && held.number == 1 && held.epoch == 1);
    let other = if task.id == first { second } else { first };
    assert_eq!(
        store.hand_out(attempt(other, "A")).await.unwrap(),
        HandOut::NotNow(NotNow::PhoneHeld)
    );
    // Not by another phone either.
    assert_eq!(
        store.hand_out(attempt(other, "B")).await.unwrap(),
        HandOut::NotNow(NotNow::Moved)
    );
    assert_eq!(store.acknowledge(held.id, Uuid::nil()).await.unwrap(), None);
    let running = store.acknowledge(held.id, HOST).await.unwrap().unwrap();
    assert_eq!(running.state, TaskState::Running);
    assert_eq!(store.acknowledge(held.id, HOST).await.unwrap(), None, "once");
    assert_eq!(store.live_attempts(Some(HOST)).await.unwrap().len(), 1);
    let how = How::Lost {
        why: "its host is away".to_owned(),
    };
    store
        .close_attempt(held.id, how, |_| to(TaskState::Retrying))
        .await
        .unwrap();
    assert_eq!(store.live_attempts(None).await.unwrap(), []);
    begin(&store, other, "A").await;
    let lost = store.attempt(held.id).await.unwrap().unwrap();
    assert_eq!((lost.state, lost.holds), (AttemptState::Lost, false));
}

async fn an_account_that_may_not_work_keeps_its_task_waiting(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let now = shared::clock::Clock::now(&*place.clock);
    let set = async |status, resting: Option<Timestamp>| {
        let change = move |whole: &mut WholeAccount| {
            (whole.row.status, whole.row.resting_until) = (status, resting);
            Ok(())
        };
        store.change_account(jane, change, "test").await.unwrap();
    };
    let hand_out = async || store.hand_out(attempt(id, "A")).await.unwrap();
    let queue = async || store.queue("A", now, 10).await.unwrap();
    set(AccountStatus::Disabled, None).await;
    assert_eq!(hand_out().await, HandOut::NotNow(NotNow::AccountDisabled));
    let waits = queue().await;
    assert!(waits.runnable.is_empty());
    assert!(waits.blocked[0].1.starts_with("account_disabled"), "{waits:?}");
    let until = now + SignedDuration::from_hours(1);
    set(AccountStatus::Enabled, Some(until)).await;
    assert_eq!(
        hand_out().await,
        HandOut::NotNow(NotNow::AccountResting { until })
    );
    assert_eq!(queue().await.next, Some(until), "then it is worth another look");
    set(AccountStatus::Enabled, Some(now)).await;
    assert_eq!(queue().await.runnable.len(), 1);
    begin(&store, id, "A").await;
    // The account works: not on a second phone.
    let second = create(&store, task("B", "follow", Some(jane))).await;
    assert_eq!(
        store.hand_out(attempt(second, "B")).await.unwrap(),
        HandOut::NotNow(NotNow::AccountBusy { task: id })
    );
}

/// An agent that began anew with the same attempt might count its requests from the beginning.
async fn leave_for_one_act_is_none_for_another_under_the_same_number(place: Place) {
    let store = place.open().await;
    let id = create(&store, task("A", "follow", None)).await;
    let attempt = begin(&store, id, "A").await;
    let grant = granted(&answer(&store, ask(attempt, 1, "anna")).await);
    for outcome in [None, Some(done())] {
        if let Some(outcome) = outcome {
            settle(&store, attempt, grant, outcome).await;
        }
        let other = answer(&store, ask(attempt, 1, "bea")).await;
        assert!(
            matches!(&other, GrantAnswer::Refused { kind, .. } if kind == "device"),
            "{other:?}"
        );
    }
    granted(&answer(&store, ask(attempt, 2, "bea")).await);
}

async fn leave_is_given_once_for_an_act_and_again_for_the_same_request(place: Place) {
    let store = place.open().await;
    let id = create(&store, task("A", "follow", None)).await;
    let at = begin(&store, id, "A").await;
    assert_eq!(
        store.earlier(HOST, ask(at, 1, "anna")).await.unwrap(),
        Asked::Answer(GrantAnswer::Nothing)
    );
    let first = answer(&store, ask(at, 1, "anna")).await;
    assert_eq!(answer(&store, ask(at, 1, "anna")).await, first, "a lost answer");
    let grant = granted(&first);
    let unknown = GrantAnswer::Unknown {
        grant: grant.into_bytes(),
        evidence: json!({"button": "Follow"}).to_string(),
    };
    assert_eq!(answer(&store, ask(at, 2, "anna")).await, unknown);
    let mut elsewhere = ask(at, 3, "anna");
    "another".clone_into(&mut elsewhere.journal);
    assert!(matches!(
        answer(&store, elsewhere).await,
        GrantAnswer::Elsewhere { .. }
    ));
    let strange = store.grant(Uuid::nil(), ask(at, 4, "anna"), |_, _| rules()).await;
    assert!(matches!(strange.unwrap(), Asked::NotYours(_)));
    let kept = store.grants_of(id).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(
        (kept[0].number, kept[0].action.as_str(), kept[0].state),
        (1, "follow", GrantState::Open)
    );
}

async fn what_was_done_stays_done_and_its_proof_is_the_answer(place: Place) {
    let store = place.open().await;
    let id = create(&store, task("A", "follow", None)).await;
    let at = begin(&store, id, "A").await;
    let grant = granted(&answer(&store, ask(at, 1, "anna")).await);
    let unknown = GrantOutcome::Unknown {
        why: "the link broke".to_owned(),
    };
    assert_eq!(
        settle(&store, at, grant, unknown.clone()).await.state,
        GrantState::Unknown
    );
    for outcome in [done(), void(), unknown, done()] {
        let now = settle(&store, at, grant, outcome).await;
        assert_eq!(now.state, GrantState::Done, "nothing beats done");
    }
    let proof = GrantAnswer::Done {
        proof: json!({"seen": "Following"}).to_string(),
    };
    assert_eq!(answer(&store, ask(at, 1, "anna")).await, proof);
    assert_eq!(answer(&store, ask(at, 2, "anna")).await, proof);
    // Void first, done heard later: it was done, and may not be done again.
    let second = granted(&answer(&store, ask(at, 3, "bert")).await);
    settle(&store, at, second, void()).await;
    settle(&store, at, second, done()).await;
    assert_eq!(answer(&store, ask(at, 4, "bert")).await, proof);
}

async fn a_void_frees_the_act_and_another_journals_does_not(place: Place) {
    let store = place.open().await;
    let id = create(&store, task("A", "post", None)).await;
    let at = begin(&store, id, "A").await;
    let append = |request| GrantAsk {
        kind: CommitKind::Append,
        commit: "post".to_owned(),
        ..ask(at, request, "film")
    };
    let grant = granted(&answer(&store, append(1)).await);
    let told = |outcome| Settlement {
        attempt: at.into_bytes(),
        grant: grant.into_bytes(),
        outcome,
    };
    let not_seen = GrantOutcome::NotSeen {
        why: "looked".to_owned(),
    };
    for outcome in [void(), not_seen.clone()] {
        let other = store.settle(HOST, Some("another".to_owned()), told(outcome));
        let Settled::Now(row) = other.await.unwrap() else {
            panic!("it worked for the task")
        };
        assert_eq!(
            row.state,
            GrantState::Unknown,
            "what is not in this journal may be in the other"
        );
    }
    assert_eq!(settle(&store, at, grant, void()).await.state, GrantState::Void);
    let again = granted(&answer(&store, append(2)).await);
    assert_ne!(again, grant);
    settle(&store, at, again, void()).await;
    // A state act is free after a look, whoever looked.
    let state = granted(&answer(&store, ask(at, 3, "anna")).await);
    let looked = Settlement {
        attempt: at.into_bytes(),
        grant: state.into_bytes(),
        outcome: not_seen,
    };
    let Settled::Now(row) = store
        .settle(HOST, Some("another".to_owned()), looked)
        .await
        .unwrap()
    else {
        panic!("it worked for the task")
    };
    assert_eq!(row.state, GrantState::Void);
    granted(&answer(&store, ask(at, 4, "anna")).await);
}

async fn an_act_in_question_holds_the_account(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    let first = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, first, "A").await;
    let grant = granted(&answer(&store, ask(at, 1, "anna")).await);
    let refused = answer(&store, ask(at, 2, "bert")).await;
    assert!(
        matches!(&refused, GrantAnswer::Refused { kind, .. } if kind == "held"),
        "{refused:?}"
    );
    let lost = How::Lost {
        why: "gone".to_owned(),
    };
    store
        .close_attempt(at, lost, |ground| {
            assert_eq!(ground.grants.len(), 1);
            to(TaskState::Verifying)
        })
        .await
        .unwrap();
    let second = create(&store, task("B", "follow", Some(jane))).await;
    let held = store.hand_out(attempt(second, "B")).await.unwrap();
    assert_eq!(held, HandOut::NotNow(NotNow::AccountHeld { task: first }));
    let now = shared::clock::Clock::now(&*place.clock);
    let queue = store.queue("A", now, 10).await.unwrap();
    assert_eq!(queue.verifying.map(|task| task.id), Some(first));
    // Its own task looks.
    let looking = begin(&store, first, "A").await;
    assert!(matches!(
        answer(&store, ask(looking, 1, "anna")).await,
        GrantAnswer::Unknown { .. }
    ));
    settle(&store, looking, grant, done()).await;
    store
        .close_attempt(
            looking,
            ended(
                looking,
                AttemptOutcome::Done {
                    result: "{}".to_owned(),
                },
            ),
            |_| to(TaskState::Completed),
        )
        .await
        .unwrap();
    begin(&store, second, "B").await;
}

async fn a_stopped_task_and_a_disabled_account_get_no_leave(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    let disable = |whole: &mut WholeAccount| {
        whole.row.status = AccountStatus::Disabled;
        Ok(())
    };
    store.change_account(jane, disable, "test").await.unwrap();
    let refused = answer(&store, ask(at, 1, "anna")).await;
    assert!(
        matches!(&refused, GrantAnswer::Refused { kind, why } if kind == "deferred" && why.contains("disabled")),
        "{refused:?}"
    );
    store.stop_task(id, "test").await.unwrap();
    let refused = answer(&store, ask(at, 2, "anna")).await;
    assert!(
        matches!(&refused, GrantAnswer::Refused { kind, .. } if kind == "stopped"),
        "{refused:?}"
    );
    assert_eq!(store.grants_of(id).await.unwrap(), []);
}

async fn the_gap_and_the_days_number_put_a_task_off(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    let ruled = |cap, gap| move |_: &str, _: &str| GrantRules { cap, gap, ..rules() };
    let ask_with = async |request, key: &str, cap, gap| match store
        .grant(HOST, ask(at, request, key), ruled(cap, gap))
        .await
        .unwrap()
    {
        Asked::Answer(answer) => answer,
        other => panic!("{other:?}"),
    };
    let minute = Duration::from_secs(60);
    let first = granted(&ask_with(1, "a", Some(1), minute).await);
    settle(&store, at, first, done()).await;
    let refused = ask_with(2, "b", Some(2), minute).await;
    assert!(
        matches!(&refused, GrantAnswer::Refused { kind, why } if kind == "deferred" && why.contains("gap")),
        "{refused:?}"
    );
    let now = shared::clock::Clock::now(&*place.clock);
    let put_off = row(&store, id).await;
    assert_eq!(put_off.due_at, now + SignedDuration::from_secs(60));
    let refused = ask_with(3, "b", Some(1), minute).await;
    assert!(
        matches!(&refused, GrantAnswer::Refused { kind, why } if kind == "deferred" && why.contains("1 of 1")),
        "{refused:?}"
    );
    let put_off = row(&store, id).await;
    assert_eq!(put_off.due_at, rules().next_day);
    assert!(put_off.waiting_for.unwrap().starts_with("daily_cap"));
    place.advance(61);
    // What was void counts for nothing.
    let second = granted(&ask_with(4, "b", Some(2), minute).await);
    settle(&store, at, second, void()).await;
    granted(&ask_with(5, "b", Some(2), Duration::ZERO).await);
}

async fn fifty_that_race_for_twenty_get_twenty(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    let races = (0..50_u64).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            // The account is one: whoever finds it held comes again, under another number.
            for turn in 0.. {
                let asked = ask(at, number * 10_000 + turn, &format!("target {number}"));
                let ruled = |_: &str, _: &str| GrantRules {
                    cap: Some(20),
                    ..rules()
                };
                match store.grant(HOST, asked, ruled).await {
                    Ok(Asked::Answer(GrantAnswer::Refused { kind, .. })) if kind == "held" => {}
                    Ok(Asked::Answer(GrantAnswer::Refused { kind, .. })) => {
                        assert_eq!(kind, "deferred");
                        return false;
                    }
                    Ok(Asked::Answer(answer)) => {
                        settle(&store, at, granted(&answer), done()).await;
                        return true;
                    }
                    other => panic!("{other:?}"),
                }
                tokio::task::yield_now().await;
            }
            false
        })
    });
    let mut given = 0;
    for race in races.collect::<Vec<_>>() {
        given += u32::from(race.await.unwrap());
    }
    assert_eq!(given, 20);
    assert_eq!(store.grants_of(id).await.unwrap().len(), 20);
}

async fn an_attempt_that_is_over_gets_no_leave(place: Place) {
    let store = place.open().await;
    let id = create(&store, task("A", "follow", None)).await;
    let at = begin(&store, id, "A").await;
    let lost = How::Lost {
        why: "gone".to_owned(),
    };
    store
        .close_attempt(at, lost, |_| to(TaskState::Retrying))
        .await
        .unwrap();
    for asked in [
        store.grant(HOST, ask(at, 1, "anna"), |_, _| rules()).await,
        store.earlier(HOST, ask(at, 1, "anna")).await,
    ] {
        assert!(matches!(asked.unwrap(), Asked::NotYours(_)));
    }
    assert_eq!(store.grants_of(id).await.unwrap(), []);
}

async fn the_end_of_an_attempt_is_heard_once(place: Place) {
    let store = place.open().await;
    let jane = account(&store, "jane").await;
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    let now = shared::clock::Clock::now(&*place.clock);
    let until = now + SignedDuration::from_hours(24);
    let mut stranger = ended(at, failed("limited"));
    if let How::Ended { host, .. } = &mut stranger {
        *host = Uuid::nil();
    }
    let refused = store.close_attempt(at, stranger, |_| panic!("it is not his"));
    assert_eq!(refused.await.unwrap(), Closed::NotYours);
    let closed = store
        .close_attempt(at, ended(at, failed("limited")), move |ground| Ending {
            change: TaskChange::new().error("limited", "enough for today"),
            attention: Some(NewAttention {
                task: Some(ground.task.id),
                grant: None,
                account_id: ground.task.account_id,
                serial: None,
                kind: "captcha".to_owned(),
                message: "solve it".to_owned(),
                held_until: None,
            }),
            rest_until: Some(until),
            ..to(TaskState::Failed)
        })
        .await
        .unwrap();
    let Closed::Now(Some(task)) = closed else {
        panic!("{closed:?}")
    };
    assert_eq!((task.state, task.attempt), (TaskState::Failed, None));
    assert_eq!(task.error.unwrap().kind, "limited");
    let again = store.close_attempt(at, ended(at, failed("device")), |_| panic!("heard already"));
    assert_eq!(again.await.unwrap(), Closed::Before);
    let rests = store.account(jane).await.unwrap().unwrap();
    assert_eq!(rests.row.resting_until, Some(until));
    let kept = store.attempts_of(id).await.unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].outcome.as_deref(), Some("limited"));
    assert_eq!(kept[0].place.as_deref(), Some("follow.rhai:7"));
    assert_eq!(store.list_attention(true, ALL).await.unwrap().total, 1);
}
