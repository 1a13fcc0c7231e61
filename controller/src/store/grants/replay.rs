//! A journal tells all that is in it: what the database had forgotten is written down again, what it knows is settled.

use jiff::Timestamp;
use shared::task::GrantState;
use shared::wire::work::{GrantOutcome, JournalRecord, JournalState};
use uuid::Uuid;

use super::ask::json_text;
use super::settle::apply;
use super::{claim, find, kind_name};
use crate::store::attention::{self, NewAttention};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::{Store, attempts, counters, materials};

impl Store {
    /// Takes over what a journal has. `day_of` tells the farm's day of a time.
    pub async fn replay<D>(
        &self,
        host: Uuid,
        journal: &str,
        records: Vec<JournalRecord>,
        day_of: D,
    ) -> Result<(), StoreError>
    where
        D: Fn(Timestamp) -> String + Send + 'static,
    {
        let (journal, now) = (journal.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                for record in &records {
                    let day = day_of(Timestamp::from_millisecond(record.at).unwrap_or(now));
                    take_over(session, now, host, &journal, record, &day).await?;
                }
                Ok(())
            })
        })
        .await
    }
}

async fn take_over(
    session: &mut Session,
    now: Timestamp,
    host: Uuid,
    journal: &str,
    record: &JournalRecord,
    day: &str,
) -> Result<(), StoreError> {
    let id = Uuid::from_bytes(record.grant);
    let task = attempts::held_task(session, record.task).await?;
    if let Some(known) = find(session, id).await? {
        let outcome = match &record.state {
            JournalState::Done { proof } => GrantOutcome::Done { proof: proof.clone() },
            JournalState::Void => GrantOutcome::Void {
                why: "its journal says so".to_owned(),
            },
            JournalState::Intent { .. } => GrantOutcome::Unknown {
                why: "it was about to be done, and nothing is written after that".to_owned(),
            },
        };
        let own = known.journal == journal;
        return apply(session, now, id, &outcome, own).await.map(drop);
    }
    let number = number_for(session, record).await?;
    let (state, evidence, proof) = match &record.state {
        JournalState::Intent { evidence } => (GrantState::Unknown, evidence.as_str(), None),
        JournalState::Done { proof } => (GrantState::Done, "null", Some(proof.as_str())),
        JournalState::Void => (GrantState::Void, "null", None),
    };
    let claims = claim(record.task, &record.commit, &record.key);
    let taken = sql("SELECT COUNT(*) FROM grants WHERE claims = $1")
        .bind(&claims)
        .number(session)
        .await?;
    let claims = (state != GrantState::Void && taken == 0).then_some(claims);
    let account = Some(record.account).filter(|account| *account > 0);
    let platform = match account {
        Some(account) => sql("SELECT id, platform FROM accounts WHERE id = $1")
            .bind(account)
            .row(session)
            .await?
            .map(|row| row.of("accounts", "id").text("platform"))
            .transpose()?,
        None => None,
    };
    let platform = platform.or_else(|| task.as_ref().map(|task| task.platform.clone()));
    let action = task
        .as_ref()
        .map_or_else(|| record.commit.clone(), |task| task.script.clone());
    let serial = task
        .as_ref()
        .map(|task| task.serial.0.clone())
        .unwrap_or_default();
    let at = Timestamp::from_millisecond(record.at).unwrap_or(now);
    sql(
        "INSERT INTO grants (id, number, task_id, attempt, request, account_id, serial, platform, action, \
         commit_name, kind, act_key, claims, host_id, journal, evidence_json, state, why, proof_json, granted_at, \
         settled_at, day) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, \
         $19, $20, $21, $22)",
    )
    .bind(id)
    .bind(number)
    .bind(record.task)
    .bind(Uuid::from_bytes(record.attempt))
    // The requests of a forgotten attempt are not known; no agent's own is below 0.
    .bind(-number)
    .bind(account)
    .bind(&serial)
    .bind(platform.unwrap_or_default())
    .bind(action)
    .bind(&record.commit)
    .bind(kind_name(record.kind))
    .bind(&record.key)
    .bind(claims)
    .bind(host)
    .bind(journal)
    .bind(json_text(evidence))
    .bind(state.as_str())
    .bind("told by its journal after the database was taken back")
    .bind(proof.map(json_text))
    .bind(at)
    .bind(state.is_settled().then_some(now))
    .bind(day)
    .execute(session)
    .await?;
    match state {
        GrantState::Done => {
            materials::used_by_act(session, now, record.task, record.kind, &record.key).await?;
        }
        GrantState::Unknown | GrantState::Open => {
            materials::in_doubt(session, record.task, &record.key).await?;
        }
        GrantState::Void => {}
    }
    let ended = task.as_ref().is_none_or(|task| task.ended_at.is_some());
    if state == GrantState::Unknown && ended {
        // No attempt will look: a person has to.
        let item = NewAttention {
            task: Some(record.task),
            grant: Some(id),
            account_id: account,
            serial: Some(serial).filter(|serial| !serial.is_empty()),
            kind: "unknown".to_owned(),
            message: format!(
                "{} {} was about to be done before the database was taken back: look whether it was",
                record.commit, record.key
            ),
            held_until: None,
        };
        attention::add(session, now, &item).await?;
    }
    Ok(())
}

/// The number that it had, unless one that was given since has it.
async fn number_for(session: &mut Session, record: &JournalRecord) -> Result<i64, StoreError> {
    let number = i64::try_from(record.number).unwrap_or(i64::MAX);
    counters::hold(session, counters::GRANT).await?;
    counters::advance(session, counters::GRANT, number).await?;
    let taken = sql("SELECT COUNT(*) FROM grants WHERE number = $1")
        .bind(number)
        .number(session)
        .await?;
    if taken == 0 {
        return Ok(number);
    }
    counters::take(session, counters::GRANT, 1).await
}
