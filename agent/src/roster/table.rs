//! The roster's knowledge and its rules: which connections belong to which phone, and what state that puts it in.
//! Everything that happens comes in as a call; what has changed goes out of [`Table::settle`].
//!
//! Pure: no sockets, no tasks, and times are arguments.

mod belonging;
mod state;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use shared::device::{Device, DeviceState, Fact, Identity, Serial};

use super::names::Names;
use super::worker::{News, Role};
use super::{Change, Changed};
use crate::adb::facts::HowItIs;
use crate::adb::network::Reach;
use crate::adb::track::AdbState;
use crate::adb::{TrackedDevice, Transport};

/// So long after the server came up a phone that it does not list may only be late.
const SERVER_WARMUP: Duration = Duration::from_secs(2);

/// One connection that adb lists.
#[derive(Debug)]
struct Link {
    listed: TrackedDevice,
    first_seen: Timestamp,
    life: Life,
    identity: Option<Identity>,
    /// When it last told its boot.
    verified: Option<Timestamp>,
    /// The facts were read, or cannot be.
    read: bool,
    phone: Option<Serial>,
    /// It may be a phone that is known already; that one's next answer tells.
    undecided: bool,
}

/// What a connection that adb calls a device turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Life {
    Unknown,
    Booting,
    Alive,
    Silent(String),
}

/// Whether the adb server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ServerIs {
    Up {
        since: Timestamp,
    },
    /// With the reason, where it is known.
    Down(String),
}

#[derive(Debug)]
pub(super) struct Table {
    pub(super) names: Names,
    pub(super) devices: BTreeMap<Serial, Device>,
    links: BTreeMap<Transport, Link>,
    /// The addresses to keep connected.
    reach: BTreeMap<String, Reach>,
    server: ServerIs,
    /// Changes that came up outside of `settle`.
    pending: Vec<Change>,
    /// Phones whose facts cannot be read, with the reason.
    unread: BTreeMap<Serial, String>,
    /// The names' file is behind.
    pub(super) names_changed: bool,
}

impl Table {
    pub(super) fn new(names: Names, addresses: impl IntoIterator<Item = String>) -> Self {
        Self {
            names,
            devices: BTreeMap::new(),
            links: BTreeMap::new(),
            reach: addresses
                .into_iter()
                .map(|address| (address, Reach::Untried))
                .collect(),
            server: ServerIs::Down("the adb server has not answered yet".to_owned()),
            pending: Vec::new(),
            unread: BTreeMap::new(),
            names_changed: false,
        }
    }

    /// The server went down or came up. Its connections and their numbers end with it.
    pub(super) fn server(&mut self, server: ServerIs) {
        self.links.clear();
        self.server = server;
    }

    /// The server's list.
    pub(super) fn listing(&mut self, listed: &[TrackedDevice], now: Timestamp) {
        let mut present = BTreeSet::new();
        for device in listed {
            let key = key_of(device);
            if !present.insert(key.clone()) {
                continue;
            }
            let link = self.links.entry(key).or_insert_with(|| Link {
                listed: device.clone(),
                first_seen: now,
                life: Life::Unknown,
                identity: None,
                verified: None,
                read: false,
                phone: None,
                undecided: false,
            });
            if link.listed.state != device.state {
                // Whatever it was asked before, the answers are of another connection.
                link.life = Life::Unknown;
                link.read = false;
            }
            link.listed = device.clone();
        }
        self.links.retain(|key, _| present.contains(key));
    }

    pub(super) fn reach(&mut self, address: &str, reach: Reach) {
        if let Some(known) = self.reach.get_mut(address) {
            *known = reach;
        }
    }

    /// What a connection's worker says. Answers the address whose connection should be made anew.
    pub(super) fn news(&mut self, key: &Transport, news: News, now: Timestamp) -> Option<String> {
        let link = self.links.get_mut(key)?;
        if link.listed.state != AdbState::Device {
            return None;
        }
        match news {
            News::Silent(reason) => {
                link.life = Life::Silent(reason);
                let address = link.listed.serial.clone();
                return self.reach.contains_key(&address).then_some(address);
            }
            News::Identified(who) if !who.booted => link.life = Life::Booting,
            News::Identified(who) => {
                link.life = Life::Alive;
                link.verified = Some(now);
                let same = link.identity.as_ref().is_some_and(|known| {
                    known.boot_id == who.identity.boot_id && known.android_id == who.identity.android_id
                });
                link.identity = Some(who.identity);
                if !same {
                    self.rename(key, now);
                }
            }
            News::Boot(_) => {
                link.life = Life::Alive;
                link.verified = Some(now);
            }
            News::Facts(how) => {
                link.life = Life::Alive;
                link.verified = Some(now);
                link.read = true;
                if let Some(serial) = link.phone.clone() {
                    self.unread.remove(&serial);
                    self.facts(&serial, how, now);
                }
            }
            News::NoFacts(reason) => {
                link.life = Life::Alive;
                link.read = true;
                if let Some(serial) = link.phone.clone() {
                    self.unread.insert(serial, reason);
                }
            }
        }
        let serial = self.links.get(key)?.phone.clone()?;
        self.devices.get_mut(&serial)?.last_seen = Some(now);
        None
    }

