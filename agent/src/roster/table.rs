//! The roster's knowledge and its rules: which connections belong to which phone, and what state that puts it in.
//! Everything that happens comes in as a call; what has changed goes out of [`Table::settle`].
//!
//! Pure: no sockets, no tasks, and times are arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use shared::device::{Device, DeviceState, Fact, Identity, Serial};

use super::names::{Claim, Holder, Names};
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

    /// Gives a connection to the phone that it belongs to, by what is known of it now.
    fn rename(&mut self, key: &Transport, now: Timestamp) {
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

    fn by_address(&self, address: &str) -> Option<Serial> {
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

    /// Brings one phone to the state that its connections put it in.
    fn judge(&mut self, serial: &Serial, keys: &[Transport], now: Timestamp) {
        let links: Vec<&Link> = keys.iter().filter_map(|key| self.links.get(key)).collect();
        let Some(device) = self.devices.get(serial) else {
            return;
        };
        let verdict = match &self.server {
            ServerIs::Down(reason) => Some((DeviceState::Offline, Some(reason.clone()))),
            ServerIs::Up { .. } if !links.is_empty() => links
                .iter()
                .map(|link| verdict(link))
                .min_by_key(|(state, _)| rank(*state)),
            ServerIs::Up { since } => self.absent(device, *since, now),
        };
        let usb_path = links.iter().find_map(|link| link.listed.usb.clone());
        let notes = self.notes(serial, device);
        let Some(device) = self.devices.get_mut(serial) else {
            return;
        };
        if usb_path.is_some() {
            device.usb_path = usb_path;
        }
        device.notes = notes;
        let Some((state, reason)) = verdict else { return };
        if device.state != state {
            let from = std::mem::replace(&mut device.state, state);
            device.since = now;
            device.state_reason.clone_from(&reason);
            self.change(
                serial,
                Changed::State {
                    from,
                    to: state,
                    reason,
                },
            );
        } else if device.state_reason != reason {
            device.state_reason = reason;
        }
    }

    /// The state of a phone without a connection; `None` leaves it as it is, because it is only just being found out.
    fn absent(
        &self,
        device: &Device,
        up_since: Timestamp,
        now: Timestamp,
    ) -> Option<(DeviceState, Option<String>)> {
        let names = std::iter::once(&device.serial.0).chain(&device.aliases);
        let reached: Vec<&Reach> = names.filter_map(|name| self.reach.get(name)).collect();
        for reach in &reached {
            if let Reach::NoHandshake(reason) = reach {
                let reason = format!("its port is open, but adb gets no answer there ({reason})");
                return Some((DeviceState::Offline, Some(reason)));
            }
        }
        for reach in &reached {
            if let Reach::Unreachable(reason) = reach {
                return Some((DeviceState::Unplugged, Some(reason.clone())));
            }
        }
        if !reached.is_empty() {
            let reason = "adb has lost it; it is being connected anew".to_owned();
            return Some((DeviceState::Offline, Some(reason)));
        }
        let warm = now.duration_since(up_since).unsigned_abs() > SERVER_WARMUP;
        warm.then_some((DeviceState::Unplugged, None))
    }

    fn notes(&self, serial: &Serial, device: &Device) -> Vec<String> {
        let mut notes = Vec::new();
        for other in self.names.namesakes(&serial.0) {
            notes.push(format!(
                "another phone has the same serial and is called {other}; this one is {serial}"
            ));
        }
        if device
            .battery
            .as_ref()
            .is_some_and(|battery| battery.value.frozen)
        {
            notes.push(
                "`dumpsys battery set` is in force: level and charging are not the battery's own (`dumpsys battery \
                 reset` ends it)"
                    .to_owned(),
            );
        }
        if let Some(reason) = self.unread.get(serial) {
            notes.push(format!("its facts cannot be read: {reason}"));
        }
        notes
    }

    /// Whether every phone and every address has an identity and facts, or a state that says why not.
    pub(super) fn is_settled(&self, now: Timestamp) -> bool {
        let ServerIs::Up { since } = self.server else {
            return false;
        };
        let warm = now.duration_since(since).unsigned_abs() > SERVER_WARMUP;
        let links = self.links.values().all(|link| match link.listed.state {
            AdbState::Device => match link.life {
                Life::Unknown => false,
                Life::Booting | Life::Silent(_) => true,
                Life::Alive => link.phone.is_some() && (link.read || self.is_spare(link)),
            },
            AdbState::Offline | AdbState::Connecting | AdbState::Authorizing => warm,
            _ => true,
        });
        let addresses = self.reach.iter().all(|(address, reach)| match reach {
            Reach::Untried => false,
            Reach::Unreachable(_) | Reach::NoHandshake(_) => true,
            Reach::Listed => self.links.values().any(|link| link.listed.serial == *address),
        });
        links && addresses
    }

    fn is_spare(&self, link: &Link) -> bool {
        let main = link.phone.as_ref().and_then(|serial| self.main(serial));
        main.is_some_and(|main| *main != key_of(&link.listed))
    }

    fn change(&mut self, serial: &Serial, what: Changed) {
        self.pending.push(Change {
            serial: serial.clone(),
            what,
        });
    }
}

/// What one connection says of its phone's state.
fn verdict(link: &Link) -> (DeviceState, Option<String>) {
    let offline = |reason: &str| (DeviceState::Offline, Some(reason.to_owned()));
    match (&link.listed.state, &link.life) {
        (AdbState::Device, Life::Alive) => (DeviceState::Online, None),
        (AdbState::Device, Life::Booting) => offline("its system is still starting"),
        (AdbState::Device, Life::Silent(reason)) => {
            offline(&format!("adb lists it, but it does not answer ({reason})"))
        }
        (AdbState::Device, Life::Unknown) => offline("it is being asked who it is"),
        (AdbState::Unauthorized, _) => {
            let what = "it has not accepted this host's key: tap \"Always allow\" on its screen";
            (DeviceState::Unauthorized, Some(what.to_owned()))
        }
        (AdbState::NoPermissions(said), _) => (DeviceState::NoPermissions, Some(said.clone())),
        (AdbState::Offline, _) => offline("adb cannot talk to it"),
        (AdbState::Connecting | AdbState::Authorizing, _) => offline("adb is shaking hands with it"),
        (AdbState::Recovery, _) => offline("it is in recovery"),
        (AdbState::Rescue, _) => offline("it is in rescue mode"),
        (AdbState::Sideload, _) => offline("it waits for a sideload"),
        (AdbState::Bootloader, _) => offline("it is in its bootloader"),
        (AdbState::Host, _) => offline("it is in host mode"),
        (AdbState::Other(word), _) => offline(&format!("adb calls it \"{word}\"")),
    }
}

/// The best of several connections decides; the order is that of how much a person has to do.
fn rank(state: DeviceState) -> u8 {
    match state {
        DeviceState::Online => 0,
        DeviceState::Unauthorized => 1,
        DeviceState::NoPermissions => 2,
        DeviceState::Offline => 3,
        DeviceState::Unplugged => 4,
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
