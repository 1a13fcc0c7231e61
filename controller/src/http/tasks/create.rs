//! `POST /task`: from a request to tasks.

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::device::Serial;
use shared::pack::files::hex;
use utoipa::ToSchema;

use super::super::body::Sent;
use super::super::envelope::{Answered, ApiError, Code, Envelope, Success};
use super::super::events::{TOLD_ONE_BY_ONE, TaskEvent};
use super::super::fields::{Fields, FromFields as _};
use super::super::token::Caller;
use super::read::TaskEntry;
use super::wanted::wanted;
use super::{source_of, woken};
use crate::state::AppState;
use crate::store::{AnswerKey, Created};
use crate::tasks::{self, Planned, Refused, Skipped, Who};

const KEY_HEADER: &str = "idempotency-key";
const LONGEST_KEY: usize = 255;

/// What was created.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedTasks {
    /// Empty where it was a dry run.
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
    /// account_disabled, phone_replaced, no_device, no_account, logged_in, not_offered_on_platform, flow_disabled.
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
    let entry = TaskEntry::from_fields(&fields);
    if let Ok(entry) = &entry
        && entry.dry_run
    {
        return would_create(&state, entry).await;
    }
    let body = Value::Object(fields.all().clone()).to_string();
    let key = call_key(&headers, &caller, &body)?;
    if let Some(key) = &key
        && let Some(before) = state.store.answered_before(key).await?
    {
        return answer(before);
    }
    let entry = entry?;
    let wanted = wanted(&state, &entry).await?;
    let Planned {
        tasks,
        skipped,
        warnings,
    } = tasks::plan(&state.packs.get(), &state.media, &wanted)?;
    let skipped: Vec<SkippedItem> = skipped.iter().map(SkippedItem::from).collect();
    let told = move |ids: &[i64]| json!({"task_ids": ids, "created_count": ids.len(), "skipped": skipped, "warnings": warnings});
    let serials: BTreeSet<Serial> = tasks.iter().map(|task| task.serial.clone()).collect();
    let created = state
        .store
        .create_tasks(tasks, source_of(&caller), &caller.name, key, told)
        .await?;
    match created {
        Created::New { ids, answer: new } => {
            announce(&state, &serials, ids).await;
            answer(new)
        }
        Created::Before(before) => answer(before),
    }
}

/// What the request would create, held against everything that it will be held against.
async fn would_create(state: &AppState, entry: &TaskEntry) -> Answered<CreatedTasks> {
    let planned = tasks::plan(&state.packs.get(), &state.media, &wanted(state, entry).await?)?;
    Ok(Success(CreatedTasks {
        task_ids: Vec::new(),
        created_count: planned.tasks.len(),
        skipped: planned.skipped.iter().map(SkippedItem::from).collect(),
        warnings: planned.warnings,
    }))
}

/// Tells of new tasks and has their phones looked at. They are there, whatever comes of telling it.
pub(crate) async fn announce(state: &AppState, serials: &BTreeSet<Serial>, ids: Vec<i64>) {
    woken(state, serials);
    let now = state.clock.now();
    if ids.len() > TOLD_ONE_BY_ONE {
        return state.events.many_tasks(now, TaskEvent::Created, ids.len());
    }
    match state.store.tasks_of(ids).await {
        Ok(tasks) => state.events.tasks(now, TaskEvent::Created, &tasks),
        Err(error) => tracing::warn!(%error, "new tasks could not be told of"),
    }
}

pub(in crate::http) fn answer(told: Value) -> Answered<CreatedTasks> {
    let read = serde_json::from_value(told);
    read.map(Success).map_err(|error| ApiError::internal(&error))
}

/// A call's name is its caller's own: another's of the same name is another. `what` is what it asks for.
pub(in crate::http) fn call_key(
    headers: &HeaderMap,
    caller: &Caller,
    what: &str,
) -> Result<Option<AnswerKey>, ApiError> {
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
    Ok(Some(AnswerKey {
        name: format!("{}\n{name}", caller.name),
        body_hash: hex(&Sha256::digest(what)),
    }))
}
