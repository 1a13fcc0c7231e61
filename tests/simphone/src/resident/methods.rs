//! The server's methods by the names that the client calls.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::selector;
use crate::app::settings::input_allowed;
use crate::phone::settings::Namespace;
use crate::phone::{Input, Phone, lock};
use crate::ui::display::Display;
use crate::ui::picture::{self, Picture};
use crate::ui::view::Rect;
use crate::ui::{DumpOptions, Focus, Point, Seen, Ui, code_of};

/// One step of a swipe.
const STEP: u64 = 5;
/// Between two looks while something is waited for.
const LOOK: Duration = Duration::from_millis(150);

/// Why a call failed.
enum Failure {
    NotFound(String),
    NoSuchMethod,
    Refused,
    Parameters,
}

type Outcome = Result<Value, Failure>;

/// Answers one JSON-RPC call.
pub(super) async fn call(phone: &Arc<Phone>, call: &Value) -> Value {
    let method = call["method"].as_str().unwrap_or_default();
    let none = Vec::new();
    let params = call["params"].as_array().unwrap_or(&none);
    let id = &call["id"];
    let (code, message) = match run(phone, method, params).await {
        Ok(result) => return json!({"jsonrpc": "2.0", "id": id, "result": result}),
        Err(Failure::NotFound(what)) => (
            -32001,
            format!("androidx.test.uiautomator.UiObjectNotFoundException: {what}"),
        ),
        Err(Failure::NoSuchMethod) => (-32601, "method not found".to_owned()),
        Err(Failure::Parameters) => (-32602, "method parameters invalid".to_owned()),
        Err(Failure::Refused) => (
            -32001,
            "java.lang.SecurityException: Injecting to another application requires INJECT_EVENTS permission"
                .to_owned(),
        ),
    };
    let data = format!(
        "{message}\n\tat com.wetest.uia2.stub.AutomatorServiceImpl.{method}(AutomatorServiceImpl.java)"
    );
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message, "data": data}})
}

async fn run(phone: &Arc<Phone>, method: &str, params: &[Value]) -> Outcome {
    match method {
        "waitForExists" => wait(phone, params, true).await,
        "waitUntilGone" => wait(phone, params, false).await,
        "takeScreenshot" => screenshot(phone, params).await,
        "swipe" | "drag" | "swipePoints" | "click" | "dragTo" => gesture(phone, method, params).await,
        _ if params.first().is_some_and(Value::is_object) => on_object(phone, method, params),
        _ => on_device(phone, method, params),
    }
}

fn integer(params: &[Value], at: usize) -> Result<i32, Failure> {
    params
        .get(at)
        .and_then(Value::as_f64)
        .map(|number| number as i32)
        .ok_or(Failure::Parameters)
}

fn point(params: &[Value], at: usize) -> Result<Point, Failure> {
    Ok(Point {
        x: integer(params, at)?,
        y: integer(params, at + 1)?,
    })
}

fn on_device(phone: &Phone, method: &str, params: &[Value]) -> Outcome {
    let mut ui = phone.ui();
    let text = |at: usize| params.get(at).and_then(Value::as_str).unwrap_or_default();
    match method {
        "deviceInfo" => return Ok(device_info(phone, &ui)),
        "dumpWindowHierarchy" => return Ok(Value::from(ui.dump_with(phone, dump_options(params)))),
        "isScreenOn" => return Ok(Value::Bool(ui.screen_on())),
        "wakeUp" => ui.wake(),
        "sleep" => ui.sleep(),
        "getClipboard" => return Ok(Value::from(ui.clipboard())),
        "setClipboard" => {
            ui.set_clipboard(text(1));
            return Ok(Value::Null);
        }
        "pasteClipboard" => {
            phone.inputs.record(Input::Paste(ui.clipboard()));
            ui.key(phone, 279);
            return Ok(Value::Null);
        }
        "clearInputText" => {
            ui.clear_text(phone);
            return Ok(Value::Null);
        }
        "openNotification" | "openQuickSettings" => ui.open_shade(),
        "getLastToast" => return Ok(ui.last_toast().map_or(Value::Null, Value::from)),
        "clearLastToast" => ui.clear_last_toast(),
        "makeToast" => ui.make_toast(text(0)),
        "getLastTraversedText" | "clearLastTraversedText" => return Ok(Value::Null),
        "pressKey" | "pressKeyCode" | "injectInputEvent" => {
            if !input_allowed(phone) {
                return Err(Failure::Refused);
            }
            inject(phone, &mut ui, method, params)?;
        }
        "setOrientation" | "freezeRotation" => {
            drop(ui);
            return turn(phone, method, params);
        }
        _ => return Err(Failure::NoSuchMethod),
    }
    Ok(Value::Bool(true))
}

