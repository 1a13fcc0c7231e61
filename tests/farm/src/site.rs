//! A whole farm from real processes: a controller, an agent, an adb server of the agent's own, simulated phones.

mod agent;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use simphone::farm::{Farm, FarmSpec};
use tokio::process::Child;
use tokio::time::Instant;

use crate::http::{self, Answer};
use crate::line::Line;
use crate::{binary, free_port};

pub use agent::Agent;

/// How long the whole may take to come up on a loaded machine.
const UP: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(30);

/// A controller's process with its folder and its ports, which stay the same over restarts.
#[derive(Debug)]
pub struct Controller {
    pub api: SocketAddr,
    pub data: PathBuf,
    agents: u16,
    join: u16,
    more: Vec<String>,
    environment: Vec<(String, String)>,
    process: Option<Child>,
}

impl Controller {
    /// Chooses free ports; nothing runs yet. `more` are further arguments, such as `--database-url`.
    pub fn new(data: &Path, more: &[&str]) -> io::Result<Self> {
        Ok(Self {
            api: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)),
            data: data.to_owned(),
            agents: free_port()?,
            join: free_port()?,
            more: more.iter().map(|word| (*word).to_owned()).collect(),
            environment: Vec::new(),
            process: None,
        })
    }

    /// Where agents' links come in, for a [`crate::line::Line`] in between.
    pub fn data_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.agents))
    }

    /// Adds an argument for the next start.
    pub fn add_argument(&mut self, words: &[&str]) {
        self.more.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// Where agents enrol.
    pub fn join_address(&self) -> String {
        format!("127.0.0.1:{}", self.join)
    }

    /// The controller's command line with this controller's settings.
    pub fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(binary("drover-controller"));
        command
            .arg("--data-dir")
            .arg(&self.data)
            .args(["--listen", &self.api.to_string()])
            .args(["--set", &format!("agents.listen=127.0.0.1:{}", self.agents)])
            .args(["--set", &format!("agents.join_listen=127.0.0.1:{}", self.join)])
            .args(&self.more)
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.data)
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Starts the process; its log goes to `controller.log` beside the data.
    pub fn start(&mut self) -> io::Result<()> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.data.with_extension("log"))?;
        self.process = Some(
            self.command(&["serve"])
                .stdout(log.try_clone()?)
                .stderr(log)
                .spawn()?,
        );
        Ok(())
    }

    /// A fresh join token.
    pub async fn token(&self) -> io::Result<String> {
        let output = self.command(&["token", "create"]).output().await?;
        let token = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if token.is_empty() {
            return Err(io::Error::other(format!(
                "no token: {}",
                String::from_utf8_lossy(&output.stderr)
            )));
        }
        Ok(token)
    }

    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// How it ended, where it did so by itself; it is not running then.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let Some(process) = &mut self.process else {
            return Ok(None);
        };
        let ended = process.try_wait()?;
        if ended.is_some() {
            self.process = None;
        }
        Ok(ended)
    }

    /// Where agents enrol, for a [`crate::line::Line`] in between.
    pub fn door(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.join))
    }

    /// What its next start finds in its environment, beside the usual.
    pub fn set_environment(&mut self, environment: Vec<(String, String)>) {
        self.environment = environment;
    }

    /// Kills it as a power cut would.
    pub async fn kill(&mut self) -> io::Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.data.with_extension("log")).unwrap_or_default()
    }

    /// Waits until it is the active controller and answers.
    pub async fn until_ready(&self, within: Duration) -> io::Result<()> {
        until("the controller to be ready", within, async || {
            http::send(self.api, "GET", "/readyz", &[], "")
                .await
                .is_ok_and(|answer| answer.status == 200)
        })
        .await
        .map_err(|error| io::Error::other(format!("{error}\n{}", self.log())))
    }

    pub async fn get(&self, path: &str) -> io::Result<Answer> {
        http::send(self.api, "GET", path, &[], "").await
    }

    pub async fn send(&self, method: &str, path: &str, body: &Value) -> io::Result<Answer> {
        http::send(
            self.api,
            method,
            path,
            &[("Content-Type", "application/json")],
            Bytes::from(body.to_string()),
        )
        .await
    }

    /// The phones as the API lists them.
    pub async fn devices(&self) -> io::Result<Vec<Value>> {
        Ok(self.get("/api/v1/devices?page_size=100").await?.data()["devices"]
            .as_array()
            .cloned()
            .unwrap_or_default())
    }

    /// Waits until so many phones are online.
    pub async fn until_online(&self, count: usize, within: Duration) -> io::Result<()> {
        until(&format!("{count} phones online"), within, async || {
            let devices = self.devices().await.unwrap_or_default();
            devices
                .iter()
                .filter(|device| device["state"] == "online")
                .count()
                == count
        })
        .await
        .map_err(|error| io::Error::other(format!("{error}\n{}", self.log())))
    }
}

