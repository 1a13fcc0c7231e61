//! On which phones and for which accounts a script is to run.

use std::collections::BTreeSet;

use shared::account::{AccountStatus, Platform};
use shared::device::Serial;

use super::scripts::{FOR_AN_ACCOUNT, LOGIN, MATCH_ACCOUNTS};
use super::{Named, On, Phone, Refused, Skipped, Wanted, Who};
use crate::packs::Packs;
use crate::store::AccountRow;

const DISABLED: &str = "account_disabled";
const REPLACED: &str = "phone_replaced";
const NO_DEVICE: &str = "no_device";
const NO_ACCOUNT: &str = "no_account";
const LOGGED_IN: &str = "logged_in";
pub(super) const FLOW_DISABLED: &str = "flow_disabled";
const NOT_ON_PLATFORM: &str = "not_offered_on_platform";

/// A phone, and for whom.
#[derive(Debug)]
pub(super) struct Choice<'w> {
    pub(super) serial: Serial,
    /// `None`: whatever session the app has.
    pub(super) account: Option<&'w AccountRow>,
    pub(super) platform: String,
}

#[derive(Debug, Default)]
pub(super) struct Chosen<'w> {
    pub(super) choices: Vec<Choice<'w>>,
    pub(super) skipped: Vec<Skipped>,
}

impl<'w> Chosen<'w> {
    fn skip(&mut self, who: Who, reason: &'static str) {
        self.skipped.push(Skipped { who, reason });
    }

    fn take(&mut self, serial: &Serial, account: &'w AccountRow) {
        self.choices.push(Choice {
            serial: serial.clone(),
            account: Some(account),
            platform: account.platform.as_str().to_owned(),
        });
    }
}

/// `platform` is what the request says of it.
pub(super) fn choices<'w>(
    packs: &Packs,
    wanted: &'w Wanted,
    platform: Option<Platform>,
) -> Result<Chosen<'w>, Refused> {
    let rules = Rules {
        packs,
        wanted,
        platform,
    };
    let mut chosen = Chosen::default();
    match &wanted.on {
        On::Accounts(names) => {
            let accounts = rules.meant(names)?;
            rules.for_accounts(&accounts, &mut chosen);
        }
        On::Phones {
            phones,
            every_account,
        } => {
            for phone in phones {
                rules.on_phone(phone, *every_account, &mut chosen);
            }
        }
    }
    Ok(chosen)
}

struct Rules<'r, 'w> {
    packs: &'r Packs,
    wanted: &'w Wanted,
    platform: Option<Platform>,
}

impl<'w> Rules<'_, 'w> {
    fn is_offered(&self, platform: &str) -> bool {
        self.packs.find(platform, &self.wanted.script).is_some()
    }

    fn is_off(&self, platform: &str) -> bool {
        self.packs.is_off(platform, &self.wanted.script)
    }

    /// The accounts that are meant by usernames; a name that both platforms know is the wanted one's, else the usual
    /// one's.
    fn meant(&self, names: &'w [Named]) -> Result<Vec<&'w AccountRow>, Refused> {
        let mut accounts = Vec::new();
        let mut unknown = Vec::new();
        for name in names {
            let of = |platform: Platform| name.accounts.iter().find(|account| account.platform == platform);
            let account = match self.platform {
                Some(platform) => of(platform),
                None => of(self.wanted.usual_platform).or(name.accounts.first()),
            };
            match account {
                Some(account) => accounts.push(account),
                None => unknown.push(name.username.as_str()),
            }
        }
        if unknown.is_empty() {
            return Ok(accounts);
        }
        let kind = self
            .platform
            .map_or(String::new(), |platform| format!("{} ", platform.title()));
        Err(Refused::UnknownAccount(format!(
            "usernames: there is no {kind}account {}",
            unknown.join(", ")
        )))
    }

    fn for_accounts(&self, accounts: &[&'w AccountRow], chosen: &mut Chosen<'w>) {
        let mut looked_at = BTreeSet::new();
        for account in accounts {
            let who = || Who::Account(account.username.clone());
            let platform = account.platform.as_str();
            let Some(serial) = &account.device else {
                chosen.skip(who(), NO_DEVICE);
                continue;
            };
            if !self.is_offered(platform) {
                chosen.skip(who(), NOT_ON_PLATFORM);
            } else if self.is_off(platform) {
                chosen.skip(who(), FLOW_DISABLED);
            } else if account.status == AccountStatus::Disabled {
                chosen.skip(who(), DISABLED);
            } else if self.wanted.script == MATCH_ACCOUNTS {
                if looked_at.insert((serial, platform)) {
                    chosen.choices.push(Choice {
                        serial: serial.clone(),
                        account: None,
                        platform: platform.to_owned(),
                    });
                }
            } else {
                chosen.take(serial, account);
            }
        }
    }

    fn on_phone(&self, phone: &'w Phone, every_account: bool, chosen: &mut Chosen<'w>) {
        if phone.replaced {
            return chosen.skip(Who::Phone(phone.serial.clone()), REPLACED);
        }
        let offered: Vec<&AccountRow> = phone
            .accounts
            .iter()
            .filter(|account| self.platform.is_none_or(|platform| platform == account.platform))
            .filter(|account| self.is_offered(account.platform.as_str()))
            .collect();
        let who = || Who::Phone(phone.serial.clone());
        let mut bound = offered.clone();
        bound.retain(|account| !self.is_off(account.platform.as_str()));
        if bound.is_empty() && !offered.is_empty() {
            return chosen.skip(who(), FLOW_DISABLED);
        }
        let script = self.wanted.script.as_str();
        if script == MATCH_ACCOUNTS || bound.is_empty() {
            let needs_one = every_account && script != MATCH_ACCOUNTS;
            if needs_one || FOR_AN_ACCOUNT.contains(&script) {
                return chosen.skip(who(), NO_ACCOUNT);
            }
            return match self.without_account() {
                Some(platform) if self.is_off(&platform) => chosen.skip(who(), FLOW_DISABLED),
                Some(platform) => chosen.choices.push(Choice {
                    serial: phone.serial.clone(),
                    account: None,
                    platform,
                }),
                None => chosen.skip(who(), NOT_ON_PLATFORM),
            };
        }
        let enabled: Vec<&AccountRow> = bound
            .iter()
            .copied()
            .filter(|account| account.status == AccountStatus::Enabled)
            .collect();
        if script == LOGIN || every_account {
            for account in bound {
                let who = || Who::Account(account.username.clone());
                if account.status == AccountStatus::Disabled {
                    chosen.skip(who(), DISABLED);
                } else if script == LOGIN && account.logined {
                    chosen.skip(who(), LOGGED_IN);
                } else {
                    chosen.take(&phone.serial, account);
                }
            }
            return;
        }
        // Where none is known to be logged in, the flow finds out: it stops on a wrong account.
        match enabled.iter().find(|account| account.logined).or(enabled.first()) {
            Some(account) => chosen.take(&phone.serial, account),
            None => chosen.skip(who(), DISABLED),
        }
    }

    /// The platform of a task that no account decides.
    fn without_account(&self) -> Option<String> {
        let named = self.platform.unwrap_or(self.wanted.usual_platform).as_str();
        if self.is_offered(named) {
            return Some(named.to_owned());
        }
        // The script itself decides, where one platform alone has it.
        let platforms = self.packs.platforms(&self.wanted.script);
        match platforms.iter().next() {
            Some(only) if platforms.len() == 1 && self.platform.is_none() => Some((*only).to_owned()),
            _ => None,
        }
    }
}
