//! `df`: toybox's columns; which device stands behind shared storage follows the phone's Android.

use std::fmt::Write as _;

use super::Answer;
use crate::phone::hardware::TOTAL_KB;
use crate::phone::{Phone, lock};

pub(super) fn run(phone: &Phone, args: &[&str]) -> Answer {
    let human = args.iter().any(|arg| arg.starts_with('-') && arg.contains('h'));
    let paths: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with('-')).collect();
    let free = if phone.faults.has("storage_full") {
        0
    } else {
        lock(&phone.hardware).free_kb.min(TOTAL_KB)
    };
    let all = mounts(phone.spec.personality.sdk);
    let mut out = if human {
        "Filesystem       Size  Used Avail Use% Mounted on\n"
    } else {
        "Filesystem      1K-blocks      Used Available Use% Mounted on\n"
    }
    .to_owned();
    let mut answer = Answer::default();
    if paths.is_empty() {
        for mount in &all {
            out.push_str(&mount.line(free, human));
        }
    }
    for path in paths {
        if phone.files.host_path(path).exists() || path.starts_with("/data") || path == "/" {
            out.push_str(&mount_of(&all, path).line(free, human));
        } else {
            let _ = writeln!(answer.err, "df: {path}: No such file or directory");
            answer.code = 1;
        }
    }
    answer.out = out;
    answer
}

struct Mount {
    device: &'static str,
    /// `None`: the size of the data partition, with its free space.
    size: Option<(u64, u64)>,
    on: &'static str,
}

fn mounts(sdk: u32) -> Vec<Mount> {
    let data = if sdk >= 30 {
        "/dev/block/dm-59"
    } else {
        "/dev/block/sda25"
    };
    let shared = if sdk >= 30 { "/dev/fuse" } else { "/data/media" };
    vec![
        Mount {
            device: "tmpfs",
            size: Some((5_776_872, 1_284)),
            on: "/dev",
        },
        Mount {
            device: "tmpfs",
            size: Some((5_776_872, 0)),
            on: "/mnt",
        },
        Mount {
            device: if sdk >= 30 {
                "/dev/block/dm-5"
            } else {
                "/dev/block/sda18"
            },
            size: Some((3_968_624, 3_952_240)),
            on: if sdk >= 29 { "/" } else { "/system" },
        },
        Mount {
            device: data,
            size: None,
            on: if sdk >= 35 { "/data/user/0" } else { "/data" },
        },
        Mount {
            device: shared,
            size: None,
            on: "/storage/emulated",
        },
    ]
}

/// Newer phones answer for /data with another mount point of the same device.
fn mount_of<'a>(all: &'a [Mount], path: &str) -> &'a Mount {
    let shared = ["/sdcard", "/storage", "/mnt/sdcard"]
        .iter()
        .any(|root| path.starts_with(root));
    let (data, system) = (&all[3], &all[2]);
    match path {
        _ if shared => &all[4],
        _ if path.starts_with("/data") => data,
        _ if path.starts_with("/dev") => &all[0],
        _ => system,
    }
}

impl Mount {
    fn line(&self, free: u64, human: bool) -> String {
        let (total, used, left) = match self.size {
            Some((total, used)) => (total, used, total - used),
            None => (TOTAL_KB, TOTAL_KB - free, free),
        };
        let percent = (used * 100).div_ceil(total.max(1));
        if human {
            let gigas = |kb: u64| {
                if kb < 1 << 20 {
                    format!("{:.1}M", kb as f64 / 1024.0)
                } else {
                    format!("{:.0}G", kb as f64 / 1_048_576.0)
                }
            };
            return format!(
                "{:<15} {:>5} {:>5} {:>5} {percent:>3}% {}\n",
                self.device,
                gigas(total),
                gigas(used),
                gigas(left),
                self.on
            );
        }
        format!(
            "{:<15} {total:>9} {used:>9} {left:>9} {percent:>3}% {}\n",
            self.device, self.on
        )
    }
}
