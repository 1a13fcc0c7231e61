//! What stands in the farm before an import, as far as its rows need it: accounts found by id or username, phones found by
//! any of their names or by index. Plain values, filled by whoever can read the farm.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use shared::account::{Platform, Username};

use super::field::Record;

/// An account that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownAccount {
    pub id: i64,
    pub platform: Platform,
    pub username: Username,
    pub record: Record,
}

/// The accounts that the rows at hand may mean.
#[derive(Debug, Clone, Default)]
pub struct KnownAccounts {
    by_id: HashMap<(Platform, i64), Arc<KnownAccount>>,
    by_name: HashMap<(Platform, String), Arc<KnownAccount>>,
}

impl KnownAccounts {
    pub fn with_id(&self, platform: Platform, id: i64) -> Option<&Arc<KnownAccount>> {
        self.by_id.get(&(platform, id))
    }

    pub fn named(&self, platform: Platform, username: &Username) -> Option<&Arc<KnownAccount>> {
        self.by_name.get(&(platform, username.folded().to_owned()))
    }
}

impl FromIterator<KnownAccount> for KnownAccounts {
    fn from_iter<I: IntoIterator<Item = KnownAccount>>(accounts: I) -> Self {
        let mut known = Self::default();
        for account in accounts {
            let account = Arc::new(account);
            let name = (account.platform, account.username.folded().to_owned());
            known
                .by_id
                .insert((account.platform, account.id), Arc::clone(&account));
            known.by_name.insert(name, account);
        }
        known
    }
}

/// A phone that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPhone {
    pub serial: String,
    pub index: u32,
    pub aliases: Vec<String>,
}

/// All phones that were ever seen.
#[derive(Debug, Clone, Default)]
pub struct KnownPhones {
    phones: Vec<KnownPhone>,
    by_name: HashMap<String, usize>,
    by_index: BTreeMap<u32, usize>,
}

impl KnownPhones {
    /// By its serial first, then by any alias.
    pub fn named(&self, name: &str) -> Option<&KnownPhone> {
        self.by_name.get(name).map(|place| &self.phones[*place])
    }

    pub fn with_index(&self, index: u32) -> Option<&KnownPhone> {
        self.by_index.get(&index).map(|place| &self.phones[*place])
    }
}

impl FromIterator<KnownPhone> for KnownPhones {
    fn from_iter<I: IntoIterator<Item = KnownPhone>>(phones: I) -> Self {
        let phones: Vec<_> = phones.into_iter().collect();
        let mut known = Self::default();
        for (place, phone) in phones.iter().enumerate() {
            known.by_index.insert(phone.index, place);
            for alias in &phone.aliases {
                known.by_name.entry(alias.clone()).or_insert(place);
            }
        }
        for (place, phone) in phones.iter().enumerate() {
            known.by_name.insert(phone.serial.clone(), place);
        }
        known.phones = phones;
        known
    }
}
