//! Looking: which phones there are, how they are, what they show, what was done to them.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::{Door, Stand};
use crate::phone::lock;
use crate::phone::power::Stage;

const HELP: &str = "\
The control API of simulated phones: what a person, a charger or a cable does to them.

GET  /phones                         all phones: serial, port, personality, power, battery, faults
GET  /phones/{serial}                one of them
GET  /phones/{serial}/ledger         every lasting effect, in order
GET  /phones/{serial}/screen         what is in front, as JSON; ?png=1 or /screen.png for the picture
POST /phones/{serial}/fault          {\"kind\":\"slow\",\"millis\":500}, {\"clear\":\"slow\"}, {\"clear\":\"all\"}
POST /phones/{serial}/battery        {\"level\":20,\"temperature\":43.5,\"charging\":false}, each optional
POST /phones/{serial}/unplug         the cable (or the network) is gone
POST /phones/{serial}/plug           and back
POST /phones/{serial}/reboot         {\"seconds\":5} of the phone's time
POST /phones/{serial}/second-transport   one more port for the same phone
POST /phones/{serial}/authorize      a person taps \"Always allow\"
POST /phones/{serial}/rotate         {\"rotation\":1}, quarter turns, or {} for the next one
POST /phones/{serial}/tap            {\"x\":540,\"y\":1200}, a person's finger
POST /phones/{serial}/unlock         a person unlocks the phone, PIN or not
POST /phones/{serial}/app            {\"package\":\"...\",\"command\":{...}}
GET  /phones/{serial}/apps/{package} a social app: version, layout variant, moods, sessions, drafts, uploads
POST /phones/{serial}/apps/{package} {\"variant\":\"old\",\"moods\":{\"limit_after\":3},\"sessions\":[\"a\"]}, each optional
GET  /world/{platform}               instagram or tiktok: accounts, posts, follows, likes, comments
POST /world/{platform}               {\"accounts\":[{\"username\":\"a\",\"password\":\"p\"}],\"posts\":[],\"follows\":[]}
";

pub(super) async fn help() -> &'static str {
    HELP
}

pub(super) async fn phones(State(door): State<Door>) -> Result<Json<Value>, Refusal> {
    let farm = door.farm()?;
    Ok(Json(Value::Array(
        farm.stands().iter().map(|stand| summary(stand)).collect(),
    )))
}

pub(super) async fn phone(
    State(door): State<Door>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    Ok(Json(summary(&*door.stand(&name)?)))
}

/// How one phone is, in one object.
pub(super) fn summary(stand: &Stand) -> Value {
    let phone = &stand.phone;
    let power = phone.power.now();
    let (battery, rotation) = {
        let hardware = lock(&phone.hardware);
        (hardware.battery, hardware.rotation)
    };
    let addresses = stand.addresses();
    json!({
        "name": stand.name,
        "serial": phone.spec.serial,
        "port": addresses.first().map(std::net::SocketAddr::port),
        "adb": addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "personality": phone.spec.personality.name,
        "model": phone.spec.personality.model,
        "power": {
            "plugged": power.plugged,
            "stage": match power.stage {
                Stage::Down => "down",
                Stage::Booting => "booting",
                Stage::Up => "up",
            },
            "boot": power.boot,
        },
        "battery": {
            "level": battery.level,
            "temperature": f64::from(battery.temperature) / 10.0,
            "charging": battery.powered(),
        },
        "rotation": rotation,
        "faults": phone.faults.all(),
    })
}

pub(super) async fn ledger(State(door): State<Door>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let stand = door.stand(&name)?;
    // What is due by now happens first.
    drop(stand.phone.ui());
    Ok(Json(stand.phone.ledger.entries()).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScreenAs {
    #[serde(default)]
    png: Option<String>,
}

pub(super) async fn screen(
    state: State<Door>,
    path: Path<String>,
    query: Result<Query<ScreenAs>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Refusal> {
    let Query(wanted) = query.map_err(|error| Refusal::bad(error.body_text(), json!({ "png": "1" })))?;
    if wanted.png.is_some_and(|png| png != "0") {
        return picture(state, path).await;
    }
    let stand = state.0.stand(&path.0)?;
    let described = stand.phone.ui().describe();
    Ok(Json(described).into_response())
}

pub(super) async fn picture(State(door): State<Door>, Path(name): Path<String>) -> Result<Response, Refusal> {
    let stand = door.stand(&name)?;
    let scene = stand.phone.ui().scene(&stand.phone);
    let png = crate::ui::picture::drawn(scene, crate::ui::picture::Picture::png).await;
    let png = png.ok_or_else(Refusal::stopping)?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}
