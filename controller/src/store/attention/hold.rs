//! A phone that is kept as it is for a person: for how long, and what follows where nobody comes.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::task::TaskState;

use crate::store::error::StoreError;
use crate::store::row::Row;
use crate::store::session::{Session, sql};
use crate::store::tasks::{TaskChange, TaskRow, turn};
use crate::store::{AttentionRow, Store, attempts, grants};

/// Items that are looked at, at once.
const AT_ONCE: u32 = 200;

/// The item for which a phone is kept as it is, and until when. It is kept until it is freed, also where its time is over: else
/// another task of the account could begin before the account rests.
pub(in crate::store) async fn held(
    session: &mut Session,
    serial: &str,
) -> Result<Option<(i64, Timestamp)>, StoreError> {
    let row = sql(
        "SELECT a.id, a.held_until FROM attention a JOIN tasks t ON t.id = a.task_id \
         WHERE a.serial = $1 AND a.resolved_at IS NULL AND a.freed_at IS NULL AND a.held_until IS NOT NULL \
         AND t.status = 1 AND t.state = $2 ORDER BY a.held_until DESC LIMIT 1",
    )
    .bind(serial)
    .bind(TaskState::Person.as_str())
    .row(session)
    .await?;
    row.map(|row| {
        let row = row.of("attention", "id");
        Ok((row.integer("id")?, row.time("held_until")?))
    })
    .transpose()
}

impl Store {
    /// Frees the phones for which nobody came in time; their accounts rest until `rest_until`. Answers the items.
    pub async fn free_held_phones(&self, rest_until: Timestamp) -> Result<Vec<AttentionRow>, StoreError> {
        let now = self.now();
        let any = self
            .read(move |session| Box::pin(async move { Ok(!due(session, now).await?.is_empty()) }))
            .await?;
        if !any {
            return Ok(Vec::new());
        }
        self.write(move |session| {
            Box::pin(async move {
                let items = due(session, now).await?;
                for item in &items {
                    sql("UPDATE attention SET freed_at = $2 WHERE id = $1")
                        .bind(item.id)
                        .bind(now)
                        .execute(session)
                        .await?;
                    // What stopped one task of an account would stop the next.
                    if let Some(account) = item.item.account_id {
                        grants::rest_account(session, account, rest_until).await?;
                    }
                }
                Ok(items)
            })
        })
        .await
    }

    /// Ends the tasks that have waited for a person for so long; the items stay. Those of an act in question wait on.
    pub async fn give_up_waiting(&self, after: Duration) -> Result<Vec<TaskRow>, StoreError> {
        let now = self.now();
        let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
        let Ok(before) = now.checked_sub(after) else {
            return Ok(Vec::new());
        };
        let candidates = self
            .read(move |session| {
                Box::pin(async move {
                    let rows = sql("SELECT a.task_id AS id FROM attention a JOIN tasks t ON t.id = a.task_id \
                         WHERE a.resolved_at IS NULL AND a.created_at <= $1 AND t.status = 1 AND t.state = $2 \
                         AND NOT EXISTS (SELECT 1 FROM grants g WHERE g.task_id = t.id \
                         AND g.state IN ('open', 'unknown')) ORDER BY a.id LIMIT $3")
                    .bind(before)
                    .bind(TaskState::Person.as_str())
                    .bind(AT_ONCE)
                    .rows(session)
                    .await?;
                    let id = |row: &Row| row.of("attention", "id").integer("id");
                    rows.iter().map(id).collect::<Result<Vec<i64>, _>>()
                })
            })
            .await?;
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let hours = after.as_secs() / 3600;
        self.write(move |session| {
            Box::pin(async move {
                let mut ended = Vec::new();
                for id in candidates {
                    let task = attempts::held_task(session, id).await?;
                    let Some(task) = task.filter(|task| task.state == TaskState::Person) else {
                        continue;
                    };
                    let grants = grants::of_task(session, id).await?;
                    if grants.iter().any(|grant| !grant.state.is_settled()) {
                        continue;
                    }
                    let before = task.error.as_ref().map(|error| error.message.as_str());
                    let why = format!(
                        "nobody came within {hours} hours{}{}",
                        if before.is_some() { ": " } else { "" },
                        before.unwrap_or_default()
                    );
                    let change = TaskChange::new().attempt(None).error("abandoned", &why);
                    ended.extend(turn(session, now, id, task.state, TaskState::Failed, change).await?);
                }
                Ok(ended)
            })
        })
        .await
    }
}

async fn due(session: &mut Session, now: Timestamp) -> Result<Vec<AttentionRow>, StoreError> {
    let rows = sql(
        "SELECT * FROM attention WHERE resolved_at IS NULL AND freed_at IS NULL \
         AND held_until <= $1 ORDER BY id LIMIT $2",
    )
    .bind(now)
    .bind(AT_ONCE)
    .rows(session)
    .await?;
    rows.iter().map(AttentionRow::read).collect()
}

/// Who has dealt with what the account rests for ends its rest.
pub(super) async fn end_rest(session: &mut Session, item: &AttentionRow) -> Result<(), StoreError> {
    let (Some(account), Some(_)) = (item.item.account_id, item.freed_at) else {
        return Ok(());
    };
    sql("UPDATE accounts SET resting_until = NULL WHERE id = $1")
        .bind(account)
        .execute(session)
        .await
        .map(drop)
}
