//! What a run did, step by step: for whoever watches, and for the bundle of a failure.

use serde::Serialize;

use super::failure::Place;

/// The most steps that are kept for a bundle; the first ones go.
pub const KEPT: usize = 5_000;
/// The longest detail of a step, in characters.
const LONGEST: usize = 200;

/// One call of a host function, or what the engine did by itself (a pop-up declined).
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Step {
    /// From 1.
    pub index: u64,
    /// Milliseconds of the flow's time since the run began.
    pub at_ms: u64,
    pub what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Which alternative of the element matched, from 1 as a person counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<usize>,
    /// What else is to be known: a point, a direction, a URL. Never a secret.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// Milliseconds that it really took.
    pub took_ms: u64,
    /// Of the screen that it saw last, as hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

impl Step {
    pub(super) fn of(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn detailed(mut self, detail: &str) -> Self {
        self.detail = cut(detail);
        self
    }
}

/// At most so much of it, on one line.
pub(super) fn cut(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(LONGEST + 1)
        .collect();
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// Whoever looks on while a flow runs.
pub trait Watch: Send + Sync {
    fn step(&self, step: &Step);
    fn progress(&self, percent: u8, line: &str);
    fn log(&self, line: &str);
    /// In which language the phone talks, once that is known.
    fn language(&self, _language: &str) {}
}

/// Nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Watch for Nobody {
    fn step(&self, _step: &Step) {}
    fn progress(&self, _percent: u8, _line: &str) {}
    fn log(&self, _line: &str) {}
}
