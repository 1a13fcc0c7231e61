//! One phone through the adb server: command lines with exit code and separate stderr, raw output, streams.
//!
//! Old phones have no shell protocol v2; they get plain `shell:`, where stderr is mixed in and no exit code comes
//! back. Callers see that as `code: None` and judge by the text.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{OnceCell, Semaphore};

use super::{AdbError, AdbErrorKind, AdbServer, Transport, within};

/// The most that one command may print before its call ends, in bytes: a large screen as PNG fits three times.
pub const MAX_OUTPUT: usize = 64 << 20;

/// The longest packet of the shell protocol that is believed, in bytes.
const MAX_PACKET: usize = 16 << 20;

/// Packet kinds of the shell protocol v2.
mod packet {
    pub(super) const STDIN: u8 = 0;
    pub(super) const STDOUT: u8 = 1;
    pub(super) const STDERR: u8 = 2;
    pub(super) const EXIT: u8 = 3;
    pub(super) const CLOSE_STDIN: u8 = 4;
}

/// What a command printed and how it ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShellOutput {
    pub stdout: Vec<u8>,
    /// Empty where the phone has no shell protocol v2: it is in `stdout` then.
    pub stderr: Vec<u8>,
    /// `None` where the phone cannot tell it.
    pub code: Option<u8>,
}

impl ShellOutput {
    /// Both outputs as text, without the carriage returns of old phones.
    pub fn text(&self) -> String {
        let mut text = String::from_utf8_lossy(&self.stdout).replace('\r', "");
        text.push_str(&String::from_utf8_lossy(&self.stderr).replace('\r', ""));
        text
    }

    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).replace('\r', "")
    }

    pub fn stderr_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).replace('\r', "")
    }

    /// Whether the phone said nothing against it.
    pub fn success(&self) -> bool {
        self.code.unwrap_or(0) == 0
    }
}

/// A phone behind an adb server.
#[derive(Clone)]
pub struct AdbPhone {
    pub server: AdbServer,
    pub transport: Transport,
    /// Asked once; a new connection to the phone is a new `AdbPhone`.
    shell_v2: Arc<OnceCell<bool>>,
    /// One call at a time into the blocking crate, so that a hung phone holds one thread at most.
    pub(super) blocking: Arc<Semaphore>,
}

impl fmt::Debug for AdbPhone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdbPhone({} at {})", self.transport, self.server.addr)
    }
}

impl AdbPhone {
    pub fn new(server: AdbServer, transport: Transport) -> Self {
        Self {
            server,
            transport,
            shell_v2: Arc::default(),
            blocking: Arc::new(Semaphore::new(1)),
        }
    }

    /// Runs a command line to its end.
    pub async fn shell(&self, line: &str, deadline: Duration) -> Result<ShellOutput, AdbError> {
        self.shell_with_stdin(line, None, deadline).await
    }

    /// Runs a command line with something to read. Without shell protocol v2 its input cannot be closed, so it is
    /// refused there.
    pub async fn shell_with_stdin(
        &self,
        line: &str,
        stdin: Option<&[u8]>,
        deadline: Duration,
    ) -> Result<ShellOutput, AdbError> {
        self.run(line, deadline, async {
            let mut shell = self.start(line).await?;
            match stdin {
                Some(_) if !shell.v2 => {
                    return Err(AdbErrorKind::Refused(
                        "this phone's shell takes no input".to_owned(),
                    ));
                }
                Some(bytes) => shell.feed(bytes).await?,
                None => {}
            }
            let mut output = ShellOutput::default();
            while let Some(chunk) = shell.read_chunk().await? {
                match chunk {
                    Chunk::Stdout(bytes) => output.stdout.extend_from_slice(&bytes),
                    Chunk::Stderr(bytes) => output.stderr.extend_from_slice(&bytes),
                    Chunk::Exit(code) => {
                        output.code = Some(code);
                        break;
                    }
                }
                if output.stdout.len() + output.stderr.len() > MAX_OUTPUT {
                    return Err(AdbErrorKind::TooLarge(MAX_OUTPUT as u64));
                }
            }
            if shell.v2 && output.code.is_none() {
                return Err(AdbErrorKind::Io(std::io::ErrorKind::UnexpectedEof.into()));
            }
            Ok(output)
        })
        .await
    }

    /// What a command prints, byte for byte: for pictures. A cut connection looks like the end of the output, so
    /// the caller checks that what came is whole.
    pub async fn exec(&self, line: &str, deadline: Duration) -> Result<Vec<u8>, AdbError> {
        self.run(line, deadline, async {
            let mut stream = self.server.dial(&self.transport, &format!("exec:{line}")).await?;
            let mut output = Vec::new();
            let mut limited = (&mut stream).take(MAX_OUTPUT as u64 + 1);
            limited.read_to_end(&mut output).await.map_err(AdbErrorKind::Io)?;
            if output.len() > MAX_OUTPUT {
                return Err(AdbErrorKind::TooLarge(MAX_OUTPUT as u64));
            }
            Ok(output)
        })
        .await
    }

    /// Starts a command whose output is read as it comes; dropping the stream ends it.
    pub async fn spawn(&self, line: &str, deadline: Duration) -> Result<ShellStream, AdbError> {
        self.run(line, deadline, self.start(line)).await
    }

