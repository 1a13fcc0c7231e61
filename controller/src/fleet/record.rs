//! Keeps the database told which phones there are: a phone gets its index when it has said who it is for the first time.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use super::Inner;

/// A phone that stays is noted again after so long, so that its last sight is known while it is away.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(60);
/// How often that is looked at, and how soon a database that did not answer is asked again.
const EVERY: Duration = Duration::from_secs(15);
/// Changes that come together are noted together.
const GATHER: Duration = Duration::from_millis(100);

pub(super) async fn run(inner: Arc<Inner>) {
    loop {
        tokio::select! {
            () = inner.shutdown.stop.cancelled() => return,
            () = inner.to_record.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
        // A controller that stands by must not write.
        if !inner.is_active() {
            continue;
        }
        let now = inner.now();
        let due = inner.table().unrecorded(now, AGAIN_AFTER);
        if due.is_empty() {
            continue;
        }
        match inner.store.record_seen(&due).await {
            Ok(first) => {
                let mut table = inner.table();
                table.recorded(due, now);
                let events = first.into_iter().flat_map(|row| table.put_row(row)).collect();
                drop(table);
                inner.tell(events);
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "noting phones; it is tried again"
                );
            }
        }
        tokio::time::sleep(GATHER).await;
    }
}
