//! `test` and `[`.

use super::super::{ExitCode, Process};

/// Brackets and negations within each other.
const MAX_DEPTH: usize = 50;

pub(super) async fn test(process: &mut Process) -> ExitCode {
    let mut args = process.owned_args();
    let name = process.argv.first().cloned().unwrap_or_default();
    if name.ends_with('[') && args.pop().as_deref() != Some("]") {
        process.eprintln("/system/bin/sh: [: missing ]").await;
        return 2;
    }
    if let Some(value) = holds(process, &args) {
        return u8::from(!value);
    }
    let what = args.join(" ");
    process
        .eprintln(&format!(
            "/system/bin/sh: {name}: {what}: unexpected operator/operand"
        ))
        .await;
    2
}

/// A side of a comparison of numbers is none.
struct NoNumber;

/// `None` where the words make no condition.
fn holds(process: &Process, args: &[String]) -> Option<bool> {
    if args.is_empty() {
        return Some(false);
    }
    let mut test = Test {
        process,
        args,
        depth: 0,
    };
    let value = test.either()?;
    test.args.is_empty().then_some(value)
}

struct Test<'a> {
    process: &'a Process,
    args: &'a [String],
    depth: usize,
}

impl Test<'_> {
    fn next_is(&mut self, word: &str) -> bool {
        let found = self.args.first().is_some_and(|arg| arg == word);
        if found {
            self.args = &self.args[1..];
        }
        found
    }

    fn either(&mut self) -> Option<bool> {
        let mut value = self.both()?;
        while self.next_is("-o") {
            let right = self.both()?;
            value |= right;
        }
        Some(value)
    }

    fn both(&mut self) -> Option<bool> {
        let mut value = self.one()?;
        while self.next_is("-a") {
            let right = self.one()?;
            value &= right;
        }
        Some(value)
    }

    fn one(&mut self) -> Option<bool> {
        if let [left, sign, right, ..] = self.args
            && let Some(value) = compare(left, sign, right)
        {
            self.args = &self.args[3..];
            return value.ok();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        if self.args.len() > 1 && self.next_is("!") {
            return self.one().map(|value| !value);
        }
        if self.args.len() > 2 && self.next_is("(") {
            let value = self.either()?;
            return self.next_is(")").then_some(value);
        }
        match self.args {
            [sign, word, ..] if sign.len() == 2 && sign.starts_with('-') => {
                let value = self.about(sign, word)?;
                self.args = &self.args[2..];
                Some(value)
            }
            [word, ..] => {
                self.args = &self.args[1..];
                Some(!word.is_empty())
            }
            [] => None,
        }
    }

    fn about(&self, sign: &str, word: &str) -> Option<bool> {
        let stat = |follow| {
            self.process
                .phone
                .files
                .stat(&self.process.path(word), follow)
                .ok()
        };
        Some(match sign {
            "-z" => word.is_empty(),
            "-n" => !word.is_empty(),
            "-e" => stat(true).is_some(),
            "-f" => stat(true).is_some_and(|stat| stat.is_regular()),
            "-d" => stat(true).is_some_and(|stat| stat.is_folder()),
            "-L" | "-h" => stat(false).is_some_and(|stat| stat.is_link()),
            "-s" => stat(true).is_some_and(|stat| stat.size > 0),
            "-r" => stat(true).is_some_and(|stat| stat.mode & 0o444 != 0),
            "-w" => stat(true).is_some_and(|stat| stat.mode & 0o222 != 0),
            "-x" => stat(true).is_some_and(|stat| stat.mode & 0o111 != 0),
            "-t" => false,
            _ => return None,
        })
    }
}

/// What `sign` makes of both sides; `None` where it compares nothing. Numbers that are none are the error.
fn compare(left: &str, sign: &str, right: &str) -> Option<Result<bool, NoNumber>> {
    match sign {
        "=" | "==" => return Some(Ok(left == right)),
        "!=" => return Some(Ok(left != right)),
        "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge" => {}
        _ => return None,
    }
    let number = |text: &str| {
        if text.is_empty() {
            Some(0)
        } else {
            text.trim().parse::<i64>().ok()
        }
    };
    let (Some(left), Some(right)) = (number(left), number(right)) else {
        return Some(Err(NoNumber));
    };
    Some(Ok(match sign {
        "-eq" => left == right,
        "-ne" => left != right,
        "-lt" => left < right,
        "-le" => left <= right,
        "-gt" => left > right,
        _ => left >= right,
    }))
}
