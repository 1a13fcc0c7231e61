//! The engine with hosts that are made up: what it sends, and what becomes of tasks.

mod caps;
mod evidence;
mod farm;
mod people;
mod replaced;

use std::collections::BTreeMap;

use serde_json::json;
use shared::clock::Clock as _;
use shared::task::{GrantState, TaskState};
use shared::wire::message::{AgentAsk, ControllerReply, ToController};
use shared::wire::work::{
    AttemptOutcome, CommitKind, JournalRecord, JournalState, SecretKind, Spoken, Standing,
};

use super::*;
use crate::fleet::{Desk as _, DeskAnswer, EventKind, FleetEvent, WorkError};
use farm::*;

#[tokio::test]
async fn tasks_of_a_phone_run_one_after_the_other_in_their_order() {
    let farm = Farm::with_limit(9).await;
    let first = farm.create("A", "follow").await;
    let at = farm.order(first).await;
    farm.state(first, TaskState::Running).await;
    let second = farm.create("A", "like").await;
    let waits = farm.store.task(second).await.unwrap().unwrap().row;
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.contains(&format!("task {first}")), "{why}");
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    farm.state(first, TaskState::Completed).await;
    let next = farm.order(second).await;
    assert_eq!(farm.end(next, through()).await, ControllerReply::Done);
    farm.state(second, TaskState::Completed).await;
    // A lost confirmation: it is confirmed again, and nothing changes.
    assert_eq!(farm.end(next, failed("device")).await, ControllerReply::Done);
    assert_eq!(
        farm.store.task(second).await.unwrap().unwrap().row.state,
        TaskState::Completed
    );
}

#[tokio::test]
async fn no_more_phones_work_than_the_plan_allows() {
    let farm = Farm::with_limit(2).await;
    let tasks = [farm.create("A", "follow").await, farm.create("B", "follow").await];
    let mut attempts = Vec::new();
    for task in tasks {
        attempts.push(farm.order(task).await);
        farm.state(task, TaskState::Running).await;
    }
    let third = farm.create("C", "follow").await;
    farm.obstacle("C").await;
    let waits = farm.store.task(third).await.unwrap().unwrap().row;
    assert_eq!(waits.state, TaskState::Waiting);
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.starts_with("device_limit"), "{why}");
    farm.end(attempts[0], through()).await;
    farm.order(third).await;
}

#[tokio::test]
async fn a_task_begins_when_its_time_has_come() {
    let farm = Farm::with_limit(9).await;
    farm.answering(|_| {
        Err(WorkError::Refused {
            kind: shared::wire::message::FailureKind::Busy,
            message: "an operator holds it".to_owned(),
        })
    });
    let task = farm.create("A", "follow").await;
    let first = farm.order(task).await;
    let waits = farm.state(task, TaskState::Waiting).await;
    assert!(waits.waiting_for.unwrap().contains("an operator holds it"));
    assert_eq!(waits.retries, 0, "nothing was done");
    farm.answering(|_| Ok(Vec::new()));
    let place = farm.hubs.asked.borrow().len();
    let again = |ask: &AgentAsk| match ask {
        AgentAsk::Work(order) => Some(Uuid::from_bytes(order.attempt)),
        _ => None,
    };
    farm.comes_to(task, TaskState::Running).await;
    let second = farm.asked(place, again).await.1;
    assert_ne!(first, second);
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_sent_again_when_the_host_is_back() {
    let farm = Farm::with_limit(9).await;
    farm.answering(|_| Err(WorkError::Away));
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Handed).await;
    farm.answering(|_| Ok(Vec::new()));
    let place = farm.hubs.asked.borrow().len();
    farm.stands(&[]).await;
    let order = |ask: &AgentAsk| match ask {
        AgentAsk::Work(order) => Some(Uuid::from_bytes(order.attempt)),
        _ => None,
    };
    assert_eq!(farm.asked(place, order).await.1, at, "the same attempt");
    farm.state(task, TaskState::Running).await;
}

#[tokio::test]
async fn an_attempt_that_ends_while_its_host_is_heard_holds_its_phone_no_longer() {
    let farm = Farm::with_limit(9).await;
    let (lost, other) = (farm.create("A", "follow").await, farm.create("B", "follow").await);
    let (lost, at) = (farm.order(lost).await, farm.order(other).await);
    farm.state(other, TaskState::Running).await;
    farm.grant(lost).await;
    farm.hubs.held.send_replace(true);
    // The host has lost the one, and its journal takes its time; meanwhile the other one ends and the next begins.
    let engine = farm.engine.clone();
    let standing = Standing {
        journal: JOURNAL.to_owned(),
        highest: 0,
        attempts: vec![at.into_bytes()],
    };
    let stands = tokio::spawn(async move { engine.stands(HOST, standing).await });
    let looks = |ask: &AgentAsk| matches!(ask, AgentAsk::LookUp { .. }).then_some(());
    farm.asked(0, looks).await;
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    let next = farm.create("B", "like").await;
    let at = farm.order(next).await;
    farm.state(next, TaskState::Running).await;
    farm.hubs.held.send_replace(false);
    tokio::time::timeout(DEADLINE, stands).await.unwrap().unwrap();
    assert_eq!(farm.scheduler.running("B"), Some(next));
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    let last = farm.create("B", "follow").await;
    farm.order(last).await;
}

