//! Many rows in few statements.

use super::error::StoreError;
use super::session::{Session, Value, made_sql};

/// Rows in one INSERT; below every limit on values of a statement.
pub(super) const ROWS_AT_ONCE: usize = 100;
/// Ids in one SELECT, UPDATE or DELETE.
pub(super) const KEYS_AT_ONCE: usize = 500;

/// Inserts `values`, row after row.
pub(super) async fn insert(
    session: &mut Session,
    table: &str,
    columns: &[&str],
    values: Vec<Value>,
) -> Result<(), StoreError> {
    let width = columns.len();
    let mut values = values.into_iter().peekable();
    while values.peek().is_some() {
        let part: Vec<Value> = values.by_ref().take(ROWS_AT_ONCE * width).collect();
        // Nameless for SQLite, which looks each name up among all: with thousands of them that costs more than what is
        // done with the values.
        let is_postgres = session.is_postgres();
        let nameless = vec!["?"; width].join(", ");
        let rows: Vec<String> = (0..part.len() / width)
            .map(|row| {
                if is_postgres {
                    format!("({})", places(row * width + 1, width))
                } else {
                    format!("({nameless})")
                }
            })
            .collect();
        let text = format!(
            "INSERT INTO {table} ({}) VALUES {}",
            columns.join(", "),
            rows.join(", ")
        );
        made_sql(text).bind_all(part).execute(session).await?;
    }
    Ok(())
}

/// `$3, $4, $5`
pub(super) fn places(first: usize, count: usize) -> String {
    let places: Vec<String> = (first..first + count).map(|place| format!("${place}")).collect();
    places.join(", ")
}
