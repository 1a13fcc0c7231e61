//! Shows a phone's number large on its own screen, so that a person in front of a shelf finds it.
//!
//! The dialler does it: every phone has one, it needs no permission, no file, no app of ours and no first-run dialogue,
//! it opens over whatever is in front, and it writes a number in the largest digits of the whole system. ACTION_DIAL
//! only shows the number; nothing is called until a person presses the button, and the `#` in front keeps 110 or 112
//! from being a number that anybody answers. Galleries and browsers refuse files and pages from adb on many phones.
//!
//! A tablet without a dialler gets a notification, and its shade is pulled down.

use std::time::Duration;

use crate::adb::{AdbPhone, parse, quote};
use crate::device::DeviceError;
use crate::driver::{accepted, uncertain};

const DEADLINE: Duration = Duration::from_secs(20);
const DOING: &str = "showing the phone's number";

pub(super) async fn show(phone: &AdbPhone, index: u32) -> Result<(), DeviceError> {
    // 224 wakes the screen and leaves one that is on; a lock screen without a PIN goes away.
    let dial = format!(
        "input keyevent 224; wm dismiss-keyguard; am start -W -a android.intent.action.DIAL -d {}",
        quote(&format!("tel:%23{index}"))
    );
    let said = phone.shell(&dial, DEADLINE).await.map_err(uncertain(DOING))?;
    if parse::launch::refusal(&said.text()).is_none() {
        return Ok(());
    }
    let notify = format!(
        "cmd notification post -S bigtext -t {} drover-identify {} && cmd statusbar expand-notifications",
        quote(&format!("#{index}")),
        quote(&format!("This phone is number {index}"))
    );
    let said = phone.shell(&notify, DEADLINE).await.map_err(uncertain(DOING))?;
    accepted(DOING, &said)
}
