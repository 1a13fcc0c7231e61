//! Accounts as lists show them: filtered, searched, sorted, a page at a time with an exact total; and which tags there
//! are.

use std::collections::BTreeMap;

use shared::account::{AccountStatus, Caps, Platform};

use super::{AccountRow, ListedAccount, caps};
use crate::store::error::StoreError;
use crate::store::listing::{Condition, blanks, order, somewhere};
use crate::store::many::{KEYS_AT_ONCE, places};
use crate::store::row::Row;
use crate::store::session::{Session, Value, made_sql, sql};
use crate::store::{Listed, Page, Store};

/// Which accounts are wanted; what is empty or absent wants all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountQuery {
    pub platform: Option<Platform>,
    /// Bound to any of these phones.
    pub devices: Vec<String>,
    pub logined: Option<bool>,
    pub status: Option<AccountStatus>,
    /// With any of these usernames, folded.
    pub usernames: Vec<String>,
    /// With any of these tags, folded.
    pub tags: Vec<String>,
    /// Each of these words stands somewhere in username, e-mail, phone or tags, or is the phone's index. Folded.
    pub words: Vec<String>,
    pub sort: AccountSort,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountSort {
    pub key: SortKey,
    pub descending: bool,
}

/// Newest first.
impl Default for AccountSort {
    fn default() -> Self {
        Self {
            key: SortKey::Id,
            descending: true,
        }
    }
}

/// By what a list is sorted. What has no value comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortKey {
    Id,
    Username,
    Email,
    Device,
    DeviceIndex,
    Logined,
    Status,
    Nickname,
    Country,
    Followers,
    Following,
    Hearts,
    Videos,
    Friends,
    SyncedAt,
    RestingUntil,
    CreatedAt,
    UpdatedAt,
}

impl SortKey {
    pub const ALL: [Self; 18] = [
        Self::Id,
        Self::Username,
        Self::Email,
        Self::Device,
        Self::DeviceIndex,
        Self::Logined,
        Self::Status,
        Self::Nickname,
        Self::Country,
        Self::Followers,
        Self::Following,
        Self::Hearts,
        Self::Videos,
        Self::Friends,
        Self::SyncedAt,
        Self::RestingUntil,
        Self::CreatedAt,
        Self::UpdatedAt,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::DeviceIndex => "device_index",
            Self::Username => "username",
            other => other.sql(),
        }
    }

    fn sql(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Username => "username_folded",
            Self::Email => "email",
            Self::Device => "device",
            Self::DeviceIndex => "(SELECT d.device_index FROM devices d WHERE d.serial = accounts.device)",
            Self::Logined => "logined",
            Self::Status => "status",
            Self::Nickname => "nickname",
            Self::Country => "country",
            Self::Followers => "followers",
            Self::Following => "following",
            Self::Hearts => "hearts",
            Self::Videos => "videos",
            Self::Friends => "friends",
            Self::SyncedAt => "synced_at",
            Self::RestingUntil => "resting_until",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

impl AccountSort {
    fn sql(self) -> String {
        order(self.key.sql(), self.descending)
    }
}

impl Store {
    pub async fn list_accounts(
        &self,
        query: AccountQuery,
        page: Page,
    ) -> Result<Listed<ListedAccount>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let Condition { text, values } = &condition(&query);
                let total = made_sql(format!("SELECT COUNT(*) FROM accounts{text}"))
                    .bind_all(values.clone())
                    .number(session)
                    .await?;
                let (limit, offset) = (values.len() + 1, values.len() + 2);
                let order = query.sort.sql();
                let ids = made_sql(format!(
                    "SELECT id FROM accounts{text} ORDER BY {order} LIMIT ${limit} OFFSET ${offset}"
                ))
                .bind_all(values.clone())
                .bind(page.size)
                .bind(page.offset())
                .rows(session)
                .await?;
                let ids: Vec<i64> = ids
                    .iter()
                    .map(|row| row.of("accounts", "id").integer("id"))
                    .collect::<Result<_, _>>()?;
                Ok(Listed {
                    rows: shown(session, &ids).await?,
                    total: total.unsigned_abs(),
                })
            })
        })
        .await
    }

    /// The accounts that are bound to any of these phones, in order of their ids.
    pub async fn accounts_on(&self, devices: Vec<String>) -> Result<Vec<AccountRow>, StoreError> {
        self.snapshot(move |session| {
            Box::pin(async move {
                let mut accounts = Vec::new();
                for devices in devices.chunks(KEYS_AT_ONCE) {
                    let places = places(1, devices.len());
                    let rows = made_sql(format!("SELECT * FROM accounts WHERE device IN ({places})"))
                        .bind_all(devices.iter().map(Value::from))
                        .rows(session)
                        .await?;
                    for row in &rows {
                        accounts.push(AccountRow::read(row)?);
                    }
                }
                accounts.sort_by_key(|account| account.id);
                Ok(accounts)
            })
        })
        .await
    }

    /// The numbers a day of those accounts that have some of their own, by id.
    pub async fn own_caps(&self) -> Result<BTreeMap<i64, Caps>, StoreError> {
        self.read(|session| {
            Box::pin(async move {
                let rows = sql("SELECT id, caps_json FROM accounts WHERE caps_json IS NOT NULL")
                    .rows(session)
                    .await?;
                let read = |row: &Row| {
                    let row = row.of("accounts", "id");
                    Ok((row.integer("id")?, caps(&row)?))
                };
                rows.iter().map(read).collect()
            })
        })
        .await
    }

    /// Every tag as it is spelt somewhere, and how many accounts have it; in alphabetical order.
    pub async fn account_tags(&self, platform: Option<Platform>) -> Result<Vec<(String, u64)>, StoreError> {
        self.read(move |session| {
            Box::pin(async move {
                let counted = "SELECT MIN(t.name) AS name, COUNT(*) AS accounts FROM account_tags t";
                let rows = match platform {
                    None => made_sql(format!("{counted} GROUP BY t.folded")),
                    Some(platform) => made_sql(format!(
                        "{counted} JOIN accounts a ON a.id = t.account_id WHERE a.platform = $1 GROUP BY t.folded"
                    ))
                    .bind(platform.as_str()),
                };
                let mut tags = rows
                    .rows(session)
                    .await?
                    .iter()
                    .map(|row| {
                        let row = row.of("account_tags", "name");
                        Ok((row.text("name")?, row.integer("accounts")?.unsigned_abs()))
                    })
                    .collect::<Result<Vec<_>, StoreError>>()?;
                // Here rather than by the database, whose idea of the alphabet depends on where it runs.
                tags.sort_by_cached_key(|(name, _)| name.to_lowercase());
                Ok(tags)
            })
        })
        .await
    }
}

