//! Whether a signature was made with a key that the phone knows: adb's own key format and RSA with SHA-1, as adbd
//! checks it.

use base64::Engine as _;
use num_bigint::BigUint;

/// What the host has to sign.
pub(super) const TOKEN: usize = 20;
/// adb's keys have 2048 bits.
const MODULUS: usize = 256;
/// In front of the modulus: its length in words, then -1/n[0].
const BEFORE_MODULUS: usize = 8;
/// `DigestInfo` of SHA-1, which adb puts before the token as if the token were a digest.
const DIGEST_INFO: [u8; 15] = [
    0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14,
];

/// Whether `signature` of `token` was made with the private half of `key` ("BASE64 user@host").
pub(super) fn signed_by(key: &str, token: &[u8; TOKEN], signature: &[u8]) -> bool {
    let Some((modulus, exponent)) = parse_key(key) else {
        return false;
    };
    if signature.len() != MODULUS {
        return false;
    }
    let opened = BigUint::from_bytes_be(signature).modpow(&exponent, &modulus);
    opened == BigUint::from_bytes_be(&padded(token))
}

/// The modulus and the exponent of a key as adb writes it.
fn parse_key(key: &str) -> Option<(BigUint, BigUint)> {
    let text = key.split_whitespace().next()?;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    let modulus = bytes.get(BEFORE_MODULUS..BEFORE_MODULUS + MODULUS)?;
    let exponent = bytes.get(BEFORE_MODULUS + 2 * MODULUS..BEFORE_MODULUS + 2 * MODULUS + 4)?;
    let modulus = BigUint::from_bytes_le(modulus);
    if modulus == BigUint::ZERO {
        return None;
    }
    Some((modulus, BigUint::from_bytes_le(exponent)))
}

/// PKCS #1 v1.5: 00 01 FF … FF 00, the kind of digest, the digest.
fn padded(token: &[u8; TOKEN]) -> Vec<u8> {
    let filler = MODULUS - 3 - DIGEST_INFO.len() - TOKEN;
    let mut block = vec![0, 1];
    block.extend(std::iter::repeat_n(0xff, filler));
    block.push(0);
    block.extend(DIGEST_INFO);
    block.extend(token);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rubbish_is_no_key_and_no_signature() {
        let key = base64::engine::general_purpose::STANDARD.encode([0; 524]);
        for key in ["", "QQ== me@host", "%%%", &key] {
            assert!(!signed_by(key, &[7; TOKEN], &[1; MODULUS]));
        }
    }

    #[test]
    fn the_padded_token_is_as_long_as_the_modulus() {
        assert_eq!(padded(&[0; TOKEN]).len(), MODULUS);
    }
}
