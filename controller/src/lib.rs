//! The controller: the farm's database, its local API, and the link to the agents.

pub mod backup;
pub mod ca;
mod causes;
pub mod cli;
pub mod config;
pub mod fleet;
pub mod http;
pub mod imports;
pub mod media;
pub mod metrics;
pub mod packs;
pub mod passwords;
pub mod plan;
pub mod scheduler;
pub mod schedules;
pub mod settings;
pub mod sheets;
pub mod state;
pub mod store;
pub mod tasks;
pub mod vault;
