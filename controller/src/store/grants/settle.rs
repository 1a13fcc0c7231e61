//! What came of a grant is heard. Done is final and beats everything; void frees the act; unknown waits for a look.

use jiff::Timestamp;
use serde_json::Value as Json;
use shared::task::GrantState;
use shared::wire::work::{CommitKind, GrantOutcome, Settlement};
use uuid::Uuid;

use super::ask::json_text;
use super::{GrantRow, claim, find};
use crate::store::Store;
use crate::store::attempts;
use crate::store::attention::{self, NewAttention};
use crate::store::error::StoreError;
use crate::store::materials;
use crate::store::session::{Session, sql};

/// How the reason begins where a person settled a grant as not done.
const BY_PERSON: &str = "person: ";

/// What hearing of it has changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Settled {
    /// The grant as it is now.
    Now(Box<GrantRow>),
    /// This host never worked for the task of this grant.
    NotYours,
}

impl GrantRow {
    /// Who settled it: "person", or "host" by its report or its journal; `None` while it is in question.
    pub fn settled_by(&self) -> Option<&'static str> {
        let by_hand = match self.state {
            GrantState::Open | GrantState::Unknown => return None,
            GrantState::Done => self.proof.as_ref().is_some_and(|proof| proof.get("by").is_some()),
            GrantState::Void => self.why.as_ref().is_some_and(|why| why.starts_with(BY_PERSON)),
        };
        Some(if by_hand { "person" } else { "host" })
    }
}

impl Store {
    /// Hears what came of a grant from a host that works, or worked, for its task. `journal` is the host's own.
    pub async fn settle(
        &self,
        host: Uuid,
        journal: Option<String>,
        told: Settlement,
    ) -> Result<Settled, StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                let id = Uuid::from_bytes(told.grant);
                let Some(grant) = find(session, id).await? else {
                    return Ok(Settled::NotYours);
                };
                let attempt = attempts::find(session, Uuid::from_bytes(told.attempt)).await?;
                let may = attempt.is_some_and(|attempt| attempt.host == host && attempt.task == grant.task)
                    || journal.as_deref() == Some(grant.journal.as_str());
                if !may {
                    return Ok(Settled::NotYours);
                }
                // One order for all that lock: the task, then what is its.
                attempts::held_task(session, grant.task).await?;
                let own = journal.as_deref() == Some(grant.journal.as_str());
                let grant = apply(session, now, id, &told.outcome, own).await?;
                Ok(grant.map_or(Settled::NotYours, |grant| Settled::Now(Box::new(grant))))
            })
        })
        .await
    }

    /// The same from a journal, which is asked itself.
    pub async fn settle_by_journal(
        &self,
        journal: &str,
        grant: Uuid,
        outcome: GrantOutcome,
    ) -> Result<Option<GrantRow>, StoreError> {
        let (journal, now) = (journal.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let Some(row) = find(session, grant).await? else {
                    return Ok(None);
                };
                attempts::held_task(session, row.task).await?;
                apply(session, now, grant, &outcome, row.journal == journal).await
            })
        })
        .await
    }
}

/// Takes an outcome over as far as it goes; `own` where it comes from the journal in which the intent would stand.
pub(super) async fn apply(
    session: &mut Session,
    now: Timestamp,
    id: Uuid,
    outcome: &GrantOutcome,
    own: bool,
) -> Result<Option<GrantRow>, StoreError> {
    let Some(grant) = find(session, id).await? else {
        return Ok(None);
    };
    match outcome {
        _ if grant.state == GrantState::Done => {}
        GrantOutcome::Done { proof } => done(session, now, &grant, proof).await?,
        GrantOutcome::Void { why } if own => void(session, now, &grant, why).await?,
        GrantOutcome::NotSeen { why } if own || grant.kind == CommitKind::State => {
            void(session, now, &grant, why).await?;
        }
        // That another journal has no intent says nothing, and an append act that is not seen may yet come.
        GrantOutcome::Void { why } | GrantOutcome::NotSeen { why } | GrantOutcome::Unknown { why } => {
            if !grant.state.is_settled() {
                sql("UPDATE grants SET state = 'unknown', why = $2 WHERE id = $1")
                    .bind(id)
                    .bind(why)
                    .execute(session)
                    .await?;
            }
        }
    }
    find(session, id).await
}

async fn void(session: &mut Session, now: Timestamp, grant: &GrantRow, why: &str) -> Result<(), StoreError> {
    sql(
        "UPDATE grants SET state = 'void', claims = NULL, why = $2, settled_at = $3 \
         WHERE id = $1 AND state <> 'void'",
    )
    .bind(grant.id)
    .bind(why)
    .bind(now)
    .execute(session)
    .await?;
    materials::release_ended(session, grant.task).await
}

/// Also where it was taken for void: what was done is done, and the act is claimed again.
async fn done(
    session: &mut Session,
    now: Timestamp,
    grant: &GrantRow,
    proof: &str,
) -> Result<(), StoreError> {
    let claims = claim(grant.task, &grant.commit, &grant.key);
    let other = sql("SELECT id FROM grants WHERE claims = $1 AND id <> $2")
        .bind(&claims)
        .bind(grant.id)
        .row(session)
        .await?;
    sql("UPDATE grants SET state = 'done', claims = $2, proof_json = $3, why = NULL, settled_at = $4 WHERE id = $1")
        .bind(grant.id)
        .bind(other.is_none().then_some(claims))
        .bind(json_text(proof))
        .bind(now)
        .execute(session)
        .await?;
    materials::used_by_act(session, now, grant.task, grant.kind, &grant.key).await?;
    if let Some(other) = other {
        let other = other.of("grants", "id").text("id")?;
        tracing::error!(grant = %grant.id, %other, task = grant.task, "an act was done under a grant that had been void");
        let item = NewAttention {
            task: Some(grant.task),
            grant: Some(grant.id),
            account_id: grant.account_id,
            serial: Some(grant.serial.0.clone()),
            kind: "done_while_void".to_owned(),
            message: format!(
                "{} {} was done under a grant that had been taken for void, while another one was given: look whether it was done twice",
                grant.commit, grant.key
            ),
            held_until: None,
        };
        attention::add(session, now, &item).await?;
    }
    Ok(())
}

/// As a person says: done by hand or seen, with who says so. `proof` shows it.
pub(in crate::store) async fn by_person(
    session: &mut Session,
    now: Timestamp,
    id: Uuid,
    was_done: bool,
    who: &str,
    proof: &Json,
) -> Result<Option<GrantRow>, StoreError> {
    let outcome = if was_done {
        GrantOutcome::Done {
            proof: proof.to_string(),
        }
    } else {
        GrantOutcome::Void {
            why: format!("{BY_PERSON}{who} looked, it was not done"),
        }
    };
    apply(session, now, id, &outcome, true).await
}
