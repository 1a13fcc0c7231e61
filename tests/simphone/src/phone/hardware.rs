//! Battery, rotation, storage: what sensors and chips say, and what a test makes them say.

use super::PhoneSpec;

#[derive(Debug)]
pub struct Hardware {
    pub battery: Battery,
    /// Quarter turns, 0–3.
    pub rotation: u8,
    /// `wm size` / `wm density` overrides.
    pub size_override: Option<(u32, u32)>,
    pub density_override: Option<u32>,
    /// Free kilobytes of shared storage.
    pub free_kb: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Battery {
    pub level: u32,
    /// Tenths of a degree.
    pub temperature: i32,
    pub usb_powered: bool,
    /// `dumpsys battery set|unplug` holds these values until `reset`.
    pub updates_stopped: bool,
}

impl Hardware {
    pub fn open(_spec: &PhoneSpec) -> std::io::Result<Self> {
        Ok(Self {
            battery: Battery {
                level: 87,
                temperature: 291,
                usb_powered: true,
                updates_stopped: false,
            },
            rotation: 0,
            size_override: None,
            density_override: None,
            free_kb: 60_000_000,
        })
    }
}
