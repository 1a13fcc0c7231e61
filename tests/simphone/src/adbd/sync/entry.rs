//! STAT, STA2, LST2, LIST, LIS2: what a file or the files of a folder are.

use std::io::{self, ErrorKind};

use super::{Closed, Sync};
use crate::phone::files::Stat;

/// Length of STA2's body and of DNT2's before the name's length.
const STAT2: usize = 68;

impl Sync {
    pub(super) async fn stat(&self, path: &str) -> Result<(), Closed> {
        let mut answer = b"STAT".to_vec();
        answer.extend(short(&self.phone.files.stat(path, false)));
        self.writer.write(answer).await
    }

    pub(super) async fn stat2(&self, id: [u8; 4], path: &str, follow: bool) -> Result<(), Closed> {
        let mut answer = id.to_vec();
        answer.extend(long(&self.phone.files.stat(path, follow)));
        self.writer.write(answer).await
    }

    pub(super) async fn list(&self, path: &str) -> Result<(), Closed> {
        for (name, stat) in self.entries(path) {
            let mut answer = b"DENT".to_vec();
            answer.extend(short(&stat));
            answer.extend((name.len() as u32).to_le_bytes());
            answer.extend(name.as_bytes());
            self.writer.write(answer).await?;
        }
        let mut done = b"DONE".to_vec();
        done.extend([0; 16]);
        self.writer.write(done).await
    }

    pub(super) async fn list2(&self, path: &str) -> Result<(), Closed> {
        for (name, stat) in self.entries(path) {
            let mut answer = b"DNT2".to_vec();
            answer.extend(long(&stat));
            answer.extend((name.len() as u32).to_le_bytes());
            answer.extend(name.as_bytes());
            self.writer.write(answer).await?;
        }
        let mut done = b"DONE".to_vec();
        done.extend([0; STAT2 + 4]);
        self.writer.write(done).await
    }

    /// A folder that cannot be read has no entries, as adbd has it.
    fn entries(&self, path: &str) -> Vec<(String, io::Result<Stat>)> {
        let files = &self.phone.files;
        let mut names = files.list(path).unwrap_or_default();
        if files.stat(path, true).is_ok_and(|stat| stat.is_folder()) {
            names.splice(0..0, [".".to_owned(), "..".to_owned()]);
        }
        names
            .into_iter()
            .map(|name| {
                let stat = files.stat(&format!("{path}/{name}"), false);
                (name, stat)
            })
            .collect()
    }
}

/// Mode, size and time; all zero where there is no such file.
fn short(stat: &io::Result<Stat>) -> Vec<u8> {
    let words = stat.as_ref().map_or([0; 3], |stat| {
        [
            stat.mode,
            u32::try_from(stat.size).unwrap_or(u32::MAX),
            u32::try_from(stat.mtime).unwrap_or(0),
        ]
    });
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn long(stat: &io::Result<Stat>) -> Vec<u8> {
    let mut body = Vec::with_capacity(STAT2);
    match stat {
        Ok(stat) => {
            body.extend(0_u32.to_le_bytes());
            body.extend(0xfd02_u64.to_le_bytes());
            body.extend(stat.inode.to_le_bytes());
            for word in [stat.mode, stat.links, stat.uid, stat.gid] {
                body.extend(word.to_le_bytes());
            }
            body.extend(stat.size.to_le_bytes());
            for _ in ["read", "changed", "status changed"] {
                body.extend(stat.mtime.to_le_bytes());
            }
        }
        Err(error) => {
            body.extend(errno(error).to_le_bytes());
            body.resize(STAT2, 0);
        }
    }
    body
}

/// The numbers of the wire, which are Linux's.
fn errno(error: &io::Error) -> u32 {
    match error.kind() {
        ErrorKind::PermissionDenied => 13,
        ErrorKind::NotADirectory => 20,
        _ => 2,
    }
}
