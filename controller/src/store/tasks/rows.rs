//! The row of a task: read, and inserted many at a time.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use shared::account::Username;
use shared::device::Serial;
use shared::task::{TaskState, TaskStatus};
use uuid::Uuid;

use crate::store::error::StoreError;
use crate::store::many::{KEYS_AT_ONCE, insert, places};
use crate::store::row::{Row, TableRow};
use crate::store::session::{Session, Value, made_sql, sql};

/// Where a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskSource {
    /// The console.
    Ui,
    Api,
}

impl TaskSource {
    pub const ALL: [Self; 2] = [Self::Ui, Self::Api];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ui => "ui",
            Self::Api => "api",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.as_str() == name)
    }
}

/// Why a task failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskError {
    pub kind: String,
    pub message: String,
}

/// A task to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    pub platform: String,
    /// The pack's name; which of its versions is used is decided when it starts.
    pub pack: String,
    pub script: String,
    pub config: Map<String, Json>,
    pub serial: Serial,
    pub account_id: Option<i64>,
    pub username: Option<Username>,
    /// The app, where the account has one of its own.
    pub package: Option<String>,
    /// `None`: as soon as may be.
    pub start_at: Option<Timestamp>,
    /// `None`: as the settings say.
    pub max_retries: Option<u32>,
    pub seed: i64,
    /// The how manyth of its call it is, from 0.
    pub sequence: u32,
    /// Its place among the tasks of its phone, the lowest first; `None`: in order of creation.
    pub queue_key: Option<i64>,
    /// It was asked for by its phone: it stays there when its account goes to another one.
    pub of_phone: bool,
}

/// A task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskRow {
    pub id: i64,
    pub platform: String,
    pub pack: String,
    pub script: String,
    pub config: Map<String, Json>,
    pub serial: Serial,
    pub account_id: Option<i64>,
    /// As it was called when the task was created.
    pub username: Option<Username>,
    pub package: Option<String>,
    pub source: TaskSource,
    pub created_by: String,
    /// The schedule that had it created.
    pub schedule_id: Option<i64>,
    pub state: TaskState,
    pub queue_key: i64,
    pub start_at: Option<Timestamp>,
    /// The earliest start: its time, or a retry's.
    pub due_at: Timestamp,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// The one that is alive.
    pub attempt: Option<Uuid>,
    /// How many were made.
    pub attempts: u32,
    /// How many of them were made again by themselves.
    pub retries: u32,
    pub max_retries: Option<u32>,
    pub stop_asked_at: Option<Timestamp>,
    pub stop_asked_by: Option<String>,
    /// It goes as soon as it has ended.
    pub delete_asked_at: Option<Timestamp>,
    pub seed: i64,
    pub sequence: u32,
    /// It was asked for by its phone: it stays there when its account goes to another one.
    pub of_phone: bool,
    /// It went along with its account, and begins when that is logged in on the new phone.
    pub awaits_login: bool,
    pub materials: Option<Json>,
    /// 0 to 100.
    pub progress: u8,
    pub progress_text: Option<String>,
    /// Why it is not running yet.
    pub waiting_for: Option<String>,
    pub error: Option<TaskError>,
    pub result: Option<Json>,
    pub proof: Option<Json>,
}

/// Where the ids of a task's materials stand among what is kept of its files.
pub const LIBRARY: &str = "library";

impl TaskRow {
    pub fn status(&self) -> TaskStatus {
        self.state.status()
    }

    /// The ids of the materials that it was given out of the library; `None` where its files come from elsewhere.
    pub fn library(&self) -> Option<Vec<i64>> {
        let ids = self.materials.as_ref()?.get(LIBRARY)?.as_array()?;
        let ids: Vec<i64> = ids.iter().filter_map(Json::as_i64).collect();
        (!ids.is_empty()).then_some(ids)
    }

    pub(crate) fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("tasks", "id");
        let kind = row.optional_text("error_kind")?;
        let message = row.optional_text("error_message")?.unwrap_or_default();
        Ok(Self {
            id: row.integer("id")?,
            platform: row.text("platform")?,
            pack: row.text("pack")?,
            script: row.text("script")?,
            config: row.json("config_json")?,
            serial: Serial(row.text("serial")?),
            account_id: row.optional_integer("account_id")?,
            username: row.optional_parsed("username")?,
            package: row.optional_text("package")?,
            source: named(&row, "source", TaskSource::named)?,
            created_by: row.text("created_by")?,
            schedule_id: row.optional_integer("schedule_id")?,
            state: named(&row, "state", TaskState::named)?,
            queue_key: row.integer("queue_key")?,
            start_at: row.optional_time("start_at")?,
            due_at: row.time("due_at")?,
            created_at: row.time("created_at")?,
            started_at: row.optional_time("started_at")?,
            ended_at: row.optional_time("ended_at")?,
            attempt: row.optional_parsed("attempt")?,
            attempts: row.number("attempts")?,
            retries: row.number("retries")?,
            max_retries: row
                .optional_integer("max_retries")?
                .map(|most| u32::try_from(most).map_err(|source| row.corrupt("max_retries", source)))
                .transpose()?,
            stop_asked_at: row.optional_time("stop_asked_at")?,
            stop_asked_by: row.optional_text("stop_asked_by")?,
            delete_asked_at: row.optional_time("delete_asked_at")?,
            seed: row.integer("seed")?,
            sequence: row.number("sequence")?,
            of_phone: row.integer("of_phone")? != 0,
            awaits_login: row.integer("awaits_login")? != 0,
            materials: row.optional_json("materials_json")?,
            progress: row.number("progress")?,
            progress_text: row.optional_text("progress_text")?,
            waiting_for: row.optional_text("waiting_for")?,
            error: kind.map(|kind| TaskError { kind, message }),
            result: row.optional_json("result_json")?,
            proof: row.optional_json("proof_json")?,
        })
    }
}

