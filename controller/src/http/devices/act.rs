//! Acting on phones: a touch, a text, a key, an app; on one or on many.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde::Serialize;
use shared::act::{HIGHEST_KEY, InputAct, LONGEST_TOUCH};
use utoipa::ToSchema;

use crate::fleet::{Answer, Ask};
use crate::http::body::Sent;
use crate::http::envelope::{Answered, ApiError, Envelope, Success};
use crate::http::fields::{Fields, FromFields};
use crate::http::path::Named;
use crate::http::phones::astray;
use crate::state::AppState;

/// Typing a long text takes its time.
pub(super) const ACTING: Duration = Duration::from_secs(90);
const HIGHEST_PIXEL: i64 = 100_000;
const USUAL_PRESS: u32 = 800;
const USUAL_SWIPE: u32 = 300;
/// Phones that one request may name, and how many of them act at the same time.
const MOST_PHONES: usize = 10_000;
const AT_ONCE: usize = 64;
/// Keys that people name rather than number.
const KEYS: [(&str, u16); 14] = [
    ("home", 3),
    ("back", 4),
    ("volume_up", 24),
    ("volume_down", 25),
    ("power", 26),
    ("tab", 61),
    ("enter", 66),
    ("del", 67),
    ("menu", 82),
    ("escape", 111),
    ("app_switch", 187),
    ("sleep", 223),
    ("wakeup", 224),
    ("paste", 279),
];

/// One act. Which fields it needs depends on `type`.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read by its type")]
pub struct InputWish {
    /// tap (x, y) · long_press (x, y, duration_ms) · swipe (x1, y1, x2, y2, duration_ms) · text (text) · key (code or
    /// key) · open_url (url, package) · start_app (package) · stop_app (package).
    #[schema(rename = "type", example = "tap")]
    kind: String,
    /// Pixels from the left, as in the screenshot.
    x: Option<u32>,
    /// Pixels from the top.
    y: Option<u32>,
    x1: Option<u32>,
    y1: Option<u32>,
    x2: Option<u32>,
    y2: Option<u32>,
    /// With `height`, the size of the screen that the coordinates are of: they are scaled to each phone's own.
    #[schema(minimum = 1, maximum = 100_000)]
    width: Option<u32>,
    #[schema(minimum = 1, maximum = 100_000)]
    height: Option<u32>,
    /// How long the finger stays: 800 for a long press, 300 for a swipe where absent.
    #[schema(maximum = 60000)]
    duration_ms: Option<u32>,
    /// Into the field that has the focus; any Unicode.
    #[schema(max_length = 10000)]
    text: Option<String>,
    /// Android's number of a key.
    #[schema(minimum = 1, maximum = 999)]
    code: Option<u16>,
    /// A key by its name: home, back, enter, power, …
    key: Option<String>,
    url: Option<String>,
    /// The app's package; for open_url, the app that shall open it.
    package: Option<String>,
}

/// The same act on many phones: the fields of one act, and the phones.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents the body, which is read by its type")]
pub struct InputManyWish {
    /// Serials or aliases.
    serials: Vec<String>,
    #[schema(inline)]
    #[serde(flatten)]
    act: InputWish,
}

/// An act as it was read.
#[derive(Debug)]
pub struct Wished {
    act: InputAct,
    of: Option<Screen>,
}

/// The size of a screen in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Screen {
    width: u32,
    height: u32,
}

/// An act for many as it was read.
#[derive(Debug)]
pub struct WishedOfMany {
    serials: Vec<String>,
    wished: Wished,
}

