//! Accounts: who they are, which phone they are bound to, what their apps say of them; their secrets, sealed, in a table
//! of their own. Every change is on record, and no record holds a secret.
//!
//! Knows nothing of keys: what is sealed comes sealed and goes sealed.

mod batch;
mod list;
mod moves;
mod record;
mod rows;
mod statistics;

use std::collections::BTreeMap;

use jiff::Timestamp;
use shared::account::{Platform, Username};

use super::error::StoreError;
use super::sealed::{Sealed, SealedColumn};
use super::session::{Session, made_sql, sql};
use super::writer::Work;
use super::{Store, audit, counters, imports, tasks};

pub use list::{AccountQuery, AccountSort, SortKey};
pub use moves::AccountMove;
pub(crate) use moves::follow;
pub use rows::{AccountRow, AccountSecrets, ListedAccount, WholeAccount};
pub(crate) use rows::{bound_to, caps, delete_many, find_many, insert_many, update};
pub use statistics::{KEPT_DAYS as STATISTICS_KEPT_DAYS, StatisticsOfDay};

/// Where passwords stand.
pub const PASSWORD: SealedColumn = SealedColumn {
    table: "account_secrets",
    column: "password",
    row: "account_id",
};
/// Where the seeds of 2FA codes stand.
pub const TOTP_SEED: SealedColumn = SealedColumn {
    table: "account_secrets",
    column: "totp_seed",
    row: "account_id",
};

impl Store {
    /// Every change of accounts goes through here: it is refused while an import is under way.
    pub(crate) async fn write_accounts<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'s> FnOnce(&'s mut Session) -> Work<'s, T> + Send + 'static,
    {
        self.write(move |session| {
            Box::pin(async move {
                imports::pass(session).await?;
                work(session).await
            })
        })
        .await
    }

    /// Takes ids for new accounts, so that their secrets can be sealed before they are written; answers the first. An
    /// id that is not used is never used.
    pub async fn next_account_ids(&self, count: u32) -> Result<i64, StoreError> {
        self.next_ids(counters::ACCOUNT, count).await
    }

    /// Creates an account under an id that [`Store::next_account_ids`] gave.
    pub async fn create_account(&self, new: WholeAccount, who: &str) -> Result<ListedAccount, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write_accounts(move |session| {
            Box::pin(async move {
                let mut new = new;
                (new.row.created_at, new.row.updated_at) = (now, now);
                refuse_duplicate(session, &new.row).await?;
                insert_many(session, std::slice::from_ref(&new)).await?;
                audit::append(session, now, &record::created(who, &new)).await?;
                list::one(session, new.row.id)
                    .await?
                    .ok_or_else(|| missing(new.row.id))
            })
        })
        .await
    }

    /// Creates many accounts in one transaction, all or none, under ids that [`Store::next_account_ids`] gave.
    pub async fn create_accounts(&self, new: Vec<WholeAccount>, who: &str) -> Result<(), StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write_accounts(move |session| {
            Box::pin(async move {
                let mut new = new;
                let mut entries = Vec::with_capacity(new.len());
                for account in &mut new {
                    (account.row.created_at, account.row.updated_at) = (now, now);
                    refuse_duplicate(session, &account.row).await?;
                    entries.push(record::created(who.clone(), account));
                }
                insert_many(session, &new).await?;
                audit::append_all(session, now, &entries).await
            })
        })
        .await
    }

    /// The accounts of a platform that have one of these ids or one of these usernames, in order of their ids.
    pub async fn find_accounts(
        &self,
        platform: Platform,
        ids: Vec<i64>,
        usernames: &[Username],
    ) -> Result<Vec<WholeAccount>, StoreError> {
        let folded: Vec<String> = usernames.iter().map(|name| name.folded().to_owned()).collect();
        self.snapshot(move |session| {
            Box::pin(async move { find_many(session, platform, &ids, &folded).await })
        })
        .await
    }

    pub async fn account(&self, id: i64) -> Result<Option<ListedAccount>, StoreError> {
        self.read(move |session| Box::pin(async move { list::one(session, id).await }))
            .await
    }

    pub async fn account_by_username(
        &self,
        platform: Platform,
        username: &Username,
    ) -> Result<Option<ListedAccount>, StoreError> {
        let folded = username.folded().to_owned();
        self.snapshot(move |session| {
            Box::pin(async move { list::by_username(session, platform, &folded).await })
        })
        .await
    }

    /// An account with its secrets, sealed.
    pub async fn whole_account(&self, id: i64) -> Result<Option<WholeAccount>, StoreError> {
        self.read(move |session| Box::pin(async move { rows::find(session, id).await }))
            .await
    }

    /// Changes an account, on record. `change` sees the account as it is within the transaction; what it leaves is not
    /// written.
    pub async fn change_account<F>(&self, id: i64, change: F, who: &str) -> Result<ListedAccount, StoreError>
    where
        F: FnOnce(&mut WholeAccount) -> Result<(), StoreError> + Send + 'static,
    {
        Ok(self.change_or_move_account(id, change, who).await?.0)
    }

    /// The same, and tells what goes with it where the account has another phone then.
    pub async fn change_or_move_account<F>(
        &self,
        id: i64,
        change: F,
        who: &str,
    ) -> Result<(ListedAccount, Option<AccountMove>), StoreError>
    where
        F: FnOnce(&mut WholeAccount) -> Result<(), StoreError> + Send + 'static,
    {
        let (who, now) = (who.to_owned(), self.now());
        self.write_accounts(move |session| {
            Box::pin(async move {
                let before = rows::find(session, id).await?.ok_or_else(|| missing(id))?;
                let mut after = before.clone();
                change(&mut after)?;
                let mut moved = None;
                if let Some(applied) = apply(session, now, &before, &mut after, &who).await? {
                    audit::append(session, now, &applied.entry).await?;
                    moved = applied.moved;
                }
                let listed = list::one(session, id).await?.ok_or_else(|| missing(id))?;
                Ok((listed, moved))
            })
        })
        .await
    }

    /// Deletes an account and its secrets, on record; answers what it was.
    pub async fn delete_account(&self, id: i64, who: &str) -> Result<AccountRow, StoreError> {
        let (who, now) = (who.to_owned(), self.now());
        self.write_accounts(move |session| {
            Box::pin(async move {
                let account = rows::find(session, id).await?.ok_or_else(|| missing(id))?;
                delete_many(session, &[id]).await?;
                audit::append(session, now, &record::deleted(who, &account)).await?;
                Ok(account.row)
            })
        })
        .await
    }

    /// The next accounts in order of their ids, with their secrets: to read all of them a part at a time.
    pub async fn accounts_after(
        &self,
        platform: Option<Platform>,
        after: i64,
        count: u32,
    ) -> Result<Vec<WholeAccount>, StoreError> {
        self.read(move |session| Box::pin(async move { rows::after(session, platform, after, count).await }))
            .await
    }

    /// How many accounts of each platform are bound to each phone, or to one.
    pub async fn accounts_by_device(
        &self,
        device: Option<&str>,
    ) -> Result<BTreeMap<String, BTreeMap<Platform, u64>>, StoreError> {
        const COUNTED: &str = "SELECT device, platform, COUNT(*) AS accounts FROM accounts WHERE device";
        let statement = match device {
            None => made_sql(format!("{COUNTED} IS NOT NULL GROUP BY device, platform")),
            Some(device) => made_sql(format!("{COUNTED} = $1 GROUP BY device, platform")).bind(device),
        };
        self.read(|session| {
            Box::pin(async move {
                let mut counts: BTreeMap<String, BTreeMap<Platform, u64>> = BTreeMap::new();
                for row in &statement.rows(session).await? {
                    let row = row.of("accounts", "device");
                    let count = row.integer("accounts")?.unsigned_abs();
                    counts
                        .entry(row.text("device")?)
                        .or_default()
                        .insert(row.parsed("platform")?, count);
                }
                Ok(counts)
            })
        })
        .await
    }

    /// Notes that the code of a step is given away; answers whether it may be: no step is given twice, nor an earlier
    /// one.
    pub async fn take_totp_step(&self, id: i64, step: i64) -> Result<bool, StoreError> {
        self.write(move |session| {
            Box::pin(async move {
                let taken = sql(
                    "UPDATE account_secrets SET totp_used_step = $2 WHERE account_id = $1 \
                     AND totp_seed IS NOT NULL AND (totp_used_step IS NULL OR totp_used_step < $2)",
                )
                .bind(id)
                .bind(step)
                .execute(session)
                .await?;
                Ok(taken > 0)
            })
        })
        .await
    }

    /// Both secrets as they stand, for who has put on record why.
    pub async fn account_secrets(&self, id: i64) -> Result<Option<AccountSecrets>, StoreError> {
        Ok(self.whole_account(id).await?.map(|account| account.secrets))
    }
}

