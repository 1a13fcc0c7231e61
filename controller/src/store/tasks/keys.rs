//! Calls that name themselves: the same call again is answered as before and does nothing.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use crate::store::error::StoreError;
use crate::store::session::{Session, sql};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The name that a client gave its call, and what the call was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerKey {
    pub name: String,
    /// Another body under the same name is refused.
    pub body_hash: String,
}

/// What a call of that name was answered. A conflict where it was another call.
pub(in crate::store) async fn find(
    session: &mut Session,
    now: Timestamp,
    key: &AnswerKey,
) -> Result<Option<Json>, StoreError> {
    let row =
        sql("SELECT name, body_hash, answer_json FROM idempotency_keys WHERE name = $1 AND created_at > $2")
            .bind(&key.name)
            .bind(oldest(now))
            .row(session)
            .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let row = row.of("idempotency_keys", "name");
    if row.text("body_hash")? != key.body_hash {
        return Err(StoreError::Conflict(
            "the Idempotency-Key was used for another request in the last 24 hours: choose a new one"
                .to_owned(),
        ));
    }
    row.json("answer_json").map(Some)
}

/// Takes the name for this call; answers what a call before it was answered. Two calls at once wait for each other here.
pub(in crate::store) async fn take(
    session: &mut Session,
    now: Timestamp,
    key: &AnswerKey,
) -> Result<Option<Json>, StoreError> {
    sql("DELETE FROM idempotency_keys WHERE created_at <= $1")
        .bind(oldest(now))
        .execute(session)
        .await?;
    let taken = sql(
        "INSERT INTO idempotency_keys (name, body_hash, answer_json, created_at) \
         VALUES ($1, $2, 'null', $3) ON CONFLICT (name) DO NOTHING",
    )
    .bind(&key.name)
    .bind(&key.body_hash)
    .bind(now)
    .execute(session)
    .await?;
    if taken > 0 {
        return Ok(None);
    }
    find(session, now, key).await
}

/// Keeps the answer, in the transaction that took the name.
pub(in crate::store) async fn keep(
    session: &mut Session,
    key: &AnswerKey,
    answer: &Json,
) -> Result<(), StoreError> {
    sql("UPDATE idempotency_keys SET answer_json = $2 WHERE name = $1")
        .bind(&key.name)
        .bind(answer.to_string())
        .execute(session)
        .await
        .map(drop)
}

fn oldest(now: Timestamp) -> Timestamp {
    now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN)
}
