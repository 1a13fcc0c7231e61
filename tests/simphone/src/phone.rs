//! One phone: what it is, what it holds, what is wrong with it. No protocol and no screen in here.

pub mod apk;
pub mod boot;
pub mod fault;
pub mod files;
pub mod hardware;
pub mod identity;
pub mod inputs;
pub mod keys;
pub mod log;
pub mod media;
pub mod packages;
pub mod personality;
pub mod power;
pub mod running;
pub mod services;
pub mod settings;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::app::social::{self, Social, Worlds};
use crate::clock::SimClock;
use crate::ledger::Ledger;
use crate::ui::Ui;

pub use fault::Faults;
pub use files::Files;
pub use hardware::Hardware;
pub use inputs::{Input, Inputs};
pub use keys::Keys;
pub use log::Log;
pub use media::Media;
pub use packages::Packages;
pub use personality::Personality;
pub use power::Power;
pub use running::Running;
pub use services::Services;
pub use settings::Settings;

/// What a phone is made from.
#[derive(Debug, Clone)]
pub struct PhoneSpec {
    /// `ro.serialno`: SIM0001, SIM0002, …
    pub serial: String,
    pub personality: &'static Personality,
    /// Everything random about this phone follows from it.
    pub seed: u64,
    /// Its folder on the host: `ledger.jsonl`, `state/*.json`, `fs/`. Survives the simulator.
    pub data: PathBuf,
    pub clock: SimClock,
}

/// A simulated phone. Shared by everything that touches it; each part has its own lock, never held over an await.
#[derive(Debug)]
pub struct Phone {
    pub spec: PhoneSpec,
    pub ledger: Ledger,
    /// Its file system: /sdcard, /data/local/tmp, …
    pub files: Files,
    /// `settings get|put`, properties set by `setprop`; kept over reboots as a phone keeps them.
    pub settings: Mutex<Settings>,
    /// Battery, rotation, storage: what sensors and chips say.
    pub hardware: Mutex<Hardware>,
    /// What is wrong with it just now.
    pub faults: Faults,
    /// On, off, booting; plugged in or not; and the events of both.
    pub power: Power,
    /// What was installed on it.
    pub packages: Mutex<Packages>,
    /// What galleries see.
    pub media: Mutex<Media>,
    /// What `logcat` reads.
    pub log: Log,
    /// Which adb hosts it knows.
    pub keys: Keys,
    /// Servers that run on it.
    pub services: Services,
    /// The shell's programs that stay.
    pub running: Running,
    /// What programs put into it.
    pub inputs: Inputs,
    /// The social apps: their worlds, and what they keep on this phone.
    pub social: Social,
    ui: Mutex<Ui>,
}

impl Phone {
    /// Makes the phone, or wakes it again from its folder; it is alone in the worlds of its social apps.
    pub fn open(spec: PhoneSpec) -> std::io::Result<Arc<Self>> {
        let worlds = Worlds::open(&spec.data.join("world"), &spec.clock)?;
        Self::open_in(spec, worlds)
    }

    /// The same in worlds that it shares with other phones.
    pub fn open_in(spec: PhoneSpec, worlds: Arc<Worlds>) -> std::io::Result<Arc<Self>> {
        std::fs::create_dir_all(spec.data.join("state"))?;
        let phone = Self {
            ledger: Ledger::open(&spec.data.join("ledger.jsonl"))?,
            files: Files::open(spec.data.join("fs"))?,
            settings: Mutex::new(named("settings", Settings::open(&spec))?),
            hardware: Mutex::new(named("hardware", Hardware::open(&spec))?),
            faults: Faults::default(),
            power: Power::new(named("boots", boot::next_boot(&spec))?),
            packages: Mutex::new(named("packages", Packages::open(&spec))?),
            media: Mutex::new(named("media", Media::open(&spec))?),
            log: Log::default(),
            keys: Keys::open(spec.data.join("state").join("adb_keys.json")),
            services: Services::default(),
            running: Running::default(),
            inputs: Inputs::default(),
            social: Social::open(&spec, worlds)?,
            ui: Mutex::new(Ui::boot(&spec)),
            spec,
        };
        boot::write_proc(&phone)?;
        social::catch_up(&phone);
        for platform in social::Platform::ALL {
            social::process_died(&phone, platform.package());
        }
        phone.ui().packages_changed(&phone);
        Ok(Arc::new(phone))
    }

    /// The screen and the apps, brought up to the present moment (animations ended, timers fired).
    pub fn ui(&self) -> MutexGuard<'_, Ui> {
        let mut ui = self.ui.lock().unwrap_or_else(PoisonError::into_inner);
        ui.advance(self, self.spec.clock.now());
        ui
    }

    /// The file that keeps one named piece of state over restarts.
    pub fn state_file(&self, name: &str) -> PathBuf {
        self.spec.data.join("state").join(format!("{name}.json"))
    }
}

/// Says which piece of state cannot be read.
fn named<T>(name: &str, read: std::io::Result<T>) -> std::io::Result<T> {
    read.map_err(|error| std::io::Error::new(error.kind(), format!("state/{name}.json: {error}")))
}

/// Replaces a file whole: readers and crashes see the old text or the new one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let scratch = path.with_extension("new");
    let mut file = std::fs::File::create(&scratch)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    std::fs::rename(&scratch, path)
}

/// A lock that a panicking test elsewhere cannot take away.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Phones for the tests of this crate.
#[cfg(test)]
pub(crate) mod testing {
    use super::{Arc, Phone, PhoneSpec, SimClock, personality};

    /// A fresh Android 13 phone in a folder of its own, a hundred times as fast as a real one.
    pub(crate) fn phone() -> (tempfile::TempDir, Arc<Phone>) {
        let dir = tempfile::tempdir().unwrap();
        let phone = Phone::open(PhoneSpec {
            serial: "SIM0001".to_owned(),
            personality: &personality::ALL[0],
            seed: 1,
            data: dir.path().to_owned(),
            clock: SimClock::new(100.0),
        })
        .unwrap();
        (dir, phone)
    }
}
