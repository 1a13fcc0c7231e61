//! What follows when an attempt is over: the task's next state, from how it ended and from what is known of its acts.
//!
//! A task is tried again by itself only where all that it was given leave for is settled; what was done beats everything.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use shared::pack::failure::FailureKind;
use shared::task::{GrantState, TaskState};
use shared::wire::work::{AttemptOutcome, CommitKind};

use crate::settings::WorkRules;
use crate::store::{Ending, GrantRow, Ground, How, NewAttention, TaskChange, TaskRow};

/// How often it is looked by itself for what became of an act; then a person has to.
const MOST_LOOKS: u32 = 8;
/// A host that did not take a task is asked again after so long.
const REFUSED_FOR: Duration = Duration::from_secs(5);
/// What a person is asked who has nothing to do on a screen.
const UNKNOWN: &str = "unknown";
/// The kind of failure of an attempt whose host is gone.
const HOST_LOST: &str = "host_lost";

/// A random time until the next try, between 5 and 60 seconds.
pub(super) fn pause(dice: u64) -> Duration {
    Duration::from_millis(5_000 + dice % 55_001)
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    now.saturating_add(by).unwrap_or(now)
}

/// Failures after which the same would fail again, or must not be tried.
fn is_final(kind: &str) -> bool {
    use FailureKind as Kind;
    match FailureKind::parse(kind) {
        None => kind != HOST_LOST,
        Some(kind) => matches!(
            kind,
            Kind::WrongPassword
                | Kind::Limited
                | Kind::Stopped
                | Kind::Suspended
                | Kind::Disabled
                | Kind::WrongAccount
                | Kind::NoMaterial
                | Kind::Private
                | Kind::NotFound
                | Kind::CommentsClosed
                | Kind::Script
                | Kind::AppMissing
                | Kind::PhoneFull
                | Kind::NeedPerson(_)
        ),
    }
}

/// What follows for the task.
pub(super) fn after(ground: &Ground, how: &How, rules: &WorkRules, now: Timestamp, dice: u64) -> Ending {
    let (kind, message) = match how {
        How::Ended { end, .. } => match &end.outcome {
            AttemptOutcome::Done { result } => return completed(ground, result, now, dice),
            AttemptOutcome::Failed(failure) => (failure.kind.as_str(), failure.message.as_str()),
        },
        How::Refused { why } => return back(ground, why, now),
        How::Lost { why } => (HOST_LOST, why.as_str()),
    };
    let mut ending = failed(ground, kind, message, rules, now, dice);
    if kind == FailureKind::Limited.as_str() {
        ending.rest_until = Some(later(now, rules.rest));
    }
    ending
}

/// What follows for a task that waits to know what became of its acts, once that is known; `None` where it still waits.
pub(super) fn once_settled(task: &TaskRow, grants: &[GrantRow], now: Timestamp) -> Option<Ending> {
    if unsettled(grants).is_some() {
        return None;
    }
    if let Some(proof) = proof_of_main_act(task, grants) {
        return Some(plain(TaskState::Completed, TaskChange::new().proof(&proof)));
    }
    if task.stop_asked_at.is_some() {
        return Some(stopped(task));
    }
    Some(plain(TaskState::Retrying, TaskChange::new().due_at(now)))
}

fn plain(to: TaskState, change: TaskChange) -> Ending {
    Ending {
        to,
        change,
        attention: None,
        rest_until: None,
    }
}

fn unsettled(grants: &[GrantRow]) -> Option<&GrantRow> {
    grants.iter().find(|grant| !grant.state.is_settled())
}

/// The proof of the act that the task is all about, where it was done.
pub fn proof_of_main_act(task: &TaskRow, grants: &[GrantRow]) -> Option<Json> {
    let is_main = |grant: &GrantRow| {
        grant.state == GrantState::Done
            && (grant.commit == task.script || (task.script == "post" && grant.kind == CommitKind::Append))
    };
    grants.iter().any(is_main).then(|| proof(grants))
}

/// What was done, act by act.
fn proof(grants: &[GrantRow]) -> Json {
    let told = |grant: &GrantRow| {
        json!({
            "grant": grant.id, "commit": grant.commit, "key": grant.key, "proof": grant.proof,
            "at": grant.settled_at,
        })
    };
    let done = grants.iter().filter(|grant| grant.state == GrantState::Done);
    done.map(told).collect()
}

fn completed(ground: &Ground, result: &str, now: Timestamp, dice: u64) -> Ending {
    if unsettled(&ground.grants).is_some() {
        return verify(ground, now, dice);
    }
    let result = serde_json::from_str(result).unwrap_or(Json::Null);
    plain(
        TaskState::Completed,
        TaskChange::new().result(&result).proof(&proof(&ground.grants)),
    )
}

