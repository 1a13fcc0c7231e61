//! What the journal knows, for the controller: what became of single grants, and all of them in their order.

use std::sync::{Arc, PoisonError};

use shared::broken::{Part, lacks};
use shared::pack::files::hex;
use shared::wire::message::{AgentReply, Failure, FailureKind as Refusal};
use shared::wire::work::{CommitKind, Id, JournalRecord, JournalState};
use tokio::sync::mpsc;

use super::grants::id_of;
use super::{Worker, fail};
use crate::journal::{Entry, Journal, JournalError, Told};
use crate::link::chain;

/// Records that are read at once.
const A_PAGE: usize = 100;
/// Texts in one frame, in bytes; the longest record fits many times.
const A_FRAME: usize = 4 << 20;

impl Worker {
    /// What became of these grants. Of what nothing was written, it is written down now that it is void: so it is true
    /// for ever.
    pub async fn look_up(&self, grants: Vec<Id>, told: &mpsc::Sender<AgentReply>) -> Result<(), Failure> {
        for some in grants.chunks(A_PAGE) {
            let some = some.to_vec();
            let now = self.inner.controller.clock().now();
            let records = self
                .with_journal(move |journal| {
                    let looked = some.iter().map(|id| {
                        let grant = hex(id);
                        if journal.look_up(&grant)?.is_none() {
                            journal.void(&grant, "the controller asked, and nothing was intended", now)?;
                        }
                        Ok(journal
                            .look_up(&grant)?
                            .or_else(|| lacks(Part::Void).then(|| void_of(&grant))))
                    });
                    looked.collect::<Result<Vec<_>, _>>()
                })
                .await?;
            say(records.into_iter().flatten(), told).await;
        }
        Ok(())
    }

    /// All grants with a higher number, in their order.
    pub async fn replay(&self, after: u64, told: &mpsc::Sender<AgentReply>) -> Result<(), Failure> {
        let mut after = after;
        loop {
            let records = self
                .with_journal(move |journal| journal.after(after, A_PAGE))
                .await?;
            let last = records
                .iter()
                .filter_map(|record| Some(record.intent.as_ref()?.number))
                .max();
            let Some(last) = last else { return Ok(()) };
            after = last;
            say(records, told).await;
        }
    }

    /// The journal fsyncs: not on the runtime's threads.
    async fn with_journal<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Journal) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, Failure> {
        let journal = Arc::clone(&self.inner.journal);
        let done = self.inner.aside(move || {
            let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut journal)
        });
        match done.await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => Err(fail(Refusal::Refused, chain(&error))),
            Err(error) => Err(fail(Refusal::Refused, error.to_string())),
        }
    }
}

/// What is said where a void is not written down.
fn void_of(grant: &str) -> Told {
    Told {
        grant: grant.to_owned(),
        intent: None,
        entry: Entry::Void,
    }
}

/// Sends records in frames that fit; who does not listen any more is no error.
async fn say(records: impl IntoIterator<Item = Told>, told: &mpsc::Sender<AgentReply>) {
    let mut frame: Vec<JournalRecord> = Vec::new();
    let mut size = 0;
    for record in records.into_iter().filter_map(on_wire) {
        size += length(&record);
        frame.push(record);
        if size > A_FRAME {
            size = 0;
            let _ = told.send(AgentReply::Records(std::mem::take(&mut frame))).await;
        }
    }
    if !frame.is_empty() {
        let _ = told.send(AgentReply::Records(frame)).await;
    }
}

fn length(record: &JournalRecord) -> usize {
    let state = match &record.state {
        JournalState::Intent { evidence } => evidence.len(),
        JournalState::Done { proof } => proof.len(),
        JournalState::Void => 0,
    };
    state + record.commit.len() + record.key.len()
}

/// `None` for what was no grant of a controller.
fn on_wire(told: Told) -> Option<JournalRecord> {
    let state = match told.entry {
        Entry::Intent { evidence } => JournalState::Intent {
            evidence: evidence.to_string(),
        },
        Entry::Done { proof } => JournalState::Done {
            proof: proof.to_string(),
        },
        Entry::Void => JournalState::Void,
    };
    let grant = id_of(&told.grant)?;
    let Some(intent) = told.intent else {
        return Some(JournalRecord {
            grant,
            number: 0,
            task: 0,
            attempt: Id::default(),
            account: 0,
            commit: String::new(),
            kind: CommitKind::State,
            key: String::new(),
            state,
            at: 0,
        });
    };
    Some(JournalRecord {
        grant,
        number: intent.number,
        task: intent.task.parse().ok()?,
        attempt: id_of(&intent.attempt)?,
        account: intent.account.unwrap_or_default(),
        commit: intent.commit,
        kind: intent.kind,
        key: intent.key,
        state,
        at: intent.at.as_millisecond(),
    })
}
