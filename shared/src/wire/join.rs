//! The words at the join door: one request on a stream, one answer, done.

use std::fmt;

use super::codec::{Decode, Encode};

/// What an agent without a good certificate asks. Append-only.
#[derive(Clone, PartialEq, Eq, Encode, Decode)]
pub enum JoinRequest {
    // 0: what time it is, and where the data door is; needs no secret.
    Time,
    // 1: to become a host of the farm. The same request again gets the same certificate: an answer may be lost.
    Enrol {
        token_id: String,
        secret: String,
        csr: Vec<u8>,
        host_name: String,
    },
    // 2: a new certificate for a key that the farm knows. The CSR is signed by that key, which is the proof.
    Renew {
        csr: Vec<u8>,
    },
}

impl fmt::Debug for JoinRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Time => f.write_str("Time"),
            // The secret stays out of every log.
            Self::Enrol {
                token_id, host_name, ..
            } => f
                .debug_struct("Enrol")
                .field("token_id", token_id)
                .field("host_name", host_name)
                .finish_non_exhaustive(),
            Self::Renew { .. } => f.write_str("Renew"),
        }
    }
}

/// The answer. Append-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum JoinReply {
    // 0: the controller's clock, milliseconds since 1970, and where its data door is.
    Time { now: i64, data_port: u16 },
    // 1
    Certified(Certified),
    // 2
    Refused { why: JoinRefusal, now: i64 },
}

/// A certificate and what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Certified {
    /// The host's id, a UUID's bytes.
    pub host: [u8; 16],
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// The farm's CA, DER.
    pub authority: Vec<u8>,
    /// When it ends, milliseconds since 1970.
    pub not_after: i64,
    /// The controller's clock, milliseconds since 1970.
    pub now: i64,
    /// The data door's port, at the address where the agent found the join door.
    pub data_port: u16,
}

/// Why not. Append-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum JoinRefusal {
    // 0
    UnknownToken,
    // 1
    UsedToken,
    // 2
    ExpiredToken,
    // 3
    BadCsr { why: String },
    // 4: no host has this key.
    UnknownKey,
    // 5
    Revoked,
    // 6: it ended too long ago to be renewed.
    TooLate,
    // 7
    NotActive,
    // 8: too many ask at once, or the database does not answer.
    TryLater,
}

impl JoinRefusal {
    /// Whether it is worth another try without anybody doing something.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::NotActive | Self::TryLater)
    }
}

impl fmt::Display for JoinRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownToken => f.write_str("the controller does not know this token: was it copied whole, and made by this controller?"),
            Self::UsedToken => f.write_str("this token was used already: each is good for one host; make another (`drover-controller token create`)"),
            Self::ExpiredToken => f.write_str("this token has expired: make another (`drover-controller token create`)"),
            Self::BadCsr { why } => write!(f, "the controller cannot read the certificate request: {why}"),
            Self::UnknownKey => f.write_str("the controller knows no host with this key: enrol it with a new token"),
            Self::Revoked => f.write_str("this host was revoked: to take it back, enrol it with a new token"),
            Self::TooLate => f.write_str("this host was away for more than 90 days: enrol it with a new token"),
            Self::NotActive => f.write_str("this controller stands by for another one"),
            Self::TryLater => f.write_str("the controller cannot answer just now"),
        }
    }
}
