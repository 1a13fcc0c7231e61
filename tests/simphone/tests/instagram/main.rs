//! The simulated Instagram on the glass: driven by taps at nodes that were found, judged by dumps and the ledger.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod comments;
mod edit;
mod feed;
mod login;
mod pictures;
mod profile;
mod prompts;
mod publish;
mod stage;
mod users;
