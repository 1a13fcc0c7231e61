//! What a request for tasks means on this farm: which phones and accounts there are of those that it names.

use std::collections::{BTreeMap, BTreeSet};

use shared::account::{Platform, Username};
use shared::device::Serial;

use super::super::envelope::ApiError;
use super::read::TaskEntry;
use crate::state::AppState;
use crate::store::AccountRow;
use crate::tasks::{self, Named, On, Phone, Wanted};

/// What does not exist and is named, at most.
const NAMED: usize = 10;

pub(crate) async fn wanted(state: &AppState, entry: &TaskEntry) -> Result<Wanted, ApiError> {
    let now = state.clock.now();
    let start_at = match entry.start_time {
        Some(time) => tasks::next_occurrence(now, time, &state.config.zone),
        None => entry.start_at,
    };
    // Before anybody is looked for: a script that there is not is wrong for everybody.
    let script = tasks::script(&state.packs.get(), &entry.script_name)?;
    let on = if entry.usernames.is_empty() {
        let mut names = entry.serials.clone();
        names.extend(members(state, &entry.groups).await?);
        On::Phones {
            phones: phones(state, &names).await?,
            every_account: entry.enable_multi_account,
        }
    } else {
        On::Accounts(accounts(state, &entry.usernames).await?)
    };
    Ok(Wanted {
        script,
        config: entry.script_config.clone(),
        on,
        platform: entry.platform,
        usual_platform: state.in_force.get().usual_platform,
        start_at,
        spacing: entry.spacing()?,
        max_retries: entry.max_retries,
        random_order: state.scheduler.rules().random_order,
        seed: rand::random(),
        now,
    })
}

/// The serials of all phones of these groups.
async fn members(state: &AppState, names: &[String]) -> Result<Vec<String>, ApiError> {
    let (mut serials, mut unknown) = (Vec::new(), Vec::new());
    for name in names {
        match state.store.group(name).await? {
            Some(group) => serials.extend(group.serials.into_iter().map(|serial| serial.0)),
            None => unknown.push(name.as_str()),
        }
    }
    refuse_unknown("groups", "group", &unknown)?;
    Ok(serials)
}

/// The phones that are meant, each once, with what is bound to them under any of their names.
async fn phones(state: &AppState, names: &[String]) -> Result<Vec<Phone>, ApiError> {
    let mut serials: Vec<(Serial, bool)> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut unknown = Vec::new();
    for name in names {
        let live = state.phones.find(name);
        let serial = match &live {
            Some(live) => live.device.serial.clone(),
            None => Serial(name.clone()),
        };
        let row = match live.as_ref().and_then(|live| live.row.clone()) {
            Some(row) => Some(row),
            None => state.store.device(&serial).await?,
        };
        if live.is_none() && row.is_none() {
            unknown.push(name.as_str());
            continue;
        }
        if known.contains_key(&serial.0) {
            continue;
        }
        let place = serials.len();
        known.insert(serial.0.clone(), place);
        for alias in live.iter().flat_map(|live| &live.device.aliases) {
            known.entry(alias.clone()).or_insert(place);
        }
        serials.push((serial, row.is_some_and(|row| row.replaced_by.is_some())));
    }
    refuse_unknown("serials", "phone", &unknown)?;
    let mut phones: Vec<Phone> = serials
        .into_iter()
        .map(|(serial, replaced)| Phone {
            serial,
            replaced,
            accounts: Vec::new(),
        })
        .collect();
    for account in state.store.accounts_on(known.keys().cloned().collect()).await? {
        let device = account.device.as_ref().map(|device| device.0.as_str());
        let place = device.and_then(|device| known.get(device));
        if let Some(phone) = place.and_then(|place| phones.get_mut(*place)) {
            phone.accounts.push(account);
        }
    }
    Ok(phones)
}

/// The accounts that may be meant by usernames. Of those that are bound by another name of their phone, by its serial.
async fn accounts(state: &AppState, usernames: &[Username]) -> Result<Vec<Named>, ApiError> {
    let mut found: BTreeMap<String, Vec<AccountRow>> = BTreeMap::new();
    for platform in Platform::ALL {
        for account in state.store.find_accounts(platform, Vec::new(), usernames).await? {
            let mut row = account.row;
            if let Some(live) = row
                .device
                .as_ref()
                .and_then(|device| state.phones.find(&device.0))
            {
                row.device = Some(live.device.serial.clone());
            }
            found
                .entry(row.username.folded().to_owned())
                .or_default()
                .push(row);
        }
    }
    let named = usernames.iter().map(|username| Named {
        username: username.clone(),
        accounts: found.remove(username.folded()).unwrap_or_default(),
    });
    let named: Vec<Named> = named.collect();
    let unknown: BTreeSet<&str> = named
        .iter()
        .filter(|name| name.accounts.is_empty())
        .map(|name| name.username.as_str())
        .collect();
    let unknown: Vec<&str> = unknown.into_iter().collect();
    refuse_unknown("usernames", "account", &unknown)?;
    Ok(named)
}

fn refuse_unknown(parameter: &str, kind: &str, names: &[&str]) -> Result<(), ApiError> {
    if names.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = names
        .iter()
        .take(NAMED)
        .map(|name| name.chars().take(100).collect())
        .collect();
    let more = match names.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(ApiError::not_found(format!(
        "{parameter}: there is no {kind} {}{more}; nothing was created",
        shown.join(", ")
    )))
}
