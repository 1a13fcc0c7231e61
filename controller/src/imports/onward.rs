//! An import that is decided, or that is being taken back, on to its end, by where it stands in the database.

use super::desk::Teller;
use super::ground::{Ground, GroundError};
use super::{apply, undo};
use crate::store::ImportState;

/// Carries it to its end, however often the database must be asked.
pub(super) async fn to_the_end(
    ground: &Ground,
    import: i64,
    mut teller: Option<&mut Teller>,
) -> Result<(), GroundError> {
    loop {
        match once(ground, import, &mut teller).await {
            Err(error) if error.is_passing() => {
                tracing::warn!(import, %error, "an import waits for the database");
                ground.pause().await;
            }
            ended => return ended,
        }
    }
}

async fn once(ground: &Ground, import: i64, teller: &mut Option<&mut Teller>) -> Result<(), GroundError> {
    let Some(row) = ground.store.import(import).await? else {
        return Ok(());
    };
    match row.state {
        ImportState::Applying => apply::all(ground, &row, teller).await,
        ImportState::Undoing => undo::all(ground, &row, teller).await,
        _ => Ok(()),
    }
}
