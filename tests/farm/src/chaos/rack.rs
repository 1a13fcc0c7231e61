//! A rack of simulated phones: a process of its own, which can be killed, with the cables that lead to each phone.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::Child;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::port::{free_port, free_ports};
use crate::site::until;
use crate::{binary, http};

const UP: Duration = Duration::from_secs(60);
/// Of a port that somebody else took for a moment.
const AGAIN: Duration = Duration::from_millis(200);

/// The process of some phones.
#[derive(Debug)]
pub struct Rack {
    folder: PathBuf,
    first: usize,
    phones: usize,
    port: u16,
    control: SocketAddr,
    speed: f64,
    seed: u64,
    process: Option<Child>,
}

impl Rack {
    /// Chooses its ports; nothing runs yet. Its phones are called by their numbers from `first` on.
    pub fn new(folder: &Path, first: usize, phones: usize, speed: f64, seed: u64) -> io::Result<Self> {
        Ok(Self {
            folder: folder.to_owned(),
            first,
            phones,
            port: free_ports(u16::try_from(phones).map_err(io::Error::other)?)?,
            control: SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()?)),
            speed,
            seed,
            process: None,
        })
    }

    /// The numbers of its phones.
    pub fn numbers(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.phones
    }

    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// Where a phone listens, while the process runs.
    pub fn address(&self, number: usize) -> SocketAddr {
        let port = self.port + u16::try_from(number.saturating_sub(self.first)).unwrap_or_default();
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    pub fn ledger(&self, number: usize) -> PathBuf {
        self.folder.join(serial(number)).join("ledger.jsonl")
    }

    /// Starts it and waits until its control door answers.
    pub async fn start(&mut self) -> io::Result<()> {
        let log_file = self.folder.with_extension("log");
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(&log_file)?;
        let mut command = tokio::process::Command::new(binary("simphone"));
        command
            .args(["--phones", &self.phones.to_string()])
            .args(["--first", &self.first.to_string()])
            .args(["--base-port", &self.port.to_string()])
            .args(["--control", &self.control.to_string()])
            .args(["--speed", &self.speed.to_string()])
            .args(["--seed", &self.seed.to_string()])
            .arg("--data")
            .arg(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        let mut process = command.spawn()?;
        let mut ended = None;
        let up = until("a rack of phones", UP, async || {
            ended = process.try_wait().ok().flatten();
            ended.is_some() || self.ask("/phones").await.is_ok()
        });
        up.await?;
        if let Some(status) = ended {
            let said = std::fs::read_to_string(&log_file).unwrap_or_default();
            return Err(io::Error::other(format!(
                "a rack of phones ended, {status}:\n{said}"
            )));
        }
        self.process = Some(process);
        Ok(())
    }

    /// Kills it as a power cut would.
    pub async fn kill(&mut self) -> io::Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Asks the simulator's control door, which no part of the product knows.
    pub async fn ask(&self, path: &str) -> io::Result<Value> {
        let answer = http::send(self.control, "GET", path, &[], "").await?;
        if answer.status == 200 {
            Ok(answer.json())
        } else {
            Err(io::Error::other(format!("{path}: {answer:?}")))
        }
    }

    pub async fn tell(&self, path: &str, body: &Value) -> io::Result<Value> {
        let headers = [("content-type", "application/json")];
        let answer = http::send(self.control, "POST", path, &headers, body.to_string()).await?;
        if answer.status == 200 {
            Ok(answer.json())
        } else {
            Err(io::Error::other(format!("{path}: {answer:?}")))
        }
    }
}

/// What the phone of this number is called.
pub fn serial(number: usize) -> String {
    format!("SIM{number:04}")
}

/// A cable from one host's adb server to one phone: a port that leads there while it is plugged in.
#[derive(Debug)]
pub struct Cable {
    port: u16,
    plugged: watch::Sender<bool>,
    carrying: JoinHandle<()>,
}

impl Cable {
    pub fn to(phone: SocketAddr, plugged: bool) -> io::Result<Self> {
        let port = free_port()?;
        let (plugged, told) = watch::channel(plugged);
        let carrying = tokio::spawn(carry(port, phone, told));
        Ok(Self {
            port,
            plugged,
            carrying,
        })
    }

    /// What an adb server connects to.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn is_plugged(&self) -> bool {
        *self.plugged.borrow()
    }

    pub fn plug(&self, plugged: bool) {
        self.plugged.send_replace(plugged);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

async fn carry(port: u16, phone: SocketAddr, mut plugged: watch::Receiver<bool>) {
    loop {
        if plugged.wait_for(|plugged| *plugged).await.is_err() {
            return;
        }
        let Ok(listener) = listen(port) else {
            tokio::time::sleep(AGAIN).await;
            continue;
        };
        let mut through = tokio::task::JoinSet::new();
        // Whatever goes through ends with the set.
        loop {
            tokio::select! {
                pulled = plugged.wait_for(|plugged| !plugged) => {
                    if pulled.is_err() {
                        return;
                    }
                    break;
                }
                Ok((mut near, _)) = listener.accept() => {
                    through.spawn(async move {
                        if let Ok(mut far) = TcpStream::connect(phone).await {
                            let _ = near.set_nodelay(true);
                            let _ = far.set_nodelay(true);
                            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                        }
                    });
                }
                Some(_) = through.join_next() => {}
            }
        }
    }
}

fn listen(port: u16) -> io::Result<tokio::net::TcpListener> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(16)
}
