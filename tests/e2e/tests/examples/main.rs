//! What clients of the API are told to send, sent: each documented example over HTTP to a farm of real processes, to its
//! end, with what was really done counted in the phones' ledgers.

#![allow(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

mod accounts;
mod attention;
mod comments;
mod ends;
mod hands;
mod library;
mod limits;
mod people;
mod posting;
mod stand;
mod times;
