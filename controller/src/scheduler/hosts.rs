//! What the scheduler needs of the fleet, on one page, so that it can be tested without a link.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use shared::wire::message::AgentAsk;
use shared::wire::work::JournalRecord;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::fleet::{Fleet, FleetEvent, LiveDevices, WorkError};

/// The hosts that work.
#[async_trait]
pub trait Hosts: Send + Sync + Debug {
    fn devices(&self) -> LiveDevices;
    fn events(&self) -> broadcast::Receiver<FleetEvent>;
    fn is_connected(&self, host: Uuid) -> bool;
    /// Tells or asks a host something of work; answers the records that it told.
    async fn work(
        &self,
        host: Uuid,
        ask: AgentAsk,
        deadline: Duration,
    ) -> Result<Vec<JournalRecord>, WorkError>;
}

#[async_trait]
impl Hosts for Fleet {
    fn devices(&self) -> LiveDevices {
        self.devices()
    }

    fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.events()
    }

    fn is_connected(&self, host: Uuid) -> bool {
        self.is_connected(host)
    }

    async fn work(
        &self,
        host: Uuid,
        ask: AgentAsk,
        deadline: Duration,
    ) -> Result<Vec<JournalRecord>, WorkError> {
        self.work(host, ask, deadline).await
    }
}
