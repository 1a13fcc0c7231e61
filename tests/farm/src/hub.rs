//! A hub host in small: simulated phones, an adb server that sees them, and the agent's program beside both.

use std::io;
use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use shared::screen::{Node, Screen};
use simphone::farm::{Farm, FarmSpec};
use simphone::phone::Phone;

use crate::{AdbServer, binary};

/// How long one command of the agent may take; generous, because tests share two cores.
const COMMAND: Duration = Duration::from_secs(90);

/// Phones, server and agent; all of it ends with this value.
#[derive(Debug)]
pub struct Hub {
    pub farm: Arc<Farm>,
    pub adb: AdbServer,
    data: tempfile::TempDir,
}

/// How a command of the agent ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ended {
    /// The JSON that it printed.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error} in the answer of the agent: {self:?}"))
    }

    /// The same, once it is known to have ended well.
    ///
    /// # Panics
    /// Where it ended with another exit code than 0.
    pub fn expect_done(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Hub {
    /// One phone of each generation: SIM0001 (Android 13), SIM0002 (8), SIM0003 (15), SIM0004 (11).
    pub async fn start() -> io::Result<Self> {
        let data = tempfile::Builder::new().prefix("hub").tempdir()?;
        let farm = Farm::start(FarmSpec::new(data.path().join("phones")))
            .await
            .map_err(io::Error::other)?;
        Ok(Self {
            farm,
            adb: AdbServer::start().await?,
            data,
        })
    }

    /// A folder for whatever a test writes.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    pub fn phone(&self, serial: &str) -> Arc<Phone> {
        self.farm.phone(serial)
    }

    /// The agent's command line, with this hub's server and phones in its environment.
    pub fn agent_command(&self, arguments: &[&str]) -> tokio::process::Command {
        let addresses: Vec<_> = self
            .farm
            .stands()
            .iter()
            .flat_map(|stand| stand.addresses())
            .map(|address| address.to_string())
            .collect();
        let mut command = tokio::process::Command::new(binary("drover-agent"));
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.data.path())
            .env("DROVER_ADB_PORT", self.adb.port().to_string())
            .env("DROVER_CONNECT", addresses.join(","))
            .stdin(Stdio::null())
            .current_dir(self.data.path())
            .kill_on_drop(true);
        command
    }

    /// Runs a command of the agent to its end.
    pub async fn agent(&self, arguments: &[&str]) -> io::Result<Ended> {
        let run = self.agent_command(arguments).output();
        let output = tokio::time::timeout(COMMAND, run).await.map_err(|_| {
            io::Error::other(format!(
                "drover-agent {arguments:?} did not end within {COMMAND:?}"
            ))
        })??;
        Ok(output.into())
    }

    /// Taps the node that `wanted` chooses on the phone's screen, as the agent sees it; waits for it to be there.
    pub async fn tap(
        &self,
        serial: &str,
        driver: &[&str],
        wanted: impl Fn(&Node<'_>) -> bool,
    ) -> io::Result<()> {
        let deadline = tokio::time::Instant::now() + COMMAND;
        loop {
            let dump = self
                .agent(&[&["hierarchy", "-s", serial, "--json"], driver].concat())
                .await?;
            let xml = if dump.code == Some(0) {
                dump.json()["xml"].as_str().unwrap_or_default().to_owned()
            } else {
                String::new()
            };
            let point = Screen::parse(&xml)
                .ok()
                .and_then(|screen| screen.nodes().find(&wanted).map(|node| node.bounds().center()));
            if let Some((x, y)) = point {
                let (x, y) = (x.to_string(), y.to_string());
                let ended = self
                    .agent(&[&["tap", "-s", serial, x.as_str(), y.as_str()], driver].concat())
                    .await?;
                return if ended.code == Some(0) {
                    Ok(())
                } else {
                    Err(io::Error::other(ended.stderr))
                };
            }
            if tokio::time::Instant::now() > deadline {
                return Err(io::Error::other(format!(
                    "what should be tapped does not come up on {serial}: {}{xml}",
                    dump.stderr
                )));
            }
        }
    }
}
