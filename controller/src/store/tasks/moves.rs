//! Tasks that go to another phone: along with their account, or because another phone took the place of theirs. One that
//! runs ends where it is first, and goes when it waits again.

use shared::device::Serial;
use shared::task::{TaskState, TaskStatus};

use super::counts::{self, Kind, Shift};
use super::rows::{self, TaskRow};
use crate::store::error::StoreError;
use crate::store::many::{KEYS_AT_ONCE, places};
use crate::store::row::Row;
use crate::store::session::{Session, Value, made_sql, sql};
use crate::store::{Store, attempts, dialect};

/// Phones that took each other's place one after the other; more is a circle.
const MOST_PLACES: usize = 32;
/// Tasks that are looked at, at once.
const AT_ONCE: u32 = 500;

/// What became of tasks whose account has another phone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// They wait for the new phone now.
    pub along: Vec<i64>,
    /// They are at work for the account elsewhere, or wait to know what they did: they end there first.
    pub running: Vec<i64>,
}

impl Store {
    /// Sends tasks on that wait for phones whose place others took; answers them as they are now.
    pub async fn send_on_from_replaced(&self) -> Result<Vec<TaskRow>, StoreError> {
        let stray = self
            .read(|session| {
                Box::pin(async move {
                    let rows = sql(
                        "SELECT t.id FROM tasks t JOIN devices d ON d.serial = t.serial \
                         LEFT JOIN accounts a ON a.id = t.account_id \
                         WHERE d.replaced_by IS NOT NULL AND t.status = 0 \
                         AND (t.of_phone = 1 OR a.device IS NULL OR a.device <> t.serial) ORDER BY t.id LIMIT $1",
                    )
                    .bind(AT_ONCE)
                    .rows(session)
                    .await?;
                    rows.iter().map(id).collect::<Result<Vec<i64>, StoreError>>()
                })
            })
            .await?;
        if stray.is_empty() {
            return Ok(Vec::new());
        }
        self.write(move |session| {
            Box::pin(async move {
                let mut sent = Vec::new();
                for id in stray {
                    let task = attempts::held_task(session, id).await?;
                    if let Some(task) = task.filter(|task| task.status() == TaskStatus::Pending) {
                        sent.push(settle(session, task).await?);
                    }
                }
                Ok(sent)
            })
        })
        .await
    }

    /// The tasks that wait to know what became of an act on phones whose place others took.
    pub async fn verifying_on_replaced(&self) -> Result<Vec<(TaskRow, Serial)>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT t.*, d.replaced_by FROM tasks t JOIN devices d ON d.serial = t.serial \
                     WHERE d.replaced_by IS NOT NULL AND t.status = 1 AND t.state = $1 AND t.attempt IS NULL \
                     ORDER BY t.id LIMIT $2",
                )
                .bind(TaskState::Verifying.as_str())
                .bind(AT_ONCE)
                .rows(session)
                .await?;
                let read = |row: &Row| {
                    let by = row.of("devices", "id").text("replaced_by")?;
                    Ok((TaskRow::read(row)?, Serial(by)))
                };
                rows.iter().map(read).collect()
            })
        })
        .await
    }
}

fn id(row: &Row) -> Result<i64, StoreError> {
    row.of("tasks", "id").integer("id")
}

/// Has the tasks of an account that wait go along to its new phone, but for those that were asked for by a phone.
pub(crate) async fn with_account(
    session: &mut Session,
    account: i64,
    to: &Serial,
) -> Result<Gone, StoreError> {
    let text = format!(
        "SELECT * FROM tasks WHERE account_id = $1 AND status = 0 AND of_phone = 0 AND serial <> $2 \
         ORDER BY id{}",
        dialect::for_update(session)
    );
    let rows = made_sql(text).bind(account).bind(&to.0).rows(session).await?;
    let tasks: Vec<TaskRow> = rows.iter().map(TaskRow::read).collect::<Result<_, _>>()?;
    go(session, &tasks, to).await?;
    let rows = sql("SELECT id FROM tasks WHERE account_id = $1 AND status = 1 AND serial <> $2 ORDER BY id")
        .bind(account)
        .bind(&to.0)
        .rows(session)
        .await?;
    Ok(Gone {
        along: tasks.iter().map(|task| task.id).collect(),
        running: rows.iter().map(id).collect::<Result<_, _>>()?,
    })
}

