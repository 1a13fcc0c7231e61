//! A task is handed out: the attempt's row, the phone that it holds and the task's new state, all or nothing. Only then
//! is the order sent.

use std::time::Duration;

use jiff::Timestamp;
use shared::device::Serial;
use shared::task::{AttemptState, TaskState};
use uuid::Uuid;

use super::{AttemptRow, find, held_task};
use crate::store::error::StoreError;
use crate::store::materials::{self, FromLibrary, Given, NoneLeft};
use crate::store::session::{Session, sql};
use crate::store::tasks::{TaskChange, TaskRow, moves, turn};
use crate::store::{Store, grants, journals, packs};

/// An attempt to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttempt {
    pub id: Uuid,
    pub task: i64,
    pub host: Uuid,
    /// The phone; the task's own.
    pub serial: Serial,
    pub pack_hash: String,
    pub lease: Duration,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum HandOut {
    Handed {
        task: Box<TaskRow>,
        attempt: Box<AttemptRow>,
    },
    NotNow(NotNow),
    /// The library has too little for it.
    NoneLeft(NoneLeft),
}

/// Why a task is not handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotNow {
    /// It is not waiting any more, or not for this phone.
    Moved,
    /// Another attempt has the phone.
    PhoneHeld,
    /// Its flow is switched off.
    FlowOff {
        platform: String,
        script: String,
    },
    AccountGone,
    AccountDisabled,
    /// The account came from another phone, and is not logged in on this one yet.
    NotLoggedIn,
    AccountResting {
        until: Timestamp,
    },
    /// It is not known what became of an act of this account.
    AccountHeld {
        task: i64,
    },
    /// The account works on another phone.
    AccountBusy {
        task: i64,
    },
    /// A host that has not told yet what it did may have published what the library would give.
    Untold,
}

impl NotNow {
    /// For people.
    pub fn in_words(&self) -> String {
        match self {
            Self::Moved => "the task has moved on".to_owned(),
            Self::PhoneHeld => "another task has the phone".to_owned(),
            Self::FlowOff { platform, script } => packs::off_in_words(platform, script),
            Self::AccountGone => "its account was deleted".to_owned(),
            Self::AccountDisabled => "account_disabled: its account is disabled".to_owned(),
            Self::NotLoggedIn => {
                "login_needed: its account came from another phone and is not logged in on this one yet: have login run"
                    .to_owned()
            }
            Self::AccountResting { until } => format!("account_resting: its account rests until {until}"),
            Self::AccountHeld { task } => {
                format!("account_held: it is not known yet what became of an act of task {task}")
            }
            Self::AccountBusy { task } => format!("account_busy: its account is at work for task {task}"),
            Self::Untold => {
                "recovering: a host that has not told yet what it did before the database was taken back \
                 may have published what the library has for it"
                    .to_owned()
            }
        }
    }
}

impl Store {
    /// Writes down that a task is handed out, where it still may be.
    pub async fn hand_out(&self, new: NewAttempt) -> Result<HandOut, StoreError> {
        self.hand_out_with(new, None).await
    }

    /// The same where its files come out of the library: it is given them, or has them already, in the same transaction.
    pub async fn hand_out_with(
        &self,
        new: NewAttempt,
        library: Option<FromLibrary>,
    ) -> Result<HandOut, StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move { hand_out(session, now, &new, library.as_ref()).await })
        })
        .await
    }

    /// The host has the attempt; answers the task where that was news.
    pub async fn acknowledge(&self, id: Uuid, host: Uuid) -> Result<Option<TaskRow>, StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                let Some(attempt) = find(session, id).await? else {
                    return Ok(None);
                };
                let Some(task) = held_task(session, attempt.task).await? else {
                    return Ok(None);
                };
                let changed = sql("UPDATE attempts SET state = $3, acknowledged_at = $4 \
                     WHERE id = $1 AND host_id = $2 AND state = 'handed'")
                .bind(id)
                .bind(host)
                .bind(AttemptState::Running.as_str())
                .bind(now)
                .execute(session)
                .await?;
                if changed == 0 || task.attempt != Some(id) || task.state != TaskState::Handed {
                    return Ok(None);
                }
                turn(
                    session,
                    now,
                    task.id,
                    task.state,
                    TaskState::Running,
                    TaskChange::new(),
                )
                .await
            })
        })
        .await
    }
}

