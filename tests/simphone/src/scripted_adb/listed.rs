//! One line of a device list, and why the device behind it cannot be used.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::phone::Phone;

/// The state of a device that udev gives to nobody, as adb 29 and later word it.
pub const NO_PERMISSIONS: &str = "no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html]";

/// A device as the server lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// May hold blanks; may be borne by two devices.
    pub serial: String,
    /// `device`, `offline`, `unauthorized`, `authorizing`, `connecting`, `recovery`, `sideload`, `bootloader`,
    /// [`NO_PERMISSIONS`].
    pub state: String,
    /// `1-1.4` is printed as `usb:1-1.4`.
    pub usb: Option<String>,
    /// Product, model and device; known only once a device was `device`.
    pub names: Option<(String, String, String)>,
    pub transport_id: u64,
    /// Whose shell answers.
    pub phone: Option<Arc<Phone>>,
}

impl Listed {
    pub fn new(serial: &str, state: &str, transport_id: u64) -> Self {
        Self {
            serial: serial.to_owned(),
            state: state.to_owned(),
            usb: None,
            names: None,
            transport_id,
            phone: None,
        }
    }

    /// Plugged in at this place of the USB tree.
    #[must_use]
    pub fn at(mut self, usb: &str) -> Self {
        self.usb = Some(usb.to_owned());
        self
    }

    /// A phone that answers: its names are listed, its shell runs.
    #[must_use]
    pub fn with(mut self, phone: &Arc<Phone>) -> Self {
        let personality = phone.spec.personality;
        let underscored = |text: &str| text.replace(|one: char| !one.is_ascii_alphanumeric(), "_");
        self.names = Some((
            personality.device.to_owned(),
            underscored(personality.model),
            personality.device.to_owned(),
        ));
        self.phone = Some(Arc::clone(phone));
        self
    }

    /// The line of `devices` or (`long`) `devices -l`.
    pub(super) fn line(&self, long: bool) -> String {
        if !long {
            return format!("{}\t{}\n", self.serial, self.state);
        }
        let mut out = format!("{:<22} {}", self.serial, self.state);
        if let Some(usb) = &self.usb {
            let _ = write!(out, " usb:{usb}");
        }
        if let Some((product, model, device)) = &self.names {
            let _ = write!(out, " product:{product} model:{model} device:{device}");
        }
        let _ = writeln!(out, " transport_id:{}", self.transport_id);
        out
    }

    /// Why a client cannot have this device; `None` where it can.
    pub(super) fn refusal(&self) -> Option<String> {
        match self.state.as_str() {
            "offline" => Some("device offline".to_owned()),
            "unauthorized" => Some(
                "device unauthorized.\nThis adb server's $ADB_VENDOR_KEYS is not set\nTry 'adb kill-server' if that seems wrong.\nOtherwise check for a confirmation dialog on your device."
                    .to_owned(),
            ),
            "authorizing" => Some("device still authorizing".to_owned()),
            "connecting" => Some("device still connecting".to_owned()),
            state if state.starts_with("no permissions") => Some(
                "insufficient permissions for device: user in plugdev group; are your udev rules wrong?\nSee [http://developer.android.com/tools/device.html] for more information"
                    .to_owned(),
            ),
            _ => None,
        }
    }
}
