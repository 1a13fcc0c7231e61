//! `grep`: basic and extended expressions, -c -q -i -v -o -m -n -l -w -x -F -H -h -r.

use regex::bytes::{Regex, RegexBuilder};
use tokio::io::BufReader;

use super::super::{ExitCode, Process};
use super::{next_line, or_stdin};

#[derive(Default)]
struct Wanted {
    letters: String,
    patterns: Vec<String>,
    most: Option<usize>,
    paths: Vec<String>,
}

impl Wanted {
    fn parse(args: Vec<String>) -> Self {
        let mut wanted = Self::default();
        let mut words = Vec::new();
        let mut rest = args.into_iter();
        let mut ended = false;
        while let Some(arg) = rest.next() {
            let option = arg
                .strip_prefix('-')
                .filter(|option| !option.is_empty() && !ended);
            let Some(option) = option else {
                words.push(arg);
                continue;
            };
            if option == "-" {
                ended = true;
                continue;
            }
            let mut letters = option.chars();
            while let Some(letter) = letters.next() {
                if !matches!(letter, 'e' | 'm' | 'A' | 'B' | 'C') {
                    wanted.letters.push(letter);
                    continue;
                }
                let glued: String = letters.by_ref().collect();
                let value = if glued.is_empty() {
                    rest.next().unwrap_or_default()
                } else {
                    glued
                };
                match letter {
                    'e' => wanted.patterns.push(value),
                    'm' => wanted.most = value.parse().ok(),
                    // Context lines are not shown.
                    _ => {}
                }
            }
        }
        let mut words = words.into_iter();
        if wanted.patterns.is_empty() {
            wanted.patterns.extend(words.next());
        }
        wanted.paths.extend(words);
        wanted
    }

    fn has(&self, letter: char) -> bool {
        self.letters.contains(letter)
    }

    fn expression(&self, name: &str) -> Result<Regex, regex::Error> {
        let alternatives: Vec<String> = self
            .patterns
            .iter()
            .flat_map(|pattern| pattern.split('\n'))
            .map(|pattern| {
                let text = if self.has('F') || name == "fgrep" {
                    regex::escape(pattern)
                } else if self.has('E') || name == "egrep" {
                    pattern.to_owned()
                } else {
                    extended(pattern)
                };
                match (self.has('x'), self.has('w')) {
                    (true, _) => format!("^(?:{text})$"),
                    (false, true) => format!(r"\b(?:{text})\b"),
                    (false, false) => format!("(?:{text})"),
                }
            })
            .collect();
        RegexBuilder::new(&alternatives.join("|"))
            .case_insensitive(self.has('i'))
            .size_limit(1 << 20)
            .build()
    }
}

pub(super) async fn grep(process: &mut Process) -> ExitCode {
    let name = process
        .argv
        .first()
        .map_or("", |name| name.rsplit('/').next().unwrap_or(""))
        .to_owned();
    let mut wanted = Wanted::parse(process.owned_args());
    if wanted.patterns.is_empty() {
        process.eprintln(&format!("{name}: no REGEX")).await;
        return 2;
    }
    let Ok(expression) = wanted.expression(&name) else {
        let pattern = wanted.patterns.join("|");
        process.eprintln(&format!("{name}: bad REGEX '{pattern}'")).await;
        return 2;
    };
    if wanted.has('r') {
        wanted.paths = below(process, &wanted.paths);
    }
    let paths = or_stdin(&wanted.paths);
    let titled = (paths.len() > 1 || wanted.has('H') || wanted.has('r')) && !wanted.has('h');
    let mut code = 1;
    let mut failed = false;
    for path in &paths {
        match process.open(path) {
            Ok(input) => {
                let title = if titled { format!("{path}:") } else { String::new() };
                let mut input = BufReader::new(input);
                let found = one(process, &mut input, &wanted, &expression, &title).await;
                if found > 0 {
                    code = 0;
                    if wanted.has('q') {
                        return 0;
                    }
                    if wanted.has('l') {
                        process.println(path).await;
                    }
                }
            }
            Err(error) => {
                failed = true;
                if !wanted.has('s') {
                    process.failed(path, &error).await;
                }
            }
        }
    }
    if failed { 2 } else { code }
}

/// How many lines of one input fit; they are printed as wanted.
async fn one(
    process: &mut Process,
    input: &mut BufReader<super::Input>,
    wanted: &Wanted,
    expression: &Regex,
    title: &str,
) -> usize {
    let quiet = wanted.has('q') || wanted.has('l') || wanted.has('c');
    let mut found = 0;
    let mut number = 0;
    while wanted.most.is_none_or(|most| found < most) {
        let Some(line) = next_line(input).await else {
            break;
        };
        number += 1;
        if expression.is_match(&line) == wanted.has('v') {
            continue;
        }
        found += 1;
        if wanted.has('q') || wanted.has('l') {
            break;
        }
        if quiet {
            continue;
        }
        let mut head = title.as_bytes().to_vec();
        if wanted.has('n') {
            head.extend(format!("{number}:").into_bytes());
        }
        let pieces: Vec<&[u8]> = if wanted.has('o') {
            expression
                .find_iter(&line)
                .map(|piece| piece.as_bytes())
                .filter(|piece| !piece.is_empty())
                .collect()
        } else {
            vec![&line]
        };
        for piece in pieces {
            let line = [&head, piece, b"\n"].concat();
            if process.write(&line).await.is_err() {
                return found;
            }
        }
    }
    if wanted.has('c') && !wanted.has('q') {
        process.println(&format!("{title}{found}")).await;
    }
    found
}

/// The files below the given folders.
fn below(process: &Process, paths: &[String]) -> Vec<String> {
    let mut waiting: Vec<String> = paths.iter().rev().cloned().collect();
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        let full = process.path(&path);
        match process.phone.files.stat(&full, true) {
            Ok(stat) if stat.is_folder() => {
                let names = process.phone.files.list(&full).unwrap_or_default();
                waiting.extend(names.iter().rev().map(|name| format!("{path}/{name}")));
            }
            _ => files.push(path),
        }
    }
    files
}

/// A basic expression as an extended one: `\(`, `\|`, `\{`, `\+`, `\?` and the bare signs change places.
fn extended(pattern: &str) -> String {
    let mut text = String::new();
    let mut signs = pattern.chars().peekable();
    let mut in_set = false;
    while let Some(sign) = signs.next() {
        match sign {
            ']' if in_set => {
                in_set = false;
                text.push(']');
            }
            '[' if !in_set => {
                in_set = true;
                text.push('[');
                // A bracket right at the beginning is one of the set.
                if let Some(not) = signs.next_if_eq(&'^') {
                    text.push(not);
                }
                if signs.next_if_eq(&']').is_some() {
                    text.push_str("\\]");
                }
            }
            _ if in_set => {
                if matches!(sign, '\\' | '[') && signs.peek() != Some(&':') {
                    text.push('\\');
                }
                text.push(sign);
            }
            '\\' => match signs.next() {
                Some(next @ ('(' | ')' | '{' | '}' | '|' | '+' | '?')) => text.push(next),
                Some(next) => {
                    text.push('\\');
                    text.push(next);
                }
                None => text.push_str("\\\\"),
            },
            '(' | ')' | '{' | '}' | '|' | '+' | '?' => {
                text.push('\\');
                text.push(sign);
            }
            '*' if text.is_empty() || text == "^" => text.push_str("\\*"),
            other => text.push(other),
        }
    }
    text
}
