//! Numbers that are given out once and never again, not even after what had them is deleted.

use super::Store;
use super::error::StoreError;
use super::session::{Session, sql};

pub(crate) const AUDIT: &str = "audit";
pub(crate) const API_TOKEN: &str = "api_token";
pub(crate) const USER: &str = "user";
pub(crate) const ACCOUNT: &str = "account";
pub(crate) const IMPORT: &str = "import";
pub(crate) const TASK: &str = "task";
/// Numbers nothing: who changes which version is in force holds it.
pub(crate) const PACK: &str = "pack";
pub(crate) const SCHEDULE: &str = "schedule";
pub(crate) const SCHEDULE_RUN: &str = "schedule_run";
/// Held by whoever gives a content to a task, so that two never give the same.
pub(crate) const MATERIAL: &str = "material";
pub(crate) const ATTENTION: &str = "attention";
/// Leave for lasting acts, counted over the whole farm.
pub(crate) const GRANT: &str = "grant";
/// The history that is being written.
pub(crate) const EPOCH: &str = "epoch";
/// The index of the next device that is seen for the first time.
pub(crate) const DEVICE_INDEX: &str = "device_index";

impl Store {
    /// Takes `count` numbers of a counter; answers the first of them. The first number of a counter is 1.
    pub async fn next_ids(&self, counter: &str, count: u32) -> Result<i64, StoreError> {
        let counter = counter.to_owned();
        self.write(move |session| Box::pin(async move { take(session, &counter, count).await }))
            .await
    }
}

/// The same within a transaction, so that ids and rows stand or fall together. Holds the counter until its end.
pub(crate) async fn take(session: &mut Session, counter: &str, count: u32) -> Result<i64, StoreError> {
    let last = sql("INSERT INTO counters (name, value) VALUES ($1, $2) \
         ON CONFLICT (name) DO UPDATE SET value = counters.value + excluded.value RETURNING value")
    .bind(counter)
    .bind(count)
    .number(session)
    .await?;
    Ok(last - i64::from(count) + 1)
}

/// The number given last, 0 where there was none, held against others until the transaction ends.
pub(crate) async fn hold(session: &mut Session, counter: &str) -> Result<i64, StoreError> {
    take(session, counter, 0).await.map(|next| next - 1)
}

/// Moves a held counter forward; never back.
pub(crate) async fn advance(session: &mut Session, counter: &str, to: i64) -> Result<(), StoreError> {
    sql("UPDATE counters SET value = $2 WHERE name = $1 AND value < $2")
        .bind(counter)
        .bind(to)
        .execute(session)
        .await
        .map(drop)
}
