//! Schedules: made, changed, enabled, run by hand, looked at with what comes and with what came of them.

pub mod preview;
mod read;
pub mod upcoming;
mod view;

use axum::extract::State;
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Nothing, Success};
use super::events::ScheduleEvent;
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::path::Named;
use super::tasks::create::{CreatedTasks, answer, call_key};
use super::tasks::{TaskEntry, wanted::wanted};
use super::token::Caller;
use crate::schedules::runner::run_now;
use crate::schedules::{Moment, Rule, rule_of};
use crate::state::AppState;
use crate::store::{NextMoment, ScheduleRow, ScheduleSpec};
use crate::tasks::{self, Refused};
pub use read::{ScheduleEntry, ScheduleFields};
pub use view::{MomentItem, RunItem, ScheduleItem, SlotItem};

/// Moments that are listed at once.
const MOST_MOMENTS: i64 = 1_000;

#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleList {
    pub schedules: Vec<ScheduleItem>,
    /// On all pages.
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// Which schedules are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ScheduleFilter {
    /// Enabled ones alone, or disabled ones; all where absent.
    pub enabled: Option<bool>,
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for ScheduleFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let paged = Paged::from_fields(fields)?;
        Ok(Self {
            enabled: fields.flag("enabled")?,
            page: paged.page,
            page_size: paged.page_size,
        })
    }
}

/// Schedules, newest first
#[utoipa::path(get, path = "/schedules", tag = "schedules", params(ScheduleFilter),
    responses((status = 200, description = "The schedules", body = Envelope<ScheduleList>)))]
pub async fn list(
    State(state): State<AppState>,
    Asked(filter): Asked<ScheduleFilter>,
) -> Answered<ScheduleList> {
    let page = Paged {
        page: filter.page,
        page_size: filter.page_size,
    };
    let listed = state
        .store
        .list_schedules(filter.enabled, page.of_store())
        .await?;
    let ids = listed.rows.iter().map(|row| row.id).collect();
    let mut last = state.store.last_runs(ids).await?;
    let schedules = listed.rows.into_iter().map(|row| {
        let place = last.iter().position(|run| run.schedule == row.id);
        let run = place.map(|place| last.swap_remove(place));
        ScheduleItem::of(&state, row, run, Vec::new())
    });
    Ok(Success(ScheduleList {
        schedules: schedules.collect(),
        total: listed.total,
        page: page.page,
        page_size: page.page_size,
    }))
}

/// Makes a schedule
///
/// Its script and its targets are checked as by `POST /task`.
#[utoipa::path(post, path = "/schedules", tag = "schedules", request_body = ScheduleFields,
    responses(
        (status = 200, description = "The schedule", body = Envelope<ScheduleItem>),
        (status = 400, description = "40002: script_name is missing · 40003: there is no such script, or it is not offered · \
            40001: a parameter is missing, of the wrong type or out of range; the message names it"),
        (status = 404, description = "40401: there is no such phone, group or account"),
        (status = 409, description = "40901: there is a schedule of this name"),
    ))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Sent(fields): Sent<Fields>,
) -> Answered<ScheduleItem> {
    let mut entry = ScheduleEntry::from_fields(&fields)?;
    let warnings = checked(&state, &mut entry).await?;
    let spec = entry.spec;
    let zone = state.config.zone.clone();
    let now = state.clock.now();
    // Held against the rules before there is an id; the id tells how runs are spread, no more.
    first(&rule(&state, &spec, 0)?, &spec, now)?;
    let next = {
        let spec = spec.clone();
        move |id| {
            let rule = rule_of(&spec, id, &zone).ok().filter(|_| spec.enabled)?;
            rule.first_after(now)
        }
    };
    let row = state.store.create_schedule(spec, next, &caller.name).await?;
    changed(&state, ScheduleEvent::Created, &row);
    Ok(Success(ScheduleItem::of(&state, row, None, warnings)))
}

/// One schedule
#[utoipa::path(get, path = "/schedules/{id}", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id")),
    responses((status = 200, description = "The schedule", body = Envelope<ScheduleItem>)))]
pub async fn get(State(state): State<AppState>, Named(id): Named) -> Answered<ScheduleItem> {
    let row = find(&state, &id).await?;
    shown(&state, row, Vec::new()).await
}

