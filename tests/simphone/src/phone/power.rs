//! On, off, booting; plugged in or not. The transport and every running program watch it.

use tokio::sync::watch;

/// Whether the phone can be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PowerState {
    /// The cable (or its network) is there.
    pub plugged: bool,
    pub stage: Stage,
    /// Counts boots; the boot id follows from it.
    pub boot: u32,
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

impl Default for Power {
    fn default() -> Self {
        Self {
            state: watch::Sender::new(PowerState {
                plugged: true,
                stage: Stage::Up,
                boot: 1,
            }),
        }
    }
}

impl Power {
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
}
