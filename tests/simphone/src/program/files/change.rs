//! Tools that change files: `rm`, `mkdir`, `rmdir`, `mv`, `cp`, `touch`, `chmod`.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use super::super::{ExitCode, Process};
use super::options;
use crate::phone::Phone;

fn arguments(process: &Process) -> (String, Vec<String>) {
    let args = process.args();
    let (letters, rest) = options(&args);
    (letters, rest.into_iter().map(str::to_owned).collect())
}

pub(super) async fn rm(process: &mut Process) -> ExitCode {
    let (letters, paths) = arguments(process);
    let force = letters.contains('f');
    if paths.is_empty() && !force {
        return process.needs(1).await;
    }
    let mut code = 0;
    for path in paths {
        let full = process.path(&path);
        let phone = &process.phone;
        let removed = phone.files.stat(&full, false).and_then(|stat| {
            if !stat.is_folder() {
                phone.remove_file(&full)
            } else if letters.contains('r') || letters.contains('R') {
                phone.remove_tree(&full)
            } else {
                Err(ErrorKind::IsADirectory.into())
            }
        });
        match removed {
            Err(error) if force && error.kind() == ErrorKind::NotFound => {}
            Err(error) => code = process.failed(&path, &error).await,
            Ok(()) => {}
        }
    }
    code
}

pub(super) async fn mkdir(process: &mut Process) -> ExitCode {
    let (letters, paths) = arguments(process);
    if paths.is_empty() {
        return process.needs(1).await;
    }
    let mut code = 0;
    for path in paths {
        let full = process.path(&path);
        let made = if letters.contains('p') {
            process.phone.make_folders(&full)
        } else {
            process.phone.make_folder(&full)
        };
        if let Err(error) = made {
            code = process.failed(&format!("'{path}'"), &error).await;
        }
    }
    code
}

pub(super) async fn rmdir(process: &mut Process) -> ExitCode {
    let (_, paths) = arguments(process);
    let mut code = 0;
    for path in paths {
        let full = process.path(&path);
        if let Err(error) = process.phone.remove_empty_folder(&full) {
            code = process.failed(&path, &error).await;
        }
    }
    code
}

/// Where each of the sources goes: into the last argument if it is a folder, else it takes that name.
async fn targets(process: &mut Process, mut paths: Vec<String>) -> Result<Vec<(String, String)>, ExitCode> {
    let Some(last) = paths.pop().filter(|_| !paths.is_empty()) else {
        return Err(process.needs(2).await);
    };
    let full = process.path(&last);
    let into = process
        .phone
        .files
        .stat(&full, true)
        .is_ok_and(|stat| stat.is_folder());
    if paths.len() > 1 && !into {
        let error = ErrorKind::NotADirectory.into();
        return Err(process.failed(&format!("'{last}'"), &error).await);
    }
    Ok(paths
        .into_iter()
        .map(|path| {
            let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
            let target = if into {
                format!("{full}/{name}")
            } else {
                full.clone()
            };
            (path, target)
        })
        .collect())
}

pub(super) async fn mv(process: &mut Process) -> ExitCode {
    let (_, paths) = arguments(process);
    let moves = match targets(process, paths).await {
        Ok(moves) => moves,
        Err(code) => return code,
    };
    let mut code = 0;
    for (from, to) in moves {
        let full = process.path(&from);
        let phone = &process.phone;
        let moved = phone
            .files
            .stat(&full, false)
            .and_then(|_| phone.rename(&full, &to));
        if let Err(error) = moved {
            code = process.failed(&format!("bad '{from}'"), &error).await;
        }
    }
    code
}

pub(super) async fn cp(process: &mut Process) -> ExitCode {
    let (letters, paths) = arguments(process);
    let deep = letters.contains(['r', 'R', 'a']);
    let copies = match targets(process, paths).await {
        Ok(copies) => copies,
        Err(code) => return code,
    };
    let mut code = 0;
    for (from, to) in copies {
        let full = process.path(&from);
        let phone = Arc::clone(&process.phone);
        if let Err(error) = copy(&phone, &full, &to, deep) {
            code = process.failed(&format!("bad '{from}'"), &error).await;
        }
    }
    code
}

