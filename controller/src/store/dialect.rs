//! Everything in which SQLite and Postgres differ: how one connects, how a transaction begins, how the database tells
//! its time, what its errors mean. Tables and queries know nothing of it.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, Sql, made_sql, sql};

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// Between two tries to open a file that is busy.
const AGAIN: Duration = Duration::from_millis(20);
/// How long work waits for a connection.
const ACQUIRE: Duration = Duration::from_secs(5);
/// Rows that SQLite's thread reads ahead of who takes them: with few, the two wake each other all the time.
const ROWS_AHEAD: usize = 500;
/// In kilobytes, and therefore below zero: the indexes of a large import, which are written all over.
const WRITER_CACHE: &str = "-16384";
/// Connections of SQLite that read beside the writer.
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 12;

/// A process that stands still must not hold locks for ever, and a commit that was answered must be on the disk
/// whatever the server's default is.
const POSTGRES_SESSION: &str = "SET statement_timeout = '30s'; SET lock_timeout = '5s'; \
     SET idle_in_transaction_session_timeout = '30s'; SET synchronous_commit = on; SET TIME ZONE 'UTC'";

/// The options of every connection to a SQLite file.
fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .row_buffer_size(ROWS_AHEAD)
        .disable_statement_logging()
}

/// The connection that writes.
pub(super) async fn sqlite_writer(path: &Path) -> Result<SqliteConnection, StoreError> {
    let options = sqlite_options(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", WRITER_CACHE);
    let until = Instant::now() + BUSY;
    loop {
        // Where two open a new file at once, SQLite answers one of them at once that it is busy, whatever it may wait.
        match SqliteConnection::connect_with(&options).await.map_err(error) {
            Err(StoreError::Busy(_)) if Instant::now() < until => tokio::time::sleep(AGAIN).await,
            other => return other,
        }
    }
}

/// A database without a file, gone with its connection.
pub(super) async fn sqlite_memory() -> Result<SqliteConnection, StoreError> {
    let options = SqliteConnectOptions::new()
        .in_memory(true)
        .foreign_keys(true)
        .disable_statement_logging();
    SqliteConnection::connect_with(&options).await.map_err(error)
}

pub(super) fn sqlite_readers(path: &Path) -> SqlitePool {
    SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .acquire_timeout(ACQUIRE)
        .connect_lazy_with(sqlite_options(path).read_only(true))
}

/// One connection to a file that is not the farm's: a backup, written or checked.
pub(super) async fn sqlite_file(path: &Path, writable: bool) -> Result<Session, StoreError> {
    let options = sqlite_options(path)
        .read_only(!writable)
        .create_if_missing(writable)
        .synchronous(SqliteSynchronous::Full);
    let connection = SqliteConnection::connect_with(&options).await.map_err(error)?;
    Ok(Session::Sqlite(Box::new(connection)))
}

pub(super) async fn postgres(url: &str) -> Result<PgPool, StoreError> {
    let options = url
        .parse::<PgConnectOptions>()
        .map_err(|wrong| StoreError::failed("reading the address of the database", wrong))?
        .application_name("drover-controller")
        .disable_statement_logging();
    PgPoolOptions::new()
        .max_connections(POSTGRES_CONNECTIONS)
        .acquire_timeout(ACQUIRE)
        .after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(POSTGRES_SESSION)
                    .execute(connection)
                    .await
                    .map(drop)
            })
        })
        .connect_with(options)
        .await
        .map_err(error)
}

/// Begins a transaction that writes on SQLite; it takes the lock at once rather than in its middle.
pub(super) const SQLITE_BEGIN: &str = "BEGIN IMMEDIATE";
/// Begins a transaction in which all statements see the same rows.
pub(super) const SQLITE_SNAPSHOT: &str = "BEGIN DEFERRED";
pub(super) const POSTGRES_SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Asks the database for its time in milliseconds: two hosts on one database need not agree on theirs.
pub(super) fn database_time(session: &Session) -> Sql {
    if session.is_postgres() {
        sql("SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
    } else {
        sql("SELECT CAST((julianday('now') - 2440587.5) * 86400000.0 AS BIGINT)")
    }
}

/// Holds off every other process that would migrate at the same time, until the transaction ends.
pub(super) async fn lock_migrations(session: &mut Session) -> Result<(), StoreError> {
    // On SQLite the transaction itself is the lock.
    if session.is_postgres() {
        sql("SELECT pg_advisory_xact_lock(7306086967250312562)")
            .execute(session)
            .await?;
    }
    Ok(())
}

/// Reads the number of a role and keeps it as it is until the transaction ends.
pub(super) fn held_fence(session: &Session) -> Sql {
    // A transaction that writes is the only one on SQLite.
    if session.is_postgres() {
        sql("SELECT fence FROM fences WHERE role = $1 FOR SHARE")
    } else {
        sql("SELECT fence FROM fences WHERE role = $1")
    }
}

/// What a statement ends with that reads a row which the transaction is about to change: others wait for it.
pub(super) fn for_update(session: &Session) -> &'static str {
    // A transaction that writes is the only one on SQLite.
    if session.is_postgres() { " FOR UPDATE" } else { "" }
}

