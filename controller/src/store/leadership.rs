//! One active controller on a database: a row that its holder renews and that another takes over once it is old, by the
//! database's own clock. A number that grows with each change of hands keeps a holder that was asleep from writing on.

mod process;
mod reign;

use std::fmt;
use std::time::Duration;

use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{Store, dialect, fence};
use process::Process;

pub use reign::Lead;

/// The role of the active controller.
pub(crate) const CONTROLLER: &str = "controller";

/// How the role is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// A role that was not renewed for so long may be taken over.
    pub length: Duration,
    pub renew_every: Duration,
    /// How often one who waits looks.
    pub look_every: Duration,
}

impl Default for Lease {
    fn default() -> Self {
        Self {
            length: Duration::from_secs(6),
            renew_every: Duration::from_secs(2),
            look_every: Duration::from_secs(1),
        }
    }
}

/// Who has the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub host: String,
    pub pid: u32,
    /// Since its last renewal.
    pub age: Duration,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, pid, age } = self;
        write!(
            f,
            "the process {pid} on {host}, which was there {:.1} s ago",
            age.as_secs_f64()
        )
    }
}

/// The row, and what the database's clock said when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LeaderRow {
    fence: i64,
    holder: Option<Uuid>,
    host: Option<String>,
    pid: Option<u32>,
    process: Option<String>,
    renewed_at: Option<i64>,
    lease_millis: Option<i64>,
}

impl LeaderRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("leadership", "role");
        Ok(Self {
            fence: row.integer("fence")?,
            holder: row.optional_parsed("holder")?,
            host: row.optional_text("host")?,
            pid: row
                .optional_integer("pid")?
                .map(|pid| u32::try_from(pid).map_err(|source| row.corrupt("pid", source)))
                .transpose()?,
            process: row.optional_text("process")?,
            renewed_at: row.optional_integer("renewed_at")?,
            lease_millis: row.optional_integer("lease_millis")?,
        })
    }

    /// Who has the role and has renewed it in time, or `None`. One that died on this machine does not count.
    fn live(&self, now: i64) -> Option<Holder> {
        self.holder?;
        let age = now.saturating_sub(self.renewed_at?);
        let old = age >= self.lease_millis?;
        if old || self.process.as_deref().is_some_and(process::is_gone) {
            return None;
        }
        Some(Holder {
            host: self.host.clone().unwrap_or_default(),
            pid: self.pid.unwrap_or_default(),
            age: Duration::from_millis(age.max(0).unsigned_abs()),
        })
    }
}

/// What came of asking for the role.
enum Asked {
    Given { fence: i64 },
    Held { row: LeaderRow, holder: Holder },
}

impl Store {
    /// Takes the role if nobody has it: `Err(InUse)` says who does. It is renewed until [`Lead::release`], or lost.
    pub async fn try_lead(&self, lease: Lease) -> Result<Lead, StoreError> {
        let asked_at = tokio::time::Instant::now();
        let id = Uuid::new_v4();
        match self.ask_for_role(id, lease, None).await? {
            Asked::Given { fence } => Ok(self.reign(id, fence, lease, asked_at)),
            Asked::Held { holder, .. } => Err(StoreError::InUse {
                holder: holder.to_string(),
            }),
        }
    }