fn copy(phone: &Arc<Phone>, from: &str, to: &str, deep: bool) -> io::Result<()> {
    if !phone.files.stat(from, true)?.is_folder() {
        let mut source = std::fs::File::open(phone.files.host_path(from))?;
        let mut target = phone.create_file(to, false)?;
        let mut piece = vec![0; 64 * 1024];
        loop {
            let length = source.read(&mut piece)?;
            if length == 0 {
                return Ok(());
            }
            target.write_all(&piece[..length])?;
        }
    }
    if !deep {
        return Err(ErrorKind::IsADirectory.into());
    }
    phone.make_folders(to)?;
    for name in phone.files.list(from)? {
        copy(phone, &format!("{from}/{name}"), &format!("{to}/{name}"), deep)?;
    }
    Ok(())
}

pub(super) async fn touch(process: &mut Process) -> ExitCode {
    let args: Vec<String> = process.args().into_iter().map(str::to_owned).collect();
    let mut create = true;
    let mut seconds = None;
    let mut paths = Vec::new();
    let mut rest = args.into_iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-c" => create = false,
            "-a" | "-m" => {}
            "-d" | "-t" => {
                let text = rest.next().unwrap_or_default();
                seconds = parse_date(&text);
                if seconds.is_none() {
                    process.eprintln(&format!("touch: bad date '{text}'")).await;
                    return 1;
                }
            }
            _ => paths.push(arg),
        }
    }
    let seconds = seconds.unwrap_or_else(|| super::super::wall_clock().as_second().max(0) as u64);
    let mut code = 0;
    for path in paths {
        let full = process.path(&path);
        if !create && process.phone.files.stat(&full, true).is_err() {
            continue;
        }
        let touched = process
            .phone
            .create_file(&full, true)
            .and_then(|file| file.set_mtime(seconds));
        match touched {
            Err(error) if error.kind() == ErrorKind::IsADirectory => {}
            Err(error) => code = process.failed(&format!("'{path}'"), &error).await,
            Ok(()) => {}
        }
    }
    code
}

/// `@SECONDS`, `YYYY-MM-DDTHH:MM:SS` or `YYYYMMDDHHMM[.SS]`, in UTC.
fn parse_date(text: &str) -> Option<u64> {
    if let Some(seconds) = text.strip_prefix('@') {
        return seconds.parse().ok();
    }
    let formats = [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y%m%d%H%M.%S",
        "%Y%m%d%H%M",
    ];
    formats
        .iter()
        .find_map(|format| jiff::civil::DateTime::strptime(format, text.trim_end_matches('Z')).ok())
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .and_then(|time| u64::try_from(time.timestamp().as_second()).ok())
}

pub(super) async fn chmod(process: &mut Process) -> ExitCode {
    let args: Vec<String> = process.args().into_iter().map(str::to_owned).collect();
    let mut rest = args
        .iter()
        .filter(|arg| !matches!(arg.as_str(), "-R" | "-f" | "-v"));
    let Some(wanted) = rest.next() else {
        return process.needs(2).await;
    };
    let mut code = 0;
    for path in rest {
        let full = process.path(path);
        let phone = &process.phone;
        let changed = phone.files.stat(&full, true).and_then(|stat| {
            let mode = parse_mode(wanted, stat.mode & 0o777).ok_or(ErrorKind::InvalidInput)?;
            phone.set_mode(&full, mode)
        });
        match changed {
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                process.eprintln(&format!("chmod: bad mode '{wanted}'")).await;
                return 1;
            }
            Err(error) => code = process.failed(path, &error).await,
            Ok(()) => {}
        }
    }
    code
}

/// `755`, `+x`, `u+rw,go-w`
fn parse_mode(text: &str, before: u32) -> Option<u32> {
    if let Ok(mode) = u32::from_str_radix(text, 8) {
        return Some(mode & 0o7777);
    }
    let mut mode = before;
    for clause in text.split(',') {
        let at = clause.find(['+', '-', '='])?;
        let (who, what) = clause.split_at(at);
        let who = if who.is_empty() { "a" } else { who };
        let mut mask = 0;
        for person in who.chars() {
            mask |= match person {
                'u' => 0o700,
                'g' => 0o070,
                'o' => 0o007,
                'a' => 0o777,
                _ => return None,
            };
        }
        let mut bits = 0;
        for right in what[1..].chars() {
            bits |= match right {
                'r' => 0o444,
                'w' => 0o222,
                'x' | 'X' => 0o111,
                _ => return None,
            };
        }
        mode = match what.as_bytes().first() {
            Some(b'+') => mode | (bits & mask),
            Some(b'-') => mode & !(bits & mask),
            _ => (mode & !mask) | (bits & mask),
        };
    }
    Some(mode)
}