    fn facts(&mut self, serial: &Serial, how: HowItIs, now: Timestamp) {
        let Some(device) = self.devices.get_mut(serial) else {
            return;
        };
        let mut news = false;
        news |= put(&mut device.battery, how.battery, now);
        news |= put(&mut device.screen, how.screen, now);
        news |= put(&mut device.foreground, how.foreground, now);
        news |= put(&mut device.screen_size, how.screen_size, now);
        if news {
            self.pending.push(Change {
                serial: serial.clone(),
                what: Changed::Facts,
            });
        }
    }

    /// Which connections are to have a worker: those that adb calls a device, with their role and whether by USB.
    pub(super) fn wanted(&self) -> BTreeMap<Transport, (Role, bool)> {
        let mut wanted = BTreeMap::new();
        for (key, link) in &self.links {
            if link.listed.state != AdbState::Device {
                continue;
            }
            let main = match &link.phone {
                Some(serial) => self.main(serial) == Some(key),
                None => true,
            };
            let role = if main { Role::Main } else { Role::Spare };
            wanted.insert(key.clone(), (role, is_usb(&link.listed)));
        }
        wanted
    }

    /// A phone's best connection that adb calls a device: one that answers before one that does not, a cable before
    /// the network.
    pub(super) fn main(&self, serial: &Serial) -> Option<&Transport> {
        let usable = self
            .links
            .iter()
            .filter(|(_, link)| link.phone.as_ref() == Some(serial) && link.listed.state == AdbState::Device);
        usable
            .max_by_key(|(_, link)| {
                let life = match link.life {
                    Life::Alive => 3,
                    Life::Booting => 2,
                    Life::Unknown => 1,
                    Life::Silent(_) => 0,
                };
                (life, is_usb(&link.listed))
            })
            .map(|(key, _)| key)
    }

    /// Brings connections to their phones and phones to their states; answers what has changed since the last time.
    pub(super) fn settle(&mut self, now: Timestamp) -> Vec<Change> {
        let nameless: Vec<Transport> = self
            .links
            .iter()
            .filter(|(_, link)| link.phone.is_none() || link.undecided)
            .map(|(key, _)| key.clone())
            .collect();
        for key in nameless {
            self.rename(&key, now);
        }
        self.add_unreached(now);
        let mut serials: BTreeMap<Serial, Vec<Transport>> = BTreeMap::new();
        for serial in self.devices.keys() {
            serials.insert(serial.clone(), Vec::new());
        }
        for (key, link) in &self.links {
            if let Some(keys) = link.phone.as_ref().and_then(|serial| serials.get_mut(serial)) {
                keys.push(key.clone());
            }
        }
        for (serial, keys) in &serials {
            self.judge(serial, keys, now);
        }
        std::mem::take(&mut self.pending)
    }

    /// An address that never led to a phone is shown too, so that an operator sees what is missing.
    fn add_unreached(&mut self, now: Timestamp) {
        let missing: Vec<String> = self
            .reach
            .iter()
            .filter(|(_, reach)| matches!(reach, Reach::Unreachable(_) | Reach::NoHandshake(_)))
            .filter(|(address, _)| self.by_address(address).is_none())
            .filter(|(address, _)| self.links.values().all(|link| link.listed.serial != **address))
            .map(|(address, _)| address.clone())
            .collect();
        for address in missing {
            let serial = Serial(address);
            let device = Device::new(serial.clone(), DeviceState::Unplugged, now);
            self.devices.insert(serial.clone(), device);
            self.change(&serial, Changed::Added);
        }
    }

    fn change(&mut self, serial: &Serial, what: Changed) {
        self.pending.push(Change {
            serial: serial.clone(),
            what,
        });
    }
}

/// A transport number where the server gives one, else the serial.
pub(super) fn key_of(device: &TrackedDevice) -> Transport {
    match device.transport_id {
        Some(id) => Transport::Id(id),
        None => Transport::Serial(device.serial.clone()),
    }
}

/// Everything that is no network address, no wireless name and no emulator hangs on a cable.
fn is_usb(device: &TrackedDevice) -> bool {
    let serial = &device.serial;
    let address = serial
        .rsplit_once(':')
        .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    device.usb.is_some()
        || !(address || serial.contains("._adb-tls-connect._tcp") || serial.starts_with("emulator-"))
}

/// Puts a fact where one was read; true where its value is another.
fn put<T: PartialEq>(slot: &mut Option<Fact<T>>, value: Option<T>, now: Timestamp) -> bool {
    let Some(value) = value else { return false };
    let news = slot.as_ref().is_none_or(|fact| fact.value != value);
    *slot = Some(Fact::new(value, now));
    news
}

#[cfg(test)]
mod tests;
