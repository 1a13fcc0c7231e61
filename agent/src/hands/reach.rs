//! The phones within reach of this host, each with the one driver that may touch it, for the hands of an operator and for
//! the work alike.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::device::{DeviceState, Serial};
use shared::wire::message::{Failure, FailureKind};

use super::fail;
use crate::adb::phone::{AdbDevice, DriverChoice};
use crate::device::Device;
use crate::roster::RosterHandle;
use crate::worker::{Phone, PhoneSource};

/// See the module.
#[derive(Debug)]
pub struct Reach {
    pub(super) roster: RosterHandle,
    driver: DriverChoice,
    owned: Mutex<BTreeMap<Serial, Arc<Owned>>>,
}

/// A phone with the one driver that may touch it.
#[derive(Debug)]
pub(super) struct Owned {
    pub(super) device: Arc<AdbDevice>,
    /// Held while its screen is read or touched: two at once would see each other's half-done work.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
}

impl Reach {
    pub fn new(roster: RosterHandle, driver: DriverChoice) -> Self {
        Self {
            roster,
            driver,
            owned: Mutex::default(),
        }
    }

    /// The phone that is meant, if it can be used.
    pub(super) fn owned(&self, name: &str) -> Result<Arc<Owned>, Failure> {
        let unknown = || {
            fail(
                FailureKind::UnknownPhone,
                format!("this host has no phone {name}"),
            )
        };
        let device = self.roster.find(name).ok_or_else(unknown)?;
        let adb = self
            .roster
            .phone(&device.serial.0)
            .filter(|_| device.state == DeviceState::Online);
        let Some(adb) = adb else {
            let reason = device
                .state_reason
                .unwrap_or_else(|| "it does not answer".to_owned());
            return Err(fail(FailureKind::NotOnline(device.state), reason));
        };
        let mut owned = self.owned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = owned.get(&device.serial)
            && known.device.adb().transport == adb.transport
        {
            return Ok(Arc::clone(known));
        }
        // Another connection to the phone means another process on it: the driver begins anew. The turn stays one.
        let there = self.roster.devices();
        owned.retain(|serial, _| there.contains_key(serial));
        let turn = owned
            .get(&device.serial)
            .map(|known| Arc::clone(&known.turn))
            .unwrap_or_default();
        let device = AdbDevice::new(device.serial, adb, self.driver.clone());
        let new = Arc::new(Owned {
            device: Arc::new(device),
            turn,
        });
        owned.insert(new.device.serial().clone(), Arc::clone(&new));
        Ok(new)
    }
}

impl PhoneSource for Reach {
    fn phone(&self, name: &str) -> Result<Phone, Failure> {
        let owned = self.owned(name)?;
        Ok(Phone {
            device: Arc::clone(&owned.device) as Arc<dyn Device>,
            turn: Arc::clone(&owned.turn),
        })
    }
}
