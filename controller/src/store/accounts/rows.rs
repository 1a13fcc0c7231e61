//! The rows of an account: read, inserted many at a time, updated where something changed, deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;
use shared::account::{AccountStatus, Caps, Platform, Statistics, Tag, Tags, Username};
use shared::device::Serial;

use crate::store::error::StoreError;
use crate::store::many::{KEYS_AT_ONCE, ROWS_AT_ONCE, insert, places};
use crate::store::row::{Row, TableRow};
use crate::store::sealed::Sealed;
use crate::store::session::{Session, Value, made_sql, sql};

/// An account without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    pub id: i64,
    pub platform: Platform,
    pub username: Username,
    pub email: Option<String>,
    /// `None` for the platform's own app.
    pub packagename: Option<String>,
    /// The phone that it is bound to, which may never have been seen.
    pub device: Option<Serial>,
    pub logined: bool,
    pub status: AccountStatus,
    pub tags: Tags,
    pub statistics: Statistics,
    /// Until then no task uses it.
    pub resting_until: Option<Timestamp>,
    /// Numbers a day of its own.
    pub caps: Caps,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// The secrets of an account, each sealed for its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountSecrets {
    pub password: Option<Sealed>,
    pub totp_seed: Option<Sealed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeAccount {
    pub row: AccountRow,
    pub secrets: AccountSecrets,
}

/// An account as it is shown: with its phone's index and name, and whether it has secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAccount {
    pub row: AccountRow,
    pub has_password: bool,
    pub has_2fa: bool,
    /// `None` where the phone was never seen, or there is none.
    pub device_index: Option<u32>,
    pub device_name: Option<String>,
}

