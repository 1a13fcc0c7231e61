//! Secrets at rest: keys made, missing, wrong, replaced; secrets damaged and swapped.

use std::path::Path;

use controller::store::{SEALED, Sealed, Store};
use controller::vault::{KeyFiles, SecretError, Spot, Vault, VaultError};
use shared::secret::SecretText;

use crate::place::{Place, on_both};

on_both!(
    a_vault_opens_again_with_its_key_and_with_no_other,
    a_key_that_is_gone_is_not_replaced_by_a_new_one,
    a_secret_that_is_damaged_or_swapped_fails_alone,
    a_new_key_seals_everything_and_the_old_one_stays_on_record,
    a_change_of_keys_that_broke_off_goes_on,
    a_secret_that_changes_meanwhile_is_not_overwritten,
    a_given_key_is_used_and_replaced_by_another_given_one,
    two_controllers_that_start_at_once_agree_on_one_key,
);

fn files(place: &Place) -> KeyFiles {
    KeyFiles {
        folder: place.folder().join("keys"),
        given: Vec::new(),
    }
}

fn spot(row: i64) -> Spot {
    Spot::new("account_secrets", "password", row)
}

fn secret(row: i64) -> String {
    format!("hunter-{row}")
}

/// So many accounts with a password each, as bare rows: the vault does not know accounts.
async fn with_secrets(place: &Place, vault: &Vault, count: i64) {
    let mut sql = String::new();
    for row in 1..=count {
        let sealed = vault.seal(&spot(row), &secret(row).into());
        sql.push_str(&format!(
            "INSERT INTO accounts (id, platform, username, username_folded, logined, status, tags, search_text, created_at, \
             updated_at) VALUES ({row}, 'tiktok', 'u{row}', 'u{row}', 0, 0, '', '', 0, 0); \
             INSERT INTO account_secrets (account_id, password) VALUES ({row}, '{}');",
            sealed.as_str()
        ));
    }
    place.tamper(&sql).await;
}

async fn sealed(store: &Store) -> Vec<(i64, Sealed)> {
    // No key is called so: these are all.
    let none = controller::store::KeyId("none".to_owned());
    let rows = store
        .sealed_otherwise(SEALED[0], &none, 0, 100_000)
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.row, row.sealed)).collect()
}

async fn opened(store: &Store, vault: &Vault) -> Vec<Result<SecretText, SecretError>> {
    let all = sealed(store).await;
    all.iter()
        .map(|(row, sealed)| vault.open_sealed(&spot(*row), sealed))
        .collect()
}

async fn all_open(store: &Store, vault: &Vault, count: i64) {
    let texts: Vec<_> = opened(store, vault)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let expected: Vec<SecretText> = (1..=count).map(|row| secret(row).into()).collect();
    assert_eq!(texts, expected);
}

