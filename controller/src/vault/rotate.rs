//! A new key in the place of the current one, while the farm works: from one moment on everything is sealed with the new
//! key, then the old secrets are sealed anew, a few at a time. After a crash it goes on where it was.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::seal::Key;
use super::{Ring, SecretError, Spot, Vault, VaultError, check_text};
use crate::store::{Resealed, SEALED, SealedColumn, SealedRow, Store};

/// Secrets that are sealed anew in one transaction.
const CHUNK: u32 = 200;

/// How far it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Secrets that were sealed anew.
    pub resealed: u64,
    /// Secrets that do not open, as places; they stay as they are.
    pub damaged: Vec<String>,
}

/// A change of keys that is under way; there is one at a time. Dropped before its end, it is resumed later.
#[derive(Debug)]
pub struct Rotation {
    vault: Vault,
    _turn: OwnedMutexGuard<()>,
}

impl Vault {
    /// How far a change of keys is; `None` where none is under way.
    pub fn progress(&self) -> Option<Progress> {
        *self.inner.progress.borrow()
    }

    /// Makes a new key the current one: what is sealed from now on is sealed with it. The old secrets are sealed anew
    /// by [`Rotation::drain`].
    pub async fn rotate(&self, store: &Store, who: &str) -> Result<Rotation, VaultError> {
        let rotation = self.turn()?;
        let ring = self.ring();
        let new = match &self.inner.files {
            None => Key::random(),
            Some(files) => match files.wanted()? {
                Some(wanted) if wanted.id() == ring.current.id() => return Err(VaultError::NoNewKey),
                Some(wanted) => wanted,
                None => files.make()?,
            },
        };
        // The file is on the disk before the database says that it is needed.
        store
            .change_vault_key(new.id().clone(), check_text(&new), who)
            .await?;
        let mut keys = ring.keys.clone();
        keys.insert(new.id().clone(), new.clone());
        self.set_ring(Ring { keys, current: new });
        rotation.count(store).await?;
        Ok(rotation)
    }

    /// Goes on with a change of keys that broke off; `None` where there is nothing to do.
    pub async fn resume_rotation(&self, store: &Store) -> Result<Option<Rotation>, VaultError> {
        let rotation = self.turn()?;
        // A secret that was on its way when the others were sealed anew may have come after them.
        let waits =
            |key: &super::KeyInUse| !key.row.current && (key.row.drained_at.is_none() || key.secrets > 0);
        if !self.keys(store).await?.iter().any(waits) {
            return Ok(None);
        }
        rotation.count(store).await?;
        Ok(Some(rotation))
    }

    fn turn(&self) -> Result<Rotation, VaultError> {
        let turn = Arc::clone(&self.inner.rotating).try_lock_owned();
        Ok(Rotation {
            vault: self.clone(),
            _turn: turn.map_err(|_| VaultError::Rotating)?,
        })
    }
}

impl Rotation {
    /// Shows how much there is to do.
    async fn count(&self, store: &Store) -> Result<(), VaultError> {
        let current = self.vault.current_key();
        let uses = store.count_sealed().await?;
        let total = uses
            .iter()
            .filter(|(key, _)| *key != current)
            .map(|(_, uses)| uses)
            .sum();
        self.vault
            .inner
            .progress
            .send_replace(Some(Progress { done: 0, total }));
        Ok(())
    }

    /// Seals with the current key what another one seals. May break off at any time.
    pub async fn drain(self, store: &Store) -> Result<Rotated, VaultError> {
        let keys = store.vault_keys().await?;
        let mut rotated = Rotated::default();
        for at in SEALED {
            self.drain_column(store, *at, &mut rotated).await?;
        }
        for key in keys.iter().filter(|key| !key.current && key.drained_at.is_none()) {
            store.drained(&key.id).await?;
        }
        tracing::info!(
            key = %self.vault.current_key(),
            resealed = rotated.resealed,
            damaged = rotated.damaged.len(),
            "the secrets are sealed with the current key"
        );
        Ok(rotated)
    }

    async fn drain_column(
        &self,
        store: &Store,
        at: SealedColumn,
        rotated: &mut Rotated,
    ) -> Result<(), VaultError> {
        let current = self.vault.current_key();
        let mut after = i64::MIN;
        loop {
            let rows = store.sealed_otherwise(at, &current, after, CHUNK).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.row;
            let count = rows.len() as u64;
            let mut resealed = Vec::with_capacity(rows.len());
            for row in rows {
                match self.anew(at, row) {
                    Ok(anew) => resealed.push(anew),
                    Err(error) => {
                        tracing::warn!(%error, "a secret stays as it is");
                        rotated.damaged.push(error.to_string());
                    }
                }
            }
            rotated.resealed += store.reseal(at, resealed).await?;
            self.vault.inner.progress.send_modify(|progress| {
                if let Some(progress) = progress {
                    progress.done += count;
                }
            });
        }
    }

    fn anew(&self, at: SealedColumn, row: SealedRow) -> Result<Resealed, SecretError> {
        let spot = Spot::new(at.table, at.column, row.row);
        let secret = self.vault.open_sealed(&spot, &row.sealed)?;
        Ok(Resealed {
            row: row.row,
            after: self.vault.seal(&spot, &secret),
            before: row.sealed,
        })
    }
}

impl Drop for Rotation {
    fn drop(&mut self) {
        self.vault.inner.progress.send_replace(None);
    }
}
