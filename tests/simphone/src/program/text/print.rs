//! `echo`, `printf`, `yes`, `seq`.

use super::super::{ExitCode, Process};

/// The shell's echo understands escapes without being asked.
pub(super) async fn echo(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let mut rest = args.as_slice();
    let (mut newline, mut escapes) = (true, true);
    while let Some((first, after)) = rest.split_first() {
        let letters = first.strip_prefix('-').unwrap_or("");
        if letters.is_empty() || !letters.chars().all(|letter| "neE".contains(letter)) {
            break;
        }
        for letter in letters.chars() {
            match letter {
                'n' => newline = false,
                'e' => escapes = true,
                _ => escapes = false,
            }
        }
        rest = after;
    }
    let text = rest.join(" ");
    let mut bytes = Vec::new();
    if escapes && !unescape(&text, &mut bytes) {
        newline = false;
    } else if !escapes {
        bytes.extend(text.as_bytes());
    }
    if newline {
        bytes.push(b'\n');
    }
    u8::from(process.write(&bytes).await.is_err())
}

/// Writes `text` with its escapes; false where `\c` says that nothing more is printed.
fn unescape(text: &str, into: &mut Vec<u8>) -> bool {
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'\\' {
            into.push(*byte);
            continue;
        }
        let Some((sign, after)) = rest.split_first() else {
            into.push(b'\\');
            break;
        };
        rest = after;
        match sign {
            b'n' => into.push(b'\n'),
            b't' => into.push(b'\t'),
            b'r' => into.push(b'\r'),
            b'a' => into.push(7),
            b'b' => into.push(8),
            b'e' => into.push(27),
            b'\\' => into.push(b'\\'),
            b'c' => return false,
            b'x' => number(&mut rest, 16, 2, into),
            b'0' => number(&mut rest, 8, 3, into),
            other => into.extend([b'\\', *other]),
        }
    }
    true
}

fn number(rest: &mut &[u8], radix: u32, most: usize, into: &mut Vec<u8>) {
    let digits = rest
        .iter()
        .take(most)
        .take_while(|byte| char::from(**byte).is_digit(radix))
        .count();
    let (text, after) = rest.split_at(digits);
    *rest = after;
    let text = std::str::from_utf8(text).unwrap_or("");
    into.push(u32::from_str_radix(text, radix).unwrap_or(0) as u8);
}

pub(super) async fn printf(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let Some((format, mut values)) = args.split_first() else {
        return process.needs(1).await;
    };
    let mut bytes = Vec::new();
    loop {
        let before = values.len();
        let goes_on = one_round(format, &mut values, &mut bytes);
        if !goes_on || values.is_empty() || values.len() == before {
            break;
        }
    }
    u8::from(process.write(&bytes).await.is_err())
}

/// The format once; what it takes is taken from `values`.
fn one_round(format: &str, values: &mut &[String], into: &mut Vec<u8>) -> bool {
    let mut pieces = format.split('%');
    if !unescape(pieces.next().unwrap_or(""), into) {
        return false;
    }
    let mut percent = false;
    for piece in pieces {
        if percent {
            // The second of two signs: what follows is text.
            percent = false;
            if !unescape(piece, into) {
                return false;
            }
            continue;
        }
        if piece.is_empty() {
            into.push(b'%');
            percent = true;
            continue;
        }
        let letter = piece.find(|sign: char| sign.is_ascii_alphabetic());
        let Some(letter) = letter else {
            into.push(b'%');
            into.extend(piece.as_bytes());
            continue;
        };
        let (flags, rest) = piece.split_at(letter);
        let value = if let Some((first, after)) = values.split_first() {
            *values = after;
            first.as_str()
        } else {
            ""
        };
        let kind = rest.chars().next().unwrap_or('s');
        convert(flags, kind, value, into);
        if !unescape(&rest[1..], into) {
            return false;
        }
    }
    true
}

fn convert(flags: &str, kind: char, value: &str, into: &mut Vec<u8>) {
    let (width, precision) = flags.split_once('.').unwrap_or((flags, ""));
    let left = width.contains('-');
    let zero = width.trim_start_matches(['-', '+', ' ']).starts_with('0');
    let width: usize = width
        .trim_start_matches(['-', '+', ' ', '0'])
        .parse()
        .unwrap_or(0)
        .min(500);
    let whole = || value.trim().parse::<i64>().unwrap_or(0);
    let mut text = Vec::new();
    match kind {
        'd' | 'i' | 'u' => text.extend(whole().to_string().into_bytes()),
        'x' => text.extend(format!("{:x}", whole()).into_bytes()),
        'X' => text.extend(format!("{:X}", whole()).into_bytes()),
        'o' => text.extend(format!("{:o}", whole()).into_bytes()),
        'c' => text.extend(
            value
                .chars()
                .next()
                .map(String::from)
                .unwrap_or_default()
                .into_bytes(),
        ),
        'f' | 'g' | 'e' => {
            let precision = precision.parse().unwrap_or(6).min(30);
            let number: f64 = value.trim().parse().unwrap_or(0.0);
            text.extend(format!("{number:.precision$}").into_bytes());
        }
        'b' => {
            unescape(value, &mut text);
        }
        _ => {
            text.extend(value.as_bytes());
            if let Ok(most) = precision.parse::<usize>() {
                text.truncate(most);
            }
        }
    }
    let fill = width.saturating_sub(text.len());
    let filler = if zero && kind != 's' { b'0' } else { b' ' };
    if !left {
        into.extend(std::iter::repeat_n(filler, fill));
    }
    into.extend(&text);
    if left {
        into.extend(std::iter::repeat_n(b' ', fill));
    }
}

pub(super) async fn yes(process: &mut Process) -> ExitCode {
    let args = process.owned_args();
    let word = if args.is_empty() {
        "y".to_owned()
    } else {
        args.join(" ")
    };
    let lines = format!("{word}\n").repeat(512);
    while process.write(lines.as_bytes()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    1
}

pub(super) async fn seq(process: &mut Process) -> ExitCode {
    /// More numbers than any script counts through.
    const MOST: i64 = 10_000_000;
    let numbers: Vec<i64> = process.args().iter().filter_map(|arg| arg.parse().ok()).collect();
    let (first, step, last) = match numbers.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] if *step != 0 => (*first, *step, *last),
        _ => return process.needs(1).await,
    };
    let mut number = first;
    for _ in 0..MOST {
        if (step > 0 && number > last) || (step < 0 && number < last) {
            break;
        }
        if process.write(format!("{number}\n").as_bytes()).await.is_err() {
            return 1;
        }
        number = number.saturating_add(step);
    }
    0
}
