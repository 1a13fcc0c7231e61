//! The phone's file system, kept under a folder of the host: phone paths in, host paths out, nothing outside.
//! What the user `shell` may do with it, and how full it is, is in here too; the tools around it are not.

pub mod stat;
pub mod storage;

use std::path::PathBuf;

pub use stat::Stat;
pub use storage::PhoneFile;

/// The phone's files. `/sdcard` and `/storage/self/primary` are links to `/storage/emulated/0`.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
}

/// Links that every phone has, with where they lead.
const LINKS: [(&str, &str); 3] = [
    ("/sdcard", "/storage/self/primary"),
    ("/storage/self/primary", "/storage/emulated/0"),
    ("/mnt/sdcard", "/storage/self/primary"),
];

impl Files {
    /// Opens the file system under `root`, with the folders of a fresh phone.
    pub fn open(root: PathBuf) -> std::io::Result<Self> {
        for dir in [
            "data/local/tmp",
            "data/app",
            "storage/emulated/0/Android/data",
            "storage/emulated/0/DCIM",
            "storage/emulated/0/Movies",
            "storage/emulated/0/Pictures",
            "storage/emulated/0/Download",
            "system/bin",
            "proc/sys/kernel/random",
        ] {
            std::fs::create_dir_all(root.join(dir))?;
        }
        Ok(Self { root })
    }

    /// Where `path` (absolute, or relative to `/`) lies on the host. `..` never leads out.
    pub fn host_path(&self, path: &str) -> PathBuf {
        parts(&resolve(path)).fold(self.root.clone(), |at, part| at.join(part))
    }
}

/// `path` without `.`, `..` and doubled slashes, absolute; links are left as they are.
pub fn clean(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for part in parts(path) {
        match part {
            "." => {}
            ".." => drop(kept.pop()),
            name => kept.push(name),
        }
    }
    format!("/{}", kept.join("/"))
}

/// `path` as a process in `cwd` means it.
pub fn absolute(cwd: &str, path: &str) -> String {
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{cwd}/{path}")
    }
}

/// The path that `path` really means, all links followed.
pub fn resolve(path: &str) -> String {
    let mut path = clean(path);
    // Two links at most follow each other.
    for _ in 0..LINKS.len() {
        let Some((link, target)) = LINKS.iter().find(|(link, _)| below(&path, link)) else {
            break;
        };
        path = format!("{target}{}", path.strip_prefix(link).unwrap_or(""));
    }
    path
}

/// Where the link at exactly `path` leads.
pub fn link_target(path: &str) -> Option<&'static str> {
    let path = clean(path);
    LINKS
        .iter()
        .find(|(link, _)| *link == path)
        .map(|(_, target)| *target)
}

/// Whether `path` is `dir` or in it.
fn below(path: &str, dir: &str) -> bool {
    path.strip_prefix(dir)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    // A NUL cannot be in a path; the host would refuse the whole of it.
    path.split('/')
        .filter(|part| !part.is_empty() && !part.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_phone() {
        let dir = tempfile::tempdir().unwrap();
        let files = Files::open(dir.path().join("fs")).unwrap();
        for path in ["/../../etc/passwd", "../..", "/sdcard/../../../x", "a\0b", ""] {
            assert!(files.host_path(path).starts_with(dir.path().join("fs")), "{path}");
        }
    }

    #[test]
    fn the_links_to_shared_storage_mean_the_same_folder() {
        for path in [
            "/sdcard/DCIM",
            "/mnt/sdcard/DCIM",
            "/storage/self/primary/./DCIM/",
            "/storage/emulated/0/DCIM",
        ] {
            assert_eq!(resolve(path), "/storage/emulated/0/DCIM", "{path}");
        }
        assert_eq!(
            resolve("/sdcardx"),
            "/sdcardx",
            "a name that only begins like a link"
        );
    }
}
