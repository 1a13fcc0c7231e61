//! The same done to many accounts that are named one by one, a few in a transaction, so that nobody waits for the
//! writer.

use std::sync::Arc;

use super::{AccountMove, AccountRow, WholeAccount, apply, delete_many, record, rows};
use crate::store::error::StoreError;
use crate::store::{BatchDone, Store, audit};

/// Accounts in one transaction.
const CHUNK: usize = 100;

impl Store {
    /// Changes accounts, each on record. One that refuses the change stays as it is and holds up no other.
    pub async fn change_accounts<F>(
        &self,
        ids: &[i64],
        change: F,
        who: &str,
    ) -> Result<BatchDone<AccountRow>, StoreError>
    where
        F: Fn(&mut WholeAccount) -> Result<(), StoreError> + Send + Sync + 'static,
    {
        Ok(self.change_or_move_accounts(ids, change, who).await?.0)
    }

    /// The same, and tells what goes with those that have another phone then.
    pub async fn change_or_move_accounts<F>(
        &self,
        ids: &[i64],
        change: F,
        who: &str,
    ) -> Result<(BatchDone<AccountRow>, Vec<AccountMove>), StoreError>
    where
        F: Fn(&mut WholeAccount) -> Result<(), StoreError> + Send + Sync + 'static,
    {
        let change = Arc::new(change);
        let mut done = BatchDone::default();
        let mut all_moved = Vec::new();
        for ids in ids.chunks(CHUNK) {
            let (ids, change, who, now) = (ids.to_vec(), Arc::clone(&change), who.to_owned(), self.now());
            let (part, moved) = self
                .write_accounts(move |session| {
                    Box::pin(async move {
                        let mut part = BatchDone::default();
                        let (mut entries, mut moved) = (Vec::new(), Vec::new());
                        for id in ids {
                            let Some(before) = rows::find(session, id).await? else {
                                part.refused.push((id, format!("there is no account {id}")));
                                continue;
                            };
                            let mut after = before.clone();
                            let applied = match change(&mut after) {
                                Ok(()) => apply(session, now, &before, &mut after, &who).await,
                                Err(error) => Err(error),
                            };
                            match applied {
                                Ok(None) => part.unchanged += 1,
                                Ok(Some(applied)) => {
                                    entries.push(applied.entry);
                                    moved.extend(applied.moved);
                                    part.changed.push(after.row);
                                }
                                // Found before anything was written.
                                Err(error @ (StoreError::UsernameTaken { .. } | StoreError::Conflict(_))) => {
                                    part.refused.push((id, error.to_string()));
                                }
                                Err(error) => return Err(error),
                            }
                        }
                        audit::append_all(session, now, &entries).await?;
                        Ok((part, moved))
                    })
                })
                .await?;
            done.add(part);
            all_moved.extend(moved);
        }
        Ok((done, all_moved))
    }

    /// Deletes accounts and their secrets, each on record.
    pub async fn delete_accounts(&self, ids: &[i64], who: &str) -> Result<BatchDone<AccountRow>, StoreError> {
        let mut done = BatchDone::default();
        for ids in ids.chunks(CHUNK) {
            let (ids, who, now) = (ids.to_vec(), who.to_owned(), self.now());
            let part = self
                .write_accounts(move |session| {
                    Box::pin(async move {
                        let mut part = BatchDone::default();
                        let mut entries = Vec::new();
                        for id in ids {
                            match rows::find(session, id).await? {
                                None => part.refused.push((id, format!("there is no account {id}"))),
                                Some(account) => {
                                    entries.push(record::deleted(who.clone(), &account));
                                    part.changed.push(account.row);
                                }
                            }
                        }
                        let found: Vec<i64> = part.changed.iter().map(|account| account.id).collect();
                        delete_many(session, &found).await?;
                        audit::append_all(session, now, &entries).await?;
                        Ok(part)
                    })
                })
                .await?;
            done.add(part);
        }
        Ok(done)
    }
}
