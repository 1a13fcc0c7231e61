//! Looking at a phone: its picture, its hierarchy, the app in front.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::IntoParams;

use super::view::ForegroundItem;
use crate::fleet::{Answer, Ask};
use crate::http::envelope::{Answered, ApiError, Envelope, Success};
use crate::http::fields::{Asked, Fields, FromFields};
use crate::http::path::Named;
use crate::http::phones::astray;
use crate::state::AppState;

/// A picture of a slow phone takes a few seconds, a hierarchy of a busy screen some more.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);
const DRIVER: HeaderName = HeaderName::from_static("x-drover-driver");

#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PictureWish {
    /// The longer side in pixels: the picture is scaled down to it and comes as JPEG.
    #[param(minimum = 16, maximum = 4096)]
    pub max: Option<u32>,
}

impl FromFields for PictureWish {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let max = fields.number("max", 16..=4096)?;
        Ok(Self {
            max: max.map(|max| max as u32),
        })
    }
}

/// The phone's screen, as PNG or scaled down as JPEG
#[utoipa::path(get, path = "/devices/{serial}/screenshot", tag = "devices",
    params(("serial" = String, Path, description = "Its serial or any alias"), PictureWish),
    responses(
        (status = 200, description = "The picture", content(
            (Vec<u8> = "image/png"),
            (Vec<u8> = "image/jpeg"),
        )),
        (status = 409, description = "40901: the phone is not online"),
    ))]
pub async fn screenshot(
    State(state): State<AppState>,
    Named(name): Named,
    Asked(wish): Asked<PictureWish>,
) -> Result<Response, ApiError> {
    let question = Ask::Screenshot { max: wish.max };
    match state.phones.ask(&name, question, DEADLINE).await? {
        Answer::Picture { kind, bytes } => {
            Ok(([(header::CONTENT_TYPE, kind.media_type())], bytes).into_response())
        }
        other => Err(astray(&other)),
    }
}

/// What is on the phone's screen, as uiautomator's XML
#[utoipa::path(get, path = "/devices/{serial}/hierarchy", tag = "devices",
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "The hierarchy; the header X-Drover-Driver says which driver read it",
            body = String, content_type = "application/xml"),
        (status = 409, description = "40901: the phone is not online, or its screen cannot be read now"),
    ))]
pub async fn hierarchy(State(state): State<AppState>, Named(name): Named) -> Result<Response, ApiError> {
    match state.phones.ask(&name, Ask::Hierarchy, DEADLINE).await? {
        Answer::Hierarchy { xml, driver } => {
            let mut response =
                ([(header::CONTENT_TYPE, "application/xml; charset=utf-8")], xml).into_response();
            if let Ok(driver) = HeaderValue::from_str(&driver) {
                response.headers_mut().insert(DRIVER, driver);
            }
            Ok(response)
        }
        other => Err(astray(&other)),
    }
}

/// The app in front, asked of the phone now
#[utoipa::path(get, path = "/devices/{serial}/foreground", tag = "devices",
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "The app in front", body = Envelope<ForegroundItem>),
        (status = 409, description = "40901: the phone is not online"),
    ))]
pub async fn foreground(State(state): State<AppState>, Named(name): Named) -> Answered<ForegroundItem> {
    match state.phones.ask(&name, Ask::Foreground, DEADLINE).await? {
        Answer::Foreground(front) => Ok(Success(ForegroundItem::now(front, state.clock.now()))),
        other => Err(astray(&other)),
    }
}
