//! Watching screens over a WebSocket: who is asked for pictures and who gets them, and how it ends.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::Method;
use controller::config::Tls;
use controller::fleet::Ask;
use controller::state::Readiness;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use shared::device::DeviceState;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::api::{Api, ask};
use crate::listening::Served;
use crate::logins::{come_in, user};
use crate::scripted::phone;

const PATIENCE: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(5);

async fn soon<T>(what: &str, waiting: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .unwrap_or_else(|_| panic!("{what} did not come about"))
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    soon(what, async {
        while !is_so() {
            tokio::time::sleep(LOOK).await;
        }
    })
    .await;
}

/// A farm of online phones on a listener of its own.
struct Stand {
    api: Api,
    served: Served,
    _keys: tempfile::TempDir,
}

impl Stand {
    async fn of(phones: &[&str]) -> Self {
        let api = Api::start().await;
        for serial in phones {
            api.phones.put(phone(serial, api.state.started_at), None);
        }
        let keys = tempfile::tempdir().unwrap();
        let served = Served::start(&api, "127.0.0.1:0", &Tls::Off, keys.path()).await;
        Self {
            api,
            served,
            _keys: keys,
        }
    }

    async fn connect(&self, headers: &[(&'static str, &str)]) -> Result<Watcher, Error> {
        let address = self.served.at_loopback();
        let url = format!("ws://localhost:{}/api/v1/devices/live", address.port());
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().append(*name, value.parse().unwrap());
        }
        let stream = TcpStream::connect(address).await.unwrap();
        let connecting = tokio_tungstenite::client_async(request, stream);
        let (socket, answer) = soon("a connection", connecting).await?;
        let spoken = answer.headers().get("sec-websocket-protocol");
        Ok(Watcher {
            socket,
            spoken: spoken.map(|name| name.to_str().unwrap().to_owned()),
        })
    }

    async fn watcher(&self) -> Watcher {
        self.connect(&[]).await.unwrap()
    }

    fn figures(&self) -> controller::http::devices::live::LiveFigures {
        self.api.state.live.figures()
    }
}

struct Watcher {
    socket: WebSocketStream<TcpStream>,
    spoken: Option<String>,
}

/// What a watcher hears.
#[derive(Debug, PartialEq)]
enum Heard {
    Word(Value),
    /// A stream's number, the picture's, and what it shows.
    Picture(u8, u8, u8),
    Closed(CloseCode, String),
}

impl Watcher {
    async fn say(&mut self, what: Value) {
        self.socket.send(Message::text(what.to_string())).await.unwrap();
    }

    async fn watch(&mut self, stream: u32, serial: &str, max: u32, rate: u8) {
        let tile = json!({"stream": stream, "serial": serial, "max": max, "rate": rate});
        self.say(json!({"watch": [tile]})).await;
    }

    async fn hear(&mut self) -> Heard {
        loop {
            match soon("a word", self.socket.next()).await.unwrap().unwrap() {
                Message::Text(text) => return Heard::Word(serde_json::from_str(&text).unwrap()),
                Message::Binary(frame) => {
                    assert_eq!(frame[..4], [1, 1, 1, 24]);
                    assert_eq!(frame[24..26], [0xff, 0xd8]);
                    return Heard::Picture(frame[7], frame[11], frame[26]);
                }
                Message::Close(Some(close)) => {
                    return Heard::Closed(close.code, close.reason.to_string());
                }
                _ => {}
            }
        }
    }

    /// The next picture; words before it are passed over.
    async fn picture(&mut self) -> (u8, u8, u8) {
        loop {
            match self.hear().await {
                Heard::Picture(stream, number, shows) => return (stream, number, shows),
                Heard::Word(_) => {}
                closed @ Heard::Closed(..) => panic!("{closed:?}"),
            }
        }
    }