fn inject(phone: &Phone, ui: &mut Ui, method: &str, params: &[Value]) -> Result<(), Failure> {
    match method {
        "pressKeyCode" => {
            let code = integer(params, 0)?.unsigned_abs();
            phone.inputs.record(Input::Key(code));
            ui.key(phone, code);
        }
        "pressKey" => {
            let name = params.first().and_then(Value::as_str).unwrap_or_default();
            let code = named_key(name).ok_or(Failure::Parameters)?;
            phone.inputs.record(Input::Key(code));
            ui.key(phone, code);
        }
        _ => {
            let at = point(params, 1)?;
            match integer(params, 0)? {
                0 => ui.finger_down(at),
                1 => ui.finger_up(phone, at),
                _ => ui.finger_move(at),
            }
        }
    }
    Ok(())
}

/// The names that `pressKey` knows.
fn named_key(name: &str) -> Option<u32> {
    match name.to_ascii_lowercase().as_str() {
        "left" | "right" | "up" | "down" | "center" => {
            code_of(&format!("DPAD_{}", name.to_ascii_uppercase()))
        }
        "delete" | "del" => Some(67),
        "recent" => Some(187),
        other => code_of(&other.to_ascii_uppercase()).filter(|_| other.parse::<u32>().is_err()),
    }
}

fn dump_options(params: &[Value]) -> DumpOptions {
    let flag = |at: usize| params.get(at).and_then(Value::as_bool).unwrap_or(false);
    DumpOptions {
        all_windows: !flag(2),
        compressed: flag(0),
        max_depth: params.get(1).and_then(Value::as_u64).unwrap_or(50) as usize,
        resident: true,
    }
}

fn device_info(phone: &Phone, ui: &Ui) -> Value {
    let display = Display::of(phone);
    let personality = phone.spec.personality;
    let package = match ui.focus() {
        Focus::Activity { component } => component.split('/').next().unwrap_or_default().to_owned(),
        Focus::System { title } if title.starts_with("Application") => "android".to_owned(),
        Focus::System { title } if title.contains('.') => title,
        Focus::System { .. } | Focus::None => "com.android.systemui".to_owned(),
    };
    json!({
        "currentPackageName": package,
        "displayHeight": display.height,
        "displayRotation": display.rotation,
        "displaySizeDpX": (display.width as f32 / display.scale).round() as i32,
        "displaySizeDpY": (display.height as f32 / display.scale).round() as i32,
        "displayWidth": display.width,
        "productName": personality.device,
        "screenOn": ui.screen_on(),
        "sdkInt": personality.sdk,
        "naturalOrientation": !display.landscape(),
    })
}

/// Fixes the rotation, as UiDevice does by two settings; `freezeRotation(false)` lets the sensor turn it again.
fn turn(phone: &Phone, method: &str, params: &[Value]) -> Outcome {
    let word = params.first();
    let turn = match (method, word.and_then(Value::as_str)) {
        ("setOrientation", Some("left" | "l")) => Some(1),
        ("setOrientation", Some("right" | "r")) => Some(3),
        ("setOrientation", Some("upsidedown" | "u")) => Some(2),
        ("setOrientation", Some("natural" | "n")) => Some(0),
        ("setOrientation", _) => return Err(Failure::Parameters),
        _ if word.and_then(Value::as_bool).unwrap_or(true) => Some(Display::of(phone).rotation),
        _ => None,
    };
    let mut settings = lock(&phone.settings);
    let fixed = if turn.is_some() { "0" } else { "1" };
    let mut kept = settings.put(Namespace::System, "accelerometer_rotation", fixed);
    if let Some(turn) = turn {
        kept = kept.and_then(|()| settings.put(Namespace::System, "user_rotation", &turn.to_string()));
    }
    if let Err(error) = kept {
        tracing::error!(%error, "the rotation cannot be kept");
    }
    Ok(Value::Null)
}

