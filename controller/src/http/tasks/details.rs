//! One task with all that is known of it: attempts, logs, grants.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use shared::wire::work::CommitKind;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::super::envelope::{Answered, ApiError, Envelope, Success};
use super::super::fields::{Asked, Fields, FromFields};
use super::super::flows::element_in;
use super::super::path::Named;
use super::{TaskItem, artifacts, find, number, unknown};
use crate::state::AppState;
use crate::store::{AttemptLine, AttemptRow, GrantRow, ToldAttempt};

/// Lines of each attempt's log that come with its task.
const TAIL: u32 = 20;
/// Lines in one answer.
const MOST_LINES: u32 = 1_000;

/// A task with its attempts and the leave that it was given.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskDetails {
    #[serde(flatten)]
    pub task: TaskItem,
    /// The attempts at it, the first one first; the last 50.
    pub attempt_list: Vec<AttemptItem>,
    /// The leave that was given for its lasting acts, in order.
    pub grants: Vec<GrantItem>,
    /// What it failed over, where that is an element of a pack: it can be mended.
    pub missing: Option<MissingElement>,
}

/// An element that did not come up.
#[derive(Debug, Serialize, ToSchema)]
pub struct MissingElement {
    #[schema(example = "tiktok")]
    pub pack: String,
    #[schema(example = "post_button")]
    pub element: String,
}

/// What a failed task did not find.
fn missing(state: &AppState, task: &TaskItem) -> Option<MissingElement> {
    let error = task.error.as_ref()?;
    if !matches!(error.kind.as_str(), "element_missing" | "unexpected_screen") {
        return None;
    }
    let packs = state.packs.get();
    let pack = packs.find(&task.platform, &task.script_name)?;
    let element = element_in(pack, &error.message)?;
    Some(MissingElement {
        pack: pack.name.clone(),
        element: element.to_owned(),
    })
}

/// One go at a task, on one phone, by one host.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptItem {
    #[schema(value_type = String)]
    pub id: Uuid,
    /// From 1.
    pub number: u32,
    /// The host's id.
    #[schema(value_type = String)]
    pub host: Uuid,
    pub host_name: Option<String>,
    /// The history of the database in which it was handed out.
    pub epoch: i64,
    /// handed, running, lost, ended.
    #[schema(example = "ended")]
    pub state: &'static str,
    /// When it was handed out.
    #[schema(value_type = String, format = DateTime)]
    pub begun_at: Timestamp,
    /// When its host said that it has it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub acknowledged_at: Option<Timestamp>,
    /// When its end was heard, or it was given up.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// done, refused, host_lost, or the kind of failure.
    pub outcome: Option<String>,
    pub message: Option<String>,
    /// Whether it failed in such a way that nobody knows what the last touch did.
    pub uncertain: bool,
    /// Where in the script it failed: file and line.
    #[schema(example = "follow.rhai:12")]
    pub place: Option<String>,
    /// Steps on the phone.
    pub steps: Option<u32>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// plain or resident.
    pub driver: Option<String>,
    pub app_version: Option<String>,
    /// Of the pack that it ran.
    pub pack_hash: String,
    /// The last lines of its log; GET /task/{id}/log has all.
    pub log: Vec<LogLine>,
}

/// A line of a log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogLine {
    /// From 0.
    pub number: u32,
    /// By the host's clock.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub line: String,
}

/// Leave for one lasting act.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantItem {
    #[schema(value_type = String)]
    pub id: Uuid,
    /// Counts up over the whole farm.
    pub number: i64,
    /// The number of the attempt that asked; `null` where it is not told any more.
    pub attempt: Option<u32>,
    /// The act, as the script calls it.
    #[schema(example = "follow")]
    pub commit: String,
    /// state (it can be seen again) or append (each one leaves another).
    #[schema(example = "state")]
    pub kind: &'static str,
    /// The target.
    pub key: String,
    /// open, unknown, done, void.
    #[schema(example = "done")]
    pub state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub settled_at: Option<Timestamp>,
    /// host (its report, its journal, or a look at the app) or person.
    pub settled_by: Option<&'static str>,
    /// Why it is void or unknown.
    pub why: Option<String>,
    /// What was seen before the act.
    #[schema(value_type = Value)]
    pub evidence: Value,
    /// What shows that it was done.
    #[schema(value_type = Option<Value>)]
    pub proof: Option<Value>,
}

impl From<AttemptLine> for LogLine {
    fn from(line: AttemptLine) -> Self {
        Self {
            number: line.number,
            at: line.at,
            line: line.line,
        }
    }
}

impl From<ToldAttempt> for AttemptItem {
    fn from(told: ToldAttempt) -> Self {
        let row = told.row;
        Self {
            id: row.id,
            number: row.number,
            host: row.host,
            host_name: told.host_name,
            epoch: row.epoch,
            state: row.state.as_str(),
            begun_at: row.handed_at,
            acknowledged_at: row.acknowledged_at,
            ended_at: row.ended_at.or(row.lost_at),
            outcome: row.outcome,
            message: row.message,
            uncertain: row.uncertain,
            place: row.place,
            steps: row.steps,
            took_ms: row.took.map(|took| took.as_millis() as u64),
            driver: row.driver,
            app_version: row.app_version,
            pack_hash: row.pack_hash,
            log: told.tail.into_iter().map(LogLine::from).collect(),
        }
    }
}

