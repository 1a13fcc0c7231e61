//! `sort`, `uniq`, `cut`, `tr`: text by lines, fields and signs.

use std::cmp::Ordering;

use tokio::io::AsyncReadExt;

use super::super::{ExitCode, Process};

/// Options with values (`-k 2`, `-d,`), option letters, and the rest.
fn options(args: Vec<String>, with_value: &str) -> (String, Vec<(char, String)>, Vec<String>) {
    let (mut letters, mut values, mut rest) = (String::new(), Vec::new(), Vec::new());
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let Some(option) = arg.strip_prefix('-').filter(|option| !option.is_empty()) else {
            rest.push(arg);
            continue;
        };
        let mut signs = option.chars();
        while let Some(letter) = signs.next() {
            if with_value.contains(letter) {
                let glued: String = signs.by_ref().collect();
                let value = if glued.is_empty() {
                    args.next().unwrap_or_default()
                } else {
                    glued
                };
                values.push((letter, value));
            } else {
                letters.push(letter);
            }
        }
    }
    (letters, values, rest)
}

async fn print_lines(process: &mut Process, lines: impl IntoIterator<Item = Vec<u8>>) {
    for mut line in lines {
        line.push(b'\n');
        if process.write(&line).await.is_err() {
            return;
        }
    }
}

pub(super) async fn sort(process: &mut Process) -> ExitCode {
    let (letters, values, paths) = options(process.owned_args(), "kto");
    let key = values
        .iter()
        .find(|(letter, _)| *letter == 'k')
        .map(|(_, value)| {
            let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
            digits.parse::<usize>().unwrap_or(1).max(1)
        });
    let separator = values
        .iter()
        .find(|(letter, _)| *letter == 't')
        .and_then(|(_, value)| value.chars().next());
    let key_letters: String = values.iter().map(|(_, value)| value.as_str()).collect();
    let numeric = letters.contains('n') || (key.is_some() && key_letters.ends_with('n'));
    let (mut lines, code) = process.lines_of(&paths).await;
    let part = |line: &[u8]| -> String {
        let text = String::from_utf8_lossy(line).into_owned();
        match (key, separator) {
            (None, _) => text,
            (Some(key), Some(separator)) => text.split(separator).skip(key - 1).collect::<Vec<_>>().join(" "),
            (Some(key), None) => text
                .split_whitespace()
                .skip(key - 1)
                .collect::<Vec<_>>()
                .join(" "),
        }
    };
    let compare = |left: &Vec<u8>, right: &Vec<u8>| -> Ordering {
        let (a, b) = (part(left), part(right));
        let by_key = if numeric {
            number(&a).total_cmp(&number(&b))
        } else if letters.contains('f') {
            a.to_lowercase().cmp(&b.to_lowercase())
        } else {
            a.cmp(&b)
        };
        by_key.then_with(|| left.cmp(right))
    };
    lines.sort_by(compare);
    if letters.contains('r') {
        lines.reverse();
    }
    if letters.contains('u') {
        lines.dedup();
    }
    print_lines(process, lines).await;
    code
}

fn number(text: &str) -> f64 {
    let text = text.trim_start();
    let end = text
        .find(|sign: char| !(sign.is_ascii_digit() || sign == '-' || sign == '.'))
        .unwrap_or(text.len());
    text[..end].parse().unwrap_or(0.0)
}

pub(super) async fn uniq(process: &mut Process) -> ExitCode {
    let (letters, _, paths) = options(process.owned_args(), "");
    let (lines, code) = process.lines_of(&paths).await;
    let mut groups: Vec<(usize, Vec<u8>)> = Vec::new();
    for line in lines {
        match groups.last_mut() {
            Some((count, before)) if *before == line => *count += 1,
            _ => groups.push((1, line)),
        }
    }
    groups.retain(|(count, _)| !(letters.contains('d') && *count < 2 || letters.contains('u') && *count > 1));
    let counted = letters.contains('c');
    let lines = groups.into_iter().map(|(count, line)| {
        if counted {
            [format!("{count:>7} ").into_bytes(), line].concat()
        } else {
            line
        }
    });
    print_lines(process, lines).await;
    code
}

