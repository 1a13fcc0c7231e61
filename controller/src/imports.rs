//! Sheets into accounts: every rule by which a sheet's rows make and change accounts, what is reported of it, and the
//! jobs that carry it out so that all rows are taken or none, whatever happens to the controller.
//!
//! The rules are pure: they know rows, and what stands. Reading files is the business of [`crate::sheets`], keeping
//! accounts that of [`crate::store`].

pub mod decide;
pub mod fault;
pub mod field;
pub mod given;
pub mod planned;
pub mod planner;
pub mod report;
pub mod rules;
pub mod sheet;
pub mod standing;

mod apply;
pub mod desk;
pub mod export;
pub mod ground;
mod job;
mod kept;
mod onward;
pub mod recover;
mod undo;
pub mod upload;

pub use apply::forget_old;

#[cfg(test)]
mod tests;
