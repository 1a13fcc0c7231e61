//! How a script's thread goes along with the runtime that does its waiting.
//!
//! A script blocks where it waits, so it has a thread of its own. As a rule the two run beside each other. In turns, only
//! one of them runs at any moment: a simulator whose time stands still while anybody works sees the same run each time,
//! and can end the process at any point of a commit.

use std::any::Any;
use std::fmt;
use std::panic::resume_unwind;
use std::pin::{Pin, pin};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{Builder, JoinHandle};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::failure::Failure;
use super::host::Host;

/// Functions may nest deep; each level takes stack.
const STACK: usize = 16 << 20;

/// Hears, on the script's own thread, that it begins ([`BEGUN`]) and then which point of a commit it has come to; true
/// where the process ends there.
pub type AtPoint = dyn Fn(&str) -> bool + Send + Sync;

/// The first word of a script's thread.
pub const BEGUN: &str = "begun";

/// See the module.
#[derive(Clone, Default)]
pub enum ScriptThread {
    #[default]
    Beside,
    InTurns(Arc<AtPoint>),
}

impl fmt::Debug for ScriptThread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Beside => "Beside",
            Self::InTurns(_) => "InTurns",
        })
    }
}

/// The script's side of it: how it waits.
pub(super) enum Waiting {
    Beside(Handle),
    InTurns {
        points: Arc<AtPoint>,
        /// While the script runs.
        turns: Mutex<Option<Turns>>,
    },
}

/// The turns as the script takes and gives them.
pub(super) struct Turns {
    turn: Receiver<Waker>,
    give_back: Sender<()>,
    /// Wakes whoever gives the next turn.
    waker: Waker,
}

/// The process has ended as far as the script is concerned.
struct Gone;

impl ScriptThread {
    pub(super) fn waiting(&self, runtime: Handle) -> Waiting {
        match self {
            Self::Beside => Waiting::Beside(runtime),
            Self::InTurns(points) => Waiting::InTurns {
                points: Arc::clone(points),
                turns: Mutex::default(),
            },
        }
    }
}

impl Waiting {
    /// Waits for `work` on the runtime.
    pub(super) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        match self {
            Self::Beside(runtime) => runtime.block_on(work),
            Self::InTurns { turns, .. } => match &mut *turns.lock().unwrap_or_else(PoisonError::into_inner) {
                Some(turns) => turns.wait(work),
                // Only a script waits, and only while it runs.
                None => resume_unwind(Box::new(Gone)),
            },
        }
    }

    /// A point of a commit is reached; does not return where the process ends here.
    pub(super) fn at(&self, point: &str) {
        if let Self::InTurns { points, .. } = self
            && points(point)
        {
            self.wait(std::future::pending::<()>());
        }
    }

    fn begins(&self) {
        if let Self::InTurns { points, .. } = self {
            points(BEGUN);
        }
    }

    fn begin(&self, begun: Turns) {
        if let Self::InTurns { turns, .. } = self {
            *turns.lock().unwrap_or_else(PoisonError::into_inner) = Some(begun);
        }
    }
}

impl Turns {
    fn wait<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&self.waker)) {
                return done;
            }
            let given = self.give_back.send(()).ok().and_then(|()| self.turn.recv().ok());
            match given {
                Some(waker) => self.waker = waker,
                // Whoever gave turns is gone, as if the process had been killed: not another step.
                None => resume_unwind(Box::new(Gone)),
            }
        }
    }
}

/// Runs `body` on a thread of its own; an error says why there is none.
pub(super) async fn run<T: Send + 'static>(
    host: Arc<Host>,
    name: String,
    body: impl FnOnce(&Arc<Host>) -> T + Send + 'static,
) -> Result<T, Failure> {
    let thread = Builder::new().name(name).stack_size(STACK);
    let failed = |error: std::io::Error| Failure::script(format!("no thread for the script: {error}"));
    let broke = || Failure::script("the engine broke down; this is a fault of Drover, not of the script");
    if matches!(host.waiting, Waiting::Beside(_)) {
        let (tell, told) = oneshot::channel();
        let spawned = thread.spawn(move || {
            let ended = body(&host);
            // The journal is let go before anybody is told of the end.
            drop(host);
            // Whoever waited may have gone.
            let _ = tell.send(ended);
        });
        spawned.map_err(failed)?;
        return told.await.map_err(|_| broke());
    }
    let runtime = Handle::current();
    let (give, turn) = channel();
    let (give_back, back) = channel();
    let spawned = thread.spawn(move || {
        host.waiting.begins();
        let _context = runtime.enter();
        let Ok(waker) = turn.recv() else {
            resume_unwind(Box::new(Gone));
        };
        host.waiting.begin(Turns {
            turn,
            give_back,
            waker,
        });
        let last = LastTurn(host);
        body(&last.0)
    });
    let stepped = Stepped {
        give: Some(give),
        back,
        thread: Some(spawned.map_err(failed)?),
    };
    stepped.await.map_err(|_| broke())
}

/// Gives the last turn back, however the script ends.
struct LastTurn(Arc<Host>);

impl Drop for LastTurn {
    fn drop(&mut self) {
        if let Waiting::InTurns { turns, .. } = &self.0.waiting {
            turns.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }
}

/// Gives the script a turn whenever it is polled.
struct Stepped<T> {
    give: Option<Sender<Waker>>,
    back: Receiver<()>,
    thread: Option<JoinHandle<T>>,
}

impl<T> Future for Stepped<T> {
    type Output = Result<T, Box<dyn Any + Send>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let given = self
            .give
            .as_ref()
            .is_some_and(|give| give.send(context.waker().clone()).is_ok());
        if given && self.back.recv().is_ok() {
            return Poll::Pending;
        }
        match self.thread.take() {
            Some(thread) => Poll::Ready(thread.join()),
            None => Poll::Pending,
        }
    }
}

impl<T> Drop for Stepped<T> {
    fn drop(&mut self) {
        self.give.take();
        if let Some(thread) = self.thread.take() {
            // It is gone before anything else goes on: it may hold the journal.
            let _ = thread.join();
        }
    }
}
