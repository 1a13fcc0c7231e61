//! One secret, sealed: encrypted so that it opens with its key and at its place alone. XChaCha20-Poly1305 with a random
//! nonce; table, column and row are authenticated with it.
//!
//! As text, a sealed secret is `1.KEY.NONCE-AND-CIPHERTEXT`: the version, the key's id, Base64.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use shared::secret::SecretText;
use zeroize::{Zeroize, Zeroizing};

use crate::store::{KeyId, Sealed};

const NONCE: usize = 24;
const KEY: usize = 32;

/// Where a secret stands. One that was carried to another place does not open there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    table: &'static str,
    column: &'static str,
    row: String,
}

impl Spot {
    pub fn new(table: &'static str, column: &'static str, row: impl fmt::Display) -> Self {
        Self {
            table,
            column,
            row: row.to_string(),
        }
    }

    fn authenticated(&self, key: &KeyId) -> Vec<u8> {
        // The first two are names of the program, so that nothing can be shifted from one part to another.
        format!("drover 1\0{key}\0{}\0{}\0{}", self.table, self.column, self.row).into_bytes()
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {}", self.table, self.column, self.row)
    }
}

/// Why one secret does not open. Others are not touched by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("the secret {spot} is sealed with the key {key}, which is not here")]
    NoKey { spot: String, key: KeyId },
    #[error("the secret {spot} is damaged, or was brought there from elsewhere: set it anew")]
    Damaged { spot: String },
}

/// A key of the vault. Its id follows from it, so that a key file needs no label.
#[derive(Clone)]
pub(super) struct Key {
    bytes: Zeroizing<[u8; KEY]>,
    id: KeyId,
}

impl Key {
    pub(super) fn random() -> Self {
        Self::of(Zeroizing::new(rand::random()))
    }

    fn of(bytes: Zeroizing<[u8; KEY]>) -> Self {
        let hash = Sha256::new_with_prefix("drover vault key")
            .chain_update(bytes.as_slice())
            .finalize();
        let id = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
        Self {
            bytes,
            id: KeyId(format!("{id:08x}")),
        }
    }

    /// Reads a key as text (Base64 or hex) or as its 32 bytes.
    pub(super) fn read(file: &[u8]) -> Option<Self> {
        if let Ok(bytes) = <[u8; KEY]>::try_from(file) {
            return Some(Self::of(Zeroizing::new(bytes)));
        }
        let text = std::str::from_utf8(file).ok()?.trim();
        let decoded = if text.len() == 2 * KEY {
            (0..KEY)
                .map(|place| u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok())
                .collect()
        } else {
            [&STANDARD, &URL_SAFE, &STANDARD_NO_PAD]
                .into_iter()
                .find_map(|engine| engine.decode(text).ok())
        };
        let decoded = Zeroizing::new(decoded?);
        let mut bytes = Zeroizing::new([0; KEY]);
        if decoded.len() != KEY {
            return None;
        }
        bytes.copy_from_slice(&decoded);
        Some(Self::of(bytes))
    }

    /// What [`Key::read`] reads.
    pub(super) fn text(&self) -> SecretText {
        let mut text = STANDARD.encode(self.bytes.as_slice());
        text.push('\n');
        text.into()
    }

    pub(super) fn id(&self) -> &KeyId {
        &self.id
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&CipherKey::from(*self.bytes))
    }

    /// Nonce, ciphertext and its tag.
    pub(super) fn seal_bytes(&self, spot: &Spot, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload {
            msg: plain,
            aad: &spot.authenticated(&self.id),
        };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload);
        // Fails for texts beyond 256 GB alone.
        let mut bytes = nonce.to_vec();
        bytes.append(&mut sealed.unwrap_or_default());
        bytes
    }

    pub(super) fn open_bytes(&self, spot: &Spot, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>()?;
        let payload = Payload {
            msg: text,
            aad: &spot.authenticated(&self.id),
        };
        let plain = self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?;
        Some(Zeroizing::new(plain))
    }

    pub(super) fn seal(&self, spot: &Spot, secret: &SecretText) -> Sealed {
        let bytes = self.seal_bytes(spot, secret.expose().as_bytes());
        Sealed::new(&self.id, &STANDARD_NO_PAD.encode(bytes))
    }

    pub(super) fn open(&self, spot: &Spot, sealed: &Sealed) -> Option<SecretText> {
        let bytes = STANDARD_NO_PAD.decode(sealed.payload()?).ok()?;
        let mut plain = self.open_bytes(spot, &bytes)?;
        match String::from_utf8(std::mem::take(&mut *plain)) {
            Ok(text) => Some(text.into()),
            Err(error) => {
                error.into_bytes().zeroize();
                None
            }
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(row: i64) -> Spot {
        Spot::new("account_secrets", "password", row)
    }

    #[test]
    fn a_secret_opens_with_its_key_and_at_its_place_alone() {
        let (key, other) = (Key::random(), Key::random());
        for text in ["", "hunter2", "pä:ß 🙂", &"x".repeat(10_000)] {
            let sealed = key.seal(&spot(1), &text.into());
            assert_eq!(key.open(&spot(1), &sealed).unwrap().expose(), text);
            assert_eq!(key.open(&spot(2), &sealed), None, "another row");
            assert_eq!(
                key.open(&Spot::new("account_secrets", "totp_seed", 1), &sealed),
                None,
                "another column"
            );
            assert_eq!(other.open(&spot(1), &sealed), None, "another key");
        }
    }

    #[test]
    fn the_same_secret_is_sealed_differently_each_time() {
        let key = Key::random();
        let one = key.seal(&spot(1), &"same".into());
        assert_ne!(one, key.seal(&spot(1), &"same".into()));
        assert_eq!(one.key_id().as_ref(), Some(key.id()));
    }

    #[test]
    fn a_single_changed_character_is_found() {
        let key = Key::random();
        let sealed = key.seal(&spot(1), &"hunter2".into());
        let text = sealed.as_str();
        for place in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let changed = Sealed::from_text(String::from_utf8(bytes).unwrap());
            let opened = key.open(&spot(1), &changed);
            // The key's id is looked at by who chooses the key.
            let in_id = (2..10).contains(&place);
            assert_eq!(opened.is_some(), in_id, "{place}");
        }
        for text in [
            "",
            "1",
            "1.",
            "1..",
            "1.00000000.",
            "2.00000000.AAAA",
            "1.00000000.AAAA",
            "plain",
        ] {
            assert_eq!(
                key.open(&spot(1), &Sealed::from_text(text.to_owned())),
                None,
                "{text}"
            );
        }
    }

    #[test]
    fn a_key_is_read_as_base64_as_hex_and_as_bytes() {
        let key = Key::random();
        let text = key.text();
        let hex = key
            .bytes
            .iter()
            .fold(String::new(), |hex, byte| hex + format!("{byte:02X}").as_str());
        for file in [text.expose().as_bytes(), hex.as_bytes(), key.bytes.as_slice()] {
            assert_eq!(Key::read(file).unwrap().id(), key.id());
        }
        for file in ["", "hunter2", "QUJD", &hex[1..], &"ä".repeat(32)] {
            assert!(Key::read(file.as_bytes()).is_none(), "{file}");
        }
        assert!(!format!("{key:?}").contains(text.expose().trim()));
    }
}
