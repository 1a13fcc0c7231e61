//! `logcat`: the log buffer, dumped (`-d`, `-t N`), cleared (`-c`), or followed for ever.

use std::time::Duration;

use super::{ExitCode, Process};
use crate::phone::log::LogLine;

/// How often a following `logcat` looks for new lines.
const LOOK: Duration = Duration::from_millis(200);

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Format {
    Brief,
    Tag,
    Time,
    ThreadTime,
    Raw,
}

#[derive(Debug)]
struct Asked {
    dump: bool,
    clear: bool,
    format: Format,
    last: Option<usize>,
    /// (tag or *, lowest level); what no filter names is shown.
    filters: Vec<(String, char)>,
}

impl Asked {
    fn of(args: &[&str]) -> Self {
        let mut asked = Self {
            dump: false,
            clear: false,
            format: Format::ThreadTime,
            last: None,
            filters: Vec::new(),
        };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "-d" => asked.dump = true,
                "-c" => asked.clear = true,
                "-s" => asked.filters.push(("*".to_owned(), 'S')),
                "-v" => {
                    asked.format = match args.next().copied() {
                        Some("brief") => Format::Brief,
                        Some("tag") => Format::Tag,
                        Some("time") => Format::Time,
                        Some("raw") => Format::Raw,
                        _ => Format::ThreadTime,
                    };
                }
                "-t" | "-T" => {
                    asked.last = args.next().and_then(|count| count.parse().ok());
                    asked.dump |= *arg == "-t";
                }
                "-b" => drop(args.next()),
                option if option.starts_with('-') => {}
                filter => {
                    let (tag, level) = filter.split_once(':').unwrap_or((filter, "V"));
                    asked
                        .filters
                        .push((tag.to_owned(), level.chars().next().unwrap_or('V')));
                }
            }
        }
        asked
    }

    fn wants(&self, line: &LogLine) -> bool {
        let named = |tag: &str| self.filters.iter().rev().find(|(one, _)| one == tag);
        named(&line.tag)
            .or_else(|| named("*"))
            .is_none_or(|(_, lowest)| rank(line.level) >= rank(*lowest))
    }

    fn print(&self, line: &LogLine) -> String {
        let at: String = line
            .at
            .to_string()
            .replace('T', " ")
            .chars()
            .skip(5)
            .take(18)
            .collect();
        let LogLine {
            pid,
            level,
            tag,
            text,
            ..
        } = line;
        match self.format {
            Format::Brief => format!("{level}/{tag:<8}({pid:>5}): {text}"),
            Format::Tag => format!("{level}/{tag:<8}: {text}"),
            Format::Time => format!("{at} {level}/{tag:<8}({pid:>5}): {text}"),
            Format::ThreadTime => format!("{at} {pid:>5} {:>5} {level} {tag:<8}: {text}", pid + 17),
            Format::Raw => text.clone(),
        }
    }
}

fn rank(level: char) -> usize {
    "VDIWEFS".find(level.to_ascii_uppercase()).unwrap_or(0)
}

pub(super) async fn run(process: &mut Process) -> ExitCode {
    let asked = Asked::of(&process.args());
    if asked.clear {
        process.phone.log.clear();
        return 0;
    }
    let phone = process.phone.clone();
    let lines = phone.log.lines();
    process.println("--------- beginning of main").await;
    let skip = asked.last.map_or(0, |last| lines.len().saturating_sub(last));
    for line in lines.iter().skip(skip).filter(|line| asked.wants(line)) {
        process.println(&asked.print(line)).await;
    }
    if asked.dump {
        return 0;
    }
    let mut seen = lines.last().map(|line| line.at);
    loop {
        let _ = tokio::io::AsyncWriteExt::flush(&mut process.stdout).await;
        tokio::time::sleep(LOOK).await;
        for line in phone.log.lines() {
            if seen.is_none_or(|seen| line.at > seen) {
                seen = Some(line.at);
                if asked.wants(&line) {
                    process.println(&asked.print(&line)).await;
                }
            }
        }
    }
}
