//! How a run goes, for the controller.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use shared::wire::work::{Id, LogLine, Progress, Spoken};

use crate::flow::step::{Step, Watch};
use crate::link::Controller;

/// See the module; of one attempt.
pub(super) struct Telling {
    controller: Controller,
    attempt: Id,
    steps: AtomicU32,
    at: Mutex<(u8, String)>,
}

impl Telling {
    pub(super) fn new(controller: Controller, attempt: Id) -> Self {
        Self {
            controller,
            attempt,
            steps: AtomicU32::new(0),
            at: Mutex::default(),
        }
    }

    fn tell(&self) {
        let (percent, line) = self.at.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let progress = Progress {
            attempt: self.attempt,
            percent,
            line,
            steps: self.steps.load(Ordering::Relaxed),
        };
        self.controller.tell(|news| news.progress(progress));
    }
}

impl Watch for Telling {
    fn step(&self, step: &Step) {
        let steps = u32::try_from(step.index).unwrap_or(u32::MAX);
        self.steps.fetch_max(steps, Ordering::Relaxed);
        self.tell();
    }

    /// Each new one stands in the log too, so that the log tells how the run went.
    fn progress(&self, percent: u8, line: &str) {
        let now = (percent, line.to_owned());
        let before = std::mem::replace(
            &mut *self.at.lock().unwrap_or_else(PoisonError::into_inner),
            now.clone(),
        );
        self.tell();
        if before != now {
            self.log(&format!("{percent} %: {line}"));
        }
    }

    fn language(&self, language: &str) {
        let spoken = Spoken {
            attempt: self.attempt,
            language: language.to_owned(),
        };
        self.controller.tell(|news| news.spoken(spoken));
    }

    fn log(&self, line: &str) {
        let line = LogLine {
            attempt: self.attempt,
            at: self.controller.clock().now().as_millisecond(),
            line: line.to_owned(),
        };
        self.controller.tell(|news| news.line(line));
    }
}
