//! Which scripts can be asked for, and by which names.

use shared::nearest::nearest;

use super::Refused;
use crate::packs::Packs;

/// Reads which accounts are on a phone: always once a phone, for none of them.
pub(super) const MATCH_ACCOUNTS: &str = "match_accounts";
/// Takes the accounts that are not logged in.
pub(super) const LOGIN: &str = "login";
/// Makes no sense without an account.
pub(super) const FOR_AN_ACCOUNT: [&str; 2] = [LOGIN, "switch_account"];

/// Other names that scripts go by.
const ALIASES: [(&str, &str); 1] = [("match_account", MATCH_ACCOUNTS)];
/// What clients may know from elsewhere, and what is not done here, whatever packs there are.
const NOT_OFFERED: [&str; 3] = ["message", "super_marketing", "scrape_user"];

pub(super) fn meant(packs: &Packs, name: &str) -> Result<String, Refused> {
    let name = name.trim().to_ascii_lowercase();
    let name = ALIASES
        .iter()
        .find(|(alias, _)| *alias == name)
        .map_or(name.as_str(), |(_, script)| script);
    if NOT_OFFERED.contains(&name) {
        return Err(Refused::Script(format!(
            "script_name: {name} is not offered through the API"
        )));
    }
    let scripts = packs.scripts();
    if scripts.contains(name) {
        return Ok(name.to_owned());
    }
    let known: Vec<&str> = scripts.iter().copied().collect();
    let shown: String = name.chars().take(40).collect();
    let advice = match nearest(name, scripts.iter().copied()) {
        Some(near) => format!("did you mean {near}?"),
        None => format!("there are {}", known.join(", ")),
    };
    Err(Refused::Script(format!(
        "script_name: there is no script {shown:?}: {advice}"
    )))
}
