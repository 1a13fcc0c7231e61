//! A decided import, chunk by chunk: each is opened and made into accounts beforehand, and written in one short
//! transaction together with the count of chunks that are in force. So it can break off anywhere and be carried on.

use std::collections::BTreeMap;

use shared::account::{Platform, Username};
use tokio::task::{JoinHandle, spawn_blocking};

use super::desk::{Teller, UNDO_WITHIN};
use super::field::Field;
use super::ground::{Ground, GroundError, made, put};
use super::job::spot;
use super::planned::{self, PlannedRow};
use crate::store::imports::AppliedChunk;
use crate::store::{ImportRow, ImportState, StoreError, WholeAccount};

/// Puts into force what is not yet.
pub(super) async fn all(
    ground: &Ground,
    row: &ImportRow,
    teller: &mut Option<&mut Teller>,
) -> Result<(), GroundError> {
    let import = row.id;
    let total = row.rows_total;
    let mut applied = row.rows_applied;
    let mut next = (row.applied < row.chunks).then(|| prepared(ground, row, row.applied));
    for number in row.applied..row.chunks {
        if let Some(teller) = teller {
            teller.changes(ImportState::Applying, total, applied);
        }
        let Some(chunk) = next.take() else { break };
        let chunk = chunk.await??;
        // The next one is made ready while this one is written.
        next = (number + 1 < row.chunks).then(|| prepared(ground, row, number + 1));
        applied += chunk.rows;
        ground.store.apply_chunk(import, number, chunk).await?;
    }
    if let Some(teller) = teller {
        teller.changes(ImportState::Applying, total, applied);
    }
    ground.store.end_import(import, ImportState::Done, None).await?;
    Ok(())
}

fn prepared(ground: &Ground, row: &ImportRow, number: u32) -> JoinHandle<Result<AppliedChunk, GroundError>> {
    let (ground, import) = (ground.clone(), row.id);
    let (first_new, left_out) = (row.first_new, row.left_out.clone());
    tokio::spawn(async move {
        let rows = opened(&ground, import, number).await?;
        let count = rows.len() as u32;
        let mut rows = rows;
        rows.retain(|row| left_out.binary_search(&row.line).is_err());
        let mut known: BTreeMap<Platform, (Vec<i64>, Vec<String>)> = BTreeMap::new();
        for row in rows.iter().filter(|row| !row.account.is_new()) {
            known
                .entry(row.platform)
                .or_default()
                .0
                .push(row.account.id(first_new));
        }
        let standing = ground.store.accounts_meant(known).await?;
        let vault = ground.vault.clone();
        let chunk = spawn_blocking(move || {
            let mut standing: BTreeMap<i64, WholeAccount> = standing
                .into_iter()
                .map(|account| (account.row.id, account))
                .collect();
            let mut chunk = AppliedChunk {
                rows: count,
                ..AppliedChunk::default()
            };
            for row in rows {
                let id = row.account.id(first_new);
                if row.account.is_new() {
                    let mut account = made(id, row.platform, username(&row)?);
                    changed(&mut account, &row, &vault)?;
                    chunk.new.push(account);
                } else if let Some(before) = standing.remove(&id) {
                    let mut after = before.clone();
                    changed(&mut after, &row, &vault)?;
                    chunk.changed.push((before, after));
                }
            }
            Ok::<_, GroundError>(chunk)
        });
        chunk.await?
    })
}

/// A chunk's rows, as they were laid ready.
pub(super) async fn opened(
    ground: &Ground,
    import: i64,
    number: u32,
) -> Result<Vec<PlannedRow>, GroundError> {
    let sealed = ground.store.import_chunk(import, number).await?;
    let vault = ground.vault.clone();
    let rows = spawn_blocking(move || {
        let text = vault.open_sealed(&spot(import, number), &sealed)?;
        planned::read(&text).map_err(|source| GroundError::Chunk(source.into()))
    });
    rows.await?
}

fn username(row: &PlannedRow) -> Result<Username, GroundError> {
    let change = row.changes.iter().find(|change| change.field == Field::Username);
    let text = change.and_then(|change| change.new.as_text()).unwrap_or_default();
    Username::parse(text).map_err(|wrong| GroundError::Chunk(wrong.into()))
}

fn changed(
    account: &mut WholeAccount,
    row: &PlannedRow,
    vault: &crate::vault::Vault,
) -> Result<(), GroundError> {
    for change in &row.changes {
        put(account, change.field, &change.new, vault)?;
    }
    Ok(())
}

/// Deletes what is left of imports that can no longer be taken back: there are passwords in it.
pub async fn forget_old(ground: &Ground) -> Result<(), StoreError> {
    let before = ground
        .clock
        .now()
        .checked_sub(UNDO_WITHIN)
        .unwrap_or(jiff::Timestamp::MIN);
    for import in ground.store.imports_with_old_chunks(before).await? {
        ground.store.delete_chunks(import).await?;
    }
    Ok(())
}
