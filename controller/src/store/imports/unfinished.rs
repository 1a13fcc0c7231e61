//! Imports that a process has left in their middle, and those that are taken back.

use super::{ImportRow, ImportState, gate};
use crate::store::devices::{IndexChange, set_indexes};
use crate::store::error::StoreError;
use crate::store::session::sql;
use crate::store::{AuditEntry, Store, audit};

impl Store {
    /// Imports that are not over, oldest first.
    pub async fn unfinished_imports(&self) -> Result<Vec<ImportRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT * FROM imports WHERE state IN ('reading', 'applying', 'undoing') ORDER BY id",
                )
                .rows(session)
                .await?;
                rows.iter().map(ImportRow::read).collect()
            })
        })
        .await
    }

    /// Begins to take an import back, on record. Nobody else changes accounts until the end.
    pub async fn begin_undo(&self, import: i64, audit: AuditEntry) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                gate::shut(session).await?;
                let changed = sql(
                    "UPDATE imports SET state = $2, ended_at = NULL WHERE id = $1 AND state = 'done' AND dry_run = 0",
                )
                .bind(import)
                .bind(ImportState::Undoing.as_str())
                .execute(session)
                .await?;
                if changed != 1 {
                    return Err(StoreError::Conflict(format!("the import {import} cannot be taken back")));
                }
                audit::append(session, now, &audit).await.map(drop)
            })
        })
        .await
    }

    /// Gives phones back the indexes that they had; answers the serials of phones that keep theirs.
    pub async fn restore_indexes(&self, indexes: Vec<IndexChange>) -> Result<Vec<String>, StoreError> {
        self.write(move |session| Box::pin(async move { set_indexes(session, &indexes).await }))
            .await
    }

    /// Ends the taking back.
    pub async fn end_undo(&self, import: i64, undo: serde_json::Value) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |session| {
            Box::pin(async move {
                sql("UPDATE imports SET state = $2, ended_at = $3, undo_json = $4 WHERE id = $1 AND state = 'undoing'")
                    .bind(import)
                    .bind(ImportState::Undone.as_str())
                    .bind(now)
                    .bind(undo.to_string())
                    .execute(session)
                    .await
                    .map(drop)
            })
        })
        .await
    }
}
