//! Who this process is, told so that another on the same machine can see whether it still runs: one that was killed and
//! started again need not wait for its own old lease.

use std::fs;
use std::process;

/// A process that may have the role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    /// The machine's name, for people.
    pub(super) host: String,
    pub(super) pid: u32,
    /// `None` where the system does not tell.
    pub(super) identity: Option<String>,
}

impl Process {
    pub(super) fn own() -> Self {
        let pid = process::id();
        Self {
            host: host_name(),
            pid,
            identity: machine()
                .zip(started(pid))
                .map(|(machine, start)| format!("{machine} {pid} {start}")),
        }
    }
}

/// Whether a process is certainly not running any more. What cannot be known is not certain.
pub(super) fn is_gone(identity: &str) -> bool {
    let mut words = identity.split(' ');
    let (Some(there), Some(pid), Some(start)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let (Some(here), Ok(pid)) = (machine(), pid.parse::<u32>()) else {
        return false;
    };
    there == here && started(pid).as_deref() != Some(start)
}

/// This boot of this machine, and which processes can be seen: containers have their own.
fn machine() -> Option<String> {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let seen = fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{}/{}", boot.trim(), seen.display()))
}

/// When a process began, in ticks of the kernel: tells two with the same number apart.
fn started(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name may hold blanks and brackets; the fields behind it are counted from its last bracket.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    // Dead, but nobody has asked how it ended.
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

fn host_name() -> String {
    fs::read_to_string("/proc/sys/kernel/hostname")
        .ok()
        .or_else(|| std::env::var("COMPUTERNAME").ok())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "this host".to_owned())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_runs_is_not_gone_and_one_that_ended_is() {
        let own = Process::own().identity.unwrap();
        assert!(!is_gone(&own), "{own}");
        let mut child = process::Command::new("sleep").arg("60").spawn().unwrap();
        let identity = format!(
            "{} {} {}",
            machine().unwrap(),
            child.id(),
            started(child.id()).unwrap()
        );
        assert!(!is_gone(&identity));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(is_gone(&identity), "{identity}");
    }

    #[test]
    fn of_another_machine_nothing_is_certain() {
        assert!(!is_gone("another-boot/pid:[1] 1 2"));
        assert!(!is_gone(""));
    }
}
