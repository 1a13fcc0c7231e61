//! What the crate `adb_client` does soundly: listing a folder, removing an app, rebooting, pairing. It blocks a thread
//! and knows no deadline, so it runs on a bounded number of threads, one call a phone at a time; a call given up at
//! its deadline keeps its slot until the crate lets go.

use std::net::{SocketAddr, SocketAddrV4};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use adb_client::server::ADBServer;
use adb_client::server_device::ADBServerDevice;
use adb_client::{ADBListItemType, RebootType, RustADBError};
use tokio::sync::Semaphore;

use super::{AdbError, AdbErrorKind, AdbPhone, AdbServer, Transport, within};

/// How many threads all phones together may hold.
const THREADS: usize = 32;

/// A program that does nothing, where the crate wants one to start an adb server with.
const NO_OP: &str = if cfg!(windows) { "hostname" } else { "/bin/true" };

static SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(THREADS)));

/// An entry of a folder on the phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub directory: bool,
    pub size: u32,
    /// Seconds since 1970.
    pub modified: u32,
}

/// Where a reboot leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RebootInto {
    System,
    Recovery,
    Bootloader,
}

impl AdbPhone {
    /// What is in a folder, without `.` and `..`. Empty also where there is no such folder: the protocol does not
    /// tell the difference.
    pub async fn list(&self, folder: &str, deadline: Duration) -> Result<Vec<Entry>, AdbError> {
        let path = folder.to_owned();
        let items = self
            .call(&format!("list {folder}"), deadline, move |mut phone| {
                phone.list(path)
            })
            .await?;
        let entries = items.into_iter().map(entry);
        Ok(entries
            .filter(|entry| entry.name != "." && entry.name != "..")
            .collect())
    }

    pub async fn uninstall(&self, package: &str, deadline: Duration) -> Result<(), AdbError> {
        // The crate puts the name into a shell line as it is.
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '_';
        let doing = format!("uninstall {package}");
        if package.is_empty() || !package.chars().all(plain) {
            let refusal = AdbErrorKind::Refused("that is no package name".to_owned());
            return Err(AdbError::new(doing, &self.transport, refusal));
        }
        let package = package.to_owned();
        self.call(&doing, deadline, move |mut phone| phone.uninstall(&package, None))
            .await
    }

    pub async fn reboot(&self, into: RebootInto, deadline: Duration) -> Result<(), AdbError> {
        let kind = match into {
            RebootInto::System => RebootType::System,
            RebootInto::Recovery => RebootType::Recovery,
            RebootInto::Bootloader => RebootType::Bootloader,
        };
        self.call("reboot", deadline, move |mut phone| phone.reboot(kind))
            .await
    }

    async fn call<T: Send + 'static>(
        &self,
        doing: &str,
        deadline: Duration,
        work: impl FnOnce(ADBServerDevice) -> Result<T, RustADBError> + Send + 'static,
    ) -> Result<T, AdbError> {
        within(deadline, doing, &self.transport, async {
            let address = v4(self.server.addr)?;
            let phone = match &self.transport {
                Transport::Serial(serial) => ADBServerDevice::new(serial.clone(), Some(address)),
                Transport::Id(id) => {
                    let id = u32::try_from(*id).map_err(|_| AdbErrorKind::TooLarge(u64::from(u32::MAX)))?;
                    ADBServerDevice::new_with_transport_id(id, Some(address))
                }
            };
            on_thread(&self.blocking, move || work(phone)).await
        })
        .await
    }
}

impl AdbServer {
    /// Pairs with a phone's wireless debugging by the code on its screen.
    pub async fn pair(&self, address: SocketAddrV4, code: &str, deadline: Duration) -> Result<(), AdbError> {
        let code = code.to_owned();
        within(deadline, &format!("pair with {address}"), &self.name(), async {
            let server = v4(self.addr)?;
            let one = Arc::new(Semaphore::new(1));
            // Given no program of its own the crate would start an adb server on the default port at each call.
            on_thread(&one, move || {
                ADBServer::new_from_path(server, Some(NO_OP.to_owned())).pair(address, code)
            })
            .await
        })
        .await
    }
}

/// Runs blocking work on a thread of the bounded pool; the slots go back when the work ends, not when the caller
/// stops waiting.
async fn on_thread<T: Send + 'static>(
    own: &Arc<Semaphore>,
    work: impl FnOnce() -> Result<T, RustADBError> + Send + 'static,
) -> Result<T, AdbErrorKind> {
    let closed = |_| AdbErrorKind::Protocol("the pool of threads is closed".to_owned());
    let own = Arc::clone(own).acquire_owned().await.map_err(closed)?;
    let slot = Arc::clone(&SLOTS).acquire_owned().await.map_err(closed)?;
    let done = tokio::task::spawn_blocking(move || {
        let _held = (own, slot);
        work()
    });
    match done.await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(kind(error)),
        Err(panic) => Err(AdbErrorKind::Protocol(panic.to_string())),
    }
}

fn kind(error: RustADBError) -> AdbErrorKind {
    match error {
        RustADBError::IOError(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            AdbErrorKind::ServerUnreachable(error)
        }
        RustADBError::IOError(error) => AdbErrorKind::Io(error),
        RustADBError::ADBRequestFailed(text) => AdbErrorKind::from_fail(&text),
        other => AdbErrorKind::Protocol(other.to_string()),
    }
}

fn v4(address: SocketAddr) -> Result<SocketAddrV4, AdbErrorKind> {
    match address {
        SocketAddr::V4(address) => Ok(address),
        SocketAddr::V6(address) => Err(AdbErrorKind::Refused(format!(
            "this needs an adb server on an IPv4 address, not {address}"
        ))),
    }
}

fn entry(item: ADBListItemType) -> Entry {
    let directory = matches!(item, ADBListItemType::Directory(_));
    let (ADBListItemType::Fifo(item)
    | ADBListItemType::CharacterDevice(item)
    | ADBListItemType::Directory(item)
    | ADBListItemType::BlockDevice(item)
    | ADBListItemType::File(item)
    | ADBListItemType::Symlink(item)
    | ADBListItemType::Socket(item)
    | ADBListItemType::Other(item)) = item;
    Entry {
        name: item.name,
        directory,
        size: item.size,
        modified: item.time,
    }
}