/// It was not begun: as if it had not been handed out.
fn back(ground: &Ground, why: &str, now: Timestamp) -> Ending {
    let task = &ground.task;
    let open = unsettled(&ground.grants).is_some();
    let to = match () {
        () if open => TaskState::Verifying,
        () if task.stop_asked_at.is_some() => return stopped(task),
        () if task.retries > 0 => TaskState::Retrying,
        () => TaskState::Waiting,
    };
    let change = TaskChange::new()
        .due_at(later(now, REFUSED_FOR))
        .waiting_for(Some(&format!("phone_refused: {why}")));
    plain(to, change)
}

fn stopped(task: &TaskRow) -> Ending {
    let by = task.stop_asked_by.as_deref().unwrap_or("somebody");
    let change = TaskChange::new().error("stopped", &format!("stopped by {by}"));
    plain(TaskState::Failed, change)
}

/// Another attempt looks what became of the act; after many, a person.
fn verify(ground: &Ground, now: Timestamp, dice: u64) -> Ending {
    let due = TaskChange::new().due_at(later(now, pause(dice)));
    let Some(grant) = unsettled(&ground.grants) else {
        return plain(TaskState::Verifying, due);
    };
    let looks = ground.looks;
    // A stopping task is looked for once more first: only then a person may be asked.
    if looks >= MOST_LOOKS && ground.task.state.may_become(TaskState::Person) {
        let why = format!(
            "what became of {} {} could not be found out in {looks} attempts",
            grant.commit, grant.key
        );
        return person(ground, "unknown", &why, None);
    }
    let why = format!("verifying: what became of {} {}", grant.commit, grant.key);
    plain(TaskState::Verifying, due.waiting_for(Some(&why)))
}

fn person(ground: &Ground, kind: &str, why: &str, held_until: Option<Timestamp>) -> Ending {
    let task = &ground.task;
    let item = NewAttention {
        task: Some(task.id),
        grant: unsettled(&ground.grants).map(|grant| grant.id),
        account_id: task.account_id,
        serial: Some(task.serial.0.clone()),
        kind: kind.to_owned(),
        message: why.to_owned(),
        held_until,
    };
    let change = TaskChange::new()
        .waiting_for(Some(&format!("person: {why}")))
        .error(&format!("need_person:{kind}"), why);
    Ending {
        attention: Some(item),
        ..plain(TaskState::Person, change)
    }
}

fn failed(
    ground: &Ground,
    kind: &str,
    message: &str,
    rules: &WorkRules,
    now: Timestamp,
    dice: u64,
) -> Ending {
    let (task, grants) = (&ground.task, &ground.grants);
    let open = unsettled(grants).is_some();
    if !open && let Some(proof) = proof_of_main_act(task, grants) {
        return plain(TaskState::Completed, TaskChange::new().proof(&proof));
    }
    let known = FailureKind::parse(kind);
    // A stopping task goes on to look for its acts before it asks anybody.
    if let Some(FailureKind::NeedPerson(_)) = known
        && task.state.may_become(TaskState::Person)
        && (open || task.stop_asked_at.is_none())
    {
        let what = kind.strip_prefix("need_person:").unwrap_or("unknown");
        // What became of an act is on no screen any more.
        let held_until = (what != UNKNOWN).then(|| later(now, rules.person));
        return person(ground, what, message, held_until);
    }
    if open {
        return verify(ground, now, dice);
    }
    if task.stop_asked_at.is_some() {
        return stopped(task);
    }
    let waiting = |name: &str, due: Timestamp| {
        let change = TaskChange::new().waiting_for(Some(&format!("{name}: {message}")));
        plain(TaskState::Waiting, change.due_at(due))
    };
    match known {
        Some(FailureKind::Held) => return waiting("account_held", now),
        // The refusal has told the task until when, and why by its name.
        Some(FailureKind::Deferred) => {
            return plain(TaskState::Waiting, TaskChange::new().waiting_for(Some(message)));
        }
        Some(FailureKind::Recovering) => return waiting("recovering", later(now, REFUSED_FOR)),
        _ => {}
    }
    let error = TaskChange::new().error(kind, message);
    let most = match task.max_retries {
        Some(most) => most,
        None if rules.retry => rules.retries,
        None => 0,
    };
    if task.retries < most && !is_final(kind) {
        let change = error
            .retries(task.retries + 1)
            .due_at(later(now, pause(dice)))
            .waiting_for(Some(&format!("retry: after {kind}: {message}")));
        return plain(TaskState::Retrying, change);
    }
    plain(TaskState::Failed, error)
}

#[cfg(test)]
mod tests;
