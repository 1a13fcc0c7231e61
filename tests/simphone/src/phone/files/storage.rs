//! Changing files as the user `shell`: where it may write, and how much room there is.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::stat::{is_device, set_permissions};
use super::{below, resolve};
use crate::phone::{Phone, lock};

/// Files take whole blocks of the storage.
const BLOCK: u64 = 4096;

pub(super) const NOT_A_FOLDER: ErrorKind = ErrorKind::NotADirectory;

/// A file open for writing; every write is limited by the phone's free storage.
#[derive(Debug)]
pub struct PhoneFile {
    phone: Arc<Phone>,
    /// `None` for /dev/null.
    file: Option<File>,
    length: u64,
}

impl Write for PhoneFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(file) = &mut self.file else {
            return Ok(bytes.len());
        };
        self.phone
            .take_room(self.length, self.length + bytes.len() as u64)?;
        let written = file.write(bytes)?;
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl PhoneFile {
    /// Dates it, in seconds since 1970.
    pub fn set_mtime(&self, seconds: u64) -> io::Result<()> {
        self.file.as_ref().map_or(Ok(()), |file| {
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        })
    }
}

impl Phone {
    /// Opens `path` for writing, empty or (`append`) as it is.
    pub fn create_file(self: &Arc<Self>, path: &str, append: bool) -> io::Result<PhoneFile> {
        let real = resolve(path);
        if is_device(&real) {
            return Ok(PhoneFile {
                phone: Arc::clone(self),
                file: None,
                length: 0,
            });
        }
        let host = self.writable(&real)?;
        if self.faults.has("storage_full") && !append && !host.exists() {
            return Err(ErrorKind::StorageFull.into());
        }
        let before = std::fs::metadata(&host);
        if before.as_ref().is_ok_and(std::fs::Metadata::is_dir) {
            return Err(ErrorKind::IsADirectory.into());
        }
        let length = before.map_or(0, |found| found.len());
        let file = File::options()
            .create(true)
            .append(append)
            .write(true)
            .truncate(!append)
            .open(&host)?;
        if !append {
            self.give_room(length);
        }
        Ok(PhoneFile {
            phone: Arc::clone(self),
            file: Some(file),
            length: if append { length } else { 0 },
        })
    }

    pub fn remove_file(&self, path: &str) -> io::Result<()> {
        let host = self.writable(&resolve(path))?;
        let length = std::fs::metadata(&host)?.len();
        std::fs::remove_file(&host)?;
        self.give_room(length);
        Ok(())
    }

    /// Removes a folder, with what is in it.
    pub fn remove_tree(&self, path: &str) -> io::Result<()> {
        let host = self.writable(&resolve(path))?;
        let length = tree_room(&host);
        std::fs::remove_dir_all(&host)?;
        self.give_room(length);
        Ok(())
    }

    pub fn remove_empty_folder(&self, path: &str) -> io::Result<()> {
        std::fs::remove_dir(self.writable(&resolve(path))?)
    }

    /// Makes one folder; its parent must be there.
    pub fn make_folder(&self, path: &str) -> io::Result<()> {
        let host = self.writable(&resolve(path))?;
        if host.exists() {
            return Err(ErrorKind::AlreadyExists.into());
        }
        if self.faults.has("storage_full") {
            return Err(ErrorKind::StorageFull.into());
        }
        std::fs::create_dir(host)
    }

    /// Makes a folder and those above it that are missing.
    pub fn make_folders(&self, path: &str) -> io::Result<()> {
        let real = resolve(path);
        if self.files.host_path(&real).is_dir() {
            return Ok(());
        }
        let host = self.writable(&real)?;
        if self.faults.has("storage_full") {
            return Err(ErrorKind::StorageFull.into());
        }
        std::fs::create_dir_all(host)
    }

