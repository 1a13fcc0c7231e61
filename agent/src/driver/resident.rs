//! The driver with a server of its own on the phone: quicker than `uiautomator dump`, needs no idle screen, types
//! any Unicode.
//!
//! The server is uiautomator2's `u2.jar`, put into the phone's temp folder and run by `app_process` for as long as
//! our stream to it stands. A server that died is started again before the next call; a call that was on its way
//! when it died is not repeated where it was an act.

mod rpc;

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Value, json};
use shared::screen::{Screen, ScreenError};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{Driver, advice_for, unreachable};
use crate::adb::{AdbError, AdbErrorKind, AdbPhone, Chunk, ShellStream};
use crate::device::{DeviceError, Hierarchy, Key};
use rpc::RpcError;

/// Where the server's code lies on the phone.
const REMOTE_JAR: &str = "/data/local/tmp/u2.jar";
const PORT: u16 = 9008;
const COMMAND: &str = "CLASSPATH=/data/local/tmp/u2.jar app_process / com.wetest.uia2.Main -p 9008";
const PUSH_DEADLINE: Duration = Duration::from_secs(60);
/// A slow phone takes many seconds to start a Java process.
const START_DEADLINE: Duration = Duration::from_secs(30);
const PING_DEADLINE: Duration = Duration::from_secs(3);
const PING_PAUSE: Duration = Duration::from_millis(100);
const READ_DEADLINE: Duration = Duration::from_secs(20);
const ACT_DEADLINE: Duration = Duration::from_secs(15);
/// What the server says while starting, kept for the error message, bytes.
const LOG_KEPT: usize = 4 << 10;
/// The deepest tree that is asked for, as the server's own client does.
const MAX_DEPTH: u32 = 50;
/// A swipe's step takes 5 ms on the phone.
const STEP: Duration = Duration::from_millis(5);

/// Drives one phone through its resident server.
#[derive(Debug)]
pub struct Resident {
    phone: AdbPhone,
    jar: PathBuf,
    server: Mutex<Option<Server>>,
}

/// A running server; dropping the stream ends it.
#[derive(Debug)]
struct Server {
    stream: ShellStream,
}

impl Resident {
    pub fn new(phone: AdbPhone, jar: PathBuf) -> Self {
        Self {
            phone,
            jar,
            server: Mutex::new(None),
        }
    }

    /// Ends the server, so that `uiautomator` can have the screen.
    pub async fn stop(&self) {
        self.server.lock().await.take();
    }

    /// Makes sure that a server answers, starting one where needed.
    pub async fn ensure(&self) -> Result<(), DeviceError> {
        let mut server = self.server.lock().await;
        if self.answers().await {
            return Ok(());
        }
        server.take();
        self.push_jar().await?;
        let stream = self
            .phone
            .spawn(COMMAND, START_DEADLINE)
            .await
            .map_err(unreachable("starting the resident driver"))?;
        *server = Some(self.wait_until_up(Server { stream }).await?);
        Ok(())
    }

    async fn answers(&self) -> bool {
        matches!(rpc::get(&self.phone, PORT, "/ping", PING_DEADLINE).await, Ok(body) if body == "pong")
    }

    /// Puts the server's code onto the phone unless the same is there.
    async fn push_jar(&self) -> Result<(), DeviceError> {
        let wanted = tokio::fs::metadata(&self.jar)
            .await
            .map_err(|error| missing_jar(&self.jar, &error))?
            .len();
        let line = format!("stat -c %s {REMOTE_JAR} 2>/dev/null; cat {REMOTE_JAR}.drover 2>/dev/null");
        let output = self
            .phone
            .shell(&line, READ_DEADLINE)
            .await
            .map_err(unreachable("looking for the resident driver"))?;
        let mark = self.mark().await?;
        let said = output.text();
        let mut lines = said.lines().map(str::trim);
        if lines.next() == Some(wanted.to_string().as_str()) && lines.next() == Some(mark.as_str()) {
            return Ok(());
        }
        self.phone
            .push(self.jar.as_path(), REMOTE_JAR, 0o644, PUSH_DEADLINE)
            .await
            .map_err(unreachable("installing the resident driver"))?;
        let line = format!("echo {mark} > {REMOTE_JAR}.drover");
        self.phone
            .shell(&line, READ_DEADLINE)
            .await
            .map_err(unreachable("installing the resident driver"))?;
        Ok(())
    }

