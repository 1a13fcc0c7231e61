//! Where the farm's database is: a file of SQLite, or a Postgres.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::error::StoreError;

/// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    Sqlite(PathBuf),
    Postgres(String),
}

impl DatabaseUrl {
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = |why: &str| StoreError::Address {
            url: without_password(url),
            why: why.to_owned(),
        };
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.starts_with(":memory:") {
                return Err(wrong("it names no file"));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            url.parse::<sqlx::postgres::PgConnectOptions>()
                .map_err(|error| wrong(&error.to_string()))?;
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(wrong("it begins neither with sqlite: nor with postgres://"))
    }

    /// The database of SQLite in this file.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_owned())
    }
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(url: &str) -> Result<Self, StoreError> {
        Self::parse(url)
    }
}

/// Without the password: addresses are logged.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => f.write_str(&without_password(url)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The address as far as it may be shown: what stands before the `@` and any parameter may be a secret.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let rest = rest.split_once('?').map_or(rest, |(rest, _)| rest);
    let Some((login, place)) = rest.rsplit_once('@') else {
        return format!("{scheme}://{rest}");
    };
    let user = login.split_once(':').map_or(login, |(user, _)| user);
    format!("{scheme}://{user}@{place}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_with_or_without_slashes() {
        for (url, path) in [
            ("sqlite:drover.db", "drover.db"),
            ("sqlite:/var/lib/drover/drover.db", "/var/lib/drover/drover.db"),
            ("sqlite:///var/lib/drover.db", "/var/lib/drover.db"),
            ("sqlite://drover.db", "drover.db"),
        ] {
            assert_eq!(DatabaseUrl::parse(url).unwrap(), DatabaseUrl::file(path), "{url}");
        }
    }

    #[test]
    fn what_is_shown_of_an_address_has_no_password() {
        let url =
            DatabaseUrl::parse("postgres://drover:s3:cr@t@db.example:5433/farm?password=other").unwrap();
        assert_eq!(url.to_string(), "postgres://drover@db.example:5433/farm");
        assert_eq!(format!("{url:?}"), "postgres://drover@db.example:5433/farm");
        let wrong = DatabaseUrl::parse("mysql://drover:s3cret@db/farm")
            .unwrap_err()
            .to_string();
        assert!(
            wrong.contains("mysql://drover@db/farm") && !wrong.contains("s3cret"),
            "{wrong}"
        );
    }

    #[test]
    fn an_address_without_a_file_is_refused() {
        for url in [
            "sqlite:",
            "sqlite::memory:",
            "drover.db",
            "postgres://host:port/x",
        ] {
            assert!(
                matches!(DatabaseUrl::parse(url), Err(StoreError::Address { .. })),
                "{url}"
            );
        }
    }
}
