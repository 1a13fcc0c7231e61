//! What must hold when everything is over: nothing twice, nothing without leave, nothing in question, everybody agrees.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::task::{Context, Waker};

use agent::journal::{Entry, Journal};
use agent::link::LinkStatus;
use controller::store::{GrantRow, StoreError, TaskRow};
use serde_json::Value;
use shared::task::{GrantState, TaskState};

use crate::hub::Hub;
use crate::office::Office;
use crate::phone::Act;
use crate::world::{World, lock};

/// Whether the hubs have nothing more to say, and are within reach.
pub(crate) fn is_quiet(hubs: &[Hub]) -> bool {
    hubs.iter().all(|hub| {
        lock(&hub.seen).as_ref().is_some_and(|seen| {
            matches!(*seen.link.borrow(), LinkStatus::Connected { .. })
                && seen.worker.standing().attempts.is_empty()
                && pin!(seen.outbox.empty())
                    .poll(&mut Context::from_waker(Waker::noop()))
                    .is_ready()
        })
    })
}

/// Everything that must not be. The hubs' processes are over.
pub(crate) async fn faults(
    world: &World,
    office: &Office,
    hubs: &[Hub],
    tasks: &[TaskRow],
) -> Result<Vec<String>, StoreError> {
    let mut faults = Vec::new();
    let ledger = lock(&world.ledger).clone();
    let mut grants: Vec<GrantRow> = Vec::new();
    for task in tasks {
        let given = office.store.grants_of(task.id).await?;
        of_task(task, &given, &ledger, &mut faults);
        grants.extend(given);
    }
    for one in office.store.live_attempts(None).await? {
        faults.push(format!(
            "an attempt at task {} is alive for ever",
            one.attempt.task
        ));
    }
    for act in &ledger {
        let same = ledger
            .iter()
            .filter(|other| (other.commit, &other.key) == (act.commit, &act.key))
            .count();
        if same > 1 {
            faults.push(format!("{} {} was done {same} times", act.commit, act.key));
        }
        let at = jiff::Timestamp::from_second(1_772_352_000).unwrap_or_default() + act.at;
        let leave = grants
            .iter()
            .any(|grant| grant.commit == act.commit && grant.key == act.key && grant.granted_at <= at);
        if !leave {
            faults.push(format!("{} {} was done without leave", act.commit, act.key));
        }
    }
    let mut intended = BTreeMap::new();
    for hub in hubs {
        journals(&hub.folder, &grants, &mut intended, &mut faults);
    }
    for act in &ledger {
        if !intended.contains_key(&(act.commit.to_owned(), act.key.clone())) {
            faults.push(format!(
                "{} {} was done and stands in no journal",
                act.commit, act.key
            ));
        }
    }
    faults.sort();
    faults.dedup();
    Ok(faults)
}

fn of_task(task: &TaskRow, grants: &[GrantRow], ledger: &[Act], faults: &mut Vec<String>) {
    let id = task.id;
    let key = task.config.get("key").and_then(Value::as_str).unwrap_or_default();
    // A walk is made of acts of its own.
    let step = format!("{key}-");
    let done = ledger
        .iter()
        .any(|act| (act.commit == task.script && act.key == key) || act.key.starts_with(&step));
    if !matches!(task.state, TaskState::Completed | TaskState::Failed) {
        faults.push(format!(
            "task {id} does not end: it is {} ({:?})",
            task.state, task.waiting_for
        ));
    }
    if task.state == TaskState::Completed && !done {
        faults.push(format!("task {id} is completed, and nothing was done"));
    }
    // One that is stopped while a person is asked has failed, whatever the person says of its act later.
    let asked =
        task.error.as_ref().is_some_and(|error| error.kind == "stopped") && grants.iter().any(is_by_person);
    if task.state == TaskState::Failed && done && !asked {
        faults.push(format!(
            "task {id} has failed, and its act was done ({:?})",
            task.error
        ));
    }
    for grant in grants {
        let number = grant.number;
        if !grant.state.is_settled() {
            faults.push(format!(
                "grant {number} of task {id} is not settled: {}",
                grant.state.as_str()
            ));
        }
    }
    let said = grants.iter().any(|grant| grant.state == GrantState::Done);
    if done != said {
        faults.push(format!("the act of task {id}: done {done}, known as done {said}"));
    }
}

fn is_by_person(grant: &GrantRow) -> bool {
    grant
        .proof
        .as_ref()
        .is_some_and(|proof| proof.get("by").is_some())
}

fn journals(
    folder: &Path,
    grants: &[GrantRow],
    intended: &mut BTreeMap<(String, String), usize>,
    faults: &mut Vec<String>,
) {
    let journal = match Journal::open(folder) {
        Ok(journal) => journal,
        Err(error) => return faults.push(format!("a journal cannot be read: {error}")),
    };
    let told = match journal.after(0, usize::MAX) {
        Ok(told) => told,
        Err(error) => return faults.push(format!("a journal cannot be read: {error}")),
    };
    for one in told {
        let Some(intent) = &one.intent else { continue };
        *intended
            .entry((intent.commit.clone(), intent.key.clone()))
            .or_default() += 1;
        let known = grants
            .iter()
            .find(|grant| grant.id.simple().to_string() == one.grant);
        match (&one.entry, known.map(|grant| grant.state)) {
            (_, None) => faults.push(format!(
                "a journal knows of a grant that nobody gave: {}",
                one.grant
            )),
            (Entry::Done { .. }, Some(state)) if state != GrantState::Done => faults.push(format!(
                "{} {} is done in a journal and {} in the database",
                intent.commit,
                intent.key,
                state.as_str()
            )),
            _ => {}
        }
    }
}
