//! Values ↔ bytes. The only module that knows which crate writes them; whoever replaces it finds every message's bytes
//! in `golden.txt`.
//!
//! Nothing that arrives may panic in here, take more memory than its message is allowed, or be half read.

pub use bincode::{Decode, Encode};

use super::handshake::{Answer, Hello};
use super::join::{JoinReply, JoinRequest};
use super::message::{AgentReply, ControllerReply, Notice, Report, ToAgent, ToController};

/// A value that travels in a frame of its own.
pub trait Message: Sized {
    /// For errors and golden bytes.
    const NAME: &'static str;
    /// The longest frame that carries one, in bytes.
    const FRAME_LIMIT: usize;

    fn to_bytes(&self) -> Result<Vec<u8>, CodecError>;
    fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError>;
}

/// Why bytes are no message, or a message no bytes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("{name}: {size} bytes, of which {limit} are allowed")]
    TooLarge {
        name: &'static str,
        size: usize,
        limit: usize,
    },
    #[error("{name}: {trailing} bytes too many")]
    Trailing { name: &'static str, trailing: usize },
    #[error("{name}: {why}")]
    Malformed { name: &'static str, why: String },
}

/// A hello and its answer: a few names and numbers.
const SMALL: usize = 8 << 10;
/// Joining: a CSR, two certificates.
const JOINING: usize = 32 << 10;
/// A request, or a batch of what changed; the largest is a text to type, or a full list's part.
const MEDIUM: usize = 256 << 10;
/// A pack's files.
const PACK: usize = 8 << 20;
/// An answer with a picture or a screen's tree in it.
const LARGE: usize = 32 << 20;
/// Decoded values are larger than their bytes: a phone of whom little is told takes a few bytes on the wire and some
/// hundred in memory. So much larger they may be.
const GROWTH: usize = 16;

macro_rules! messages {
    ($($number:literal $type:ident $limit:expr, $memory:expr;)*) => {
        $(impl Message for $type {
            const NAME: &'static str = stringify!($type);
            const FRAME_LIMIT: usize = $limit;

            fn to_bytes(&self) -> Result<Vec<u8>, CodecError> {
                let bytes = bincode::encode_to_vec(self, bincode::config::standard()).map_err(|error| {
                    CodecError::Malformed { name: Self::NAME, why: error.to_string() }
                })?;
                within_limit::<Self>(bytes.len())?;
                Ok(bytes)
            }

            fn from_bytes(bytes: &[u8]) -> Result<Self, CodecError> {
                within_limit::<Self>(bytes.len())?;
                let config = bincode::config::standard().with_limit::<{ $memory }>();
                match bincode::decode_from_slice(bytes, config) {
                    Ok((value, read)) if read == bytes.len() => Ok(value),
                    Ok((_, read)) => Err(CodecError::Trailing { name: Self::NAME, trailing: bytes.len() - read }),
                    Err(error) => Err(CodecError::Malformed { name: Self::NAME, why: error.to_string() }),
                }
            }
        })*

        /// What a fuzzer runs: the first byte chooses the message, the rest is decoded. What decodes must come back the
        /// same after another trip.
        ///
        /// # Panics
        /// Where it does not, which is the finding.
        pub fn fuzz_one(data: &[u8]) {
            let Some((kind, bytes)) = data.split_first() else { return };
            match kind {
                $($number => round_trip::<$type>(bytes),)*
                _ => {}
            }
        }
    };
}

messages! {
    0 Hello SMALL, SMALL * GROWTH;
    1 Answer SMALL, SMALL * GROWTH;
    2 Report MEDIUM, MEDIUM * GROWTH;
    3 Notice SMALL, SMALL * GROWTH;
    4 ToAgent MEDIUM, MEDIUM * GROWTH;
    5 AgentReply LARGE, LARGE * 2;
    6 ToController MEDIUM, MEDIUM * GROWTH;
    7 ControllerReply PACK, PACK * 2;
    8 JoinRequest JOINING, JOINING * GROWTH;
    9 JoinReply JOINING, JOINING * GROWTH;
}

fn within_limit<M: Message>(size: usize) -> Result<(), CodecError> {
    if size > M::FRAME_LIMIT {
        return Err(CodecError::TooLarge {
            name: M::NAME,
            size,
            limit: M::FRAME_LIMIT,
        });
    }
    Ok(())
}

fn round_trip<M: Message + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(value) = M::from_bytes(bytes) else { return };
    // Numbers have longer spellings than their own, so the bytes may differ; the value may not. One that was spelled
    // short may not fit any more, which is an error and no panic.
    let Ok(again) = value.to_bytes() else { return };
    assert_eq!(
        M::from_bytes(&again),
        Ok(value),
        "{} does not survive a round trip",
        M::NAME
    );
}

