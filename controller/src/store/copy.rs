//! The farm as a file of SQLite and back, from and to either database: what backups are made of. Every column is a
//! BIGINT or a TEXT, so rows can be carried over without knowing what they mean.

use std::path::Path;

use super::error::StoreError;
use super::row::Row;
use super::session::{Session, Value, made_sql, sql};
use super::{AuditEntry, Backend, DatabaseUrl, Store, audit, dialect, journals, migrate};

/// Rows that are carried over at a time.
const ROWS: i64 = 500;
/// What belongs to a database and not to the farm in it.
const NOT_CARRIED: [&str; 3] = ["migrations", "leadership", "fences"];

/// A table and its columns, in the order in which they were made: what is referred to comes first.
#[derive(Debug, Clone)]
struct Table {
    name: String,
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    name: String,
    is_number: bool,
}

impl Store {
    /// Writes the farm as it is at one moment into an empty or missing file, while others go on writing.
    pub(crate) async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        if let (Backend::Sqlite { .. }, Some(DatabaseUrl::Sqlite(path))) =
            (&self.inner.backend, self.address())
        {
            return copy_file(path, file).await;
        }
        let (file, now) = (file.to_owned(), self.now());
        self.snapshot(move |session| {
            Box::pin(async move {
                let mut copy = dialect::sqlite_file(&file, true).await?;
                copy.batch(dialect::SQLITE_BEGIN).await?;
                migrate::apply(&mut copy, now).await?;
                for table in tables(&mut copy).await? {
                    carry(&table, session, &mut copy).await?;
                }
                copy.batch("COMMIT").await?;
                copy.close().await
            })
        })
        .await
    }

    /// Puts the farm in `file`, which has this program's version, in the place of this one; both or neither.
    pub(crate) async fn replace_with(&self, file: &Path, entry: AuditEntry) -> Result<(), StoreError> {
        let (file, now) = (file.to_owned(), self.now());
        self.write(move |session| {
            Box::pin(async move {
                let mut copy = dialect::sqlite_file(&file, false).await?;
                let tables = tables(&mut copy).await?;
                let before = journals::place(session).await?;
                for table in tables.iter().rev() {
                    made_sql(format!("DELETE FROM {}", table.name))
                        .execute(session)
                        .await?;
                }
                for table in &tables {
                    carry(table, &mut copy, session).await?;
                }
                // A new history: attempts of the old one are over, and its numbers are not given again.
                journals::begin_after(session, before).await?;
                audit::append(session, now, &entry).await?;
                copy.close().await
            })
        })
        .await
    }

    /// Whether nothing was ever written to it.
    pub(crate) async fn is_untouched(&self) -> Result<bool, StoreError> {
        self.read(|session| {
            Box::pin(async move { Ok(sql("SELECT COUNT(*) FROM counters").number(session).await? == 0) })
        })
        .await
    }

    /// Whether the database is whole; on Postgres that is the server's own care.
    pub(crate) async fn check_integrity(&self) -> Result<(), StoreError> {
        match self.address() {
            Some(DatabaseUrl::Sqlite(path)) => {
                let mut session = dialect::sqlite_file(path, false).await?;
                integrity(&mut session).await?;
                session.close().await
            }
            _ => Ok(()),
        }
    }
}

/// Whether a file is a whole farm that this program can read; answers its version.
pub(crate) async fn check_file(file: &Path) -> Result<i64, StoreError> {
    let mut session = dialect::sqlite_file(file, false).await?;
    integrity(&mut session).await?;
    let version = migrate::check(&mut session).await?;
    session.close().await?;
    if version == 0 {
        return Err(StoreError::Damaged {
            message: "it is a database, but holds no farm".to_owned(),
        });
    }
    Ok(version)
}

/// Copies a database of SQLite, with what its journal holds, into an empty or missing file.
pub(crate) async fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    let mut session = dialect::sqlite_file(from, false).await?;
    sql("VACUUM INTO $1")
        .bind(to.to_string_lossy().into_owned())
        .execute(&mut session)
        .await?;
    session.close().await
}

/// Brings a file to this program's version.
pub(crate) async fn migrate_file(file: &Path, now: jiff::Timestamp) -> Result<(), StoreError> {
    let mut session = dialect::sqlite_file(file, true).await?;
    session.batch(dialect::SQLITE_BEGIN).await?;
    // Who led when the copy was made has nothing to say about the copy.
    sql("DELETE FROM leadership").execute(&mut session).await?;
    migrate::apply(&mut session, now).await?;
    session.batch("COMMIT").await?;
    session.close().await
}

async fn integrity(session: &mut Session) -> Result<(), StoreError> {
    let read = |row: &Row| row.value::<String>(0).map_err(dialect::error);
    let found: Vec<String> = sql("PRAGMA integrity_check(10)")
        .rows(session)
        .await?
        .iter()
        .map(read)
        .collect::<Result<_, _>>()?;
    if found != ["ok"] {
        return Err(StoreError::Damaged {
            message: found.join("; "),
        });
    }
    let astray = sql("SELECT COUNT(*) FROM pragma_foreign_key_check")
        .number(session)
        .await?;
    if astray > 0 {
        return Err(StoreError::Damaged {
            message: format!("{astray} rows refer to rows that are not there"),
        });
    }
    Ok(())
}

/// What a file of SQLite holds of the farm.
async fn tables(file: &mut Session) -> Result<Vec<Table>, StoreError> {
    let mut tables = Vec::new();
    let rows = sql(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
    )
    .rows(file)
    .await?;
    for row in &rows {
        let name: String = row.value(0).map_err(dialect::error)?;
        if NOT_CARRIED.contains(&name.as_str()) {
            continue;
        }
        let columns = sql("SELECT name, type FROM pragma_table_info($1) ORDER BY cid")
            .bind(&name)
            .rows(file)
            .await?;
        let columns = columns
            .iter()
            .map(|row| {
                Ok(Column {
                    name: row.value(0).map_err(dialect::error)?,
                    is_number: ["BIGINT", "INTEGER"]
                        .contains(&row.value::<String>(1).map_err(dialect::error)?.as_str()),
                })
            })
            .collect::<Result<_, StoreError>>()?;
        tables.push(Table { name, columns });
    }
    Ok(tables)
}

/// Carries a table's rows over, a few hundred at a time.
async fn carry(table: &Table, from: &mut Session, to: &mut Session) -> Result<(), StoreError> {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let places: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
    let insert = format!(
        "INSERT INTO {} ({}) VALUES ({})",
        table.name,
        names.join(", "),
        places.join(", ")
    );
    let mut cursor = dialect::Cursor::open(from, &table.name, &names).await?;
    loop {
        let rows = cursor.next(from, ROWS).await?;
        if rows.is_empty() {
            return cursor.close(from).await;
        }
        for row in &rows {
            let values: Vec<Value> = table
                .columns
                .iter()
                .enumerate()
                .map(|(place, column)| value(table, row, place, column))
                .collect::<Result<_, _>>()?;
            made_sql(insert.clone()).bind_all(values).execute(to).await?;
        }
    }
}

fn value(table: &Table, row: &Row, place: usize, column: &Column) -> Result<Value, StoreError> {
    let value = if column.is_number {
        row.value(place).map(Value::Integer)
    } else {
        row.value(place).map(Value::Text)
    };
    value.map_err(|source| {
        StoreError::failed(
            format!("copying the column {} of the table {}", column.name, table.name),
            source,
        )
    })
}
