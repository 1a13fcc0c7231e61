//! What both sides of Drover agree on: the nouns, and logic that needs no network, no phone and no database.
//!
//! Nothing in here knows the agent or the controller. Modules stand in the order in which one would read them.

pub mod account;
pub mod act;
pub mod broken;
pub mod clock;
pub mod device;
pub mod lifecycle;
pub mod nearest;
pub mod pack;
pub mod screen;
pub mod secret;
pub mod spintax;
pub mod task;
pub mod terminal;
pub mod totp;
pub mod wire;
