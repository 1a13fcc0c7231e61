//! From a file to rows, one by one. The kind is told by what the file holds, never by its name; each kind has a module
//! that hands cells to [`gather`], which knows the header and makes rows of them.

use std::fs::File;
use std::io::{Read, Seek};
use std::ops::ControlFlow;
use std::path::Path;

use super::column::{Column, letters};
use super::limits::Limits;
use super::row::SheetRow;

mod biff;
mod bounded;
mod compound;
mod csv;
mod encoding;
mod error;
mod gather;
mod header;
mod kind;
mod moment;
mod number;
mod ods;
mod package;
mod question;
mod tags;
mod xls;
mod xlsx;

pub use encoding::{Delimiter, Encoding};
pub use error::ReadError;
pub use kind::Kind;
pub use question::EncodingSample;

use gather::Gather;
use kind::Told;

/// What is told about a file beside its bytes.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    pub limits: Limits,
    /// How a text file without a byte order mark is written; asked for where it is not UTF-8.
    pub encoding: Option<Encoding>,
    /// What stands between the cells of a text file; found in the header row where it is not told.
    pub delimiter: Option<Delimiter>,
}

/// What reading hands out: the header once, then rows.
#[derive(Debug)]
pub enum Item<'a> {
    Header(&'a Header),
    Row(&'a SheetRow),
}

/// Which sheet was taken, and what its header row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub kind: Kind,
    /// The sheet's name, where the kind of file has sheets.
    pub sheet: Option<String>,
    /// The header's row, counted from 1.
    pub line: u32,
    /// The known columns with their places, counted from 0, from left to right.
    pub columns: Vec<(Column, u32)>,
    /// What a person should know of the sheet as a whole.
    pub notices: Vec<Notice>,
    /// Of a text file.
    pub encoding: Option<Encoding>,
    /// Of a text file with more than one column.
    pub delimiter: Option<Delimiter>,
}

impl Header {
    pub fn has(&self, column: Column) -> bool {
        self.columns.iter().any(|(known, _)| *known == column)
    }

    /// The letters under which a spreadsheet program shows the column.
    pub fn letters(&self, column: Column) -> Option<String> {
        let (_, place) = self.columns.iter().find(|(known, _)| *known == column)?;
        Some(letters(*place))
    }
}

/// A warning about the sheet as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// A column whose name is not known; its cells are left out.
    UnknownColumn { letters: String, name: String },
    /// A column has cells but no name; they are left out.
    UnnamedColumn { letters: String, line: u32 },
    /// The file has further sheets, which are left out.
    OtherSheets { taken: String, left_out: Vec<String> },
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownColumn { letters, name } => {
                write!(f, "column {letters} ({name}) is not known and left out")
            }
            Self::UnnamedColumn { letters, line } => {
                write!(
                    f,
                    "column {letters} has no name but cells (row {line} is the first); they are left out"
                )
            }
            Self::OtherSheets { taken, left_out } => {
                write!(
                    f,
                    "the sheet \"{taken}\" was taken; left out: {}",
                    left_out.join(", ")
                )
            }
        }
    }
}

/// How the reading ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub header: Header,
    /// Rows handed out.
    pub rows: u32,
    /// Warnings that only the rows brought up.
    pub notices: Vec<Notice>,
    /// Whether `each` broke off.
    pub stopped: bool,
}

/// Hands out the header and the rows of the sheet in `source`, until its end or until `each` breaks off. Memory is
/// bounded whatever the number of rows (but for `.xls`, which loads whole). Blocking: not for an async thread.
pub fn read<'s>(
    source: impl Read + Seek + 's,
    options: &ReadOptions,
    mut each: impl FnMut(Item<'_>) -> ControlFlow<()>,
) -> Result<Done, ReadError> {
    let mut source: Source<'s> = Box::new(source);
    let told = kind::tell(&mut source, &options.limits)?;
    let mut gather = Gather::new(&options.limits, &mut each);
    match told {
        Told::Workbook => xlsx::read(source, &mut gather)?,
        Told::OpenDocument => ods::read(source, &mut gather)?,
        Told::Binary => xls::read(source, &mut gather)?,
        Told::Text => csv::read(source, options, &mut gather)?,
    }
    gather.done()
}

/// [`read`] of a file by its path.
pub fn read_file(
    path: &Path,
    options: &ReadOptions,
    each: impl FnMut(Item<'_>) -> ControlFlow<()>,
) -> Result<Done, ReadError> {
    let opened = |source| ReadError::Open {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(opened)?;
    if !file.metadata().map_err(opened)?.is_file() {
        return Err(ReadError::NotAFile {
            path: path.to_owned(),
        });
    }
    read(file, options, each)
}

/// Where the bytes come from: one type, so that the readers are built once.
type Source<'s> = Box<dyn ReadSeek + 's>;

trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}
