//! What waits for a person: items stay when their task is deleted.

mod hold;
mod resolve;

use jiff::Timestamp;
use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::tasks::{self, TaskRow};
use super::{GrantRow, Listed, Page, Store, counters, grants};

pub(super) use hold::held;
pub use resolve::{Resolution, Resolved, Verdict};

/// Something for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAttention {
    pub task: Option<i64>,
    pub grant: Option<Uuid>,
    pub account_id: Option<i64>,
    pub serial: Option<String>,
    /// "unknown", "captcha", "code", …
    pub kind: String,
    /// What happened, and what to do.
    pub message: String,
    /// Until when its phone is kept as it is, where its screen shows what a person has to deal with.
    pub held_until: Option<Timestamp>,
}

/// The same as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionRow {
    pub id: i64,
    pub item: NewAttention,
    pub created_at: Timestamp,
    /// Since when its phone works again although nobody came.
    pub freed_at: Option<Timestamp>,
    pub resolved_at: Option<Timestamp>,
    pub resolution: Option<String>,
    pub resolved_by: Option<String>,
}

/// An item with what it is about, as far as that is still there.
#[derive(Debug, Clone, PartialEq)]
pub struct ShownAttention {
    pub row: AttentionRow,
    pub task: Option<TaskRow>,
    pub grant: Option<GrantRow>,
}

impl AttentionRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("attention", "id");
        Ok(Self {
            id: row.integer("id")?,
            item: NewAttention {
                task: row.optional_integer("task_id")?,
                grant: row.optional_parsed("grant_id")?,
                account_id: row.optional_integer("account_id")?,
                serial: row.optional_text("serial")?,
                kind: row.text("kind")?,
                message: row.text("message")?,
                held_until: row.optional_time("held_until")?,
            },
            freed_at: row.optional_time("freed_at")?,
            created_at: row.time("created_at")?,
            resolved_at: row.optional_time("resolved_at")?,
            resolution: row.optional_text("resolution")?,
            resolved_by: row.optional_text("resolved_by")?,
        })
    }
}

impl Store {
    /// What waits for a person, or all that ever did; newest first.
    pub async fn list_attention(
        &self,
        waiting: bool,
        page: Page,
    ) -> Result<Listed<ShownAttention>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let (count, rows) = if waiting {
                    (
                        sql("SELECT COUNT(*) FROM attention WHERE resolved_at IS NULL"),
                        sql("SELECT * FROM attention WHERE resolved_at IS NULL ORDER BY id DESC LIMIT $1 OFFSET $2"),
                    )
                } else {
                    (
                        sql("SELECT COUNT(*) FROM attention"),
                        sql("SELECT * FROM attention ORDER BY id DESC LIMIT $1 OFFSET $2"),
                    )
                };
                let total = count.number(session).await?.unsigned_abs();
                let rows = rows.bind(page.size).bind(page.offset()).rows(session).await?;
                let rows = rows.iter().map(AttentionRow::read).collect::<Result<_, _>>()?;
                Ok(Listed {
                    rows: shown(session, rows).await?,
                    total,
                })
            })
        })
        .await
    }

    pub async fn attention_item(&self, id: i64) -> Result<Option<ShownAttention>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let row = find(session, id).await?;
                Ok(shown(session, row.into_iter().collect()).await?.pop())
            })
        })
        .await
    }

    /// What waits for a person of one task, oldest first.
    pub async fn attention_of(&self, task: i64) -> Result<Vec<AttentionRow>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows =
                    sql("SELECT * FROM attention WHERE task_id = $1 AND resolved_at IS NULL ORDER BY id")
                        .bind(task)
                        .rows(session)
                        .await?;
                rows.iter().map(AttentionRow::read).collect()
            })
        })
        .await
    }
}

async fn shown(session: &mut Session, rows: Vec<AttentionRow>) -> Result<Vec<ShownAttention>, StoreError> {
    let mut ids: Vec<i64> = rows.iter().filter_map(|row| row.item.task).collect();
    ids.sort_unstable();
    ids.dedup();
    let tasks = tasks::find_many(session, &ids).await?;
    let ids: Vec<Uuid> = rows.iter().filter_map(|row| row.item.grant).collect();
    let grants = grants::find_many(session, &ids).await?;
    let with = |row: AttentionRow| ShownAttention {
        task: tasks.iter().find(|task| Some(task.id) == row.item.task).cloned(),
        grant: grants
            .iter()
            .find(|grant| Some(grant.id) == row.item.grant)
            .cloned(),
        row,
    };
    Ok(rows.into_iter().map(with).collect())
}

async fn find(session: &mut Session, id: i64) -> Result<Option<AttentionRow>, StoreError> {
    let row = sql("SELECT * FROM attention WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(AttentionRow::read).transpose()
}

/// Asks for a person. The same that waits already is not asked for twice.
pub(super) async fn add(
    session: &mut Session,
    now: Timestamp,
    item: &NewAttention,
) -> Result<i64, StoreError> {
    let same = sql(
        "SELECT id FROM attention WHERE task_id = $1 AND kind = $2 AND resolved_at IS NULL \
         AND COALESCE(grant_id, '') = $3 LIMIT 1",
    )
    .bind(item.task)
    .bind(&item.kind)
    .bind(item.grant.map(|grant| grant.to_string()).unwrap_or_default())
    .row(session)
    .await?;
    if let Some(same) = same {
        return same.of("attention", "id").integer("id");
    }
    let id = counters::take(session, counters::ATTENTION, 1).await?;
    sql(
        "INSERT INTO attention (id, task_id, grant_id, account_id, serial, kind, message, created_at, held_until) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(id)
    .bind(item.task)
    .bind(item.grant)
    .bind(item.account_id)
    .bind(item.serial.clone())
    .bind(&item.kind)
    .bind(&item.message)
    .bind(now)
    .bind(item.held_until)
    .execute(session)
    .await?;
    Ok(id)
}