fn named<T>(row: &TableRow<'_>, column: &str, named: fn(&str) -> Option<T>) -> Result<T, StoreError> {
    let name = row.text(column)?;
    named(&name).ok_or_else(|| row.corrupt(column, format!("{name:?} is none")))
}

/// What a new row has; the other columns are empty.
const COLUMNS: [&str; 26] = [
    "id",
    "platform",
    "pack",
    "script",
    "config_json",
    "serial",
    "account_id",
    "username",
    "username_folded",
    "package",
    "source",
    "created_by",
    "schedule_id",
    "status",
    "state",
    "queue_key",
    "start_at",
    "due_at",
    "created_at",
    "attempts",
    "retries",
    "max_retries",
    "seed",
    "sequence",
    "progress",
    "of_phone",
];

impl NewTask {
    /// In the order of [`COLUMNS`].
    fn values(
        &self,
        id: i64,
        now: Timestamp,
        source: TaskSource,
        who: &str,
        schedule: Option<i64>,
    ) -> [Value; COLUMNS.len()] {
        let username = self.username.as_ref();
        [
            id.into(),
            (&self.platform).into(),
            (&self.pack).into(),
            (&self.script).into(),
            Json::Object(self.config.clone()).to_string().into(),
            (&self.serial.0).into(),
            self.account_id.into(),
            username.map(|name| name.as_str().to_owned()).into(),
            username.map(|name| name.folded().to_owned()).into(),
            self.package.clone().into(),
            source.as_str().into(),
            who.into(),
            schedule.into(),
            TaskStatus::Pending.number().into(),
            TaskState::Waiting.as_str().into(),
            self.queue_key.unwrap_or(id).into(),
            self.start_at.into(),
            self.start_at.unwrap_or(now).into(),
            now.into(),
            0_i64.into(),
            0_i64.into(),
            self.max_retries.map(i64::from).into(),
            self.seed.into(),
            self.sequence.into(),
            0_i64.into(),
            i64::from(self.of_phone).into(),
        ]
    }
}

/// Inserts tasks under ids from `first` on.
pub(super) async fn insert_many(
    session: &mut Session,
    now: Timestamp,
    first: i64,
    new: &[NewTask],
    source: TaskSource,
    who: &str,
    schedule: Option<i64>,
) -> Result<(), StoreError> {
    let values = (first..)
        .zip(new)
        .flat_map(|(id, task)| task.values(id, now, source, who, schedule));
    insert(session, "tasks", &COLUMNS, values.collect()).await
}

pub(crate) async fn find(session: &mut Session, id: i64) -> Result<Option<TaskRow>, StoreError> {
    let row = sql("SELECT * FROM tasks WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(TaskRow::read).transpose()
}

/// The tasks of these ids that there are.
pub(crate) async fn find_many(session: &mut Session, ids: &[i64]) -> Result<Vec<TaskRow>, StoreError> {
    let mut tasks = Vec::new();
    for ids in ids.chunks(KEYS_AT_ONCE) {
        let places = places(1, ids.len());
        let rows = made_sql(format!("SELECT * FROM tasks WHERE id IN ({places}) ORDER BY id"))
            .bind_all(ids.iter().map(|id| Value::from(*id)))
            .rows(session)
            .await?;
        for row in &rows {
            tasks.push(TaskRow::read(row)?);
        }
    }
    Ok(tasks)
}

/// Deletes rows. The attempts and grants of a task stay: what was done was done.
pub(super) async fn delete_many(session: &mut Session, ids: &[i64]) -> Result<(), StoreError> {
    for ids in ids.chunks(KEYS_AT_ONCE) {
        let places = places(1, ids.len());
        made_sql(format!("DELETE FROM tasks WHERE id IN ({places})"))
            .bind_all(ids.iter().map(|id| Value::from(*id)))
            .execute(session)
            .await?;
    }
    Ok(())
}
