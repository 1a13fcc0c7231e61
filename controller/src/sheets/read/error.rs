//! Why a file gives no rows: what is wrong with it and what to do. No text of a cell stands in any of these.

use std::io;
use std::path::PathBuf;

use super::encoding::{Delimiter, Encoding};
use super::question::EncodingSample;
use crate::sheets::column::Column;

#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("{} could not be opened", path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{} is a folder or a device; name the sheet's file", path.display())]
    NotAFile { path: PathBuf },
    #[error("the sheet could not be read")]
    Io(#[source] io::Error),
    #[error("the file is empty")]
    Empty,
    #[error("the file is {looks_like}, not a sheet; save it as .xlsx, .ods or .csv")]
    NotASheet { looks_like: &'static str },
    #[error("the file is an .xlsb workbook, which is not read; save it as .xlsx")]
    Xlsb,
    #[error("the workbook is protected by a password; save it without one")]
    Encrypted,
    #[error("the file is damaged or cut short ({what}); open it in a spreadsheet program and save it anew")]
    Damaged { what: String },
    #[error("the file holds {what}, which no spreadsheet program writes; it is not read")]
    Unsafe { what: String },
    #[error("the file has more than {limit} {what}; split it, or raise the limit in the settings")]
    TooLarge { what: &'static str, limit: u64 },
    #[error(
        "no visible sheet begins with a row of column names; the first row must name the columns, `username` among them"
    )]
    NoHeader,
    #[error("the header row has no `username` column (it names {})", found.join(", "))]
    NoUsername { found: Vec<&'static str> },
    #[error("the columns {first} and {second} are both `{column}`; keep one")]
    DuplicateColumn {
        column: Column,
        first: String,
        second: String,
    },
    #[error("the text is not UTF-8; say which encoding it has: {}", choices(samples))]
    WhichEncoding { samples: Vec<EncodingSample> },
    #[error("the text is not {told} as told (row {line}); name another encoding")]
    WrongEncoding { told: Encoding, line: u32 },
    #[error(
        "the header row can be split by more than one of {}; say which",
        delimiters(candidates)
    )]
    WhichDelimiter { candidates: Vec<Delimiter> },
}

impl ReadError {
    pub(super) fn damaged(what: impl std::fmt::Display) -> Self {
        Self::Damaged {
            what: what.to_string(),
        }
    }

    /// An error of the file system, or one that a reader below spoke through it.
    pub(super) fn io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::damaged("it ends too early"),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::damaged(error),
            _ => match error.downcast::<Self>() {
                Ok(own) => own,
                Err(error) => Self::Io(error),
            },
        }
    }
}

fn choices(samples: &[EncodingSample]) -> String {
    let told: Vec<String> = samples.iter().map(ToString::to_string).collect();
    told.join("; ")
}

fn delimiters(candidates: &[Delimiter]) -> String {
    let told: Vec<&str> = candidates.iter().map(|delimiter| delimiter.name()).collect();
    told.join(", ")
}
