//! The agent: drives a host's phones over adb. Modules stand in the order in which one would read them.

pub mod adb;
pub mod cli;
pub mod config;
pub mod device;
pub mod doctor;
pub mod driver;
pub mod enrol;
pub mod flow;
pub mod hands;
pub mod journal;
pub mod link;
pub mod outbox;
pub mod prepare;
pub mod resources;
pub mod roster;
pub mod worker;
