//! An account's secrets, from the controller, one by one and only while its attempt is alive.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::pack::failure::FailureKind;
use shared::secret::SecretText;
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::{Id, SecretKind};

use super::lease::Lease;
use crate::flow::Secrets;
use crate::flow::failure::Failure;
use crate::link::{Controller, chain};

/// So long a controller that is away is waited for: a form with half of its fields filled is no place to stay.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the same is not asked again where the answer was "later".
const LATER: Duration = Duration::from_secs(2);

/// See the module; of one attempt.
pub(super) struct RemoteSecrets {
    pub(super) controller: Controller,
    pub(super) lease: Arc<Lease>,
    pub(super) attempt: Id,
}

impl RemoteSecrets {
    async fn get(&self, what: SecretKind) -> Result<SecretText, Failure> {
        let clock = Arc::clone(self.controller.clock());
        tokio::select! {
            biased;
            secret = self.asked(what) => secret,
            () = clock.sleep(PATIENCE) => Err(Failure::new(
                FailureKind::ControllerAway,
                format!("the controller gave no secret within {} s", PATIENCE.as_secs()),
            )),
        }
    }

    async fn asked(&self, what: SecretKind) -> Result<SecretText, Failure> {
        let question = ToController::Secret {
            attempt: self.attempt,
            what,
        };
        loop {
            let answered = self.controller.ask(&question).await;
            let answered =
                answered.map_err(|error| Failure::new(FailureKind::ControllerAway, chain(&error)))?;
            match answered.reply {
                ControllerReply::Secret(told) => return Ok(told.take()),
                ControllerReply::NotYours { why } => {
                    self.lease.withdraw(&why);
                    return Err(Failure::new(FailureKind::Stopped, why));
                }
                ControllerReply::Later { .. } => self.controller.clock().sleep(LATER).await,
                // "The account has no password."
                ControllerReply::Failed { message } => return Err(Failure::script(message)),
                _ => {
                    return Err(Failure::new(
                        FailureKind::ControllerAway,
                        "the controller answers the question for a secret with something else",
                    ));
                }
            }
        }
    }
}

#[async_trait]
impl Secrets for RemoteSecrets {
    async fn password(&self) -> Result<SecretText, Failure> {
        self.get(SecretKind::Password).await
    }

    async fn totp(&self) -> Result<SecretText, Failure> {
        self.get(SecretKind::Totp).await
    }
}
