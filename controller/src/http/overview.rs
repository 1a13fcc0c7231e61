//! What must be seen at a glance: phones by state, hosts, what wants attention.

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::backups::{self, BackupsItem};
use super::devices;
use super::envelope::{Answered, Envelope, Success};
use crate::state::AppState;

#[derive(Debug, Serialize, ToSchema)]
pub struct Overview {
    /// Of the controller.
    pub version: String,
    pub plan_name: String,
    #[schema(value_type = String, format = DateTime)]
    pub now: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Timestamp,
    pub devices: DeviceCounts,
    pub hosts: HostCounts,
    /// Phones in each group.
    pub groups: BTreeMap<String, usize>,
    pub backups: BackupsItem,
    /// The latest alerts since the start, newest first.
    #[schema(value_type = Vec<Value>)]
    pub alerts: Vec<Value>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct DeviceCounts {
    pub total: usize,
    pub online: usize,
    pub offline: usize,
    pub unauthorized: usize,
    pub no_permissions: usize,
    pub unplugged: usize,
}

#[derive(Debug, Default, Serialize, ToSchema)]
pub struct HostCounts {
    /// Without the revoked ones.
    pub total: usize,
    pub connected: usize,
    pub away: usize,
    /// The names of those that are away.
    pub away_names: Vec<String>,
}

/// All that must be seen at a glance
#[utoipa::path(get, path = "/overview", tag = "overview",
    responses((status = 200, description = "The farm at a glance", body = Envelope<Overview>)))]
pub async fn overview(State(state): State<AppState>) -> Answered<Overview> {
    let mut counts = DeviceCounts::default();
    let mut groups = BTreeMap::new();
    for device in devices::all(&state).await? {
        counts.total += 1;
        match device.state.as_str() {
            "online" => counts.online += 1,
            "offline" => counts.offline += 1,
            "unauthorized" => counts.unauthorized += 1,
            "no_permissions" => counts.no_permissions += 1,
            _ => counts.unplugged += 1,
        }
        for group in device.groups {
            *groups.entry(group).or_default() += 1;
        }
    }
    Ok(Success(Overview {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        plan_name: state.config.plan.name().to_owned(),
        now: state.clock.now(),
        started_at: state.started_at,
        devices: counts,
        hosts: hosts(&state).await?,
        groups,
        backups: backups::fare(&state),
        alerts: state.events.alerts(),
    }))
}

async fn hosts(state: &AppState) -> Result<HostCounts, super::envelope::ApiError> {
    let connected: Vec<_> = state.phones.hosts().into_iter().map(|host| host.id).collect();
    let mut counts = HostCounts::default();
    for row in state.store.list_hosts().await? {
        if row.revoked_at.is_some() {
            continue;
        }
        counts.total += 1;
        if connected.contains(&row.id) {
            counts.connected += 1;
        } else {
            counts.away += 1;
            counts.away_names.push(row.name);
        }
    }
    Ok(counts)
}
