//! Taking an import back: each of its rows from what it set to what stood before, in chunks from the last to the first. A
//! row whose account was changed since stays as it is, and is told.

use std::collections::{BTreeMap, BTreeSet};

use shared::account::{Platform, Username};

use super::apply::{forget_old, opened};
use super::desk::Teller;
use super::field::{Change, Field, Held};
use super::ground::{Ground, GroundError, put, record};
use super::onward;
use super::planned::PlannedRow;
use super::report::{Report, UndoReport};
use crate::causes::whole;
use crate::store::imports::UndoneChunk;
use crate::store::{ImportRow, ImportState, IndexChange, WholeAccount};

/// A taking back that is under way.
pub(super) struct Undo {
    ground: Ground,
    row: ImportRow,
    teller: Teller,
}

impl Undo {
    pub(super) fn new(ground: Ground, row: ImportRow, teller: Teller) -> Self {
        Self { ground, row, teller }
    }

    pub(super) async fn run(mut self) {
        let import = self.row.id;
        let ended = match onward::to_the_end(&self.ground, import, Some(&mut self.teller)).await {
            Ok(()) => Some(ImportState::Undone),
            Err(error) => {
                tracing::error!(import, error = %whole(&error), "taking an import back stopped in its middle; it goes on at the next start");
                None
            }
        };
        if let Err(error) = forget_old(&self.ground).await {
            tracing::warn!(import, %error, "what old imports have left could not be deleted");
        }
        self.teller.end(ended);
    }
}

/// Takes back what is still in force.
pub(super) async fn all(
    ground: &Ground,
    row: &ImportRow,
    teller: &mut Option<&mut Teller>,
) -> Result<(), GroundError> {
    let mut report: UndoReport = row
        .undo
        .clone()
        .and_then(|undo| serde_json::from_value(undo).ok())
        .unwrap_or_default();
    let mut applied = row.rows_applied;
    for number in (0..row.applied).rev() {
        if let Some(teller) = teller {
            teller.changes(ImportState::Undoing, row.rows_total, applied);
        }
        let chunk = taken_back(ground, row, number, &mut report).await?;
        applied = applied.saturating_sub(chunk.rows);
        ground.store.undo_chunk(row.id, number, chunk).await?;
    }
    let indexes = phones(row);
    let refused: BTreeSet<String> = ground
        .store
        .restore_indexes(indexes.clone())
        .await?
        .into_iter()
        .collect();
    ground.show_indexes(&indexes).await?;
    report.phones = (indexes.len() - refused.len()) as u32;
    for serial in refused {
        report.refuse(
            None,
            None,
            format!("the index of the phone {serial} was changed since, or is another phone's now"),
        );
    }
    let told = serde_json::to_value(&report).unwrap_or_default();
    ground.store.end_undo(row.id, told).await?;
    Ok(())
}

/// The phones' indexes from after the import to before it.
fn phones(row: &ImportRow) -> Vec<IndexChange> {
    let report: Option<Report> = row
        .report
        .clone()
        .and_then(|report| serde_json::from_value(report).ok());
    let phones = report.map(|report| report.phones).unwrap_or_default();
    phones
        .into_iter()
        .map(|phone| IndexChange {
            serial: phone.serial,
            old: phone.new,
            new: phone.old,
        })
        .collect()
}

/// What is to be written so that a chunk is taken back; what cannot be is told in the report.
async fn taken_back(
    ground: &Ground,
    import: &ImportRow,
    number: u32,
    report: &mut UndoReport,
) -> Result<UndoneChunk, GroundError> {
    let rows = opened(ground, import.id, number).await?;
    let mut chunk = UndoneChunk {
        rows: rows.len() as u32,
        ..UndoneChunk::default()
    };
    let mut keys: BTreeMap<Platform, (Vec<i64>, Vec<String>)> = BTreeMap::new();
    for row in &rows {
        let (ids, names) = keys.entry(row.platform).or_default();
        ids.push(row.account.id(import.first_new));
        names.extend(old_name(row).map(|name| name.folded().to_owned()));
    }
    let standing = ground.store.accounts_meant(keys).await?;
    let names: BTreeMap<(Platform, String), i64> = standing
        .iter()
        .map(|account| {
            (
                (account.row.platform, account.row.username.folded().to_owned()),
                account.row.id,
            )
        })
        .collect();
    let standing: BTreeMap<i64, WholeAccount> = standing
        .into_iter()
        .map(|account| (account.row.id, account))
        .collect();
    for row in rows
        .iter()
        .filter(|row| import.left_out.binary_search(&row.line).is_err())
    {
        let id = row.account.id(import.first_new);
        let Some(account) = standing.get(&id) else {
            report.refuse(Some(row.line), Some(id), "the account was deleted since");
            continue;
        };
        if let Some(why) = changed_since(row, account, ground) {
            report.refuse(Some(row.line), Some(id), why);
            continue;
        }
        if row.account.is_new() {
            report.deleted += 1;
            chunk.gone.push(id);
            continue;
        }
        if let Some(holder) =
            old_name(row).and_then(|name| names.get(&(row.platform, name.folded().to_owned())))
            && *holder != id
        {
            report.refuse(
                Some(row.line),
                Some(id),
                format!("the account {holder} has its username now"),
            );
            continue;
        }
        let mut after = account.clone();
        for change in &row.changes {
            put(&mut after, change.field, &change.old, &ground.vault)?;
        }
        report.restored += 1;
        chunk.changed.push((account.clone(), after));
    }
    chunk.report = serde_json::to_value(&*report).unwrap_or_default();
    Ok(chunk)
}

/// The username before the import, where that has changed it.
fn old_name(row: &PlannedRow) -> Option<Username> {
    let change = row
        .changes
        .iter()
        .find(|change| change.field == Field::Username)?;
    Username::parse(change.old.as_text()?).ok()
}

/// Why a row cannot be taken back; `None` where its account is as the import left it.
fn changed_since(row: &PlannedRow, account: &WholeAccount, ground: &Ground) -> Option<String> {
    let now = record(account, Some(&ground.vault));
    let set: BTreeMap<Field, &Change> = row.changes.iter().map(|change| (change.field, change)).collect();
    let differs = |field: &Field| match set.get(field) {
        Some(change) => now.get(*field) != &change.new,
        // Of an account that the import made, everything else is still as it was made.
        None => row.account.is_new() && *now.get(*field) != Held::Nothing,
    };
    let changed: Vec<&str> = Field::ALL
        .iter()
        .filter(|field| differs(field))
        .map(|field| field.name())
        .collect();
    if !changed.is_empty() {
        return Some(format!("it was changed since: {}", changed.join(", ")));
    }
    let lost = row.changes.iter().any(|change| change.old == Held::Damaged);
    lost.then(|| "its password before could not be read".to_owned())
}
