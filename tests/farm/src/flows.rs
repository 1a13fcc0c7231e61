//! Phones with the social apps on them, and the agent's `flow run` over a pack's folder: what tests of flows stand on.
//! What the apps hold is set up and read through the simulator's control door, never through the product.

pub mod matrix;
pub mod stage;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use simphone::farm::{Farm, FarmSpec};
use simphone::ledger::Entry;

use crate::hub::Ended;
use crate::{AdbServer, binary, http};

/// How long a server may take to connect a phone, on a machine that has other things to do.
const CONNECT: Duration = Duration::from_secs(60);
/// How long one flow may really take.
const FLOW: Duration = Duration::from_secs(240);

/// Phones, an adb server that sees them, and folders for what the runs leave; all of it ends with this value.
#[derive(Debug)]
pub struct FlowFarm {
    pub farm: Arc<Farm>,
    pub adb: AdbServer,
    /// Both for the phones and for the flows.
    pub speed: f64,
    control: SocketAddr,
    data: tempfile::TempDir,
}

/// An account as a run is told of it.
#[derive(Debug, Clone, Default)]
pub struct Login {
    pub username: String,
    pub email: String,
    pub password: String,
    /// Base32; empty where the account has none.
    pub totp: String,
}

/// One run of a flow.
#[derive(Debug, Clone)]
pub struct Order {
    pub serial: String,
    /// "instagram" or "tiktok", or the path of another pack.
    pub pack: String,
    pub flow: String,
    pub driver: Vec<String>,
    pub login: Option<Login>,
    pub settings: Vec<(String, String)>,
    pub materials: Vec<PathBuf>,
    /// Anything else on the command line.
    pub more: Vec<String>,
    pub environment: Vec<(String, String)>,
}

impl Order {
    pub fn new(serial: &str, pack: &str, flow: &str) -> Self {
        Self {
            serial: serial.to_owned(),
            pack: pack.to_owned(),
            flow: flow.to_owned(),
            driver: vec!["--driver".to_owned(), "plain".to_owned()],
            login: None,
            settings: Vec::new(),
            materials: Vec::new(),
            more: Vec::new(),
            environment: Vec::new(),
        }
    }

    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn by(mut self, login: &Login) -> Self {
        self.login = Some(login.clone());
        self
    }

    #[must_use]
    pub fn over(mut self, driver: &[String]) -> Self {
        self.driver = driver.to_vec();
        self
    }

    #[must_use]
    pub fn with(mut self, material: &Path) -> Self {
        self.materials.push(material.to_owned());
        self
    }
}

impl FlowFarm {
    /// So many phones (Android 13, 8, 15, 11 in turn), `speed` times as fast as real ones, all connected.
    pub async fn start(phones: usize, speed: f64) -> io::Result<Self> {
        let data = tempfile::Builder::new().prefix("flows").tempdir()?;
        let mut spec = FarmSpec::new(data.path().join("phones"));
        spec.phones = phones;
        spec.speed = speed;
        spec.control = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let farm = Farm::start(spec).await.map_err(io::Error::other)?;
        let control = farm
            .control()
            .ok_or_else(|| io::Error::other("the farm has no control door"))?;
        let adb = AdbServer::start().await?;
        for stand in farm.stands() {
            for address in stand.addresses() {
                adb.connect(&address.to_string(), CONNECT).await?;
            }
        }
        Ok(Self {
            farm,
            adb,
            speed,
            control,
            data,
        })
    }

