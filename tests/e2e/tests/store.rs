//! The store's suite, each case on SQLite and on a real Postgres.
#![expect(clippy::unwrap_used, reason = "a case that cannot go on has failed")]

#[path = "store/other.rs"]
mod other;
#[path = "store/place.rs"]
mod place;

#[path = "store/accounts.rs"]
mod accounts;
#[path = "store/attention.rs"]
mod attention;
#[path = "store/caps.rs"]
mod caps;
#[path = "store/devices.rs"]
mod devices;
#[path = "store/evidence.rs"]
mod evidence;
#[path = "store/grants.rs"]
mod grants;
#[path = "store/importing.rs"]
mod importing;
#[path = "store/interleaved.rs"]
mod interleaved;
#[path = "store/joining.rs"]
mod joining;
#[path = "store/leading.rs"]
mod leading;
#[path = "store/materials.rs"]
mod materials;
#[path = "store/moves.rs"]
mod moves;
#[path = "store/packs.rs"]
mod packs;
#[path = "store/records.rs"]
mod records;
#[path = "store/recovery.rs"]
mod recovery;
#[path = "store/replacing.rs"]
mod replacing;
#[path = "store/safety.rs"]
mod safety;
#[path = "store/schedules.rs"]
mod schedules;
#[path = "store/tasks.rs"]
mod tasks;
#[path = "store/vault.rs"]
mod vault;

#[path = "store/backups.rs"]
mod backups;
#[path = "store/backups_by_themselves.rs"]
mod backups_by_themselves;