impl AccountRow {
    /// A new account, enabled, not logged in, of which nothing else is known.
    pub fn new(id: i64, platform: Platform, username: Username) -> Self {
        Self {
            id,
            platform,
            username,
            email: None,
            packagename: None,
            device: None,
            logined: false,
            status: AccountStatus::default(),
            tags: Tags::default(),
            statistics: Statistics::default(),
            resting_until: None,
            caps: Caps::default(),
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    pub(super) fn read(row: &Row) -> Result<Self, StoreError> {
        let row = row.of("accounts", "id");
        let status = row.integer("status")?;
        let tags = row.text("tags")?;
        let count = |column| count(&row, column);
        Ok(Self {
            id: row.integer("id")?,
            platform: row.parsed("platform")?,
            username: row.parsed("username")?,
            email: row.optional_text("email")?,
            packagename: row.optional_text("packagename")?,
            device: row.optional_text("device")?.map(Serial),
            logined: row.integer("logined")? != 0,
            status: AccountStatus::from_number(status)
                .ok_or_else(|| row.corrupt("status", format!("{status} is no status")))?,
            tags: Tags::parse(&tags).map_err(|wrong| row.corrupt("tags", wrong))?,
            statistics: Statistics {
                nickname: row.optional_text("nickname")?,
                country: row.optional_text("country")?,
                followers: count("followers")?,
                following: count("following")?,
                hearts: count("hearts")?,
                videos: count("videos")?,
                friends: count("friends")?,
                synced_at: row.optional_time("synced_at")?,
            },
            resting_until: row.optional_time("resting_until")?,
            caps: caps(&row)?,
            created_at: row.time("created_at")?,
            updated_at: row.time("updated_at")?,
        })
    }

    /// Whether both would be written alike. Unlike `==`, it tells spellings of a username or a tag apart.
    pub fn is_same(&self, other: &Self) -> bool {
        self.values() == other.values()
    }

    /// What a search looks through.
    fn search_text(&self) -> String {
        let fold = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
        [
            self.username.folded().to_owned(),
            self.email.as_deref().map(fold).unwrap_or_default(),
            self.device
                .as_ref()
                .map(|device| fold(&device.0))
                .unwrap_or_default(),
            fold(&self.tags.to_string()),
        ]
        .join("\n")
    }

    /// In the order of [`COLUMNS`].
    fn values(&self) -> [Value; COLUMNS.len()] {
        let statistics = &self.statistics;
        [
            self.id.into(),
            self.platform.as_str().into(),
            self.username.as_str().into(),
            self.username.folded().into(),
            self.email.clone().into(),
            self.packagename.clone().into(),
            self.device.as_ref().map(|device| device.0.clone()).into(),
            i64::from(self.logined).into(),
            i64::from(self.status.number()).into(),
            self.tags.to_string().into(),
            statistics.nickname.clone().into(),
            statistics.country.clone().into(),
            number(statistics.followers),
            number(statistics.following),
            number(statistics.hearts),
            number(statistics.videos),
            number(statistics.friends),
            statistics.synced_at.into(),
            self.resting_until.into(),
            self.search_text().into(),
            self.created_at.into(),
            self.updated_at.into(),
            caps_json(&self.caps).into(),
        ]
    }
}

const COLUMNS: [&str; 23] = [
    "id",
    "platform",
    "username",
    "username_folded",
    "email",
    "packagename",
    "device",
    "logined",
    "status",
    "tags",
    "nickname",
    "country",
    "followers",
    "following",
    "hearts",
    "videos",
    "friends",
    "synced_at",
    "resting_until",
    "search_text",
    "created_at",
    "updated_at",
    "caps_json",
];

/// A number of followers or the like as it stands in a row.
pub(super) fn count(row: &TableRow<'_>, column: &'static str) -> Result<Option<u64>, StoreError> {
    let value = row.optional_integer(column)?;
    value
        .map(|value| u64::try_from(value).map_err(|source| row.corrupt(column, source)))
        .transpose()
}

/// The same on its way into a row.
pub(super) fn number(count: Option<u64>) -> Value {
    Value::from(count.map(|count| i64::try_from(count).unwrap_or(i64::MAX)))
}

/// What a row of an account says of numbers a day of its own.
pub(crate) fn caps(row: &TableRow<'_>) -> Result<Caps, StoreError> {
    let set: Option<BTreeMap<String, u32>> = row.optional_json("caps_json")?;
    let set = set.unwrap_or_default();
    Caps::of(set.iter().map(|(action, cap)| (action.as_str(), *cap)))
        .map_err(|wrong| row.corrupt("caps_json", wrong))
}

/// `None` where none is set.
fn caps_json(caps: &Caps) -> Option<String> {
    let set: BTreeMap<&str, u32> = caps.iter().collect();
    (!set.is_empty()).then(|| json!(set).to_string())
}

impl WholeAccount {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let sealed = row.of("account_secrets", "id");
        let secrets = AccountSecrets {
            password: sealed.optional_text("password")?.map(Sealed::from_text),
            totp_seed: sealed.optional_text("totp_seed")?.map(Sealed::from_text),
        };
        Ok(Self {
            row: AccountRow::read(row)?,
            secrets,
        })
    }
}

/// An account with its sealed secrets, from here on.
const WHOLE: &str = "SELECT a.*, s.password, s.totp_seed FROM accounts a \
     LEFT JOIN account_secrets s ON s.account_id = a.id WHERE ";

/// The platform where ids choose the rows: written so that SQLite does not take an index of platforms for it, and walk
/// through half of all accounts.
const PLATFORM: &str = "a.platform || ''";

pub(super) async fn find(session: &mut Session, id: i64) -> Result<Option<WholeAccount>, StoreError> {
    let row = made_sql(format!("{WHOLE} a.id = $1"))
        .bind(id)
        .row(session)
        .await?;
    row.as_ref().map(WholeAccount::read).transpose()
}

/// The accounts that are bound to a phone under any of these names, by id.
pub(crate) async fn bound_to(
    session: &mut Session,
    names: &[String],
) -> Result<Vec<WholeAccount>, StoreError> {
    let places = places(1, names.len());
    let rows = made_sql(format!("{WHOLE} a.device IN ({places}) ORDER BY a.id"))
        .bind_all(names.iter().map(Value::from))
        .rows(session)
        .await?;
    rows.iter().map(WholeAccount::read).collect()
}

pub(super) async fn after(
    session: &mut Session,
    platform: Option<Platform>,
    after: i64,
    count: u32,
) -> Result<Vec<WholeAccount>, StoreError> {
    let rows = match platform {
        None => made_sql(format!("{WHOLE} a.id > $1 ORDER BY a.id LIMIT $2"))
            .bind(after)
            .bind(count),
        Some(platform) => made_sql(format!(
            "{WHOLE} a.id > $1 AND {PLATFORM} = $3 ORDER BY a.id LIMIT $2"
        ))
        .bind(after)
        .bind(count)
        .bind(platform.as_str()),
    };
    rows.rows(session).await?.iter().map(WholeAccount::read).collect()
}

/// The accounts of a platform that have one of these ids or one of these usernames, folded; each once, by id.
pub(crate) async fn find_many(
    session: &mut Session,
    platform: Platform,
    ids: &[i64],
    folded: &[String],
) -> Result<Vec<WholeAccount>, StoreError> {
    let mut found: BTreeMap<i64, WholeAccount> = BTreeMap::new();
    let ids: Vec<Value> = ids.iter().map(|id| Value::from(*id)).collect();
    let names: Vec<Value> = folded.iter().map(Value::from).collect();
    for (of_platform, column, keys) in [
        (PLATFORM, "a.id", ids),
        ("a.platform", "a.username_folded", names),
    ] {
        for keys in keys.chunks(KEYS_AT_ONCE) {
            let places = places(2, keys.len());
            let rows = made_sql(format!("{WHOLE} {of_platform} = $1 AND {column} IN ({places})"))
                .bind(platform.as_str())
                .bind_all(keys.to_vec())
                .rows(session)
                .await?;
            for row in &rows {
                let account = WholeAccount::read(row)?;
                found.insert(account.row.id, account);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Inserts accounts under the ids that they have.
pub(crate) async fn insert_many(session: &mut Session, accounts: &[WholeAccount]) -> Result<(), StoreError> {
    for accounts in accounts.chunks(ROWS_AT_ONCE) {
        let values = accounts.iter().flat_map(|account| account.row.values());
        insert(session, "accounts", &COLUMNS, values.collect()).await?;
        let secrets = accounts
            .iter()
            .filter(|account| account.secrets != AccountSecrets::default());
        let secrets = secrets.flat_map(|account| {
            let text = |sealed: &Option<Sealed>| sealed.as_ref().map(|sealed| sealed.as_str().to_owned());
            [
                account.row.id.into(),
                text(&account.secrets.password).into(),
                text(&account.secrets.totp_seed).into(),
            ]
        });
        insert(
            session,
            "account_secrets",
            &["account_id", "password", "totp_seed"],
            secrets.collect(),
        )
        .await?;
        let rows: Vec<&AccountRow> = accounts.iter().map(|account| &account.row).collect();
        insert_tags(session, &rows).await?;
    }
    Ok(())
}

/// Writes what differs; `after` has the id of `before`.
pub(crate) async fn update(
    session: &mut Session,
    before: &WholeAccount,
    after: &WholeAccount,
) -> Result<(), StoreError> {
    let id = before.row.id;
    if !before.row.is_same(&after.row) {
        let assignments: Vec<String> = COLUMNS
            .iter()
            .enumerate()
            .skip(1)
            .map(|(place, column)| format!("{column} = ${}", place + 1))
            .collect();
        made_sql(format!(
            "UPDATE accounts SET {} WHERE id = $1",
            assignments.join(", ")
        ))
        .bind_all(after.row.values())
        .execute(session)
        .await?;
    }
    if before.row.tags.to_vec() != after.row.tags.to_vec() {
        sql("DELETE FROM account_tags WHERE account_id = $1")
            .bind(id)
            .execute(session)
            .await?;
        insert_tags(session, &[&after.row]).await?;
    }
    if before.secrets != after.secrets {
        let text = |sealed: &Option<Sealed>| sealed.as_ref().map(|sealed| sealed.as_str().to_owned());
        // A step that was given stays given.
        sql(
            "INSERT INTO account_secrets (account_id, password, totp_seed) VALUES ($1, $2, $3) \
             ON CONFLICT (account_id) DO UPDATE SET password = excluded.password, totp_seed = excluded.totp_seed",
        )
        .bind(id)
        .bind(text(&after.secrets.password))
        .bind(text(&after.secrets.totp_seed))
        .execute(session)
        .await?;
    }
    Ok(())
}

/// Deletes accounts, their tags and secrets; answers how many there were.
pub(crate) async fn delete_many(session: &mut Session, ids: &[i64]) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for ids in ids.chunks(KEYS_AT_ONCE) {
        let places = places(1, ids.len());
        let values = || ids.iter().map(|id| Value::from(*id));
        for table in ["account_tags", "account_secrets", "account_statistics"] {
            made_sql(format!("DELETE FROM {table} WHERE account_id IN ({places})"))
                .bind_all(values())
                .execute(session)
                .await?;
        }
        deleted += made_sql(format!("DELETE FROM accounts WHERE id IN ({places})"))
            .bind_all(values())
            .execute(session)
            .await?;
    }
    Ok(deleted)
}

async fn insert_tags(session: &mut Session, accounts: &[&AccountRow]) -> Result<(), StoreError> {
    let tags = accounts.iter().flat_map(|account| {
        let row = |tag: &Tag| [account.id.into(), tag.folded().into(), tag.as_str().into()];
        account.tags.iter().flat_map(row)
    });
    insert(
        session,
        "account_tags",
        &["account_id", "folded", "name"],
        tags.collect(),
    )
    .await
}
