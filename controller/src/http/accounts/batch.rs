//! The same done to many accounts, named one by one: never "all that the filter shows".

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use shared::account::{AccountStatus, Password, Platform, Tags};
use utoipa::ToSchema;

use super::super::body::Sent;
use super::super::envelope::{Answered, ApiError, Envelope, Success};
use super::super::events::AccountEvent;
use super::super::fields::{Fields, FromFields};
use super::super::token::Caller;
use super::caps::CapsEdit;
use super::entry::{self, Edit};
use crate::state::AppState;
use crate::store::{AccountMove, AccountRow, AccountSecrets, BatchDone, StoreError, WholeAccount};

const ACTIONS: &str = "enable, disable, delete, tag, untag, caps, bind or move";

/// What is to be done to which accounts.
#[derive(Debug, ToSchema)]
pub struct AccountBatch {
    /// 1 to 10,000 ids.
    pub ids: Vec<i64>,
    /// enable, disable, delete, tag, untag, caps, bind, move.
    #[schema(value_type = String, example = "tag")]
    pub action: Action,
    /// For tag and untag: a list, or one text with commas.
    #[schema(value_type = Option<Vec<String>>)]
    pub tags: Option<Tags>,
    /// For caps: how often each may do something in a day, as in the change of one account.
    #[schema(value_type = Option<BTreeMap<String, Option<u32>>>)]
    pub caps: Option<CapsEdit>,
    /// For bind: a phone's serial or any alias; empty unbinds.
    #[schema(value_type = Option<String>)]
    pub device: Edit<String>,
    /// For bind: the phone's index, where `device` is absent.
    pub device_index: Option<u32>,
    /// For move: the workspace to move to. The accounts are not logged in there, and use its own app.
    #[schema(value_type = Option<String>)]
    pub platform: Option<Platform>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Enable,
    Disable,
    Delete,
    Tag,
    Untag,
    Caps,
    Bind,
    Move,
}

impl FromFields for AccountBatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let entry = entry::AccountEntry::from_fields(fields)?;
        let batch = Self {
            ids: fields.ids("ids", "accounts")?,
            action: action(fields)?,
            tags: entry.tags,
            caps: entry.caps,
            device: entry.device,
            device_index: entry.device_index,
            platform: entry.platform,
        };
        let missing = |name, what: &str| Err(ApiError::parameter(name, format!("is required: {what}")));
        match batch.action {
            Action::Tag | Action::Untag if batch.tags.as_ref().is_none_or(Tags::is_empty) => {
                missing("tags", "one tag or more")
            }
            Action::Caps if batch.caps.is_none() => missing(
                "caps",
                "an object such as {\"follow\": 5, \"post\": null}, or null to take all back",
            ),
            Action::Bind if batch.device == Edit::Keep && batch.device_index.is_none() => missing(
                "device",
                "a phone's serial or alias, or empty to unbind; or give device_index",
            ),
            Action::Move if batch.platform.is_none() => missing("platform", Platform::ALLOWED),
            _ => Ok(batch),
        }
    }
}

fn action(fields: &Fields) -> Result<Action, ApiError> {
    match fields.need_text("action")?.trim().to_ascii_lowercase().as_str() {
        "enable" => Ok(Action::Enable),
        "disable" => Ok(Action::Disable),
        "delete" => Ok(Action::Delete),
        "tag" => Ok(Action::Tag),
        "untag" => Ok(Action::Untag),
        "caps" => Ok(Action::Caps),
        "bind" => Ok(Action::Bind),
        "move" => Ok(Action::Move),
        _ => Err(ApiError::parameter("action", format!("must be {ACTIONS}"))),
    }
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    pub changed_count: usize,
    /// They were so already.
    pub unchanged_count: u64,
    pub deleted_count: usize,
    pub refused: Vec<RefusedAccount>,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

/// An account to which it was not done.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusedAccount {
    pub id: i64,
    pub reason: String,
}

/// Does the same to many accounts, each on record
#[utoipa::path(post, path = "/accounts/batch", tag = "accounts", request_body = AccountBatch,
    responses((status = 200, description = "What was done, and to which it was not", body = Envelope<BatchAnswer>)))]
pub async fn batch(
    State(state): State<AppState>,
    caller: Caller,
    Sent(batch): Sent<AccountBatch>,
) -> Answered<BatchAnswer> {
    let mut warnings = Vec::new();
    let deleting = batch.action == Action::Delete;
    let done = perform(&state, &caller.name, &batch, &mut warnings).await?;
    let event = if deleting {
        AccountEvent::Deleted
    } else {
        AccountEvent::Changed
    };
    state.events.accounts(state.clock.now(), event, &done.changed);
    if deleting {
        warnings.extend(super::still_named(&state, &done.changed, "are deleted").await?);
    }
    let refused = done.refused.into_iter();
    Ok(Success(BatchAnswer {
        changed_count: if deleting { 0 } else { done.changed.len() },
        unchanged_count: done.unchanged,
        deleted_count: if deleting { done.changed.len() } else { 0 },
        refused: refused
            .map(|(id, reason)| RefusedAccount { id, reason })
            .collect(),
        warnings,
    }))
}

