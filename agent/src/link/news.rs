//! What is to be told of work: how far each attempt is, of which only the newest counts, and lines of logs, of which the
//! oldest go where there are too many; and in which language each phone talks, once.

use std::collections::{BTreeMap, VecDeque};

use shared::wire::message::Report;
use shared::wire::work::{Id, LogLine, Progress, Spoken};

/// Lines that wait for a link.
const LINES: usize = 2_000;
/// The longest line, in characters.
const LONGEST: usize = 500;
/// Lines in one report: it must fit into a frame, also with four bytes for each character.
const LINES_A_REPORT: usize = 100;
const PROGRESS_A_REPORT: usize = 100;
/// From which version of the link on it may be told in which language a phone talks.
const SPOKEN_FROM: u16 = 2;
/// Languages that wait for a link: for statistics, some may be missing.
const SPOKEN: usize = 200;

/// See the module.
#[derive(Debug, Default)]
pub struct News {
    /// With whether it is still to be told on this link.
    progress: BTreeMap<Id, (Progress, bool)>,
    lines: VecDeque<LogLine>,
    left_out: BTreeMap<Id, u32>,
    spoken: VecDeque<Spoken>,
}

impl News {
    pub fn progress(&mut self, mut progress: Progress) {
        progress.line = cut(&progress.line);
        self.progress.insert(progress.attempt, (progress, true));
    }

    pub fn line(&mut self, mut line: LogLine) {
        line.line = cut(&line.line);
        self.lines.push_back(line);
        if self.lines.len() > LINES
            && let Some(oldest) = self.lines.pop_front()
        {
            *self.left_out.entry(oldest.attempt).or_default() += 1;
        }
    }

    /// The phone of an attempt talks this language.
    pub fn spoken(&mut self, spoken: Spoken) {
        self.spoken.push_back(spoken);
        if self.spoken.len() > SPOKEN {
            self.spoken.pop_front();
        }
    }

    /// The attempt is over: how far it was interests nobody any more.
    pub fn over(&mut self, attempt: &Id) {
        self.progress.remove(attempt);
    }

    /// Another link: what was told on the one before may not have arrived.
    pub(super) fn all_again(&mut self) {
        for (_, untold) in self.progress.values_mut() {
            *untold = true;
        }
    }

    /// What is to be told now over a link of this version, in frames that fit.
    pub(super) fn take(&mut self, version: u16) -> Vec<Report> {
        let mut reports = Vec::new();
        let spoken: Vec<Spoken> = self.spoken.drain(..).collect();
        if version >= SPOKEN_FROM && !spoken.is_empty() {
            reports.push(Report::Spoken(spoken));
        }
        let mut newest = Vec::new();
        for (progress, untold) in self.progress.values_mut() {
            if std::mem::take(untold) {
                newest.push(progress.clone());
            }
        }
        for part in newest.chunks(PROGRESS_A_REPORT) {
            reports.push(Report::Progress(part.to_vec()));
        }
        let mut lines: Vec<LogLine> = Vec::with_capacity(self.lines.len());
        for line in self.lines.drain(..) {
            if let Some(count) = self.left_out.remove(&line.attempt) {
                lines.push(LogLine {
                    line: format!("({count} lines before this one were left out)"),
                    ..line.clone()
                });
            }
            lines.push(line);
        }
        for part in lines.chunks(LINES_A_REPORT) {
            reports.push(Report::Log(part.to_vec()));
        }
        reports
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(attempt: u8, percent: u8) -> Progress {
        Progress {
            attempt: [attempt; 16],
            percent,
            line: "x".repeat(1_000),
            steps: 1,
        }
    }

    fn line(number: usize) -> LogLine {
        LogLine {
            attempt: [1; 16],
            at: 0,
            line: number.to_string(),
        }
    }

    #[test]
    fn only_the_newest_progress_is_told_and_once_a_link() {
        let mut news = News::default();
        news.progress(at(1, 10));
        news.progress(at(1, 20));
        news.progress(at(2, 5));
        let [Report::Progress(told)] = &news.take(2)[..] else {
            panic!("one report");
        };
        let percents: Vec<u8> = told.iter().map(|progress| progress.percent).collect();
        assert_eq!(percents, [20, 5]);
        assert_eq!(told[0].line.chars().count(), LONGEST + 1);
        assert!(news.take(2).is_empty());
        news.all_again();
        news.over(&[2; 16]);
        assert!(matches!(&news.take(2)[..], [Report::Progress(told)] if told.len() == 1));
    }

    #[test]
    fn too_many_lines_lose_the_oldest_and_say_how_many() {
        let mut news = News::default();
        for number in 0..LINES + 3 {
            news.line(line(number));
        }
        let lines: Vec<LogLine> = news
            .take(2)
            .into_iter()
            .flat_map(|report| match report {
                Report::Log(lines) => lines,
                _ => Vec::new(),
            })
            .collect();
        assert_eq!(lines.len(), LINES + 1);
        assert_eq!(lines[0].line, "(3 lines before this one were left out)");
        assert_eq!(lines[1].line, "3");
        assert!(news.take(2).is_empty());
    }

    #[test]
    fn a_language_is_told_once_and_never_to_whom_it_says_nothing() {
        let spoken = |attempt: u8| Spoken {
            attempt: [attempt; 16],
            language: "fr".to_owned(),
        };
        let mut news = News::default();
        news.spoken(spoken(1));
        assert!(news.take(1).is_empty());
        for attempt in 0..=u8::MAX {
            news.spoken(spoken(attempt));
        }
        let reports = news.take(2);
        let [Report::Spoken(told)] = &reports[..] else {
            panic!("one report: {reports:?}");
        };
        assert_eq!((told.len(), told.last()), (SPOKEN, Some(&spoken(u8::MAX))));
        assert!(news.take(2).is_empty());
    }
}
