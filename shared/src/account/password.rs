//! A password as it is typed, and the 2FA secret that may stand behind it: `password:SECRET`, on Instagram alone.
//!
//! The rule is the same wherever a password enters, and [`Password::join`] writes back what [`Password::parse`] reads.

use super::{Platform, Wrong, check_line};
use crate::secret::SecretText;
use crate::totp::TotpSeed;

/// In characters, with the 2FA secret.
pub const LONGEST_PASSWORD: usize = 512;

/// A password and, where one was recognised behind it, the seed of its 2FA codes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Password {
    /// Empty where only a seed was given, or nothing.
    pub text: SecretText,
    pub totp: Option<TotpSeed>,
}

impl Password {
    /// Reads what a person typed. Blanks are part of a password and stay.
    pub fn parse(platform: Platform, typed: &str) -> Result<Self, Wrong> {
        check_line(typed, LONGEST_PASSWORD)?;
        Ok(Self::split(platform, typed))
    }

    /// Splits at the last colon, where what follows is a 2FA secret; else the whole is the password.
    pub fn split(platform: Platform, typed: &str) -> Self {
        if platform == Platform::Instagram
            && let Some((text, behind)) = typed.rsplit_once(':')
            && let Some(seed) = TotpSeed::parse(behind)
        {
            return Self {
                text: text.into(),
                totp: Some(seed),
            };
        }
        Self {
            text: typed.into(),
            totp: None,
        }
    }

    /// As it can be typed again.
    pub fn join(&self) -> SecretText {
        match &self.totp {
            None => self.text.clone(),
            Some(seed) => {
                let (text, seed) = (self.text.expose(), seed.base32().expose());
                // Made at its full length, so that no shorter copy is left behind in memory.
                let mut joined = String::with_capacity(text.len() + 1 + seed.len());
                joined.push_str(text);
                joined.push(':');
                joined.push_str(seed);
                joined.into()
            }
        }
    }

    /// Neither a password nor a seed.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.totp.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEED: &str = "JBSWY3DPEHPK3PXP";

    fn split(typed: &str) -> (String, Option<String>) {
        let password = Password::parse(Platform::Instagram, typed).unwrap();
        let seed = password.totp.map(|seed| seed.base32().expose().to_owned());
        (password.text.expose().to_owned(), seed)
    }

    #[test]
    fn a_2fa_secret_behind_the_last_colon_is_recognised() {
        let seed = || Some(SEED.to_owned());
        for (typed, text) in [
            ("pass:JBSWY3DPEHPK3PXP", "pass"),
            ("pass:jbsw y3dp ehpk 3pxp", "pass"),
            ("pass: JBSWY3DPEHPK3PXP ", "pass"),
            ("p:a:ss:JBSWY3DPEHPK3PXP", "p:a:ss"),
            ("pass::JBSWY3DPEHPK3PXP", "pass:"),
            (" pass :JBSWY3DPEHPK3PXP", " pass "),
            (":JBSWY3DPEHPK3PXP", ""),
        ] {
            assert_eq!(split(typed), (text.to_owned(), seed()), "{typed}");
        }
    }

    #[test]
    fn anything_else_is_the_password_whole() {
        for typed in [
            "",
            "pass",
            "pass:",
            "pass:word",
            "pass:JBSWY3DPEHPK3PX",   // 15 letters
            "pass:JBSWY3DPEHPK3P:X",  // what follows the last colon is one letter
            "pass:JBSWY3DPEHPK3PX8",  // no letter of Base32
            "JBSWY3DPEHPK3PXP",       // no colon
            "pass：JBSWY3DPEHPK3PXP", // another colon
        ] {
            assert_eq!(split(typed), (typed.to_owned(), None), "{typed}");
        }
    }

    #[test]
    fn only_instagram_knows_the_form() {
        let typed = format!("pass:{SEED}");
        let password = Password::parse(Platform::TikTok, &typed).unwrap();
        assert_eq!((password.text.expose(), password.totp), (typed.as_str(), None));
    }

    #[test]
    fn a_password_is_one_line_of_a_length() {
        let long = "x".repeat(LONGEST_PASSWORD + 1);
        let wrong = Password::parse(Platform::TikTok, &long).unwrap_err();
        assert_eq!(
            wrong,
            Wrong::TooLong {
                most: LONGEST_PASSWORD
            }
        );
        assert_eq!(Password::parse(Platform::TikTok, "a\nb"), Err(Wrong::Control));
        assert!(Password::parse(Platform::Instagram, "").unwrap().is_empty());
    }

    #[test]
    fn passwords_do_not_show_themselves() {
        let shown = format!(
            "{:?}",
            Password::split(Platform::Instagram, &format!("hunter2:{SEED}"))
        );
        assert!(!shown.contains("hunter2") && !shown.contains(SEED), "{shown}");
    }

    /// Texts in which colons and letters of Base32 are frequent.
    fn typed() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,30}",
            "[a-z:2-7 ]{0,60}",
            ("\\PC{0,20}", "[A-Za-z2-7 ]{14,40}").prop_map(|(text, seed)| format!("{text}:{seed}")),
        ]
    }

    proptest! {
        #[test]
        fn what_was_written_back_means_the_same(typed in typed(), instagram: bool) {
            let platform = if instagram { Platform::Instagram } else { Platform::TikTok };
            let first = Password::parse(platform, &typed).unwrap();
            let again = Password::parse(platform, first.join().expose()).unwrap();
            prop_assert_eq!(&first, &again);
            if first.totp.is_none() {
                let joined = first.join();
                prop_assert_eq!(joined.expose(), typed.as_str());
            }
        }
    }
}
