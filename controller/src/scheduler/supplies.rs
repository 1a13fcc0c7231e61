//! What an attempt needs beside its phone: the pack that it runs and the files that it takes with it.

use std::fmt::Debug;

use async_trait::async_trait;
use serde_json::{Map, Value as Json};
use shared::wire::work::OrderMaterial;
use tokio::fs::File;

use crate::store::{FromLibrary, StoreError, TaskRow};

/// Which flow a task runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowRef {
    /// SHA-256 of the pack, in hexadecimal digits.
    pub hash: String,
    pub flow: String,
    /// Whether it asks the how manyth of its call a task is.
    pub takes_sequence: bool,
}

/// The packs in force.
#[async_trait]
pub trait Packs: Send + Sync + Debug {
    /// The flow of a platform's script; `None` where no pack in force has it.
    fn for_task(&self, platform: &str, script: &str) -> Option<FlowRef>;
    /// The same flow of a pack that may not be in force any more.
    async fn of_hash(&self, hash: &str, script: &str) -> Result<Option<FlowRef>, StoreError>;
    /// The names and texts of a pack, also of one that is not in force any more but may still be run.
    async fn files(&self, hash: &str) -> Result<Option<Vec<(String, String)>>, StoreError>;
}

/// The files that a task takes with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    pub materials: Vec<OrderMaterial>,
    /// Parameters that the files bring with them, in the place of the task's own.
    pub parameters: Map<String, Json>,
}

/// Where a task's files come from.
#[derive(Debug, Clone)]
pub enum Supply {
    Here(Chosen),
    /// It is given them when it is handed out, in the same transaction; [`Materials::kept`] tells which they are.
    Library(FromLibrary),
}

/// Why a task gets no files.
#[derive(Debug, thiserror::Error)]
pub enum SupplyError {
    /// For people: where it was looked.
    #[error("{0}")]
    NoMaterial(String),
    /// For people: what has to happen first.
    #[error("{0}")]
    NotNow(&'static str),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where tasks get their files from.
#[async_trait]
pub trait Materials: Send + Sync + Debug {
    /// The files of a task: those kept with it, else chosen now and kept, so that another attempt takes the same.
    async fn resolve(&self, task: &TaskRow) -> Result<Supply, SupplyError>;
    /// The files that stand with a task.
    fn kept(&self, task: &TaskRow) -> Chosen;
    /// A file of one of these tasks by its content, and its size.
    async fn open(&self, tasks: &[i64], hash: &str) -> Option<(File, u64)>;
}

/// Nobody has files.
#[cfg(test)]
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NoMaterials;

#[cfg(test)]
#[async_trait]
impl Materials for NoMaterials {
    async fn resolve(&self, _task: &TaskRow) -> Result<Supply, SupplyError> {
        Ok(Supply::Here(Chosen::default()))
    }

    fn kept(&self, _task: &TaskRow) -> Chosen {
        Chosen::default()
    }

    async fn open(&self, _tasks: &[i64], _hash: &str) -> Option<(File, u64)> {
        None
    }
}
