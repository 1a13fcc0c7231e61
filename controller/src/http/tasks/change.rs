//! Stopping, retrying and deleting tasks that there are.

use axum::extract::State;
use serde::Serialize;
use shared::task::TaskState;
use utoipa::ToSchema;

use super::super::body::Sent;
use super::super::envelope::{Answered, ApiError, Envelope, Success};
use super::super::events::TaskEvent;
use super::super::fields::{Fields, FromFields};
use super::super::path::Named;
use super::super::token::Caller;
use super::{find, number, woken};
use crate::state::AppState;
use crate::store::{AttentionRow, TaskRow};

#[derive(Debug, Serialize, ToSchema)]
pub struct StoppedTask {
    pub stopped: bool,
    pub id: i64,
    /// failed, or stopping where a phone still works on it.
    #[schema(example = "failed")]
    pub state: &'static str,
}

/// Stops a task
///
/// One that runs ends within a second of its host's hearing of it. What it has done is done: where that is the whole task
/// it ends as completed.
#[utoipa::path(post, path = "/task/{id}/stop", tag = "tasks",
    params(("id" = i64, Path, description = "The task's id")),
    responses(
        (status = 200, description = "It is stopped, or is being stopped", body = Envelope<StoppedTask>),
        (status = 409, description = "40901: it has ended already"),
    ))]
pub async fn stop(State(state): State<AppState>, caller: Caller, Named(id): Named) -> Answered<StoppedTask> {
    let id = number(&id)?;
    let asked = state.store.attention_of(id).await?;
    let task = state.store.stop_task(id, &caller.name).await?;
    nobody_is_asked(&state, asked).await;
    changed(&state, TaskEvent::Changed, std::slice::from_ref(&task));
    Ok(Success(StoppedTask {
        stopped: true,
        id: task.id,
        state: task.state.as_str(),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RetriedTasks {
    pub retried_count: usize,
}

/// Lets a failed task be done again
#[utoipa::path(post, path = "/task/{id}/retry", tag = "tasks",
    params(("id" = i64, Path, description = "The task's id")),
    responses(
        (status = 200, description = "It waits again", body = Envelope<RetriedTasks>),
        (status = 409, description = "40901: it has not failed"),
    ))]
pub async fn retry(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Answered<RetriedTasks> {
    let task = state.store.retry_task(number(&id)?, &caller.name).await?;
    changed(&state, TaskEvent::Changed, &[task]);
    Ok(Success(RetriedTasks { retried_count: 1 }))
}

/// Lets all failed tasks be done again
///
/// But for those that were stopped by hand and those of which it is not known what came of them.
#[utoipa::path(post, path = "/task/retry-all", tag = "tasks",
    responses((status = 200, description = "How many wait again", body = Envelope<RetriedTasks>)))]
pub async fn retry_all(State(state): State<AppState>, caller: Caller) -> Answered<RetriedTasks> {
    let retried = state.store.retry_failed_tasks(&caller.name).await?;
    changed(&state, TaskEvent::Changed, &retried);
    Ok(Success(RetriedTasks {
        retried_count: retried.len(),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedTasks {
    pub deleted_count: usize,
    /// Those that a phone still works on: they are being stopped and go as soon as they have ended.
    pub stopping: Vec<i64>,
}

/// Deletes a task; one that runs is stopped first. What it did stays on record
#[utoipa::path(delete, path = "/task/{id}", tag = "tasks",
    params(("id" = i64, Path, description = "The task's id")),
    responses((status = 200, description = "It is gone, or goes as soon as it has stopped", body = Envelope<DeletedTasks>)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Answered<DeletedTasks> {
    let id = find(&state, number(&id)?).await?.row.id;
    let asked = state.store.attention_of(id).await?;
    let answer = deleted(&state, &caller, &[id]).await?;
    nobody_is_asked(&state, asked).await;
    Ok(answer)
}

/// Which tasks.
#[derive(Debug, ToSchema)]
pub struct TaskIds {
    /// 1 to 10,000 ids.
    pub task_ids: Vec<i64>,
}

impl FromFields for TaskIds {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let mut task_ids = fields.ids("task_ids", "tasks")?;
        task_ids.sort_unstable();
        Ok(Self { task_ids })
    }
}

/// Deletes many tasks; those that there are not are left aside
#[utoipa::path(delete, path = "/task/batch", tag = "tasks", request_body = TaskIds,
    responses((status = 200, description = "How many were deleted", body = Envelope<DeletedTasks>)))]
pub async fn delete_many(
    State(state): State<AppState>,
    caller: Caller,
    Sent(ids): Sent<TaskIds>,
) -> Answered<DeletedTasks> {
    deleted(&state, &caller, &ids.task_ids).await
}

async fn deleted(state: &AppState, caller: &Caller, ids: &[i64]) -> Answered<DeletedTasks> {
    let deleted = state.store.delete_tasks(ids, &caller.name).await?;
    let (still, gone): (Vec<TaskRow>, Vec<TaskRow>) = deleted
        .into_iter()
        .partition(|task| matches!(task.state, TaskState::Stopping | TaskState::Verifying));
    changed(state, TaskEvent::Deleted, &gone);
    changed(state, TaskEvent::Changed, &still);
    Ok(Success(DeletedTasks {
        deleted_count: gone.len() + still.len(),
        stopping: still.iter().map(|task| task.id).collect(),
    }))
}

/// Tells of what waited for a person and does not any more.
async fn nobody_is_asked(state: &AppState, asked: Vec<AttentionRow>) {
    for item in asked {
        if let Ok(Some(now)) = state.store.attention_item(item.id).await
            && now.row.resolved_at.is_some()
        {
            state.events.attention(state.clock.now(), &now.row);
        }
    }
}

/// Tells of tasks that have changed, and has their phones looked at.
fn changed(state: &AppState, what: TaskEvent, tasks: &[TaskRow]) {
    woken(state, tasks.iter().map(|task| &task.serial));
    state.events.tasks(state.clock.now(), what, tasks);
}
