//! The accounts: listed, searched, created, changed, deleted. Passwords go in here and come out of `secrets` alone.

pub mod batch;
mod caps;
mod entry;
pub mod secrets;
pub mod statistics;
mod view;

use axum::extract::State;
use serde::Serialize;
use shared::account::{AccountStatus, Password, Platform, Tag, Username};
use shared::device::Serial;
use utoipa::{IntoParams, ToSchema};

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::events::AccountEvent;
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::path::Named;
use super::token::Caller;
use crate::state::AppState;
use crate::store::{
    AccountQuery, AccountRow, AccountSecrets, AccountSort, ListedAccount, NamingSchedule, SortKey,
    StoreError, WholeAccount,
};
pub use entry::{AccountEntry, Edit};
pub use view::AccountItem;

/// In characters.
const LONGEST_SEARCH: usize = 200;
/// Usernames that a warning names.
const NAMED: usize = 10;

#[derive(Debug, Serialize, ToSchema)]
pub struct AccountList {
    pub accounts: Vec<AccountItem>,
    /// On all pages.
    pub total: u64,
    pub page: u32,
    pub page_size: u32,
}

/// Which accounts are wanted; several values of one parameter, with commas between, mean any of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AccountFilter {
    /// tiktok, instagram.
    #[param(value_type = Option<String>)]
    pub platform: Option<Platform>,
    /// Of this username, whatever its case.
    #[param(required = false)]
    pub username: Vec<String>,
    /// Bound to this phone: its serial or any alias.
    #[param(required = false)]
    pub device: Vec<String>,
    /// 1 logged in, 0 not.
    #[param(value_type = Option<u8>)]
    pub logined: Option<bool>,
    /// 0 enabled, 1 disabled.
    #[param(value_type = Option<u8>)]
    pub status: Option<AccountStatus>,
    /// With this tag, in any case.
    #[param(required = false)]
    pub tag: Vec<String>,
    /// Words that stand in username, e-mail, phone or tags, or the phone's index; all of them.
    pub q: Option<String>,
    /// id, username, email, device, device_index, logined, status, nickname, country, followers, following, hearts,
    /// videos, friends, synced_at, resting_until, created_at, updated_at; with `-` before it the other way round.
    /// Newest first where absent.
    #[param(value_type = Option<String>, example = "-followers")]
    pub sort: AccountSort,
    /// Counts from 1.
    #[param(default = 1, minimum = 1, required = false)]
    pub page: u32,
    /// More than 100 is taken as 100.
    #[param(default = 20, minimum = 1, maximum = 100, required = false)]
    pub page_size: u32,
}

impl FromFields for AccountFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let paged = Paged::from_fields(fields)?;
        // Scripts that fill in a form's values send empty ones for "any".
        let given = |name: &str| {
            fields
                .text(name)
                .map(|text| text.is_some_and(|text| !text.is_empty()))
        };
        let q = fields.text("q")?;
        if q.as_ref().is_some_and(|q| q.chars().count() > LONGEST_SEARCH) {
            return Err(ApiError::parameter(
                "q",
                format!("at most {LONGEST_SEARCH} characters"),
            ));
        }
        Ok(Self {
            platform: fields.platform()?,
            username: fields.list("username")?.unwrap_or_default(),
            device: fields.list("device")?.unwrap_or_default(),
            logined: if given("logined")? {
                fields.flag("logined")?
            } else {
                None
            },
            status: if given("status")? {
                entry::status(fields)?
            } else {
                None
            },
            tag: fields.list("tag")?.unwrap_or_default(),
            q,
            sort: sort(fields)?,
            page: paged.page,
            page_size: paged.page_size,
        })
    }
}

fn sort(fields: &Fields) -> Result<AccountSort, ApiError> {
    let keys = SortKey::ALL.map(|key| (key, key.name()));
    let sort = fields.sort(&keys)?;
    Ok(
        sort.map_or_else(AccountSort::default, |(key, descending)| AccountSort {
            key,
            descending,
        }),
    )
}

