//! `md5sum`, `sha1sum`, `sha256sum`, `base64`, `dd`: bytes as they are.

use std::fmt::Write as _;
use std::io::Write as _;

use base64::Engine as _;
use sha2::Digest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::super::{ExitCode, Input, Process};
use super::or_stdin;

const PIECE: usize = 16 * 1024;

pub(super) async fn sum(process: &mut Process) -> ExitCode {
    let name = process
        .argv
        .first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(""))
        .to_owned();
    let args = process.owned_args();
    let brief = args.iter().any(|arg| arg == "-b");
    let paths: Vec<String> = args
        .into_iter()
        .filter(|arg| arg == "-" || !arg.starts_with('-'))
        .collect();
    let mut code = 0;
    for path in or_stdin(&paths) {
        match process.open(&path) {
            Ok(input) => {
                let hex = match name.as_str() {
                    "md5sum" => digest::<md5::Md5>(input).await,
                    "sha1sum" => digest::<sha1::Sha1>(input).await,
                    _ => digest::<sha2::Sha256>(input).await,
                };
                let line = if brief { hex } else { format!("{hex}  {path}") };
                process.println(&line).await;
            }
            Err(error) => code = process.failed(&path, &error).await,
        }
    }
    code
}

async fn digest<D: Digest>(mut input: Input) -> String {
    let mut digest = D::new();
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = input.read(&mut piece).await {
        digest.update(&piece[..length]);
    }
    digest.finalize().iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

pub(super) async fn base64(process: &mut Process) -> ExitCode {
    let mut decode = false;
    let mut width = 76;
    let mut paths = Vec::new();
    let mut rest = process.owned_args().into_iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-d" => decode = true,
            "-i" => {}
            "-w" => width = rest.next().and_then(|text| text.parse().ok()).unwrap_or(76),
            text if text.starts_with("-w") => width = text[2..].parse().unwrap_or(76),
            _ => paths.push(arg),
        }
    }
    let mut bytes = Vec::new();
    for path in or_stdin(&paths) {
        match process.open(&path) {
            Ok(mut input) => {
                let _ = input.read_to_end(&mut bytes).await;
            }
            Err(error) => return process.failed(&path, &error).await,
        }
    }
    let engine = base64::engine::general_purpose::STANDARD;
    if decode {
        bytes.retain(|byte| !byte.is_ascii_whitespace());
        let Ok(decoded) = engine.decode(&bytes) else {
            process.eprintln("base64: bad input").await;
            return 1;
        };
        return u8::from(process.write(&decoded).await.is_err());
    }
    let text = engine.encode(&bytes);
    let width = if width == 0 { text.len().max(1) } else { width };
    for line in text.as_bytes().chunks(width) {
        let _ = process.write(line).await;
        let _ = process.write(b"\n").await;
    }
    0
}

pub(super) async fn dd(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let value = |name: &str| {
        args.iter()
            .find_map(|arg| arg.strip_prefix(name)?.strip_prefix('='))
    };
    let size = value("bs").and_then(amount).unwrap_or(512).clamp(1, 16 << 20) as usize;
    let count = value("count").and_then(amount);
    let skip = value("skip").and_then(amount).unwrap_or(0);
    let mut input = match process.open(value("if").unwrap_or("-")) {
        Ok(input) => input,
        Err(error) => return process.failed(value("if").unwrap_or("-"), &error).await,
    };
    let mut file = None;
    if let Some(path) = value("of") {
        let full = process.path(path);
        match process.phone.create_file(&full, false) {
            Ok(opened) => file = Some(opened),
            Err(error) => return process.failed(path, &error).await,
        }
    }
    let mut skipped = (&mut input).take(skip * size as u64);
    let _ = tokio::io::copy(&mut skipped, &mut tokio::io::sink()).await;
    let (mut whole, mut partial, mut total) = (0_u64, 0_u64, 0_u64);
    let mut block = vec![0; size];
    while count.is_none_or(|count| whole + partial < count) {
        let mut length = 0;
        while length < size {
            match input.read(&mut block[length..]).await {
                Ok(read @ 1..) => length += read,
                _ => break,
            }
        }
        if length == 0 {
            break;
        }
        let written = match &mut file {
            Some(file) => file.write_all(&block[..length]),
            None => process.stdout.write_all(&block[..length]).await,
        };
        if let Err(error) = written {
            return process.failed(value("of").unwrap_or("stdout"), &error).await;
        }
        if length == size {
            whole += 1;
        } else {
            partial += 1;
        }
        total += length as u64;
        tokio::task::yield_now().await;
    }
    let records = format!("{whole}+{partial} records");
    process
        .eprintln(&format!(
            "{records} in\n{records} out\n{total} bytes ({total} B) copied, 0.001 s, {total} B/s"
        ))
        .await;
    0
}

/// `4k`, `1M`, `512`
fn amount(text: &str) -> Option<u64> {
    let digits = text.trim_end_matches(|sign: char| sign.is_ascii_alphabetic());
    let factor = match text[digits.len()..].chars().next() {
        None | Some('c') => 1,
        Some('k' | 'K') => 1024,
        Some('m' | 'M') => 1024 * 1024,
        Some('g' | 'G') => 1024 * 1024 * 1024,
        Some(_) => return None,
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}
