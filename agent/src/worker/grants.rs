//! Leave to act from the controller, and word to it of what came of each.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use shared::pack::failure::FailureKind;
use shared::pack::files::hex;
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::{GrantAnswer, GrantAsk, GrantOutcome, Id, Settlement};
use tokio::sync::oneshot;

use super::lease::Lease;
use crate::flow::commit::{Decision, Grant, GrantError, GrantRequest, Grantor};
use crate::journal::{Entry, Journal, JournalError};
use crate::link::{Controller, chain};
use crate::outbox::{Confirmed, Outbox, OutboxError};

/// How long the same is not asked again where the answer was "later".
const LATER: Duration = Duration::from_secs(2);

/// See the module; of one attempt.
pub(super) struct RemoteGrantor {
    pub(super) controller: Controller,
    pub(super) outbox: Outbox,
    pub(super) lease: Arc<Lease>,
    pub(super) attempt: Id,
    /// Leave that was given and of which nothing was told yet.
    pub(super) open: Mutex<BTreeSet<Id>>,
}

impl From<OutboxError> for GrantError {
    fn from(error: OutboxError) -> Self {
        let doing = error.to_string();
        let OutboxError::Io { source, .. } = error;
        Self::Io { doing, source }
    }
}

/// An id as the journal and the flows know it.
pub(super) fn id_of(text: &str) -> Option<Id> {
    let digits = text.len() == 32;
    digits
        .then(|| u128::from_str_radix(text, 16).ok())
        .flatten()
        .map(u128::to_be_bytes)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

impl RemoteGrantor {
    fn open(&self) -> MutexGuard<'_, BTreeSet<Id>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn not_yours(&self, why: String) -> GrantError {
        self.lease.withdraw(&why);
        GrantError::NotYours(why)
    }

    /// Asks until there is an answer that is one.
    async fn answer(&self, question: &ToController) -> Result<(GrantAnswer, Duration), GrantError> {
        loop {
            let asked = self.controller.ask(question).await;
            let answered = asked.map_err(|error| GrantError::Away(chain(&error)))?;
            match answered.reply {
                ControllerReply::Grant(answer) => return Ok((answer, answered.sent)),
                ControllerReply::NotYours { why } => return Err(self.not_yours(why)),
                ControllerReply::Later { why } => {
                    tracing::info!(why, "leave to act is given later");
                    self.controller.clock().sleep(LATER).await;
                }
                ControllerReply::Failed { message } => return Err(GrantError::Away(message)),
                reply => {
                    return Err(GrantError::Away(format!(
                        "the controller answers with something else: {reply:?}"
                    )));
                }
            }
        }
    }

    fn question(&self, request: &GrantRequest) -> GrantAsk {
        GrantAsk {
            attempt: self.attempt,
            request: request.number,
            commit: request.commit.clone(),
            kind: request.kind,
            key: request.key.clone(),
            evidence: request.evidence.to_string(),
            journal: request.journal.clone(),
            highest: request.highest_seen,
        }
    }

    fn decision(&self, answer: GrantAnswer, sent: Duration) -> Option<Decision> {
        Some(match answer {
            GrantAnswer::Granted { grant, number, valid } => {
                self.open().insert(grant);
                Decision::Granted(Grant {
                    id: hex(&grant),
                    number,
                    until: sent + Duration::from_millis(valid.into()),
                })
            }
            GrantAnswer::Done { proof } => Decision::Done(json(&proof)),
            GrantAnswer::Unknown { grant, evidence } => Decision::Unknown {
                grant: hex(&grant),
                evidence: json(&evidence),
                elsewhere: false,
            },
            GrantAnswer::Elsewhere { grant, evidence } => Decision::Unknown {
                grant: hex(&grant),
                evidence: json(&evidence),
                elsewhere: true,
            },
            GrantAnswer::Refused { kind, why } => Decision::Refused {
                kind: FailureKind::parse(&kind).unwrap_or(FailureKind::Deferred),
                why,
            },
            GrantAnswer::Nothing => return None,
        })
    }

    /// Keeps what came of a grant until it is confirmed.
    fn settle(&self, grant: &str, outcome: GrantOutcome) -> Result<oneshot::Receiver<Confirmed>, GrantError> {
        let Some(id) = id_of(grant) else {
            return Err(GrantError::Away(format!("{grant} is no grant of the controller")));
        };
        let confirmed = self.outbox.settle(Settlement {
            attempt: self.attempt,
            grant: id,
            outcome,
        })?;
        self.open().remove(&id);
        Ok(confirmed)
    }

    /// Waits until the controller has heard: it gives leave for nothing else of the account before.
    async fn heard(&self, confirmed: oneshot::Receiver<Confirmed>) -> Result<(), GrantError> {
        match confirmed.await {
            Ok(Confirmed::Heard) => Ok(()),
            Ok(Confirmed::NotYours(why)) => Err(self.not_yours(why)),
            Err(_) => Err(GrantError::Away("the outbox has ended".to_owned())),
        }
    }

    /// The attempt is over: tells what the journal says of each grant of which nothing was told. Where nothing was
    /// intended, nothing will be.
    pub(super) fn close(&self, journal: &Mutex<Journal>) -> Result<(), CloseError> {
        let open: Vec<Id> = self.open().iter().copied().collect();
        for id in open {
            let grant = hex(&id);
            let outcome = {
                let mut journal = journal.lock().unwrap_or_else(PoisonError::into_inner);
                match journal.entry(&grant)? {
                    Some(Entry::Done { proof }) => GrantOutcome::Done {
                        proof: proof.to_string(),
                    },
                    Some(Entry::Intent { .. }) => GrantOutcome::Unknown {
                        why: "the attempt ended in the middle of it".to_owned(),
                    },
                    Some(Entry::Void) => GrantOutcome::Void {
                        why: "it was not done".to_owned(),
                    },
                    None => {
                        let why = "the attempt ended before it";
                        journal.void(&grant, why, self.controller.clock().now())?;
                        GrantOutcome::Void { why: why.to_owned() }
                    }
                }
            };
            self.settle(&grant, outcome)?;
        }
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum CloseError {
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Grant(#[from] GrantError),
}

#[async_trait]
impl Grantor for RemoteGrantor {
    async fn ask(&self, request: &GrantRequest) -> Result<Decision, GrantError> {
        let question = ToController::Grant(self.question(request));
        let (answer, sent) = self.answer(&question).await?;
        self.decision(answer, sent).ok_or_else(|| {
            GrantError::Away("the controller neither gives leave to act nor refuses it".to_owned())
        })
    }

    async fn earlier(&self, request: &GrantRequest) -> Result<Option<Decision>, GrantError> {
        let question = ToController::Earlier(self.question(request));
        let (answer, sent) = self.answer(&question).await?;
        Ok(self.decision(answer, sent))
    }

    async fn done(&self, grant: &str, proof: &Value) -> Result<(), GrantError> {
        let proof = proof.to_string();
        let confirmed = self.settle(grant, GrantOutcome::Done { proof })?;
        self.heard(confirmed).await
    }

    async fn free(&self, grant: &str, why: &str) -> Result<(), GrantError> {
        let why = why.to_owned();
        let confirmed = self.settle(grant, GrantOutcome::Void { why })?;
        self.heard(confirmed).await
    }

    async fn not_seen(&self, grant: &str, why: &str) -> Result<(), GrantError> {
        let why = why.to_owned();
        let confirmed = self.settle(grant, GrantOutcome::NotSeen { why })?;
        self.heard(confirmed).await
    }

    /// The flow ends with it, so nobody waits.
    async fn unknown(&self, grant: &str, why: &str) -> Result<(), GrantError> {
        let why = why.to_owned();
        self.settle(grant, GrantOutcome::Unknown { why }).map(drop)
    }
}