impl FromFields for Wished {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let pixel = |name| Ok::<_, ApiError>(fields.need_number(name, 0..=HIGHEST_PIXEL)? as i32);
        let millis = |usual: u32| {
            let given = fields.number("duration_ms", 0..=i64::from(LONGEST_TOUCH))?;
            Ok::<_, ApiError>(given.map_or(usual, |given| given as u32))
        };
        let kind = fields.need_text("type")?;
        let act = match kind.as_str() {
            "tap" => InputAct::Tap {
                x: pixel("x")?,
                y: pixel("y")?,
            },
            "long_press" => InputAct::LongPress {
                x: pixel("x")?,
                y: pixel("y")?,
                millis: millis(USUAL_PRESS)?,
            },
            "swipe" => InputAct::Swipe {
                x1: pixel("x1")?,
                y1: pixel("y1")?,
                x2: pixel("x2")?,
                y2: pixel("y2")?,
                millis: millis(USUAL_SWIPE)?,
            },
            "text" => InputAct::Text {
                text: fields
                    .text("text")?
                    .ok_or_else(|| ApiError::parameter("text", "is required"))?,
            },
            "key" => InputAct::Key { code: key(fields)? },
            "open_url" => InputAct::OpenUrl {
                url: fields.need_text("url")?,
                package: fields.text("package")?,
            },
            "start_app" => InputAct::StartApp {
                package: fields.need_text("package")?,
            },
            "stop_app" => InputAct::StopApp {
                package: fields.need_text("package")?,
            },
            _ => {
                let known = "tap, long_press, swipe, text, key, open_url, start_app, stop_app";
                return Err(ApiError::parameter(
                    "type",
                    format!("{kind:?} is none of {known}"),
                ));
            }
        };
        act.check()
            .map_err(|error| ApiError::parameter(&kind, error.to_string()))?;
        Ok(Self {
            act,
            of: screen(fields)?,
        })
    }
}

fn screen(fields: &Fields) -> Result<Option<Screen>, ApiError> {
    let side = |name| fields.number(name, 1..=HIGHEST_PIXEL);
    match (side("width")?, side("height")?) {
        (Some(width), Some(height)) => Ok(Some(Screen {
            width: width as u32,
            height: height as u32,
        })),
        (None, None) => Ok(None),
        (Some(_), None) => Err(ApiError::parameter("height", "is required beside width")),
        (None, Some(_)) => Err(ApiError::parameter("width", "is required beside height")),
    }
}

/// What is meant on a screen of one size, on a screen of another.
fn scaled(act: InputAct, from: Screen, to: Screen) -> InputAct {
    let side = |at: i32, from: u32, to: u32| {
        let scaled = i64::from(at) * i64::from(to) / i64::from(from.max(1));
        scaled.clamp(0, i64::from(to.max(1)) - 1) as i32
    };
    let x = |at| side(at, from.width, to.width);
    let y = |at| side(at, from.height, to.height);
    match act {
        InputAct::Tap { x: left, y: top } => InputAct::Tap {
            x: x(left),
            y: y(top),
        },
        InputAct::LongPress {
            x: left,
            y: top,
            millis,
        } => InputAct::LongPress {
            x: x(left),
            y: y(top),
            millis,
        },
        InputAct::Swipe {
            x1,
            y1,
            x2,
            y2,
            millis,
        } => InputAct::Swipe {
            x1: x(x1),
            y1: y(y1),
            x2: x(x2),
            y2: y(y2),
            millis,
        },
        other => other,
    }
}

fn key(fields: &Fields) -> Result<u16, ApiError> {
    let Some(name) = fields.text("key")? else {
        return Ok(fields.need_number("code", 1..=i64::from(HIGHEST_KEY))? as u16);
    };
    let plain = name.to_ascii_lowercase();
    let plain = plain.strip_prefix("keycode_").unwrap_or(&plain);
    let known = KEYS.iter().find(|(known, _)| *known == plain);
    known.map(|(_, code)| *code).ok_or_else(|| {
        let names = KEYS.map(|(name, _)| name).join(", ");
        ApiError::parameter(
            "key",
            format!("{name:?} is none of {names}; give any other key as code"),
        )
    })
}

impl FromFields for WishedOfMany {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let serials = serials(fields)?;
        let wished = Wished::from_fields(fields)?;
        Ok(Self { serials, wished })
    }
}

/// The phones that a request names: at least one.
pub(super) fn serials(fields: &Fields) -> Result<Vec<String>, ApiError> {
    match fields.list("serials")? {
        Some(serials) if (1..=MOST_PHONES).contains(&serials.len()) => Ok(serials),
        _ => Err(ApiError::parameter(
            "serials",
            format!("is required: from 1 to {MOST_PHONES} serials or aliases"),
        )),
    }
}

