//! When the screen goes off by itself, and what its going off and on does.

use std::time::Duration;

use super::Ui;
use crate::phone::settings::Namespace;
use crate::phone::{Phone, lock};

/// Where the setting is missing.
const USUAL_TIMEOUT: u64 = 60_000;

impl Ui {
    /// The screen goes off, and locks.
    pub fn sleep(&mut self) {
        self.screen_on = false;
        self.locked = true;
        self.bouncer = false;
        self.shade = false;
        self.keyboard_up = false;
        self.system_pages.clear();
        self.changed = self.now;
    }

    pub fn wake(&mut self) {
        self.touched = self.now;
        if !self.screen_on {
            self.screen_on = true;
            self.changed = self.now;
        }
    }

    /// Goes to sleep when nobody has touched the phone for `screen_off_timeout`, unless it is to stay on at its plug.
    pub(super) fn doze_off(&mut self, phone: &Phone) {
        if !self.screen_on {
            return;
        }
        let plug = {
            let battery = lock(&phone.hardware).shown_battery();
            u64::from(battery.ac_powered) | u64::from(battery.usb_powered) << 1
        };
        let (timeout, stay) = {
            let settings = lock(&phone.settings);
            let number = |namespace, key| {
                settings
                    .get(namespace, key)
                    .and_then(|text| text.parse::<u64>().ok())
            };
            (
                number(Namespace::System, "screen_off_timeout").unwrap_or(USUAL_TIMEOUT),
                number(Namespace::Global, "stay_on_while_plugged_in").unwrap_or(0),
            )
        };
        if stay & plug != 0 {
            // The time begins anew when the plug is pulled.
            self.touched = self.now;
        } else if self.now >= self.touched + Duration::from_millis(timeout) {
            self.sleep();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SimTime;
    use crate::phone::testing::phone;

    fn put(phone: &Phone, namespace: Namespace, key: &str, value: &str) {
        lock(&phone.settings).put(namespace, key, value).unwrap();
    }

    #[test]
    fn the_screen_goes_off_when_nobody_touches_it_unless_it_stays_on_at_its_plug() {
        let (_dir, phone) = phone();
        put(&phone, Namespace::System, "screen_off_timeout", "30000");
        put(&phone, Namespace::Global, "stay_on_while_plugged_in", "3");
        let later = |ui: &mut Ui, seconds| {
            let then = SimTime(ui.now.0 + Duration::from_secs(seconds));
            ui.advance(&phone, then);
        };
        // One lock for all: the phone's own clock must not run in between.
        let mut ui = phone.ui();
        later(&mut ui, 3600);
        assert!(ui.screen_on(), "it is plugged in");
        lock(&phone.hardware).battery.usb_powered = false;
        later(&mut ui, 29);
        assert!(ui.screen_on(), "not yet");
        ui.key(&phone, 24);
        later(&mut ui, 29);
        assert!(ui.screen_on(), "a key was pressed");
        later(&mut ui, 1);
        assert!(!ui.screen_on() && ui.locked());
        ui.wake();
        later(&mut ui, 10);
        assert!(ui.screen_on());
    }
}
