//! A person's hand on the phone: its finger, its turning, its tap on "Always allow".

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Door;
use super::refusal::{Refusal, read};
use super::view::summary;
use crate::phone::lock;
use crate::phone::settings::Namespace;
use crate::ui::Point;

/// The dialog "Allow USB debugging?", answered for always.
pub(super) async fn authorize(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let stand = door.stand(&name)?;
    stand.phone.keys.allow(true);
    stand.phone.faults.clear("unauthorized");
    Ok(Json(summary(&stand)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    rotation: Option<u8>,
}

pub(super) async fn rotate(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let allowed = json!({ "rotation": "quarter turns, 0 to 3" });
    let stand = door.stand(&name)?;
    let wanted: Rotate = read(&body, &allowed)?;
    let auto = lock(&stand.phone.settings).get(Namespace::System, "accelerometer_rotation") != Some("0");
    if !auto {
        return Err(Refusal::new(
            StatusCode::CONFLICT,
            "the phone's auto-rotation is off, so turning it changes nothing",
            json!("settings put system accelerometer_rotation 1"),
        ));
    }
    let now = lock(&stand.phone.hardware).rotation;
    let turns = wanted.rotation.unwrap_or((now + 1) % 4);
    if turns > 3 {
        return Err(Refusal::bad("rotation is 0 to 3", allowed));
    }
    lock(&stand.phone.hardware).rotation = turns;
    Ok(Json(summary(&stand)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tap {
    x: i32,
    y: i32,
}

pub(super) async fn tap(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let stand = door.stand(&name)?;
    let at: Tap = read(&body, &json!({ "x": "pixels", "y": "pixels" }))?;
    let mut ui = stand.phone.ui();
    ui.tap(&stand.phone, Point { x: at.x, y: at.y });
    Ok(Json(ui.describe()))
}

/// A person wakes the phone and enters the PIN, if it has one.
pub(super) async fn unlock(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    const WAKEUP: u32 = 224;
    const MENU: u32 = 82;
    let stand = door.stand(&name)?;
    stand.phone.faults.clear("locked");
    let mut ui = stand.phone.ui();
    ui.key(&stand.phone, WAKEUP);
    ui.key(&stand.phone, MENU);
    Ok(Json(ui.describe()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ToApp {
    package: String,
    #[serde(rename = "command")]
    _command: Value,
}

/// What happens to an app from outside (somebody follows, a post is removed). An app without such commands says so.
pub(super) async fn app(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    door.stand(&name)?;
    let asked: ToApp = read(
        &body,
        &json!({ "package": "the app's package", "command": "what the app understands" }),
    )?;
    Err(Refusal::new(
        StatusCode::NOT_FOUND,
        format!("the app {} knows no commands", asked.package),
        json!([]),
    ))
}
