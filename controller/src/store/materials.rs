//! The material library: contents to publish, each once, whoever may publish it, and whether somebody did or will.
//!
//! A content is *reserved* for a task from its hand-out on, *used* once a task's act with it is done, and free again when
//! the task has ended and nothing of its acts is in question.

mod batch;
mod choose;
mod list;
mod marks;
mod rows;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use shared::account::{Tags, Username};

use super::error::StoreError;
use super::session::{Session, made_sql, sql};
use super::tasks::{self, TaskChange};
use super::{AuditEntry, Store, attempts, audit, counters, dialect};

pub use choose::{FromLibrary, LibraryWish, NoneLeft};
pub(super) use choose::{Given, give, still_given};
pub use list::{MaterialQuery, MaterialSort, MaterialSortKey};
pub(super) use marks::{in_doubt, release, release_ended, used_by_act};
pub use rows::{MaterialRow, NewMaterial};

/// What came of an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenIn {
    pub row: MaterialRow,
    /// Whether it is new; else the same content stood in the library already, and nothing of it was changed.
    pub is_new: bool,
    /// The task that published this content before it came into the library.
    pub published_by: Option<i64>,
}

impl Store {
    /// Takes a content into the library, on record. Its file lies in its place already. What was published before is
    /// taken in as used.
    pub async fn add_material(&self, new: NewMaterial, who: &str) -> Result<TakenIn, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let id = counters::take(session, counters::MATERIAL, 1).await?;
                if let Some(known) = rows::of_hash(session, &new.hash).await? {
                    let row = rows::found_again(session, now, known).await?;
                    return Ok(TakenIn {
                        row,
                        is_new: false,
                        published_by: None,
                    });
                }
                let published = marks::published(session, &new.hash).await?;
                let mut row = MaterialRow::new(id, new, now);
                if let Some((task, at)) = published {
                    row.used = true;
                    row.used_at = Some(at);
                    row.used_by = Some(task);
                }
                rows::insert(session, &row).await?;
                let entry = AuditEntry::new(who, "material.create", id.to_string()).after(rows::told(&row));
                audit::append(session, now, &entry).await?;
                Ok(TakenIn {
                    row,
                    is_new: true,
                    published_by: published.map(|(task, _)| task),
                })
            })
        })
        .await
    }

    /// The hashes of contents that other tasks have, or have published.
    pub async fn contents_taken(&self, task: i64) -> Result<Vec<String>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT hash FROM materials WHERE (reserved_by IS NOT NULL AND reserved_by <> $1) \
                     OR (used = 1 AND (used_by IS NULL OR used_by <> $1))",
                )
                .bind(task)
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| row.of("materials", "hash").text("hash"))
                    .collect()
            })
        })
        .await
    }

    /// Keeps with a task the files that were chosen for it elsewhere. `false`, and nothing is kept, where the library
    /// has given one of those that it is to have alone to another task meanwhile.
    pub async fn keep_files(&self, task: i64, files: Json, alone: Vec<String>) -> Result<bool, StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                attempts::held_task(session, task).await?;
                counters::hold(session, counters::MATERIAL).await?;
                for hash in &alone {
                    let taken = sql(
                        "SELECT COUNT(*) FROM materials WHERE hash = $1 AND reserved_by IS NOT NULL \
                         AND reserved_by <> $2",
                    )
                    .bind(hash)
                    .bind(task)
                    .number(session)
                    .await?;
                    if taken > 0 {
                        return Ok(false);
                    }
                }
                tasks::alter(session, task, TaskChange::new().materials(&files)).await?;
                Ok(true)
            })
        })
        .await
    }

    pub async fn material(&self, id: i64) -> Result<Option<MaterialRow>, StoreError> {
        self.read(move |session| Box::pin(async move { rows::find(session, id).await }))
            .await
    }

    /// Changes a material, on record. `change` sees it as it is within the transaction.
    pub async fn change_material<F>(&self, id: i64, change: F, who: &str) -> Result<MaterialRow, StoreError>
    where
        F: FnOnce(&mut MaterialRow) -> Result<(), StoreError> + Send + 'static,
    {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let before = held(session, id).await?.ok_or_else(|| missing(id))?;
                let mut after = before.clone();
                change(&mut after)?;
                if let Some(entry) = apply(session, now, &before, &mut after, &who).await? {
                    audit::append(session, now, &entry).await?;
                }
                Ok(after)
            })
        })
        .await
    }

    /// Takes a material out of the library, on record; answers what it was. A conflict where a task may need it. Its
    /// file is the caller's to delete then.
    pub async fn delete_material(&self, id: i64, who: &str) -> Result<MaterialRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let row = held(session, id).await?.ok_or_else(|| missing(id))?;
                refuse_reserved(&row, "be deleted")?;
                rows::delete(session, id).await?;
                let entry = AuditEntry::new(who, "material.delete", id.to_string()).before(rows::told(&row));
                audit::append(session, now, &entry).await?;
                Ok(row)
            })
        })
        .await
    }

    /// The hashes of all contents that have a row.
    pub async fn material_hashes(&self) -> Result<Vec<(String, bool)>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT hash, missing FROM materials ORDER BY hash")
                    .rows(session)
                    .await?;
                let read = |row: &super::row::Row| {
                    let row = row.of("materials", "hash");
                    Ok((row.text("hash")?, row.integer("missing")? != 0))
                };
                rows.iter().map(read).collect()
            })
        })
        .await
    }

    /// Notes of contents whether they are there.
    pub async fn note_missing(&self, hashes: Vec<String>, missing: bool) -> Result<(), StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                for hash in &hashes {
                    sql("UPDATE materials SET missing = $2 WHERE hash = $1")
                        .bind(hash)
                        .bind(i64::from(missing))
                        .execute(session)
                        .await?;
                }
                Ok(())
            })
        })
        .await
    }
}

