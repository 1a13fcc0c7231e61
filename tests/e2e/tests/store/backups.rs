//! Backups, also under load, and their way back.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use controller::backup::{BackupError, backup, restore};
use controller::schedules::Moment;
use controller::store::{
    AccountRow, AccountSecrets, AuditEntry, DatabaseUrl, DeviceChange, Lease, NewApiToken, Replacement,
    Store, WholeAccount,
};
use jiff::Timestamp;
use shared::account::{Caps, Platform, Username};
use shared::device::Serial;

use crate::packs::edited;
use crate::place::{ALL, Place, farm, host, on_both, seen, tamper_with_file};
use crate::schedules::{firing, spec};

on_both!(
    a_backup_restored_into_an_empty_folder_is_the_same_farm,
    a_backup_under_load_is_one_moment_of_the_farm,
    a_restore_is_refused_while_a_controller_is_active,
    a_restore_keeps_what_was_there,
    what_is_no_whole_backup_is_refused_and_changes_nothing,
    a_backup_that_fails_leaves_the_one_before,
);

/// Something in every table.
async fn fill(store: &Store) {
    for number in 0..20 {
        store
            .append_audit(AuditEntry::new("test", "fill", number.to_string()))
            .await
            .unwrap();
    }
    let phones: Vec<_> = (0..1100).map(|number| seen(&format!("P{number}"))).collect();
    store.record_seen(&phones).await.unwrap();
    let change = DeviceChange {
        device_index: Some(5000),
        name: Some("it's \"quoted\"; 🙂".to_owned()),
        groups: Some(vec!["a".to_owned(), "b".to_owned()]),
        back: false,
    };
    store
        .set_device(&Serial("P7".to_owned()), change, "test")
        .await
        .unwrap();
    let wanted = Replacement {
        old: Serial("P8".to_owned()),
        aliases: Vec::new(),
        new: Serial("P9".to_owned()),
        new_aliases: Vec::new(),
        merge: false,
    };
    store.replace_device(wanted, "test").await.unwrap();
    store
        .create_join_token("t1", "hash", Timestamp::MAX, "test")
        .await
        .unwrap();
    store
        .take_join_token("t1", "hash", "csr", host("one"))
        .await
        .unwrap();
    let token = NewApiToken {
        name: "ci".to_owned(),
        scopes: vec!["all".to_owned()],
        hash: "hash".to_owned(),
        expires_at: None,
    };
    store.create_api_token(token, "test").await.unwrap();
    store.set_setting("heat", &42, "test").await.unwrap();
    store.create_group("empty", Vec::new(), "test").await.unwrap();
    let due: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
    let next = Moment { due, at: due };
    let made = store.create_schedule(spec("daily"), move |_| Some(next), "test");
    let id = made.await.unwrap().id;
    store.fire_schedule(firing(id, next, None)).await.unwrap();
    store
        .put_pack_in_force(edited("b", Some("a")), "test")
        .await
        .unwrap();
    store.switch_flow("tiktok", "post", false, "test").await.unwrap();
    let id = store.next_account_ids(1).await.unwrap();
    let mut row = AccountRow::new(id, Platform::TikTok, Username::parse("anna").unwrap());
    row.caps = Caps::of([("post", 2)]).unwrap();
    let account = WholeAccount {
        row,
        secrets: AccountSecrets::default(),
    };
    store.create_account(account, "test").await.unwrap();
    let counted = |account: &mut WholeAccount| {
        account.row.statistics.followers = Some(12);
        Ok(())
    };
    store.change_account(id, counted, "test").await.unwrap();
}

pub(crate) fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

async fn a_backup_restored_into_an_empty_folder_is_the_same_farm(place: Place) {
    use std::os::unix::fs::PermissionsExt;
    let store = place.open().await;
    fill(&store).await;
    let folder = place.folder().join("backups");
    std::fs::create_dir(&folder).unwrap();
    let file = folder.join("farm.db");
    let size = backup(&store, &file).await.unwrap();
    assert_eq!(files(&folder), ["farm.db"], "nothing else is left behind");
    let written = file.metadata().unwrap();
    assert_eq!(
        (written.len(), written.permissions().mode() & 0o777),
        (size, 0o600)
    );

    // Into the embedded database, whichever it comes from.
    let new = Place::sqlite();
    let restored = restore(&new.url, &file, place.clock.clone()).await.unwrap();
    assert_eq!(restored.kept, None, "there was nothing to keep");
    assert_eq!(files(new.folder()), ["drover.db"]);
    let again = new.open().await;
    let mut there = farm(&again).await;
    let record = again.list_audit(ALL).await.unwrap();
    assert_eq!(record.rows[0].entry.what, "restore");
    there.retain(|line| !line.contains("what: \"restore\""));
    assert_eq!(there, farm(&store).await);
    // Counters are part of the farm: nothing is given twice.
    assert_eq!(
        again.record_seen(&[seen("new")]).await.unwrap()[0].device_index,
        1101
    );
    assert_eq!(again.list_hosts().await.unwrap().len(), 1);
}