/// Changes what is given of a schedule; `null` takes a value back to its default
///
/// The times, the zone, the spread and the validity count from now on. What else is changed holds from the next run on.
#[utoipa::path(patch, path = "/schedules/{id}", tag = "schedules", request_body = ScheduleFields,
    params(("id" = i64, Path, description = "The schedule's id")),
    responses(
        (status = 200, description = "The schedule after the change", body = Envelope<ScheduleItem>),
        (status = 400, description = "40002, 40003 or 40001, as when it is made"),
        (status = 409, description = "40901: there is a schedule of this name, or somebody else changed it meanwhile"),
    ))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(patch): Sent<Fields>,
) -> Answered<ScheduleItem> {
    let before = find(&state, &id).await?;
    if patch.all().is_empty() {
        return Err(ApiError::parameter("body", "names nothing to change"));
    }
    let mut entry = ScheduleEntry::changed(&before.spec, &patch)?;
    let warnings = if entry.spec.task == before.spec.task {
        Vec::new()
    } else {
        checked(&state, &mut entry).await?
    };
    let spec = entry.spec;
    let next = if same_moments(&before.spec, &spec) {
        NextMoment::Keep
    } else {
        let rule = rule(&state, &spec, before.id)?;
        let next = first(&rule, &spec, state.clock.now())?;
        NextMoment::Set(next)
    };
    let row = state
        .store
        .change_schedule(before.id, before.revision, spec, next, &caller.name)
        .await?;
    changed(&state, ScheduleEvent::Changed, &row);
    shown(&state, row, warnings).await
}

/// Deletes a schedule and what is known of its runs; its tasks stay
#[utoipa::path(delete, path = "/schedules/{id}", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id")),
    responses((status = 200, description = "It is gone", body = Envelope<Nothing>)))]
pub async fn delete(State(state): State<AppState>, caller: Caller, Named(id): Named) -> Answered<Nothing> {
    let row = state.store.delete_schedule(number(&id)?, &caller.name).await?;
    changed(&state, ScheduleEvent::Deleted, &row);
    Ok(Success(Nothing {}))
}

/// Lets a schedule run from now on
#[utoipa::path(post, path = "/schedules/{id}/enable", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id")),
    responses(
        (status = 200, description = "It is enabled", body = Envelope<ScheduleItem>),
        (status = 409, description = "40901: somebody else changed it meanwhile"),
    ))]
pub async fn enable(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Answered<ScheduleItem> {
    switch(&state, &caller, &id, true).await
}

/// Keeps a schedule from running; what was created waits and runs as it would have
#[utoipa::path(post, path = "/schedules/{id}/disable", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id")),
    responses(
        (status = 200, description = "It is disabled", body = Envelope<ScheduleItem>),
        (status = 409, description = "40901: somebody else changed it meanwhile"),
    ))]
pub async fn disable(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Answered<ScheduleItem> {
    switch(&state, &caller, &id, false).await
}

async fn switch(state: &AppState, caller: &Caller, id: &str, on: bool) -> Answered<ScheduleItem> {
    let before = find(state, id).await?;
    if before.spec.enabled == on {
        return shown(state, before, Vec::new()).await;
    }
    let mut spec = before.spec.clone();
    spec.enabled = on;
    let next = if on {
        first(&rule(state, &spec, before.id)?, &spec, state.clock.now())?
    } else {
        None
    };
    let store = &state.store;
    let next = NextMoment::Set(next);
    let row = store
        .change_schedule(before.id, before.revision, spec, next, &caller.name)
        .await?;
    changed(state, ScheduleEvent::Changed, &row);
    shown(state, row, Vec::new()).await
}

/// Has a schedule run once, now, enabled or not
///
/// It is answered as `POST /task` is. The schedule goes on waiting for what it waits for. With the header `Idempotency-Key` the
/// same call again is answered as before and creates nothing, for 24 hours.
#[utoipa::path(post, path = "/schedules/{id}/run", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "A name for this call, of your choice")),
    responses(
        (status = 200, description = "The tasks", body = Envelope<CreatedTasks>),
        (status = 400, description = "40001 or 40003: its tasks cannot be created now; the message says why"),
        (status = 409, description = "40901: somebody else changed it meanwhile, or the Idempotency-Key was used for another call"),
    ))]
pub async fn run(
    State(state): State<AppState>,
    caller: Caller,
    headers: HeaderMap,
    Named(id): Named,
) -> Answered<CreatedTasks> {
    let row = find(&state, &id).await?;
    let key = call_key(&headers, &caller, &format!("run schedule {}", row.id))?;
    if let Some(key) = &key
        && let Some(before) = state.store.answered_before(key).await?
    {
        return answer(before);
    }
    answer(run_now(&state, &row, &caller.name, key).await?)
}

/// How many moments are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NextFilter {
    /// 1 to 1000.
    #[param(default = 10, minimum = 1, maximum = 1000, required = false)]
    pub count: usize,
}

impl FromFields for NextFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let count = fields.number("count", 1..=MOST_MOMENTS)?.unwrap_or(10);
        Ok(Self {
            count: count as usize,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct NextRuns {
    pub next_runs: Vec<MomentItem>,
}

/// The next runs of a schedule; of one that is disabled, those that it would have
#[utoipa::path(get, path = "/schedules/{id}/next", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id"), NextFilter),
    responses((status = 200, description = "The next runs", body = Envelope<NextRuns>)))]