fn move_keys(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::rename(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

async fn a_vault_opens_again_with_its_key_and_with_no_other(place: Place) {
    let store = place.open().await;
    let vault = Vault::open(files(&place), &store).await.unwrap();
    with_secrets(&place, &vault, 3).await;
    let again = Vault::open(files(&place), &store).await.unwrap();
    assert_eq!(again.current_key(), vault.current_key());
    all_open(&store, &again, 3).await;
    let elsewhere = place.folder().join("elsewhere");
    move_keys(&files(&place).folder, &elsewhere);
    // Another farm's key in its place.
    let other = place.folder().join("another.db");
    let other = Store::open(&controller::store::DatabaseUrl::file(other), place.clock.clone())
        .await
        .unwrap();
    Vault::open(files(&place), &other).await.unwrap();
    let error = Vault::open(files(&place), &store).await.unwrap_err();
    assert!(
        matches!(&error, VaultError::Missing { key, .. } if *key == vault.current_key()),
        "{error:?}"
    );
    move_keys(&elsewhere, &files(&place).folder);
    all_open(&store, &Vault::open(files(&place), &store).await.unwrap(), 3).await;
}

async fn a_key_that_is_gone_is_not_replaced_by_a_new_one(place: Place) {
    let store = place.open().await;
    let vault = Vault::open(files(&place), &store).await.unwrap();
    with_secrets(&place, &vault, 1).await;
    let folder = files(&place).folder;
    std::fs::remove_dir_all(&folder).unwrap();
    let error = Vault::open(files(&place), &store).await.unwrap_err().to_string();
    let file = format!("vault-{}.key", vault.current_key());
    assert!(
        error.contains(&file)
            && error.contains(&folder.display().to_string())
            && error.contains("vault.key_file"),
        "it says what is missing and where it belongs: {error}"
    );
    assert!(!folder.exists(), "nothing was made");
    place.tamper("DELETE FROM vault_keys").await;
    let error = Vault::open(files(&place), &store).await.unwrap_err();
    assert!(matches!(error, VaultError::NoRecord), "{error:?}");
    assert!(!folder.exists(), "nothing was made");
}

async fn a_secret_that_is_damaged_or_swapped_fails_alone(place: Place) {
    let store = place.open().await;
    let vault = Vault::open(files(&place), &store).await.unwrap();
    with_secrets(&place, &vault, 5).await;
    place
        .tamper(
            "UPDATE account_secrets SET password = (SELECT password FROM account_secrets WHERE account_id = 1) \
             WHERE account_id = 2; \
             UPDATE account_secrets SET password = 'hunter2' WHERE account_id = 3; \
             UPDATE account_secrets SET password = replace(password, substr(password, 1, 10), '1.00000000') \
             WHERE account_id = 4",
        )
        .await;
    // It starts all the same: only these three are lost.
    let vault = Vault::open(files(&place), &store).await.unwrap();
    let opened = opened(&store, &vault).await;
    let told: Vec<String> = opened
        .iter()
        .map(|result| match result {
            Ok(text) => text.expose().to_owned(),
            Err(error) => error.to_string(),
        })
        .collect();
    assert_eq!((told[0].as_str(), told[4].as_str()), ("hunter-1", "hunter-5"));
    assert!(matches!(&opened[1], Err(SecretError::Damaged { .. })));
    assert!(told[1].contains("account_secrets.password of 2"), "{}", told[1]);
    assert!(matches!(&opened[2], Err(SecretError::Damaged { .. })));
    assert!(matches!(&opened[3], Err(SecretError::NoKey { key, .. }) if key.0 == "00000000"));
    assert!(!told[2].contains("hunter2"), "{}", told[2]);
    let rotated = vault
        .rotate(&store, "test")
        .await
        .unwrap()
        .drain(&store)
        .await
        .unwrap();
    assert_eq!((rotated.resealed, rotated.damaged.len()), (2, 3));
}

async fn a_new_key_seals_everything_and_the_old_one_stays_on_record(place: Place) {
    let store = place.open().await;
    let vault = Vault::open(files(&place), &store).await.unwrap();
    with_secrets(&place, &vault, 450).await;
    let old = vault.current_key();
    let rotation = vault.rotate(&store, "anna").await.unwrap();
    let new = vault.current_key();
    assert_ne!(old, new);
    assert_eq!(vault.progress().unwrap().total, 450);
    assert!(matches!(
        vault.rotate(&store, "ben").await,
        Err(VaultError::Rotating)
    ));
    all_open(&store, &vault, 450).await;
    assert_eq!(rotation.drain(&store).await.unwrap().resealed, 450);
    assert_eq!(vault.progress(), None);
    all_open(&store, &vault, 450).await;
    let keys = vault.keys(&store).await.unwrap();
    let told: Vec<_> = keys
        .iter()
        .map(|key| (&key.row.id, key.row.current, key.present, key.secrets))
        .collect();
    let mut expected = vec![(&old, false, true, 0), (&new, true, true, 450)];
    expected.sort();
    let mut sorted = told.clone();
    sorted.sort();
    assert_eq!(sorted, expected);
    let entry = &store.list_audit(crate::place::ALL).await.unwrap().rows[0].entry;
    assert_eq!((entry.who.as_str(), entry.what.as_str()), ("anna", "keys.rotate"));
    // A retired key that no secret needs may be missing.
    std::fs::remove_file(files(&place).folder.join(format!("vault-{old}.key"))).unwrap();
    all_open(&store, &Vault::open(files(&place), &store).await.unwrap(), 450).await;
}

async fn a_change_of_keys_that_broke_off_goes_on(place: Place) {
    let store = place.open().await;
    let vault = Vault::open(files(&place), &store).await.unwrap();
    with_secrets(&place, &vault, 700).await;
    let rotation = vault.rotate(&store, "test").await.unwrap();
    let new = vault.current_key();
    {
        // As a crash would: it stands still for ever after its second transaction.
        let mut drain = Box::pin(rotation.drain(&store));
        let broken_off = async {
            loop {
                tokio::select! {
                    biased;
                    done = &mut drain => panic!("it was to break off: {done:?}"),
                    () = tokio::task::yield_now() => {
                        if vault.progress().unwrap().done >= 400 { return; }
                    }
                }
            }
        };
        broken_off.await;
    }
    store.close().await;
    let store = place.open().await;
    let again = Vault::open(files(&place), &store).await.unwrap();
    assert_eq!(again.current_key(), new);
    let left = again
        .keys(&store)
        .await
        .unwrap()
        .iter()
        .filter(|key| !key.row.current)
        .map(|key| key.secrets)
        .sum::<u64>();
    assert!((1..=300).contains(&left), "{left} are left");
    all_open(&store, &again, 700).await;
    let rotation = again.resume_rotation(&store).await.unwrap().unwrap();
    assert_eq!(rotation.drain(&store).await.unwrap().resealed, left);
    all_open(&store, &again, 700).await;
    assert!(
        again.resume_rotation(&store).await.unwrap().is_none(),
        "nothing is left"
    );
    assert_eq!(store.count_sealed().await.unwrap(), [(new, 700)]);
}

async fn a_secret_that_changes_meanwhile_is_not_overwritten(place: Place) {
    let store = place.open().await;
    let vault = Vault::open(files(&place), &store).await.unwrap();
    with_secrets(&place, &vault, 1).await;
    let (row, before) = sealed(&store).await.remove(0);
    let fresh = vault.seal(&spot(row), &"fresh".into());
    place
        .tamper(&format!(
            "UPDATE account_secrets SET password = '{}'",
            fresh.as_str()
        ))
        .await;
    let stale = controller::store::Resealed {
        row,
        after: vault.seal(&spot(row), &"stale".into()),
        before,
    };
    assert_eq!(store.reseal(SEALED[0], vec![stale]).await.unwrap(), 0);
    assert_eq!(opened(&store, &vault).await, [Ok("fresh".into())]);
}

async fn a_given_key_is_used_and_replaced_by_another_given_one(place: Place) {
    let store = place.open().await;
    let (old, new) = (place.folder().join("old"), place.folder().join("new"));
    std::fs::write(&old, "00".repeat(32)).unwrap();
    std::fs::write(&new, "ab".repeat(32)).unwrap();
    let given = |paths: &[&Path]| KeyFiles {
        given: paths.iter().map(|path| path.to_path_buf()).collect(),
        ..files(&place)
    };
    let vault = Vault::open(given(&[&old]), &store).await.unwrap();
    with_secrets(&place, &vault, 2).await;
    assert!(
        !files(&place).folder.exists(),
        "none was made beside the given one"
    );
    let refused = vault.rotate(&store, "test").await.unwrap_err();
    assert!(matches!(refused, VaultError::NoNewKey), "{refused:?}");
    let vault = Vault::open(given(&[&new, &old]), &store).await.unwrap();
    all_open(&store, &vault, 2).await;
    vault
        .rotate(&store, "test")
        .await
        .unwrap()
        .drain(&store)
        .await
        .unwrap();
    let alone = Vault::open(given(&[&new]), &store).await.unwrap();
    all_open(&store, &alone, 2).await;
    let error = Vault::open(given(&[&old]), &store).await.unwrap_err();
    assert!(matches!(error, VaultError::Missing { .. }), "{error:?}");
}

async fn two_controllers_that_start_at_once_agree_on_one_key(place: Place) {
    let (one, other) = (place.open().await, place.open().await);
    let files = files(&place);
    let (a, b) = tokio::join!(
        Vault::open(files.clone(), &one),
        Vault::open(files.clone(), &other)
    );
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_eq!(a.current_key(), b.current_key());
    let text = SecretText::new("hunter2");
    assert_eq!(b.open_sealed(&spot(1), &a.seal(&spot(1), &text)), Ok(text));
    // One of them changes the key; the other learns of it when its turn comes.
    a.rotate(&one, "test").await.unwrap().drain(&one).await.unwrap();
    b.catch_up(&other).await.unwrap();
    assert_eq!(a.current_key(), b.current_key());
    let bytes = a.seal_bytes(&spot(7), b"an upload");
    assert_eq!(b.open_bytes(&spot(7), &bytes).unwrap().as_slice(), b"an upload");
    assert!(b.open_bytes(&spot(8), &bytes).is_err());
    assert!(b.open_bytes(&spot(7), b"short").is_err());
}
