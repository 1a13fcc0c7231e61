//! Phones that answer by script and write down what they were asked.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use controller::fleet::{
    Answer, Apk, Ask, AskError, EventKind, FleetEvent, InstallProgress, InstallState, LiveDevice,
    LiveDevices, LiveHost, PictureKind,
};
use controller::http::phones::Phones;
use controller::store::{DeviceRow, StoreError};
use jiff::Timestamp;
use shared::device::{
    Battery, Charging, Device, DeviceState, Fact, Foreground, Identity, ScreenSize, Serial, Wakefulness,
};
use shared::wire::message::{PrepareState, PrepareStep};
use tokio::sync::{broadcast, mpsc, watch};
use uuid::Uuid;

pub(crate) const HUB: Uuid = Uuid::from_u128(0xABCD);

/// The phones of one host.
#[derive(Debug)]
pub(crate) struct Scripted {
    devices: Mutex<BTreeMap<Serial, Arc<LiveDevice>>>,
    pub(crate) hosts: Mutex<Vec<LiveHost>>,
    pub(crate) asked: Mutex<Vec<(String, Ask)>>,
    /// What a phone answers instead of doing it.
    trouble: Mutex<BTreeMap<String, AskError>>,
    pub(crate) apks: Mutex<Vec<Vec<u8>>>,
    pub(crate) revoked: Mutex<Vec<Uuid>>,
    events: broadcast::Sender<FleetEvent>,
    /// What the screens show, by serial; the tag of a screen is its first byte.
    pub(crate) screens: Mutex<BTreeMap<String, u8>>,
    /// What is on every screen; without any node at first.
    pub(crate) hierarchy: Mutex<String>,
    /// While it is true no phone answers that is looked at.
    pub(crate) held: watch::Sender<bool>,
    /// Phones that are looked at now.
    pub(crate) looked_at: AtomicUsize,
}

impl Scripted {
    pub(crate) fn new() -> Self {
        Self {
            devices: Mutex::default(),
            hosts: Mutex::default(),
            asked: Mutex::default(),
            trouble: Mutex::default(),
            apks: Mutex::default(),
            revoked: Mutex::default(),
            events: broadcast::Sender::new(5_000),
            screens: Mutex::default(),
            hierarchy: Mutex::new("<hierarchy rotation=\"0\"/>".to_owned()),
            held: watch::Sender::new(false),
            looked_at: AtomicUsize::new(0),
        }
    }

    pub(crate) fn put(&self, device: Device, row: Option<DeviceRow>) {
        let live = LiveDevice {
            device,
            host: HUB,
            host_name: "hub".to_owned(),
            row,
        };
        self.devices
            .lock()
            .unwrap()
            .insert(live.device.serial.clone(), Arc::new(live));
    }

    pub(crate) fn connect(&self, now: Timestamp) {
        *self.hosts.lock().unwrap() = vec![LiveHost {
            id: HUB,
            name: "hub".to_owned(),
            connected_since: now,
            rtt: Duration::from_micros(1_500),
            agent_version: "0.1.0".to_owned(),
            address: ([192, 0, 2, 1], 5000).into(),
            devices: self.devices.lock().unwrap().len(),
        }];
    }

    pub(crate) fn trouble(&self, serial: &str, error: AskError) {
        self.trouble.lock().unwrap().insert(serial.to_owned(), error);
    }

    pub(crate) fn happen(&self, at: Timestamp, kind: EventKind) {
        self.events.send(FleetEvent { at, kind }).unwrap();
    }

    pub(crate) fn show(&self, serial: &str, what: u8) {
        self.screens.lock().unwrap().insert(serial.to_owned(), what);
    }

    /// How often a phone was looked at.
    pub(crate) fn looks(&self, serial: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        let looks = asked
            .iter()
            .filter(|(name, ask)| name == serial && matches!(ask, Ask::Glimpse { .. }));
        looks.count()
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<(String, Ask)> {
        self.asked.lock().unwrap().clone()
    }
}

/// A phone with every fact.
pub(crate) fn phone(serial: &str, at: Timestamp) -> Device {
    let mut device = Device::new(Serial(serial.to_owned()), DeviceState::Online, at);
    device.aliases = vec![format!("127.0.0.1:{}", 6000 + serial.len())];
    device.last_seen = Some(at);
    device.usb_path = Some("1-1.4".to_owned());
    device.identity = Some(Fact::new(
        Identity {
            serialno: serial.to_owned(),
            manufacturer: "Google".to_owned(),
            model: "Pixel 7".to_owned(),
            android: "14".to_owned(),
            sdk: 34,
            boot_id: "b".to_owned(),
            android_id: "a".to_owned(),
        },
        at,
    ));
    let size = ScreenSize {
        width: 1080,
        height: 2400,
        rotation: 0,
        density: 420,
    };
    device.screen_size = Some(Fact::new(size, at));
    let battery = Battery {
        level: 81,
        temperature_decicelsius: 295,
        charging: Charging::Charging,
        frozen: false,
    };
    device.battery = Some(Fact::new(battery, at));
    device.screen = Some(Fact::new(
        Wakefulness {
            on: true,
            locked: false,
        },
        at,
    ));
    let front = Foreground {
        package: "com.android.notes".to_owned(),
        activity: None,
        window: None,
    };
    device.foreground = Some(Fact::new(front, at));
    device
}

#[async_trait]
impl Phones for Scripted {
    fn devices(&self) -> LiveDevices {
        Arc::new(self.devices.lock().unwrap().clone())
    }

