//! Whatever comes in between, a flow ends right: mended, or stopped with the right kind and a whole bundle. One family of
//! hazards a file.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod dumps;
mod limits;
mod lock;
mod permissions;
mod popups;
mod stops;
mod texts;
mod traps;
mod uploads;

/// For phones and flows alike.
const SPEED: f64 = 12.0;
