//! Secrets at rest, as the tables keep them: sealed texts, which the vault alone can open, and the list of all columns
//! that hold some, so that none is forgotten when a key is replaced.

use std::fmt;

use super::error::StoreError;
use super::row::Row;
use super::session::made_sql;
use super::{Store, accounts, imports};

/// The name of a key, not a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub String);

impl KeyId {
    /// In characters.
    pub(crate) const LENGTH: usize = 8;
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// `1.KEY.PAYLOAD`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(String);

const VERSION: &str = "1";

impl Sealed {
    pub(crate) fn new(key: &KeyId, payload: &str) -> Self {
        Self(format!("{VERSION}.{key}.{payload}"))
    }

    /// As it was read from a table; whether it is one shows when it is opened.
    pub fn from_text(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that it was sealed with; `None` where it is none of ours.
    pub fn key_id(&self) -> Option<KeyId> {
        let rest = self.0.strip_prefix(VERSION)?.strip_prefix('.')?;
        rest.split_once('.').map(|(key, _)| KeyId(key.to_owned()))
    }

    pub(crate) fn payload(&self) -> Option<&str> {
        let rest = self.0.strip_prefix(VERSION)?.strip_prefix('.')?;
        rest.split_once('.').map(|(_, payload)| payload)
    }
}

/// A column of sealed texts, and the column by whose value each is bound to its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    pub table: &'static str,
    pub column: &'static str,
    /// A BIGINT, the table's key.
    pub row: &'static str,
}

/// Every column that holds secrets.
pub const SEALED: &[SealedColumn] = &[accounts::PASSWORD, accounts::TOTP_SEED, imports::CHUNK];

/// One secret of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    pub row: i64,
    pub sealed: Sealed,
}

/// A secret that is sealed anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    pub row: i64,
    pub before: Sealed,
    pub after: Sealed,
}

impl Store {
    /// How many secrets each key seals, in all columns. What is no sealed text is not counted.
    pub async fn count_sealed(&self) -> Result<Vec<(KeyId, u64)>, StoreError> {
        let text = SEALED
            .iter()
            .map(|at| {
                format!(
                    "SELECT substr({0}, 1, 10) AS start FROM {1} WHERE {0} LIKE '{VERSION}.________.%'",
                    at.column, at.table
                )
            })
            .collect::<Vec<_>>()
            .join(" UNION ALL ");
        self.read(move |session| {
            Box::pin(async move {
                let text = format!("SELECT start, COUNT(*) AS uses FROM ({text}) AS used GROUP BY start");
                let rows = made_sql(text).rows(session).await?;
                let read = |row: &Row| {
                    let row = row.of("account_secrets", "start");
                    let start = row.text("start")?;
                    let key = start.get(2..).unwrap_or_default().to_owned();
                    Ok((KeyId(key), row.integer("uses")?.unsigned_abs()))
                };
                rows.iter().map(read).collect()
            })
        })
        .await
    }

    /// The next secrets of a column, in order of their rows, that another key than `key` seals.
    pub async fn sealed_otherwise(
        &self,
        at: SealedColumn,
        key: &KeyId,
        after: i64,
        count: u32,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let wanted = format!("{VERSION}.{key}.%");
        self.read(move |session| {
            Box::pin(async move {
                let SealedColumn { table, column, row } = at;
                let rows = made_sql(format!(
                    "SELECT {row} AS place, {column} AS sealed FROM {table} \
                     WHERE {row} > $1 AND {column} IS NOT NULL AND {column} NOT LIKE $2 ORDER BY {row} LIMIT $3"
                ))
                .bind(after)
                .bind(wanted)
                .bind(count)
                .rows(session)
                .await?;
                rows.iter()
                    .map(|row| {
                        let row = row.of(table, "place");
                        Ok(SealedRow {
                            row: row.integer("place")?,
                            sealed: Sealed(row.text("sealed")?),
                        })
                    })
                    .collect()
            })
        })
        .await
    }

    /// Replaces secrets by the same ones sealed anew, where nobody has changed them meanwhile; answers how many.
    pub async fn reseal(&self, at: SealedColumn, resealed: Vec<Resealed>) -> Result<u64, StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                let SealedColumn { table, column, row } = at;
                let text = format!("UPDATE {table} SET {column} = $2 WHERE {row} = $1 AND {column} = $3");
                let mut done = 0;
                for secret in &resealed {
                    done += made_sql(text.clone())
                        .bind(secret.row)
                        .bind(secret.after.as_str())
                        .bind(secret.before.as_str())
                        .execute(session)
                        .await?;
                }
                Ok(done)
            })
        })
        .await
    }
}