impl GrantItem {
    pub(in crate::http) fn of(grant: GrantRow, attempt: Option<u32>) -> Self {
        Self {
            id: grant.id,
            number: grant.number,
            attempt,
            kind: match grant.kind {
                CommitKind::State => "state",
                CommitKind::Append => "append",
            },
            state: grant.state.as_str(),
            settled_by: grant.settled_by(),
            commit: grant.commit,
            key: grant.key,
            asked_at: grant.granted_at,
            settled_at: grant.settled_at,
            why: grant.why,
            evidence: grant.evidence,
            proof: grant.proof,
        }
    }
}

/// One task, with its attempts and the leave that it was given
#[utoipa::path(get, path = "/task/{id}", tag = "tasks",
    params(("id" = i64, Path, description = "The task's id")),
    responses((status = 200, description = "The task", body = Envelope<TaskDetails>)))]
pub async fn get(State(state): State<AppState>, Named(id): Named) -> Answered<TaskDetails> {
    of(&state, number(&id)?).await.map(Success)
}

/// All that is shown of a task.
pub(super) async fn of(state: &AppState, id: i64) -> Result<TaskDetails, ApiError> {
    let story = state.store.task_story(id, TAIL).await?;
    let story = story.ok_or_else(|| unknown(&id.to_string()))?;
    let attempt = |grant: &GrantRow| {
        let mut attempts = story.attempts.iter();
        let asked = attempts.find(|attempt| attempt.row.id == grant.attempt);
        asked.map(|attempt| attempt.row.number)
    };
    let grants = story.grants.iter().cloned().map(|grant| {
        let attempt = attempt(&grant);
        GrantItem::of(grant, attempt)
    });
    let task = TaskItem::of(state, story.task, artifacts::items(story.artifacts));
    Ok(TaskDetails {
        grants: grants.collect(),
        missing: missing(state, &task),
        task,
        attempt_list: story.attempts.into_iter().map(AttemptItem::from).collect(),
    })
}

/// Which lines are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LogFilter {
    /// Of this attempt: its number or its id; the latest where absent.
    #[param(required = false, example = "1")]
    pub attempt: Option<String>,
    /// Those that come after the line of this number; from the beginning where absent.
    #[param(required = false, value_type = Option<u32>)]
    pub after: Option<u32>,
}

impl FromFields for LogFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            attempt: fields.text("attempt")?.filter(|text| !text.trim().is_empty()),
            after: fields
                .number("after", 0..=i64::from(u32::MAX - 1))?
                .map(|after| after as u32),
        })
    }
}

/// A part of an attempt's log.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaskLog {
    /// The attempt's number; `null` where none was made.
    pub attempt: Option<u32>,
    pub lines: Vec<LogLine>,
    /// The number of the last line here: ask for what comes after it. `null` where there is none.
    pub last: Option<u32>,
    /// Whether there were more lines already.
    pub more: bool,
}

/// The log of an attempt, a part at a time
///
/// What an attempt says is written down within a few seconds; the first 2,000 lines of each are kept. `/events` tells it
/// at once.
#[utoipa::path(get, path = "/task/{id}/log", tag = "tasks",
    params(("id" = i64, Path, description = "The task's id"), LogFilter),
    responses((status = 200, description = "At most 1,000 lines", body = Envelope<TaskLog>)))]
pub async fn log(
    State(state): State<AppState>,
    Named(id): Named,
    Asked(filter): Asked<LogFilter>,
) -> Answered<TaskLog> {
    let task = find(&state, number(&id)?).await?.row.id;
    let attempts = state.store.attempts_of(task).await?;
    let attempt = match &filter.attempt {
        None => attempts.last(),
        Some(name) => Some(named(&attempts, name.trim()).ok_or_else(|| {
            let name: String = name.chars().take(40).collect();
            ApiError::not_found(format!("there is no attempt {name:?} at the task {task}"))
        })?),
    };
    let from = filter.after.map_or(0, |after| after + 1);
    let mut lines = match attempt {
        Some(attempt) => {
            state
                .store
                .attempt_lines(attempt.id, from, MOST_LINES + 1)
                .await?
        }
        None => Vec::new(),
    };
    let more = lines.len() > MOST_LINES as usize;
    lines.truncate(MOST_LINES as usize);
    Ok(Success(TaskLog {
        attempt: attempt.map(|attempt| attempt.number),
        last: lines.last().map(|line| line.number).or(filter.after),
        lines: lines.into_iter().map(LogLine::from).collect(),
        more,
    }))
}

fn named<'a>(attempts: &'a [AttemptRow], name: &str) -> Option<&'a AttemptRow> {
    let number: Option<u32> = name.parse().ok();
    let id = Uuid::parse_str(name).ok();
    attempts
        .iter()
        .find(|attempt| Some(attempt.number) == number || Some(attempt.id) == id)
}
