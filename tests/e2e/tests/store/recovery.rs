//! A database that went back: it is noticed, nothing is given before the journals have told, and what they tell is kept.

use controller::store::{Asked, DeviceChange, Store, WholeAccount};
use jiff::Timestamp;
use shared::device::Serial;
use shared::task::{GrantState, TaskState};
use shared::wire::work::{CommitKind, GrantAnswer, JournalRecord, JournalState, Standing};
use uuid::Uuid;

use crate::grants::{HOST, JOURNAL, account, answer, ask, attempt, begin, create, granted, row, rules, task};
use crate::place::{ALL, Place, host, on_both, seen};

on_both!(
    a_host_that_knows_more_grants_than_the_database_begins_a_new_history,
    nothing_is_given_until_the_journals_have_told,
    what_a_journal_tells_is_kept_and_what_is_known_is_settled,
    a_host_that_stays_away_is_accepted_on_record,
);

fn standing(highest: u64) -> Standing {
    Standing {
        journal: JOURNAL.to_owned(),
        highest,
        attempts: Vec::new(),
    }
}

fn record(task: i64, number: u64, key: &str, state: JournalState) -> JournalRecord {
    JournalRecord {
        grant: Uuid::from_u128(number.into()).into_bytes(),
        number,
        task,
        attempt: Uuid::from_u128(5).into_bytes(),
        account: 0,
        commit: "follow".to_owned(),
        kind: CommitKind::State,
        key: key.to_owned(),
        state,
        at: 1_772_000_000_000,
    }
}

