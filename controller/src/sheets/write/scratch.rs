//! A folder that is memory, for half-written sheets with passwords in them. Knows the places where systems have one.

use std::path::{Path, PathBuf};

/// Linux's own; nothing of the kind elsewhere.
const MEMORY: &str = "/dev/shm";

/// The folder, where there is one that can be written to.
pub(super) fn memory_folder() -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let folder = Path::new(MEMORY);
    let usable = is_memory(&mounts, MEMORY) && tempfile::tempfile_in(folder).is_ok();
    usable.then(|| folder.to_owned())
}

/// Whether what is mounted there last is kept in memory.
fn is_memory(mounts: &str, folder: &str) -> bool {
    let at = |line: &&str| line.split(' ').nth(1) == Some(folder);
    let kind = mounts.lines().rfind(at).and_then(|line| line.split(' ').nth(2));
    matches!(kind, Some("tmpfs" | "ramfs"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_memory_where_the_mount_says_so() {
        let mounts = "/dev/vda / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\n";
        assert!(is_memory(mounts, "/dev/shm"));
        assert!(!is_memory(mounts, "/tmp"));
        assert!(!is_memory(
            &format!("{mounts}/dev/vdb /dev/shm ext4 rw 0 0\n"),
            "/dev/shm"
        ));
    }
}