async fn a_backup_under_load_is_one_moment_of_the_farm(place: Place) {
    let store = place.open().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut load = tokio::task::JoinSet::new();
    for task in 0..4 {
        let (store, stop) = (store.clone(), stop.clone());
        load.spawn(async move {
            let mut number = 0;
            while !stop.load(Ordering::SeqCst) {
                let serial = format!("T{task}-{number}");
                store.record_seen(&[seen(&serial)]).await.unwrap();
                let change = DeviceChange {
                    name: Some(serial.clone()),
                    groups: Some(vec![format!("group {task}")]),
                    ..DeviceChange::default()
                };
                store.set_device(&Serial(serial), change, "load").await.unwrap();
                number += 1;
            }
            number
        });
    }
    let mut backups: Vec<PathBuf> = Vec::new();
    for number in 0..3 {
        let grown = store.list_devices().await.unwrap().len() + 40;
        while store.list_devices().await.unwrap().len() < grown {
            tokio::task::yield_now().await;
        }
        let file = place.folder().join(format!("backup {number}.db"));
        backup(&store, &file).await.unwrap();
        backups.push(file);
    }
    stop.store(true, Ordering::SeqCst);
    let written: usize = load.join_all().await.into_iter().sum();
    let now = store.list_devices().await.unwrap();
    assert_eq!(now.len(), written);

    let mut before = 0;
    for file in backups {
        let new = Place::sqlite();
        restore(&new.url, &file, place.clock.clone()).await.unwrap();
        let restored = new.open().await;
        let devices = restored.list_devices().await.unwrap();
        assert!(
            devices.len() >= before + 40 && devices.len() <= written,
            "{before} {} {written}",
            devices.len()
        );
        before = devices.len();
        // A phone is there with its name and its entry on record, or with neither.
        let record = restored.list_audit(ALL).await.unwrap().rows;
        let on_record: std::collections::BTreeSet<&str> = record
            .iter()
            .filter(|row| row.entry.who == "load")
            .map(|row| row.entry.subject.as_str())
            .collect();
        let ids: Vec<i64> = record.iter().rev().map(|row| row.id).collect();
        assert_eq!(
            ids,
            (1..=i64::try_from(ids.len()).unwrap()).collect::<Vec<_>>(),
            "no entry is missing"
        );
        for device in &devices {
            let named = !device.name.is_empty();
            assert_eq!(
                (named, device.groups.len() == 1),
                (on_record.contains(device.serial.0.as_str()), named)
            );
            let live = now.iter().find(|live| live.serial == device.serial).unwrap();
            assert_eq!(live.device_index, device.device_index);
        }
    }
}

