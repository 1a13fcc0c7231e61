//! An uploaded sheet while it waits to be read: a nameless file, sealed in blocks under a key that lives in this process
//! alone. What a kill leaves behind of it nobody can read, not even the controller.
//!
//! Knows nothing of sheets; it can be read from any place, as readers of workbooks need.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use chacha20poly1305::aead::inout::InOutBuf;
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

/// Plain bytes of one block; each is sealed apart, so that any of them can be read alone.
const BLOCK: usize = 64 << 10;
const TAG: usize = 16;

/// A file that is being uploaded.
pub struct Upload {
    file: File,
    cipher: XChaCha20Poly1305,
    open: Zeroizing<Vec<u8>>,
    blocks: u64,
    size: u64,
}

impl Upload {
    /// Makes the file in this folder; it has no name there, or one that goes with its handle.
    pub fn begin(folder: &Path) -> io::Result<Self> {
        let key = Zeroizing::new(rand::random::<[u8; 32]>());
        Ok(Self {
            file: tempfile::tempfile_in(folder)?,
            cipher: XChaCha20Poly1305::new(&Key::from(*key)),
            open: Zeroizing::new(Vec::with_capacity(BLOCK)),
            blocks: 0,
            size: 0,
        })
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes what comes next.
    pub fn add(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = BLOCK - self.open.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.open.extend_from_slice(now);
            bytes = later;
            if self.open.len() == BLOCK {
                self.seal()?;
            }
        }
        Ok(())
    }

    fn seal(&mut self) -> io::Result<()> {
        let nonce = nonce(self.blocks);
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, b"", InOutBuf::from(self.open.as_mut_slice()))
            .map_err(|_| io::Error::other("sealing a block failed"))?;
        self.file.write_all(&self.open)?;
        self.file.write_all(&tag)?;
        self.open.clear();
        self.blocks += 1;
        Ok(())
    }

    /// The whole, to be read.
    pub fn finish(mut self) -> io::Result<Uploaded> {
        if !self.open.is_empty() {
            self.seal()?;
        }
        Ok(Uploaded {
            file: self.file,
            cipher: self.cipher,
            size: self.size,
            at: 0,
            block: Zeroizing::new(Vec::with_capacity(BLOCK)),
            block_number: u64::MAX,
        })
    }
}

/// An uploaded file, read as what was sent.
pub struct Uploaded {
    file: File,
    cipher: XChaCha20Poly1305,
    size: u64,
    at: u64,
    block: Zeroizing<Vec<u8>>,
    block_number: u64,
}

impl std::fmt::Debug for Uploaded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uploaded")
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl Uploaded {
    pub fn size(&self) -> u64 {
        self.size
    }

    fn open(&mut self, number: u64) -> io::Result<()> {
        if self.block_number == number {
            return Ok(());
        }
        self.block_number = u64::MAX;
        let begin = number * BLOCK as u64;
        let length = (self.size - begin).min(BLOCK as u64) as usize;
        self.file.seek(SeekFrom::Start(number * (BLOCK + TAG) as u64))?;
        self.block.resize(length, 0);
        self.file.read_exact(&mut self.block)?;
        let mut tag = [0; TAG];
        self.file.read_exact(&mut tag)?;
        self.cipher
            .decrypt_inout_detached(
                &nonce(number),
                b"",
                InOutBuf::from(self.block.as_mut_slice()),
                &Tag::from(tag),
            )
            .map_err(|_| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    "the uploaded file was changed on the disk",
                )
            })?;
        self.block_number = number;
        Ok(())
    }
}

impl Read for Uploaded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size || into.is_empty() {
            return Ok(0);
        }
        self.open(self.at / BLOCK as u64)?;
        let rest = &self.block[(self.at % BLOCK as u64) as usize..];
        let count = rest.len().min(into.len());
        into[..count].copy_from_slice(&rest[..count]);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Uploaded {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidInput,
                "a place before the beginning of a file",
            )
        })?;
        Ok(self.at)
    }
}

/// The key is used for one file, so the block's number is a nonce that never comes twice.
fn nonce(block: u64) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..8].copy_from_slice(&block.to_le_bytes());
    XNonce::from(nonce)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn uploaded(bytes: &[u8], piece: usize) -> Uploaded {
        let folder = tempfile::tempdir().unwrap();
        let mut upload = Upload::begin(folder.path()).unwrap();
        for piece in bytes.chunks(piece.max(1)) {
            upload.add(piece).unwrap();
        }
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert!(left.is_empty(), "the file has no name");
        upload.finish().unwrap()
    }

    #[test]
    fn what_lies_on_the_disk_is_not_what_was_sent() {
        let bytes = b"hunter2 and so on. ".repeat(10_000);
        let mut file = uploaded(&bytes, 1000);
        let mut raw = Vec::new();
        file.file.seek(SeekFrom::Start(0)).unwrap();
        file.file.read_to_end(&mut raw).unwrap();
        assert!(raw.len() > bytes.len());
        assert!(!raw.windows(7).any(|window| window == b"hunter2"));
        let mut read = Vec::new();
        file.read_to_end(&mut read).unwrap();
        assert_eq!(read, bytes);
    }

    #[test]
    fn a_changed_file_is_not_read() {
        let mut file = uploaded(&vec![7; BLOCK * 2], BLOCK);
        file.file.seek(SeekFrom::Start(BLOCK as u64 + 100)).unwrap();
        file.file.write_all(&[1]).unwrap();
        let mut read = Vec::new();
        assert_eq!(
            file.read_to_end(&mut read).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn any_place_can_be_read(size in 0_usize..200_000, places in prop::collection::vec((0_u64..200_000, 0_usize..70_000), 1..8)) {
            let bytes: Vec<u8> = (0..size).map(|n| (n * 31 % 251) as u8).collect();
            let mut file = uploaded(&bytes, 7_001);
            for (at, count) in places {
                file.seek(SeekFrom::Start(at)).unwrap();
                let mut read = Vec::new();
                (&mut file).take(count as u64).read_to_end(&mut read).unwrap();
                let from = (at as usize).min(size);
                prop_assert_eq!(&read[..], &bytes[from..(from + count).min(size)]);
            }
        }
    }
}
