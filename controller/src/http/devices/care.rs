//! Finding and readying a phone: its index large on its screen, and the steps that make it fit for work.

use std::time::Duration;

use axum::extract::State;
use serde::Serialize;
use shared::wire::message::PrepareStep;
use utoipa::ToSchema;

use super::act::{ACTING, Acted, resolved};
use super::one;
use crate::fleet::{Answer, Ask};
use crate::http::body::Sent;
use crate::http::envelope::{Answered, ApiError, Envelope, Success};
use crate::http::fields::{Fields, FromFields};
use crate::http::path::Named;
use crate::http::phones::astray;
use crate::state::AppState;

/// Preparing walks through settings, and may install the resident driver.
const PREPARING: Duration = Duration::from_secs(240);

/// Shows the phone's index large on its screen
#[utoipa::path(post, path = "/devices/{serial}/identify", tag = "devices",
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "It is shown", body = Envelope<Acted>),
        (status = 409, description = "40901: the phone is not online, or has no index yet"),
    ))]
pub async fn identify(State(state): State<AppState>, Named(name): Named) -> Answered<Acted> {
    let device = one(&state, &name).await?;
    let index = device.device_index.ok_or_else(|| {
        ApiError::conflict(format!(
            "{} has no index yet: it has not said who it is",
            device.serial
        ))
    })?;
    match state
        .phones
        .ask(&device.serial, Ask::Identify { index }, ACTING)
        .await?
    {
        Answer::Done => Ok(Success(Acted {
            serial: device.serial,
            done: true,
        })),
        other => Err(astray(&other)),
    }
}

/// How a phone is to be prepared.
#[derive(Debug, ToSchema)]
pub struct PrepareWish {
    /// Only look; change nothing.
    #[schema(default = false)]
    pub check: Option<bool>,
}

impl FromFields for PrepareWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            check: fields.flag("check")?,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Prepared {
    pub serial: String,
    /// Whether it can work now.
    pub ready: bool,
    pub steps: Vec<Step>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    #[schema(example = "screen_lock")]
    pub name: String,
    pub title: String,
    /// ok, fixed, would_fix, needs_person, unseen, failed.
    pub state: String,
    pub found: String,
    /// Why it matters, or what to do.
    pub advice: Option<String>,
}

impl From<PrepareStep> for Step {
    fn from(step: PrepareStep) -> Self {
        Self {
            name: step.name,
            title: step.title,
            state: step.state.as_str().to_owned(),
            found: step.found,
            advice: step.advice,
        }
    }
}

/// Makes a phone ready for work, or only looks what is missing
#[utoipa::path(post, path = "/devices/{serial}/prepare", tag = "devices", request_body(content = PrepareWish, description = "May be absent"),
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "What was looked at, step by step", body = Envelope<Prepared>),
        (status = 409, description = "40901: the phone is not online"),
    ))]
pub async fn prepare(
    State(state): State<AppState>,
    Named(name): Named,
    Sent(wish): Sent<PrepareWish>,
) -> Answered<Prepared> {
    let serial = resolved(&state, &[name])?.remove(0);
    let check = wish.check.unwrap_or(false);
    match state
        .phones
        .ask(&serial, Ask::Prepare { check }, PREPARING)
        .await?
    {
        Answer::Prepared { ready, steps } => Ok(Success(Prepared {
            serial,
            ready,
            steps: steps.into_iter().map(Step::from).collect(),
        })),
        other => Err(astray(&other)),
    }
}