#[tokio::test]
async fn an_attempt_that_its_host_has_lost_is_looked_up_in_the_journal_and_made_again() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let grant = farm.grant(at).await;
    farm.answering(move |ask| match ask {
        AgentAsk::LookUp { grants } => Ok(grants
            .iter()
            .map(|id| JournalRecord {
                grant: *id,
                number: 1,
                task: 0,
                attempt: [0; 16],
                account: 0,
                commit: String::new(),
                kind: CommitKind::State,
                key: String::new(),
                state: JournalState::Void,
                at: 0,
            })
            .collect()),
        _ => Ok(Vec::new()),
    });
    farm.stands(&[]).await;
    let retrying = farm.state(task, TaskState::Retrying).await;
    assert_eq!(retrying.retries, 1);
    let grants = farm.store.grants_of(task).await.unwrap();
    assert_eq!((grants[0].id, grants[0].state), (grant, GrantState::Void));
    farm.comes_to(task, TaskState::Running).await;
}

#[tokio::test]
async fn a_host_that_stays_away_loses_its_phone_after_its_lease_and_the_act_is_looked_for() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    farm.grant(at).await;
    farm.answering(|_| Err(WorkError::Away));
    let lost = EventKind::HostLost {
        host: HOST,
        name: "hub".to_owned(),
        reason: "silent".to_owned(),
    };
    farm.hubs
        .events
        .send(FleetEvent {
            at: farm.clock.now(),
            kind: lost,
        })
        .unwrap();
    farm.pass(65).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!(row.state, TaskState::Running, "the lease and a margin");
    farm.comes_to(task, TaskState::Verifying).await;
    // It comes back with it: it is to end.
    farm.answering(|_| Ok(Vec::new()));
    let place = farm.hubs.asked.borrow().len();
    farm.stands(&[at]).await;
    let stop = |ask: &AgentAsk| match ask {
        AgentAsk::StopWork { attempt } => Some(Uuid::from_bytes(*attempt)),
        _ => None,
    };
    assert_eq!(farm.asked(place, stop).await.1, at);
    let looking = farm.comes_to(task, TaskState::Running).await;
    assert_eq!(looking.attempts, 2, "another attempt looks");
}

#[tokio::test]
async fn a_host_that_comes_back_in_time_goes_on() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let lost = EventKind::HostLost {
        host: HOST,
        name: "hub".to_owned(),
        reason: "silent".to_owned(),
    };
    let event = FleetEvent {
        at: farm.clock.now(),
        kind: lost,
    };
    farm.hubs.events.send(event).unwrap();
    farm.pass(30).await;
    farm.stands(&[at]).await;
    farm.pass(120).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!((row.state, row.attempt), (TaskState::Running, Some(at)));
}

#[tokio::test]
async fn a_running_task_is_told_to_stop() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    farm.store.stop_task(task, "Ann").await.unwrap();
    farm.scheduler.wake([&Serial("A".to_owned())]);
    let stop = |ask: &AgentAsk| match ask {
        AgentAsk::StopWork { attempt } => Some(Uuid::from_bytes(*attempt)),
        _ => None,
    };
    assert_eq!(farm.asked(0, stop).await.1, at);
    farm.end(at, failed("stopped")).await;
    let row = farm.state(task, TaskState::Failed).await;
    assert_eq!(row.error.unwrap().message, "stopped by Ann");
}

#[tokio::test]
async fn a_task_whose_phone_stays_away_expires() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("elsewhere", "follow").await;
    farm.obstacle("elsewhere").await;
    let waits = farm.store.task(task).await.unwrap().unwrap().row;
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.starts_with("phone_away"), "{why}");
    farm.clock.advance(Duration::from_secs(7_200));
    let row = farm.comes_to(task, TaskState::Failed).await;
    assert_eq!(row.error.unwrap().kind, "expired");
}

#[tokio::test]
async fn a_script_that_no_pack_has_fails_its_task_with_the_reason() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "dance").await;
    let row = farm.state(task, TaskState::Failed).await;
    assert!(row.error.unwrap().message.contains("dance"));
    // The phone is free for the next.
    let next = farm.create("A", "follow").await;
    farm.order(next).await;
}

