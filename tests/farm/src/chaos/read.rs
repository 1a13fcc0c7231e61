//! Reads the facts: the phones' ledgers and the agents' journals from their files, the rest from the database.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use controller::store::{GrantRow, Page, Store};
use serde_json::Value;
use shared::task::TaskState;
use simphone::ledger::Entry;

use super::facts::{AttemptFact, Deed, Effect, GrantFact, JournalFact, Line, TaskFact};
use super::person::WHO;
use super::work::OUT_OF_LIBRARY;

/// The lasting things of one phone; a line that a kill has cut off was never acknowledged.
pub fn ledger(serial: &str, file: &Path) -> io::Result<Vec<Effect>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut effects = Vec::new();
    for line in whole.lines() {
        let entry: Entry = serde_json::from_str(line).map_err(io::Error::other)?;
        effects.push(Effect {
            serial: serial.to_owned(),
            seq: entry.seq,
            at: entry.at,
            deed: deed(&entry),
            content: entry
                .detail
                .get("content")
                .and_then(Value::as_str)
                .map(str::to_owned),
        });
    }
    Ok(effects)
}

/// What an entry of a ledger did, and to what.
fn deed(entry: &Entry) -> Deed {
    let text = |pointer: &str| {
        let value = Value::Object(entry.detail.clone());
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let what = match entry.kind.as_str() {
        "follow" | "unfollow" => text("/target"),
        "like" | "unlike" => text("/code"),
        "comment" => text("/comment/text"),
        // Which file it got out of the library is the controller's affair; its caption tells whose task it was for.
        "post" if text("/post/caption").contains(OUT_OF_LIBRARY) => text("/post/caption"),
        "post" => text("/content"),
        _ => Value::Object(entry.detail.clone()).to_string(),
    };
    Deed {
        platform: if entry.app.contains("instagram") {
            "instagram"
        } else {
            "tiktok"
        }
        .to_owned(),
        account: text("/account"),
        kind: entry.kind.clone(),
        what,
    }
}

/// One journal; none where there is no file, or no whole first line.
pub fn journal(file: &Path, lost: bool) -> io::Result<Option<JournalFact>> {
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut journal = JournalFact {
        lost,
        ..JournalFact::default()
    };
    // A line without its end was never acknowledged.
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        let value = line
            .split_once(' ')
            .and_then(|(_, text)| serde_json::from_str::<Value>(text).ok());
        let Some(value) = value else {
            return Err(io::Error::other(format!(
                "{} holds no record: {line}",
                file.display()
            )));
        };
        let word = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        match value["record"].as_str() {
            Some("journal") => journal.identity = word("identity"),
            Some("intent") => journal.lines.push(Line::Intent {
                grant: word("grant"),
                number: value["number"].as_i64().unwrap_or_default(),
            }),
            Some("done") => journal.lines.push(Line::Done {
                grant: word("grant"),
                at: word("at").parse().map_err(io::Error::other)?,
            }),
            Some("void") => journal.lines.push(Line::Void { grant: word("grant") }),
            _ => return Err(io::Error::other(format!("no such record: {line}"))),
        }
    }
    Ok((!journal.identity.is_empty()).then_some(journal))
}

/// Tasks, attempts and grants.
pub async fn database(store: &Store) -> io::Result<(Vec<TaskFact>, Vec<AttemptFact>, Vec<GrantFact>)> {
    const PART: u32 = 500;
    let waiting = at_attention(store).await?;
    let (mut tasks, mut attempts, mut grants) = (Vec::new(), Vec::new(), Vec::new());
    let mut after = 0;
    loop {
        let part = store.tasks_after(after, PART).await.map_err(io::Error::other)?;
        let Some(last) = part.last() else { break };
        after = last.id;
        for task in part {
            for attempt in store.attempts_of(task.id).await.map_err(io::Error::other)? {
                attempts.push(AttemptFact {
                    id: attempt.id.simple().to_string(),
                    task: task.id,
                    over_at: attempt.lost_at.or(attempt.ended_at),
                    outcome: attempt.outcome,
                });
            }
            for grant in store.grants_of(task.id).await.map_err(io::Error::other)? {
                grants.push(grant_fact(grant));
            }
            tasks.push(TaskFact {
                id: task.id,
                state: task.state,
                error: task.error.map(|error| error.kind),
                at_attention: task.state == TaskState::Person && waiting.contains(&task.id),
            });
        }
    }
    Ok((tasks, attempts, grants))
}

/// The tasks that wait for a person.
pub async fn at_attention(store: &Store) -> io::Result<BTreeSet<i64>> {
    let listed = store
        .list_attention(
            true,
            Page {
                number: 1,
                size: 10_000,
            },
        )
        .await
        .map_err(io::Error::other)?;
    Ok(listed
        .rows
        .iter()
        .filter_map(|shown| shown.row.item.task)
        .collect())
}

fn grant_fact(grant: GrantRow) -> GrantFact {
    let said = grant.why.as_deref().is_some_and(|why| why.contains(WHO));
    let shown = grant.proof.as_ref().is_some_and(|proof| proof["by"] == WHO);
    GrantFact {
        id: grant.id.simple().to_string(),
        number: grant.number,
        task: grant.task,
        attempt: grant.attempt.simple().to_string(),
        commit: grant.commit,
        kind: grant.kind,
        key: grant.key,
        journal: grant.journal,
        state: grant.state,
        why: grant.why,
        granted_at: grant.granted_at,
        settled_at: grant.settled_at,
        by_person: said || shown,
    }
}

/// How many times each deed is in the ledgers.
pub fn times(effects: &[Effect]) -> BTreeMap<Deed, usize> {
    let mut times = BTreeMap::new();
    for effect in effects {
        *times.entry(effect.deed.clone()).or_default() += 1;
    }
    times
}
