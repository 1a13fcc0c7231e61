//! Imports that a controller left in their middle: those that were not decided changed nothing and are dropped, the
//! decided ones are carried to their end. To be done before accounts are read.

use super::apply;
use super::ground::{Ground, GroundError};
use super::onward;
use crate::causes::whole;
use crate::store::ImportState;

/// Leaves no import unfinished.
pub async fn finish_all(ground: &Ground) -> Result<(), GroundError> {
    for row in ground.store.unfinished_imports().await? {
        let import = row.id;
        match row.state {
            ImportState::Applying => {
                tracing::info!(
                    import,
                    applied = row.rows_applied,
                    total = row.rows_total,
                    "an import is carried to its end"
                );
                readable(ground, import, onward::to_the_end(ground, import, None).await).await?;
            }
            ImportState::Undoing => {
                tracing::info!(
                    import,
                    left = row.rows_applied,
                    "taking an import back is carried to its end"
                );
                readable(ground, import, onward::to_the_end(ground, import, None).await).await?;
            }
            _ => {
                tracing::info!(
                    import,
                    "an import that was not decided is dropped; it changed nothing"
                );
                ground
                    .store
                    .end_import(import, ImportState::Dropped, None)
                    .await?;
                ground.store.delete_chunks(import).await?;
            }
        }
    }
    apply::forget_old(ground).await?;
    Ok(())
}

/// An import whose chunks cannot be read any more must not keep the whole farm from starting: it stays where it is.
async fn readable(ground: &Ground, import: i64, ended: Result<(), GroundError>) -> Result<(), GroundError> {
    match ended {
        Err(error @ (GroundError::Secret(_) | GroundError::Chunk(_))) => {
            tracing::error!(import, error = %whole(&error), "an import cannot be brought to its end: a part of it is damaged. Restore a backup, or import the sheet again");
            ground.store.end_import(import, ImportState::Failed, None).await?;
            Ok(())
        }
        ended => ended,
    }
}
