//! What an import works on: the accounts and phones that stand, their secrets, and those around who want to know.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use shared::account::{AccountStatus, Password, Platform, Username};
use shared::clock::SharedClock;
use shared::device::Serial;
use shared::totp::TotpSeed;
use tokio::task::spawn_blocking;

use super::field::{Field, Held, Record};
use super::planner::Batch;
use super::report::Progress;
use super::rules::{Ids, Rules};
use super::standing::{KnownAccount, KnownAccounts, KnownPhone, KnownPhones};
use crate::store::accounts::{PASSWORD, TOTP_SEED};
use crate::store::{
    AccountRow, DeviceRow, ImportState, IndexChange, Sealed, SealedColumn, Store, StoreError, WholeAccount,
};
use crate::vault::{SecretError, Spot, Vault};

/// Before something that failed for a while is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Those around an import.
pub trait Around: Send + Sync + fmt::Debug {
    /// By which other names phones go, by serial.
    fn aliases(&self) -> BTreeMap<String, Vec<String>>;
    /// A phone has another index.
    fn index_changed(&self, phone: DeviceRow);
    /// An import has come further.
    fn told(&self, import: i64, state: ImportState, progress: Progress);
}

/// What an import works on.
#[derive(Debug, Clone)]
pub struct Ground {
    pub store: Store,
    pub vault: Vault,
    pub clock: SharedClock,
    pub around: Arc<dyn Around>,
}

/// Why the ground gave way.
#[derive(Debug, thiserror::Error)]
pub enum GroundError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a chunk of the import cannot be opened")]
    Secret(#[from] SecretError),
    #[error("a chunk of the import cannot be read")]
    Chunk(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("a part of the work ended by itself")]
    Lost(#[from] tokio::task::JoinError),
}

impl GroundError {
    /// Whether it may work a moment later.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_passing())
    }
}

impl Ground {
    /// Waits before a second try.
    pub(super) async fn pause(&self) {
        self.clock.sleep(AGAIN_AFTER).await;
    }

    pub(super) async fn known_phones(&self) -> Result<KnownPhones, StoreError> {
        let mut aliases = self.around.aliases();
        let devices = self.store.list_devices().await?;
        Ok(devices
            .into_iter()
            .map(|row| KnownPhone {
                aliases: aliases.remove(&row.serial.0).unwrap_or_default(),
                serial: row.serial.0,
                index: row.device_index,
            })
            .collect())
    }

    /// The accounts that the rows may mean.
    pub(super) async fn known_accounts(
        &self,
        batch: &Batch,
        rules: &Rules,
        with_passwords: bool,
    ) -> Result<KnownAccounts, GroundError> {
        let mut keys: BTreeMap<Platform, (Vec<i64>, Vec<String>)> = BTreeMap::new();
        for row in batch.rows() {
            let (ids, names) = keys.entry(row.platform).or_default();
            ids.extend(row.id.filter(|_| rules.ids == Ids::Match));
            names.extend(row.username.iter().map(|name| name.folded().to_owned()));
        }
        self.known(keys, with_passwords).await
    }

    /// The accounts with these ids or folded usernames.
    pub(super) async fn known(
        &self,
        keys: BTreeMap<Platform, (Vec<i64>, Vec<String>)>,
        with_passwords: bool,
    ) -> Result<KnownAccounts, GroundError> {
        let accounts = self.store.accounts_meant(keys.clone()).await?;
        let vault = self.vault.clone();
        let known = spawn_blocking(move || {
            let known = accounts.into_iter().map(|account| KnownAccount {
                id: account.row.id,
                platform: account.row.platform,
                username: account.row.username.clone(),
                record: record(&account, with_passwords.then_some(&vault)),
            });
            known.collect()
        });
        Ok(known.await?)
    }

    /// Tells the fleet of phones whose index was changed in the database.
    pub(super) async fn show_indexes(&self, changes: &[IndexChange]) -> Result<(), StoreError> {
        for change in changes {
            if let Some(row) = self.store.device(&Serial(change.serial.clone())).await? {
                self.around.index_changed(row);
            }
        }
        Ok(())
    }
}

fn spot(column: SealedColumn, id: i64) -> Spot {
    Spot::new(column.table, column.column, id)
}