/// Controller, agent and phones.
#[derive(Debug)]
pub struct Site {
    // First: it ends before the controller does.
    agent: Agent,
    pub controller: Controller,
    pub farm: Arc<Farm>,
    folder: tempfile::TempDir,
}

impl Site {
    /// Brings everything up and waits until every phone is online.
    pub async fn start(phones: usize) -> io::Result<Self> {
        Self::start_with(phones, &[]).await
    }

    /// The same, with further arguments for the controller.
    pub async fn start_with(phones: usize, more: &[&str]) -> io::Result<Self> {
        Ok(Self::bring_up(folder()?, phones, more, false, None).await?.0)
    }

    /// The same where phones and flows alike live so many times faster, over the resident driver.
    pub async fn start_quick(phones: usize, speed: f64, more: &[&str]) -> io::Result<Self> {
        Ok(Self::bring_up(folder()?, phones, more, false, Some(speed))
            .await?
            .0)
    }

    /// The same in a folder of which parts may lie on another disk: the controller's data in `controller`, the agent's
    /// in `agent`.
    pub async fn start_quick_in(
        folder: tempfile::TempDir,
        phones: usize,
        speed: f64,
        more: &[&str],
    ) -> io::Result<Self> {
        Ok(Self::bring_up(folder, phones, more, false, Some(speed)).await?.0)
    }

    /// The same, with the agent's link over a line that can be cut.
    pub async fn start_over_line(phones: usize) -> io::Result<(Self, Line)> {
        let (site, line) = Self::bring_up(folder()?, phones, &[], true, None).await?;
        Ok((
            site,
            line.ok_or_else(|| io::Error::other("a line was asked for"))?,
        ))
    }

    async fn bring_up(
        folder: tempfile::TempDir,
        phones: usize,
        more: &[&str],
        over_line: bool,
        speed: Option<f64>,
    ) -> io::Result<(Self, Option<Line>)> {
        let usual = FarmSpec::new(folder.path().join("phones"));
        let spec = FarmSpec {
            phones,
            control: Some(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))),
            speed: speed.unwrap_or(usual.speed),
            ..usual
        };
        let farm = Farm::start(spec).await.map_err(io::Error::other)?;
        let mut controller = Controller::new(&folder.path().join("controller"), more)?;
        let mut line = None;
        if over_line {
            let between = Line::to(controller.data_address()).await?;
            controller.add_argument(&["--set", &format!("agents.advertised_port={}", between.port())]);
            line = Some(between);
        }
        controller.start()?;
        controller.until_ready(UP).await?;
        let phones_at = farm
            .stands()
            .iter()
            .flat_map(|stand| stand.addresses())
            .map(|address| address.to_string())
            .collect();
        let mut agent = Agent::new(folder.path(), "agent", &controller.join_address(), phones_at)?;
        if let Some(speed) = speed {
            let words = crate::flows::driver("resident");
            agent.add_arguments(&words.iter().map(String::as_str).collect::<Vec<_>>());
            agent.add_arguments(&["--speed", &speed.to_string()]);
        }
        let mut site = Self {
            agent,
            controller,
            farm,
            folder,
        };
        site.start_agent().await?;
        site.controller
            .until_online(phones, UP)
            .await
            .map_err(|error| io::Error::other(format!("{error}\n{}", site.agent_log())))?;
        Ok((site, line))
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Tells the simulator's control door, which no part of the product knows.
    pub async fn tell_phones(&self, path: &str, body: &Value) -> io::Result<Value> {
        let control = self.farm.control();
        let control = control.ok_or_else(|| io::Error::other("the farm has no control door"))?;
        let headers = [("content-type", "application/json")];
        let answer = http::send(control, "POST", path, &headers, body.to_string()).await?;
        if answer.status == 200 {
            Ok(answer.json())
        } else {
            Err(io::Error::other(format!("{path}: {answer:?}")))
        }
    }

    /// Starts the agent, enrolling it with a fresh token where it has no certificate yet.
    pub async fn start_agent(&mut self) -> io::Result<()> {
        self.agent.start(&self.controller).await
    }

    /// Kills the agent as a power cut would.
    pub async fn kill_agent(&mut self) -> io::Result<()> {
        self.agent.kill().await
    }

    pub fn agent_log(&self) -> String {
        self.agent.log()
    }

    /// Kills the agent's adb server as a crash would (SIGKILL).
    pub async fn kill_adb_server(&self) -> io::Result<()> {
        self.agent.kill_adb_server().await
    }
}

/// Where a site lies; gone with it.
fn folder() -> io::Result<tempfile::TempDir> {
    tempfile::Builder::new().prefix("site").tempdir()
}

/// Looks again and again until it holds; there is no event to wait for in another process.
pub async fn until(what: &str, within: Duration, mut holds: impl AsyncFnMut() -> bool) -> io::Result<()> {
    let deadline = Instant::now() + within;
    while !holds().await {
        if Instant::now() > deadline {
            return Err(io::Error::other(format!("waited {within:?} in vain for {what}")));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
