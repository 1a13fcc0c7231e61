//! What happens to accounts.

use jiff::Timestamp;
use serde_json::json;

use super::{EventHub, TOLD_ONE_BY_ONE, Topic};
use crate::store::AccountRow;

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountEvent {
    Created,
    Changed,
    Deleted,
}

impl AccountEvent {
    fn name(self) -> &'static str {
        match self {
            Self::Created => "account_created",
            Self::Changed => "account_changed",
            Self::Deleted => "account_deleted",
        }
    }
}

impl EventHub {
    /// Tells of accounts; of many at once in one word, so that readers are not flooded.
    pub fn accounts(&self, at: Timestamp, what: AccountEvent, accounts: &[AccountRow]) {
        let mut book = self.book();
        if accounts.len() > TOLD_ONE_BY_ONE {
            let data = json!({"at": at, "what": "accounts_changed", "count": accounts.len()});
            return self.put(&mut book, Topic::Account, &data);
        }
        for account in accounts {
            let data = json!({
                "at": at, "what": what.name(), "account": account.id,
                "username": account.username.as_str(), "platform": account.platform.as_str(),
            });
            self.put(&mut book, Topic::Account, &data);
        }
    }
}
