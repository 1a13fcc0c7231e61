//! What must be remembered of a sheet from row to row: which accounts and phones its rows have named, and how many of its
//! ids mean another username here. Bounded by the sheet's rows; holds no values.

use std::collections::{BTreeMap, HashMap};

use shared::account::{Platform, Username};

use super::fault::FaultClass;

/// Fewer renames than this are never taken for a sheet of another workspace.
const FEWEST_RENAMES: u32 = 3;
/// One in so many rows may rename its account.
const RENAMES_ONE_IN: u32 = 10;

/// What was seen of the sheet so far.
#[derive(Debug, Default)]
pub struct SheetSoFar {
    names: HashMap<(Platform, String), u32>,
    accounts: HashMap<i64, u32>,
    /// Rows whose id is an account here, and those of them that would rename it.
    with_known_id: u32,
    renames: u32,
    wished: BTreeMap<String, Wish>,
    wished_by_index: BTreeMap<u32, String>,
}

/// The index that a phone shall have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub from: u32,
    pub to: u32,
    /// The row that said so first.
    pub row: u32,
}

/// A sheet that would rename too many accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{renames} of {rows} rows with ids of this workspace would rename their account: this sheet belongs to another \
     workspace. Import it with ids=ignore, or with allow_rename=true if you mean it"
)]
pub struct OtherWorkspace {
    pub renames: u32,
    pub rows: u32,
}

impl SheetSoFar {
    /// Notes that a row names this username; answers the row that did so before.
    pub fn name(&mut self, platform: Platform, username: &Username, row: u32) -> Option<u32> {
        first(&mut self.names, (platform, username.folded().to_owned()), row)
    }

    /// Notes that a row means this account; answers the row that did so before.
    pub fn account(&mut self, id: i64, row: u32) -> Option<u32> {
        first(&mut self.accounts, id, row)
    }

    pub fn known_id(&mut self, renames: bool) {
        self.with_known_id += 1;
        self.renames += u32::from(renames);
    }

    /// Whether the sheet's ids are those of another workspace.
    pub fn belongs_elsewhere(&self) -> Option<OtherWorkspace> {
        let too_many = self.renames >= FEWEST_RENAMES && self.renames * RENAMES_ONE_IN > self.with_known_id;
        too_many.then_some(OtherWorkspace {
            renames: self.renames,
            rows: self.with_known_id,
        })
    }

    /// Notes the index that a phone shall have; an error where the sheet has said otherwise before.
    pub fn wish(&mut self, serial: &str, from: u32, to: u32, row: u32) -> Result<(), (FaultClass, String)> {
        let taken = |told: String| Err((FaultClass::DeviceIndexTaken, told));
        if let Some(before) = self.wished.get(serial) {
            return if before.to == to {
                Ok(())
            } else {
                taken(format!(
                    "gives the phone another index than row {} does",
                    before.row
                ))
            };
        }
        if let Some(other) = self.wished_by_index.get(&to) {
            let row = self.wished.get(other).map_or(0, |wish| wish.row);
            return taken(format!("is the index that row {row} gives to another phone"));
        }
        self.wished_by_index.insert(to, serial.to_owned());
        self.wished.insert(serial.to_owned(), Wish { from, to, row });
        Ok(())
    }

    /// The indexes to be given, by serial.
    pub fn wishes(&self) -> &BTreeMap<String, Wish> {
        &self.wished
    }
}

fn first<K: std::hash::Hash + Eq>(seen: &mut HashMap<K, u32>, key: K, row: u32) -> Option<u32> {
    use std::collections::hash_map::Entry;
    match seen.entry(key) {
        Entry::Occupied(before) => Some(*before.get()),
        Entry::Vacant(place) => {
            place.insert(row);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(rows: u32, renames: u32) -> Option<OtherWorkspace> {
        let mut sheet = SheetSoFar::default();
        for row in 0..rows {
            sheet.known_id(row < renames);
        }
        sheet.belongs_elsewhere()
    }

    #[test]
    fn more_than_a_tenth_of_renames_is_another_workspace_but_never_less_than_three() {
        assert_eq!(with(2, 2), None);
        assert_eq!(with(30, 3), None, "a tenth");
        assert!(with(29, 3).is_some());
        assert!(with(30, 4).is_some());
        assert!(with(3, 3).is_some());
    }
}
