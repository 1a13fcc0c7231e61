//! The local API as a client sees it, through the whole router with all its layers.

mod api;
mod guarded;
mod refusals;
mod tokens;
