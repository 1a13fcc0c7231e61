//! Points at which a test can have the process die, as a power cut would: `DROVER_CRASH_AT=intent`. Only in debug
//! builds; a release has none of it.

/// Dies here where the environment says so.
#[cfg(debug_assertions)]
pub(super) fn at(point: &str) {
    if std::env::var("DROVER_CRASH_AT").is_ok_and(|wanted| wanted == point) {
        std::process::abort();
    }
}

#[cfg(not(debug_assertions))]
pub(super) fn at(_point: &str) {}