async fn perform(
    state: &AppState,
    who: &str,
    batch: &AccountBatch,
    warnings: &mut Vec<String>,
) -> Result<BatchDone<AccountRow>, ApiError> {
    let ids = &batch.ids;
    let tags = batch.tags.clone().unwrap_or_default();
    let done = match batch.action {
        Action::Delete => state.store.delete_accounts(ids, who).await,
        Action::Enable | Action::Disable => {
            let status = match batch.action {
                Action::Enable => AccountStatus::Enabled,
                _ => AccountStatus::Disabled,
            };
            let set = move |account: &mut WholeAccount| {
                account.row.status = status;
                Ok(())
            };
            state.store.change_accounts(ids, set, who).await
        }
        Action::Tag => {
            state
                .store
                .change_accounts(ids, move |account| tag(account, &tags), who)
                .await
        }
        Action::Untag => {
            let untag = move |account: &mut WholeAccount| {
                tags.iter().for_each(|tag| account.row.tags.remove(tag));
                Ok(())
            };
            state.store.change_accounts(ids, untag, who).await
        }
        Action::Caps => {
            let caps = batch.caps.clone();
            let set = move |account: &mut WholeAccount| {
                if let Some(caps) = &caps {
                    caps.put(&mut account.row.caps);
                }
                Ok(())
            };
            let done = state.store.change_accounts(ids, set, who).await;
            state.scheduler.wake_all();
            done
        }
        Action::Bind => {
            let device = super::binding(state, &batch.device, batch.device_index, warnings).await?;
            let bind = move |account: &mut WholeAccount| {
                entry::bind(&mut account.row, &device);
                Ok(())
            };
            let (done, moved) = state.store.change_or_move_accounts(ids, bind, who).await?;
            if !moved.is_empty() {
                state.scheduler.wake_all();
            }
            let words = moved.iter().filter_map(AccountMove::in_words);
            warnings.extend(words.map(|words| super::device_warning(&words)));
            Ok(done)
        }
        Action::Move => {
            let platform = batch
                .platform
                .ok_or_else(|| ApiError::parameter("platform", "is required"))?;
            return moved(state, who, ids, platform).await;
        }
    };
    Ok(done?)
}

fn tag(account: &mut WholeAccount, tags: &Tags) -> Result<(), StoreError> {
    for tag in tags.iter() {
        let added = account.row.tags.add(tag.clone());
        added.map_err(|wrong| StoreError::Conflict(format!("its tags: {wrong}")))?;
    }
    Ok(())
}

/// An account's secrets before and after a move.
type Moving = Result<(AccountSecrets, AccountSecrets), String>;

/// Moves accounts to the other workspace, where another rule says what in a password is a 2FA secret.
async fn moved(
    state: &AppState,
    who: &str,
    ids: &[i64],
    platform: Platform,
) -> Result<BatchDone<AccountRow>, ApiError> {
    let mut moving: BTreeMap<i64, Moving> = BTreeMap::new();
    for from in Platform::ALL.into_iter().filter(|from| *from != platform) {
        for account in state.store.find_accounts(from, ids.to_vec(), &[]).await? {
            let id = account.row.id;
            let after = state.vault.open_password(id, &account.secrets).map(|password| {
                let anew = Password::split(platform, password.join().expose());
                if anew == password {
                    account.secrets.clone()
                } else {
                    state.vault.seal_password(id, &anew)
                }
            });
            let after = after.map_err(|error| error.to_string());
            moving.insert(id, after.map(|after| (account.secrets, after)));
        }
    }
    let change = move |account: &mut WholeAccount| {
        if account.row.platform == platform {
            return Ok(());
        }
        let (before, after) = match moving.get(&account.row.id) {
            Some(Ok(secrets)) => secrets,
            Some(Err(why)) => return Err(StoreError::Conflict(why.clone())),
            None => return Err(StoreError::Conflict("it was changed meanwhile".to_owned())),
        };
        if account.secrets != *before {
            return Err(StoreError::Conflict(
                "its password was changed meanwhile".to_owned(),
            ));
        }
        account.secrets = after.clone();
        account.row.platform = platform;
        account.row.packagename = None;
        account.row.logined = false;
        Ok(())
    };
    Ok(state.store.change_accounts(ids, change, who).await?)
}
