//! Random numbers that follow from a seed, for everything that runs on a thread: quinn, rustls' sizes, hash maps, tokio's
//! choices, ids, pauses. All of these draw from the system at their beginning, and this stands in for the system.

use std::cell::RefCell;
use std::ffi::{c_uint, c_void};
use std::io::Read as _;

use rand::rngs::StdRng;
use rand::{RngCore as _, SeedableRng as _};

thread_local! {
    static SEEDED: RefCell<Option<StdRng>> = const { RefCell::new(None) };
}

/// From now on, this thread draws what follows from `seed`. To be called before the thread has drawn anything else.
pub(crate) fn seed(seed: u64) {
    SEEDED.with(|seeded| *seeded.borrow_mut() = Some(StdRng::seed_from_u64(seed)));
}

fn fill(bytes: &mut [u8]) -> bool {
    let seeded = SEEDED.try_with(|seeded| match seeded.try_borrow_mut() {
        Ok(mut seeded) => seeded.as_mut().map(|random| random.fill_bytes(bytes)).is_some(),
        Err(_) => false,
    });
    seeded.unwrap_or(false)
        || std::fs::File::open("/dev/urandom").is_ok_and(|mut system| system.read_exact(bytes).is_ok())
}

/// Takes the place of the C library's function of this name in the tests' program.
#[allow(
    unsafe_code,
    reason = "the C library's interface; `buffer` holds `length` bytes by its contract"
)]
#[unsafe(no_mangle)]
extern "C" fn getrandom(buffer: *mut c_void, length: usize, _flags: c_uint) -> isize {
    if length == 0 {
        return 0;
    }
    let bytes = unsafe {
        buffer.write_bytes(0, length);
        std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length)
    };
    if fill(bytes) { length.cast_signed() } else { -1 }
}
