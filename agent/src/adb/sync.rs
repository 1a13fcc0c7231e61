//! Files to and from a phone, over adb's `sync:` service.
//!
//! The crate `adb_client` is not used for this: its push learns of a full disk only as a broken pipe, its pull takes
//! a connection cut in the middle for the end of the file and drops write errors of the last buffer, and neither can
//! be ended at a deadline.

use std::path::Path;
use std::time::Duration;

use shared::clock::{Clock, SystemClock};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

use super::shell::quote;
use super::{AdbError, AdbErrorKind, AdbPhone, within};

/// The longest piece that the protocol allows, in bytes.
const PIECE: usize = 64 << 10;

/// The longest path that adbd takes, in bytes.
const MAX_PATH: usize = 1024;

/// How long the phone's own words are waited for once it has stopped taking data.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What is sent.
#[derive(Debug, Clone, Copy)]
pub enum Source<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

impl<'a> From<&'a [u8]> for Source<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Path> for Source<'a> {
    fn from(path: &'a Path) -> Self {
        Self::File(path)
    }
}

/// How far a transfer is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// What the phone says of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileStat {
    /// Unix mode, with the file type.
    pub mode: u32,
    /// Of files over 4 GiB only the rest is told.
    pub size: u32,
    /// Seconds since 1970.
    pub modified: u32,
}

impl AdbPhone {
    /// Copies to the phone and makes sure that all of it is there. `mode` is as in `chmod` (0o644).
    pub async fn push(
        &self,
        source: impl Into<Source<'_>>,
        remote: &str,
        mode: u32,
        deadline: Duration,
    ) -> Result<(), AdbError> {
        self.push_with_progress(source, remote, mode, deadline, &|_| {})
            .await
    }

    pub async fn push_with_progress(
        &self,
        source: impl Into<Source<'_>>,
        remote: &str,
        mode: u32,
        deadline: Duration,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), AdbError> {
        let source = source.into();
        self.transfer("push", remote, deadline, async {
            let (total, modified) = measure(source).await?;
            let mut stream = self.sync().await?;
            match source {
                Source::Bytes(bytes) => {
                    send(&mut stream, bytes, total, remote, mode, modified, progress).await?;
                }
                Source::File(path) => {
                    let file = tokio::fs::File::open(path).await.map_err(AdbErrorKind::Io)?;
                    send(&mut stream, file, total, remote, mode, modified, progress).await?;
                }
            }
            let there = stat(&mut stream, remote).await?;
            if there.is_none_or(|there| there.size != total as u32) {
                let size = there.map_or(0, |there| there.size);
                return Err(AdbErrorKind::Protocol(format!("{size} bytes arrived of {total}")));
            }
            Ok(())
        })
        .await
    }

    /// Copies from the phone into memory, at most `limit` bytes.
    pub async fn pull(&self, remote: &str, limit: u64, deadline: Duration) -> Result<Vec<u8>, AdbError> {
        self.transfer("pull", remote, deadline, async {
            let mut stream = self.sync().await?;
            let mut bytes = Vec::new();
            receive(&mut stream, remote, limit, &mut bytes).await?;
            Ok(bytes)
        })
        .await
    }

    /// Copies from the phone into a file of the host, and answers how many bytes.
    pub async fn pull_to(&self, remote: &str, local: &Path, deadline: Duration) -> Result<u64, AdbError> {
        self.transfer("pull", remote, deadline, async {
            let mut stream = self.sync().await?;
            let mut file = tokio::fs::File::create(local).await.map_err(AdbErrorKind::Io)?;
            let size = receive(&mut stream, remote, u64::MAX, &mut file).await?;
            file.flush().await.map_err(AdbErrorKind::Io)?;
            Ok(size)
        })
        .await
    }

    /// What is at `remote`; `None` where nothing is.
    pub async fn stat(&self, remote: &str, deadline: Duration) -> Result<Option<FileStat>, AdbError> {
        self.transfer("stat", remote, deadline, async {
            stat(&mut self.sync().await?, remote).await
        })
        .await
    }

