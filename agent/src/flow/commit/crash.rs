//! Points at which a test can have the process die, as a power cut would: `DROVER_CRASH_AT=intent`, or
//! `DROVER_CRASH_AT=intent:0.2,done:0.1` with a probability for each, drawn from `DROVER_CRASH_SEED`; and points at which it
//! stands still once, as a machine that sleeps would, until somebody lets it go on (SIGCONT): `DROVER_STAND_AT=granted`.
//! It says so on its standard error first. Only in debug builds; a release has none of it.

/// Dies or stands still here where the environment says so.
#[cfg(debug_assertions)]
pub(super) fn at(point: &str, task: &str) {
    use std::sync::atomic::{AtomicBool, Ordering};

    static STOOD: AtomicBool = AtomicBool::new(false);
    if drawn("DROVER_STAND_AT", point) && !STOOD.swap(true, Ordering::Relaxed) {
        say("stands still", point, task);
        stand_still();
    }
    if drawn("DROVER_CRASH_AT", point) {
        say("dies", point, task);
        die();
    }
}

#[cfg(debug_assertions)]
fn drawn(variable: &str, point: &str) -> bool {
    use std::sync::{LazyLock, Mutex, PoisonError};

    use rand::rngs::StdRng;
    use rand::{Rng as _, SeedableRng as _};

    static RANDOM: LazyLock<Mutex<StdRng>> = LazyLock::new(|| {
        let seed = std::env::var("DROVER_CRASH_SEED")
            .ok()
            .and_then(|text| text.parse().ok());
        Mutex::new(StdRng::seed_from_u64(seed.unwrap_or_default()))
    });
    let Ok(wanted) = std::env::var(variable) else {
        return false;
    };
    wanted.split(',').any(|one| {
        let (name, chance) = one.split_once(':').unwrap_or((one, "1"));
        if name.trim() != point {
            return false;
        }
        let chance: f64 = chance.trim().parse().unwrap_or(1.0);
        let drawn: f64 = RANDOM.lock().unwrap_or_else(PoisonError::into_inner).random();
        drawn < chance
    })
}

#[cfg(debug_assertions)]
fn say(what: &str, point: &str, task: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{what} at {point} of task {task}");
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

/// The signal goes to this thread and not to the process: any thread could take that one up, and until it did, this one
/// would go on, send its next command to the phone, and find it overdue when it is let go on.
#[cfg(all(debug_assertions, target_os = "linux"))]
fn stand_still() {
    let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP);
}

#[cfg(all(debug_assertions, not(target_os = "linux")))]
fn stand_still() {}

#[cfg(not(debug_assertions))]
pub(super) fn at(_point: &str, _task: &str) {}
