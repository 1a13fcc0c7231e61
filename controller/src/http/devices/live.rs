//! The phones' screens as they are: a WebSocket on which a watcher says what it looks at, and gets the pictures of that.

mod frame;
mod outbox;
mod pump;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::time::Instant;

use crate::http::envelope::{ApiError, Code};
use crate::http::token::{self, Caller};
use crate::state::{AppState, Readiness};
use outbox::{Out, Outbox};
pub use pump::{Live, LiveFigures};
use pump::{Seat, Watching};
use words::MOST_TILES;
pub use words::{LiveWish, LiveWord, TileWish};

/// The name of what is spoken here, for clients that offer names.
pub const PROTOCOL: &str = "drover.live.1";
/// Connections at once.
const MOST_SOCKETS: usize = 64;
/// The largest thing that a watcher may say: three hundred tiles take half of it.
const LARGEST_WORD: usize = 64 << 10;
/// How often it is looked whether a watcher may still watch.
const CHECK: Duration = Duration::from_secs(2);
/// How often a silent connection is asked whether it is there, and how long its answer may take.
const PING: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(60);
/// The longest that one picture may wait to be taken.
const SENDING: Duration = Duration::from_secs(30);
const GOODBYE: Duration = Duration::from_secs(1);

/// The phones' screens, live, over a WebSocket
///
/// A client says as text what it watches (`LiveWish`); the server answers with text (`LiveWord`) and sends each picture as
/// a binary message: a head of 24 bytes, big-endian, then the picture. The head: version 1 (1 byte), codec (1: 1 JPEG,
/// 2 PNG), flags (1: bit 0, can be shown by itself), length of the head (1), stream (4), the picture's number (4), width
/// (2), height (2), microseconds since 1970 (8). A picture that has not changed is not sent again; who reads slowly gets
/// fewer. Offer the protocol `drover.live.1`; where no cookie or header can be sent, offer the token beside it, as
/// `bearer.TOKEN`.
#[utoipa::path(get, path = "/devices/live", tag = "devices",
    responses(
        (status = 101, description = "Goes on as a WebSocket; what is said there as text", body = LiveWord),
        (status = 429, description = "42901: too many watch already"),
    ))]
pub async fn live(
    State(state): State<AppState>,
    caller: Caller,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade = upgrade.map_err(|error| {
        let message = format!("this is a WebSocket, not to be asked like this: {error}");
        ApiError::new(Code::BadParameter, message)
    })?;
    let seat = state.live.seat(MOST_SOCKETS).ok_or_else(|| {
        let message = format!("{MOST_SOCKETS} connections watch already: close one, or try again later");
        ApiError::new(Code::TooMany, message)
    })?;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(LARGEST_WORD)
        .max_frame_size(LARGEST_WORD);
    Ok(upgrade.on_upgrade(move |socket| watch(socket, state, caller, seat)))
}

/// Why the server ends it.
struct End {
    code: u16,
    reason: &'static str,
}

async fn watch(socket: WebSocket, state: AppState, caller: Caller, seat: Seat) {
    let (mut sink, mut stream) = socket.split();
    let outbox = Arc::new(Outbox::default());
    let end = tokio::select! {
        end = listen(&mut stream, &state, &outbox) => end,
        () = send(&mut sink, &state.live, &outbox) => None,
        end = over(&state, &caller) => Some(end),
    };
    drop(seat);
    if let Some(End { code, reason }) = end {
        let close = Message::Close(Some(CloseFrame {
            code,
            reason: reason.into(),
        }));
        let _ = tokio::time::timeout(GOODBYE, sink.send(close)).await;
    }
}

/// Does what the watcher says, until it has gone; everything that it watched ends with this.
async fn listen(stream: &mut SplitStream<WebSocket>, state: &AppState, outbox: &Arc<Outbox>) -> Option<End> {
    let mut tiles: BTreeMap<u32, Watching> = BTreeMap::new();
    loop {
        let said = match tokio::time::timeout(SILENCE, stream.next()).await {
            Ok(said) => said?,
            Err(_) => {
                return Some(End {
                    code: close_code::AWAY,
                    reason: "nothing was heard of you",
                });
            }
        };
        match said {
            Ok(Message::Text(text)) => {
                if let Err(message) = obey(&text, &mut tiles, state, outbox) {
                    outbox.answer(LiveWord::Refused { message }.json());
                }
            }
            Ok(Message::Binary(_)) => {
                return Some(End {
                    code: close_code::UNSUPPORTED,
                    reason: "words come as text",
                });
            }
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(Message::Close(_)) | Err(_) => return None,
        }
    }
}

fn obey(
    text: &str,
    tiles: &mut BTreeMap<u32, Watching>,
    state: &AppState,
    outbox: &Arc<Outbox>,
) -> Result<(), String> {
    let wish = LiveWish::read(text)?;
    for stream in &wish.unwatch {
        tiles.remove(stream);
    }
    let new = wish.watch.iter().filter(|tile| !tiles.contains_key(&tile.stream));
    if tiles.len() + new.count() > MOST_TILES {
        return Err(format!(
            "watch: at most {MOST_TILES} streams on one connection; unwatch some"
        ));
    }
    for tile in &wish.watch {
        // The old one first: it takes with it what waits to be sent under its number.
        tiles.remove(&tile.stream);
        let watching = state.live.watch(&state.phones, &state.clock, tile, outbox);
        tiles.insert(tile.stream, watching);
    }
    Ok(())
}

/// Sends what there is, until it is not taken any more.
async fn send(sink: &mut SplitSink<WebSocket, Message>, live: &Live, outbox: &Outbox) {
    let mut ping = Instant::now() + PING;
    loop {
        // Also where something always waits to be sent: who takes it slowly is still there.
        let is_due = Instant::now() >= ping;
        let next = if is_due {
            None
        } else {
            tokio::time::timeout_at(ping, outbox.next()).await.ok()
        };
        let message = match next {
            Some(Out::Word(word)) => Message::Text(word.into()),
            Some(Out::Picture(frame)) => {
                live.sent(frame.len());
                Message::Binary(frame)
            }
            None => {
                ping = Instant::now() + PING;
                Message::Ping(axum::body::Bytes::new())
            }
        };
        match tokio::time::timeout(SENDING, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => return,
        }
    }
}

/// Resolves when the controller stops serving, or when the watcher may not watch any more.
async fn over(state: &AppState, caller: &Caller) -> End {
    let mut readiness = state.readiness.clone();
    let refused = async {
        let refuses = |now: &Readiness| now.refusal().is_some();
        // Without a sender the controller is gone.
        let _ = readiness.wait_for(refuses).await;
    };
    tokio::select! {
        () = refused => End { code: close_code::AWAY, reason: "the controller stops" },
        () = unwelcome(state, caller) => End { code: close_code::POLICY, reason: "this session is over" },
    }
}

async fn unwelcome(state: &AppState, caller: &Caller) {
    loop {
        tokio::time::sleep(CHECK).await;
        // A database that does not answer now ends nobody's session.
        if matches!(token::still_stands(state, caller).await, Ok(false)) {
            return;
        }
    }
}