    /// A number for the content of the jar; phones differ in which checksum tools they have, so ours lies beside it.
    async fn mark(&self) -> Result<String, DeviceError> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let bytes = tokio::fs::read(&self.jar)
            .await
            .map_err(|error| missing_jar(&self.jar, &error))?;
        let mut hasher = DefaultHasher::new();
        bytes.hash(&mut hasher);
        Ok(format!("{:016x}", hasher.finish()))
    }

    /// Watches what the starting server says until it answers or ends.
    async fn wait_until_up(&self, mut server: Server) -> Result<Server, DeviceError> {
        let deadline = Instant::now() + START_DEADLINE;
        let mut log = Vec::new();
        loop {
            tokio::select! {
                chunk = server.stream.next() => match chunk {
                    Ok(Some(Chunk::Stdout(bytes) | Chunk::Stderr(bytes))) => {
                        log.extend_from_slice(&bytes[..bytes.len().min(LOG_KEPT.saturating_sub(log.len()))]);
                    }
                    Ok(Some(Chunk::Exit(_)) | None) | Err(_) => return Err(did_not_start(&log)),
                },
                () = tokio::time::sleep(PING_PAUSE) => {
                    if self.answers().await {
                        return Ok(server);
                    }
                    if Instant::now() > deadline {
                        return Err(did_not_start(&log));
                    }
                }
            }
        }
    }

    /// A question: asked again once where the server had to be started again.
    async fn ask(&self, doing: &str, method: &str, params: Value) -> Result<Value, DeviceError> {
        self.ensure().await?;
        match rpc::call(&self.phone, PORT, method, &params, READ_DEADLINE).await {
            Err(error) if error.server_is_gone() => {
                self.stop().await;
                self.ensure().await?;
                rpc::call(&self.phone, PORT, method, &params, READ_DEADLINE).await
            }
            result => result,
        }
        .map_err(|error| question_error(doing, error))
    }

    /// An act: asked again only where the request cannot have reached a server.
    async fn act(&self, doing: &str, method: &str, params: Value) -> Result<Value, DeviceError> {
        self.ensure().await?;
        let result = match rpc::call(&self.phone, PORT, method, &params, ACT_DEADLINE).await {
            Err(RpcError::NotSent(_)) => {
                self.stop().await;
                self.ensure().await?;
                rpc::call(&self.phone, PORT, method, &params, ACT_DEADLINE).await
            }
            result => result,
        };
        match result {
            Ok(Value::Bool(false)) if method != "pasteClipboard" => Err(DeviceError::Refused {
                doing: doing.to_owned(),
                said: format!("{method} answered false"),
                advice: Some("Android did not take the touch: the point may lie outside the screen"),
            }),
            Ok(value) => Ok(value),
            Err(error) => {
                if error.server_is_gone() {
                    self.stop().await;
                }
                Err(act_error(doing, error))
            }
        }
    }
}

fn missing_jar(jar: &Path, error: &std::io::Error) -> DeviceError {
    DeviceError::BadInput(format!(
        "the resident driver's file {} cannot be read ({error}): fetch it with deploy/fetch-resident.sh, or name it with --resident-jar",
        jar.display()
    ))
}

fn did_not_start(log: &[u8]) -> DeviceError {
    let log = String::from_utf8_lossy(log);
    if log.contains("already registered") {
        return DeviceError::Occupied;
    }
    let said = log
        .lines()
        .map(str::trim)
        .rev()
        .find(|line| !line.is_empty())
        .unwrap_or("it ended without a word");
    DeviceError::Refused {
        doing: "starting the resident driver".to_owned(),
        said: said.chars().take(200).collect(),
        advice: None,
    }
}

fn question_error(doing: &str, error: RpcError) -> DeviceError {
    match error {
        RpcError::NotSent(source) | RpcError::Lost(source) => DeviceError::Unreachable {
            doing: doing.to_owned(),
            source,
        },
        RpcError::Said(said) => DeviceError::Refused {
            doing: doing.to_owned(),
            said,
            advice: None,
        },
    }
}

fn act_error(doing: &str, error: RpcError) -> DeviceError {
    match error {
        RpcError::NotSent(source) => DeviceError::Unreachable {
            doing: doing.to_owned(),
            source,
        },
        RpcError::Lost(source) => DeviceError::Uncertain {
            doing: doing.to_owned(),
            source,
        },
        RpcError::Said(said) => DeviceError::Refused {
            doing: doing.to_owned(),
            advice: advice_for(&said),
            said,
        },
    }
}

#[async_trait]
impl Driver for Resident {
    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError> {
        let answer = self
            .ask(
                "reading the screen",
                "dumpWindowHierarchy",
                json!([false, MAX_DEPTH]),
            )
            .await?;
        let xml = answer.as_str().unwrap_or_default();
        match Screen::parse(xml) {
            Ok(screen) => Ok(Hierarchy {
                xml: xml.to_owned(),
                screen,
                focus: None,
            }),
            Err(ScreenError::Empty | ScreenError::Truncated("no <hierarchy>")) => Err(DeviceError::NoWindow),
            Err(error) => Err(DeviceError::BadDump(error)),
        }
    }

    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError> {
        self.act(&format!("tapping {x},{y}"), "click", json!([x, y]))
            .await
            .map(drop)
    }

    async fn long_press(&self, x: i32, y: i32, hold: Duration) -> Result<(), DeviceError> {
        let millis = u64::try_from(hold.as_millis()).unwrap_or(u64::MAX);
        self.act(&format!("pressing {x},{y}"), "click", json!([x, y, millis]))
            .await
            .map(drop)
    }

    async fn swipe(&self, from: (i32, i32), to: (i32, i32), time: Duration) -> Result<(), DeviceError> {
        // Fewer than two steps do not move anything.
        let steps = (time.as_millis() / STEP.as_millis()).max(2) as u64;
        let doing = format!("swiping from {},{} to {},{}", from.0, from.1, to.0, to.1);
        self.act(&doing, "swipe", json!([from.0, from.1, to.0, to.1, steps]))
            .await
            .map(drop)
    }

    async fn key(&self, key: Key) -> Result<(), DeviceError> {
        self.act(
            &format!("pressing key {key:?}"),
            "pressKeyCode",
            json!([key.code()]),
        )
        .await
        .map(drop)
    }

    async fn insert_text(&self, text: &str) -> Result<(), DeviceError> {
        self.act("typing", "setClipboard", json!([null, text])).await?;
        let pasted = self.act("typing", "pasteClipboard", json!([])).await;
        // What was typed may be a secret: it must not stay where the next app can read it.
        let cleared = self
            .act("clearing the clipboard", "setClipboard", json!([null, ""]))
            .await;
        pasted.and(cleared).map(drop)
    }

    async fn clear_text(&self) -> Result<(), DeviceError> {
        self.act("clearing the field", "clearInputText", json!([]))
            .await
            .map(drop)
    }
}

/// The error of a connection to the server on the phone.
fn lost(doing: &str, phone: &AdbPhone, kind: AdbErrorKind) -> AdbError {
    AdbError::new(doing, &phone.transport, kind)
}
