//! Leave for lasting acts: given at most once for each act, and known until it is known what came of it.
//!
//! `claims` names the act for as long as nobody else may do it; the database itself refuses a second row that names the
//! same.

mod ask;
mod replay;
mod settle;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value as Json;
use shared::account::Caps;
use shared::device::Serial;
use shared::task::GrantState;
use shared::wire::work::CommitKind;
use uuid::Uuid;

use super::error::StoreError;
use super::many::{KEYS_AT_ONCE, places};
use super::row::Row;
use super::session::{Session, Value, made_sql, sql};
use super::tasks::TaskRow;
use super::{Store, accounts, dialect};

pub use ask::{Asked, GrantRules};
pub use settle::Settled;
pub(super) use settle::by_person;

/// Leave that was given.
#[derive(Debug, Clone, PartialEq)]
pub struct GrantRow {
    pub id: Uuid,
    /// Counts up over the whole farm.
    pub number: i64,
    pub task: i64,
    pub attempt: Uuid,
    pub account_id: Option<i64>,
    pub serial: Serial,
    pub platform: String,
    /// The task's script.
    pub action: String,
    pub commit: String,
    pub kind: CommitKind,
    pub key: String,
    pub host: Uuid,
    /// Whose intents it stands in.
    pub journal: String,
    pub evidence: Json,
    pub state: GrantState,
    pub why: Option<String>,
    pub proof: Option<Json>,
    pub granted_at: Timestamp,
    pub settled_at: Option<Timestamp>,
}

impl GrantRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("grants", "id");
        let (state, kind) = (row.text("state")?, row.text("kind")?);
        Ok(Self {
            id: row.parsed("id")?,
            number: row.integer("number")?,
            task: row.integer("task_id")?,
            attempt: row.parsed("attempt")?,
            account_id: row.optional_integer("account_id")?,
            serial: Serial(row.text("serial")?),
            platform: row.text("platform")?,
            action: row.text("action")?,
            commit: row.text("commit_name")?,
            kind: kind_named(&kind).ok_or_else(|| row.corrupt("kind", format!("{kind:?} is none")))?,
            key: row.text("act_key")?,
            host: row.parsed("host_id")?,
            journal: row.text("journal")?,
            evidence: row.json("evidence_json")?,
            state: GrantState::named(&state)
                .ok_or_else(|| row.corrupt("state", format!("{state:?} is none")))?,
            why: row.optional_text("why")?,
            proof: row.optional_json("proof_json")?,
            granted_at: row.time("granted_at")?,
            settled_at: row.optional_time("settled_at")?,
        })
    }
}

fn kind_name(kind: CommitKind) -> &'static str {
    match kind {
        CommitKind::State => "state",
        CommitKind::Append => "append",
    }
}

fn kind_named(name: &str) -> Option<CommitKind> {
    [CommitKind::State, CommitKind::Append]
        .into_iter()
        .find(|kind| kind_name(*kind) == name)
}

/// The act's name for as long as it is claimed. The names of commits hold no line break.
fn claim(task: i64, commit: &str, key: &str) -> String {
    format!("{task}\n{commit}\n{key}")
}

impl Store {
    /// All that was ever given for a task, in order.
    pub async fn grants_of(&self, task: i64) -> Result<Vec<GrantRow>, StoreError> {
        self.read(move |session| Box::pin(async move { of_task(session, task).await }))
            .await
    }

    /// Those of which it is not known what came of them, in order.
    pub async fn unsettled_grants(&self, task: Option<i64>) -> Result<Vec<GrantRow>, StoreError> {
        const UNSETTLED: &str = "SELECT * FROM grants WHERE state IN ('open', 'unknown')";
        let statement = match task {
            None => made_sql(format!("{UNSETTLED} ORDER BY number")),
            Some(task) => made_sql(format!("{UNSETTLED} AND task_id = $1 ORDER BY number")).bind(task),
        };
        self.read(move |session| {
            Box::pin(async move {
                let rows = statement.rows(session).await?;
                rows.iter().map(GrantRow::read).collect()
            })
        })
        .await
    }

