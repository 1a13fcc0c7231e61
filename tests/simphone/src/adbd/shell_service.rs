//! `shell:`, `shell,v2,…:` and `exec:`: a command's streams on the wire. What the command does is the shell's matter.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::stream::{Closed, StreamReader, StreamWriter};
use crate::phone::{Phone, lock};
use crate::shell::{self, Out, Script};

const ID_STDIN: u8 = 0;
const ID_STDOUT: u8 = 1;
const ID_STDERR: u8 = 2;
const ID_EXIT: u8 = 3;
const ID_CLOSE_STDIN: u8 = 4;

/// Bytes that may wait between a program and the wire.
const PIPE: usize = 32 * 1024;
/// How long a program of `exec:` may still work after the host has closed the stream: its last input is often sent
/// just before.
const AFTER_CLOSE: Duration = Duration::from_secs(5);

/// What the host asked for: `shell[,v2][,TERM=…][,raw|,pty]:LINE`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShellRequest {
    /// Packets with stdout, stderr and the exit code apart.
    v2: bool,
    /// A terminal: with v2 it echoes and ends lines with CR LF.
    terminal: bool,
    pub(super) line: String,
}

impl ShellRequest {
    pub(super) fn parse(kind: &str, line: &str) -> Option<Self> {
        let mut words = kind.split(',');
        if words.next() != Some("shell") {
            return None;
        }
        let mut request = Self {
            v2: false,
            // A terminal for people, none for a command, unless the host says otherwise.
            terminal: line.is_empty(),
            line: line.to_owned(),
        };
        for word in words {
            match word {
                "v2" => request.v2 = true,
                "raw" => request.terminal = false,
                "pty" => request.terminal = true,
                _ => {}
            }
        }
        Some(request)
    }

    fn script(&self) -> Script<'_> {
        match (self.line.is_empty(), self.terminal) {
            (false, _) => Script::Line(&self.line),
            (true, false) => Script::Stdin,
            (true, true) => Script::Terminal,
        }
    }
}

pub(super) async fn run(
    phone: &Arc<Phone>,
    request: &ShellRequest,
    reader: StreamReader,
    writer: StreamWriter,
) {
    if request.v2 {
        run_v2(phone, request, reader, &writer).await;
    } else {
        run_merged(phone, request.script(), reader, &writer).await;
    }
}

/// `exec:LINE`
pub(super) async fn run_raw(phone: &Arc<Phone>, line: &str, reader: StreamReader, writer: StreamWriter) {
    run_merged(phone, Script::Line(line), reader, &writer).await;
}

/// Does what the line says, with nobody to hear of it.
pub(super) async fn run_unheard(phone: &Arc<Phone>, line: &str) {
    let stdin = Box::pin(tokio::io::empty());
    shell::run_script(phone, Script::Line(line), stdin, Out::nowhere(), Out::nowhere()).await;
}

