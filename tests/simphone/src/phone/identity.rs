//! What is random about a phone and yet always the same: everything follows from its seed.

use super::{Phone, PhoneSpec};

/// One well-mixed number out of two (the finisher of splitmix64).
pub fn mix(seed: u64, salt: u64) -> u64 {
    let mut z = seed.wrapping_add(salt.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A number that follows from a text, for the hex names of windows, tokens and records.
pub fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// `settings get secure android_id`: it belongs to the phone for life.
pub fn android_id(spec: &PhoneSpec) -> String {
    format!("{:016x}", mix(spec.seed, 1))
}

/// `/proc/sys/kernel/random/boot_id`: another one after each boot.
pub fn boot_id(spec: &PhoneSpec, boot: u32) -> String {
    let high = mix(spec.seed, 0x1000 + u64::from(boot));
    let low = mix(high, 2);
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xFFFF,
        high & 0xFFF,
        0x8000 | ((low >> 48) & 0x3FFF),
        low & 0xFFFF_FFFF_FFFF
    )
}

/// The short hex name (`3b2c1a8`) by which dumpsys calls one window, token or record of this boot.
pub fn handle(phone: &Phone, what: &str) -> String {
    let number = mix(phone.spec.seed, of_text(what) ^ u64::from(phone.power.now().boot));
    format!("{:x}", (number & 0x0FFF_FFFF) | 0x0100_0000)
}
