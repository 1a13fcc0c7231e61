//! An agent's process with its folder, its adb server's port and its phones' addresses, which stay the same over restarts.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use tokio::process::Child;

use super::Controller;
use crate::adb_server::adb;
use crate::{binary, free_port};

/// See the module.
#[derive(Debug)]
pub struct Agent {
    name: String,
    folder: PathBuf,
    /// Where it lets itself in, as `HOST:PORT`.
    door: String,
    adb_port: u16,
    phones: Vec<String>,
    more: Vec<String>,
    environment: Vec<(String, String)>,
    process: Option<Child>,
}

impl Agent {
    /// Chooses a free port; nothing runs yet. Its files lie in `folder`, its log beside them.
    pub fn new(folder: &Path, name: &str, door: &str, phones: Vec<String>) -> io::Result<Self> {
        Ok(Self {
            name: name.to_owned(),
            folder: folder.to_owned(),
            door: door.to_owned(),
            adb_port: free_port()?,
            phones,
            more: Vec::new(),
            environment: Vec::new(),
            process: None,
        })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it keeps its certificate, its journal, its outbox.
    pub fn state(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join(&self.name).with_extension("log")
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    pub fn add_arguments(&mut self, words: &[&str]) {
        self.more.extend(words.iter().map(|word| (*word).to_owned()));
    }

    /// What its next start finds in its environment, beside the usual.
    pub fn set_environment(&mut self, environment: Vec<(String, String)>) {
        self.environment = environment;
    }

    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// Starts it; it enrols with a fresh token where it has no certificate yet.
    pub async fn start(&mut self, controller: &Controller) -> io::Result<()> {
        let token = if self.state().join("identity.json").exists() {
            None
        } else {
            Some(controller.token().await?)
        };
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_file())?;
        let mut command = tokio::process::Command::new(binary("drover-agent"));
        command.args(["run", "--controller", &self.door]);
        if let Some(token) = token {
            command.args(["--token", &token]);
        }
        command
            .args(["--name", &self.name])
            .arg("--state")
            .arg(self.state())
            .args([
                "--adb-port",
                &self.adb_port.to_string(),
                "--connect",
                &self.phones.join(","),
            ])
            .args(&self.more)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.folder)
            .env("ADB_USB", "0")
            .env("ADB_EMU", "0")
            .env("ADB_LOCAL_TRANSPORT_MAX_PORT", "5554")
            .envs(self.environment.iter().cloned())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        self.process = Some(command.spawn()?);
        Ok(())
    }

    /// Kills it as a power cut would.
    pub async fn kill(&mut self) -> io::Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
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

    /// Kills its adb server as a crash would (SIGKILL), found by its port.
    pub async fn kill_adb_server(&self) -> io::Result<()> {
        let pattern = format!("adb -P {} nodaemon", self.adb_port);
        let killed = tokio::process::Command::new("pkill")
            .args(["-KILL", "-f", &pattern])
            .status()
            .await?;
        if killed.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("no process `{pattern}`")))
        }
    }
}

impl Drop for Agent {
    /// An agent that was killed leaves its adb server running, as it should: here nothing may stay.
    fn drop(&mut self) {
        // The agent first: while it lives it puts a new server in the place of the one that ends here.
        if let Some(process) = &mut self.process {
            let _ = process.start_kill();
        }
        let _ = std::process::Command::new(adb())
            .args(["-P", &self.adb_port.to_string(), "kill-server"])
            .env("HOME", &self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}
