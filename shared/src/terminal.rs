//! How both programs answer on a terminal: results on stdout, the rest on stderr, exit codes that scripts can tell
//! apart. A reader that closes its end is not an error.

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    Done = 0,
    /// Done, but the answer is no; or refused.
    Failed = 1,
    BadInput = 65,
    Unavailable = 69,
    TryLater = 75,
    Misconfigured = 78,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Where results go, and in which form.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    pub fn is_json(self) -> bool {
        self.json
    }

    /// A result: `value` as JSON, or `text` for people.
    pub fn result(self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.json {
            self.line(&serde_json::to_string_pretty(value).unwrap_or_default());
        } else {
            self.line(&text());
        }
    }

    /// One line of JSON, for streams.
    pub fn json_line(self, value: &impl Serialize) {
        self.line(&serde_json::to_string(value).unwrap_or_default());
    }

    pub fn line(self, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{}", text.trim_end_matches('\n'));
        let _ = stdout.flush();
    }

    pub fn bytes(self, bytes: &[u8]) -> std::io::Result<()> {
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(bytes)?;
        stdout.flush()
    }

    /// A remark for the person in front.
    pub fn remark(self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Tells an error with its causes, each once.
    pub fn fail(self, error: &dyn Error, exit: Exit) -> Exit {
        let mut message = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            let cause_text = cause.to_string();
            if !message.contains(&cause_text) {
                message = format!("{message}: {cause_text}");
            }
            source = cause.source();
        }
        if self.json {
            self.json_line(&json!({"error": {"message": message, "exit_code": exit as u8}}));
        }
        self.remark(&format!("error: {message}"));
        exit
    }
}

/// Columns as wide as their widest cell; the last one is not padded.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.chars().count() + 2));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_table_lines_up_whatever_the_script() {
        let rows = [
            vec!["SERIAL".to_owned(), "MODEL".to_owned()],
            vec!["é".to_owned(), "x".to_owned()],
        ];
        assert_eq!(super::table(&rows), "SERIAL  MODEL\né       x\n");
    }
}
