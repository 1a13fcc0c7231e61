//! `POST /task`: from a request to tasks.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::account::{Platform, Username};
use shared::device::Serial;
use shared::pack::files::hex;
use utoipa::ToSchema;

use super::super::body::Sent;
use super::super::envelope::{Answered, ApiError, Code, Envelope, Success};
use super::super::events::{TOLD_ONE_BY_ONE, TaskEvent};
use super::super::fields::{Fields, FromFields as _};
use super::super::token::Caller;
use super::read::TaskEntry;
use super::{source_of, woken};
use crate::state::AppState;
use crate::store::{AccountRow, AnswerKey, Created};
use crate::tasks::{self, Named, On, Phone, Planned, Refused, Skipped, Wanted, Who};

const KEY_HEADER: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;
/// What does not exist and is named, at most.
const NAMED: usize = 10;

/// What was created.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedTasks {
    pub task_ids: Vec<i64>,
    pub created_count: usize,
    /// For whom nothing was created, and why.
    pub skipped: Vec<SkippedItem>,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SkippedItem {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub username: Option<String>,
    /// account_disabled, no_device, no_account, logged_in, not_offered_on_platform.
    #[schema(example = "account_disabled")]
    pub reason: String,
}

impl From<&Skipped> for SkippedItem {
    fn from(skipped: &Skipped) -> Self {
        let (serial, username) = match &skipped.who {
            Who::Phone(serial) => (Some(serial.0.clone()), None),
            Who::Account(username) => (None, Some(username.as_str().to_owned())),
        };
        Self {
            serial,
            username,
            reason: skipped.reason.to_owned(),
        }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        let code = match &refused {
            Refused::Script(_) => Code::ScriptRefused,
            Refused::Parameter(_) | Refused::NothingLeft(_) => Code::BadParameter,
            Refused::UnknownAccount(_) => Code::NotFound,
        };
        Self::new(code, refused.to_string())
    }
}

/// Creates tasks, all or none
///
/// One for each phone or account, and for each target. With the header `Idempotency-Key` the same call again is answered
/// as before and creates nothing, for 24 hours.
#[utoipa::path(post, path = "/task", tag = "tasks", request_body = TaskEntry,
    params(("Idempotency-Key" = Option<String>, Header, description = "A name for this call, of your choice")),
    responses(
        (status = 200, description = "The tasks", body = Envelope<CreatedTasks>),
        (status = 400, description = "40002: script_name is missing · 40003: there is no such script, or it is not offered · \
            40001: a parameter is missing, of the wrong type or out of range, or nothing is left to do; the message names it"),
        (status = 404, description = "40401: there is no such phone or account; nothing was created"),
        (status = 409, description = "40901: the Idempotency-Key was used for another body"),
    ))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Sent(fields): Sent<Fields>,
) -> Answered<CreatedTasks> {
    let key = key(&headers, &caller, &fields)?;
    if let Some(key) = &key
        && let Some(before) = state.store.answered_before(key).await?
    {
        return answer(before);
    }
    let entry = TaskEntry::from_fields(&fields)?;
    let wanted = wanted(&state, &entry).await?;
    let Planned {
        tasks,
        skipped,
        warnings,
    } = tasks::plan(&state.packs, &state.media, &wanted)?;
    let skipped: Vec<SkippedItem> = skipped.iter().map(SkippedItem::from).collect();
    let told = move |ids: &[i64]| json!({"task_ids": ids, "created_count": ids.len(), "skipped": skipped, "warnings": warnings});
    let serials: BTreeSet<Serial> = tasks.iter().map(|task| task.serial.clone()).collect();
    let created = state
        .store
        .create_tasks(tasks, source_of(&caller), &caller.name, key, told)
        .await?;
    match created {
        Created::New { ids, answer: new } => {
            woken(&state, &serials);
            told_created(&state, ids).await;
            answer(new)
        }
        Created::Before(before) => answer(before),
    }
}

/// They are there, whatever comes of telling it.
async fn told_created(state: &AppState, ids: Vec<i64>) {
    let now = state.clock.now();
    if ids.len() > TOLD_ONE_BY_ONE {
        return state.events.many_tasks(now, TaskEvent::Created, ids.len());
    }
    match state.store.tasks_of(ids).await {
        Ok(tasks) => state.events.tasks(now, TaskEvent::Created, &tasks),
        Err(error) => tracing::warn!(%error, "new tasks could not be told of"),
    }
}

fn answer(told: Value) -> Answered<CreatedTasks> {
    let read = serde_json::from_value(told);
    read.map(Success).map_err(|error| ApiError::internal(&error))
}

