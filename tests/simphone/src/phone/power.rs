//! On, off, booting; plugged in or not. The transport and every running program watch it.

use tokio::sync::watch;

use crate::clock::SimTime;

/// Whether the phone can be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerState {
    /// The cable (or its network) is there.
    pub plugged: bool,
    pub stage: Stage,
    /// Counts boots over the phone's life; the boot id follows from it.
    pub boot: u32,
    /// When this boot began, in the phone's time.
    pub booted_at: SimTime,
}

impl PowerState {
    /// Whether anything listens on the phone's port.
    pub fn reachable(self) -> bool {
        self.plugged && self.stage != Stage::Down
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// adbd is not there yet (or no longer).
    Down,
    /// adbd answers, `sys.boot_completed` is still empty.
    Booting,
    Up,
}

/// The state and its changes.
#[derive(Debug)]
pub struct Power {
    state: watch::Sender<PowerState>,
}

impl Power {
    /// A phone that is up and plugged in, in its `boot`-th boot.
    pub fn new(boot: u32) -> Self {
        Self {
            state: watch::Sender::new(PowerState {
                plugged: true,
                stage: Stage::Up,
                boot,
                booted_at: SimTime::default(),
            }),
        }
    }

    pub fn now(&self) -> PowerState {
        *self.state.borrow()
    }

    /// Sees every change: the transport closes when the phone can no longer be spoken to.
    pub fn watch(&self) -> watch::Receiver<PowerState> {
        self.state.subscribe()
    }

    pub fn change(&self, change: impl FnOnce(&mut PowerState)) {
        self.state.send_modify(change);
    }

    /// Resolves once everything that runs now has been ended by a restart.
    pub async fn ended(&self) {
        let mut state = self.watch();
        let boot = state.borrow().boot;
        // The sender lives in `self`, so the wait cannot fail.
        let _ = state
            .wait_for(|state| state.stage == Stage::Down || state.boot != boot)
            .await;
    }
}
