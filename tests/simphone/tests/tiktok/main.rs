//! The simulated TikTok, driven as a finger drives it: touches at nodes that were found in a hierarchy, and a look at
//! hierarchies, pictures and the ledger afterwards.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod bench;
mod feed;
mod french;
mod login;
mod people;
mod profile;
mod programs;
mod publish;
mod words;
