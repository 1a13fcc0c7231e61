//! The phones: what is known of each, whether it is there or not, and what operators may change.

pub mod act;
pub mod care;
pub mod inspect;
pub mod install;
pub mod live;
pub mod look;
pub mod replace;
mod view;

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use shared::account::Platform;
use shared::device::{DeviceState, Serial};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Asked, Fields, FromFields};
use super::page::Paged;
use super::path::Named;
use super::token::Caller;
use crate::state::AppState;
use crate::store::{DeviceChange, MOST_GROUPS};
pub use view::DeviceItem;

const LONGEST_NAME: usize = 100;
pub(super) const LONGEST_GROUP: usize = 64;
const HIGHEST_INDEX: i64 = 1_000_000;
const STATES: [DeviceState; 5] = [
    DeviceState::Online,
    DeviceState::Offline,
    DeviceState::Unauthorized,
    DeviceState::NoPermissions,
    DeviceState::Unplugged,
];

#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceList {
    /// By index.
    pub devices: Vec<DeviceItem>,
    /// On all pages.
    pub total: usize,
    pub page: u32,
    /// As many as there are, where no page was asked for.
    pub page_size: usize,
}

/// Which phones are wanted; several values of one parameter, with commas between, mean any of them.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DeviceFilter {
    /// The host's id or name.
    #[param(required = false)]
    pub host: Vec<String>,
    /// online, offline, unauthorized, no_permissions, unplugged.
    #[param(required = false, example = json!(["online"]))]
    pub state: Vec<String>,
    /// The name of a group.
    #[param(required = false)]
    pub group: Vec<String>,
    /// With accounts of this platform: tiktok, instagram.
    #[param(value_type = Option<String>)]
    pub platform: Option<Platform>,
    /// Counts from 1; without `page` and `page_size` all phones are listed.
    #[param(minimum = 1)]
    pub page: Option<u32>,
    /// More than 100 is taken as 100.
    #[param(minimum = 1, maximum = 100)]
    pub page_size: Option<u32>,
}

impl FromFields for DeviceFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let state = fields.list("state")?.unwrap_or_default();
        let known = |state: &String| STATES.iter().any(|known| known.as_str() == state);
        if let Some(wrong) = state.iter().find(|state| !known(state)) {
            let known = STATES.map(DeviceState::as_str).join(", ");
            return Err(ApiError::parameter(
                "state",
                format!("{wrong:?} is none of {known}"),
            ));
        }
        let paged = Paged::from_fields(fields)?;
        let wants_page = fields.has("page") || fields.has("page_size");
        Ok(Self {
            host: fields.list("host")?.unwrap_or_default(),
            state,
            group: fields.list("group")?.unwrap_or_default(),
            platform: fields.platform()?,
            page: wants_page.then_some(paged.page),
            page_size: wants_page.then_some(paged.page_size),
        })
    }
}

impl DeviceFilter {
    fn wants(&self, device: &DeviceItem) -> bool {
        let host = |wanted: &String| {
            device.host.as_ref() == Some(wanted) || device.host_name.as_ref() == Some(wanted)
        };
        (self.host.is_empty() || self.host.iter().any(host))
            && (self.state.is_empty() || self.state.contains(&device.state))
            && (self.group.is_empty() || self.group.iter().any(|group| device.groups.contains(group)))
            && self.platform.is_none_or(|platform| device.on.contains(&platform))
    }
}

/// What an operator may change; what is absent stays.
#[derive(Debug, Default, ToSchema)]
pub struct DevicePatch {
    /// Unique in the farm.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub device_index: Option<u32>,
    #[schema(max_length = 100)]
    pub name: Option<String>,
    /// All groups that it shall be in.
    pub groups: Option<Vec<String>>,
    /// `false`: it is in use again, although another phone took its place.
    pub replaced: Option<bool>,
}

impl FromFields for DevicePatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let patch = Self {
            device_index: fields
                .number("device_index", 1..=HIGHEST_INDEX)?
                .map(|index| index as u32),
            name: fields.text("name")?.map(|name| name.trim().to_owned()),
            groups: fields.list("groups")?,
            replaced: fields.flag("replaced")?,
        };
        if patch.replaced == Some(true) {
            return Err(ApiError::parameter(
                "replaced",
                "must be false: a phone's place is taken with POST /devices/SERIAL/replace",
            ));
        }
        let nothing = patch.device_index.is_none() && patch.name.is_none() && patch.groups.is_none();
        if nothing && patch.replaced.is_none() {
            return Err(ApiError::parameter(
                "body",
                "nothing to change: give device_index, name, groups or replaced",
            ));
        }
        let long = |text: &String, most| text.chars().count() > most || text.chars().any(char::is_control);
        if patch.name.as_ref().is_some_and(|name| long(name, LONGEST_NAME)) {
            let allowed = format!("at most {LONGEST_NAME} characters on one line");
            return Err(ApiError::parameter("name", allowed));
        }
        let groups = patch.groups.as_deref().unwrap_or_default();
        if groups.len() > MOST_GROUPS || groups.iter().any(|group| long(group, LONGEST_GROUP)) {
            let allowed = format!("at most {MOST_GROUPS} groups of at most {LONGEST_GROUP} characters each");
            return Err(ApiError::parameter("groups", allowed));
        }
        Ok(patch)
    }
}

/// All phones that were ever seen, by index
#[utoipa::path(get, path = "/devices", tag = "devices", params(DeviceFilter),
    responses((status = 200, description = "The phones", body = Envelope<DeviceList>)))]
