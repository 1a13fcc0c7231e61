//! Points at which a test can have the process die, as a power cut would: `DROVER_CRASH_AT=intent`, or
//! `DROVER_CRASH_AT=intent:0.2,done:0.1` with a probability for each, drawn from `DROVER_CRASH_SEED`. Only in debug builds; a
//! release has none of it.

/// Dies here where the environment says so.
#[cfg(debug_assertions)]
pub(super) fn at(point: &str) {
    use std::sync::{LazyLock, Mutex, PoisonError};

    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    static RANDOM: LazyLock<Mutex<StdRng>> = LazyLock::new(|| {
        let seed = std::env::var("DROVER_CRASH_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        Mutex::new(StdRng::seed_from_u64(seed.unwrap_or_default()))
    });
    let Ok(wanted) = std::env::var("DROVER_CRASH_AT") else {
        return;
    };
    for one in wanted.split(',') {
        let (name, chance) = one.split_once(':').unwrap_or((one, "1"));
        if name.trim() != point {
            continue;
        }
        let chance: f64 = chance.trim().parse().unwrap_or(1.0);
        let drawn: f64 = RANDOM.lock().unwrap_or_else(PoisonError::into_inner).random();
        if drawn < chance {
            die();
        }
    }
}

/// Without a last word: nothing is flushed, no lock is given back by its owner.
#[cfg(all(debug_assertions, target_os = "linux"))]
fn die() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}

#[cfg(all(debug_assertions, not(target_os = "linux")))]
fn die() -> ! {
    std::process::abort()
}

#[cfg(not(debug_assertions))]
pub(super) fn at(_point: &str) {}
