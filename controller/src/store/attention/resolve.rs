//! A person decides: what may be said of an item, and what follows for its act and its task.

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use shared::task::{GrantState, TaskState};

use super::hold::end_rest;
use super::{AttentionRow, ShownAttention, find};
use crate::store::error::StoreError;
use crate::store::grants::{self, GrantRow};
use crate::store::session::{Session, sql};
use crate::store::tasks::{STOPPED, TaskChange, TaskRow, turn};
use crate::store::{AuditEntry, Store, attempts, audit};

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The act was done, by whomever.
    Done,
    /// It was not: it may be done.
    NotDone,
    /// What kept the task is out of the way: it begins again.
    Resume,
    /// The task is given up.
    Abandon,
}

impl Resolution {
    pub const ALL: [Self; 4] = [Self::Done, Self::NotDone, Self::Resume, Self::Abandon];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Resume => "resume",
            Self::Abandon => "abandon",
        }
    }
}

/// What a person says of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub resolution: Resolution,
    /// With a task that is given up: whether its act was done, where that is in question.
    pub was_done: Option<bool>,
    /// A link that shows it.
    pub proof: Option<String>,
    pub comment: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resolved {
    pub item: AttentionRow,
    /// Where it has moved on with it.
    pub task: Option<TaskRow>,
    /// What became of an act is known now.
    pub settled: bool,
}

impl Verdict {
    pub fn of(resolution: Resolution) -> Self {
        Self {
            resolution,
            was_done: None,
            proof: None,
            comment: None,
        }
    }

    fn proof(&self, who: &str) -> Json {
        let mut proof = json!({"by": who});
        for (name, said) in [("link", &self.proof), ("comment", &self.comment)] {
            if let Some(said) = said {
                proof[name] = json!(said);
            }
        }
        proof
    }

    /// What it says of an act, if anything.
    fn of_act(&self) -> Option<bool> {
        match self.resolution {
            Resolution::Done => Some(true),
            Resolution::NotDone => Some(false),
            Resolution::Resume => None,
            Resolution::Abandon => self.was_done,
        }
    }
}

impl ShownAttention {
    /// What may be said of it now.
    pub fn allowed(&self) -> Vec<Resolution> {
        if self.row.resolved_at.is_some() {
            return Vec::new();
        }
        let waits = self
            .task
            .as_ref()
            .is_some_and(|task| task.state == TaskState::Person);
        let undone = self
            .grant
            .as_ref()
            .is_some_and(|grant| grant.state != GrantState::Done);
        let may = |resolution: &Resolution| match resolution {
            Resolution::Done => true,
            Resolution::NotDone => undone,
            Resolution::Resume | Resolution::Abandon => waits,
        };
        Resolution::ALL.into_iter().filter(may).collect()
    }

    /// Whether nobody knows yet what became of its act.
    pub fn in_question(&self) -> bool {
        self.grant.as_ref().is_some_and(|grant| !grant.state.is_settled())
    }

    fn check(&self, verdict: &Verdict) -> Result<(), StoreError> {
        let (id, said) = (self.row.id, verdict.resolution);
        if let (Some(at), Some(resolution)) = (self.row.resolved_at, &self.row.resolution) {
            let who = self.row.resolved_by.as_deref().unwrap_or("somebody");
            return Err(StoreError::Conflict(format!(
                "the attention item {id} is resolved already: {resolution}, by {who} at {at}; nothing more is allowed"
            )));
        }
        let allowed = self.allowed();
        let names: Vec<&str> = allowed.iter().map(|one| one.as_str()).collect();
        if !allowed.contains(&said) {
            let task = match &self.task {
                None => "its task is gone".to_owned(),
                Some(task) => format!("its task is {}", task.state),
            };
            return Err(StoreError::Conflict(format!(
                "the attention item {id} cannot be resolved as {}, for {task}{}; allowed: {}",
                said.as_str(),
                if self.grant.is_some() {
                    ""
                } else {
                    " and no act of it is in question"
                },
                names.join(", ")
            )));
        }
        if said == Resolution::Abandon && self.in_question() && verdict.was_done.is_none() {
            return Err(StoreError::Conflict(format!(
                "the attention item {id} is about an act of which nobody knows whether it was done: say was_done with abandon; allowed: {}",
                names.join(", ")
            )));
        }
        Ok(())
    }
}