fn on_object(phone: &Phone, method: &str, params: &[Value]) -> Outcome {
    let wanted = &params[0];
    let mut ui = phone.ui();
    let nodes = ui.seen_nodes(phone);
    let found = selector::find(&nodes, wanted);
    match method {
        "exist" => return Ok(Value::Bool(!found.is_empty())),
        "count" => return Ok(Value::from(found.len())),
        "objInfoOfAllInstances" => {
            return Ok(found.into_iter().map(|at| info(&nodes[at])).collect());
        }
        _ => {}
    }
    let node = found
        .first()
        .map(|at| &nodes[*at])
        .ok_or_else(|| missing(wanted))?;
    match method {
        "objInfo" => Ok(info(node)),
        "getText" => Ok(Value::from(node.text())),
        "setText" | "clearTextField" => {
            let text = params.get(1).and_then(Value::as_str).unwrap_or_default();
            let text = if method == "setText" { text } else { "" };
            let Some(field) = &node.view.field else {
                return Ok(Value::Bool(false));
            };
            Ok(Value::Bool(ui.set_text_of(phone, node.target, field, text)))
        }
        "longClick" => {
            let (x, y) = node.view.seen.center();
            ui.long_press(phone, Point { x, y }, 1000);
            Ok(Value::Bool(true))
        }
        "scrollForward" | "scrollBackward" | "scrollToEnd" | "scrollToBeginning" => {
            let forward = matches!(method, "scrollForward" | "scrollToEnd");
            let upright = params.get(1).and_then(Value::as_bool).unwrap_or(true);
            let times = if method.contains("To") { 60 } else { 1 };
            let mut moved = false;
            for _ in 0..times {
                let before = ui.dump(phone, false);
                scroll(phone, &mut ui, node.view.seen, upright, forward);
                if ui.dump(phone, false) == before {
                    break;
                }
                moved = true;
            }
            Ok(Value::Bool(moved))
        }
        _ => Err(Failure::NoSuchMethod),
    }
}

fn scroll(phone: &Phone, ui: &mut Ui, frame: Rect, upright: bool, forward: bool) {
    let (x, y) = frame.center();
    let (reach_x, reach_y) = (frame.width() * 3 / 10, frame.height() * 3 / 10);
    let (near, far) = if upright {
        (Point { x, y: y + reach_y }, Point { x, y: y - reach_y })
    } else {
        (Point { x: x + reach_x, y }, Point { x: x - reach_x, y })
    };
    let (from, to) = if forward { (near, far) } else { (far, near) };
    ui.swipe(phone, from, to, 300);
}

fn missing(wanted: &Value) -> Failure {
    Failure::NotFound(format!("UiSelector{wanted}"))
}

fn rect(rect: Rect) -> Value {
    json!({"bottom": rect.bottom, "left": rect.left, "right": rect.right, "top": rect.top})
}

fn info(node: &Seen) -> Value {
    let view = &node.view;
    let name = if view.id.is_empty() {
        Value::Null
    } else {
        Value::from(view.id.clone())
    };
    let desc = if view.desc.is_empty() {
        Value::Null
    } else {
        Value::from(view.desc.clone())
    };
    json!({
        "bounds": rect(view.frame),
        "visibleBounds": rect(view.seen),
        "checkable": view.checkable,
        "checked": view.checked,
        "childCount": node.children,
        "className": view.class,
        "clickable": view.clickable,
        "contentDescription": desc,
        "enabled": !view.disabled,
        "focusable": view.focusable,
        "focused": view.focused,
        "longClickable": view.long_clickable,
        "packageName": node.package,
        "resourceName": name,
        "scrollable": view.scrollable && view.reach > 0,
        "selected": view.selected,
        "text": node.text(),
    })
}