    async fn word(&mut self) -> Value {
        match self.hear().await {
            Heard::Word(word) => word,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn one_pump_serves_all_who_watch_a_phone_and_ends_with_the_last_of_them() {
    let stand = Stand::of(&["A", "B"]).await;
    let phones = &stand.api.phones;
    let (mut one, mut other) = (stand.watcher().await, stand.watcher().await);
    until("two connections", || stand.figures().sockets == 2).await;
    assert_eq!(
        phones.asked(),
        [],
        "who is connected and watches nothing asks nothing"
    );
    one.watch(1, "A", 240, 4).await;
    assert_eq!(one.picture().await, (1, 1, 0));
    // Another stream, another wish of the same size, by an alias.
    other.watch(9, "127.0.0.1:6001", 200, 1).await;
    assert_eq!(other.picture().await, (9, 1, 0), "at once, without another ask");
    let figures = stand.figures();
    assert_eq!((figures.tiles, figures.pumps), (2, 1));
    let of_a = |(serial, ask): &(String, Ask)| serial == "A" && matches!(ask, Ask::Glimpse { max: 240, .. });
    assert!(phones.asked().iter().all(of_a), "{:?}", phones.asked());
    let metrics = stand.api.get("/metrics").await.text();
    assert!(metrics.contains("drover_live_tiles 2"), "{metrics}");
    // One says that it looks away, the other goes without a word.
    one.say(json!({"unwatch": [1]})).await;
    drop(other);
    until("no pump", || stand.figures().pumps == 0).await;
    let asked = phones.looks("A");
    one.watch(2, "B", 120, 4).await;
    until("some pictures of B", || phones.looks("B") >= 4).await;
    assert_eq!(phones.looks("A"), asked, "nobody watches it");
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let stand = Stand::of(&["A"]).await;
    let mut watcher = stand.watcher().await;
    stand.api.phones.show("A", 7);
    watcher.watch(1, "A", 240, 4).await;
    assert_eq!(watcher.picture().await, (1, 1, 7));
    let before = stand.api.phones.looks("A");
    until("three more looks", || stand.api.phones.looks("A") >= before + 3).await;
    stand.api.phones.show("A", 8);
    assert_eq!(
        watcher.picture().await,
        (1, 2, 8),
        "the second picture is the changed one"
    );
    let figures = stand.figures();
    assert_eq!(figures.frames, 2);
    assert!(figures.unchanged >= 2, "{figures:?}");
}

#[tokio::test]
async fn a_phone_that_is_away_is_told_and_goes_on_when_it_is_back() {
    let stand = Stand::of(&["A"]).await;
    let at = stand.api.state.started_at;
    let put = |state| {
        let mut device = phone("A", at);
        device.state = state;
        device.state_reason = (state != DeviceState::Online).then(|| "its cable".to_owned());
        stand.api.phones.put(device, None);
    };
    put(DeviceState::Unplugged);
    let mut watcher = stand.watcher().await;
    watcher.watch(4, "A", 240, 1).await;
    let state = |state: &str, reason: Value| json!({"what": "state", "stream": 4, "serial": "A", "state": state, "reason": reason});
    assert_eq!(watcher.word().await, state("unplugged", json!("its cable")));
    assert_eq!(stand.api.phones.asked(), [], "it is not asked");
    put(DeviceState::Online);
    assert_eq!(watcher.word().await, state("online", Value::Null));
    assert_eq!(watcher.picture().await, (4, 1, 0));
    let trouble = controller::fleet::AskError::Deadline;
    stand.api.phones.trouble("A", trouble);
    assert_eq!(
        watcher.word().await,
        state("no_picture", json!("no answer in time"))
    );
    watcher.watch(5, "nobody", 240, 1).await;
    let word = watcher.word().await;
    assert_eq!((&word["stream"], &word["state"]), (&json!(5), &json!("unknown")));
}

#[tokio::test]
async fn a_host_is_asked_for_a_few_pictures_at_once() {
    let serials: Vec<String> = (0..20).map(|number| format!("P{number:02}")).collect();
    let names: Vec<&str> = serials.iter().map(String::as_str).collect();
    let stand = Stand::of(&names).await;
    stand.api.phones.held.send_replace(true);
    let mut watcher = stand.watcher().await;
    let tiles: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(stream, serial)| json!({"stream": stream, "serial": serial, "max": 240}))
        .collect();
    watcher.say(json!({"watch": tiles})).await;
    let now = || stand.api.phones.looked_at.load(Ordering::SeqCst);
    until("twenty pumps", || stand.figures().pumps == 20).await;
    until("eight asks", || now() == 8).await;
    // Whoever works on one phone does not wait for the wall.
    watcher.watch(100, "P19", 1_080, 4).await;
    until("a ninth, of another size", || now() == 9).await;
    assert_eq!(stand.api.phones.asked().len(), 9);
    stand.api.phones.held.send_replace(false);
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 21 {
        seen.insert(watcher.picture().await.0);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_and_the_connection_goes_on() {
    let stand = Stand::of(&["A"]).await;
    let mut watcher = stand.watcher().await;
    watcher.watch(1, "A", 5, 1).await;
    let word = watcher.word().await;
    assert_eq!(word["what"], "refused");
    assert!(
        word["message"].as_str().unwrap().starts_with("max: 5 is not"),
        "{word}"
    );
    let tiles = |from: u32| -> Vec<Value> {
        let tile = |stream| json!({"stream": stream, "serial": "A", "max": 240});
        (from..from + 200).map(tile).collect()
    };
    watcher.say(json!({"watch": tiles(0)})).await;
    watcher.say(json!({"watch": tiles(200)})).await;
    let refused = soon("a refusal", async {
        loop {
            match watcher.hear().await {
                Heard::Word(word) if word["what"] == "refused" => return word,
                _ => {}
            }
        }
    });
    let refused = refused.await;
    assert!(
        refused["message"]
            .as_str()
            .unwrap()
            .contains("at most 300 streams"),
        "{refused}"
    );
    assert_eq!(stand.figures().tiles, 200);
    watcher.socket.send(Message::binary(vec![1])).await.unwrap();
    loop {
        if let Heard::Closed(code, _) = watcher.hear().await {
            assert_eq!(code, CloseCode::Unsupported);
            return;
        }
    }
}

fn status(refused: Result<Watcher, Error>) -> u16 {
    match refused {
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was let in"),
    }
}

#[tokio::test]
async fn other_sites_and_plain_requests_are_refused() {
    let stand = Stand::of(&[]).await;
    let foreign = stand.connect(&[("origin", "http://elsewhere.example")]).await;
    assert_eq!(status(foreign), 403);
    let own = format!("http://localhost:{}", stand.served.at_loopback().port());
    stand.connect(&[("origin", &own)]).await.unwrap();
    assert_eq!(stand.api.get("/api/v1/devices/live").await.code(), 40001);
    let public = Stand {
        api: Api::start().await.public(),
        ..stand
    };
    let request = ask(Method::GET, "/api/v1/devices/live", &[], "");
    assert_eq!(public.api.call(request).await.code(), 40101);
}

#[tokio::test]
async fn a_token_comes_as_a_protocol_and_its_end_ends_the_watching() {
    let stand = Stand::of(&["A"]).await;
    let body = r#"{"name": "wall", "scopes": ["read"]}"#;
    let made = stand.api.post("/api/v1/tokens", body).await.data();
    let token = made["token"].as_str().unwrap();
    let offer = format!("drover.live.1, bearer.{token}");
    let mut watcher = stand
        .connect(&[("sec-websocket-protocol", &offer)])
        .await
        .unwrap();
    assert_eq!(
        watcher.spoken.as_deref(),
        Some("drover.live.1"),
        "the token is not said again"
    );
    let wrong = [("sec-websocket-protocol", "drover.live.1, bearer.drv_wrong")];
    assert_eq!(status(stand.connect(&wrong).await), 401);
    watcher.watch(1, "A", 240, 1).await;
    watcher.picture().await;
    let id = made["id"].as_i64().unwrap();
    stand.api.delete(&format!("/api/v1/tokens/{id}")).await.data();
    assert_eq!(
        watcher.hear().await,
        Heard::Closed(CloseCode::Policy, "this session is over".to_owned())
    );
    until("no pump", || stand.figures().pumps == 0).await;
}

#[tokio::test]
async fn a_viewer_may_watch_until_they_log_out() {
    let stand = Stand::of(&["A"]).await;
    user(&stand.api, "vera", "viewer").await;
    let cookie = come_in(&stand.api, "vera").await;
    let mut watcher = stand.connect(&[("cookie", &cookie)]).await.unwrap();
    watcher.watch(1, "A", 240, 1).await;
    watcher.picture().await;
    let out = ask(Method::DELETE, "/api/v1/session", &[("cookie", &cookie)], "");
    stand.api.call(out).await.data();
    assert!(matches!(
        watcher.hear().await,
        Heard::Closed(CloseCode::Policy, _)
    ));
    assert_eq!(status(stand.connect(&[("cookie", &cookie)]).await), 401);
}

#[tokio::test]
async fn a_controller_that_stops_says_goodbye() {
    let stand = Stand::of(&["A"]).await;
    let mut watcher = stand.watcher().await;
    watcher.watch(1, "A", 240, 1).await;
    watcher.picture().await;
    stand.api.readiness.send_replace(Readiness::ShuttingDown);
    assert!(matches!(watcher.hear().await, Heard::Closed(CloseCode::Away, _)));
    until("no pump", || stand.figures().pumps == 0).await;
    stand.served.shutdown.stop.cancel();
}
