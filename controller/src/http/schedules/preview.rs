//! What all schedules will do in the next hours, as things stand now: when, and how often on which phone and account.

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::super::envelope::{Answered, ApiError, Code, Envelope, Success};
use super::super::fields::{Asked, Fields, FromFields};
use super::super::tasks::{TaskEntry, create::SkippedItem, wanted::wanted};
use super::{coming, rule};
use crate::state::AppState;
use crate::store::ScheduleRow;
use crate::tasks::{self, Planned};

/// Hours that are looked ahead: a week.
const FARTHEST: i64 = 7 * 24;
/// Runs that are listed.
const MOST_RUNS: usize = 10_000;

/// How far it is looked ahead.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PreviewFilter {
    /// 1 to 168.
    #[param(default = 24, minimum = 1, maximum = 168, required = false)]
    pub hours: i64,
}

impl FromFields for PreviewFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            hours: fields.number("hours", 1..=FARTHEST)?.unwrap_or(24),
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// In order of time.
    pub runs: Vec<PlannedRun>,
    /// Whether there are more than those that are listed.
    pub truncated: bool,
    /// The tasks of all these runs together, by phone, account and action.
    pub totals: Vec<PlannedTasks>,
    /// Schedules whose tasks could not be created now.
    pub failing: Vec<FailingSchedule>,
    /// For whom a schedule would create nothing now, and why.
    pub skipped: Vec<SkippedTarget>,
}

/// A run that comes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedRun {
    pub schedule_id: i64,
    pub name: String,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(example = "post")]
    pub script_name: String,
    /// How many it would create now.
    pub tasks: usize,
}

/// Tasks that come.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlannedTasks {
    pub serial: String,
    pub account_id: Option<i64>,
    pub username: Option<String>,
    #[schema(example = "tiktok")]
    pub platform: String,
    /// The script.
    #[schema(example = "follow")]
    pub action: String,
    pub tasks: usize,
    /// The most of them on one day of the farm, with what was done today already: that is held against the cap.
    pub most_a_day: usize,
    /// What the account has done of this kind today.
    pub done_today: usize,
    /// The acts of this kind that the account may do in a day; `null` where there is no limit.
    pub cap: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FailingSchedule {
    pub schedule_id: i64,
    pub name: String,
    pub code: u32,
    pub message: String,
}

/// A phone or an account that a schedule means and passes over.
#[derive(Debug, Serialize, ToSchema)]
pub struct SkippedTarget {
    pub schedule_id: i64,
    pub name: String,
    #[serde(flatten)]
    pub who: SkippedItem,
}

/// Serial, account, platform, script.
type Kind = (String, Option<i64>, String, String);

/// What comes of one kind.
#[derive(Debug, Default)]
struct Coming {
    username: Option<String>,
    tasks: usize,
    by_day: BTreeMap<String, usize>,
}

/// What will run when in the next hours
#[utoipa::path(get, path = "/schedules/preview", tag = "schedules", params(PreviewFilter),
    responses((status = 200, description = "What comes, as things stand now", body = Envelope<Preview>)))]
