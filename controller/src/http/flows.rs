//! The scripts that can be asked for, and what each takes.

pub mod stats;

use std::collections::BTreeMap;

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use shared::pack::Pack;
use shared::pack::parameters::Parameter;
use utoipa::ToSchema;

use super::body::Sent;
use super::envelope::{Answered, ApiError, Envelope, Success};
use super::fields::{Fields, FromFields};
use super::path::NamedMany;
use super::token::Caller;
use crate::state::AppState;

#[derive(Debug, Serialize, ToSchema)]
pub struct FlowList {
    pub flows: Vec<FlowItem>,
}

/// A script of a platform.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowItem {
    /// For `script_name`.
    #[schema(example = "post")]
    pub name: String,
    #[schema(example = "tiktok")]
    pub platform: String,
    pub pack: String,
    pub version: String,
    /// Of the pack's content.
    pub hash: String,
    pub title: String,
    pub help: String,
    /// It leaves something behind in the app.
    pub lasting: bool,
    pub experimental: bool,
    /// `false`: it was switched off, nothing new of it begins, and what waits for it waits on.
    pub enabled: bool,
    /// How many tasks wait for it.
    pub pending: u64,
    /// In the order in which forms show them.
    pub parameters: Vec<ParameterItem>,
}

/// What a script takes, for `script_config`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParameterItem {
    #[schema(example = "upload_wait_time")]
    pub name: String,
    /// text (of several lines), line, lines and list (several entries), integer, number, boolean, percent, choice, duration
    /// (seconds, or "10m"), path, secret.
    #[serde(rename = "type")]
    #[schema(example = "integer")]
    pub kind: &'static str,
    pub required: bool,
    /// At least one of the parameters with the same word here must be given.
    pub one_of: Option<String>,
    /// What it is where it is not given.
    #[schema(value_type = Value, nullable)]
    pub default: Option<Value>,
    /// Of numbers, in the unit that the help names; of durations in seconds.
    pub min: Option<f64>,
    pub max: Option<f64>,
    /// Of texts, in characters.
    pub max_length: Option<usize>,
    /// Of lists.
    pub max_entries: Option<usize>,
    /// Of a choice: all that it may be; empty for other types.
    #[schema(value_type = Vec<Value>)]
    pub choices: Vec<Value>,
    /// Other names that are taken for it.
    pub aliases: Vec<String>,
    pub help: String,
    #[schema(value_type = Value, nullable)]
    pub example: Option<Value>,
    pub experimental: bool,
    /// It is known and not offered, and why: what would switch it on is refused.
    pub refuse: Option<String>,
}

impl From<&Parameter> for ParameterItem {
    fn from(parameter: &Parameter) -> Self {
        let bounds = parameter.kind.bounds();
        Self {
            name: parameter.name.clone(),
            kind: parameter.kind.word(),
            required: parameter.required,
            one_of: parameter.one_of.clone(),
            default: parameter.default.clone(),
            min: bounds.min,
            max: bounds.max,
            max_length: bounds.max_length,
            max_entries: bounds.max_entries,
            choices: bounds.choices,
            aliases: parameter.aliases.clone(),
            help: parameter.help.clone(),
            example: parameter.example.clone(),
            experimental: parameter.experimental,
            refuse: parameter.refuse.clone(),
        }
    }
}

/// The scripts of all platforms, with their parameters
#[utoipa::path(get, path = "/flows", tag = "flows",
    responses((status = 200, description = "The scripts", body = Envelope<FlowList>)))]
pub async fn list(State(state): State<AppState>) -> Answered<FlowList> {
    let mut flows: Vec<FlowItem> = Vec::new();
    let packs = state.packs.get();
    let pending = state.store.pending_by_flow().await?;
    for pack in packs.iter() {
        for flow in &pack.flows {
            let stands = |item: &FlowItem| item.platform == pack.platform && item.name == flow.name;
            // The pack before has it already, and wins.
            if flows.iter().any(stands) {
                continue;
            }
            let parameters = flow.parameters.iter().filter(|parameter| !parameter.given);
            flows.push(FlowItem {
                name: flow.name.clone(),
                platform: pack.platform.clone(),
                pack: pack.name.clone(),
                version: pack.version.clone(),
                hash: pack.hash.clone(),
                title: flow.title.clone(),
                help: flow.help.clone(),
                lasting: flow.lasting,
                experimental: flow.experimental,
                enabled: !packs.is_off(&pack.platform, &flow.name),
                pending: waiting(&pending, &pack.platform, &flow.name),
                parameters: parameters.map(ParameterItem::from).collect(),
            });
        }
    }
    Ok(Success(FlowList { flows }))
}

/// The element of a pack that a message names.
pub(super) fn element_in<'p>(pack: &'p Pack, message: &str) -> Option<&'p str> {
    let name_ends = |c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
    let named = message
        .split(name_ends)
        .find_map(|word| pack.elements.get_key_value(word));
    named.map(|(name, _)| name.as_str())
}

/// By platform and script.
fn waiting(pending: &BTreeMap<(String, String), u64>, platform: &str, script: &str) -> u64 {
    let waiting = pending
        .iter()
        .find(|((of, name), _)| of == platform && name == script);
    waiting.map_or(0, |(_, count)| *count)
}

/// Whether a flow may be begun.
#[derive(Debug, ToSchema)]
pub struct FlowPatch {
    pub enabled: bool,
}

impl FromFields for FlowPatch {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let enabled = fields.flag("enabled")?;
        Ok(Self {
            enabled: enabled.ok_or_else(|| ApiError::parameter("enabled", "is required: true or false"))?,
        })
    }
}

/// A flow after it was switched.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlowSwitch {
    pub platform: String,
    pub name: String,
    pub enabled: bool,
    /// How many tasks wait for it.
    pub pending: u64,
}

/// Switches a flow off or on again, on record
///
/// While it is off no task for it is created, tasks that wait for it wait on (`flow_disabled`), and what runs does nothing
/// lasting any more that it had no leave for.
#[utoipa::path(patch, path = "/flows/{platform}/{name}", tag = "flows", request_body = FlowPatch,
    params(
        ("platform" = String, Path, description = "The flow's platform"),
        ("name" = String, Path, description = "The flow's name"),
    ),
    responses((status = 200, description = "The flow", body = Envelope<FlowSwitch>)))]
pub async fn switch(
    State(state): State<AppState>,
    caller: Caller,
    NamedMany([platform, name]): NamedMany<2>,
    Sent(patch): Sent<FlowPatch>,
) -> Answered<FlowSwitch> {
    if state.packs.get().find(&platform, &name).is_none() {
        let shown: String = format!("{platform}/{name}").chars().take(80).collect();
        return Err(ApiError::not_found(format!(
            "there is no flow {shown:?}: GET /flows lists them"
        )));
    }
    state
        .store
        .switch_flow(&platform, &name, patch.enabled, &caller.name)
        .await?;
    state.packs.refresh().await?;
    state.scheduler.wake_all();
    let pending = state.store.pending_by_flow().await?;
    Ok(Success(FlowSwitch {
        pending: waiting(&pending, &platform, &name),
        platform,
        name,
        enabled: patch.enabled,
    }))
}
