//! Simulated Android phones. A real adb server connects to them over TCP; they print what real phones print, have
//! screens and apps, can be made to misbehave, and keep a ledger of what was done to them.
//!
//! Layers, each knowing only those below it: `control` (people and tests) and `adbd` (the adb server) → `shell` →
//! `program` (what is in /system/bin) → `ui` and `app` → `phone` (its state). No code of the product speaks to
//! `control`, and nothing in here is written to please the product: it follows what real phones were seen to do.

pub mod adbd;
pub mod app;
pub mod clock;
pub mod control;
pub mod farm;
pub mod ledger;
pub mod phone;
pub mod program;
mod resident;
pub mod scripted_adb;
pub mod shell;
pub mod ui;
