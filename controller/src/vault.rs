//! Secrets at rest: sealed with a key that lies apart from the database, opened for as long as somebody needs them.
//!
//! Knows which keys there are and which the farm needs, and at which places secrets stand; nothing else of accounts. A controller does not start where a
//! key is missing that the database needs, and never makes a new key over old secrets.

mod files;
mod passwords;
mod rotate;
mod seal;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use shared::secret::SecretText;
use zeroize::Zeroizing;

use crate::store::{KeyId, Sealed, Store, StoreError, VaultKeyRow};

pub use files::KeyFiles;
pub use rotate::{Progress, Rotated, Rotation};
pub use seal::{SecretError, Spot};

use seal::Key;

/// Why the vault does not open, or its key does not change.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("{doing} {}", .path.display())]
    File {
        doing: &'static str,
        path: PathBuf,
        source: io::Error,
    },

    #[error(
        "{} does not hold a key (32 bytes, as Base64 or hex): restore it from where copies of keys are kept",
        .path.display()
    )]
    NotAKey { path: PathBuf },

    #[error(
        "{} holds another key than its name says: restore it from where copies of keys are kept",
        .path.display()
    )]
    NotTheKey { path: PathBuf },

    #[error(
        "the secrets in the database are sealed with the key {key}, which is not here. Put the file vault-{key}.key from \
         your copy of the keys into {} (or name the file that holds it in the setting vault.key_file) and start again. \
         No new key is made over old secrets", .folder.display()
    )]
    Missing { key: KeyId, folder: PathBuf },

    #[error(
        "the database says of the key {key} what that key does not: the database's table vault_keys is damaged"
    )]
    Check { key: KeyId },

    #[error(
        "there are secrets in the database, but it does not say with which keys they are sealed: its table vault_keys is \
         damaged. Restore a backup"
    )]
    NoRecord,

    #[error(
        "the key of the setting vault.key_file is the current one already: put a new key into a file, name that file \
         first and the old one after it, and start again"
    )]
    NoNewKey,

    #[error("the key of the vault is being changed already")]
    Rotating,

    #[error(transparent)]
    Store(#[from] StoreError),
}

impl VaultError {
    fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

/// Seals and opens. Clones share the keys.
#[derive(Debug, Clone)]
pub struct Vault {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    files: Option<KeyFiles>,
    ring: RwLock<Arc<Ring>>,
    progress: tokio::sync::watch::Sender<Option<Progress>>,
    rotating: Arc<tokio::sync::Mutex<()>>,
}

/// The keys that are here.
#[derive(Debug, Clone)]
struct Ring {
    keys: BTreeMap<KeyId, Key>,
    current: Key,
}

/// A key, as operators are told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInUse {
    pub row: VaultKeyRow,
    /// Whether it is here.
    pub present: bool,
    /// Secrets that it seals.
    pub secrets: u64,
}

impl Vault {
    /// Reads the keys and checks that all that the database needs are here. Makes the first key of a farm that has
    /// none.
    pub async fn open(files: KeyFiles, store: &Store) -> Result<Self, VaultError> {
        let ring = match store.vault_keys().await? {
            rows if rows.is_empty() => {
                if !store.count_sealed().await?.is_empty() {
                    return Err(VaultError::NoRecord);
                }
                found(&files, store).await?
            }
            rows => checked(&files, store, &rows).await?,
        };
        Ok(Self::of(Some(files), ring))
    }

    /// A vault whose key nobody keeps; for tests.
    pub fn ephemeral() -> Self {
        let current = Key::random();
        let keys = [(current.id().clone(), current.clone())].into();
        Self::of(None, Ring { keys, current })
    }

    fn of(files: Option<KeyFiles>, ring: Ring) -> Self {
        Self {
            inner: Arc::new(Inner {
                files,
                ring: RwLock::new(Arc::new(ring)),
                progress: tokio::sync::watch::Sender::new(None),
                rotating: Arc::default(),
            }),
        }
    }