impl AccountFilter {
    fn query(&self, state: &AppState) -> AccountQuery {
        let serial = |name: &String| match state.phones.find(name) {
            Some(live) => live.device.serial.0.clone(),
            None => name.clone(),
        };
        let folded = |text: &str| text.chars().flat_map(char::to_lowercase).collect::<String>();
        let words = self.q.as_deref().unwrap_or_default().split_whitespace();
        AccountQuery {
            platform: self.platform,
            // What can be no username is nobody's.
            usernames: self
                .username
                .iter()
                .map(|text| {
                    Username::parse(text).map_or_else(|_| text.clone(), |name| name.folded().to_owned())
                })
                .collect(),
            devices: self.device.iter().map(serial).collect(),
            logined: self.logined,
            status: self.status,
            // What can be no tag is on no account.
            tags: self
                .tag
                .iter()
                .map(|text| Tag::parse(text).map_or_else(|_| text.clone(), |tag| tag.folded().to_owned()))
                .collect(),
            words: words.map(|word| folded(word.trim_start_matches('@'))).collect(),
            sort: self.sort,
        }
    }
}

/// Accounts, newest first
#[utoipa::path(get, path = "/accounts", tag = "accounts", params(AccountFilter),
    responses((status = 200, description = "The accounts", body = Envelope<AccountList>)))]
pub async fn list(
    State(state): State<AppState>,
    Asked(filter): Asked<AccountFilter>,
) -> Answered<AccountList> {
    let page = Paged {
        page: filter.page,
        page_size: filter.page_size,
    };
    let listed = state
        .store
        .list_accounts(filter.query(&state), page.of_store())
        .await?;
    Ok(Success(AccountList {
        accounts: listed
            .rows
            .into_iter()
            .map(|account| AccountItem::of(account, &state))
            .collect(),
        total: listed.total,
        page: page.page,
        page_size: page.page_size,
    }))
}

/// An account that was created or changed.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedAccount {
    #[serde(flatten)]
    pub account: AccountItem,
    /// Whether a 2FA secret was recognised in the password; `null` where none was given.
    pub hint: Option<String>,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

/// Creates an account
#[utoipa::path(post, path = "/accounts", tag = "accounts", request_body = AccountEntry,
    responses(
        (status = 200, description = "The account", body = Envelope<SavedAccount>),
        (status = 409, description = "40901: the username stands already in this workspace"),
    ))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Sent(entry): Sent<AccountEntry>,
) -> Answered<SavedAccount> {
    let required = |name: &str, allowed: &str| ApiError::parameter(name, format!("is required{allowed}"));
    let platform = entry
        .platform
        .ok_or_else(|| required("platform", &format!(": {}", Platform::ALLOWED)))?;
    let username = entry.username.clone().ok_or_else(|| required("username", ""))?;
    let mut warnings = Vec::new();
    let device = binding(&state, &entry.device, entry.device_index, &mut warnings).await?;
    let (password, hint) = read_password(platform, &entry);
    let id = state.store.next_account_ids(1).await?;
    let mut row = AccountRow::new(id, platform, username);
    entry.put(&mut row, &device);
    let secrets = password
        .map(|password| state.vault.seal_password(id, &password))
        .unwrap_or_default();
    let account = state
        .store
        .create_account(WholeAccount { row, secrets }, &caller.name)
        .await?;
    Ok(Success(saved(
        &state,
        AccountEvent::Created,
        account,
        hint,
        warnings,
    )))
}

/// One account
#[utoipa::path(get, path = "/accounts/{id}", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "The account", body = Envelope<AccountItem>)))]
pub async fn get(State(state): State<AppState>, Named(id): Named) -> Answered<AccountItem> {
    let account = state.store.account(number(&id)?).await?;
    let account = account.ok_or_else(|| unknown(&id))?;
    Ok(Success(AccountItem::of(account, &state)))
}