#[tokio::test]
async fn what_an_attempt_tells_is_kept_and_only_its_own_host_may() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let progress = |percent| {
        vec![shared::wire::work::Progress {
            attempt: at.into_bytes(),
            percent,
            line: "opening".to_owned(),
            steps: 2,
        }]
    };
    farm.engine.progress(OTHER, progress(99));
    farm.engine.progress(HOST, progress(40));
    let line = |line: &str| {
        vec![shared::wire::work::LogLine {
            attempt: at.into_bytes(),
            at: farm.clock.now().as_millisecond(),
            line: line.to_owned(),
        }]
    };
    let kept = async |count: usize| {
        let wait = async {
            while farm.store.attempt_lines(at, 0, 9).await.unwrap().len() < count {
                farm.pass(1).await;
            }
        };
        tokio::time::timeout(DEADLINE, wait).await.unwrap();
    };
    farm.engine.lines(OTHER, line("tapped elsewhere"));
    farm.engine.lines(HOST, line("tapped"));
    kept(1).await;
    let row = farm.store.task(task).await.unwrap().unwrap().row;
    assert_eq!(
        (row.progress, row.progress_text.as_deref()),
        (40, Some("opening"))
    );
    // The last words come after the end, and are kept too.
    let result = "{}".to_owned();
    assert_eq!(
        farm.end(at, AttemptOutcome::Done { result }).await,
        ControllerReply::Done
    );
    farm.engine.lines(OTHER, line("ended elsewhere"));
    farm.engine.lines(HOST, line("ended"));
    kept(2).await;
    let lines = farm.store.attempt_lines(at, 0, 9).await.unwrap();
    let lines: Vec<(u32, &str)> = lines
        .iter()
        .map(|line| (line.number, line.line.as_str()))
        .collect();
    assert_eq!(lines, [(0, "tapped"), (1, "ended")]);
    let kept = farm
        .engine
        .evidence(HOST, at.into_bytes(), "screen.png", vec![1, 2, 3])
        .await;
    assert_eq!(kept, ControllerReply::Done);
    let file = artifact_file(farm.data.path(), at, "screen.png");
    assert_eq!(std::fs::read(file).unwrap(), [1, 2, 3]);
    let refused = farm
        .engine
        .evidence(OTHER, at.into_bytes(), "screen.png", vec![9])
        .await;
    assert!(matches!(refused, ControllerReply::NotYours { .. }));
    let astray = farm.engine.evidence(HOST, at.into_bytes(), "../x", vec![9]).await;
    assert!(matches!(astray, ControllerReply::Failed { .. }));
}

#[tokio::test]
async fn the_language_of_an_attempt_that_went_well_is_known_too() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    let say = |host, language: &str| {
        let spoken = Spoken {
            attempt: at.into_bytes(),
            language: language.to_owned(),
        };
        farm.engine.spoken(host, vec![spoken]);
    };
    say(HOST, "fr");
    say(OTHER, "en");
    say(HOST, "<b>");
    assert_eq!(farm.end(at, through()).await, ControllerReply::Done);
    let known = async {
        loop {
            let (runs, _) = farm.store.flow_runs(Timestamp::UNIX_EPOCH).await.unwrap();
            if let Some(language) = runs.first().and_then(|run| run.language.clone()) {
                return language;
            }
            farm.pass(1).await;
        }
    };
    assert_eq!(tokio::time::timeout(DEADLINE, known).await.unwrap(), "fr");
    // What ends where only a person can go on is no failure of the flow.
    let asks = farm.create("B", "login").await;
    let at = farm.order(asks).await;
    assert_eq!(
        farm.end(at, failed("need_person:code")).await,
        ControllerReply::Done
    );
    farm.state(asks, TaskState::Person).await;
    let (runs, _) = farm.store.flow_runs(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.count).sum::<u64>(), 1, "{runs:?}");
}

#[tokio::test]
async fn a_secret_is_told_to_nobody_but_the_host_of_a_live_attempt() {
    let farm = Farm::with_limit(9).await;
    let task = farm.create("A", "follow").await;
    let at = farm.order(task).await;
    farm.state(task, TaskState::Running).await;
    let ask = |attempt: Uuid| ToController::Secret {
        attempt: attempt.into_bytes(),
        what: SecretKind::Password,
    };
    let DeskAnswer::Say(reply) = farm.engine.answer(OTHER, ask(at)).await else {
        panic!("no file was asked for")
    };
    assert!(matches!(reply, ControllerReply::NotYours { .. }), "{reply:?}");
    assert!(matches!(
        farm.say(ask(Uuid::nil())).await,
        ControllerReply::NotYours { .. }
    ));
    // This task has no account.
    assert!(matches!(farm.say(ask(at)).await, ControllerReply::Failed { .. }));
    farm.end(at, through()).await;
    assert!(matches!(
        farm.say(ask(at)).await,
        ControllerReply::NotYours { .. }
    ));
}

#[tokio::test]
async fn outside_the_hours_nothing_begins() {
    let farm = Farm::with_limit(9).await;
    let set = BTreeMap::from([(crate::settings::HOURS.to_owned(), json!("09:00-22:00"))]);
    farm.scheduler
        .set_rules(WorkRules::of(&set, jiff::tz::TimeZone::UTC));
    let task = farm.create("A", "follow").await;
    farm.obstacle("A").await;
    let waits = farm.store.task(task).await.unwrap().unwrap().row;
    let why = farm.scheduler.waiting_for(&waits, farm.clock.now()).unwrap();
    assert!(why.starts_with("hours"), "{why}");
    let hour = SignedDuration::from_hours(1);
    farm.clock.advance(Duration::try_from(hour).unwrap());
    farm.comes_to(task, TaskState::Running).await;
}
