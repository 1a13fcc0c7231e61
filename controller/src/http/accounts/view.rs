//! An account as the API shows it: what its documented fields say, and never a secret.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use shared::device::DeviceState;
use utoipa::ToSchema;

use crate::state::AppState;
use crate::store::ListedAccount;

/// An account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountItem {
    pub id: i64,
    #[schema(example = "jane.doe")]
    pub username: String,
    /// Empty where none is noted.
    pub email: String,
    /// tiktok, instagram.
    #[schema(example = "tiktok")]
    pub platform: String,
    /// The app that is used; `null` for the platform's own.
    pub packagename: Option<String>,
    /// The serial of the phone that it is bound to; empty where there is none.
    #[schema(example = "SIM0001")]
    pub device: String,
    pub device_online: bool,
    /// The phone's name, or its model where it has none; empty where the phone was never seen.
    pub device_name: String,
    /// `null` where the phone was never seen, or there is none.
    pub device_index: Option<u32>,
    /// 1 where it is logged in on its phone.
    #[schema(minimum = 0, maximum = 1)]
    pub logined: u8,
    /// logged_in, not_logged_in.
    #[schema(example = "logged_in")]
    pub logined_text: &'static str,
    /// 0 enabled, 1 disabled.
    #[schema(minimum = 0, maximum = 1)]
    pub status: u8,
    /// enabled, disabled.
    #[schema(example = "enabled")]
    pub status_text: &'static str,
    pub tags: Vec<String>,
    pub has_password: bool,
    /// Whether 2FA codes can be made for it.
    pub has_2fa: bool,
    /// Until then no task uses it.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resting_until: Option<Timestamp>,
    /// How often it may do something in a day, by act, where that is set for the account itself; 0 is without limit.
    #[schema(example = json!({"follow": 5}))]
    pub caps: BTreeMap<&'static str, u32>,
    pub nickname: Option<String>,
    pub country: Option<String>,
    pub followers: Option<u64>,
    pub following: Option<u64>,
    pub hearts: Option<u64>,
    pub videos: Option<u64>,
    pub friends: Option<u64>,
    /// When the seven before were read from the app.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub synced_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
}

impl AccountItem {
    pub(super) fn of(account: ListedAccount, state: &AppState) -> Self {
        let row = account.row;
        let device = row.device.as_ref();
        let live = device.and_then(|device| state.phones.devices().get(device).cloned());
        let statistics = row.statistics;
        Self {
            id: row.id,
            username: row.username.as_str().to_owned(),
            email: row.email.unwrap_or_default(),
            platform: row.platform.as_str().to_owned(),
            packagename: row.packagename,
            device_online: live.is_some_and(|live| live.device.state == DeviceState::Online),
            device: row.device.map(|device| device.0).unwrap_or_default(),
            device_name: account.device_name.unwrap_or_default(),
            device_index: account.device_index,
            logined: u8::from(row.logined),
            logined_text: if row.logined { "logged_in" } else { "not_logged_in" },
            status: row.status.number(),
            status_text: row.status.as_str(),
            tags: row.tags.to_vec(),
            has_password: account.has_password,
            has_2fa: account.has_2fa,
            resting_until: row.resting_until,
            caps: row.caps.iter().collect(),
            nickname: statistics.nickname,
            country: statistics.country,
            followers: statistics.followers,
            following: statistics.following,
            hearts: statistics.hearts,
            videos: statistics.videos,
            friends: statistics.friends,
            synced_at: statistics.synced_at,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