/// Changes what is given of an account, on record
#[utoipa::path(patch, path = "/accounts/{id}", tag = "accounts", request_body = AccountEntry,
    params(("id" = i64, Path, description = "The account's id")),
    responses(
        (status = 200, description = "The account after the change", body = Envelope<SavedAccount>),
        (status = 409, description = "40901: the username stands already in this workspace"),
    ))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
    Sent(entry): Sent<AccountEntry>,
) -> Answered<SavedAccount> {
    let before = state.store.whole_account(number(&id)?).await?;
    let before = before.ok_or_else(|| unknown(&id))?;
    let (id, platform) = (before.row.id, before.row.platform);
    if entry.platform.is_some_and(|wanted| wanted != platform) {
        return Err(ApiError::parameter(
            "platform",
            "an account is moved to another workspace with POST /accounts/batch and the action move",
        ));
    }
    let mut warnings = Vec::new();
    let device = binding(&state, &entry.device, entry.device_index, &mut warnings).await?;
    let (password, hint) = read_password(platform, &entry);
    let secrets = match password {
        // The same one again would be sealed anew, and be on record as a change.
        Some(password) if state.vault.open_password(id, &before.secrets) == Ok(password.clone()) => None,
        Some(password) => Some(state.vault.seal_password(id, &password)),
        None => entry.clear_password.then(AccountSecrets::default),
    };
    let wakes = entry.caps.is_some();
    let apply = move |account: &mut WholeAccount| {
        if account.row.platform != platform {
            return Err(StoreError::Conflict("the account was moved meanwhile".to_owned()));
        }
        entry.put(&mut account.row, &device);
        if let Some(secrets) = secrets {
            account.secrets = secrets;
        }
        Ok(())
    };
    let changed = state
        .store
        .change_or_move_account(id, apply, &caller.name)
        .await?;
    let (account, moved) = changed;
    if wakes || moved.is_some() {
        state.scheduler.wake_all();
    }
    warnings.extend(
        moved
            .and_then(|moved| moved.in_words())
            .map(|words| device_warning(&words)),
    );
    if account.row.username != before.row.username {
        let renamed = still_named(&state, std::slice::from_ref(&before.row), "has another name now");
        warnings.extend(renamed.await?);
    }
    Ok(Success(saved(
        &state,
        AccountEvent::Changed,
        account,
        hint,
        warnings,
    )))
}

#[derive(Debug, Serialize, ToSchema)]
pub struct DeletedAccount {
    pub deleted: bool,
    pub id: i64,
    pub username: String,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

/// Deletes an account and its secrets, on record; what it did stays readable
#[utoipa::path(delete, path = "/accounts/{id}", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id")),
    responses((status = 200, description = "What it was", body = Envelope<DeletedAccount>)))]
pub async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Named(id): Named,
) -> Answered<DeletedAccount> {
    let row = state.store.delete_account(number(&id)?, &caller.name).await?;
    state.events.accounts(
        state.clock.now(),
        AccountEvent::Deleted,
        std::slice::from_ref(&row),
    );
    let warnings = still_named(&state, std::slice::from_ref(&row), "is deleted").await?;
    Ok(Success(DeletedAccount {
        warnings,
        deleted: true,
        id: row.id,
        username: row.username.as_str().to_owned(),
    }))
}

/// Whose tags are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TagFilter {
    /// tiktok, instagram; both where absent.
    #[param(value_type = Option<String>)]
    pub platform: Option<Platform>,
}

impl FromFields for TagFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            platform: fields.platform()?,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TagItem {
    pub name: String,
    /// Accounts that have it.
    pub accounts: u64,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TagList {
    /// In alphabetical order.
    pub tags: Vec<TagItem>,
}

/// Every tag, and how many accounts have it
#[utoipa::path(get, path = "/accounts/tags", tag = "accounts", params(TagFilter),
    responses((status = 200, description = "The tags", body = Envelope<TagList>)))]
