//! Measures a real agent process over many simulated phones and prints each figure beside its limit; ends with 1 where
//! one is over it. Run by `make bench`, as a release build.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use farm::AdbServer;
use farm::figures::{Process, at_most, ended, say};
use serde_json::Value;
use simphone::farm::{Farm, FarmSpec};
use simphone::phone::lock;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

/// Phones on one agent, unless the first argument says otherwise.
const PHONES: usize = 200;
/// How long the agent is watched while nothing happens.
const IDLE: Duration = Duration::from_secs(30);
/// Until all phones are online.
const START: Duration = Duration::from_secs(180);
/// What a changed battery may take at most before the wait is given up.
const GIVE_UP: Duration = Duration::from_secs(60);

/// The limits.
const MEMORY_MB: f64 = 64.0;
const CORES: f64 = 0.25;
const DELAY_S: f64 = 10.0;

#[tokio::main]
async fn main() -> ExitCode {
    let phones = std::env::args().nth(1).and_then(|count| count.parse().ok());
    ended(measure(phones.unwrap_or(PHONES)).await)
}

async fn measure(phones: usize) -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix("figures").tempdir()?;
    let mut spec = FarmSpec::new(folder.path().join("phones"));
    spec.phones = phones;
    let farm = Farm::start(spec).await.map_err(io::Error::other)?;
    let server = AdbServer::start().await?;
    let started = Instant::now();
    let mut agent = Agent::start(&server, &farm)?;
    let batteries = agent.until_batteries(phones, 87, START).await?;
    say(&format!(
        "{phones} phones online after {:.1} s ({} with a battery read)",
        started.elapsed().as_secs_f64(),
        batteries.len()
    ))?;

    // Readings that were first made together spread out over their own cycles before it is called idle.
    let settled = Instant::now() + Duration::from_secs(10);
    agent.drain(settled).await;
    let before = agent.usage()?;
    let watched = Instant::now();
    agent.drain(watched + IDLE).await;
    let after = agent.usage()?;
    let cores = (after.cpu_s - before.cpu_s) / watched.elapsed().as_secs_f64();

    for stand in farm.stands() {
        lock(&stand.phone.hardware).battery.level = 41;
    }
    let delays = agent.until_batteries(phones, 41, GIVE_UP).await?;
    let mut delays: Vec<f64> = delays.values().map(Duration::as_secs_f64).collect();
    delays.sort_by(f64::total_cmp);
    let middle = delays.get(delays.len() / 2).copied().unwrap_or_default();
    let longest = delays.last().copied().unwrap_or(f64::INFINITY);
    let usage = agent.usage()?;
    let mut good = delays.len() == phones;
    good &= at_most("resident memory, MB", usage.resident_mb, MEMORY_MB)?;
    good &= at_most("cores in use when nothing happens", cores, CORES)?;
    good &= at_most(
        "changed battery shows, longest of all phones, s",
        longest,
        DELAY_S,
    )?;
    say(&format!(
        "changed battery shows, middle of {} phones, s: {middle:.1}",
        delays.len()
    ))?;
    agent.process.kill().await?;
    Ok(good)
}

/// The agent's process, printing every change as a line of JSON.
struct Agent {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

/// What a process has used.
struct Usage {
    resident_mb: f64,
    cpu_s: f64,
}

impl Agent {
    fn start(server: &AdbServer, farm: &Farm) -> io::Result<Self> {
        let mut command = Command::new(program()?);
        command
            .args(["--adb-port", &server.port().to_string(), "--json"])
            .env("HOME", server.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        for address in farm.stands().iter().flat_map(|stand| stand.addresses()) {
            command.args(["--connect", &address.to_string()]);
        }
        command.args(["devices", "--watch"]);
        let mut process = command.spawn()?;
        let stdout = process
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no stdout"))?;
        Ok(Self {
            process,
            lines: BufReader::new(stdout).lines(),
        })
    }

    /// How long each phone took until its battery showed this level.
    async fn until_batteries(
        &mut self,
        phones: usize,
        level: u64,
        within: Duration,
    ) -> io::Result<BTreeMap<String, Duration>> {
        let started = Instant::now();
        let mut seen = BTreeMap::new();
        while seen.len() < phones {
            let left = within.saturating_sub(started.elapsed());
            let Ok(next) = tokio::time::timeout(left, self.lines.next_line()).await else {
                say(&format!(
                    "only {} of {phones} phones within {within:?}",
                    seen.len()
                ))?;
                break;
            };
            let Some(text) = next? else {
                return Err(io::Error::other("the agent ended"));
            };
            let event: Value = serde_json::from_str(&text)?;
            let device = &event["device"];
            if device["battery"]["value"]["level"].as_u64() == Some(level)
                && let Some(serial) = device["serial"].as_str()
            {
                seen.entry(serial.to_owned()).or_insert_with(|| started.elapsed());
            }
        }
        Ok(seen)
    }

    /// Reads on until then.
    async fn drain(&mut self, until: Instant) {
        while let Ok(Ok(Some(_))) = tokio::time::timeout_at(until.into(), self.lines.next_line()).await {}
    }

    fn usage(&self) -> io::Result<Usage> {
        let id = self
            .process
            .id()
            .ok_or_else(|| io::Error::other("the agent ended"))?;
        let process = Process::with_id(id);
        Ok(Usage {
            resident_mb: process.resident_mb()?,
            cpu_s: process.cpu_seconds()?,
        })
    }
}

/// The agent that was built beside this program.
fn program() -> io::Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("drover-agent");
    if path.exists() {
        Ok(path)
    } else {
        Err(io::Error::other(format!(
            "{} is missing: build drover-agent first",
            path.display()
        )))
    }
}