/// The phones of these names, each once; all must be known, or nothing is done.
pub(super) fn resolved(state: &AppState, names: &[String]) -> Result<Vec<String>, ApiError> {
    let mut serials: Vec<String> = Vec::with_capacity(names.len());
    for name in names {
        let live = state
            .phones
            .find(name)
            .ok_or_else(|| ApiError::not_found(format!("no phone answers to {name:?}; nothing was done")))?;
        serials.push(live.device.serial.0.clone());
    }
    let mut seen = std::collections::BTreeSet::new();
    serials.retain(|serial| seen.insert(serial.clone()));
    Ok(serials)
}

/// It was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Acted {
    pub serial: String,
    pub done: bool,
}

/// What came of it on one phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActedOn {
    pub serial: String,
    pub done: bool,
    /// 0, or the code that a request for this phone alone would have had.
    pub code: u32,
    pub message: String,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ActedOnMany {
    /// In the order of the request.
    pub results: Vec<ActedOn>,
    pub done_count: usize,
    pub failed_count: usize,
}

impl ActedOn {
    pub(super) fn of(serial: String, result: Result<(), ApiError>) -> Self {
        let (code, message) = match result {
            Ok(()) => (0, "success".to_owned()),
            Err(error) => (error.code.number(), error.message),
        };
        Self {
            serial,
            done: code == 0,
            code,
            message,
        }
    }
}

impl ActedOnMany {
    pub(super) fn of(results: Vec<ActedOn>) -> Self {
        let done_count = results.iter().filter(|result| result.done).count();
        Self {
            done_count,
            failed_count: results.len() - done_count,
            results,
        }
    }
}

/// One act on one phone
#[utoipa::path(post, path = "/devices/{serial}/input", tag = "devices", request_body = InputWish,
    params(("serial" = String, Path, description = "Its serial or any alias")),
    responses(
        (status = 200, description = "It was done", body = Envelope<Acted>),
        (status = 409, description = "40901: the phone is not online, or refused"),
    ))]
pub async fn input(
    State(state): State<AppState>,
    Named(name): Named,
    Sent(wished): Sent<Wished>,
) -> Answered<Acted> {
    let serial = resolved(&state, &[name])?.remove(0);
    acted(&state, &serial, &wished).await?;
    Ok(Success(Acted { serial, done: true }))
}

/// The same act on several phones at once; an unknown phone stops it before anything is done
#[utoipa::path(post, path = "/devices/input", tag = "devices", request_body = InputManyWish,
    responses(
        (status = 200, description = "What came of it on each phone", body = Envelope<ActedOnMany>),
        (status = 404, description = "40401: one of the phones is unknown; nothing was done"),
    ))]
pub async fn input_many(
    State(state): State<AppState>,
    Sent(wish): Sent<WishedOfMany>,
) -> Answered<ActedOnMany> {
    let serials = resolved(&state, &wish.serials)?;
    let wished = Arc::new(wish.wished);
    let acting = stream::iter(serials.into_iter().map(|serial| {
        let (state, wished) = (state.clone(), Arc::clone(&wished));
        async move {
            let result = acted(&state, &serial, &wished).await;
            ActedOn::of(serial, result)
        }
    }));
    let results: Vec<_> = acting.buffered(AT_ONCE).collect().await;
    Ok(Success(ActedOnMany::of(results)))
}

async fn acted(state: &AppState, serial: &str, wished: &Wished) -> Result<(), ApiError> {
    let mut act = wished.act.clone();
    if let Some(from) = wished.of {
        let live = state.phones.find(serial);
        let size = live.as_ref().and_then(|live| live.device.screen_size.as_ref());
        let size = size.ok_or_else(|| {
            ApiError::conflict("the size of its screen is not known yet: nothing was done on it")
        })?;
        let to = Screen {
            width: size.value.width,
            height: size.value.height,
        };
        act = scaled(act, from, to);
    }
    match state.phones.ask(serial, Ask::Input(act), ACTING).await? {
        Answer::Done => Ok(()),
        other => Err(astray(&other)),
    }
}
