//! A schedule and its runs as the API shows them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::super::tasks::create::SkippedItem;
use crate::schedules::{Moment, Rule};
use crate::state::AppState;
use crate::store::{RunRow, ScheduleRow};

/// Times of some days of the week.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SlotItem {
    /// mon, tue, wed, thu, fri, sat, sun.
    pub weekdays: Vec<String>,
    /// HH:MM.
    pub times: Vec<String>,
}

/// A schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleItem {
    pub id: i64,
    pub name: String,
    pub enabled: bool,
    /// `null` where `cron` says when.
    #[schema(nullable)]
    pub slots: Option<Vec<SlotItem>>,
    #[schema(example = "0 9 * * mon-fri")]
    pub cron: Option<String>,
    /// In which it is meant.
    #[schema(example = "Europe/Stockholm")]
    pub time_zone: String,
    pub jitter_minutes: u32,
    /// skip, run_once.
    pub missed: &'static str,
    pub grace_minutes: u64,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_from: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub valid_until: Option<Timestamp>,
    #[schema(example = "post")]
    pub script_name: String,
    #[schema(value_type = Object)]
    pub script_config: Value,
    pub serials: Vec<String>,
    pub groups: Vec<String>,
    pub usernames: Vec<String>,
    pub enable_multi_account: bool,
    pub platform: Option<String>,
    #[schema(value_type = Option<u32>)]
    pub min_interval: Option<u64>,
    #[schema(value_type = Option<u32>)]
    pub max_interval: Option<u64>,
    #[schema(value_type = Option<u32>)]
    pub max_retries: Option<u64>,
    /// When the next run begins; `null` while it is disabled and where none comes any more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_run_at: Option<Timestamp>,
    /// What came of the last one; `null` where there was none.
    #[schema(nullable)]
    pub last_run: Option<RunItem>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub created_by: String,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// What an operator should know of what was just made or changed.
    pub warnings: Vec<String>,
}

impl ScheduleItem {
    /// As it stands now.
    pub(super) fn of(
        state: &AppState,
        row: ScheduleRow,
        last: Option<RunRow>,
        warnings: Vec<String>,
    ) -> Self {
        let spec = row.spec;
        let (timing, task) = (&spec.timing, &spec.task);
        let usual = state.scheduler.rules().schedule_grace.as_secs() / 60;
        let slots = timing.get("slots").cloned();
        let number = |name: &str| task.get(name).and_then(Value::as_u64);
        Self {
            id: row.id,
            enabled: spec.enabled,
            slots: slots.and_then(|slots| serde_json::from_value(slots).ok()),
            cron: text(timing, "cron"),
            time_zone: spec.zone.unwrap_or_else(|| zone_name(&state.config.zone)),
            jitter_minutes: spec.jitter_minutes,
            missed: spec.missed.as_str(),
            grace_minutes: spec.grace_minutes.map_or(usual, u64::from),
            valid_from: spec.valid_from,
            valid_until: spec.valid_until,
            script_name: text(task, "script_name").unwrap_or_default(),
            script_config: match task.get("script_config") {
                Some(Value::Object(config)) => Value::Object(config.clone()),
                _ => Value::Object(Map::new()),
            },
            serials: texts(task, "serials"),
            groups: texts(task, "groups"),
            usernames: texts(task, "usernames"),
            enable_multi_account: task.get("enable_multi_account") == Some(&Value::Bool(true)),
            platform: text(task, "platform"),
            min_interval: number("min_interval"),
            max_interval: number("max_interval"),
            max_retries: number("max_retries"),
            next_run_at: row.next.map(|next| next.at),
            last_run: last.map(RunItem::from),
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            warnings,
            name: spec.name,
        }
    }
}

fn text(map: &Map<String, Value>, name: &str) -> Option<String> {
    map.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn texts(map: &Map<String, Value>, name: &str) -> Vec<String> {
    let all = map.get(name).and_then(Value::as_array).into_iter().flatten();
    all.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The name of a zone; one of a fixed offset has none but that.
pub(super) fn zone_name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => "of this machine".to_owned(),
    }
}

/// A moment at which a schedule runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct MomentItem {
    /// As its rule tells it.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// When it begins: later where it is spread.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The same by the clock of its zone.
    #[schema(example = "2027-03-28T03:00:00+02:00")]
    pub local: String,
}

impl MomentItem {
    pub(super) fn of(moment: Moment, rule: &Rule) -> Self {
        let local = moment.at.to_zoned(rule.zone.clone());
        Self {
            due_at: moment.due,
            at: moment.at,
            local: local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        }
    }
}

/// What came of a run.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunItem {
    pub id: i64,
    pub schedule_id: i64,
    /// The moment that it is of.
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    /// When it was done.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// created, failed, missed.
    #[schema(example = "created")]
    pub state: &'static str,
    /// A person had it run.
    pub by_hand: bool,
    /// How many moments before this one were missed, too: they are left out, or made up for by this run.
    pub missed_before: u32,
    /// The first of them.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub missed_from: Option<Timestamp>,
    pub created_count: u32,
    /// Its tasks have the ids from this one on.
    pub first_task_id: Option<i64>,
    pub last_task_id: Option<i64>,
    /// For whom nothing was created, and why.
    pub skipped: Vec<SkippedItem>,
    pub warnings: Vec<String>,
    /// Why no task could be created: what `POST /task` would have answered.
    #[schema(nullable)]
    pub error: Option<RunFault>,
    pub who: String,
}

/// Why a run failed.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunFault {
    #[schema(example = 40401)]
    pub code: u32,
    pub message: String,
}

impl From<RunRow> for RunItem {
    fn from(run: RunRow) -> Self {
        Self {
            id: run.id,
            schedule_id: run.schedule,
            due_at: run.due_at,
            at: run.at,
            state: run.state.as_str(),
            by_hand: run.by_hand,
            missed_before: run.missed,
            missed_from: run.missed_from,
            created_count: run.tasks,
            first_task_id: run.first_task,
            last_task_id: run.first_task.map(|first| first + i64::from(run.tasks) - 1),
            skipped: serde_json::from_value(run.skipped).unwrap_or_default(),
            warnings: run.warnings,
            error: run
                .error_code
                .zip(run.error)
                .map(|(code, message)| RunFault { code, message }),
            who: run.who,
        }
    }
}