impl Store {
    /// A person has decided, on record. `main_act` tells what shows that a task's own act was done, where it was.
    pub async fn resolve_attention<F>(
        &self,
        id: i64,
        verdict: Verdict,
        who: &str,
        main_act: F,
    ) -> Result<Resolved, StoreError>
    where
        F: FnOnce(&TaskRow, &[GrantRow]) -> Option<Json> + Send + 'static,
    {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let missing = || StoreError::not_found("attention item", &id);
                let before = find(session, id).await?.ok_or_else(missing)?;
                let task = match before.item.task {
                    Some(task) => attempts::held_task(session, task).await?,
                    None => None,
                };
                // Again, for it may have been resolved before the task was held.
                let row = find(session, id).await?.ok_or_else(missing)?;
                let grant = match row.item.grant {
                    Some(grant) => grants::find(session, grant).await?,
                    None => None,
                };
                let shown = ShownAttention { row, task, grant };
                shown.check(&verdict)?;
                note(session, now, id, verdict.resolution, &who).await?;
                let mut settled = false;
                if let (Some(grant), Some(was_done)) = (&shown.grant, verdict.of_act()) {
                    let proof = verdict.proof(&who);
                    grants::by_person(session, now, grant.id, was_done, &who, &proof).await?;
                    settled = shown.in_question();
                }
                if verdict.resolution != Resolution::Abandon {
                    end_rest(session, &shown.row).await?;
                }
                let entry = AuditEntry::new(&who, "attention.resolve", id.to_string()).after(json!({
                    "resolution": verdict.resolution.as_str(), "task": shown.row.item.task,
                    "was_done": verdict.was_done, "proof": verdict.proof, "comment": verdict.comment,
                }));
                audit::append(session, now, &entry).await?;
                let task = follow(session, now, &shown, &verdict, &who, main_act).await?;
                let item = find(session, id).await?.ok_or_else(missing)?;
                Ok(Resolved { item, task, settled })
            })
        })
        .await
    }
}

async fn note(
    session: &mut Session,
    now: Timestamp,
    id: i64,
    resolution: Resolution,
    who: &str,
) -> Result<(), StoreError> {
    let noted = sql(
        "UPDATE attention SET resolved_at = $2, resolution = $3, resolved_by = $4 \
         WHERE id = $1 AND resolved_at IS NULL",
    )
    .bind(id)
    .bind(now)
    .bind(resolution.as_str())
    .bind(who)
    .execute(session)
    .await?;
    if noted == 0 {
        return Err(StoreError::Conflict(format!(
            "the attention item {id} is resolved already"
        )));
    }
    Ok(())
}

/// Where the item's task goes. What was done beats the wish to stop or to give up.
async fn follow<F>(
    session: &mut Session,
    now: Timestamp,
    shown: &ShownAttention,
    verdict: &Verdict,
    who: &str,
    main_act: F,
) -> Result<Option<TaskRow>, StoreError>
where
    F: FnOnce(&TaskRow, &[GrantRow]) -> Option<Json>,
{
    let Some(task) = shown.task.as_ref().filter(|task| task.state == TaskState::Person) else {
        return Ok(None);
    };
    let grants = grants::of_task(session, task.id).await?;
    let open = grants.iter().any(|grant| !grant.state.is_settled());
    let by_hand = verdict.resolution == Resolution::Done && shown.grant.is_none();
    let done = if open {
        None
    } else if by_hand {
        Some(verdict.proof(who))
    } else {
        main_act(task, &grants)
    };
    let change = TaskChange::new().attempt(None);
    let (to, change) = if let Some(proof) = done {
        (TaskState::Completed, change.proof(&proof))
    } else if verdict.resolution == Resolution::Abandon {
        let why = match &verdict.comment {
            Some(comment) => format!("given up by {who}: {comment}"),
            None => format!("given up by {who}"),
        };
        (TaskState::Failed, change.error("abandoned", &why))
    } else if let (Some(_), false) = (task.stop_asked_at, open) {
        let asked = task.stop_asked_by.as_deref().unwrap_or("an operator");
        (
            TaskState::Failed,
            change.error(STOPPED, &format!("stopped by {asked}")),
        )
    } else {
        // Who says that it goes on takes back a stop that was asked for before: else nobody would hand it out again.
        let anew = change
            .due_at(now)
            .waiting_for(None)
            .retries(0)
            .no_error()
            .no_stop();
        (TaskState::Waiting, anew)
    };
    turn(session, now, task.id, task.state, to, change).await
}
