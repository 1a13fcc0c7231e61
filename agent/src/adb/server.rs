//! The adb server's socket: requests to the server itself, and streams to services on a phone.
//!
//! `connect` and `disconnect` go through this socket and not through the crate `adb_client`: that one takes IPv4
//! addresses only, and would hold a thread for as long as a black-holed address keeps the server waiting.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::track::{TrackedDevice, parse_devices};
use super::{AdbError, AdbErrorKind, Transport, within};

/// The longest answer that a request to the server may have, in bytes; the length prefix allows no more.
const MAX_ANSWER: usize = 0xffff;

/// The longest service name that the protocol can say, in bytes.
const MAX_SERVICE: usize = 0xffff;

/// The address of an adb server. Holds no connection: each call opens its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdbServer {
    pub addr: SocketAddr,
}

impl AdbServer {
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr }
    }

    /// The server on this machine's `port`.
    pub fn local(port: u16) -> Self {
        Self::new(SocketAddr::from(([127, 0, 0, 1], port)))
    }

    /// The version of the protocol between adb's client and server (41 for all of recent years).
    pub async fn version(&self, deadline: Duration) -> Result<u32, AdbError> {
        within(deadline, "ask the version", &self.name(), async {
            let text = self.ask("host:version").await?;
            u32::from_str_radix(text.trim(), 16).map_err(|_| AdbErrorKind::Protocol(text))
        })
        .await
    }

    /// A request with a text for an answer: `host:…`.
    pub async fn request(&self, service: &str, deadline: Duration) -> Result<String, AdbError> {
        within(
            deadline,
            &format!("ask `{service}`"),
            &self.name(),
            self.ask(service),
        )
        .await
    }

    /// Opens a service on a phone: `tcp:9008`, `localabstract:…`, `shell:…`.
    pub async fn open(
        &self,
        target: &Transport,
        service: &str,
        deadline: Duration,
    ) -> Result<TcpStream, AdbError> {
        within(
            deadline,
            &format!("open `{}`", shorten(service)),
            target,
            self.dial(target, service),
        )
        .await
    }

    /// `adb connect HOST:PORT`. The server answers "OKAY" to a failure too, so its words decide.
    pub async fn connect(&self, host_port: &str, deadline: Duration) -> Result<String, AdbError> {
        let doing = format!("connect to {host_port}");
        within(deadline, &doing, &self.name(), async {
            let said = self.ask(&format!("host:connect:{host_port}")).await?;
            if said.starts_with("connected to") || said.starts_with("already connected to") {
                Ok(said)
            } else if said.starts_with("failed to authenticate") {
                Err(AdbErrorKind::Unauthorized(said))
            } else {
                Err(AdbErrorKind::Refused(said))
            }
        })
        .await
    }

    /// `adb disconnect HOST:PORT`. A phone that was not connected is a refusal.
    pub async fn disconnect(&self, host_port: &str, deadline: Duration) -> Result<String, AdbError> {
        self.request(&format!("host:disconnect:{host_port}"), deadline)
            .await
    }

    /// Makes the server drop a phone's connection and look at it anew; for USB phones that hang.
    pub async fn reconnect(&self, target: &Transport, deadline: Duration) -> Result<String, AdbError> {
        let service = match target {
            Transport::Serial(serial) => format!("host-serial:{serial}:reconnect"),
            Transport::Id(id) => format!("host-transport-id:{id}:reconnect"),
        };
        within(deadline, "reconnect", target, self.ask(&service)).await
    }

    /// What the phone's adbd and this server can both do: `shell_v2`, `cmd`, …
    pub async fn features(&self, target: &Transport, deadline: Duration) -> Result<Vec<String>, AdbError> {
        let service = match target {
            Transport::Serial(serial) => format!("host-serial:{serial}:features"),
            Transport::Id(id) => format!("host-transport-id:{id}:features"),
        };
        let text = within(deadline, "ask the features", target, self.ask(&service)).await?;
        Ok(text.trim().split(',').map(str::to_owned).collect())
    }

    /// What the server lists now.
    pub async fn devices(&self, deadline: Duration) -> Result<Vec<TrackedDevice>, AdbError> {
        Ok(parse_devices(&self.request("host:devices-l", deadline).await?))
    }

    pub(crate) fn name(&self) -> String {
        format!("adb server at {}", self.addr)
    }

    /// A connection on which `service` was accepted.
    pub(super) async fn begin(&self, service: &str) -> Result<TcpStream, AdbErrorKind> {
        let mut stream = TcpStream::connect(self.addr)
            .await
            .map_err(AdbErrorKind::ServerUnreachable)?;
        stream.set_nodelay(true).map_err(AdbErrorKind::Io)?;
        say(&mut stream, service).await?;
        Ok(stream)
    }

    /// A connection to a service on a phone.
    pub(super) async fn dial(&self, target: &Transport, service: &str) -> Result<TcpStream, AdbErrorKind> {
        let choose = match target {
            Transport::Serial(serial) => format!("host:transport:{serial}"),
            Transport::Id(id) => format!("host:transport-id:{id}"),
        };
        let mut stream = self.begin(&choose).await?;
        say(&mut stream, service).await?;
        Ok(stream)
    }

    async fn ask(&self, service: &str) -> Result<String, AdbErrorKind> {
        let mut stream = self.begin(service).await?;
        read_text(&mut stream).await
    }
}

/// Asks for a service on an open connection and reads the verdict.
async fn say(stream: &mut TcpStream, service: &str) -> Result<(), AdbErrorKind> {
    if service.len() > MAX_SERVICE {
        return Err(AdbErrorKind::TooLarge(MAX_SERVICE as u64));
    }
    let request = format!("{:04x}{service}", service.len());
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(AdbErrorKind::Io)?;
    let mut verdict = [0; 4];
    stream.read_exact(&mut verdict).await.map_err(AdbErrorKind::Io)?;
    match &verdict {
        b"OKAY" => Ok(()),
        b"FAIL" => Err(AdbErrorKind::from_fail(&read_text(stream).await?)),
        other => Err(AdbErrorKind::Protocol(format!(
            "{:?} where OKAY or FAIL belongs",
            String::from_utf8_lossy(other)
        ))),
    }
}

/// Four hexadecimal digits, then so many bytes.
pub(super) async fn read_text(stream: &mut TcpStream) -> Result<String, AdbErrorKind> {
    let mut digits = [0; 4];
    stream.read_exact(&mut digits).await.map_err(AdbErrorKind::Io)?;
    let length = std::str::from_utf8(&digits)
        .ok()
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .filter(|length| *length <= MAX_ANSWER)
        .ok_or_else(|| {
            AdbErrorKind::Protocol(format!("{:?} for a length", String::from_utf8_lossy(&digits)))
        })?;
    let mut text = vec![0; length];
    stream.read_exact(&mut text).await.map_err(AdbErrorKind::Io)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A command line as an error names it: its beginning. Typed text has no business in a log.
pub(super) fn shorten(service: &str) -> String {
    const KEPT: usize = 40;
    let line = service.lines().next().unwrap_or_default();
    if line.chars().count() > KEPT {
        let kept: String = line.chars().take(KEPT).collect();
        format!("{kept}…")
    } else {
        line.to_owned()
    }
}
