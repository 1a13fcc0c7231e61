//! Phones whose place others took: what waits for them goes on to those, and what they alone could tell is asked of a
//! person.

use shared::device::{DeviceState, Serial};

use super::{Engine, TaskNews, complain};
use crate::store::{NewAttention, StoreError, TaskRow};

impl Engine {
    pub(super) async fn see_to_replaced(&self) {
        match self.store().send_on_from_replaced().await {
            Ok(tasks) => {
                for task in &tasks {
                    self.tell(TaskNews::State(task));
                }
                self.inner.scheduler.wake(tasks.iter().map(|task| &task.serial));
            }
            Err(error) => complain("sending tasks on to the phones that took others' place", &error),
        }
        let waiting = match self.store().verifying_on_replaced().await {
            Ok(waiting) => waiting,
            Err(error) => return complain("looking for acts on phones whose place others took", &error),
        };
        let devices = self.inner.parts.hosts.devices();
        for (task, by) in waiting {
            let live = devices.get(&task.serial);
            // One that is here can still be looked at.
            if live.is_some_and(|live| live.device.state == DeviceState::Online) {
                continue;
            }
            if let Err(error) = self.ask_instead(&task, &by).await {
                complain("asking a person what became of an act", &error);
            }
        }
    }

    /// The phone is gone for good: a person finds out what became of the act.
    async fn ask_instead(&self, task: &TaskRow, by: &Serial) -> Result<(), StoreError> {
        let item = NewAttention {
            task: Some(task.id),
            grant: None,
            account_id: task.account_id,
            serial: Some(task.serial.0.clone()),
            kind: "unknown".to_owned(),
            message: format!(
                "its phone {} is away and {by} has taken its place: look whether its act was done",
                task.serial
            ),
            held_until: None,
        };
        if let Some(task) = self.store().need_person(task.id, item).await? {
            self.tell(TaskNews::State(&task));
        }
        Ok(())
    }
}
