//! The machines with agents: who has joined, who is connected, tokens for new ones, and the way out.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Fields, FromFields};
use super::path::Named;
use super::token::Caller;
use crate::fleet::LiveHost;
use crate::state::AppState;
use crate::store::HostRow;

const USUAL_TTL_SECS: i64 = 3_600;
const LONGEST_TTL_SECS: i64 = 30 * 24 * 3_600;

/// A machine with an agent.
#[derive(Debug, Serialize, ToSchema)]
pub struct HostItem {
    #[schema(value_type = String, example = "0193a5b0-7c1e-7000-8000-000000000001")]
    pub id: Uuid,
    pub name: String,
    pub connected: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub connected_since: Option<Timestamp>,
    /// Where its link comes from.
    #[schema(example = "192.168.1.20:49152")]
    pub address: Option<String>,
    /// The link's round trip, in milliseconds.
    pub rtt_ms: Option<f64>,
    /// Phones that it reports, in whatever state.
    pub devices: Option<usize>,
    pub agent_version: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen: Option<Timestamp>,
    /// The end of the certificate that it was given last; it renews by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub certificate_not_after: Option<Timestamp>,
    /// SHA-256 of its public key, in hex.
    pub key_fingerprint: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HostList {
    /// In order of joining, the revoked ones too.
    pub hosts: Vec<HostItem>,
}

impl HostItem {
    fn of(row: HostRow, live: Option<&LiveHost>) -> Self {
        Self {
            id: row.id,
            name: row.name,
            connected: live.is_some(),
            connected_since: live.map(|live| live.connected_since),
            address: live.map(|live| live.address.to_string()),
            rtt_ms: live.map(|live| live.rtt.as_secs_f64() * 1000.0),
            devices: live.map(|live| live.devices),
            agent_version: live.map(|live| live.agent_version.clone()).or(row.agent_version),
            joined_at: row.created_at,
            last_seen: row.last_seen,
            certificate_not_after: row.certificate_not_after,
            key_fingerprint: row.key_fingerprint,
            revoked_at: row.revoked_at,
        }
    }
}

/// All hosts that ever joined
#[utoipa::path(get, path = "/hosts", tag = "hosts",
    responses((status = 200, description = "The hosts", body = Envelope<HostList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<HostList> {
    let rows = state.store.list_hosts().await?;
    let live: BTreeMap<Uuid, LiveHost> = state
        .phones
        .hosts()
        .into_iter()
        .map(|host| (host.id, host))
        .collect();
    let hosts = rows.into_iter().map(|row| {
        let live = live.get(&row.id);
        HostItem::of(row, live)
    });
    Ok(Success(HostList {
        hosts: hosts.collect(),
    }))
}

/// How long a join token shall be good.
#[derive(Debug, ToSchema)]
pub struct JoinTokenWish {
    #[schema(minimum = 60, maximum = 2_592_000, default = 3600)]
    pub ttl_secs: Option<i64>,
}

impl FromFields for JoinTokenWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            ttl_secs: fields.number("ttl_secs", 60..=LONGEST_TTL_SECS)?,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct JoinToken {
    /// For `drover-agent`: good once, shown this once.
    pub token: String,
    /// The port of this controller at which hosts join.
    #[schema(example = 50811)]
    pub join_port: u16,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
}

/// Makes a token that lets one host join
#[utoipa::path(post, path = "/hosts/tokens", tag = "hosts", request_body(content = JoinTokenWish, description = "May be absent"),
    responses((status = 200, description = "The token", body = Envelope<JoinToken>)))]
pub async fn create_token(
    State(state): State<AppState>,
    caller: Caller,
    Sent(wish): Sent<JoinTokenWish>,
) -> Answered<JoinToken> {
    let secs = wish.ttl_secs.unwrap_or(USUAL_TTL_SECS);
    let ttl = Duration::from_secs(secs.unsigned_abs());
    let now = state.clock.now();
    let token = state.phones.new_join_token(ttl, &caller.name).await?;
    let end = now.saturating_add(SignedDuration::from_secs(secs));
    Ok(Success(JoinToken {
        token,
        join_port: state.config.join_port,
        expires_at: end.unwrap_or(Timestamp::MAX),
    }))
}

/// Takes a host out of the farm: its link ends now, and it is not let in again
#[utoipa::path(delete, path = "/hosts/{id}", tag = "hosts",
    params(("id" = String, Path, description = "The host's id")),
    responses((status = 200, description = "The host, revoked", body = Envelope<HostItem>)))]
pub async fn revoke(State(state): State<AppState>, caller: Caller, Named(id): Named) -> Answered<HostItem> {
    let unknown = || ApiError::not_found(format!("there is no host {id:?}"));
    let host: Uuid = id.parse().map_err(|_| unknown())?;
    if state.store.host(host).await?.is_none() {
        return Err(unknown());
    }
    state.phones.revoke(host, &caller.name).await?;
    let row = state.store.host(host).await?.ok_or_else(unknown)?;
    Ok(Success(HostItem::of(row, None)))
}
