//! Waits for the next moment of any schedule and sees to those whose moment has come. What a run comes to is worked out
//! first and written down in one piece; what cannot be written is tried again, and is on time or missed by then.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::device::Serial;
use tokio_util::sync::CancellationToken;

use super::decide::{Past, Step, step};
use super::rule::{Moment, Rule};
use super::rule_of;
use crate::http::envelope::{ApiError, Code};
use crate::http::fields::{Fields, FromFields as _};
use crate::http::tasks::create::{SkippedItem, announce};
use crate::http::tasks::{TaskEntry, wanted::wanted};
use crate::state::AppState;
use crate::store::{AnswerKey, Fired, Firing, RunOutcome, RunRow, ScheduleRow, StoreError, Turned};
use crate::tasks::{self, Planned};

/// Schedules that are read at once.
const AT_ONCE: u32 = 50;
/// After a failure of the database.
const AGAIN: SignedDuration = SignedDuration::from_secs(1);
/// The wall clock is looked at so often while one waits: it may be set.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// How often old runs are forgotten.
const FORGET_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// Has schedules run; clones are one.
#[derive(Debug, Clone)]
pub struct Runner {
    state: AppState,
}

impl Runner {
    pub fn new(state: AppState) -> Self {
        Self { state }
    }

    /// Runs schedules until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        let (mut settled, mut forget_at) = (false, self.now());
        loop {
            let next = async {
                if !settled {
                    self.settle().await?;
                    settled = true;
                }
                self.see_to_all().await
            };
            let mut next = match next.await {
                Ok(next) => next,
                Err(error) => {
                    tracing::error!(error = error.message, "seeing to the schedules");
                    Some(later(self.now(), AGAIN))
                }
            };
            if self.now() >= forget_at {
                self.forget().await;
                forget_at = later(self.now(), FORGET_EVERY);
            }
            next = Some(next.map_or(forget_at, |next| next.min(forget_at)));
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.state.schedules.woken() => {}
                () = self.until(next) => {}
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.state.clock.now()
    }

    async fn until(&self, time: Option<Timestamp>) {
        loop {
            let left = time.map_or(SignedDuration::MAX, |time| time.duration_since(self.now()));
            if left <= SignedDuration::ZERO {
                return;
            }
            let left = Duration::try_from(left).unwrap_or(LOOK_EVERY);
            self.state.clock.sleep(left.min(LOOK_EVERY)).await;
        }
    }

    /// The rules of a zone may have changed since its moments were worked out: by an update of the machine, or because the
    /// controller's own zone is another.
    async fn settle(&self) -> Result<(), ApiError> {
        let now = self.now();
        for schedule in self.state.store.enabled_schedules().await? {
            let (Ok(rule), Some(next)) = (self.rule(&schedule), schedule.next) else {
                continue;
            };
            // A machine whose clock is not set yet begins at no time before the last change.
            let from = now.max(schedule.updated_at);
            let from = schedule.last_due.map_or(from, |last| last.max(from));
            let fresh = rule.first_after(from);
            if next.due > from && fresh != Some(next) {
                self.state
                    .store
                    .move_schedule(schedule.id, next.due, fresh)
                    .await?;
            }
        }
        Ok(())
    }

