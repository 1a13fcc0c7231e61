//! Which phones there are, merged from what all hosts tell. A phone that two hosts name belongs to the one where it is
//! usable; a phone whose host is away is offline.
//!
//! Pure: no connections, no database, and times are arguments.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use shared::device::{Device, DeviceState, Serial};
use shared::wire::phone::{Batch, HOST_PHONES};
use uuid::Uuid;

use super::live::{EventKind, LiveDevice};
use crate::store::{DeviceRow, SeenDevice};

/// One host's phones.
#[derive(Debug, Default)]
struct HostPhones {
    name: String,
    /// Why it is away; `None` while it is connected.
    away: Option<(String, Timestamp)>,
    devices: BTreeMap<Serial, Device>,
    /// While a full list is told: the phones that it has not named yet.
    unconfirmed: Option<BTreeSet<Serial>>,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    hosts: BTreeMap<Uuid, HostPhones>,
    rows: BTreeMap<Serial, DeviceRow>,
    live: BTreeMap<Serial, Arc<LiveDevice>>,
    /// What the database was told last of each phone, and when.
    recorded: BTreeMap<Serial, (SeenDevice, Timestamp)>,
}

/// A host told something that no real host tells.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Nonsense(pub(super) &'static str);

impl Table {
    pub(super) fn new(rows: Vec<DeviceRow>) -> Self {
        Self {
            rows: rows.into_iter().map(|row| (row.serial.clone(), row)).collect(),
            ..Self::default()
        }
    }

    pub(super) fn live(&self) -> &BTreeMap<Serial, Arc<LiveDevice>> {
        &self.live
    }

    /// How many phones a host tells of.
    pub(super) fn count(&self, host: Uuid) -> usize {
        self.hosts.get(&host).map_or(0, |host| host.devices.len())
    }

    pub(super) fn connected(&mut self, host: Uuid, name: &str) {
        let phones = self.hosts.entry(host).or_default();
        name.clone_into(&mut phones.name);
        // Its phones stay offline until its list says how they are.
    }

    /// What a host tells. Its clock is not believed: ages count from `now`.
    pub(super) fn hear(
        &mut self,
        host: Uuid,
        batch: Batch,
        now: Timestamp,
    ) -> Result<Vec<EventKind>, Nonsense> {
        for news in &batch.phones {
            news.check().map_err(Nonsense)?;
        }
        let phones = self.hosts.entry(host).or_default();
        let mut touched = BTreeSet::new();
        if batch.fresh {
            phones.unconfirmed = Some(phones.devices.keys().cloned().collect());
            if phones.away.take().is_some() {
                touched.extend(phones.devices.keys().cloned());
            }
        }
        for name in batch.gone {
            let serial = Serial(name);
            phones.devices.remove(&serial);
            touched.insert(serial);
        }
        for news in batch.phones {
            let serial = Serial(news.serial.clone());
            let confirmed = phones.unconfirmed.as_mut().map(|left| left.remove(&serial));
            if !phones.devices.contains_key(&serial) && phones.devices.len() >= HOST_PHONES {
                return Err(Nonsense("more phones than a host can have"));
            }
            let blank = || Device::new(serial.clone(), DeviceState::Unplugged, now);
            let device = phones.devices.entry(serial.clone()).or_insert_with(blank);
            if confirmed.is_some() {
                // In a full list each phone is told whole.
                *device = blank();
            }
            news.apply(device, now);
            touched.insert(serial);
        }
        if !batch.more
            && let Some(left) = phones.unconfirmed.take()
        {
            for serial in left {
                phones.devices.remove(&serial);
                touched.insert(serial);
            }
        }
        Ok(self.settle(touched))
    }

    /// A host's link ended: its phones cannot be used until it is back.
    pub(super) fn lost(&mut self, host: Uuid, reason: &str, now: Timestamp) -> Vec<EventKind> {
        let Some(phones) = self.hosts.get_mut(&host) else {
            return Vec::new();
        };
        phones.away = Some((reason.to_owned(), now));
        phones.unconfirmed = None;
        let touched = phones.devices.keys().cloned().collect();
        self.settle(touched)
    }