/// Has all tasks that wait for a phone, under any of its names, wait for another one.
pub(crate) async fn with_phone(
    session: &mut Session,
    names: &[String],
    to: &Serial,
) -> Result<Vec<i64>, StoreError> {
    let text = format!(
        "SELECT * FROM tasks WHERE serial IN ({}) AND status = 0 ORDER BY id{}",
        places(1, names.len()),
        dialect::for_update(session)
    );
    let rows = made_sql(text)
        .bind_all(names.iter().map(Value::from))
        .rows(session)
        .await?;
    let tasks: Vec<TaskRow> = rows.iter().map(TaskRow::read).collect::<Result<_, _>>()?;
    go(session, &tasks, to).await?;
    Ok(tasks.iter().map(|task| task.id).collect())
}

/// The tasks of a phone that are at work on it, or wait to know what they did there.
pub(crate) async fn unfinished(session: &mut Session, names: &[String]) -> Result<Vec<TaskRow>, StoreError> {
    let text = format!(
        "SELECT * FROM tasks WHERE serial IN ({}) AND status = 1 ORDER BY id",
        places(1, names.len())
    );
    let rows = made_sql(text)
        .bind_all(names.iter().map(Value::from))
        .rows(session)
        .await?;
    rows.iter().map(TaskRow::read).collect()
}

/// A task that has come to wait, at the phone where it belongs by now.
pub(crate) async fn settle(session: &mut Session, task: TaskRow) -> Result<TaskRow, StoreError> {
    let Some(to) = elsewhere(session, &task).await? else {
        return Ok(task);
    };
    go(session, std::slice::from_ref(&task), &to).await?;
    Ok(rows::find(session, task.id).await?.unwrap_or(task))
}

/// The phone where a task belongs that waits for another one; `None` where it is right. What is not known to be a phone of
/// this farm may be another name of the one that it waits for.
pub(crate) async fn elsewhere(session: &mut Session, task: &TaskRow) -> Result<Option<Serial>, StoreError> {
    if let (Some(account), false) = (task.account_id, task.of_phone) {
        let row = sql(
            "SELECT a.device AS serial FROM accounts a JOIN devices d ON d.serial = a.device WHERE a.id = $1",
        )
        .bind(account)
        .row(session)
        .await?;
        if let Some(row) = row {
            let bound = Serial(row.of("accounts", "serial").text("serial")?);
            return Ok(Some(bound).filter(|bound| *bound != task.serial));
        }
    }
    let last = successor(session, &task.serial).await?;
    Ok(Some(last).filter(|last| *last != task.serial))
}

/// The phone that has a phone's place now: itself, or the last of those that took it.
async fn successor(session: &mut Session, serial: &Serial) -> Result<Serial, StoreError> {
    let mut last = serial.clone();
    for _ in 0..MOST_PLACES {
        let row = sql("SELECT replaced_by FROM devices WHERE serial = $1 AND replaced_by IS NOT NULL")
            .bind(&last.0)
            .row(session)
            .await?;
        match row {
            Some(row) => last = Serial(row.of("devices", "replaced_by").text("replaced_by")?),
            None => break,
        }
    }
    Ok(last)
}

/// Has tasks that wait wait for another phone. Those of an account wait until that is logged in there, but for the login
/// itself.
pub(crate) async fn go(session: &mut Session, tasks: &[TaskRow], to: &Serial) -> Result<(), StoreError> {
    let mut shift = Shift::default();
    for tasks in tasks.chunks(KEYS_AT_ONCE) {
        made_sql(format!(
            "UPDATE tasks SET serial = $1, awaits_login = CASE WHEN account_id IS NULL OR script = 'login' THEN 0 ELSE 1 END \
             WHERE id IN ({})",
            places(2, tasks.len())
        ))
        .bind(&to.0)
        .bind_all(tasks.iter().map(|task| Value::from(task.id)))
        .execute(session)
        .await?;
        for task in tasks {
            shift.add(Kind::of(task), -1);
            let mut there = task.clone();
            there.serial = to.clone();
            shift.add(Kind::of(&there), 1);
        }
    }
    counts::shift(session, shift).await
}
