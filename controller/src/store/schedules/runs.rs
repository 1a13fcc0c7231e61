//! The runs of schedules: each of its moment, with the tasks that it has created or with the reason why there are none.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use super::{held, wait_for};
use crate::schedules::Moment;
use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::session::{Session, sql};
use crate::store::tasks::{create_new, keys};
use crate::store::{AnswerKey, Listed, NewTask, Page, Store, TaskSource, counters};

/// Runs that are forgotten in one transaction.
const FORGOTTEN_AT_ONCE: u32 = 500;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    /// Its tasks were created.
    Created,
    /// No task could be created.
    Failed,
    /// Nobody was there at its time.
    Missed,
}

impl RunState {
    pub const ALL: [Self; 3] = [Self::Created, Self::Failed, Self::Missed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Failed => "failed",
            Self::Missed => "missed",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// What a run comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum RunOutcome {
    Created {
        tasks: Vec<NewTask>,
        /// For whom there are none, as the API tells it.
        skipped: Json,
        warnings: Vec<String>,
    },
    Failed {
        code: u32,
        why: String,
    },
    Missed,
}

/// A run that is to be written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    pub schedule: i64,
    /// As the schedule was when the run was worked out.
    pub revision: i64,
    pub due: Timestamp,
    pub outcome: RunOutcome,
    /// Moments before it that it stands for, too, and the first of them.
    pub missed: u32,
    pub missed_from: Option<Timestamp>,
    /// `None` where a person has it run: the schedule goes on waiting for what it waits for.
    pub by_itself: Option<Turned>,
    pub who: String,
    /// The name that a person's call has, if any: the same call again does nothing.
    pub key: Option<AnswerKey>,
}

/// What a schedule waited for, and waits for then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turned {
    pub from: Timestamp,
    pub to: Option<Moment>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Fired {
    Run {
        run: Box<RunRow>,
        ids: Vec<i64>,
    },
    /// The run of this moment was written down before.
    Before,
    /// A call of this name had it run before, and was answered so.
    Answered(Json),
    /// The schedule is another by now, waits for another moment, or is gone.
    Stale,
}

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    pub id: i64,
    pub schedule: i64,
    pub due_at: Timestamp,
    pub by_hand: bool,
    /// When it was written down.
    pub at: Timestamp,
    pub state: RunState,
    pub missed: u32,
    pub missed_from: Option<Timestamp>,
    /// Its tasks have the numbers from here on.
    pub first_task: Option<i64>,
    pub tasks: u32,
    pub skipped: Json,
    pub warnings: Vec<String>,
    pub error_code: Option<u32>,
    pub error: Option<String>,
    pub who: String,
}

impl RunRow {
    /// What a call is answered that had it run: as one that asks for tasks.
    pub fn answer(&self, tasks: &[i64]) -> Json {
        json!({
            "task_ids": tasks, "created_count": tasks.len(), "skipped": self.skipped, "warnings": self.warnings,
        })
    }
}

impl Store {
    /// Writes a run down, with its tasks and with what its schedule waits for next; all or nothing, and once.
    pub async fn fire_schedule(&self, firing: Firing) -> Result<Fired, StoreError> {
        let now = self.now();
        self.write(move |session| Box::pin(async move { fire(session, now, firing).await }))
            .await
    }

    /// The runs of a schedule, newest first.
    pub async fn list_runs(&self, schedule: i64, page: Page) -> Result<Listed<RunRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let total = sql("SELECT COUNT(*) FROM schedule_runs WHERE schedule_id = $1")
                    .bind(schedule)
                    .number(session)
                    .await?;
                let rows = sql(
                    "SELECT * FROM schedule_runs WHERE schedule_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3",
                )
                .bind(schedule)
                .bind(page.size)
                .bind(page.offset())
                .rows(session)
                .await?;
                Ok(Listed {
                    rows: rows.iter().map(RunRow::read).collect::<Result<_, _>>()?,
                    total: total.unsigned_abs(),
                })
            })
        })
        .await
    }

    /// The last run of each of these schedules that has one.
    pub async fn last_runs(&self, schedules: Vec<i64>) -> Result<Vec<RunRow>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let mut runs = Vec::new();
                for schedule in schedules {
                    let row =
                        sql("SELECT * FROM schedule_runs WHERE schedule_id = $1 ORDER BY id DESC LIMIT 1")
                            .bind(schedule)
                            .row(session)
                            .await?;
                    if let Some(row) = row {
                        runs.push(RunRow::read(&row)?);
                    }
                }
                Ok(runs)
            })
        })
        .await
    }

    /// Forgets runs of before this time; answers how many, and whether there may be more.
    pub async fn forget_runs(&self, before: Timestamp) -> Result<(u64, bool), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                let gone = sql("DELETE FROM schedule_runs WHERE id IN \
                     (SELECT id FROM schedule_runs WHERE at < $1 ORDER BY at LIMIT $2)")
                .bind(before)
                .bind(FORGOTTEN_AT_ONCE)
                .execute(session)
                .await?;
                Ok((gone, gone == u64::from(FORGOTTEN_AT_ONCE)))
            })
        })
        .await
    }
}

