//! Settings that can be changed while the farm runs: each known by name, type and default, taken on at once.

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use shared::account::Platform;
use utoipa::ToSchema;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{self, Fields};
use super::guard;
use super::token::Caller;
use crate::settings::{WorkRules, definitions};
use crate::state::{AppState, Tunable};
use crate::store::StoreError;

pub const ALWAYS_200: &str = "api.always_200";
pub const ALLOWED_HOSTS: &str = "allowed_hosts";
pub const TASKS_PLATFORM: &str = "tasks.platform";
const NAMES: [&str; 3] = [ALWAYS_200, ALLOWED_HOSTS, TASKS_PLATFORM];

/// Every setting's name.
fn names() -> Vec<String> {
    let own = NAMES.into_iter().map(str::to_owned);
    own.chain(definitions().into_iter().map(|one| one.name)).collect()
}

/// One setting.
#[derive(Debug, Serialize, ToSchema)]
pub struct Setting {
    #[schema(example = "api.always_200")]
    pub name: String,
    /// In force now.
    #[schema(value_type = Value)]
    pub value: Value,
    /// In force where it was not set: from the configuration.
    #[schema(value_type = Value)]
    pub default: Value,
    pub is_set: bool,
    pub help: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Settings {
    pub settings: Vec<Setting>,
}

/// Names and values; `null` takes a setting back to its default.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read name by name")]
pub struct SettingsChange {
    /// Answer every envelope with HTTP 200.
    #[schema(rename = "api.always_200", nullable)]
    always_200: Option<bool>,
    /// `HOST` or `HOST:PORT` under which the API may be called beside the loopback names.
    #[schema(nullable)]
    allowed_hosts: Option<Vec<String>>,
    /// tiktok or instagram: the app of a task where neither the request nor an account decides.
    #[schema(rename = "tasks.platform", nullable, value_type = Option<String>)]
    tasks_platform: Option<Platform>,
    /// Any other setting that the list names.
    #[schema(rename = "*", nullable)]
    other: Option<Value>,
}

/// All settings with their values and defaults
#[utoipa::path(get, path = "/settings", tag = "settings",
    responses((status = 200, description = "All settings", body = Envelope<Settings>)))]
pub async fn list(State(state): State<AppState>) -> Answered<Settings> {
    shown(&state).await
}

/// Changes settings, on record; they are in force at once
#[utoipa::path(patch, path = "/settings", tag = "settings", request_body = SettingsChange,
    responses((status = 200, description = "All settings after the change", body = Envelope<Settings>)))]
pub async fn change(
    State(state): State<AppState>,
    caller: Caller,
    Sent(fields): Sent<Fields>,
) -> Answered<Settings> {
    let mut changes = Vec::new();
    for (name, value) in fields.all() {
        let known = names();
        if !known.contains(name) {
            let told = format!("is no setting: there are {}", known.join(", "));
            return Err(ApiError::parameter(name, told));
        }
        changes.push((name.clone(), checked(name, value)?));
    }
    if changes.is_empty() {
        return Err(ApiError::parameter("body", "names no setting to change"));
    }
    for (name, value) in changes {
        match value {
            Value::Null => state.store.clear_setting(&name, &caller.name).await?,
            value => state.store.set_setting(&name, &value, &caller.name).await?,
        }
    }
    take_on(&state).await?;
    shown(&state).await
}

/// The value in its own type, or what is wrong with it.
fn checked(name: &str, value: &Value) -> Result<Value, ApiError> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if name == ALWAYS_200 {
        let flag = fields::flag(value).ok_or_else(|| ApiError::parameter(name, "must be true or false"))?;
        return Ok(Value::Bool(flag));
    }
    if name == TASKS_PLATFORM {
        let platform = value.as_str().and_then(|text| text.parse::<Platform>().ok());
        let platform =
            platform.ok_or_else(|| ApiError::parameter(name, format!("must be {}", Platform::ALLOWED)))?;
        return Ok(Value::from(platform.as_str()));
    }
    if let Some(one) = definitions().into_iter().find(|one| one.name == name) {
        return one.checked(value).map_err(|why| ApiError::parameter(name, why));
    }
    let one = Map::from_iter([(name.to_owned(), value.clone())]);
    let hosts = Fields::of_body(Value::Object(one))?
        .list(name)?
        .unwrap_or_default();
    if let Some(bad) = hosts.iter().find(|host| !guard::is_host_entry(host)) {
        return Err(ApiError::parameter(
            name,
            format!("{bad:?} is not HOST or HOST:PORT"),
        ));
    }
    Ok(Value::from(hosts))
}

async fn shown(state: &AppState) -> Answered<Settings> {
    let set = state.store.settings().await?;
    let in_force = state.in_force.get();
    let of = |name: &str, value: Value, default: Value, help: &str| Setting {
        name: name.to_owned(),
        value,
        default,
        is_set: set.contains_key(name),
        help: help.to_owned(),
    };
    let mut settings = vec![
        of(
            ALWAYS_200,
            in_force.always_200.into(),
            state.config.always_200.into(),
            "Answer every envelope with HTTP 200, for clients that throw on 4xx before they read the body",
        ),
        of(
            ALLOWED_HOSTS,
            in_force.allowed_hosts.clone().into(),
            state.config.allowed_hosts.clone().into(),
            "HOST or HOST:PORT under which the API may be called beside the loopback names",
        ),
        of(
            TASKS_PLATFORM,
            in_force.usual_platform.as_str().into(),
            Tunable::default().usual_platform.as_str().into(),
            "tiktok or instagram: the app of a task where neither the request nor an account decides",
        ),
    ];
    for one in definitions() {
        let valid = set.get(&one.name).and_then(|value| one.checked(value).ok());
        let value = valid.unwrap_or_else(|| one.default.clone());
        settings.push(of(&one.name, value, one.default.clone(), &one.help));
    }
    Ok(Success(Settings { settings }))
}

/// Puts what the store keeps in force, over what the configuration says.
pub(crate) async fn take_on(state: &AppState) -> Result<(), StoreError> {
    let set = state.store.settings().await?;
    state
        .scheduler
        .set_rules(WorkRules::of(&set, state.config.zone.clone()));
    let always_200 = state.store.setting(ALWAYS_200).await?;
    let allowed_hosts = state.store.setting(ALLOWED_HOSTS).await?;
    let platform: Option<String> = state.store.setting(TASKS_PLATFORM).await?;
    state.in_force.set(Tunable {
        always_200: always_200.unwrap_or(state.config.always_200),
        allowed_hosts: allowed_hosts.unwrap_or_else(|| state.config.allowed_hosts.clone()),
        usual_platform: platform
            .and_then(|name| name.parse().ok())
            .unwrap_or_else(|| Tunable::default().usual_platform),
    });
    Ok(())
}