    /// Installs or updates an app from an APK on the host.
    pub async fn install(
        &self,
        apk: &Path,
        deadline: Duration,
        progress: &(dyn Fn(Progress) + Sync),
    ) -> Result<(), AdbError> {
        let started = tokio::time::Instant::now();
        let left = || deadline.saturating_sub(started.elapsed());
        let name = apk
            .file_stem()
            .map_or_else(|| "app".to_owned(), |stem| stem.to_string_lossy().into_owned());
        let remote = format!("/data/local/tmp/drover-{}.apk", safe_name(&name));
        self.push_with_progress(apk, &remote, 0o644, left(), progress)
            .await?;
        let output = self
            .shell(&format!("pm install -r {}", quote(&remote)), left())
            .await;
        // The file is of no more use either way; that it stays behind is no reason to fail.
        let _ = self.shell(&format!("rm -f {}", quote(&remote)), LAST_WORDS).await;
        let said = output?.text();
        if said.lines().any(|line| line.trim() == "Success") {
            return Ok(());
        }
        let refusal = AdbErrorKind::Refused(said.trim().to_owned());
        Err(AdbError::new(
            format!("install {}", apk.display()),
            &self.transport,
            refusal,
        ))
    }

    async fn sync(&self) -> Result<TcpStream, AdbErrorKind> {
        self.server.dial(&self.transport, "sync:").await
    }

    async fn transfer<T>(
        &self,
        verb: &str,
        remote: &str,
        deadline: Duration,
        work: impl Future<Output = Result<T, AdbErrorKind>>,
    ) -> Result<T, AdbError> {
        let doing = format!("{verb} {remote}");
        within(deadline, &doing, &self.transport, work).await
    }
}

/// Size of what is sent, and the time that it gets: now. Galleries show the newest first, however old a file is here.
async fn measure(source: Source<'_>) -> Result<(u64, u32), AdbErrorKind> {
    let now = u32::try_from(SystemClock.now().as_second()).unwrap_or(0);
    match source {
        Source::Bytes(bytes) => Ok((bytes.len() as u64, now)),
        Source::File(path) => {
            let meta = tokio::fs::metadata(path).await.map_err(AdbErrorKind::Io)?;
            Ok((meta.len(), now))
        }
    }
}

/// Sends a file while listening for the phone's objection, which may come at any time.
async fn send(
    stream: &mut TcpStream,
    source: impl AsyncRead + Unpin,
    total: u64,
    remote: &str,
    mode: u32,
    modified: u32,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), AdbErrorKind> {
    let target = format!("{remote},{}", 0o100_000 | (mode & 0o777));
    let (mut reader, mut writer) = stream.split();
    let verdict = read_verdict(&mut reader);
    tokio::pin!(verdict);
    let sending = send_pieces(&mut writer, source, total, &target, modified, progress);
    let sent = tokio::select! {
        biased;
        early = &mut verdict => {
            early?;
            return Err(AdbErrorKind::Protocol("done before all was sent".to_owned()));
        }
        sent = sending => sent,
    };
    match sent {
        Ok(()) => verdict.await,
        Err(error) => match tokio::time::timeout(LAST_WORDS, verdict).await {
            Ok(Err(said @ AdbErrorKind::Refused(_))) => Err(said),
            _ => Err(error),
        },
    }
}

async fn send_pieces(
    writer: &mut WriteHalf<'_>,
    mut source: impl AsyncRead + Unpin,
    total: u64,
    target: &str,
    modified: u32,
    progress: &(dyn Fn(Progress) + Sync),
) -> Result<(), AdbErrorKind> {
    write_request(writer, *b"SEND", target).await?;
    let mut piece = vec![0; 8 + PIECE];
    let mut done = 0;
    loop {
        let read = source.read(&mut piece[8..]).await.map_err(AdbErrorKind::Io)?;
        if read == 0 {
            break;
        }
        piece[..4].copy_from_slice(b"DATA");
        piece[4..8].copy_from_slice(&(read as u32).to_le_bytes());
        writer
            .write_all(&piece[..8 + read])
            .await
            .map_err(AdbErrorKind::Io)?;
        done += read as u64;
        progress(Progress { done, total });
    }
    let mut end = *b"DONE\0\0\0\0";
    end[4..].copy_from_slice(&modified.to_le_bytes());
    writer.write_all(&end).await.map_err(AdbErrorKind::Io)
}

