//! What is wrong or odd in a pack's files: which file, which line, what, and what is allowed.

use std::fmt;

/// One remark on a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Fault {
    pub file: String,
    /// From 1; `None` where it concerns the file as a whole.
    pub line: Option<usize>,
    pub severity: Severity,
    pub what: String,
}

/// Whether a pack with it can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

impl Fault {
    pub fn error(file: &str, line: impl Into<Option<usize>>, what: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: line.into(),
            severity: Severity::Error,
            what: what.into(),
        }
    }

    pub fn warning(file: &str, line: impl Into<Option<usize>>, what: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(file, line, what)
        }
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        let severity = if self.is_error() { "" } else { "warning: " };
        write!(f, ": {severity}{}", self.what)
    }
}
