//! A controller that is away for ten minutes: its hubs fall silent after their lease, hold their phones, and go on where
//! they were when it is back.

use std::time::Duration;

use controller::store::TaskRow;
use shared::task::TaskState;
use turmoil::Sim;

use crate::HOST;
use crate::world::{Weather, World, lock};

/// In milliseconds: when it goes.
const GOES: std::ops::Range<u64> = 20_000..200_000;
const STAYS: Duration = Duration::from_secs(600);
/// A link that is silent for so long is lost; what is under way then comes to its end.
const NOTICED: Duration = Duration::from_secs(35);
/// Acts of each task.
const ACTS: usize = 8;

/// See the module.
pub(crate) struct Away {
    goes: Duration,
    gone: bool,
    back: bool,
}

impl Away {
    pub(crate) fn new(world: &World) -> Self {
        world.set_weather(Weather::default());
        Self {
            goes: world.millis(GOES),
            gone: false,
            back: false,
        }
    }

    pub(crate) fn step(&mut self, sim: &mut Sim<'_>, now: Duration) {
        if !self.gone && now >= self.goes {
            self.gone = true;
            sim.crash(HOST);
        }
        if !self.back && now >= self.goes + STAYS {
            self.back = true;
            sim.bounce(HOST);
        }
    }

    pub(crate) fn is_over(&self, _now: Duration) -> bool {
        self.back
    }

    /// What must not be, beside what never may.
    pub(crate) fn faults(&self, world: &World, tasks: &[TaskRow], lease: Duration) -> Vec<String> {
        let mut faults = Vec::new();
        let silent = self.goes + NOTICED + lease;
        let back = self.goes + STAYS;
        let alone = |at: Duration| at > self.goes + Duration::from_secs(5) && at < silent;
        if !lock(&world.calls).iter().any(|(at, _)| alone(*at)) {
            faults.push("no hub went on alone for a while".to_owned());
        }
        for (at, serial) in lock(&world.calls).iter() {
            if *at > silent && *at < back {
                faults.push(format!(
                    "{serial} was asked at {:.1}, without a controller since {:.1}",
                    at.as_secs_f64(),
                    self.goes.as_secs_f64()
                ));
            }
        }
        let ledger = lock(&world.ledger);
        let before = ledger.iter().filter(|act| act.at < self.goes).count();
        let after = ledger.iter().filter(|act| act.at > back).count();
        if before == 0 || after == 0 {
            faults.push(format!(
                "the controller was not away in the midst of it: {before} acts before, {after} after"
            ));
        }
        for task in tasks {
            if (task.state, task.attempts) != (TaskState::Completed, 1) {
                faults.push(format!(
                    "task {} started over: {} after {} attempts, {:?}",
                    task.id, task.state, task.attempts, task.error
                ));
            }
        }
        if ledger.len() != tasks.len() * ACTS {
            faults.push(format!("{} acts of {} tasks", ledger.len(), tasks.len()));
        }
        faults
    }
}