    /// Sees to all whose moment has come; answers when the next one comes.
    async fn see_to_all(&self) -> Result<Option<Timestamp>, ApiError> {
        loop {
            let now = self.now();
            let due = self.state.store.due_schedules(now, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(self.state.store.next_schedule_at().await?);
            }
            let mut failed = None;
            for schedule in due {
                if let Err(error) = self.see_to(&schedule, now).await {
                    failed = Some(error);
                }
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
    }

    /// Takes a schedule's steps until it waits again.
    async fn see_to(&self, schedule: &ScheduleRow, now: Timestamp) -> Result<(), ApiError> {
        let mut waits = schedule.next;
        while let Some(next) = waits.filter(|next| next.at <= now) {
            let firing = match self.rule(schedule) {
                Ok(rule) => match step(&rule, schedule.spec.missed, self.grace(schedule), next.due, now) {
                    Step::Wait(moment) => {
                        let store = &self.state.store;
                        store.move_schedule(schedule.id, next.due, Some(moment)).await?;
                        return Ok(());
                    }
                    Step::Run {
                        moment,
                        past,
                        next: then,
                    } => {
                        let outcome = self.worked_out(schedule).await?;
                        firing(schedule, next, moment.due, past, outcome, then)
                    }
                    Step::Miss { past, next: then } => {
                        let before = Past {
                            count: past.count - 1,
                            ..past
                        };
                        let before = (before.count > 0).then_some(before);
                        firing(schedule, next, past.last, before, RunOutcome::Missed, then)
                    }
                },
                // Nothing can be told of when it is due again; a change by a person may mend it.
                Err(error) => firing(schedule, next, next.due, None, failed(&error), None),
            };
            let then = firing.by_itself.and_then(|turned| turned.to);
            let serials = serials(&firing.outcome);
            match self.state.store.fire_schedule(firing).await? {
                Fired::Stale => return Ok(()),
                Fired::Before | Fired::Answered(_) => {}
                Fired::Run { run, ids } => told(&self.state, schedule, &run, &serials, ids).await,
            }
            waits = then;
        }
        Ok(())
    }

    fn rule(&self, schedule: &ScheduleRow) -> Result<Rule, ApiError> {
        let rule = rule_of(&schedule.spec, schedule.id, &self.state.config.zone);
        rule.map_err(|wrong| ApiError::parameter(wrong.field, wrong.allowed))
    }

    fn grace(&self, schedule: &ScheduleRow) -> SignedDuration {
        let usual = self.state.scheduler.rules().schedule_grace;
        match schedule.spec.grace_minutes {
            Some(minutes) => SignedDuration::from_mins(minutes.into()),
            None => SignedDuration::try_from(usual).unwrap_or(SignedDuration::MAX),
        }
    }

    /// What its tasks are now. An error is one of the database: it is tried again.
    async fn worked_out(&self, schedule: &ScheduleRow) -> Result<RunOutcome, ApiError> {
        match planned(&self.state, schedule).await {
            Ok(planned) => Ok(created(planned)),
            Err(error) if matches!(error.code, Code::Unavailable | Code::Internal) => Err(error),
            Err(error) => Ok(failed(&error)),
        }
    }

    async fn forget(&self) {
        let keep = SignedDuration::try_from(self.state.scheduler.rules().schedule_keep);
        let before = keep.ok().and_then(|keep| self.now().saturating_sub(keep).ok());
        let Some(before) = before else { return };
        loop {
            match self.state.store.forget_runs(before).await {
                Ok((_, true)) => {}
                Ok((_, false)) | Err(StoreError::NotLeader) => return,
                Err(error) => {
                    tracing::warn!(%error, "old runs of schedules could not be forgotten");
                    return;
                }
            }
        }
    }
}

/// Has a schedule run once, now, because a person wants it; what it waits for stays as it is. Answers as a call for its
/// tasks would be; one of the same name again as the first one was.
pub async fn run_now(
    state: &AppState,
    schedule: &ScheduleRow,
    who: &str,
    key: Option<AnswerKey>,
) -> Result<Value, ApiError> {
    let outcome = created(planned(state, schedule).await?);
    let serials = serials(&outcome);
    let firing = Firing {
        schedule: schedule.id,
        revision: schedule.revision,
        due: state.store.now(),
        outcome,
        missed: 0,
        missed_from: None,
        by_itself: None,
        who: who.to_owned(),
        key,
    };
    match state.store.fire_schedule(firing).await? {
        Fired::Run { run, ids } => {
            let answer = run.answer(&ids);
            told(state, schedule, &run, &serials, ids).await;
            Ok(answer)
        }
        Fired::Answered(before) => Ok(before),
        Fired::Stale | Fired::Before => Err(ApiError::conflict(format!(
            "schedule {} was changed meanwhile: look at it again",
            schedule.id
        ))),
    }
}

/// What a call for its tasks would create now.
async fn planned(state: &AppState, schedule: &ScheduleRow) -> Result<Planned, ApiError> {
    let fields = Fields::of_body(Value::Object(schedule.spec.task.clone()))?;
    let wanted = wanted(state, &TaskEntry::from_fields(&fields)?).await?;
    Ok(tasks::plan(&state.packs.get(), &state.media, &wanted)?)
}

fn created(planned: Planned) -> RunOutcome {
    let skipped: Vec<SkippedItem> = planned.skipped.iter().map(SkippedItem::from).collect();
    RunOutcome::Created {
        tasks: planned.tasks,
        skipped: json!(skipped),
        warnings: planned.warnings,
    }
}

fn failed(error: &ApiError) -> RunOutcome {
    RunOutcome::Failed {
        code: error.code.number(),
        why: error.message.clone(),
    }
}

fn firing(
    schedule: &ScheduleRow,
    from: Moment,
    due: Timestamp,
    past: Option<Past>,
    outcome: RunOutcome,
    to: Option<Moment>,
) -> Firing {
    Firing {
        schedule: schedule.id,
        revision: schedule.revision,
        due,
        outcome,
        missed: past.map_or(0, |past| past.count),
        missed_from: past.map(|past| past.first),
        by_itself: Some(Turned { from: from.due, to }),
        key: None,
        who: format!("schedule {} ({})", schedule.id, schedule.spec.name),
    }
}

fn serials(outcome: &RunOutcome) -> BTreeSet<Serial> {
    match outcome {
        RunOutcome::Created { tasks, .. } => tasks.iter().map(|task| task.serial.clone()).collect(),
        RunOutcome::Failed { .. } | RunOutcome::Missed => BTreeSet::new(),
    }
}

/// Tells of a run that is written down, and has its phones looked at.
async fn told(
    state: &AppState,
    schedule: &ScheduleRow,
    run: &RunRow,
    serials: &BTreeSet<Serial>,
    ids: Vec<i64>,
) {
    if !ids.is_empty() {
        announce(state, serials, ids).await;
    }
    state.events.schedule_ran(state.clock.now(), schedule, run);
}

fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(time)
}
