//! A real file system that is small, and what it is like when it is full.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What fills it, in its root.
const FILLER: &str = ".filler";

/// A file system in memory of so many bytes, mounted at a folder and gone with this value. Mounting is root's business:
/// for anybody else it needs `sudo` without a password.
#[derive(Debug)]
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it at this folder, which is made where it is missing.
    pub fn mount(at: &Path, megabytes: u64) -> io::Result<Self> {
        std::fs::create_dir_all(at)?;
        let (user, group) = (id("-u")?, id("-g")?);
        let options = format!("size={megabytes}m,mode=0700,uid={user},gid={group}");
        as_root(&[
            "mount",
            "-t",
            "tmpfs",
            "-o",
            &options,
            "drover-test",
            &at.display().to_string(),
        ])?;
        Ok(Self(at.to_owned()))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Takes all room that is left, to the last block.
    pub fn fill(&self) -> io::Result<()> {
        self.fill_but(0)
    }

    /// Takes all room but so many bytes.
    pub fn fill_but(&self, left: u64) -> io::Result<()> {
        let mut file = File::options()
            .create(true)
            .append(true)
            .open(self.0.join(FILLER))?;
        for piece in [1 << 20, 4 << 10] {
            loop {
                match file.write_all(&vec![7; piece]) {
                    Ok(()) => {}
                    Err(error) if error.kind() == io::ErrorKind::StorageFull => break,
                    Err(error) => return Err(error),
                }
            }
        }
        let size = file.metadata()?.len();
        file.set_len(size.saturating_sub(left))
    }

    /// Gives it back.
    pub fn free(&self) -> io::Result<()> {
        std::fs::remove_file(self.0.join(FILLER))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever still has a file open there keeps it until then.
        let _ = as_root(&["umount", "-l", &self.0.display().to_string()]);
    }
}

fn id(which: &str) -> io::Result<String> {
    let output = Command::new("id").arg(which).output()?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn as_root(words: &[&str]) -> io::Result<()> {
    let mut command = if id("-u")? == "0" {
        Command::new(words[0])
    } else {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", words[0]]);
        sudo
    };
    let output = command.args(&words[1..]).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{words:?}: {}; tests of full disks mount small ones: run them as root, or with sudo that asks for no password",
        String::from_utf8_lossy(&output.stderr).trim()
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_takes_nothing_more_until_it_is_freed() {
        let folder = tempfile::tempdir().unwrap();
        let disk = SmallDisk::mount(&folder.path().join("small"), 4).unwrap();
        let file = disk.path().join("file");
        let write = || std::fs::write(&file, vec![1; 100 << 10]);
        disk.fill().unwrap();
        assert_eq!(write().unwrap_err().kind(), io::ErrorKind::StorageFull);
        disk.fill_but(200 << 10).unwrap();
        write().unwrap();
        disk.free().unwrap();
        std::fs::write(&file, vec![1; 3 << 20]).unwrap();
    }
}