    /// Waits for the role. `waiting` is told whenever another holder is seen for the first time.
    pub async fn lead(
        &self,
        lease: Lease,
        mut waiting: impl FnMut(&Holder) + Send,
    ) -> Result<Lead, StoreError> {
        let id = Uuid::new_v4();
        let mut seen: Option<(LeaderRow, tokio::time::Instant)> = None;
        loop {
            let asked_at = tokio::time::Instant::now();
            // A row that stood still for longer than its lease is nobody's, whatever became of the database's clock.
            let stale = seen
                .as_ref()
                .filter(|(_, since)| since.elapsed() >= lease.length * 2);
            let stale = stale.map(|(row, _)| row.clone());
            match self.ask_for_role(id, lease, stale).await {
                Ok(Asked::Given { fence }) => return Ok(self.reign(id, fence, lease, asked_at)),
                Ok(Asked::Held { row, holder }) => {
                    let before = seen.as_ref().map(|(row, _)| row);
                    if before.is_none_or(|before| before.fence != row.fence) {
                        waiting(&holder);
                    }
                    if before != Some(&row) {
                        seen = Some((row, asked_at));
                    }
                }
                // The database may be away for a while, or its disk full: a standby outlives that.
                Err(error) if error.is_passing() => {
                    tracing::warn!(error = %error, "the role could not be asked for");
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(lease.look_every).await;
        }
    }

    /// Who has the role and is alive.
    pub async fn leader(&self) -> Result<Option<Holder>, StoreError> {
        self.read(|session| Box::pin(live_holder(session))).await
    }

    /// `stale` is a row that may be taken over although it looks fresh.
    async fn ask_for_role(
        &self,
        id: Uuid,
        lease: Lease,
        stale: Option<LeaderRow>,
    ) -> Result<Asked, StoreError> {
        // Looking first: one who waits should not write.
        let looked = self.read(|session| Box::pin(look(session))).await?;
        if let Some((row, now)) = looked
            && let Some(holder) = row.live(now)
            && stale.as_ref() != Some(&row)
        {
            return Ok(Asked::Held { row, holder });
        }
        let process = Process::own();
        self.write_unfenced(move |session| {
            Box::pin(async move { take(session, id, &process, lease, stale).await })
        })
        .await
    }

    /// Answers whether the role is still the holder's.
    async fn renew_role(&self, id: Uuid, fence: i64) -> Result<bool, StoreError> {
        self.write_unfenced(move |session| {
            Box::pin(async move {
                let now = dialect::database_time(session).number(session).await?;
                let renewed = sql(
                    "UPDATE leadership SET renewed_at = $4 WHERE role = $1 AND holder = $2 AND fence = $3",
                )
                .bind(CONTROLLER)
                .bind(id)
                .bind(fence)
                .bind(now)
                .execute(session)
                .await?;
                Ok(renewed > 0)
            })
        })
        .await
    }

    async fn give_role_back(&self, id: Uuid, fence: i64) -> Result<(), StoreError> {
        self.write_unfenced(move |session| {
            Box::pin(async move {
                sql("UPDATE leadership SET holder = NULL WHERE role = $1 AND holder = $2 AND fence = $3")
                    .bind(CONTROLLER)
                    .bind(id)
                    .bind(fence)
                    .execute(session)
                    .await
                    .map(drop)
            })
        })
        .await
    }
}

async fn look(session: &mut Session) -> Result<Option<(LeaderRow, i64)>, StoreError> {
    let row = sql("SELECT * FROM leadership WHERE role = $1")
        .bind(CONTROLLER)
        .row(session)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let now = dialect::database_time(session).number(session).await?;
    Ok(Some((LeaderRow::read(&row)?, now)))
}

/// Who has the role and is alive; also on a database that has no such table yet.
pub(crate) async fn live_holder(session: &mut Session) -> Result<Option<Holder>, StoreError> {
    if !dialect::has_table(session, "leadership").await? {
        return Ok(None);
    }
    Ok(look(session).await?.and_then(|(row, now)| row.live(now)))
}

async fn take(
    session: &mut Session,
    id: Uuid,
    process: &Process,
    lease: Lease,
    stale: Option<LeaderRow>,
) -> Result<Asked, StoreError> {
    // Makes the row or holds it: of several who ask at once the others read what this one wrote.
    let row = sql("INSERT INTO leadership (role, fence) VALUES ($1, 0) \
         ON CONFLICT (role) DO UPDATE SET fence = leadership.fence RETURNING *")
    .bind(CONTROLLER)
    .row(session)
    .await?
    .ok_or_else(|| StoreError::not_found("role", &CONTROLLER))?;
    let row = LeaderRow::read(&row)?;
    let now = dialect::database_time(session).number(session).await?;
    if let Some(holder) = row.live(now)
        && stale.as_ref() != Some(&row)
    {
        return Ok(Asked::Held { row, holder });
    }
    let fence = fence::next(session, CONTROLLER).await?;
    sql(
        "UPDATE leadership SET fence = $8, holder = $2, host = $3, pid = $4, process = $5, renewed_at = $6, \
         lease_millis = $7 WHERE role = $1",
    )
    .bind(CONTROLLER)
    .bind(id)
    .bind(&process.host)
    .bind(process.pid)
    .bind(process.identity.clone())
    .bind(now)
    .bind(i64::try_from(lease.length.as_millis()).unwrap_or(i64::MAX))
    .bind(fence)
    .execute(session)
    .await?;
    Ok(Asked::Given { fence })
}
