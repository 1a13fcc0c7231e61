//! Imports over both databases: taken whole, carried on from any chunk, taken back, gone after a day; over backups and
//! changes of the vault's key too.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use controller::backup::{backup, restore};
use controller::imports::desk::{Desk, Order, Ticket};
use controller::imports::ground::{Around, Ground};
use controller::imports::report::Progress;
use controller::imports::rules::Rules;
use controller::imports::{forget_old, recover};
use controller::sheets::{Limits, ReadOptions};
use controller::store::imports::AppliedChunk;
use controller::store::{
    AuditEntry, DecidedImport, DeviceRow, ImportState, IndexChange, NewImport, Store, StoreError,
    WholeAccount,
};
use controller::vault::{KeyFiles, Vault};
use serde_json::json;
use shared::account::Platform;

use crate::place::{Place, on_both, seen};

on_both!(
    a_sheet_is_imported_and_taken_back,
    an_import_that_broke_off_is_dropped_or_carried_to_its_end,
    phones_change_places_with_the_import_or_not_at_all,
    what_is_laid_ready_survives_a_change_of_keys_and_is_gone_after_a_day,
    a_chunk_counts_once_whoever_applies_it,
);

/// How many rows make several chunks.
const MANY: u32 = 1_300;

#[derive(Debug)]
struct Alone;

impl Around for Alone {
    fn aliases(&self) -> BTreeMap<String, Vec<String>> {
        BTreeMap::new()
    }

    fn index_changed(&self, _phone: DeviceRow) {}

    fn told(&self, _import: i64, _state: ImportState, _progress: Progress) {}
}

async fn ground(place: &Place, store: &Store) -> Ground {
    let keys = KeyFiles {
        folder: place.folder().join("keys"),
        given: Vec::new(),
    };
    std::fs::create_dir_all(&keys.folder).unwrap();
    Ground {
        store: store.clone(),
        vault: Vault::open(keys, store).await.unwrap(),
        clock: place.clock.clone(),
        around: Arc::new(Alone),
    }
}

async fn begin(ground: &Ground, place: &Place, rules: Rules, sheet: &str) -> Ticket {
    let desk = Desk::new(place.folder().to_owned(), Limits::default());
    let mut upload = desk.upload().unwrap();
    upload.add(sheet.as_bytes()).unwrap();
    let order = Order {
        rules: Rules {
            platform: Some(Platform::Instagram),
            ..rules
        },
        dry_run: false,
        who: "test".to_owned(),
        read: ReadOptions::default(),
    };
    desk.begin(ground.clone(), order, upload.finish().unwrap())
        .await
        .unwrap()
}

/// Imports to the end; answers the import's id.
async fn import(ground: &Ground, place: &Place, sheet: &str) -> i64 {
    let mut ticket = begin(ground, place, Rules::default(), sheet).await;
    assert!(ticket.ended_within(Duration::from_secs(60)).await);
    let row = ground.store.import(ticket.id).await.unwrap().unwrap();
    assert_eq!(row.state, ImportState::Done, "{:?}", row.report);
    ticket.id
}

fn many(prefix: &str) -> String {
    let mut sheet = "username,pwd,tags\n".to_owned();
    for row in 0..MANY {
        sheet.push_str(&format!("{prefix}{row},p{row}:JBSWY3DPEHPK3PXP,\"b,a\"\n"));
    }
    sheet
}

async fn all(store: &Store) -> Vec<WholeAccount> {
    store.accounts_after(None, 0, 100_000).await.unwrap()
}

async fn a_sheet_is_imported_and_taken_back(place: Place) {
    let store = place.open().await;
    let ground = ground(&place, &store).await;
    import(&ground, &place, "username,email,pwd\nJane,old@x,one\n").await;
    let before = all(&store).await;
    let sheet = format!("{}\njane2,x,\n", many("new"));
    let id = import(&ground, &place, &sheet).await;
    let changed = import(&ground, &place, "id,username,email,pwd\n1,janet,new@x,two\n").await;
    let accounts = all(&store).await;
    assert_eq!(accounts.len() as u32, MANY + 2);
    assert_eq!(
        (
            accounts[0].row.username.as_str(),
            accounts[0].row.email.as_deref()
        ),
        ("janet", Some("new@x"))
    );
    assert_eq!(accounts[5].row.tags.to_vec(), ["a", "b"]);
    let desk = Desk::new(place.folder().to_owned(), Limits::default());
    assert!(
        desk.undo(ground.clone(), id, "test").await.is_err(),
        "not the last one"
    );
    let mut ticket = desk.undo(ground.clone(), changed, "test").await.unwrap();
    assert!(ticket.ended_within(Duration::from_secs(60)).await);
    let row = store.import(changed).await.unwrap().unwrap();
    assert_eq!(row.state, ImportState::Undone);
    assert_eq!(row.undo.unwrap()["restored"], 1);
    let after = all(&store).await;
    assert_eq!(after[0].row.username.as_str(), before[0].row.username.as_str());
    assert_eq!(after[0].row.email, before[0].row.email);
}

