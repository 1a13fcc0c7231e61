//! A task as the API shows it: what its documented fields say.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::artifacts::ArtifactItem;
use crate::state::AppState;
use crate::store::{ListedTask, TaskError};

/// A task.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskItem {
    pub id: i64,
    #[schema(example = "post")]
    pub script_name: String,
    /// As it was asked for, of this task's target alone.
    #[schema(value_type = Object)]
    pub script_config: Map<String, Value>,
    #[schema(example = "SIM0001")]
    pub serial: String,
    /// `null` where the phone was never seen.
    pub device_index: Option<u32>,
    /// `null` where no account was chosen: the app's own session is used.
    pub username: Option<String>,
    pub account_id: Option<i64>,
    #[schema(example = "tiktok")]
    pub platform: String,
    /// 0 pending, 1 running, 2 completed, 3 failed.
    #[schema(minimum = 0, maximum = 3)]
    pub status: i64,
    /// pending, running, completed, failed.
    #[schema(example = "pending")]
    pub status_text: &'static str,
    /// More exactly: waiting, retrying, handed, running, stopping, verifying, person, completed, failed.
    #[schema(example = "waiting")]
    pub state: &'static str,
    /// ui, api.
    #[schema(example = "api")]
    pub source: &'static str,
    /// The schedule that had it created.
    pub schedule_id: Option<i64>,
    /// When it is to start; `null` for as soon as may be.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub start_time: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub started_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// When it is tried again.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub retry_at: Option<Timestamp>,
    /// How many were made.
    pub attempts: u32,
    /// How often it is tried again by itself; `null` for as often as the settings say.
    pub max_retries: Option<u32>,
    /// 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub progress: u8,
    /// What is being done.
    pub progress_text: String,
    /// Why it is not running yet.
    pub waiting_for: Option<String>,
    /// Why it failed.
    pub error: Option<TaskFault>,
    /// What the script found out or did.
    #[schema(value_type = Option<Value>)]
    pub result: Option<Value>,
    /// What shows that it was done.
    #[schema(value_type = Option<Value>)]
    pub proof: Option<Value>,
    /// What its attempts left for whoever looks at them: of a failed one the last screen as picture and as hierarchy.
    pub artifacts: Vec<ArtifactItem>,
}

/// Why a task failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskFault {
    /// One word, always the same for the same: limited, no_material, stopped.
    #[schema(example = "no_material")]
    pub kind: String,
    pub message: String,
}

impl From<TaskError> for TaskFault {
    fn from(error: TaskError) -> Self {
        Self {
            kind: error.kind,
            message: error.message,
        }
    }
}

impl TaskItem {
    /// As it stands now.
    pub(super) fn of(state: &AppState, task: ListedTask, artifacts: Vec<ArtifactItem>) -> Self {
        let row = task.row;
        let status = row.status();
        let waiting_for = state.scheduler.waiting_for(&row, state.clock.now());
        Self {
            id: row.id,
            script_name: row.script,
            script_config: row.config,
            serial: row.serial.0,
            device_index: task.device_index,
            username: task.username,
            account_id: row.account_id,
            platform: row.platform,
            status: status.number(),
            status_text: status.as_str(),
            state: row.state.as_str(),
            source: row.source.as_str(),
            schedule_id: row.schedule_id,
            start_time: row.start_at,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.ended_at,
            retry_at: (row.state == shared::task::TaskState::Retrying).then_some(row.due_at),
            attempts: row.attempts,
            max_retries: row.max_retries,
            progress: row.progress,
            progress_text: row.progress_text.unwrap_or_default(),
            waiting_for,
            error: row.error.map(TaskFault::from),
            result: row.result,
            proof: row.proof,
            artifacts,
        }
    }
}
