//! The scripts that can be asked for, and what each takes.

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use shared::pack::parameters::Parameter;
use utoipa::ToSchema;

use super::envelope::{Answered, Envelope, Success};
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
    for pack in state.packs.iter() {
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
                parameters: parameters.map(ParameterItem::from).collect(),
            });
        }
    }
    Ok(Success(FlowList { flows }))
}
