//! The tasks: created, listed, looked at, stopped, retried, deleted.

pub mod artifacts;
pub mod bundle;
pub mod change;
pub mod create;
pub mod details;
mod read;
mod view;
pub(crate) mod wanted;

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use shared::account::{Platform, Username};
use shared::device::Serial;
use shared::task::TaskStatus;
use utoipa::{IntoParams, ToSchema};

use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::token::Caller;
use crate::state::AppState;
use crate::store::{ArtifactRow, ListedTask, TaskQuery, TaskSort, TaskSortKey, TaskSource};
pub use artifacts::ArtifactItem;
pub use read::TaskEntry;
pub(super) use read::time;
pub use view::{TaskFault, TaskItem};

#[derive(Debug, Serialize, ToSchema)]
pub struct TaskList {
    pub tasks: Vec<TaskItem>,
    /// On all pages.
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// Which tasks are wanted; several values of one parameter, with commas between, mean any of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaskFilter {
    /// 0 pending, 1 running, 2 completed, 3 failed; the words are understood too.
    #[param(value_type = Vec<u8>, required = false)]
    pub status: Vec<TaskStatus>,
    /// On this phone: its serial or any alias.
    #[param(required = false)]
    pub serial: Vec<String>,
    /// Of this script.
    #[param(required = false, example = "post")]
    pub script_name: Vec<String>,
    /// ui, api.
    #[param(value_type = Option<String>)]
    pub source: Option<TaskSource>,
    /// Of this account, whatever its case.
    #[param(required = false)]
    pub username: Vec<String>,
    /// tiktok, instagram.
    #[param(value_type = Option<String>)]
    pub platform: Option<Platform>,
    /// RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    pub created_after: Option<Timestamp>,
    /// Created by the schedule of this id.
    pub schedule_id: Option<i64>,
    /// id, created_at, start_time, started_at, finished_at; with `-` before it the other way round. Newest first where
    /// absent.
    #[param(value_type = Option<String>, example = "-started_at")]
    pub sort: TaskSort,
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for TaskFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let paged = Paged::from_fields(fields)?;
        let words = |name: &str| Ok::<_, ApiError>(fields.list(name)?.unwrap_or_default());
        Ok(Self {
            status: statuses(&words("status")?)?,
            serial: words("serial")?,
            script_name: words("script_name")?,
            source: source(fields)?,
            username: words("username")?,
            platform: fields.platform()?,
            created_after: read::time(fields, "created_after")?,
            schedule_id: fields.number("schedule_id", 1..=i64::MAX)?,
            sort: sort(fields)?,
            page: paged.page,
            page_size: paged.page_size,
        })
    }
}

fn statuses(words: &[String]) -> Result<Vec<TaskStatus>, ApiError> {
    let one = |word: &String| {
        let number = word.parse().ok().and_then(TaskStatus::of_number);
        let named = TaskStatus::ALL
            .into_iter()
            .find(|status| status.as_str().eq_ignore_ascii_case(word));
        number.or(named).ok_or_else(|| {
            ApiError::parameter(
                "status",
                "must be 0 (pending), 1 (running), 2 (completed) or 3 (failed)",
            )
        })
    };
    words.iter().map(one).collect()
}

fn source(fields: &Fields) -> Result<Option<TaskSource>, ApiError> {
    match fields.text("source")?.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(name) => TaskSource::named(&name.to_ascii_lowercase())
            .map(Some)
            .ok_or_else(|| ApiError::parameter("source", "must be ui or api")),
    }
}

fn sort(fields: &Fields) -> Result<TaskSort, ApiError> {
    let keys = TaskSortKey::ALL.map(|key| (key, key.name()));
    let sort = fields.sort(&keys)?;
    Ok(sort.map_or_else(TaskSort::default, |(key, descending)| TaskSort {
        key,
        descending,
    }))
}

impl TaskFilter {
    fn query(&self, state: &AppState) -> TaskQuery {
        let serial = |name: &String| match state.phones.find(name) {
            Some(live) => live.device.serial.0.clone(),
            None => name.clone(),
        };
        let folded = |text: &String| {
            // What can be no username is nobody's.
            Username::parse(text).map_or_else(|_| text.clone(), |name| name.folded().to_owned())
        };
        let script =
            |name: &String| crate::tasks::script(&state.packs.get(), name).unwrap_or_else(|_| name.clone());
        TaskQuery {
            statuses: self.status.clone(),
            serials: self.serial.iter().map(serial).collect(),
            scripts: self.script_name.iter().map(script).collect(),
            platform: self.platform.map(|platform| platform.as_str().to_owned()),
            source: self.source,
            usernames: self.username.iter().map(folded).collect(),
            created_after: self.created_after,
            schedule: self.schedule_id,
            sort: self.sort,
        }
    }
}

/// Tasks, newest first
#[utoipa::path(get, path = "/task", tag = "tasks", params(TaskFilter),
    responses((status = 200, description = "The tasks", body = Envelope<TaskList>)))]
pub async fn list(State(state): State<AppState>, Asked(filter): Asked<TaskFilter>) -> Answered<TaskList> {
    let page = Paged {
        page: filter.page,
        page_size: filter.page_size,
    };
    let listed = state
        .store
        .list_tasks(filter.query(&state), page.of_store())
        .await?;
    // What was never tried has left nothing.
    let tried = listed.rows.iter().filter(|task| task.row.attempts > 0);
    let tried: Vec<i64> = tried.map(|task| task.row.id).collect();
    let mut left: BTreeMap<i64, Vec<ArtifactRow>> = BTreeMap::new();
    if !tried.is_empty() {
        for row in state.store.artifacts_of_tasks(tried).await? {
            left.entry(row.task).or_default().push(row);
        }
    }
    let tasks = listed.rows.into_iter().map(|task| {
        let left = left.remove(&task.row.id).unwrap_or_default();
        TaskItem::of(&state, task, artifacts::items(left))
    });
    Ok(Success(TaskList {
        tasks: tasks.collect(),
        total: listed.total,
        page: page.page,
        page_size: page.page_size,
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TaskStats {
    pub total: u64,
    pub pending: u64,
    pub running: u64,
    pub completed: u64,
    pub failed: u64,
}

/// How many tasks there are in each status
#[utoipa::path(get, path = "/task/stats", tag = "tasks",
    responses((status = 200, description = "The numbers", body = Envelope<TaskStats>)))]
pub async fn stats(State(state): State<AppState>) -> Answered<TaskStats> {
    let counts = state.store.task_counts().await?;
    Ok(Success(TaskStats {
        total: counts.total(),
        pending: counts.pending,
        running: counts.running,
        completed: counts.completed,
        failed: counts.failed,
    }))
}

async fn find(state: &AppState, id: i64) -> Result<ListedTask, ApiError> {
    let task = state.store.task(id).await?;
    task.ok_or_else(|| unknown(&id.to_string()))
}

/// Whoever hands tasks out looks again: what these phones have to do has changed.
fn woken<'a>(state: &AppState, serials: impl IntoIterator<Item = &'a Serial>) {
    state.scheduler.wake(serials);
}

/// Console sessions and the API are told apart; there are no sessions yet.
fn source_of(_caller: &Caller) -> TaskSource {
    TaskSource::Api
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(40).collect();
    ApiError::not_found(format!("there is no task {id:?}"))
}
