//! Tasks as lists show them: filtered, sorted, a page at a time, with an exact total that is not counted where it need
//! not be.

use jiff::Timestamp;
use shared::task::TaskStatus;

use super::rows::{TaskRow, TaskSource};
use crate::store::error::StoreError;
use crate::store::listing::{Condition, order};
use crate::store::many::{KEYS_AT_ONCE, places};
use crate::store::row::Row;
use crate::store::session::{Session, Value, made_sql};
use crate::store::{Listed, Page, Store};

/// Which tasks are wanted; what is empty or absent wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    pub statuses: Vec<TaskStatus>,
    pub serials: Vec<String>,
    pub scripts: Vec<String>,
    pub platform: Option<String>,
    pub source: Option<TaskSource>,
    /// Folded.
    pub usernames: Vec<String>,
    pub created_after: Option<Timestamp>,
    /// Of this schedule.
    pub schedule: Option<i64>,
    pub sort: TaskSort,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaskSort {
    pub key: TaskSortKey,
    pub descending: bool,
}

/// Newest first.
impl Default for TaskSort {
    fn default() -> Self {
        Self {
            key: TaskSortKey::Id,
            descending: true,
        }
    }
}

/// By what a list is sorted. What has no value comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskSortKey {
    Id,
    CreatedAt,
    StartTime,
    StartedAt,
    FinishedAt,
}

impl TaskSortKey {
    pub const ALL: [Self; 5] = [
        Self::Id,
        Self::CreatedAt,
        Self::StartTime,
        Self::StartedAt,
        Self::FinishedAt,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::CreatedAt => "created_at",
            Self::StartTime => "start_time",
            Self::StartedAt => "started_at",
            Self::FinishedAt => "finished_at",
        }
    }

    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::CreatedAt => "created_at",
            Self::StartTime => "due_at",
            Self::StartedAt => "started_at",
            Self::FinishedAt => "ended_at",
        }
    }
}

impl TaskSort {
    fn sql(self) -> String {
        order(self.key.column(), self.descending)
    }
}

/// A task as it is shown: with its phone's index and the name that its account has now.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedTask {
    pub row: TaskRow,
    /// `None` where the phone was never seen.
    pub device_index: Option<u32>,
    /// As the account is called now, or was when it was deleted.
    pub username: Option<String>,
}

impl Store {
    pub async fn list_tasks(&self, query: TaskQuery, page: Page) -> Result<Listed<ListedTask>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let total = total(session, &query).await?.unsigned_abs();
                // Beyond the last one, a filter that fits nothing would look through all of them.
                if page.offset().unsigned_abs() >= total {
                    let rows = Vec::new();
                    return Ok(Listed { rows, total });
                }
                let Condition { text, values } = condition(&query);
                let (limit, offset) = (values.len() + 1, values.len() + 2);
                let order = query.sort.sql();
                let ids = made_sql(format!(
                    "SELECT id FROM tasks{text} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}"
                ))
                .bind_all(values)
                .bind(page.size)
                .bind(page.offset())
                .rows(session)
                .await?;
                let ids: Vec<i64> = ids
                    .iter()
                    .map(|row| row.of("tasks", "id").integer("id"))
                    .collect::<Result<_, _>>()?;
                Ok(Listed {
                    rows: shown(session, &ids).await?,
                    total,
                })
            })
        })
        .await
    }

    /// The next tasks in order of their ids: to read all of them a part at a time.
    pub async fn tasks_after(&self, after: i64, count: u32) -> Result<Vec<TaskRow>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let rows = made_sql("SELECT * FROM tasks WHERE id > $1 ORDER BY id LIMIT $2".to_owned())
                    .bind(after)
                    .bind(count)
                    .rows(session)
                    .await?;
                rows.iter().map(TaskRow::read).collect()
            })
        })
        .await
    }
}

async fn total(session: &mut Session, query: &TaskQuery) -> Result<i64, StoreError> {
    let Condition { text, values } = condition(query);
    let counted = if query.usernames.is_empty() && query.created_after.is_none() && query.schedule.is_none() {
        "SELECT CAST(COALESCE(SUM(number), 0) AS BIGINT) FROM task_counts"
    } else {
        "SELECT COUNT(*) FROM tasks"
    };
    made_sql(format!("{counted}{text}"))
        .bind_all(values)
        .number(session)
        .await
}

fn condition(query: &TaskQuery) -> Condition {
    let mut condition = Condition::default();
    condition.any(
        "status",
        query.statuses.iter().map(|status| status.number().into()),
    );
    condition.any("serial", query.serials.iter().map(Value::from));
    condition.any("script", query.scripts.iter().map(Value::from));
    condition.any("platform", query.platform.iter().map(Value::from));
    condition.any("source", query.source.map(|source| source.as_str().into()));
    condition.any("username_folded", query.usernames.iter().map(Value::from));
    condition.any("schedule_id", query.schedule.map(Value::from));
    if let Some(after) = query.created_after {
        condition.and("created_at > {}", [after.into()]);
    }
    condition
}

/// A task as it is shown, from here on.
const SHOWN: &str = "SELECT t.*, d.device_index, a.username AS username_now FROM tasks t \
     LEFT JOIN devices d ON d.serial = t.serial LEFT JOIN accounts a ON a.id = t.account_id WHERE ";

impl ListedTask {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let read = row.of("tasks", "id");
        let index = read.optional_integer("device_index")?;
        let task = TaskRow::read(row)?;
        let then = task.username.as_ref().map(|name| name.as_str().to_owned());
        Ok(Self {
            device_index: index
                .map(|index| u32::try_from(index).map_err(|source| read.corrupt("device_index", source)))
                .transpose()?,
            username: read.optional_text("username_now")?.or(then),
            row: task,
        })
    }
}

/// The tasks of these ids, in this order.
async fn shown(session: &mut Session, ids: &[i64]) -> Result<Vec<ListedTask>, StoreError> {
    let mut found = std::collections::BTreeMap::new();
    for ids in ids.chunks(KEYS_AT_ONCE) {
        let rows = made_sql(format!("{SHOWN} t.id IN ({})", places(1, ids.len())))
            .bind_all(ids.iter().map(|id| Value::from(*id)))
            .rows(session)
            .await?;
        for row in &rows {
            let task = ListedTask::read(row)?;
            found.insert(task.row.id, task);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

pub(super) async fn one(session: &mut Session, id: i64) -> Result<Option<ListedTask>, StoreError> {
    Ok(shown(session, &[id]).await?.pop())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_numbers_its_values_through() {
        let query = TaskQuery {
            statuses: vec![TaskStatus::Pending, TaskStatus::Running],
            platform: Some("tiktok".to_owned()),
            created_after: Some(Timestamp::UNIX_EPOCH),
            ..TaskQuery::default()
        };
        let made = condition(&query);
        assert_eq!(
            made.text,
            " WHERE status IN ($1, $2) AND platform = $3 AND created_at > $4"
        );
        assert_eq!(made.values.len(), 4);
        assert_eq!(condition(&TaskQuery::default()).text, "");
    }
}
