//! The adb layer: phones as a real adb server shows them. It speaks the server's socket itself, each call under a
//! deadline that is an argument; dropping a call closes its socket, which ends it on the phone too.
//!
//! Knows nothing of what the farm does with a phone; `device` and `driver` stand on top of it.

pub mod blocking;
pub mod facts;
pub mod network;
pub mod parse;
pub mod phone;
pub mod server;
pub mod shell;
pub mod supervise;
pub mod sync;
pub mod track;

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

pub use server::AdbServer;
pub use shell::{AdbPhone, Chunk, ShellOutput, ShellStream, quote};
pub use track::TrackedDevice;

/// How the server is told which phone is meant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// adb's serial; two phones may share one, and the wireless ones contain blanks.
    Serial(String),
    /// The server's own number for one connection to one phone: unambiguous, and gone with that connection.
    Id(u64),
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serial(serial) => write!(f, "phone {serial}"),
            Self::Id(id) => write!(f, "phone on transport {id}"),
        }
    }
}

/// What went wrong, while doing what, to what.
#[derive(Debug, thiserror::Error)]
#[error("{doing} ({target}): {kind}")]
pub struct AdbError {
    /// "run `getprop`", "connect", …
    pub doing: String,
    /// The phone or the server.
    pub target: String,
    pub kind: AdbErrorKind,
}

#[derive(Debug, thiserror::Error)]
pub enum AdbErrorKind {
    #[error("the adb server does not answer: {0}")]
    ServerUnreachable(io::Error),
    /// adb does not know this phone (any longer).
    #[error("gone: {0}")]
    Gone(String),
    #[error("offline: {0}")]
    Offline(String),
    #[error("unauthorized: {0}")]
    Unauthorized(String),
    #[error("no permissions: {0}")]
    NoPermissions(String),
    #[error("no answer within {} ms", .0.as_millis())]
    Deadline(Duration),
    #[error("the answer makes no sense: {0}")]
    Protocol(String),
    #[error("{0}")]
    Io(io::Error),
    /// The server or the phone said no, in its own words.
    #[error("refused: {0}")]
    Refused(String),
    #[error("more than {0} bytes")]
    TooLarge(u64),
    #[error("there is no adb program here: {0}")]
    NoBinary(String),
}

impl AdbError {
    pub fn new(doing: impl Into<String>, target: impl fmt::Display, kind: AdbErrorKind) -> Self {
        Self {
            doing: doing.into(),
            target: target.to_string(),
            kind,
        }
    }

    /// Whether the phone's connection is at fault rather than what was asked of it.
    pub fn is_connection(&self) -> bool {
        !matches!(
            self.kind,
            AdbErrorKind::Refused(_)
                | AdbErrorKind::TooLarge(_)
                | AdbErrorKind::Protocol(_)
                | AdbErrorKind::NoBinary(_)
        )
    }

    /// Whether the phone certainly never saw what was asked, so that asking again cannot do it twice.
    pub fn before_sending(&self) -> bool {
        matches!(
            self.kind,
            AdbErrorKind::ServerUnreachable(_)
                | AdbErrorKind::Gone(_)
                | AdbErrorKind::Offline(_)
                | AdbErrorKind::Unauthorized(_)
                | AdbErrorKind::NoPermissions(_)
                | AdbErrorKind::NoBinary(_)
                | AdbErrorKind::Refused(_)
        )
    }

    pub fn is_deadline(&self) -> bool {
        matches!(self.kind, AdbErrorKind::Deadline(_))
    }
}

impl AdbErrorKind {
    /// Sorts the text of a `FAIL` by what the server is known to say.
    pub fn from_fail(text: &str) -> Self {
        let said = text.trim().to_owned();
        let low = said.to_ascii_lowercase();
        if low.contains("unauthorized") || low.contains("still authorizing") {
            Self::Unauthorized(said)
        } else if low.contains("insufficient permissions") || low.contains("no permissions") {
            Self::NoPermissions(said)
        } else if low.contains("offline") || low.contains("still connecting") {
            Self::Offline(said)
        } else if low.contains("not found")
            || low.starts_with("no device")
            || low.contains("no devices/emulators")
        {
            Self::Gone(said)
        } else {
            Self::Refused(said)
        }
    }
}

/// Runs `work`, but no longer than `deadline`.
pub(crate) async fn within<T>(
    deadline: Duration,
    doing: &str,
    target: &(dyn fmt::Display + Sync),
    work: impl Future<Output = Result<T, AdbErrorKind>>,
) -> Result<T, AdbError> {
    let kind = match tokio::time::timeout(deadline, work).await {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(kind)) => kind,
        Err(_) => AdbErrorKind::Deadline(deadline),
    };
    Err(AdbError::new(doing, target, kind))
}
