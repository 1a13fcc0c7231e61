//! The link between agent and controller, told as a document. Everything that both sides must agree on is in here and
//! below; nothing in here opens a socket.
//!
//! # The two doors
//!
//! The controller listens on two UDP ports, both QUIC over TLS 1.3, both with certificates of the farm's own CA:
//!
//! * **The join door** ([`JOIN_ALPN`]) proves the controller to the agent and asks for no certificate. An agent that
//!   holds a join token checks the pin in it (the SHA-256 of the CA's public key) while the TLS handshake runs, so that
//!   a stranger never sees the token's secret. It asks in [`join`] words: one request, one answer, one stream.
//! * **The data door** ([`VERSIONS`]) proves both to each other: the agent's certificate names it as
//!   `spiffe://drover/agent/<uuid>`. Neither session tickets nor early data exist, so each connection is checked whole.
//!
//! The agent does not hold the controller's certificate against its own clock: the pin says who it is, and a hub host
//! without a battery for its clock must still be told that its clock is wrong, and by how much.
//!
//! # The control stream
//!
//! The agent opens one bidirectional stream and says [`handshake::Hello`]; the controller answers with
//! [`handshake::Answer`]: a welcome, or a refusal that says why. After a welcome the stream carries
//! [`message::Report`]s to the controller (the whole list of phones first, then only what changed) and
//! [`message::Notice`]s back.
//!
//! # Requests
//!
//! Every request of the controller ([`message::ToAgent`]) opens a bidirectional stream of its own: the request, then
//! (for an app) its bytes; back come any number of `Progress` or `Step` frames and one last frame. A reset of the stream
//! ends the work. Requests of the agent ([`message::ToController`]) go the same way in the other direction. So a
//! screenshot holds up no tap.
//!
//! # Work
//!
//! Orders, grants, secrets, packs, materials and evidence are such requests too ([`work`]). When a link comes up the
//! agent first says where it stands ([`work::Standing`]); what is said of an attempt may be said again at any time.
//!
//! # Frames
//!
//! Four bytes of length, big-endian, then that many bytes of [`codec`]. Each message has a limit of its own; a frame
//! beyond it closes the connection with [`Close::FrameTooLarge`] and words.
//!
//! # Growing
//!
//! Enums are append-only: the order of variants is their number. A sender may use a newer variant only where the agreed
//! version has it. Any other change is a new version: a new row in [`VERSIONS`] and a new ALPN. [`HELLO_ALPN`] and the
//! hello never change, so that two sides without a version in common can still tell each other so.

pub mod codec;
pub mod handshake;
pub mod join;
pub mod message;
pub mod phone;
pub mod stream;
pub mod token;
pub mod work;

#[cfg(test)]
mod golden;

use std::time::Duration;

/// Every version that this build speaks, newest first, with its name in TLS.
///
/// 1: the first.
pub const VERSIONS: &[(u16, &[u8])] = &[(2, b"drover/2"), (1, b"drover/1")];

/// Offered last by both sides: nothing but hello and refusal is spoken under it.
pub const HELLO_ALPN: &[u8] = b"drover/hello";

/// The join door's only version.
pub const JOIN_ALPN: &[u8] = b"drover-join/1";

/// The name for which the controller's certificates are made; the pin, not the name, says who it is.
pub const CONTROLLER_NAME: &str = "controller.drover";

/// What stands before an agent's id in its certificate.
pub const AGENT_URI: &str = "spiffe://drover/agent/";

/// How often each side makes sure that the other is there: after a crash of the controller its agents learn so late that
/// their link is gone.
pub const KEEP_ALIVE: Duration = Duration::from_secs(3);
/// After so long a silence the link counts as lost.
pub const IDLE: Duration = Duration::from_secs(30);
/// How long hello and answer may take.
pub const HANDSHAKE: Duration = Duration::from_secs(10);
/// So far the two clocks may be apart.
pub const CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// How long an agent's certificate is good for.
pub const CERTIFICATE_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long after its end an unrevoked one may still be renewed.
pub const RENEWAL_GRACE: Duration = Duration::from_secs(90 * 24 * 3600);

/// The oldest and the newest version that this build speaks.
pub fn spoken() -> (u16, u16) {
    let numbers = VERSIONS.iter().map(|(number, _)| *number);
    (numbers.clone().min().unwrap_or(0), numbers.max().unwrap_or(0))
}

/// The version that a connection agreed on; `None` where it was only [`HELLO_ALPN`].
pub fn version_of(alpn: &[u8]) -> Option<u16> {
    VERSIONS
        .iter()
        .find(|(_, name)| *name == alpn)
        .map(|(number, _)| *number)
}

/// What each side offers at the data door.
pub fn data_alpns() -> Vec<Vec<u8>> {
    VERSIONS
        .iter()
        .map(|(_, name)| name.to_vec())
        .chain([HELLO_ALPN.to_vec()])
        .collect()
}

/// Why a connection was closed, as QUIC carries it; words go beside it. Numbers are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// One side ends in peace.
    Done = 0,
    /// The other side broke the protocol.
    Protocol = 1,
    /// A frame beyond its message's limit.
    FrameTooLarge = 2,
    /// The hello was refused; the words were in the answer.
    Refused = 3,
    /// The host was revoked while it was connected.
    Revoked = 4,
    /// The same host came back on a new connection.
    Replaced = 5,
    /// Hello, answer or request took too long.
    TooSlow = 6,
    /// The controller stands by for another one from now on.
    NotActive = 7,
}

impl Close {
    /// QUIC's number for it.
    pub fn code(self) -> u32 {
        self as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_a_name_in_tls_and_the_hello_has_none() {
        assert_eq!(spoken(), (1, 2));
        assert_eq!(version_of(b"drover/1"), Some(1));
        assert_eq!(version_of(HELLO_ALPN), None);
        assert_eq!(version_of(b"drover/2"), Some(2));
        let offered = [b"drover/2".to_vec(), b"drover/1".to_vec(), HELLO_ALPN.to_vec()];
        assert_eq!(data_alpns(), offered, "the newest first");
    }
}