async fn fire(session: &mut Session, now: Timestamp, firing: Firing) -> Result<Fired, StoreError> {
    let Some(schedule) = held(session, firing.schedule).await? else {
        return Ok(Fired::Stale);
    };
    if let Some(key) = &firing.key
        && let Some(before) = keys::find(session, now, key).await?
    {
        return Ok(Fired::Answered(before));
    }
    let waits = firing.by_itself.is_none_or(|turned| {
        schedule.spec.enabled && schedule.next.is_some_and(|next| next.due == turned.from)
    });
    if !waits || schedule.revision != firing.revision {
        return Ok(Fired::Stale);
    }
    let taken = take_moment(session, now, &firing).await?;
    if let Some(turned) = firing.by_itself {
        wait_for(session, firing.schedule, turned.to).await?;
        sql("UPDATE schedules SET last_due = $2 WHERE id = $1")
            .bind(firing.schedule)
            .bind(firing.due)
            .execute(session)
            .await?;
    }
    let Some(id) = taken else {
        return Ok(Fired::Before);
    };
    let mut ids = Vec::new();
    if let RunOutcome::Created { tasks, .. } = &firing.outcome {
        let schedule = Some(firing.schedule);
        ids = create_new(session, now, tasks, TaskSource::Api, &firing.who, schedule).await?;
        sql("UPDATE schedule_runs SET first_task = $2, tasks = $3 WHERE id = $1")
            .bind(id)
            .bind(ids.first().copied())
            .bind(ids.len() as u32)
            .execute(session)
            .await?;
    }
    let row = sql("SELECT * FROM schedule_runs WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    let row = row.ok_or_else(|| StoreError::not_found("run", &id))?;
    let run = RunRow::read(&row)?;
    if let Some(key) = &firing.key {
        // The same call may have waited for this one, on another schedule.
        if let Some(before) = keys::take(session, now, key).await? {
            return Err(StoreError::Conflict(format!(
                "the Idempotency-Key is in use by a call that was answered {before}"
            )));
        }
        keys::keep(session, key, &run.answer(&ids)).await?;
    }
    Ok(Fired::Run {
        run: Box::new(run),
        ids,
    })
}

/// Takes the moment for this run; `None` where another run has it. A person's run takes the next one that is free.
async fn take_moment(
    session: &mut Session,
    now: Timestamp,
    firing: &Firing,
) -> Result<Option<i64>, StoreError> {
    let id = counters::take(session, counters::SCHEDULE_RUN, 1).await?;
    let none = (RunState::Missed, Json::Array(Vec::new()), Vec::new(), None, None);
    let (state, skipped, warnings, code, error) = match &firing.outcome {
        RunOutcome::Missed => none,
        RunOutcome::Created {
            skipped, warnings, ..
        } => (RunState::Created, skipped.clone(), warnings.clone(), None, None),
        RunOutcome::Failed { code, why } => {
            let (_, skipped, warnings, ..) = none;
            (
                RunState::Failed,
                skipped,
                warnings,
                Some(*code),
                Some(why.clone()),
            )
        }
    };
    let mut due = firing.due;
    loop {
        let taken = sql(
            "INSERT INTO schedule_runs (id, schedule_id, due_at, by_hand, at, state, missed, missed_from, tasks, \
             skipped_json, warnings_json, error_code, error, who) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, $13) \
             ON CONFLICT (schedule_id, due_at, by_hand) DO NOTHING",
        )
        .bind(id)
        .bind(firing.schedule)
        .bind(due)
        .bind(i64::from(firing.by_itself.is_none()))
        .bind(now)
        .bind(state.as_str())
        .bind(firing.missed)
        .bind(firing.missed_from)
        .bind(skipped.to_string())
        .bind(Json::from(warnings.clone()).to_string())
        .bind(code.map(i64::from))
        .bind(error.clone())
        .bind(&firing.who)
        .execute(session)
        .await?;
        if taken > 0 {
            return Ok(Some(id));
        }
        if firing.by_itself.is_some() {
            return Ok(None);
        }
        due = due.saturating_add(SignedDuration::from_millis(1)).unwrap_or(due);
    }
}

impl RunRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("schedule_runs", "id");
        let state = row.text("state")?;
        let code = row.optional_integer("error_code")?;
        Ok(Self {
            id: row.integer("id")?,
            schedule: row.integer("schedule_id")?,
            due_at: row.time("due_at")?,
            by_hand: row.integer("by_hand")? != 0,
            at: row.time("at")?,
            state: RunState::named(&state).ok_or_else(|| row.corrupt("state", "it is no state"))?,
            missed: row.number("missed")?,
            missed_from: row.optional_time("missed_from")?,
            first_task: row.optional_integer("first_task")?,
            tasks: row.number("tasks")?,
            skipped: row.json("skipped_json")?,
            warnings: row.json("warnings_json")?,
            error_code: code
                .map(|code| u32::try_from(code).map_err(|source| row.corrupt("error_code", source)))
                .transpose()?,
            error: row.optional_text("error")?,
            who: row.text("who")?,
        })
    }
}
