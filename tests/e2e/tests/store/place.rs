//! Where a case finds its database, and the words that several cases share.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use controller::store::{DatabaseUrl, NewHost, Page, SeenDevice, Store, TaskQuery};
use farm::Postgres;
use jiff::Timestamp;
use shared::clock::ManualClock;
use shared::device::Serial;
use sqlx::{AssertSqlSafe, Connection};
use tempfile::TempDir;
use uuid::Uuid;

/// Makes a test of each case for each database.
macro_rules! on_both {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::place::Place::sqlite()).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $case() {
                super::$case($crate::place::Place::postgres().await).await;
            })*
        }
    };
}
pub(crate) use on_both;

/// A database that nobody has opened yet, with a clock that stands still.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: DatabaseUrl,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) server: Option<Postgres>,
    folder: TempDir,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            url: DatabaseUrl::file(folder.path().join("drover.db")),
            clock: clock(),
            server: None,
            folder,
        }
    }

    pub(crate) async fn postgres() -> Self {
        let server = Postgres::start().await.unwrap();
        Self {
            url: DatabaseUrl::parse(&server.url()).unwrap(),
            clock: clock(),
            server: Some(server),
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// A folder of the case's own.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens it once more, as another process would.
    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url, self.clock.clone()).await.unwrap()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// What no program of ours would do to it.
    pub(crate) async fn tamper(&self, sql: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(path) => tamper_with_file(path, sql).await,
            DatabaseUrl::Postgres(url) => {
                let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(sql))
                    .execute(&mut connection)
                    .await
                    .unwrap();
                connection.close().await.unwrap();
            }
        }
    }
}

pub(crate) async fn tamper_with_file(path: &Path, sql: &str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(
        "2026-03-01T08:00:00.123Z".parse::<Timestamp>().unwrap(),
    ))
}

pub(crate) fn seen(serial: &str) -> SeenDevice {
    SeenDevice {
        serial: Serial(serial.to_owned()),
        host_id: Uuid::from_u128(7),
        manufacturer: "Google".to_owned(),
        model: "Pixel 7".to_owned(),
        android: "14".to_owned(),
        sdk: 34,
    }
}

pub(crate) fn host(name: &str) -> NewHost {
    NewHost {
        id: Uuid::new_v4(),
        name: name.to_owned(),
        key_fingerprint: format!("key of {name}"),
    }
}

pub(crate) const ALL: Page = Page {
    number: 1,
    size: 100_000,
};

/// All that the store holds, in words: equal for equal farms.
pub(crate) async fn farm(store: &Store) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(
        store
            .list_devices()
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    lines.extend(
        store
            .list_hosts()
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    lines.extend(
        store
            .list_api_tokens()
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    lines.extend(
        store
            .settings()
            .await
            .unwrap()
            .iter()
            .map(|row| format!("{row:?}")),
    );
    lines.extend(
        store
            .list_audit(ALL)
            .await
            .unwrap()
            .rows
            .iter()
            .map(|row| format!("{row:?}")),
    );
    for row in store.packs().await.unwrap() {
        for version in store.pack_versions(&row.name).await.unwrap() {
            let texts = store.pack_texts(&version.hash).await.unwrap();
            lines.push(format!("{row:?} {version:?} {texts:?}"));
        }
    }
    lines.push(format!("{:?}", store.flows_off().await.unwrap()));
    for group in store.list_groups().await.unwrap() {
        lines.push(format!("{group:?}"));
    }
    for schedule in store.list_schedules(None, ALL).await.unwrap().rows {
        lines.push(format!("{schedule:?}"));
        for run in store.list_runs(schedule.id, ALL).await.unwrap().rows {
            lines.push(format!("{run:?}"));
        }
        let of = TaskQuery {
            schedule: Some(schedule.id),
            ..TaskQuery::default()
        };
        lines.push(format!(
            "{} tasks",
            store.list_tasks(of, ALL).await.unwrap().total
        ));
    }
    lines
}
