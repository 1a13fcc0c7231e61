//! The phone's file system, kept under a folder of the host: phone paths in, host paths out, nothing outside.

use std::path::PathBuf;

/// The phone's files. `/sdcard` and `/storage/self/primary` are links to `/storage/emulated/0`.
#[derive(Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    /// Opens the file system under `root`, with the folders of a fresh phone.
    pub fn open(root: PathBuf) -> std::io::Result<Self> {
        for dir in [
            "data/local/tmp",
            "storage/emulated/0/DCIM",
            "storage/emulated/0/Movies",
            "storage/emulated/0/Pictures",
            "storage/emulated/0/Download",
            "system/bin",
        ] {
            std::fs::create_dir_all(root.join(dir))?;
        }
        Ok(Self { root })
    }

    /// Where `path` (absolute, or relative to `/`) lies on the host. `..` never leads out.
    pub fn host_path(&self, path: &str) -> PathBuf {
        let mut parts: Vec<&str> = Vec::new();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => drop(parts.pop()),
                name => parts.push(name),
            }
        }
        let parts = match parts.as_slice() {
            ["sdcard", rest @ ..]
            | ["storage", "self", "primary", rest @ ..]
            | ["mnt", "sdcard", rest @ ..] => {
                ["storage", "emulated", "0"].iter().chain(rest).copied().collect()
            }
            _ => parts,
        };
        parts.iter().fold(self.root.clone(), |at, part| at.join(part))
    }
}
