//! The local API as a client sees it, through the whole router with all its layers.

mod api;
mod devices;
mod fleet;
mod guarded;
mod refusals;
mod scripted;
mod tokens;
