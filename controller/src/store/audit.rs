//! Who changed what, and how it was before: written in the same transaction as the change.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{Listed, Page, Store, counters};

/// A change to be put on record. Secrets do not belong here.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// The token, the person or the program: "token ci (3)", "console", "command line".
    pub who: String,
    /// What was done: "device.change".
    pub what: String,
    /// To what: a serial, an id, a setting's name.
    pub subject: String,
    pub before: Option<Json>,
    pub after: Option<Json>,
}

impl AuditEntry {
    pub fn new(who: impl Into<String>, what: impl Into<String>, subject: impl Into<String>) -> Self {
        Self {
            who: who.into(),
            what: what.into(),
            subject: subject.into(),
            before: None,
            after: None,
        }
    }

    #[must_use]
    pub fn before(mut self, before: Json) -> Self {
        self.before = Some(before);
        self
    }

    #[must_use]
    pub fn after(mut self, after: Json) -> Self {
        self.after = Some(after);
        self
    }
}

/// Only what differs: as it was, and as it is.
pub(super) fn difference(
    mut was: Map<String, Json>,
    mut is: Map<String, Json>,
) -> (Map<String, Json>, Map<String, Json>) {
    let same: Vec<String> = was
        .iter()
        .filter(|(name, value)| is.get(*name) == Some(value))
        .map(|(name, _)| name.clone())
        .collect();
    for name in same {
        was.remove(&name);
        is.remove(&name);
    }
    (was, is)
}

/// A change on record.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditRow {
    pub id: i64,
    pub at: Timestamp,
    pub entry: AuditEntry,
}

impl AuditRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("audit", "id");
        Ok(Self {
            id: row.integer("id")?,
            at: row.time("at")?,
            entry: AuditEntry {
                who: row.text("who")?,
                what: row.text("what")?,
                subject: row.text("subject")?,
                before: row.optional_json("before_json")?,
                after: row.optional_json("after_json")?,
            },
        })
    }
}

impl Store {
    /// Puts on record what changed outside the database.
    pub async fn append_audit(&self, entry: AuditEntry) -> Result<i64, StoreError> {
        let now = self.now();
        self.write(move |session| Box::pin(async move { append(session, now, &entry).await }))
            .await
    }

    /// Newest first.
    pub async fn list_audit(&self, page: Page) -> Result<Listed<AuditRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let total = sql("SELECT COUNT(*) FROM audit").number(session).await?;
                let rows = sql("SELECT * FROM audit ORDER BY id DESC LIMIT $1 OFFSET $2")
                    .bind(page.size)
                    .bind(page.offset())
                    .rows(session)
                    .await?;
                Ok(Listed {
                    rows: rows.iter().map(AuditRow::read).collect::<Result<_, _>>()?,
                    total: total.unsigned_abs(),
                })
            })
        })
        .await
    }
}

/// Puts changes on record, in their order.
pub(crate) async fn append_all(
    session: &mut Session,
    now: Timestamp,
    entries: &[AuditEntry],
) -> Result<(), StoreError> {
    let first = counters::take(session, counters::AUDIT, entries.len() as u32).await?;
    for (id, entry) in (first..).zip(entries) {
        insert(session, id, now, entry).await?;
    }
    Ok(())
}

/// Puts a change on record in the transaction that makes it.
pub(crate) async fn append(
    session: &mut Session,
    now: Timestamp,
    entry: &AuditEntry,
) -> Result<i64, StoreError> {
    let id = counters::take(session, counters::AUDIT, 1).await?;
    insert(session, id, now, entry).await?;
    Ok(id)
}

async fn insert(
    session: &mut Session,
    id: i64,
    now: Timestamp,
    entry: &AuditEntry,
) -> Result<(), StoreError> {
    sql("INSERT INTO audit (id, at, who, what, subject, before_json, after_json) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(id)
        .bind(now)
        .bind(&entry.who)
        .bind(&entry.what)
        .bind(&entry.subject)
        .bind(entry.before.as_ref().map(Json::to_string))
        .bind(entry.after.as_ref().map(Json::to_string))
        .execute(session)
        .await
        .map(drop)
}
