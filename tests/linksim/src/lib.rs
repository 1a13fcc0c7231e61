//! Real agents and a real controller on simulated hosts, network and time: partitions, crashes at every point of a commit,
//! lost, doubled and late datagrams, phones that are plugged in elsewhere. The same seed is the same run.
//!
//! Simulated are the hosts, the network, the time and the phones. Everything else is the product's own: QUIC and TLS, both
//! ends of the link, the worker with its journal and outbox, the engine of flows with its commits, the scheduler, and the
//! database, for which time stands still.

mod away;
mod chance;
mod check;
mod hub;
mod office;
mod phone;
mod play;
mod trouble;
mod wire;
mod world;

use serde::{Deserialize, Serialize};

pub use phone::Act;

/// What the controller's host is called.
const HOST: &str = "controller";

/// A mistake that is made on purpose, to see that it would be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sabotage {
    /// Leave is given anew for what is in question.
    NewGrant,
    /// A crash takes the last line of a journal along, as if it had never been on the disk.
    JournalForgets,
}

/// What a seed tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Story {
    /// Everything that may befall hosts, network and phones.
    Storm,
    /// Fair weather, long tasks, and a controller that is away for ten minutes in the midst of them.
    Away,
}

/// How a seed went.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Outcome {
    pub seed: u64,
    /// SHA-256 of all that happened, with its times.
    pub hash: String,
    pub trace: Vec<String>,
    /// What must not be.
    pub faults: Vec<String>,
    /// What was seen of each kind of thing, to know that the seeds are worth something.
    pub acts: usize,
    pub crashes: usize,
    pub cuts: usize,
    /// In simulated time.
    pub took: std::time::Duration,
}

/// Runs a seed, on a thread of its own: what a thread draws follows from its beginning. Only the first run of a process
/// is the same in every process: tokio counts the runtimes that it has had.
///
/// # Panics
/// Where the simulator itself breaks down.
pub fn run(seed: u64, story: Story, sabotage: Option<Sabotage>) -> Outcome {
    let thread = std::thread::Builder::new().name(format!("seed {seed}"));
    let running = thread.spawn(move || {
        chance::seed(seed);
        play::play(seed, story, sabotage)
    });
    match running.map(std::thread::JoinHandle::join) {
        Ok(Ok(outcome)) => outcome,
        Ok(Err(_)) => panic!("the simulator broke down in seed {seed}"),
        Err(error) => panic!("no thread: {error}"),
    }
}
