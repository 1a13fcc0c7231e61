//! The join token that an operator carries from the controller to a host:
//! `v1.<SHA-256 of the CA's public key>.<id>.<secret>`, the parts but the first in base64url.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

/// A token. Its `Debug` keeps the secret; its `Display` is what the operator copies.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinToken {
    /// The SHA-256 of the CA's public key (its SubjectPublicKeyInfo, DER).
    pub pin: [u8; 32],
    /// Under which the controller keeps the secret's hash.
    pub id: String,
    pub secret: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error(
        "this is not a join token: one looks like v1.….….…, as `drover-controller token create` prints it"
    )]
    Shape,
    #[error("this token is of another version of Drover: update this agent")]
    Version,
}

impl fmt::Display for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v1.{}.{}.{}", BASE64.encode(self.pin), self.id, self.secret)
    }
}

impl fmt::Debug for JoinToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinToken(v1.{}.{}.…)", BASE64.encode(self.pin), self.id)
    }
}

impl FromStr for JoinToken {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let parts: Vec<&str> = text.trim().split('.').collect();
        let [version, pin, id, secret] = parts[..] else {
            return Err(TokenError::Shape);
        };
        if version != "v1" {
            return Err(if version.starts_with('v') {
                TokenError::Version
            } else {
                TokenError::Shape
            });
        }
        let pin = BASE64
            .decode(pin)
            .ok()
            .and_then(|pin| pin.try_into().ok())
            .ok_or(TokenError::Shape)?;
        let plain = |part: &str| {
            (1..=64).contains(&part.len())
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
        };
        if !plain(id) || !plain(secret) {
            return Err(TokenError::Shape);
        }
        Ok(Self {
            pin,
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> JoinToken {
        JoinToken {
            pin: [7; 32],
            id: "abc".to_owned(),
            secret: "s3cret_-".to_owned(),
        }
    }

    #[test]
    fn a_token_is_read_as_it_was_printed() {
        assert_eq!(token().to_string().parse(), Ok(token()));
        assert_eq!(
            format!(" {}\n", token()).parse(),
            Ok(token()),
            "pasted with its line's end"
        );
        assert!(!format!("{:?}", token()).contains("s3cret"));
    }

    #[test]
    fn what_is_no_token_is_told_from_a_newer_one() {
        for wrong in ["", "v1", "v1.a.b.c", "v1...", "hello"] {
            assert_eq!(wrong.parse::<JoinToken>(), Err(TokenError::Shape), "{wrong}");
        }
        let newer = token().to_string().replacen("v1", "v2", 1);
        assert_eq!(newer.parse::<JoinToken>(), Err(TokenError::Version));
    }
}
