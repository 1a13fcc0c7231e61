//! A phone under an attempt's lease: each call waits until it may be made, and is broken off where the lease ends in the
//! middle of it. What only looks, or may be done twice, is then done again later; an act that was begun is waited for a
//! moment longer, and then it is said that nobody knows.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use shared::device::{Foreground, Serial};

use super::lease::Lease;
use super::{Phone, PhoneSource};
use crate::device::{Device, DeviceError, DriverKind, Hierarchy, Key, Share, SystemFacts};

/// See the module.
pub(super) struct LeasedDevice {
    serial: Serial,
    source: Arc<dyn PhoneSource>,
    /// The phone as it was reached last.
    last: Mutex<Phone>,
    lease: Arc<Lease>,
    app_version: Mutex<String>,
}

impl LeasedDevice {
    pub(super) fn new(phone: Phone, source: Arc<dyn PhoneSource>, lease: Arc<Lease>) -> Self {
        Self {
            serial: phone.device.serial().clone(),
            source,
            last: Mutex::new(phone),
            lease,
            app_version: Mutex::default(),
        }
    }

    /// The phone through the way to it that there is now; the last known one says by itself why it cannot be reached.
    fn phone(&self) -> Phone {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok(now) = self.source.phone(&self.serial.0) {
            *last = now;
        }
        last.clone()
    }

    fn last(&self) -> Phone {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The version of the app that was asked for; empty where none was found.
    pub(super) fn app_version_seen(&self) -> String {
        self.app_version
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A call that may be made again.
macro_rules! again {
    ($this:ident, $phone:ident => $call:expr) => {
        loop {
            $this.lease.pass().await?;
            let $phone = $this.phone();
            tokio::select! {
                biased;
                answer = async { $call.await } => break answer,
                () = $this.lease.ends() => {}
            }
        }
    };
}

/// The same, in turn with others who look at the screen.
macro_rules! again_in_turn {
    ($this:ident, $phone:ident => $call:expr) => {
        again!($this, $phone => async {
            let _turn = $phone.turn.lock().await;
            $call.await
        })
    };
}

/// An act.
macro_rules! once {
    ($this:ident, $doing:literal, $phone:ident => $call:expr) => {{
        let ($phone, _turn) = loop {
            $this.lease.pass().await?;
            let phone = $this.phone();
            tokio::select! {
                biased;
                turn = Arc::clone(&phone.turn).lock_owned() => {
                    // The turn may have taken a while.
                    if $this.lease.is_open() {
                        break (phone, turn);
                    }
                }
                () = $this.lease.ends() => {}
            }
        };
        tokio::select! {
            biased;
            answer = async { $call.await } => answer,
            () = $this.lease.breaks_off() => Err(DeviceError::BrokenOff($doing)),
        }
    }};
}

#[async_trait]
impl Device for LeasedDevice {
    fn serial(&self) -> &Serial {
        &self.serial
    }

    fn driver(&self) -> DriverKind {
        self.last().device.driver()
    }

    fn note(&self) -> Option<String> {
        self.last().device.note()
    }

    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError> {
        again_in_turn!(self, phone => phone.device.hierarchy())
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        again!(self, phone => phone.device.screenshot())
    }

    async fn foreground(&self) -> Result<Foreground, DeviceError> {
        again!(self, phone => phone.device.foreground())
    }

    async fn focus(&self) -> Result<String, DeviceError> {
        again!(self, phone => phone.device.focus())
    }

    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError> {
        once!(self, "tapping", phone => phone.device.tap(x, y))
    }

    async fn long_press(&self, x: i32, y: i32, hold: Duration) -> Result<(), DeviceError> {
        once!(self, "pressing", phone => phone.device.long_press(x, y, hold))
    }

    async fn swipe(&self, from: (i32, i32), to: (i32, i32), time: Duration) -> Result<(), DeviceError> {
        once!(self, "swiping", phone => phone.device.swipe(from, to, time))
    }

    async fn key(&self, key: Key) -> Result<(), DeviceError> {
        once!(self, "pressing a key", phone => phone.device.key(key))
    }

    async fn type_text(&self, text: &str) -> Result<(), DeviceError> {
        once!(self, "typing", phone => phone.device.type_text(text))
    }

    async fn insert_text(&self, text: &str) -> Result<(), DeviceError> {
        once!(self, "typing", phone => phone.device.insert_text(text))
    }

    async fn clear_text(&self) -> Result<(), DeviceError> {
        once!(self, "emptying a field", phone => phone.device.clear_text())
    }

    async fn open_url(&self, url: &str, package: Option<&str>) -> Result<(), DeviceError> {
        once!(self, "opening a link", phone => phone.device.open_url(url, package))
    }

    async fn start_app(&self, package: &str) -> Result<(), DeviceError> {
        once!(self, "starting the app", phone => phone.device.start_app(package))
    }

    async fn stop_app(&self, package: &str) -> Result<(), DeviceError> {
        once!(self, "stopping the app", phone => phone.device.stop_app(package))
    }

    async fn share(&self, share: &Share) -> Result<(), DeviceError> {
        once!(self, "sharing a file", phone => phone.device.share(share))
    }

    async fn grant(&self, package: &str, permission: &str) -> Result<(), DeviceError> {
        again!(self, phone => phone.device.grant(package, permission))
    }

    async fn app_version(&self, package: &str) -> Result<Option<String>, DeviceError> {
        let version: Result<Option<String>, DeviceError> =
            again!(self, phone => phone.device.app_version(package));
        if let Ok(Some(version)) = &version {
            self.app_version
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(version);
        }
        version
    }

    async fn system(&self) -> Result<SystemFacts, DeviceError> {
        again!(self, phone => phone.device.system())
    }

    async fn keyboard_shown(&self) -> Result<bool, DeviceError> {
        again!(self, phone => phone.device.keyboard_shown())
    }

    async fn wake(&self) -> Result<bool, DeviceError> {
        again_in_turn!(self, phone => phone.device.wake())
    }

    async fn clock(&self) -> Result<i64, DeviceError> {
        again!(self, phone => phone.device.clock())
    }

    async fn push(&self, local: &Path, remote: &str) -> Result<(), DeviceError> {
        again!(self, phone => phone.device.push(local, remote))
    }

    async fn remove(&self, remote: &str) -> Result<(), DeviceError> {
        again!(self, phone => phone.device.remove(remote))
    }

    async fn index_media(&self, remote: &str) -> Result<Option<String>, DeviceError> {
        again!(self, phone => phone.device.index_media(remote))
    }

    async fn hold(&self, token: &str) -> Result<(), DeviceError> {
        again!(self, phone => phone.device.hold(token))
    }

    async fn holder(&self) -> Result<String, DeviceError> {
        again!(self, phone => phone.device.holder())
    }

    async fn note_files(&self, paths: &[String]) -> Result<(), DeviceError> {
        again!(self, phone => phone.device.note_files(paths))
    }

    async fn noted_files(&self) -> Result<Vec<String>, DeviceError> {
        again!(self, phone => phone.device.noted_files())
    }
}
