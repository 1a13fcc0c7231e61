//! SEND and RECV: the bytes of one file.

use std::io::{ErrorKind, Read, Write};

use tokio::io::AsyncReadExt;

use super::{Closed, Sync};
use crate::phone::files::stat::{KIND, LINK, is_device};
use crate::phone::files::{PhoneFile, resolve};

/// The most that one DATA may carry.
const MAX_DATA: usize = 64 * 1024;
/// What is taken from the stream at once.
const PIECE: usize = 16 * 1024;

impl Sync {
    /// `request` is "PATH,MODE", the mode in decimal digits.
    pub(super) async fn send(&mut self, request: &str) -> Result<(), Closed> {
        let (path, mode) = request.rsplit_once(',').unwrap_or((request, "33188"));
        let Ok(mode) = mode.parse::<u32>() else {
            return self.fail("missing mode").await;
        };
        let opened = self.open_for_send(path, mode);
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => {
                self.fail_with("couldn't create file", &error).await?;
                return self.drain().await;
            }
        };
        loop {
            let (id, length) = self.head().await?;
            match &id {
                b"DATA" if length as usize <= MAX_DATA => {
                    if let Err(error) = self.store(&mut file, length as usize).await? {
                        drop(file);
                        let _ = self.phone.remove_file(path);
                        self.fail_with("write failed", &error).await?;
                        return self.drain().await;
                    }
                }
                b"DONE" => {
                    // Shared storage may refuse a date; the file is there all the same.
                    let _ = file.set_mtime(u64::from(length));
                    let _ = self.phone.set_mode(path, mode & 0o777);
                    let mut okay = b"OKAY".to_vec();
                    okay.extend([0; 4]);
                    return self.writer.write(okay).await;
                }
                b"DATA" => {
                    self.fail("oversize data message").await?;
                    return Err(Closed);
                }
                _ => {
                    self.fail("invalid data message").await?;
                    return Err(Closed);
                }
            }
        }
    }

    fn open_for_send(&self, path: &str, mode: u32) -> std::io::Result<PhoneFile> {
        if mode & KIND == LINK {
            // Neither shared storage nor the policy on /data/local/tmp lets adbd make one.
            return Err(ErrorKind::PermissionDenied.into());
        }
        let real = resolve(path);
        if let Some((folder, _)) = real.rsplit_once('/') {
            self.phone.make_folders(folder)?;
        }
        self.phone.create_file(&real, false)
    }

    /// Takes a DATA's bytes into the file; all of them are taken from the stream even when writing fails.
    async fn store(&mut self, file: &mut PhoneFile, length: usize) -> Result<std::io::Result<()>, Closed> {
        let mut left = length;
        let mut piece = vec![0; PIECE.min(length)];
        let mut stored = Ok(());
        while left > 0 {
            let wanted = left.min(piece.len());
            self.reader
                .read_exact(&mut piece[..wanted])
                .await
                .map_err(|_| Closed)?;
            left -= wanted;
            if stored.is_ok() {
                stored = file.write_all(&piece[..wanted]);
            }
        }
        Ok(stored)
    }

    /// The host goes on sending until it reads the failure.
    async fn drain(&mut self) -> Result<(), Closed> {
        let mut piece = vec![0; PIECE];
        loop {
            let (id, length) = self.head().await?;
            if &id == b"DONE" {
                return Ok(());
            }
            let mut left = length as usize;
            while left > 0 {
                let wanted = left.min(piece.len());
                self.reader
                    .read_exact(&mut piece[..wanted])
                    .await
                    .map_err(|_| Closed)?;
                left -= wanted;
            }
        }
    }

    pub(super) async fn receive(&mut self, path: &str) -> Result<(), Closed> {
        let opened = match self.phone.files.stat(path, true) {
            Ok(stat) if stat.is_folder() => Err(ErrorKind::IsADirectory.into()),
            Ok(_) if is_device(path) => Err(ErrorKind::PermissionDenied.into()),
            Ok(_) => std::fs::File::open(self.phone.files.host_path(path)),
            Err(error) => Err(error),
        };
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return self.fail_with("open failed", &error).await,
        };
        loop {
            let mut message = vec![0; 8 + MAX_DATA];
            let length = match file.read(&mut message[8..]) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) => return self.fail_with("read failed", &error).await,
            };
            message[..4].copy_from_slice(b"DATA");
            message[4..8].copy_from_slice(&(length as u32).to_le_bytes());
            message.truncate(8 + length);
            self.writer.write(message).await?;
        }
        let mut done = b"DONE".to_vec();
        done.extend([0; 4]);
        self.writer.write(done).await
    }
}