    /// A host is no part of the farm any longer, and its phones with it.
    pub(super) fn removed(&mut self, host: Uuid) -> Vec<EventKind> {
        let phones = self.hosts.remove(&host).unwrap_or_default();
        self.settle(phones.devices.into_keys().collect())
    }

    /// The database's row of a phone is new or has changed.
    pub(super) fn put_row(&mut self, row: DeviceRow) -> Vec<EventKind> {
        let serial = row.serial.clone();
        self.rows.insert(serial.clone(), row);
        self.settle(BTreeSet::from([serial]))
    }

    /// Phones of which the database should know more: seen for the first time, changed, or not noted for `again_after`.
    pub(super) fn unrecorded(&self, now: Timestamp, again_after: jiff::SignedDuration) -> Vec<SeenDevice> {
        let mut due = Vec::new();
        for (serial, live) in &self.live {
            let Some(identity) = &live.device.identity else {
                continue;
            };
            if live.device.state != DeviceState::Online {
                continue;
            }
            let who = &identity.value;
            let known = self.recorded.get(serial).is_some_and(|(last, at)| {
                last.host_id == live.host
                    && last.manufacturer == who.manufacturer
                    && last.model == who.model
                    && last.android == who.android
                    && last.sdk == who.sdk
                    && now.duration_since(*at) < again_after
            });
            if !known {
                let seen = SeenDevice {
                    serial: serial.clone(),
                    host_id: live.host,
                    manufacturer: who.manufacturer.clone(),
                    model: who.model.clone(),
                    android: who.android.clone(),
                    sdk: who.sdk,
                };
                due.push((seen, identity.at));
            }
        }
        // Indexes go by first sight.
        due.sort_by(|a, b| a.1.cmp(&b.1).then_with(|| a.0.serial.cmp(&b.0.serial)));
        due.into_iter().map(|(seen, _)| seen).collect()
    }

    /// The database knows these now.
    pub(super) fn recorded(&mut self, seen: Vec<SeenDevice>, now: Timestamp) {
        for seen in seen {
            self.recorded.insert(seen.serial.clone(), (seen, now));
        }
    }

    /// Brings the merged list up to date for these phones and tells what has changed.
    fn settle(&mut self, touched: BTreeSet<Serial>) -> Vec<EventKind> {
        let mut events = Vec::new();
        for serial in touched {
            match self.merged(&serial) {
                None => {
                    if self.live.remove(&serial).is_some() {
                        self.recorded.remove(&serial);
                        events.push(EventKind::DeviceRemoved { serial });
                    }
                }
                Some(new) => {
                    let old = self.live.get(&serial);
                    if let Some(event) = difference(old.map(Arc::as_ref), &new) {
                        events.push(event);
                    }
                    if old.is_none_or(|old| **old != new) {
                        self.live.insert(serial, Arc::new(new));
                    }
                }
            }
        }
        events
    }

    /// A phone as the best of its hosts has it.
    fn merged(&self, serial: &Serial) -> Option<LiveDevice> {
        let mut claims: Vec<(Uuid, &HostPhones, Device)> = self
            .hosts
            .iter()
            .filter_map(|(id, host)| Some((*id, host, as_it_is(host, host.devices.get(serial)?))))
            .collect();
        claims.sort_by_key(|(_, _, device)| (rank(device.state), std::cmp::Reverse(device.since)));
        let mut claims = claims.into_iter();
        let (host, phones, mut device) = claims.next()?;
        let rival = claims
            .find(|(_, _, other)| other.state == DeviceState::Online && device.state == DeviceState::Online);
        if let Some((_, rival, _)) = rival {
            device.notes.push(format!(
                "{} has a phone with this serial too: only the one at {} is used",
                rival.name, phones.name
            ));
        }
        Some(LiveDevice {
            device,
            host,
            host_name: phones.name.clone(),
            row: self.rows.get(serial).cloned(),
        })
    }
}

