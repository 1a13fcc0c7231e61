//! A real adb server of one's own: on a free port, with its own HOME, looking at no USB bus and at no emulator, ended
//! with the test that started it.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::free_port;

/// How long a server may take until it accepts connections.
const START: Duration = Duration::from_secs(60);
/// How often something that has no event is looked at again.
const LOOK: Duration = Duration::from_millis(20);

/// A running `adb nodaemon server`.
#[derive(Debug)]
pub struct AdbServer {
    port: u16,
    home: tempfile::TempDir,
    process: Option<std::process::Child>,
}

impl AdbServer {
    /// Starts one and waits until it accepts.
    pub async fn start() -> io::Result<Self> {
        let home = tempfile::Builder::new().prefix("adb-server").tempdir()?;
        let mut server = Self {
            port: free_port()?,
            home,
            process: None,
        };
        server.start_again().await?;
        Ok(server)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its HOME, where its key lies.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What it wrote to its stderr.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.home.path().join("adb.log")
    }

    /// Kills it as a power cut would (SIGKILL on Unix).
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Already gone is what is wanted.
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// Starts it on the same port with the same HOME, after [`Self::kill`].
    pub async fn start_again(&mut self) -> io::Result<()> {
        self.kill();
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.log_path())?;
        let deadline = Instant::now() + START;
        let port = self.port.to_string();
        let mut process = None;
        loop {
            if tokio::net::TcpStream::connect(("127.0.0.1", self.port))
                .await
                .is_ok()
                && process.is_some()
            {
                self.process = process;
                return Ok(());
            }
            let ended = match &mut process {
                None => true,
                Some(child) => std::process::Child::try_wait(child)?.is_some(),
            };
            // The port of the server before may not be free at once; then adb gives up and is started anew.
            if ended {
                process = Some(
                    self.environment(Command::new(adb()))
                        .args(["-P", &port, "nodaemon", "server"])
                        .stdin(Stdio::null())
                        .stdout(log.try_clone()?)
                        .stderr(log.try_clone()?)
                        .spawn()?,
                );
            }
            if Instant::now() > deadline {
                if let Some(mut child) = process {
                    let _ = child.kill();
                    let _ = child.wait();
                }
                return Err(io::Error::other(format!(
                    "the adb server did not start: {}",
                    self.log()
                )));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// An `adb` command line for this server.
    pub fn command(&self, arguments: &[&str]) -> tokio::process::Command {
        let mut command = Command::new(adb());
        command.args(["-P", &self.port.to_string()]).args(arguments);
        let mut command = tokio::process::Command::from(self.environment(command));
        command.kill_on_drop(true);
        command
    }

    /// Runs an `adb` command line to its end.
    pub async fn adb(&self, arguments: &[&str]) -> io::Result<Output> {
        self.command(arguments).stdin(Stdio::null()).output().await
    }

    /// Runs `adb -s SERIAL …`; answers what it printed, or what it complained of.
    pub async fn run(&self, serial: &str, arguments: &[&str]) -> io::Result<Vec<u8>> {
        let arguments = [&["-s", serial], arguments].concat();
        let output = self.adb(&arguments).await?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        let told = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(format!("{arguments:?}: {told}")))
    }

    /// What `adb` prints, without the line's end; what it prints on stderr is added.
    pub async fn says(&self, arguments: &[&str]) -> io::Result<String> {
        let output = self.adb(arguments).await?;
        let text = [output.stdout, output.stderr].concat();
        Ok(String::from_utf8_lossy(&text).trim_end().to_owned())
    }

    /// Connects a phone on the network and waits until it is in the list as `device`.
    pub async fn connect(&self, serial: &str, within: Duration) -> io::Result<()> {
        let deadline = Instant::now() + within;
        loop {
            let said = self.says(&["connect", serial]).await?;
            match self.state(serial).await?.as_deref() {
                Some("device") => return Ok(()),
                // A lost connection counts as one for up to a minute, and the server makes no second beside it.
                Some("offline") => drop(self.says(&["disconnect", serial]).await?),
                _ => {}
            }
            if Instant::now() > deadline {
                return Err(io::Error::other(format!("{serial} did not connect: {said}")));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The word after `serial` in `adb devices`; `None` where it is not listed.
    pub async fn state(&self, serial: &str) -> io::Result<Option<String>> {
        let devices = self.says(&["devices"]).await?;
        Ok(devices
            .lines()
            .find_map(|line| line.strip_prefix(serial)?.strip_prefix('\t'))
            .map(str::to_owned))
    }

    /// Waits until `serial` is listed as `wanted`, or (`None`) not at all.
    pub async fn until_state(&self, serial: &str, wanted: Option<&str>, within: Duration) -> io::Result<()> {
        let deadline = Instant::now() + within;
        loop {
            let state = self.state(serial).await?;
            if state.as_deref() == wanted {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(io::Error::other(format!(
                    "{serial} is {state:?} and not {wanted:?} after {within:?}"
                )));
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Nothing of the machine's own phones and of its user's settings.
    fn environment(&self, mut command: Command) -> Command {
        command
            .env("HOME", self.home.path())
            .env("ANDROID_USER_HOME", self.home.path().join(".android"))
            .env("ADB_USB", "0")
            .env("ADB_EMU", "0")
            // The scan for emulators ends below its first port.
            .env("ADB_LOCAL_TRANSPORT_MAX_PORT", "5554")
            .env("ADB_MDNS", "0")
            .env_remove("ANDROID_SERIAL")
            .env_remove("ADB_SERVER_SOCKET")
            .env_remove("ANDROID_ADB_SERVER_PORT")
            .env_remove("ADB_VENDOR_KEYS");
        command
    }
}

impl Drop for AdbServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The adb to use: `$ADB`, else the one on the path.
pub fn adb() -> PathBuf {
    std::env::var_os("ADB").map_or_else(|| PathBuf::from("adb"), PathBuf::from)
}
