//! One active controller on a database.

/// The role of the active controller.
pub(crate) const CONTROLLER: &str = "controller";
