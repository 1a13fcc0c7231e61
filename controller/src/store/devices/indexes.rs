//! Many phones' indexes at once: they may change places among each other, which one change after another could not.

use std::collections::{BTreeMap, BTreeSet};

use crate::store::counters;
use crate::store::error::StoreError;
use crate::store::session::{Session, Value, made_sql, sql};

/// Phones in one statement.
const AT_ONCE: usize = 200;

/// A phone's index, as it must be and as it shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexChange {
    pub serial: String,
    pub old: u32,
    pub new: u32,
}

/// Gives phones other indexes. Answers the serials of those that were left as they are: because their index is not the
/// old one any more, or because a phone has the new one and keeps it.
pub(crate) async fn set_indexes(
    session: &mut Session,
    changes: &[IndexChange],
) -> Result<Vec<String>, StoreError> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    // Indexes are given and changed under this one lock.
    counters::hold(session, counters::DEVICE_INDEX).await?;
    let mut standing = BTreeMap::new();
    for row in sql("SELECT serial, device_index FROM devices")
        .rows(session)
        .await?
    {
        let row = row.of("devices", "serial");
        standing.insert(row.text("serial")?, row.number::<u32>("device_index")?);
    }
    let (possible, refused) = possible(changes, &standing);
    for part in possible.chunks(AT_ONCE) {
        let places: Vec<String> = (1..=part.len()).map(|place| format!("${place}")).collect();
        // Out of the way first, for no two may have the same index even for a moment.
        made_sql(format!(
            "UPDATE devices SET device_index = -device_index WHERE serial IN ({})",
            places.join(", ")
        ))
        .bind_all(part.iter().map(|change| Value::from(&change.serial)))
        .execute(session)
        .await?;
    }
    for change in possible {
        sql("UPDATE devices SET device_index = $2 WHERE serial = $1")
            .bind(&change.serial)
            .bind(change.new)
            .execute(session)
            .await?;
    }
    Ok(refused)
}

fn possible<'c>(
    changes: &'c [IndexChange],
    standing: &BTreeMap<String, u32>,
) -> (Vec<&'c IndexChange>, Vec<String>) {
    let holders: BTreeMap<u32, &String> = standing.iter().map(|(serial, index)| (*index, serial)).collect();
    let mut moving: Vec<&IndexChange> = changes
        .iter()
        .filter(|change| change.old != change.new && standing.get(&change.serial) == Some(&change.old))
        .collect();
    let mut wanted = BTreeSet::new();
    moving.retain(|change| wanted.insert(change.new));
    loop {
        let serials: BTreeSet<&String> = moving.iter().map(|change| &change.serial).collect();
        let before = moving.len();
        moving.retain(|change| {
            holders
                .get(&change.new)
                .is_none_or(|holder| serials.contains(holder))
        });
        // One that stays may hold what another wanted.
        if moving.len() == before {
            break;
        }
    }
    let refused = changes
        .iter()
        .filter(|change| !moving.contains(change) && standing.get(&change.serial) != Some(&change.new))
        .map(|change| change.serial.clone())
        .collect();
    (moving, refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(serial: &str, old: u32, new: u32) -> IndexChange {
        IndexChange {
            serial: serial.to_owned(),
            old,
            new,
        }
    }

    #[test]
    fn phones_change_places_and_those_that_cannot_stay() {
        let standing = [("a", 1), ("b", 2), ("c", 3)]
            .map(|(serial, index)| (serial.to_owned(), index))
            .into();
        let moved = |changes: &[IndexChange]| possible(changes, &standing).0.len();
        assert_eq!(moved(&[change("a", 1, 2), change("b", 2, 1)]), 2);
        assert_eq!(moved(&[change("a", 1, 2)]), 0, "b keeps it");
        assert_eq!(
            moved(&[change("a", 1, 2), change("b", 9, 1)]),
            0,
            "b stays, so a cannot move"
        );
        assert_eq!(moved(&[change("a", 1, 4), change("b", 2, 4)]), 1, "one of them");
        assert_eq!(moved(&[change("a", 1, 2), change("b", 2, 2)]), 0, "b stays");
        let (_, refused) = possible(&[change("a", 1, 4), change("z", 1, 5)], &standing);
        assert_eq!(refused, ["z"]);
        assert!(
            possible(&[change("a", 9, 1)], &standing).1.is_empty(),
            "it has it already"
        );
    }
}
