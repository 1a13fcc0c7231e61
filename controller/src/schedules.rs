//! Schedules: what is to be done at which times, again and again, each time exactly once.
//!
//! When a schedule is due and what follows is decided from plain values (`cron`, `timing`, `rule`, `decide`); the runner
//! alone waits, asks the store and has tasks created, by the code that requests for tasks use.

pub mod cron;
pub mod decide;
pub mod rule;
pub mod runner;
pub mod timing;

use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::Notify;

use crate::store::ScheduleSpec;

pub use cron::Cron;
pub use decide::{Missed, Step};
pub use rule::{Moment, Rule};
pub use runner::Runner;
pub use timing::Timing;

/// The rule of a schedule; `usual` is the zone of one that names none.
pub fn rule_of(spec: &ScheduleSpec, id: i64, usual: &TimeZone) -> Result<Rule, timing::Wrong> {
    let zone = match &spec.zone {
        None => usual.clone(),
        Some(name) => TimeZone::get(name).map_err(|_| timing::Wrong {
            field: "time_zone",
            allowed: format!("{name:?} is no time zone: give a name such as Europe/Stockholm"),
        })?,
    };
    Ok(Rule {
        timing: Timing::read(&spec.timing)?,
        zone,
        jitter_minutes: spec.jitter_minutes,
        from: spec.valid_from,
        until: spec.valid_until,
        salt: id,
    })
}

/// Schedules as others see them; clones are one.
#[derive(Debug, Clone, Default)]
pub struct Schedules(Arc<Notify>);

impl Schedules {
    /// A schedule has changed: the next moment may be another.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    pub(crate) async fn woken(&self) {
        self.0.notified().await;
    }
}
