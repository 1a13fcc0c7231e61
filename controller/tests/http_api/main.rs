//! The local API as a client sees it, through the whole router with all its layers.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod acting;
mod api;
mod devices;
mod documented;
mod fleet;
mod groups;
mod guarded;
mod importing;
mod linked;
mod listening;
mod lively;
mod logged;
mod logins;
mod materials;
mod packs;
mod refusals;
mod replacing;
mod round_trip;
mod schedules;
mod scripted;
mod settings;
mod tasks;
mod tokens;
mod week;
