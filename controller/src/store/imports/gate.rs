//! Accounts belong to one import or to everybody else: an import compares its sheet with what stands, and what stands
//! must not change before it is applied.

use crate::store::error::StoreError;
use crate::store::session::{Session, sql};
use crate::store::{dialect, fence};

/// The row of `fences` that both sides hold.
const ACCOUNTS: &str = "accounts";

/// For every transaction that changes accounts: fails while an import is under way, and lets none begin before the
/// transaction ends.
pub(crate) async fn pass(session: &mut Session) -> Result<(), StoreError> {
    dialect::held_fence(session).bind(ACCOUNTS).row(session).await?;
    match under_way(session).await? {
        None => Ok(()),
        Some(import) => Err(StoreError::Importing { import }),
    }
}

/// For the transaction that begins an import or takes one back: waits for those that change accounts, and fails where
/// another import is under way.
pub(super) async fn shut(session: &mut Session) -> Result<(), StoreError> {
    fence::next(session, ACCOUNTS).await?;
    match under_way(session).await? {
        None => Ok(()),
        Some(import) => Err(StoreError::Importing { import }),
    }
}

async fn under_way(session: &mut Session) -> Result<Option<i64>, StoreError> {
    let row = sql(
        "SELECT id FROM imports WHERE state IN ('reading', 'applying', 'undoing') AND dry_run = 0 ORDER BY id LIMIT 1",
    )
    .row(session)
    .await?;
    row.map(|row| row.of("imports", "id").integer("id")).transpose()
}
