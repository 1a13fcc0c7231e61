//! What happens to tasks, and what waits for a person.

use jiff::Timestamp;
use serde_json::json;
use shared::account::Username;

use super::{EventHub, TOLD_ONE_BY_ONE, Topic};
use crate::scheduler::TaskNews;
use crate::store::{AttentionRow, TaskRow};

/// What happened to a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskEvent {
    Created,
    Changed,
    Deleted,
}

impl TaskEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "task_created",
            Self::Changed => "task_changed",
            Self::Deleted => "task_deleted",
        }
    }

    fn of_many(self) -> &'static str {
        match self {
            Self::Created => "tasks_created",
            Self::Changed => "tasks_changed",
            Self::Deleted => "tasks_deleted",
        }
    }
}

impl EventHub {
    /// Tasks were created, are gone, or have changed their state; of many at once it is told in one word.
    pub fn tasks(&self, at: Timestamp, what: TaskEvent, tasks: &[TaskRow]) {
        if tasks.len() > TOLD_ONE_BY_ONE {
            return self.many_tasks(at, what, tasks.len());
        }
        for task in tasks {
            self.task(at, what, task);
        }
    }

    /// The same of so many of which nobody needs to know each.
    pub fn many_tasks(&self, at: Timestamp, what: TaskEvent, count: usize) {
        let data = json!({"at": at, "what": what.of_many(), "count": count});
        self.pass_on(Topic::Task, &data);
    }

    /// A task was created, is gone, or has changed its state.
    pub fn task(&self, at: Timestamp, what: TaskEvent, task: &TaskRow) {
        let data = json!({
            "at": at, "what": what.name(), "task": task.id, "serial": task.serial, "script": task.script,
            "platform": task.platform, "account": task.account_id, "username": task.username.as_ref().map(Username::as_str),
            "state": task.state.as_str(), "status": task.status().as_str(),
            "reason": task.error.as_ref().map(|error| format!("{}: {}", error.kind, error.message)),
        });
        self.pass_on(Topic::Task, &data);
    }

    /// A task has another state; one that was to be deleted goes with its end.
    pub fn task_turned(&self, at: Timestamp, task: &TaskRow) {
        let gone = task.delete_asked_at.is_some() && task.status().is_end();
        let what = if gone {
            TaskEvent::Deleted
        } else {
            TaskEvent::Changed
        };
        self.task(at, what, task);
        self.materials_of(at, task);
    }

    /// What a task says while it runs.
    pub fn task_told(&self, at: Timestamp, news: &TaskNews<'_>) {
        let data = match news {
            TaskNews::State(task) => return self.task_turned(at, task),
            TaskNews::Attention(row) => return self.attention(at, row),
            TaskNews::Progress { task, percent, line } => {
                json!({"at": at, "what": "task_progress", "task": task, "percent": percent, "line": line})
            }
            TaskNews::Line { task, at, line } => {
                json!({"at": at, "what": "task_log", "task": task, "line": line})
            }
            TaskNews::File { task, name } => {
                json!({"at": at, "what": "task_file", "task": task, "name": name})
            }
        };
        self.pass_on(Topic::Task, &data);
    }

    /// A person is asked for, or has decided.
    pub fn attention(&self, at: Timestamp, row: &AttentionRow) {
        let what = if row.resolved_at.is_some() {
            "attention_resolved"
        } else {
            "attention_added"
        };
        let data = json!({
            "at": at, "what": what, "id": row.id, "task": row.item.task, "account": row.item.account_id,
            "serial": row.item.serial, "kind": row.item.kind, "message": row.item.message,
            "resolution": row.resolution,
        });
        self.pass_on(Topic::Attention, &data);
    }
}
