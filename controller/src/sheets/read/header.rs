//! The header row: which column stands where. Knows nothing of the rows below it.

use super::error::ReadError;
use super::{Header, Kind, Notice};
use crate::sheets::column::{Column, letters};
use crate::sheets::write::is_guide;

/// Of an unknown name no more is repeated.
const NAME_CHARS: usize = 60;

/// What the first row of a sheet turned out to be.
pub(super) enum FirstRow {
    Header {
        columns: Vec<(Column, u32)>,
        notices: Vec<Notice>,
        /// The place behind the last named column.
        width: u32,
    },
    /// Column names, but none of them is the one that a row cannot do without.
    WithoutUsername { found: Vec<&'static str> },
    /// No column names at all.
    Unknown,
}

/// One known name may be chance; two without `username` are a header that lacks it.
const NAMES_OF_A_HEADER: usize = 2;

pub(super) fn recognise(names: &[(u32, String)]) -> Result<FirstRow, ReadError> {
    let mut columns: Vec<(Column, u32)> = Vec::new();
    let mut notices = Vec::new();
    let mut width = 0;
    for (place, name) in names {
        if name.trim().is_empty() {
            continue;
        }
        width = width.max(place + 1);
        let Some(column) = Column::from_header(name) else {
            notices.push(Notice::UnknownColumn {
                letters: letters(*place),
                name: name.trim().chars().take(NAME_CHARS).collect(),
            });
            continue;
        };
        if let Some((_, first)) = columns.iter().find(|(known, _)| *known == column) {
            return Err(ReadError::DuplicateColumn {
                column,
                first: letters(*first),
                second: letters(*place),
            });
        }
        columns.push((column, *place));
    }
    if columns.iter().any(|(column, _)| *column == Column::Username) {
        return Ok(FirstRow::Header {
            columns,
            notices,
            width,
        });
    }
    if columns.len() >= NAMES_OF_A_HEADER {
        let found = columns.iter().map(|(column, _)| column.name()).collect();
        return Ok(FirstRow::WithoutUsername { found });
    }
    Ok(FirstRow::Unknown)
}

/// What is known of a sheet before its header is.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) kind: Kind,
    pub(super) sheet: Option<String>,
    /// The file's other visible sheets.
    pub(super) others: Vec<String>,
    pub(super) encoding: Option<super::Encoding>,
    pub(super) delimiter: Option<super::Delimiter>,
}

impl Origin {
    /// Of the sheet at this place among the visible ones.
    pub(super) fn among(kind: Kind, sheets: &[String], at: usize) -> Self {
        let others = sheets.iter().enumerate().filter(|(other, _)| *other != at);
        Self {
            kind,
            sheet: Some(sheets[at].clone()),
            others: others.map(|(_, name)| name.clone()).collect(),
            encoding: None,
            delimiter: None,
        }
    }

    pub(super) fn header(self, line: u32, columns: Vec<(Column, u32)>, mut notices: Vec<Notice>) -> Header {
        // The explanations that an export carries along are no news.
        let left_out: Vec<String> = self.others.into_iter().filter(|name| !is_guide(name)).collect();
        if let (Some(taken), false) = (&self.sheet, left_out.is_empty()) {
            notices.push(Notice::OtherSheets {
                taken: taken.clone(),
                left_out,
            });
        }
        Header {
            kind: self.kind,
            sheet: self.sheet,
            line,
            columns,
            notices,
            encoding: self.encoding,
            delimiter: self.delimiter,
        }
    }
}