/// A phone with its host's absence counted in.
fn as_it_is(host: &HostPhones, device: &Device) -> Device {
    let mut device = device.clone();
    if let Some((reason, at)) = &host.away
        && device.state != DeviceState::Unplugged
    {
        device.state = DeviceState::Offline;
        device.state_reason = Some(format!("its host {} is away: {reason}", host.name));
        device.since = *at;
    }
    device
}

/// The best first.
fn rank(state: DeviceState) -> u8 {
    match state {
        DeviceState::Online => 0,
        DeviceState::Unauthorized => 1,
        DeviceState::NoPermissions => 2,
        DeviceState::Offline => 3,
        DeviceState::Unplugged => 4,
    }
}

fn difference(old: Option<&LiveDevice>, new: &LiveDevice) -> Option<EventKind> {
    let serial = new.device.serial.clone();
    let Some(old) = old else {
        return Some(EventKind::DeviceAdded {
            serial,
            host: new.host,
            state: new.device.state,
        });
    };
    if old.device.state != new.device.state {
        return Some(EventKind::StateChanged {
            serial,
            from: old.device.state,
            to: new.device.state,
            reason: new.device.state_reason.clone(),
        });
    }
    (!same_to_a_reader(old, new)).then_some(EventKind::DeviceChanged { serial })
}

/// Equal but for the times at which things were read.
fn same_to_a_reader(old: &LiveDevice, new: &LiveDevice) -> bool {
    fn value<T>(fact: Option<&shared::device::Fact<T>>) -> Option<&T> {
        fact.map(|fact| &fact.value)
    }
    let (a, b) = (&old.device, &new.device);
    old.host == new.host
        && old.row == new.row
        && a.aliases == b.aliases
        && a.state_reason == b.state_reason
        && a.usb_path == b.usb_path
        && a.notes == b.notes
        && value(a.identity.as_ref()) == value(b.identity.as_ref())
        && value(a.screen_size.as_ref()) == value(b.screen_size.as_ref())
        && value(a.battery.as_ref()) == value(b.battery.as_ref())
        && value(a.screen.as_ref()) == value(b.screen.as_ref())
        && value(a.foreground.as_ref()) == value(b.foreground.as_ref())
}

#[cfg(test)]
mod tests {
    use shared::device::{Fact, Identity};
    use shared::wire::phone;

    use super::*;

    const HUB: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    fn time(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn phone(serial: &str, state: DeviceState, since: i64) -> Device {
        let mut device = Device::new(Serial(serial.to_owned()), state, time(since));
        let identity = Identity {
            model: "Pixel".to_owned(),
            ..Identity::default()
        };
        device.identity = Some(Fact::new(identity, time(since)));
        device
    }

    fn list(devices: &[Device]) -> BTreeMap<Serial, Device> {
        devices
            .iter()
            .map(|device| (device.serial.clone(), device.clone()))
            .collect()
    }

    fn tell(table: &mut Table, host: Uuid, devices: &[Device], now: i64) -> Vec<&'static str> {
        let mut events = Vec::new();
        for batch in phone::full(&list(devices), time(now)) {
            events.extend(table.hear(host, batch, time(now)).unwrap());
        }
        events.iter().map(EventKind::name).collect()
    }

    fn state(table: &Table, serial: &str) -> DeviceState {
        table.live()[&Serial(serial.to_owned())].device.state
    }

    #[test]
    fn a_list_told_again_keeps_what_stays_and_drops_what_is_gone() {
        let mut table = Table::default();
        table.connected(HUB, "hub");
        let (a, b) = (
            phone("A", DeviceState::Online, 5),
            phone("B", DeviceState::Online, 6),
        );
        assert_eq!(
            tell(&mut table, HUB, &[a.clone(), b.clone()], 10),
            ["device_added", "device_added"]
        );
        assert_eq!(
            tell(&mut table, HUB, std::slice::from_ref(&a), 20),
            ["device_removed"]
        );
        assert_eq!(table.live().len(), 1);
        assert_eq!(tell(&mut table, HUB, &[a], 30), [] as [&str; 0]);
    }

