//! Phones that are only told of: a list that a test changes, and answers that it can see and hold back.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use agent::link::Phones;
use agent::roster::Devices;
use async_trait::async_trait;
use jiff::Timestamp;
use shared::clock::{Clock, SystemClock};
use shared::device::{
    Battery, Charging, Device, DeviceState, Fact, Foreground, Identity, ScreenSize, Serial, Wakefulness,
};
use shared::wire::message::{AgentAsk, AgentReply, PictureForm};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{mpsc, watch};

/// A phone with all its facts, read at `at`.
pub fn phone(serial: &str, level: u8, at: Timestamp) -> Device {
    let mut device = Device::new(Serial(serial.to_owned()), DeviceState::Online, at);
    device.last_seen = Some(at);
    device.usb_path = Some("1-1.4".to_owned());
    let identity = Identity {
        serialno: serial.to_owned(),
        manufacturer: "samsung".to_owned(),
        model: "SM-G991B".to_owned(),
        android: "14".to_owned(),
        sdk: 34,
        boot_id: "6f1c2a40-0000-4000-8000-000000000000".to_owned(),
        android_id: "9774d56d682e549c".to_owned(),
    };
    device.identity = Some(Fact::new(identity, at));
    device.screen_size = Some(Fact::new(
        ScreenSize {
            width: 1080,
            height: 2400,
            rotation: 0,
            density: 480,
        },
        at,
    ));
    let battery = Battery {
        level,
        temperature_decicelsius: 287,
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
        package: "com.zhiliaoapp.musically".to_owned(),
        activity: Some("com.ss.android.ugc.aweme.main.MainActivity".to_owned()),
        window: None,
    };
    device.foreground = Some(Fact::new(front, at));
    device
}

/// See the module.
#[derive(Debug)]
pub struct ToldPhones {
    devices: watch::Sender<Devices>,
    asked: Mutex<Vec<AgentAsk>>,
    held: watch::Sender<bool>,
}

impl ToldPhones {
    pub fn new(devices: impl IntoIterator<Item = Device>) -> Arc<Self> {
        Arc::new(Self {
            devices: watch::Sender::new(listed(devices)),
            asked: Mutex::default(),
            held: watch::Sender::new(false),
        })
    }

    /// So many phones named `PREFIX-0000` and on.
    pub fn many(prefix: &str, count: usize) -> Arc<Self> {
        let at = SystemClock.now();
        Self::new((0..count).map(|number| phone(&format!("{prefix}-{number:04}"), 80, at)))
    }

    /// Changes the list.
    pub fn change(&self, change: impl FnOnce(&mut BTreeMap<Serial, Device>)) {
        self.devices.send_modify(|devices| change(Arc::make_mut(devices)));
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<AgentAsk> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// While held, no question is answered.
    pub fn hold(&self, held: bool) {
        self.held.send_replace(held);
    }

    /// Waits until something was asked of a phone.
    pub async fn until_asked(&self) {
        while self.asked().is_empty() {
            tokio::time::sleep(super::LOOK).await;
        }
    }
}

fn listed(devices: impl IntoIterator<Item = Device>) -> Devices {
    Arc::new(
        devices
            .into_iter()
            .map(|device| (device.serial.clone(), device))
            .collect(),
    )
}

#[async_trait]
impl Phones for ToldPhones {
    fn watch(&self) -> watch::Receiver<Devices> {
        self.devices.subscribe()
    }

    async fn serve(
        &self,
        ask: AgentAsk,
        body: &mut (dyn AsyncRead + Send + Unpin),
        told: &mpsc::Sender<AgentReply>,
    ) -> AgentReply {
        if ask == AgentAsk::Ping {
            return AgentReply::Done;
        }
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(ask.clone());
        let mut held = self.held.subscribe();
        let _ = held.wait_for(|held| !held).await;
        match ask {
            AgentAsk::Screenshot { form, .. } => {
                let size = if form == PictureForm::Png {
                    3 << 20
                } else {
                    60 << 10
                };
                AgentReply::Picture {
                    form,
                    bytes: vec![7; size],
                }
            }
            AgentAsk::Glimpse { unless: Some(7), .. } => AgentReply::Unchanged,
            AgentAsk::Glimpse { form, .. } => AgentReply::Glimpse {
                form,
                bytes: vec![7; 60 << 10],
                tag: 7,
            },
            AgentAsk::Hierarchy { .. } => AgentReply::Hierarchy {
                xml: "<hierarchy/>".to_owned(),
                driver: "plain".to_owned(),
            },
            AgentAsk::Install { size, .. } => {
                let mut arrived = 0;
                let mut piece = vec![0; 64 << 10];
                while let Ok(read @ 1..) = body.read(&mut piece).await {
                    arrived += read as u64;
                    let _ = told.try_send(AgentReply::Progress {
                        done: arrived,
                        total: size,
                    });
                }
                assert_eq!(arrived, size, "the app arrives whole");
                AgentReply::Done
            }
            _ => AgentReply::Done,
        }
    }
}
