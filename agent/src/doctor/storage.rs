//! Room on this host: media wait here for their phone, and a full disk stops the journal.

use std::path::Path;

use super::Finding;

const CHECK: &str = "storage";
const LEAST_FREE: u64 = 2 << 30;

pub(super) fn examine() -> Vec<Finding> {
    judge(&std::env::temp_dir()).into_iter().collect()
}

fn judge(folder: &Path) -> Option<Finding> {
    let free = free_bytes(folder)?;
    let found = format!("{:.1} GB free for {}", free as f64 / 1e9, folder.display());
    Some(if free < LEAST_FREE {
        Finding::warning(
            CHECK,
            found,
            "free at least 2 GB: videos are kept here on their way to a phone",
        )
    } else {
        Finding::good(CHECK, found)
    })
}

/// By `df`, which every Unix has; the standard library cannot tell.
#[cfg(unix)]
fn free_bytes(folder: &std::path::Path) -> Option<u64> {
    let output = std::process::Command::new("df")
        .arg("-kP")
        .arg(folder)
        .output()
        .ok()?;
    crate::adb::parse::storage::parse_free_kb(&String::from_utf8_lossy(&output.stdout)).map(|kb| kb << 10)
}

#[cfg(not(unix))]
fn free_bytes(_folder: &std::path::Path) -> Option<u64> {
    None
}
