//! `stat`, and how owners, modes and times are written.

use super::super::{ExitCode, Process};
use crate::phone::files::Stat;

pub(super) async fn stat(process: &mut Process) -> ExitCode {
    let mut format = None;
    let mut follow = false;
    let mut paths = Vec::new();
    let args: Vec<String> = process.args().into_iter().map(str::to_owned).collect();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "-c" => format = rest.next().cloned(),
            "-L" => follow = true,
            text if text.starts_with("-c") => format = Some(text[2..].to_owned()),
            path => paths.push(path.to_owned()),
        }
    }
    if paths.is_empty() {
        return process.needs(1).await;
    }
    let mut code = 0;
    for path in paths {
        let full = process.path(&path);
        let found = process.phone.files.stat(&full, follow);
        match found {
            Ok(stat) => {
                let format = format.as_deref().unwrap_or(USUAL);
                let line = fill(format, &path, &stat);
                process.println(&line).await;
            }
            Err(error) => code = process.failed(&format!("'{path}'"), &error).await,
        }
    }
    code
}

const USUAL: &str = "  File: %N
  Size: %s\t Blocks: %b\t IO Blocks: 512\t%F
Device: fd02h/64770d\t Inode: %i\t Links: %h\t Device type: 0,0
Access: (%a/%A)\tUid: (%5u/%8U)\tGid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z";

fn fill(format: &str, path: &str, stat: &Stat) -> String {
    let mut text = String::new();
    let mut signs = format.chars().peekable();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            text.push(sign);
            continue;
        }
        let mut width = String::new();
        while let Some(digit) = signs.next_if(char::is_ascii_digit) {
            width.push(digit);
        }
        let value = match signs.next() {
            Some('n') => path.to_owned(),
            Some('N') => format!("'{path}'"),
            Some('s') => stat.size.to_string(),
            Some('b') => (stat.size.div_ceil(4096) * 8).to_string(),
            Some('B') => "512".to_owned(),
            Some('a') => format!("{:04o}", stat.mode & 0o7777),
            Some('A') => mode_text(stat.mode),
            Some('f') => format!("{:x}", stat.mode),
            Some('F') => kind(stat).to_owned(),
            Some('u') => stat.uid.to_string(),
            Some('g') => stat.gid.to_string(),
            Some('U') => user(stat.uid).to_owned(),
            Some('G') => group(stat.gid).to_owned(),
            Some('i') => stat.inode.to_string(),
            Some('h') => stat.links.to_string(),
            Some('X' | 'Y' | 'Z') => stat.mtime.to_string(),
            Some('x' | 'y' | 'z') => time(stat.mtime, "%Y-%m-%d %H:%M:%S.000000000 +0000"),
            Some('%') | None => "%".to_owned(),
            Some(other) => format!("%{other}"),
        };
        let width = width.parse::<usize>().unwrap_or(0).min(200);
        text.push_str(&format!("{value:>width$}"));
    }
    text
}

fn kind(stat: &Stat) -> &'static str {
    if stat.is_folder() {
        "directory"
    } else if stat.is_link() {
        "symbolic link"
    } else if stat.is_regular() {
        "regular file"
    } else {
        "character device"
    }
}

/// `drwxrwx--x`
pub(super) fn mode_text(mode: u32) -> String {
    let kind = match mode & 0o170_000 {
        0o040_000 => 'd',
        0o120_000 => 'l',
        0o020_000 => 'c',
        _ => '-',
    };
    let bits = (0..9).map(|bit| {
        if mode & (0o400 >> bit) == 0 {
            '-'
        } else {
            ['r', 'w', 'x'][bit % 3]
        }
    });
    std::iter::once(kind).chain(bits).collect()
}

pub(super) fn user(uid: u32) -> &'static str {
    match uid {
        0 => "root",
        1000 => "system",
        _ => "shell",
    }
}

pub(super) fn group(gid: u32) -> &'static str {
    match gid {
        0 => "root",
        1000 => "system",
        1015 => "sdcard_rw",
        _ => "shell",
    }
}

pub(super) fn time(seconds: i64, format: &str) -> String {
    jiff::Timestamp::from_second(seconds)
        .map(|time| time.strftime(format).to_string())
        .unwrap_or_default()
}
