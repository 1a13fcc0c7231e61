//! The person who looks at what waits for one: knows what the phones have really done, and decides only what is certain.

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use controller::scheduler::proof_of_main_act;
use controller::store::{AttentionRow, GrantRow, Page, Resolution, Store, Verdict};
use jiff::{SignedDuration, Timestamp};
use shared::clock::{Clock as _, SystemClock};

use super::crew::{Crew, PLATFORMS};
use super::facts::Deed;
use super::{rack, read};

/// Under which name it decides.
pub const WHO: &str = "the person of the chaos run";
/// Nothing is certain of what has only just come.
const FRESH: SignedDuration = SignedDuration::from_secs(10);
const LOOK: Duration = Duration::from_secs(5);

/// What it decided.
#[derive(Debug, Default, Clone)]
pub struct Decided {
    pub done: u32,
    pub not_done: u32,
    pub resumed: u32,
}

impl Decided {
    pub fn add(&mut self, more: &Self) {
        self.done += more.done;
        self.not_done += more.not_done;
        self.resumed += more.resumed;
    }
}

/// Looks at all that waits. `since` tells since when the process runs that has this journal; where it has ended since the
/// leave was given, it does not act any more.
pub async fn look(
    crew: &Crew,
    store: &Store,
    accepted: &BTreeMap<i64, Deed>,
    since: &BTreeMap<String, Timestamp>,
) -> io::Result<Decided> {
    let mut decided = Decided::default();
    let page = Page {
        number: 1,
        size: 1_000,
    };
    let waiting = store.list_attention(true, page).await.map_err(io::Error::other)?;
    let now = SystemClock.now();
    for item in waiting.rows {
        let Some((task, deed)) = item
            .row
            .item
            .task
            .and_then(|task| Some((task, accepted.get(&task)?)))
        else {
            continue;
        };
        if now.duration_since(item.row.created_at) < FRESH {
            continue;
        }
        let number = phone_of(deed);
        let times = read::times(&ledger(crew, number)?);
        let resolution = if times.contains_key(deed) {
            Resolution::Done
        } else if item.row.item.grant.is_none() {
            Resolution::Resume
        } else if over(store, &item.row, task, since).await? && idle(crew, number, &deed.platform).await {
            Resolution::NotDone
        } else {
            continue;
        };
        match store
            .resolve_attention(item.row.id, Verdict::of(resolution), WHO, proof_of_main_act)
            .await
        {
            Ok(_) => match resolution {
                Resolution::Done => decided.done += 1,
                Resolution::NotDone => decided.not_done += 1,
                Resolution::Resume | Resolution::Abandon => decided.resumed += 1,
            },
            // It may have been settled a moment ago.
            Err(controller::store::StoreError::Conflict(_)) => {}
            Err(error) => return Err(io::Error::other(error)),
        }
    }
    Ok(decided)
}

fn phone_of(deed: &Deed) -> usize {
    let digits = deed.account.rsplit('.').next().unwrap_or_default();
    digits.parse().unwrap_or(1)
}

fn ledger(crew: &Crew, number: usize) -> io::Result<Vec<super::facts::Effect>> {
    read::ledger(&rack::serial(number), &crew.rack_of(number)?.ledger(number))
}

/// Whether nobody can act any more under the grant in question.
async fn over(
    store: &Store,
    item: &AttentionRow,
    task: i64,
    since: &BTreeMap<String, Timestamp>,
) -> io::Result<bool> {
    let grants = store.grants_of(task).await.map_err(io::Error::other)?;
    let attempts = store.attempts_of(task).await.map_err(io::Error::other)?;
    let grant: Option<&GrantRow> = grants.iter().find(|grant| Some(grant.id) == item.item.grant);
    let Some(grant) = grant else { return Ok(true) };
    let told = attempts
        .iter()
        .any(|attempt| attempt.id == grant.attempt && attempt.steps.is_some());
    // A journal that nobody has any more was that of a process that has ended.
    let gone = since
        .get(&grant.journal)
        .is_none_or(|since| *since > grant.granted_at);
    Ok(told || gone)
}

/// Whether nothing is on its way from the phone to the platform.
async fn idle(crew: &Crew, number: usize, platform: &str) -> bool {
    let package = PLATFORMS.iter().find(|(name, _)| *name == platform);
    let (Some((_, package)), Ok(rack)) = (package, crew.rack_of(number)) else {
        return false;
    };
    let path = format!("/phones/{}/apps/{package}", rack::serial(number));
    let asked = tokio::time::timeout(LOOK, rack.ask(&path)).await;
    let runs = |install: &serde_json::Value| {
        let uploads = install["uploads"].as_array();
        uploads.is_some_and(|uploads| uploads.iter().any(|upload| upload["state"] == "running"))
    };
    matches!(asked, Ok(Ok(install)) if !runs(&install))
}