    /// Moves a file or a folder, over an older file of that name if there is one.
    pub fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let from = self.writable(&resolve(from))?;
        let to = self.writable(&resolve(to))?;
        let replaced =
            std::fs::metadata(&to).map_or(0, |found| if found.is_file() { found.len() } else { 0 });
        std::fs::rename(from, to)?;
        self.give_room(replaced);
        Ok(())
    }

    pub fn set_mode(&self, path: &str, mode: u32) -> io::Result<()> {
        let real = resolve(path);
        let host = self.writable(&real)?;
        if !host.exists() {
            return Err(ErrorKind::NotFound.into());
        }
        if below(&real, "/storage/emulated") {
            // Shared storage has fixed modes; a change is accepted and has no effect.
            return Ok(());
        }
        set_permissions(&host, mode)
    }

    /// Where `real` may be written on the host.
    fn writable(&self, real: &str) -> io::Result<PathBuf> {
        let free_to_all = ["/data/local/tmp", "/storage/emulated/0"];
        if free_to_all.iter().any(|dir| below(real, dir)) {
            return Ok(self.files.host_path(real));
        }
        let fixed = ["/data", "/storage", "/mnt", "/proc", "/dev", "/cache"];
        if fixed.iter().any(|dir| below(real, dir)) {
            Err(ErrorKind::PermissionDenied.into())
        } else {
            Err(ErrorKind::ReadOnlyFilesystem.into())
        }
    }

    /// Lets a file grow from `before` to `after` bytes, if there is room.
    fn take_room(&self, before: u64, after: u64) -> io::Result<()> {
        if self.faults.has("storage_full") {
            return Err(ErrorKind::StorageFull.into());
        }
        let blocks = after.div_ceil(BLOCK).saturating_sub(before.div_ceil(BLOCK));
        let mut hardware = lock(&self.hardware);
        let left = hardware.free_kb.checked_sub(blocks * BLOCK / 1024);
        hardware.free_kb = left.ok_or(ErrorKind::StorageFull)?;
        Ok(())
    }

    fn give_room(&self, bytes: u64) {
        let mut hardware = lock(&self.hardware);
        hardware.free_kb = hardware
            .free_kb
            .saturating_add(bytes.div_ceil(BLOCK) * BLOCK / 1024);
    }
}

/// Bytes in the files below `path`, each in whole blocks.
fn tree_room(path: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(path) else {
        return std::fs::metadata(path).map_or(0, |found| found.len().div_ceil(BLOCK) * BLOCK);
    };
    entries.flatten().map(|entry| tree_room(&entry.path())).sum()
}

/// An error in the words of the phone's C library.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "No such file or directory".to_owned(),
        ErrorKind::PermissionDenied => "Permission denied".to_owned(),
        ErrorKind::AlreadyExists => "File exists".to_owned(),
        ErrorKind::NotADirectory => "Not a directory".to_owned(),
        ErrorKind::IsADirectory => "Is a directory".to_owned(),
        ErrorKind::DirectoryNotEmpty => "Directory not empty".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "Read-only file system".to_owned(),
        ErrorKind::StorageFull => "No space left on device".to_owned(),
        ErrorKind::BrokenPipe => "Broken pipe".to_owned(),
        ErrorKind::InvalidFilename => "File name too long".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or(&text).to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phone::fault::Fault;
    use crate::phone::testing::phone;

    #[test]
    fn writes_use_up_the_free_storage_and_removing_gives_it_back() {
        let (_dir, phone) = phone();
        lock(&phone.hardware).free_kb = 64;
        let mut file = phone.create_file("/sdcard/a", false).unwrap();
        file.write_all(&vec![0; 60 * 1024]).unwrap();
        assert_eq!(lock(&phone.hardware).free_kb, 4);
        let full = file.write_all(&vec![0; 8 * 1024]).unwrap_err();
        assert_eq!(reason(&full), "No space left on device");
        phone.remove_file("/sdcard/a").unwrap();
        assert_eq!(lock(&phone.hardware).free_kb, 64);
    }

    #[test]
    fn a_full_storage_takes_no_new_file() {
        let (_dir, phone) = phone();
        phone.faults.set(Fault::StorageFull);
        assert!(phone.create_file("/data/local/tmp/a", false).is_err());
        phone.faults.clear("storage_full");
        assert!(phone.create_file("/data/local/tmp/a", false).is_ok());
    }

    #[test]
    fn the_shell_user_writes_only_where_a_phone_lets_it() {
        let (_dir, phone) = phone();
        let why = |path: &str| reason(&phone.create_file(path, false).unwrap_err());
        assert_eq!(why("/system/bin/x"), "Read-only file system");
        assert_eq!(why("/data/x"), "Permission denied");
        assert_eq!(why("/sdcard/none/x"), "No such file or directory");
        assert_eq!(why("/sdcard/DCIM"), "Is a directory");
    }
}
