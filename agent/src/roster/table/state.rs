//! What state its connections put a phone in, with the reason, and what an operator should know of it.

use jiff::Timestamp;
use shared::device::{Device, DeviceState, Serial};

use super::super::Changed;
use super::{Life, Link, SERVER_WARMUP, ServerIs, Table, key_of};
use crate::adb::Transport;
use crate::adb::network::Reach;
use crate::adb::track::AdbState;

impl Table {
    /// Brings one phone to the state that its connections put it in.
    pub(super) fn judge(&mut self, serial: &Serial, keys: &[Transport], now: Timestamp) {
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
    pub(in crate::roster) fn is_settled(&self, now: Timestamp) -> bool {
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
