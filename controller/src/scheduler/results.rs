//! What flows read goes to the accounts: who is logged in where, and how an account fares. May be done again for the
//! same result: it says the same.

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use shared::account::{Platform, Statistics, Username};
use shared::device::Serial;

use crate::store::{
    AccountMove, AccountRow, AccountSecrets, ListedAccount, Store, StoreError, TaskRow, WholeAccount,
};

/// What taking a result over has changed.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// The result, with what that changed.
    pub(super) result: Json,
    pub(super) created: Vec<AccountRow>,
    pub(super) changed: Vec<AccountRow>,
}

/// Takes over what a task's flow has read.
pub(super) async fn take_over(
    store: &Store,
    task: &TaskRow,
    result: Json,
    now: Timestamp,
) -> Result<Taken, StoreError> {
    let who = format!("task {}", task.id);
    let mut taken = Taken {
        result,
        ..Taken::default()
    };
    match (task.script.as_str(), task.account_id) {
        ("login" | "switch_account", Some(account)) => {
            let noted = store.note_login(account, &task.serial, &who).await?;
            taken.changed.extend(noted.map(|listed| listed.row));
        }
        ("sync_data", Some(account)) => {
            let read = statistics(&taken.result, now);
            let change = move |whole: &mut WholeAccount| {
                whole.row.statistics = newer(&whole.row.statistics, read);
                Ok(())
            };
            taken
                .changed
                .extend(still_there(store.change_account(account, change, &who).await)?);
        }
        ("match_accounts", _) => matched(store, task, &mut taken, &who).await?,
        _ => {}
    }
    Ok(taken)
}

/// An account that was deleted meanwhile needs nothing.
fn still_there(done: Result<ListedAccount, StoreError>) -> Result<Option<AccountRow>, StoreError> {
    match done {
        Ok(listed) => Ok(Some(listed.row)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn statistics(result: &Json, now: Timestamp) -> Statistics {
    let text = |name: &str| {
        let text = result.get(name)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    };
    let count = |name: &str| result.get(name).and_then(Json::as_u64);
    Statistics {
        nickname: text("nickname"),
        country: text("country"),
        followers: count("followers"),
        following: count("following"),
        hearts: count("hearts"),
        videos: count("videos"),
        friends: count("friends"),
        synced_at: Some(now),
    }
}

/// What could not be read stays as it was known.
fn newer(known: &Statistics, read: Statistics) -> Statistics {
    Statistics {
        nickname: read.nickname.or_else(|| known.nickname.clone()),
        country: read.country.or_else(|| known.country.clone()),
        followers: read.followers.or(known.followers),
        following: read.following.or(known.following),
        hearts: read.hearts.or(known.hearts),
        videos: read.videos.or(known.videos),
        friends: read.friends.or(known.friends),
        synced_at: read.synced_at,
    }
}

/// The accounts that are logged in on a phone are bound to it; those that nobody knew are created.
async fn matched(store: &Store, task: &TaskRow, taken: &mut Taken, who: &str) -> Result<(), StoreError> {
    let Ok(platform) = task.platform.parse::<Platform>() else {
        return Ok(());
    };
    let listed = taken.result.get("accounts").and_then(Json::as_array);
    let names: Vec<String> = listed
        .into_iter()
        .flatten()
        .filter_map(|one| one.get("username")?.as_str().map(str::to_owned))
        .collect();
    let phone = store.device(&task.serial).await?;
    if let (Some(by), Some(fields)) = (
        phone.and_then(|row| row.replaced_by),
        taken.result.as_object_mut(),
    ) {
        // Its accounts have gone to another phone, whatever sessions it has still.
        fields.insert("replaced_by".to_owned(), json!(by));
        return Ok(());
    }
    let mut moved = Vec::new();
    for name in names {
        let Ok(username) = Username::parse(&name) else {
            tracing::warn!(task = task.id, "a phone shows an account whose name is none");
            continue;
        };
        match store.account_by_username(platform, &username).await? {
            Some(known) => {
                let to = task.serial.clone();
                let change = move |whole: &mut WholeAccount| {
                    whole.row.device = Some(to);
                    whole.row.logined = true;
                    Ok(())
                };
                match store.change_or_move_account(known.row.id, change, who).await {
                    Ok((listed, gone)) => {
                        taken.changed.push(listed.row);
                        moved.extend(gone.as_ref().and_then(told));
                    }
                    // It was deleted meanwhile, and needs nothing.
                    Err(StoreError::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            None => taken
                .created
                .extend(create(store, platform, &username, &task.serial, who).await?),
        }
    }
    let created: Vec<&str> = taken.created.iter().map(|row| row.username.as_str()).collect();
    let created = json!(created);
    if let Some(fields) = taken.result.as_object_mut() {
        fields.insert("created".to_owned(), created);
        fields.insert("moved".to_owned(), Json::Array(moved));
    }
    Ok(())
}

/// An account that came from another phone, which has a session of it still.
fn told(gone: &AccountMove) -> Option<Json> {
    let (from, to) = (gone.from.as_ref()?, gone.to.as_ref()?);
    Some(json!({
        "username": gone.username, "from": from, "to": to, "session_left_on": gone.session_left_on(),
        "tasks": gone.tasks.along,
    }))
}

/// The new account; nothing where another one was quicker.
async fn create(
    store: &Store,
    platform: Platform,
    username: &Username,
    serial: &Serial,
    who: &str,
) -> Result<Option<AccountRow>, StoreError> {
    let id = store.next_account_ids(1).await?;
    let mut row = AccountRow::new(id, platform, username.clone());
    row.device = Some(serial.clone());
    row.logined = true;
    let new = WholeAccount {
        row,
        secrets: AccountSecrets::default(),
    };
    match store.create_account(new, who).await {
        Ok(listed) => Ok(Some(listed.row)),
        Err(StoreError::UsernameTaken { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
