//! What can go wrong with the farm's database, in words that a person can act on. Callers match on the variant; the
//! database's own message is the source.

use std::error::Error;

/// Any error, as a source.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Why a call of the store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{url:?} is not a database address: {why}")]
    Address { url: String, why: String },

    /// A row that this program cannot have written.
    #[error("the row {row} of the table {table} is corrupt in the column {column}")]
    Corrupt {
        table: &'static str,
        row: String,
        column: String,
        #[source]
        source: Cause,
    },

    /// The database's file itself is damaged, or is no database.
    #[error("the database is damaged: {message}")]
    Damaged { message: String },

    #[error("there is no {what} {key:?}")]
    NotFound { what: &'static str, key: String },

    #[error("the device index {index} belongs to {by}")]
    IndexTaken { index: u32, by: String },

    #[error("the {} account {by} has the username {username:?} already", .platform.title())]
    UsernameTaken {
        username: String,
        platform: shared::account::Platform,
        by: i64,
    },

    #[error("{0}")]
    Conflict(String),

    #[error("the import {import} is changing accounts: try again when it is done")]
    Importing { import: i64 },

    #[error("the database is busy; try again")]
    Busy(#[source] Cause),

    /// Not reachable, or the connection broke. What was under way did not happen.
    #[error("the database went away")]
    Away(#[source] Cause),

    /// What was asked for did not happen.
    #[error("there is no room left for the database: free some space and try again; nothing was changed")]
    Full(#[source] Cause),

    /// The answer to COMMIT is missing: it may have happened or not. Only reading again can tell.
    #[error("the database did not confirm the commit")]
    Unconfirmed(#[source] Cause),

    #[error(
        "the database has the version {database}, newer than this program, which knows {program}: install the newer program"
    )]
    NewerDatabase { database: i64, program: i64 },

    #[error("the version {version} of the database was made by another program than this one")]
    ForeignMigration { version: i64 },

    /// Another process has the role, so this one must not write.
    #[error("this controller is not the active one any more")]
    NotLeader,

    #[error("the database is in use by {holder}")]
    InUse { holder: String },

    #[error("the store is closed")]
    Closed,

    #[error("{doing}")]
    Failed {
        doing: String,
        #[source]
        source: Cause,
    },
}

impl StoreError {
    /// Whether the same may work a while later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy(_) | Self::Away(_) | Self::Full(_) | Self::Unconfirmed(_)
        )
    }

    pub(crate) fn not_found(what: &'static str, key: &impl ToString) -> Self {
        Self::NotFound {
            what,
            key: key.to_string(),
        }
    }

    pub(crate) fn failed(doing: impl Into<String>, source: impl Into<Cause>) -> Self {
        Self::Failed {
            doing: doing.into(),
            source: source.into(),
        }
    }
}
