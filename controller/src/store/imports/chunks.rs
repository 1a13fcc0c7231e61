//! Chunks of an import as they come into force, or out of it again: the accounts and the count in one transaction.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use shared::account::Platform;

use crate::store::accounts::{delete_many, find_many, follow, insert_many, update};
use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::{Store, WholeAccount};

/// What one chunk does.
#[derive(Debug, Default)]
pub struct AppliedChunk {
    /// Rows that it stands for.
    pub rows: u32,
    pub new: Vec<WholeAccount>,
    /// Before and after.
    pub changed: Vec<(WholeAccount, WholeAccount)>,
}

/// What is done to take one chunk back.
#[derive(Debug, Default)]
pub struct UndoneChunk {
    pub rows: u32,
    /// Ids of accounts that are deleted.
    pub gone: Vec<i64>,
    /// As they are, and as they were.
    pub changed: Vec<(WholeAccount, WholeAccount)>,
    /// What is to be told of the taking back so far.
    pub report: Json,
}

impl Store {
    /// The accounts of each platform that have one of these ids or one of these folded usernames, with their secrets.
    pub async fn accounts_meant(
        &self,
        keys: BTreeMap<Platform, (Vec<i64>, Vec<String>)>,
    ) -> Result<Vec<WholeAccount>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let mut found = Vec::new();
                for (platform, (ids, names)) in keys {
                    found.extend(find_many(session, platform, &ids, &names).await?);
                }
                Ok(found)
            })
        })
        .await
    }

    /// Puts a chunk into force, once.
    pub async fn apply_chunk(&self, import: i64, number: u32, chunk: AppliedChunk) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                let AppliedChunk {
                    rows,
                    mut new,
                    changed,
                } = chunk;
                for account in &mut new {
                    (account.row.created_at, account.row.updated_at) = (now, now);
                }
                insert_many(session, &new).await?;
                update_all(session, changed, now).await?;
                let counted = sql(
                    "UPDATE imports SET applied = applied + 1, rows_applied = rows_applied + $3 \
                     WHERE id = $1 AND applied = $2 AND state = 'applying'",
                )
                .bind(import)
                .bind(number)
                .bind(rows)
                .execute(session)
                .await?;
                once(counted, import)
            })
        })
        .await
    }

    /// Takes a chunk out of force, once.
    pub async fn undo_chunk(&self, import: i64, number: u32, chunk: UndoneChunk) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                delete_many(session, &chunk.gone).await?;
                update_all(session, chunk.changed, now).await?;
                let counted = sql(
                    "UPDATE imports SET applied = applied - 1, rows_applied = rows_applied - $3, undo_json = $4 \
                     WHERE id = $1 AND applied = $2 AND state = 'undoing'",
                )
                .bind(import)
                .bind(number + 1)
                .bind(chunk.rows)
                .bind(chunk.report.to_string())
                .execute(session)
                .await?;
                once(counted, import)
            })
        })
        .await
    }
}

async fn update_all(
    session: &mut Session,
    changed: Vec<(WholeAccount, WholeAccount)>,
    now: jiff::Timestamp,
) -> Result<(), StoreError> {
    for (before, mut after) in changed {
        after.row.updated_at = now;
        follow(session, &before.row, &after.row).await?;
        update(session, &before, &after).await?;
    }
    Ok(())
}

/// A chunk counts once, whoever applies it.
fn once(counted: u64, import: i64) -> Result<(), StoreError> {
    if counted == 1 {
        Ok(())
    } else {
        Err(StoreError::Conflict(format!(
            "another process works on the import {import}"
        )))
    }
}
