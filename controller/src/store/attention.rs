//! What waits for a person: items stay when their task is deleted.

use jiff::Timestamp;
use shared::task::TaskState;
use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::tasks::{TaskChange, TaskRow, turn};
use super::{AuditEntry, Listed, Page, Store, attempts, audit, counters, grants};

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
}

/// The same as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttentionRow {
    pub id: i64,
    pub item: NewAttention,
    pub created_at: Timestamp,
    pub resolved_at: Option<Timestamp>,
    pub resolution: Option<String>,
    pub resolved_by: Option<String>,
}

/// What a person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    /// The act was done, by whomever.
    Done,
    /// It was not: it may be done.
    NotDone,
    /// What kept the task is out of the way: it begins again.
    Resume,
    /// The task is given up.
    Abandon,
}

impl Resolution {
    pub const ALL: [Self; 4] = [Self::Done, Self::NotDone, Self::Resume, Self::Abandon];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Resume => "resume",
            Self::Abandon => "abandon",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|resolution| resolution.as_str() == name)
    }
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
            },
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
    ) -> Result<Listed<AttentionRow>, StoreError> {
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
                Ok(Listed {
                    rows: rows.iter().map(AttentionRow::read).collect::<Result<_, _>>()?,
                    total,
                })
            })
        })
        .await
    }

    pub async fn attention_item(&self, id: i64) -> Result<Option<AttentionRow>, StoreError> {
        self.read(move |session| Box::pin(async move { find(session, id).await }))
            .await
    }

    /// A person has decided, on record. Answers the item, and its task where that has moved on with it.
    pub async fn resolve_attention(
        &self,
        id: i64,
        resolution: Resolution,
        who: &str,
    ) -> Result<(AttentionRow, Option<TaskRow>), StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let item = find(session, id).await?;
                let item = item.ok_or_else(|| StoreError::not_found("attention item", &id))?;
                let task = match item.item.task {
                    Some(task) => attempts::held_task(session, task).await?,
                    None => None,
                };
                let resolved = sql(
                    "UPDATE attention SET resolved_at = $2, resolution = $3, resolved_by = $4 \
                     WHERE id = $1 AND resolved_at IS NULL",
                )
                .bind(id)
                .bind(now)
                .bind(resolution.as_str())
                .bind(&who)
                .execute(session)
                .await?;
                if resolved == 0 {
                    return Err(StoreError::Conflict(format!(
                        "the attention item {id} is resolved already"
                    )));
                }
                if let Some(grant) = item.item.grant {
                    match resolution {
                        Resolution::Done => {
                            grants::by_person(session, now, grant, true, &who).await?;
                        }
                        Resolution::NotDone => {
                            grants::by_person(session, now, grant, false, &who).await?;
                        }
                        Resolution::Resume | Resolution::Abandon => {}
                    }
                }
                let task = follow(session, now, task, resolution, &who).await?;
                let entry = AuditEntry::new(who, "attention.resolve", id.to_string())
                    .after(serde_json::json!({"resolution": resolution.as_str(), "task": item.item.task}));
                audit::append(session, now, &entry).await?;
                let item = find(session, id).await?;
                let item = item.ok_or_else(|| StoreError::not_found("attention item", &id))?;
                Ok((item, task))
            })
        })
        .await
    }
}

/// Where the item's task goes.
async fn follow(
    session: &mut Session,
    now: Timestamp,
    task: Option<TaskRow>,
    resolution: Resolution,
    who: &str,
) -> Result<Option<TaskRow>, StoreError> {
    let Some(task) = task.filter(|task| task.state == TaskState::Person) else {
        return Ok(None);
    };
    let change = TaskChange::new().attempt(None);
    let (to, change) = match resolution {
        Resolution::Done => (
            TaskState::Completed,
            change.proof(&serde_json::json!({"by": who})),
        ),
        Resolution::NotDone | Resolution::Resume => {
            (TaskState::Waiting, change.due_at(now).waiting_for(None))
        }
        Resolution::Abandon => (
            TaskState::Failed,
            change.error("abandoned", &format!("given up by {who}")),
        ),
    };
    turn(session, now, task.id, task.state, to, change).await
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
        "INSERT INTO attention (id, task_id, grant_id, account_id, serial, kind, message, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(id)
    .bind(item.task)
    .bind(item.grant)
    .bind(item.account_id)
    .bind(item.serial.clone())
    .bind(&item.kind)
    .bind(&item.message)
    .bind(now)
    .execute(session)
    .await?;
    Ok(id)
}
