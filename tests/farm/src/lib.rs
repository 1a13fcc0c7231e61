//! The harness: a real adb server, simulated phones and the product's real processes, on private ports and in
//! temporary folders. Whatever it starts ends with the value that stands for it.

pub mod accounts_made_up;
pub mod adb_server;
pub mod apk;
pub mod binary;
pub mod canary;
pub mod chaos;
pub mod figures;
pub mod flows;
pub mod http;
pub mod hub;
pub mod line;
pub mod linked;
pub mod phones;
pub mod port;
pub mod postgres;
pub mod site;
pub mod small_disk;
pub mod watched;

pub use adb_server::AdbServer;
pub use binary::binary;
pub use canary::Canary;
pub use hub::{Ended, Hub};
pub use phones::TestPhone;
pub use port::free_port;
pub use postgres::Postgres;
pub use small_disk::SmallDisk;
pub use watched::WatchedFarm;
