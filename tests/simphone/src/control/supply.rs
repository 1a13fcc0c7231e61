//! Cable, charger, battery and the power button.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Door;
use super::refusal::{Refusal, read};
use super::view::summary;
use crate::phone::{boot, lock};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBattery {
    level: Option<u32>,
    /// Degrees.
    temperature: Option<f64>,
    charging: Option<bool>,
}

pub(super) async fn battery(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let allowed =
        json!({ "level": "0 to 100", "temperature": "degrees, -20 to 90", "charging": "true or false" });
    let stand = door.stand(&name)?;
    let wanted: NewBattery = read(&body, &allowed)?;
    if wanted.level.is_some_and(|level| level > 100) {
        return Err(Refusal::bad("level is 0 to 100", allowed));
    }
    if wanted
        .temperature
        .is_some_and(|degrees| !(-20.0..=90.0).contains(&degrees))
    {
        return Err(Refusal::bad("temperature is -20 to 90 degrees", allowed));
    }
    let mut hardware = lock(&stand.phone.hardware);
    if let Some(level) = wanted.level {
        hardware.battery.level = level;
    }
    if let Some(degrees) = wanted.temperature {
        hardware.battery.temperature = (degrees * 10.0).round() as i32;
    }
    if let Some(charging) = wanted.charging {
        hardware.battery.usb_powered = charging;
    }
    hardware.keep().map_err(|error| Refusal::disk(&error))?;
    drop(hardware);
    Ok(Json(summary(&stand)))
}

pub(super) async fn unplug(state: State<Door>, path: Path<String>) -> Result<Json<Value>, Refusal> {
    cable(&state, &path, false)
}

pub(super) async fn plug(state: State<Door>, path: Path<String>) -> Result<Json<Value>, Refusal> {
    cable(&state, &path, true)
}

/// The cable carries both: the charge and adb.
fn cable(door: &Door, name: &str, plugged: bool) -> Result<Json<Value>, Refusal> {
    let stand = door.stand(name)?;
    {
        let mut hardware = lock(&stand.phone.hardware);
        hardware.battery.usb_powered = plugged;
        hardware.keep().map_err(|error| Refusal::disk(&error))?;
    }
    stand.phone.power.change(|state| state.plugged = plugged);
    Ok(Json(summary(&stand)))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reboot {
    seconds: Option<f64>,
}

pub(super) async fn reboot(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let allowed = json!({ "seconds": "of the phone's time, 0 to 600; 30 unless told" });
    let stand = door.stand(&name)?;
    let wanted: Reboot = read(&body, &allowed)?;
    let takes = match wanted.seconds {
        None => boot::USUAL,
        Some(seconds) if (0.0..=600.0).contains(&seconds) => Duration::from_secs_f64(seconds),
        Some(_) => return Err(Refusal::bad("seconds is 0 to 600", allowed)),
    };
    boot::reboot(&stand.phone, takes);
    Ok(Json(summary(&stand)))
}

pub(super) async fn second_transport(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let farm = door.farm()?;
    let stand = door.stand(&name)?;
    let address = farm
        .second_transport(&stand)
        .map_err(|error| Refusal::disk(&error))?;
    Ok(Json(
        json!({ "port": address.port(), "adb": address.to_string() }),
    ))
}
