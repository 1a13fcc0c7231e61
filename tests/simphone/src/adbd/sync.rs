//! `sync:`: files to and from the phone, in both of adb's versions.

mod entry;
mod transfer;

use std::sync::Arc;

use tokio::io::AsyncReadExt;

use super::stream::{Closed, StreamReader, StreamWriter};
use crate::phone::Phone;
use crate::phone::files::storage::reason;

/// A request's path may not be longer.
const MAX_PATH: usize = 1024;

/// One conversation: requests until QUIT or the end of the stream.
pub(super) async fn run(phone: &Arc<Phone>, reader: StreamReader, writer: StreamWriter) {
    let mut sync = Sync {
        phone: Arc::clone(phone),
        reader,
        writer,
    };
    let _ = sync.serve().await;
}

struct Sync {
    phone: Arc<Phone>,
    reader: StreamReader,
    writer: StreamWriter,
}

impl Sync {
    async fn serve(&mut self) -> Result<(), Closed> {
        loop {
            let (id, length) = self.head().await?;
            let length = length as usize;
            if length > MAX_PATH {
                return self.fail("path too long").await;
            }
            let mut path = vec![0; length];
            self.reader.read_exact(&mut path).await.map_err(|_| Closed)?;
            let path = String::from_utf8_lossy(&path).into_owned();
            match &id {
                b"STAT" => self.stat(&path).await?,
                b"STA2" => self.stat2(*b"STA2", &path, true).await?,
                b"LST2" => self.stat2(*b"LST2", &path, false).await?,
                b"LIST" => self.list(&path).await?,
                b"LIS2" => self.list2(&path).await?,
                b"SEND" => self.send(&path).await?,
                b"RECV" => self.receive(&path).await?,
                b"QUIT" => return Ok(()),
                other => {
                    let name = String::from_utf8_lossy(other).into_owned();
                    return self.fail(&format!("unknown command {name}")).await;
                }
            }
        }
    }

    async fn head(&mut self) -> Result<([u8; 4], u32), Closed> {
        let mut id = [0; 4];
        self.reader.read_exact(&mut id).await.map_err(|_| Closed)?;
        let length = self.reader.read_u32_le().await.map_err(|_| Closed)?;
        Ok((id, length))
    }

    async fn fail(&self, why: &str) -> Result<(), Closed> {
        let mut message = b"FAIL".to_vec();
        message.extend((why.len() as u32).to_le_bytes());
        message.extend(why.as_bytes());
        self.writer.write(message).await
    }

    /// "open failed: No such file or directory"
    async fn fail_with(&self, what: &str, error: &std::io::Error) -> Result<(), Closed> {
        self.fail(&format!("{what}: {}", reason(error))).await
    }
}
