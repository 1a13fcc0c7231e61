//! `cat`, `tee`, `head`, `tail`, `wc`: text as it flows by.

use std::collections::VecDeque;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};

use super::super::{ExitCode, Process};
use super::{next_line, or_stdin};
use crate::shell::{FileWriter, Out};

const PIECE: usize = 16 * 1024;

pub(super) async fn cat(process: &mut Process) -> ExitCode {
    let paths: Vec<String> = process
        .owned_args()
        .into_iter()
        .filter(|arg| arg != "-u")
        .collect();
    let mut code = 0;
    for path in or_stdin(&paths) {
        match process.open(&path) {
            Ok(mut input) => {
                let mut piece = vec![0; PIECE];
                while let Ok(length @ 1..) = input.read(&mut piece).await {
                    if process.write(&piece[..length]).await.is_err() {
                        return 1;
                    }
                }
            }
            Err(error) => code = process.failed(&path, &error).await,
        }
    }
    code
}

pub(super) async fn tee(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let append = args.iter().any(|arg| arg == "-a");
    let mut outs = Vec::new();
    let mut code = 0;
    for path in args.iter().filter(|arg| !arg.starts_with('-')) {
        let full = process.path(path);
        match process.phone.create_file(&full, append) {
            Ok(file) => outs.push(Out::new(FileWriter(file))),
            Err(error) => code = process.failed(path, &error).await,
        }
    }
    let mut input = process.take_stdin();
    let mut piece = vec![0; PIECE];
    while let Ok(length @ 1..) = input.read(&mut piece).await {
        let _ = process.write(&piece[..length]).await;
        for out in &mut outs {
            if let Err(error) = out.write_all(&piece[..length]).await {
                code = process.failed("write", &error).await;
            }
        }
    }
    code
}

/// How much `head` and `tail` show: `-n 5`, `-5`, `-c 100`, `-n +3`.
struct Amount {
    bytes: bool,
    /// From this place on instead of so many.
    from: bool,
    count: usize,
    follow: bool,
    paths: Vec<String>,
}

impl Amount {
    fn parse(args: Vec<String>) -> Self {
        let mut amount = Self {
            bytes: false,
            from: false,
            count: 10,
            follow: false,
            paths: Vec::new(),
        };
        let mut rest = args.into_iter();
        while let Some(arg) = rest.next() {
            let Some(option) = arg.strip_prefix('-').filter(|option| !option.is_empty()) else {
                amount.paths.push(arg);
                continue;
            };
            match option.chars().next() {
                Some('f' | 'F') => amount.follow = true,
                Some(letter @ ('n' | 'c')) => {
                    amount.bytes = letter == 'c';
                    let glued = option[1..].to_owned();
                    let text = if glued.is_empty() {
                        rest.next().unwrap_or_default()
                    } else {
                        glued
                    };
                    amount.set(&text);
                }
                Some('0'..='9') => amount.set(option),
                _ => {}
            }
        }
        amount
    }

    fn set(&mut self, text: &str) {
        self.from = text.starts_with('+');
        self.count = text.trim_start_matches(['+', '-']).parse().unwrap_or(0);
    }
}

pub(super) async fn head(process: &mut Process) -> ExitCode {
    let amount = Amount::parse(process.owned_args());
    let mut code = 0;
    let paths = or_stdin(&amount.paths);
    for path in &paths {
        let input = match process.open(path) {
            Ok(input) => input,
            Err(error) => {
                code = process.failed(path, &error).await;
                continue;
            }
        };
        if paths.len() > 1 {
            process.println(&format!("==> {path} <==")).await;
        }
        if amount.bytes {
            let mut bytes = Vec::new();
            let _ = input.take(amount.count as u64).read_to_end(&mut bytes).await;
            let _ = process.write(&bytes).await;
            continue;
        }
        let mut input = BufReader::new(input);
        for _ in 0..amount.count {
            let Some(mut line) = next_line(&mut input).await else {
                break;
            };
            line.extend(b"\n");
            if process.write(&line).await.is_err() {
                return 1;
            }
        }
    }
    code
}

pub(super) async fn tail(process: &mut Process) -> ExitCode {
    let amount = Amount::parse(process.owned_args());
    let mut code = 0;
    for path in or_stdin(&amount.paths) {
        match process.open(&path) {
            Ok(mut input) if amount.bytes => {
                let mut bytes = Vec::new();
                let _ = input.read_to_end(&mut bytes).await;
                let from = if amount.from {
                    amount.count.saturating_sub(1).min(bytes.len())
                } else {
                    bytes.len().saturating_sub(amount.count)
                };
                let _ = process.write(&bytes[from..]).await;
            }
            Ok(input) => {
                let mut input = BufReader::new(input);
                let mut kept: VecDeque<Vec<u8>> = VecDeque::new();
                let mut number = 0;
                while let Some(line) = next_line(&mut input).await {
                    number += 1;
                    kept.push_back(line);
                    if amount.from && number < amount.count || !amount.from && kept.len() > amount.count {
                        kept.pop_front();
                    }
                }
                for mut line in kept {
                    line.push(b'\n');
                    let _ = process.write(&line).await;
                }
            }
            Err(error) => code = process.failed(&path, &error).await,
        }
    }
    if amount.follow {
        // Nothing on this phone writes a log that grows under a tail; it waits until it is ended.
        let _ = process.stdout.flush().await;
        std::future::pending::<()>().await;
    }
    code
}

pub(super) async fn wc(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let letters: String = args.iter().filter_map(|arg| arg.strip_prefix('-')).collect();
    let letters = if letters.is_empty() { "lwc" } else { &letters };
    let paths: Vec<String> = args.iter().filter(|arg| !arg.starts_with('-')).cloned().collect();
    let mut code = 0;
    let mut totals = [0_usize; 4];
    let all = or_stdin(&paths);
    for path in &all {
        let mut bytes = Vec::new();
        match process.open(path) {
            Ok(mut input) => {
                let _ = input.read_to_end(&mut bytes).await;
            }
            Err(error) => {
                code = process.failed(path, &error).await;
                continue;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        let counts = [
            text.matches('\n').count(),
            text.split_ascii_whitespace().count(),
            bytes.len(),
            text.chars().count(),
        ];
        for (total, count) in totals.iter_mut().zip(counts) {
            *total += count;
        }
        let name = if path == "-" { "" } else { path };
        process.println(&counts_line(counts, letters, name)).await;
    }
    if all.len() > 1 {
        process.println(&counts_line(totals, letters, "total")).await;
    }
    code
}

fn counts_line(counts: [usize; 4], letters: &str, name: &str) -> String {
    let mut shown: Vec<String> = ['l', 'w', 'c', 'm']
        .iter()
        .zip(counts)
        .filter(|(letter, _)| letters.contains(**letter))
        .map(|(_, count)| count.to_string())
        .collect();
    if !name.is_empty() {
        shown.push(name.to_owned());
    }
    shown.join(" ")
}
