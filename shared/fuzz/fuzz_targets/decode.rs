//! Noise for the link's decoder: the same function that the property tests run on stable.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| drover_shared::wire::codec::fuzz_one(data));
