//! The first words on the control stream. They stay as they are in every version, so that any two builds understand each
//! other's refusal; what a later version has to add goes into `extras`.

use std::fmt;

use super::codec::{Decode, Encode};

/// What the agent says first.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Hello {
    /// The versions that it speaks, oldest and newest.
    pub oldest: u16,
    pub newest: u16,
    /// Its build, for people: "0.1.0".
    pub software: String,
    /// What the host calls itself.
    pub host_name: String,
    /// New at each start of the process: tells an agent that comes back from a copy of its folder elsewhere.
    pub instance: [u8; 16],
    /// Its clock, milliseconds since 1970.
    pub now: i64,
    /// For later versions; an unknown tag is passed over.
    pub extras: Vec<Extra>,
}

/// A tagged value that a side may not know.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Extra {
    pub tag: u16,
    pub value: Vec<u8>,
}

/// What the controller says to it. Append-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Answer {
    // 0
    Welcome(Welcome),
    // 1
    Refused(Refusal),
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Welcome {
    /// The version that both speak from here on.
    pub version: u16,
    pub software: String,
    /// Under which name the farm knows the host.
    pub host_name: String,
    /// The controller's clock, milliseconds since 1970.
    pub now: i64,
    pub extras: Vec<Extra>,
}

/// Why an agent is not let in. Append-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Refusal {
    // 0: the agent's newest version is older than the controller's oldest.
    TooOld { oldest: u16, newest: u16 },
    // 1: the agent's oldest version is newer than the controller's newest.
    TooNew { oldest: u16, newest: u16 },
    // 2: an operator took the host out of the farm.
    Revoked,
    // 3: the agent's clock is ahead by so many milliseconds (behind, where negative).
    ClockOff { by: i64 },
    // 4: another controller is the active one; this one stands by.
    NotActive,
    // 5: an agent with this certificate is connected and answers: its folder was copied to another host.
    Duplicate,
    // 6: the certificate is this farm's, but the farm has no such host (its database is another one).
    Unknown,
    // 7: the controller cannot look it up just now.
    TryLater,
}

impl Refusal {
    /// Whether it is worth another try without anybody doing something.
    pub fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::NotActive | Self::Duplicate | Self::ClockOff { .. } | Self::TryLater
        )
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooOld { oldest, newest } => write!(
                f,
                "this agent is too old for its controller, which speaks versions {oldest} to {newest} of the link: update the agent"
            ),
            Self::TooNew { oldest, newest } => write!(
                f,
                "this agent is too new for its controller, which speaks versions {oldest} to {newest} of the link: update the controller first"
            ),
            Self::Revoked => f.write_str(
                "this host was revoked: to take it back, make a new token (`drover-controller token create`) and enrol it again",
            ),
            Self::ClockOff { by } => {
                let way = if *by < 0 { "behind" } else { "ahead" };
                let seconds = by.unsigned_abs() / 1_000;
                write!(
                    f,
                    "this host's clock is {seconds} s {way} of the controller's: set it right (`timedatectl set-ntp true`)"
                )
            }
            Self::NotActive => f.write_str("this controller stands by for another one"),
            Self::Duplicate => f.write_str(
                "an agent with this identity is connected already: a copied state folder makes two hosts one; enrol each host with a token of its own",
            ),
            Self::Unknown => f.write_str(
                "the controller's database does not know this host: enrol it again with a new token (`drover-controller token create`)",
            ),
            Self::TryLater => f.write_str("the controller cannot look this host up just now"),
        }
    }
}

/// Which version both speak, or why none.
pub fn agree(agent: (u16, u16), controller: (u16, u16)) -> Result<u16, Refusal> {
    let (oldest, newest) = controller;
    if agent.1 < oldest {
        Err(Refusal::TooOld { oldest, newest })
    } else if agent.0 > newest {
        Err(Refusal::TooNew { oldest, newest })
    } else {
        Ok(agent.1.min(newest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_common_version_is_spoken_and_none_is_told_politely() {
        assert_eq!(agree((1, 4), (2, 3)), Ok(3));
        assert_eq!(agree((1, 2), (2, 9)), Ok(2));
        assert_eq!(
            agree((1, 1), (2, 3)),
            Err(Refusal::TooOld { oldest: 2, newest: 3 })
        );
        assert_eq!(
            agree((4, 5), (2, 3)),
            Err(Refusal::TooNew { oldest: 2, newest: 3 })
        );
    }

    #[test]
    fn a_wrong_clock_is_told_with_its_offset() {
        let text = Refusal::ClockOff { by: -7_200_000 }.to_string();
        assert!(text.contains("7200 s behind"), "{text}");
        assert!(
            Refusal::ClockOff { by: 400_000 }
                .to_string()
                .contains("400 s ahead")
        );
    }
}