    /// A folder for whatever a test writes.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    pub fn address(&self, serial: &str) -> String {
        self.farm.address(serial).to_string()
    }

    /// Where a pack of this repository lies.
    pub fn pack(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../controller/flows")
            .join(name)
    }

    /// Asks the simulator's control door.
    pub async fn ask(&self, path: &str) -> io::Result<Value> {
        answered(path, &http::send(self.control, "GET", path, &[], "").await?)
    }

    /// Tells the simulator's control door.
    pub async fn tell(&self, path: &str, body: &Value) -> io::Result<Value> {
        let headers = [("content-type", "application/json")];
        answered(
            path,
            &http::send(self.control, "POST", path, &headers, body.to_string()).await?,
        )
    }

    /// Changes how an app is on a phone: layout, version, moods.
    pub async fn app(&self, serial: &str, package: &str, change: &Value) -> io::Result<Value> {
        self.tell(&format!("/phones/{serial}/apps/{package}"), change)
            .await
    }

    /// The phone's language, as its owner would set it: "fr-FR".
    pub async fn speaks(&self, serial: &str, locale: &str) -> io::Result<()> {
        let address = self.address(serial);
        let words = ["shell", "settings", "put", "system", "system_locales", locale];
        self.adb.run(&address, &words).await.map(drop)
    }

    /// What was really done on a phone by one app, in order.
    pub fn ledger(&self, serial: &str, package: &str) -> Vec<Entry> {
        let entries = self.farm.phone(serial).ledger.entries();
        entries.into_iter().filter(|entry| entry.app == package).collect()
    }

    /// A small file of a kind that galleries list, different for each text.
    pub fn material(&self, name: &str, text: &str) -> io::Result<PathBuf> {
        let path = self.folder().join(name);
        std::fs::write(&path, format!("a small file for tests: {text}"))?;
        Ok(path)
    }

    /// Installs the keyboard by which the plain driver types what `input` cannot.
    pub async fn install_keyboard(&self, serial: &str) -> io::Result<()> {
        let file = format!("{}/keyboard.apk", resources());
        let address = self.address(serial);
        let mut command = tokio::process::Command::new(binary("drover-agent"));
        command.args(["prepare", "-s", &address, "--keyboard-apk", &file]);
        self.environment(&mut command, serial)?;
        let ended = Ended::from(command.output().await?);
        let listed = self.adb.run(&address, &["shell", "ime list -s -a"]).await?;
        if String::from_utf8_lossy(&listed)
            .to_lowercase()
            .contains("adbkeyboard")
        {
            Ok(())
        } else {
            Err(io::Error::other(format!("no keyboard: {ended:?}")))
        }
    }

    /// Runs a flow to its end.
    pub async fn run(&self, order: &Order) -> io::Result<Ended> {
        let output = tokio::time::timeout(FLOW, self.command(order)?.output())
            .await
            .map_err(|_| io::Error::other(format!("{} did not end within {FLOW:?}", order.flow)))??;
        Ok(output.into())
    }

    /// The same as a command that is not started yet.
    pub fn command(&self, order: &Order) -> io::Result<tokio::process::Command> {
        let address = self.address(&order.serial);
        let own = self.folder().join(&order.serial);
        std::fs::create_dir_all(&own)?;
        let pack = if order.pack.contains('/') {
            PathBuf::from(&order.pack)
        } else {
            Self::pack(&order.pack)
        };
        let mut command = tokio::process::Command::new(binary("drover-agent"));
        command
            .args(["flow", "run"])
            .arg(pack.join(&order.flow))
            .args(["--serial", &address, "--allow-commits", "--json"])
            .args(["--speed", &self.speed.to_string()])
            .arg("--journal")
            .arg(own.join("journal"))
            .arg("--bundle")
            .arg(own.join("bundles"))
            .args(&order.driver)
            .args(&order.more);
        for (key, value) in &order.settings {
            command.arg("--set").arg(format!("{key}={value}"));
        }
        for material in &order.materials {
            command.arg("--material").arg(material);
        }
        if let Some(login) = &order.login {
            self.account(&mut command, &own, login)?;
        }
        self.environment(&mut command, &order.serial)?;
        command.envs(order.environment.iter().cloned());
        Ok(command)
    }

    /// Nothing of this host's own settings reaches a run; it works in the phone's own folder and ends with its handle.
    fn environment(&self, command: &mut tokio::process::Command, serial: &str) -> io::Result<()> {
        let own = self.folder().join(serial);
        std::fs::create_dir_all(&own)?;
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &own)
            .env("DROVER_ADB_PORT", self.adb.port().to_string())
            .env("DROVER_CONNECT", self.address(serial))
            .stdin(Stdio::null())
            .current_dir(&own)
            .kill_on_drop(true);
        Ok(())
    }

    fn account(&self, command: &mut tokio::process::Command, own: &Path, login: &Login) -> io::Result<()> {
        command.args(["--account", &login.username]);
        if !login.email.is_empty() {
            command.args(["--email", &login.email]);
        }
        for (flag, secret) in [
            ("--password-file", &login.password),
            ("--totp-secret-file", &login.totp),
        ] {
            if secret.is_empty() {
                continue;
            }
            let file = own.join(format!("{}{flag}", login.username));
            std::fs::write(&file, secret)?;
            command.arg(flag).arg(file);
        }
        Ok(())
    }
}

/// The words that choose a driver; the resident one's file was put where tests and developers keep it.
pub fn driver(name: &str) -> Vec<String> {
    let mut words = vec!["--driver".to_owned(), name.to_owned()];
    if name == "resident" {
        words.extend(["--resident-jar".to_owned(), format!("{}/u2.jar", resources())]);
    }
    words
}

pub fn package(platform: &str) -> &'static str {
    if platform == "instagram" {
        "com.instagram.android"
    } else {
        "com.zhiliaoapp.musically"
    }
}

/// Where `tests/prepare.sh` puts what phones are prepared with, or where a developer keeps it.
fn resources() -> String {
    std::env::var("DROVER_RESOURCES")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/resident").to_owned())
}

fn answered(path: &str, answer: &http::Answer) -> io::Result<Value> {
    let body = answer.json();
    if answer.status == 200 {
        return Ok(body);
    }
    Err(io::Error::other(
        json!({ "path": path, "status": answer.status, "answer": body }).to_string(),
    ))
}