    /// How often accounts have done what on a day of the farm, as caps count it: by account, platform and action.
    pub async fn acts_of_day(&self, day: String) -> Result<BTreeMap<(i64, String, String), u64>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql(
                    "SELECT account_id, platform, action, COUNT(*) AS number FROM grants \
                     WHERE day = $1 AND state <> 'void' AND account_id IS NOT NULL \
                     GROUP BY account_id, platform, action",
                )
                .bind(day)
                .rows(session)
                .await?;
                let read = |row: &Row| {
                    let row = row.of("grants", "account_id");
                    let of = (
                        row.integer("account_id")?,
                        row.text("platform")?,
                        row.text("action")?,
                    );
                    Ok((of, row.number("number")?))
                };
                rows.iter().map(read).collect()
            })
        })
        .await
    }

    /// How many grants there are of which it is not known what came of them.
    pub async fn count_unsettled_grants(&self) -> Result<Vec<(GrantState, u64)>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT state, COUNT(*) AS number FROM grants WHERE state IN ('open', 'unknown') GROUP BY state")
                    .rows(session)
                    .await?;
                let mut counts = Vec::new();
                for row in &rows {
                    let row = row.of("grants", "state");
                    if let Some(state) = GrantState::named(&row.text("state")?) {
                        counts.push((state, row.integer("number")?.unsigned_abs()));
                    }
                }
                Ok(counts)
            })
        })
        .await
    }
}

pub(crate) async fn of_task(session: &mut Session, task: i64) -> Result<Vec<GrantRow>, StoreError> {
    let rows = sql("SELECT * FROM grants WHERE task_id = $1 ORDER BY number")
        .bind(task)
        .rows(session)
        .await?;
    rows.iter().map(GrantRow::read).collect()
}

/// Those of these ids that there are.
pub(super) async fn find_many(session: &mut Session, ids: &[Uuid]) -> Result<Vec<GrantRow>, StoreError> {
    let mut found = Vec::new();
    for ids in ids.chunks(KEYS_AT_ONCE) {
        let rows = made_sql(format!(
            "SELECT * FROM grants WHERE id IN ({})",
            places(1, ids.len())
        ))
        .bind_all(ids.iter().map(|id| Value::from(*id)))
        .rows(session)
        .await?;
        for row in &rows {
            found.push(GrantRow::read(row)?);
        }
    }
    Ok(found)
}

pub(super) async fn find(session: &mut Session, id: Uuid) -> Result<Option<GrantRow>, StoreError> {
    let row = sql("SELECT * FROM grants WHERE id = $1")
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(GrantRow::read).transpose()
}

/// What an account may do, held as it is until the transaction ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AccountStanding {
    pub(super) enabled: bool,
    pub(super) resting_until: Option<Timestamp>,
    /// The phone that it is bound to.
    pub(super) device: Option<String>,
    pub(super) logined: bool,
    /// Numbers a day of its own.
    pub(super) caps: Caps,
}

pub(super) async fn account_standing(
    session: &mut Session,
    account: i64,
) -> Result<Option<AccountStanding>, StoreError> {
    let text = format!(
        "SELECT id, status, resting_until, device, logined, caps_json FROM accounts WHERE id = $1{}",
        dialect::for_update(session)
    );
    let row = made_sql(text).bind(account).row(session).await?;
    row.map(|row| {
        let row = row.of("accounts", "id");
        Ok(AccountStanding {
            enabled: row.integer("status")? == 0,
            resting_until: row.optional_time("resting_until")?,
            device: row.optional_text("device")?,
            logined: row.integer("logined")? != 0,
            caps: accounts::caps(&row)?,
        })
    })
    .transpose()
}

/// The account rests until then, or longer where that was said before.
pub(super) async fn rest_account(
    session: &mut Session,
    account: i64,
    until: Timestamp,
) -> Result<(), StoreError> {
    sql("UPDATE accounts SET resting_until = $2 WHERE id = $1 AND (resting_until IS NULL OR resting_until < $2)")
        .bind(account)
        .bind(until)
        .execute(session)
        .await
        .map(drop)
}

/// Another task whose act holds this one's account, or its phone where no account is known.
pub(super) async fn held_by(session: &mut Session, task: &TaskRow) -> Result<Option<i64>, StoreError> {
    let holder = match task.account_id {
        Some(account) => sql("SELECT task_id FROM grants WHERE state IN ('open', 'unknown') \
             AND account_id = $1 AND task_id <> $2 LIMIT 1")
        .bind(account)
        .bind(task.id),
        None => sql("SELECT task_id FROM grants WHERE state IN ('open', 'unknown') \
             AND account_id IS NULL AND serial = $1 AND task_id <> $2 LIMIT 1")
        .bind(&task.serial.0)
        .bind(task.id),
    };
    let row = holder.row(session).await?;
    row.map(|row| row.of("grants", "task_id").integer("task_id"))
        .transpose()
}
