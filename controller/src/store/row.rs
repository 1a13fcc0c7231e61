//! Rows as a statement answers them, read column by column. What cannot be read is told by table, row and column: it was
//! written by another program, or the disk is failing.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Postgres, Row as _, Sqlite, Type};

use super::error::{Cause, StoreError};

/// A row that a statement answered.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What both databases can read.
pub(crate) trait Readable<'r>:
    Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl<'r, T> Readable<'r> for T where
    T: Decode<'r, Sqlite> + Type<Sqlite> + Decode<'r, Postgres> + Type<Postgres>
{
}

impl Row {
    /// The value of a column by its place.
    pub(crate) fn value<'r, T: Readable<'r>>(&'r self, column: usize) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// How many columns it has.
    pub(crate) fn width(&self) -> usize {
        match self {
            Self::Sqlite(row) => row.len(),
            Self::Postgres(row) => row.len(),
        }
    }

    fn named<'r, T: Readable<'r>>(&'r self, column: &str) -> Result<T, sqlx::Error> {
        match self {
            Self::Sqlite(row) => row.try_get(column),
            Self::Postgres(row) => row.try_get(column),
        }
    }

    /// Reads it as a row of `table`, which is called by its column `key` where it is corrupt.
    pub(crate) fn of(&self, table: &'static str, key: &'static str) -> TableRow<'_> {
        TableRow {
            row: self,
            table,
            key,
        }
    }
}

/// A row of which it is known where it stands, so that a complaint can say so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableRow<'r> {
    row: &'r Row,
    table: &'static str,
    key: &'static str,
}

impl<'r> TableRow<'r> {
    fn get<T: Readable<'r>>(&self, column: &str) -> Result<T, StoreError> {
        self.row
            .named(column)
            .map_err(|source| self.corrupt(column, source))
    }

    /// What is wrong with this row.
    pub(crate) fn corrupt(&self, column: &str, source: impl Into<Cause>) -> StoreError {
        let row = self
            .row
            .named::<String>(self.key)
            .or_else(|_| self.row.named::<i64>(self.key).map(|key| key.to_string()))
            .unwrap_or_else(|_| "without a key".to_owned());
        StoreError::Corrupt {
            table: self.table,
            row,
            column: column.to_owned(),
            source: source.into(),
        }
    }

    pub(crate) fn integer(&self, column: &str) -> Result<i64, StoreError> {
        self.get(column)
    }

    /// A number in the range of a narrower type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, StoreError>
    where
        T::Error: std::error::Error + Send + Sync + 'static,
    {
        T::try_from(self.get::<i64>(column)?).map_err(|source| self.corrupt(column, source))
    }

    pub(crate) fn optional_integer(&self, column: &str) -> Result<Option<i64>, StoreError> {
        self.get(column)
    }

    pub(crate) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.get(column)
    }

    pub(crate) fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        self.get(column)
    }

    pub(crate) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        let millis = self.get(column)?;
        Timestamp::from_millisecond(millis).map_err(|source| self.corrupt(column, source))
    }

    pub(crate) fn optional_time(&self, column: &str) -> Result<Option<Timestamp>, StoreError> {
        self.get::<Option<i64>>(column)?
            .map(|millis| Timestamp::from_millisecond(millis).map_err(|source| self.corrupt(column, source)))
            .transpose()
    }

    /// A text that stands for a value: a UUID, an address.
    pub(crate) fn parsed<T: FromStr<Err: Display>>(&self, column: &str) -> Result<T, StoreError> {
        self.parse(column, self.get(column)?)
    }

    pub(crate) fn optional_parsed<T: FromStr<Err: Display>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        self.get::<Option<&str>>(column)?
            .map(|text| self.parse(column, text))
            .transpose()
    }

    fn parse<T: FromStr<Err: Display>>(&self, column: &str, text: &str) -> Result<T, StoreError> {
        text.parse()
            .map_err(|error: T::Err| self.corrupt(column, format!("{text:?}: {error}")))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(self.get(column)?).map_err(|source| self.corrupt(column, source))
    }

    pub(crate) fn optional_json<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.get::<Option<&str>>(column)?
            .map(|text| serde_json::from_str(text).map_err(|source| self.corrupt(column, source)))
            .transpose()
    }
}
