//! What hosts do, straight in the store: attempts that begin and end, acts that are asked for and told of.

use std::time::Duration;

use controller::store::{
    Asked, AttemptLine, Ending, GrantRules, HandOut, How, NewAttempt, NewAttention, Store, TaskChange, Told,
};
use serde_json::json;
use shared::device::Serial;
use shared::task::TaskState;
use shared::wire::work::{
    AttemptEnd, AttemptFailure, AttemptOutcome, CommitKind, GrantAnswer, GrantAsk, GrantOutcome, Settlement,
};
use uuid::Uuid;

use crate::scripted::HUB;

const JOURNAL: &str = "journal";

/// Handed out, and its host has it.
pub(crate) async fn begin(store: &Store, task: i64) -> Uuid {
    let id = Uuid::new_v4();
    let serial = store.task(task).await.unwrap().unwrap().row.serial;
    let handed = store.hand_out(NewAttempt {
        id,
        task,
        host: HUB,
        serial: Serial(serial.0),
        pack_hash: "00".repeat(32),
        lease: Duration::from_secs(60),
    });
    assert!(matches!(handed.await.unwrap(), HandOut::Handed { .. }));
    store.acknowledge(id, HUB).await.unwrap().unwrap();
    id
}

/// So many lines of its log, from the first on.
pub(crate) async fn says(store: &Store, task: i64, attempt: Uuid, lines: u32) {
    let lines = (0..lines).map(|number| AttemptLine {
        number,
        at: "2027-01-15T08:00:00Z".parse().unwrap(),
        line: format!("line {number}"),
    });
    let told = Told {
        attempt,
        task,
        progress: Some((40, "tapping".to_owned())),
        language: None,
        lines: lines.collect(),
    };
    store.note_told(vec![told]).await.unwrap();
}

/// Leave for an act, given.
pub(crate) async fn leave(store: &Store, attempt: Uuid, commit: &str, key: &str) -> Uuid {
    let ask = GrantAsk {
        attempt: attempt.into_bytes(),
        request: 1,
        commit: commit.to_owned(),
        kind: CommitKind::State,
        key: key.to_owned(),
        evidence: json!({"button": "Follow"}).to_string(),
        journal: JOURNAL.to_owned(),
        highest: 0,
    };
    let rules = GrantRules {
        valid: Duration::from_secs(120),
        cap: None,
        gap: Duration::ZERO,
        day: "2027-01-15".to_owned(),
        next_day: "2027-01-16T00:00:00Z".parse().unwrap(),
        zone: jiff::tz::TimeZone::UTC,
    };
    match store.grant(HUB, ask, move |_, _| rules).await.unwrap() {
        Asked::Answer(GrantAnswer::Granted { grant, .. }) => Uuid::from_bytes(grant),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn settle(store: &Store, attempt: Uuid, grant: Uuid, outcome: GrantOutcome) {
    let told = Settlement {
        attempt: attempt.into_bytes(),
        grant: grant.into_bytes(),
        outcome,
    };
    store.settle(HUB, Some(JOURNAL.to_owned()), told).await.unwrap();
}

/// The attempt failed, and its task goes to `to`.
pub(crate) async fn fails(store: &Store, attempt: Uuid, kind: &str, to: TaskState) {
    ends(store, attempt, kind, to, None).await;
}

/// The attempt failed, and a person has to look.
pub(crate) async fn needs_person(store: &Store, task: i64, attempt: Uuid, kind: &str, grant: Option<Uuid>) {
    let row = store.task(task).await.unwrap().unwrap().row;
    let item = NewAttention {
        task: Some(task),
        grant,
        account_id: row.account_id,
        serial: Some(row.serial.0),
        kind: kind.to_owned(),
        message: "look at the phone".to_owned(),
        held_until: None,
    };
    let kind = format!("need_person:{kind}");
    ends(store, attempt, &kind, TaskState::Person, Some(item)).await;
}

async fn ends(store: &Store, attempt: Uuid, kind: &str, to: TaskState, attention: Option<NewAttention>) {
    let failure = AttemptFailure {
        kind: kind.to_owned(),
        message: "why".to_owned(),
        uncertain: false,
        place: Some(("follow.rhai".to_owned(), 7)),
    };
    let end = AttemptEnd {
        attempt: attempt.into_bytes(),
        outcome: AttemptOutcome::Failed(failure),
        steps: 3,
        took: 1_000,
        driver: "plain".to_owned(),
        app_version: "40.1".to_owned(),
    };
    let change = TaskChange::new().error(kind, "why");
    let how = How::Ended { host: HUB, end };
    let ending = move |_: &_| Ending {
        to,
        change,
        attention,
        rest_until: None,
    };
    store.close_attempt(attempt, how, ending).await.unwrap();
}
