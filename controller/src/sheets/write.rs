//! From rows to a file, one row at a time, in constant memory. Knows nothing of where the rows come from. Every text
//! comes back to the letter when the file is read again.

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use super::column::Column;
use super::read::Delimiter;

mod csv;
mod guide;
mod ods;
mod scratch;
mod xlsx;

pub use guide::Language;
pub(super) use guide::is_guide;

/// The file to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Xlsx,
    Csv { delimiter: Delimiter },
    Ods,
}

impl Format {
    /// Without the dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv { .. } => "csv",
            Self::Ods => "ods",
        }
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv { .. } => "text/csv; charset=utf-8",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
        }
    }
}

/// No format by that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not known; one of xlsx, csv, ods")]
pub struct UnknownFormat(String);

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "xlsx" => Ok(Self::Xlsx),
            "csv" => Ok(Self::Csv {
                delimiter: Delimiter::Comma,
            }),
            "ods" => Ok(Self::Ods),
            _ => Err(UnknownFormat(text.to_owned())),
        }
    }
}

#[derive(Debug, Clone)]
pub struct WriteOptions {
    pub format: Format,
    /// Which columns, in this order.
    pub columns: Vec<Column>,
    /// Of the sheet that explains the columns.
    pub language: Language,
    /// Whether passwords are among the rows: then nothing of them touches a disk on the way.
    pub secrets: bool,
}

/// Where a half-written file lies while rows come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scratch {
    /// Nowhere: it goes out as it is made.
    None,
    /// In the system's folder for temporary files, without a name.
    Disk,
    /// In a folder that is memory, without a name.
    MemoryFolder(PathBuf),
    /// In the process's memory, all of it: the machine has no folder that is memory.
    Memory,
}

impl fmt::Display for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no temporary file"),
            Self::Disk => f.write_str("a temporary file"),
            Self::MemoryFolder(folder) => write!(f, "a temporary file in memory ({})", folder.display()),
            Self::Memory => f.write_str("the process's own memory"),
        }
    }
}

/// One value to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutCell<'a> {
    #[default]
    Empty,
    Text(&'a str),
    Whole(i64),
}

/// One row to be written.
#[derive(Clone, Copy, Default)]
pub struct OutRow<'a> {
    cells: [OutCell<'a>; Column::COUNT],
}

impl fmt::Debug for OutRow<'_> {
    /// Without the cells: there may be a password among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutRow").finish_non_exhaustive()
    }
}

impl<'a> OutRow<'a> {
    pub fn set(&mut self, column: Column, cell: OutCell<'a>) {
        self.cells[column.index()] = cell;
    }

    pub fn cell(&self, column: Column) -> OutCell<'a> {
        self.cells[column.index()]
    }
}

#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("the sheet could not be written")]
    Io(#[from] io::Error),
    #[error("the workbook could not be written in row {line}: {what}")]
    Workbook { line: u32, what: String },
    #[error(
        "row {line}, column {column}: a control character, which an .ods file cannot hold; write .xlsx or .csv"
    )]
    Control { line: u32, column: Column },
    #[error("row {line}, column {column}: longer than the {limit} characters that a cell holds; write .csv")]
    TooLong { line: u32, column: Column, limit: usize },
    #[error("more than {limit} rows, which is all that a sheet holds; write .csv, or several files")]
    TooManyRows { limit: u32 },
}

/// Writes one sheet: the header at once, rows as they come, the rest at the end.
pub struct SheetWriter<W: Write + Send> {
    inner: Inner<W>,
    columns: Vec<Column>,
    /// The last row written; 1 is the header.
    line: u32,
    most_lines: u32,
}

enum Inner<W: Write + Send> {
    Xlsx(Box<xlsx::Writer<W>>),
    Csv(Box<csv::Writer<W>>),
    Ods(Box<ods::Writer<W>>),
}

/// Rows of a sheet, the header among them, as spreadsheet programs have it.
const SHEET_ROWS: u32 = 1_048_576;

impl<W: Write + Send> SheetWriter<W> {
    pub fn begin(out: W, options: &WriteOptions) -> Result<Self, WriteError> {
        let columns = options.columns.clone();
        let inner = match options.format {
            Format::Xlsx => Inner::Xlsx(Box::new(xlsx::Writer::begin(out, options)?)),
            Format::Csv { delimiter } => Inner::Csv(Box::new(csv::Writer::begin(out, delimiter, &columns)?)),
            Format::Ods => Inner::Ods(Box::new(ods::Writer::begin(out, options)?)),
        };
        let most_lines = if matches!(inner, Inner::Csv(_)) {
            u32::MAX
        } else {
            SHEET_ROWS
        };
        Ok(Self {
            inner,
            columns,
            line: 1,
            most_lines,
        })
    }

    pub fn row(&mut self, row: &OutRow<'_>) -> Result<(), WriteError> {
        if self.line == self.most_lines {
            return Err(WriteError::TooManyRows {
                limit: self.most_lines,
            });
        }
        self.line += 1;
        match &mut self.inner {
            Inner::Xlsx(writer) => writer.row(self.line, &self.columns, row),
            Inner::Csv(writer) => writer.row(&self.columns, row),
            Inner::Ods(writer) => writer.row(self.line, &self.columns, row),
        }
    }

    /// Writes what is still missing; without it the file is none.
    pub fn finish(self) -> Result<W, WriteError> {
        match self.inner {
            Inner::Xlsx(writer) => writer.finish(self.line),
            Inner::Csv(writer) => writer.finish(),
            Inner::Ods(writer) => writer.finish(),
        }
    }

    pub fn scratch(&self) -> Scratch {
        match &self.inner {
            Inner::Xlsx(writer) => writer.scratch().clone(),
            Inner::Csv(_) | Inner::Ods(_) => Scratch::None,
        }
    }
}
