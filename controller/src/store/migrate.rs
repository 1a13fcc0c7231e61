//! Brings a database to the version of this program, one transaction a step, and refuses one that is newer.
//! Applied steps are never edited: a changed one is found by its checksum.

use sha2::{Digest, Sha256};

use super::error::StoreError;
use super::session::{Session, sql};
use super::{dialect, leadership};

struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

/// In order; a version is never used twice.
const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "farm",
        sql: include_str!("../../migrations/0001_farm.sql"),
    },
    Migration {
        version: 2,
        name: "accounts",
        sql: include_str!("../../migrations/0002_accounts.sql"),
    },
    Migration {
        version: 3,
        name: "imports",
        sql: include_str!("../../migrations/0003_imports.sql"),
    },
    Migration {
        version: 4,
        name: "tasks",
        sql: include_str!("../../migrations/0004_tasks.sql"),
    },
    Migration {
        version: 5,
        name: "materials",
        sql: include_str!("../../migrations/0005_materials.sql"),
    },
    Migration {
        version: 6,
        name: "schedules",
        sql: include_str!("../../migrations/0006_schedules.sql"),
    },
    Migration {
        version: 7,
        name: "people",
        sql: include_str!("../../migrations/0007_people.sql"),
    },
    Migration {
        version: 8,
        name: "users",
        sql: include_str!("../../migrations/0008_users.sql"),
    },
    Migration {
        version: 9,
        name: "moves",
        sql: include_str!("../../migrations/0009_moves.sql"),
    },
    Migration {
        version: 10,
        name: "packs",
        sql: include_str!("../../migrations/0010_packs.sql"),
    },
    Migration {
        version: 11,
        name: "statistics",
        sql: include_str!("../../migrations/0011_statistics.sql"),
    },
    Migration {
        version: 12,
        name: "indexes",
        sql: include_str!("../../migrations/0012_indexes.sql"),
    },
];

const BOOKKEEPING: &str = "CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY, \
     name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// The version that this program writes.
pub(crate) fn latest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// The version of a database; 0 where it is empty.
pub(crate) async fn version(session: &mut Session) -> Result<i64, StoreError> {
    if !dialect::has_table(session, "migrations").await? {
        return Ok(0);
    }
    sql("SELECT COALESCE(MAX(version), 0) FROM migrations")
        .number(session)
        .await
}

/// Checks that this program knows every step that the database has seen; answers its version.
pub(crate) async fn check(session: &mut Session) -> Result<i64, StoreError> {
    let database = version(session).await?;
    if database > latest() {
        return Err(StoreError::NewerDatabase {
            database,
            program: latest(),
        });
    }
    if database == 0 {
        return Ok(0);
    }
    for row in sql("SELECT version, checksum FROM migrations ORDER BY version")
        .rows(session)
        .await?
    {
        let row = row.of("migrations", "version");
        let version = row.integer("version")?;
        let known = MIGRATIONS.iter().find(|migration| migration.version == version);
        if known.map(|known| checksum(known.sql)) != Some(row.text("checksum")?) {
            return Err(StoreError::ForeignMigration { version });
        }
    }
    Ok(database)
}

/// Applies what is missing, inside the transaction of the session.
pub(crate) async fn apply(session: &mut Session, now: jiff::Timestamp) -> Result<(), StoreError> {
    dialect::lock_migrations(session).await?;
    let database = check(session).await?;
    if database == latest() {
        return Ok(());
    }
    // A live controller of an older version must not find its tables changed under it.
    if let Some(holder) = leadership::live_holder(session).await? {
        return Err(StoreError::InUse {
            holder: holder.to_string(),
        });
    }
    session.batch(BOOKKEEPING).await?;
    for migration in MIGRATIONS.iter().filter(|migration| migration.version > database) {
        dialect::define(session, migration.sql).await?;
        sql("INSERT INTO migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)")
            .bind(migration.version)
            .bind(migration.name)
            .bind(checksum(migration.sql))
            .bind(now)
            .execute(session)
            .await?;
        tracing::info!(
            version = migration.version,
            name = migration.name,
            "the database was migrated"
        );
    }
    Ok(())
}

/// Of the statements alone, so that a checkout with other line ends is the same.
fn checksum(sql: &str) -> String {
    let text = sql.replace("\r\n", "\n");
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_without_gaps() {
        for (place, migration) in MIGRATIONS.iter().enumerate() {
            assert_eq!(
                migration.version,
                i64::try_from(place).unwrap() + 1,
                "{}",
                migration.name
            );
        }
    }

    #[test]
    fn columns_are_big_integers_or_texts() {
        for migration in MIGRATIONS {
            for column in migration.sql.lines().filter(|line| line.starts_with("    ")) {
                let words: Vec<&str> = column.split_whitespace().collect();
                assert!(
                    matches!(words[1], "BIGINT" | "TEXT" | "BIGINT," | "TEXT,")
                        || matches!(words[0], "PRIMARY" | "UNIQUE"),
                    "{column:?} is not portable"
                );
            }
        }
    }
}