fn done() -> JournalState {
    JournalState::Done {
        proof: "\"seen\"".to_owned(),
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

async fn a_host_that_knows_more_grants_than_the_database_begins_a_new_history(place: Place) {
    let store = place.open().await;
    let first = create(&store, task("A", "follow", None)).await;
    let fresh = store.hear_standing(HOST, &standing(0)).await.unwrap();
    assert_eq!((fresh.epoch, fresh.replay, fresh.went_back), (1, false, false));
    let at = begin(&store, first, "A").await;
    granted(&answer(&store, ask(at, 1, "anna")).await);
    let same = store.hear_standing(HOST, &standing(1)).await.unwrap();
    assert!(!same.went_back && !same.replay, "{same:?}");
    let back = store.hear_standing(HOST, &standing(40)).await.unwrap();
    assert_eq!((back.epoch, back.replay, back.went_back), (2, true, true));
    // The attempt is of the history before.
    let asked = store
        .grant(HOST, ask(at, 2, "bert"), |_, _| rules())
        .await
        .unwrap();
    assert!(matches!(asked, Asked::NotYours(_)), "{asked:?}");
    let later = create(&store, task("B", "follow", None)).await;
    assert!(
        later > first + 1_000_000,
        "numbers that were given are not given again"
    );
    let once = store.hear_standing(HOST, &standing(40)).await.unwrap();
    assert_eq!((once.epoch, once.went_back), (2, false));
    let audit = store.list_audit(ALL).await.unwrap();
    assert!(audit.rows.iter().any(|row| row.entry.what == "restore.noticed"));
}

async fn asked(store: &Store, at: Uuid, request: u64) -> Asked {
    store
        .grant(HOST, ask(at, request, "anna"), |_, _| rules())
        .await
        .unwrap()
}

async fn nothing_is_given_until_the_journals_have_told(place: Place) {
    let store = place.open().await;
    let other = host("other");
    store.create_host(other.clone(), "test").await.unwrap();
    let mut phone = seen("A");
    phone.host_id = other.id;
    store.record_seen(&[phone]).await.unwrap();
    store
        .set_device(&Serial("A".to_owned()), DeviceChange::default(), "test")
        .await
        .unwrap();
    let jane = account(&store, "jane").await;
    let bind = |whole: &mut WholeAccount| {
        whole.row.device = Some(Serial("A".to_owned()));
        Ok(())
    };
    store.change_account(jane, bind, "test").await.unwrap();
    let stood = store.hear_standing(HOST, &standing(40)).await.unwrap();
    let id = create(&store, task("A", "follow", Some(jane))).await;
    let at = begin(&store, id, "A").await;
    assert!(
        matches!(asked(&store, at, 1).await, Asked::Later(_)),
        "its own journal"
    );
    store.journal_told(JOURNAL, stood.epoch).await.unwrap();
    let later = asked(&store, at, 2).await;
    assert!(
        matches!(&later, Asked::Later(why) if why.contains("restore accept")),
        "the phone's last host has not told: {later:?}"
    );
    assert_eq!(
        store
            .untold_hosts()
            .await
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>(),
        [other.id]
    );
    let others = Standing {
        journal: "other's".to_owned(),
        highest: 0,
        attempts: Vec::new(),
    };
    store.hear_standing(other.id, &others).await.unwrap();
    assert!(matches!(
        asked(&store, at, 3).await,
        Asked::Answer(GrantAnswer::Granted { .. })
    ));
}

async fn what_a_journal_tells_is_kept_and_what_is_known_is_settled(place: Place) {
    let store = place.open().await;
    store.hear_standing(HOST, &standing(0)).await.unwrap();
    let id = create(&store, task("A", "follow", None)).await;
    let ended = create(&store, task("B", "follow", None)).await;
    store.stop_task(ended, "test").await.unwrap();
    let at = begin(&store, id, "A").await;
    let known = granted(&answer(&store, ask(at, 1, "anna")).await);
    let intent = JournalState::Intent {
        evidence: "{}".to_owned(),
    };
    let mut of_known = record(id, 1, "anna", done());
    of_known.grant = known.into_bytes();
    let records = vec![
        of_known,
        record(id, 50, "bert", done()),
        record(id, 51, "cleo", JournalState::Void),
        record(ended, 52, "dora", intent.clone()),
        // The same number as the one that is known.
        record(900, 1, "emil", intent),
    ];
    for _ in 0..2 {
        store.replay(HOST, JOURNAL, records.clone(), day).await.unwrap();
    }
    let grants = store.grants_of(id).await.unwrap();
    let states: Vec<_> = grants
        .iter()
        .map(|grant| (grant.key.as_str(), grant.state))
        .collect();
    assert_eq!(
        states,
        [
            ("anna", GrantState::Done),
            ("bert", GrantState::Done),
            ("cleo", GrantState::Void)
        ]
    );
    assert!(matches!(
        answer(&store, ask(at, 2, "bert")).await,
        GrantAnswer::Done { .. }
    ));
    let open = store.unsettled_grants(None).await.unwrap();
    let keys: Vec<_> = open.iter().map(|grant| grant.key.as_str()).collect();
    assert_eq!(keys, ["dora", "emil"]);
    assert!(open[1].number > 52, "a number of its own");
    let waiting = store.list_attention(true, ALL).await.unwrap();
    assert_eq!(waiting.total, 2, "no attempt will look for these: {waiting:?}");
    let next = granted(&answer(&store, ask(at, 3, "cleo")).await);
    let next = store
        .grants_of(id)
        .await
        .unwrap()
        .into_iter()
        .find(|grant| grant.id == next)
        .unwrap();
    assert!(next.number > 52, "numbers go on behind what the journal knows");
    assert_eq!(row(&store, id).await.state, TaskState::Running);
}

async fn a_host_that_stays_away_is_accepted_on_record(place: Place) {
    let store = place.open().await;
    let away = host("away");
    store.create_host(away.clone(), "test").await.unwrap();
    store.hear_standing(HOST, &standing(9)).await.unwrap();
    assert!(store.untold_hosts().await.unwrap().contains(&away.id));
    store.accept_host(away.id, "command line").await.unwrap();
    store.accept_host(HOST, "command line").await.unwrap();
    assert!(store.untold_hosts().await.unwrap().is_empty());
    let id = create(&store, task("A", "follow", None)).await;
    let handed = store.hand_out(attempt(id, "A")).await.unwrap();
    assert!(matches!(handed, controller::store::HandOut::Handed { .. }));
    let audit = store.list_audit(ALL).await.unwrap();
    let accepted = audit
        .rows
        .iter()
        .filter(|row| row.entry.what == "restore.accept")
        .count();
    assert_eq!(accepted, 2);
}
