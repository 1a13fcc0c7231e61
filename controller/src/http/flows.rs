//! The scripts that can be asked for, and what each takes.

use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
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
    /// For `script_config`: name, type, bounds, default, help.
    #[schema(value_type = Vec<Value>)]
    pub parameters: Vec<Value>,
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
                parameters: parameters
                    .map(|parameter| serde_json::to_value(parameter).unwrap_or_default())
                    .collect(),
            });
        }
    }
    Ok(Success(FlowList { flows }))
}
