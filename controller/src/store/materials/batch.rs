//! The same done to many materials that are named one by one, a few in a transaction, so that nobody waits for the
//! writer.

use std::sync::Arc;

use super::rows::{self, MaterialRow};
use super::{apply, held, refuse_reserved};
use crate::store::error::StoreError;
use crate::store::{AuditEntry, BatchDone, Store, audit};

/// Materials in one transaction.
const CHUNK: usize = 100;

impl Store {
    /// Changes materials, each on record. One that refuses the change stays as it is and holds up no other.
    pub async fn change_materials<F>(
        &self,
        ids: &[i64],
        change: F,
        who: &str,
    ) -> Result<BatchDone<MaterialRow>, StoreError>
    where
        F: Fn(&mut MaterialRow) -> Result<(), StoreError> + Send + Sync + 'static,
    {
        let change = Arc::new(change);
        let mut done = BatchDone::default();
        for ids in ids.chunks(CHUNK) {
            let (ids, change, who, now) = (ids.to_vec(), Arc::clone(&change), who.to_owned(), self.now());
            let part = self
                .write(move |session| {
                    Box::pin(async move {
                        let mut part = BatchDone::default();
                        let mut entries = Vec::new();
                        for id in ids {
                            let Some(before) = held(session, id).await? else {
                                part.refused.push((id, format!("there is no material {id}")));
                                continue;
                            };
                            let mut after = before.clone();
                            let applied = match change(&mut after) {
                                Ok(()) => apply(session, now, &before, &mut after, &who).await,
                                Err(error) => Err(error),
                            };
                            match applied {
                                Ok(None) => part.unchanged += 1,
                                Ok(Some(entry)) => {
                                    entries.push(entry);
                                    part.changed.push(after);
                                }
                                // Found before anything was written.
                                Err(error @ StoreError::Conflict(_)) => {
                                    part.refused.push((id, error.to_string()));
                                }
                                Err(error) => return Err(error),
                            }
                        }
                        audit::append_all(session, now, &entries).await?;
                        Ok(part)
                    })
                })
                .await?;
            done.add(part);
        }
        Ok(done)
    }

    /// Takes materials out of the library, each on record. Their files are the caller's to delete then.
    pub async fn delete_materials(
        &self,
        ids: &[i64],
        who: &str,
    ) -> Result<BatchDone<MaterialRow>, StoreError> {
        let mut done = BatchDone::default();
        for ids in ids.chunks(CHUNK) {
            let (ids, who, now) = (ids.to_vec(), who.to_owned(), self.now());
            let part = self
                .write(move |session| {
                    Box::pin(async move {
                        let mut part = BatchDone::default();
                        let mut entries = Vec::new();
                        for id in ids {
                            let Some(row) = held(session, id).await? else {
                                part.refused.push((id, format!("there is no material {id}")));
                                continue;
                            };
                            if let Err(error) = refuse_reserved(&row, "be deleted") {
                                part.refused.push((id, error.to_string()));
                                continue;
                            }
                            rows::delete(session, id).await?;
                            entries.push(
                                AuditEntry::new(&who, "material.delete", id.to_string())
                                    .before(rows::told(&row)),
                            );
                            part.changed.push(row);
                        }
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