pub async fn next(
    State(state): State<AppState>,
    Named(id): Named,
    Asked(filter): Asked<NextFilter>,
) -> Answered<NextRuns> {
    let row = find(&state, &id).await?;
    let rule = rule(&state, &row.spec, row.id)?;
    let moments = coming(&row, &rule, state.clock.now()).take(filter.count);
    Ok(Success(NextRuns {
        next_runs: moments.map(|moment| MomentItem::of(moment, &rule)).collect(),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RunList {
    pub runs: Vec<RunItem>,
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// What came of a schedule's runs, newest first
#[utoipa::path(get, path = "/schedules/{id}/runs", tag = "schedules",
    params(("id" = i64, Path, description = "The schedule's id"), Paged),
    responses((status = 200, description = "Its runs", body = Envelope<RunList>)))]
pub async fn runs(
    State(state): State<AppState>,
    Named(id): Named,
    Asked(paged): Asked<Paged>,
) -> Answered<RunList> {
    let row = find(&state, &id).await?;
    let listed = state.store.list_runs(row.id, paged.of_store()).await?;
    Ok(Success(RunList {
        runs: listed.rows.into_iter().map(RunItem::from).collect(),
        total: listed.total,
        page: paged.page,
        page_size: paged.page_size,
    }))
}

/// What a schedule waits for, and what comes then.
fn coming<'r>(row: &ScheduleRow, rule: &'r Rule, now: Timestamp) -> impl Iterator<Item = Moment> + use<'r> {
    let waits = row.next.filter(|next| row.spec.enabled && next.at >= now);
    let first = waits.or_else(|| rule.first_after(now));
    std::iter::successors(first, |last| rule.first_after(last.due))
}

/// Holds the tasks of a schedule against the farm as it is now; answers what its operator should know.
async fn checked(state: &AppState, entry: &mut ScheduleEntry) -> Result<Vec<String>, ApiError> {
    let task = Fields::of_body(Value::Object(entry.spec.task.clone()))?;
    let wanted = wanted(state, &TaskEntry::from_fields(&task)?).await?;
    entry
        .spec
        .task
        .insert("script_name".to_owned(), Value::from(wanted.script.clone()));
    match tasks::plan(&state.packs.get(), &state.media, &wanted) {
        Ok(planned) => Ok(planned.warnings),
        // Nobody now, but perhaps at its time: what it says is checked all the same.
        Err(Refused::NothingLeft(why)) => {
            let mut warnings = tasks::check(&state.packs.get(), &state.media, &wanted)?;
            warnings.push(why);
            Ok(warnings)
        }
        Err(refused) => Err(refused.into()),
    }
}

fn rule(state: &AppState, spec: &ScheduleSpec, id: i64) -> Result<Rule, ApiError> {
    rule_of(spec, id, &state.config.zone).map_err(|wrong| ApiError::parameter(wrong.field, wrong.allowed))
}

/// The moment that a schedule waits for from now on: none while it is disabled.
fn first(rule: &Rule, spec: &ScheduleSpec, now: Timestamp) -> Result<Option<Moment>, ApiError> {
    if !spec.enabled {
        return Ok(None);
    }
    match rule.first_after(now) {
        Some(moment) => Ok(Some(moment)),
        None => Err(ApiError::parameter(
            "valid_until",
            "no run comes before it any more",
        )),
    }
}

/// Whether both are due at the same times.
fn same_moments(before: &ScheduleSpec, after: &ScheduleSpec) -> bool {
    let of = |spec: &ScheduleSpec| {
        let timing: Map<String, Value> = spec.timing.clone();
        (
            timing,
            spec.zone.clone(),
            spec.jitter_minutes,
            spec.valid_from,
            spec.valid_until,
            spec.enabled,
        )
    };
    of(before) == of(after)
}

async fn find(state: &AppState, id: &str) -> Result<ScheduleRow, ApiError> {
    let row = state.store.schedule(number(id)?).await?;
    row.ok_or_else(|| unknown(id))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(40).collect();
    ApiError::not_found(format!("there is no schedule {id:?}"))
}

/// With its last run.
async fn shown(state: &AppState, row: ScheduleRow, warnings: Vec<String>) -> Answered<ScheduleItem> {
    let last = state.store.last_runs(vec![row.id]).await?.pop();
    Ok(Success(ScheduleItem::of(state, row, last, warnings)))
}

/// Tells of a schedule, and has its next moment looked at.
fn changed(state: &AppState, what: ScheduleEvent, row: &ScheduleRow) {
    state.schedules.wake();
    state.events.schedule(state.clock.now(), what, row);
}