    /// Looks again which keys there are and which the database needs: another controller may have changed them.
    pub async fn catch_up(&self, store: &Store) -> Result<(), VaultError> {
        if let Some(files) = &self.inner.files {
            let ring = checked(files, store, &store.vault_keys().await?).await?;
            self.set_ring(ring);
        }
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.inner.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set_ring(&self, ring: Ring) {
        *self.inner.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// Seals a secret with the current key, for one place.
    pub fn seal(&self, spot: &Spot, secret: &SecretText) -> Sealed {
        self.ring().current.seal(spot, secret)
    }

    pub fn open_sealed(&self, spot: &Spot, sealed: &Sealed) -> Result<SecretText, SecretError> {
        let damaged = || SecretError::Damaged {
            spot: spot.to_string(),
        };
        let key = sealed.key_id().ok_or_else(damaged)?;
        let ring = self.ring();
        let Some(key) = ring.keys.get(&key) else {
            return Err(SecretError::NoKey {
                spot: spot.to_string(),
                key,
            });
        };
        key.open(spot, sealed).ok_or_else(damaged)
    }

    /// Seals bytes that are kept in a file for a while: an upload, a sheet under way. The key's id stands before them.
    pub fn seal_bytes(&self, spot: &Spot, plain: &[u8]) -> Vec<u8> {
        let ring = self.ring();
        let mut bytes = ring.current.id().0.clone().into_bytes();
        bytes.append(&mut ring.current.seal_bytes(spot, plain));
        bytes
    }

    pub fn open_bytes(&self, spot: &Spot, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SecretError> {
        let damaged = || SecretError::Damaged {
            spot: spot.to_string(),
        };
        let (key, sealed) = sealed.split_at_checked(KeyId::LENGTH).ok_or_else(damaged)?;
        let key = KeyId(String::from_utf8_lossy(key).into_owned());
        let ring = self.ring();
        let key = ring.keys.get(&key).ok_or_else(|| SecretError::NoKey {
            spot: spot.to_string(),
            key,
        })?;
        key.open_bytes(spot, sealed).ok_or_else(damaged)
    }

    /// The id of the key that seals now.
    pub fn current_key(&self) -> KeyId {
        self.ring().current.id().clone()
    }

    /// Every key that the farm ever had, and how much each seals.
    pub async fn keys(&self, store: &Store) -> Result<Vec<KeyInUse>, VaultError> {
        let uses: BTreeMap<_, _> = store.count_sealed().await?.into_iter().collect();
        let ring = self.ring();
        let rows = store.vault_keys().await?;
        Ok(rows
            .into_iter()
            .map(|row| KeyInUse {
                present: ring.keys.contains_key(&row.id),
                secrets: uses.get(&row.id).copied().unwrap_or(0),
                row,
            })
            .collect())
    }
}

/// What a key must open to be the right one.
fn check_spot(key: &KeyId) -> Spot {
    Spot::new("vault_keys", "check_text", key)
}

const CHECK: &str = "drover";

fn check_text(key: &Key) -> Sealed {
    key.seal(&check_spot(key.id()), &CHECK.into())
}

/// The first key of a farm: the one that is given, one that lies ready, or a new one.
async fn found(files: &KeyFiles, store: &Store) -> Result<Ring, VaultError> {
    let ready = files.read()?.into_values().next();
    let key = match files.wanted()?.or(ready) {
        Some(key) => key,
        None => files.make()?,
    };
    store.found_vault(key.id().clone(), check_text(&key)).await?;
    // Another controller may have been quicker: its key counts.
    checked(files, store, &store.vault_keys().await?).await
}

/// The keys that are here, once all are here that the secrets need.
async fn checked(files: &KeyFiles, store: &Store, rows: &[VaultKeyRow]) -> Result<Ring, VaultError> {
    let keys = files.read()?;
    let current = rows.iter().find(|row| row.current).ok_or(VaultError::NoRecord)?;
    let missing = |key: &KeyId| VaultError::Missing {
        key: key.clone(),
        folder: files.folder.clone(),
    };
    let mut needed: BTreeSet<KeyId> = store
        .count_sealed()
        .await?
        .into_iter()
        .map(|used| used.0)
        .collect();
    needed.insert(current.id.clone());
    // What claims to be sealed with a key that this farm never had is damage to that row alone.
    needed.retain(|key| rows.iter().any(|row| row.id == *key));
    if let Some(absent) = needed.iter().find(|key| !keys.contains_key(*key)) {
        return Err(missing(absent));
    }
    for row in rows {
        let Some(key) = keys.get(&row.id) else { continue };
        let opened = key.open(&check_spot(&row.id), &row.check);
        if opened.is_none_or(|text| text.expose() != CHECK) {
            return Err(VaultError::Check { key: row.id.clone() });
        }
    }
    let current = keys
        .get(&current.id)
        .cloned()
        .ok_or_else(|| missing(&current.id))?;
    Ok(Ring { keys, current })
}
