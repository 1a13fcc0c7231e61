//! What happens to materials.

use jiff::Timestamp;
use serde_json::json;
use shared::account::Username;
use shared::task::TaskState;

use super::{EventHub, TOLD_ONE_BY_ONE, Topic};
use crate::store::{MaterialRow, TaskRow};

/// What happened to a material.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialEvent {
    Created,
    Changed,
    Deleted,
}

impl MaterialEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "material_created",
            Self::Changed => "material_changed",
            Self::Deleted => "material_deleted",
        }
    }
}

impl EventHub {
    /// Materials were taken in, changed or deleted; of many at once it is told in one word.
    pub fn materials(&self, at: Timestamp, what: MaterialEvent, materials: &[MaterialRow]) {
        if materials.len() > TOLD_ONE_BY_ONE {
            let data = json!({"at": at, "what": "materials_changed", "count": materials.len()});
            return self.pass_on(Topic::Material, &data);
        }
        for row in materials {
            let data = json!({
                "at": at, "what": what.name(), "id": row.id, "name": row.name,
                "username": row.username.as_ref().map(Username::as_str),
                "state": row.state(), "task": row.reserved_by.or(row.used_by),
            });
            self.pass_on(Topic::Material, &data);
        }
    }

    /// What a task has of the library is reserved, used or free from now on.
    pub(super) fn materials_of(&self, at: Timestamp, task: &TaskRow) {
        let turned = task.state == TaskState::Handed || task.status().is_end();
        for id in task.library().filter(|_| turned).into_iter().flatten() {
            let data = json!({"at": at, "what": MaterialEvent::Changed.name(), "id": id, "task": task.id});
            self.pass_on(Topic::Material, &data);
        }
    }
}
