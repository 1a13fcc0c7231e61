//! Which connection belongs to which phone, and under which names a phone goes.

use jiff::Timestamp;
use shared::device::{Device, DeviceState, Identity, Serial};

use super::super::Changed;
use super::super::names::{Claim, Holder};
use super::{Life, Table, is_usb, put};
use crate::adb::Transport;

impl Table {
    /// Gives a connection to the phone that it belongs to, by what is known of it now.
    pub(super) fn rename(&mut self, key: &Transport, now: Timestamp) {
        let Some(link) = self.links.get(key) else { return };
        let before = link.phone.clone();
        let identity = link.identity.clone();
        let name = match &identity {
            Some(identity) => self
                .same_boot(key, identity)
                .or_else(|| self.claim(key, identity)),
            None => before.clone().or_else(|| Some(self.guess(key))),
        };
        if let Some(link) = self.links.get_mut(key) {
            link.undecided = name.is_none();
            link.phone = name.clone().or(link.phone.take());
        }
        let Some(name) = name else { return };
        if !self.devices.contains_key(&name) {
            let device = Device::new(name.clone(), DeviceState::Offline, now);
            self.devices.insert(name.clone(), device);
            self.change(&name, Changed::Added);
        }
        if let Some(identity) = identity {
            self.introduce(key, &name, identity, now);
        }
        let address = self.links.get(key).map(|link| Serial(link.listed.serial.clone()));
        for placeholder in before.into_iter().chain(address) {
            if placeholder != name {
                self.forget_placeholder(&placeholder, &name);
            }
        }
    }

    /// A phone that answers with the same boot on another connection is the same phone.
    fn same_boot(&mut self, key: &Transport, identity: &Identity) -> Option<Serial> {
        if identity.boot_id.is_empty() {
            return None;
        }
        let name = self.links.iter().find_map(|(other, link)| {
            let known = link.identity.as_ref()?;
            let same = other != key && known.boot_id == identity.boot_id;
            let contrary = !known.android_id.is_empty()
                && !identity.android_id.is_empty()
                && known.android_id != identity.android_id;
            (same && !contrary).then(|| link.phone.clone()).flatten()
        })?;
        let claim = self.claim_of(key, identity)?;
        self.names_changed |= self.names.learn(&name.0, &claim);
        Some(name)
    }

    /// The phone that an identity belongs to by the rules of names.
    fn claim(&mut self, key: &Transport, identity: &Identity) -> Option<Serial> {
        let claim = self.claim_of(key, identity)?;
        let first_seen = self.links.get(key)?.first_seen;
        let links = &self.links;
        let holder = |name: &str| {
            let mut holder = Holder::Absent;
            for (other, link) in links {
                if other == key || link.phone.as_ref().is_none_or(|phone| phone.0 != name) {
                    continue;
                }
                let Some(known) = &link.identity else { continue };
                if link.life != Life::Alive || known.boot_id == identity.boot_id {
                    continue;
                }
                if link.verified.is_some_and(|verified| verified > first_seen) {
                    return Holder::Elsewhere;
                }
                holder = Holder::Undecided;
            }
            holder
        };
        let name = self.names.assign(&claim, holder)?;
        self.names_changed = true;
        Some(Serial(name))
    }

    fn claim_of(&self, key: &Transport, identity: &Identity) -> Option<Claim> {
        let listed = &self.links.get(key)?.listed;
        let own = Some(identity.serialno.clone()).filter(|serialno| !serialno.is_empty());
        let cable = is_usb(listed).then(|| listed.serial.clone());
        Some(Claim {
            base: cable
                .clone()
                .or_else(|| own.clone())
                .unwrap_or_else(|| listed.serial.clone()),
            serials: cable.into_iter().chain(own).collect(),
            android_id: identity.android_id.clone(),
            model: identity.model.clone(),
            usb_path: listed.usb.clone(),
        })
    }

    /// The likeliest phone behind a connection that does not answer.
    fn guess(&self, key: &Transport) -> Serial {
        let Some(listed) = self.links.get(key).map(|link| &link.listed) else {
            return Serial(String::new());
        };
        if is_usb(listed) {
            let taken = |name: &str| {
                self.links.iter().any(|(other, link)| {
                    other != key
                        && is_usb(&link.listed)
                        && link.phone.as_ref().is_some_and(|phone| phone.0 == name)
                })
            };
            return Serial(self.names.guess(&listed.serial, listed.usb.as_deref(), taken));
        }
        self.by_address(&listed.serial)
            .unwrap_or_else(|| Serial(listed.serial.clone()))
    }

    pub(super) fn by_address(&self, address: &str) -> Option<Serial> {
        let answers = self.devices.values().find(|device| device.answers_to(address));
        answers.map(|device| device.serial.clone())
    }

    /// Writes down who a phone is and under which names it goes; an address has one phone only.
    fn introduce(&mut self, key: &Transport, name: &Serial, identity: Identity, now: Timestamp) {
        let Some(listed) = self.links.get(key).map(|link| link.listed.clone()) else {
            return;
        };
        for device in self.devices.values_mut() {
            if device.serial != *name && !is_usb(&listed) {
                device.aliases.retain(|alias| *alias != listed.serial);
            }
        }
        let aliases: Vec<String> = [listed.serial, identity.serialno.clone()]
            .into_iter()
            .filter(|alias| !alias.is_empty() && *alias != name.0 && !self.names.is_name(alias))
            .collect();
        let Some(device) = self.devices.get_mut(name) else {
            return;
        };
        for alias in aliases {
            if !device.aliases.contains(&alias) {
                device.aliases.push(alias);
            }
        }
        if listed.usb.is_some() {
            device.usb_path = listed.usb;
        }
        device.last_seen = Some(now);
        if put(&mut device.identity, Some(identity), now) {
            self.change(name, Changed::Facts);
        }
    }

    /// An entry under an address or a guessed name that turned out to be a phone with another name.
    fn forget_placeholder(&mut self, before: &Serial, name: &Serial) {
        let in_use = self
            .links
            .values()
            .any(|link| link.phone.as_ref() == Some(before));
        let known = self
            .devices
            .get(before)
            .is_some_and(|device| device.identity.is_some());
        if in_use || known || self.devices.remove(before).is_none() {
            return;
        }
        self.change(before, Changed::Renamed { to: name.clone() });
    }
}
