//! Why a flow ended: a kind of the fixed list, a line for people, and where in the scripts it happened.

use rhai::{Dynamic, EvalAltResult, Position};
use serde::Serialize;
use shared::pack::failure::FailureKind;
use shared::pack::script::Places;

use crate::device::DeviceError;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Failure {
    pub kind: FailureKind,
    /// For people; never holds a secret.
    pub message: String,
    /// The element that was missing.
    pub element: Option<String>,
    /// The script's file and line.
    pub place: Option<Place>,
    /// An act was under way whose outcome is unknown.
    pub uncertain: bool,
}

/// A line of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
}

impl Failure {
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            element: None,
            place: None,
            uncertain: false,
        }
    }

    pub fn script(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Script, message)
    }

    pub fn stopped() -> Self {
        Self::new(FailureKind::Stopped, "it was stopped")
    }

    /// As the script's engine carries it: what may be caught as a thrown value, the rest as an end.
    pub(super) fn thrown(self, position: Position) -> Box<EvalAltResult> {
        let may_be_caught = self.kind.may_be_caught();
        let value = Dynamic::from(self);
        Box::new(if may_be_caught {
            EvalAltResult::ErrorRuntime(value, position)
        } else {
            EvalAltResult::ErrorTerminated(value, position)
        })
    }
}

impl From<DeviceError> for Failure {
    fn from(error: DeviceError) -> Self {
        let mut message = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            message = format!("{message}: {cause}");
            source = cause.source();
        }
        let kind = if error.is_full() {
            FailureKind::PhoneFull
        } else {
            FailureKind::Device
        };
        Self {
            uncertain: error.is_uncertain(),
            ..Self::new(kind, message)
        }
    }
}

/// What the engine's error means, with the place of the innermost script line.
pub(super) fn of_engine(error: &EvalAltResult, places: &Places) -> Failure {
    let mut innermost = error;
    let mut position = error.position();
    let mut function = "run";
    while let EvalAltResult::ErrorInFunctionCall(name, _, inner, _) = innermost {
        function = name;
        innermost = inner;
        if !innermost.position().is_none() {
            position = innermost.position();
        }
    }
    let mut failure = match innermost {
        EvalAltResult::ErrorRuntime(value, _) | EvalAltResult::ErrorTerminated(value, _) => {
            thrown_value(value)
        }
        EvalAltResult::ErrorTooManyOperations(_) => Failure::script(format!(
            "the script runs away: more than {} operations",
            shared::pack::script::MAX_OPERATIONS
        )),
        EvalAltResult::ErrorStackOverflow(_) => Failure::script(format!(
            "functions call one another more than {} deep",
            shared::pack::script::MAX_CALLS
        )),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            Failure::script(format!("the script holds too much: {what}"))
        }
        other => Failure::script(message_of(other)),
    };
    if failure.place.is_none() {
        let place = places.of(position).or_else(|| places.of_function(function));
        failure.place = place.map(|(file, line)| Place {
            file: file.to_owned(),
            line,
        });
    }
    failure
}

/// What a script threw by itself may be anything.
fn thrown_value(value: &Dynamic) -> Failure {
    match value.clone().try_cast::<Failure>() {
        Some(failure) => failure,
        None => Failure::script(format!("the script threw {value}")),
    }
}

/// The engine's words without its own note of the position, which counts lines of the joined text.
fn message_of(error: &EvalAltResult) -> String {
    let text = error.to_string();
    match text.rfind(" (line ") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
