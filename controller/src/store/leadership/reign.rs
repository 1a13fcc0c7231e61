//! The time during which a process has the role: renews it, and tells at once when it is lost.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use uuid::Uuid;

use super::super::Store;
use super::super::error::StoreError;
use super::Lease;

/// After a renewal that failed, the next follows this soon.
const TRY_AGAIN: Duration = Duration::from_millis(300);
/// The role counts as lost this long before another may take it: the clocks of two machines do not run alike.
const MARGIN: Duration = Duration::from_millis(500);

/// The role of the active controller, in this process's hands.
#[derive(Debug)]
pub struct Lead {
    store: Store,
    id: Uuid,
    fence: i64,
    /// Why it was lost.
    lost: watch::Receiver<Option<Arc<str>>>,
    renewing: JoinHandle<()>,
}

impl Store {
    /// Begins to renew a role that was given in answer to what was asked at `asked_at`.
    pub(super) fn reign(&self, id: Uuid, fence: i64, lease: Lease, asked_at: Instant) -> Lead {
        self.inner.fence.raise(fence);
        let (tell, lost) = watch::channel(None);
        let store = self.clone();
        let renewing = tokio::spawn(async move {
            let why = renew(&store, id, fence, lease, asked_at).await;
            store.inner.fence.shut(fence);
            tracing::error!(fence, why, "this controller is not the active one any more");
            tell.send_replace(Some(why.into()));
        });
        Lead {
            store: self.clone(),
            id,
            fence,
            lost,
            renewing,
        }
    }
}

/// Renews until that is over; answers why.
async fn renew(store: &Store, id: Uuid, fence: i64, lease: Lease, asked_at: Instant) -> String {
    // Counted from before the question: the database's time of the renewal is no earlier.
    let mut held_since = asked_at;
    let mut wait = lease.renew_every;
    loop {
        tokio::time::sleep(wait).await;
        let asked_at = Instant::now();
        let end = held_since + lease.length.saturating_sub(MARGIN);
        let why = match tokio::time::timeout_at(end, store.renew_role(id, fence)).await {
            Ok(Ok(true)) => {
                held_since = asked_at;
                wait = lease.renew_every;
                continue;
            }
            Ok(Ok(false)) => return "another process has taken the role over".to_owned(),
            Ok(Err(StoreError::Closed)) => return "the store was closed".to_owned(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the database did not answer in time".to_owned(),
        };
        if Instant::now() + TRY_AGAIN >= end {
            return why;
        }
        tracing::warn!(error = why, "the role could not be renewed");
        wait = TRY_AGAIN;
    }
}

impl Lead {
    /// Grows with each change of hands.
    pub fn fence(&self) -> i64 {
        self.fence
    }

    /// Whether the role is still this process's, as far as it knows.
    pub fn is_held(&self) -> bool {
        self.lost.borrow().is_none()
    }

    /// Changes from `None` to why the role was lost, once.
    pub fn watch(&self) -> watch::Receiver<Option<Arc<str>>> {
        self.lost.clone()
    }

    /// Waits until the role is lost; answers why.
    pub async fn lost(&self) -> Arc<str> {
        let mut lost = self.lost.clone();
        match lost.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            // The task that renews is gone without a word: nobody renews.
            Err(_) => "the role is not renewed any more".into(),
        }
    }

    /// Gives the role back, so that another need not wait for the lease to run out.
    pub async fn release(self) -> Result<(), StoreError> {
        self.renewing.abort();
        let given = self.store.give_role_back(self.id, self.fence).await;
        self.store.inner.fence.open(self.fence);
        given
    }
}

impl Drop for Lead {
    /// Without a release the role ends with its lease, and this process does not write from now on.
    fn drop(&mut self) {
        if !self.renewing.is_finished() {
            self.renewing.abort();
            self.store.inner.fence.shut(self.fence);
        }
    }
}
