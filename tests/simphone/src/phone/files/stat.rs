//! What `stat` says of a file on the phone. The host's own owners and modes are not the phone's; only the mode bits of
//! files in /data are kept on the host.

use std::fs::Metadata;
use std::io;
use std::time::UNIX_EPOCH;

use super::{Files, below, clean, link_target, resolve};

pub const KIND: u32 = 0o170_000;
pub const REGULAR: u32 = 0o100_000;
pub const FOLDER: u32 = 0o040_000;
pub const LINK: u32 = 0o120_000;
pub const DEVICE: u32 = 0o020_000;

/// One file, folder, link or device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// Kind and permissions, as `st_mode`.
    pub mode: u32,
    pub size: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    pub inode: u64,
    pub links: u32,
    pub uid: u32,
    pub gid: u32,
}

impl Stat {
    pub fn is_folder(&self) -> bool {
        self.mode & KIND == FOLDER
    }

    pub fn is_regular(&self) -> bool {
        self.mode & KIND == REGULAR
    }

    pub fn is_link(&self) -> bool {
        self.mode & KIND == LINK
    }
}

impl Files {
    /// Looks at `path`; a link itself is looked at unless `follow` or a slash at the end says otherwise.
    pub fn stat(&self, path: &str, follow: bool) -> io::Result<Stat> {
        if !follow && !path.ends_with('/') && link_target(path).is_some() {
            return Ok(Stat {
                mode: LINK | 0o777,
                size: link_target(path).map_or(0, |target| target.len() as u64),
                mtime: 1_230_768_000,
                inode: 2,
                links: 1,
                uid: 0,
                gid: 0,
            });
        }
        let real = resolve(path);
        if is_device(&real) {
            return Ok(Stat {
                mode: DEVICE | 0o666,
                size: 0,
                mtime: 1_230_768_000,
                inode: 3,
                links: 1,
                uid: 0,
                gid: 0,
            });
        }
        let found = std::fs::metadata(self.host_path(&real))?;
        if path.ends_with('/') && !found.is_dir() {
            return Err(super::storage::NOT_A_FOLDER.into());
        }
        Ok(describe(&real, &found))
    }

    /// Names in the folder `path`, sorted; what the user `shell` may not list is refused.
    pub fn list(&self, path: &str) -> io::Result<Vec<String>> {
        let real = resolve(path);
        if matches!(
            real.as_str(),
            "/data" | "/data/app" | "/data/data" | "/data/user" | "/data/system"
        ) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let mut names = Vec::new();
        for entry in std::fs::read_dir(self.host_path(&real))? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        if real == "/" {
            names.extend(["dev", "sdcard"].map(str::to_owned));
        }
        names.sort();
        names.dedup();
        Ok(names)
    }
}

/// /dev/null and its sisters, which are not kept on the host.
pub fn is_device(path: &str) -> bool {
    matches!(
        clean(path).as_str(),
        "/dev/null" | "/dev/zero" | "/dev/tty" | "/dev/random" | "/dev/urandom"
    )
}

fn describe(path: &str, found: &Metadata) -> Stat {
    let shared = below(path, "/storage/emulated");
    let (uid, gid) = if shared {
        (0, 1015)
    } else if below(path, "/data/local/tmp") {
        (2000, 2000)
    } else if below(path, "/data") {
        (1000, 1000)
    } else {
        (0, 0)
    };
    let permissions = match (shared, found.is_dir()) {
        (true, true) => 0o770,
        (true, false) => 0o660,
        (false, _) => permissions(found),
    };
    let kind = if found.is_dir() { FOLDER } else { REGULAR };
    Stat {
        mode: kind | permissions,
        size: if found.is_dir() { 3452 } else { found.len() },
        mtime: found
            .modified()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_secs() as i64),
        inode: inode(found),
        links: if found.is_dir() { 2 } else { 1 },
        uid,
        gid,
    }
}

#[cfg(unix)]
fn permissions(found: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn permissions(found: &Metadata) -> u32 {
    if found.is_dir() { 0o771 } else { 0o644 }
}

#[cfg(unix)]
fn inode(found: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    found.ino()
}

#[cfg(not(unix))]
fn inode(_found: &Metadata) -> u64 {
    1
}

/// Changes the permissions of a file on the host.
#[cfg(unix)]
pub(super) fn set_permissions(path: &std::path::Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    // The simulator itself must still be able to read and to remove what it keeps.
    let own = if path.is_dir() { 0o700 } else { 0o600 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode & 0o777 | own))
}

#[cfg(not(unix))]
pub(super) fn set_permissions(_path: &std::path::Path, _mode: u32) -> io::Result<()> {
    Ok(())
}