pub async fn tags(State(state): State<AppState>, Asked(filter): Asked<TagFilter>) -> Answered<TagList> {
    let tags = state.store.account_tags(filter.platform).await?.into_iter();
    Ok(Success(TagList {
        tags: tags.map(|(name, accounts)| TagItem { name, accounts }).collect(),
    }))
}

/// The schedules that name accounts which there are no more: their runs fail until somebody has seen to it.
async fn still_named(state: &AppState, gone: &[AccountRow], what: &str) -> Result<Vec<String>, ApiError> {
    let accounts = gone.iter().map(|row| (row.platform, row.username.clone()));
    let schedules = state.store.schedules_naming(accounts.collect()).await?;
    let told = |schedule: NamingSchedule| {
        let shown: Vec<&str> = schedule
            .usernames
            .iter()
            .take(NAMED)
            .map(String::as_str)
            .collect();
        let more = match schedule.usernames.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        format!(
            "usernames: the schedule {} ({}) names {}{more}, which {what}: its runs fail until it names others",
            schedule.id,
            schedule.name,
            shown.join(", ")
        )
    };
    Ok(schedules.into_iter().map(told).collect())
}

/// What goes with another phone, as a warning.
fn device_warning(words: &str) -> String {
    format!("device: {words}")
}

fn saved(
    state: &AppState,
    event: AccountEvent,
    account: ListedAccount,
    hint: Option<String>,
    warnings: Vec<String>,
) -> SavedAccount {
    state
        .events
        .accounts(state.clock.now(), event, std::slice::from_ref(&account.row));
    SavedAccount {
        account: AccountItem::of(account, state),
        hint,
        warnings,
    }
}

/// The password that was given, and what to tell of it.
fn read_password(platform: Platform, entry: &AccountEntry) -> (Option<Password>, Option<String>) {
    let Some(typed) = &entry.pwd else {
        return (None, None);
    };
    let password = Password::split(platform, typed.expose());
    let hint = entry::hint(platform, typed, &password);
    (Some(password), Some(hint))
}

/// The phone that an account is to be bound to. `device` wins over the index.
async fn binding(
    state: &AppState,
    device: &Edit<String>,
    index: Option<u32>,
    warnings: &mut Vec<String>,
) -> Result<Edit<Serial>, ApiError> {
    let by_index = match index {
        None => None,
        Some(index) => state.store.device_of_index(index).await?.map(|row| row.serial),
    };
    let name = match (device, index) {
        (Edit::Clear, _) => return Ok(Edit::Clear),
        (Edit::Keep, None) => return Ok(Edit::Keep),
        (Edit::Keep, Some(index)) => {
            let none = || ApiError::parameter("device_index", format!("no phone has the index {index}"));
            return by_index.map(Edit::To).ok_or_else(none);
        }
        (Edit::To(name), _) => name,
    };
    let live = state.phones.find(name).map(|live| live.device.serial.clone());
    let serial = live.clone().unwrap_or_else(|| Serial(name.clone()));
    let row = state.store.device(&serial).await?;
    if live.is_none() && row.is_none() {
        warnings.push(format!("device: no phone {name} was ever seen here"));
    }
    if let Some(by) = row.and_then(|row| row.replaced_by) {
        warnings.push(format!("device: {by} has taken the place of {serial}"));
    }
    if let Some(index) = index
        && by_index.as_ref() != Some(&serial)
    {
        warnings.push(format!(
            "device_index: {index} is another phone's or nobody's; the account is bound to {serial}"
        ));
    }
    Ok(Edit::To(serial))
}

fn number(id: &str) -> Result<i64, ApiError> {
    id.parse().map_err(|_| unknown(id))
}

fn unknown(id: &str) -> ApiError {
    let id: String = id.chars().take(40).collect();
    ApiError::not_found(format!("there is no account {id:?}"))
}