    #[test]
    fn phones_of_a_lost_host_are_offline_until_it_tells_of_them_again() {
        let mut table = Table::default();
        table.connected(HUB, "hub");
        let a = phone("A", DeviceState::Online, 5);
        tell(&mut table, HUB, std::slice::from_ref(&a), 10);
        let events = table.lost(HUB, "silent", time(20));
        assert!(
            matches!(
                &events[..],
                [EventKind::StateChanged {
                    to: DeviceState::Offline,
                    ..
                }]
            ),
            "{events:?}"
        );
        let reason = table.live()[&a.serial].device.state_reason.clone().unwrap();
        assert!(reason.contains("hub") && reason.contains("silent"), "{reason}");
        table.connected(HUB, "hub");
        assert_eq!(state(&table, "A"), DeviceState::Offline);
        assert_eq!(tell(&mut table, HUB, &[a], 30), ["state_changed"]);
        assert_eq!(state(&table, "A"), DeviceState::Online);
    }

    #[test]
    fn a_phone_that_moves_to_another_host_belongs_to_it() {
        let mut table = Table::default();
        table.connected(HUB, "hub");
        table.connected(OTHER, "other");
        tell(&mut table, HUB, &[phone("A", DeviceState::Online, 5)], 10);
        tell(&mut table, HUB, &[phone("A", DeviceState::Unplugged, 12)], 12);
        tell(&mut table, OTHER, &[phone("A", DeviceState::Online, 15)], 16);
        let live = &table.live()[&Serial("A".to_owned())];
        assert_eq!((live.host, live.device.state), (OTHER, DeviceState::Online));
        assert_eq!(live.device.notes, [] as [String; 0]);
        tell(&mut table, HUB, &[phone("A", DeviceState::Online, 17)], 18);
        let live = &table.live()[&Serial("A".to_owned())];
        assert!(
            live.device.notes[0].contains("too"),
            "two phones with one serial are told: {:?}",
            live.device.notes
        );
    }

    #[test]
    fn a_phone_is_noted_once_it_has_said_who_it_is_and_again_after_a_while() {
        let mut table = Table::default();
        table.connected(HUB, "hub");
        let mut unknown = phone("B", DeviceState::Online, 1);
        unknown.identity = None;
        tell(
            &mut table,
            HUB,
            &[
                phone("Z", DeviceState::Online, 2),
                phone("A", DeviceState::Online, 3),
                unknown,
            ],
            10,
        );
        let minute = jiff::SignedDuration::from_secs(60);
        let due = table.unrecorded(time(10), minute);
        let names: Vec<_> = due.iter().map(|seen| seen.serial.0.as_str()).collect();
        assert_eq!(names, ["Z", "A"], "in order of first sight");
        table.recorded(due, time(10));
        assert!(table.unrecorded(time(30), minute).is_empty());
        assert_eq!(table.unrecorded(time(80), minute).len(), 2);
    }

    #[test]
    fn a_host_that_tells_of_impossible_phones_is_caught() {
        let mut table = Table::default();
        let long = phone(&"x".repeat(200), DeviceState::Online, 1);
        let mut batch = phone::full(&list(&[long]), time(1)).remove(0);
        assert!(table.hear(HUB, batch.clone(), time(1)).is_err());
        let template = batch.phones.remove(0);
        batch.fresh = false;
        let flood = (0..=HOST_PHONES).map(|number| {
            let mut news = template.clone();
            news.serial = number.to_string();
            news
        });
        batch.phones = flood.collect();
        assert!(table.hear(HUB, batch, time(1)).is_err());
    }
}
