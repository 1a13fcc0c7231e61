//! How long an attempt may touch its phone without its controller: the lease, and after that nothing until the controller
//! has said that the attempt is still this host's.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use shared::pack::files::hex;
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::Id;
use tokio_util::sync::CancellationToken;

use crate::device::DeviceError;
use crate::link::{Controller, chain};

/// How long the same is not asked again.
const LATER: Duration = Duration::from_secs(1);
/// What the phone has been told to do when the lease ends is waited for: it happens whoever waits. Far less than what the
/// controller gives on top of the lease.
const FINISH: Duration = Duration::from_secs(2);

/// See the module.
pub(super) struct Lease {
    controller: Controller,
    attempt: Id,
    length: Duration,
    /// The attempt's own: it ends every wait.
    stop: CancellationToken,
    /// Not this host's any more: not another touch.
    withdrawn: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The link up to which `lapsed` is known.
    link: u64,
    /// The lease has ended, and the controller has not said yet that it goes on.
    lapsed: bool,
    why: String,
    /// The agent itself ends, and not the task.
    agent_stops: bool,
}

/// Whether the phone may be touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Open,
    /// Alone for too long.
    Ended,
    /// There is a link again, after too long without one.
    Unsure,
}

impl Lease {
    pub(super) fn new(
        controller: Controller,
        attempt: Id,
        length: Duration,
        stop: CancellationToken,
    ) -> Self {
        let state = State {
            link: controller.link_number(),
            ..State::default()
        };
        Self {
            controller,
            attempt,
            length,
            stop,
            withdrawn: CancellationToken::new(),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The controller wants nothing more of the attempt: it ends, and its phone is not touched again.
    pub(super) fn withdraw(&self, why: &str) {
        why.clone_into(&mut self.state().why);
        self.withdrawn.cancel();
        self.stop.cancel();
    }

    /// The agent is stopped: the attempt ends, the task may go on elsewhere.
    pub(super) fn agent_stops(&self) {
        self.state().agent_stops = !self.stop.is_cancelled();
        self.stop.cancel();
    }

    pub(super) fn is_agents_stop(&self) -> bool {
        self.state().agent_stops
    }

    /// Why it was withdrawn, if it was.
    pub(super) fn withdrawn(&self) -> Option<String> {
        self.withdrawn.is_cancelled().then(|| self.state().why.clone())
    }

    fn stand(&self) -> Stand {
        let mut state = self.state();
        let had_lapsed = state.lapsed;
        let link = self.controller.link_number();
        if self.controller.longest_alone_after(state.link) >= self.length {
            state.lapsed = true;
        }
        state.link = link;
        let now = self.controller.clock().since_boot();
        let stand = match self.controller.alone_since() {
            Some(since) if now.saturating_sub(since) >= self.length => {
                state.lapsed = true;
                Stand::Ended
            }
            Some(_) if state.lapsed => Stand::Ended,
            None if state.lapsed => Stand::Unsure,
            _ => Stand::Open,
        };
        if state.lapsed && !had_lapsed {
            tracing::warn!(
                attempt = hex(&self.attempt),
                "alone for longer than the lease: the phone is not touched until the controller says that this goes on"
            );
        }
        stand
    }

    /// Whether the phone may be touched at this moment.
    pub(super) fn is_open(&self) -> bool {
        !self.withdrawn.is_cancelled() && self.stand() == Stand::Open
    }

    /// Waits until the phone may be touched; an error where that does not come.
    pub(super) async fn pass(&self) -> Result<(), DeviceError> {
        loop {
            if let Some(why) = self.withdrawn() {
                return Err(DeviceError::LetGo(why));
            }
            let mut link = self.controller.watch();
            let stand = self.stand();
            if stand == Stand::Open {
                return Ok(());
            }
            tokio::select! {
                biased;
                () = self.withdrawn.cancelled() => {}
                () = self.stop.cancelled() => {
                    return Err(DeviceError::LetGo(self.withdrawn().unwrap_or_else(|| "it was stopped".to_owned())));
                }
                () = link.changed() => {}
                () = self.ask(), if stand == Stand::Unsure => {}
            }
        }
    }

    /// Asks whether the attempt goes on.
    async fn ask(&self) {
        let asked = self.state().link;
        let attempt = self.attempt;
        match self.controller.ask(&ToController::Mine { attempt }).await {
            Ok(answered) => match answered.reply {
                ControllerReply::Done => {
                    let mut state = self.state();
                    // An answer is worth nothing for a time alone that came after it.
                    if state.link == asked {
                        state.lapsed = false;
                        tracing::info!(
                            attempt = hex(&attempt),
                            "the controller is back: work goes on where it was"
                        );
                    }
                }
                ControllerReply::NotYours { why } => self.withdraw(&why),
                reply => {
                    tracing::debug!(?reply, "whether an attempt goes on is not known yet");
                    self.controller.clock().sleep(LATER).await;
                }
            },
            Err(error) => {
                tracing::error!(
                    error = chain(&error),
                    "it cannot be asked whether an attempt goes on"
                );
                self.controller.clock().sleep(LATER).await;
            }
        }
    }

    /// Resolves when the phone may not be touched any more, also in the middle of something.
    pub(super) async fn ends(&self) {
        let clock = self.controller.clock();
        loop {
            let mut link = self.controller.watch();
            if !self.is_open() {
                return;
            }
            let left = self
                .controller
                .alone_since()
                .map(|since| (since + self.length).saturating_sub(clock.since_boot()));
            let over = async {
                match left {
                    Some(left) => clock.sleep(left).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.withdrawn.cancelled() => return,
                () = link.changed() => {}
                () = over => {}
            }
        }
    }

    /// Resolves when what is under way on the phone is not waited for any more.
    pub(super) async fn breaks_off(&self) {
        self.ends().await;
        tokio::select! {
            () = self.withdrawn.cancelled() => {}
            () = self.controller.clock().sleep(FINISH) => {}
        }
    }
}
