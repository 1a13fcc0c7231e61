//! Starting and stopping a process: the first signal asks politely, the second does not wait.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// Two tokens: `stop` asks everything to finish what it does, `abort` ends it where it is.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    pub stop: CancellationToken,
    pub abort: CancellationToken,
}

/// How long a polite stop may take before it becomes an abort.
pub const GRACE: Duration = Duration::from_secs(20);

impl Shutdown {
    /// Starts listening for Ctrl-C and (on Unix) TERM and HUP. A second signal, or [`GRACE`] after the first, aborts.
    pub fn on_signals() -> std::io::Result<Self> {
        let shutdown = Self::default();
        let mut signals = Signals::new()?;
        let watched = shutdown.clone();
        tokio::spawn(async move {
            let name = signals.next().await;
            tracing::info!(signal = name, "stopping; a second signal stops at once");
            watched.stop.cancel();
            tokio::select! {
                name = signals.next() => tracing::warn!(signal = name, "second signal: not waiting any longer"),
                () = tokio::time::sleep(GRACE) => tracing::warn!(seconds = GRACE.as_secs(), "not done in time: ending"),
            }
            watched.abort.cancel();
        });
        Ok(shutdown)
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "INT",
            _ = self.terminate.recv() => "TERM",
            _ = self.hangup.recv() => "HUP",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> &'static str {
        // A console that cannot deliver Ctrl-C never asks: wait for ever rather than stop at once.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
