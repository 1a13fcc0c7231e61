//! Battery, rotation, storage: what sensors and chips say, and what a test makes them say.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{PhoneSpec, write_whole};

#[derive(Debug)]
pub struct Hardware {
    /// What the battery really is; `dumpsys battery` may show another, see [`Hardware::shown_battery`].
    pub battery: Battery,
    /// What `dumpsys battery set|unplug` froze, until `reset` or a reboot.
    pub frozen: Option<Battery>,
    /// Quarter turns, 0–3.
    pub rotation: u8,
    /// `wm size` / `wm density` overrides.
    pub size_override: Option<(u32, u32)>,
    pub density_override: Option<u32>,
    /// Free kilobytes of shared storage.
    pub free_kb: u64,
    file: PathBuf,
}

/// A battery as its service words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Battery {
    pub level: u32,
    /// Tenths of a degree.
    pub temperature: i32,
    pub usb_powered: bool,
    pub ac_powered: bool,
    /// 2 charging, 3 discharging, 4 not charging, 5 full; follows from the rest unless somebody set it.
    pub status: Option<u32>,
}

impl Battery {
    pub fn powered(&self) -> bool {
        self.usb_powered || self.ac_powered
    }

    /// The number that `status:` prints.
    pub fn status(&self) -> u32 {
        self.status.unwrap_or(match (self.powered(), self.level) {
            (true, 100..) => 5,
            (true, _) => 2,
            (false, _) => 3,
        })
    }

    /// Falls from 4.35 V to 3.5 V with the level.
    pub fn millivolts(&self) -> u32 {
        3500 + self.level * 17 / 2
    }
}

/// The file's form: what a phone keeps over a reboot.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    battery: Battery,
    size_override: Option<(u32, u32)>,
    density_override: Option<u32>,
    free_kb: u64,
}

/// Shared storage as a whole, in kilobytes.
pub const TOTAL_KB: u64 = 235_000_000;

impl Hardware {
    pub fn open(spec: &PhoneSpec) -> std::io::Result<Self> {
        let file = spec.data.join("state/hardware.json");
        let kept = match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice::<Kept>(&bytes)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Kept {
                battery: Battery {
                    level: 87,
                    temperature: 291,
                    usb_powered: true,
                    ac_powered: false,
                    status: None,
                },
                size_override: None,
                density_override: None,
                free_kb: 60_000_000,
            },
            Err(error) => return Err(error),
        };
        Ok(Self {
            battery: kept.battery,
            frozen: None,
            rotation: 0,
            size_override: kept.size_override,
            density_override: kept.density_override,
            free_kb: kept.free_kb,
            file,
        })
    }

    /// The battery that the phone's programs see.
    pub fn shown_battery(&self) -> Battery {
        self.frozen.unwrap_or(self.battery)
    }

    /// Width and height in the natural orientation, with the override.
    pub fn natural_size(&self, physical: (u32, u32)) -> (u32, u32) {
        self.size_override.unwrap_or(physical)
    }

    /// Writes through what a phone keeps. Call it after changing the battery, an override or the free space.
    pub fn keep(&self) -> std::io::Result<()> {
        let kept = Kept {
            battery: self.battery,
            size_override: self.size_override,
            density_override: self.density_override,
            free_kb: self.free_kb,
        };
        write_whole(&self.file, &serde_json::to_vec_pretty(&kept)?)
    }

    /// What a power cycle does to it.
    pub(super) fn reboot(&mut self) {
        self.frozen = None;
        self.rotation = 0;
    }
}