    /// Opens a service on the phone, such as `tcp:9008`.
    pub async fn open(&self, service: &str, deadline: Duration) -> Result<TcpStream, AdbError> {
        self.server.open(&self.transport, service, deadline).await
    }

    /// Whether the phone answers with exit codes and a stderr of its own.
    pub async fn has_shell_v2(&self, deadline: Duration) -> Result<bool, AdbError> {
        let known = self
            .shell_v2
            .get_or_try_init(|| async {
                let features = self.server.features(&self.transport, deadline).await?;
                Ok(features.iter().any(|feature| feature == "shell_v2"))
            })
            .await?;
        Ok(*known)
    }

    async fn start(&self, line: &str) -> Result<ShellStream, AdbErrorKind> {
        // The deadline of the whole call stands above this one.
        let v2 = self
            .has_shell_v2(Duration::from_secs(60))
            .await
            .map_err(|error| error.kind)?;
        let service = if v2 {
            format!("shell,v2,raw:{line}")
        } else {
            format!("shell:{line}")
        };
        let stream = self.server.dial(&self.transport, &service).await?;
        Ok(ShellStream {
            stream,
            v2,
            buffer: BytesMut::new(),
        })
    }

    async fn run<T>(
        &self,
        line: &str,
        deadline: Duration,
        work: impl Future<Output = Result<T, AdbErrorKind>>,
    ) -> Result<T, AdbError> {
        within(
            deadline,
            &format!("run `{}`", program_of(line)),
            &self.transport,
            work,
        )
        .await
    }
}

/// The command's name. Its arguments may be secrets, which belong in no error and no log.
fn program_of(line: &str) -> &str {
    line.split_whitespace().next().unwrap_or_default()
}

/// A piece of what a running command says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    Stdout(Bytes),
    Stderr(Bytes),
    /// The last thing it says.
    Exit(u8),
}

/// A command that runs on the phone.
#[derive(Debug)]
pub struct ShellStream {
    stream: TcpStream,
    v2: bool,
    buffer: BytesMut,
}

impl ShellStream {
    /// The next piece; `None` at the end. Without shell protocol v2 all is stdout and no exit code comes.
    ///
    /// Waits as long as the command is silent. May be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Result<Option<Chunk>, AdbError> {
        self.read_chunk()
            .await
            .map_err(|kind| AdbError::new("read a running command", "phone", kind))
    }

    /// Writes to the command's input and closes it. Does nothing useful without shell protocol v2.
    async fn feed(&mut self, bytes: &[u8]) -> Result<(), AdbErrorKind> {
        const PIECE: usize = 32 << 10;
        for piece in bytes.chunks(PIECE) {
            self.write_packet(packet::STDIN, piece).await?;
        }
        self.write_packet(packet::CLOSE_STDIN, &[]).await
    }

    async fn write_packet(&mut self, kind: u8, body: &[u8]) -> Result<(), AdbErrorKind> {
        let mut whole = Vec::with_capacity(5 + body.len());
        whole.push(kind);
        whole.extend_from_slice(&(body.len() as u32).to_le_bytes());
        whole.extend_from_slice(body);
        self.stream.write_all(&whole).await.map_err(AdbErrorKind::Io)
    }

    async fn read_chunk(&mut self) -> Result<Option<Chunk>, AdbErrorKind> {
        loop {
            if let Some(chunk) = self.take_chunk()? {
                return Ok(Some(chunk));
            }
            let read = self
                .stream
                .read_buf(&mut self.buffer)
                .await
                .map_err(AdbErrorKind::Io)?;
            if read == 0 {
                return Ok(None);
            }
        }
    }

    /// A whole piece out of what was read so far.
    fn take_chunk(&mut self) -> Result<Option<Chunk>, AdbErrorKind> {
        if !self.v2 {
            let whole = !self.buffer.is_empty();
            return Ok(whole.then(|| Chunk::Stdout(self.buffer.split().freeze())));
        }
        while let Some((kind, length)) = packet_head(&self.buffer) {
            if length > MAX_PACKET {
                return Err(AdbErrorKind::Protocol(format!(
                    "a shell packet of {length} bytes"
                )));
            }
            if self.buffer.len() < 5 + length {
                return Ok(None);
            }
            let body = self.buffer.split_to(5 + length).split_off(5).freeze();
            match kind {
                packet::STDOUT => return Ok(Some(Chunk::Stdout(body))),
                packet::STDERR => return Ok(Some(Chunk::Stderr(body))),
                packet::EXIT => return Ok(Some(Chunk::Exit(body.first().copied().unwrap_or(0)))),
                // Kinds that a later adbd may add concern nobody here.
                _ => {}
            }
        }
        Ok(None)
    }
}

fn packet_head(buffer: &[u8]) -> Option<(u8, usize)> {
    let (kind, rest) = buffer.split_first()?;
    let length = rest.first_chunk::<4>()?;
    Some((*kind, u32::from_le_bytes(*length) as usize))
}

/// One argument for the phone's shell, whatever is in it.
pub fn quote(arg: &str) -> String {
    format!("'{}'", arg.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_leaves_nothing_for_the_shell_to_read() {
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's $HOME; rm"), r"'it'\''s $HOME; rm'");
        assert_eq!(quote(""), "''");
    }
}
