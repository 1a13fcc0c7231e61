//! An attempt is over: its end was heard, its host refused it, or nothing is heard of it any more. What follows for its
//! task is decided by whoever knows the rules, from all that stands, within the same transaction.

use jiff::Timestamp;
use shared::task::{AttemptState, TaskState};
use shared::wire::work::{AttemptEnd, AttemptOutcome};
use uuid::Uuid;

use super::{AttemptRow, find, held_task};
use crate::store::Store;
use crate::store::attention::{self, NewAttention};
use crate::store::error::StoreError;
use crate::store::grants::{self, GrantRow};
use crate::store::session::{Session, sql};
use crate::store::tasks::{self, TaskChange, TaskRow, turn};

/// How an attempt is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// Its host says so.
    Ended { host: Uuid, end: AttemptEnd },
    /// Its host did not take it: nothing was done.
    Refused { why: String },
    /// Its host is gone, or came back without it.
    Lost { why: String },
}

/// All that stands of a task when one of its attempts is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Ground {
    pub task: TaskRow,
    pub attempt: AttemptRow,
    /// All that were ever given for this task.
    pub grants: Vec<GrantRow>,
    /// How many attempts have looked what became of the act that is in question.
    pub looks: u32,
}

/// What follows.
#[derive(Debug, Clone)]
pub struct Ending {
    pub to: TaskState,
    pub change: TaskChange,
    /// A person is needed.
    pub attention: Option<NewAttention>,
    /// The account rests.
    pub rest_until: Option<Timestamp>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Closed {
    /// With the task as it is now, where this was the attempt that it waited for.
    Now(Option<Box<TaskRow>>),
    /// It was over already.
    Before,
    /// There is no such attempt at this host.
    NotYours,
}

impl Store {
    /// Notes that an attempt is over, and takes its task to where `decide` says.
    pub async fn close_attempt<F>(&self, id: Uuid, how: How, decide: F) -> Result<Closed, StoreError>
    where
        F: FnOnce(&Ground) -> Ending + Send + 'static,
    {
        let now = self.now();
        self.write(move |session| Box::pin(async move { close(session, now, id, how, decide).await }))
            .await
    }
}

async fn close<F>(
    session: &mut Session,
    now: Timestamp,
    id: Uuid,
    how: How,
    decide: F,
) -> Result<Closed, StoreError>
where
    F: FnOnce(&Ground) -> Ending,
{
    let Some(attempt) = find(session, id).await? else {
        return Ok(Closed::NotYours);
    };
    let task = held_task(session, attempt.task).await?;
    // Again, for it may have changed before the task was held.
    let Some(attempt) = find(session, id).await? else {
        return Ok(Closed::NotYours);
    };
    match &how {
        How::Ended { host, .. } if *host != attempt.host => return Ok(Closed::NotYours),
        How::Ended { .. } if attempt.state == AttemptState::Ended => return Ok(Closed::Before),
        How::Refused { .. } if attempt.state != AttemptState::Handed => return Ok(Closed::Before),
        How::Lost { .. } if !attempt.is_live() => return Ok(Closed::Before),
        _ => {}
    }
    write_down(session, now, id, &how).await?;
    let Some(task) = task else {
        return Ok(Closed::Now(None));
    };
    // One that was given up as lost may still tell how it ended, until another one is made.
    let waited_for = task.attempt == Some(id)
        || (task.state == TaskState::Verifying && task.attempt.is_none() && task.attempts == attempt.number);
    if !waited_for {
        return Ok(Closed::Now(None));
    }
    let grants = grants::of_task(session, task.id).await?;
    let looks = looks(session, task.id, &grants).await?;
    let ground = Ground {
        task,
        attempt,
        grants,
        looks,
    };
    let ending = decide(&ground);
    let task = ground.task;
    if let Some(item) = &ending.attention {
        attention::add(session, now, item).await?;
    }
    if let (Some(until), Some(account)) = (ending.rest_until, task.account_id) {
        grants::rest_account(session, account, until).await?;
    }
    if ending.to == task.state {
        let change = ending.change.attempt(None);
        tasks::alter(session, task.id, change).await?;
        return Ok(Closed::Now(held_task(session, task.id).await?.map(Box::new)));
    }
    let change = ending.change.attempt(None);
    let task = turn(session, now, task.id, task.state, ending.to, change).await?;
    Ok(Closed::Now(task.map(Box::new)))
}

/// Those that were handed out after leave was given for the first act that is in question.
async fn looks(session: &mut Session, task: i64, grants: &[GrantRow]) -> Result<u32, StoreError> {
    let Some(open) = grants.iter().find(|grant| !grant.state.is_settled()) else {
        return Ok(0);
    };
    let looks =
        sql("SELECT COUNT(*) FROM attempts WHERE task_id = $1 AND handed_at > $2 AND outcome <> 'refused'")
            .bind(task)
            .bind(open.granted_at)
            .number(session)
            .await?;
    Ok(u32::try_from(looks).unwrap_or(u32::MAX))
}

async fn write_down(session: &mut Session, now: Timestamp, id: Uuid, how: &How) -> Result<(), StoreError> {
    let update = match how {
        How::Ended { end, .. } => {
            let (outcome, message, uncertain, place) = match &end.outcome {
                AttemptOutcome::Done { .. } => ("done", None, false, None),
                AttemptOutcome::Failed(failure) => (
                    failure.kind.as_str(),
                    Some(failure.message.clone()),
                    failure.uncertain,
                    failure
                        .place
                        .as_ref()
                        .map(|(file, line)| format!("{file}:{line}")),
                ),
            };
            let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            sql(
                "UPDATE attempts SET state = 'ended', holds = NULL, ended_at = $2, outcome = $3, message = $4, \
                 uncertain = $5, place = $6, steps = $7, took_millis = $8, driver = $9, app_version = $10 WHERE id = $1",
            )
            .bind(id)
            .bind(now)
            .bind(outcome)
            .bind(message)
            .bind(i64::from(uncertain))
            .bind(place)
            .bind(end.steps)
            .bind(i64::try_from(end.took).unwrap_or(i64::MAX))
            .bind(filled(&end.driver))
            .bind(filled(&end.app_version))
        }
        How::Refused { why } => sql(
            "UPDATE attempts SET state = 'ended', holds = NULL, ended_at = $2, \
             outcome = 'refused', message = $3 WHERE id = $1",
        )
        .bind(id)
        .bind(now)
        .bind(why),
        How::Lost { why } => sql("UPDATE attempts SET state = 'lost', holds = NULL, lost_at = $2, \
             outcome = 'host_lost', message = $3 WHERE id = $1")
        .bind(id)
        .bind(now)
        .bind(why),
    };
    update.execute(session).await.map(drop)
}