async fn hand_out(
    session: &mut Session,
    now: Timestamp,
    new: &NewAttempt,
    library: Option<&FromLibrary>,
) -> Result<HandOut, StoreError> {
    let not_now = |why| Ok(HandOut::NotNow(why));
    let Some(task) = held_task(session, new.task).await? else {
        return not_now(NotNow::Moved);
    };
    let verifies = task.state == TaskState::Verifying;
    if task.serial != new.serial
        || task.attempt.is_some()
        || !task.state.may_become(TaskState::Handed)
        || (task.stop_asked_at.is_some() && !verifies)
    {
        return not_now(NotNow::Moved);
    }
    if !verifies && packs::is_off(session, &task.platform, &task.script).await? {
        return not_now(NotNow::FlowOff {
            platform: task.platform,
            script: task.script,
        });
    }
    if let Some(account) = task.account_id
        && let Some(why) = obstacle(session, now, account, &task, verifies).await?
    {
        return not_now(why);
    }
    let given = match library {
        None => None,
        // Nothing is taken out of the library for what is not handed out.
        Some(_) if holds(session, &new.serial).await? => return not_now(NotNow::PhoneHeld),
        Some(from) => match materials::give(session, &task, from).await? {
            Given::Kept => None,
            Given::New(files) => Some(files),
            Given::NoneLeft(left) => return Ok(HandOut::NoneLeft(left)),
            Given::Untold => return not_now(NotNow::Untold),
        },
    };
    let epoch = journals::epoch(session).await?;
    let number = task.attempts + 1;
    let written = sql(
        "INSERT INTO attempts (id, task_id, number, epoch, host_id, serial, account_id, holds, state, pack_hash, \
         lease_millis, handed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $8, $9, $10, $11) \
         ON CONFLICT (holds) DO NOTHING",
    )
    .bind(new.id)
    .bind(task.id)
    .bind(number)
    .bind(epoch)
    .bind(new.host)
    .bind(&new.serial.0)
    .bind(task.account_id)
    .bind(AttemptState::Handed.as_str())
    .bind(&new.pack_hash)
    .bind(i64::try_from(new.lease.as_millis()).unwrap_or(i64::MAX))
    .bind(now)
    .execute(session)
    .await?;
    if written == 0 {
        return not_now(NotNow::PhoneHeld);
    }
    let change = TaskChange::new()
        .attempt(Some(new.id))
        .attempts(number)
        .progress(0, None)
        .waiting_for(None);
    let change = match given {
        Some(files) => change.materials(&files),
        None => change,
    };
    let task = turn(session, now, task.id, task.state, TaskState::Handed, change).await?;
    let attempt = find(session, new.id).await?;
    match (task, attempt) {
        (Some(task), Some(attempt)) => Ok(HandOut::Handed {
            task: Box::new(task),
            attempt: Box::new(attempt),
        }),
        _ => Err(StoreError::failed(
            "handing a task out",
            "it changed within its own transaction",
        )),
    }
}

/// Whether an attempt has the phone.
async fn holds(session: &mut Session, serial: &Serial) -> Result<bool, StoreError> {
    let held = sql("SELECT COUNT(*) FROM attempts WHERE holds = $1")
        .bind(&serial.0)
        .number(session)
        .await?;
    Ok(held > 0)
}

/// What keeps the account from working. A look at what became of an act is no work.
async fn obstacle(
    session: &mut Session,
    now: Timestamp,
    account: i64,
    task: &TaskRow,
    verifies: bool,
) -> Result<Option<NotNow>, StoreError> {
    let standing = grants::account_standing(session, account).await?;
    let Some(standing) = standing else {
        return Ok(Some(NotNow::AccountGone));
    };
    if !verifies {
        // It may have gone to another phone while its task was on its way.
        if standing.device.is_some_and(|device| device != task.serial.0)
            && let Some(to) = moves::elsewhere(session, task).await?
        {
            moves::go(session, std::slice::from_ref(task), &to).await?;
            return Ok(Some(NotNow::Moved));
        }
        if !standing.enabled {
            return Ok(Some(NotNow::AccountDisabled));
        }
        if task.awaits_login && !standing.logined {
            return Ok(Some(NotNow::NotLoggedIn));
        }
        if let Some(until) = standing.resting_until.filter(|until| *until > now) {
            return Ok(Some(NotNow::AccountResting { until }));
        }
        if let Some(task) = grants::held_by(session, task).await? {
            return Ok(Some(NotNow::AccountHeld { task }));
        }
    }
    let busy = sql(
        "SELECT task_id FROM attempts WHERE account_id = $1 AND state IN ('handed', 'running') \
         AND task_id <> $2 LIMIT 1",
    )
    .bind(account)
    .bind(task.id)
    .row(session)
    .await?;
    busy.map(|row| {
        let task = row.of("attempts", "task_id").integer("task_id")?;
        Ok(NotNow::AccountBusy { task })
    })
    .transpose()
}