/// A backup is a farm at one moment: one that is made between two chunks is what a kill there leaves behind.
async fn an_import_that_broke_off_is_dropped_or_carried_to_its_end(place: Place) {
    let store = place.open().await;
    let ground = ground(&place, &store).await;
    import(&ground, &place, "username\nfirst\n").await;
    let backups = place.folder().join("moments");
    std::fs::create_dir(&backups).unwrap();
    let mut ticket = begin(&ground, &place, Rules::default(), &many("many")).await;
    let mut moments = 0;
    while !ticket.ended_within(Duration::ZERO).await {
        backup(&store, &backups.join(format!("{moments}.db")))
            .await
            .unwrap();
        moments += 1;
    }
    let whole = all(&store).await;
    assert_eq!(whole.len() as u32, MANY + 1);
    for moment in 0..moments {
        let other = Place::sqlite();
        let file = backups.join(format!("{moment}.db"));
        restore(&other.url, &file, other.clock.clone()).await.unwrap();
        let store = other.open().await;
        let ground = Ground {
            store: store.clone(),
            ..ground.clone()
        };
        recover::finish_all(&ground).await.unwrap();
        let there = all(&store).await;
        let state = store.import(ticket.id).await.unwrap().map(|row| row.state);
        match state {
            None | Some(ImportState::Dropped) => assert_eq!(there.len(), 1, "{moment}: {state:?}"),
            Some(ImportState::Done) => assert_eq!(there.len(), whole.len(), "{moment}"),
            other => panic!("{moment}: {other:?}"),
        }
        assert!(store.unfinished_imports().await.unwrap().is_empty());
    }
}

async fn phones_change_places_with_the_import_or_not_at_all(place: Place) {
    let store = place.open().await;
    store.record_seen(&["A", "B", "C"].map(seen)).await.unwrap();
    let indexes = async || {
        let rows = store.list_devices().await.unwrap();
        rows.into_iter().map(|row| row.serial.0).collect::<String>()
    };
    let change = |serial: &str, old, new| IndexChange {
        serial: serial.to_owned(),
        old,
        new,
    };
    let decide = async |indexes: Vec<IndexChange>| {
        let new = NewImport {
            who: "test".to_owned(),
            dry_run: false,
            platform: None,
        };
        let id = store.begin_import(new).await.unwrap();
        let decided = DecidedImport {
            id,
            new_accounts: 0,
            chunks: 0,
            rows: 0,
            left_out: Vec::new(),
            indexes,
            report: json!({}),
            audit: AuditEntry::new("test", "accounts.import", id.to_string()),
        };
        let decided = store.decide_import(decided).await;
        store.end_import(id, ImportState::Done, None).await.unwrap();
        decided
    };
    decide(vec![change("A", 1, 3), change("C", 3, 1)]).await.unwrap();
    assert_eq!(indexes().await, "CBA");
    let stale = decide(vec![change("A", 1, 2), change("B", 2, 3)]).await;
    assert!(matches!(stale, Err(StoreError::Conflict(_))), "{stale:?}");
    assert_eq!(indexes().await, "CBA");
    let kept = store
        .restore_indexes(vec![change("A", 3, 1), change("C", 1, 2), change("B", 2, 2)])
        .await
        .unwrap();
    assert_eq!(
        kept,
        ["A", "C"],
        "B keeps 2, so C cannot have it, nor A that of C"
    );
    assert_eq!(indexes().await, "CBA");
}

async fn what_is_laid_ready_survives_a_change_of_keys_and_is_gone_after_a_day(place: Place) {
    let store = place.open().await;
    let ground = ground(&place, &store).await;
    let id = import(&ground, &place, &many("many")).await;
    let sealed = async || store.count_sealed().await.unwrap();
    assert_eq!(
        sealed().await.iter().map(|(_, count)| count).sum::<u64>(),
        u64::from(MANY) * 2 + 3
    );
    let rotation = ground.vault.rotate(&store, "test").await.unwrap();
    let rotated = rotation.drain(&store).await.unwrap();
    assert_eq!(
        (rotated.resealed, rotated.damaged.len()),
        (u64::from(MANY) * 2 + 3, 0)
    );
    let desk = Desk::new(place.folder().to_owned(), Limits::default());
    let mut ticket = desk.undo(ground.clone(), id, "test").await.unwrap();
    assert!(ticket.ended_within(Duration::from_secs(60)).await);
    assert!(all(&store).await.is_empty());
    assert!(sealed().await.is_empty(), "what was taken back leaves nothing");

    import(&ground, &place, "username,pwd\nlast,x\n").await;
    place.advance(24 * 3600 - 10);
    forget_old(&ground).await.unwrap();
    assert_eq!(sealed().await[0].1, 2);
    place.advance(20);
    forget_old(&ground).await.unwrap();
    assert_eq!(sealed().await[0].1, 1, "the password alone");
}

async fn a_chunk_counts_once_whoever_applies_it(place: Place) {
    let store = place.open().await;
    let ground = ground(&place, &store).await;
    let id = import(&ground, &place, &many("many")).await;
    let again = store.apply_chunk(id, 0, AppliedChunk::default()).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
}
