//! Codes of two-factor authentication, as both apps ask for them: SHA-1, six digits, a new one each 30 seconds.
//!
//! Knows nothing of accounts. Each code carries the number of its step, so that a step can be refused a second time.

use std::fmt;

use jiff::Timestamp;
use totp_rs::{Builder, Secret, Totp};

use crate::secret::SecretText;

/// How long a code is good, in seconds.
pub const STEP_SECS: i64 = 30;
/// Shorter seeds are taken for something else: this many letters hold 80 bits.
pub const SHORTEST_SEED: usize = 16;

/// What an app showed as "setup key" when two-factor authentication was turned on.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSeed(SecretText);

/// A code and how long it is good.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpCode {
    /// Six digits.
    pub code: SecretText,
    /// Counts the steps since 1970.
    pub step: i64,
    /// 1 to 30.
    pub seconds_left: u32,
}

impl TotpSeed {
    /// Reads Base32 (RFC 4648) of at least [`SHORTEST_SEED`] letters, in any case, with blanks anywhere and with its
    /// padding or without; `None` where the text is anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = String::with_capacity(text.len());
        letters.extend(
            text.chars()
                .filter(|c| !c.is_whitespace())
                .map(|c| c.to_ascii_uppercase()),
        );
        let letters = SecretText::new(letters);
        let bare = letters.expose().trim_end_matches('=');
        let padding = letters.expose().len() - bare.len();
        let plausible = bare.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'))
            && bare.len() >= SHORTEST_SEED
            // Five bits a letter: these many letters do not end at a byte.
            && !matches!(bare.len() % 8, 1 | 3 | 6)
            && (padding == 0 || (padding < 8 && letters.expose().len().is_multiple_of(8)));
        plausible.then(|| Self(SecretText::new(bare)))
    }

    /// The letters alone, in upper case, without padding.
    pub fn base32(&self) -> &SecretText {
        &self.0
    }

    /// The code that is good at this time.
    pub fn at(&self, now: Timestamp) -> TotpCode {
        let seconds = now.as_second().max(0);
        let step = seconds / STEP_SECS;
        TotpCode {
            code: SecretText::new(self.generator().generate(seconds.unsigned_abs()).to_string()),
            step,
            seconds_left: (STEP_SECS - seconds % STEP_SECS) as u32,
        }
    }

    /// The code of a step, as [`TotpCode::step`] counts them.
    pub fn at_step(&self, step: i64) -> SecretText {
        let seconds = step.max(0).saturating_mul(STEP_SECS);
        SecretText::new(self.generator().generate(seconds.unsigned_abs()).to_string())
    }

    fn generator(&self) -> Totp {
        let mut builder = Builder::new()
            .with_digits(6)
            .with_step_duration(STEP_SECS.unsigned_abs());
        // The letters were looked at when the seed was made, so this does not fail.
        if let Ok(secret) = Secret::try_from_base32(self.0.expose()) {
            builder = builder.with_secret(secret);
        }
        // Seeds of 80 bits are in use, although the standard asks for 128.
        builder.build_noncompliant()
    }
}

/// When a step begins, for those who wait for the next one.
pub fn step_begins(step: i64) -> Timestamp {
    Timestamp::from_second(step.saturating_mul(STEP_SECS)).unwrap_or(Timestamp::MAX)
}

impl fmt::Debug for TotpSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSeed(***)")
    }
}

impl fmt::Debug for TotpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TotpCode")
            .field("step", &self.step)
            .field("seconds_left", &self.seconds_left)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The standard's own seed, "12345678901234567890".
    const RFC: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        let seed = TotpSeed::parse(RFC).unwrap();
        // RFC 6238, appendix B, the last six of eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(seed.at(at(second)).code.expose(), code, "{second}");
        }
    }

    #[test]
    fn a_code_is_good_to_the_last_second_of_its_step() {
        let seed = TotpSeed::parse(RFC).unwrap();
        let (first, last, next) = (seed.at(at(60)), seed.at(at(89)), seed.at(at(90)));
        assert_eq!((first.step, first.seconds_left), (2, 30));
        assert_eq!((last.step, last.seconds_left), (2, 1));
        assert_eq!((next.step, next.seconds_left), (3, 30));
        assert_eq!(first.code, last.code);
        assert_ne!(last.code, next.code);
        assert_eq!(seed.at_step(3), next.code);
        assert_eq!(step_begins(3), at(90));
        let late = Timestamp::from_millisecond(89_999).unwrap();
        assert_eq!(seed.at(late), last, "a fraction of a second does not round up");
    }

    #[test]
    fn a_seed_may_be_written_as_people_write_it() {
        let plain = TotpSeed::parse("JBSWY3DPEHPK3PXP").unwrap();
        for written in [
            "jbsw y3dp ehpk 3pxp",
            " JBSWY3DPEHPK3PXP ",
            "JBSW\u{a0}Y3DP\tEHPK3PXP",
        ] {
            assert_eq!(TotpSeed::parse(written).as_ref(), Some(&plain), "{written}");
        }
        let padded = "GEZDGNBVGY3TQOJQGE======";
        assert_eq!(
            TotpSeed::parse(padded).unwrap().base32().expose(),
            "GEZDGNBVGY3TQOJQGE"
        );
    }

    #[test]
    fn what_is_no_seed_is_not_taken_for_one() {
        for text in [
            "",
            "JBSWY3DPEHPK3PX",          // 15 letters
            "JBSWY3DPEHPK3PX1",         // 1 is not in the alphabet
            "JBSWY3DPEHPK3PXPA",        // 17 letters end within a byte
            "JBSWY3DPEHPK3PXP====",     // padding that pads to nothing
            "JBSWY3DPEHPK3PXP========", // none was needed
            "JBSW=Y3DPEHPK3PXP",
            "JBSW-Y3DP-EHPK-3PXP",
            "JBSWY3DPEHPK3PXÉ",
            "================",
        ] {
            assert_eq!(TotpSeed::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_before_1970_is_answered_and_does_not_panic() {
        let seed = TotpSeed::parse(RFC).unwrap();
        assert_eq!(seed.at(at(-5)).step, 0);
        assert_eq!(seed.at(Timestamp::MAX).code.expose().len(), 6);
        assert_eq!(seed.at_step(i64::MAX).expose().len(), 6);
    }

    #[test]
    fn seeds_and_codes_do_not_show_themselves() {
        let seed = TotpSeed::parse(RFC).unwrap();
        let shown = format!("{seed:?} {:?}", seed.at(at(59)));
        assert!(!shown.contains("GEZD") && !shown.contains("287082"), "{shown}");
    }
}
