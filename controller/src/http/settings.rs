//! Settings that can be changed while the farm runs: each known by name, type and default, taken on at once.

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{self, Fields};
use super::guard;
use super::token::Caller;
use crate::config::keys;
use crate::settings::{WorkRules, definitions, find};
use crate::state::{AppState, Tunable};
use crate::store::{SettingChange, StoreError};

pub const ALWAYS_200: &str = "api.always_200";
pub const ALLOWED_HOSTS: &str = "allowed_hosts";
const NAMES: [&str; 2] = [ALWAYS_200, ALLOWED_HOSTS];

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
    /// What it can be, where it is one of a few words.
    pub choices: Option<Vec<String>>,
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
    let usual = usual(&state);
    for (name, value) in fields.all() {
        let known = names();
        if !known.contains(name) {
            let told = format!("is no setting: there are {}", known.join(", "));
            return Err(ApiError::parameter(name, told));
        }
        changes.push(SettingChange {
            name: name.clone(),
            value: Some(checked(name, value)?).filter(|value| !value.is_null()),
            usual: usual.get(name).cloned().unwrap_or_default(),
        });
    }
    if changes.is_empty() {
        return Err(ApiError::parameter("body", "names no setting to change"));
    }
    let caps = changes.iter().any(|change| change.name.starts_with("caps."));
    state.store.change_settings(changes, &caller.name).await?;
    if caps {
        state.store.look_again_at_capped().await?;
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
    if let Some(one) = find(name) {
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

/// What each setting is where nobody has changed it.
fn usual(state: &AppState) -> BTreeMap<String, Value> {
    let mut usual: BTreeMap<String, Value> = definitions()
        .into_iter()
        .map(|one| {
            let configured = state.config.settings.get(&one.name).cloned();
            (one.name, configured.unwrap_or(one.default))
        })
        .collect();
    usual.insert(ALWAYS_200.to_owned(), state.config.always_200.into());
    usual.insert(
        ALLOWED_HOSTS.to_owned(),
        state.config.allowed_hosts.clone().into(),
    );
    usual
}

async fn shown(state: &AppState) -> Answered<Settings> {
    let set = state.store.settings().await?;
    let usual = usual(state);
    let of = |name: String, valid: Option<Value>, choices: Option<Vec<String>>, help: String| {
        let default = usual.get(&name).cloned().unwrap_or_default();
        Setting {
            value: valid.unwrap_or_else(|| default.clone()),
            is_set: set.contains_key(&name),
            default,
            name,
            choices,
            help,
        }
    };
    let mut settings: Vec<Setting> = NAMES
        .into_iter()
        .map(|name| {
            let help = keys::find(name).map_or("", |key| key.help);
            of(name.to_owned(), set.get(name).cloned(), None, help.to_owned())
        })
        .collect();
    for one in definitions() {
        let valid = set.get(&one.name).and_then(|value| one.checked(value).ok());
        let help = format!("{}: {}", one.help, one.kind.allowed());
        settings.push(of(one.name, valid, one.kind.choices(), help));
    }
    Ok(Success(Settings { settings }))
}

/// Puts what the store keeps in force, over what the configuration says.
pub(crate) async fn take_on(state: &AppState) -> Result<(), StoreError> {
    let set = state.store.settings().await?;
    let mut all = state.config.settings.clone();
    all.extend(set);
    let rules = WorkRules::of(&all, state.config.zone.clone());
    let usual_platform = rules.platform;
    state.scheduler.set_rules(rules);
    let always_200 = state.store.setting(ALWAYS_200).await?;
    let allowed_hosts = state.store.setting(ALLOWED_HOSTS).await?;
    state.in_force.set(Tunable {
        always_200: always_200.unwrap_or(state.config.always_200),
        allowed_hosts: allowed_hosts.unwrap_or_else(|| state.config.allowed_hosts.clone()),
        usual_platform,
    });
    Ok(())
}
