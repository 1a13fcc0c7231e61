//! The log buffer that `logcat` reads: the last lines of this boot.

use std::collections::VecDeque;
use std::sync::Mutex;

/// Older lines fall out, as from a phone's ring buffer.
const LINES: usize = 200;

#[derive(Debug, Clone)]
pub struct LogLine {
    pub at: jiff::Timestamp,
    pub pid: u32,
    /// V, D, I, W, E, F
    pub level: char,
    pub tag: String,
    pub text: String,
}

#[derive(Debug, Default)]
pub struct Log {
    lines: Mutex<VecDeque<LogLine>>,
}

impl Log {
    #[expect(clippy::disallowed_methods, reason = "log lines carry the host's wall clock")]
    pub fn write(&self, level: char, tag: &str, text: &str) {
        let at = jiff::Timestamp::try_from(std::time::SystemTime::now()).unwrap_or_default();
        let mut lines = super::lock(&self.lines);
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(LogLine {
            at,
            pid: 1200 + tag.len() as u32 * 37,
            level,
            tag: tag.to_owned(),
            text: text.to_owned(),
        });
    }

    pub fn lines(&self) -> Vec<LogLine> {
        super::lock(&self.lines).iter().cloned().collect()
    }

    pub fn clear(&self) {
        super::lock(&self.lines).clear();
    }
}
