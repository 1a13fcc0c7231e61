//! What happens to schedules.

use jiff::Timestamp;
use serde_json::json;

use super::{EventHub, Topic};
use crate::store::{RunRow, RunState, ScheduleRow};

/// What happened to a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleEvent {
    Created,
    Changed,
    Deleted,
}

impl ScheduleEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "schedule_created",
            Self::Changed => "schedule_changed",
            Self::Deleted => "schedule_deleted",
        }
    }
}

impl EventHub {
    /// A schedule was made, changed, or is gone.
    pub fn schedule(&self, at: Timestamp, what: ScheduleEvent, schedule: &ScheduleRow) {
        let data = json!({
            "at": at, "what": what.name(), "schedule": schedule.id, "name": schedule.spec.name,
        });
        self.pass_on(Topic::Schedule, &data);
    }

    /// A schedule has run, could not, or nobody was there; that it could not is for a person to see, too.
    pub fn schedule_ran(&self, at: Timestamp, schedule: &ScheduleRow, run: &RunRow) {
        let what = match run.state {
            RunState::Created => "schedule_run",
            RunState::Failed => "schedule_failed",
            RunState::Missed => "schedule_missed",
        };
        let data = json!({
            "at": at, "what": what, "schedule": schedule.id, "name": schedule.spec.name, "run": run.id,
            "due_at": run.due_at, "count": run.tasks, "reason": run.error,
        });
        self.pass_on(Topic::Schedule, &data);
        if run.state == RunState::Failed {
            self.pass_on(Topic::Alert, &data);
        }
    }
}