/// `OKAY`, or `FAIL` with the phone's words.
async fn read_verdict(reader: &mut ReadHalf<'_>) -> Result<(), AdbErrorKind> {
    match read_head(reader).await? {
        (id, _) if &id == b"OKAY" => Ok(()),
        (id, length) if &id == b"FAIL" => Err(read_refusal(reader, length).await?),
        (id, _) => Err(unexpected(&id)),
    }
}

async fn receive(
    stream: &mut TcpStream,
    remote: &str,
    limit: u64,
    into: &mut (impl tokio::io::AsyncWrite + Unpin),
) -> Result<u64, AdbErrorKind> {
    let (mut reader, mut writer) = stream.split();
    write_request(&mut writer, *b"RECV", remote).await?;
    let mut piece = vec![0; PIECE];
    let mut done = 0_u64;
    loop {
        let (id, length) = read_head(&mut reader).await?;
        match &id {
            b"DATA" => {
                let length = length as usize;
                if length > PIECE {
                    return Err(AdbErrorKind::Protocol(format!("a piece of {length} bytes")));
                }
                done += length as u64;
                if done > limit {
                    return Err(AdbErrorKind::TooLarge(limit));
                }
                reader
                    .read_exact(&mut piece[..length])
                    .await
                    .map_err(AdbErrorKind::Io)?;
                into.write_all(&piece[..length]).await.map_err(AdbErrorKind::Io)?;
            }
            b"DONE" => return Ok(done),
            b"FAIL" => return Err(read_refusal(&mut reader, length).await?),
            _ => return Err(unexpected(&id)),
        }
    }
}

async fn stat(stream: &mut TcpStream, remote: &str) -> Result<Option<FileStat>, AdbErrorKind> {
    let (mut reader, mut writer) = stream.split();
    write_request(&mut writer, *b"STAT", remote).await?;
    let mut answer = [0; 16];
    reader.read_exact(&mut answer).await.map_err(AdbErrorKind::Io)?;
    let number = |at: usize| u32::from_le_bytes([answer[at], answer[at + 1], answer[at + 2], answer[at + 3]]);
    if &answer[..4] != b"STAT" {
        return Err(unexpected(&answer[..4]));
    }
    let found = FileStat {
        mode: number(4),
        size: number(8),
        modified: number(12),
    };
    Ok((found.mode != 0).then_some(found))
}

async fn write_request(writer: &mut WriteHalf<'_>, id: [u8; 4], path: &str) -> Result<(), AdbErrorKind> {
    if path.len() > MAX_PATH {
        return Err(AdbErrorKind::TooLarge(MAX_PATH as u64));
    }
    let mut request = Vec::with_capacity(8 + path.len());
    request.extend_from_slice(&id);
    request.extend_from_slice(&(path.len() as u32).to_le_bytes());
    request.extend_from_slice(path.as_bytes());
    writer.write_all(&request).await.map_err(AdbErrorKind::Io)
}

async fn read_head(reader: &mut ReadHalf<'_>) -> Result<([u8; 4], u32), AdbErrorKind> {
    let mut head = [0; 8];
    reader.read_exact(&mut head).await.map_err(AdbErrorKind::Io)?;
    let [a, b, c, d, length @ ..] = head;
    Ok(([a, b, c, d], u32::from_le_bytes(length)))
}

async fn read_refusal(reader: &mut ReadHalf<'_>, length: u32) -> Result<AdbErrorKind, AdbErrorKind> {
    let length = (length as usize).min(PIECE);
    let mut words = vec![0; length];
    reader.read_exact(&mut words).await.map_err(AdbErrorKind::Io)?;
    Ok(AdbErrorKind::Refused(
        String::from_utf8_lossy(&words).into_owned(),
    ))
}

fn unexpected(id: &[u8]) -> AdbErrorKind {
    AdbErrorKind::Protocol(format!("{:?} from the sync service", String::from_utf8_lossy(id)))
}

/// A file name that no shell and no file system minds.
fn safe_name(name: &str) -> String {
    name.chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .take(60)
        .collect()
}
