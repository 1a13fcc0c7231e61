//! What a phone is to do next: its tasks in order, and why those that are due may not begin.

use jiff::Timestamp;
use serde_json::Value as Json;
use shared::task::TaskState;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, made_sql, sql};
use super::tasks::{TaskChange, TaskRow, alter, turn};
use super::{Ending, GrantRow, NewAttention, NotNow, Store, attempts, attention, grants, packs};

/// Tasks of a phone that are looked at, at once.
const LOOKED_AT: u32 = 50;

/// What waits for one phone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Queue {
    /// What became of its act is to be found out; before all else.
    pub verifying: Option<TaskRow>,
    /// Those that may begin now, in order.
    pub runnable: Vec<TaskRow>,
    /// Those that are due and may not begin, and why. Only where nothing else is to be done.
    pub blocked: Vec<(TaskRow, String)>,
    /// When the next one is due, or an account has rested. Only where nothing else is to be done.
    pub next: Option<Timestamp>,
}

/// Its account is in order and where it is to be, no act of another task holds it, and its flow is not switched off.
const FREE: &str = "(a.id IS NULL OR (a.status = 0 AND (a.resting_until IS NULL OR a.resting_until <= $2) \
     AND (t.awaits_login = 0 OR a.logined = 1))) \
     AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.state IN ('open', 'unknown') AND g.account_id = t.account_id \
     AND g.task_id <> t.id) \
     AND (t.account_id IS NOT NULL OR NOT EXISTS (SELECT 1 FROM grants g WHERE g.state IN ('open', 'unknown') \
     AND g.account_id IS NULL AND g.serial = t.serial AND g.task_id <> t.id)) \
     AND NOT EXISTS (SELECT 1 FROM flows_off f WHERE f.platform = t.platform AND f.script = t.script)";

impl Store {
    /// What a phone is to do at `now`; at most `count` of what it might.
    pub async fn queue(&self, serial: &str, now: Timestamp, count: u32) -> Result<Queue, StoreError> {
        let serial = serial.to_owned();
        self.snapshot(move |session| Box::pin(async move { queue(session, &serial, now, count).await }))
            .await
    }

