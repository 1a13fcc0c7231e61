//! Groups of phones: made, named, filled and emptied. A phone tells its groups, too, and may be put into others there.

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use shared::device::{DeviceState, Serial};
use utoipa::ToSchema;

use super::body::Sent;
use super::devices::LONGEST_GROUP;
use super::envelope::{Answered, ApiError, Envelope, Nothing, Success};
use super::fields::{Fields, FromFields};
use super::path::Named;
use super::token::Caller;
use crate::state::AppState;
use crate::store::{GroupChange, GroupRow, Regrouped};

/// A group of phones.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupItem {
    #[schema(example = "shelf 1")]
    pub name: String,
    /// How many phones are in it.
    pub devices: usize,
    /// How many of them are online.
    pub online: usize,
    /// By index.
    pub serials: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct GroupList {
    /// By name.
    pub groups: Vec<GroupItem>,
    pub total: usize,
}

/// A new group.
#[derive(Debug, ToSchema)]
pub struct GroupEntry {
    #[schema(max_length = 64, example = "shelf 1")]
    pub name: String,
    /// Who is in it, by serial or any alias.
    #[schema(required = false)]
    pub serials: Vec<String>,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, ToSchema)]
pub struct GroupPatch {
    /// Another name; schedules that name the group go with it.
    #[schema(max_length = 64)]
    pub name: Option<String>,
    /// Who joins it, by serial or any alias.
    #[schema(required = false)]
    pub add: Vec<String>,
    /// Who leaves it.
    #[schema(required = false)]
    pub remove: Vec<String>,
}

impl FromFields for GroupEntry {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            name: checked(&fields.need_text("name")?)?,
            serials: fields.list("serials")?.unwrap_or_default(),
        })
    }
}

impl FromFields for GroupPatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let patch = Self {
            name: fields.text("name")?.map(|name| checked(&name)).transpose()?,
            add: fields.list("add")?.unwrap_or_default(),
            remove: fields.list("remove")?.unwrap_or_default(),
        };
        if patch.name.is_none() && patch.add.is_empty() && patch.remove.is_empty() {
            return Err(ApiError::parameter(
                "body",
                "nothing to change: give name, add or remove",
            ));
        }
        Ok(patch)
    }
}

fn checked(name: &str) -> Result<String, ApiError> {
    let name = name.trim();
    let count = name.chars().count();
    // A comma divides the groups of a phone from each other.
    if count == 0 || count > LONGEST_GROUP || name.chars().any(|c| c.is_control() || c == ',') {
        return Err(ApiError::parameter(
            "name",
            format!("must be 1 to {LONGEST_GROUP} characters on one line, without a comma"),
        ));
    }
    Ok(name.to_owned())
}

/// All groups, by name
#[utoipa::path(get, path = "/groups", tag = "groups",
    responses((status = 200, description = "The groups", body = Envelope<GroupList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<GroupList> {
    let groups: Vec<GroupItem> = state
        .store
        .list_groups()
        .await?
        .into_iter()
        .map(|row| GroupItem::of(&state, row))
        .collect();
    Ok(Success(GroupList {
        total: groups.len(),
        groups,
    }))
}

/// Makes a group, on record
#[utoipa::path(post, path = "/groups", tag = "groups", request_body = GroupEntry,
    responses(
        (status = 200, description = "The group", body = Envelope<GroupItem>),
        (status = 404, description = "40401: there is no such phone"),
        (status = 409, description = "40901: there is a group of this name, or a phone would be in too many"),
    ))]
pub async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Sent(entry): Sent<GroupEntry>,
) -> Answered<GroupItem> {
    let serials = phones(&state, "serials", &entry.serials).await?;
    let done = state
        .store
        .create_group(&entry.name, serials, &caller.name)
        .await?;
    Ok(Success(regrouped(&state, done)))
}

/// One group
#[utoipa::path(get, path = "/groups/{name}", tag = "groups",
    params(("name" = String, Path, description = "The group's name")),
    responses((status = 200, description = "The group", body = Envelope<GroupItem>)))]
pub async fn get(State(state): State<AppState>, Named(name): Named) -> Answered<GroupItem> {
    let row = state.store.group(&name).await?;
    let shown: String = name.chars().take(100).collect();
    let row = row.ok_or_else(|| ApiError::not_found(format!("there is no group {shown:?}")))?;
    Ok(Success(GroupItem::of(&state, row)))
}

/// Changes a group's name, and who is in it, on record
#[utoipa::path(patch, path = "/groups/{name}", tag = "groups", request_body = GroupPatch,
    params(("name" = String, Path, description = "The group's name")),
    responses(
        (status = 200, description = "The group after the change", body = Envelope<GroupItem>),
        (status = 409, description = "40901: there is a group of this name, or a phone would be in too many"),
    ))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(name): Named,
    Sent(patch): Sent<GroupPatch>,
) -> Answered<GroupItem> {
    let change = GroupChange {
        name: patch.name,
        add: phones(&state, "add", &patch.add).await?,
        remove: phones(&state, "remove", &patch.remove).await?,
    };
    let done = state.store.change_group(&name, change, &caller.name).await?;
    Ok(Success(regrouped(&state, done)))
}

/// Deletes a group that no schedule runs on, on record; its phones stay
#[utoipa::path(delete, path = "/groups/{name}", tag = "groups",
    params(("name" = String, Path, description = "The group's name")),
    responses(
        (status = 200, description = "It is gone", body = Envelope<Nothing>),
        (status = 409, description = "40901: schedules run on it; the message names them"),
    ))]
pub async fn delete(State(state): State<AppState>, caller: Caller, Named(name): Named) -> Answered<Nothing> {
    let done = state.store.delete_group(&name, &caller.name).await?;
    regrouped(&state, done);
    Ok(Success(Nothing {}))
}

impl GroupItem {
    fn of(state: &AppState, row: GroupRow) -> Self {
        let live = state.phones.devices();
        let online = |serial: &&Serial| {
            live.get(*serial)
                .is_some_and(|live| live.device.state == DeviceState::Online)
        };
        Self {
            devices: row.serials.len(),
            online: row.serials.iter().filter(online).count(),
            serials: row.serials.into_iter().map(|serial| serial.0).collect(),
            name: row.name,
            created_at: row.created_at,
        }
    }
}

/// The phones that are meant; one that there is not is named.
async fn phones(state: &AppState, parameter: &str, names: &[String]) -> Result<Vec<Serial>, ApiError> {
    let mut serials = Vec::with_capacity(names.len());
    for name in names {
        let serial = match state.phones.find(name) {
            Some(live) => live.device.serial.clone(),
            None => Serial(name.clone()),
        };
        if state.store.device(&serial).await?.is_none() {
            let shown: String = name.chars().take(100).collect();
            return Err(ApiError::not_found(format!(
                "{parameter}: there is no phone {shown}; nothing was changed"
            )));
        }
        serials.push(serial);
    }
    Ok(serials)
}

/// The fleet is told of the phones that have other groups now.
fn regrouped(state: &AppState, done: Regrouped) -> GroupItem {
    for phone in done.phones {
        state.phones.put_row(phone);
    }
    GroupItem::of(state, done.group)
}
