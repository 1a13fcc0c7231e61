//! One conversation with the database: statements with values in, rows with typed columns out, the same for SQLite and
//! Postgres. The SQL is written once, with `$1` for values, for both.
//!
//! A statement that fails ends its transaction on Postgres: work must hand such an error on and not carry on after it.

use jiff::Timestamp;
use sqlx::Connection as _;
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, SqlSafeStr, SqlStr, Sqlite, SqliteConnection, Transaction,
};

use super::dialect;
use super::error::StoreError;
use super::row::Row;

/// A connection for as long as one piece of work needs it.
#[derive(Debug)]
pub(crate) enum Session {
    /// A connection of one's own: the writer's, or one for a single file.
    Sqlite(Box<SqliteConnection>),
    SqliteReader(PoolConnection<Sqlite>),
    SqliteSnapshot(Transaction<'static, Sqlite>),
    PostgresReader(PoolConnection<Postgres>),
    Postgres(Transaction<'static, Postgres>),
}

enum Target<'s> {
    Sqlite(&'s mut SqliteConnection),
    Postgres(&'s mut PgConnection),
}

impl Session {
    fn target(&mut self) -> Target<'_> {
        match self {
            Self::Sqlite(connection) => Target::Sqlite(connection),
            Self::SqliteReader(connection) => Target::Sqlite(connection),
            Self::SqliteSnapshot(transaction) => Target::Sqlite(transaction),
            Self::PostgresReader(connection) => Target::Postgres(connection),
            Self::Postgres(transaction) => Target::Postgres(transaction),
        }
    }

    /// Makes lasting what was done. A session that is dropped instead takes it back.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(transaction) => transaction.commit().await.map_err(dialect::error),
            Self::SqliteSnapshot(transaction) => transaction.commit().await.map_err(dialect::error),
            Self::Sqlite(_) | Self::SqliteReader(_) | Self::PostgresReader(_) => Ok(()),
        }
    }

    /// Closes a connection of one's own; those of a pool go back to it.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(connection) => connection.close().await.map_err(dialect::error),
            _ => Ok(()),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::PostgresReader(_) | Self::Postgres(_))
    }

    /// Runs statements without values, several if need be.
    pub(crate) async fn batch(&mut self, sql: impl SqlSafeStr) -> Result<(), StoreError> {
        let sql = sqlx::raw_sql(sql);
        match self.target() {
            Target::Sqlite(connection) => sql.execute(connection).await.map(drop),
            Target::Postgres(connection) => sql.execute(connection).await.map(drop),
        }
        .map_err(dialect::error)
    }
}

/// A value of a statement: the two types that the tables have, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Integer(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Integer(Some(value.into()))
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Integer(Some(millis(value)))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Self {
        Self::Integer(value.map(millis))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

impl From<uuid::Uuid> for Value {
    fn from(value: uuid::Uuid) -> Self {
        Self::Text(Some(value.to_string()))
    }
}

impl From<Option<uuid::Uuid>> for Value {
    fn from(value: Option<uuid::Uuid>) -> Self {
        Self::Text(value.map(|id| id.to_string()))
    }
}

/// A time as the tables keep it. The end of time has a fraction of a second that does not come back from milliseconds.
fn millis(time: Timestamp) -> i64 {
    time.as_millisecond().min(Timestamp::MAX.as_second() * 1000)
}

/// A statement and its values.
#[derive(Debug)]
pub(crate) struct Sql {
    text: SqlStr,
    values: Vec<Value>,
}

/// A statement of the program.
pub(crate) fn sql(text: &'static str) -> Sql {
    Sql {
        text: text.into_sql_str(),
        values: Vec::new(),
    }
}

/// A statement put together from names that the program or the database's own catalogue gave, never from a value.
pub(crate) fn made_sql(text: String) -> Sql {
    Sql {
        text: AssertSqlSafe(text).into_sql_str(),
        values: Vec::new(),
    }
}

impl Sql {
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    pub(crate) fn bind_all(mut self, values: impl IntoIterator<Item = Value>) -> Self {
        self.values.extend(values);
        self
    }

    /// Runs it; answers how many rows it changed.
    pub(crate) async fn execute(self, session: &mut Session) -> Result<u64, StoreError> {
        match session.target() {
            Target::Sqlite(connection) => self
                .for_sqlite()
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
            Target::Postgres(connection) => self
                .for_postgres()
                .execute(connection)
                .await
                .map(|done| done.rows_affected()),
        }
        .map_err(dialect::error)
    }

    pub(crate) async fn rows(self, session: &mut Session) -> Result<Vec<Row>, StoreError> {
        match session.target() {
            Target::Sqlite(connection) => self
                .for_sqlite()
                .fetch_all(connection)
                .await
                .map(|rows| rows.into_iter().map(Row::Sqlite).collect()),
            Target::Postgres(connection) => self
                .for_postgres()
                .fetch_all(connection)
                .await
                .map(|rows| rows.into_iter().map(Row::Postgres).collect()),
        }
        .map_err(dialect::error)
    }

    pub(crate) async fn row(self, session: &mut Session) -> Result<Option<Row>, StoreError> {
        match session.target() {
            Target::Sqlite(connection) => self
                .for_sqlite()
                .fetch_optional(connection)
                .await
                .map(|row| row.map(Row::Sqlite)),
            Target::Postgres(connection) => self
                .for_postgres()
                .fetch_optional(connection)
                .await
                .map(|row| row.map(Row::Postgres)),
        }
        .map_err(dialect::error)
    }

    /// The first column of the only row, as a number.
    pub(crate) async fn number(self, session: &mut Session) -> Result<i64, StoreError> {
        let row = self.row(session).await?;
        let row = row.ok_or_else(|| StoreError::failed("reading a number", sqlx::Error::RowNotFound))?;
        row.value::<i64>(0)
            .map_err(|source| StoreError::failed("reading a number", source))
    }

    fn for_sqlite(self) -> Query<'static, Sqlite, SqliteArguments> {
        self.values
            .into_iter()
            .fold(sqlx::query(self.text), |query, value| match value {
                Value::Integer(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
            })
    }

    fn for_postgres(self) -> Query<'static, Postgres, PgArguments> {
        self.values
            .into_iter()
            .fold(sqlx::query(self.text), |query, value| match value {
                Value::Integer(value) => query.bind(value),
                Value::Text(value) => query.bind(value),
            })
    }
}