/// What is put on record of an account that somebody else has written.
pub(crate) fn changed_record(who: &str, before: &WholeAccount, after: &WholeAccount) -> super::AuditEntry {
    record::changed(who.to_owned(), before, after, None)
}

impl AccountSecrets {
    /// The sealed text of a column.
    pub fn of(&self, column: SealedColumn) -> Option<&Sealed> {
        if column == PASSWORD {
            self.password.as_ref()
        } else {
            self.totp_seed.as_ref()
        }
    }
}

fn missing(id: i64) -> StoreError {
    StoreError::not_found("account", &id)
}

/// What was written.
#[derive(Debug)]
struct Applied {
    /// To be put on record.
    entry: super::AuditEntry,
    moved: Option<AccountMove>,
}

/// Writes what has changed; answers nothing where nothing has.
async fn apply(
    session: &mut Session,
    now: Timestamp,
    before: &WholeAccount,
    after: &mut WholeAccount,
    who: &str,
) -> Result<Option<Applied>, StoreError> {
    if after.row.is_same(&before.row) && after.secrets == before.secrets {
        return Ok(None);
    }
    after.row.updated_at = now;
    let (was, is) = (&before.row, &after.row);
    if (was.platform, &was.username) != (is.platform, &is.username) {
        refuse_duplicate(session, is).await?;
    }
    if was.caps != is.caps {
        tasks::capped::look_again(session, now, is.id).await?;
    }
    let moved = moves::follow(session, was, is).await?;
    update(session, before, after).await?;
    statistics::keep(session, now, &before.row, &after.row).await?;
    let entry = record::changed(who.to_owned(), before, after, moved.as_ref());
    Ok(Some(Applied { entry, moved }))
}

/// Names the account that has the username already, which the database's own refusal would not.
async fn refuse_duplicate(session: &mut Session, account: &AccountRow) -> Result<(), StoreError> {
    let holder = sql("SELECT id FROM accounts WHERE platform = $1 AND username_folded = $2 AND id <> $3")
        .bind(account.platform.as_str())
        .bind(account.username.folded())
        .bind(account.id)
        .row(session)
        .await?;
    match holder {
        None => Ok(()),
        Some(holder) => Err(StoreError::UsernameTaken {
            username: account.username.as_str().to_owned(),
            platform: account.platform,
            by: holder.of("accounts", "id").integer("id")?,
        }),
    }
}
