//! What imports tell the rest of the controller: phones with other indexes to the fleet, progress to those who listen.

use std::collections::BTreeMap;
use std::sync::Arc;

use shared::clock::SharedClock;

use crate::http::events::EventHub;
use crate::http::phones::Phones;
use crate::imports::ground::Around;
use crate::imports::report::Progress;
use crate::store::{DeviceRow, ImportState};

/// The fleet and the event stream, as imports see them.
#[derive(Debug)]
pub struct Surroundings {
    pub phones: Arc<dyn Phones>,
    pub events: EventHub,
    pub clock: SharedClock,
}

impl Around for Surroundings {
    fn aliases(&self) -> BTreeMap<String, Vec<String>> {
        let devices = self.phones.devices();
        devices
            .values()
            .map(|live| {
                let device = &live.device;
                let own_name = device
                    .identity
                    .as_ref()
                    .map(|identity| identity.value.serialno.clone());
                let aliases = device.aliases.iter().cloned().chain(own_name);
                (device.serial.0.clone(), aliases.collect())
            })
            .collect()
    }

    fn index_changed(&self, phone: DeviceRow) {
        self.phones.put_row(phone);
    }

    fn told(&self, import: i64, state: ImportState, progress: Progress) {
        self.events.import(self.clock.now(), import, state, progress);
    }
}