pub async fn list(State(state): State<AppState>, Asked(filter): Asked<DeviceFilter>) -> Answered<DeviceList> {
    let mut devices = all(&state).await?;
    devices.retain(|device| filter.wants(device));
    let total = devices.len();
    let Some((page, size)) = filter.page.zip(filter.page_size) else {
        return Ok(Success(DeviceList {
            devices,
            total,
            page: 1,
            page_size: total,
        }));
    };
    let from = (page as usize - 1).saturating_mul(size as usize);
    let devices = devices.into_iter().skip(from).take(size as usize).collect();
    Ok(Success(DeviceList {
        devices,
        total,
        page,
        page_size: size as usize,
    }))
}

/// One phone
#[utoipa::path(get, path = "/devices/{serial}", tag = "devices",
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses((status = 200, description = "The phone", body = Envelope<DeviceItem>)))]
pub async fn get(State(state): State<AppState>, Named(name): Named) -> Answered<DeviceItem> {
    one(&state, &name).await.map(Success)
}

/// Changes a phone's index, name or groups, on record
#[utoipa::path(patch, path = "/devices/{serial}", tag = "devices", request_body = DevicePatch,
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "The phone after the change", body = Envelope<DeviceItem>),
        (status = 409, description = "40901: the index belongs to another phone"),
    ))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Named(name): Named,
    Sent(patch): Sent<DevicePatch>,
) -> Answered<DeviceItem> {
    let serial = one(&state, &name).await?.serial;
    let change = DeviceChange {
        device_index: patch.device_index,
        name: patch.name,
        groups: patch.groups,
        back: patch.replaced == Some(false),
    };
    let row = state
        .store
        .set_device(&Serial(serial.clone()), change, &caller.name)
        .await?;
    state.phones.put_row(row.clone());
    // The fleet publishes a moment later; this answer is of the row that was written.
    let mut device = one(&state, &serial).await?;
    device.take_row(&row);
    Ok(Success(device))
}

/// Every phone: those that hosts tell of, and those of which only the database knows.
pub(super) async fn all(state: &AppState) -> Result<Vec<DeviceItem>, ApiError> {
    let live = state.phones.devices();
    let rows = state.store.list_devices().await?;
    let now = state.clock.now();
    let mut devices: Vec<_> = live
        .values()
        .map(|live| DeviceItem::of_live(live, state.events.faults(&live.device.serial, now)))
        .collect();
    let mut known: BTreeMap<Serial, _> = rows.into_iter().map(|row| (row.serial.clone(), row)).collect();
    for device in &mut devices {
        if let Some(row) = known.remove(&Serial(device.serial.clone())) {
            device.take_row(&row);
        }
    }
    if !known.is_empty() {
        let hosts = Hosts::of(state).await?;
        devices.extend(
            known
                .values()
                .map(|row| DeviceItem::of_row(row, hosts.whereabouts(row.host_id))),
        );
    }
    let mut accounts = state.store.accounts_by_device(None).await?;
    for device in &mut devices {
        device.take_accounts(accounts.remove(&device.serial));
    }
    devices.sort_by(|a, b| (a.order(), &a.serial).cmp(&(b.order(), &b.serial)));
    Ok(devices)
}

/// The phone of this serial or alias.
pub(super) async fn one(state: &AppState, name: &str) -> Result<DeviceItem, ApiError> {
    let mut device = alone(state, name).await?;
    let mut accounts = state.store.accounts_by_device(Some(&device.serial)).await?;
    device.take_accounts(accounts.remove(&device.serial));
    Ok(device)
}

/// Without its accounts.
async fn alone(state: &AppState, name: &str) -> Result<DeviceItem, ApiError> {
    if let Some(live) = state.phones.find(name) {
        let faults = state.events.faults(&live.device.serial, state.clock.now());
        let mut device = DeviceItem::of_live(&live, faults);
        if let Some(row) = state.store.device(&live.device.serial).await? {
            device.take_row(&row);
        }
        return Ok(device);
    }
    let row = state.store.device(&Serial(name.to_owned())).await?;
    let row = row.ok_or_else(|| ApiError::not_found(format!("no phone answers to {name:?}")))?;
    let hosts = Hosts::of(state).await?;
    Ok(DeviceItem::of_row(&row, hosts.whereabouts(row.host_id)))
}

/// The hosts' names, and which are connected: for phones that no host tells of.
struct Hosts {
    names: BTreeMap<Uuid, String>,
    connected: Vec<Uuid>,
}

/// Where a phone that is not here was last.
struct Whereabouts {
    host: Option<Uuid>,
    host_name: Option<String>,
    state: DeviceState,
    reason: String,
}

impl Hosts {
    async fn of(state: &AppState) -> Result<Self, ApiError> {
        let rows = state.store.list_hosts().await?;
        let connected = state.phones.hosts().into_iter().map(|host| host.id).collect();
        Ok(Self {
            names: rows
                .into_iter()
                .filter(|row| row.revoked_at.is_none())
                .map(|row| (row.id, row.name))
                .collect(),
            connected,
        })
    }

    fn whereabouts(&self, host: Option<Uuid>) -> Whereabouts {
        let host_name = host.and_then(|id| self.names.get(&id)).cloned();
        let here = host.is_some_and(|id| self.connected.contains(&id));
        let (state, reason) = match (&host_name, here) {
            (Some(name), true) => (DeviceState::Unplugged, format!("its host {name} does not see it")),
            (Some(name), false) => (
                DeviceState::Offline,
                format!("its host {name} has not connected since the controller started"),
            ),
            (None, _) => (DeviceState::Unplugged, "no host of this farm has it".to_owned()),
        };
        Whereabouts {
            host,
            host_name,
            state,
            reason,
        }
    }
}