/// A material, held as it is until the transaction ends.
async fn held(session: &mut Session, id: i64) -> Result<Option<MaterialRow>, StoreError> {
    let text = format!(
        "SELECT * FROM materials WHERE id = $1{}",
        dialect::for_update(session)
    );
    let row = made_sql(text).bind(id).row(session).await?;
    row.as_ref().map(MaterialRow::read).transpose()
}

/// Writes what has changed; answers what is to be put on record, nothing where nothing has.
async fn apply(
    session: &mut Session,
    now: Timestamp,
    before: &MaterialRow,
    after: &mut MaterialRow,
    who: &str,
) -> Result<Option<AuditEntry>, StoreError> {
    if after.used != before.used {
        refuse_reserved(before, "be marked as used or not used")?;
        after.used_at = after.used.then_some(now);
        after.used_by = None;
    }
    if after.is_same(before) {
        return Ok(None);
    }
    after.updated_at = now;
    rows::update(session, before, after).await?;
    let (was, is) = rows::difference(before, after);
    Ok(Some(
        AuditEntry::new(who, "material.change", before.id.to_string())
            .before(json!(was))
            .after(json!(is)),
    ))
}

fn refuse_reserved(row: &MaterialRow, what: &str) -> Result<(), StoreError> {
    match row.reserved_by {
        None => Ok(()),
        Some(task) => Err(StoreError::Conflict(format!(
            "the material {} is reserved by the task {task} and cannot {what} until that has ended",
            row.id
        ))),
    }
}

fn missing(id: i64) -> StoreError {
    StoreError::not_found("material", &id)
}

/// Of a new material: what is not given is empty.
impl NewMaterial {
    pub fn of(hash: &str, name: &str, kind: &str, size: u64) -> Self {
        Self {
            hash: hash.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            size,
            username: None::<Username>,
            caption: None,
            tags: Tags::default(),
            sort: None,
        }
    }
}