pub async fn preview(
    State(state): State<AppState>,
    Asked(filter): Asked<PreviewFilter>,
) -> Answered<Preview> {
    let from = state.clock.now();
    let until = from
        .saturating_add(SignedDuration::from_hours(filter.hours))
        .unwrap_or(from);
    let mut preview = Preview {
        from,
        until,
        runs: Vec::new(),
        truncated: false,
        totals: Vec::new(),
        failing: Vec::new(),
        skipped: Vec::new(),
    };
    let mut totals: BTreeMap<Kind, Coming> = BTreeMap::new();
    let rules = state.scheduler.rules();
    for row in state.store.enabled_schedules().await? {
        let Ok(rule) = rule(&state, &row.spec, row.id) else {
            continue;
        };
        let moments: Vec<_> = coming(&row, &rule, from)
            .take_while(|moment| moment.at <= until)
            .take(MOST_RUNS + 1)
            .collect();
        if moments.is_empty() {
            continue;
        }
        let tasks = match tasks_of(&state, &row).await {
            Ok(planned) => {
                preview
                    .skipped
                    .extend(planned.skipped.iter().map(|skipped| SkippedTarget {
                        schedule_id: row.id,
                        name: row.spec.name.clone(),
                        who: SkippedItem::from(skipped),
                    }));
                planned.tasks
            }
            Err(error) if matches!(error.code, Code::Unavailable | Code::Internal) => return Err(error),
            Err(error) => {
                preview.failing.push(FailingSchedule {
                    schedule_id: row.id,
                    name: row.spec.name.clone(),
                    code: error.code.number(),
                    message: error.message,
                });
                Vec::new()
            }
        };
        let mut days: BTreeMap<String, usize> = BTreeMap::new();
        for moment in &moments {
            *days.entry(rules.day(moment.at).0).or_default() += 1;
        }
        for task in &tasks {
            let kind = (
                task.serial.0.clone(),
                task.account_id,
                task.platform.clone(),
                task.script.clone(),
            );
            let coming = totals.entry(kind).or_default();
            coming.username = task.username.as_ref().map(|name| name.as_str().to_owned());
            coming.tasks += moments.len();
            for (day, runs) in &days {
                *coming.by_day.entry(day.clone()).or_default() += runs;
            }
        }
        let script = row.spec.task.get("script_name").and_then(Value::as_str);
        preview.runs.extend(moments.iter().map(|moment| PlannedRun {
            schedule_id: row.id,
            name: row.spec.name.clone(),
            due_at: moment.due,
            at: moment.at,
            script_name: script.unwrap_or_default().to_owned(),
            tasks: tasks.len(),
        }));
        // Many schedules that run each minute are cut on the way already; and others have their turn meanwhile.
        if preview.runs.len() > 2 * MOST_RUNS {
            preview.runs.sort_by_key(|run| (run.at, run.schedule_id));
            preview.runs.truncate(MOST_RUNS + 1);
        }
        tokio::task::yield_now().await;
    }
    preview.runs.sort_by_key(|run| (run.at, run.schedule_id));
    preview.truncated = preview.runs.len() > MOST_RUNS;
    preview.runs.truncate(MOST_RUNS);
    let own = state.store.own_caps().await?;
    let today = rules.day(from).0;
    let done = state.store.acts_of_day(today.clone()).await?;
    let total = |((serial, account_id, platform, action), coming): (Kind, Coming)| {
        let own = account_id.and_then(|id| own.get(&id)?.get(&action));
        let done = account_id.and_then(|id| done.get(&(id, platform.clone(), action.clone())));
        let done_today = done.map_or(0, |done| usize::try_from(*done).unwrap_or(usize::MAX));
        let of_day = |(day, tasks): (String, usize)| tasks + if day == today { done_today } else { 0 };
        PlannedTasks {
            cap: match own {
                Some(own) => Some(own).filter(|own| *own > 0),
                None => rules.cap(&platform, &action),
            },
            serial,
            account_id,
            username: coming.username,
            platform,
            action,
            tasks: coming.tasks,
            most_a_day: coming.by_day.into_iter().map(of_day).max().unwrap_or_default(),
            done_today,
        }
    };
    preview.totals = totals.into_iter().map(total).collect();
    Ok(Success(preview))
}

/// The tasks of one run, as things stand now.
async fn tasks_of(state: &AppState, row: &ScheduleRow) -> Result<Planned, ApiError> {
    let fields = Fields::of_body(Value::Object(row.spec.task.clone()))?;
    let wanted = wanted(state, &TaskEntry::from_fields(&fields)?).await?;
    Ok(tasks::plan(&state.packs.get(), &state.media, &wanted)?)
}
