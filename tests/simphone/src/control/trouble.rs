//! Setting and clearing faults.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use super::Door;
use super::refusal::{Refusal, read};
use super::view::summary;
use crate::phone::fault::Fault;

pub(super) async fn fault(
    State(door): State<Door>,
    Path(name): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let stand = door.stand(&name)?;
    let faults = &stand.phone.faults;
    match parse(&body)? {
        Wish::Set(fault) => faults.set(fault),
        Wish::Clear(kind) => faults.clear(&kind),
        Wish::ClearAll => faults.clear_all(),
    }
    Ok(Json(summary(&stand)))
}

#[derive(Debug, PartialEq)]
enum Wish {
    Set(Fault),
    Clear(String),
    ClearAll,
}

fn allowed() -> Value {
    json!({ "set": Fault::examples(), "clear": "a kind, or \"all\"" })
}

fn parse(body: &Bytes) -> Result<Wish, Refusal> {
    let wish: Value = read(body, &allowed())?;
    let refuse = |error: String| Refusal::bad(error, allowed());
    let Some(fields) = wish.as_object() else {
        return Err(refuse("a fault is a JSON object".to_owned()));
    };
    if let Some(kind) = fields.get("clear") {
        if let Some(extra) = fields.keys().find(|key| *key != "clear") {
            return Err(refuse(format!("unknown field `{extra}` beside `clear`")));
        }
        let known = Fault::examples().iter().map(Fault::kind).collect::<Vec<_>>();
        return match kind.as_str() {
            Some("all") => Ok(Wish::ClearAll),
            Some(kind) if known.iter().any(|known| known == kind) => Ok(Wish::Clear(kind.to_owned())),
            _ => Err(refuse(format!("there is no fault {kind} to clear"))),
        };
    }
    let fault: Fault = serde_json::from_value(wish.clone()).map_err(|error| refuse(error.to_string()))?;
    // What the fault does not print back, it did not know.
    let kept = serde_json::to_value(&fault).unwrap_or_default();
    if let Some(extra) = fields.keys().find(|key| kept.get(key.as_str()).is_none()) {
        return Err(refuse(format!(
            "unknown field `{extra}` for the fault `{}`",
            fault.kind()
        )));
    }
    Ok(Wish::Set(fault))
}
