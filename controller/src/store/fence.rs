//! A process that lost its role must not write any more, even where it has not noticed: each transaction looks whether
//! the role is still its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::dialect;
use super::error::StoreError;
use super::leadership::CONTROLLER;
use super::session::{Session, sql};

/// No role is needed to write.
const OPEN: i64 = 0;
/// The role was lost: nothing more is written.
const LOST: i64 = -1;

/// The number that the role must still have for this process to write.
#[derive(Debug, Clone, Default)]
pub(super) struct Fence(Arc<AtomicI64>);

impl Fence {
    /// From now on, writing needs the role under this number.
    pub(super) fn raise(&self, number: i64) {
        self.0.store(number, Ordering::SeqCst);
    }

    /// From now on, nothing is written; unless it was raised anew for a later number.
    pub(super) fn shut(&self, number: i64) {
        let _ = self
            .0
            .compare_exchange(number, LOST, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// The role was given back: from now on, writing needs none.
    pub(super) fn open(&self, number: i64) {
        let _ = self
            .0
            .compare_exchange(number, OPEN, Ordering::SeqCst, Ordering::SeqCst);
    }

    /// Fails where another process has taken the role over. Where it does not fail, none can before the transaction ends.
    pub(super) async fn check(&self, session: &mut Session) -> Result<(), StoreError> {
        let mine = self.0.load(Ordering::SeqCst);
        if mine == OPEN {
            return Ok(());
        }
        if mine == LOST {
            return Err(StoreError::NotLeader);
        }
        let current = dialect::held_fence(session)
            .bind(CONTROLLER)
            .number(session)
            .await?;
        if current == mine {
            Ok(())
        } else {
            Err(StoreError::NotLeader)
        }
    }
}

/// The next number of a role. Waits until no transaction of the holder before is under way.
pub(super) async fn next(session: &mut Session, role: &str) -> Result<i64, StoreError> {
    sql("INSERT INTO fences (role, fence) VALUES ($1, 1) \
         ON CONFLICT (role) DO UPDATE SET fence = fences.fence + 1 RETURNING fence")
    .bind(role)
    .number(session)
    .await
}
