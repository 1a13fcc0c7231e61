//! The hosts' journals, and up to which history each has told all that is in it. Nothing is granted to a host, or for an
//! account whose phone is at a host, whose journals have not told.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::json;
use shared::wire::work::Standing;
use uuid::Uuid;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, sql};
use super::{AuditEntry, Store, audit, counters};

/// The first history.
const FIRST: i64 = 1;
/// So far ahead ids skip when the database was taken back: what was created since and is forgotten keeps its numbers.
const SKIP: i64 = 1_000_000;

/// A journal as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalRow {
    pub identity: String,
    pub host: Uuid,
    pub highest: i64,
    pub replayed_epoch: i64,
    pub seen_at: Timestamp,
}

/// What a host's standing means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stood {
    pub epoch: i64,
    /// Its journal has to tell all that is in it.
    pub replay: bool,
    /// Its journal knows of more grants than the database: the database went back.
    pub went_back: bool,
}

impl JournalRow {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("journals", "identity");
        Ok(Self {
            identity: row.text("identity")?,
            host: row.parsed("host_id")?,
            highest: row.integer("highest")?,
            replayed_epoch: row.integer("replayed_epoch")?,
            seen_at: row.time("seen_at")?,
        })
    }
}

impl Store {
    /// The history that is being written: it goes up whenever the database was taken back.
    pub async fn epoch(&self) -> Result<i64, StoreError> {
        self.read(|session| Box::pin(async move { epoch(session).await }))
            .await
    }

    /// Hears where a host stands. A database that knows of fewer grants than a journal begins a new history.
    pub async fn hear_standing(&self, host: Uuid, standing: &Standing) -> Result<Stood, StoreError> {
        let (journal, now) = (standing.journal.clone(), self.now());
        let highest = i64::try_from(standing.highest).unwrap_or(i64::MAX - SKIP);
        self.write(move |session| {
            Box::pin(async move {
                let given = counters::hold(session, counters::GRANT).await?;
                let went_back = highest > given;
                if went_back {
                    begin_after(session, Place { grant: highest, ..Place::default() }).await?;
                    let entry = AuditEntry::new("controller", "restore.noticed", host.to_string())
                        .after(json!({"journal_knows": highest, "database_knew": given}));
                    audit::append(session, now, &entry).await?;
                }
                let epoch = epoch(session).await?;
                let known = find(session, &journal).await?;
                let told = known.as_ref().map_or(0, |known| known.replayed_epoch);
                // What holds nothing has nothing to tell.
                let replay = told < epoch && highest > 0;
                let told = if replay { told } else { epoch };
                sql(
                    "INSERT INTO journals (identity, host_id, highest, replayed_epoch, seen_at) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (identity) DO UPDATE SET host_id = excluded.host_id, \
                     highest = excluded.highest, replayed_epoch = excluded.replayed_epoch, seen_at = excluded.seen_at",
                )
                .bind(&journal)
                .bind(host)
                .bind(highest)
                .bind(told)
                .bind(now)
                .execute(session)
                .await?;
                Ok(Stood {
                    epoch,
                    replay,
                    went_back,
                })
            })
        })
        .await
    }

    /// A journal has told all that is in it.
    pub async fn journal_told(&self, journal: &str, epoch: i64) -> Result<(), StoreError> {
        let journal = journal.to_owned();
        self.write(move |session| {
            Box::pin(async move {
                sql("UPDATE journals SET replayed_epoch = $2 WHERE identity = $1 AND replayed_epoch < $2")
                    .bind(journal)
                    .bind(epoch)
                    .execute(session)
                    .await
                    .map(drop)
            })
        })
        .await
    }

    pub async fn journals(&self) -> Result<Vec<JournalRow>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT * FROM journals ORDER BY identity")
                    .rows(session)
                    .await?;
                rows.iter().map(JournalRow::read).collect()
            })
        })
        .await
    }

    /// The hosts that have to tell what they did before anything is granted to them.
    pub async fn untold_hosts(&self) -> Result<BTreeSet<Uuid>, StoreError> {
        self.snapshot(|session| Box::pin(async move { untold(session).await }))
            .await
    }

    /// Goes on without what a host's journals would have told, on record: its acts since may be done again.
    pub async fn accept_host(&self, host: Uuid, who: &str) -> Result<(), StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let epoch = epoch(session).await?;
                sql("UPDATE journals SET replayed_epoch = $2 WHERE host_id = $1 AND replayed_epoch < $2")
                    .bind(host)
                    .bind(epoch)
                    .execute(session)
                    .await?;
                // Stands for the journals that the database has never heard of.
                sql(
                    "INSERT INTO journals (identity, host_id, highest, replayed_epoch, seen_at) \
                     VALUES ($1, $2, 0, $3, $4) ON CONFLICT (identity) DO UPDATE SET replayed_epoch = excluded.replayed_epoch",
                )
                .bind(format!("accepted-{host}"))
                .bind(host)
                .bind(epoch)
                .bind(now)
                .execute(session)
                .await?;
                let entry =
                    AuditEntry::new(who, "restore.accept", host.to_string()).after(json!({"epoch": epoch}));
                audit::append(session, now, &entry).await.map(drop)
            })
        })
        .await
    }
}

