//! Switching a phone off and on again: what is gone afterwards and what is not.

use std::sync::Arc;
use std::time::Duration;

use super::power::Stage;
use super::{Phone, PhoneSpec, identity, lock, write_whole};

/// How long a reboot takes when nobody says otherwise, in the phone's time.
pub const USUAL: Duration = Duration::from_secs(30);

/// Reads and raises the count of boots, which the boot id follows.
pub(super) fn next_boot(spec: &PhoneSpec) -> std::io::Result<u32> {
    let path = spec.data.join("state/boots.json");
    let last = match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice::<u32>(&bytes)?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
        Err(error) => return Err(error),
    };
    write_whole(&path, &serde_json::to_vec(&(last + 1))?)?;
    Ok(last + 1)
}

/// Writes the files of /proc that tell one boot from another.
pub(super) fn write_proc(phone: &Phone) -> std::io::Result<()> {
    let path = phone.files.host_path("/proc/sys/kernel/random/boot_id");
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Its text is made anew whenever it is read.
    std::fs::write(phone.files.host_path("/proc/uptime"), "")?;
    let id = identity::boot_id(&phone.spec, phone.power.now().boot);
    std::fs::write(path, format!("{id}\n"))
}

/// Reboots in the background, taking `takes` of the phone's time: a third of it without adbd, the rest with adbd but
/// without `sys.boot_completed`. A second reboot meanwhile begins anew.
pub fn reboot(phone: &Arc<Phone>, takes: Duration) {
    let boot = match next_boot(&phone.spec) {
        Ok(boot) => boot,
        Err(error) => {
            tracing::warn!(serial = phone.spec.serial, %error, "cannot keep the count of boots");
            phone.power.now().boot + 1
        }
    };
    let began = phone.spec.clock.now();
    phone.power.change(|state| {
        state.stage = Stage::Down;
        state.boot = boot;
        state.booted_at = began;
    });
    let phone = Arc::clone(phone);
    tokio::spawn(async move {
        forget(&phone);
        phone.spec.clock.sleep(takes / 3).await;
        enter(&phone, boot, Stage::Booting);
        phone.spec.clock.sleep(takes * 2 / 3).await;
        enter(&phone, boot, Stage::Up);
    });
}

/// Drops all that lives in memory only.
fn forget(phone: &Phone) {
    lock(&phone.hardware).reboot();
    lock(&phone.settings).reboot();
    phone.log.clear();
    phone.services.end_all();
    phone.ui().reboot(phone);
    if let Err(error) = write_proc(phone) {
        tracing::warn!(serial = phone.spec.serial, %error, "cannot write the boot id");
    }
}

fn enter(phone: &Phone, boot: u32, stage: Stage) {
    phone.power.change(|state| {
        if state.boot == boot {
            state.stage = stage;
        }
    });
}