async fn a_restore_is_refused_while_a_controller_is_active(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let file = place.folder().join("backup.db");
    backup(&store, &file).await.unwrap();
    let lead = store.try_lead(Lease::default()).await.unwrap();
    store.record_seen(&[seen("B")]).await.unwrap();
    match restore(&place.url, &file, place.clock.clone()).await {
        Err(BackupError::InUse { holder }) => {
            assert!(
                holder.contains(&format!("the process {}", std::process::id())),
                "{holder}"
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(store.list_devices().await.unwrap().len(), 2);
    lead.release().await.unwrap();
    restore(&place.url, &file, place.clock.clone()).await.unwrap();
    // One that only reads, or that stood by, sees the restored farm.
    assert_eq!(store.list_devices().await.unwrap().len(), 1);
    let next = store.try_lead(Lease::default()).await.unwrap();
    assert_eq!(next.fence(), 3, "the number of the role does not go back");
}

async fn a_restore_keeps_what_was_there(place: Place) {
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let file = place.folder().join("backup.db");
    backup(&store, &file).await.unwrap();
    store.record_seen(&[seen("B")]).await.unwrap();
    let was = farm(&store).await;
    let restored = restore(&place.url, &file, place.clock.clone()).await.unwrap();
    assert_eq!(store.list_devices().await.unwrap().len(), 1);
    let kept = restored.kept.unwrap();
    assert!(
        kept.to_string_lossy().contains(".before-restore-2026"),
        "{}",
        kept.display()
    );
    // What was kept is a backup like any other.
    restore(&place.url, &kept, place.clock.clone()).await.unwrap();
    let mut now = farm(&store).await;
    now.retain(|line| !line.contains("what: \"restore\""));
    assert_eq!(now, was);
}

async fn what_is_no_whole_backup_is_refused_and_changes_nothing(place: Place) {
    let store = place.open().await;
    fill(&store).await;
    let whole = place.folder().join("whole.db");
    backup(&store, &whole).await.unwrap();
    let before = farm(&store).await;
    let bytes = std::fs::read(&whole).unwrap();

    let cut = place.folder().join("cut.db");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    let scratched = place.folder().join("scratched.db");
    let mut wrong = bytes.clone();
    let middle = wrong.len() / 2;
    wrong[middle..middle + 6000].fill(0xA5);
    std::fs::write(&scratched, wrong).unwrap();
    let text = place.folder().join("text.db");
    std::fs::write(
        &text,
        "not a database at all, but long enough to be looked at\n".repeat(40),
    )
    .unwrap();
    let empty = place.folder().join("empty.db");
    std::fs::write(&empty, "").unwrap();
    let newer = place.folder().join("newer.db");
    std::fs::write(&newer, &bytes).unwrap();
    tamper_with_file(&newer, "INSERT INTO migrations VALUES (999, 'future', 'x', 0)").await;

    for file in [cut, scratched, text, empty, newer] {
        let refused = restore(&place.url, &file, place.clock.clone()).await;
        assert!(
            matches!(refused, Err(BackupError::NotABackup { .. })),
            "{}: {refused:?}",
            file.display()
        );
    }
    let missing = restore(
        &place.url,
        &place.folder().join("missing.db"),
        place.clock.clone(),
    )
    .await;
    assert!(matches!(missing, Err(BackupError::File { .. })), "{missing:?}");
    assert_eq!(farm(&store).await, before);
    let left: Vec<String> = files(place.folder())
        .into_iter()
        .filter(|name| name.starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

async fn a_backup_that_fails_leaves_the_one_before(place: Place) {
    let store = place.open().await;
    let file = place.folder().join("backup.db");
    backup(&store, &file).await.unwrap();
    let before = std::fs::read(&file).unwrap();
    store.close().await;
    if let DatabaseUrl::Sqlite(path) = &place.url {
        std::fs::write(path, "damaged".repeat(1000)).unwrap();
    }
    let failed = backup(&store, &file).await;
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert!(!files(place.folder()).iter().any(|name| name.contains(".part")));
}

#[tokio::test]
async fn the_database_itself_is_neither_overwritten_by_its_backup_nor_restored_from() {
    let place = Place::sqlite();
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    let file = place.folder().join("backups/../drover.db");
    std::fs::create_dir(place.folder().join("backups")).unwrap();
    let refused = backup(&store, &file).await;
    assert!(matches!(refused, Err(BackupError::Itself { .. })), "{refused:?}");
    let refused = restore(&place.url, &file, place.clock.clone()).await;
    assert!(matches!(refused, Err(BackupError::Itself { .. })), "{refused:?}");
    assert_eq!(store.list_devices().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_copied_database_is_restored_with_its_journal() {
    let (place, new) = (Place::sqlite(), Place::sqlite());
    let store = place.open().await;
    store.record_seen(&[seen("A")]).await.unwrap();
    // As somebody does who knows no better than `cp drover.db*`; here nobody writes meanwhile.
    for end in ["", "-wal", "-shm"] {
        let name = format!("drover.db{end}");
        std::fs::copy(
            place.folder().join(&name),
            new.folder().join(format!("copied.db{end}")),
        )
        .unwrap();
    }
    restore(&new.url, &new.folder().join("copied.db"), place.clock.clone())
        .await
        .unwrap();
    assert_eq!(new.open().await.list_devices().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_backup_moves_a_farm_to_postgres_and_back() {
    let (small, large, again) = (Place::sqlite(), Place::postgres().await, Place::sqlite());
    let store = small.open().await;
    fill(&store).await;
    let (there, back) = (small.folder().join("there.db"), small.folder().join("back.db"));
    backup(&store, &there).await.unwrap();
    restore(&large.url, &there, small.clock.clone()).await.unwrap();
    let moved = large.open().await;
    backup(&moved, &back).await.unwrap();
    restore(&again.url, &back, small.clock.clone()).await.unwrap();
    let mut farm_again = farm(&again.open().await).await;
    farm_again.retain(|line| !line.contains("what: \"restore\""));
    assert_eq!(farm_again, farm(&store).await);
}

#[tokio::test]
async fn a_damaged_database_is_moved_aside_and_the_backup_takes_its_place() {
    let place = Place::sqlite();
    let store = place.open().await;
    fill(&store).await;
    let file = place.folder().join("backup.db");
    backup(&store, &file).await.unwrap();
    let was = farm(&store).await;
    store.close().await;
    let DatabaseUrl::Sqlite(path) = &place.url else {
        unreachable!()
    };
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 20_000].fill(0xA5);
    std::fs::write(path, &bytes).unwrap();

    let restored = restore(&place.url, &file, place.clock.clone()).await.unwrap();
    assert_eq!(
        std::fs::read(restored.kept.unwrap()).unwrap(),
        bytes,
        "somebody may still want to look at it"
    );
    let mut now = farm(&place.open().await).await;
    now.retain(|line| !line.contains("what: \"restore\""));
    assert_eq!(now, was);
}