/// How many variants the decoder knows of an enum.
#[cfg(test)]
pub(super) fn variants<T: Decode<()>>() -> usize {
    (0_u8..250)
        .take_while(|number| {
            let error = bincode::decode_from_slice::<T, _>(&[*number], bincode::config::standard()).err();
            !matches!(error, Some(bincode::error::DecodeError::UnexpectedVariant { .. }))
        })
        .count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::golden;

    #[test]
    fn bytes_behind_the_message_are_refused() {
        let mut bytes = Notice::Goodbye {
            reason: "x".to_owned(),
        }
        .to_bytes()
        .unwrap();
        bytes.push(0);
        let trailing = CodecError::Trailing {
            name: "Notice",
            trailing: 1,
        };
        assert_eq!(Notice::from_bytes(&bytes), Err(trailing));
    }

    #[test]
    fn a_claimed_length_takes_no_memory() {
        // A report whose list claims 2^60 phones.
        let mut bytes = Report::Phones(crate::wire::phone::Batch::default())
            .to_bytes()
            .unwrap();
        let claim = [253, 0, 0, 0, 0, 0, 0, 0, 16];
        let at = bytes.len() - 2;
        bytes.splice(at..=at, claim);
        assert!(
            matches!(Report::from_bytes(&bytes), Err(CodecError::Malformed { .. })),
            "{bytes:?}"
        );
    }

    #[test]
    fn a_message_beyond_its_limit_is_not_sent() {
        let notice = Notice::Goodbye {
            reason: "x".repeat(SMALL),
        };
        assert!(matches!(
            notice.to_bytes(),
            Err(CodecError::TooLarge { limit: SMALL, .. })
        ));
    }

    /// For machines without the fuzzer: `DROVER_FUZZ_SECONDS=60` feeds it for a minute, else it is over in a blink.
    #[test]
    fn noise_for_as_long_as_asked_never_makes_the_decoder_panic() {
        use proptest::strategy::{Strategy, ValueTree};
        let seconds = std::env::var("DROVER_FUZZ_SECONDS")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or(0.2);
        let end = std::time::Instant::now() + std::time::Duration::from_secs_f64(seconds);
        let samples = golden::samples();
        let mut runner = proptest::test_runner::TestRunner::default();
        let damage = (
            any::<proptest::sample::Index>(),
            proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8),
            proptest::collection::vec(any::<u8>(), 0..64),
        );
        let mut fed = 0_u64;
        while std::time::Instant::now() < end {
            let (which, changes, tail) = damage.new_tree(&mut runner).unwrap().current();
            let sample = &samples[which.index(samples.len())];
            let mut data = vec![sample.kind];
            data.extend(&sample.bytes);
            for (place, byte) in changes {
                let place = place.index(data.len());
                data[place] = byte;
            }
            data.extend(tail);
            fuzz_one(&data);
            fed += 1;
        }
        println!("{fed} inputs");
        assert!(
            fed > 100,
            "{fed} inputs in {seconds} s: this did not test anything"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_000, ..ProptestConfig::default() })]

        #[test]
        fn no_bytes_make_the_decoder_panic(data in proptest::collection::vec(any::<u8>(), 0..400), kind in 0u8..10) {
            fuzz_one(&[&[kind], data.as_slice()].concat());
        }

        #[test]
        fn no_damage_to_a_message_makes_the_decoder_panic(
            which in any::<proptest::sample::Index>(),
            damage in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<proptest::sample::Index>(),
        ) {
            let samples = golden::samples();
            let sample = &samples[which.index(samples.len())];
            let mut data = vec![sample.kind];
            data.extend(&sample.bytes);
            for (at, byte) in damage {
                let at = 1 + at.index(data.len() - 1);
                data[at] = byte;
            }
            fuzz_one(&data);
            data.truncate(1 + cut.index(data.len()));
            fuzz_one(&data);
        }
    }
}
