//! The adb server itself: joined where one runs already, else started here and kept running.
//!
//! Two servers on one host fight over its USB phones, so a server that answers is always joined, and one that was not
//! started here is never ended here. Knows nothing of phones.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::AdbServer;
use super::track::Tracker;

/// How long a server may take to tell its version.
const ANSWER: Duration = Duration::from_secs(2);

/// How long a server that was started here may take until it answers.
const START: Duration = Duration::from_secs(10);

/// How often a running server is asked whether it still answers.
const CHECK: Duration = Duration::from_secs(5);

/// After so many questions without an answer a server of ours is ended and started anew.
const MISSED: u32 = 3;

/// A server that lived this long did not die at once.
const LIVED: Duration = Duration::from_secs(5);

/// The shortest and the longest pause before a server is started again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(5));

/// How long an ended server may take to be gone.
const END: Duration = Duration::from_secs(2);

/// What is known of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerStatus {
    /// Nothing answers yet.
    Looking,
    /// Somebody else's server is used.
    Joined { version: u32, remark: Option<String> },
    /// The server was started here.
    Own { pid: Option<u32>, version: u32 },
    /// None answers and none could be started; what to do is in it. Tried again all the same.
    Failed(String),
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Supervision {
    pub server: AdbServer,
    /// `adb` from PATH where none is named.
    pub binary: Option<PathBuf>,
}

impl Supervision {
    fn program(&self) -> OsString {
        self.binary
            .as_ref()
            .map_or_else(|| OsString::from("adb"), |path| path.clone().into_os_string())
    }

    /// Keeps a server answering until `stop`; ends the one that was started here.
    pub async fn run(self, status: watch::Sender<ServerStatus>, stop: CancellationToken) {
        let mut pause = PAUSE.0;
        while !stop.is_cancelled() {
            if let Ok(version) = self.server.version(ANSWER).await {
                let remark = self.compare(version).await;
                if let Some(remark) = &remark {
                    tracing::warn!(server = %self.server.addr, "{remark}");
                }
                status.send_replace(ServerStatus::Joined { version, remark });
                let _ = stop.run_until_cancelled(self.until_gone()).await;
                if !stop.is_cancelled() {
                    tracing::warn!(server = %self.server.addr, "the adb server that was joined is gone");
                    status.send_replace(ServerStatus::Looking);
                }
                continue;
            }
            let started = Instant::now();
            let why = self.own(&status, &stop).await;
            if stop.is_cancelled() {
                break;
            }
            tracing::warn!(server = %self.server.addr, "{why}");
            status.send_replace(ServerStatus::Failed(why));
            pause = if started.elapsed() > LIVED {
                PAUSE.0
            } else {
                (pause * 2).min(PAUSE.1)
            };
            let _ = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        }
    }

    /// Starts a server and stays with it; answers why it is no more.
    async fn own(&self, status: &watch::Sender<ServerStatus>, stop: &CancellationToken) -> String {
        if !self.server.addr.ip().is_loopback() {
            return format!(
                "no adb server answers at {}, and on another machine none can be started from here",
                self.server.addr
            );
        }
        let mut child = match self.spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return format!(
                    "there is no program `{}`: install adb (Debian and Ubuntu: `apt install adb`; elsewhere the \
                     Android SDK platform tools) or name it in the settings",
                    self.program().to_string_lossy()
                );
            }
            Err(error) => return format!("adb cannot be started: {error}"),
        };
        let pid = child.id();
        read_log(child.stdout.take());
        read_log(child.stderr.take());
        let ended = tokio::select! {
            exit = child.wait() => Some(exit),
            () = stop.cancelled() => None,
            () = self.keep_asking(pid, status) => None,
        };
        let why = match ended {
            Some(Ok(exit)) => format!("the adb server that was started here ended ({exit})"),
            Some(Err(error)) => format!("the adb server that was started here is lost: {error}"),
            None => "the adb server that was started here does not answer and is started anew".to_owned(),
        };
        end(child).await;
        why
    }

    /// Returns once our server has stopped answering.
    async fn keep_asking(&self, pid: Option<u32>, status: &watch::Sender<ServerStatus>) {
        let started = Instant::now();
        let mut missed = 0;
        let mut answered = false;
        while missed < MISSED && (answered || started.elapsed() < START) {
            match self.server.version(ANSWER).await {
                Ok(version) => {
                    missed = 0;
                    if !answered {
                        tracing::info!(server = %self.server.addr, pid, version, "adb server started");
                        status.send_replace(ServerStatus::Own { pid, version });
                    }
                    answered = true;
                    tokio::time::sleep(CHECK).await;
                }
                Err(_) if answered => missed += 1,
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Returns once a joined server has closed a connection of ours, which it does only when it ends.
    async fn until_gone(&self) {
        if let Ok(mut tracker) = Tracker::open(self.server, ANSWER).await {
            while tracker.next().await.is_ok() {}
        }
    }

    fn spawn(&self) -> std::io::Result<Child> {
        let mut command = Command::new(self.program());
        command
            .arg("-P")
            .arg(self.server.addr.port().to_string())
            .args(["nodaemon", "server"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        own_group(&mut command);
        command.spawn()
    }

    /// A client of another version would end the server to start its own; whoever runs `adb` on this host should
    /// know.
    async fn compare(&self, version: u32) -> Option<String> {
        let mut command = Command::new(self.program());
        command.arg("version").stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(ANSWER, command.output()).await.ok()?.ok()?;
        let ours = client_version(&String::from_utf8_lossy(&output.stdout))?;
        (ours != version).then(|| {
            format!(
                "the running adb server speaks version {version}, the adb program here {ours}: calling that program \
                 would end the server"
            )
        })
    }
}

/// The last part of "Android Debug Bridge version 1.0.41" is the version of the protocol.
fn client_version(text: &str) -> Option<u32> {
    let line = text
        .lines()
        .find(|line| line.starts_with("Android Debug Bridge version"))?;
    line.trim().rsplit('.').next()?.parse().ok()
}

/// Ends our own server. It keeps no state that a kill would spoil.
async fn end(mut child: Child) {
    let _ = child.start_kill();
    let _ = tokio::time::timeout(END, child.wait()).await;
}

/// The server's log belongs into ours, at a level that nobody reads unless something is wrong.
fn read_log(output: Option<impl AsyncRead + Unpin + Send + 'static>) {
    let Some(output) = output else { return };
    tokio::spawn(async move {
        let mut lines = BufReader::new(output).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            tracing::debug!(target: "adb_server", "{line}");
        }
    });
}

/// A Ctrl-C in the agent's terminal is not meant for the server: the agent ends it in its own time.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    command.process_group(0);
}

#[cfg(not(unix))]
fn own_group(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_protocol_version_is_its_last_number() {
        let text = "Android Debug Bridge version 1.0.41\nVersion 29.0.6-debian\n";
        assert_eq!(client_version(text), Some(41));
        assert_eq!(client_version("what?"), None);
    }
}