async fn wait(phone: &Phone, params: &[Value], there: bool) -> Outcome {
    let wanted = params.first().ok_or(Failure::Parameters)?;
    let millis = params.get(1).and_then(Value::as_u64).unwrap_or(0);
    let clock = &phone.spec.clock;
    let end = clock.now() + Duration::from_millis(millis);
    loop {
        let exists = {
            let nodes = phone.ui().seen_nodes(phone);
            !selector::find(&nodes, wanted).is_empty()
        };
        if exists == there {
            return Ok(Value::Bool(true));
        }
        let now = clock.now();
        if now >= end {
            return Ok(Value::Bool(false));
        }
        clock.sleep_until((now + LOOK).min(end)).await;
    }
}

/// Base64 of a JPEG.
async fn screenshot(phone: &Phone, params: &[Value]) -> Outcome {
    let scale = params.first().and_then(Value::as_f64).unwrap_or(1.0) as f32;
    let quality = params.get(1).and_then(Value::as_u64).unwrap_or(80).min(100) as u8;
    let scene = phone.ui().scene(phone);
    let encode = move |picture: &Picture| STANDARD.encode(picture.jpeg(scale, quality));
    let text = picture::drawn(scene, encode).await;
    Ok(text.map_or(Value::Null, Value::from))
}

/// Fingers on the glass; answers when they have left it.
async fn gesture(phone: &Phone, method: &str, params: &[Value]) -> Outcome {
    if !input_allowed(phone) {
        return Err(Failure::Refused);
    }
    let on_object = params.first().is_some_and(Value::is_object);
    let (points, millis) = match method {
        _ if on_object => {
            let from = center(phone, &params[0])?;
            match method {
                "dragTo" if params.get(1).is_some_and(Value::is_object) => {
                    (vec![from, center(phone, &params[1])?], steps(params, 2)?)
                }
                "dragTo" => (vec![from, point(params, 1)?], steps(params, 3)?),
                _ => (vec![from], 0),
            }
        }
        "click" => {
            let held = params.get(2).and_then(Value::as_u64).unwrap_or(0);
            (vec![point(params, 0)?], held)
        }
        "swipePoints" => {
            let flat = params
                .first()
                .and_then(Value::as_array)
                .ok_or(Failure::Parameters)?;
            let points: Result<Vec<Point>, Failure> =
                (0..flat.len() / 2).map(|at| point(flat, at * 2)).collect();
            (points?, steps(params, 1)?)
        }
        _ => (vec![point(params, 0)?, point(params, 2)?], steps(params, 4)?),
    };
    phone.inputs.record(match points.as_slice() {
        [] => return Err(Failure::Parameters),
        [at] if millis > 0 => Input::LongPress(*at),
        [at] => Input::Tap(*at),
        [from, .., to] => Input::Swipe(*from, *to),
    });
    phone.spec.clock.sleep(Duration::from_millis(millis)).await;
    let mut ui = phone.ui();
    match points.as_slice() {
        [] => {}
        [at] if millis > 0 => ui.long_press(phone, *at, millis),
        [at] => ui.tap(phone, *at),
        [from, .., to] => ui.swipe(phone, *from, *to, millis),
    }
    Ok(Value::Bool(true))
}

fn steps(params: &[Value], at: usize) -> Result<u64, Failure> {
    Ok(u64::from(integer(params, at)?.unsigned_abs()) * STEP)
}

fn center(phone: &Phone, wanted: &Value) -> Result<Point, Failure> {
    let nodes = phone.ui().seen_nodes(phone);
    let found = selector::find(&nodes, wanted);
    let at = found.first().ok_or_else(|| missing(wanted))?;
    let (x, y) = nodes[*at].view.seen.center();
    Ok(Point { x, y })
}
