//! What can be odd about one cell, as a report tells it: where, what, and what to do. Never a password's text.

use std::fmt;

use super::column::Column;

/// Something odd about one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The row's number, counted from 1.
    pub line: u32,
    /// The column's letters: A, B, …
    pub letters: String,
    /// None beside the named columns.
    pub column: Option<Column>,
    pub kind: FlawKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Warning,
    Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlawKind {
    /// A date cell where no column takes dates; what was typed is lost. `shown` is missing for secrets.
    Date { shown: Option<String> },
    /// `#N/A` and its like.
    ErrorValue { shown: String },
    /// A formula that was never calculated.
    NotCalculated,
    /// Over the length limit of a cell.
    TooLong { chars: usize, limit: usize },
    /// A row of a text file has more cells than the header: a delimiter inside a value, most likely.
    BesideHeader,
    /// A number with more digits than spreadsheet programs keep.
    DigitsLost,
}

impl FlawKind {
    pub fn severity(&self) -> Severity {
        match self {
            Self::DigitsLost => Severity::Warning,
            _ => Severity::Fault,
        }
    }

    /// The word for reports: which class of value stands there.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Date { .. } => "date",
            Self::ErrorValue { .. } => "error",
            Self::NotCalculated => "formula",
            Self::TooLong { .. } | Self::BesideHeader => "text",
            Self::DigitsLost => "number",
        }
    }
}

impl fmt::Display for FlawKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date { shown } => {
                f.write_str("holds a date")?;
                if let Some(shown) = shown {
                    write!(f, " ({shown})")?;
                }
                f.write_str("; what was typed is lost: format the column as text and type it again")
            }
            Self::ErrorValue { shown } => write!(f, "holds the error value {shown}; type the value itself"),
            Self::NotCalculated => f.write_str(
                "holds a formula without a result; open and save the file in a spreadsheet program, or type the value",
            ),
            Self::TooLong { chars, limit } => {
                write!(f, "holds {chars} characters; at most {limit} are taken")
            }
            Self::BesideHeader => f.write_str(
                "stands beside the last named column: a delimiter inside a value, most likely; put such values in quotes",
            ),
            Self::DigitsLost => f.write_str(
                "is a number of more than 15 digits, of which spreadsheet programs keep 15; type it as text if they count",
            ),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "row {}, column {}", self.line, self.letters)?;
        if let Some(column) = self.column {
            write!(f, " ({column})")?;
        }
        write!(f, ": {}", self.kind)
    }
}
