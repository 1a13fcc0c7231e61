//! Makes rows of cells: finds the header, counts against the limits, tells what cannot be taken. Every kind of file
//! hands its cells here, in the order of rows; which kind it is matters in one point alone (cells beside the header).

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::error::ReadError;
use super::header::{FirstRow, Origin, recognise};
use super::{Done, Header, Item, Kind, Notice, number};
use crate::sheets::column::{Column, letters};
use crate::sheets::flaw::FlawKind;
use crate::sheets::limits::Limits;
use crate::sheets::row::SheetRow;

/// What a file holds in one cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'v> {
    Blank,
    Text(&'v str),
    Number(f64),
    Truth(bool),
    /// As a person reads it.
    Date(&'v str),
    /// `#N/A` and its like.
    Error(&'v str),
    NotCalculated,
}

/// Whether the readers go on; `Break` once the receiver of the rows has enough.
pub(super) type Flow = Result<ControlFlow<()>, ReadError>;

pub(super) struct Gather<'g> {
    pub(super) limits: &'g Limits,
    each: &'g mut dyn FnMut(Item<'_>) -> ControlFlow<()>,
    origin: Option<Origin>,
    /// The line that the cells belong to which come in now.
    line: u32,
    /// The first row that is not blank, until it is known for a header.
    names: Vec<(u32, String)>,
    header: Option<Header>,
    /// The known columns, for blanking a row.
    present: Vec<Column>,
    /// By place.
    columns: Vec<Option<Column>>,
    row: SheetRow,
    /// Whether the row has a cell that is not blank, in a known column.
    filled: bool,
    cells: u64,
    rows: u32,
    unnamed: BTreeSet<u32>,
    notices: Vec<Notice>,
    /// A sheet that lacked `username`, should no better one come.
    without_username: Option<Vec<&'static str>>,
    stopped: bool,
}