/// An account's fields; its password where there is a vault to open it.
pub(super) fn record(account: &WholeAccount, vault: Option<&Vault>) -> Record {
    let row = &account.row;
    let mut record = Record::default();
    let mut set = |field, held| record.set(field, held);
    set(Field::Username, Held::Text(row.username.as_str().to_owned()));
    set(Field::Email, Held::text(row.email.clone()));
    set(
        Field::Device,
        Held::text(row.device.as_ref().map(|serial| serial.0.clone())),
    );
    set(Field::Logined, Held::Number(row.logined.into()));
    set(Field::Status, Held::Number(row.status.number().into()));
    set(Field::Nickname, Held::text(row.statistics.nickname.clone()));
    set(Field::Country, Held::text(row.statistics.country.clone()));
    set(Field::Followers, Held::number(row.statistics.followers));
    set(Field::Following, Held::number(row.statistics.following));
    set(Field::Hearts, Held::number(row.statistics.hearts));
    set(Field::Videos, Held::number(row.statistics.videos));
    set(Field::Friends, Held::number(row.statistics.friends));
    set(Field::PackageName, Held::text(row.packagename.clone()));
    set(Field::Tags, Held::tags(row.tags.clone()));
    if let Some(vault) = vault {
        set(
            Field::Pwd,
            password(account, vault).map_or(Held::Damaged, Held::password),
        );
    }
    record
}

/// An account's password with its 2FA secret, as far as both can be opened.
fn password(account: &WholeAccount, vault: &Vault) -> Option<Password> {
    let open = |column, sealed: &Option<Sealed>| match sealed {
        None => Some(None),
        Some(sealed) => vault
            .open_sealed(&spot(column, account.row.id), sealed)
            .ok()
            .map(Some),
    };
    let text = open(PASSWORD, &account.secrets.password)?.unwrap_or_default();
    let totp = match open(TOTP_SEED, &account.secrets.totp_seed)? {
        None => None,
        Some(seed) => Some(TotpSeed::parse(seed.expose())?),
    };
    Some(Password { text, totp })
}

/// Puts a value into an account; an error says that the account cannot have it, which no plan says.
pub(super) fn put(
    account: &mut WholeAccount,
    field: Field,
    held: &Held,
    vault: &Vault,
) -> Result<(), GroundError> {
    let row = &mut account.row;
    let text = || held.as_text().map(str::to_owned);
    let number = held.as_number();
    match field {
        Field::Username => {
            row.username = Username::parse(held.as_text().unwrap_or_default())
                .map_err(|wrong| GroundError::Chunk(wrong.into()))?;
        }
        Field::Email => row.email = text(),
        Field::Device => row.device = text().map(Serial),
        Field::Logined => row.logined = number == Some(1),
        Field::Status => {
            row.status = if number == Some(1) {
                AccountStatus::Disabled
            } else {
                AccountStatus::Enabled
            };
        }
        Field::Nickname => row.statistics.nickname = text(),
        Field::Country => row.statistics.country = text(),
        Field::Followers => row.statistics.followers = number,
        Field::Following => row.statistics.following = number,
        Field::Hearts => row.statistics.hearts = number,
        Field::Videos => row.statistics.videos = number,
        Field::Friends => row.statistics.friends = number,
        Field::PackageName => row.packagename = text(),
        Field::Tags => {
            row.tags = match held {
                Held::Tags(tags) => tags.clone(),
                _ => shared::account::Tags::default(),
            };
        }
        Field::Pwd => {
            let id = row.id;
            let (text, seed) = match held {
                Held::Secret(password) => (Some(&password.text), password.totp.as_ref()),
                _ => (None, None),
            };
            let text = text.filter(|text| !text.is_empty());
            account.secrets.password = text.map(|text| vault.seal(&spot(PASSWORD, id), text));
            account.secrets.totp_seed = seed.map(|seed| vault.seal(&spot(TOTP_SEED, id), seed.base32()));
        }
    }
    Ok(())
}

/// A new account with these fields; its username is among them.
pub(super) fn made(id: i64, platform: Platform, username: Username) -> WholeAccount {
    WholeAccount {
        row: AccountRow::new(id, platform, username),
        secrets: crate::store::AccountSecrets::default(),
    }
}
