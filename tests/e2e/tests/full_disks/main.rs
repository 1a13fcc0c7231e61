//! Disks that are full, real ones: the controller's, the agent's, a phone's. Each is told as what it is, and nothing is lost
//! or done twice by it.

#![allow(clippy::unwrap_used, reason = "a journey that cannot go on has failed")]

mod agent;
mod controller;
mod phone;
mod stand;