    fn hosts(&self) -> Vec<LiveHost> {
        self.hosts.lock().unwrap().clone()
    }

    fn events(&self) -> broadcast::Receiver<FleetEvent> {
        self.events.subscribe()
    }

    async fn ask(&self, name: &str, question: Ask, _deadline: Duration) -> Result<Answer, AskError> {
        let live = self
            .find(name)
            .ok_or_else(|| AskError::UnknownDevice(name.to_owned()))?;
        let serial = live.device.serial.0.clone();
        assert_ne!(serial, "PANIC", "a secret of the inside");
        self.asked
            .lock()
            .unwrap()
            .push((serial.clone(), question.clone()));
        if let Some(error) = self.trouble.lock().unwrap().get(&serial) {
            return Err(error.clone());
        }
        if matches!(question, Ask::Glimpse { .. }) {
            self.looked_at.fetch_add(1, Ordering::SeqCst);
            let mut held = self.held.subscribe();
            let _ = held.wait_for(|held| !held).await;
            self.looked_at.fetch_sub(1, Ordering::SeqCst);
        }
        let screen = self.screens.lock().unwrap().get(&serial).copied();
        let screen = screen.unwrap_or_default();
        Ok(match question {
            Ask::Glimpse { unless, .. } if unless == Some(screen.into()) => Answer::Unchanged,
            Ask::Glimpse { .. } => Answer::Glimpse {
                kind: PictureKind::Jpeg,
                bytes: vec![0xff, 0xd8, screen],
                tag: screen.into(),
            },
            Ask::Screenshot { max: None } => Answer::Picture {
                kind: PictureKind::Png,
                bytes: b"\x89PNG\r\n\x1a\n".to_vec(),
            },
            Ask::Screenshot { max: Some(_) } => Answer::Picture {
                kind: PictureKind::Jpeg,
                bytes: b"\xff\xd8\xff".to_vec(),
            },
            Ask::Hierarchy => Answer::Hierarchy {
                xml: self.hierarchy.lock().unwrap().clone(),
                driver: "plain".to_owned(),
            },
            Ask::Foreground => Answer::Foreground(Foreground {
                package: "com.android.settings".to_owned(),
                activity: Some("com.android.settings.Settings".to_owned()),
                window: None,
            }),
            Ask::Input(_) | Ask::Identify { .. } => Answer::Done,
            Ask::Prepare { .. } => Answer::Prepared {
                ready: false,
                steps: vec![PrepareStep {
                    name: "screen_lock".to_owned(),
                    title: "Screen lock".to_owned(),
                    state: PrepareState::NeedsPerson,
                    found: "a PIN".to_owned(),
                    advice: Some("remove it".to_owned()),
                }],
            },
        })
    }

    fn install(
        &self,
        serials: Vec<String>,
        apk: &Apk,
        _deadline: Duration,
    ) -> mpsc::Receiver<InstallProgress> {
        let bytes = match apk {
            Apk::Bytes(bytes) => bytes.to_vec(),
            Apk::File(path) => std::fs::read(path).unwrap(),
        };
        let total = bytes.len() as u64;
        self.apks.lock().unwrap().push(bytes);
        let (told, progress) = mpsc::channel(16);
        let trouble = self.trouble.lock().unwrap().clone();
        tokio::spawn(async move {
            for serial in serials {
                let sending = InstallState::Sending { done: total, total };
                let end = match trouble.get(&serial) {
                    Some(error) => InstallState::Failed(error.clone()),
                    None => InstallState::Installed,
                };
                for state in [sending, end] {
                    let serial = serial.clone();
                    let _ = told.send(InstallProgress { serial, state }).await;
                }
            }
        });
        progress
    }

    async fn new_join_token(&self, ttl: Duration, who: &str) -> Result<String, StoreError> {
        Ok(format!("v1.pin.{}.{}", ttl.as_secs(), who.replace(' ', "-")))
    }

    async fn revoke(&self, host: Uuid, _who: &str) -> Result<(), StoreError> {
        self.revoked.lock().unwrap().push(host);
        Ok(())
    }

    fn put_row(&self, row: DeviceRow) {
        let mut devices = self.devices.lock().unwrap();
        if let Some(live) = devices.get_mut(&row.serial) {
            Arc::make_mut(live).row = Some(row);
        }
    }
}