pub(super) async fn cut(process: &mut Process) -> ExitCode {
    let (letters, values, paths) = options(process.owned_args(), "dfcb");
    let value = |wanted: char| {
        values
            .iter()
            .find(|(letter, _)| *letter == wanted)
            .map(|(_, value)| value.as_str())
    };
    let delimiter = value('d').and_then(|text| text.chars().next()).unwrap_or('\t');
    let by_field = value('f');
    let Some(ranges) = by_field.or(value('c')).or(value('b')).map(ranges) else {
        process.eprintln("cut: no -bcCfF").await;
        return 1;
    };
    let taken = |number: usize| ranges.iter().any(|(from, to)| (*from..=*to).contains(&number));
    let (lines, code) = process.lines_of(&paths).await;
    let mut cut = Vec::new();
    for line in lines {
        let text = String::from_utf8_lossy(&line).into_owned();
        let kept = if by_field.is_none() {
            let signs = text.chars().enumerate();
            signs
                .filter(|(at, _)| taken(at + 1))
                .map(|(_, sign)| sign)
                .collect()
        } else if text.contains(delimiter) {
            let fields = text.split(delimiter).enumerate();
            let fields: Vec<&str> = fields
                .filter(|(at, _)| taken(at + 1))
                .map(|(_, field)| field)
                .collect();
            fields.join(&delimiter.to_string())
        } else if letters.contains('s') {
            continue;
        } else {
            text
        };
        cut.push(kept.into_bytes());
    }
    print_lines(process, cut).await;
    code
}

/// `1,3-5,7-`
fn ranges(text: &str) -> Vec<(usize, usize)> {
    text.split(',')
        .map(|range| {
            if let Some((from, to)) = range.split_once('-') {
                return (from.parse().unwrap_or(1), to.parse().unwrap_or(usize::MAX));
            }
            let only = range.parse().unwrap_or(0);
            (only, only)
        })
        .collect()
}

pub(super) async fn tr(process: &mut Process) -> ExitCode {
    let (letters, _, sets) = options(process.owned_args(), "");
    let [from, to] = [sets.first(), sets.get(1)].map(|set| set.map(|set| signs(set)));
    let Some(from) = from else {
        return process.needs(1).await;
    };
    let complement = letters.contains('c') || letters.contains('C');
    let (delete, squeeze) = (letters.contains('d'), letters.contains('s'));
    let to = to.unwrap_or_default();
    let mut input = process.take_stdin();
    let mut piece = vec![0; 4096];
    let mut last = None;
    while let Ok(length @ 1..) = input.read(&mut piece).await {
        let mut out = Vec::with_capacity(length);
        for byte in &piece[..length] {
            let place = from.iter().position(|wanted| wanted == byte);
            let inside = place.is_some() != complement;
            if inside && delete {
                continue;
            }
            let replaced = if inside && !to.is_empty() {
                let at = place.unwrap_or(to.len());
                *to.get(at).or(to.last()).unwrap_or(byte)
            } else {
                *byte
            };
            if squeeze && inside && last == Some(replaced) {
                continue;
            }
            last = Some(replaced);
            out.push(replaced);
        }
        if process.write(&out).await.is_err() {
            return 1;
        }
    }
    0
}

/// Whether a byte belongs to a named class.
type Fits = fn(&u8) -> bool;

/// The bytes that a set names: ranges, classes, escapes.
fn signs(set: &str) -> Vec<u8> {
    let classes: [(&str, Fits); 6] = [
        ("[:lower:]", u8::is_ascii_lowercase),
        ("[:upper:]", u8::is_ascii_uppercase),
        ("[:digit:]", u8::is_ascii_digit),
        ("[:alpha:]", u8::is_ascii_alphabetic),
        ("[:alnum:]", u8::is_ascii_alphanumeric),
        ("[:space:]", u8::is_ascii_whitespace),
    ];
    let mut bytes = Vec::new();
    let mut rest = set.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if let Some((name, fits)) = classes.iter().find(|(name, _)| rest.starts_with(name.as_bytes())) {
            bytes.extend((0..=127).filter(fits));
            rest = &rest[name.len()..];
            continue;
        }
        rest = after;
        let mut byte = *first;
        if byte == b'\\'
            && let Some((sign, after)) = rest.split_first()
        {
            rest = after;
            byte = match sign {
                b'n' => b'\n',
                b't' => b'\t',
                b'r' => b'\r',
                b'0' => 0,
                other => *other,
            };
        }
        if let [b'-', to, after @ ..] = rest {
            bytes.extend(byte..=*to);
            rest = after;
        } else {
            bytes.push(byte);
        }
    }
    bytes
}
