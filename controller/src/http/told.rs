//! Hears what happens to tasks: events go to their readers, figures to whoever measures.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::events::{AccountEvent, EventHub};
use crate::metrics::Metrics;
use crate::scheduler::{Listener, TaskNews};
use crate::store::AccountRow;

/// The ears of the scheduler.
#[derive(Debug, Clone)]
pub struct Ears {
    pub events: EventHub,
    pub metrics: Arc<Metrics>,
}

impl Listener for Ears {
    fn told(&self, at: Timestamp, news: TaskNews<'_>) {
        self.events.task_told(at, &news);
    }

    fn dispatched(&self, took: Duration) {
        self.metrics.dispatched(took);
    }

    fn accounts(&self, at: Timestamp, created: bool, accounts: &[AccountRow]) {
        let what = if created {
            AccountEvent::Created
        } else {
            AccountEvent::Changed
        };
        self.events.accounts(at, what, accounts);
    }
}
