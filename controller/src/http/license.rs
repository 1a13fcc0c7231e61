//! What the plan allows.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::envelope::{Answered, Envelope, Success};
use crate::state::AppState;

/// The plan, as clients ask for it before they do anything else.
#[derive(Debug, Serialize, ToSchema)]
pub struct License {
    #[schema(example = "Self-hosted")]
    pub plan_name: String,
    pub api_enabled: bool,
    /// Phones that may run scripts at the same time; tasks beyond it wait.
    pub device_limit: u32,
    #[schema(example = "API access enabled")]
    pub message: String,
}

/// The plan: whether the API is on, and for how many phones
#[utoipa::path(get, path = "/license/check", tag = "license",
    responses((status = 200, description = "The plan", body = Envelope<License>)))]
pub async fn check(State(state): State<AppState>) -> Answered<License> {
    let plan = state.config.plan;
    // Clients of a plan without the API do not come this far; the console and the command line do.
    let message = if plan.api_enabled() {
        "API access enabled"
    } else {
        "API access is not part of this plan"
    };
    Ok(Success(License {
        plan_name: plan.name().to_owned(),
        api_enabled: plan.api_enabled(),
        device_limit: plan.device_limit(),
        message: message.to_owned(),
    }))
}
