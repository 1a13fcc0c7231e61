//! Cables and rights: phones that adb lists but may not open, and phones that the kernel sees and adb does not.

use shared::device::{Device, DeviceState};

use super::Finding;

const UDEV: &str = "install the udev rules of deploy/udev (copy them to /etc/udev/rules.d, run `udevadm control --reload`), \
                    put the agent's user into the group plugdev, and reconnect the phones";

pub(super) fn examine(devices: &[Device]) -> Vec<Finding> {
    let mut findings = vec![phones(devices)];
    let in_state = |state| {
        devices
            .iter()
            .filter(move |device| device.state == state)
            .map(|device| device.serial.to_string())
            .collect::<Vec<_>>()
    };
    let closed = in_state(DeviceState::NoPermissions);
    if !closed.is_empty() {
        findings.push(Finding::bad(
            "usb_rights",
            format!("this host may not open {}", closed.join(", ")),
            UDEV,
        ));
    }
    let asking = in_state(DeviceState::Unauthorized);
    if !asking.is_empty() {
        findings.push(Finding::bad(
            "authorisation",
            format!("{} do not accept this host yet", asking.join(", ")),
            "unlock each and tap \"Always allow from this computer\"; if no question comes, switch USB debugging off and on",
        ));
    }
    let silent = in_state(DeviceState::Offline);
    if !silent.is_empty() {
        findings.push(Finding::warning(
            "offline",
            format!("{} are connected but do not answer", silent.join(", ")),
            "wait if they boot; else try another port or cable: most of these are cables, then hubs without power of their own",
        ));
    }
    let known: Vec<_> = devices
        .iter()
        .filter_map(|device| device.usb_path.as_deref())
        .collect();
    let unseen: Vec<_> = adb_interfaces()
        .into_iter()
        .filter(|path| !known.iter().any(|known| known.trim_start_matches("usb:") == path))
        .collect();
    if !unseen.is_empty() {
        findings.push(Finding::warning(
            "usb_unseen",
            format!(
                "the kernel sees phones that adb does not list, at USB {}",
                unseen.join(", ")
            ),
            format!("another adb server may hold them; or rights are missing: {UDEV}"),
        ));
    }
    findings
}

fn phones(devices: &[Device]) -> Finding {
    let online = devices
        .iter()
        .filter(|device| device.state == DeviceState::Online)
        .count();
    let found = format!("{online} of {} online", devices.len());
    if devices.is_empty() {
        Finding::warning(
            "phones",
            "none is connected",
            "switch on USB debugging in the phone's developer options and connect it with a cable that carries data",
        )
    } else {
        Finding::good("phones", found)
    }
}

/// USB devices with adb's interface (class 255, subclass 66, protocol 1), by their path such as `1-1.4`.
#[cfg(target_os = "linux")]
fn adb_interfaces() -> Vec<String> {
    let Ok(interfaces) = std::fs::read_dir("/sys/bus/usb/devices") else {
        return Vec::new();
    };
    let is = |path: &std::path::Path, file: &str, wanted: &str| {
        std::fs::read_to_string(path.join(file)).is_ok_and(|text| text.trim() == wanted)
    };
    let mut paths: Vec<String> = interfaces
        .flatten()
        .filter(|entry| {
            let path = entry.path();
            is(&path, "bInterfaceClass", "ff")
                && is(&path, "bInterfaceSubClass", "42")
                && is(&path, "bInterfaceProtocol", "01")
        })
        .filter_map(|entry| entry.file_name().to_str()?.split(':').next().map(str::to_owned))
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

#[cfg(not(target_os = "linux"))]
fn adb_interfaces() -> Vec<String> {
    Vec::new()
}

#[cfg(test)]
mod tests {
    use shared::device::Serial;

    use super::super::FindingState;
    use super::*;

    #[test]
    fn each_state_that_a_person_can_mend_is_named_with_its_phones() {
        let device =
            |serial: &str, state| Device::new(Serial(serial.to_owned()), state, jiff::Timestamp::UNIX_EPOCH);
        let findings = examine(&[
            device("A", DeviceState::NoPermissions),
            device("B", DeviceState::Unauthorized),
            device("C", DeviceState::Online),
        ]);
        let of = |check| findings.iter().find(|finding| finding.check == check);
        assert_eq!(
            of("phones").map(|finding| finding.found.as_str()),
            Some("1 of 3 online")
        );
        assert!(
            of("usb_rights")
                .is_some_and(|finding| finding.state == FindingState::Bad && finding.found.contains('A'))
        );
        assert!(of("authorisation").is_some_and(|finding| finding.found.contains('B')));
        assert!(of("offline").is_none());
    }
}