/// A call's name is its caller's own: another's of the same name is another.
fn key(headers: &HeaderMap, caller: &Caller, fields: &Fields) -> Result<Option<AnswerKey>, ApiError> {
    let Some(name) = headers.get(KEY_HEADER) else {
        return Ok(None);
    };
    let name = name.to_str().unwrap_or_default().trim();
    if name.is_empty() || name.len() > LONGEST_KEY {
        return Err(ApiError::parameter(
            "Idempotency-Key",
            format!("must be 1 to {LONGEST_KEY} characters of ASCII"),
        ));
    }
    let body = Value::Object(fields.all().clone()).to_string();
    Ok(Some(AnswerKey {
        name: format!("{}\n{name}", caller.name),
        body_hash: hex(&Sha256::digest(body)),
    }))
}

async fn wanted(state: &AppState, entry: &TaskEntry) -> Result<Wanted, ApiError> {
    let now = state.clock.now();
    let start_at = match entry.start_time {
        Some(time) => tasks::next_occurrence(now, time, &state.config.zone),
        None => entry.start_at,
    };
    // Before anybody is looked for: a script that there is not is wrong for everybody.
    let script = tasks::script(&state.packs, &entry.script_name)?;
    let on = if entry.usernames.is_empty() {
        On::Phones {
            phones: phones(state, &entry.serials).await?,
            every_account: entry.enable_multi_account,
        }
    } else {
        On::Accounts(accounts(state, &entry.usernames).await?)
    };
    Ok(Wanted {
        script,
        config: entry.script_config.clone(),
        on,
        platform: entry.platform,
        usual_platform: state.in_force.get().usual_platform,
        start_at,
        spacing: entry.spacing()?,
        max_retries: entry.max_retries,
        random_order: state.scheduler.rules().random_order,
        seed: rand::random(),
        now,
    })
}

/// The phones that are meant, each once, with what is bound to them under any of their names.
async fn phones(state: &AppState, names: &[String]) -> Result<Vec<Phone>, ApiError> {
    let mut serials: Vec<Serial> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut unknown = Vec::new();
    for name in names {
        let live = state.phones.find(name);
        let serial = match &live {
            Some(live) => live.device.serial.clone(),
            None => Serial(name.clone()),
        };
        if live.is_none() && state.store.device(&serial).await?.is_none() {
            unknown.push(name.as_str());
            continue;
        }
        if known.contains_key(&serial.0) {
            continue;
        }
        let place = serials.len();
        known.insert(serial.0.clone(), place);
        for alias in live.iter().flat_map(|live| &live.device.aliases) {
            known.entry(alias.clone()).or_insert(place);
        }
        serials.push(serial);
    }
    refuse_unknown("serials", "phone", &unknown)?;
    let mut phones: Vec<Phone> = serials
        .into_iter()
        .map(|serial| Phone {
            serial,
            accounts: Vec::new(),
        })
        .collect();
    for account in state.store.accounts_on(known.keys().cloned().collect()).await? {
        let device = account.device.as_ref().map(|device| device.0.as_str());
        let place = device.and_then(|device| known.get(device));
        if let Some(phone) = place.and_then(|place| phones.get_mut(*place)) {
            phone.accounts.push(account);
        }
    }
    Ok(phones)
}

/// The accounts that may be meant by usernames. Of those that are bound by another name of their phone, by its serial.
async fn accounts(state: &AppState, usernames: &[Username]) -> Result<Vec<Named>, ApiError> {
    let mut found: BTreeMap<String, Vec<AccountRow>> = BTreeMap::new();
    for platform in Platform::ALL {
        for account in state.store.find_accounts(platform, Vec::new(), usernames).await? {
            let mut row = account.row;
            if let Some(live) = row
                .device
                .as_ref()
                .and_then(|device| state.phones.find(&device.0))
            {
                row.device = Some(live.device.serial.clone());
            }
            found
                .entry(row.username.folded().to_owned())
                .or_default()
                .push(row);
        }
    }
    let named = usernames.iter().map(|username| Named {
        username: username.clone(),
        accounts: found.remove(username.folded()).unwrap_or_default(),
    });
    let named: Vec<Named> = named.collect();
    let unknown: BTreeSet<&str> = named
        .iter()
        .filter(|name| name.accounts.is_empty())
        .map(|name| name.username.as_str())
        .collect();
    let unknown: Vec<&str> = unknown.into_iter().collect();
    refuse_unknown("usernames", "account", &unknown)?;
    Ok(named)
}

fn refuse_unknown(parameter: &str, kind: &str, names: &[&str]) -> Result<(), ApiError> {
    if names.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| name.chars().take(100).collect())
        .collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(ApiError::not_found(format!(
        "{parameter}: there is no {kind} {}{more}; nothing was created",
        shown.join(", ")
    )))
}
