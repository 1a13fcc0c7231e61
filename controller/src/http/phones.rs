//! What the API needs of the fleet, on one page, so that it can be served and tested without a link to any agent.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use shared::device::Serial;
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

use super::envelope::{ApiError, Code};
use crate::fleet::{
    Answer, Apk, Ask, AskError, Fleet, FleetEvent, InstallProgress, LiveDevice, LiveDevices, LiveHost,
};
use crate::store::{DeviceRow, StoreError};

/// The phones and hosts that are connected, and what can be asked of them.
#[async_trait]
pub trait Phones: Send + Sync + fmt::Debug {
    fn devices(&self) -> LiveDevices;
    fn hosts(&self) -> Vec<LiveHost>;
    fn events(&self) -> broadcast::Receiver<FleetEvent>;
    async fn ask(&self, name: &str, question: Ask, deadline: Duration) -> Result<Answer, AskError>;
    fn install(&self, serials: Vec<String>, apk: &Apk, deadline: Duration)
    -> mpsc::Receiver<InstallProgress>;
    async fn new_join_token(&self, ttl: Duration, who: &str) -> Result<String, StoreError>;
    async fn revoke(&self, host: Uuid, who: &str) -> Result<(), StoreError>;
    /// A phone's row was changed.
    fn put_row(&self, row: DeviceRow);

    /// The phone that is meant: by its serial first, then by any alias.
    fn find(&self, name: &str) -> Option<Arc<LiveDevice>> {
        let devices = self.devices();
        let found = devices.get(&Serial(name.to_owned()));
        found
            .or_else(|| devices.values().find(|live| live.answers_to(name)))
            .cloned()
    }
}

#[async_trait]
impl Phones for Fleet {
    fn devices(&self) -> LiveDevices {
        self.devices()
    }

    fn hosts(&self) -> Vec<LiveHost> {
        self.hosts()
    }

    fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.events()
    }

    async fn ask(&self, name: &str, question: Ask, deadline: Duration) -> Result<Answer, AskError> {
        self.ask(name, question, deadline).await
    }

    fn install(
        &self,
        serials: Vec<String>,
        apk: &Apk,
        deadline: Duration,
    ) -> mpsc::Receiver<InstallProgress> {
        self.install(serials, apk, deadline)
    }

    async fn new_join_token(&self, ttl: Duration, who: &str) -> Result<String, StoreError> {
        self.new_join_token(ttl, who).await
    }

    async fn revoke(&self, host: Uuid, who: &str) -> Result<(), StoreError> {
        self.revoke(host, who).await
    }

    fn put_row(&self, row: DeviceRow) {
        self.put_row(row);
    }
}

impl From<AskError> for ApiError {
    fn from(error: AskError) -> Self {
        let told = error.to_string();
        match error {
            AskError::UnknownDevice(_) => Self::not_found(told),
            AskError::Refused { bad_input: true, .. } => Self::new(Code::BadParameter, told),
            AskError::NotOnline { .. } | AskError::HostAway | AskError::Refused { .. } => {
                Self::conflict(told)
            }
            AskError::Deadline => Self::new(
                Code::Unavailable,
                "the phone did not answer in time; nothing was changed on it",
            ),
            AskError::Uncertain { .. } => Self::internal_told(&told, &told),
        }
    }
}

/// An answer of a kind that does not belong to the question.
pub fn astray(answer: &Answer) -> ApiError {
    let told = format!("an agent answered something else than it was asked: {answer:?}");
    let told: String = told.chars().take(300).collect();
    ApiError::internal_told(&told, "the agent gave an answer that does not fit")
}