/// One stream of bytes each way, without an exit code.
async fn run_merged(phone: &Arc<Phone>, script: Script<'_>, mut reader: StreamReader, writer: &StreamWriter) {
    let (stdin, mut input) = pipe();
    let (mut output, out) = pipe();
    let out = Out::new(out);
    let program = shell::run_script(phone, script, Box::pin(stdin), out.clone(), out);
    let feed = async {
        while let Some(piece) = reader.next().await {
            // A program that does not read is not in the way of the host's closing.
            if input.write_all(&piece).await.is_err() {
                while reader.next().await.is_some() {}
            }
        }
        drop(input);
        tokio::time::sleep(AFTER_CLOSE).await;
    };
    let forward = async {
        let mut piece = vec![0; PIPE];
        while let Ok(length @ 1..) = output.read(&mut piece).await {
            if writer.write(piece[..length].to_vec()).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        _ = async { tokio::join!(program, forward) } => {}
        () = feed => {}
    }
}

async fn run_v2(phone: &Arc<Phone>, request: &ShellRequest, reader: StreamReader, writer: &StreamWriter) {
    let (stdin, input) = pipe();
    let (stdout, out) = pipe();
    let (stderr, err) = pipe();
    let out = Out::new(out);
    let err = if request.terminal {
        drop(err);
        out.clone()
    } else {
        Out::new(err)
    };
    let echo = Mutex::new(request.terminal.then(|| out.clone()));
    let program = shell::run_script(phone, request.script(), Box::pin(stdin), out, err);
    let forward = forward_v2(stdout, stderr, writer, request.terminal);
    let done = async {
        let program = async {
            let code = program.await;
            // The terminal's own end would keep the output open.
            lock(&echo).take();
            code
        };
        let (code, forwarded) = tokio::join!(program, forward);
        if forwarded.is_ok() {
            let _ = writer.write(frame(ID_EXIT, &[code])).await;
        }
    };
    tokio::select! {
        () = done => {}
        () = feed_v2(reader, input, &echo) => {}
    }
}

/// The host's packets to the program's stdin. Never ends: the stream's end is noticed elsewhere.
async fn feed_v2(mut reader: StreamReader, input: DuplexStream, echo: &Mutex<Option<Out>>) {
    let mut input = Some(input);
    while let Ok(id) = reader.read_u8().await {
        let Ok(mut left) = reader.read_u32_le().await else {
            break;
        };
        let mut piece = vec![0; PIPE.min(left as usize)];
        while left > 0 {
            let wanted = piece.len().min(left as usize);
            let Ok(length @ 1..) = reader.read(&mut piece[..wanted]).await else {
                break;
            };
            left -= length as u32;
            if id == ID_STDIN {
                pass_on(&mut input, echo, &piece[..length]).await;
            }
        }
        if id == ID_CLOSE_STDIN {
            input = None;
        }
    }
    drop(input);
    std::future::pending::<()>().await;
}

/// What a terminal does with what is typed: it echoes, a return is a newline, ^D ends the input, ^C too.
async fn pass_on(input: &mut Option<DuplexStream>, echo: &Mutex<Option<Out>>, piece: &[u8]) {
    let Some(to) = input else {
        return;
    };
    let echo = lock(echo).clone();
    let Some(mut echo) = echo else {
        if to.write_all(piece).await.is_err() {
            *input = None;
        }
        return;
    };
    let typed: Vec<u8> = piece
        .iter()
        .map(|byte| if *byte == b'\r' { b'\n' } else { *byte })
        .collect();
    let ends = typed.iter().position(|byte| matches!(byte, 3 | 4));
    let typed = &typed[..ends.unwrap_or(typed.len())];
    let _ = echo.write_all(typed).await;
    if to.write_all(typed).await.is_err() || ends.is_some() {
        *input = None;
    }
}

/// Both outputs to the host, until the last writer of both is gone.
async fn forward_v2(
    mut stdout: DuplexStream,
    mut stderr: DuplexStream,
    writer: &StreamWriter,
    terminal: bool,
) -> Result<(), Closed> {
    let (mut out, mut err) = (vec![0; PIPE], vec![0; PIPE]);
    let (mut out_open, mut err_open) = (true, true);
    while out_open || err_open {
        tokio::select! {
            read = stdout.read(&mut out), if out_open => match read {
                Ok(length @ 1..) if terminal => {
                    writer.write(frame(ID_STDOUT, &with_returns(&out[..length]))).await?;
                }
                Ok(length @ 1..) => writer.write(frame(ID_STDOUT, &out[..length])).await?,
                _ => out_open = false,
            },
            read = stderr.read(&mut err), if err_open => match read {
                Ok(length @ 1..) => writer.write(frame(ID_STDERR, &err[..length])).await?,
                _ => err_open = false,
            },
        }
    }
    Ok(())
}

fn with_returns(bytes: &[u8]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(bytes.len() + 16);
    for byte in bytes {
        if *byte == b'\n' {
            lines.push(b'\r');
        }
        lines.push(*byte);
    }
    lines
}

fn frame(id: u8, bytes: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(5 + bytes.len());
    frame.push(id);
    frame.extend((bytes.len() as u32).to_le_bytes());
    frame.extend(bytes);
    frame
}

/// The reading end first.
fn pipe() -> (DuplexStream, DuplexStream) {
    tokio::io::duplex(PIPE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_as_adb_writes_it() {
        let ask = |kind, line| ShellRequest::parse(kind, line).unwrap();
        assert_eq!(
            ask("shell,v2,TERM=xterm-256color,raw", "exit 7"),
            ShellRequest {
                v2: true,
                terminal: false,
                line: "exit 7".to_owned()
            }
        );
        assert!(ask("shell,v2,pty", "ls").terminal);
        assert!(ask("shell,v2", "").terminal);
        assert!(!ask("shell,v2", "logcat").terminal);
        assert!(!ask("shell", "ls").terminal);
        assert!(ShellRequest::parse("shellx", "").is_none());
    }
}