fn condition(query: &AccountQuery) -> Condition {
    let mut condition = Condition::default();
    condition.any(
        "platform",
        query.platform.map(|platform| platform.as_str().into()),
    );
    condition.any(
        "status",
        query.status.map(|status| i64::from(status.number()).into()),
    );
    condition.any("logined", query.logined.map(|logined| i64::from(logined).into()));
    condition.any("device", query.devices.iter().map(Value::from));
    condition.any("username_folded", query.usernames.iter().map(Value::from));
    if !query.tags.is_empty() {
        let tags = blanks(query.tags.len());
        condition.and(
            &format!("id IN (SELECT account_id FROM account_tags WHERE folded IN ({tags}))"),
            query.tags.iter().map(Value::from),
        );
    }
    for word in &query.words {
        let looked_for = somewhere(word);
        match word.parse::<i64>() {
            Ok(index) => condition.and(
                "(search_text LIKE {} ESCAPE '\\' \
                 OR device IN (SELECT serial FROM devices WHERE device_index = {}))",
                [looked_for, index.into()],
            ),
            Err(_) => condition.and("search_text LIKE {} ESCAPE '\\'", [looked_for]),
        }
    }
    condition
}

/// An account as it is shown, from here on.
const SHOWN: &str = "SELECT a.*, d.device_index, COALESCE(NULLIF(d.name, ''), d.model) AS device_name, \
     CAST(CASE WHEN s.password IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_password, \
     CAST(CASE WHEN s.totp_seed IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_2fa \
     FROM accounts a LEFT JOIN account_secrets s ON s.account_id = a.id \
     LEFT JOIN devices d ON d.serial = a.device WHERE ";

impl ListedAccount {
    fn read(row: &Row) -> Result<Self, StoreError> {
        let read = row.of("accounts", "id");
        let index = read.optional_integer("device_index")?;
        Ok(Self {
            has_password: read.integer("has_password")? != 0,
            has_2fa: read.integer("has_2fa")? != 0,
            device_index: index
                .map(|index| u32::try_from(index).map_err(|source| read.corrupt("device_index", source)))
                .transpose()?,
            device_name: read.optional_text("device_name")?.filter(|name| !name.is_empty()),
            row: AccountRow::read(row)?,
        })
    }
}

/// The accounts of these ids, in this order.
async fn shown(session: &mut Session, ids: &[i64]) -> Result<Vec<ListedAccount>, StoreError> {
    let mut found = std::collections::BTreeMap::new();
    for ids in ids.chunks(KEYS_AT_ONCE) {
        let rows = made_sql(format!("{SHOWN} a.id IN ({})", places(1, ids.len())))
            .bind_all(ids.iter().map(|id| Value::from(*id)))
            .rows(session)
            .await?;
        for row in &rows {
            let account = ListedAccount::read(row)?;
            found.insert(account.row.id, account);
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

pub(super) async fn one(session: &mut Session, id: i64) -> Result<Option<ListedAccount>, StoreError> {
    Ok(shown(session, &[id]).await?.pop())
}

pub(super) async fn by_username(
    session: &mut Session,
    platform: Platform,
    folded: &str,
) -> Result<Option<ListedAccount>, StoreError> {
    let row = sql("SELECT id FROM accounts WHERE platform = $1 AND username_folded = $2")
        .bind(platform.as_str())
        .bind(folded)
        .row(session)
        .await?;
    match row {
        None => Ok(None),
        Some(row) => one(session, row.of("accounts", "id").integer("id")?).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_numbers_its_values_through() {
        let query = AccountQuery {
            platform: Some(Platform::TikTok),
            devices: vec!["A".to_owned(), "B".to_owned()],
            words: vec!["50%_\\".to_owned(), "7".to_owned()],
            ..AccountQuery::default()
        };
        let made = condition(&query);
        assert_eq!(
            made.text,
            " WHERE platform = $1 AND device IN ($2, $3) AND search_text LIKE $4 ESCAPE '\\' \
             AND (search_text LIKE $5 ESCAPE '\\' OR device IN (SELECT serial FROM devices WHERE device_index = $6))"
        );
        assert_eq!(made.values.len(), 6);
        assert_eq!(made.values[3], Value::from("%50\\%\\_\\\\%"));
        assert_eq!(condition(&AccountQuery::default()).text, "");
    }

    #[test]
    fn sort_keys_have_names_of_their_own() {
        let names: std::collections::BTreeSet<_> = SortKey::ALL.into_iter().map(SortKey::name).collect();
        assert_eq!(names.len(), SortKey::ALL.len());
    }
}
