//! What comes of a request for tasks: which script on which phones for which accounts, target by target, at which times.
//!
//! Decides from what it is given and asks nobody: the store, the fleet and the clock are its caller's.

mod choose;
mod config;
mod links;
mod scripts;
mod times;

use jiff::Timestamp;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::Value as Json;
use shared::account::{Platform, Username};
use shared::device::Serial;

use crate::media::Media;
use crate::packs::Packs;
use crate::store::{AccountRow, NewTask};
pub use times::{Spacing, next_occurrence, time_of_day};

/// Tasks of one call.
pub const MOST_TASKS: usize = 10_000;

/// A request, read but not yet held against the packs.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub script: String,
    pub config: Json,
    pub on: On,
    pub platform: Option<Platform>,
    /// Where neither the request nor an account decides.
    pub usual_platform: Platform,
    /// `None`: as soon as may be.
    pub start_at: Option<Timestamp>,
    pub spacing: Option<Spacing>,
    pub max_retries: Option<u32>,
    /// Whether a phone's tasks are done in a random order.
    pub random_order: bool,
    /// Everything random follows from it.
    pub seed: u64,
    pub now: Timestamp,
}

/// For whom tasks are wanted.
#[derive(Debug, Clone)]
pub enum On {
    Phones { phones: Vec<Phone>, every_account: bool },
    Accounts(Vec<Named>),
}

/// A phone and the accounts that are bound to it, lowest id first.
#[derive(Debug, Clone)]
pub struct Phone {
    pub serial: Serial,
    /// Another one has taken its place.
    pub replaced: bool,
    pub accounts: Vec<AccountRow>,
}

/// A username, and the accounts that have it: one of each platform at most.
#[derive(Debug, Clone)]
pub struct Named {
    pub username: Username,
    pub accounts: Vec<AccountRow>,
}

/// What is to be created.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    pub tasks: Vec<NewTask>,
    pub skipped: Vec<Skipped>,
    pub warnings: Vec<String>,
}

/// A phone or an account for which nothing is created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    pub who: Who,
    pub reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Phone(Serial),
    Account(Username),
}

/// Why nothing is created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("{0}")]
    Script(String),
    #[error("{0}")]
    Parameter(String),
    #[error("{0}")]
    UnknownAccount(String),
    #[error("{0}")]
    NothingLeft(String),
}

/// The script that is meant by a name: the one that there is, or why there is none.
pub fn script(packs: &Packs, name: &str) -> Result<String, Refused> {
    scripts::meant(packs, name)
}

/// Works out the tasks of a request.
pub fn plan(packs: &Packs, media: &Media, wanted: &Wanted) -> Result<Planned, Refused> {
    let platform = platform_of(packs, wanted)?;
    let chosen = choose::choices(packs, wanted, platform)?;
    let mut configs = config::Configs::new(packs, media, wanted);
    let mut times = times::Times::new(wanted);
    let mut random = StdRng::seed_from_u64(wanted.seed);
    let mut tasks = Vec::new();
    for choice in &chosen.choices {
        let parts = configs.parts(&choice.platform)?;
        if tasks.len() + parts.configs.len() > MOST_TASKS {
            return Err(Refused::Parameter(format!(
                "these are more than {MOST_TASKS} tasks: ask for them in several calls"
            )));
        }
        for config in &parts.configs {
            let account = choice.account;
            tasks.push(NewTask {
                platform: choice.platform.clone(),
                pack: parts.pack.clone(),
                script: wanted.script.clone(),
                config: config.clone(),
                serial: choice.serial.clone(),
                account_id: account.map(|account| account.id),
                username: account.map(|account| account.username.clone()),
                package: account.and_then(|account| account.packagename.clone()),
                start_at: times.next(&choice.serial, &mut random),
                max_retries: wanted.max_retries,
                seed: random.random(),
                sequence: tasks.len() as u32,
                queue_key: wanted.random_order.then(|| random.random_range(0..i64::MAX)),
                of_phone: matches!(wanted.on, On::Phones { .. }),
            });
        }
    }
    if tasks.is_empty() {
        if !chosen.skipped.is_empty()
            && chosen
                .skipped
                .iter()
                .all(|one| one.reason == choose::FLOW_DISABLED)
        {
            return Err(Refused::Script(format!(
                "script_name: {} is switched off: an admin can switch it on again, on the page of flows or with PATCH /flows/PLATFORM/{}",
                wanted.script, wanted.script
            )));
        }
        return Err(Refused::NothingLeft(nothing_left(&chosen.skipped)));
    }
    Ok(Planned {
        tasks,
        skipped: chosen.skipped,
        warnings: configs.warnings(),
    })
}

/// Holds a request's configuration against its script, where there is nobody to run it for as yet; answers the warnings.
pub fn check(packs: &Packs, media: &Media, wanted: &Wanted) -> Result<Vec<String>, Refused> {
    let named = platform_of(packs, wanted)?
        .unwrap_or(wanted.usual_platform)
        .as_str();
    let platform = if packs.find(named, &wanted.script).is_some() {
        Some(named)
    } else {
        packs.platforms(&wanted.script).into_iter().next()
    };
    let mut configs = config::Configs::new(packs, media, wanted);
    if let Some(platform) = platform {
        configs.parts(platform)?;
    }
    Ok(configs.warnings())
}

/// What the request itself says of the platform: by name, or by the links that it has.
fn platform_of(packs: &Packs, wanted: &Wanted) -> Result<Option<Platform>, Refused> {
    let platform = wanted.platform.or_else(|| links::platform(&wanted.config));
    match platform {
        Some(platform) if packs.find(platform.as_str(), &wanted.script).is_none() => {
            Err(Refused::Script(format!(
                "script_name: {} is not offered for {}",
                wanted.script,
                platform.title()
            )))
        }
        _ => Ok(platform),
    }
}

fn nothing_left(skipped: &[Skipped]) -> String {
    const SHOWN: usize = 10;
    if skipped.is_empty() {
        return "there is nothing to do: no phone is in these groups".to_owned();
    }
    let told: Vec<String> = skipped
        .iter()
        .take(SHOWN)
        .map(|skipped| match &skipped.who {
            Who::Phone(serial) => format!("{serial} ({})", skipped.reason),
            Who::Account(username) => format!("{username} ({})", skipped.reason),
        })
        .collect();
    let more = match skipped.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "there is nothing left to do: skipped were {}{more}",
        told.join(", ")
    )
}

#[cfg(test)]
mod tests;