/// Whether there is a table of that name.
pub(super) async fn has_table(session: &mut Session, name: &str) -> Result<bool, StoreError> {
    let statement = if session.is_postgres() {
        sql("SELECT COUNT(*) FROM pg_catalog.pg_class WHERE oid = to_regclass($1)")
    } else {
        sql("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = $1")
    };
    Ok(statement.bind(name).number(session).await? > 0)
}

/// Makes tables. A number that is the key of a table is SQLite's own number of its row, if it is called INTEGER: there is
/// no index beside the table then.
pub(super) async fn define(session: &mut Session, tables: &'static str) -> Result<(), StoreError> {
    if session.is_postgres() {
        return session.batch(tables).await;
    }
    let tables = tables.replace("BIGINT NOT NULL PRIMARY KEY", "INTEGER NOT NULL PRIMARY KEY");
    session.batch(AssertSqlSafe(tables)).await
}

/// Reads a whole table a part at a time. Named after its table, for a statement's columns are remembered by its text. Only inside a transaction that sees the same rows all along.
pub(super) struct Cursor {
    table: String,
    columns: String,
    last: i64,
}

impl Cursor {
    pub(super) async fn open(
        session: &mut Session,
        table: &str,
        columns: &[&str],
    ) -> Result<Self, StoreError> {
        let columns = columns.join(", ");
        if session.is_postgres() {
            session
                .batch(AssertSqlSafe(format!(
                    "DECLARE carried_{table} NO SCROLL CURSOR FOR SELECT {columns} FROM {table}"
                )))
                .await?;
        }
        Ok(Self {
            table: table.to_owned(),
            columns,
            last: i64::MIN,
        })
    }

    /// The next rows, none at the end.
    pub(super) async fn next(&mut self, session: &mut Session, count: i64) -> Result<Vec<Row>, StoreError> {
        if session.is_postgres() {
            return made_sql(format!("FETCH {count} FROM carried_{}", self.table))
                .rows(session)
                .await;
        }
        let Self { table, columns, last } = self;
        let text = format!("SELECT {columns}, rowid FROM {table} WHERE rowid > $1 ORDER BY rowid LIMIT $2");
        let rows = made_sql(text).bind(*last).bind(count).rows(session).await?;
        if let Some(row) = rows.last() {
            self.last = row.value(row.width() - 1).map_err(error)?;
        }
        Ok(rows)
    }

    pub(super) async fn close(self, session: &mut Session) -> Result<(), StoreError> {
        if session.is_postgres() {
            session
                .batch(AssertSqlSafe(format!("CLOSE carried_{}", self.table)))
                .await?;
        }
        Ok(())
    }
}

/// What an error of the driver means to us.
pub(super) fn error(error: sqlx::Error) -> StoreError {
    use sqlx::Error as E;
    match &error {
        E::Database(said) if said.is_unique_violation() => {
            StoreError::Conflict("it exists already".to_owned())
        }
        E::Database(said) if said.is_foreign_key_violation() => {
            StoreError::Conflict("it belongs to something that is not there".to_owned())
        }
        E::Database(said) => {
            let code = said.code().unwrap_or_default().into_owned();
            let message = said.message().to_owned();
            match code.parse::<i32>() {
                Ok(number) if code.len() < 5 => sqlite_error(number & 0xff, message, error),
                _ => postgres_error(&code, error),
            }
        }
        E::PoolClosed => StoreError::Closed,
        E::Io(_) | E::Tls(_) | E::WorkerCrashed | E::Protocol(_) => StoreError::Away(error.into()),
        E::PoolTimedOut => StoreError::Busy(error.into()),
        _ => StoreError::failed("asking the database", error),
    }
}

/// By the primary result code of SQLite.
fn sqlite_error(code: i32, message: String, error: sqlx::Error) -> StoreError {
    match code {
        // BUSY, LOCKED
        5 | 6 => StoreError::Busy(error.into()),
        // CORRUPT, NOTADB
        11 | 26 => StoreError::Damaged { message },
        // FULL
        13 => StoreError::Full(error.into()),
        // PERM, READONLY, IOERR, CANTOPEN
        3 | 8 | 10 | 14 => StoreError::Away(error.into()),
        _ => StoreError::failed("asking the database", error),
    }
}

/// By the SQLSTATE of Postgres.
fn postgres_error(code: &str, error: sqlx::Error) -> StoreError {
    match code {
        // serialization_failure, deadlock_detected, lock_not_available, query_canceled, too_many_connections
        "40001" | "40P01" | "55P03" | "57014" | "53300" => StoreError::Busy(error.into()),
        // disk_full
        "53100" => StoreError::Full(error.into()),
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => StoreError::Damaged {
            message: error.to_string(),
        },
        // connection exceptions, insufficient resources, operator intervention, system errors
        _ if ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            StoreError::Away(error.into())
        }
        _ => StoreError::failed("asking the database", error),
    }
}
