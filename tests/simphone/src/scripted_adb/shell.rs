//! `shell,v2,raw:`, `shell:` and `exec:` on a listed device: its simulated phone's shell, framed as adb frames it.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;

use crate::phone::Phone;
use crate::shell;

/// Bytes that may wait between the shell and the socket.
const PIPE: usize = 64 * 1024;

const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const EXIT: u8 = 3;
const CLOSE_STDIN: u8 = 3;

pub(super) struct Service {
    line: String,
    v2: bool,
}

impl Service {
    /// `None`: none of the shell's services.
    pub(super) fn of(service: &str) -> Option<Self> {
        let (kind, line) = service.split_once(':')?;
        let mut words = kind.split(',');
        let v2 = match words.next()? {
            "shell" => words.any(|word| word == "v2"),
            "exec" => false,
            _ => return None,
        };
        Some(Self {
            line: line.to_owned(),
            v2,
        })
    }
}

pub(super) async fn run(socket: &mut TcpStream, phone: Arc<Phone>, service: Service) -> io::Result<()> {
    let Service { line, v2 } = service;
    let (from_host, stdin) = tokio::io::duplex(PIPE);
    let (stdout, out) = tokio::io::duplex(PIPE);
    let (stderr, err) = tokio::io::duplex(PIPE);
    let stderr: crate::program::Output = Box::pin(stderr);
    let shell =
        tokio::spawn(
            async move { shell::run(phone, &line, Box::pin(stdin), Box::pin(stdout), stderr).await },
        );
    let (mut reader, mut writer) = socket.split();
    let talk = answer(&mut writer, v2, out, err, shell);
    tokio::select! {
        done = talk => done,
        // The host went away.
        gone = feed(&mut reader, from_host, v2) => gone,
    }
}

/// What the host types; ends when it hangs up.
async fn feed(reader: &mut (impl AsyncRead + Unpin), stdin: DuplexStream, v2: bool) -> io::Result<()> {
    let mut stdin = Some(stdin);
    loop {
        if v2 {
            let kind = reader.read_u8().await?;
            let length = reader.read_u32_le().await? as usize;
            let mut piece = vec![0; length.min(PIPE)];
            reader.read_exact(&mut piece).await?;
            match (kind, &mut stdin) {
                (STDIN, Some(to)) => to.write_all(&piece).await?,
                (CLOSE_STDIN, _) => stdin = None,
                _ => {}
            }
        } else {
            let mut piece = vec![0; 4096];
            let read = reader.read(&mut piece).await?;
            match (read, &mut stdin) {
                (0, _) => return Ok(()),
                (_, Some(to)) => to.write_all(&piece[..read]).await?,
                _ => {}
            }
        }
    }
}

/// What the shell says, then its exit code.
async fn answer(
    writer: &mut (impl tokio::io::AsyncWrite + Unpin),
    v2: bool,
    mut out: DuplexStream,
    mut err: DuplexStream,
    shell: tokio::task::JoinHandle<u8>,
) -> io::Result<()> {
    let (mut open_out, mut open_err) = (true, true);
    let (mut out_piece, mut err_piece) = (vec![0; 4096], vec![0; 4096]);
    while open_out || open_err {
        let (kind, piece) = tokio::select! {
            read = out.read(&mut out_piece), if open_out => {
                let read = read?;
                open_out = read > 0;
                (STDOUT, &out_piece[..read])
            }
            read = err.read(&mut err_piece), if open_err => {
                let read = read?;
                open_err = read > 0;
                (STDERR, &err_piece[..read])
            }
        };
        if piece.is_empty() {
            continue;
        }
        if v2 {
            writer.write_u8(kind).await?;
            writer.write_u32_le(piece.len() as u32).await?;
        }
        writer.write_all(piece).await?;
    }
    let code = shell.await.unwrap_or(1);
    if v2 {
        writer.write_u8(EXIT).await?;
        writer.write_u32_le(1).await?;
        writer.write_u8(code).await?;
    }
    writer.shutdown().await
}