impl<'g> Gather<'g> {
    pub(super) fn new(limits: &'g Limits, each: &'g mut dyn FnMut(Item<'_>) -> ControlFlow<()>) -> Self {
        Self {
            limits,
            each,
            origin: None,
            line: 0,
            names: Vec::new(),
            header: None,
            present: Vec::new(),
            columns: Vec::new(),
            row: SheetRow::new(),
            filled: false,
            cells: 0,
            rows: 0,
            unnamed: BTreeSet::new(),
            notices: Vec::new(),
            without_username: None,
            stopped: false,
        }
    }

    pub(super) fn begin_sheet(&mut self, origin: Origin) {
        self.origin = Some(origin);
        self.line = 0;
        self.cells = 0;
        self.names.clear();
    }

    /// Takes one cell; `line` is counted from 1, `place` from 0. Breaks where nothing further of this sheet is wanted.
    pub(super) fn cell(&mut self, line: u32, place: u32, value: Value<'_>) -> Flow {
        if line != self.line {
            if line < self.line {
                return Err(ReadError::damaged("its rows are out of order"));
            }
            if self.end_row()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.line = line;
            if self.header.is_some() {
                self.row.begin(line, &self.present);
            }
        }
        self.cells += 1;
        if self.cells > self.limits.cells {
            return Err(ReadError::TooLarge {
                what: "cells",
                limit: self.limits.cells,
            });
        }
        if matches!(value, Value::Blank) {
            return Ok(ControlFlow::Continue(()));
        }
        if place >= self.limits.columns {
            return Err(ReadError::TooLarge {
                what: "columns",
                limit: self.limits.columns.into(),
            });
        }
        if self.header.is_some() {
            self.take(place, value);
        } else {
            self.take_name(place, value);
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Ends the sheet; [`Gather::is_over`] then tells whether another one is wanted.
    pub(super) fn end_sheet(&mut self) -> Result<(), ReadError> {
        self.end_row().map(|_| ())
    }

    pub(super) fn done(self) -> Result<Done, ReadError> {
        match (self.header, self.without_username) {
            (Some(header), _) => Ok(Done {
                header,
                rows: self.rows,
                notices: self.notices,
                stopped: self.stopped,
            }),
            (None, Some(found)) => Err(ReadError::NoUsername { found }),
            (None, None) => Err(ReadError::NoHeader),
        }
    }

    fn take_name(&mut self, place: u32, value: Value<'_>) {
        let name = match value {
            Value::Text(text) => text.to_owned(),
            Value::Number(value) => {
                let mut text = String::new();
                number::push(value, &mut text);
                text
            }
            Value::Truth(truth) => truth.to_string(),
            // Not a name, and not blank either.
            _ => "?".to_owned(),
        };
        self.names.push((place, name));
    }

    fn take(&mut self, place: u32, value: Value<'_>) {
        let Some(column) = self.columns.get(place as usize).copied().flatten() else {
            self.take_beside(place, value);
            return;
        };
        if self.row.cell(column) == crate::sheets::row::Cell::Faulty {
            return;
        }
        match value {
            Value::Blank => return,
            Value::Text(text) => {
                if let Some(chars) = self.too_long(text) {
                    let limit = self.limits.cell_chars;
                    self.row
                        .add_flaw(place, Some(column), FlawKind::TooLong { chars, limit });
                } else {
                    self.row.set_text(column, text);
                    if text.trim().is_empty() {
                        return;
                    }
                }
            }
            Value::Number(value) => {
                if number::may_have_lost_digits(value) {
                    self.row.add_flaw(place, Some(column), FlawKind::DigitsLost);
                }
                self.row.set_number(column, |text| number::push(value, text));
            }
            Value::Truth(truth) => self.row.set_truth(column, truth),
            Value::Date(shown) => {
                let shown = (!column.is_secret()).then(|| shown.to_owned());
                self.row.add_flaw(place, Some(column), FlawKind::Date { shown });
            }
            Value::Error(shown) => {
                let shown = shown.to_owned();
                self.row
                    .add_flaw(place, Some(column), FlawKind::ErrorValue { shown });
            }
            Value::NotCalculated => self.row.add_flaw(place, Some(column), FlawKind::NotCalculated),
        }
        self.filled = true;
    }

    /// A cell that belongs to no known column. In a text file one beside the header means that the row has slipped.
    fn take_beside(&mut self, place: u32, value: Value<'_>) {
        if matches!(value, Value::Text(text) if text.trim().is_empty())
            || (place as usize) < self.columns.len()
        {
            return;
        }
        if self
            .header
            .as_ref()
            .is_some_and(|header| header.kind == Kind::Csv)
        {
            self.row.add_flaw(place, None, FlawKind::BesideHeader);
            self.filled = true;
        } else if self.unnamed.insert(place) {
            self.notices.push(Notice::UnnamedColumn {
                letters: letters(place),
                line: self.line,
            });
        }
    }

    /// The length in UTF-16 units where it is over the limit; bytes are never fewer than those.
    fn too_long(&self, text: &str) -> Option<usize> {
        if text.len() <= self.limits.cell_chars {
            return None;
        }
        let chars = text.encode_utf16().count();
        (chars > self.limits.cell_chars).then_some(chars)
    }

    fn end_row(&mut self) -> Flow {
        if self.header.is_none() {
            return self.end_first_row();
        }
        if !std::mem::take(&mut self.filled) {
            return Ok(ControlFlow::Continue(()));
        }
        if self.rows >= self.limits.rows {
            return Err(ReadError::TooLarge {
                what: "rows",
                limit: self.limits.rows.into(),
            });
        }
        self.rows += 1;
        Ok(self.hand_out(|gather| (gather.each)(Item::Row(&gather.row))))
    }

    /// Breaks where the first row is no header: no further row of such a sheet is wanted.
    fn end_first_row(&mut self) -> Flow {
        if self.names.iter().all(|(_, name)| name.trim().is_empty()) {
            self.names.clear();
            return Ok(ControlFlow::Continue(()));
        }
        let names = std::mem::take(&mut self.names);
        match recognise(&names)? {
            FirstRow::Header {
                columns,
                notices,
                width,
            } => {
                let Some(origin) = self.origin.take() else {
                    return Ok(ControlFlow::Break(()));
                };
                self.columns = vec![None; width as usize];
                for (column, place) in &columns {
                    self.columns[*place as usize] = Some(*column);
                }
                self.present = columns.iter().map(|(column, _)| *column).collect();
                let header = origin.header(self.line, columns, notices);
                let flow = self.hand_out(|gather| (gather.each)(Item::Header(&header)));
                self.header = Some(header);
                Ok(flow)
            }
            FirstRow::WithoutUsername { found } => {
                self.without_username.get_or_insert(found);
                Ok(ControlFlow::Break(()))
            }
            FirstRow::Unknown => Ok(ControlFlow::Break(())),
        }
    }

    fn hand_out(&mut self, hand: impl FnOnce(&mut Self) -> ControlFlow<()>) -> ControlFlow<()> {
        let flow = hand(self);
        self.stopped |= flow.is_break();
        flow
    }

    /// Whether the reading is over: the right sheet was read, or the receiver has enough.
    pub(super) fn is_over(&self) -> bool {
        self.header.is_some()
    }
}