    /// The files that stand with tasks which have not ended, with the tasks' ids.
    pub async fn materials_promised(&self) -> Result<Vec<(i64, Json)>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT id, materials_json FROM tasks WHERE status IN (0, 1) AND materials_json IS NOT NULL",
                )
                .rows(session)
                .await?;
                let read = |row: &Row| {
                    let row = row.of("tasks", "id");
                    Ok((row.integer("id")?, row.json("materials_json")?))
                };
                rows.iter().map(read).collect()
            })
        })
        .await
    }

    /// The keys of all acts of a script that other tasks than this one did, or may have done.
    pub async fn keys_of_other_acts(&self, script: &str, task: i64) -> Result<Vec<String>, StoreError> {
        let script = script.to_owned();
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT DISTINCT act_key FROM grants WHERE action = $1 AND state <> 'void' AND task_id <> $2",
                )
                .bind(script)
                .bind(task)
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| row.of("grants", "act_key").text("act_key"))
                    .collect()
            })
        })
        .await
    }

    /// The phones that have tasks which are due.
    pub async fn phones_with_due_tasks(&self, now: Timestamp) -> Result<Vec<String>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT DISTINCT serial FROM tasks WHERE due_at <= $1 AND (status = 0 OR (status = 1 \
                     AND state = 'verifying' AND attempt IS NULL))",
                )
                .bind(now)
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| row.of("tasks", "serial").text("serial"))
                    .collect()
            })
        })
        .await
    }

    /// The tasks of a phone that wait and became due before a time, oldest first.
    pub async fn queue_before(
        &self,
        serial: &str,
        before: Timestamp,
        count: u32,
    ) -> Result<Vec<TaskRow>, StoreError> {
        let serial = serial.to_owned();
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT * FROM tasks WHERE serial = $1 AND due_at <= $2 AND (status = 0 OR (status = 1 \
                     AND state = 'verifying' AND attempt IS NULL)) ORDER BY queue_key LIMIT $3",
                )
                .bind(serial)
                .bind(before)
                .bind(count)
                .rows(session)
                .await?;
                rows.iter().map(TaskRow::read).collect()
            })
        })
        .await
    }

    /// Takes a task on, where it still stands as it was seen.
    pub async fn turn_task(
        &self,
        id: i64,
        from: TaskState,
        to: TaskState,
        change: TaskChange,
    ) -> Result<Option<TaskRow>, StoreError> {
        let now = self.now();
        self.write(move |session| Box::pin(async move { turn(session, now, id, from, to, change).await }))
            .await
    }

    /// Notes something of a task that stays where it is.
    pub async fn alter_task(&self, id: i64, change: TaskChange) -> Result<(), StoreError> {
        self.write(move |session| Box::pin(async move { alter(session, id, change).await.map(drop) }))
            .await
    }

    /// A person has to look what became of a task's act: no phone can.
    pub async fn need_person(&self, id: i64, item: NewAttention) -> Result<Option<TaskRow>, StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                let Some(task) = attempts::held_task(session, id).await? else {
                    return Ok(None);
                };
                if task.attempt.is_some() || !task.state.may_become(TaskState::Person) {
                    return Ok(None);
                }
                let grants = grants::of_task(session, id).await?;
                let open = grants.iter().find(|grant| !grant.state.is_settled());
                let item = NewAttention {
                    grant: open.map(|grant| grant.id),
                    ..item
                };
                attention::add(session, now, &item).await?;
                let change = TaskChange::new()
                    .waiting_for(Some(&format!("person: {}", item.message)))
                    .error(&format!("need_person:{}", item.kind), &item.message);
                turn(session, now, id, task.state, TaskState::Person, change).await
            })
        })
        .await
    }

    /// Looks again at a task that waits to know what became of its acts; `decide` answers where it goes, if anywhere.
    pub async fn reconsider<F>(&self, id: i64, decide: F) -> Result<Option<TaskRow>, StoreError>
    where
        F: FnOnce(&TaskRow, &[GrantRow]) -> Option<Ending> + Send + 'static,
    {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                let task = attempts::held_task(session, id).await?;
                let Some(task) =
                    task.filter(|task| task.state == TaskState::Verifying && task.attempt.is_none())
                else {
                    return Ok(None);
                };
                let grants = grants::of_task(session, id).await?;
                match decide(&task, &grants) {
                    Some(ending) => turn(session, now, id, task.state, ending.to, ending.change).await,
                    None => Ok(None),
                }
            })
        })
        .await
    }

    /// A task that may not begin now: why, and when it is looked at again.
    pub async fn put_off(&self, id: i64, until: Timestamp, why: String) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                sql("UPDATE tasks SET due_at = $3, \
                     waiting_for = CASE WHEN status = 0 THEN $2 ELSE waiting_for END WHERE id = $1")
                .bind(id)
                .bind(why)
                .bind(until)
                .execute(session)
                .await
                .map(drop)
            })
        })
        .await
    }

    /// Notes why tasks wait.
    pub async fn note_waiting(&self, why: Vec<(i64, String)>) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                for (id, why) in why {
                    sql("UPDATE tasks SET waiting_for = $2 WHERE id = $1 AND status = 0")
                        .bind(id)
                        .bind(why)
                        .execute(session)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn queue(session: &mut Session, serial: &str, now: Timestamp, count: u32) -> Result<Queue, StoreError> {
    if let Some((item, until)) = attention::held(session, serial).await? {
        return held(session, serial, now, item, until).await;
    }
    let verifying = sql(
        "SELECT * FROM tasks WHERE serial = $1 AND status = 1 AND state = 'verifying' \
         AND attempt IS NULL AND due_at <= $2 ORDER BY queue_key LIMIT 1",
    )
    .bind(serial)
    .bind(now)
    .row(session)
    .await?;
    if let Some(row) = verifying {
        return Ok(Queue {
            verifying: Some(TaskRow::read(&row)?),
            ..Queue::default()
        });
    }
    let rows = made_sql(format!(
        "SELECT t.* FROM tasks t LEFT JOIN accounts a ON a.id = t.account_id \
         WHERE t.serial = $1 AND t.status = 0 AND t.due_at <= $2 AND {FREE} ORDER BY t.queue_key LIMIT $3"
    ))
    .bind(serial)
    .bind(now)
    .bind(count)
    .rows(session)
    .await?;
    let runnable: Vec<TaskRow> = rows.iter().map(TaskRow::read).collect::<Result<_, _>>()?;
    if !runnable.is_empty() {
        return Ok(Queue {
            runnable,
            ..Queue::default()
        });
    }
    let rows = sql(
        "SELECT t.*, a.status AS account_status, a.resting_until, a.logined AS account_logined, \
         f.script AS script_off FROM tasks t LEFT JOIN accounts a ON a.id = t.account_id \
         LEFT JOIN flows_off f ON f.platform = t.platform AND f.script = t.script \
         WHERE t.serial = $1 AND t.status = 0 AND t.due_at <= $2 ORDER BY t.queue_key LIMIT $3",
    )
    .bind(serial)
    .bind(now)
    .bind(LOOKED_AT)
    .rows(session)
    .await?;
    let mut queue = Queue::default();
    let mut next: Option<Timestamp> = None;
    let mut sooner = |at: Option<Timestamp>| {
        if let Some(at) = at {
            next = Some(next.map_or(at, |next| next.min(at)));
        }
    };
    for row in &rows {
        let (why, until) = blocked(row, now)?;
        sooner(until);
        queue.blocked.push((TaskRow::read(row)?, why));
    }
    let row = sql(
        "SELECT serial, MIN(due_at) AS due_at FROM tasks WHERE serial = $1 AND due_at > $2 AND (status = 0 \
         OR (status = 1 AND state = 'verifying' AND attempt IS NULL)) GROUP BY serial",
    )
    .bind(serial)
    .bind(now)
    .row(session)
    .await?;
    if let Some(row) = row {
        sooner(row.of("tasks", "serial").optional_time("due_at")?);
    }
    queue.next = next;
    Ok(queue)
}

/// Nothing is begun on a phone whose screen a person has to see.
async fn held(
    session: &mut Session,
    serial: &str,
    now: Timestamp,
    item: i64,
    until: Timestamp,
) -> Result<Queue, StoreError> {
    let rows = sql(
        "SELECT * FROM tasks WHERE serial = $1 AND status = 0 AND due_at <= $2 ORDER BY queue_key LIMIT $3",
    )
    .bind(serial)
    .bind(now)
    .bind(LOOKED_AT)
    .rows(session)
    .await?;
    let why = format!("person: its phone waits for a person (attention {item}) until {until}");
    let blocked = rows
        .iter()
        .map(|row| Ok((TaskRow::read(row)?, why.clone())))
        .collect::<Result<_, StoreError>>()?;
    Ok(Queue {
        blocked,
        next: Some(until),
        ..Queue::default()
    })
}

/// Why a task that is due may not begin, and until when that is known to be so.
fn blocked(row: &Row, now: Timestamp) -> Result<(String, Option<Timestamp>), StoreError> {
    let row = row.of("tasks", "id");
    if row.optional_text("script_off")?.is_some() {
        let why = packs::off_in_words(&row.text("platform")?, &row.text("script")?);
        return Ok((why, None));
    }
    let resting = row.optional_time("resting_until")?.filter(|until| *until > now);
    Ok(match (row.optional_integer("account_status")?, resting) {
        (Some(status), _) if status != 0 => ("account_disabled: its account is disabled".to_owned(), None),
        (_, Some(until)) => (
            format!("account_resting: its account rests until {until}"),
            Some(until),
        ),
        _ if row.integer("awaits_login")? != 0 && row.optional_integer("account_logined")? == Some(0) => {
            (NotNow::NotLoggedIn.in_words(), None)
        }
        _ => (
            "account_held: it is not known yet what became of an act of another task".to_owned(),
            None,
        ),
    })
}