pub(super) async fn epoch(session: &mut Session) -> Result<i64, StoreError> {
    let row = sql("SELECT name, value FROM counters WHERE name = $1")
        .bind(counters::EPOCH)
        .row(session)
        .await?;
    let value = row.map(|row| row.of("counters", "name").integer("value"));
    Ok(value.transpose()?.unwrap_or(FIRST).max(FIRST))
}

/// How far a history has come.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    epoch: i64,
    grant: i64,
    task: i64,
    attention: i64,
}

pub(super) async fn place(session: &mut Session) -> Result<Place, StoreError> {
    Ok(Place {
        epoch: epoch(session).await?,
        grant: counters::hold(session, counters::GRANT).await?,
        task: counters::hold(session, counters::TASK).await?,
        attention: counters::hold(session, counters::ATTENTION).await?,
    })
}

/// A new history begins, behind this one and another: what was given out in either is not given out again.
pub(super) async fn begin_after(session: &mut Session, other: Place) -> Result<(), StoreError> {
    let own = place(session).await?;
    for (counter, to) in [
        (counters::EPOCH, own.epoch.max(other.epoch) + 1),
        (counters::GRANT, own.grant.max(other.grant) + SKIP),
        (counters::TASK, own.task.max(other.task) + SKIP),
        (counters::ATTENTION, own.attention.max(other.attention) + SKIP),
    ] {
        counters::hold(session, counter).await?;
        counters::advance(session, counter, to).await?;
    }
    Ok(())
}

async fn find(session: &mut Session, identity: &str) -> Result<Option<JournalRow>, StoreError> {
    let row = sql("SELECT * FROM journals WHERE identity = $1")
        .bind(identity)
        .row(session)
        .await?;
    row.as_ref().map(JournalRow::read).transpose()
}

pub(super) async fn untold(session: &mut Session) -> Result<BTreeSet<Uuid>, StoreError> {
    let epoch = epoch(session).await?;
    let mut untold = BTreeSet::new();
    let rows = sql("SELECT DISTINCT host_id FROM journals WHERE replayed_epoch < $1")
        .bind(epoch)
        .rows(session)
        .await?;
    for row in &rows {
        untold.insert(row.of("journals", "host_id").parsed("host_id")?);
    }
    if epoch > FIRST {
        // Of a host that was never heard of in this history nobody knows what it has done.
        let rows = sql("SELECT id FROM hosts WHERE revoked_at IS NULL \
             AND NOT EXISTS (SELECT 1 FROM journals WHERE journals.host_id = hosts.id)")
        .rows(session)
        .await?;
        for row in &rows {
            untold.insert(row.of("hosts", "id").parsed("id")?);
        }
    }
    Ok(untold)
}

async fn has_told(session: &mut Session, host: Uuid, epoch: i64) -> Result<bool, StoreError> {
    let counts = |row: &Row| {
        let row = row.of("journals", "told");
        Ok::<_, StoreError>((row.integer("told")?, row.integer("untold")?))
    };
    let row = sql(
        "SELECT CAST(COALESCE(SUM(CASE WHEN replayed_epoch >= $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS told, \
         CAST(COALESCE(SUM(CASE WHEN replayed_epoch < $2 THEN 1 ELSE 0 END), 0) AS BIGINT) AS untold \
         FROM journals WHERE host_id = $1",
    )
    .bind(host)
    .bind(epoch)
    .row(session)
    .await?;
    let (told, untold) = row.as_ref().map(counts).transpose()?.unwrap_or_default();
    Ok(untold == 0 && (told > 0 || epoch == FIRST))
}

/// Why nothing is granted yet: the host, or the one that has the account's phone, has not told what it did.
pub(super) async fn recovering(
    session: &mut Session,
    host: Uuid,
    account: Option<i64>,
) -> Result<Option<String>, StoreError> {
    let epoch = epoch(session).await?;
    if !has_told(session, host, epoch).await? {
        return Ok(Some(
            "recovering: this host's journal is still being read".to_owned(),
        ));
    }
    let (Some(account), true) = (account, epoch > FIRST) else {
        return Ok(None);
    };
    let row = sql(
        "SELECT h.id, h.name FROM accounts a JOIN devices d ON d.serial = a.device \
         JOIN hosts h ON h.id = d.host_id WHERE a.id = $1 AND h.revoked_at IS NULL",
    )
    .bind(account)
    .row(session)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let row = row.of("hosts", "id");
    let other: Uuid = row.parsed("id")?;
    if other == host || has_told(session, other, epoch).await? {
        return Ok(None);
    }
    Ok(Some(format!(
        "recovering: the host {} has not told what it did; if it does not come back: drover-controller restore accept --host {other}",
        row.text("name")?
    )))
}
