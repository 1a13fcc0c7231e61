//! The local API as a client sees it, through the whole router with all its layers.

mod api;
mod devices;
mod documented;
mod fleet;
mod guarded;
mod listening;
mod refusals;
mod scripted;
mod tokens;
